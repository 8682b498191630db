//! Whose task a chapter is. It allows nobody anything: who may write in it is said elsewhere.

use quire_protocol::command::{ChapterAssign, ChapterKind};
use quire_protocol::view::Assignment;
use quire_protocol::{Action, Rejection, UserId, What, event};

use super::access::{allows, not_found};
use super::act::Caller;
use super::{Book, Decision};

impl Book {
    pub(super) fn decide_assign(&self, caller: &Caller<'_>, command: &ChapterAssign) -> Result<Decision, Rejection> {
        let chapter = self.outline.find(&command.chapter)?;
        if chapter.kind == ChapterKind::Part {
            return Err(Rejection::invalid("chapter", "a part has no text"));
        }
        let assignment = match (&command.user, command.due_at) {
            (Some(user), due_at) => Some(Assignment { person: self.writer(user)?, due_at }),
            (None, None) => None,
            (None, Some(_)) => return Err(Rejection::invalid("due_at", "nobody is to do it")),
        };
        if assignment == chapter.assignment {
            return Ok(Decision::nothing());
        }
        let (chapter, person) = (command.chapter.clone(), caller.person());
        Ok(Decision::one(event::ChapterAssigned { chapter, assignment, person }))
    }

    /// A member who may write.
    fn writer(&self, user: &UserId) -> Result<event::Person, Rejection> {
        let person = self.members.person(user).ok_or(not_found(What::Member))?;
        let writes = self.members.role(user).is_some_and(|role| allows(role, Action::EditText));
        if writes { Ok(person) } else { Err(Rejection::invalid("user", "they may not write in this book")) }
    }

    /// Somebody is no member any more.
    pub(super) fn apply_end(&mut self, event: &event::MemberEndSet) {
        self.members.end_set(event);
        if event.until.is_some() {
            self.apply_offer_void(&event.user);
        }
    }

    pub(super) fn apply_left(&mut self, user: &UserId) {
        self.members.left(user);
        self.apply_offer_void(user);
        self.outline.relieve(user);
    }
}

#[cfg(test)]
mod tests;
