//! From the editor's names to blocks.
//!
//! What the editor would not have made is read for what it can only mean: text between blocks is a paragraph, what
//! stands in a list is an item, an element without a known name is what is in it.

use std::collections::BTreeMap;

use quire_protocol::AssetId;

use super::address::Address;
use super::block::{Align, Block, Body, Cell, Inline, Line, List, Numerals, Order, Shown, Span, Style, Table};
use super::markup::is_allowed;
use super::picture::{self, Pictures};
use crate::scribe::tree::{DEPTH_MAX, Mark, Node, Run, Value};

/// Widest and highest cell, in columns and rows.
const SPAN_MAX: u32 = 60;
/// The largest number that an item of a list may begin with: `CommonMark` takes nine digits.
const START_MAX: u32 = 999_999;
/// Longest name of a programming language, in characters.
const LANGUAGE_CHARS_MAX: usize = 32;

type Attributes = BTreeMap<String, Value>;

/// Reads a section's tree. Pictures that are not among these cannot be shown.
pub(super) fn read(tree: &[Node], pictures: &Pictures) -> Body {
    let mut reader = Reader { pictures, notes: Vec::new(), depth: 0 };
    let mut blocks = reader.blocks(tree);
    let is_blank = |block: &Block| matches!(block, Block::Paragraph { line, .. } if line.is_empty());
    let end = blocks.iter().rposition(|block| !is_blank(block)).map_or(0, |last| last + 1);
    blocks.truncate(end);
    let start = blocks.iter().position(|block| !is_blank(block)).unwrap_or(end);
    blocks.drain(..start);
    Body { blocks, notes: reader.notes }
}

struct Reader<'p> {
    pictures: &'p Pictures,
    notes: Vec<Line>,
    /// How many elements are around what is being read.
    depth: usize,
}

