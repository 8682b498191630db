//! People whom the library lets into a book, and the book in the library's list.

use quire_protocol::frame::ClosedReason;
use quire_protocol::{Action, CloseCode, UserId};

use super::{Actor, Lost};
use crate::book::{Act, Standing};
use crate::library::{By, Doer, Granted, Shelved, are_alike};

/// What the library's list says of a book.
pub(super) enum Listed {
    /// Perhaps something else than the book.
    Unknown,
    /// This; `None`: it is not there.
    As(Option<Shelved>),
}

/// The library's list, and whoever changed last what it says.
pub(super) struct Listing {
    pub(super) says: Listed,
    pub(super) by: By,
}

impl Default for Listing {
    fn default() -> Self {
        Self { says: Listed::As(None), by: Doer::Hub.into() }
    }
}

/// What people were before something changed what the library allows.
pub(super) type Standings = Vec<(UserId, Standing)>;

impl Actor {
    /// From here on people are judged by what the library allows now. If nobody knows that, those whom it let into the book
    /// are sent to resume: what it allowed is used for a moment only (R7).
    pub(super) async fn heed_library(&mut self) -> Result<(), Lost> {
        let granted = self.hub.granted(self.book.is_shelved()).await.unwrap_or_else(|_| {
            self.send_visitors_away();
            Granted::default()
        });
        if self.book.granted().is_same(&granted) {
            return Ok(());
        }
        let before = self.standings();
        self.book.heed(granted);
        self.roster.forget_roles();
        self.settle_visitors(before);
        self.free_unentitled().await
    }

    /// What everybody here is of whom the library may say something.
    pub(super) fn standings(&self) -> Standings {
        if !self.book.is_shelved() {
            return Vec::new();
        }
        let mut users: Vec<&UserId> = self.roster.seats().map(|seat| &seat.user).collect();
        users.sort_unstable();
        users.dedup();
        users.into_iter().map(|user| (user.clone(), self.book.standing(user))).collect()
    }

    /// Tells those for whom something else is true now; ends the views of those who may not look any more.
    pub(super) fn settle_visitors(&mut self, before: Standings) {
        for (user, was) in before {
            let now = self.book.standing(&user);
            if now == was || !was.may(Action::View) {
                continue;
            }
            self.stakes_in_doubt |= was.may(Action::EditText) && !now.may(Action::EditText);
            let sessions = self.roster.of_user(&user);
            if !now.may(Action::View) {
                self.evict(&sessions, ClosedReason::Removed);
                continue;
            }
            self.tell_access(&user);
        }
    }

    /// What somebody holds or waits for who may not edit any more ends. Whoever held it may be on another replica: the first
    /// to end it does.
    pub(super) async fn free_unentitled(&mut self) -> Result<(), Lost> {
        if !std::mem::take(&mut self.stakes_in_doubt) {
            return Ok(());
        }
        let held = self.book.held().map(|held| held.user);
        let mut users: Vec<UserId> = held.chain(self.book.waiting().map(|waits| waits.user)).cloned().collect();
        users.sort_unstable();
        users.dedup();
        users.retain(|user| !self.book.may(user, Action::EditText));
        self.notice(users.into_iter().map(|user| Act::RightsEnded { user }).collect()).await
    }

    fn send_visitors_away(&mut self) {
        self.stakes_in_doubt = true;
        for seat in self.roster.seats().filter(|seat| self.book.role(&seat.user).is_none()) {
            seat.close(CloseCode::StoreLost, "the library cannot be asked what it allows: resume");
        }
    }

    /// Brings the library's list up to date. No: it lags; call again later.
    pub(super) async fn reshelve(&mut self) -> bool {
        let shelved = self.book.shelved();
        if let Listed::As(listed) = &self.listed.says
            && are_alike(listed.as_ref(), shelved.as_ref())
        {
            return true;
        }
        let done = self.hub.shelve(self.book.id(), self.book.seq(), shelved.as_ref(), &self.listed.by).await;
        self.listed.says = if done { Listed::As(shelved) } else { Listed::Unknown };
        done
    }
}
