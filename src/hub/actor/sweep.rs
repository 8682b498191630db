//! Time passes: graces end, locks fall idle, people fall idle. Every end is a command through the ordinary door.

use std::collections::BTreeSet;
use std::time::Duration;

use quire_protocol::event::Home;
use quire_protocol::frame::Notice;
use quire_protocol::{ChapterId, SessionId, Timestamp, Token};
use tokio::time::Instant;

use super::{Actor, Lost};
use crate::book::Act;

/// A holder's activity is written to the log at most this often, so that no restart begins the idle time anew.
const ACTIVITY_WRITTEN_EVERY_MS: u64 = 60 * 60 * 1000;
/// The clocks are looked at this often even if nothing is due.
const SWEEP_AT_LEAST_EVERY: Duration = Duration::from_hours(1);
/// An end that could not be written (the store is away) is tried again after this time.
const RETRY: Duration = Duration::from_millis(500);

/// A held lock and how long its holder has been inactive.
struct Idle {
    chapter: ChapterId,
    session: SessionId,
    token: Token,
    inactive_ms: u64,
    active_at: Timestamp,
    written_at: Timestamp,
}

impl Actor {
    /// Does everything that is due, and finds out when to look again.
    pub(super) async fn sweep(&mut self) -> Result<(), Lost> {
        self.fresh = false;
        self.sweep_at = Instant::now() + SWEEP_AT_LEAST_EVERY;
        self.end_ghosts().await?;
        self.forget_peers();
        self.adopt_orphans();
        self.end_graces().await?;
        self.end_lapsed().await?;
        self.watch_locks().await?;
        if !self.reproject().await {
            self.wake_in(RETRY);
        }
        self.tell_due().await?;
        if let Some(next) = self.roster.age(&self.hub.timers) {
            self.sweep_at = self.sweep_at.min(next);
        }
        Ok(())
    }

    /// The person did something.
    pub(super) fn active(&mut self, session: &SessionId) {
        self.roster.active(session, &self.hub.timers);
        self.wake_in(Duration::from_millis(self.hub.timers.roster_idle_ms));
        let now = self.hub.clock.now();
        let mut held = self.book.held().filter(|held| held.session == session);
        if held.any(|held| now.ms_since(held.active_at) >= ACTIVITY_WRITTEN_EVERY_MS) {
            self.sweep_at = Instant::now();
        }
    }

    /// A holder cannot have been active later than this, or it would be written in the log.
    pub(super) fn active_by_the_log(&self, session: &SessionId) -> Option<Instant> {
        let held = self.book.held().filter(|held| held.session == session);
        let written = held.map(|held| held.active_at).max()?;
        let inactive_ms = self.hub.clock.now().ms_since(written.plus_ms(ACTIVITY_WRITTEN_EVERY_MS));
        Instant::now().checked_sub(Duration::from_millis(inactive_ms))
    }

    async fn end_graces(&mut self) -> Result<(), Lost> {
        let now = Instant::now();
        let (over, next) = self.roster.overdue();
        for (session, gone) in over {
            self.end_session(session.clone(), gone.clone()).await?;
            if self.has_stake(&session, &gone.home) {
                self.sweep_at = self.sweep_at.min(now + RETRY);
            } else {
                self.roster.leave(&session, &self.hub.timers);
            }
        }
        let over: Vec<_> = self.orphans.iter().filter(|(_, gone)| gone.until <= now).collect();
        let over: Vec<_> = over.into_iter().map(|(session, gone)| (session.clone(), gone.clone())).collect();
        for (session, gone) in over {
            self.end_session(session.clone(), gone.clone()).await?;
            if self.has_stake(&session, &gone.home) {
                self.sweep_at = self.sweep_at.min(now + RETRY);
            } else {
                self.orphans.remove(&session);
            }
        }
        // What the session still holds is another connection's, which may be gone as well.
        self.adopt_orphans();
        let orphans = self.orphans.values().map(|gone| gone.until).filter(|until| *until > now).min();
        self.sweep_at = [next, orphans].into_iter().flatten().fold(self.sweep_at, Instant::min);
        Ok(())
    }

