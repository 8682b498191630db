//! Who holds which chapter, and who waits for it. What people may do is in `rules`; what becomes of
//! locks when connections come and go is in `sessions`.
//!
//! I4: a chapter has at most one holder unless it is live, and the token under which it is held only rises: it is the
//! stamp of the event that granted it. Every change of holder is a `lock.released` and a `lock.acquired` in one decision.
//! What may be written is fenced by the last of these events: `mode` is about chapters with several holders.

mod mode;
mod rules;
mod sessions;

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use quire_protocol::event::{self, Event, Holder, Home, Person};
use quire_protocol::person::initials;
use quire_protocol::{ChapterId, SessionId, Timestamp, Token};
use serde::{Deserialize, Serialize};

use super::Committed;

/// What holding a chapter is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Holding {
    pub(super) holder: Holder,
    pub(super) home: Home,
    pub(super) token: Token,
    /// The first token of this hold: re-homing changes the token, and not who writes.
    pub(super) began: Token,
    pub(super) since_at: Timestamp,
    pub(super) active_at: Timestamp,
}

/// A session that waits for a chapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Waiter {
    pub(super) person: Person,
    pub(super) session: SessionId,
    pub(super) home: Home,
    pub(super) note: Option<String>,
    pub(super) asked_at: Timestamp,
}

impl Waiter {
    fn as_holder(&self) -> Holder {
        let Person { user, name } = self.person.clone();
        Holder { user, initials: initials(&name), name, session: self.session.clone() }
    }
}

/// One chapter's lock: who holds it, who waits, first come first. There may be waiters
/// without a holder: all of them are away.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lock {
    /// At most one, unless the chapter is live.
    pub(super) holders: Vec<Holding>,
    /// The stamp of the last event that changed who holds it: what is written names it. `None`: nobody holds it.
    fence: Option<Token>,
    pub(super) waiting: Vec<Waiter>,
}

/// [`Lock`] as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedLock {
    /// The holder, as it was stored when there was one at most.
    #[serde(default, skip_serializing)]
    holding: Option<Holding>,
    #[serde(default)]
    holders: Vec<Holding>,
    #[serde(default)]
    fence: Option<Token>,
    waiting: Vec<Waiter>,
}

impl Lock {
    fn save(&self) -> SavedLock {
        let Self { holders, fence, waiting } = self.clone();
        SavedLock { holding: None, holders, fence, waiting }
    }

    fn restore(saved: SavedLock) -> Self {
        let SavedLock { holding, mut holders, mut fence, waiting } = saved;
        if let Some(holding) = holding {
            fence = Some(holding.token);
            holders.push(holding);
        }
        Self { holders, fence, waiting }
    }

    fn sessions(&self) -> impl Iterator<Item = &SessionId> {
        let holders = self.holders.iter().map(|holding| &holding.holder.session);
        holders.chain(self.waiting.iter().map(|waiter| &waiter.session))
    }

    fn held_by(&self, session: &SessionId) -> Option<&Holding> {
        self.holders.iter().find(|holding| holding.holder.session == *session)
    }

    fn holder_mut(&mut self, session: &SessionId) -> Option<&mut Holding> {
        self.holders.iter_mut().find(|holding| holding.holder.session == *session)
    }

    fn waiter(&self, session: &SessionId) -> Option<&Waiter> {
        self.waiting.iter().find(|waiter| waiter.session == *session)
    }

    /// Where the session is served, as far as this lock knows.
    fn home_of(&self, session: &SessionId) -> Option<&Home> {
        let held = self.held_by(session).map(|holding| &holding.home);
        held.or_else(|| self.waiter(session).map(|waiter| &waiter.home))
    }
}

/// The locks of a book: only chapters that somebody holds or waits for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Locks {
    chapters: OrdMap<ChapterId, Arc<Lock>>,
    /// The stakes of each session: the chapters it holds or waits for.
    sessions: OrdMap<SessionId, OrdSet<ChapterId>>,
}

