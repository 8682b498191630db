//! A store that fails when a story says so.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire::store::{Append, AppendError, Appended, Card, Compacted, LogId, Position, Read, Record, Store, StoreError};
use quire_protocol::{BookId, Seq, UserId};

/// What became of an append whose answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostAnswer {
    /// It was done.
    Applied,
    /// It was not.
    NotApplied,
}

/// Whether the store answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Health {
    #[default]
    Sound,
    /// It says that it cannot be asked.
    Away,
    /// The hub that asks is dead: its calls never come back.
    Cut,
}

#[derive(Default)]
struct State {
    health: Health,
    lost: VecDeque<LostAnswer>,
}

/// One hub's way to the store, and what is wrong with it.
pub struct Line {
    store: Arc<dyn Store>,
    state: Mutex<State>,
}

impl Line {
    /// A sound line.
    pub fn to(store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { store, state: Mutex::default() })
    }

    /// The store cannot be asked from now on.
    pub fn goes_away(&self) {
        self.state().health = Health::Away;
    }

    /// The store answers again.
    pub fn comes_back(&self) {
        self.state().health = Health::Sound;
    }

    /// The hub at this end does nothing any more.
    pub fn is_cut(&self) {
        self.state().health = Health::Cut;
    }

    /// The answers to the next appends are lost.
    pub fn loses_answers(&self, lost: impl IntoIterator<Item = LostAnswer>) {
        self.state().lost.extend(lost);
    }

    /// No answer is lost any more.
    pub fn loses_no_more(&self) {
        self.state().lost.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn reaches(&self) -> Result<(), StoreError> {
        let health = self.state().health;
        match health {
            Health::Sound => Ok(()),
            Health::Away => Err(StoreError::Unavailable),
            Health::Cut => std::future::pending().await,
        }
    }

    fn ask<'a, T: Send + 'a>(
        &'a self,
        call: BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        async move {
            self.reaches().await?;
            call.await
        }
        .boxed()
    }
}

impl Store for Line {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        async move {
            self.reaches().await.map_err(|_| AppendError::Unavailable)?;
            let lost = self.state().lost.pop_front();
            match lost {
                None => self.store.append(append).await,
                Some(LostAnswer::NotApplied) => Err(AppendError::Unknown),
                Some(LostAnswer::Applied) => {
                    drop(self.store.append(append).await);
                    Err(AppendError::Unknown)
                }
            }
        }
        .boxed()
    }

    fn read(&self, log: LogId, after: Option<Position>) -> BoxFuture<'_, Result<Read, StoreError>> {
        self.ask(self.store.read(log, after))
    }

    fn tail(&self, log: LogId) -> BoxFuture<'_, Result<Option<Position>, StoreError>> {
        self.ask(self.store.tail(log))
    }

    fn compact(&self, log: LogId, position: Position, snapshot: Bytes) -> BoxFuture<'_, Result<Compacted, StoreError>> {
        self.ask(self.store.compact(log, position, snapshot))
    }

    fn read_archive(&self, log: LogId, from: Seq, limit: usize) -> BoxFuture<'_, Result<Vec<Record>, StoreError>> {
        self.ask(self.store.read_archive(log, from, limit))
    }

    fn put_card(&self, card: Card) -> BoxFuture<'_, Result<(), StoreError>> {
        self.ask(self.store.put_card(card))
    }

    fn cards_of(
        &self,
        user: UserId,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.ask(self.store.cards_of(user, after, limit))
    }

    fn cards_inviting(
        &self,
        email: String,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.ask(self.store.cards_inviting(email, after, limit))
    }

    fn cards_claimable(&self, after: Option<BookId>, limit: usize) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.ask(self.store.cards_claimable(after, limit))
    }
}
