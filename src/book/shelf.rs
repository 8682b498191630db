//! A book in a library: what the library's permissions need to know of it, and what they allow.

use std::collections::BTreeSet;

use quire_protocol::command::Metadata;
use quire_protocol::event::{self, Cause, Event, Person};
use quire_protocol::library::Permission;
use quire_protocol::{Action, Rejection, Role, UserId};

use super::access::{allows, granted_by};
use super::act::Caller;
use super::{Book, Context, Decision, Fact};
use crate::library::{BookFacts, By, Doer, Granted, Rights, Shelved, key};

/// What permissions are limited by, as it is compared.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shelf {
    title: String,
    categories: BTreeSet<String>,
}

impl Shelf {
    pub(super) fn of(title: &str, metadata: &Metadata) -> Self {
        Self { title: key(title), categories: metadata.categories.iter().map(|category| key(category)).collect() }
    }

    fn facts<'a>(&'a self, owner: Option<&'a UserId>) -> BookFacts<'a> {
        BookFacts { title: &self.title, categories: &self.categories, owner }
    }
}

impl Book {
    /// From now on the library allows this. It comes from the library's log, not from the book's, so `apply` never depends
    /// on it; what it ends is ended by [`super::Act::RightsEnded`].
    pub fn heed(&mut self, granted: Granted) {
        self.granted = granted;
    }

    /// What the library allows, as far as the book was told.
    pub fn granted(&self) -> &Granted {
        &self.granted
    }

    /// It is in the library.
    pub fn is_shelved(&self) -> bool {
        self.shelf.is_some()
    }

    /// What the library's list says of it; `None`: it is not there.
    pub fn shelved(&self) -> Option<Shelved> {
        self.shelf.as_ref().filter(|_| self.exists())?;
        let owner = self.members.iter().find(|member| member.role == Role::Owner);
        Some(Shelved {
            book: self.id.clone(),
            seq: self.seq,
            title: self.title.clone(),
            categories: self.metadata.categories.clone(),
            state: self.publishing.state(),
            revision: self.publishing.submitted(),
            owner: owner.map(|owner| Person { user: owner.user.clone(), name: owner.name.clone() }),
        })
    }

