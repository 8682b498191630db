//! The trash, and what ends when its time is over: a book that lies there for too long, memberships with an end.

use quire_protocol::event::{self, Event, Person, ReleaseReason, WaitEndReason};
use quire_protocol::{Action, Rejection, Timestamp, UserId, What};

use super::access::not_found;
use super::{Book, Context, Decision, Stage};

impl Book {
    /// Until when it can be restored; `None`: it is not in the trash.
    pub fn trashed_until(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Trashed { until } => Some(until),
            Stage::Absent | Stage::Present | Stage::Deleted => None,
        }
    }

    /// In the trash a book is known to those who may restore it, and to nobody else.
    pub(super) fn is_restorable_by(&self, user: &UserId) -> bool {
        self.trashed_until().is_some() && self.may(user, Action::DeleteBook)
    }

    /// `person`: who wishes it; a host application is nobody.
    pub(super) fn decide_delete(
        &self,
        context: &Context<'_>,
        person: Option<Person>,
        forever: bool,
    ) -> Result<Decision, Rejection> {
        match (self.stage, forever) {
            (Stage::Trashed { .. }, true) => Ok(Decision::one(event::BookDeleted {})),
            (Stage::Trashed { .. }, false) => Ok(Decision::nothing()),
            (Stage::Present, true) => Err(Rejection::conflict("only a book in the trash is deleted for good")),
            (Stage::Present, false) => {
                let until = context.now.plus_ms(context.timers.trash_ms);
                let mut events = self.end_all_stakes();
                events.push(event::BookTrashed { person, until }.into());
                Ok(Decision::done(events))
            }
            (Stage::Absent | Stage::Deleted, _) => Err(not_found(What::Book)),
        }
    }

    pub(super) fn decide_book_restore(&self, context: &Context<'_>) -> Result<Decision, Rejection> {
        match self.stage {
            Stage::Trashed { until } if context.now < until => Ok(Decision::one(event::BookRestored {})),
            Stage::Present => Ok(Decision::nothing()),
            Stage::Trashed { .. } | Stage::Absent | Stage::Deleted => Err(not_found(What::Book)),
        }
    }

    fn end_all_stakes(&self) -> Vec<Event> {
        let (reason, waiting) = (ReleaseReason::BookDeleted, WaitEndReason::BookDeleted);
        self.locks.iter().flat_map(|(chapter, _)| self.clear_lock(chapter, reason, waiting)).collect()
    }

    /// When the time of something is over, the soonest first.
    pub fn lapses_at(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Present => self.members.first_end(),
            Stage::Trashed { until } => Some(until),
            Stage::Absent | Stage::Deleted => None,
        }
    }

    /// The time is over for this user or for the whole book, whether or not that was noticed yet.
    pub(super) fn is_over_for(&self, user: &UserId, now: Timestamp) -> bool {
        let over = |until: Timestamp| until <= now;
        let member = self.members.get(user).and_then(|member| member.until);
        self.trashed_until().is_some_and(over) || member.is_some_and(over)
    }

    /// Ends what lasted until now.
    pub(super) fn decide_lapsed(&self, context: &Context<'_>) -> Decision {
        let is_over = self.lapses_at().is_some_and(|at| at <= context.now);
        if !is_over {
            return Decision::nothing();
        }
        if self.trashed_until().is_some() {
            return Decision::one(event::BookDeleted {});
        }
        let over = self.members.iter().filter(|member| self.is_over_for(&member.user, context.now));
        let mut events = Vec::new();
        for member in over {
            events.extend(self.end_stakes_of(context, &member.user));
            events.push(event::MemberRemoved { user: member.user.clone() }.into());
        }
        Decision::done(events)
    }
}

#[cfg(test)]
mod tests;
