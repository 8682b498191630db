//! What a book looks like to one person: the snapshot, threads, roster entries, list rows.

mod people;

use serde::{Deserialize, Serialize};

use crate::command::{Anchor, ChapterKind, Metadata, Mode};
use crate::event::{Holder, Member, Person};
use crate::format::Format;
use crate::id::{
    BookId, ChapterId, CommentId, DraftId, InvitationId, Seq, SessionId, ThreadId, Timestamp, Token, UserId,
};
use crate::publishing::Publishing;
use crate::role::Role;

pub use people::{InvitationMail, InvitationView, MailState, OfferView, RequestView};

#[cfg(feature = "typescript")]
use ts_rs::TS;

crate::tagged::records! {
    /// A whole book at one position, as far as the reader may know it.
    Snapshot {
        /// The book.
        id: BookId,
        /// Its title.
        title: String,
        /// Its metadata.
        metadata: Metadata,
        /// The event that last changed title or metadata.
        metadata_seq: Seq,
        /// It is in the library.
        #[serde(default)]
        shelved: bool,
        /// How far it is on its way to its readers.
        #[serde(default)]
        publishing: Publishing,
        /// What it looks like.
        #[serde(default)]
        format: Format,
        /// The event that last changed that; 0: none did.
        #[serde(default)]
        format_seq: Seq,
        /// Chapters and parts in reading order.
        chapters: Vec<ChapterView>,
        /// Chapters that can be restored; empty for those who may not organise.
        removed: Vec<RemovedView>,
        /// Heads of the comment threads; absent for those who may not read comments.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        threads: Option<Vec<ThreadHead>>,
        /// Everybody who belongs to the book.
        members: Vec<Member>,
        /// Pending invitations; absent for everybody but the owner.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        invitations: Option<Vec<InvitationView>>,
        /// Who asks to be let in; absent for everybody but the owner.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        requests: Option<Vec<RequestView>>,
        /// The book is offered to somebody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        offer: Option<OfferView>,
    }
    /// A chapter or part.
    ChapterView {
        /// Which.
        id: ChapterId,
        /// Its title.
        title: String,
        /// What it is.
        kind: ChapterKind,
        /// The part it belongs to.
        parent: Option<ChapterId>,
        /// How many may write in it at a time; absent: one.
        #[serde(default, skip_serializing_if = "Mode::is_exclusive")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Mode>"))]
        mode: Mode,
        /// Whose task it is; absent: nobody's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        assignment: Option<Assignment>,
        /// Who holds it, of several the first; null: it is free.
        lock: Option<LockView>,
        /// Who else holds it, in a live chapter; absent: nobody.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<HolderView>>"))]
        beside: Vec<HolderView>,
    }
    /// Whose task a chapter is.
    #[derive(Eq)]
    Assignment {
        /// Whose.
        person: Person,
        /// Until when; null: whenever.
        due_at: Option<Timestamp>,
    }
    /// Somebody who holds a live chapter beside others.
    HolderView {
        /// Who.
        holder: Holder,
        /// The fencing token.
        token: Token,
        /// Since when.
        since_at: Timestamp,
        /// The holder's connection is gone and the grace runs.
        away: bool,
    }
    /// A held chapter.
    LockView {
        /// Who.
        holder: Holder,
        /// The fencing token.
        token: Token,
        /// Since when.
        since_at: Timestamp,
        /// The holder's connection is gone and the grace runs.
        away: bool,
        /// Who waits, first come first.
        waiting: Vec<WaiterView>,
    }
    /// Somebody who waits for a chapter.
    WaiterView {
        /// Who.
        user: UserId,
        /// Their name.
        name: String,
        /// In which tab.
        session: SessionId,
        /// A word to the holder.
        note: Option<String>,
        /// Since when.
        asked_at: Timestamp,
    }
    /// A removed chapter.
    RemovedView {
        /// Which.
        id: ChapterId,
        /// Its title.
        title: String,
        /// What it is.
        kind: ChapterKind,
        /// When it was removed.
        removed_at: Timestamp,
        /// By whom.
        by: Person,
    }
    /// A thread without its comments.
    ThreadHead {
        /// Which.
        id: ThreadId,
        /// The chapter it is about.
        chapter: ChapterId,
        /// The place; null: the whole chapter.
        anchor: Option<Anchor>,
        /// What it is about is not in the text any more. Absent: it is there, as far as the hub knows.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        detached: bool,
        /// By whom and when it was settled; null: open.
        resolved: Option<Resolved>,
        /// How many comments it has, tombstones included.
        count: u32,
        /// When its last comment was added.
        last_at: Timestamp,
    }
    /// A settled thread.
    Resolved {
        /// By whom.
        by: Person,
        /// When.
        at: Timestamp,
    }
    /// A thread with its comments.
    Thread {
        /// Which.
        id: ThreadId,
        /// The chapter it is about.
        chapter: ChapterId,
        /// The place; null: the whole chapter.
        anchor: Option<Anchor>,
        /// What it is about is not in the text any more. Absent: it is there, as far as the hub knows.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        detached: bool,
        /// By whom and when it was settled; null: open.
        resolved: Option<Resolved>,
        /// Its comments, oldest first.
        comments: Vec<Comment>,
    }
    /// One comment.
    Comment {
        /// Which.
        id: CommentId,
        /// Who wrote it.
        author: Person,
        /// Plain text; empty if deleted.
        body: String,
        /// Members who are mentioned.
        mentions: Vec<UserId>,
        /// When it was written.
        at: Timestamp,
        /// When it was last changed; null: never.
        edited_at: Option<Timestamp>,
        /// Only its place is left.
        deleted: bool,
    }
    /// A row of `books.list`.
    BookRow {
        /// The book.
        id: BookId,
        /// Its title.
        title: String,
        /// The caller's role; null for rights without membership.
        role: Option<Role>,
        /// It is in the trash, and can be restored before this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        trashed_until: Option<Timestamp>,
    }
    /// A row of `drafts.list`.
    DraftRow {
        /// The draft.
        id: DraftId,
        /// The chapter that it was typed in; it may be gone.
        chapter: ChapterId,
        /// Its beginning.
        excerpt: String,
        /// When it was kept.
        saved_at: Timestamp,
    }
    /// A row of `versions.list`: a state of a chapter's text that is kept.
    VersionRow {
        /// The position of the text.
        rev: Seq,
        /// When it was kept.
        kept_at: Timestamp,
        /// Who wrote last, or who kept it by hand; null: nobody knows any more.
        by: Option<Person>,
        /// Why it was kept.
        cause: VersionCause,
        /// Its name; null: none.
        label: Option<String>,
        /// The version that this one brought back; null: none.
        restored: Option<Seq>,
        /// A point of the book names it: it stays, with a name or without.
        pinned: bool,
        /// Words in the text.
        words: u32,
        /// Words that came since the version before.
        added: u32,
        /// Words that went since the version before.
        removed: u32,
    }
    /// A row of `points.list`: the whole book as it was when somebody kept it.
    PointRow {
        /// Its number, from 1.
        point: Seq,
        /// When it was kept.
        kept_at: Timestamp,
        /// Who kept it.
        by: Person,
        /// Its name.
        label: String,
        /// What the book was called.
        title: String,
        /// How many chapters there were; parts do not count.
        chapter_count: u32,
        /// Words in all texts.
        words: u32,
    }
    /// A point of a book with its chapters.
    PointView {
        /// Its number, from 1.
        point: Seq,
        /// When it was kept.
        kept_at: Timestamp,
        /// Who kept it.
        by: Person,
        /// Its name.
        label: String,
        /// What the book was called.
        title: String,
        /// Words in all texts.
        words: u32,
        /// Its chapters in reading order, a part before those that are in it.
        chapters: Vec<PointChapter>,
    }
    /// A chapter as it was at a point of the book.
    PointChapter {
        /// Its id.
        chapter: ChapterId,
        /// Its title.
        title: String,
        /// What it was.
        kind: ChapterKind,
        /// The part that it was in; null: none.
        parent: Option<ChapterId>,
        /// The version of its text; null: nobody had written into it.
        rev: Option<Seq>,
        /// Words in that.
        words: u32,
    }
    /// Two versions as one text, with what came and what went.
    Comparison {
        /// The blocks of both in order.
        blocks: Vec<ComparedBlock>,
        /// Words that came.
        added: u32,
        /// Words that went.
        removed: u32,
    }
    /// A block of either version, or of both.
    ComparedBlock {
        /// What it is: `paragraph`, `heading` …
        name: String,
        /// Its text in pieces.
        pieces: Vec<ComparedPiece>,
    }
    /// Text of a block.
    ComparedPiece {
        /// Which of the two says it.
        change: PieceChange,
        /// What it says.
        text: String,
    }
    /// A row of `invitations.list`.
    InvitationRow {
        /// The invitation.
        id: InvitationId,
        /// The book.
        book: BookId,
        /// Its title.
        title: String,
        /// The role to come.
        role: Role,
        /// Who invited.
        by: Person,
        /// When it lapses.
        expires_at: Timestamp,
    }
    /// One session in a book.
    RosterEntry {
        /// Which tab.
        session: SessionId,
        /// Who.
        user: UserId,
        /// Their name.
        name: String,
        /// For display.
        initials: String,
        /// For display: `#rrggbb`, readable under white text.
        colour: String,
        /// The chapter in view; null: none.
        chapter: Option<ChapterId>,
        /// How present they are.
        state: PresenceState,
        /// Opaque to the hub; null: none.
        cursor: Option<String>,
    }
    /// Changed fields of one roster entry; an absent field is unchanged.
    RosterMove {
        /// Which tab.
        session: SessionId,
        /// The chapter in view.
        #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        chapter: Option<Option<ChapterId>>,
        /// How present they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        state: Option<PresenceState>,
        /// Opaque to the hub.
        #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        cursor: Option<Option<String>>,
    }
}

/// Why a version was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum VersionCause {
    /// By itself: somebody stopped writing, or wrote for a while. These thin out with time.
    Written,
    /// By hand.
    Saved,
    /// It is what a restored version replaced.
    Replaced,
    /// An older version was brought back.
    Restored,
    /// It came with the book. It stays.
    Imported,
}

/// Which of two versions says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum PieceChange {
    /// Both.
    Kept,
    /// The later one.
    Inserted,
    /// The earlier one.
    Deleted,
}

/// How present a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// The person did something lately.
    Active,
    /// Connected, but nothing was done for some minutes.
    Idle,
    /// The connection is gone and the grace runs.
    Away,
}
