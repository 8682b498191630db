//! Questions that a book answers as it is, and what is asked and kept before it is published.

use std::sync::Arc;

use quire_protocol::command::MemberLookup;
use quire_protocol::frame::Answer;
use quire_protocol::text::normal_email;
use quire_protocol::{Action, Rejection, Seq, UserId};

use super::{Actor, Lost};
use crate::book::access::{Gate, gate};
use crate::book::{Act, Outcome};
use crate::hub::mail::{Query, Wish};
use crate::hub::publishing::{Checking, Offer, label};
use crate::hub::seat::Seat;

impl Actor {
    pub(super) fn query(&self, seat: &Arc<Seat>, reference: u64, query: &Query) {
        let result = match query {
            Query::Threads(query) => self.book.threads(&seat.user, query, &self.hub.limits),
            Query::Royalties => self.book.royalties(&seat.user),
            Query::Lookup(lookup) => self.look_up(&seat.user, lookup),
            Query::Checklist => return self.answer_checklist(seat, reference),
        };
        let seq = self.shows_seq(seat).then(|| self.book.seq());
        seat.reply(reference, seq, result, &self.hub.limits);
    }

    /// Whether an address is known here. It is asked how often that was asked once it is certain that they may.
    fn look_up(&self, user: &UserId, lookup: &MemberLookup) -> Result<Answer, Rejection> {
        self.allow(user, self.book.may(user, Action::ManageMembers))?;
        let email = normal_email(&lookup.email).ok_or_else(|| Rejection::invalid("email", "it is no address"))?;
        self.hub.check_lookup(user)?;
        let known = self.book.has_member_at(&email) || self.hub.library.knows(&email);
        Ok(Answer::Known { known })
    }

    /// Has all texts looked at beside the actor.
    fn answer_checklist(&self, seat: &Arc<Seat>, reference: u64) {
        let taken = self.checking(seat).and_then(|checking| self.hub.place_beside().map(|place| (checking, place)));
        let (checking, place) = match taken {
            Ok(taken) => taken,
            Err(rejection) => return seat.reply(reference, None, Err(rejection), &self.hub.limits),
        };
        let (hub, seat) = (Arc::clone(&self.hub), Arc::clone(seat));
        self.hub.tasks.spawn(async move {
            let (points, user) = (checking.points.clone(), seat.user.clone());
            let answer = checking.answer().await;
            // Whoever lost the right meanwhile hears nothing of it.
            let answer = points.still_may(&user).await.and(answer);
            seat.reply(reference, None, answer, &hub.limits);
            drop(place);
        });
    }

    fn checking(&self, seat: &Seat) -> Result<Checking, Rejection> {
        self.allow(&seat.user, self.book.may_check(&seat.user))?;
        let may_submit = self.book.may(&seat.user, Action::Publish);
        let right = if may_submit { Action::Publish } else { Action::Moderate };
        Ok(Checking {
            points: self.points(right),
            open_threads: self.book.open_threads(),
            held: self.book.held().map(|held| held.chapter.clone()).collect(),
            outlined: self.book.outlined(),
            histories: self.histories(Some(&(seat.user.clone(), right)))?,
            edition: self.book.edition(),
        })
    }

    /// Has a point of the history kept for a wish, and decides it then. What would be refused keeps none.
    pub(super) async fn offer(&mut self, mut wish: Wish) -> Result<(), Lost> {
        // Any point will do to find that out.
        wish.point = Some(Seq(0));
        let would_happen = match self.judge(&self.book, &wish) {
            Ok(decision) => !matches!(decision.outcome, Outcome::Repeated { .. }),
            Err(_) => false,
        };
        wish.point = None;
        let (Some(seat), true) = (wish.seat.clone(), would_happen) else { return self.decide(vec![wish]).await };
        let Act::Command(command) = &wish.act else { return self.decide(vec![wish]).await };
        let (Gate::Right(right), label) = (gate(command), label(command)) else { return self.decide(vec![wish]).await };
        let keeping = self.keeping(label, Some(&(seat.user.clone(), right)));
        let taken = keeping.and_then(|keeping| self.hub.place_beside().map(|place| (keeping, place)));
        let (keeping, place) = match taken {
            Ok(taken) => taken,
            Err(rejection) => {
                self.refuse(vec![wish], &rejection);
                return Ok(());
            }
        };
        let (hub, book) = (Arc::clone(&self.hub), self.book.id().clone());
        let offer = Offer { hub, book, seat, wish, points: self.points(right), keeping };
        self.hub.tasks.spawn(async move {
            offer.make().await;
            drop(place);
        });
        Ok(())
    }
}
