//! Facts: what happened to a book. Written to its log, and sent to everybody who may know.

mod lock;
mod people;
mod publishing;
mod values;

use serde::{Deserialize, Serialize};

use crate::command::{Anchor, ChapterKind, Metadata, Mode};
use crate::format::Format;
use crate::id::{BookId, ChapterId, CommentId, Epoch, InvitationId, Seq, ThreadId, Timestamp, Token, UserId};
use crate::role::Role;
use crate::royalty::Split;
use crate::view::Assignment;

pub use lock::{LockAcquired, LockActive, LockQueued, LockRehomed, LockReleased, LockWaitEnded, LockWaitRehomed};
pub use people::{AccessRefused, AccessRequested, OwnershipOfferEnded, OwnershipOffered, OwnershipTransferred};
pub use publishing::{
    PublishApproved, PublishChangesRequested, PublishPublished, PublishSubmitted, PublishUnpublished, PublishWithdrawn,
};
pub use values::{By, Cause, Holder, Home, Member, Person, ReleaseReason, WaitEndReason};

#[cfg(feature = "typescript")]
use ts_rs::TS;

/// One durable event as a subscriber hears it: `{"t":"event","book":…,"epoch":…,"seq":…,"at":…,"by":…,"event":{…}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(tag = "t", rename = "event")]
pub struct EventFrame {
    /// The book.
    pub book: BookId,
    /// The life of its log.
    pub epoch: Epoch,
    /// Its number: contiguous for every subscriber.
    pub seq: Seq,
    /// The store's clock when it became durable.
    pub at: Timestamp,
    /// Who caused it; withheld along with the event.
    pub by: By,
    /// What happened.
    pub event: Event,
}

crate::tagged::tagged! {
    /// What can happen to a book. A stored event carries no token; its stamp is the token (see [`Event::on_wire`]).
    #[derive(Deserialize)]
    Event {
        BookCreated = "book.created",
        BookDeleted = "book.deleted",
        BookTrashed = "book.trashed",
        BookRestored = "book.restored",
        BookShelved = "book.shelved",
        BookUnshelved = "book.unshelved",
        MetadataChanged = "metadata.changed",
        FormatChanged = "format.changed",
        RoyaltiesChanged = "royalties.changed",
        PublishSubmitted = "publish.submitted",
        PublishWithdrawn = "publish.withdrawn",
        PublishChangesRequested = "publish.changes_requested",
        PublishApproved = "publish.approved",
        PublishPublished = "publish.published",
        PublishUnpublished = "publish.unpublished",
        ChapterAdded = "chapter.added",
        ChapterMoved = "chapter.moved",
        ChapterRenamed = "chapter.renamed",
        ChapterRemoved = "chapter.removed",
        ChapterRestored = "chapter.restored",
        ChapterModeSet = "chapter.mode_set",
        ChapterAssigned = "chapter.assigned",
        VersionRestored = "version.restored",
        LockAcquired = "lock.acquired",
        LockReleased = "lock.released",
        LockQueued = "lock.queued",
        LockWaitEnded = "lock.wait_ended",
        LockRehomed = "lock.rehomed",
        LockWaitRehomed = "lock.wait_rehomed",
        LockActive = "lock.active",
        CommentAdded = "comment.added",
        CommentReplied = "comment.replied",
        CommentEdited = "comment.edited",
        CommentDeleted = "comment.deleted",
        ThreadResolved = "thread.resolved",
        ThreadReopened = "thread.reopened",
        ThreadAnchored = "thread.anchored",
        MemberInvited = "member.invited",
        MemberJoined = "member.joined",
        MemberRoleChanged = "member.role_changed",
        MemberEndSet = "member.end_set",
        MemberRemoved = "member.removed",
        MemberLeft = "member.left",
        InvitationRevoked = "invitation.revoked",
        InvitationResent = "invitation.resent",
        InvitationDeclined = "invitation.declined",
        InvitationMailed = "invitation.mailed",
        AccessRequested = "access.requested",
        AccessRefused = "access.refused",
        OwnershipOffered = "ownership.offered",
        OwnershipOfferEnded = "ownership.offer_ended",
        OwnershipTransferred = "ownership.transferred",
        /// What a subscriber hears instead of an event that it may not read. Never stored.
        Withheld = "withheld",
    }
}

