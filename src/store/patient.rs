//! A store with deadlines: one that hangs is one that cannot be asked.
//!
//! A disk that hangs instead of failing would leave every command unanswered. An append that does not come back in
//! time may have happened, so it is `Unknown` and its caller repeats it (R8); everything else is `Unavailable`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire_protocol::{BookId, Seq, UserId};

use super::{Append, AppendError, Appended, Card, Compacted, LogId, Position, Read, Record, Store, StoreError};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longest wait for a compaction, or the end of a log: thousands of records are touched, and nobody waits for it.
const COMPACTION_PATIENCE: Duration = Duration::from_mins(1);

/// Asks another store, and does not wait for ever.
pub struct Patient(Arc<dyn Store>);

impl Patient {
    /// Asks `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

fn within<'a, T: Send + 'a>(
    patience: Duration,
    answer: BoxFuture<'a, Result<T, StoreError>>,
) -> BoxFuture<'a, Result<T, StoreError>> {
    async move { tokio::time::timeout(patience, answer).await.unwrap_or(Err(StoreError::Unavailable)) }.boxed()
}

impl Store for Patient {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        let answer = self.0.append(append);
        async move { tokio::time::timeout(PATIENCE, answer).await.unwrap_or(Err(AppendError::Unknown)) }.boxed()
    }

    fn read(&self, log: LogId, after: Option<Position>) -> BoxFuture<'_, Result<Read, StoreError>> {
        within(PATIENCE, self.0.read(log, after))
    }

    fn tail(&self, log: LogId) -> BoxFuture<'_, Result<Option<Position>, StoreError>> {
        within(PATIENCE, self.0.tail(log))
    }

    fn compact(&self, log: LogId, position: Position, snapshot: Bytes) -> BoxFuture<'_, Result<Compacted, StoreError>> {
        within(COMPACTION_PATIENCE, self.0.compact(log, position, snapshot))
    }

    fn read_archive(
        &self,
        log: LogId,
        from: Seq,
        limit: usize,
        bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Record>, StoreError>> {
        within(PATIENCE, self.0.read_archive(log, from, limit, bytes))
    }

    fn forget(&self, log: LogId) -> BoxFuture<'_, Result<(), StoreError>> {
        within(COMPACTION_PATIENCE, self.0.forget(log))
    }

    fn put_card(&self, card: Card) -> BoxFuture<'_, Result<(), StoreError>> {
        within(PATIENCE, self.0.put_card(card))
    }

    fn cards_of(
        &self,
        user: UserId,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        within(PATIENCE, self.0.cards_of(user, after, limit))
    }

    fn cards_inviting(
        &self,
        email: String,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        within(PATIENCE, self.0.cards_inviting(email, after, limit))
    }

    fn cards_claimable(
        &self,
        email: Option<String>,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        within(PATIENCE, self.0.cards_claimable(email, after, limit))
    }
}
