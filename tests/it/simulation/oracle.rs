//! What must be true, whatever happened.

use std::collections::BTreeMap;

use quire::book::{Book, Committed, Fact};
use quire::store::LogId;
use quire_protocol::codec::decode_record;
use quire_protocol::{CommandId, Seq, UserId};

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
}

impl Fate {
    /// What is known after another answer.
    pub fn then(self, answer: Self) -> Self {
        match (self, answer) {
            // A no does not take back what an attempt before it may have done.
            (Self::Unknown, Self::Refused) => Self::Unknown,
            (Self::Done | Self::Fine, later) => {
                assert!(matches!(later, Self::Done | Self::Fine | Self::Unknown), "a yes is never taken back");
                self
            }
            (_, answer) => answer,
        }
    }
}

/// The history, replayed from what is durable: one holder a chapter, contiguous, tokens that rise ([`Book::apply`]
/// asserts it), every command at most once.
pub async fn replay(town: &Town, fates: &BTreeMap<(UserId, CommandId), Fate>) -> Book {
    let records = town.store.read_archive(LogId::Book(moby()), Seq(1), usize::MAX, usize::MAX).await.unwrap();
    let mut book = Book::new(moby());
    let mut executed = BTreeMap::<_, usize>::new();
    for record in records {
        let fact: Fact = decode_record(&record.payload).unwrap();
        if let Some((user, id, _)) = &fact.command {
            *executed.entry((user.clone(), id.clone())).or_default() += 1;
        }
        book.apply(&Committed { seq: record.seq, stamp: record.stamp, at: record.at, fact });
        book.check_invariants();
    }
    for (command, fate) in fates {
        let times = executed.get(command).copied().unwrap_or(0);
        let as_said = match fate {
            Fate::Done => times == 1,
            Fate::Fine | Fate::Unknown => times <= 1,
            Fate::Refused => times == 0,
        };
        assert!(as_said, "{command:?} was answered {fate:?} and is in the log {times} times");
    }
    book
}

/// Everybody who may look sees the book that the history tells of, and everybody in it is there.
pub fn agrees(town: &Town, book: &Book, name: &str, seen: &quire_protocol::view::Snapshot) {
    let told = book.snapshot(&user(name), town.clock.now(), &|_| false);
    assert_eq!(*seen, told, "{name} sees what happened");
}
