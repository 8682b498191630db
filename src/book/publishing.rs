//! How a book comes to its readers. Its owner submits it as it is at a point of its history; whoever may publish books of the
//! library reviews that, and publishes it or what is there. Readers get what was published: later writing waits.

use quire_protocol::command::{PublishApprove, PublishPublish, PublishRequestChanges, PublishStart, PublishUnpublish};
use quire_protocol::event::{self, Event};
use quire_protocol::publishing::{
    ListedRevision, PublishState, PublishedEdition, Publishing as View, Revision, RevisionState,
};
use quire_protocol::{Action, BookCommand, Rejection, Seq, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::act::Caller;
use super::{Book, Decision, measure};

/// How far a book is on its way to its readers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Publishing {
    edition: Option<PublishedEdition>,
    revision: Option<Revision>,
    /// It was out since it came into the library.
    once: bool,
}

impl Publishing {
    pub(super) fn state(&self) -> PublishState {
        match (&self.edition, &self.revision) {
            (Some(_), _) => PublishState::Published,
            (None, Some(revision)) => revision.state.into(),
            (None, None) if self.once => PublishState::Unpublished,
            (None, None) => PublishState::Draft,
        }
    }

    fn revision_state(&self) -> Option<RevisionState> {
        self.revision.as_ref().map(|revision| revision.state)
    }

    pub(super) fn submitted(&self) -> Option<ListedRevision> {
        self.revision.as_ref().map(|revision| ListedRevision { point: revision.point, state: revision.state })
    }

    /// It was out since it came into the library: who deletes it, publishes it and takes it back is the library's matter.
    pub(super) fn was_out(&self) -> bool {
        self.once
    }

    pub(super) fn happened(&mut self, event: &Event, at: Timestamp) {
        let revise = |point: &Seq, state, person: &event::Person, note: Option<&String>| {
            Some(Revision { point: *point, state, at, by: person.clone(), note: note.cloned() })
        };
        match event {
            Event::PublishSubmitted(event::PublishSubmitted { point, person, note }) => {
                self.revision = revise(point, RevisionState::Submitted, person, note.as_ref());
            }
            Event::PublishChangesRequested(event::PublishChangesRequested { point, person, note }) => {
                self.revision = revise(point, RevisionState::ChangesRequested, person, Some(note));
            }
            Event::PublishApproved(event::PublishApproved { point, person, note }) => {
                self.revision = revise(point, RevisionState::Approved, person, note.as_ref());
            }
            Event::PublishWithdrawn(_) => self.revision = None,
            Event::PublishPublished(event) => {
                let by = event.person.clone();
                *self =
                    Self { edition: Some(PublishedEdition { point: event.point, at, by }), revision: None, once: true };
            }
            Event::PublishUnpublished(_) => self.edition = None,
            // What a library thinks of a book ends when it leaves it.
            Event::BookUnshelved(_) | Event::BookDeleted(_) => *self = Self::default(),
            _ => {}
        }
    }

    pub(super) fn check_invariants(&self, is_shelved: bool) {
        assert!(is_shelved || *self == Self::default(), "only books of the library are published");
        assert!(self.once || self.edition.is_none(), "what is out was published");
    }
}

/// What this command is about is a point of the book's history that is kept for it.
pub fn keeps_point(command: &BookCommand) -> bool {
    matches!(command, BookCommand::PublishStart(_) | BookCommand::PublishPublish(PublishPublish { point: None, .. }))
}

/// The point that the hub kept before the book decided.
fn kept(caller: &Caller<'_>) -> Result<Seq, Rejection> {
    caller.context.point.ok_or_else(|| Rejection::conflict("no point of the book's history was kept"))
}

impl Book {
    /// How far the book is, as far as `viewer` may know it: what was submitted is for those who get the whole text.
    pub fn publishing(&self, viewer: &UserId) -> View {
        if !self.may(viewer, Action::View) {
            return View::default();
        }
        let Publishing { edition, revision, .. } = &self.publishing;
        let revision = revision.clone().filter(|_| self.may(viewer, Action::Download));
        let state = match (&revision, self.publishing.state()) {
            (_, PublishState::Published) => PublishState::Published,
            (Some(_), state) => state,
            (None, _) if self.publishing.once => PublishState::Unpublished,
            (None, _) => PublishState::Draft,
        };
        View { state, was_published: self.publishing.once, edition: edition.clone(), revision }
    }

    /// Whether readers get this point, or somebody is to say whether they will: then it is no matter of the history alone.
    pub(super) fn is_offered(&self, point: Seq) -> bool {
        let Publishing { edition, revision, .. } = &self.publishing;
        edition.as_ref().is_some_and(|edition| edition.point == point)
            || revision.as_ref().is_some_and(|revision| revision.point == point)
    }

    /// Whether `user` may read the book as it was at this point: whoever sees the history, and whoever gets the whole text, if
    /// it is what is out or was submitted.
    pub fn may_read_point(&self, user: &UserId, point: Seq) -> bool {
        self.may(user, Action::History) || self.is_offered(point) && self.may(user, Action::Download)
    }

    /// Who may ask what is to be done before the book is submitted.
    pub fn may_check(&self, user: &UserId) -> bool {
        self.may(user, Action::Publish) || self.may(user, Action::Moderate)
    }

