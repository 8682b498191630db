//! Rows in order, to be filtered, searched, counted and paged without a look at each of them.
//!
//! Rows stand in chunks. A chunk has what its rows are searched by in one text, and for each row the number of its class: rows of
//! a class are alike to every filter, so each class is judged once and its rows are counted. Cheap to clone: what is large
//! is shared until it is changed.

use std::fmt::Debug;
use std::sync::Arc;

use imbl::OrdMap;
use memchr::memmem::Finder;

/// Rows of a chunk, before it is divided; few in tests, so that they have several.
const ROWS_MAX: usize = if cfg!(test) { 4 } else { 512 };
/// Behind the text of each row, so that nothing that is searched for is found across two.
const END: char = '\u{0}';

/// Something that stands in a table.
pub(super) trait Row {
    /// What filters ask first.
    type Class: Clone + Debug + PartialEq;
    /// What they ask then, small.
    type Marks: Copy + Debug;

    /// Its place in the order; of its own.
    fn key(&self) -> &str;
    /// What a search looks through.
    fn text(&self) -> &str;
    fn class(&self) -> Self::Class;
    fn marks(&self) -> Self::Marks;
}

/// Whether rows fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No,
    /// That depends on each of them.
    Perhaps,
}

/// Which rows are wanted.
pub(super) struct Wanted<'a, R: Row> {
    /// Text that is in them.
    pub(super) search: Option<&'a str>,
    pub(super) class: &'a dyn Fn(&R::Class) -> Fit,
    /// Of a class that fits perhaps: no, if this says no.
    pub(super) marks: &'a dyn Fn(R::Marks) -> bool,
    /// If that says yes, this decides.
    pub(super) row: &'a dyn Fn(&R) -> bool,
}

/// Some of the rows that are wanted.
pub(super) struct Page<'a, R> {
    pub(super) rows: Vec<&'a R>,
    /// There are more behind them.
    pub(super) more: bool,
    /// How many there are in the whole table.
    pub(super) total: usize,
}

/// Rows in the order of their keys.
#[derive(Debug)]
pub(super) struct Table<R: Row> {
    /// Each under a key that is not above that of its first row; the first one under the least of all.
    chunks: OrdMap<String, Arc<Chunk<R>>>,
}

#[derive(Debug)]
struct Chunk<R: Row> {
    rows: Vec<Arc<R>>,
    marks: Vec<R::Marks>,
    /// Each once.
    classes: Vec<R::Class>,
    /// For each row the place of its class.
    class_of: Vec<u16>,
    text: String,
    /// For each row where its text ends.
    ends: Vec<usize>,
}

impl<R: Row> Clone for Table<R> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone() }
    }
}

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        Self { chunks: OrdMap::new() }
    }
}

impl<R: Row + PartialEq> PartialEq for Table<R> {
    /// How the rows are divided says nothing.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<R: Row> Clone for Chunk<R> {
    fn clone(&self) -> Self {
        Self {
            rows: self.rows.clone(),
            marks: self.marks.clone(),
            classes: self.classes.clone(),
            class_of: self.class_of.clone(),
            text: self.text.clone(),
            ends: self.ends.clone(),
        }
    }
}

impl<R: Row> Table<R> {
    /// Puts a row in its place; one with the same key goes.
    pub(super) fn put(&mut self, row: Arc<R>) {
        let bound = self.bound_of(row.key());
        let chunk = self.chunks.entry(bound).or_insert_with(|| Arc::new(Chunk::of(&[])));
        let chunk = Arc::make_mut(chunk);
        chunk.put(row);
        if chunk.rows.len() > ROWS_MAX {
            let later = chunk.divide();
            self.chunks.insert(later.rows[0].key().to_owned(), Arc::new(later));
        }
    }

    /// Takes the row with this key out, if there is one.
    pub(super) fn take(&mut self, key: &str) {
        let bound = self.bound_of(key);
        let Some(chunk) = self.chunks.get_mut(&bound) else { return };
        let Ok(place) = chunk.find(key) else { return };
        let chunk = Arc::make_mut(chunk);
        chunk.take(place);
        if chunk.rows.is_empty() && !bound.is_empty() {
            self.chunks.remove(&bound);
        }
    }

    /// Under which key the chunk is that has this one, or would.
    fn bound_of(&self, key: &str) -> String {
        self.chunks.get_prev(key).map(|(bound, _)| bound.clone()).unwrap_or_default()
    }

