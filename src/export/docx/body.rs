//! The text of the document and its footnotes.

use std::collections::BTreeSet;

use quire_protocol::AssetId;
use quire_protocol::command::ChapterKind;

use super::links::Links;
use super::numbering::{LEVEL_INDENT, LEVELS, Lists};
use super::parts::{DOCUMENT_RELATIONS, NAMESPACES, PROLOGUE};
use super::picture::Drawn;
use super::styles::HEADING_MAX;
use crate::export::block::{Align, Block, Inline, Line, List, Span, Style};
use crate::export::markup::Markup;
use crate::export::outline::{Entry, Outline};
use crate::export::picture::Pictures;
use crate::export::words::Words;
use quire_protocol::format::{Format, Opening};

/// Farthest to the right that text begins, in twentieths of a point: deeper text must stay on the page.
const INDENT_MAX: usize = 10 * LEVEL_INDENT;

/// The parts that are written together.
pub(super) struct Document {
    pub(super) text: String,
    pub(super) relations: String,
    pub(super) notes: String,
    pub(super) note_relations: String,
    pub(super) numbering: String,
    /// The pictures that are in the file.
    pub(super) pictures: BTreeSet<AssetId>,
}

pub(super) struct Body<'a> {
    pub(super) text: Markup,
    notes: Markup,
    pub(super) format: &'a Format,
    pub(super) pictures: &'a Pictures,
    /// What stands for a picture of which nothing is said.
    pub(super) picture_word: &'static str,
    pub(super) drawn: Drawn,
    lists: Lists,
    links: Links,
    note_links: Links,
    /// Footnotes so far, in all sections.
    note_count: usize,
}

/// Where a block stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The style of a paragraph; that of the body depends on what comes before.
    pub(super) style: Option<&'static str>,
    /// How far from the edge, in twentieths of a point.
    indent: usize,
    /// Lists around it.
    lists: usize,
    /// The list whose next item begins here, and its level.
    item: Option<(usize, usize)>,
    /// To which side, if not that of the style.
    align: Option<Align>,
    /// The level of the section's heading.
    heading: u8,
}

impl Place {
    /// In a section whose heading has this level.
    fn section(heading: u8) -> Self {
        Self { style: None, indent: 0, lists: 0, item: None, align: None, heading }
    }

    /// In a cell of a table that stands here.
    pub(super) fn cell(self, style: &'static str) -> Self {
        Self { style: Some(style), indent: 0, lists: 0, item: None, ..self }
    }
}

impl<'a> Body<'a> {
    pub(super) fn new(format: &'a Format, pictures: &'a Pictures, words: &Words) -> Self {
        let (text, notes) = (Markup::default(), Markup::default());
        let (links, note_links) = (Links::default(), Links::default());
        let (lists, drawn) = (Lists::default(), Drawn::default());
        let picture_word = words.picture;
        Self { text, notes, format, pictures, picture_word, drawn, lists, links, note_links, note_count: 0 }
    }

    /// All of it: the title, and section by section.
    pub(super) fn book(&mut self, outline: &Outline) {
        let titles = std::iter::once(("Title", &outline.title));
        let titles = titles.chain(outline.subtitle.iter().map(|text| ("Subtitle", text)));
        let titles = titles.chain(outline.authors.iter().map(|text| ("Author", text)));
        for (style, text) in titles.chain(outline.publisher.iter().chain(&outline.rights).map(|text| ("Imprint", text)))
        {
            self.plain(style, text);
        }
        let mut opening = Opening::NewPage;
        let mut is_title = true;
        for entry in &outline.entries {
            self.end_section(opening, is_title);
            (opening, is_title) = (self.opening(entry), false);
            self.entry(entry);
        }
        section_properties(&mut self.text, self.format, opening, is_title);
    }

    pub(super) fn finish(self) -> Document {
        Document {
            text: part("w:document", |markup| {
                markup.element("w:body", &[], |markup| markup.append(&self.text));
            }),
            relations: self.links.part(&DOCUMENT_RELATIONS, &self.drawn.relations(self.pictures)),
            notes: part("w:footnotes", |markup| {
                separator(markup, "-1", "separator");
                separator(markup, "0", "continuationSeparator");
                markup.append(&self.notes);
            }),
            note_relations: self.note_links.part(&[], &[]),
            numbering: self.lists.part(),
            pictures: self.drawn.ids().cloned().collect(),
        }
    }

    fn opening(&self, entry: &Entry) -> Opening {
        match (entry.kind, self.format.opening) {
            (ChapterKind::Chapter | ChapterKind::Part, Opening::RightPage) => Opening::RightPage,
            (ChapterKind::Chapter, Opening::SamePage) => Opening::SamePage,
            _ => Opening::NewPage,
        }
    }

    fn end_section(&mut self, opening: Opening, is_title: bool) {
        let format = self.format;
        self.text.element("w:p", &[], |markup| {
            markup.element("w:pPr", &[], |markup| {
                markup.empty("w:pStyle", &[("w:val", "Gap")]);
                section_properties(markup, format, opening, is_title);
            });
        });
    }

