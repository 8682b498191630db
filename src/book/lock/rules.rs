//! What people may do with locks.
//!
//! "Somebody else" is another session, also one of the same user. A chapter that becomes free goes to the first waiter
//! that is here and may edit; those who are away keep their place. So a free chapter never has a waiter that is here.

use quire_protocol::command::{
    ChapterKind, LockAcquire, LockCancelWait, LockForceRelease, LockHandOver, LockKeep, LockMoveHere, LockRelease,
};
use quire_protocol::event::{self, Event, Home, ReleaseReason, WaitEndReason};
use quire_protocol::{Action, ChapterId, Rejection, SessionId, Token, UserId, What};

use super::{Holding, Lock, Waiter};
use crate::book::access::not_found;
use crate::book::act::Caller;
use crate::book::{Book, Context, Decision, Outcome, measure};

impl Book {
    pub(in crate::book) fn decide_acquire(
        &self,
        caller: &Caller<'_>,
        command: &LockAcquire,
    ) -> Result<Decision, Rejection> {
        let LockAcquire { chapter, wait, note } = command;
        if self.outline.find(chapter)?.kind == ChapterKind::Part {
            return Err(Rejection::invalid("chapter", "a part has no text to edit"));
        }
        let note = measure::note(note.as_deref(), caller.context.limits)?;
        if let Some(holding) = self.locks.held_by(chapter, caller.session) {
            return acquire_again(caller, chapter, holding);
        }
        match self.locks.holders(chapter) {
            holders if holders.is_empty() || self.is_live(chapter) => {
                self.check_stakes(caller, chapter)?;
                let max = caller.context.limits.writers_per_chapter;
                measure::room_for_one(holders.len(), "writers_per_chapter", max)?;
                Ok(granted(vec![caller.acquires(chapter)]))
            }
            holders if !wait => Err(locked(caller, &holders[0])),
            _ => self.decide_wait(caller, chapter, note),
        }
    }

    fn decide_wait(
        &self,
        caller: &Caller<'_>,
        chapter: &ChapterId,
        note: Option<String>,
    ) -> Result<Decision, Rejection> {
        let waiting = self.locks.waiting(chapter);
        if let Some(index) = waiting.iter().position(|waiter| waiter.session == *caller.session) {
            let moved = is_later(&waiting[index].home, caller.home)?;
            let events = moved.then(|| caller.rehomes_wait(chapter)).into_iter().collect();
            return Ok(Decision { events, outcome: Outcome::Waiting(place(index)) });
        }
        self.check_stakes(caller, chapter)?;
        let max = caller.context.limits.waiting_per_chapter;
        measure::room_for_one(waiting.len(), "waiting_per_chapter", max)?;
        let event = event::LockQueued {
            chapter: chapter.clone(),
            waiter: caller.person(),
            session: caller.session.clone(),
            note,
            home: Some(caller.home.clone()),
        };
        Ok(Decision { events: vec![event.into()], outcome: Outcome::Waiting(place(waiting.len())) })
    }

    pub(in crate::book) fn decide_release(
        &self,
        caller: &Caller<'_>,
        command: &LockRelease,
    ) -> Result<Decision, Rejection> {
        self.check_holds(caller, &command.chapter, command.token)?;
        Ok(Decision::done(self.pass_on(caller.context, &command.chapter, caller.session, ReleaseReason::Released)))
    }

    pub(in crate::book) fn decide_move_here(
        &self,
        caller: &Caller<'_>,
        command: &LockMoveHere,
    ) -> Result<Decision, Rejection> {
        let chapter = &command.chapter;
        self.outline.find(chapter)?;
        if let Some(holding) = self.locks.held_by(chapter, caller.session) {
            return acquire_again(caller, chapter, holding);
        }
        let holders = self.locks.holders(chapter);
        let Some(own) = holders.iter().find(|holding| holding.holder.user == *caller.user) else {
            return Err(holders.first().map_or(Rejection::NotHolder, |holding| locked(caller, holding)));
        };
        self.check_stakes(caller, chapter)?;
        Ok(granted(vec![self.end(chapter, own, ReleaseReason::Moved, None), caller.acquires(chapter)]))
    }

    pub(in crate::book) fn decide_hand_over(
        &self,
        caller: &Caller<'_>,
        command: &LockHandOver,
    ) -> Result<Decision, Rejection> {
        let LockHandOver { chapter, token, to, after_n: _ } = command;
        let lock = self.check_holds(caller, chapter, *token)?;
        let waiter = lock.waiter(to).ok_or(not_found(What::Session))?;
        if (caller.context.is_away)(to) {
            return Err(Rejection::conflict("that session is away"));
        }
        let held = lock.held_by(caller.session).expect("the caller holds it");
        let released = self.end(chapter, held, ReleaseReason::HandedOver, None);
        Ok(Decision::done(vec![released, waiter.acquires(chapter)]))
    }

