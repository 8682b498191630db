//! A hub's way to the store on which one promise of the store is not kept.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire::store::memory::Memory;
use quire::store::shared::{Channel, Heard, Lease, Leases, Renewal, Restore, Restored, Shared, Signals};
use quire::store::{
    Append, AppendError, Appended, Card, Compacted, LogId, Position, Read, Record, Store, StoreError, Tag,
};
use quire_protocol::{BookId, ReplicaId, Seq, UserId};
use tokio::sync::mpsc;

/// A log that a hub has for itself.
#[derive(Clone)]
pub struct OwnLog {
    pub records: Vec<Record>,
    pub tail: Position,
}

/// The promise that is not kept. All others are.
pub trait Flaw: Send + Sync + 'static {
    /// Appends, or does as if.
    fn append<'a>(&'a self, store: &'a Memory, append: Append) -> BoxFuture<'a, Result<Appended, AppendError>> {
        store.append(append)
    }

    /// A record as the hub gets to see it. `is_own`: the hub wrote it.
    fn shows(&self, record: Record, is_own: bool) -> Record {
        let _ = is_own;
        record
    }

    /// What the hub reads in place of the shared log.
    fn own_log(&self, log: &LogId) -> Option<OwnLog> {
        let _ = log;
        None
    }

    /// The hub is told when others append.
    fn wakes(&self) -> bool {
        true
    }

    /// The hub may put back what the store does not have.
    fn restores(&self) -> bool {
        true
    }
}

/// Every promise is kept.
pub struct Sound;

impl Flaw for Sound {}

/// One hub's way to the store.
pub struct Crooked {
    store: Arc<Memory>,
    eyes: Arc<Eyes>,
}

/// What the hub sees.
struct Eyes {
    flaw: Arc<dyn Flaw>,
    /// The hub's appends.
    own: Mutex<HashSet<Tag>>,
}

impl Eyes {
    fn see(&self, record: Record) -> Record {
        let is_own = self.own.lock().unwrap().contains(&record.tag);
        self.flaw.shows(record, is_own)
    }

    fn see_all(&self, records: Vec<Record>) -> Vec<Record> {
        records.into_iter().map(|record| self.see(record)).collect()
    }

    fn read(&self, read: Read) -> Read {
        match read {
            Read::Absent => Read::Absent,
            Read::Records { records, tail } => Read::Records { records: self.see_all(records), tail },
            Read::Snapshot { snapshot, records, tail } => {
                Read::Snapshot { snapshot, records: self.see_all(records), tail }
            }
        }
    }

    /// What the hub hears of this; `None`: nothing.
    fn hear(&self, heard: Heard) -> Option<Heard> {
        match heard {
            Heard::Appended(_) if !self.flaw.wakes() => None,
            Heard::Appended(mut wake) => {
                wake.records = self.see_all(wake.records);
                Some(Heard::Appended(wake))
            }
            heard => Some(heard),
        }
    }
}

impl Crooked {
    pub fn to(store: Arc<Memory>, flaw: Arc<dyn Flaw>) -> Arc<Self> {
        Arc::new(Self { store, eyes: Arc::new(Eyes { flaw, own: Mutex::default() }) })
    }
}

impl OwnLog {
    fn read(self, after: Option<Position>) -> Read {
        let Self { records, tail } = self;
        let known =
            |after: &Position| records.iter().position(|record| (record.seq, record.tag) == (after.seq, after.tag));
        match after.as_ref().and_then(known) {
            Some(index) => Read::Records { records: records[index + 1..].to_vec(), tail },
            None => Read::Snapshot { snapshot: None, records, tail },
        }
    }
}

