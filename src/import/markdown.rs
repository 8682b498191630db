//! Markdown: the common kind with tables, footnotes, struck text, and simple front matter.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use quire_protocol::command::Metadata;

use super::ImportError;
use super::hypertext::{self, builder::Builder};
use super::manuscript::{Manuscript, description, metadata_line, metadata_lines, note, title_line};
use super::picture::{Pictures, Place};
use super::tree::{Element, NotATree};

#[cfg(test)]
mod tests;

/// The name of the element in which a note is read. No file has it.
const NOTE_TEXT: &str = "#note-text";

pub(super) fn read(text: &str, pictures: &mut Pictures<'_>) -> Result<Manuscript, ImportError> {
    let (front, text) = front_matter(text);
    let mut manuscript = Manuscript::default();
    if let Some(front) = front {
        (manuscript.title, manuscript.metadata) = metadata(front);
        manuscript.title_is_certain = !manuscript.title.is_empty();
    }
    let mut reader = Reader { builder: Builder::default(), html: String::new(), is_head: false, manuscript };
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    for event in Parser::new_ext(text, options) {
        reader.event(event)?;
    }
    let (built, mut manuscript) = (reader.builder.finish(), reader.manuscript);
    manuscript.nodes = built.nodes;
    manuscript.losses = built.losses;
    for nodes in std::iter::once(&mut manuscript.nodes).chain(manuscript.notes.values_mut()) {
        pictures.settle(nodes, &mut Place::Alone, &mut manuscript.losses);
    }
    Ok(manuscript)
}

struct Reader {
    builder: Builder,
    /// A block of HTML, which comes line by line.
    html: String,
    /// Within the head of a table.
    is_head: bool,
    manuscript: Manuscript,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) -> Result<(), ImportError> {
        if let Event::Html(html) = &event {
            self.html.push_str(html);
            return Ok(());
        }
        let html = std::mem::take(&mut self.html);
        hypertext::scan(&html, &mut self.builder)?;
        match event {
            Event::InlineHtml(html) => hypertext::scan(&html, &mut self.builder),
            event => self.plain_event(event).map_err(|_| ImportError::TooMuchInside("the text".to_owned())),
        }
    }

    fn plain_event(&mut self, event: Event<'_>) -> Result<(), NotATree> {
        match event {
            Event::Start(tag) => return self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => return self.builder.text(&text),
            Event::Code(code) => {
                self.element("code")?;
                self.builder.text(&code)?;
                self.builder.end("code");
            }
            Event::SoftBreak => return self.builder.text("\n"),
            Event::HardBreak => return self.element("br"),
            Event::Rule => return self.element("hr"),
            Event::FootnoteReference(name) => return self.builder.add(note(&name)),
            // Html comes before; the rest is not asked for.
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::TaskListMarker(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {}
        }
        Ok(())
    }

    fn element(&mut self, name: &str) -> Result<(), NotATree> {
        self.builder.start(name, Vec::new())
    }

    fn start(&mut self, tag: &Tag<'_>) -> Result<(), NotATree> {
        let with = |name: &str, value: &CowStr<'_>| vec![(name.to_owned(), value.to_string())];
        match tag {
            Tag::Link { dest_url, .. } => return self.builder.start("a", with("href", dest_url)),
            Tag::Image { .. } => return self.builder.start("img", Vec::new()),
            Tag::List(Some(start)) if *start != 1 => {
                return self.builder.start("ol", vec![("start".to_owned(), start.to_string())]);
            }
            Tag::CodeBlock(_) => {
                self.element("pre")?;
                return self.element("code");
            }
            Tag::TableHead => {
                self.is_head = true;
                self.element("thead")?;
                return self.element("tr");
            }
            Tag::FootnoteDefinition(name) => {
                return self.builder.push(Element::new(NOTE_TEXT, Vec::new()).with("name", name.to_string()));
            }
            _ => {}
        }
        match name_of(tag.to_end(), self.is_head) {
            Some(name) => self.element(name),
            None => Ok(()),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => {
                self.builder.end("code");
                self.builder.end("pre");
            }
            TagEnd::TableHead => {
                self.is_head = false;
                self.builder.end("thead");
            }
            TagEnd::FootnoteDefinition => {
                if let Some(text) = self.builder.take(NOTE_TEXT)
                    && let Some(name) = text.attribute("name").map(ToOwned::to_owned)
                {
                    self.manuscript.notes.entry(name).or_insert(text.children);
                }
            }
            tag => {
                if let Some(name) = name_of(tag, self.is_head) {
                    self.builder.end(name);
                }
            }
        }
    }
}

