//! Wishes: what a client may ask for. Each names one struct; `book` travels beside it in [`CommandFrame`].

macro_rules! commands {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[cfg_attr(feature = "typescript", derive(TS), ts(optional_fields))]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $type,)*
            }
        )*
    };
}

mod draft;
mod hub;
mod inbox;
mod library;
mod lock;
mod member;
mod publishing;
mod text;
mod values;
mod version;

use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::id::{BookId, ChapterId, CommandId, CommentId, Seq, ThreadId, Timestamp, UserId};
use crate::royalty::Share;
use crate::tagged::tagged;

pub use draft::{DraftCommand, DraftDiscard, DraftRead, DraftSave, DraftsList};
pub use hub::{BooksList, HubCommand, InvitationsList, TokenRefresh};
pub use inbox::{InboxChoose, InboxClose, InboxList, InboxOpen, InboxRead};
pub use library::{
    LibraryAllow, LibraryBooks, LibraryClose, LibraryCommand, LibraryDecline, LibraryJoin, LibraryLeave, LibraryOpen,
    LibraryShare, UserAdd, UserRemove, UserUpdate, UsersList, WebhookDeliveries, WebhookRemove, WebhookSend,
    WebhookSet, WebhooksList,
};
pub use lock::{LockAcquire, LockCancelWait, LockForceRelease, LockHandOver, LockKeep, LockMoveHere, LockRelease};
pub use member::{
    AccessGrant, AccessRefuse, AccessRequest, InvitationAccept, InvitationDecline, InvitationResend, InvitationRevoke,
    MemberInvite, MemberLeave, MemberLookup, MemberRemove, MemberSetEnd, MemberSetRole, OwnershipAccept,
    OwnershipDecline, OwnershipOffer, OwnershipWithdraw,
};
pub use publishing::{
    PublishApprove, PublishChecklist, PublishPublish, PublishRequestChanges, PublishStart, PublishUnpublish,
    PublishWithdraw,
};
pub use text::{ChapterClose, ChapterOpen, ChapterUpdate, Have, TextCommand};
pub use values::{After, Anchor, At, Change, ChapterKind, Metadata, MetadataPatch, Mode, Relative};
pub use version::{
    PointRead, PointsList, VersionCommand, VersionCompare, VersionName, VersionRead, VersionRestore, VersionSave,
    VersionsList,
};

#[cfg(feature = "typescript")]
use ts_rs::TS;

/// A command with what surrounds it. Written flat: `{"t":…, "ref":7, "id":…, "book":…, …fields}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct CommandFrame {
    /// Matches the reply to this command on this connection.
    #[serde(rename = "ref")]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub reference: u64,
    /// Makes a repeat of this command harmless.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub id: Option<CommandId>,
    /// This command may have been executed before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub retry: bool,
    /// The book it is about; absent for commands outside books.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub book: Option<BookId>,
    /// What is wished.
    #[serde(flatten)]
    pub command: Command,
}

/// Everything that is answered by a reply, by who answers it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(untagged)]
pub enum Command {
    /// Answered by the hub, outside any book.
    Hub(HubCommand),
    /// Answered by the library.
    Library(LibraryCommand),
    /// Reads a book or changes what this connection sees of it.
    View(ViewCommand),
    /// About the text of a chapter.
    Text(TextCommand),
    /// About what one person keeps for themselves.
    Draft(DraftCommand),
    /// About the history of a chapter's text, or of the book.
    Version(VersionCommand),
    /// Decided by the book.
    Book(BookCommand),
}

impl Command {
    /// Every kind of command, as it is named on the wire.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        let kinds = [
            HubCommand::KINDS,
            LibraryCommand::KINDS,
            ViewCommand::KINDS,
            TextCommand::KINDS,
            DraftCommand::KINDS,
            VersionCommand::KINDS,
            BookCommand::KINDS,
        ];
        kinds.into_iter().flatten().copied()
    }

    /// The command's kind on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Hub(command) => command.kind(),
            Self::Library(command) => command.kind(),
            Self::View(command) => command.kind(),
            Self::Text(command) => command.kind(),
            Self::Draft(command) => command.kind(),
            Self::Version(command) => command.kind(),
            Self::Book(command) => command.kind(),
        }
    }
}

