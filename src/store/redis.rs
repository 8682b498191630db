//! The store on a Redis that replicas share.
//!
//! A log is a hash that says where it ends, a stream of records whose ids are their seqs, a stream of archived ones,
//! and a snapshot. Short scripts do what must happen in one step; they compare and write, and know no rule of books.
//! Reading order: [`keys`], [`append`] with `append.lua`, [`read`], [`compact`], [`restore`], [`leases`], [`signals`],
//! [`cards`]. The line to the server is [`link`]'s.

mod answer;
mod append;
mod args;
mod cards;
mod compact;
mod keys;
mod leases;
mod link;
mod read;
mod restore;
mod settings;
mod signals;
#[cfg(test)]
mod tests;
mod wake;

pub use link::ConnectError;
pub use settings::{Place, RedisSettings};

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire_protocol::{BookId, ReplicaId, Seq, UserId};

use self::cards::Finding;
use self::keys::Keys;
use self::link::{Link, Trouble};
use self::signals::Ears;
use super::shared::{Channel, Lease, Leases, Renewal, Restore, Restored, Shared};
use super::{Append, AppendError, Appended, Card, Compacted, LogId, Position, Read, Record, Store, StoreError};
use crate::clock::Clock;

/// A store in Redis, 7 or newer.
pub struct Redis {
    link: Link,
    keys: Keys,
    clock: Clock,
    ears: Arc<Ears>,
    /// No: others must not see records that could still be lost (R9).
    wakes_carry_records: bool,
}

impl Redis {
    /// Connects. Records are stamped by the clock of Redis; `clock` tells whether that one can be right.
    pub async fn connect(settings: &RedisSettings, clock: Clock) -> Result<Self, ConnectError> {
        let (link, keys) = (Link::connect(settings).await?, Keys::new(&settings.prefix));
        let ears = Ears::new(keys.clone());
        link.listen(ears.open());
        // If it fails now, it comes into force with the line, which says then that anything may have been missed.
        drop(link.subscribe(&keys.channel(&Channel::Replicas)).await);
        Ok(Self { link, keys, clock, ears, wakes_carry_records: settings.wait_replicas == 0 })
    }
}

/// What a call that has no effect, or may have it twice, makes of trouble.
fn away(_: Trouble) -> StoreError {
    StoreError::Unavailable
}

impl Store for Redis {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        self.append_now(append).boxed()
    }

    fn read(&self, log: LogId, after: Option<Position>) -> BoxFuture<'_, Result<Read, StoreError>> {
        async move { self.read_now(&log, after).await }.boxed()
    }

    fn tail(&self, log: LogId) -> BoxFuture<'_, Result<Option<Position>, StoreError>> {
        async move { self.tail_now(&log).await }.boxed()
    }

    fn compact(&self, log: LogId, position: Position, snapshot: Bytes) -> BoxFuture<'_, Result<Compacted, StoreError>> {
        async move { self.compact_now(&log, position, snapshot).await }.boxed()
    }

    fn read_archive(
        &self,
        log: LogId,
        from: Seq,
        limit: usize,
        bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Record>, StoreError>> {
        async move { self.read_archive_now(&log, from, limit, bytes).await }.boxed()
    }

    fn forget(&self, log: LogId) -> BoxFuture<'_, Result<(), StoreError>> {
        async move { self.forget_now(&log).await }.boxed()
    }

    fn put_card(&self, card: Card) -> BoxFuture<'_, Result<(), StoreError>> {
        self.put_card_now(card).boxed()
    }

    fn cards_of(
        &self,
        user: UserId,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.find_now(Finding::Member(user), after, limit).boxed()
    }

    fn cards_inviting(
        &self,
        email: String,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.find_now(Finding::Address(email), after, limit).boxed()
    }

    fn cards_claimable(
        &self,
        email: Option<String>,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.find_now(Finding::Claimable(email), after, limit).boxed()
    }
}

impl Leases for Redis {
    fn renew(
        &self,
        lease: &Lease,
        ttl_ms: u64,
        opened: Vec<BookId>,
        closed: Vec<BookId>,
    ) -> BoxFuture<'_, Result<Renewal, StoreError>> {
        self.renew_now(lease.clone(), ttl_ms, opened, closed).boxed()
    }

    fn end_lease(&self, me: &ReplicaId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.end_lease_now(me.clone()).boxed()
    }

    fn inherit(&self, dead: &ReplicaId) -> BoxFuture<'_, Result<Vec<BookId>, StoreError>> {
        self.inherit_now(dead.clone()).boxed()
    }
}

impl Shared for Redis {
    fn tails(&self, logs: Vec<LogId>) -> BoxFuture<'_, Result<Vec<Option<Position>>, StoreError>> {
        self.tails_now(logs).boxed()
    }

    fn restore(&self, restore: Restore) -> BoxFuture<'_, Result<Restored, StoreError>> {
        self.restore_now(restore).boxed()
    }
}