/// The element of HTML for a tag, if it is one that needs nothing more.
fn name_of(tag: TagEnd, is_head: bool) -> Option<&'static str> {
    Some(match tag {
        TagEnd::Paragraph => "p",
        TagEnd::Heading(HeadingLevel::H1) => "h1",
        TagEnd::Heading(HeadingLevel::H2) => "h2",
        TagEnd::Heading(HeadingLevel::H3) => "h3",
        TagEnd::Heading(HeadingLevel::H4) => "h4",
        TagEnd::Heading(HeadingLevel::H5) => "h5",
        TagEnd::Heading(HeadingLevel::H6) => "h6",
        TagEnd::BlockQuote(_) => "blockquote",
        TagEnd::List(true) => "ol",
        TagEnd::List(false) => "ul",
        TagEnd::Item => "li",
        TagEnd::Table => "table",
        TagEnd::TableRow => "tr",
        TagEnd::TableCell if is_head => "th",
        TagEnd::TableCell => "td",
        TagEnd::Emphasis => "em",
        TagEnd::Strong => "strong",
        TagEnd::Strikethrough => "s",
        TagEnd::Link => "a",
        _ => return None,
    })
}

/// What stands between two lines of dashes at the very beginning, and the text behind it.
fn front_matter(text: &str) -> (Option<&str>, &str) {
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else { return (None, text) };
    let mut length = 0;
    for line in rest.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            let (front, after) = rest.split_at(length);
            // Lines between rules are a text, not a list of names and values.
            let is_front = front.lines().any(|line| line.contains(':'));
            return if is_front { (Some(front), &after[line.len()..]) } else { (None, text) };
        }
        length += line.len();
    }
    (None, text)
}

/// The title and the metadata of simple front matter: `name: value`, lists as `[a, b]` or lines with dashes.
fn metadata(front: &str) -> (String, Metadata) {
    let mut values: Vec<(String, Vec<String>)> = Vec::new();
    for line in front.lines() {
        let unquoted = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
        if let Some(item) = line.trim_start().strip_prefix("- ") {
            if let Some((_, items)) = values.last_mut() {
                items.push(unquoted(item));
            }
        } else if let Some((name, value)) = line.split_once(':').filter(|_| !line.starts_with([' ', '\t', '#'])) {
            let value = value.trim();
            let list = value.strip_prefix('[').and_then(|list| list.strip_suffix(']'));
            let items = match list {
                Some(list) => list.split(',').map(unquoted).collect(),
                None => vec![unquoted(value)],
            };
            values.push((name.trim().to_lowercase(), items));
        }
    }
    let all = |names: &[&str]| {
        let named = values.iter().filter(|(name, _)| names.contains(&name.as_str()));
        named.flat_map(|(_, items)| items.iter().map(String::as_str)).collect::<Vec<_>>()
    };
    let metadata = Metadata {
        subtitle: all(&["subtitle"]).into_iter().find_map(metadata_line),
        authors: metadata_lines(all(&["author", "authors", "creator"])),
        language: all(&["lang", "language"]).into_iter().find_map(metadata_line),
        description: all(&["description", "abstract"]).into_iter().find_map(description),
        publisher: all(&["publisher"]).into_iter().find_map(metadata_line),
        isbn: None,
        keywords: metadata_lines(all(&["keywords", "tags"])),
        categories: Vec::new(),
    };
    let title = all(&["title"]).into_iter().map(title_line).find(|title| !title.is_empty());
    (title.unwrap_or_default(), metadata)
}
