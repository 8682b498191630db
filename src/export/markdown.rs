//! Markdown: `CommonMark` with footnotes and tables of pipes. Pictures are named as files beside the text:
//! `![a boat](0123….png)`, which is what the book calls them; they are not in it.
//!
//! Whatever the text, it stays text: what could be read as a mark is escaped, and a style that the marks cannot
//! express where they would stand is written as an element of HTML.

use super::Manuscript;
use super::block::{Block, Cell, Inline, List, Shown, Span, Style, Table};
use super::outline::{Entry, Outline};
use super::picture::{Pictures, file_name};
use super::plain::indented;
use line::{Place, escaped, written};

mod line;

/// Between scenes, and for a rule. Not of hyphens: after the mark of an item those would be another rule.
const RULE: &str = "***";
/// The level of the book's title is 1, that of a chapter's is this.
const CHAPTER_LEVEL: u8 = 2;

/// The book as Markdown.
pub fn markdown(manuscript: &Manuscript) -> String {
    let outline = Outline::new(manuscript);
    let mut blocks = vec![format!("# {}", escaped(&outline.title, Place::Heading))];
    blocks.extend(outline.subtitle.iter().chain(&outline.authors).map(|text| escaped(text, Place::Line)));
    for entry in &outline.entries {
        section(manuscript, entry, &mut blocks);
    }
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

fn section(manuscript: &Manuscript, entry: &Entry, blocks: &mut Vec<String>) {
    blocks.push(format!("{} {}", marks(CHAPTER_LEVEL), escaped(&entry.label(), Place::Heading)));
    blocks.extend(Writer { pictures: &manuscript.pictures, entry, depth: 0 }.blocks(&entry.body.blocks));
    let notes = entry.body.notes.iter().zip(1..);
    blocks.extend(
        notes.map(|(note, number)| format!("[^{}-{number}]: {}", entry.place, written(note, entry.place, Place::Line))),
    );
}

fn marks(level: u8) -> String {
    "#".repeat(usize::from(level.min(6)))
}

struct Writer<'a> {
    pictures: &'a Pictures,
    entry: &'a Entry,
    /// Lists around what is being written.
    depth: usize,
}

impl Writer<'_> {
    fn blocks(&self, blocks: &[Block]) -> Vec<String> {
        let mut texts: Vec<String> = Vec::with_capacity(blocks.len());
        // Two lists that follow each other have other marks, or they would be one.
        let mut lists = 0;
        for block in blocks {
            lists = if matches!(block, Block::List(_)) { lists + 1 } else { 0 };
            texts.push(self.block(block, lists));
        }
        texts.retain(|text| !text.is_empty());
        texts
    }

    fn block(&self, block: &Block, lists: usize) -> String {
        match block {
            Block::Paragraph { line, .. } => self.line(line, Place::Line),
            Block::Heading { level, line, .. } => {
                let text = self.line(line, Place::Heading);
                format!("{} {text}", marks(CHAPTER_LEVEL + level)).trim_end().to_owned()
            }
            Block::List(list) => self.list(list, lists),
            Block::Quote(blocks) => indented(&self.blocks(blocks).join("\n\n"), "> ", "> "),
            Block::Code { language, text } => code(language.as_deref(), text),
            Block::Table(table) => self.table(table),
            Block::Picture { shown: Some(shown), description } => self.picture(shown, description, Place::Line),
            Block::Picture { shown: None, description } => {
                let style = Style { italic: true, ..Style::default() };
                self.line(&[Inline::Text(Span { text: description.clone(), style, link: None })], Place::Line)
            }
            Block::Rule | Block::SceneBreak => RULE.to_owned(),
        }
    }

    /// A picture by the name of its file, which is expected beside the text.
    fn picture(&self, shown: &Shown, description: &str, place: Place) -> String {
        let name = self.pictures.get(&shown.id).map(|picture| file_name(&shown.id, picture)).unwrap_or_default();
        format!("![{}]({name})", escaped(description, place))
    }

    fn line(&self, line: &[Inline], place: Place) -> String {
        written(line, self.entry.place, place)
    }

    /// `count` is how many lists have followed each other, this one counted.
    fn list(&self, list: &List, count: usize) -> String {
        let inner = Self { depth: self.depth + 1, ..*self };
        let items: Vec<Vec<String>> = list.items.iter().map(|item| inner.blocks(item)).collect();
        let is_tight = items.iter().all(|blocks| blocks.len() <= 1);
        let items = items.iter().zip(0..).map(|(blocks, index)| {
            let marker = match list.order {
                // In turn by depth, too: a hyphen behind two others would be a rule.
                None => (if (self.depth + count).is_multiple_of(2) { "+ " } else { "- " }).to_owned(),
                Some(order) => {
                    let number = order.start.saturating_add(index);
                    format!("{number}{} ", if count.is_multiple_of(2) { ')' } else { '.' })
                }
            };
            indented(&blocks.join("\n\n"), &marker, &" ".repeat(marker.len()))
        });
        items.collect::<Vec<_>>().join(if is_tight { "\n" } else { "\n\n" })
    }

    /// The first row is the table's head, if it is one; every table must have a head.
    fn table(&self, table: &Table) -> String {
        let width = |row: &Vec<Cell>| row.iter().map(|cell| cell.columns).sum::<u32>();
        let columns = usize::try_from(table.rows.iter().map(width).max().unwrap_or(1)).unwrap_or(1);
        let has_head = table.rows.first().is_some_and(|row| row.iter().all(|cell| cell.is_header));
        let (head, body) = table.rows.split_at(usize::from(has_head));
        let mut lines = vec![match head.first() {
            Some(row) => self.row(row, columns),
            None => format!("|{}", "  |".repeat(columns)),
        }];
        lines.push(format!("|{}", " --- |".repeat(columns)));
        lines.extend(body.iter().map(|row| self.row(row, 0)));
        lines.join("\n")
    }

    /// A row of at least so many columns.
    fn row(&self, row: &[Cell], columns: usize) -> String {
        let (mut line, mut count) = (String::from("|"), 0);
        for cell in row {
            let wide = usize::try_from(cell.columns).unwrap_or(1);
            for part in [" ", &self.cell(&cell.blocks), " |"] {
                line.push_str(part);
            }
            line.push_str(&"  |".repeat(wide - 1));
            count += wide;
        }
        line.push_str(&"  |".repeat(columns.saturating_sub(count)));
        line
    }

    /// A cell is one line.
    fn cell(&self, blocks: &[Block]) -> String {
        let texts = blocks.iter().map(|block| match block {
            Block::Paragraph { line, .. } | Block::Heading { line, .. } => self.line(line, Place::Cell),
            Block::List(list) => list.items.iter().map(|item| self.cell(item)).collect::<Vec<_>>().join("<br>"),
            Block::Quote(blocks) => self.cell(blocks),
            Block::Picture { shown: Some(shown), description } => self.picture(shown, description, Place::Cell),
            Block::Code { text, .. } | Block::Picture { shown: None, description: text } => escaped(text, Place::Cell),
            Block::Table(table) => {
                let cells = table.rows.iter().flatten().map(|cell| self.cell(&cell.blocks));
                cells.collect::<Vec<_>>().join("<br>")
            }
            Block::Rule | Block::SceneBreak => String::new(),
        });
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("<br>")
    }
}

/// Between fences that are longer than any in the text.
fn code(language: Option<&str>, text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{}\n{}\n{fence}", language.unwrap_or_default(), text.trim_end_matches('\n'))
}
