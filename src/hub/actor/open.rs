//! Coming and going: `book.open` with catch-up or snapshot, `book.close`, and the end of a connection.

use std::sync::Arc;
use std::time::Duration;

use quire_protocol::command::After;
use quire_protocol::event::{Event, Home, ReleaseReason};
use quire_protocol::frame::{Answer, Opened};
use quire_protocol::{CloseCode, EventFrame, Rejection, SessionId, UserId};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::roster::{Gone, Place, Sitter};
use super::{Actor, Lost};
use crate::book::Act;
use crate::hub::mail::{AnswerTo, Mail, Wish};
use crate::hub::seat::Seat;
use crate::hub::{RESUMED, no_such_book, unavailable};

/// Ghosts are looked for again after this time, if there was mail that may explain them.
const GHOSTS_AGAIN: Duration = Duration::from_millis(100);

impl Actor {
    /// Subscribes a connection. Its locks and waiting places move to it first (R4).
    pub(super) async fn open(&mut self, seat: Arc<Seat>, reference: u64, after: Option<After>) -> Result<(), Lost> {
        let (limits, timers) = (self.hub.limits.clone(), self.hub.timers.clone());
        let refusal = self.refusal(&seat, limits.sessions_per_book);
        let result = match refusal {
            Some(rejection) => Err(rejection),
            None => match self.rehome(&seat).await {
                Ok(rehomed) => rehomed,
                Err(lost) => {
                    self.turn_down(Mail::Open { seat, reference, after });
                    return Err(lost);
                }
            },
        };
        if let Err(rejection) = result {
            seat.drop_book(self.book.id());
            let seq = self.shows_seq(&seat).then(|| self.book.seq());
            seat.reply(reference, seq, Err(rejection), &limits);
            return Ok(());
        }
        self.orphans.remove(&seat.session);
        if self.serves(&seat.session, &seat.home) {
            seat.drop_book(self.book.id());
        }
        self.roster.join(Arc::clone(&seat), self.active_by_the_log(&seat.session), &timers);
        let opened = self.opened(&seat, after).await;
        seat.reply(reference, Some(self.book.seq()), Ok(Answer::Opened(Box::new(opened))), &limits);
        if self.book.stake_of(&seat.session) {
            self.sweep_at = Instant::now();
        } else if let Some(idle_at) = self.roster.idle_at(&seat.session, &timers) {
            self.sweep_at = self.sweep_at.min(idle_at);
        }
        Ok(())
    }

    fn refusal(&self, seat: &Seat, sessions_max: usize) -> Option<Rejection> {
        if !self.book.may(&seat.user, quire_protocol::Action::View) {
            return Some(if self.may_be_lost { unavailable() } else { no_such_book() });
        }
        match self.roster.get(&seat.session) {
            // Whoever holds or waits for something comes back in any case.
            None if self.is_full(sessions_max) && !self.book.stake_of(&seat.session) => Some(Rejection::LimitReached {
                limit: "sessions_per_book".into(),
                max: sessions_max as u64,
                used: self.roster.len() as u64,
            }),
            Some(sitter) => {
                let home = sitter.at.home();
                let superseded = match &sitter.at {
                    Place::Here(_) => home.incarnation > seat.home.incarnation,
                    // That connection is over, or another replica's: whoever comes now names a higher incarnation.
                    Place::Gone(_) | Place::Elsewhere(_) => home.incarnation >= seat.home.incarnation,
                };
                superseded.then(|| {
                    seat.close(CloseCode::ResumedElsewhere, RESUMED);
                    Rejection::conflict(RESUMED)
                })
            }
            None => None,
        }
    }

    /// Sessions that are away take no place from those who are here, but not without end.
    fn is_full(&self, max: usize) -> bool {
        self.roster.len() >= 2 * max || (self.roster.len() >= max && self.roster.live() >= max)
    }

    /// Moves what the session holds and waits for to its new connection.
    async fn rehome(&mut self, seat: &Arc<Seat>) -> Result<Result<(), Rejection>, Lost> {
        if !self.book.stake_of(&seat.session) {
            return Ok(Ok(()));
        }
        let (answer, done) = oneshot::channel();
        self.decide(vec![Wish::on_behalf(Arc::clone(seat), Act::Rehome, AnswerTo::Task(answer))]).await?;
        let result = done.await.unwrap_or(Err(crate::hub::unavailable()));
        if matches!(result, Err(Rejection::Conflict { .. })) {
            seat.close(CloseCode::ResumedElsewhere, RESUMED);
        }
        Ok(result)
    }

    async fn opened(&self, seat: &Seat, after: Option<After>) -> Opened {
        let limits = &self.hub.limits;
        let access = self.book.access(&seat.user);
        let events = match after {
            Some(after) => self.events_after(&seat.user, after).await,
            None => None,
        };
        let is_away = |session: &SessionId| self.is_away(session);
        let snapshot = events.is_none().then(|| self.book.snapshot(&seat.user, self.hub.clock.now(), &is_away));
        Opened {
            epoch: self.position.expect("a book that may be viewed has a log").epoch,
            seq: self.book.seq(),
            role: access.role,
            can: access.can,
            roster: self.roster.entries(limits.roster_entries),
            roster_count: u32::try_from(self.roster.len()).unwrap_or(u32::MAX),
            events,
            snapshot,
        }
    }