    pub(in crate::book) fn decide_keep(&self, caller: &Caller<'_>, command: &LockKeep) -> Result<Decision, Rejection> {
        let LockKeep { chapter, token, to } = command;
        let lock = self.check_holds(caller, chapter, *token)?;
        let waiter = lock.waiter(to).ok_or(not_found(What::Session))?;
        Ok(Decision::done(vec![waiter.stops(chapter, WaitEndReason::Declined)]))
    }

    pub(in crate::book) fn decide_cancel_wait(
        &self,
        caller: &Caller<'_>,
        command: &LockCancelWait,
    ) -> Result<Decision, Rejection> {
        let chapter = &command.chapter;
        self.outline.find(chapter)?;
        let waiter = self.locks.get(chapter).and_then(|lock| lock.waiter(caller.session));
        Ok(Decision::done(waiter.map(|waiter| waiter.stops(chapter, WaitEndReason::Cancelled)).into_iter().collect()))
    }

    pub(in crate::book) fn decide_force_release(
        &self,
        caller: &Caller<'_>,
        command: &LockForceRelease,
    ) -> Result<Decision, Rejection> {
        let LockForceRelease { chapter, reason, take } = command;
        if self.outline.find(chapter)?.kind == ChapterKind::Part {
            return Err(Rejection::invalid("chapter", "a part has no lock"));
        }
        let note = measure::note(Some(reason), caller.context.limits)?;
        if note.is_none() {
            return Err(Rejection::invalid("reason", "it is empty"));
        }
        let holders = self.locks.holders(chapter).iter();
        // Whoever forces others out of a live chapter keeps what they hold themselves.
        let spared = |holding: &&Holding| (self.is_live(chapter) || *take) && holding.holder.session == *caller.session;
        let forced = holders.filter(|holding| !spared(holding));
        let mut events: Vec<Event> =
            forced.map(|holding| self.end(chapter, holding, ReleaseReason::Forced, note.clone())).collect();
        if !take {
            // The holder may have been faster: then what was wished is so.
            events.extend((!events.is_empty()).then(|| self.successor(caller.context, chapter, &|_| false)).flatten());
            return Ok(Decision::done(events));
        }
        if let Some(holding) = self.locks.held_by(chapter, caller.session) {
            let again = acquire_again(caller, chapter, holding)?;
            return Ok(Decision { events: events.into_iter().chain(again.events).collect(), ..again });
        }
        self.check_stakes(caller, chapter)?;
        events.push(caller.acquires(chapter));
        Ok(granted(events))
    }

    /// The end of every stake of somebody who loses the right to edit. To be followed by the event that takes it.
    pub(in crate::book) fn end_stakes_of(&self, context: &Context<'_>, user: &UserId) -> Vec<Event> {
        self.end_stakes(context, &|other| other == user)
    }

    /// The same of everybody who loses it.
    pub(in crate::book) fn end_stakes(&self, context: &Context<'_>, loses: &dyn Fn(&UserId) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        for (chapter, lock) in self.locks.iter() {
            let theirs = lock.waiting.iter().filter(|waiter| loses(&waiter.person.user));
            events.extend(theirs.map(|waiter| waiter.stops(chapter, WaitEndReason::PermissionChanged)));
            for holding in lock.holders.iter().filter(|holding| loses(&holding.holder.user)) {
                events.push(self.end(chapter, holding, ReleaseReason::PermissionChanged, None));
                events.extend(self.successor(context, chapter, loses));
            }
        }
        events
    }

    /// The end of a chapter's lock and of all waiting for it.
    pub(in crate::book) fn clear_lock(
        &self,
        chapter: &ChapterId,
        reason: ReleaseReason,
        wait: WaitEndReason,
    ) -> Vec<Event> {
        let Some(lock) = self.locks.get(chapter) else { return Vec::new() };
        let waits = lock.waiting.iter().map(|waiter| waiter.stops(chapter, wait));
        waits.chain(lock.holders.iter().map(|holding| self.end(chapter, holding, reason, None))).collect()
    }

    /// Refused `locked` if another session holds the chapter, and the caller does not.
    pub(in crate::book) fn check_not_locked_elsewhere(
        &self,
        caller: &Caller<'_>,
        chapter: &ChapterId,
    ) -> Result<(), Rejection> {
        match self.locks.holders(chapter).first() {
            Some(holding) if self.locks.held_by(chapter, caller.session).is_none() => Err(locked(caller, holding)),
            _ => Ok(()),
        }
    }

    /// The first token of the hold under which a session may write into a chapter now: its client id (D-4).
    pub fn hold_of(
        &self,
        user: &UserId,
        session: &SessionId,
        chapter: &ChapterId,
        token: Token,
    ) -> Result<Token, Rejection> {
        if !self.may(user, Action::EditText) {
            return Err(if self.may(user, Action::View) { Rejection::Forbidden } else { not_found(What::Book) });
        }
        self.outline.find(chapter)?;
        match self.locks.held_by(chapter, session) {
            Some(holding) if holding.token != token => Err(Rejection::StaleToken),
            Some(holding) => Ok(holding.began),
            None => Err(Rejection::NotHolder),
        }
    }

    pub(super) fn end(
        &self,
        chapter: &ChapterId,
        holding: &Holding,
        reason: ReleaseReason,
        note: Option<String>,
    ) -> Event {
        let (live, session) = (self.is_live(chapter), holding.holder.session.clone());
        event::LockReleased { chapter: chapter.clone(), session, reason, note, live }.into()
    }

    /// The chapter's lock, if the caller holds it under this token.
    fn check_holds(&self, caller: &Caller<'_>, chapter: &ChapterId, token: Token) -> Result<&Lock, Rejection> {
        self.hold_of(caller.user, caller.session, chapter, token)?;
        Ok(self.locks.get(chapter).expect("what is held has a lock"))
    }

    /// Refuses one stake more than a session may have; one that it has already is none more.
    fn check_stakes(&self, caller: &Caller<'_>, chapter: &ChapterId) -> Result<(), Rejection> {
        if self.locks.has_stake(caller.session, chapter) {
            return Ok(());
        }
        let used = self.locks.stakes(caller.session).len();
        measure::room_for_one(used, "locks_per_session", caller.context.limits.locks_per_session)
    }

    /// The release by a holder, and the grant to whoever is next.
    pub(super) fn pass_on(
        &self,
        context: &Context<'_>,
        chapter: &ChapterId,
        session: &SessionId,
        reason: ReleaseReason,
    ) -> Vec<Event> {
        let held = self.locks.held_by(chapter, session);
        let released = held.map(|holding| self.end(chapter, holding, reason, None));
        released.into_iter().chain(self.successor(context, chapter, &|_| false)).collect()
    }

    /// The grant to the first waiter that is here, may edit, and is not about to lose that. Nobody waits for a live chapter.
    fn successor(&self, context: &Context<'_>, chapter: &ChapterId, loses: &dyn Fn(&UserId) -> bool) -> Option<Event> {
        let mut waiting = self.locks.waiting(chapter).iter();
        let next = waiting.find(|waiter| {
            !loses(&waiter.person.user)
                && !(context.is_away)(&waiter.session)
                && self.may(&waiter.person.user, Action::EditText)
        });
        next.map(|waiter| waiter.acquires(chapter))
    }
}

