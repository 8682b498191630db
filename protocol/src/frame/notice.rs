//! Notices: what the hub tells one session alone.

use serde::{Deserialize, Serialize};

use crate::event::{By, Person, ReleaseReason};
use crate::id::{BookId, ChapterId, Timestamp};
use crate::inbox::InboxEntry;
use crate::role::{Action, Role};

#[cfg(feature = "typescript")]
use ts_rs::TS;

/// Something for this session alone: `{"t":"notice","kind":…}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(tag = "t", rename = "notice")]
pub struct NoticeFrame {
    /// What.
    #[serde(flatten)]
    pub notice: Notice,
}

/// What a notice says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// A held lock will be released for inactivity.
    LockIdleSoon {
        /// The book.
        book: BookId,
        /// The chapter.
        chapter: ChapterId,
        /// When.
        releases_at: Timestamp,
    },
    /// A held lock is gone, not by this session's own wish.
    LockLost {
        /// The book.
        book: BookId,
        /// The chapter.
        chapter: ChapterId,
        /// Why.
        reason: ReleaseReason,
        /// By whom.
        by: By,
        /// What they said.
        note: Option<String>,
    },
    /// Somebody waits for a held chapter.
    LockWanted {
        /// The book.
        book: BookId,
        /// The chapter.
        chapter: ChapterId,
        /// Who.
        by: Person,
        /// What they said.
        note: Option<String>,
    },
    /// The caller's role in an open book changed.
    AccessChanged {
        /// The book.
        book: BookId,
        /// The role from now on.
        role: Option<Role>,
        /// What it allows.
        can: Vec<Action>,
    },
    /// An open book was closed for this session.
    BookClosed {
        /// The book.
        book: BookId,
        /// Why.
        reason: ClosedReason,
    },
    /// `books.list` or `invitations.list` would answer something else now.
    BooksChanged,
    /// For a connection that opened the library: something else would be answered now.
    LibraryChanged {
        /// By `library.open`: what the caller may do, or how much there is.
        access: bool,
        /// By `users.list`.
        users: bool,
        /// By `library.books`.
        books: bool,
        /// By `inbox.open`: by which channels the library lets anybody be told.
        #[serde(default)]
        notices: bool,
        /// By `webhooks.list`.
        #[serde(default)]
        webhooks: bool,
    },
    /// For a connection that opened the inbox: there is a new entry.
    Noticed {
        /// It.
        entry: Box<InboxEntry>,
        /// How many are unread now.
        unread: u32,
    },
    /// For a connection that opened the inbox: entries were read, or topics chosen, in this tab or in another.
    InboxChanged {
        /// How many are unread now.
        unread: u32,
    },
}

impl Notice {
    /// Every kind, as it is named on the wire.
    pub const KINDS: &'static [&'static str] = &[
        "lock_idle_soon",
        "lock_lost",
        "lock_wanted",
        "access_changed",
        "book_closed",
        "books_changed",
        "library_changed",
        "noticed",
        "inbox_changed",
    ];

    /// This notice's kind on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LockIdleSoon { .. } => "lock_idle_soon",
            Self::LockLost { .. } => "lock_lost",
            Self::LockWanted { .. } => "lock_wanted",
            Self::AccessChanged { .. } => "access_changed",
            Self::BookClosed { .. } => "book_closed",
            Self::BooksChanged => "books_changed",
            Self::LibraryChanged { .. } => "library_changed",
            Self::Noticed { .. } => "noticed",
            Self::InboxChanged { .. } => "inbox_changed",
        }
    }
}

/// Why a book was closed for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum ClosedReason {
    /// The user is no longer a member.
    Removed,
    /// The book was deleted.
    Deleted,
}
