//! Commands about recovery drafts.

use serde::{Deserialize, Serialize};

use crate::codec::Blob;
use crate::id::{ChapterId, DraftId};
use crate::tagged::tagged;

#[cfg(feature = "typescript")]
use ts_rs::TS;

tagged! {
    /// Commands about recovery drafts: text that somebody typed and that could not be stored. Nobody else sees them.
    DraftCommand {
        DraftSave = "draft.save",
        DraftsList = "drafts.list",
        DraftRead = "draft.read",
        DraftDiscard = "draft.discard",
    }
}

/// Keeps what this person typed and what could not be stored, for this person alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct DraftSave {
    /// Its id, made by the client. The same again with the same bytes is harmless.
    pub draft: DraftId,
    /// The chapter that it was typed in.
    pub chapter: ChapterId,
    /// Its beginning, for a list: one line of plain text.
    pub excerpt: String,
    /// A Yjs document of its own (v1), written by the client id 1 alone.
    #[cfg_attr(feature = "typescript", ts(type = "Uint8Array | string"))]
    pub update: Blob,
}

/// Lists the caller's own drafts in this book, the oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct DraftsList {}

/// Answers what one of the caller's own drafts holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct DraftRead {
    /// Which.
    pub draft: DraftId,
}

/// Throws one of the caller's own drafts away. Idempotent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct DraftDiscard {
    /// Which.
    pub draft: DraftId,
}
