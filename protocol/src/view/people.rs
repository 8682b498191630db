//! People who are not in a book yet, and the one who may become its owner.

use serde::{Deserialize, Serialize};

use crate::event::Person;
use crate::id::{InvitationId, Timestamp};
use crate::role::Role;

#[cfg(feature = "typescript")]
use ts_rs::TS;

crate::tagged::records! {
    /// A pending invitation, as the owner sees it.
    InvitationView {
        /// Which.
        id: InvitationId,
        /// The address.
        email: String,
        /// The role to come.
        role: Role,
        /// When it lapses.
        expires_at: Timestamp,
        /// What became of its letter; absent: none was to be sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        mail: Option<InvitationMail>,
    }
    /// What became of the letter of an invitation.
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    InvitationMail {
        /// How far it is.
        state: MailState,
        /// Since when.
        at: Timestamp,
        /// Why it was given up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        reason: Option<String>,
    }
    /// Somebody who asks to be let in, as the owner sees them.
    RequestView {
        /// Who.
        person: Person,
        /// Their verified address; empty: they have none.
        email: String,
        /// Why they ask.
        note: Option<String>,
        /// When.
        at: Timestamp,
    }
    /// The book is offered to somebody.
    OfferView {
        /// Who may become its owner.
        to: Person,
        /// When the offer lapses.
        expires_at: Timestamp,
    }
}

/// How far the letter of an invitation is.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// It is to be sent.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It was given up.
    Failed,
}
