//! Commands about who belongs to a book.

use serde::{Deserialize, Serialize};

use crate::id::{InvitationId, Timestamp, UserId};
use crate::role::Role;

#[cfg(feature = "typescript")]
use ts_rs::TS;

commands! {
    /// Invites an address. Owner.
    MemberInvite {
        /// The invitation's id, made by the client.
        invitation: InvitationId,
        /// The address; only somebody who proves it can accept.
        email: String,
        /// The role to come; not owner.
        role: Role,
    }
    /// Asks whether an address is known here, before it is invited. Owner.
    MemberLookup {
        /// The whole address.
        email: String,
    }
    /// Changes a member's role. Owner.
    MemberSetRole {
        /// Who.
        user: UserId,
        /// The new role; not owner.
        role: Role,
    }
    /// Says until when a member is one; then they are removed. Owner; not of whoever gets royalties.
    MemberSetEnd {
        /// Who; not the owner.
        user: UserId,
        /// From when on they are no member; null or absent: nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    }
    /// Removes a member. Owner.
    MemberRemove {
        /// Who.
        user: UserId,
    }
    /// Leaves the book. Any member but the owner.
    MemberLeave {
    }
    /// Takes an invitation back. Owner.
    InvitationRevoke {
        /// Which.
        invitation: InvitationId,
    }
    /// Renews an invitation's expiry. Owner.
    InvitationResend {
        /// Which.
        invitation: InvitationId,
    }
    /// Accepts an invitation to the caller's verified address.
    InvitationAccept {
        /// Which.
        invitation: InvitationId,
    }
    /// Declines an invitation to the caller's verified address.
    InvitationDecline {
        /// Which.
        invitation: InvitationId,
    }
    /// Asks whoever owns the book to be let in. Anybody; the answer is the same whether or not there is such a book.
    AccessRequest {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    /// Lets somebody in who asked. Owner.
    AccessGrant {
        /// Who.
        user: UserId,
        /// As what; not owner.
        role: Role,
    }
    /// Does not let somebody in who asked; they are not told. Owner.
    AccessRefuse {
        /// Who.
        user: UserId,
    }
    /// Offers the book to a member, in place of whatever was offered. Owner, where books may change hands.
    OwnershipOffer {
        /// To whom; a member without an end.
        user: UserId,
    }
    /// Takes the offer back. Owner.
    OwnershipWithdraw {
    }
    /// Becomes the owner; the one before is an author from then on. To whom it was offered.
    OwnershipAccept {
    }
    /// Does not become the owner. To whom it was offered.
    OwnershipDecline {
    }
}
