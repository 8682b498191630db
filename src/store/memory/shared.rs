//! What a store in memory offers to the hubs of one process that share it.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use quire_protocol::{BookId, Epoch, ReplicaId, Timestamp};
use tokio::sync::mpsc;

use super::{Log, Memory, State};
use crate::store::rules::{self, Head, Ledger as _};
use crate::store::shared::{
    Channel, Heard, Lease, Leases, RESTORE_WINDOW_MS, Renewal, Restore, Restored, Shared, Signals, WAKE_BYTES, Wake,
};
use crate::store::{LogId, Position, StoreError};

/// Who listens, who lives.
#[derive(Debug)]
pub(super) struct Replicas {
    listeners: BTreeMap<ReplicaId, Listener>,
    leases: BTreeMap<ReplicaId, Kept>,
    mark: Epoch,
}

#[derive(Debug)]
struct Listener {
    queue: mpsc::Sender<Heard>,
    books: BTreeSet<BookId>,
}

#[derive(Debug)]
struct Kept {
    schema: u32,
    until: Timestamp,
    books: BTreeSet<BookId>,
}

impl Replicas {
    /// Nobody, in a store with this mark.
    pub(super) fn new(mark: Epoch) -> Self {
        Self { listeners: BTreeMap::new(), leases: BTreeMap::new(), mark }
    }

    /// Forgets leases, not who listens: lines to the store stay up, or come up again.
    pub(super) fn forget(&mut self, mark: Epoch) {
        self.leases.clear();
        self.mark = mark;
    }

    /// Tells everybody who listens for the book that a log of it grew, but for the one that made it grow.
    pub(super) fn wake(&self, by: &ReplicaId, mut wake: Wake) {
        let bytes: usize = wake.records.iter().map(|record| record.payload.len()).sum();
        if bytes > WAKE_BYTES {
            wake.records.clear();
        }
        let Some(book) = wake.log.book().cloned() else { return };
        self.tell(by, &Channel::Book(book), || Heard::Appended(Box::new(wake.clone())));
    }

    fn tell(&self, by: &ReplicaId, channel: &Channel, what: impl Fn() -> Heard) {
        let hears = |listener: &Listener| match channel {
            Channel::Replicas => true,
            Channel::Book(book) => listener.books.contains(book),
        };
        for (_, listener) in self.listeners.iter().filter(|(replica, there)| *replica != by && hears(there)) {
            // A full queue loses signals, as every line may.
            drop(listener.queue.try_send(what()));
        }
    }
}

impl Signals for Memory {
    fn listen(&self, me: &ReplicaId, queue: mpsc::Sender<Heard>) {
        self.state().replicas.listeners.insert(me.clone(), Listener { queue, books: BTreeSet::new() });
    }

    fn subscribe(&self, me: &ReplicaId, book: BookId) -> BoxFuture<'_, Result<(), StoreError>> {
        if let Some(listener) = self.state().replicas.listeners.get_mut(me) {
            listener.books.insert(book);
        }
        ready(Ok(())).boxed()
    }

    fn unsubscribe(&self, me: &ReplicaId, book: BookId) {
        if let Some(listener) = self.state().replicas.listeners.get_mut(me) {
            listener.books.remove(&book);
        }
    }

    fn publish(&self, me: &ReplicaId, channel: Channel, words: Bytes) {
        self.state().replicas.tell(me, &channel, || Heard::Said { channel: channel.clone(), words: words.clone() });
    }
}

impl Leases for Memory {
    fn renew(
        &self,
        lease: &Lease,
        ttl_ms: u64,
        opened: Vec<BookId>,
        closed: Vec<BookId>,
    ) -> BoxFuture<'_, Result<Renewal, StoreError>> {
        let lease = lease.clone();
        async move {
            let now = self.clock.now();
            let mut state = self.state();
            let mark = state.replicas.mark;
            let leases = &mut state.replicas.leases;
            let kept = leases.get(&lease.replica).is_some_and(|kept| kept.until > now);
            let mine =
                leases.entry(lease.replica).or_insert_with(|| Kept { schema: 0, until: now, books: BTreeSet::new() });
            (mine.schema, mine.until) = (lease.schema, now.plus_ms(ttl_ms));
            mine.books.extend(opened);
            mine.books.retain(|book| !closed.contains(book));
            let (alive, dead): (Vec<_>, Vec<_>) = leases.iter().partition(|(_, kept)| kept.until > now);
            let alive =
                alive.into_iter().map(|(id, kept)| Lease { replica: id.clone(), schema: kept.schema }).collect();
            let dead = dead.into_iter().map(|(id, _)| id.clone()).collect();
            Ok(Renewal { kept, alive, dead, mark })
        }
        .boxed()
    }

    fn end_lease(&self, me: &ReplicaId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.state().replicas.leases.remove(me);
        ready(Ok(())).boxed()
    }

    fn inherit(&self, dead: &ReplicaId) -> BoxFuture<'_, Result<Vec<BookId>, StoreError>> {
        let now = self.clock.now();
        let mut state = self.state();
        let leases = &mut state.replicas.leases;
        let is_dead = leases.get(dead).is_some_and(|kept| kept.until <= now);
        let books = if is_dead { leases.remove(dead).map(|kept| kept.books) } else { None };
        ready(Ok(books.unwrap_or_default().into_iter().collect())).boxed()
    }
}

impl Shared for Memory {
    fn tails(&self, logs: Vec<LogId>) -> BoxFuture<'_, Result<Vec<Option<Position>>, StoreError>> {
        let state = self.state();
        let tail = |log: &LogId| Ok(state.head(log)?.map(|head| head.tail));
        ready(logs.iter().map(tail).collect()).boxed()
    }

    fn restore(&self, restore: Restore) -> BoxFuture<'_, Result<Restored, StoreError>> {
        async move { Ok(self.state().restore(restore, self.clock.now())) }.boxed()
    }
}

impl State {
    fn restore(&mut self, mut restore: Restore, now: Timestamp) -> Restored {
        let before = rules::prepare_restoration(&mut restore);
        let stored = self.logs.get(&restore.log);
        let tail = stored.map(|stored| stored.head.tail);
        let knows_more = stored.and_then(|stored| stored.restored).is_some_and(|(position, at)| {
            tail == Some(position) && now.ms_since(at) <= RESTORE_WINDOW_MS && position.seq < restore.seq
        });
        if tail != restore.instead_of && !knows_more {
            return Restored::Stale;
        }
        // What lies before the restored records is the same history: it is the archive now.
        let mut records = stored.map_or_else(Vec::new, |stored| stored.records.clone());
        records.truncate(records.partition_point(|record| record.seq <= before));
        records.extend(restore.records);
        let position = Position { epoch: self.next_epoch(), seq: restore.seq, tag: restore.tag };
        let head = Head { tail: position, stamp: restore.stamp, trimmed: before, snapshot: Some(position) };
        // The position that the restoration leads to is the last record's (R1).
        records.iter_mut().filter(|record| record.seq == restore.seq).for_each(|record| record.tag = restore.tag);
        if let Some(fences) = restore.fences {
            self.fences.retain(|log, _| log.within() != restore.log.within());
            self.fences.extend(fences);
        }
        let log = Log {
            head,
            records,
            snapshot: Some(restore.snapshot),
            restored: Some((position, now)),
            server: self.server,
        };
        self.logs.insert(restore.log, log);
        Restored::Done(position)
    }
}
