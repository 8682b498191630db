//! Telling people what concerns them, so that nothing is lost when the hub dies between a commit and the telling.
//!
//! Three things make it so. The log `book/{id}/told` says up to which event everybody was told; whoever loads the book
//! goes on from there, and a snapshot never covers what nobody was told of. The log `telling/{shelf}` names a book before
//! the first event that may concern somebody, and until its actor stops with nothing left to tell: so a book that nobody
//! opens after a crash is found. And what is told has an id of its own in the inbox, so that telling twice is harmless.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use quire_protocol::codec::decode_record;
use quire_protocol::inbox::Told;
use quire_protocol::{BookId, Rejection, ReplicaId, Seq, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, oneshot};

use super::replicas::Standing;
use super::{Hub, Mail, ledger, unavailable};
use crate::chapter::journal::{Journal, encode};
use crate::store::{LogId, Shelf};

/// Inboxes of one book that are written at a time.
const AT_ONCE: usize = 8;
/// What dead hubs left untold is looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// And this often while some is left.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Books that one look begins with.
const LOOK_BOOKS: usize = 64;
/// Books in which somebody may not have been told yet, on one shelf.
const MARKS_MAX: usize = 4_096;

/// Up to which event of a book everybody was told what concerns them. `None`: nobody was ever to be told anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ToldUpTo {
    up_to: Option<Seq>,
}

impl Journal for ToldUpTo {
    type Change = Self;

    const RECORDS_MAX: usize = 64;

    fn restore(snapshot: &[u8]) -> Result<Self, String> {
        decode_record(snapshot)
    }

    fn snapshot(&self) -> Bytes {
        encode(self)
    }

    fn apply(&mut self, change: Self, _: Timestamp) {
        self.up_to = self.up_to.max(change.up_to);
    }
}

/// What happens to the marks of a shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(crate) enum Marking {
    /// Somebody may have to be told what happens in this book from now on. `number` is random.
    Begun { number: u64, book: BookId, by: ReplicaId },
    /// Everybody was told.
    Over { number: u64 },
}

/// Books in which somebody may not have been told yet, and which replica sees to that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(BTreeMap<u64, (BookId, ReplicaId)>);

#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 { marks: BTreeMap<u64, (BookId, ReplicaId)> },
}

impl Journal for Marks {
    type Change = Marking;

    const RECORDS_MAX: usize = 128;

    fn restore(snapshot: &[u8]) -> Result<Self, String> {
        let Saved::V1 { marks } = decode_record(snapshot)?;
        Ok(Self(marks))
    }

    fn snapshot(&self) -> Bytes {
        encode(&Saved::V1 { marks: self.0.clone() })
    }

    fn apply(&mut self, change: Marking, _: Timestamp) {
        match change {
            Marking::Begun { number, book, by } => drop(self.0.insert(number, (book, by))),
            Marking::Over { number } => drop(self.0.remove(&number)),
        }
    }
}

/// Something to be told, and to whom.
pub(crate) struct Telling {
    /// After this event.
    pub(crate) seq: Seq,
    /// It happened here. What happened on another replica is that one's to tell while it lives.
    pub(crate) own: bool,
    /// The book is in the library.
    pub(crate) in_library: bool,
    /// Who.
    pub(crate) to: Vec<UserId>,
    /// What.
    pub(crate) told: Told,
}

/// Whoever changes a shelf of this hub's marks waits for this.
#[derive(Default)]
pub(super) struct MarkTurns([Mutex<()>; 16]);

fn shelf_of(book: &BookId) -> (LogId, usize) {
    let hash: [u8; 32] = Sha256::digest(book.as_str()).into();
    (LogId::Telling(Shelf::of(&hash)), usize::from(hash[0] & 0xf))
}

impl Hub {
    /// Notes that people may have to be told what happens in this book after `seq`, before it happens.
    pub(super) async fn begin_telling(&self, book: &BookId, number: u64, seq: Seq) -> Result<(), Rejection> {
        let first =
            |told: &ToldUpTo| Ok(told.up_to.is_none().then_some(ToldUpTo { up_to: Some(seq) }).into_iter().collect());
        ledger::change::<ToldUpTo>(self, &LogId::Told(book.clone()), first).await?;
        let begun = Marking::Begun { number, book: book.clone(), by: self.replica.clone() };
        let decide = |marks: &Marks| {
            // As good as full: the next hub would look for so many books at once.
            if marks.0.len() >= MARKS_MAX { Err(unavailable()) } else { Ok(vec![begun.clone()]) }
        };
        let (log, turn) = shelf_of(book);
        let _turn = self.mark_turns.0[turn].lock().await;
        ledger::change::<Marks>(self, &log, decide).await.map(drop)
    }

