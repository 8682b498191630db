//! A store that fails when a story says so.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire::store::shared::{Channel, Heard, Lease, Leases, Renewal, Restore, Restored, Shared, Signals};
use quire::store::{Append, AppendError, Appended, Card, Compacted, LogId, Position, Read, Record, Store, StoreError};
use quire_protocol::{BookId, ReplicaId, Seq, UserId};
use tokio::sync::{Semaphore, mpsc};

/// What became of an append whose answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostAnswer {
    /// It was done.
    Applied,
    /// It was not.
    NotApplied,
    /// It was done, and that was the last the store did: it is away from then on.
    AppliedAtLast,
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

/// A part of what a store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Index,
    Inboxes,
}

#[derive(Default)]
struct State {
    health: Health,
    /// What cannot be written.
    fails: Vec<Part>,
    lost: VecDeque<LostAnswer>,
    /// What other replicas say does not arrive.
    deaf: bool,
    /// What they say arrives late, twice, and in any order; how often it did.
    unruly: Option<u64>,
    /// The lease is not renewed.
    renews_no_more: bool,
    /// Each log that is deleted takes a permit, and waits for it.
    deletions: Option<Arc<Semaphore>>,
    /// Where the hub hears.
    ears: Option<mpsc::Sender<Heard>>,
}

impl State {
    /// How late the next signal arrives, each time that it does.
    fn delays(&mut self) -> Vec<Duration> {
        if self.deaf || self.health != Health::Sound {
            return Vec::new();
        }
        let Some(count) = &mut self.unruly else { return vec![Duration::ZERO] };
        *count += 1;
        // Any order will do, as long as it is the same in every run.
        let delay = Duration::from_millis(*count * 37 % 200);
        if *count % 3 == 0 { vec![delay, delay + Duration::from_millis(*count * 61 % 300)] } else { vec![delay] }
    }
}

/// One hub's way to the store, and what is wrong with it.
pub struct Line {
    store: Mutex<Arc<dyn Store>>,
    /// The same store, for hubs that share it.
    shared: Option<Arc<dyn Shared>>,
    state: Arc<Mutex<State>>,
}

impl Line {
    /// A sound line.
    pub fn to(store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { store: Mutex::new(store), shared: None, state: Arc::default() })
    }

    /// A sound line to a store that other hubs share.
    pub fn to_shared(store: Arc<dyn Shared>) -> Arc<Self> {
        let shared = Some(Arc::clone(&store));
        Arc::new(Self { store: Mutex::new(store), shared, state: Arc::default() })
    }

    /// From now on nothing that others say arrives: wake-ups and signals are lost.
    pub fn goes_deaf(&self) {
        self.state().deaf = true;
    }

    /// What others say arrives again.
    pub fn hears_again(&self) {
        self.state().deaf = false;
    }

    /// The line was down and is up again: what others say arrives again, and the hub knows that it missed something.
    pub fn reconnects(&self) {
        let mut state = self.state();
        state.deaf = false;
        if let Some(ears) = &state.ears {
            drop(ears.try_send(Heard::Interrupted));
        }
    }

    /// From now on what others say arrives late, some of it twice, and in any order.
    pub fn is_unruly(&self) {
        self.state().unruly = Some(0);
    }

    /// What others say arrives in order again.
    pub fn is_in_order(&self) {
        self.state().unruly = None;
    }

    /// From now on the hub is about to delete logs, and each waits for a permit of what is returned.
    pub fn holds_back_deletions(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        self.state().deletions = Some(Arc::clone(&gate));
        gate
    }

    /// From now on the lease cannot be renewed; everything else works.
    pub fn renews_no_more(&self) {
        self.state().renews_no_more = true;
    }

    /// The lease is renewed again.
    pub fn renews_again(&self) {
        self.state().renews_no_more = false;
    }

    fn shared(&self) -> &Arc<dyn Shared> {
        self.shared.as_ref().expect("the hub shares its store")
    }

    /// The store cannot be asked from now on.
    pub fn goes_away(&self) {
        self.state().health = Health::Away;
    }

    /// The store answers again.
    pub fn comes_back(&self) {
        self.state().health = Health::Sound;
    }

    /// The index of books cannot be written from now on; logs can.
    pub fn index_fails(&self) {
        self.state().fails.push(Part::Index);
    }

    /// The index of books is written again.
    pub fn index_recovers(&self) {
        self.state().fails.retain(|part| *part != Part::Index);
    }

    /// No inbox can be written from now on; everything else can.
    pub fn inboxes_fail(&self) {
        self.state().fails.push(Part::Inboxes);
    }

    /// Inboxes are written again.
    pub fn inboxes_recover(&self) {
        self.state().fails.retain(|part| *part != Part::Inboxes);
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

    /// From now on there is another store at the other end: all that the hub knows is lost.
    pub fn leads_to(&self, store: Arc<dyn Store>) {
        *self.store.lock().unwrap() = store;
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store.lock().unwrap())
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

    fn ask<'a, T: Send, Answer: Future<Output = Result<T, StoreError>> + Send>(
        &'a self,
        call: impl FnOnce(Arc<dyn Store>) -> Answer + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        async move {
            self.reaches().await?;
            call(self.store()).await
        }
        .boxed()
    }
}

