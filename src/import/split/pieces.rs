//! Chapters in the making: their HTML, their notes, and the cuts in those that are too large.

use std::collections::HashMap;

use quire_protocol::ChapterId;
use quire_protocol::Limits;
use quire_protocol::command::ChapterKind;

use super::Notes;
use crate::import::assemble::check_size;
use crate::import::document::{sanitise_besides, written};
use crate::import::manuscript::{note, note_name, title_line};
use crate::import::tree::{Element, Node};
use crate::import::{CHAPTERS_MAX, ImportError, ImportedText, chapter_id, kind};

/// What a piece of a chapter may weigh as a document, in bytes, so that there is room for what is written into it.
pub(super) const WEIGHT_MAX: usize = 768 * 1024;

/// What an element weighs in a document beside its text, in bytes: its name, and where it stands.
const ELEMENT_BYTES: usize = 48;

/// The text of a chapter without any: a part has none at all.
const BLANK: &str = "<p></p>";

/// What is around the notes of a piece is no longer, in bytes.
const NOTES_BYTES_MAX: usize = "<hr><ol start=\"1000000\"></ol>".len();

/// The chapters so far.
pub(super) struct Pieces<'a> {
    notes: &'a Notes,
    texts: Vec<ImportedText>,
    bytes: usize,
    has_text: bool,
}

/// What the pieces of a chapter share.
struct Head<'a> {
    title: String,
    kind: ChapterKind,
    part: Option<&'a ChapterId>,
}

/// The piece of a chapter that is being written.
struct Piece {
    /// The first is 1.
    number: usize,
    html: String,
    /// The notes of this piece, as items.
    items: String,
    /// The number of its first note.
    first_note: usize,
    /// What it weighs as a document, bytes.
    weight: usize,
}

impl Piece {
    fn new(number: usize, first_note: usize) -> Self {
        Self { number, html: String::new(), items: String::new(), first_note, weight: 0 }
    }
}

impl<'a> Pieces<'a> {
    pub(super) fn new(notes: &'a Notes) -> Self {
        Self { notes, texts: Vec::new(), bytes: 0, has_text: false }
    }

    pub(super) fn finish(self) -> Result<Vec<ImportedText>, ImportError> {
        let has_titles = self.texts.len() > 1;
        if self.has_text || has_titles { Ok(self.texts) } else { Err(ImportError::Empty) }
    }

    pub(super) fn part(&mut self, title: &str) -> Result<ChapterId, ImportError> {
        self.push(title.to_owned(), ChapterKind::Part, None, String::new())
    }

    /// A chapter with its heading, which becomes the title and leaves the text.
    pub(super) fn titled(
        &mut self,
        title: &str,
        heading: Element,
        mut blocks: Vec<Element>,
        part: Option<&ChapterId>,
    ) -> Result<(), ImportError> {
        let kind = kind::of_title(title);
        // The list under it was left out, as the headings make it again.
        if blocks.is_empty() && matches!(title.to_lowercase().as_str(), "contents" | "table of contents") {
            return Ok(());
        }
        if heading.text().chars().count() > Limits::default().title_chars {
            // Too long for a title, so it stays as a text as well.
            blocks.insert(0, Element::new("p", heading.children));
        } else {
            let notes = heading.descendants().filter_map(note_name).map(note);
            let notes: Vec<Node> = notes.map(Node::Element).collect();
            if !notes.is_empty() {
                blocks.insert(0, Element::new("p", notes));
            }
        }
        self.chapter(title, part, blocks, Some(kind))
    }

