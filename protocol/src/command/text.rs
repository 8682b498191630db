//! Commands about the text of a chapter.

use serde::{Deserialize, Serialize};

use crate::codec::Blob;
use crate::id::{ChapterId, Epoch, Seq, Token};
use crate::tagged::tagged;

#[cfg(feature = "typescript")]
use ts_rs::TS;

tagged! {
    /// Commands about the text of a chapter of an open book.
    TextCommand {
        ChapterOpen = "chapter.open",
        ChapterClose = "chapter.close",
        ChapterUpdate = "chapter.update",
    }
}

/// Answers the chapter's text, and tells this connection of every change from then on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct ChapterOpen {
    /// Which.
    pub chapter: ChapterId,
    /// What the client has already: only what came after it is answered, if that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub have: Option<Have>,
    /// Answer the document's state vector, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub clocks: bool,
}

/// A position in a chapter's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Have {
    /// The life of the log.
    pub epoch: Epoch,
    /// The last update.
    pub rev: Seq,
}

/// Ends that. Idempotent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct ChapterClose {
    /// Which.
    pub chapter: ChapterId,
}

/// Writes into a chapter that this session holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct ChapterUpdate {
    /// Which.
    pub chapter: ChapterId,
    /// The token under which it is held.
    pub token: Token,
    /// The number of this update among those of the hold, from 1. A repeat is harmless, a gap is refused.
    #[serde(deserialize_with = "crate::codec::integer")]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub n: u64,
    /// A client id of the editor's own choice, below 2^32, that this user wrote under first; absent: that of the hold. With it
    /// `n` is 0, and a repeat is known by its clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "number"))]
    pub client: Option<u32>,
    /// A Yjs update (v1), written by the client id of the hold.
    #[cfg_attr(feature = "typescript", ts(type = "Uint8Array | string"))]
    pub update: Blob,
}
