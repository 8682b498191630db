//! A section's text with names that mean something: what each kind of file is written from.
//!
//! Depth is bounded where this is read ([`super::read`]), so what walks over it may be recursive.

use quire_protocol::AssetId;

use super::address::Address;

/// The text of a section.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Body {
    pub(super) blocks: Vec<Block>,
    /// The footnotes; [`Inline::Note`] counts from 1.
    pub(super) notes: Vec<Line>,
}

/// What stands on lines of its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    Paragraph {
        line: Line,
        align: Option<Align>,
    },
    /// The level is 1 to 6.
    Heading {
        level: u8,
        line: Line,
        align: Option<Align>,
    },
    List(List),
    Quote(Vec<Block>),
    Code {
        language: Option<String>,
        text: String,
    },
    Table(Table),
    /// A picture, and what is to be seen on it. One of the two is there.
    Picture {
        shown: Option<Shown>,
        description: String,
    },
    Rule,
    SceneBreak,
}

/// A picture that the book has.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) id: AssetId,
    /// How much of the text's width it takes, 1 to 100; `None`: what its own size says.
    pub(super) percent: Option<u32>,
}

/// Text and what stands in it, one after another.
pub(super) type Line = Vec<Inline>;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Inline {
    Text(Span),
    /// The line ends here.
    Break,
    /// The footnote of this number.
    Note(usize),
}

/// Text that looks the same from its first to its last character. Never empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) style: Style,
    pub(super) link: Option<Address>,
}

/// What a text looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each mark is there or not, whatever the others are")]
pub(super) struct Style {
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) underline: bool,
    pub(super) strike: bool,
    pub(super) code: bool,
    pub(super) superscript: bool,
    pub(super) subscript: bool,
    pub(super) small_caps: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Center,
    Right,
    Justify,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct List {
    /// How its items are numbered, if they are.
    pub(super) order: Option<Order>,
    /// Never none.
    pub(super) items: Vec<Vec<Block>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// The number of the first item.
    pub(super) start: u32,
    pub(super) numerals: Numerals,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numerals {
    Decimal,
    LowerAlpha,
    UpperAlpha,
    LowerRoman,
    UpperRoman,
}

/// Rows, never none, of cells, never none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub(super) rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) is_header: bool,
    /// How many columns it is wide, at least 1.
    pub(super) columns: u32,
    /// How many rows it is high, at least 1 and no more than there are.
    pub(super) rows: u32,
    pub(super) blocks: Vec<Block>,
}

/// What is written in a line, without marks and notes.
pub(super) fn text_of(line: &[Inline]) -> String {
    line.iter().fold(String::new(), |mut text, inline| {
        match inline {
            Inline::Text(span) => text.push_str(&span.text),
            Inline::Break => text.push(' '),
            Inline::Note(_) => {}
        }
        text
    })
}
