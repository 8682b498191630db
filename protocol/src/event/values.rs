//! What events are about: who caused them, who people are, why locks end.

use serde::{Deserialize, Serialize};

use crate::id::{ReplicaId, SessionId, Timestamp, UserId};
use crate::role::Role;

#[cfg(feature = "typescript")]
use ts_rs::TS;

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case", untagged)]
pub enum By {
    /// A person, by one of their sessions.
    Person {
        /// Who.
        user: UserId,
        /// In which tab.
        session: SessionId,
    },
    /// The hub itself.
    System {
        /// Why.
        system: Cause,
    },
}

/// Why the hub itself acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A holder was inactive for too long.
    Idle,
    /// A session ended.
    Disconnected,
    /// The replica that served a session is gone.
    ReplicaLost,
    /// A book was imported.
    Import,
    /// The text of a chapter has changed.
    Text,
    /// A letter was sent, or given up.
    Mail,
    /// A host application asked for it.
    Host,
    /// The time for something was over.
    Lapsed,
    /// Who caused it is not for this subscriber.
    Withheld,
}

/// A person as others see them.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Their name when it happened.
    pub name: String,
}

/// A member's person, address and role.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Their name when they joined.
    pub name: String,
    /// Their verified address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// From this time on they are no member any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub until: Option<Timestamp>,
}

/// Where a session is served: which replica, and which of the session's connections.
///
/// Stored with holders and waiters so that a late end of an old connection frees nothing (R4). Not on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Home {
    /// The replica's boot.
    pub replica: ReplicaId,
    /// The session's connection, counted from 0.
    pub incarnation: u32,
}

/// Who holds a chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Holder {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// For display beside the chapter.
    pub initials: String,
    /// In which tab.
    pub session: SessionId,
}

/// Why a lock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// The holder gave it back.
    Released,
    /// The holder's tab closed, or stayed away longer than the grace.
    Disconnected,
    /// No activity for the idle time.
    Idle,
    /// The owner released it.
    Forced,
    /// The holder gave it to a waiter.
    HandedOver,
    /// The same user took it to another tab.
    Moved,
    /// The holder lost the right to edit, or left the book.
    PermissionChanged,
    /// The chapter was removed.
    ChapterRemoved,
    /// The book was deleted.
    BookDeleted,
    /// The replica that served the holder is gone.
    ReplicaLost,
    /// A version was restored.
    Restored,
    /// One session writes at a time now, and another goes on.
    ModeChanged,
}

/// Why somebody stopped waiting without being granted the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum WaitEndReason {
    /// The waiter no longer wants it.
    Cancelled,
    /// The holder said no.
    Declined,
    /// The waiter's session ended, or closed the book.
    Disconnected,
    /// The waiter lost the right to edit, or left the book.
    PermissionChanged,
    /// The chapter was removed.
    ChapterRemoved,
    /// The book was deleted.
    BookDeleted,
    /// Several sessions write at once now: nobody has to wait.
    ModeChanged,
}
