//! The pure `Book`: decides what a command means and applies what was committed. No clock, no randomness, no I/O.
//!
//! [`Book::decide`] may refuse and changes nothing; [`Book::apply`] changes and cannot refuse (I1). Between the two
//! the store makes the events durable. Who may do what is one closed table in [`access`].

use quire_protocol::command::BookCommand;
use quire_protocol::event::{By, Cause, Event, Home, ReleaseReason};
use quire_protocol::frame::Answer;
use quire_protocol::view::{Snapshot, Thread};
use quire_protocol::{
    Action, BookId, ChapterId, CommandId, Limits, Rejection, Role, Seq, SessionId, ThreadId, Timers, Timestamp, Token,
    UserId,
};
use serde::{Deserialize, Serialize};

/// Everything a decision may depend on besides the book (I10).
pub struct Context<'a> {
    /// Who wishes.
    pub actor: Actor<'a>,
    /// The time of day.
    pub now: Timestamp,
    /// The client's id for the command, if it gave one.
    pub command: Option<&'a CommandId>,
    /// The client says that it sent this command before.
    pub retry: bool,
    /// Sessions whose connection is gone while their grace runs; they are skipped when a lock is granted.
    pub is_away: &'a dyn Fn(&SessionId) -> bool,
    /// How much of everything.
    pub limits: &'a Limits,
    /// How long everything takes.
    pub timers: &'a Timers,
}

/// Who wishes something.
#[derive(Clone, Copy, Debug)]
pub enum Actor<'a> {
    /// A person, in one of their sessions.
    Person {
        /// Who.
        user: &'a UserId,
        /// Their name.
        name: &'a str,
        /// Their verified address in normal form; `None`: not verified, so it can accept nothing.
        email: Option<&'a str>,
        /// Which tab.
        session: &'a SessionId,
        /// Where the tab is served.
        home: &'a Home,
    },
    /// The hub itself.
    Hub(Cause),
}

/// A wish: a client's command, or something that the hub noticed. All go through the same door.
#[derive(Clone, Debug)]
pub enum Act {
    /// What a client sent.
    Command(BookCommand),
    /// The actor (a person) becomes a member by the book's open claim, if it has one that fits; else nothing.
    Claim,
    /// The actor's session came back on another connection: its locks and places move to `actor.home` (R4).
    Rehome,
    /// This connection of a session is over: what it holds is released, its places are given up. A later
    /// incarnation of the session, or the same session on another replica, keeps everything.
    SessionEnded {
        /// Which session.
        session: SessionId,
        /// Which of its connections.
        home: Home,
        /// `Disconnected` or `ReplicaLost`.
        reason: ReleaseReason,
    },
    /// This session closed the book in its view: its waiting places and locks are given up (as `Released`).
    ViewClosed {
        /// Which session.
        session: SessionId,
    },
    /// The holder was inactive for the idle time. Nothing happens if the token is not the current one.
    LockIdle {
        /// Which chapter.
        chapter: ChapterId,
        /// The lock that was seen idle.
        token: Token,
    },
    /// The holder was active at this time (sent at most hourly).
    LockActive {
        /// Which chapter.
        chapter: ChapterId,
        /// The lock.
        token: Token,
        /// When.
        active_at: Timestamp,
    },
    /// Creates this book with its chapters at once (import, sample book). Actor: `Hub(Import)` or a person, who owns it.
    Import(Import),
}

/// A book to be created whole.
#[derive(Clone, Debug)]
pub struct Import {
    /// Its title.
    pub title: String,
    /// Its metadata.
    pub metadata: quire_protocol::command::Metadata,
    /// Its chapters in reading order; parents come before their children.
    pub chapters: Vec<ImportedChapter>,
    /// Who may claim it, if nobody owns it yet.
    pub claim: Option<quire_protocol::event::Claim>,
}

/// A chapter of an imported book.
#[derive(Clone, Debug)]
pub struct ImportedChapter {
    /// Its id.
    pub id: ChapterId,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: quire_protocol::command::ChapterKind,
    /// The part it belongs to.
    pub parent: Option<ChapterId>,
}

/// A yes: what to append, and what to say when it is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// In order; empty if nothing changes.
    pub events: Vec<Event>,
    /// What the reply says.
    pub outcome: Outcome,
}

/// What the reply to a command says. Stored with the command's last event, so that a repeat gets the same answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// `{}`.
    Done,
    /// `{token}`: the stamp of the last event of this decision, a `lock.acquired` (known once it is durable).
    Granted,
    /// `{token}`: held before this command.
    Held(Token),
    /// `{position}`: waits, 1 is next.
    Waiting(u32),
    /// `{invitation}`.
    Invited(quire_protocol::InvitationId),
    /// The command was executed before (I9), or created what exists already: the first reply, with its seq.
    Repeated {
        /// The seq of the first reply.
        seq: Seq,
        /// What it said.
        answer: Answer,
    },
}

/// A fact as it is stored: the payload of a record of the book's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Who caused it.
    pub by: By,
    /// On the last event of a command that had an id: whose, which, and what the reply said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<(UserId, CommandId, Outcome)>,
    /// What happened.
    pub event: Event,
}

/// A fact that is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Committed {
    /// Its number.
    pub seq: Seq,
    /// Its stamp: the token, if it grants a lock.
    pub stamp: Token,
    /// The store's clock.
    pub at: Timestamp,
    /// What.
    pub fact: Fact,
}

/// What a user may do in a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Their role; `None`: no member.
    pub role: Option<Role>,
    /// What they may do, in the order of the table.
    pub can: Vec<Action>,
}

/// How much of an event a user may hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hearing {
    /// All of it.
    Whole,
    /// Only that something happened.
    Withheld,
    /// Nothing: the book does not exist for them.
    Nothing,
}

/// A held chapter, for the hub's timers.
#[derive(Clone, Debug, PartialEq)]
pub struct Held<'a> {
    /// Which chapter.
    pub chapter: &'a ChapterId,
    /// Who.
    pub user: &'a UserId,
    /// In which tab.
    pub session: &'a SessionId,
    /// Where the tab is served.
    pub home: &'a Home,
    /// The current token.
    pub token: Token,
    /// The last activity that the log knows: the grant, or a later `lock.active`.
    pub active_at: Timestamp,
}