    /// If the library's list may say something else of the book after this event: who did it, with what words. `known` says
    /// who somebody is that is no member. Closed: a new kind of event fails the build.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub fn relists(&self, fact: &Fact, known: impl Fn(&UserId) -> Option<Person>) -> Option<By> {
        let note = match &fact.event {
            Event::BookTrashed(_)
            | Event::BookRestored(_)
            | Event::OwnershipTransferred(_)
            | Event::BookShelved(_)
            | Event::BookUnshelved(_)
            | Event::BookDeleted(_)
            | Event::MetadataChanged(_)
            | Event::MemberJoined(_)
            | Event::MemberRoleChanged(_)
            | Event::PublishWithdrawn(_) => None,
            Event::PublishSubmitted(event) => event.note.clone(),
            Event::PublishChangesRequested(event) => Some(event.note.clone()),
            Event::PublishApproved(event) => event.note.clone(),
            Event::PublishPublished(event) => event.note.clone(),
            Event::PublishUnpublished(event) => event.note.clone(),
            Event::BookCreated(_)
            | Event::FormatChanged(_)
            | Event::RoyaltiesChanged(_)
            | Event::ChapterAdded(_)
            | Event::ChapterMoved(_)
            | Event::ChapterRenamed(_)
            | Event::ChapterRemoved(_)
            | Event::ChapterRestored(_)
            | Event::ChapterModeSet(_)
            | Event::ChapterAssigned(_)
            | Event::VersionRestored(_)
            | Event::LockAcquired(_)
            | Event::LockReleased(_)
            | Event::LockQueued(_)
            | Event::LockWaitEnded(_)
            | Event::LockRehomed(_)
            | Event::LockWaitRehomed(_)
            | Event::LockActive(_)
            | Event::CommentAdded(_)
            | Event::CommentReplied(_)
            | Event::CommentEdited(_)
            | Event::CommentDeleted(_)
            | Event::ThreadResolved(_)
            | Event::ThreadReopened(_)
            | Event::ThreadAnchored(_)
            | Event::MemberInvited(_)
            | Event::MemberRemoved(_)
            | Event::MemberLeft(_)
            | Event::InvitationRevoked(_)
            | Event::InvitationResent(_)
            | Event::InvitationDeclined(_)
            | Event::InvitationMailed(_)
            | Event::AccessRequested(_)
            | Event::AccessRefused(_)
            | Event::OwnershipOffered(_)
            | Event::OwnershipOfferEnded(_)
            | Event::MemberEndSet(_)
            | Event::Withheld(_) => return None,
        };
        let doer = match &fact.by {
            event::By::Person { user, .. } => {
                self.members.person(user).or_else(|| known(user)).map_or(Doer::Hub, Doer::Person)
            }
            event::By::System { system: Cause::Host } => Doer::Host,
            event::By::System { .. } => Doer::Hub,
        };
        Some(By { doer, note })
    }

    fn reach<'a>(&'a self, user: &UserId) -> Option<(&'a Rights, BookFacts<'a>)> {
        let owner = self.members.iter().find(|member| member.role == Role::Owner).map(|owner| &owner.user);
        Some((self.granted.to(user)?, self.shelf.as_ref()?.facts(owner)))
    }

    /// Whether the library allows this to `user`.
    pub(super) fn library_allows(&self, user: &UserId, action: Action) -> bool {
        let Some((rights, facts)) = self.reach(user) else { return false };
        match granted_by(action) {
            Some(Permission::Settings) => rights.has(Permission::Settings),
            Some(permission) => rights.reach_book(permission, &facts, user),
            None => false,
        }
    }

    /// Whether `user` may know that there is such a book: who may list it does, and may not look into it; who may restore it.
    pub fn is_known_to(&self, user: &UserId) -> bool {
        let there = self.exists() && (self.may(user, Action::View) || self.library_lists(user));
        there || self.is_restorable_by(user)
    }

    /// Whether `user` may see the book in the library's list.
    pub(super) fn library_lists(&self, user: &UserId) -> bool {
        self.reach(user).is_some_and(|(rights, facts)| rights.reach_book(Permission::List, &facts, user))
    }

    /// Whoever edits by a permission alone keeps the book among those that they may edit: nobody moves one out of their
    /// reach, or another's.
    pub(super) fn check_stays_in_reach(&self, user: &UserId, after: &Shelf) -> Result<(), Rejection> {
        if self.members.role(user).is_some_and(|role| allows(role, Action::EditMetadata)) {
            return Ok(());
        }
        let Some((rights, BookFacts { owner, .. })) = self.reach(user) else { return Err(Rejection::Forbidden) };
        let stays = rights.reach_book(Permission::Edit, &after.facts(owner), user);
        if stays { Ok(()) } else { Err(Rejection::Forbidden) }
    }

    pub(super) fn decide_shelve(&self, caller: &Caller<'_>) -> Result<Decision, Rejection> {
        // T1: bringing a book in is a right of its own.
        if !self.granted.to(caller.user).is_some_and(|rights| rights.has(Permission::Upload)) {
            return Err(Rejection::Forbidden);
        }
        Ok(if self.is_shelved() { Decision::nothing() } else { Decision::one(event::BookShelved {}) })
    }

    pub(super) fn decide_unshelve(&self, caller: &Caller<'_>) -> Result<Decision, Rejection> {
        if !self.is_shelved() {
            return Ok(Decision::nothing());
        }
        self.check_may_leave_library(caller.user)?;
        Ok(self.unshelved(caller.context))
    }

    /// What people hold by permissions alone ends with them.
    pub(super) fn unshelved(&self, context: &Context<'_>) -> Decision {
        let by_role = |user: &UserId| self.members.role(user).is_some_and(|role| allows(role, Action::EditText));
        let mut events = self.end_stakes(context, &|user| !by_role(user));
        events.push(event::BookUnshelved {}.into());
        Decision::done(events)
    }

    /// Ends what the user holds and waits for, unless they may edit after all.
    pub(super) fn decide_rights_ended(&self, context: &Context<'_>, user: &UserId) -> Decision {
        let may_stay = self.may(user, Action::EditText);
        Decision::done(if may_stay { Vec::new() } else { self.end_stakes_of(context, user) })
    }
}

#[cfg(test)]
mod tests;
