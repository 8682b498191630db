//! Refusals and close codes: why something was not done, and why a connection ended.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::event::Holder;
use crate::id::{ChapterId, Seq, Timestamp};

#[cfg(feature = "typescript")]
use ts_rs::TS;

/// A refusal as it is sent: `{"code", "message", …facts}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS), ts(type = "{ message: string } & Rejection"))]
pub struct Refusal {
    /// One plain sentence for a person.
    pub message: String,
    /// The stable code with its facts.
    #[serde(flatten)]
    pub rejection: Rejection,
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self { message: rejection.to_string(), rejection }
    }
}

/// Why a command was not done. A domain answer, never an error of the hub. `Display` is the sentence for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rejection {
    /// The token is missing, bad or expired.
    Unauthenticated {
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such thing, or the caller has no right to know that it exists.
    NotFound {
        /// What was looked for: `book`, `chapter`, `thread`, `comment`, `member`, `invitation`, `session`, `draft`, `version`, `asset`, `point`, `library`, `user`, `path`.
        what: What,
    },
    /// The caller knows it and lacks the right.
    Forbidden,
    /// Another session holds the chapter.
    Locked {
        /// Who.
        holder: Holder,
        /// Since when.
        since_at: Timestamp,
        /// The same user's other tab.
        yours_elsewhere: bool,
    },
    /// The caller does not hold this chapter.
    NotHolder,
    /// The caller holds this chapter under another token.
    StaleToken,
    /// Metadata changed after the caller's base.
    StaleBase {
        /// The event that changed them last.
        current: Seq,
    },
    /// It contradicts the state of the book.
    Conflict {
        /// What stands in the way, in plain words.
        reason: String,
        /// The chapters that are still in the part.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<ChapterId>>"))]
        children: Vec<ChapterId>,
    },
    /// Something else has this id.
    IdTaken,
    /// A field has no acceptable value.
    Invalid {
        /// Which field; empty if it is not one field.
        field: String,
        /// Why.
        reason: String,
    },
    /// The hub does not know this kind of command.
    Unsupported {
        /// The kind that was sent.
        kind: String,
    },
    /// A value is larger than a limit.
    TooLarge {
        /// The limit's name in `welcome.limits`.
        limit: String,
        /// Its value.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        max: u64,
    },
    /// There are as many as there may be.
    LimitReached {
        /// The limit's name in `welcome.limits`.
        limit: String,
        /// Its value.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        max: u64,
        /// How many there are.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        used: u64,
    },
    /// Too many commands in too short a time. Not executed.
    RateLimited {
        /// When to try again.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        retry_after_ms: u64,
    },
    /// Not done: the store cannot be asked.
    Unavailable {
        /// When to try again.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        retry_after_ms: u64,
    },
    /// It may have been done: look, or retry with the same id.
    OutcomeUnknown,
}

/// What was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A book.
    Book,
    /// A chapter.
    Chapter,
    /// A comment thread.
    Thread,
    /// A comment.
    Comment,
    /// A member.
    Member,
    /// An invitation.
    Invitation,
    /// A waiting session.
    Session,
    /// A recovery draft.
    Draft,
    /// A version of a chapter's text.
    Version,
    /// A picture of a book.
    Asset,
    /// A point of a book's history.
    Point,
    /// A library.
    Library,
    /// A user of a library.
    User,
    /// Somebody's wish to be let into a book.
    Request,
    /// A webhook of a library.
    Webhook,
    /// Something that a webhook was told.
    Delivery,
    /// An address of the hub, over HTTP.
    Path,
}

impl What {
    fn noun(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Chapter => "chapter",
            Self::Thread => "thread",
            Self::Comment => "comment",
            Self::Member => "member",
            Self::Invitation => "invitation",
            Self::Session => "waiting session",
            Self::Draft => "draft",
            Self::Version => "version",
            Self::Asset => "asset",
            Self::Point => "point",
            Self::Library => "library",
            Self::User => "user",
            Self::Request => "request",
            Self::Webhook => "webhook",
            Self::Delivery => "delivery",
            Self::Path => "address",
        }
    }
}