    /// This very connection holds or waits for something.
    fn has_stake(&self, session: &SessionId, home: &Home) -> bool {
        let held = self.book.held().any(|held| held.session == session && held.home == home);
        held || self.book.waiting().any(|waits| waits.session == session && waits.home == home)
    }

    /// Warns holders of idle locks, releases those that were idle for too long, writes down who was active.
    async fn watch_locks(&mut self) -> Result<(), Lost> {
        let timers = self.hub.timers.clone();
        let warn_after = timers.lock_idle_ms.saturating_sub(timers.lock_idle_notice_ms);
        let mut acts = Vec::new();
        let held: BTreeSet<Token> = self.book.held().map(|held| held.token).collect();
        self.warned.retain(|token| held.contains(token));
        for idle in self.idle_locks() {
            let Idle { chapter, token, inactive_ms, active_at, .. } = &idle;
            if *inactive_ms >= timers.lock_idle_ms {
                acts.push(Act::LockIdle { chapter: chapter.clone(), token: *token });
                self.wake_in(RETRY);
                continue;
            }
            if *inactive_ms >= warn_after {
                self.warn(&idle, active_at.plus_ms(timers.lock_idle_ms));
                self.wake_in(Duration::from_millis(timers.lock_idle_ms - inactive_ms));
            } else {
                self.warned.remove(token);
                self.wake_in(Duration::from_millis(warn_after - inactive_ms));
            }
            if active_at.ms_since(idle.written_at) >= ACTIVITY_WRITTEN_EVERY_MS {
                acts.push(Act::LockActive { chapter: chapter.clone(), token: *token, active_at: *active_at });
            }
        }
        self.notice(acts).await
    }

    fn idle_locks(&self) -> Vec<Idle> {
        let now = self.hub.clock.now();
        let idle = |held: crate::book::Held<'_>| {
            let written_ms = now.ms_since(held.active_at);
            let sitter = self.roster.get(held.session);
            let seen = sitter.map(|sitter| u64::try_from(sitter.active.elapsed().as_millis()).unwrap_or(u64::MAX));
            let inactive_ms = seen.map_or(written_ms, |seen| seen.min(written_ms));
            Idle {
                chapter: held.chapter.clone(),
                session: held.session.clone(),
                token: held.token,
                inactive_ms,
                active_at: Timestamp(now.0.saturating_sub(inactive_ms)),
                written_at: held.active_at,
            }
        };
        // The replica that serves a session knows best how long it was idle.
        let ours = |held: &crate::book::Held<'_>| {
            held.home.replica == self.hub.replica || self.hub.replicas().is_none() || self.is_away(held.session)
        };
        self.book.held().filter(ours).map(idle).collect()
    }

    fn warn(&mut self, idle: &Idle, releases_at: Timestamp) {
        if !self.warned.insert(idle.token) {
            return;
        }
        if let Some(seat) = self.seat(&idle.session) {
            let (book, chapter) = (self.book.id().clone(), idle.chapter.clone());
            seat.notify(Notice::LockIdleSoon { book, chapter, releases_at }, &self.hub.limits);
        }
    }

    /// Ends what lasted until now: a book's time in the trash, memberships.
    pub(super) async fn end_lapsed(&mut self) -> Result<(), Lost> {
        let now = self.hub.clock.now();
        if self.book.lapses_at().is_some_and(|at| at <= now) {
            self.notice(vec![Act::Lapsed]).await?;
        }
        self.watch_lapses();
        Ok(())
    }

    /// Wakes when the time of something is over.
    pub(super) fn watch_lapses(&mut self) {
        if let Some(at) = self.book.lapses_at() {
            let left = Duration::from_millis(at.ms_since(self.hub.clock.now()));
            // What is over already could not be written.
            self.wake_in(if left.is_zero() { RETRY } else { left.min(SWEEP_AT_LEAST_EVERY) });
        }
    }

    pub(super) fn wake_in(&mut self, delay: Duration) {
        self.sweep_at = self.sweep_at.min(Instant::now() + delay);
    }
}
