//! Which books a library has, and what they are like: a copy of what the books' own logs say. It may lag, and allows nothing
//! (R17).

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use imbl::OrdMap;
use quire_protocol::event::Person;
use quire_protocol::publishing::{ListedRevision, PublishState, RevisionState};
use quire_protocol::{BookId, Limits, Rejection, Seq};
use serde::{Deserialize, Serialize};

use super::rights::BookFacts;
use super::table::{Row, Table};
use super::{Event, Library, key};

/// What a book of the library is like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shelved {
    /// Which.
    pub book: BookId,
    /// The last event of the book that this knows.
    pub seq: Seq,
    /// Its title.
    pub title: String,
    /// Its categories.
    pub categories: Vec<String>,
    /// How far it is on its way to its readers.
    #[serde(default)]
    pub state: PublishState,
    /// What was submitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<ListedRevision>,
    /// Who owns it.
    pub owner: Option<Person>,
}

impl Shelved {
    /// Says the same of the same book, whenever that was.
    pub fn is_like(&self, other: &Self) -> bool {
        Self { seq: other.seq, ..self.clone() } == *other
    }
}

/// A book with what follows from what it is like.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) shelved: Shelved,
    /// Its title as it is compared, and its id behind it: its place in the order.
    place: String,
    pub(super) categories: Arc<BTreeSet<String>>,
}

/// What filters ask of many books at once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Class {
    pub(super) categories: Arc<BTreeSet<String>>,
    state: PublishState,
    revision: Option<RevisionState>,
}

impl Class {
    /// They are so far, or what was submitted of them is.
    pub(super) fn is_in(&self, state: PublishState) -> bool {
        self.state == state || self.revision.is_some_and(|revision| PublishState::from(revision) == state)
    }
}

/// What a book's owner and title are known by: two that differ may have the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    pub(super) owner: Option<u64>,
    pub(super) title: u64,
}

/// A number for a text, likely another one for another.
pub(super) fn mark(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Entry {
    fn new(book: &Shelved) -> Self {
        Self {
            place: format!("{}\n{}", key(&book.title), book.book),
            categories: Arc::new(book.categories.iter().map(|category| key(category)).collect()),
            shelved: book.clone(),
        }
    }

    pub(super) fn facts(&self) -> BookFacts<'_> {
        let owner = self.shelved.owner.as_ref().map(|owner| &owner.user);
        BookFacts { title: self.text(), categories: &self.categories, owner }
    }
}

impl Row for Entry {
    type Class = Class;
    type Marks = Marks;

    fn key(&self) -> &str {
        &self.place
    }

    fn text(&self) -> &str {
        self.place.rsplit_once('\n').map_or("", |(title, _)| title)
    }

    fn class(&self) -> Self::Class {
        let Shelved { state, revision, .. } = &self.shelved;
        let categories = Arc::clone(&self.categories);
        Class { categories, state: *state, revision: revision.map(|revision| revision.state) }
    }

    fn marks(&self) -> Marks {
        let owner = self.shelved.owner.as_ref().map(|owner| mark(owner.user.as_str()));
        Marks { owner, title: mark(self.text()) }
    }
}

/// All books of a library.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shelf {
    /// `None`: it was taken out, and what is older than that brings it back no more.
    books: OrdMap<BookId, (Seq, Option<Arc<Entry>>)>,
    /// Those that are there, by title.
    order: Table<Entry>,
}

impl Shelf {
    /// What is older than what is known changes nothing.
    pub(super) fn put(&mut self, book: &Shelved) {
        if self.knows(&book.book, book.seq) {
            return;
        }
        self.remove(&book.book);
        let entry = Arc::new(Entry::new(book));
        self.order.put(Arc::clone(&entry));
        self.books.insert(book.book.clone(), (book.seq, Some(entry)));
    }

    pub(super) fn take(&mut self, book: &BookId, seq: Seq) {
        if !self.knows(book, seq) {
            self.remove(book);
            self.books.insert(book.clone(), (seq, None));
        }
    }

    fn remove(&mut self, book: &BookId) {
        if let Some((_, Some(entry))) = self.books.get(book) {
            self.order.take(entry.key());
        }
    }

    /// Whether something that young is known of a book.
    pub(super) fn knows(&self, book: &BookId, seq: Seq) -> bool {
        self.books.get(book).is_some_and(|(known, _)| *known >= seq)
    }

    pub(super) fn get(&self, book: &BookId) -> Option<&Entry> {
        self.books.get(book)?.1.as_deref()
    }

    /// Those that are there, by title.
    pub(super) fn order(&self) -> &Table<Entry> {
        &self.order
    }

    /// Everything that is known, for a snapshot.
    pub(super) fn known(&self) -> impl Iterator<Item = (&BookId, Seq, Option<&Shelved>)> {
        self.books.iter().map(|(book, (seq, entry))| (book, *seq, entry.as_ref().map(|entry| &entry.shelved)))
    }

    pub(super) fn check_invariants(&self) {
        let there = self.books.values().filter(|(_, entry)| entry.is_some()).count();
        assert_eq!(there, self.order.len(), "each book that is there has its place in the order");
        self.order.check_invariants();
        for entry in self.order.iter() {
            assert_eq!(self.get(&entry.shelved.book), Some(entry), "the order has books as they are");
        }
    }
}

/// Both say the same of a book, or that it is not there.
pub fn are_alike(left: Option<&Shelved>, right: Option<&Shelved>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => left.is_like(right),
        (left, right) => left.is_none() && right.is_none(),
    }
}

impl Library {
    /// The change after which the list says of a book what `shelved` says (`None`: it is not there); nothing if it does so
    /// already, or knows something younger.
    pub fn projected(
        &self,
        book: &BookId,
        seq: Seq,
        shelved: Option<&Shelved>,
        limits: &Limits,
    ) -> Result<Vec<Event>, Rejection> {
        let there = self.shelf.get(book).map(|entry| &entry.shelved);
        if self.shelf.knows(book, seq) || are_alike(there, shelved) {
            return Ok(Vec::new());
        }
        let Some(shelved) = shelved else { return Ok(vec![Event::BookUnshelved { book: book.clone(), seq }]) };
        let (used, max) = (self.shelf.order.len(), limits.books_per_library);
        if there.is_none() && used >= max {
            let limit = "books_per_library".into();
            return Err(Rejection::LimitReached { limit, max: max as u64, used: used as u64 });
        }
        Ok(vec![Event::BookShelved { book: shelved.clone() }])
    }
}
