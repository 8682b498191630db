//! The pure `Book`: decides what a command means and applies what was committed. No clock, no randomness, no I/O.
//!
//! [`Book::decide`] may refuse and changes nothing; [`Book::apply`] changes and cannot refuse (I1). Between the two
//! the store makes the events durable. Who may do what is one closed table in [`access`].
//!
//! The rules live beside what they are about: `life` (creation, metadata, deletion), `trash`, `outline` (chapters), [`lock`],
//! `comment`, `member`, `royalty`, `shelf` (the library), `publishing`, `host` (what a host application does); `memory` makes repeats harmless, `measure` knows the limits, `view` what people see and hear.

pub mod access;
mod act;
pub mod analytics;
mod assignment;
pub mod audit;
mod comment;
mod fact;
mod host;
mod known;
mod life;
pub mod lock;
mod measure;
mod member;
mod memory;
pub mod notice;
mod outline;
mod ownership;
mod publishing;
pub mod report;
mod royalty;
mod saved;
mod shelf;
mod trash;
mod view;

#[cfg(test)]
mod given;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use quire_protocol::command::{BookCommand, Metadata};
use quire_protocol::event::Event;
use quire_protocol::{Action, BookId, Format, Rejection, Seq, Timestamp, Token};
use serde::{Deserialize, Serialize};

use act::Caller;
use comment::Threads;
use fact::Origin;
use lock::Locks;
use member::Members;
use memory::Memory;
use outline::Outline;
use ownership::Offer;
use publishing::Publishing;
use royalty::Royalties;
use shelf::Shelf;

use crate::library::Granted;

pub use act::{Act, Actor, Context, Import, ImportedChapter, Whose};
pub use fact::{Committed, Decision, Fact, Outcome};
pub use host::{Described, DescribedChapter, Hosted, Vouched};
pub use lock::{FenceEffect, fence_changes};
pub use member::letter::Invited;
pub use publishing::keeps_point;
pub use saved::{Saved, SavedV1};
pub use view::{Access, Hearing, Held, Outlined, Standing, Waits};

/// Whether the book is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// Nobody created it yet.
    Absent,
    /// It is there.
    Present,
    /// It can be restored.
    Trashed {
        /// Before this time.
        until: Timestamp,
    },
    /// It was deleted; its id is never used again.
    Deleted,
}

/// A book. Cheap to clone: what is large is shared until it is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    id: BookId,
    /// The last event that was applied.
    seq: Seq,
    /// The stamp of that event.
    last_stamp: Token,
    stage: Stage,
    /// Who created it, how.
    origin: Option<Origin>,
    title: String,
    metadata: Arc<Metadata>,
    /// The event that last changed title or metadata.
    metadata_seq: Seq,
    format: Arc<Format>,
    /// The event that last changed it.
    format_seq: Seq,
    outline: Outline,
    locks: Locks,
    threads: Threads,
    members: Members,
    royalties: Royalties,
    shelf: Option<Shelf>,
    publishing: Publishing,
    /// To whom it is offered.
    offer: Option<Offer>,
    memory: Memory,
    /// What the library allows, to whom: no part of the book's history. See [`Book::heed`].
    granted: Granted,
}

impl Book {
    /// A book that nobody created yet.
    pub fn new(id: BookId) -> Self {
        Self {
            id,
            seq: Seq(0),
            last_stamp: Token(0),
            stage: Stage::Absent,
            origin: None,
            title: String::new(),
            metadata: Arc::default(),
            metadata_seq: Seq(0),
            format: Arc::default(),
            format_seq: Seq(0),
            outline: Outline::default(),
            locks: Locks::default(),
            threads: Threads::default(),
            members: Members::default(),
            royalties: Royalties::default(),
            shelf: None,
            publishing: Publishing::default(),
            offer: None,
            memory: Memory::default(),
            granted: Granted::default(),
        }
    }

    /// Its id.
    pub fn id(&self) -> &BookId {
        &self.id
    }

