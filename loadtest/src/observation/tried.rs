//! Commands as they were sent, and what was answered.

use quire_protocol::frame::{Answer, Reply};
use quire_protocol::{Epoch, Rejection, Seq, SessionId, Token};
use serde::{Deserialize, Serialize};

use super::{About, Micros};

/// What became of one sending of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// Yes.
    Accepted {
        /// The command's last event, else the state it was judged on.
        seq: Option<Seq>,
        /// The token, where a lock was granted.
        token: Option<Token>,
    },
    /// No: it was not done.
    Refused {
        /// The refusal's code.
        code: String,
        /// The state it was judged on.
        seq: Option<Seq>,
    },
    /// `outcome_unknown`: it may have been done.
    Unknown,
    /// The connection ended first: it may have been done.
    Lost,
}

impl Answered {
    /// What a reply says.
    pub fn of(reply: &Reply) -> Self {
        match &reply.err {
            Some(refusal) if matches!(refusal.rejection, Rejection::OutcomeUnknown) => Self::Unknown,
            Some(refusal) => Self::Refused { code: refusal.rejection.code().to_owned(), seq: reply.seq },
            None => {
                let token = match &reply.ok {
                    Some(Answer::Token { token }) => Some(*token),
                    _ => None,
                };
                Self::Accepted { seq: reply.seq, token }
            }
        }
    }
}

/// One sending of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The session that sent it.
    pub session: Option<SessionId>,
    /// The life of the book's log that the tab followed then; none: it had not opened the book.
    pub epoch: Option<Epoch>,
    /// When it was sent.
    pub sent_at: Micros,
    /// What was answered, and when; none: nothing yet.
    pub answered: Option<(Answered, Micros)>,
}

/// A command of one tab with all its sendings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// Its kind on the wire.
    pub kind: String,
    /// What it is about.
    pub about: About,
    /// The token that it named.
    pub token: Option<Token>,
    /// Each time it was sent, oldest first.
    pub attempts: Vec<Attempt>,
}

impl Attempt {
    /// It was not refused.
    pub fn may_have_been_done(&self) -> bool {
        !matches!(self.answered, Some((Answered::Refused { .. }, _)))
    }
}
