//! What happened, as it is looked up later: the rows that the logs of books and of the library are told as, and which of them
//! somebody wants.

use quire_protocol::command::Mode;
use quire_protocol::event::{Cause, ReleaseReason};
use quire_protocol::inbox::{Topic, TopicSwitch};
use quire_protocol::library::Grant;
use quire_protocol::publishing::{PublishState, RevisionState};
use quire_protocol::royalty::Split;
use quire_protocol::{BookId, ChapterId, Role, Seq, Timestamp, UserId, WebhookId};
use serde::Serialize;

/// What is told where the store has lost some of the log.
pub const LOST: &str = "log.lost";

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its number in the log.
    pub seq: Seq,
    /// When it became durable.
    #[serde(skip)]
    pub at: Timestamp,
    /// Who did it; `None`: the hub, or what was lost says nothing.
    pub who: Option<Doer>,
    /// What: the kind of the event.
    pub what: &'static str,
    /// The book of the library that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub book: Option<Titled<BookId>>,
    /// The chapter that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapter: Option<Titled<ChapterId>>,
    /// The person that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Named>,
    /// The address that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A change of somebody's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleChange>,
    /// How far a book of the library has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StageChange>,
    /// Why a lock ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReleaseReason>,
    /// What was said to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Doer {
    /// A person.
    Person(Named),
    /// The hub itself.
    Hub {
        /// Why.
        system: Cause,
    },
}

/// A person, by the name that the log knows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Named {
    /// Who.
    pub id: UserId,
    /// Their name; `None`: the log does not tell.
    pub name: Option<String>,
}

/// A chapter or a book, by the title that it had.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Titled<Id> {
    /// Which.
    pub id: Id,
    /// Its title; `None`: the log does not tell.
    pub title: Option<String>,
}

/// What became of somebody's role.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RoleChange {
    /// Before; `None`: no member.
    pub from: Option<Role>,
    /// After; `None`: no member any more.
    pub to: Option<Role>,
}

/// How far a book came.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StageChange {
    /// Before; `None`: it came into the library, or the log does not tell.
    pub from: Option<Stage>,
    /// After.
    pub to: Stage,
}

/// How far a book is, and what was submitted of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// The book.
    pub state: PublishState,
    /// What was submitted; `None`: nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<RevisionState>,
}

/// What only some kinds of events have.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// The title that the book began with.
    Title(String),
    /// What changed of metadata, format or a user.
    Fields(Vec<&'static str>),
    /// How many write in the chapter at a time from now on.
    Mode(Mode),
    /// Who gets what.
    Split(Split),
    /// Until when it lasts; `None`: no end is said.
    Until(Option<Timestamp>),
    /// The point of the book's history that it is about.
    Point(Seq),
    /// What somebody may do in the library.
    Grants {
        /// From now on.
        given: Vec<Grant>,
        /// No more.
        taken: Vec<Grant>,
    },
    /// By which channels anybody may be told of these topics from now on.
    Switches(Vec<TopicSwitch>),
    /// A webhook is like this from now on.
    Webhook {
        /// Which.
        webhook: WebhookId,
        /// The host of its address.
        host: String,
        /// What it is told of.
        topics: Vec<Topic>,
        /// It is told now.
        on: bool,
    },
    /// This webhook is gone.
    WebhookRemoved(WebhookId),
    /// The version that came back.
    Version(Seq),
    /// So many events are lost.
    Lost(u64),
}

/// Which rows somebody wants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// With a greater number.
    pub after: Option<Seq>,
    /// With a smaller number.
    pub before: Option<Seq>,
    /// What this person did, or what was done to them.
    pub person: Option<UserId>,
    /// Of this kind, or of this family (`member` of `member.joined`).
    pub kind: Option<String>,
}

impl Wanted {
    /// Whether this row is one of them.
    pub fn includes(&self, row: &Row) -> bool {
        let is_about = |user: &UserId| {
            let did = matches!(&row.who, Some(Doer::Person(named)) if named.id == *user);
            did || row.member.as_ref().is_some_and(|named| named.id == *user)
        };
        let is_of = |kind: &String| {
            row.what.strip_prefix(kind.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.from.is_none_or(|from| row.at >= from)
            && self.until.is_none_or(|until| row.at < until)
            && self.after.is_none_or(|after| row.seq > after)
            && self.before.is_none_or(|before| row.seq < before)
            && self.person.as_ref().is_none_or(is_about)
            && self.kind.as_ref().is_none_or(is_of)
    }
}

/// The names of those fields that changed.
pub(crate) fn changed(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    fields.iter().filter(|(_, changed)| *changed).map(|(name, _)| *name).collect()
}
