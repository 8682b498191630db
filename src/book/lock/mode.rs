//! Chapters in which several write at once (L-10, L-11).
//!
//! Each holder has a hold of its own; what the store compares is one fence for all of them, the stamp of the last event
//! that changed who holds the chapter. So whoever has not heard of a change, be it a grant, writes nothing before it has.

use quire_protocol::command::{ChapterKind, ChapterSetMode, Mode};
use quire_protocol::event::{self, Event, ReleaseReason, WaitEndReason};
use quire_protocol::{Action, ChapterId, Rejection, SessionId, Token, UserId};

use super::Holding;
use crate::book::act::Caller;
use crate::book::{Book, Committed, Decision};

impl Book {
    pub(in crate::book) fn decide_set_mode(
        &self,
        caller: &Caller<'_>,
        command: &ChapterSetMode,
    ) -> Result<Decision, Rejection> {
        let ChapterSetMode { chapter, mode } = command;
        let found = self.outline.find(chapter)?;
        if found.kind == ChapterKind::Part {
            return Err(Rejection::invalid("chapter", "a part has no text to edit"));
        }
        if found.mode == *mode {
            return Ok(Decision::nothing());
        }
        let set = event::ChapterModeSet { chapter: chapter.clone(), mode: *mode }.into();
        Ok(Decision::done(match mode {
            Mode::Live => [set].into_iter().chain(self.let_all_in(caller, chapter)).collect(),
            Mode::Exclusive => self.leave_one(caller, chapter).chain([set]).collect(),
        }))
    }

    /// Those who wait are granted the chapter as far as there is room; the others need not wait to acquire it.
    fn let_all_in(&self, caller: &Caller<'_>, chapter: &ChapterId) -> impl Iterator<Item = Event> {
        let context = caller.context;
        let mut room = context.limits.writers_per_chapter.saturating_sub(self.locks.holders(chapter).len());
        self.locks.waiting(chapter).iter().map(move |waiter| {
            let is_here = !(context.is_away)(&waiter.session) && self.may(&waiter.person.user, Action::EditText);
            if is_here && room > 0 {
                room -= 1;
                waiter.acquires(chapter)
            } else {
                waiter.stops(chapter, WaitEndReason::ModeChanged)
            }
        })
    }

    /// One holder goes on: the caller, else the first one who is here.
    fn leave_one(&self, caller: &Caller<'_>, chapter: &ChapterId) -> impl Iterator<Item = Event> {
        let holders = self.locks.holders(chapter);
        let is_here = |holding: &&Holding| !(caller.context.is_away)(&holding.holder.session);
        let own = self.locks.held_by(chapter, caller.session);
        let stays = own.or_else(|| holders.iter().find(is_here)).or_else(|| holders.first());
        let stays = stays.map(|holding| holding.holder.session.clone());
        let others = holders.iter().filter(move |holding| Some(&holding.holder.session) != stays.as_ref());
        others.map(|holding| self.end(chapter, holding, ReleaseReason::ModeChanged, None))
    }

    /// Several may write in the chapter at once.
    pub(in crate::book) fn is_live(&self, chapter: &ChapterId) -> bool {
        self.outline.get(chapter).is_some_and(|chapter| chapter.mode == Mode::Live)
    }

    /// What the chapter's log must be fenced with for those who hold it; `None`: nobody does.
    pub fn fence_of(&self, chapter: &ChapterId) -> Option<Token> {
        self.locks.get(chapter)?.fence
    }

    /// The fence of each chapter that somebody holds.
    pub fn fences(&self) -> impl Iterator<Item = (&ChapterId, Token)> {
        self.locks.iter().filter_map(|(chapter, lock)| Some((chapter, lock.fence?)))
    }

    /// Refused `locked` if somebody else holds the chapter, too.
    pub fn check_alone(&self, user: &UserId, session: &SessionId, chapter: &ChapterId) -> Result<(), Rejection> {
        let mut others = self.locks.holders(chapter).iter().filter(|holding| holding.holder.session != *session);
        others.next().map_or(Ok(()), |holding| Err(holding.refuses(user)))
    }

    /// The locks' part of [`Book::apply`] for a grant.
    pub(in crate::book) fn apply_acquired(&mut self, event: &event::LockAcquired, committed: &Committed) {
        let is_first = self.locks.holders(&event.chapter).is_empty();
        assert!(is_first || self.is_live(&event.chapter), "I4: {} has at most one holder", event.chapter);
        self.locks.acquired(event, committed);
    }

    /// Asserts that chapters have holders as their modes say.
    pub(in crate::book) fn check_modes(&self) {
        for (chapter, lock) in self.locks.iter() {
            assert!(self.is_live(chapter) || lock.holders.len() <= 1, "I4: {chapter} has at most one holder");
        }
    }
}

#[cfg(test)]
mod tests;