    /// All events after the client's position, if exactly they can be served by the rights the user has now.
    async fn events_after(&self, user: &UserId, after: After) -> Option<Vec<EventFrame>> {
        let limit = self.hub.limits.catch_up_events;
        // What the library let somebody hear at an earlier event is not known any more.
        self.book.role(user)?;
        let missing = self.book.seq().0.checked_sub(after.seq.0)?;
        if Some(after.epoch) != self.position.map(|position| position.epoch) || missing > limit as u64 {
            return None;
        }
        if missing == 0 {
            return Some(Vec::new());
        }
        // Events that would fill half a frame and more are not sent: a snapshot is smaller.
        let bytes = self.hub.limits.frame_bytes / 2;
        let records = self.hub.store.read_archive(self.log(), after.seq.next(), limit, bytes).await.ok()?;
        let facts = self.facts(&records).ok()?;
        let complete = facts.first()?.seq == after.seq.next() && facts.last()?.seq == self.book.seq();
        let same_rights = !facts.iter().any(|fact| concerns(&fact.fact.event, user));
        if !complete || !same_rights {
            return None;
        }
        facts.iter().map(|fact| self.frame_for(user, fact)).collect()
    }

    /// Ends a subscription by the client's wish. Idempotent.
    pub(super) async fn close_view(&mut self, seat: &Arc<Seat>, reference: u64) -> Result<(), Lost> {
        let limits = self.hub.limits.clone();
        let mut done = Ok(());
        if self.serves(&seat.session, &seat.home) {
            seat.drop_book(self.book.id());
            self.leave_texts(&seat.session);
            self.roster.leave(&seat.session, &self.hub.timers);
            let act = Act::ViewClosed { session: seat.session.clone() };
            done = self.decide(vec![Wish::on_behalf(Arc::clone(seat), act, AnswerTo::Nobody)]).await;
            self.adopt_orphans();
        }
        // The view is closed in any case.
        let seq = self.shows_seq(seat).then(|| self.book.seq());
        seat.reply(reference, seq, Ok(Answer::Done {}), &limits);
        done
    }

    /// A connection is over: cleanly, or it vanished and its grace begins. Only the named connection ends (R4).
    pub(super) async fn left(&mut self, session: &SessionId, home: &Home, clean: bool) -> Result<(), Lost> {
        let grace = Duration::from_millis(self.hub.timers.grace_ms);
        let gone = Gone { home: home.clone(), until: Instant::now() + grace, reason: ReleaseReason::Disconnected };
        if !self.serves(session, home) {
            return Ok(());
        }
        self.leave_texts(session);
        if clean || grace.is_zero() {
            self.roster.leave(session, &self.hub.timers);
            let ended = self.end_session(session.clone(), gone).await;
            // What the store refused to end is ended after a grace.
            self.adopt_orphans();
            ended
        } else {
            self.sweep_at = self.sweep_at.min(gone.until);
            self.roster.vanish(session, gone, &self.hub.timers);
            Ok(())
        }
    }

    /// This very connection is subscribed.
    pub(super) fn serves(&self, session: &SessionId, home: &Home) -> bool {
        self.roster.get(session).is_some_and(|sitter| sitter.at.seat().is_some_and(|there| there.home == *home))
    }

    /// Subscribed connections that the directory no longer knows ended without a word of theirs (R5).
    pub(super) async fn end_ghosts(&mut self) -> Result<(), Lost> {
        let known =
            |seat: &Arc<Seat>| self.hub.directory.session(&seat.session).is_some_and(|known| known.home == seat.home);
        let ghosts: Vec<Arc<Seat>> = self.roster.seats().filter(|seat| !known(seat)).cloned().collect();
        // A connection tells its books before the directory forgets it. So its word may be here already, not yet read, and
        // says more than its absence: whether it was a goodbye.
        if !ghosts.is_empty() && !self.mailbox.is_empty() {
            self.wake_in(GHOSTS_AGAIN);
            return Ok(());
        }
        for ghost in ghosts {
            self.left(&ghost.session, &ghost.home, false).await?;
        }
        Ok(())
    }

    /// What the session held is released, what it waited for is given up.
    pub(super) async fn end_session(&mut self, session: SessionId, gone: Gone) -> Result<(), Lost> {
        if !self.book.stake_of(&session) {
            return Ok(());
        }
        self.notice(vec![Act::SessionEnded { session, home: gone.home, reason: gone.reason }]).await
    }

    /// The session's connection is gone while its grace runs.
    pub(super) fn is_away(&self, session: &SessionId) -> bool {
        self.orphans.contains_key(session) || self.roster.get(session).is_some_and(Sitter::is_away)
    }
}

/// The event changes what this user may hear.
fn concerns(event: &Event, user: &UserId) -> bool {
    match event {
        Event::MemberJoined(event) => event.member.user == *user,
        Event::MemberRoleChanged(event) => event.user == *user,
        Event::MemberRemoved(event) => event.user == *user,
        Event::MemberLeft(event) => event.user == *user,
        Event::OwnershipTransferred(event) => event.from == *user || event.to == *user,
        // Whoever was there had heard that it is over.
        Event::BookTrashed(_) | Event::BookRestored(_) => true,
        _ => false,
    }
}
