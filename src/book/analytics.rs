//! What is said of the work on many books together: sums, and nobody's name. Made of the reports of single books, one after the
//! other; of all of them nothing is kept but what is said.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use quire_protocol::Rejection;
use quire_protocol::publishing::PublishState;

use super::report::{Entry, Period};
use crate::library::Shelved;

/// People of all days: each once for each of their days.
const PEOPLE_MAX: usize = 200_000;
/// Categories that are told apart.
const CATEGORIES_MAX: usize = 10_000;

/// What was done on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Counted from the first of January 1970.
    pub day: u64,
    /// People who did something that others could see.
    pub people: u64,
    /// Tabs in which they did.
    pub tabs: u64,
    /// Words that came with what was written.
    pub words_added: u64,
    /// Words that went with it.
    pub words_removed: u64,
    /// Comments and answers that were written.
    pub comments: u64,
}

/// What was done in the books of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its name; `None`: books in no category.
    pub name: Option<String>,
    /// How many books are in it.
    pub books: u64,
    /// Words that came with what was written.
    pub words_added: u64,
    /// Words that went with it.
    pub words_removed: u64,
}

/// All that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many books were counted.
    pub books: u64,
    /// How many people did something in them.
    pub people: u64,
    /// How many books are how far, in the order in which books pass through the states.
    pub states: [(PublishState, u64); PublishState::ALL.len()],
    /// By category, the most books first. A book may be in several.
    pub categories: Vec<Category>,
    /// Each day of the period.
    pub days: Vec<Day>,
}

/// Analytics that are being made.
#[derive(Clone, Debug)]
pub struct Analytics {
    period: Period,
    books: u64,
    states: BTreeMap<PublishState, u64>,
    /// By the name as it is compared; empty: in none.
    categories: BTreeMap<String, Category>,
    days: BTreeMap<u64, Day>,
    /// A number for each person, which nobody is told.
    people: BTreeMap<u64, BTreeSet<u64>>,
    /// Entries of `people`.
    seen: usize,
}

impl Analytics {
    /// No book was counted yet.
    pub fn new(period: Period) -> Self {
        Self {
            period,
            books: 0,
            states: BTreeMap::new(),
            categories: BTreeMap::new(),
            days: BTreeMap::new(),
            people: BTreeMap::new(),
            seen: 0,
        }
    }

    /// Takes in a book and its report of the period.
    pub fn add(&mut self, book: &Shelved, entries: &[Entry]) -> Result<(), Rejection> {
        self.books += 1;
        *self.states.entry(book.state).or_default() += 1;
        let sum = |of: fn(&Entry) -> u64| entries.iter().map(of).sum::<u64>();
        let added = sum(|entry| entry.counts.words_added);
        let removed = sum(|entry| entry.counts.words_removed);
        let named: BTreeMap<String, Option<&String>> = match &book.categories[..] {
            [] => BTreeMap::from([(String::new(), None)]),
            names => names.iter().map(|name| (crate::library::key(name), Some(name))).collect(),
        };
        for (key, name) in named {
            let new = || Category { name: name.cloned(), books: 0, words_added: 0, words_removed: 0 };
            let category = self.categories.entry(key).or_insert_with(new);
            category.books += 1;
            category.words_added += added;
            category.words_removed += removed;
        }
        if self.categories.len() > CATEGORIES_MAX {
            return Err(Rejection::TooLarge { limit: "analytics_categories".into(), max: CATEGORIES_MAX as u64 });
        }
        entries.iter().try_for_each(|entry| self.add_day(entry))
    }

    fn add_day(&mut self, entry: &Entry) -> Result<(), Rejection> {
        let Entry { day, user, counts, .. } = entry;
        let of_day = self.days.entry(*day).or_default();
        of_day.tabs += counts.tabs;
        of_day.words_added += counts.words_added;
        of_day.words_removed += counts.words_removed;
        of_day.comments += counts.comments;
        if let Some(user) = user {
            // Ids are numbers here, so that people cost little; that two share one is beyond all likelihood.
            let number = BuildHasherDefault::<DefaultHasher>::default().hash_one(user);
            self.seen += usize::from(self.people.entry(*day).or_default().insert(number));
        }
        if self.seen > PEOPLE_MAX {
            return Err(Rejection::TooLarge { limit: "analytics_rows".into(), max: PEOPLE_MAX as u64 });
        }
        Ok(())
    }

    /// What all of it comes to.
    pub fn end(self) -> Summary {
        let Self { period, books, states, categories, days, people, seen: _ } = self;
        let everybody: BTreeSet<u64> = people.values().flatten().copied().collect();
        let of_day = |day: u64| {
            let people = people.get(&day).map_or(0, |people| people.len() as u64);
            Day { day, people, ..days.get(&day).copied().unwrap_or_default() }
        };
        let mut categories: Vec<Category> = categories.into_values().collect();
        categories.sort_by_key(|category| std::cmp::Reverse(category.books));
        Summary {
            books,
            people: everybody.len() as u64,
            states: PublishState::ALL.map(|state| (state, states.get(&state).copied().unwrap_or(0))),
            categories,
            days: (period.first()..=period.last()).map(of_day).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