    /// A chapter, in as many pieces as its size asks for. Without a title it gets a number.
    pub(super) fn chapter(
        &mut self,
        title: &str,
        part: Option<&ChapterId>,
        blocks: Vec<Element>,
        kind: Option<ChapterKind>,
    ) -> Result<(), ImportError> {
        let count = self.texts.iter().filter(|text| text.kind == ChapterKind::Chapter).count();
        let title = if title.is_empty() { format!("Chapter {}", count + 1) } else { title.to_owned() };
        let head = Head { title, kind: kind.unwrap_or(ChapterKind::Chapter), part };
        let mut numbers = HashMap::new();
        let mut piece = Piece::new(1, 1);
        for mut block in blocks {
            let first_note = numbers.len() + 1;
            let mut names = Vec::new();
            self.number_notes(&mut block.children, &mut numbers, &mut names);
            let html = sanitise_besides(&written(&[Node::Element(block)]));
            let items: String = names.iter().map(|name| self.item(name)).collect();
            let weight = weight(&html) + weight(&items);
            if !piece.html.is_empty() && piece.weight + weight + NOTES_BYTES_MAX > WEIGHT_MAX {
                let next = Piece::new(piece.number + 1, first_note);
                self.end_piece(&head, std::mem::replace(&mut piece, next))?;
            }
            piece.weight += weight;
            piece.html.push_str(&html);
            piece.items.push_str(&items);
            check_size(&head.title, piece.html.len() + piece.items.len(), self.bytes)?;
        }
        self.end_piece(&head, piece)
    }

    fn end_piece(&mut self, head: &Head<'_>, piece: Piece) -> Result<(), ImportError> {
        let mut html = piece.html;
        self.has_text |= !html.is_empty();
        if !piece.items.is_empty() {
            let list = format!("<hr><ol start=\"{}\">{}</ol>", piece.first_note, piece.items);
            html.push_str(&sanitise_besides(&list));
        }
        if html.is_empty() {
            BLANK.clone_into(&mut html);
        }
        self.bytes += html.len();
        check_size(&head.title, html.len(), self.bytes)?;
        let title = if piece.number == 1 { head.title.clone() } else { numbered(&head.title, piece.number) };
        self.push(title, head.kind, head.part.cloned(), html).map(|_| ())
    }

    /// References to notes become their numbers in the chapter; `new` are the notes that were not there before.
    fn number_notes(&self, nodes: &mut [Node], numbers: &mut HashMap<String, usize>, new: &mut Vec<String>) {
        for node in nodes {
            let Node::Element(element) = node else { continue };
            let Some(name) = note_name(element).map(ToOwned::to_owned) else {
                self.number_notes(&mut element.children, numbers, new);
                continue;
            };
            if !self.notes.contains_key(&name) {
                *node = Node::Text(String::new());
                continue;
            }
            let next = numbers.len() + 1;
            let number = *numbers.entry(name.clone()).or_insert(next);
            if number == next {
                new.push(name);
            }
            *element = Element::new("sup", vec![Node::Text(number.to_string())]);
        }
    }

    /// A note as an item of the list at the end of its chapter. A note in a note has no place there.
    fn item(&self, name: &str) -> String {
        let html = self.notes.get(name).map(|nodes| written(nodes)).unwrap_or_default();
        let list = sanitise_besides(&format!("<ol><li>{html}</li></ol>"));
        list.strip_prefix("<ol>").and_then(|rest| rest.strip_suffix("</ol>")).unwrap_or_default().to_owned()
    }

    fn push(
        &mut self,
        title: String,
        kind: ChapterKind,
        parent: Option<ChapterId>,
        html: String,
    ) -> Result<ChapterId, ImportError> {
        if self.texts.len() == CHAPTERS_MAX {
            return Err(ImportError::TooManyChapters);
        }
        let id = chapter_id(self.texts.len() + 1);
        self.texts.push(ImportedText { id: id.clone(), title, kind, parent, html });
        Ok(id)
    }
}

/// What a text that was sanitised weighs as a document, bytes. A piece is never longer than that.
fn weight(html: &str) -> usize {
    html.len() + html.matches('<').count() / 2 * ELEMENT_BYTES
}

/// The title of a later piece of a chapter, within the limits.
fn numbered(title: &str, number: usize) -> String {
    let ending = format!(" ({number})");
    let room = Limits::default().title_chars - ending.chars().count();
    title_line(&title.chars().take(room).collect::<String>()) + &ending
}
