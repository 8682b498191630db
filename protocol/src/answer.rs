//! What a reply says in `ok`, and which commands are answered how.

use serde::{Deserialize, Serialize};

use crate::codec::Blob;
use crate::command::Command;
use crate::event::EventFrame;
use crate::id::{BookId, Epoch, InvitationId, Seq, Timestamp, Token};
use crate::inbox::{InboxEntry, TopicChoice, TopicSwitch};
use crate::library::{LibraryBookRow, LibraryView, Shared, UserRow};
use crate::publishing::Checklist;
use crate::role::{Action, Role};
use crate::royalty::Split;
use crate::view::{
    BookRow, Comparison, DraftRow, InvitationRow, PointRow, PointView, RosterEntry, Snapshot, Thread, VersionRow,
};
use crate::webhook::{Delivery, Webhook};

#[cfg(feature = "typescript")]
use ts_rs::TS;

/// What a command's reply says in `ok`. [`AnswerShape::of`] tells which shape belongs to which command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(untagged)]
pub enum Answer {
    /// `book.open`.
    Opened(Box<Opened>),
    /// `books.list`.
    Books {
        /// A page of rows.
        books: Vec<BookRow>,
        /// Where the next page begins; null: this was the last.
        cursor: Option<String>,
    },
    /// `invitations.list`.
    Invitations {
        /// A page of rows.
        invitations: Vec<InvitationRow>,
        /// Where the next page begins; null: this was the last.
        cursor: Option<String>,
    },
    /// `threads.list`.
    Threads {
        /// A page of threads.
        threads: Vec<Thread>,
        /// Where the next page begins; null: this was the last.
        cursor: Option<String>,
    },
    /// `royalties.get`.
    Royalties {
        /// As far as the caller may know them, the oldest first.
        splits: Vec<Split>,
    },
    /// `publish.checklist`.
    Checklist(Checklist),
    /// `inbox.open`, `inbox.list`.
    Inbox {
        /// A page of entries, the newest first.
        inbox: Vec<InboxEntry>,
        /// How many entries are unread, on all pages.
        unread: u32,
        /// Where the next page begins; null: this was the last.
        before: Option<Seq>,
        /// How the caller wants to be told, for each topic.
        choices: Vec<TopicChoice>,
        /// How the library lets anybody be told, for each topic.
        switches: Vec<TopicSwitch>,
        /// Where mail for the caller goes; null: nowhere, as the hub mails nothing or knows no address of theirs.
        mail_to: Option<String>,
    },
    /// `library.open`.
    Library(Box<LibraryView>),
    /// `library.books`.
    LibraryBooks {
        /// A page of books.
        shelf: Vec<LibraryBookRow>,
        /// How many there are on all pages.
        total: u32,
        /// Where the next page begins; null: this was the last.
        cursor: Option<BookId>,
    },
    /// `member.lookup`.
    Known {
        /// Somebody with this address has an account here.
        known: bool,
    },
    /// `library.share`.
    Shared {
        /// Address by address, in the order sent.
        shared: Vec<Shared>,
    },
    /// `users.list`.
    Users {
        /// A page of users.
        users: Vec<UserRow>,
        /// How many there are on all pages.
        total: u32,
        /// Where the next page begins; null: this was the last.
        cursor: Option<String>,
    },
    /// `user.add`, `user.update`.
    User {
        /// The user as they are now.
        record: Box<UserRow>,
    },
    /// `webhooks.list`.
    Webhooks {
        /// All of them, by their ids.
        webhooks: Vec<Webhook>,
    },
    /// `webhook.set`.
    Webhook {
        /// As it is now.
        webhook: Box<Webhook>,
        /// With what is sent to it is signed, if that is new: `whsec_` and base64. Nothing tells it again.
        secret: Option<String>,
    },
    /// `webhook.deliveries`.
    Deliveries {
        /// The newest first.
        deliveries: Vec<Delivery>,
        /// How many of them wait.
        waiting: u32,
    },
    /// `chapter.open`.
    Text(Box<OpenedText>),
    /// `chapter.update`.
    Revised {
        /// The position in the chapter's log after it.
        rev: Seq,
    },
    /// `drafts.list`.
    Drafts {
        /// The oldest first.
        drafts: Vec<DraftRow>,
    },
    /// `draft.read`.
    Draft {
        /// A Yjs document of its own (v1).
        #[cfg_attr(feature = "typescript", ts(type = "Uint8Array | string"))]
        update: Blob,
    },
    /// `versions.list`.
    Versions {
        /// The newest first.
        versions: Vec<VersionRow>,
    },
    /// `version.read`.
    Version {
        /// A full Yjs state (v1), compressed with gzip.
        #[cfg_attr(feature = "typescript", ts(type = "Uint8Array | string"))]
        state: Blob,
    },
    /// `version.compare`.
    Compared(Box<Comparison>),
    /// `points.list`.
    Points {
        /// The newest first.
        points: Vec<PointRow>,
    },
    /// `point.read`.
    Point(Box<PointView>),
    /// A lock was granted, or is held already.
    Token {
        /// The fencing token.
        token: Token,
    },
    /// The caller waits.
    Position {
        /// 1 is next.
        position: u32,
    },
    /// `member.invite`.
    Invitation {
        /// The invitation's id.
        invitation: InvitationId,
    },
    /// `token.refresh`.
    Refreshed {
        /// When the new token expires.
        expires_at: Timestamp,
    },
    /// Done; nothing more to say.
    Done {},
}

