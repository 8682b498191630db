use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A row with a key, a text, a class and a mark.
#[derive(Debug, PartialEq)]
struct Plain(String, String, u8, u8);

impl Row for Plain {
    type Class = u8;
    type Marks = u8;

    fn key(&self) -> &str {
        &self.0
    }

    fn text(&self) -> &str {
        &self.1
    }

    fn class(&self) -> u8 {
        self.2
    }

    fn marks(&self) -> u8 {
        self.3
    }
}

fn row() -> impl Strategy<Value = Plain> {
    ("[ab]{0,3}", "[ab\u{e9}\u{0}]{0,4}", 0..4_u8, 0..3_u8)
        .prop_map(|(key, text, class, mark)| Plain(key, text, class, mark))
}

fn page<'a>(table: &'a Table<Plain>, search: Option<&str>, after: Option<&str>, max: usize) -> Page<'a, Plain> {
    let fit = |class: &u8| [Fit::Yes, Fit::No, Fit::Perhaps, Fit::Perhaps][usize::from(*class)];
    let wanted = Wanted { search, class: &fit, marks: &|mark| mark > 0, row: &|row: &Plain| row.3 > 1 };
    table.page(&wanted, after, max)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_table_says_what_a_look_at_each_row_says(
        changes in vec((row(), prop::bool::weighted(0.8)), 0..60),
        search in prop::option::of("[ab\u{e9}]{1,2}"),
        after in prop::option::of("[ab]{0,3}"),
        max in 0..5_usize,
    ) {
        let (mut table, mut plain) = (Table::default(), BTreeMap::new());
        for (row, put) in changes {
            let (key, row) = (row.0.clone(), Arc::new(row));
            if put {
                table.put(Arc::clone(&row));
                plain.insert(key, row);
            } else {
                table.take(&key);
                plain.remove(&key);
            }
            table.check_invariants();
        }
        let rows: Vec<&Plain> = plain.values().map(AsRef::as_ref).collect();
        prop_assert!(table.iter().eq(rows.iter().copied()));
        prop_assert_eq!(table.len(), rows.len());
        let fits = |row: &&Plain| {
            let found = search.as_deref().is_none_or(|search| row.1.contains(search));
            found && (row.2 == 0 || row.2 > 1 && row.3 > 1)
        };
        let all: Vec<&Plain> = rows.into_iter().filter(fits).collect();
        let behind: Vec<&Plain> =
            all.iter().copied().filter(|row| after.as_deref().is_none_or(|after| row.0.as_str() > after)).collect();
        let page = page(&table, search.as_deref(), after.as_deref(), max);
        prop_assert_eq!(page.total, all.len());
        prop_assert_eq!(&page.rows[..], &behind[..behind.len().min(max)]);
        prop_assert_eq!(page.more, behind.len() > max);
    }
}

#[test]
fn classes_that_are_no_more_are_forgotten() {
    let mut table = Table::default();
    for class in 0..=u8::MAX {
        table.put(Arc::new(Plain("a".into(), "a".into(), class, 0)));
        table.check_invariants();
        assert!(table.chunks.values().all(|chunk| chunk.classes.len() <= 2 * ROWS_MAX + 1));
    }
}
