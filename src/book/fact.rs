//! Answers and facts: what a decision says, and what the log keeps of it.

use quire_protocol::codec::decode_record;
use quire_protocol::event::{By, Event};
use quire_protocol::frame::Answer;
use quire_protocol::{CommandId, InvitationId, Rejection, Seq, Timestamp, Token, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::store::Record;

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
    /// `{}`, and not how much happened in the book: whoever asked may know of none.
    Asked,
    /// `{token}`: the stamp of the last event of this decision, a `lock.acquired` or `lock.rehomed` (known once it is
    /// durable).
    Granted,
    /// `{token}`: held before this command.
    Held(Token),
    /// `{position}`: waits, 1 is next.
    Waiting(u32),
    /// `{invitation}`.
    Invited(InvitationId),
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

impl Committed {
    /// What a record says, or why it cannot be read.
    pub fn of(record: &Record) -> Result<Self, String> {
        let fact: Fact = decode_record(&record.payload).map_err(|error| format!("seq {}: {error}", record.seq))?;
        Ok(Self { seq: record.seq, stamp: record.stamp, at: record.at, fact })
    }
}

impl Decision {
    /// Done by these events.
    pub(super) fn done(events: Vec<Event>) -> Self {
        Self { events, outcome: Outcome::Done }
    }

    /// Done by one event.
    pub(super) fn one(event: impl Into<Event>) -> Self {
        Self::done(vec![event.into()])
    }

    /// What was wished is so already.
    pub(super) fn nothing() -> Self {
        Self::done(Vec::new())
    }

    /// The wish was fulfilled before.
    pub(super) fn repeated(seq: Seq, answer: Answer) -> Self {
        Self { events: Vec::new(), outcome: Outcome::Repeated { seq, answer } }
    }
}

impl Outcome {
    /// What the reply says; `stamp` is the stamp of the decision's last event.
    pub fn answer(&self, stamp: Token) -> Answer {
        match self {
            Self::Done | Self::Asked => Answer::Done {},
            Self::Granted => Answer::Token { token: stamp },
            Self::Held(token) => Answer::Token { token: *token },
            Self::Waiting(position) => Answer::Position { position: *position },
            Self::Invited(invitation) => Answer::Invitation { invitation: invitation.clone() },
            Self::Repeated { answer, .. } => answer.clone(),
        }
    }
}

/// How something that a client named came to be, so that creating the same again can be told from a taken id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// Who created it; `None`: the hub.
    user: Option<UserId>,
    /// The event that created it.
    pub(super) seq: Seq,
    /// Of the arguments: what they made may have changed since.
    print: u64,
}

impl Origin {
    pub(super) fn new(committed: &Committed, print: u64) -> Self {
        let user = match &committed.fact.by {
            By::Person { user, .. } => Some(user.clone()),
            By::System { .. } => None,
        };
        Self { user, seq: committed.seq, print }
    }

    /// The answer to creating it once more: `again` says that it was the same wish.
    pub(super) fn repeat(&self, again: bool, answer: Answer) -> Result<Decision, Rejection> {
        if again { Ok(Decision::repeated(self.seq, answer)) } else { Err(Rejection::IdTaken) }
    }

    /// The hub itself created it with these arguments.
    pub(super) fn is_hubs(&self, print: u64) -> bool {
        self.user.is_none() && self.print == print
    }

    /// This user created it with these arguments.
    pub(super) fn is(&self, user: &UserId, print: u64) -> bool {
        self.user.as_ref() == Some(user) && self.print == print
    }
}

/// A short fingerprint of the arguments of a creation. Two that agree by accident are the same user's own.
pub(super) fn fingerprint(arguments: &impl Serialize) -> u64 {
    let bytes = rmp_serde::to_vec(arguments).expect("arguments are plain data");
    let digest = Sha256::digest(&bytes);
    digest.iter().take(8).fold(0, |print, byte| print << 8 | u64::from(*byte))
}
