//! Plain text: what is written and nothing else, with blank lines between blocks.

use std::fmt::Write as _;

use super::block::{Block, Cell, Inline, List, Table};
use super::outline::{Entry, Outline};
use super::{Manuscript, numeral};
use quire_protocol::format::Format;

/// Between two scenes, where the format has no letters for it.
const SCENE_BREAK: &str = "* * *";
const RULE: &str = "--------";
const QUOTE_INDENT: &str = "    ";
const BULLET: &str = "- ";

/// The book as plain text.
pub fn plain(manuscript: &Manuscript) -> String {
    let outline = Outline::new(manuscript);
    let mut blocks = vec![outline.title.clone()];
    blocks.extend(outline.subtitle.clone());
    blocks.extend(outline.authors.iter().cloned());
    for entry in &outline.entries {
        // A blank line more than between paragraphs.
        blocks.push(format!("\n{}", entry.label()));
        blocks.extend(blocks_of(&entry.body.blocks, &manuscript.format));
        blocks.extend(notes(entry));
    }
    joined(&blocks)
}

fn joined(blocks: &[String]) -> String {
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

fn notes(entry: &Entry) -> Vec<String> {
    entry.body.notes.iter().zip(1..).map(|(line, number)| format!("[{number}] {}", line_of(line))).collect()
}

fn blocks_of(blocks: &[Block], format: &Format) -> Vec<String> {
    blocks.iter().map(|block| block_of(block, format)).filter(|text| !text.is_empty()).collect()
}

fn block_of(block: &Block, format: &Format) -> String {
    match block {
        Block::Paragraph { line, .. } | Block::Heading { line, .. } => line_of(line),
        Block::List(list) => list_of(list, format),
        Block::Quote(blocks) => indented(&blocks_of(blocks, format).join("\n\n"), QUOTE_INDENT, QUOTE_INDENT),
        Block::Code { text, .. } => text.trim_end().to_owned(),
        Block::Table(table) => table_of(table, format),
        Block::Picture { description, .. } if description.is_empty() => String::new(),
        Block::Picture { description, .. } => format!("[{description}]"),
        Block::Rule => RULE.to_owned(),
        Block::SceneBreak => {
            Some(format.ornament.text()).filter(|text| !text.is_empty()).unwrap_or(SCENE_BREAK).to_owned()
        }
    }
}

fn list_of(list: &List, format: &Format) -> String {
    let mut text = String::new();
    for (item, index) in list.items.iter().zip(0..) {
        let marker = match list.order {
            None => BULLET.to_owned(),
            Some(order) => format!("{}. ", numeral::item(order.start.saturating_add(index), order.numerals)),
        };
        let indent = " ".repeat(marker.chars().count());
        if index > 0 {
            text.push('\n');
        }
        text.push_str(&indented(&blocks_of(item, format).join("\n\n"), &marker, &indent));
    }
    text
}

/// A line for each row, with tabs between cells.
fn table_of(table: &Table, format: &Format) -> String {
    let cell = |cell: &Cell| blocks_of(&cell.blocks, format).join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    let row = |row: &Vec<Cell>| row.iter().map(cell).collect::<Vec<_>>().join("\t");
    table.rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

fn line_of(line: &[Inline]) -> String {
    let mut text = String::new();
    for inline in line {
        match inline {
            // Within a line, what ends one is a blank.
            Inline::Text(span) => text.push_str(&span.text.replace(['\n', '\r', '\t'], " ")),
            Inline::Break => text.push('\n'),
            Inline::Note(number) => {
                // Writing to a string cannot fail.
                let _infallible = write!(text, "[{number}]");
            }
        }
    }
    text.trim().to_owned()
}

/// All lines that are not empty after an indent, the first after another one.
pub(super) fn indented(text: &str, first: &str, rest: &str) -> String {
    let mut indented = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            indented.push('\n');
        }
        match index {
            0 => indented.push_str(if line.is_empty() { first.trim_end() } else { first }),
            _ => indented.push_str(if line.is_empty() { rest.trim_end() } else { rest }),
        }
        indented.push_str(line);
    }
    indented
}
