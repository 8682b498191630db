//! Where the cells of a table stand. None stands where another does, whatever their spans say.

use std::collections::BTreeMap;

use crate::export::block::{Cell, Table};

/// Most columns that fit on a page in any way.
const COLUMNS_MAX: usize = 63;

/// Where a cell stands, from 0, and how far it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// How many columns there are, and each cell in its place; `None` if a page has no room for so many columns.
pub(super) fn places(table: &Table) -> Option<(usize, Vec<(Place, &Cell)>)> {
    let (mut placed, mut width) = (Vec::new(), 0);
    // By column: the first row that is free again.
    let mut free_from: BTreeMap<usize, usize> = BTreeMap::new();
    for (y, cells) in table.rows.iter().enumerate() {
        let mut x = 0;
        for cell in cells {
            let is_free = |x: usize| free_from.get(&x).is_none_or(|row| *row <= y);
            while !is_free(x) {
                x += 1;
            }
            let wanted = usize::try_from(cell.columns).unwrap_or(COLUMNS_MAX);
            let columns = (1..wanted).take_while(|more| is_free(x + more)).count() + 1;
            let rows = usize::try_from(cell.rows).unwrap_or(1).clamp(1, table.rows.len() - y);
            free_from.extend((x..x + columns).map(|column| (column, y + rows)));
            placed.push((Place { x, y, columns, rows }, cell));
            x += columns;
            if x > COLUMNS_MAX {
                return None;
            }
        }
        width = width.max(x);
    }
    Some((width, placed))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn table(rows: &[Vec<(u32, u32)>]) -> Table {
        let cell =
            |(columns, rows): &(u32, u32)| Cell { is_header: false, columns: *columns, rows: *rows, blocks: vec![] };
        Table { rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect() }
    }

    #[test]
    fn a_high_cell_moves_those_below_it_and_a_wide_one_ends_where_another_stands() {
        let spans = [vec![(1, 1), (1, 2)], vec![(5, 1), (1, 9)]];
        let table = table(&spans);
        let (columns, placed) = places(&table).unwrap();
        let at = |x, y, columns, rows| Place { x, y, columns, rows };
        let placed: Vec<_> = placed.into_iter().map(|(place, _)| place).collect();
        assert_eq!(columns, 3);
        assert_eq!(placed, [at(0, 0, 1, 1), at(1, 0, 1, 2), at(0, 1, 1, 1), at(2, 1, 1, 1)]);
    }

    #[test]
    fn a_table_that_is_too_wide_has_no_places() {
        assert!(places(&table(&[vec![(60, 1), (3, 1)]])).is_some());
        assert!(places(&table(&[vec![(60, 1), (4, 1)]])).is_none());
    }

    proptest! {
        #[test]
        fn no_two_cells_share_a_place(rows in prop::collection::vec(prop::collection::vec((1..6_u32, 1..6_u32), 1..6), 1..8)) {
            let table = table(&rows);
            let (columns, placed) = places(&table).unwrap();
            prop_assert_eq!(placed.len(), rows.iter().map(Vec::len).sum::<usize>());
            let mut taken = BTreeSet::new();
            for (place, _) in placed {
                for x in place.x..place.x + place.columns {
                    for y in place.y..place.y + place.rows {
                        prop_assert!(x < columns && y < rows.len(), "{place:?}");
                        prop_assert!(taken.insert((x, y)), "{place:?}");
                    }
                }
            }
        }
    }
}