    /// Threads that nobody resolved, of chapters that are there.
    pub fn open_threads(&self) -> u32 {
        let threads = self.threads.after(Seq(0)).map(|(_, thread)| thread);
        let open = threads.filter(|thread| self.has_chapter(&thread.chapter) && !thread.is_resolved());
        u32::try_from(open.count()).unwrap_or(u32::MAX)
    }

    /// What is out.
    pub fn edition(&self) -> Option<Seq> {
        self.publishing.edition.as_ref().map(|edition| edition.point)
    }

    fn check_has_text(&self) -> Result<(), Rejection> {
        let has = self.texts().next().is_some();
        if has { Ok(()) } else { Err(Rejection::conflict("a book without chapters cannot be published")) }
    }

    /// What was submitted, if it is this still.
    fn submitted(&self, point: Seq) -> Result<&Revision, Rejection> {
        match &self.publishing.revision {
            Some(revision) if revision.point == point => Ok(revision),
            Some(_) => Err(Rejection::conflict("something else was submitted since")),
            None => Err(Rejection::conflict("nothing is submitted")),
        }
    }

    pub(super) fn decide_publish_start(
        &self,
        caller: &Caller<'_>,
        command: &PublishStart,
    ) -> Result<Decision, Rejection> {
        let note = measure::note(command.note.as_deref(), caller.context.limits)?;
        if !self.is_shelved() {
            return Err(Rejection::conflict("only books of the library are published: bring it in first"));
        }
        if self.publishing.revision_state() == Some(RevisionState::Submitted) {
            return Err(Rejection::conflict("the book waits to be reviewed; take it back first"));
        }
        self.check_has_text()?;
        let (point, person) = (kept(caller)?, caller.person());
        Ok(Decision::one(event::PublishSubmitted { point, person, note }))
    }

    pub(super) fn decide_withdraw(&self, caller: &Caller<'_>) -> Decision {
        match self.publishing.revision {
            Some(_) => Decision::one(event::PublishWithdrawn { person: caller.person() }),
            None => Decision::nothing(),
        }
    }

    pub(super) fn decide_request_changes(
        &self,
        caller: &Caller<'_>,
        command: &PublishRequestChanges,
    ) -> Result<Decision, Rejection> {
        let note = measure::note(Some(&command.note), caller.context.limits)?;
        let Some(note) = note else { return Err(Rejection::invalid("note", "the owner needs to know what to change")) };
        let revision = self.submitted(command.point)?;
        if revision.state == RevisionState::ChangesRequested && revision.note.as_ref() == Some(&note) {
            return Ok(Decision::nothing());
        }
        let (point, person) = (command.point, caller.person());
        Ok(Decision::one(event::PublishChangesRequested { point, person, note }))
    }

    pub(super) fn decide_approve(&self, caller: &Caller<'_>, command: &PublishApprove) -> Result<Decision, Rejection> {
        let note = measure::note(command.note.as_deref(), caller.context.limits)?;
        match self.submitted(command.point)?.state {
            RevisionState::Approved => Ok(Decision::nothing()),
            RevisionState::ChangesRequested => Err(still_to_change()),
            RevisionState::Submitted => {
                let (point, person) = (command.point, caller.person());
                Ok(Decision::one(event::PublishApproved { point, person, note }))
            }
        }
    }

    pub(super) fn decide_publish(&self, caller: &Caller<'_>, command: &PublishPublish) -> Result<Decision, Rejection> {
        let note = measure::note(command.note.as_deref(), caller.context.limits)?;
        let point = match command.point {
            Some(point) if self.edition() == Some(point) => return Ok(Decision::nothing()),
            Some(point) => match self.submitted(point)?.state {
                RevisionState::ChangesRequested => return Err(still_to_change()),
                RevisionState::Submitted | RevisionState::Approved => point,
            },
            None => {
                self.check_has_text()?;
                kept(caller)?
            }
        };
        Ok(Decision::one(event::PublishPublished { point, person: caller.person(), note }))
    }

    pub(super) fn decide_unpublish(
        &self,
        caller: &Caller<'_>,
        command: &PublishUnpublish,
    ) -> Result<Decision, Rejection> {
        let note = measure::note(command.note.as_deref(), caller.context.limits)?;
        if self.publishing.edition.is_none() {
            return Ok(Decision::nothing());
        }
        Ok(Decision::one(event::PublishUnpublished { person: caller.person(), note }))
    }

    pub(super) fn check_not_out(&self) -> Result<(), Rejection> {
        let out = self.publishing.edition.is_some();
        if out { Err(Rejection::conflict("the book is published: take it back first")) } else { Ok(()) }
    }

    /// A book that readers had leaves the library by those who may take it from them.
    pub(super) fn check_may_leave_library(&self, user: &UserId) -> Result<(), Rejection> {
        self.check_not_out()?;
        if self.publishing.once && !self.may(user, Action::Moderate) { Err(Rejection::Forbidden) } else { Ok(()) }
    }
}

fn still_to_change() -> Rejection {
    Rejection::conflict("something is to be changed first; it has to be submitted again")
}

#[cfg(test)]
mod tests;