    /// Nobody is left to be told.
    pub(super) async fn end_telling(&self, book: &BookId, number: u64) -> Result<(), Rejection> {
        let over = |marks: &Marks| Ok(marks.0.get(&number).map(|_| Marking::Over { number }).into_iter().collect());
        let (log, turn) = shelf_of(book);
        let _turn = self.mark_turns.0[turn].lock().await;
        ledger::change::<Marks>(self, &log, over).await.map(drop)
    }

    /// Up to which event everybody was told. `None`: nobody was ever to be told anything.
    pub(super) async fn told_up_to(&self, book: &BookId) -> Result<Option<Seq>, Rejection> {
        let (told, _, _) = ledger::read::<ToldUpTo>(self, &LogId::Told(book.clone())).await?;
        Ok(told.up_to)
    }

    /// Tells everybody, and notes that it is done. An error: some were not told; all are told again.
    pub(super) async fn tell_all(self: &Arc<Self>, book: &BookId, mut tellings: Vec<Telling>) -> Result<(), Rejection> {
        if tellings.iter().any(|telling| !telling.own) {
            let told = self.told_up_to(book).await?;
            tellings.retain(|telling| telling.own || told.is_none_or(|told| telling.seq > told));
        }
        // The library may say that nobody is told of some things.
        self.granted(true).await?;
        let Some(up_to) = tellings.iter().map(|telling| telling.seq).max() else { return Ok(()) };
        let mut by_user: BTreeMap<UserId, Vec<Told>> = BTreeMap::new();
        for Telling { to, told, .. } in &tellings {
            for user in to {
                by_user.entry(user.clone()).or_default().push(told.clone());
            }
        }
        let tell = |(user, told): (UserId, Vec<Told>)| async move { self.tell(&user, &told).await };
        stream::iter(by_user).map(tell).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        // Last, so that a webhook that cannot be written to keeps nobody else from being told.
        self.owe_webhooks(&tellings).await?;
        let further = |told: &ToldUpTo| {
            let behind = told.up_to.is_none_or(|told| told < up_to);
            Ok(behind.then_some(ToldUpTo { up_to: Some(up_to) }).into_iter().collect())
        };
        ledger::change::<ToldUpTo>(self, &LogId::Told(book.clone()), further).await.map(drop)
    }

    /// Marks of hubs that are gone.
    async fn left_untold(&self) -> Result<Vec<(u64, BookId)>, Rejection> {
        let is_gone = |by: &ReplicaId| match self.replicas() {
            Some(replicas) => *by != self.replica && replicas.standing(by) == Standing::Gone,
            None => *by != self.replica,
        };
        let mut left = Vec::new();
        for shelf in 0..16_u8 {
            let log = LogId::Telling(Shelf::of(&[shelf; 32]));
            let (marks, _, _) = ledger::read::<Marks>(self, &log).await?;
            left.extend(
                marks.0.into_iter().filter(|(_, (_, by))| is_gone(by)).map(|(number, (book, _))| (number, book)),
            );
        }
        Ok(left)
    }

    /// Has what a dead hub left untold in a book told by its actor; no: it is not done yet.
    async fn settle(self: &Arc<Self>, book: &BookId) -> bool {
        let (answer, settled) = oneshot::channel();
        let sent = self.send(book, Mail::Settle { answer }).is_ok();
        sent && settled.await.unwrap_or(false)
    }
}

/// Looks for books in which dead hubs left people untold. A hub that is alone has found them all once none is left.
pub(super) async fn watch(hub: Weak<Hub>) {
    loop {
        let pause = {
            let Some(hub) = hub.upgrade() else { return };
            match hub.left_untold().await {
                Ok(left) if left.is_empty() && hub.replicas().is_none() => return,
                Ok(left) if left.is_empty() => LOOK_EVERY,
                Ok(left) => {
                    for (number, book) in left.into_iter().take(LOOK_BOOKS) {
                        // A mark that stays is found again.
                        if hub.settle(&book).await && hub.end_telling(&book, number).await.is_err() {
                            tracing::debug!(%book, "everybody was told; the mark of it stays for a while");
                        }
                    }
                    LOOK_AGAIN
                }
                Err(_) => LOOK_AGAIN,
            }
        };
        tokio::time::sleep(pause).await;
    }
}