impl Store for Line {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        async move {
            self.reaches().await.map_err(|_| AppendError::Unavailable)?;
            if self.state().fails.contains(&Part::Inboxes) && matches!(append.log, LogId::Inbox(_)) {
                return Err(AppendError::Unavailable);
            }
            let lost = self.state().lost.pop_front();
            match lost {
                None => self.store().append(append).await,
                Some(LostAnswer::NotApplied) => Err(AppendError::Unknown),
                Some(LostAnswer::Applied) => {
                    drop(self.store().append(append).await);
                    Err(AppendError::Unknown)
                }
                Some(LostAnswer::AppliedAtLast) => {
                    drop(self.store().append(append).await);
                    self.goes_away();
                    Err(AppendError::Unknown)
                }
            }
        }
        .boxed()
    }

    fn read(&self, log: LogId, after: Option<Position>) -> BoxFuture<'_, Result<Read, StoreError>> {
        self.ask(move |store| async move { store.read(log, after).await })
    }

    fn tail(&self, log: LogId) -> BoxFuture<'_, Result<Option<Position>, StoreError>> {
        self.ask(move |store| async move { store.tail(log).await })
    }

    fn compact(&self, log: LogId, position: Position, snapshot: Bytes) -> BoxFuture<'_, Result<Compacted, StoreError>> {
        self.ask(move |store| async move { store.compact(log, position, snapshot).await })
    }

    fn read_archive(
        &self,
        log: LogId,
        from: Seq,
        limit: usize,
        bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Record>, StoreError>> {
        self.ask(move |store| async move { store.read_archive(log, from, limit, bytes).await })
    }

    fn forget(&self, log: LogId) -> BoxFuture<'_, Result<(), StoreError>> {
        let gate = self.state().deletions.clone();
        self.ask(move |store| async move {
            if let Some(gate) = gate {
                gate.acquire().await.expect("nobody closes it").forget();
            }
            store.forget(log).await
        })
    }

    fn put_card(&self, card: Card) -> BoxFuture<'_, Result<(), StoreError>> {
        let fails = self.state().fails.contains(&Part::Index);
        self.ask(
            move |store| async move { if fails { Err(StoreError::Unavailable) } else { store.put_card(card).await } },
        )
    }

    fn cards_of(
        &self,
        user: UserId,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.ask(move |store| async move { store.cards_of(user, after, limit).await })
    }

    fn cards_inviting(
        &self,
        email: String,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.ask(move |store| async move { store.cards_inviting(email, after, limit).await })
    }

    fn cards_claimable(
        &self,
        email: Option<String>,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.ask(move |store| async move { store.cards_claimable(email, after, limit).await })
    }
}

impl Signals for Line {
    fn listen(&self, me: &ReplicaId, queue: mpsc::Sender<Heard>) {
        let (ours, mut heard) = mpsc::channel::<Heard>(queue.max_capacity());
        self.state().ears = Some(queue.clone());
        let state = Arc::clone(&self.state);
        tokio::spawn(async move {
            while let Some(heard) = heard.recv().await {
                for delay in state.lock().unwrap().delays() {
                    let (queue, heard) = (queue.clone(), heard.clone());
                    if delay.is_zero() {
                        // The hub may be gone.
                        drop(queue.try_send(heard));
                    } else {
                        tokio::spawn(async move {
                            tokio::time::sleep(delay).await;
                            drop(queue.try_send(heard));
                        });
                    }
                }
            }
        });
        self.shared().listen(me, ours);
    }

    fn subscribe(&self, me: &ReplicaId, book: BookId) -> BoxFuture<'_, Result<(), StoreError>> {
        let me = me.clone();
        async move {
            self.reaches().await?;
            self.shared().subscribe(&me, book).await
        }
        .boxed()
    }

    fn unsubscribe(&self, me: &ReplicaId, book: BookId) {
        self.shared().unsubscribe(me, book);
    }

    fn publish(&self, me: &ReplicaId, channel: Channel, words: Bytes) {
        if self.state().health == Health::Sound {
            self.shared().publish(me, channel, words);
        }
    }
}

impl Leases for Line {
    fn renew(
        &self,
        lease: &Lease,
        ttl_ms: u64,
        opened: Vec<BookId>,
        closed: Vec<BookId>,
    ) -> BoxFuture<'_, Result<Renewal, StoreError>> {
        let lease = lease.clone();
        async move {
            self.reaches().await?;
            if self.state().renews_no_more {
                return Err(StoreError::Unavailable);
            }
            self.shared().renew(&lease, ttl_ms, opened, closed).await
        }
        .boxed()
    }

    fn end_lease(&self, me: &ReplicaId) -> BoxFuture<'_, Result<(), StoreError>> {
        let me = me.clone();
        async move {
            self.reaches().await?;
            self.shared().end_lease(&me).await
        }
        .boxed()
    }

    fn inherit(&self, dead: &ReplicaId) -> BoxFuture<'_, Result<Vec<BookId>, StoreError>> {
        let dead = dead.clone();
        async move {
            self.reaches().await?;
            self.shared().inherit(&dead).await
        }
        .boxed()
    }
}

impl Shared for Line {
    fn tails(&self, logs: Vec<LogId>) -> BoxFuture<'_, Result<Vec<Option<Position>>, StoreError>> {
        async move {
            self.reaches().await?;
            self.shared().tails(logs).await
        }
        .boxed()
    }

    fn restore(&self, restore: Restore) -> BoxFuture<'_, Result<Restored, StoreError>> {
        async move {
            self.reaches().await?;
            self.shared().restore(restore).await
        }
        .boxed()
    }
}
