//! Commands about the locks of chapters.

use serde::{Deserialize, Serialize};

use crate::id::{ChapterId, SessionId, Token};

#[cfg(feature = "typescript")]
use ts_rs::TS;

commands! {
    /// Asks for a chapter's lock, with the intent to edit.
    LockAcquire {
        /// Which.
        chapter: ChapterId,
        /// Queue up if somebody else holds it.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        wait: bool,
        /// A word to the holder.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    /// Gives a lock back.
    LockRelease {
        /// Which.
        chapter: ChapterId,
        /// The token the caller holds it under.
        token: Token,
        /// The last update of the hold that the caller wrote: refused if it is not stored. Absent: that is not asked.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::codec::some_integer")]
        #[cfg_attr(feature = "typescript", ts(optional, type = "number"))]
        after_n: Option<u64>,
    }
    /// Takes the lock from the same user's other session.
    LockMoveHere {
        /// Which.
        chapter: ChapterId,
    }
    /// Gives the lock to a waiter.
    LockHandOver {
        /// Which.
        chapter: ChapterId,
        /// The token the caller holds it under.
        token: Token,
        /// The waiting session that gets it.
        to: SessionId,
        /// As in `lock.release`.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::codec::some_integer")]
        #[cfg_attr(feature = "typescript", ts(optional, type = "number"))]
        after_n: Option<u64>,
    }
    /// Declines a waiter.
    LockKeep {
        /// Which.
        chapter: ChapterId,
        /// The token the caller holds it under.
        token: Token,
        /// The waiting session that is declined.
        to: SessionId,
    }
    /// Stops waiting.
    LockCancelWait {
        /// Which.
        chapter: ChapterId,
    }
    /// Releases somebody else's lock. Owner.
    LockForceRelease {
        /// Which.
        chapter: ChapterId,
        /// Why, for the holder and the record.
        reason: String,
        /// Also acquire it, ahead of the queue.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        take: bool,
    }
}