impl Caller<'_> {
    pub(super) fn acquires(&self, chapter: &ChapterId) -> Event {
        let (chapter, home) = (chapter.clone(), Some(self.home.clone()));
        event::LockAcquired { chapter, holder: self.as_holder(), token: None, home }.into()
    }

    pub(super) fn rehomes(&self, chapter: &ChapterId) -> Event {
        let (chapter, session, home) = (chapter.clone(), self.session.clone(), Some(self.home.clone()));
        event::LockRehomed { chapter, session, token: None, home }.into()
    }

    pub(super) fn rehomes_wait(&self, chapter: &ChapterId) -> Event {
        let (chapter, session, home) = (chapter.clone(), self.session.clone(), Some(self.home.clone()));
        event::LockWaitRehomed { chapter, session, home }.into()
    }
}

impl Waiter {
    pub(super) fn acquires(&self, chapter: &ChapterId) -> Event {
        let (chapter, home) = (chapter.clone(), Some(self.home.clone()));
        event::LockAcquired { chapter, holder: self.as_holder(), token: None, home }.into()
    }

    pub(super) fn stops(&self, chapter: &ChapterId, reason: WaitEndReason) -> Event {
        event::LockWaitEnded { chapter: chapter.clone(), session: self.session.clone(), reason }.into()
    }
}

/// The session holds the chapter already. If it comes on a later connection, the lock follows it there.
fn acquire_again(caller: &Caller<'_>, chapter: &ChapterId, holding: &Holding) -> Result<Decision, Rejection> {
    if is_later(&holding.home, caller.home)? {
        Ok(granted(vec![caller.rehomes(chapter)]))
    } else {
        Ok(Decision { events: Vec::new(), outcome: Outcome::Held(holding.token) })
    }
}

/// Whether the caller's connection came after the one that is known; refused if it came before it (R4).
///
/// Every resume names a higher incarnation, so of two connections with the same one the second is an impostor.
pub(super) fn is_later(known: &Home, callers: &Home) -> Result<bool, Rejection> {
    if known == callers {
        Ok(false)
    } else if known.incarnation < callers.incarnation {
        Ok(true)
    } else {
        Err(Rejection::conflict("this session was resumed elsewhere"))
    }
}

fn granted(events: Vec<Event>) -> Decision {
    Decision { events, outcome: Outcome::Granted }
}

fn locked(caller: &Caller<'_>, holding: &Holding) -> Rejection {
    holding.refuses(caller.user)
}

impl Holding {
    /// Why somebody else does not get the chapter.
    pub(super) fn refuses(&self, user: &UserId) -> Rejection {
        Rejection::Locked {
            holder: self.holder.clone(),
            since_at: self.since_at,
            yours_elsewhere: self.holder.user == *user,
        }
    }
}

/// The place of the waiter at `index`: 1 is next.
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}