crate::tagged::records! {
    /// The first event of every book.
    BookCreated {
        /// Its title.
        title: String,
        /// Its metadata.
        metadata: Metadata,
        /// Its owner; null for an imported book until somebody claims it.
        owner: Option<Member>,
        /// Who may still become a member without an invitation. Not on the wire.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(skip))]
        claim: Option<Claim>,
    }
    /// The last event of a book.
    BookDeleted {
    }
    /// The book is in the trash: for most it is not there any more.
    BookTrashed {
        /// Who put it there; null: the hub, for a host application.
        person: Option<Person>,
        /// Until when it can be restored.
        until: Timestamp,
    }
    /// The book is there again.
    BookRestored {
    }
    /// The book is in the library.
    BookShelved {
    }
    /// The book is not in the library any more.
    BookUnshelved {
    }
    /// Title and metadata are now these.
    MetadataChanged {
        /// The title.
        title: String,
        /// All metadata.
        metadata: Metadata,
    }
    /// The book looks like this now.
    FormatChanged {
        /// All of it.
        format: Format,
    }
    /// Who gets what of the royalties is decided anew.
    RoyaltiesChanged {
        /// From its time on, whatever was to come then or later.
        split: Split,
    }
    /// A chapter or part was added.
    ChapterAdded {
        /// Which.
        chapter: ChapterId,
        /// Its title.
        title: String,
        /// What it is.
        kind: ChapterKind,
        /// The part it belongs to.
        parent: Option<ChapterId>,
        /// The sibling it stands after; null: first.
        after: Option<ChapterId>,
    }
    /// A chapter or part was moved.
    ChapterMoved {
        /// Which.
        chapter: ChapterId,
        /// The part it belongs to now.
        parent: Option<ChapterId>,
        /// The sibling it stands after; null: first.
        after: Option<ChapterId>,
    }
    /// A chapter got another title.
    ChapterRenamed {
        /// Which.
        chapter: ChapterId,
        /// The new title.
        title: String,
    }
    /// A chapter was removed; its threads are hidden with it.
    ChapterRemoved {
        /// Which.
        chapter: ChapterId,
        /// Who did it; absent in events from before this was told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        person: Option<Person>,
    }
    /// A removed chapter is back, with its threads.
    ChapterRestored {
        /// Which.
        chapter: ChapterId,
        /// The part it belongs to.
        parent: Option<ChapterId>,
        /// The sibling it stands after; null: first.
        after: Option<ChapterId>,
    }
    /// From now on so many write in the chapter at a time.
    ChapterModeSet {
        /// Which.
        chapter: ChapterId,
        /// How many.
        mode: Mode,
    }
    /// A chapter is somebody's task, or nobody's any more.
    ChapterAssigned {
        /// Which.
        chapter: ChapterId,
        /// Whose; null: nobody's.
        assignment: Option<Assignment>,
        /// Who says so.
        person: Person,
    }
    /// A version is the text of a chapter again. What it was before is a version, too.
    VersionRestored {
        /// Which chapter.
        chapter: ChapterId,
        /// The version, by its revision.
        version: Seq,
        /// The revision of the text that says the same again.
        rev: Seq,
        /// Who did it.
        person: Person,
    }
    /// A thread began.
    CommentAdded {
        /// The thread.
        thread: ThreadId,
        /// Its first comment.
        comment: CommentId,
        /// The chapter it is about.
        chapter: ChapterId,
        /// The place; null: the whole chapter.
        anchor: Option<Anchor>,
        /// Who wrote it.
        author: Person,
        /// Plain text.
        body: String,
        /// Members who are mentioned.
        mentions: Vec<UserId>,
    }
    /// Somebody answered.
    CommentReplied {
        /// The thread.
        thread: ThreadId,
        /// The comment.
        comment: CommentId,
        /// Who wrote it.
        author: Person,
        /// Plain text.
        body: String,
        /// Members who are mentioned.
        mentions: Vec<UserId>,
    }
    /// A comment's author changed it.
    CommentEdited {
        /// The thread.
        thread: ThreadId,
        /// The comment.
        comment: CommentId,
        /// Plain text.
        body: String,
        /// Members who are mentioned.
        mentions: Vec<UserId>,
    }
    /// A comment is empty now; its place stays.
    CommentDeleted {
        /// The thread.
        thread: ThreadId,
        /// The comment.
        comment: CommentId,
    }
    /// A thread is settled.
    ThreadResolved {
        /// Which.
        thread: ThreadId,
        /// By whom.
        person: Person,
    }
    /// A thread is open again.
    ThreadReopened {
        /// Which.
        thread: ThreadId,
    }
    /// What a thread is about has gone from the text, or is there again.
    ThreadAnchored {
        /// Which.
        thread: ThreadId,
        /// It is gone.
        detached: bool,
    }
    /// An address was invited. The owner alone hears this and what becomes of invitations.
    MemberInvited {
        /// The invitation.
        invitation: InvitationId,
        /// The address.
        email: String,
        /// The role to come.
        role: Role,
        /// Who invited.
        inviter: Person,
        /// When it lapses.
        expires_at: Timestamp,
        /// A letter goes to the address.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        mail: bool,
    }
    /// Somebody became a member.
    MemberJoined {
        /// Who, and as what.
        member: Member,
        /// The invitation that was accepted.
        invitation: Option<InvitationId>,
    }
    /// A member has another role.
    MemberRoleChanged {
        /// Who.
        user: UserId,
        /// The role from now on.
        role: Role,
    }
    /// From now on it is said until when a member is one, or nothing is said of it any more.
    MemberEndSet {
        /// Who.
        user: UserId,
        /// From this time on they are no member; null: nothing is said.
        until: Option<Timestamp>,
    }
    /// A member was removed.
    MemberRemoved {
        /// Who.
        user: UserId,
    }
    /// A member left.
    MemberLeft {
        /// Who.
        user: UserId,
    }
    /// An invitation was taken back.
    InvitationRevoked {
        /// Which.
        invitation: InvitationId,
    }
    /// An invitation's expiry was renewed.
    InvitationResent {
        /// Which.
        invitation: InvitationId,
        /// When it lapses now.
        expires_at: Timestamp,
        /// A letter goes to the address.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        mail: bool,
    }
    /// The letter of an invitation was sent, or given up.
    InvitationMailed {
        /// Which.
        invitation: InvitationId,
        /// The event that asked for it: `member.invited` or `invitation.resent`.
        asked: Seq,
        /// Why it was given up; absent: it was sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        reason: Option<String>,
    }
    /// An invitation was declined.
    InvitationDeclined {
        /// Which.
        invitation: InvitationId,
    }
    /// Something happened that this subscriber may not read.
    Withheld {
    }
}

/// Who may become a member of a book without an invitation (imported and sample books).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// Whoever proves this address first becomes the owner.
    Address(String),
    /// Whoever comes first becomes the owner, later ones join as authors. The sample book of development mode.
    Anyone,
}

impl Event {
    /// The event as it goes on the wire: with its stamp as token, without what only the log needs.
    #[must_use]
    pub fn on_wire(mut self, stamp: Token) -> Self {
        match &mut self {
            Self::LockAcquired(event) => (event.token, event.home) = (Some(stamp), None),
            Self::LockRehomed(event) => (event.token, event.home) = (Some(stamp), None),
            Self::LockQueued(event) => event.home = None,
            Self::LockWaitRehomed(event) => event.home = None,
            Self::BookCreated(event) => event.claim = None,
            _ => {}
        }
        self
    }
}
