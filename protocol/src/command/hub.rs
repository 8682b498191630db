//! Commands outside books.

use serde::{Deserialize, Serialize};

use super::inbox::{InboxChoose, InboxClose, InboxList, InboxOpen, InboxRead};
use crate::tagged::tagged;

#[cfg(feature = "typescript")]
use ts_rs::TS;

tagged! {
    /// Commands outside a book.
    HubCommand {
        BooksList = "books.list",
        InvitationsList = "invitations.list",
        TokenRefresh = "token.refresh",
        InboxOpen = "inbox.open",
        InboxList = "inbox.list",
        InboxRead = "inbox.read",
        InboxChoose = "inbox.choose",
        InboxClose = "inbox.close",
    }
}

/// Lists the caller's books. May lag a moment; grants nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS), ts(optional_fields))]
pub struct BooksList {
    /// Rows wanted; the hub answers at most `limits.list_rows`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the previous page ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Those in the trash that the caller may restore, and no others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<bool>"))]
    pub trashed: bool,
}

/// Lists invitations that wait for the caller's verified address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS), ts(optional_fields))]
pub struct InvitationsList {
    /// Rows wanted; the hub answers at most `limits.list_rows`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the previous page ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Replaces the connection's token by a later one of the same user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct TokenRefresh {
    /// The new JWT.
    pub token: String,
}
