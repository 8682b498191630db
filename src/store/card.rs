//! What the index of books holds.

use quire_protocol::event::Claim;
use quire_protocol::view::InvitationRow;
use quire_protocol::{BookId, Role, Seq, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// One book in the index of books (R17). A hint: lists may lag, and never grant anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The book.
    pub book: BookId,
    /// The state of the book it was made from; an older card never replaces a newer one.
    pub seq: Seq,
    /// Its title.
    pub title: String,
    /// Its members.
    pub members: Vec<(UserId, Role)>,
    /// Its pending invitations, by normal address.
    pub invitations: Vec<(String, InvitationRow)>,
    /// Who may still claim it.
    pub claim: Option<Claim>,
    /// Of those members whose membership ends, when.
    #[serde(default)]
    pub ends: Vec<(UserId, Timestamp)>,
    /// It is in the trash, and its members are those who may restore it before this time.
    #[serde(default)]
    pub trashed_until: Option<Timestamp>,
    /// Nothing but its name is left.
    pub deleted: bool,
}
