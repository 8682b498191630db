//! What must be true, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use quire::book::{Book, Committed, Fact, Saved};
use quire::store::{LogId, Read};
use quire_protocol::codec::decode_record;
use quire_protocol::{CommandId, UserId};

use crate::harness::{Town, moby, user};

/// What is known of a command that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was a yes that stands for an event.
    Done,
    /// It was a yes; perhaps nothing had to be done.
    Fine,
    /// It was a no, the first time already.
    Refused,
    /// It may have been done.
    Unknown,
    /// It was a yes, and the store lost it, unless some hub knew it.
    Lost,
}

impl Fate {
    /// What is known after the store lost its end while hubs were out of touch.
    pub fn lost(self) -> Self {
        match self {
            Self::Done | Self::Fine | Self::Lost => Self::Lost,
            Self::Refused | Self::Unknown => self,
        }
    }

    /// What is known after another answer.
    pub fn then(self, answer: Self) -> Self {
        match (self, answer) {
            // A no does not take back what an attempt before it may have done.
            (Self::Unknown, Self::Refused) => Self::Unknown,
            (Self::Done | Self::Fine, later) => {
                assert!(matches!(later, Self::Done | Self::Fine | Self::Unknown), "a yes is never taken back");
                self
            }
            (Self::Lost, Self::Refused) => Self::Lost,
            (_, answer) => answer,
        }
    }
}

/// The history, replayed from what is durable: one holder a chapter, contiguous, tokens that rise, every command at most
/// once ([`Book::apply`] asserts it), and every yes in it.
pub async fn replay(town: &Town, fates: &BTreeMap<(UserId, CommandId), Fate>) -> Book {
    let (snapshot, records) = match town.store.read(LogId::Book(moby()), None).await.unwrap() {
        Read::Snapshot { snapshot, records, .. } => (snapshot, records),
        other => panic!("the book is there: {other:?}"),
    };
    let restored = snapshot.map(|(_, bytes)| Book::restore(decode_record::<Saved>(&bytes).unwrap()));
    let mut book = restored.unwrap_or_else(|| Book::new(moby()));
    for record in records {
        let fact: Fact = decode_record(&record.payload).unwrap();
        book.apply(&Committed { seq: record.seq, stamp: record.stamp, at: record.at, fact });
        book.check_invariants();
    }
    let executed = executed(&book);
    for (command, fate) in fates {
        let there = executed.contains(command);
        let as_said = match fate {
            Fate::Done => there,
            Fate::Fine | Fate::Unknown | Fate::Lost => true,
            Fate::Refused => !there,
        };
        assert!(as_said, "{command:?} was answered {fate:?}, and is in the book: {there}");
    }
    book
}

/// The commands that the book remembers: all of them, in a history of this length.
fn executed(book: &Book) -> BTreeSet<(UserId, CommandId)> {
    let saved = serde_json::to_value(book.save()).unwrap();
    let rows = saved["V1"]["memory"]["executed"].as_array().expect("a saved book remembers commands").clone();
    let row = |row: &serde_json::Value| {
        let text = |index: usize| row[index].as_str().expect("an id is text");
        (UserId::new(text(0)).unwrap(), CommandId::new(text(1)).unwrap())
    };
    rows.iter().map(row).collect()
}

/// Everybody who may look sees the book that the history tells of, and everybody in it is there.
pub fn agrees(town: &Town, book: &Book, name: &str, seen: &quire_protocol::view::Snapshot) {
    let told = book.snapshot(&user(name), town.clock.now(), &|_| false);
    assert_eq!(*seen, told, "{name} sees what happened");
}