tagged! {
    /// Commands that read a book or change what this connection sees of it.
    ViewCommand {
        BookOpen = "book.open",
        BookClose = "book.close",
        ThreadsList = "threads.list",
        RoyaltiesGet = "royalties.get",
        PublishChecklist = "publish.checklist",
        MemberLookup = "member.lookup",
    }
}

tagged! {
    /// Commands that a book decides and that may change it.
    BookCommand {
        BookCreate = "book.create",
        BookDelete = "book.delete",
        BookRestore = "book.restore",
        BookShelve = "book.shelve",
        BookUnshelve = "book.unshelve",
        MetadataSet = "metadata.set",
        FormatSet = "format.set",
        RoyaltiesSet = "royalties.set",
        PublishStart = "publish.start",
        PublishWithdraw = "publish.withdraw",
        PublishRequestChanges = "publish.request_changes",
        PublishApprove = "publish.approve",
        PublishPublish = "publish.publish",
        PublishUnpublish = "publish.unpublish",
        ChapterAdd = "chapter.add",
        ChapterMove = "chapter.move",
        ChapterRename = "chapter.rename",
        ChapterRemove = "chapter.remove",
        ChapterRestore = "chapter.restore",
        ChapterSetMode = "chapter.set_mode",
        ChapterAssign = "chapter.assign",
        LockAcquire = "lock.acquire",
        LockRelease = "lock.release",
        LockMoveHere = "lock.move_here",
        LockHandOver = "lock.hand_over",
        LockKeep = "lock.keep",
        LockCancelWait = "lock.cancel_wait",
        LockForceRelease = "lock.force_release",
        CommentAdd = "comment.add",
        CommentReply = "comment.reply",
        CommentEdit = "comment.edit",
        CommentDelete = "comment.delete",
        ThreadResolve = "thread.resolve",
        ThreadReopen = "thread.reopen",
        MemberInvite = "member.invite",
        MemberSetRole = "member.set_role",
        MemberSetEnd = "member.set_end",
        MemberRemove = "member.remove",
        MemberLeave = "member.leave",
        InvitationRevoke = "invitation.revoke",
        InvitationResend = "invitation.resend",
        InvitationAccept = "invitation.accept",
        InvitationDecline = "invitation.decline",
        AccessRequest = "access.request",
        AccessGrant = "access.grant",
        AccessRefuse = "access.refuse",
        OwnershipOffer = "ownership.offer",
        OwnershipWithdraw = "ownership.withdraw",
        OwnershipAccept = "ownership.accept",
        OwnershipDecline = "ownership.decline",
    }
}

