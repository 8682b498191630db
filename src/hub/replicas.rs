//! Other replicas: who lives, what they say, and whether this one may act.
//!
//! A replica keeps a lease in the store. One that could not renew it stops acting before it ends; one that finds it
//! lapsed sends its sessions away to resume, because others may have ended what they held (R11, R12). The log guards
//! itself besides: an append on a stale view is refused, whoever sends it.

pub mod signal;
mod tasks;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use quire_protocol::{BookId, Epoch, ReplicaId, Timers};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::store::shared::{Channel, RESTORE_WINDOW_MS, Renewal, Shared};
use crate::store::{SCHEMA, StoreError};
use signal::{Says, Signal};

pub(crate) use tasks::{offer, start};

/// After a loss a book is opened again only after this time: long enough for every replica to have compared its
/// position with the store's, and to have put back what it knows.
const DOUBT: Duration = Duration::from_millis(1_500);

/// A replica that left nothing behind is forgotten this long after it was found missing.
const FORGET_AFTER: Duration = Duration::from_hours(1);

/// What is known of a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It holds a lease, or it is too early to say that it does not.
    Lives,
    /// Its lease is gone.
    Gone,
}

/// The replicas that share the store, as far as this one knows.
pub(crate) struct Replicas {
    me: ReplicaId,
    shared: Arc<dyn Shared>,
    lease: Duration,
    state: Mutex<State>,
    /// The lease is in force.
    leased: watch::Sender<bool>,
    /// Signals may have been missed: the logs are to be looked at.
    look: Notify,
    /// The store may have lost the leases too: the own one is to be renewed now.
    renew_now: Notify,
    /// What runs until the hub ends.
    tasks: Mutex<Vec<AbortHandle>>,
}

#[derive(Default)]
struct State {
    /// The own lease holds at least until then.
    valid_until: Option<Instant>,
    /// Since when every attempt to read the leases succeeded.
    contact_since: Option<Instant>,
    /// They did for a whole lease: everybody who lives had time to renew (R11).
    settled: bool,
    /// A renewal found the lease lapsed, and its consequences are still to be drawn.
    lapsed: bool,
    /// When the leases were asked for that were read last.
    read_at: Option<Instant>,
    /// Who holds a lease, and who held one or is named in a book without holding one: since when.
    alive: BTreeMap<ReplicaId, u32>,
    missing: BTreeMap<ReplicaId, Instant>,
    /// The store's mark, and when another one was found in its place.
    mark: Option<Epoch>,
    lost_at: Option<Instant>,
    /// Books that actors began or ceased to serve since the last renewal.
    noted: BTreeMap<BookId, bool>,
    /// How many actors hear each book: a new one may start before the old one's end is noticed.
    heard: BTreeMap<BookId, usize>,
    /// Books in which somebody holds something that no actor looks after yet.
    unattended: BTreeSet<BookId>,
    /// Books that the store lost: others may put more of them back until then.
    in_doubt: BTreeMap<BookId, Instant>,
    /// Actors stopped in whose books somebody still holds something that this replica answers for.
    leaves_stakes: bool,
}

/// What a renewal means for this replica.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Meaning {
    /// The lease had lapsed: others may have acted as if this replica were dead.
    lapsed: bool,
    /// Somebody came or went.
    changed: bool,
    /// Replicas that are gone for good and left books behind.
    left_behind: Vec<ReplicaId>,
}

impl Replicas {
    pub(crate) fn new(me: ReplicaId, shared: Arc<dyn Shared>, timers: &Timers) -> Self {
        let lease = Duration::from_millis(timers.lease_ms);
        Self {
            me,
            shared,
            lease,
            state: Mutex::default(),
            leased: watch::Sender::new(false),
            look: Notify::new(),
            renew_now: Notify::new(),
            tasks: Mutex::default(),
        }
    }

    /// The own lease is in force for longer than an append takes. No: nothing may be written, as others may act already as if
    /// this replica were dead.
    pub(crate) fn may_act(&self) -> bool {
        self.state().valid_until.is_some_and(|until| Instant::now() < until)
    }

    /// Waits until the lease is in force.
    pub(crate) async fn leased(&self) {
        let mut leased = self.leased.subscribe();
        // The sender lives in `self`.
        drop(leased.wait_for(|leased| *leased).await);
    }

    /// The store that is shared.
    pub(crate) fn shared(&self) -> &dyn Shared {
        &*self.shared
    }

    /// Whether a replica lives. One without a lease is gone only after this one has been in contact with the store for
    /// a whole lease, so that everybody has had time to renew (R11), and only if the leases were read since it was
    /// heard of: it may have begun a moment ago.
    pub(crate) fn standing(&self, replica: &ReplicaId) -> Standing {
        let mut state = self.state();
        if *replica == self.me || state.alive.contains_key(replica) {
            return Standing::Lives;
        }
        let since = *state.missing.entry(replica.clone()).or_insert_with(Instant::now);
        let was_looked_for = state.read_at.is_some_and(|read| since <= read);
        if state.settled && was_looked_for { Standing::Gone } else { Standing::Lives }
    }

