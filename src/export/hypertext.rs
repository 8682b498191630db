//! Blocks as elements of HTML, for EPUB and for a page that stands alone.

use super::block::{Align, Block, Cell, Inline, List, Numerals, Order, Shown, Span, Style, Table};
use super::markup::{Attributes, Markup};
use super::outline::Entry;
use super::picture::{Pictures, data_address, file_name};
use super::words::Words;
use quire_protocol::format::Format;

/// Where the pictures of an EPUB are, beside its pages.
pub(super) const PICTURES: &str = "images";

/// What a section is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// An EPUB, which has attributes of its own and where no link leads to another file beside it.
    Epub,
    /// A page that stands alone.
    Page,
    /// A part of another page, which finds the pictures itself.
    Preview,
}

/// How a section is written.
pub(super) struct Hypertext<'a> {
    pub(super) form: Form,
    pub(super) pictures: &'a Pictures,
    /// The level of the section's own heading: 1 for `h1`.
    pub(super) level: u8,
    pub(super) format: &'a Format,
    pub(super) words: Words,
}

impl Hypertext<'_> {
    /// The heading of a section, its text, and its footnotes.
    pub(super) fn section(&self, markup: &mut Markup, entry: &Entry) {
        self.heading(markup, entry);
        self.blocks(markup, entry, &entry.body.blocks);
        self.notes(markup, entry);
    }

    fn is_epub(&self) -> bool {
        self.form == Form::Epub
    }

    fn heading(&self, markup: &mut Markup, entry: &Entry) {
        if entry.number.is_none() && entry.title.is_empty() {
            return;
        }
        markup.element(heading_name(self.level), &[("class", "title")], |markup| {
            if let Some(number) = &entry.number {
                markup.leaf("span", &[("class", "number")], number);
            }
            if entry.number.is_some() && !entry.title.is_empty() {
                // A blank for those who read the heading without its style.
                markup.text(" ");
            }
            if !entry.title.is_empty() {
                markup.leaf("span", &[("class", "name")], &entry.title);
            }
        });
        markup.end_line();
    }

    fn blocks(&self, markup: &mut Markup, entry: &Entry, blocks: &[Block]) {
        for block in blocks {
            self.block(markup, entry, block);
            markup.end_line();
        }
    }

    fn block(&self, markup: &mut Markup, entry: &Entry, block: &Block) {
        match block {
            Block::Paragraph { line, .. } if line.is_empty() => markup.leaf("p", &[("class", "blank")], "\u{a0}"),
            Block::Paragraph { line, align } => {
                markup.element("p", align_class(*align), |markup| self.line(markup, entry, line));
            }
            Block::Heading { level, line, align } => {
                let name = heading_name(self.level.saturating_add(*level));
                markup.element(name, align_class(*align), |markup| self.line(markup, entry, line));
            }
            Block::List(list) => self.list(markup, entry, list),
            Block::Quote(blocks) => markup.element("blockquote", &[], |markup| {
                markup.end_line();
                self.blocks(markup, entry, blocks);
            }),
            Block::Code { language, text } => code(markup, language.as_deref(), text),
            Block::Table(table) => self.table(markup, entry, table),
            Block::Picture { shown: Some(shown), description } => self.picture(markup, shown, description),
            Block::Picture { shown: None, description } => markup.leaf("p", &[("class", "picture")], description),
            Block::Rule => markup.empty("hr", &[("class", "rule")]),
            Block::SceneBreak => match self.format.ornament.text() {
                "" => markup.empty("hr", &[("class", "scene-break")]),
                ornament => markup.leaf("p", &[("class", "scene-break"), ("role", "separator")], ornament),
            },
        }
    }

    fn picture(&self, markup: &mut Markup, shown: &Shown, description: &str) {
        let Some(picture) = self.pictures.get(&shown.id) else { return };
        let (source, address) = match self.form {
            Form::Epub => ("src", format!("{PICTURES}/{}", file_name(&shown.id, picture))),
            Form::Page => ("src", data_address(picture)),
            Form::Preview => ("data-asset", shown.id.to_string()),
        };
        let width = shown.percent.map(|percent| match self.form {
            Form::Epub | Form::Page => ("style", format!("width: {percent}%")),
            Form::Preview => ("width", format!("{percent}%")),
        });
        let mut attributes = vec![(source, address.as_str()), ("alt", description)];
        attributes.extend(width.as_ref().map(|(name, value)| (*name, value.as_str())));
        markup.element("figure", &[("class", "picture")], |markup| markup.empty("img", &attributes));
    }

    fn list(&self, markup: &mut Markup, entry: &Entry, list: &List) {
        let items = |markup: &mut Markup| {
            markup.end_line();
            for item in &list.items {
                markup.element("li", &[], |markup| self.blocks(markup, entry, item));
                markup.end_line();
            }
        };
        match list.order {
            None => markup.element("ul", &[], items),
            Some(order) => {
                let start = order.start.to_string();
                let mut attributes = vec![("type", list_type(order))];
                if order.start != 1 {
                    attributes.push(("start", &start));
                }
                markup.element("ol", &attributes, items);
            }
        }
    }

    fn table(&self, markup: &mut Markup, entry: &Entry, table: &Table) {
        markup.element("table", &[], |markup| {
            markup.element("tbody", &[], |markup| {
                for row in &table.rows {
                    let scope = if row.iter().all(|cell| cell.is_header) { "col" } else { "row" };
                    markup.element("tr", &[], |markup| {
                        for cell in row {
                            self.cell(markup, entry, cell, scope);
                        }
                    });
                    markup.end_line();
                }
            });
        });
    }

    fn cell(&self, markup: &mut Markup, entry: &Entry, cell: &Cell, scope: &str) {
        let (columns, rows) = (cell.columns.to_string(), cell.rows.to_string());
        let mut attributes = Vec::new();
        if cell.columns > 1 {
            attributes.push(("colspan", columns.as_str()));
        }
        if cell.rows > 1 {
            attributes.push(("rowspan", rows.as_str()));
        }
        if cell.is_header {
            attributes.push(("scope", scope));
        }
        let name = if cell.is_header { "th" } else { "td" };
        markup.element(name, &attributes, |markup| self.blocks(markup, entry, &cell.blocks));
    }

    fn notes(&self, markup: &mut Markup, entry: &Entry) {
        if entry.body.notes.is_empty() {
            return;
        }
        let types: &[_] = if self.is_epub() { &[("epub:type", "footnotes")] } else { &[] };
        let attributes = [types, &[("class", "notes"), ("aria-label", self.words.notes)]].concat();
        markup.element("section", &attributes, |markup| {
            markup.end_line();
            for (line, number) in entry.body.notes.iter().zip(1..) {
                self.note(markup, entry, line, number);
                markup.end_line();
            }
        });
        markup.end_line();
    }

    fn note(&self, markup: &mut Markup, entry: &Entry, line: &[Inline], number: usize) {
        let (id, back) = (note_id(entry, number), format!("#{}", reference_id(entry, number)));
        let types: &[_] = if self.is_epub() { &[("epub:type", "footnote")] } else { &[] };
        let attributes = [types, &[("id", id.as_str()), ("class", "note"), ("role", "doc-footnote")]].concat();
        markup.element("aside", &attributes, |markup| {
            markup.element("p", &[], |markup| {
                let attributes = [("href", back.as_str()), ("role", "doc-backlink"), ("title", self.words.back)];
                markup.leaf("a", &attributes, &format!("{number}."));
                markup.text(" ");
                self.line(markup, entry, line);
            });
        });
    }

    fn line(&self, markup: &mut Markup, entry: &Entry, line: &[Inline]) {
        for inline in line {
            match inline {
                Inline::Text(span) => self.span(markup, span),
                Inline::Break => markup.empty("br", &[]),
                Inline::Note(number) => self.reference(markup, entry, *number),
            }
        }
    }

    fn reference(&self, markup: &mut Markup, entry: &Entry, number: usize) {
        let (id, target) = (reference_id(entry, number), format!("#{}", note_id(entry, number)));
        let types: &[_] = if self.is_epub() { &[("epub:type", "noteref")] } else { &[] };
        let attributes = [types, &[("id", id.as_str()), ("href", &target), ("role", "doc-noteref")]].concat();
        markup.element("sup", &[("class", "note-reference")], |markup| {
            markup.leaf("a", &attributes, &number.to_string());
        });
    }

    fn span(&self, markup: &mut Markup, span: &Span) {
        let link = span.link.as_ref();
        let address = link.and_then(|link| if self.is_epub() { link.absolute() } else { Some(link.as_str()) });
        match address {
            None => styled(markup, span.style, &span.text),
            Some(address) if self.is_epub() => {
                markup.element("a", &[("href", address)], |markup| styled(markup, span.style, &span.text));
            }
            Some(address) => {
                let attributes = [("href", address), ("rel", "noopener noreferrer")];
                markup.element("a", &attributes, |markup| styled(markup, span.style, &span.text));
            }
        }
    }
}