    fn entry(&mut self, entry: &Entry) {
        let heading = if entry.is_inside { 2 } else { 1 };
        if entry.number.is_some() || !entry.title.is_empty() {
            self.plain(&format!("Heading{heading}"), &entry.label());
        }
        self.blocks(entry, &entry.body.blocks, Place::section(heading));
    }

    pub(super) fn blocks(&mut self, entry: &Entry, blocks: &[Block], place: Place) {
        let mut follows_paragraph = false;
        let mut place = place;
        for block in blocks {
            // A number stands before a paragraph; where there is none it has one of its own.
            if place.item.is_some() && !matches!(block, Block::Paragraph { .. }) {
                self.paragraph(entry, "ListParagraph", place, &[]);
                place.item = None;
            }
            self.block(entry, block, place, follows_paragraph);
            follows_paragraph = matches!(block, Block::Paragraph { .. });
            place.item = None;
        }
    }

    fn block(&mut self, entry: &Entry, block: &Block, place: Place, follows_paragraph: bool) {
        match block {
            Block::Paragraph { line, align } => {
                let body = if follows_paragraph { "BodyText" } else { "FirstParagraph" };
                self.paragraph(entry, place.style.unwrap_or(body), Place { align: *align, ..place }, line);
            }
            Block::Heading { level, line, align } => {
                let style = format!("Heading{}", (place.heading + level).min(HEADING_MAX));
                self.paragraph(entry, &style, Place { align: *align, ..place }, line);
            }
            Block::List(list) => self.list(entry, list, place),
            Block::Quote(blocks) => {
                let indent = place.indent + LEVEL_INDENT;
                self.blocks(entry, blocks, Place { style: Some("Quote"), indent, ..place });
            }
            Block::Code { text, .. } => self.code(text, place),
            Block::Table(table) => self.table(entry, table, place),
            Block::Picture { shown, description } => self.picture(shown.as_ref(), description),
            Block::Rule => self.plain("SceneBreak", "\u{2e3b}"),
            Block::SceneBreak => match self.format.ornament {
                quire_protocol::format::Ornament::Line => self.plain("SceneBreak", "\u{2e3b}"),
                ornament => self.plain("SceneBreak", ornament.text()),
            },
        }
    }

    fn list(&mut self, entry: &Entry, list: &List, place: Place) {
        let level = place.lists.min(LEVELS - 1);
        let id = self.lists.id(list.order, level);
        let inside = Place {
            style: Some("ListParagraph"),
            indent: (level + 1) * LEVEL_INDENT,
            lists: place.lists + 1,
            item: Some((id, level)),
            ..place
        };
        for item in &list.items {
            self.blocks(entry, item, inside);
            if item.is_empty() {
                self.paragraph(entry, "ListParagraph", inside, &[]);
            }
        }
    }

    fn code(&mut self, text: &str, place: Place) {
        let indent = place.indent.min(INDENT_MAX).to_string();
        self.text.element("w:p", &[], |markup| {
            markup.element("w:pPr", &[], |markup| {
                markup.empty("w:pStyle", &[("w:val", "Code")]);
                markup.empty("w:ind", &[("w:left", &indent)]);
            });
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            markup.element("w:r", &[], |markup| {
                for (line, index) in text.trim_end_matches('\n').split('\n').zip(0..) {
                    if index > 0 {
                        markup.empty("w:br", &[]);
                    }
                    for (cell, index) in line.split('\t').zip(0..) {
                        if index > 0 {
                            markup.empty("w:tab", &[]);
                        }
                        written(markup, cell);
                    }
                }
            });
        });
    }

    /// A paragraph of one text.
    pub(super) fn plain(&mut self, style: &str, text: &str) {
        self.text.element("w:p", &[], |markup| {
            markup.element("w:pPr", &[], |markup| markup.empty("w:pStyle", &[("w:val", style)]));
            markup.element("w:r", &[], |markup| written(markup, text));
        });
        self.text.end_line();
    }

    /// A paragraph of this style, with all that stands in its line.
    fn paragraph(&mut self, entry: &Entry, style: &str, place: Place, line: &[Inline]) {
        let Self { text, notes, links, note_links, note_count, .. } = self;
        text.element("w:p", &[], |markup| {
            markup.element("w:pPr", &[], |markup| {
                markup.empty("w:pStyle", &[("w:val", style)]);
                paragraph_place(markup, place);
            });
            for inline in line {
                match inline {
                    Inline::Text(span) => linked(markup, links, span),
                    Inline::Break => markup.element("w:r", &[], |markup| markup.empty("w:br", &[])),
                    Inline::Note(number) => {
                        *note_count += 1;
                        let id = note_count.to_string();
                        reference(markup, |markup| markup.empty("w:footnoteReference", &[("w:id", &id)]));
                        let nothing = Line::new();
                        note(notes, note_links, &id, entry.body.notes.get(number - 1).unwrap_or(&nothing));
                    }
                }
            }
        });
        text.end_line();
    }
}

fn part(name: &str, content: impl FnOnce(&mut Markup)) -> String {
    let mut markup = Markup::after(PROLOGUE);
    markup.element(name, NAMESPACES, content);
    markup.into_text()
}