impl Store for Crooked {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        async move {
            self.eyes.own.lock().unwrap().insert(append.tag);
            match self.eyes.flaw.append(&self.store, append).await {
                Err(AppendError::Conflict(read)) => Err(AppendError::Conflict(Box::new(self.eyes.read(*read)))),
                answer => answer,
            }
        }
        .boxed()
    }

    fn read(&self, log: LogId, after: Option<Position>) -> BoxFuture<'_, Result<Read, StoreError>> {
        async move {
            match self.eyes.flaw.own_log(&log) {
                Some(own) => Ok(own.read(after)),
                None => Ok(self.eyes.read(self.store.read(log, after).await?)),
            }
        }
        .boxed()
    }

    fn tail(&self, log: LogId) -> BoxFuture<'_, Result<Option<Position>, StoreError>> {
        async move {
            match self.eyes.flaw.own_log(&log) {
                Some(own) => Ok(Some(own.tail)),
                None => self.store.tail(log).await,
            }
        }
        .boxed()
    }

    fn compact(&self, log: LogId, position: Position, snapshot: Bytes) -> BoxFuture<'_, Result<Compacted, StoreError>> {
        self.store.compact(log, position, snapshot)
    }

    fn read_archive(
        &self,
        log: LogId,
        from: Seq,
        limit: usize,
        bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Record>, StoreError>> {
        async move {
            match self.eyes.flaw.own_log(&log) {
                Some(own) => Ok(own.records.into_iter().filter(|record| record.seq >= from).take(limit).collect()),
                None => Ok(self.eyes.see_all(self.store.read_archive(log, from, limit, bytes).await?)),
            }
        }
        .boxed()
    }

    fn forget(&self, log: LogId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.forget(log)
    }

    fn put_card(&self, card: Card) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.put_card(card)
    }

    fn cards_of(
        &self,
        user: UserId,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.store.cards_of(user, after, limit)
    }

    fn cards_inviting(
        &self,
        email: String,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.store.cards_inviting(email, after, limit)
    }

    fn cards_claimable(
        &self,
        email: Option<String>,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.store.cards_claimable(email, after, limit)
    }
}

impl Signals for Crooked {
    fn listen(&self, me: &ReplicaId, queue: mpsc::Sender<Heard>) {
        let (ours, mut heard) = mpsc::channel(queue.max_capacity());
        let eyes = Arc::clone(&self.eyes);
        tokio::spawn(async move {
            while let Some(heard) = heard.recv().await {
                // The hub may be gone.
                drop(eyes.hear(heard).map(|heard| queue.try_send(heard)));
            }
        });
        self.store.listen(me, ours);
    }

    fn subscribe(&self, me: &ReplicaId, book: BookId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.subscribe(me, book)
    }

    fn unsubscribe(&self, me: &ReplicaId, book: BookId) {
        self.store.unsubscribe(me, book);
    }

    fn publish(&self, me: &ReplicaId, channel: Channel, words: Bytes) {
        self.store.publish(me, channel, words);
    }
}

impl Leases for Crooked {
    fn renew(
        &self,
        lease: &Lease,
        ttl_ms: u64,
        opened: Vec<BookId>,
        closed: Vec<BookId>,
    ) -> BoxFuture<'_, Result<Renewal, StoreError>> {
        self.store.renew(lease, ttl_ms, opened, closed)
    }

    fn end_lease(&self, me: &ReplicaId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.end_lease(me)
    }

    fn inherit(&self, dead: &ReplicaId) -> BoxFuture<'_, Result<Vec<BookId>, StoreError>> {
        self.store.inherit(dead)
    }
}

impl Shared for Crooked {
    fn tails(&self, logs: Vec<LogId>) -> BoxFuture<'_, Result<Vec<Option<Position>>, StoreError>> {
        async move {
            let mut tails = Vec::with_capacity(logs.len());
            for log in logs {
                tails.push(self.tail(log).await?);
            }
            Ok(tails)
        }
        .boxed()
    }

    fn restore(&self, restore: Restore) -> BoxFuture<'_, Result<Restored, StoreError>> {
        async move { if self.eyes.flaw.restores() { self.store.restore(restore).await } else { Ok(Restored::Stale) } }
            .boxed()
    }
}
