//! The store contract: ordered logs with fences, and an index of books. It knows no rule and no session.
//!
//! A log is a sequence of opaque payloads. [`Store::append`] succeeds only if the log's tail still is where the caller
//! believes it to be; so whoever decided on an old state is told and decides again, and no leader is needed. Numbers
//! like R1 name the rules that `ARCHITECTURE.md` lists; `tests/it/store_contract` holds every implementation to them.
//!
//! - R1: a [`Position`] is (epoch, seq, tag). The tag is random for each append and stored with every record, so two
//!   histories that grew to the same length are told apart.
//! - R2: [`Store::compact`] is a compare-and-set; what it trims goes to an append-only archive.
//! - R8: repeating an append (same tag, same `after`) never does it twice: the own tag is found and answered as done.
//! - R10: a conflict carries what was missed; whoever missed twice has the next turn, and others are told `Busy`.
//! - R13: [`Store::read`] returns records from exactly `after + 1`, or a snapshot: nothing is skipped in silence.
//! - R14: everything is checked before anything is written.
//!
//! Stamps: record i of an append has the stamp `max(last stamp of this log + 1, floor + 1, clock in µs) + i`. They
//! only rise, and serve as fencing tokens.
//!
//! A store that several replicas share offers more than logs: [`shared`].

mod card;
pub mod embedded;
pub mod memory;
mod names;
pub mod patient;
pub mod redis;
pub(crate) mod rules;
pub mod shared;

use bytes::Bytes;
use futures::future::BoxFuture;
use quire_protocol::{BookId, Epoch, ReplicaId, Seq, Timestamp, Token, UserId};
use serde::{Deserialize, Serialize};

pub use card::Card;
pub(crate) use names::hex;
pub use names::{Drawer, LogId, Shelf, Within};

/// Records that a compaction leaves in the log, so that clients which were away for a moment catch up by events.
pub const KEPT_RECORDS: u64 = 1_000;

/// Misses in a row after which a replica gets the next turn to append (R10).
pub const MISSES_FOR_TURN: u32 = 2;

/// How long others wait for a replica that has the turn, milliseconds (R10).
pub const TURN_MS: u64 = 20;

/// The newest schema of records and snapshots that this version reads and writes (R16).
pub const SCHEMA: u32 = 1;

/// A random number that names one append (R1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tag(pub u64);

/// A place in a log's history (R1). Only epoch and seq go on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The life of the log.
    pub epoch: Epoch,
    /// The last record.
    pub seq: Seq,
    /// The append that wrote it.
    pub tag: Tag,
}

/// One durable record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its number in the log, from 1.
    pub seq: Seq,
    /// Its stamp: rises within the log, below 2^53.
    pub stamp: Token,
    /// The store's clock when it was appended.
    pub at: Timestamp,
    /// The append that wrote it.
    pub tag: Tag,
    /// What the caller gave.
    pub payload: Bytes,
}

/// One append: all of it happens, or nothing.
#[derive(Clone, Debug)]
pub struct Append {
    /// Where to.
    pub log: LogId,
    /// The tail the caller decided on; `None`: the log does not exist yet and is created.
    pub after: Option<Position>,
    /// Names this append; the same again is the same append (R8).
    pub tag: Tag,
    /// At least one payload.
    pub payloads: Vec<Bytes>,
    /// The fence that must hold this token, else nothing is written.
    pub guard: Option<(LogId, Token)>,
    /// Fences to change in the same step. A fence belongs to a log of the same book.
    pub fences: Vec<(LogId, FenceChange)>,
    /// The highest stamp the caller has seen; new ones are higher.
    pub stamp_floor: Token,
    /// Who appends.
    pub by: ReplicaId,
    /// How often in a row the tail was elsewhere when the caller tried (R10).
    pub misses: u32,
}

/// A change of a fence. A log without a fence refuses every guarded append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FenceChange {
    /// From now on exactly the stamp of this payload (by index) passes.
    Grant(usize),
    /// From now on nothing passes.
    End,
}

/// An append that is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The tail after it.
    pub position: Position,
    /// The stamp of its first record; record i has `+ i`.
    pub first_stamp: Token,
    /// The store's clock.
    pub at: Timestamp,
}

