//! Tables: a cell that is several rows high stands in each of them.

use std::collections::BTreeMap;

use super::body::{Body, Place};
use crate::export::block::{Block, Cell, Table};
use crate::export::markup::Markup;
use crate::export::outline::Entry;

/// Most columns that word processors take.
const COLUMNS_MAX: usize = 63;

/// What stands at a place of the grid.
enum Slot<'a> {
    /// A cell begins.
    Cell(&'a Cell),
    /// A cell from a row above goes on, so many columns wide.
    Continued(usize),
    /// Nothing.
    Empty,
}

impl Body<'_> {
    pub(super) fn table(&mut self, entry: &Entry, table: &Table, place: Place) {
        let rows = grid(table);
        let columns = rows.iter().map(|row| row.iter().map(Slot::columns).sum()).max().unwrap_or(0);
        if columns > COLUMNS_MAX {
            for cell in table.rows.iter().flatten() {
                self.blocks(entry, &cell.blocks, place.cell("TableText"));
            }
            return;
        }
        let outer = std::mem::take(&mut self.text);
        for slots in &rows {
            self.row(entry, slots, columns, place);
        }
        let rows = std::mem::replace(&mut self.text, outer);
        self.text.element("w:tbl", &[], |markup| {
            markup.element("w:tblPr", &[], |markup| {
                markup.empty("w:tblStyle", &[("w:val", "TableGrid")]);
                markup.empty("w:tblW", &[("w:w", "0"), ("w:type", "auto")]);
            });
            markup.element("w:tblGrid", &[], |markup| {
                (0..columns).for_each(|_| markup.empty("w:gridCol", &[]));
            });
            markup.append(&rows);
        });
        // Two tables that follow each other would be one, and a cell must not end with one.
        self.text.element("w:p", &[], |markup| {
            markup.element("w:pPr", &[], |markup| markup.empty("w:pStyle", &[("w:val", "Gap")]));
        });
    }

    fn row(&mut self, entry: &Entry, slots: &[Slot<'_>], columns: usize, place: Place) {
        let outer = std::mem::take(&mut self.text);
        let used: usize = slots.iter().map(Slot::columns).sum();
        let missing = (used..columns).map(|_| &Slot::Empty);
        for slot in slots.iter().chain(missing) {
            self.cell(entry, slot, place);
        }
        let cells = std::mem::replace(&mut self.text, outer);
        let is_head = slots.iter().all(|slot| matches!(slot, Slot::Cell(cell) if cell.is_header));
        self.text.element("w:tr", &[], |markup| {
            if is_head {
                markup.element("w:trPr", &[], |markup| markup.empty("w:tblHeader", &[]));
            }
            markup.append(&cells);
        });
        self.text.end_line();
    }

    fn cell(&mut self, entry: &Entry, slot: &Slot<'_>, place: Place) {
        let outer = std::mem::take(&mut self.text);
        let nothing: &[Block] = &[];
        let (blocks, style) = match slot {
            Slot::Cell(cell) => (&cell.blocks[..], if cell.is_header { "TableHeading" } else { "TableText" }),
            Slot::Continued(_) | Slot::Empty => (nothing, "TableText"),
        };
        self.blocks(entry, blocks, place.cell(style));
        if blocks.is_empty() {
            self.plain(style, "");
        }
        let content = std::mem::replace(&mut self.text, outer);
        self.text.element("w:tc", &[], |markup| {
            markup.element("w:tcPr", &[], |markup| properties(markup, slot));
            markup.append(&content);
        });
    }
}

impl Slot<'_> {
    fn columns(&self) -> usize {
        match self {
            Self::Cell(cell) => usize::try_from(cell.columns).unwrap_or(COLUMNS_MAX),
            Self::Continued(columns) => *columns,
            Self::Empty => 1,
        }
    }
}

fn properties(markup: &mut Markup, slot: &Slot<'_>) {
    markup.empty("w:tcW", &[("w:w", "0"), ("w:type", "auto")]);
    if slot.columns() > 1 {
        markup.empty("w:gridSpan", &[("w:val", &slot.columns().to_string())]);
    }
    match slot {
        Slot::Cell(cell) if cell.rows > 1 => markup.empty("w:vMerge", &[("w:val", "restart")]),
        Slot::Continued(_) => markup.empty("w:vMerge", &[]),
        Slot::Cell(_) | Slot::Empty => {}
    }
}

/// The rows with what reaches into them from above.
fn grid(table: &Table) -> Vec<Vec<Slot<'_>>> {
    // By column: how wide, and how many more rows.
    let mut above: BTreeMap<usize, (usize, u32)> = BTreeMap::new();
    let mut rows = Vec::with_capacity(table.rows.len());
    for cells in &table.rows {
        let (mut slots, mut column, mut next) = (Vec::new(), 0, BTreeMap::new());
        for cell in cells {
            column = continued(&mut above, &mut next, &mut slots, column);
            let wide = usize::try_from(cell.columns).unwrap_or(COLUMNS_MAX);
            if cell.rows > 1 {
                next.insert(column, (wide, cell.rows - 1));
            }
            slots.push(Slot::Cell(cell));
            column += wide;
        }
        while let Some((&first, _)) = above.first_key_value() {
            while column < first {
                slots.push(Slot::Empty);
                column += 1;
            }
            // What a cell of this row covers ends here.
            above = above.split_off(&column);
            column = continued(&mut above, &mut next, &mut slots, column);
        }
        above = next;
        rows.push(slots);
    }
    rows
}

/// Passes the cells from above that stand at a column, and says which column is free then.
fn continued(
    above: &mut BTreeMap<usize, (usize, u32)>,
    next: &mut BTreeMap<usize, (usize, u32)>,
    slots: &mut Vec<Slot<'_>>,
    column: usize,
) -> usize {
    let mut column = column;
    while let Some((wide, rows)) = above.remove(&column) {
        slots.push(Slot::Continued(wide));
        if rows > 1 {
            next.insert(column, (wide, rows - 1));
        }
        column += wide;
    }
    column
}