impl Reader<'_> {
    fn blocks(&mut self, nodes: &[Node]) -> Vec<Block> {
        let (mut blocks, mut line) = (Vec::new(), Line::new());
        for node in nodes {
            match node {
                Node::Text { runs } => line.extend(runs.iter().filter_map(span)),
                Node::Element { name, .. } if is_inline(name) => self.inline(node, &mut line),
                Node::Element { name, attributes, children } => {
                    end_line(&mut line, &mut blocks);
                    self.deeper(node, &mut blocks, |reader, blocks| reader.block(name, attributes, children, blocks));
                }
            }
        }
        end_line(&mut line, &mut blocks);
        blocks
    }

    /// Reads what is in an element, unless that is too deep: then its text is a paragraph.
    fn deeper(&mut self, node: &Node, blocks: &mut Vec<Block>, read: impl FnOnce(&mut Self, &mut Vec<Block>)) {
        if self.depth >= DEPTH_MAX {
            let mut line = runs_of(node).filter_map(span).collect();
            return end_line(&mut line, blocks);
        }
        self.depth += 1;
        read(self, blocks);
        self.depth -= 1;
    }

    fn block(&mut self, name: &str, attributes: &Attributes, children: &[Node], blocks: &mut Vec<Block>) {
        match name {
            "paragraph" => {
                let line = self.line(children);
                // An empty line is set between paragraphs, not in an item or a quote.
                if !line.is_empty() || self.depth == 1 {
                    blocks.push(Block::Paragraph { line, align: align(attributes) });
                }
            }
            "heading" => {
                let line = self.line(children);
                let level = whole(attributes.get("level"), 1, 6).map_or(1, |level| u8::try_from(level).unwrap_or(6));
                if !line.is_empty() {
                    blocks.push(Block::Heading { level, line, align: align(attributes) });
                }
            }
            "bulletList" => blocks.extend(self.list(None, children)),
            "orderedList" => blocks.extend(self.list(Some(order(attributes)), children)),
            "blockquote" => {
                let quoted = self.blocks(children);
                if !quoted.is_empty() {
                    blocks.push(Block::Quote(quoted));
                }
            }
            "codeBlock" => {
                let text = children.iter().flat_map(runs_of).map(|run| cleaned(&run.text)).collect();
                blocks.push(Block::Code { language: language(attributes), text });
            }
            "table" => blocks.extend(self.table(children)),
            picture::ELEMENT => {
                blocks.extend(self.picture(attributes));
                blocks.extend(self.blocks(children));
            }
            "horizontalRule" | "sceneBreak" => {
                blocks.push(if name == "sceneBreak" { Block::SceneBreak } else { Block::Rule });
                blocks.extend(self.blocks(children));
            }
            _ => blocks.extend(self.blocks(children)),
        }
    }

    fn picture(&self, attributes: &Attributes) -> Option<Block> {
        let said = ["alt", "title"].into_iter().filter_map(|name| string(attributes.get(name)));
        let description = said.map(line_of).find(|text| !text.is_empty()).unwrap_or_default();
        let id = string(attributes.get(picture::ATTRIBUTE)).and_then(|id| AssetId::new(id).ok());
        let id = id.filter(|id| self.pictures.contains_key(id));
        let shown = id.map(|id| Shown { id, percent: percent(attributes.get("width")) });
        (shown.is_some() || !description.is_empty()).then_some(Block::Picture { shown, description })
    }

    fn list(&mut self, order: Option<Order>, children: &[Node]) -> Option<Block> {
        let mut items = Vec::new();
        for child in children {
            self.deeper_alone(child, &mut items, |reader| match child {
                Node::Element { name, children, .. } if name == "listItem" => Some(reader.blocks(children)),
                other => Some(reader.blocks(std::slice::from_ref(other))).filter(|blocks| !blocks.is_empty()),
            });
        }
        (!items.is_empty()).then_some(Block::List(List { order, items }))
    }

    /// Reads an item, a row or a cell; one that is too deep is a paragraph.
    fn deeper_alone(
        &mut self,
        node: &Node,
        all: &mut Vec<Vec<Block>>,
        read: impl FnOnce(&mut Self) -> Option<Vec<Block>>,
    ) {
        let mut blocks = Vec::new();
        let mut is_there = true;
        self.deeper(node, &mut blocks, |reader, blocks| match read(reader) {
            Some(inside) => *blocks = inside,
            None => is_there = false,
        });
        if is_there {
            all.push(blocks);
        }
    }

    fn table(&mut self, children: &[Node]) -> Option<Block> {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        self.depth += 2;
        for child in children {
            let cells = match child {
                Node::Element { name, children, .. } if name == "tableRow" => &children[..],
                other => std::slice::from_ref(other),
            };
            let row: Vec<Cell> = cells.iter().map(|cell| self.cell(cell)).collect();
            rows.extend((!row.is_empty()).then_some(row));
        }
        self.depth -= 2;
        let count = rows.len();
        for (index, row) in rows.iter_mut().enumerate() {
            let left = u32::try_from(count - index).unwrap_or(SPAN_MAX);
            for cell in row {
                cell.rows = cell.rows.min(left);
            }
        }
        (!rows.is_empty()).then_some(Block::Table(Table { rows }))
    }

    fn cell(&mut self, node: &Node) -> Cell {
        let mut cell = Cell { is_header: false, columns: 1, rows: 1, blocks: Vec::new() };
        let nothing = Attributes::new();
        let (attributes, inside) = match node {
            Node::Element { name, attributes, children } if name == "tableCell" || name == "tableHeader" => {
                cell.is_header = name == "tableHeader";
                (attributes, &children[..])
            }
            other => (&nothing, std::slice::from_ref(other)),
        };
        cell.columns = whole(attributes.get("colspan"), 1, SPAN_MAX).unwrap_or(1);
        cell.rows = whole(attributes.get("rowspan"), 1, SPAN_MAX).unwrap_or(1);
        self.deeper(node, &mut cell.blocks, |reader, blocks| *blocks = reader.blocks(inside));
        cell
    }

    fn line(&mut self, nodes: &[Node]) -> Line {
        let mut line = Line::new();
        for node in nodes {
            match node {
                Node::Text { runs } => line.extend(runs.iter().filter_map(span)),
                Node::Element { .. } => self.inline(node, &mut line),
            }
        }
        line
    }

    /// An element in a line. A block there is its text, with a blank between it and what is before.
    fn inline(&mut self, node: &Node, line: &mut Line) {
        let Node::Element { name, attributes, children } = node else { return };
        match name.as_str() {
            "hardBreak" => {
                line.push(Inline::Break);
                line.extend(runs_of(node).filter_map(span));
            }
            "footnote" => {
                let note: Line = children.iter().flat_map(runs_of).filter_map(span).collect();
                if !note.is_empty() {
                    self.notes.push(note);
                    line.push(Inline::Note(self.notes.len()));
                }
            }
            // In a line there is no room for it: what is to be seen stands there.
            picture::ELEMENT => {
                if let Some(Block::Picture { description, .. }) = self.picture(attributes) {
                    line.extend(span(&Run::plain(&description)));
                }
            }
            _ => {
                if !line.is_empty() {
                    line.extend(span(&Run::plain(" ")));
                }
                line.extend(runs_of(node).filter_map(span));
            }
        }
    }
}

