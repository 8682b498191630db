//! Who holds a chapter, and who waits for it.

use super::{Holder, Home, Person, ReleaseReason, WaitEndReason};
use crate::id::{ChapterId, SessionId, Timestamp, Token};

crate::tagged::records! {
    /// A session holds the chapter from now on. If it was waiting, it waits no longer.
    LockAcquired {
        /// Which.
        chapter: ChapterId,
        /// Who.
        holder: Holder,
        /// The fencing token: the stamp of this event. On the wire only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(as = "Token", optional = false))]
        token: Option<Token>,
        /// Where the holder is served. In the log only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(skip))]
        home: Option<Home>,
    }
    /// Nobody holds the chapter (until the next event says otherwise), or in a live chapter one less.
    LockReleased {
        /// Which.
        chapter: ChapterId,
        /// The session that held it.
        session: SessionId,
        /// Why it ended.
        reason: ReleaseReason,
        /// What the one who forced it said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        note: Option<String>,
        /// The chapter was live: others may hold it still.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        live: bool,
    }
    /// A session waits for the chapter, behind those who waited before.
    LockQueued {
        /// Which.
        chapter: ChapterId,
        /// Who waits.
        waiter: Person,
        /// In which tab.
        session: SessionId,
        /// A word to the holder.
        note: Option<String>,
        /// Where the waiter is served. In the log only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(skip))]
        home: Option<Home>,
    }
    /// A session no longer waits.
    LockWaitEnded {
        /// Which.
        chapter: ChapterId,
        /// Which session waited.
        session: SessionId,
        /// Why.
        reason: WaitEndReason,
    }
    /// The holder came back on another connection: same holder, new token.
    LockRehomed {
        /// Which.
        chapter: ChapterId,
        /// The session that holds it.
        session: SessionId,
        /// The new fencing token: the stamp of this event. On the wire only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(as = "Token", optional = false))]
        token: Option<Token>,
        /// Where the holder is served now. In the log only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(skip))]
        home: Option<Home>,
    }
    /// A waiter came back on another connection and kept its place.
    LockWaitRehomed {
        /// Which.
        chapter: ChapterId,
        /// The session that waits.
        session: SessionId,
        /// Where the waiter is served now. In the log only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(skip))]
        home: Option<Home>,
    }
    /// The holder was active (written at most hourly, so that no restart begins the idle time anew).
    LockActive {
        /// Which.
        chapter: ChapterId,
        /// Which of several holders; absent: the only one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        session: Option<SessionId>,
        /// When the holder was last active.
        active_at: Timestamp,
    }
}
