//! A book comes into being, changes its title, metadata and format, and ends.

use std::sync::Arc;

use quire_protocol::command::{BookCreate, FormatSet, Metadata, MetadataSet};
use quire_protocol::event::{self, Claim, Event, Member};
use quire_protocol::frame::Answer;
use quire_protocol::{Format, Rejection, Role, text};

use super::act::Caller;
use super::fact::{Origin, fingerprint};
use super::shelf::Shelf;
use super::{Book, Committed, Context, Decision, Import, Stage, Whose, measure, outline};

impl Book {
    pub(super) fn decide_create(&self, caller: &Caller<'_>, command: &BookCreate) -> Result<Decision, Rejection> {
        let limits = caller.context.limits;
        let title = measure::title(&command.title, limits)?;
        let metadata = measure::metadata(Metadata::default().patched(command.metadata.clone()), limits)?;
        if let Some(origin) = &self.origin {
            let again = origin.is(caller.user, fingerprint(&(&title, &metadata)));
            return origin.repeat(again, Answer::Done {});
        }
        let owner = Some(caller.as_member(Role::Owner));
        Ok(Decision::one(event::BookCreated { title, metadata, owner, claim: None }))
    }

    /// A whole book at once: from a file, or the sample.
    pub(super) fn decide_import(&self, context: &Context<'_>, import: &Import) -> Result<Decision, Rejection> {
        if self.stage != Stage::Absent {
            return Err(Rejection::IdTaken);
        }
        let (owner, claim) = match &import.whose {
            Whose::Owner { user, name, email } => {
                let (user, name, email) = (user.clone(), name.clone(), email.clone().unwrap_or_default());
                (Some(Member { user, name, email, role: Role::Owner, until: None }), None)
            }
            Whose::Claim(Claim::Address(address)) => {
                let address = text::normal_email(address).ok_or(Rejection::invalid("claim", "it is no address"))?;
                (None, Some(Claim::Address(address)))
            }
            Whose::Claim(Claim::Anyone) => (None, Some(Claim::Anyone)),
        };
        let title = measure::title(&import.title, context.limits)?;
        let metadata = measure::metadata(import.metadata.clone(), context.limits)?;
        let mut events: Vec<Event> = vec![event::BookCreated { title, metadata, owner, claim }.into()];
        events.extend(outline::import(&import.chapters, context.limits)?);
        Ok(Decision::done(events))
    }

    pub(super) fn decide_metadata(&self, caller: &Caller<'_>, command: &MetadataSet) -> Result<Decision, Rejection> {
        let limits = caller.context.limits;
        if command.base_seq.is_some_and(|base| base < self.metadata_seq) {
            return Err(Rejection::StaleBase { current: self.metadata_seq });
        }
        let title = match &command.title {
            Some(title) => measure::title(title, limits)?,
            None => self.title.clone(),
        };
        let metadata = Metadata::clone(&self.metadata).patched(command.metadata.clone());
        let metadata = measure::metadata(metadata, limits)?;
        if title == self.title && metadata == *self.metadata {
            return Ok(Decision::nothing());
        }
        self.check_stays_in_reach(caller.user, &Shelf::of(&title, &metadata))?;
        Ok(Decision::one(event::MetadataChanged { title, metadata }))
    }

    pub(super) fn decide_format(&self, command: &FormatSet) -> Result<Decision, Rejection> {
        if command.base_seq.is_some_and(|base| base < self.format_seq) {
            return Err(Rejection::StaleBase { current: self.format_seq });
        }
        let format = command.format.clone();
        format.check().map_err(|error| Rejection::invalid(&format!("format.{}", error.field()), error.to_string()))?;
        if format == *self.format {
            return Ok(Decision::nothing());
        }
        Ok(Decision::one(event::FormatChanged { format }))
    }

    pub(super) fn apply_created(&mut self, event: &event::BookCreated, committed: &Committed) {
        assert_eq!(self.stage, Stage::Absent, "a book is created once");
        self.stage = Stage::Present;
        self.origin = Some(Origin::new(committed, fingerprint(&(&event.title, &event.metadata))));
        self.describe(&event.title, &event.metadata, committed);
        self.members.created(event);
    }

    pub(super) fn describe(&mut self, title: &str, metadata: &Metadata, committed: &Committed) {
        title.clone_into(&mut self.title);
        self.metadata = Arc::new(metadata.clone());
        self.metadata_seq = committed.seq;
        self.shelf = self.shelf.is_some().then(|| Shelf::of(title, metadata));
    }

    pub(super) fn format(&mut self, format: &Format, committed: &Committed) {
        self.format = Arc::new(format.clone());
        self.format_seq = committed.seq;
    }

    /// Nothing is left but the name, who was there to hear of the end, and which commands were executed.
    pub(super) fn apply_deleted(&mut self) {
        self.stage = Stage::Deleted;
        self.shelf = None;
        self.metadata = Arc::default();
        self.format = Arc::default();
        self.outline = outline::Outline::default();
        self.locks = super::lock::Locks::default();
        self.threads = super::comment::Threads::default();
        self.members.book_deleted();
        self.royalties = super::royalty::Royalties::default();
        self.offer = None;
    }
}

#[cfg(test)]
mod tests;
