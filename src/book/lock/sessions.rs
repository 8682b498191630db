//! What becomes of locks when connections come and go, and when holders are idle or active.

use quire_protocol::event::{self, Event, Home, ReleaseReason, WaitEndReason};
use quire_protocol::{Action, ChapterId, Rejection, SessionId, Timestamp, Token, What};

use super::rules::is_later;
use super::{Holding, Lock, Waiter};
use crate::book::access::not_found;
use crate::book::act::Caller;
use crate::book::{Actor, Book, Context, Decision};

impl Book {
    /// R4: a resumed session opens the book again, and its stakes follow it to its new connection.
    pub(in crate::book) fn decide_rehome(&self, caller: &Caller<'_>) -> Result<Decision, Rejection> {
        if !self.may(caller.user, Action::View) {
            return Err(not_found(What::Book));
        }
        let mut events = Vec::new();
        for (chapter, lock) in self.locks.stakes(caller.session) {
            let home = lock.home_of(caller.session).expect("a stake is held or waited for");
            let moved = is_later(home, caller.home)?;
            events.extend(rehome_stake(caller, chapter, lock, moved));
        }
        Ok(Decision::done(events))
    }

    /// One connection of a session is over. A late end of an old connection finds another home and ends nothing.
    pub(in crate::book) fn decide_session_ended(
        &self,
        context: &Context<'_>,
        session: &SessionId,
        ended: (&Home, ReleaseReason),
    ) -> Decision {
        let (home, reason) = ended;
        let stakes = self.locks.stakes(session).filter(|(_, lock)| lock.home_of(session) == Some(home));
        Decision::done(
            stakes.flat_map(|(chapter, lock)| self.end_stake(context, (chapter, lock), session, reason)).collect(),
        )
    }

    /// A session closed its view: it gives back what it holds, and waits no longer.
    pub(in crate::book) fn decide_view_closed(&self, context: &Context<'_>, session: &SessionId) -> Decision {
        let stakes = self.locks.stakes(session);
        let end = |stake| self.end_stake(context, stake, session, ReleaseReason::Released);
        Decision::done(stakes.flat_map(end).collect())
    }

    fn end_stake(
        &self,
        context: &Context<'_>,
        (chapter, lock): (&ChapterId, &Lock),
        session: &SessionId,
        reason: ReleaseReason,
    ) -> Vec<Event> {
        match lock.waiter(session) {
            Some(waiter) => vec![waiter.stops(chapter, WaitEndReason::Disconnected)],
            None => self.pass_on(context, chapter, session, reason),
        }
    }

    /// Only the hub's timer knows how long nobody wrote.
    pub(in crate::book) fn decide_idle(
        &self,
        context: &Context<'_>,
        chapter: &ChapterId,
        token: Token,
    ) -> Result<Decision, Rejection> {
        if let Actor::Person { .. } = context.actor {
            return Err(Rejection::Forbidden);
        }
        let idle = self.locks.holders(chapter).iter().find(|holding| holding.token == token);
        let end = |holding: &Holding| self.pass_on(context, chapter, &holding.holder.session, ReleaseReason::Idle);
        Ok(Decision::done(idle.map(end).unwrap_or_default()))
    }

    pub(in crate::book) fn decide_active(
        &self,
        context: &Context<'_>,
        (chapter, token): (&ChapterId, Token),
        active_at: Timestamp,
    ) -> Result<Decision, Rejection> {
        match self.locks.holders(chapter).iter().find(|holding| holding.token == token) {
            Some(holding) if !context.actor.speaks_for(&holding.holder.session) => Err(Rejection::Forbidden),
            Some(holding) if holding.active_at < active_at => {
                let (chapter, session) = (chapter.clone(), Some(holding.holder.session.clone()));
                Ok(Decision::one(event::LockActive { chapter, session, active_at }))
            }
            _ => Ok(Decision::nothing()),
        }
    }
}

fn rehome_stake(caller: &Caller<'_>, chapter: &ChapterId, lock: &Lock, moved: bool) -> Vec<Event> {
    let place_moves = moved.then(|| caller.rehomes_wait(chapter));
    if lock.held_by(caller.session).is_some() {
        return moved.then(|| caller.rehomes(chapter)).into_iter().collect();
    }
    match lock.holders.first() {
        Some(_) => place_moves.into_iter().collect(),
        // Free until now because all who wait were away.
        None => match lock.waiting.iter().find(|waiter| is_back(caller, waiter)) {
            Some(first) if first.session != *caller.session => {
                place_moves.into_iter().chain([first.acquires(chapter)]).collect()
            }
            _ => vec![caller.acquires(chapter)],
        },
    }
}

/// The waiter is here; of the caller that is known, whatever the hub's timers still say.
fn is_back(caller: &Caller<'_>, waiter: &Waiter) -> bool {
    waiter.session == *caller.session || !(caller.context.is_away)(&waiter.session)
}