fn paragraph_place(markup: &mut Markup, place: Place) {
    if let Some((id, level)) = place.item {
        markup.element("w:numPr", &[], |markup| {
            markup.empty("w:ilvl", &[("w:val", &level.to_string())]);
            markup.empty("w:numId", &[("w:val", &id.to_string())]);
        });
    } else if place.indent > 0 {
        markup.empty("w:ind", &[("w:left", &place.indent.min(INDENT_MAX).to_string())]);
    }
    if let Some(align) = place.align {
        markup.empty("w:jc", &[("w:val", side(align))]);
    }
}

/// Pages of a section. Footnotes begin at 1 in each.
fn section_properties(markup: &mut Markup, format: &Format, opening: Opening, is_title: bool) {
    // Twentieths of a point: 1440 to the inch, which is 254 tenths of a millimetre.
    let twips = |tenths_mm: u32| (tenths_mm * 1440 / 254).to_string();
    let ((width, height), margin) = (format.trim.size_tenths_mm(), twips(format.margins.width_tenths_mm()));
    let kind = match opening {
        Opening::NewPage => "nextPage",
        Opening::RightPage => "oddPage",
        Opening::SamePage => "continuous",
    };
    markup.element("w:sectPr", &[], |markup| {
        markup.element("w:footnotePr", &[], |markup| markup.empty("w:numRestart", &[("w:val", "eachSect")]));
        markup.empty("w:type", &[("w:val", kind)]);
        markup.empty("w:pgSz", &[("w:w", &twips(width)), ("w:h", &twips(height))]);
        let sides = ["w:top", "w:right", "w:bottom", "w:left"].map(|side| (side, margin.as_str()));
        markup.empty("w:pgMar", &[&sides[..], &[("w:header", "360"), ("w:footer", "360"), ("w:gutter", "0")]].concat());
        if is_title {
            markup.empty("w:vAlign", &[("w:val", "center")]);
        }
    });
}

fn separator(markup: &mut Markup, id: &str, kind: &str) {
    markup.element("w:footnote", &[("w:type", kind), ("w:id", id)], |markup| {
        markup.element("w:p", &[], |markup| {
            markup.element("w:r", &[], |markup| markup.empty(&format!("w:{kind}"), &[]));
        });
    });
}

fn note(notes: &mut Markup, links: &mut Links, id: &str, line: &[Inline]) {
    notes.element("w:footnote", &[("w:id", id)], |markup| {
        markup.element("w:p", &[], |markup| {
            markup.element("w:pPr", &[], |markup| markup.empty("w:pStyle", &[("w:val", "FootnoteText")]));
            reference(markup, |markup| markup.empty("w:footnoteRef", &[]));
            markup.element("w:r", &[], |markup| written(markup, " "));
            for inline in line {
                if let Inline::Text(span) = inline {
                    linked(markup, links, span);
                }
            }
        });
    });
}

fn reference(markup: &mut Markup, content: impl FnOnce(&mut Markup)) {
    markup.element("w:r", &[], |markup| {
        markup.element("w:rPr", &[], |markup| markup.empty("w:rStyle", &[("w:val", "FootnoteReference")]));
        content(markup);
    });
}

fn linked(markup: &mut Markup, links: &mut Links, span: &Span) {
    match span.link.as_ref().and_then(|link| link.absolute()) {
        None => run(markup, span, false),
        Some(address) => {
            let id = links.id(address);
            markup.element("w:hyperlink", &[("r:id", &id)], |markup| run(markup, span, true));
        }
    }
}

fn run(markup: &mut Markup, span: &Span, is_link: bool) {
    markup.element("w:r", &[], |markup| {
        if is_link || span.style != Style::default() {
            markup.element("w:rPr", &[], |markup| properties(markup, span.style, is_link));
        }
        written(markup, &span.text);
    });
}

/// In the order of the schema.
fn properties(markup: &mut Markup, style: Style, is_link: bool) {
    if is_link {
        markup.empty("w:rStyle", &[("w:val", "Hyperlink")]);
    }
    if style.code {
        markup.empty("w:rFonts", &["w:ascii", "w:hAnsi", "w:cs"].map(|script| (script, "Courier New")));
    }
    let switches =
        [(style.bold, "w:b"), (style.italic, "w:i"), (style.small_caps, "w:smallCaps"), (style.strike, "w:strike")];
    switches.iter().filter(|(is_on, _)| *is_on).for_each(|(_, name)| markup.empty(name, &[]));
    if style.underline {
        markup.empty("w:u", &[("w:val", "single")]);
    }
    // A text is not above and below the line.
    if style.superscript || style.subscript {
        let place = if style.superscript { "superscript" } else { "subscript" };
        markup.empty("w:vertAlign", &[("w:val", place)]);
    }
}

fn written(markup: &mut Markup, text: &str) {
    let line = text.replace(['\n', '\r', '\t'], " ");
    markup.leaf("w:t", &[("xml:space", "preserve")], &line);
}

fn side(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
        Align::Justify => "both",
    }
}
