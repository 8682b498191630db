//! Facts of a library, as its log keeps them. Nobody hears them as they are: who subscribed is told that what they may list
//! has changed.

use std::collections::BTreeSet;

use quire_protocol::event::Person;
use quire_protocol::inbox::{Topic, TopicSwitch};
use quire_protocol::library::{Grant, UserDetails};
use quire_protocol::{BookId, Seq, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};

use super::webhook::Webhook;
use super::{Owner, Shelved};

/// What happened, and by whom: the payload of a record of the library's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Who; `None`: the hub.
    pub by: Option<Person>,
    /// The hub did it because a host application asked for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub host: bool,
    /// What was said to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What.
    pub event: Event,
}

/// Who changes a library, and what they say to it.
#[derive(Clone, Debug, PartialEq)]
pub struct By {
    /// Who.
    pub doer: Doer,
    /// What they say; `None`: nothing.
    pub note: Option<String>,
}

impl From<Doer> for By {
    fn from(doer: Doer) -> Self {
        Self { doer, note: None }
    }
}

/// Who changes a library.
#[derive(Clone, Debug, PartialEq)]
pub enum Doer {
    /// A person.
    Person(Person),
    /// The hub itself.
    Hub,
    /// A host application.
    Host,
}

impl Fact {
    /// This happened by somebody.
    pub fn new(by: &By, event: Event) -> Self {
        let person = if let Doer::Person(person) = &by.doer { Some(person.clone()) } else { None };
        Self { by: person, host: by.doer == Doer::Host, note: by.note.clone(), event }
    }
}

impl Event {
    /// The address to which it owes a letter.
    pub fn owes_letter(&self) -> Option<&str> {
        match self {
            Self::UserAdded { email, mail: Some(_), .. } | Self::UserAsked { email, mail: Some(_), .. } => Some(email),
            _ => None,
        }
    }

    /// The address of whoever is asked to join by it.
    pub fn asks(&self) -> Option<&str> {
        match self {
            Self::UserAdded { email, .. } | Self::UserAsked { email, .. } => Some(email),
            _ => None,
        }
    }
}

/// What can happen to a library. Addresses are in normal form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It is somebody's from now on.
    Claimed {
        /// Whose.
        owner: Owner,
    },
    /// A user was added, who may join until then.
    UserAdded {
        /// Who.
        email: String,
        /// What is said of them.
        details: UserDetails,
        /// Until when.
        asked_until: Timestamp,
        /// A letter asks them, in the name of this person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mail: Option<Person>,
    },
    /// This is said of a user from now on.
    UserUpdated {
        /// Who.
        email: String,
        /// What.
        details: UserDetails,
        /// Whether they may do what they may do.
        active: bool,
    },
    /// This is what a user may do from now on.
    UserGranted {
        /// Who.
        email: String,
        /// In place of whatever it was.
        grants: Vec<Grant>,
    },
    /// A user may join until then.
    UserAsked {
        /// Who.
        email: String,
        /// Until when.
        until: Timestamp,
        /// A letter asks them, in the name of this person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mail: Option<Person>,
    },
    /// A letter that asks a user to join was sent, or given up.
    UserMailed {
        /// Who.
        email: String,
        /// When it was asked for.
        asked: Timestamp,
        /// Why it was given up; `None`: it was sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A user joined.
    UserJoined {
        /// Which.
        email: String,
        /// Who that is.
        user: Person,
    },
    /// A user was removed.
    UserRemoved {
        /// Who.
        email: String,
    },
    /// A user left.
    UserLeft {
        /// Who.
        email: String,
    },
    /// Somebody who was asked declined.
    UserDeclined {
        /// Who.
        email: String,
    },
    /// Of these topics nobody is told from now on, by any channel: as it was written before there were several.
    Muted {
        /// In place of whatever it was.
        topics: BTreeSet<Topic>,
    },
    /// By these channels anybody may be told of these topics from now on.
    Allowed {
        /// Each topic by itself.
        switches: Vec<TopicSwitch>,
    },
    /// A webhook is like this from now on.
    WebhookSet {
        /// It.
        webhook: Box<Webhook>,
    },
    /// A webhook was removed.
    WebhookRemoved {
        /// Which.
        webhook: WebhookId,
    },
    /// A book is in the library, and this is what it is like.
    BookShelved {
        /// The book.
        book: Shelved,
    },
    /// A book is not in the library any more.
    BookUnshelved {
        /// Which.
        book: BookId,
        /// The last event of the book that was known then.
        seq: Seq,
    },
}
