//! Inboxes: what somebody is told of, wherever it happened.

use serde::{Deserialize, Serialize};

use crate::event::Person;
use crate::id::{BookId, ChapterId, CommentId, InvitationId, Seq, ThreadId, Timestamp};
use crate::role::Role;
use crate::tagged::records;

/// What somebody is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// They are invited to a book.
    Invited,
    /// They have another role in a book.
    RoleChanged,
    /// They are no member of a book any more.
    Removed,
    /// A comment mentions them.
    Mentioned,
    /// Somebody answered in a thread in which they wrote.
    Replied,
    /// Somebody waits for a chapter that they hold.
    LockAsked,
    /// They hold a chapter now that they waited for, or were handed.
    LockReceived,
    /// A chapter that they held was taken from them.
    LockTaken,
    /// A chapter that they held was released because they did nothing for long.
    LockIdle,
    /// An old version of a chapter is its text again.
    VersionRestored,
    /// A book came into the library.
    BookShelved,
    /// A chapter became their task.
    Assigned,
    /// A book waits for somebody like them to review it.
    Submitted,
    /// Something is to be changed of what they submitted.
    ChangesRequested,
    /// What they submitted may come out.
    Approved,
    /// A book of theirs is out.
    Published,
    /// A book of theirs is out no more.
    Unpublished,
    /// Somebody asks to be let into a book of theirs.
    AccessRequested,
    /// They are let into a book that they asked for.
    AccessGranted,
    /// A book is offered to them.
    OwnershipOffered,
    /// A book has another owner.
    OwnershipTransferred,
}

impl Topic {
    /// Every topic, in the order of the specification.
    pub const ALL: [Self; 21] = [
        Self::Invited,
        Self::RoleChanged,
        Self::Removed,
        Self::Mentioned,
        Self::Replied,
        Self::LockAsked,
        Self::LockReceived,
        Self::LockTaken,
        Self::LockIdle,
        Self::VersionRestored,
        Self::BookShelved,
        Self::Assigned,
        Self::Submitted,
        Self::ChangesRequested,
        Self::Approved,
        Self::Published,
        Self::Unpublished,
        Self::AccessRequested,
        Self::AccessGranted,
        Self::OwnershipOffered,
        Self::OwnershipTransferred,
    ];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::RoleChanged => "role_changed",
            Self::Removed => "removed",
            Self::Mentioned => "mentioned",
            Self::Replied => "replied",
            Self::LockAsked => "lock_asked",
            Self::LockReceived => "lock_received",
            Self::LockTaken => "lock_taken",
            Self::LockIdle => "lock_idle",
            Self::VersionRestored => "version_restored",
            Self::BookShelved => "book_shelved",
            Self::Assigned => "assigned",
            Self::Submitted => "submitted",
            Self::ChangesRequested => "changes_requested",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Unpublished => "unpublished",
            Self::AccessRequested => "access_requested",
            Self::AccessGranted => "access_granted",
            Self::OwnershipOffered => "ownership_offered",
            Self::OwnershipTransferred => "ownership_transferred",
        }
    }
}

/// How often somebody is mailed what they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ByMail {
    /// Never.
    Off,
    /// A letter for each thing, as it happens.
    AtOnce,
    /// One letter a day with what they have not read by then.
    Daily,
}

records! {
    /// By which channels somebody is told of a topic, by their own choice.
    TopicChoice {
        /// Of what.
        topic: Topic,
        /// It is in their inbox.
        inbox: bool,
        /// How often they are mailed.
        mail: ByMail,
    }
    /// By which channels anybody is told of a topic, by the library's choice.
    TopicSwitch {
        /// Of what.
        topic: Topic,
        /// It may be in inboxes.
        inbox: bool,
        /// It may be mailed.
        mail: bool,
    }
    /// What somebody was told, as they may know it.
    Told {
        /// The same however often and wherever it is told.
        id: String,
        /// Of what.
        topic: Topic,
        /// When it happened.
        at: Timestamp,
        /// In which book.
        book: BookId,
        /// The book's title then.
        title: String,
        /// Who did it; null: the hub, or somebody whose name the book does not know.
        by: Option<Person>,
        /// In which chapter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        chapter: Option<ChapterId>,
        /// That chapter's title then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        chapter_title: Option<String>,
        /// In which thread.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        thread: Option<ThreadId>,
        /// By which comment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        comment: Option<CommentId>,
        /// By which invitation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        invitation: Option<InvitationId>,
        /// The role from now on, or to come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        role: Option<Role>,
        /// The beginning of what was written: the comment, the word to the holder, the note of a review.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        text: Option<String>,
    }
    /// An entry of somebody's inbox.
    InboxEntry {
        /// Its number: later ones have higher numbers. From 1.
        n: Seq,
        /// They have seen it.
        read: bool,
        /// What they were told.
        told: Told,
    }
}