impl Locks {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&ChapterId, &Lock)> {
        self.chapters.iter().map(|(chapter, lock)| (chapter, lock.as_ref()))
    }

    pub(super) fn get(&self, chapter: &ChapterId) -> Option<&Lock> {
        self.chapters.get(chapter).map(Arc::as_ref)
    }

    /// Who holds a chapter, the first in front.
    pub(super) fn holders(&self, chapter: &ChapterId) -> &[Holding] {
        self.get(chapter).map_or(&[], |lock| &lock.holders)
    }

    fn held_by(&self, chapter: &ChapterId, session: &SessionId) -> Option<&Holding> {
        self.get(chapter)?.held_by(session)
    }

    fn waiting(&self, chapter: &ChapterId) -> &[Waiter] {
        self.get(chapter).map_or(&[], |lock| &lock.waiting)
    }

    /// The chapters that a session holds or waits for.
    pub(super) fn stakes(&self, session: &SessionId) -> impl ExactSizeIterator<Item = (&ChapterId, &Lock)> {
        let chapters: Vec<_> = self.sessions.get(session).into_iter().flatten().collect();
        chapters.into_iter().map(|chapter| (chapter, self.chapters[chapter].as_ref()))
    }

    fn has_stake(&self, session: &SessionId, chapter: &ChapterId) -> bool {
        self.sessions.get(session).is_some_and(|chapters| chapters.contains(chapter))
    }

    /// Changes one lock and keeps the index of stakes right.
    fn change(&mut self, chapter: &ChapterId, change: impl FnOnce(&mut Lock)) {
        let mut lock = self.chapters.remove(chapter).unwrap_or_default();
        for session in lock.sessions() {
            let stakes = self.sessions.entry(session.clone()).or_default();
            stakes.remove(chapter);
            if stakes.is_empty() {
                self.sessions.remove(session);
            }
        }
        change(Arc::make_mut(&mut lock));
        for session in lock.sessions() {
            self.sessions.entry(session.clone()).or_default().insert(chapter.clone());
        }
        if *lock != Lock::default() {
            self.chapters.insert(chapter.clone(), lock);
        }
    }

    pub(super) fn acquired(&mut self, event: &event::LockAcquired, committed: &Committed) {
        let holding = Holding {
            holder: event.holder.clone(),
            home: stored(event.home.as_ref()),
            token: committed.stamp,
            began: committed.stamp,
            since_at: committed.at,
            active_at: committed.at,
        };
        self.change(&event.chapter, |lock| {
            lock.waiting.retain(|waiter| waiter.session != event.holder.session);
            lock.holders.push(holding);
            lock.fence = Some(committed.stamp);
        });
    }

    pub(super) fn released(&mut self, event: &event::LockReleased, stamp: Token) {
        self.change(&event.chapter, |lock| {
            let place = lock.holders.iter().position(|holding| holding.holder.session == event.session);
            lock.holders.remove(place.expect("decide releases a holder"));
            lock.fence = (!lock.holders.is_empty()).then_some(stamp);
        });
    }

    pub(super) fn queued(&mut self, event: &event::LockQueued, at: Timestamp) {
        let waiter = Waiter {
            person: event.waiter.clone(),
            session: event.session.clone(),
            home: stored(event.home.as_ref()),
            note: event.note.clone(),
            asked_at: at,
        };
        self.change(&event.chapter, |lock| lock.waiting.push(waiter));
    }

    pub(super) fn wait_ended(&mut self, event: &event::LockWaitEnded) {
        self.change(&event.chapter, |lock| lock.waiting.retain(|waiter| waiter.session != event.session));
    }

    pub(super) fn rehomed(&mut self, event: &event::LockRehomed, stamp: Token) {
        self.change(&event.chapter, |lock| {
            let holding = lock.holder_mut(&event.session).expect("decide re-homes what is held");
            (holding.home, holding.token) = (stored(event.home.as_ref()), stamp);
            lock.fence = Some(stamp);
        });
    }

    pub(super) fn wait_rehomed(&mut self, event: &event::LockWaitRehomed) {
        self.change(&event.chapter, |lock| {
            let waiter = lock.waiting.iter_mut().find(|waiter| waiter.session == event.session);
            waiter.expect("decide re-homes who waits").home = stored(event.home.as_ref());
        });
    }

    pub(super) fn active(&mut self, event: &event::LockActive) {
        self.change(&event.chapter, |lock| {
            let holding = match &event.session {
                Some(session) => lock.holder_mut(session),
                None => lock.holders.first_mut(),
            };
            holding.expect("decide keeps alive what is held").active_at = event.active_at;
        });
    }

    pub(super) fn save(&self) -> Vec<(ChapterId, SavedLock)> {
        self.iter().map(|(chapter, lock)| (chapter.clone(), lock.save())).collect()
    }

    pub(super) fn restore(saved: Vec<(ChapterId, SavedLock)>) -> Self {
        let mut locks = Self::default();
        for (chapter, saved) in saved {
            locks.change(&chapter, |lock| *lock = Lock::restore(saved));
        }
        locks
    }

    pub(super) fn check_invariants(&self, last_stamp: Token) {
        let mut stakes = 0;
        for (chapter, lock) in self.iter() {
            assert_ne!(*lock, Lock::default(), "no entry for a chapter that nobody holds or wants");
            let tokens = lock.holders.iter().map(|holding| Some(holding.token));
            assert!(tokens.max().flatten() <= lock.fence, "no token is younger than the fence");
            assert!(lock.fence <= Some(last_stamp), "tokens are stamps");
            assert_eq!(lock.fence.is_none(), lock.holders.is_empty(), "what nobody holds has no fence");
            let mut sessions: Vec<_> = lock.sessions().collect();
            stakes += sessions.len();
            sessions.sort();
            sessions.dedup();
            let distinct = sessions.len();
            assert_eq!(distinct, lock.sessions().count(), "a session has one stake in {chapter}");
            for session in sessions {
                assert!(self.has_stake(session, chapter), "the index knows the stakes of {session}");
            }
        }
        let indexed: usize = self.sessions.values().map(OrdSet::len).sum();
        assert_eq!(stakes, indexed, "the index knows no other stakes");
        assert!(self.sessions.values().all(|stakes| !stakes.is_empty()), "no entry for a session without stakes");
    }
}

fn stored(home: Option<&Home>) -> Home {
    home.cloned().expect("a stored event says where its session is served")
}

/// What an event does to a chapter's fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FenceEffect {
    /// The event's stamp is the token that passes from now on.
    Grant,
    /// Nothing passes from now on.
    End,
}

/// What a batch of events does to the fences of chapters: for each chapter the last change, with the index of its event.
pub fn fence_changes(events: &[Event]) -> Vec<(usize, ChapterId, FenceEffect)> {
    let mut last = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        let (chapter, effect) = match event {
            Event::LockAcquired(event) => (&event.chapter, FenceEffect::Grant),
            Event::LockRehomed(event) => (&event.chapter, FenceEffect::Grant),
            // Whoever else holds it goes on; whoever has not heard of this writes nothing any more.
            Event::LockReleased(event) if event.live => (&event.chapter, FenceEffect::Grant),
            Event::LockReleased(event) => (&event.chapter, FenceEffect::End),
            _ => continue,
        };
        last.insert(chapter, (index, effect));
    }
    last.into_iter().map(|(chapter, (index, effect))| (index, chapter.clone(), effect)).collect()
}

#[cfg(test)]
mod tests;