    /// The last event that was applied.
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// The stamp of the last event.
    pub fn last_stamp(&self) -> Token {
        self.last_stamp
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// It was created and not deleted.
    pub fn exists(&self) -> bool {
        self.stage == Stage::Present
    }

    /// It was deleted.
    pub fn is_deleted(&self) -> bool {
        self.stage == Stage::Deleted
    }

    /// What a wish means: the events to append and the reply, or why not. Changes nothing (I1).
    pub fn decide(&self, context: &Context<'_>, act: &Act) -> Result<Decision, Rejection> {
        match act {
            Act::Command(command) => self.decide_command(&Caller::of(context)?, command),
            Act::Claim => self.decide_claim(&Caller::of(context)?),
            Act::Rehome => self.decide_rehome(&Caller::of(context)?),
            Act::Import(import) => self.decide_import(context, import),
            Act::Hosted(wish) => self.decide_hosted(context, wish),
            Act::RightsEnded { user } => Ok(self.decide_rights_ended(context, user)),
            Act::SessionEnded { session, .. } | Act::ViewClosed { session } if !context.actor.speaks_for(session) => {
                Err(Rejection::Forbidden)
            }
            Act::SessionEnded { session, home, reason } => {
                Ok(self.decide_session_ended(context, session, (home, *reason)))
            }
            Act::ViewClosed { session } => Ok(self.decide_view_closed(context, session)),
            Act::Lapsed => Ok(self.decide_lapsed(context)),
            Act::LockIdle { chapter, token } => self.decide_idle(context, chapter, *token),
            Act::LockActive { chapter, token, active_at } => self.decide_active(context, (chapter, *token), *active_at),
            Act::Anchored { chapter, found } => self.decide_anchored(context, chapter, found),
            Act::VersionRestored { chapter, version, rev } => {
                self.decide_version_restored(&Caller::of(context)?, chapter, (*version, *rev))
            }
            Act::Mailed { invitation, asked, reason } => Ok(self.decide_mailed(invitation, *asked, reason.as_ref())),
        }
    }

    /// Rights first, then what was answered before, then the rules (I8, I9).
    fn decide_command(&self, caller: &Caller<'_>, command: &BookCommand) -> Result<Decision, Rejection> {
        match (self.admit(caller, command), self.memory.first_reply(caller)) {
            // Who gave up all rights by a command may still ask what became of it.
            (Err(Rejection::NotFound { .. }), Some(reply)) if gives_up_rights(command) => return Ok(reply),
            (Err(rejection), _) => return Err(rejection),
            (Ok(()), Some(reply)) => return Ok(reply),
            (Ok(()), None) => {}
        }
        self.memory.check_retry(caller)?;
        self.dispatch(caller, command)
    }

    fn dispatch(&self, caller: &Caller<'_>, command: &BookCommand) -> Result<Decision, Rejection> {
        match command {
            BookCommand::BookCreate(command) => self.decide_create(caller, command),
            BookCommand::BookDelete(command) => {
                self.decide_delete(caller.context, Some(caller.person()), command.forever)
            }
            BookCommand::BookRestore(_) => self.decide_book_restore(caller.context),
            BookCommand::BookShelve(_) => self.decide_shelve(caller),
            BookCommand::BookUnshelve(_) => self.decide_unshelve(caller),
            BookCommand::MetadataSet(command) => self.decide_metadata(caller, command),
            BookCommand::FormatSet(command) => self.decide_format(command),
            BookCommand::RoyaltiesSet(command) => self.decide_royalties(caller, command),
            BookCommand::PublishStart(command) => self.decide_publish_start(caller, command),
            BookCommand::PublishWithdraw(_) => Ok(self.decide_withdraw(caller)),
            BookCommand::PublishRequestChanges(command) => self.decide_request_changes(caller, command),
            BookCommand::PublishApprove(command) => self.decide_approve(caller, command),
            BookCommand::PublishPublish(command) => self.decide_publish(caller, command),
            BookCommand::PublishUnpublish(command) => self.decide_unpublish(caller, command),
            BookCommand::ChapterAdd(command) => self.decide_add(caller, command),
            BookCommand::ChapterMove(command) => self.decide_move(command),
            BookCommand::ChapterRename(command) => self.decide_rename(caller, command),
            BookCommand::ChapterRemove(command) => self.decide_remove(caller, command),
            BookCommand::ChapterRestore(command) => self.decide_restore(command),
            BookCommand::ChapterSetMode(command) => self.decide_set_mode(caller, command),
            BookCommand::ChapterAssign(command) => self.decide_assign(caller, command),
            BookCommand::LockAcquire(command) => self.decide_acquire(caller, command),
            BookCommand::LockRelease(command) => self.decide_release(caller, command),
            BookCommand::LockMoveHere(command) => self.decide_move_here(caller, command),
            BookCommand::LockHandOver(command) => self.decide_hand_over(caller, command),
            BookCommand::LockKeep(command) => self.decide_keep(caller, command),
            BookCommand::LockCancelWait(command) => self.decide_cancel_wait(caller, command),
            BookCommand::LockForceRelease(command) => self.decide_force_release(caller, command),
            BookCommand::CommentAdd(command) => self.decide_comment_add(caller, command),
            BookCommand::CommentReply(command) => self.decide_comment_reply(caller, command),
            BookCommand::CommentEdit(command) => self.decide_comment_edit(caller, command),
            BookCommand::CommentDelete(command) => self.decide_comment_delete(caller, command),
            BookCommand::ThreadResolve(command) => self.decide_resolve(caller, command),
            BookCommand::ThreadReopen(command) => self.decide_reopen(command),
            BookCommand::MemberInvite(command) => self.decide_invite(caller, command),
            BookCommand::MemberSetRole(command) => self.decide_set_role(caller, command),
            BookCommand::MemberSetEnd(command) => self.decide_set_end(caller, command),
            BookCommand::MemberRemove(command) => self.decide_member_remove(caller, command),
            BookCommand::MemberLeave(_) => self.decide_leave(caller),
            BookCommand::InvitationRevoke(command) => self.decide_revoke(command),
            BookCommand::InvitationResend(command) => self.decide_resend(caller, command),
            BookCommand::InvitationAccept(command) => self.decide_accept(caller, command),
            BookCommand::InvitationDecline(command) => self.decide_decline(caller, command),
            BookCommand::AccessRequest(command) => self.decide_request(caller, command),
            BookCommand::AccessGrant(command) => self.decide_grant(caller, command),
            BookCommand::AccessRefuse(command) => self.decide_access_refusal(command),
            BookCommand::OwnershipOffer(command) => self.decide_offer(caller, command),
            BookCommand::OwnershipWithdraw(_) => Ok(self.decide_offer_withdrawal()),
            BookCommand::OwnershipAccept(_) => self.decide_offer_acceptance(caller),
            BookCommand::OwnershipDecline(_) => self.decide_offer_refusal(caller),
        }
    }

    /// Makes what was committed true. Cannot refuse: what `decide` allowed and the store ordered has happened (I1).
    pub fn apply(&mut self, committed: &Committed) {
        assert_eq!(committed.seq, self.seq.next(), "I2: the events of {} are contiguous", self.id);
        assert!(committed.stamp > self.last_stamp, "I4: the stamps of {} rise", self.id);
        let at = committed.at;
        match &committed.fact.event {
            Event::BookCreated(event) => self.apply_created(event, committed),
            Event::BookDeleted(_) => self.apply_deleted(),
            Event::BookTrashed(event) => self.stage = Stage::Trashed { until: event.until },
            Event::BookRestored(_) => self.stage = Stage::Present,
            Event::BookShelved(_) => self.shelf = Some(Shelf::of(&self.title, &self.metadata)),
            Event::BookUnshelved(_) => self.shelf = None,
            Event::MetadataChanged(event) => self.describe(&event.title, &event.metadata, committed),
            Event::FormatChanged(event) => self.format(&event.format, committed),
            Event::RoyaltiesChanged(event) => self.royalties.changed(event),
            // A text says itself what it says. What is published is below: of the end of all this as well.
            Event::VersionRestored(_)
            | Event::PublishSubmitted(_)
            | Event::PublishWithdrawn(_)
            | Event::PublishChangesRequested(_)
            | Event::PublishApproved(_)
            | Event::PublishPublished(_)
            | Event::PublishUnpublished(_) => {}
            Event::ChapterAdded(event) => self.outline.added(event, committed),
            Event::ChapterMoved(event) => self.outline.moved(event),
            Event::ChapterRenamed(event) => self.outline.renamed(event),
            Event::ChapterRemoved(event) => self.apply_removal(event, committed),
            Event::ChapterRestored(event) => self.outline.restored(event),
            Event::ChapterModeSet(event) => self.outline.mode_set(event),
            Event::ChapterAssigned(event) => self.outline.assigned(event),
            Event::LockAcquired(event) => self.apply_acquired(event, committed),
            Event::LockReleased(event) => self.locks.released(event, committed.stamp),
            Event::LockQueued(event) => self.locks.queued(event, at),
            Event::LockWaitEnded(event) => self.locks.wait_ended(event),
            Event::LockRehomed(event) => self.locks.rehomed(event, committed.stamp),
            Event::LockWaitRehomed(event) => self.locks.wait_rehomed(event),
            Event::LockActive(event) => self.locks.active(event),
            Event::CommentAdded(event) => self.threads.added(event, committed),
            Event::CommentReplied(event) => self.threads.replied(event, committed),
            Event::CommentEdited(event) => self.threads.edited(event, at),
            Event::CommentDeleted(event) => self.threads.deleted(event),
            Event::ThreadResolved(event) => self.threads.resolved(event, at),
            Event::ThreadReopened(event) => self.threads.reopened(event),
            Event::ThreadAnchored(event) => self.threads.anchored(event),
            Event::MemberInvited(event) => self.members.invited(event, committed),
            Event::MemberJoined(event) => self.members.joined(event),
            Event::MemberRoleChanged(event) => self.members.role_changed(event),
            Event::MemberEndSet(event) => self.apply_end(event),
            Event::MemberRemoved(event) => self.apply_left(&event.user),
            Event::MemberLeft(event) => self.apply_left(&event.user),
            Event::InvitationRevoked(event) => self.members.end(&event.invitation),
            Event::InvitationResent(event) => self.members.resent(event, committed),
            Event::InvitationDeclined(event) => self.members.declined(event, committed),
            Event::InvitationMailed(event) => self.members.mailed(event, committed),
            Event::AccessRequested(event) => self.members.requests.asked(event, at),
            Event::AccessRefused(event) => self.members.requests.refused(&event.user, at),
            Event::OwnershipOffered(event) => self.apply_offered(event),
            Event::OwnershipOfferEnded(event) => self.apply_offer_void(&event.to),
            Event::OwnershipTransferred(event) => self.apply_transferred(event),
            Event::Withheld(_) => unreachable!("what is withheld from a subscriber is never stored"),
        }
        self.publishing.happened(&committed.fact.event, at);
        self.memory.apply(committed);
        (self.seq, self.last_stamp) = (committed.seq, committed.stamp);
    }

    /// Asserts everything that must hold between events.
    pub fn check_invariants(&self) {
        assert_eq!(self.stage == Stage::Absent, self.seq == Seq(0), "the first event creates the book");
        assert!(self.metadata_seq <= self.seq, "metadata were changed by an event");
        assert!(self.format_seq <= self.seq && self.format.check().is_ok(), "the format was set by an event");
        self.outline.check_invariants();
        self.locks.check_invariants(self.last_stamp);
        self.threads.check_invariants(|chapter| self.outline.ever(chapter).is_some());
        self.members.check_invariants();
        self.check_offer();
        self.publishing.check_invariants(self.is_shelved());
        self.royalties.check_invariants(|user| self.members.get(user).is_some());
        self.memory.check_invariants();
        self.check_modes();
        let people = self.held().map(|held| (held.chapter, held.user));
        for (chapter, user) in people.chain(self.waiting().map(|waits| (waits.chapter, waits.user))) {
            let kind = self.outline.get(chapter).map(|chapter| chapter.kind);
            assert!(kind.is_some_and(|kind| kind != quire_protocol::command::ChapterKind::Part), "{chapter} has text");
            // What a library takes from somebody is taken from a book after that.
            assert!(
                self.is_shelved() || self.may(user, Action::EditText),
                "{user} may edit what they hold or wait for"
            );
        }
        if self.trashed_until().is_some() {
            assert_eq!(self.held().count() + self.waiting().count(), 0, "nobody writes in the trash");
        } else if !self.exists() {
            assert_eq!(self.outline, Outline::default(), "a book that is not there has no chapters");
            assert_eq!(self.threads.len(), 0, "a book that is not there has no threads");
        }
    }
}

/// Commands after which their sender may know nothing of the book.
fn gives_up_rights(command: &BookCommand) -> bool {
    matches!(command, BookCommand::BookDelete(_) | BookCommand::MemberLeave(_) | BookCommand::InvitationDecline(_))
}