fn is_inline(name: &str) -> bool {
    matches!(name, "hardBreak" | "footnote")
}

fn end_line(line: &mut Line, blocks: &mut Vec<Block>) {
    let line = std::mem::take(line);
    if !line.is_empty() {
        blocks.push(Block::Paragraph { line, align: None });
    }
}

/// All runs in a node, however deep. Without recursion.
fn runs_of(node: &Node) -> impl Iterator<Item = &Run> {
    let mut open = vec![node];
    let texts = std::iter::from_fn(move || {
        loop {
            match open.pop()? {
                Node::Text { runs } => return Some(runs.iter()),
                Node::Element { children, .. } => open.extend(children.iter().rev()),
            }
        }
    });
    texts.flatten()
}

fn span(run: &Run) -> Option<Inline> {
    let text = cleaned(&run.text);
    if text.is_empty() {
        return None;
    }
    let (mut style, mut link) = (Style::default(), None);
    for mark in &run.marks {
        match mark.name.as_str() {
            "bold" => style.bold = true,
            "italic" => style.italic = true,
            "underline" => style.underline = true,
            "strike" => style.strike = true,
            "code" => style.code = true,
            "superscript" => style.superscript = true,
            "subscript" => style.subscript = true,
            "smallCaps" => style.small_caps = true,
            "link" => link = address(mark),
            _ => {}
        }
    }
    Some(Inline::Text(Span { text, style, link }))
}

fn address(mark: &Mark) -> Option<Address> {
    match &mark.value {
        Value::Map(said) => string(said.get("href")).and_then(Address::new),
        _ => None,
    }
}

/// Without what no file may hold.
fn cleaned(text: &str) -> String {
    text.chars().filter(|char| is_allowed(*char)).collect()
}

/// One line of text: blanks collapsed.
pub(super) fn line_of(text: &str) -> String {
    cleaned(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn string(value: Option<&Value>) -> Option<&str> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// A whole number within bounds; those beyond are the bound.
fn whole(value: Option<&Value>, least: u32, most: u32) -> Option<u32> {
    let number = match value? {
        Value::Number(number) => *number,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bounds of a u32")]
    let bounded = number.clamp(f64::from(least), f64::from(most)) as u32;
    (!number.is_nan()).then_some(bounded)
}

/// Part of a width: a number, or one with its sign.
fn percent(value: Option<&Value>) -> Option<u32> {
    match value? {
        Value::String(text) => {
            let number = text.trim().trim_end_matches('%').to_owned();
            whole(Some(&Value::String(number)), 1, 100)
        }
        value => whole(Some(value), 1, 100),
    }
}

fn align(attributes: &Attributes) -> Option<Align> {
    match string(attributes.get("textAlign"))? {
        "left" => Some(Align::Left),
        "center" => Some(Align::Center),
        "right" => Some(Align::Right),
        "justify" => Some(Align::Justify),
        _ => None,
    }
}

fn order(attributes: &Attributes) -> Order {
    let numerals = match string(attributes.get("type")) {
        Some("a") => Numerals::LowerAlpha,
        Some("A") => Numerals::UpperAlpha,
        Some("i") => Numerals::LowerRoman,
        Some("I") => Numerals::UpperRoman,
        _ => Numerals::Decimal,
    };
    Order { start: whole(attributes.get("start"), 0, START_MAX).unwrap_or(1), numerals }
}

/// The name of a programming language, as far as it is one.
fn language(attributes: &Attributes) -> Option<String> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || "+-#.".contains(char);
    let name = string(attributes.get("language"))?;
    let is_name = !name.is_empty() && name.len() <= LANGUAGE_CHARS_MAX && name.chars().all(is_part);
    is_name.then(|| name.to_owned())
}
