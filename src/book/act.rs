//! Wishes as the book gets them: who wishes what, and everything else a decision may depend on.

use quire_protocol::command::{BookCommand, ChapterKind, Metadata};
use quire_protocol::event::{Cause, Claim, Holder, Home, Person, ReleaseReason};
use quire_protocol::person::initials;
use quire_protocol::{
    ChapterId, CommandId, InvitationId, Limits, Rejection, Seq, SessionId, ThreadId, Timers, Timestamp, Token, UserId,
    text,
};

use super::host::Hosted;

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
    /// This hub sends mail.
    pub mails: bool,
    /// The point of the book's history that was kept for the command, if it needs one: see [`super::keeps_point`].
    pub point: Option<Seq>,
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
    /// The text of a chapter was looked at: for each of these threads, whether what it is about is there.
    Anchored {
        /// Which chapter.
        chapter: ChapterId,
        /// Its threads.
        found: Vec<(ThreadId, bool)>,
    },
    /// The actor (a person) brought a version back: it is the text of a chapter again. It happened, whatever they may do now.
    VersionRestored {
        /// Which chapter.
        chapter: ChapterId,
        /// The version.
        version: Seq,
        /// The revision of the text.
        rev: Seq,
    },
    /// The letter of an invitation was sent, or given up for a reason. Nothing happens if it is not owed.
    Mailed {
        /// Which invitation.
        invitation: InvitationId,
        /// The event that asked for the letter.
        asked: Seq,
        /// Why it was given up.
        reason: Option<String>,
    },
    /// The library does not allow any more what let this user hold or wait for something: that ends.
    RightsEnded {
        /// Who.
        user: UserId,
    },
    /// The time of something is over: whatever lasted until now ends.
    Lapsed,
    /// Creates this book with its chapters at once (import, sample book). Actor: `Hub(Import)`.
    Import(Import),
    /// What a host application wishes. Actor: `Hub(Host)`.
    Hosted(Hosted),
}

/// A book to be created whole.
#[derive(Clone, Debug)]
pub struct Import {
    /// Its title.
    pub title: String,
    /// Its metadata.
    pub metadata: Metadata,
    /// Its chapters in reading order; parents come before their children.
    pub chapters: Vec<ImportedChapter>,
    /// Whose it is.
    pub whose: Whose,
}

/// Whose an imported book is.
#[derive(Clone, Debug)]
pub enum Whose {
    /// Somebody's who is known: the owner.
    Owner {
        /// Who.
        user: UserId,
        /// Their name.
        name: String,
        /// Their verified address, if there is one.
        email: Option<String>,
    },
    /// Nobody's until somebody comes who may claim it.
    Claim(Claim),
}

/// A chapter of an imported book.
#[derive(Clone, Debug)]
pub struct ImportedChapter {
    /// Its id.
    pub id: ChapterId,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: ChapterKind,
    /// The part it belongs to.
    pub parent: Option<ChapterId>,
}

/// The person who wishes something, with the context of the wish.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) user: &'a UserId,
    name: &'a str,
    /// Verified, in normal form.
    pub(super) email: Option<&'a str>,
    pub(super) session: &'a SessionId,
    pub(super) home: &'a Home,
    pub(super) context: &'a Context<'a>,
}

impl<'a> Caller<'a> {
    /// The hub itself has no role in a book, so it may not send what people send.
    pub(super) fn of(context: &'a Context<'a>) -> Result<Self, Rejection> {
        match context.actor {
            Actor::Person { user, name, email, session, home } => {
                Ok(Self { user, name, email, session, home, context })
            }
            Actor::Hub(_) => Err(Rejection::Forbidden),
        }
    }

    /// The caller's name as others see it: one line, cut to the limit.
    pub(super) fn name(&self) -> String {
        text::clean_line(self.name).chars().take(self.context.limits.name_chars).collect()
    }

    pub(super) fn person(&self) -> Person {
        Person { user: self.user.clone(), name: self.name() }
    }

    pub(super) fn as_holder(&self) -> Holder {
        let name = self.name();
        Holder { user: self.user.clone(), initials: initials(&name), name, session: self.session.clone() }
    }
}

impl Actor<'_> {
    /// People end and keep alive only what is their own; the hub may do so for everybody.
    pub(super) fn speaks_for(&self, other: &SessionId) -> bool {
        match self {
            Self::Person { session, .. } => *session == other,
            Self::Hub(_) => true,
        }
    }
}