impl Rejection {
    /// Every code, in the order of the specification.
    pub const CODES: &'static [&'static str] = &[
        "unauthenticated",
        "not_found",
        "forbidden",
        "locked",
        "not_holder",
        "stale_token",
        "stale_base",
        "conflict",
        "id_taken",
        "invalid",
        "unsupported",
        "too_large",
        "limit_reached",
        "rate_limited",
        "unavailable",
        "outcome_unknown",
    ];

    /// The stable code, as it is sent.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated { .. } => "unauthenticated",
            Self::NotFound { .. } => "not_found",
            Self::Forbidden => "forbidden",
            Self::Locked { .. } => "locked",
            Self::NotHolder => "not_holder",
            Self::StaleToken => "stale_token",
            Self::StaleBase { .. } => "stale_base",
            Self::Conflict { .. } => "conflict",
            Self::IdTaken => "id_taken",
            Self::Invalid { .. } => "invalid",
            Self::Unsupported { .. } => "unsupported",
            Self::TooLarge { .. } => "too_large",
            Self::LimitReached { .. } => "limit_reached",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable { .. } => "unavailable",
            Self::OutcomeUnknown => "outcome_unknown",
        }
    }

    /// A field without an acceptable value.
    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), reason: reason.into() }
    }

    /// A contradiction to the state of the book.
    pub fn conflict(reason: impl Into<String>) -> Self {
        Self::Conflict { reason: reason.into(), children: Vec::new() }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthenticated { reason } => write!(f, "You are not signed in: {reason}."),
            Self::NotFound { what } => write!(f, "There is no such {}.", what.noun()),
            Self::Forbidden => f.write_str("Your rights do not allow that."),
            Self::Locked { yours_elsewhere: true, .. } => f.write_str("You hold this chapter in another tab."),
            Self::Locked { holder, .. } => write!(f, "{} is writing in this chapter.", holder.name),
            Self::NotHolder => f.write_str("You do not hold this chapter."),
            Self::StaleToken => f.write_str("You hold this chapter under a newer token."),
            Self::StaleBase { .. } => f.write_str("Somebody changed this before you."),
            Self::Conflict { reason, .. } => write!(f, "That does not fit: {reason}."),
            Self::IdTaken => f.write_str("Something else already has this id."),
            Self::Invalid { field, reason } if field.is_empty() => write!(f, "That is not valid: {reason}."),
            Self::Invalid { field, reason } => write!(f, "The field {field} is not valid: {reason}."),
            Self::Unsupported { .. } => f.write_str("This hub does not know that command."),
            Self::TooLarge { limit, max } => write!(f, "That is larger than {limit} allows ({max})."),
            Self::LimitReached { limit, max, .. } => write!(f, "The limit {limit} of {max} is reached."),
            Self::RateLimited { .. } => f.write_str("Too many commands in a short time; try again in a moment."),
            Self::Unavailable { .. } => f.write_str("The store cannot be reached; nothing was changed."),
            Self::OutcomeUnknown => f.write_str("It may or may not have been done; look, or try again."),
        }
    }
}

/// Why the hub ends a connection. See the specification for what a client does then and what becomes of its locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseCode {
    /// 1000: the client closed first.
    Normal,
    /// 1009: a WebSocket message over the limit.
    TooLarge,
    /// 4000: malformed or unexpected frame.
    ProtocolError,
    /// 4001: token bad or expired.
    Unauthenticated,
    /// 4003: the account is disabled.
    Disabled,
    /// 4008: the outbox is over its limit.
    TooSlow,
    /// 4009: the session was resumed on another connection.
    ResumedElsewhere,
    /// 4013: the replica drains.
    Draining,
    /// 4029: too many connections or commands.
    Limits,
    /// 4050: store lost, or the epoch changed.
    StoreLost,
}

impl CloseCode {
    /// Every code.
    pub const ALL: [Self; 10] = [
        Self::Normal,
        Self::TooLarge,
        Self::ProtocolError,
        Self::Unauthenticated,
        Self::Disabled,
        Self::TooSlow,
        Self::ResumedElsewhere,
        Self::Draining,
        Self::Limits,
        Self::StoreLost,
    ];

    /// The code's name in the specification.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::TooLarge => "too_large",
            Self::ProtocolError => "protocol_error",
            Self::Unauthenticated => "unauthenticated",
            Self::Disabled => "disabled",
            Self::TooSlow => "too_slow",
            Self::ResumedElsewhere => "resumed_elsewhere",
            Self::Draining => "draining",
            Self::Limits => "limits",
            Self::StoreLost => "store_lost",
        }
    }

    /// The number in the WebSocket close frame.
    pub fn number(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::TooLarge => 1009,
            Self::ProtocolError => 4000,
            Self::Unauthenticated => 4001,
            Self::Disabled => 4003,
            Self::TooSlow => 4008,
            Self::ResumedElsewhere => 4009,
            Self::Draining => 4013,
            Self::Limits => 4029,
            Self::StoreLost => 4050,
        }
    }
}