    /// All rows in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &R> {
        self.chunks.values().flat_map(|chunk| chunk.rows.iter().map(AsRef::as_ref))
    }

    pub(super) fn len(&self) -> usize {
        self.chunks.values().map(|chunk| chunk.rows.len()).sum()
    }

    /// The first `max` of the wanted rows behind this key, and how many there are at all.
    pub(super) fn page(&self, wanted: &Wanted<'_, R>, after: Option<&str>, max: usize) -> Page<'_, R> {
        let finder = wanted.search.map(Finder::new);
        let mut page: Page<'_, R> = Page { rows: Vec::new(), more: false, total: 0 };
        for chunk in self.chunks.values() {
            let begin = after.map_or(0, |after| chunk.find(after).map_or_else(|place| place, |place| place + 1));
            chunk.each(wanted, finder.as_ref(), &mut |place| {
                page.total += 1;
                if place >= begin {
                    if page.rows.len() < max {
                        page.rows.push(&chunk.rows[place]);
                    } else {
                        page.more = true;
                    }
                }
            });
        }
        page
    }

    /// Asserts everything that must hold between changes.
    pub(super) fn check_invariants(&self) {
        let keys: Vec<&str> = self.iter().map(Row::key).collect();
        assert!(keys.is_sorted_by(|one, next| one < next), "rows stand in order, none twice");
        for (bound, chunk) in &self.chunks {
            assert!(chunk.rows.first().is_none_or(|row| bound.as_str() <= row.key()), "a bound is below its rows");
            assert!(chunk.rows.len() <= ROWS_MAX, "a chunk is small");
            let mut begin = 0;
            for (place, row) in chunk.rows.iter().enumerate() {
                let end = chunk.ends[place];
                assert_eq!(&chunk.text[begin..end], row.text(), "a row is found by its text");
                assert!(chunk.classes[usize::from(chunk.class_of[place])] == row.class(), "a row is of its class");
                begin = end + END.len_utf8();
            }
            assert_eq!(begin, chunk.text.len(), "no other text is there");
        }
    }
}

impl<R: Row> Chunk<R> {
    fn of(rows: &[Arc<R>]) -> Self {
        let mut chunk = Self {
            rows: Vec::new(),
            marks: Vec::new(),
            classes: Vec::new(),
            class_of: Vec::new(),
            text: String::new(),
            ends: Vec::new(),
        };
        for row in rows {
            chunk.insert(chunk.rows.len(), Arc::clone(row));
        }
        chunk
    }

    /// Where the row with this key is, or would be.
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.rows.binary_search_by(|row| row.key().cmp(key))
    }

    fn put(&mut self, row: Arc<R>) {
        let place = self.find(row.key()).inspect(|place| self.take(*place)).unwrap_or_else(|place| place);
        self.insert(place, row);
    }

    fn begin(&self, place: usize) -> usize {
        place.checked_sub(1).map_or(0, |before| self.ends[before] + END.len_utf8())
    }

    fn insert(&mut self, place: usize, row: Arc<R>) {
        let (begin, length) = (self.begin(place), row.text().len());
        self.text.insert(begin, END);
        self.text.insert_str(begin, row.text());
        self.ends.insert(place, begin + length);
        self.ends[place + 1..].iter_mut().for_each(|end| *end += length + END.len_utf8());
        let class = row.class();
        let known = self.classes.iter().position(|known| *known == class);
        let number = known.unwrap_or_else(|| {
            self.classes.push(class);
            self.classes.len() - 1
        });
        self.class_of.insert(place, u16::try_from(number).expect("a chunk has few classes"));
        self.marks.insert(place, row.marks());
        self.rows.insert(place, row);
    }

    fn take(&mut self, place: usize) {
        let (begin, end) = (self.begin(place), self.ends[place] + END.len_utf8());
        self.text.replace_range(begin..end, "");
        self.ends.remove(place);
        self.ends[place..].iter_mut().for_each(|later| *later -= end - begin);
        self.class_of.remove(place);
        self.marks.remove(place);
        self.rows.remove(place);
        // Classes that no row has any more are forgotten before they are many.
        if self.classes.len() > 2 * ROWS_MAX {
            *self = Self::of(&self.rows);
        }
    }

    /// Keeps the first half and gives the second.
    fn divide(&mut self) -> Self {
        let (first, second) = self.rows.split_at(self.rows.len() / 2);
        let (first, second) = (Self::of(first), Self::of(second));
        *self = first;
        second
    }

    /// Tells the place of each row that is wanted, in order.
    fn each(&self, wanted: &Wanted<'_, R>, finder: Option<&Finder<'_>>, tell: &mut dyn FnMut(usize)) {
        let mut fits: Vec<Option<Fit>> = vec![None; self.classes.len()];
        let mut is_wanted = |place: usize| {
            let class = usize::from(self.class_of[place]);
            match *fits[class].get_or_insert_with(|| (wanted.class)(&self.classes[class])) {
                Fit::Yes => true,
                Fit::No => false,
                Fit::Perhaps => (wanted.marks)(self.marks[place]) && (wanted.row)(&self.rows[place]),
            }
        };
        let Some(finder) = finder else {
            return (0..self.rows.len()).filter(|place| is_wanted(*place)).for_each(tell);
        };
        let (mut from, mut place) = (0, 0);
        while let Some(found) = finder.find(&self.text.as_bytes()[from..]) {
            let (begin, end) = (from + found, from + found + finder.needle().len());
            while self.ends[place] < begin {
                place += 1;
            }
            if end <= self.ends[place] && is_wanted(place) {
                tell(place);
            }
            // Once is enough for a row.
            place += 1;
            let Some(before) = self.ends.get(place - 1).filter(|_| place < self.rows.len()) else { return };
            from = before + END.len_utf8();
        }
    }
}

#[cfg(test)]
mod tests;
