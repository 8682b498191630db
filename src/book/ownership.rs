//! A book changes hands: its owner offers it to a member, who accepts. P1 keeps the owner's role from being given in any other
//! way, and a hub allows this only where its operator says so.

use quire_protocol::command::OwnershipOffer;
use quire_protocol::event::{self, Person};
use quire_protocol::view::OfferView;
use quire_protocol::{Rejection, Role, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::act::Caller;
use super::{Book, Decision};

/// To whom the book is offered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Offer {
    to: Person,
    expires_at: Timestamp,
}

impl Book {
    pub(super) fn decide_offer(&self, caller: &Caller<'_>, command: &OwnershipOffer) -> Result<Decision, Rejection> {
        let lasts_ms = caller.context.timers.ownership_offer_ms;
        if lasts_ms == 0 {
            return Err(Rejection::conflict("books do not change hands on this hub"));
        }
        let member = self.member_but_owner(&command.user)?;
        if member.until.is_some() {
            return Err(Rejection::conflict("whoever becomes the owner is a member without an end"));
        }
        let to = Person { user: member.user.clone(), name: member.name.clone() };
        let expires_at = caller.context.now.plus_ms(lasts_ms);
        Ok(Decision::one(event::OwnershipOffered { to, expires_at }))
    }

    pub(super) fn decide_offer_withdrawal(&self) -> Decision {
        match &self.offer {
            Some(offer) => offer_ended(&offer.to.user, false),
            None => Decision::nothing(),
        }
    }

    pub(super) fn decide_offer_acceptance(&self, caller: &Caller<'_>) -> Result<Decision, Rejection> {
        if caller.context.now >= self.offer_to(caller.user)?.expires_at {
            return Err(Rejection::conflict("the offer has lapsed"));
        }
        let owner = self.members.iter().find(|member| member.role == Role::Owner);
        let from = owner.ok_or(Rejection::conflict("nobody owns the book"))?.user.clone();
        Ok(Decision::one(event::OwnershipTransferred { from, to: caller.user.clone() }))
    }

    pub(super) fn decide_offer_refusal(&self, caller: &Caller<'_>) -> Result<Decision, Rejection> {
        Ok(offer_ended(&self.offer_to(caller.user)?.to.user, true))
    }

    fn offer_to(&self, user: &UserId) -> Result<&Offer, Rejection> {
        let offer = self.offer.as_ref().filter(|offer| offer.to.user == *user);
        offer.ok_or(Rejection::conflict("the book is not offered to you"))
    }

    pub(super) fn apply_offered(&mut self, event: &event::OwnershipOffered) {
        self.offer = Some(Offer { to: event.to.clone(), expires_at: event.expires_at });
    }

    pub(super) fn apply_transferred(&mut self, event: &event::OwnershipTransferred) {
        self.offer = None;
        self.members.transferred(event);
    }

    /// An offer is to a member, without an end: with either it goes.
    pub(super) fn apply_offer_void(&mut self, user: &UserId) {
        self.offer = self.offer.take().filter(|offer| offer.to.user != *user);
    }

    pub(super) fn offered(&self, now: Timestamp) -> Option<OfferView> {
        let Offer { to, expires_at } = self.offer.clone().filter(|offer| now < offer.expires_at)?;
        Some(OfferView { to, expires_at })
    }

    pub(super) fn check_offer(&self) {
        let Some(offer) = &self.offer else { return };
        let member = self.members.get(&offer.to.user);
        let fits = member.is_some_and(|member| member.role != Role::Owner && member.until.is_none());
        assert!(fits, "a book is offered to a member who may own it");
    }
}

fn offer_ended(to: &UserId, declined: bool) -> Decision {
    Decision::one(event::OwnershipOfferEnded { to: to.clone(), declined })
}

#[cfg(test)]
mod tests;