    /// Other replicas that hold a lease.
    pub(crate) fn others(&self) -> Vec<ReplicaId> {
        self.state().alive.keys().filter(|replica| **replica != self.me).cloned().collect()
    }

    /// The store lost what it had while this replica ran: what is absent now is not known never to have been (R6).
    pub(crate) fn lost_at(&self) -> Option<Instant> {
        self.state().lost_at
    }

    /// Looks at the store's mark, because a log is absent.
    pub(crate) async fn check_mark(&self) -> Result<(), StoreError> {
        let begun = Instant::now();
        let renewal = self.renew().await?;
        // What it means besides is for the next regular renewal to act on.
        let mut state = self.state();
        state.lapsed |= !renewal.kept;
        if renewal.kept {
            state.valid_until = Some(begun + self.margin());
        }
        state.see_mark(renewal.mark);
        Ok(())
    }

    /// Time for former holders to put back what they know is over.
    pub(crate) fn may_create(&self) -> bool {
        self.lost_at().is_none_or(|lost| lost.elapsed() >= Duration::from_millis(RESTORE_WINDOW_MS))
    }

    /// Hears what is said about a book, before its log is read (R13).
    pub(crate) async fn attend(&self, book: &BookId) -> Result<(), StoreError> {
        let first = {
            let mut state = self.state();
            let count = state.heard.entry(book.clone()).or_default();
            *count += 1;
            *count == 1
        };
        if first && let Err(error) = self.shared.subscribe(&self.me, book.clone()).await {
            self.depart(book, false);
            return Err(error);
        }
        self.state().noted.insert(book.clone(), true);
        Ok(())
    }

    /// Hears no more about a book. `stakes`: somebody still holds something in it that this replica answers for, so
    /// the book stays noted with the lease.
    pub(crate) fn depart(&self, book: &BookId, stakes: bool) {
        let mut state = self.state();
        state.leaves_stakes |= stakes;
        if let Some(count) = state.heard.get_mut(book) {
            *count -= 1;
            if *count == 0 {
                state.heard.remove(book);
                if !stakes {
                    state.noted.insert(book.clone(), false);
                }
                // Under the guard, so that a subscription that begins now is asked for after it.
                self.shared.unsubscribe(&self.me, book.clone());
            }
        }
    }

    /// Says something to the others who have the book open.
    pub(crate) fn say(&self, book: &BookId, says: Says) {
        self.publish(Channel::Book(book.clone()), says);
    }

    /// Says something to all others.
    pub(crate) fn say_to_all(&self, says: Says) {
        self.publish(Channel::Replicas, says);
    }

    fn publish(&self, channel: Channel, says: Says) {
        let signal = Signal { from: self.me.clone(), says };
        self.shared.publish(&self.me, channel, signal.encode());
    }

    /// Keeps what runs until the end.
    fn run(&self, tasks: impl IntoIterator<Item = AbortHandle>) {
        self.tasks.lock().expect("no code panics while it holds the tasks").extend(tasks);
    }

    /// A book's history changed: whatever else the store lost is found out now.
    pub(crate) fn suspect_loss(&self) {
        self.renew_now.notify_one();
    }

    /// Somebody holds something in these books that no actor looks after: one is started soon.
    pub(crate) fn need_actors(&self, books: impl IntoIterator<Item = BookId>) {
        self.state().unattended.extend(books);
        self.look.notify_one();
    }

    /// An actor knows who holds what in the book.
    pub(crate) fn has_actor(&self, book: &BookId) {
        self.state().unattended.remove(book);
    }

    fn unattended(&self) -> Vec<BookId> {
        self.state().unattended.iter().cloned().collect()
    }

    /// The store lost something of this book: whoever knows most of it has a while to put that back (R6).
    pub(crate) fn doubt(&self, book: &BookId) {
        let now = Instant::now();
        let mut state = self.state();
        // Books that nobody opened again are past their doubt too (I5).
        state.in_doubt.retain(|_, until| *until > now);
        state.in_doubt.insert(book.clone(), now + DOUBT);
    }