commands! {
    /// Subscribes this connection to the book.
    BookOpen {
        /// The position the client has; absent: it has nothing.
        #[serde(default, deserialize_with = "crate::codec::optional_map", skip_serializing_if = "Option::is_none")]
        after: Option<After>,
    }
    /// Ends this connection's subscription. Idempotent.
    BookClose {
    }
    /// Lists comment threads with their comments.
    ThreadsList {
        /// Only threads of this chapter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chapter: Option<ChapterId>,
        /// Only this thread.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<ThreadId>,
        /// Rows wanted; the hub answers at most `limits.list_rows`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
        /// Where the previous page ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<String>,
    }
    /// Reads who gets what of the royalties. All of it: owner; others read what they get themselves.
    RoyaltiesGet {
    }
    /// Creates a book; the caller becomes its owner.
    BookCreate {
        /// The book's title.
        title: String,
        /// First metadata; `null` and absent fields are empty.
        #[serde(default, deserialize_with = "crate::codec::map")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<MetadataPatch>"))]
        metadata: MetadataPatch,
    }
    /// Puts the book into the trash, from where it can be restored for a while; or, out of the trash, ends it for good. Owner.
    BookDelete {
        /// For good. Refused `conflict` if the book is not in the trash.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        forever: bool,
    }
    /// Takes the book out of the trash, as it was but for its locks. Who may delete it.
    BookRestore {
    }
    /// Brings the book into the library: who may do something with such books there may from now on. Owner, who may also
    /// upload there.
    BookShelve {
    }
    /// Takes the book out of the library. Owner.
    BookUnshelve {
    }
    /// Changes title or metadata.
    MetadataSet {
        /// New title; absent: keep.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Changed fields.
        #[serde(default, deserialize_with = "crate::codec::map")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<MetadataPatch>"))]
        metadata: MetadataPatch,
        /// Refuse with `stale_base` if metadata changed after this seq; absent: last writer wins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base_seq: Option<Seq>,
    }
    /// Changes what the book looks like.
    FormatSet {
        /// All of it; an absent field is as in a new book.
        #[serde(deserialize_with = "crate::codec::map")]
        #[cfg_attr(feature = "typescript", ts(type = "Partial<Format>"))]
        format: Format,
        /// Refuse with `stale_base` if the format changed after this seq; absent: last writer wins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base_seq: Option<Seq>,
    }
    /// Says who gets what of the royalties. Owner.
    RoyaltiesSet {
        /// What each gets; members only, together the whole.
        shares: Vec<Share>,
        /// From when on; absent, or a time that is past: from now on. What was to come later than that is dropped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effective_at: Option<Timestamp>,
    }
    /// Adds a chapter or part.
    ChapterAdd {
        /// Its id, made by the client.
        chapter: ChapterId,
        /// Its title.
        title: String,
        /// What it is.
        kind: ChapterKind,
        /// Where among its siblings.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<At>"))]
        at: At,
        /// The part it belongs to; absent or null: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional = nullable))]
        parent: Option<ChapterId>,
    }
    /// Moves a chapter or part. Needs no lock.
    ChapterMove {
        /// Which.
        chapter: ChapterId,
        /// Where among its new siblings.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<At>"))]
        at: At,
        /// The part it shall belong to; absent or null: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional = nullable))]
        parent: Option<ChapterId>,
    }
    /// Renames a chapter; refused `locked` while another session holds it.
    ChapterRename {
        /// Which.
        chapter: ChapterId,
        /// Its new title.
        title: String,
    }
    /// Removes a chapter; it can be restored.
    ChapterRemove {
        /// Which.
        chapter: ChapterId,
    }
    /// Brings a removed chapter back, with its threads.
    ChapterRestore {
        /// Which.
        chapter: ChapterId,
    }
    /// Says how many may write in a chapter at a time.
    ChapterSetMode {
        /// Which.
        chapter: ChapterId,
        /// How many.
        mode: Mode,
    }
    /// Says whose task a chapter is, and until when. It allows nobody anything.
    ChapterAssign {
        /// Which; a part has no text.
        chapter: ChapterId,
        /// Whose: a member who may write; null or absent: nobody's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<UserId>,
        /// Until when; null or absent: whenever.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_at: Option<Timestamp>,
    }
    /// Starts a thread.
    CommentAdd {
        /// The thread's id, made by the client.
        thread: ThreadId,
        /// The first comment's id, made by the client.
        comment: CommentId,
        /// The chapter it is about.
        chapter: ChapterId,
        /// The place; absent or null: the whole chapter.
        #[serde(default, deserialize_with = "crate::codec::optional_map", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional = nullable))]
        anchor: Option<Anchor>,
        /// Plain text.
        body: String,
        /// Members to be told.
        #[serde(default, deserialize_with = "crate::codec::list")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<UserId>>"))]
        mentions: Vec<UserId>,
    }
    /// Answers in a thread.
    CommentReply {
        /// Which thread.
        thread: ThreadId,
        /// The comment's id, made by the client.
        comment: CommentId,
        /// Plain text.
        body: String,
        /// Members to be told.
        #[serde(default, deserialize_with = "crate::codec::list")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<UserId>>"))]
        mentions: Vec<UserId>,
    }
    /// Changes one's own comment.
    CommentEdit {
        /// Which thread.
        thread: ThreadId,
        /// Which comment.
        comment: CommentId,
        /// Plain text.
        body: String,
        /// Members to be told.
        #[serde(default, deserialize_with = "crate::codec::list")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<UserId>>"))]
        mentions: Vec<UserId>,
    }
    /// Empties a comment and leaves a tombstone.
    CommentDelete {
        /// Which thread.
        thread: ThreadId,
        /// Which comment.
        comment: CommentId,
    }
    /// Marks a thread as settled.
    ThreadResolve {
        /// Which.
        thread: ThreadId,
    }
    /// Opens a settled thread again.
    ThreadReopen {
        /// Which.
        thread: ThreadId,
    }
}