/// The id of a section, for links within a page.
pub(super) fn section_id(entry: &Entry) -> String {
    format!("section-{}", entry.place)
}

fn note_id(entry: &Entry, number: usize) -> String {
    format!("note-{}-{number}", entry.place)
}

fn reference_id(entry: &Entry, number: usize) -> String {
    format!("reference-{}-{number}", entry.place)
}

fn code(markup: &mut Markup, language: Option<&str>, text: &str) {
    let class = language.map(|language| format!("language-{language}"));
    let class = class.as_deref().map(|class| ("class", class));
    markup.element("pre", &[], |markup| markup.leaf("code", class.as_slice(), text));
}

/// An element around a text, if the text has its style.
type Around = (bool, &'static str, Attributes<'static>);

fn styled(markup: &mut Markup, style: Style, text: &str) {
    let elements: [Around; 8] = [
        (style.bold, "strong", &[]),
        (style.italic, "em", &[]),
        (style.underline, "u", &[]),
        (style.strike, "s", &[]),
        (style.superscript, "sup", &[]),
        (style.subscript, "sub", &[]),
        (style.small_caps, "span", &[("class", "small-caps")]),
        (style.code, "code", &[]),
    ];
    nested(markup, &elements, text);
}

fn nested(markup: &mut Markup, elements: &[Around], text: &str) {
    match elements {
        [] => markup.text(text),
        [(true, name, attributes), rest @ ..] => {
            markup.element(name, attributes, |markup| nested(markup, rest, text));
        }
        [_, rest @ ..] => nested(markup, rest, text),
    }
}

fn heading_name(level: u8) -> &'static str {
    match level {
        0 | 1 => "h1",
        2 => "h2",
        3 => "h3",
        4 => "h4",
        5 => "h5",
        _ => "h6",
    }
}

fn align_class(align: Option<Align>) -> &'static [(&'static str, &'static str)] {
    match align {
        None => &[],
        Some(Align::Left) => &[("class", "align-left")],
        Some(Align::Center) => &[("class", "align-center")],
        Some(Align::Right) => &[("class", "align-right")],
        Some(Align::Justify) => &[("class", "align-justify")],
    }
}

fn list_type(order: Order) -> &'static str {
    match order.numerals {
        Numerals::Decimal => "1",
        Numerals::LowerAlpha => "a",
        Numerals::UpperAlpha => "A",
        Numerals::LowerRoman => "i",
        Numerals::UpperRoman => "I",
    }
}