/// The answer to `book.open`: either `events` or `snapshot`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Opened {
    /// The life of the book's log.
    pub epoch: Epoch,
    /// The position of what follows.
    pub seq: Seq,
    /// The caller's role; null for rights without membership.
    pub role: Option<Role>,
    /// What the caller may do.
    pub can: Vec<Action>,
    /// Who is here, at most `limits.roster_entries`.
    pub roster: Vec<RosterEntry>,
    /// How many are here.
    pub roster_count: u32,
    /// All events after the caller's position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "Array<EventFrame>"))]
    pub events: Option<Vec<EventFrame>>,
    /// The whole book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub snapshot: Option<Snapshot>,
}

/// The answer to `chapter.open`: everything that makes the text, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct OpenedText {
    /// The life of the chapter's log; null: nobody ever wrote into it.
    pub epoch: Option<Epoch>,
    /// The position of what follows.
    pub rev: Seq,
    /// What follows goes on after this position, which the client said it has; absent: the client begins anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub after: Option<Seq>,
    /// All that came before the updates as one Yjs update (v1), compressed with gzip; absent: there is nothing before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "Uint8Array | string"))]
    pub state: Option<Blob>,
    /// Yjs updates (v1). None, and no state: an empty document.
    #[cfg_attr(feature = "typescript", ts(type = "Array<Uint8Array | string>"))]
    pub updates: Vec<Blob>,
    /// Which document it is: the token of the hold that wrote into it first; absent: nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub lineage: Option<Token>,
    /// The last update of the caller's own hold that is stored, 0 for none; absent: the caller does not hold the chapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "number"))]
    pub n: Option<u64>,
    /// If asked for: each client id with the number of its clock units, the document's state vector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "Array<[number, number]>"))]
    pub clocks: Option<Vec<(u64, u32)>>,
}

/// The shape of a command's answer: a function of its kind alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnswerShape {
    /// `{}`.
    Done,
    /// [`Opened`].
    Opened,
    /// `{books, cursor}`.
    Books,
    /// `{invitations, cursor}`.
    Invitations,
    /// `{threads, cursor}`.
    Threads,
    /// `{splits}`.
    Royalties,
    /// [`Checklist`].
    Checklist,
    /// `{inbox, unread, before, choices, switches, mail_to}`.
    Inbox,
    /// [`LibraryView`].
    Library,
    /// `{shelf, total, cursor}`.
    LibraryBooks,
    /// `{known}`.
    Known,
    /// `{shared}`.
    Shared,
    /// `{users, total, cursor}`.
    Users,
    /// `{record}`.
    User,
    /// `{webhooks}`.
    Webhooks,
    /// `{webhook, secret}`.
    Webhook,
    /// `{deliveries, waiting}`.
    Deliveries,
    /// [`OpenedText`].
    Text,
    /// `{rev}`.
    Revised,
    /// `{drafts}`.
    Drafts,
    /// `{update}`.
    Draft,
    /// `{versions}`.
    Versions,
    /// `{state}`.
    Version,
    /// [`Comparison`].
    Compared,
    /// `{points}`.
    Points,
    /// [`PointView`].
    Point,
    /// `{token}`.
    Token,
    /// `{token}` if the lock was granted, `{position}` if the caller waits for it.
    TokenOrPosition,
    /// `{token}` if the caller asked for the lock, else `{}`.
    TokenIfTaken,
    /// `{invitation}`.
    Invitation,
    /// `{expires_at}`.
    Refreshed,
}

impl AnswerShape {
    /// How a command of this kind is answered; `None` if there is no such command.
    pub fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "book.open" => Self::Opened,
            "books.list" => Self::Books,
            "invitations.list" => Self::Invitations,
            "threads.list" => Self::Threads,
            "royalties.get" => Self::Royalties,
            "publish.checklist" => Self::Checklist,
            "inbox.open" | "inbox.list" => Self::Inbox,
            "library.open" => Self::Library,
            "library.books" => Self::LibraryBooks,
            "member.lookup" => Self::Known,
            "library.share" => Self::Shared,
            "users.list" => Self::Users,
            "user.add" | "user.update" => Self::User,
            "webhooks.list" => Self::Webhooks,
            "webhook.set" => Self::Webhook,
            "webhook.deliveries" => Self::Deliveries,
            "chapter.open" => Self::Text,
            "chapter.update" | "version.restore" => Self::Revised,
            "drafts.list" => Self::Drafts,
            "draft.read" => Self::Draft,
            "versions.list" => Self::Versions,
            "version.read" => Self::Version,
            "version.compare" => Self::Compared,
            "points.list" => Self::Points,
            "point.read" => Self::Point,
            "lock.acquire" => Self::TokenOrPosition,
            "lock.move_here" => Self::Token,
            "lock.force_release" => Self::TokenIfTaken,
            "member.invite" => Self::Invitation,
            "token.refresh" => Self::Refreshed,
            _ if Command::kinds().any(|known| known == kind) => Self::Done,
            _ => return None,
        })
    }
}
