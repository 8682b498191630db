//! What a store offers to replicas that share it: signals between them, leases, and the way back after a loss.
//!
//! The logs tell the truth. A signal may be lost, come twice or late; whoever misses one is late, never wrong (R13).
//! A lease says that a replica lives; time is the store's, so that clocks of replicas do not matter (R11).

use bytes::Bytes;
use futures::future::BoxFuture;
use quire_protocol::{BookId, Epoch, ReplicaId, Seq, Token};
use tokio::sync::mpsc;

use super::{LogId, Position, Record, Store, StoreError, Tag};

/// Wake-ups carry the records themselves up to this many bytes of payload; beyond it they say only where the log ends.
pub const WAKE_BYTES: usize = 16 * 1024;

/// Whom a signal reaches.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Every replica.
    Replicas,
    /// Replicas that subscribed to the book.
    Book(BookId),
}

/// A signal as it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Another replica appended to a log of a book that this one subscribed to.
    Appended(Box<Wake>),
    /// Another replica said something.
    Said {
        /// Where.
        channel: Channel,
        /// What, as it was published.
        words: Bytes,
    },
    /// Anything may have been missed: the line was down and is up again.
    Interrupted,
}

/// What a wake-up says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wake {
    /// Which log grew.
    pub log: LogId,
    /// Where it ended before; `None`: it was created.
    pub after: Option<Position>,
    /// Where it ends now.
    pub tail: Position,
    /// Everything between, or nothing if that was more than [`WAKE_BYTES`] or not confirmed when it was published.
    pub records: Vec<Record>,
}

impl Wake {
    /// Takes in the next wake-up of the same log, if it goes on where this one ends and both bring their records.
    pub fn takes_in(&mut self, next: &mut Self) -> bool {
        let goes_on = self.log == next.log && next.after == Some(self.tail);
        let whole = !self.records.is_empty() && !next.records.is_empty();
        if goes_on && whole {
            self.records.append(&mut next.records);
            self.tail = next.tail;
        }
        goes_on && whole
    }
}

/// Lossy signals between the replicas that share a store. Nobody hears what they said themselves.
pub trait Signals: Send + Sync + 'static {
    /// From now on `me` hears what goes to [`Channel::Replicas`] and to books it subscribes to. What does not fit into
    /// the queue is dropped.
    fn listen(&self, me: &ReplicaId, queue: mpsc::Sender<Heard>);

    /// Hears what is said about the book, from the moment this is answered with yes (R13). Stays in force over lost
    /// connections.
    fn subscribe(&self, me: &ReplicaId, book: BookId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Hears no more about the book.
    fn unsubscribe(&self, me: &ReplicaId, book: BookId);

    /// Says something to the others. Never waits; nobody knows whether it arrives.
    fn publish(&self, me: &ReplicaId, channel: Channel, words: Bytes);
}

/// Who lives: a replica with its data's schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// This boot of this process.
    pub replica: ReplicaId,
    /// The newest schema it can read and write (R16).
    pub schema: u32,
}

/// What a renewal found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// The lease was in force until now. No: it begins with this renewal; others may have acted as if it were dead.
    pub kept: bool,
    /// All leases in force, the own one included.
    pub alive: Vec<Lease>,
    /// Replicas whose lease ran out and that left books behind.
    pub dead: Vec<ReplicaId>,
    /// The store's mark, made once: another one means that the store lost what it had (R6).
    pub mark: Epoch,
}

/// Leases of replicas, kept by the store's clock.
pub trait Leases: Send + Sync + 'static {
    /// Renews the lease for `ttl_ms`, notes which books the replica began and ceased to serve since the last renewal,
    /// and says who else lives: one step.
    fn renew(
        &self,
        lease: &Lease,
        ttl_ms: u64,
        opened: Vec<BookId>,
        closed: Vec<BookId>,
    ) -> BoxFuture<'_, Result<Renewal, StoreError>>;

    /// Ends the own lease and forgets the books noted with it.
    fn end_lease(&self, me: &ReplicaId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// The books that a replica without a lease left behind; only the first who asks gets them.
    fn inherit(&self, dead: &ReplicaId) -> BoxFuture<'_, Result<Vec<BookId>, StoreError>>;
}

/// What a replica knows of a log that the store lost, wholly or in part (R6).
#[derive(Clone, Debug)]
pub struct Restore {
    /// Which log.
    pub log: LogId,
    /// Where the store's log ends, a prefix of what the replica knows; `None`: the store has nothing.
    pub instead_of: Option<Position>,
    /// Names this restoration, and the position it leads to.
    pub tag: Tag,
    /// The last record that the snapshot holds.
    pub seq: Seq,
    /// The stamp of that record.
    pub stamp: Token,
    /// The state at `seq`.
    pub snapshot: Bytes,
    /// The last records up to `seq`, without a gap, as far as they are known; may be empty.
    pub records: Vec<Record>,
    /// All fences of the book's chapters and the token that passes each; `None`: they stay as they are.
    pub fences: Option<Vec<(LogId, Token)>>,
}

/// What became of a restoration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// The log goes on from here, in a new epoch.
    Done(Position),
    /// Refused: the log is somewhere else meanwhile. What it says now is the history.
    Stale,
}

/// A store that several replicas can share.
pub trait Shared: Store + Signals + Leases {
    /// Where the logs end, in the order asked; one call for many.
    fn tails(&self, logs: Vec<LogId>) -> BoxFuture<'_, Result<Vec<Option<Position>>, StoreError>>;

    /// Puts back what the store lost. Succeeds if the log ends at `instead_of`, or was restored within the last
    /// [`RESTORE_WINDOW_MS`] from a state that knew less and has not grown since: the replica that knows most wins.
    fn restore(&self, restore: Restore) -> BoxFuture<'_, Result<Restored, StoreError>>;
}

/// For this long after a restoration a replica that knows more may put its state in its place, milliseconds.
pub const RESTORE_WINDOW_MS: u64 = 2_000;
