//! Chapters of one long text: divided at its headings, and where a chapter is too large for a record.
//!
//! Several `h1` are the chapters. A single one that opens the text is the book's title, and the headings below it are
//! the chapters. A heading that says "Part" is a part: of the headings below it, or of those beside it that follow.

use std::collections::HashMap;

use quire_protocol::ChapterId;
use quire_protocol::command::ChapterKind;

use super::document::{BOXES, is_block};
use super::manuscript::{note_name, title_line};
use super::picture::is_taken;
use super::tree::{Element, Node};
use super::{ImportError, ImportedText, kind};

mod pieces;
#[cfg(test)]
mod tests;

use pieces::Pieces;

/// What notes say, by name.
pub(super) type Notes = HashMap<String, Vec<Node>>;

/// A heading with the blocks up to the next one of its level. Only text before the first heading has none.
struct Section {
    heading: Option<Element>,
    blocks: Vec<Element>,
}

/// The book's title, if a heading is it, and its chapters. `told` is the title where it is known for certain.
pub(super) fn chapters(
    nodes: Vec<Node>,
    notes: &Notes,
    told: Option<&str>,
) -> Result<(Option<String>, Vec<ImportedText>), ImportError> {
    let mut blocks = Vec::new();
    Flat { blocks: &mut blocks, line: Vec::new() }.nodes(nodes);
    if blocks.is_empty() {
        return Err(ImportError::Empty);
    }
    let title = take_title(&mut blocks, told);
    let mut pieces = Pieces::new(notes);
    if let Some(level) = blocks.iter().filter_map(level).min() {
        divide(sections(blocks, level), level, &mut pieces)?;
    } else {
        // A letter or a story stands alone under its title.
        let title = title.clone().or_else(|| told.map(ToOwned::to_owned)).unwrap_or_default();
        pieces.chapter(&title, None, blocks, None)?;
    }
    let texts = pieces.finish()?;
    Ok((title, texts))
}

/// Takes the heading that is the book's title: the only `h1`, or the first of several without a text of its own.
fn take_title(blocks: &mut Vec<Element>, told: Option<&str>) -> Option<String> {
    let title = blocks.first().filter(|first| level(first) == Some(1)).map(|first| title_line(&first.text()))?;
    let is_only = blocks[1..].iter().all(|block| level(block) != Some(1));
    let has_no_text = blocks.get(1).is_some_and(|next| level(next) == Some(1));
    let may_be = told.map_or(is_only || !kind::is_part(&title), |told| told == title);
    // In an outline all headings are without text, so the first says nothing special.
    let is_outline = blocks.iter().all(|block| level(block).is_some());
    if title.is_empty() || !may_be || !(is_only || has_no_text && !is_outline) {
        return None;
    }
    // A part alone is a part, not a book.
    if kind::is_part(&title) && blocks.iter().skip(1).any(|block| level(block).is_some()) {
        return None;
    }
    blocks.remove(0);
    Some(title)
}

/// The level of a heading.
pub(super) fn level(block: &Element) -> Option<u8> {
    match block.name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

fn sections(blocks: Vec<Element>, at: u8) -> Vec<Section> {
    let mut sections = vec![Section { heading: None, blocks: Vec::new() }];
    for block in blocks {
        if level(&block) == Some(at) {
            sections.push(Section { heading: Some(block), blocks: Vec::new() });
        } else if let Some(last) = sections.last_mut() {
            last.blocks.push(block);
        }
    }
    sections.retain(|section| section.heading.is_some() || !section.blocks.is_empty());
    sections
}

fn divide(sections: Vec<Section>, at: u8, pieces: &mut Pieces<'_>) -> Result<(), ImportError> {
    let below = |section: &Section| section.blocks.iter().filter_map(level).min().filter(|level| *level > at);
    let title_of =
        |section: &Section| section.heading.as_ref().map(|heading| title_line(&heading.text())).unwrap_or_default();
    let holds = |section: &Section| kind::is_part(&title_of(section)) && below(section).is_some();
    let is_nested = sections.iter().any(holds);
    let mut part: Option<ChapterId> = None;
    for section in sections {
        let (title, below) = (title_of(&section), below(&section));
        let Section { heading, blocks } = section;
        let Some(heading) = heading else {
            pieces.chapter("Front matter", None, blocks, Some(ChapterKind::Front))?;
            continue;
        };
        if !kind::is_part(&title) {
            let is_after = kind::of_title(&title) != ChapterKind::Chapter || title.eq_ignore_ascii_case("epilogue");
            if is_nested || is_after {
                part = None;
            }
            pieces.titled(&title, heading, blocks, part.as_ref())?;
            continue;
        }
        let id = pieces.part(&title)?;
        match below {
            Some(below) if is_nested => {
                for Section { heading, blocks } in self::sections(blocks, below) {
                    match heading {
                        Some(heading) => {
                            pieces.titled(&title_line(&heading.text()), heading, blocks, Some(&id))?;
                        }
                        None => pieces.chapter(&title, Some(&id), blocks, None)?,
                    }
                }
            }
            _ if blocks.is_empty() => {}
            _ => pieces.chapter(&title, Some(&id), blocks, None)?,
        }
        part = Some(id).filter(|_| !is_nested);
    }
    Ok(())
}

/// Blocks one after another, taken out of the boxes that pages put around them.
struct Flat<'a> {
    blocks: &'a mut Vec<Element>,
    /// Text that stands between blocks without one of its own.
    line: Vec<Node>,
}

impl Flat<'_> {
    fn nodes(mut self, nodes: Vec<Node>) {
        self.add(nodes);
        self.end_line();
    }

    /// The depth of the tree bounds the recursion.
    fn add(&mut self, nodes: Vec<Node>) {
        for node in nodes {
            let Node::Element(element) = node else {
                self.line.push(node);
                continue;
            };
            let is_box = BOXES.contains(&element.name.as_str());
            let holds_blocks = || element.descendants().skip(1).any(is_block);
            if is_block(&element) && !is_box {
                self.end_line();
                if element.name != "p" || has_content(&element) {
                    self.blocks.push(element);
                }
            } else if holds_blocks() {
                if is_box {
                    self.end_line();
                }
                self.add(element.children);
                if is_box {
                    self.end_line();
                }
            } else if is_box {
                self.end_line();
                self.line.extend(element.children);
                self.end_line();
            } else {
                self.line.push(Node::Element(element));
            }
        }
    }

    fn end_line(&mut self) {
        let line = Element::new("p", std::mem::take(&mut self.line));
        if has_content(&line) {
            self.blocks.push(line);
        }
    }
}

/// Whether there is anything to read in it.
fn has_content(element: &Element) -> bool {
    let has_text = |element: &Element| {
        let is_text = |node: &Node| matches!(node, Node::Text(text) if !text.trim().is_empty());
        element.children.iter().any(is_text)
    };
    let is_image = |element: &Element| element.attribute("alt").is_some_and(|alt| !alt.trim().is_empty());
    let mut all = element.descendants();
    all.any(|element| has_text(element) || note_name(element).is_some() || is_image(element) || is_taken(element))
}
