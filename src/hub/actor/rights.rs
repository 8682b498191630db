//! Questions about what somebody may do, and what they may see of the book.

use quire_protocol::{Action, Rejection, Seq, UserId};

use super::Actor;
use crate::hub::mail::Contents;
use crate::hub::no_such_book;
use crate::hub::seat::Seat;

impl Actor {
    pub(super) fn contents(&self, user: &UserId, action: Action) -> Result<Box<Contents>, Rejection> {
        self.check_right(user, action)?;
        let snapshot = self.book.snapshot(user, self.hub.clock.now(), &|_| false);
        Ok(Box::new((snapshot, self.position)))
    }

    pub(super) fn check_right(&self, user: &UserId, action: Action) -> Result<(), Rejection> {
        self.allow(user, self.book.may(user, action))
    }

    pub(super) fn check_point(&self, user: &UserId, point: Seq) -> Result<(), Rejection> {
        self.allow(user, self.book.may_read_point(user, point))
    }

    /// Who may not look into a book does not learn that there is one.
    pub(super) fn allow(&self, user: &UserId, allowed: bool) -> Result<(), Rejection> {
        if allowed {
            Ok(())
        } else if self.book.may(user, Action::View) {
            Err(Rejection::Forbidden)
        } else {
            Err(no_such_book())
        }
    }

    /// How much has happened in a book is not for those who may not know of it.
    pub(super) fn shows_seq(&self, seat: &Seat) -> bool {
        self.book.may(&seat.user, Action::View)
    }
}