/// Why an append was not answered with yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// The tail is elsewhere in the same epoch; nothing was written. Carries what the caller missed (R10).
    Conflict(Box<Read>),
    /// Another replica that kept missing the tail has the turn; nothing was written. Try again in some milliseconds (R10).
    Busy,
    /// The log is in another epoch, or is gone: what the caller believes is not the history any more.
    EpochChanged,
    /// The guard's token is not the fence's; nothing was written.
    Fenced,
    /// It may have happened: repeat the same append to find out (R8).
    Unknown,
    /// It did not happen: the store cannot be asked.
    Unavailable,
}

/// What a read found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// There is no such log: it was never written, or is forgotten.
    Absent,
    /// All records after the asked position, in order, nothing missing; `tail` is the last one's position.
    Records {
        /// From exactly `after + 1`.
        records: Vec<Record>,
        /// Where the log ends.
        tail: Position,
    },
    /// The asked position is unknown here (nothing asked, trimmed, or another history): start from a snapshot.
    Snapshot {
        /// The newest snapshot and where it was taken; `None`: the log has none yet, `records` begin at 1.
        snapshot: Option<(Position, Bytes)>,
        /// All records after the snapshot.
        records: Vec<Record>,
        /// Where the log ends.
        tail: Position,
    },
}

impl Read {
    /// What a read without a position found: the newest snapshot, the records after it, and the log's end. `None`: there
    /// is no log.
    #[expect(clippy::type_complexity, reason = "three things that only belong together here")]
    pub fn whole(self) -> Option<(Option<(Position, Bytes)>, Vec<Record>, Position)> {
        match self {
            Self::Absent => None,
            Self::Records { records, tail } => Some((None, records, tail)),
            Self::Snapshot { snapshot, records, tail } => Some((snapshot, records, tail)),
        }
    }
}

/// The store could not answer; nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// It cannot be reached right now.
    Unavailable,
    /// It answered with something that cannot be; the text says what was read.
    Corrupt(String),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unavailable => f.write_str("the store cannot be reached"),
            Self::Corrupt(found) => write!(f, "the store is damaged: {found}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// What a compaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compacted {
    /// The snapshot is stored; records before it were trimmed to the archive but for the last [`KEPT_RECORDS`].
    Done,
    /// Refused: another epoch, a tag that is not in the log, or a newer snapshot is there already (R2).
    Stale,
}

/// Everything the hub needs of a store. Object-safe, so that tests can wrap it.
pub trait Store: Send + Sync + 'static {
    /// Appends records if the log's tail is `append.after`. Durable before it is answered.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>>;

    /// Reads everything after `after`, or a snapshot with everything after it (R13).
    fn read(&self, log: LogId, after: Option<Position>) -> BoxFuture<'_, Result<Read, StoreError>>;

    /// Where the log ends; `None`: it does not exist.
    fn tail(&self, log: LogId) -> BoxFuture<'_, Result<Option<Position>, StoreError>>;

    /// Stores `snapshot` as the state at `position` and trims what is before it, if `position` is in the log (R2).
    fn compact(&self, log: LogId, position: Position, snapshot: Bytes) -> BoxFuture<'_, Result<Compacted, StoreError>>;

    /// Reads records from seq `from` on, trimmed ones included: up to `limit`, whose payloads weigh up to `bytes`
    /// together. It stops before the record that would be too much, so a heavy one may leave nothing to answer.
    fn read_archive(
        &self,
        log: LogId,
        from: Seq,
        limit: usize,
        bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Record>, StoreError>>;

    /// Deletes a log with all that it ever held, archive and snapshot and fence too: then there is none. Idempotent. Only
    /// for what nobody can ask for any more.
    fn forget(&self, log: LogId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Puts a card into the index unless a newer one (by seq) is there. Idempotent; an equal one costs no write.
    fn put_card(&self, card: Card) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Cards whose members include `user`, by book id after `after`.
    fn cards_of(
        &self,
        user: UserId,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>>;

    /// Cards with an invitation to this normal address, by book id after `after`.
    fn cards_inviting(
        &self,
        email: String,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>>;

    /// Cards of books that whoever proved this normal address may still claim, by book id after `after`: those that
    /// are for anyone, and those for the address. Without an address only the former.
    fn cards_claimable(
        &self,
        email: Option<String>,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>>;
}