    /// Waits until nobody puts back any more what the store lost of this book.
    pub(crate) async fn no_doubt(&self, book: &BookId) {
        let until = self.state().in_doubt.get(book).copied();
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
            self.state().in_doubt.remove(book);
        }
    }

    /// Leaves the others: they know at once that this replica is gone, or once they look if somebody still holds
    /// something that they have to look after.
    pub(crate) async fn leave(&self) {
        self.tasks.lock().expect("no code panics while it holds the tasks").drain(..).for_each(|task| task.abort());
        let leaves_stakes = self.state().leaves_stakes;
        let ended = if leaves_stakes {
            Ok(self.renew_for(Duration::from_millis(1)).await.map(|_| ()))
        } else {
            tokio::time::timeout(tasks::RENEWAL_PATIENCE, self.shared.end_lease(&self.me)).await
        };
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the lease could not be ended; the others wait until it runs out");
        }
    }

    async fn renew(&self) -> Result<Renewal, StoreError> {
        self.renew_for(self.lease).await
    }

    async fn renew_for(&self, ttl: Duration) -> Result<Renewal, StoreError> {
        let noted = std::mem::take(&mut self.state().noted);
        let with =
            |served: bool| noted.iter().filter(move |(_, there)| **there == served).map(|(book, _)| book.clone());
        let lease = crate::store::shared::Lease { replica: self.me.clone(), schema: SCHEMA };
        let ttl = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        let (opened, closed) = (with(true).collect(), with(false).collect());
        let patience = tasks::RENEWAL_PATIENCE;
        let renewed = tokio::time::timeout(patience, self.shared.renew(&lease, ttl, opened, closed)).await;
        let renewed = renewed.unwrap_or(Err(StoreError::Unavailable));
        if renewed.is_err() {
            let mut state = self.state();
            // What was noted meanwhile is newer.
            for (book, served) in noted {
                state.noted.entry(book).or_insert(served);
            }
        }
        renewed
    }

    /// Takes in what a renewal said that was asked for at `begun`.
    fn renewed(&self, begun: Instant, renewal: Renewal, grace: Duration) -> Meaning {
        let mut state = self.state();
        let now = Instant::now();
        let first = state.mark.is_none();
        let lapsed = std::mem::take(&mut state.lapsed) || !renewal.kept;
        let lapsed = lapsed && !first;
        state.valid_until = Some(begun + self.margin());
        if lapsed {
            // After a pause nothing is known of the others: they may have paused too, or the store lost all leases.
            (state.contact_since, state.settled) = (None, false);
        }
        state.contact_since.get_or_insert(begun);
        state.see_mark(renewal.mark);
        if lapsed {
            // The books noted with the old lease went with it.
            let served: Vec<BookId> = state.heard.keys().cloned().collect();
            state.noted.extend(served.into_iter().map(|book| (book, true)));
        }
        let alive: BTreeMap<_, _> = renewal.alive.into_iter().map(|lease| (lease.replica, lease.schema)).collect();
        let contact = state.contact_since.map_or(Duration::ZERO, |since| now.duration_since(since));
        // From the moment of a whole lease in contact on, whoever is missing is gone.
        let settles = contact >= self.lease && !std::mem::replace(&mut state.settled, contact >= self.lease);
        let read_before = state.read_at.replace(begun);
        let looked_for = |since: &Instant| *since <= begun && read_before.is_none_or(|read| *since > read);
        let are_gone = state.missing.iter().any(|(replica, since)| !alive.contains_key(replica) && looked_for(since));
        let changed = settles || are_gone || alive.keys().ne(state.alive.keys());
        for replica in state.alive.keys().filter(|replica| !alive.contains_key(*replica)).cloned().collect::<Vec<_>>() {
            state.missing.insert(replica, begun);
        }
        for dead in &renewal.dead {
            state.missing.entry(dead.clone()).or_insert(begun);
        }
        // Each boot is a replica of its own: those of long ago are forgotten, or the list grows for ever (I5).
        let matters = |replica: &ReplicaId, since: &Instant| {
            renewal.dead.contains(replica) || now.duration_since(*since) < FORGET_AFTER
        };
        state.missing.retain(|replica, since| !alive.contains_key(replica) && matters(replica, since));
        state.alive = alive;
        let long_gone = |dead: &&ReplicaId| {
            state.settled && state.missing.get(*dead).is_some_and(|since| now.duration_since(*since) >= grace)
        };
        let left_behind = renewal.dead.iter().filter(long_gone).cloned().collect();
        // A store that lost its books lost the leases too: nobody was taken for dead, and actors see to their books.
        let was_lost = state.lost_at.is_some_and(|lost| read_before.is_none_or(|read| lost >= read));
        drop(state);
        self.leased.send_replace(true);
        Meaning { lapsed: lapsed && !was_lost, changed, left_behind }
    }

    /// The store did not answer: nothing is known about the others' leases until it has for a while (R11).
    fn no_contact(&self) {
        {
            let mut state = self.state();
            (state.contact_since, state.settled) = (None, false);
        }
        if !self.may_act() {
            self.leased.send_replace(false);
        }
    }

    /// The lease counts for less than the store grants: what begins before its end is over before it.
    fn margin(&self) -> Duration {
        self.lease * 9 / 10
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while it holds what is known of replicas")
    }
}

impl State {
    fn see_mark(&mut self, mark: Epoch) {
        if self.mark.replace(mark).is_some_and(|before| before != mark) {
            tracing::error!("the store lost what it had: books that are known here are put back");
            self.lost_at = Some(Instant::now());
        }
    }
}
