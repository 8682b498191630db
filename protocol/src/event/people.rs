//! Somebody asks to be let in, or becomes the owner.

use super::Person;
use crate::id::{Timestamp, UserId};

crate::tagged::records! {
    /// Somebody asks to be let in. The owner alone hears this, and that it was refused.
    AccessRequested {
        /// Who.
        person: Person,
        /// Their verified address; empty: they have none.
        email: String,
        /// Why they ask.
        note: Option<String>,
    }
    /// Somebody who asked is not let in.
    AccessRefused {
        /// Who.
        user: UserId,
    }
    /// The book is offered to a member, in place of whatever was offered.
    OwnershipOffered {
        /// To whom.
        to: Person,
        /// When the offer lapses.
        expires_at: Timestamp,
    }
    /// The offer is over, and nothing came of it.
    OwnershipOfferEnded {
        /// To whom it was.
        to: UserId,
        /// They declined; otherwise it was taken back.
        declined: bool,
    }
    /// The book has another owner. The one before is an author.
    OwnershipTransferred {
        /// Whose it was.
        from: UserId,
        /// Whose it is.
        to: UserId,
    }
}
