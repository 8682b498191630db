//! Blocks, for the press.

use serde::Serialize;

use super::line::{Words, words};
use super::table::{Place, places};
use crate::export::block::{Align, Block, List, Numerals, Order, Table};

/// How deep blocks may stand in blocks; deeper ones stand beside each other. A page has no room for more.
const NESTING_MAX: u32 = 10;
/// What a table counts: the width of its columns is found by setting each cell several times, at each level again.
const TABLE_NESTING: u32 = 4;

#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Piece<'a> {
    Paragraph {
        line: Words<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        align: Option<&'static str>,
    },
    /// An empty line.
    Blank,
    Heading {
        level: u8,
        line: Words<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        align: Option<&'static str>,
    },
    List {
        /// A pattern with the first numeral; `None` for bullets.
        numbering: Option<&'static str>,
        start: u32,
        items: Vec<Vec<Piece<'a>>>,
    },
    Quote {
        blocks: Vec<Piece<'a>>,
    },
    Code {
        text: &'a str,
    },
    Table {
        columns: usize,
        cells: Vec<Cell<'a>>,
    },
    Picture {
        description: &'a str,
        /// Its name among the job's files.
        #[serde(skip_serializing_if = "Option::is_none")]
        file: Option<&'a str>,
        /// How much of the text's width it takes.
        #[serde(skip_serializing_if = "Option::is_none")]
        percent: Option<u32>,
    },
    Rule,
    SceneBreak,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Cell<'a> {
    x: usize,
    y: usize,
    columns: usize,
    rows: usize,
    header: bool,
    blocks: Vec<Piece<'a>>,
}

/// The blocks of a section.
pub(super) fn pieces(blocks: &[Block]) -> Vec<Piece<'_>> {
    at(blocks, 0)
}

fn at(blocks: &[Block], depth: u32) -> Vec<Piece<'_>> {
    let mut pieces = Vec::with_capacity(blocks.len());
    for block in blocks {
        match block {
            Block::Paragraph { line, align } => {
                let line = words(line);
                pieces.push(if line.is_empty() {
                    Piece::Blank
                } else {
                    Piece::Paragraph { line, align: align.map(side) }
                });
            }
            Block::Heading { level, line, align } => {
                pieces.push(Piece::Heading { level: *level, line: words(line), align: align.map(side) });
            }
            Block::List(list) => self::list(list, depth, &mut pieces),
            Block::Quote(blocks) if depth < NESTING_MAX => pieces.push(Piece::Quote { blocks: at(blocks, depth + 1) }),
            Block::Quote(blocks) => pieces.extend(at(blocks, depth)),
            Block::Code { language: _, text } => pieces.push(Piece::Code { text }),
            Block::Table(table) => self::table(table, depth, &mut pieces),
            Block::Picture { shown, description } => {
                let (file, percent) = shown.as_ref().map(|shown| (shown.id.as_str(), shown.percent)).unzip();
                pieces.push(Piece::Picture { description, file, percent: percent.flatten() });
            }
            Block::Rule => pieces.push(Piece::Rule),
            Block::SceneBreak => pieces.push(Piece::SceneBreak),
        }
    }
    pieces
}

fn list<'a>(list: &'a List, depth: u32, pieces: &mut Vec<Piece<'a>>) {
    if depth >= NESTING_MAX {
        return pieces.extend(list.items.iter().flat_map(|item| at(item, depth)));
    }
    pieces.push(Piece::List {
        numbering: list.order.map(numbering),
        start: list.order.map_or(1, |order| order.start),
        items: list.items.iter().map(|item| at(item, depth + 1)).collect(),
    });
}

fn table<'a>(table: &'a Table, depth: u32, pieces: &mut Vec<Piece<'a>>) {
    let inside = depth + TABLE_NESTING;
    let placed = if inside <= NESTING_MAX { places(table) } else { None };
    let Some((columns, placed)) = placed else {
        return pieces.extend(table.rows.iter().flatten().flat_map(|cell| at(&cell.blocks, depth)));
    };
    let cell = |(place, cell): (Place, &'a crate::export::block::Cell)| Cell {
        x: place.x,
        y: place.y,
        columns: place.columns,
        rows: place.rows,
        header: cell.is_header,
        blocks: at(&cell.blocks, inside),
    };
    pieces.push(Piece::Table { columns, cells: placed.into_iter().map(cell).collect() });
}

fn side(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
        Align::Justify => "justify",
    }
}

fn numbering(order: Order) -> &'static str {
    match order.numerals {
        Numerals::Decimal => "1.",
        Numerals::LowerAlpha => "a.",
        Numerals::UpperAlpha => "A.",
        Numerals::LowerRoman => "i.",
        Numerals::UpperRoman => "I.",
    }
}
