//! What of a change somebody may notice.

use quire_protocol::BookId;
use quire_protocol::library::Permission;

use super::{Event, Library, Visitor};

/// What would be answered otherwise now to one who asked before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is another question that would be answered otherwise")]
pub struct Noticed {
    /// `library.open`.
    pub access: bool,
    /// `users.list`.
    pub users: bool,
    /// `library.books`.
    pub books: bool,
    /// The switches of `inbox.open`.
    pub notices: bool,
    /// `webhooks.list`.
    pub webhooks: bool,
}

impl Noticed {
    /// Anything at all.
    pub fn is_something(self) -> bool {
        self != Self::default()
    }
}

impl Library {
    /// What somebody notices of the events that made this library of an earlier one: a change of what they could not list
    /// before, and cannot now, is none for them.
    pub fn noticed(&self, before: &Self, events: &[Event], visitor: &Visitor<'_>) -> Noticed {
        let same_rights = before.granted.to(visitor.user) == self.granted.to(visitor.user);
        let same_place = before.place(visitor) == self.place(visitor) && before.owner == self.owner;
        let access = !(same_rights && same_place);
        let mut noticed = Noticed { access, users: !same_rights, books: !same_rights, ..Noticed::default() };
        for event in events {
            match event {
                Event::Claimed { .. } | Event::WebhookSet { .. } | Event::WebhookRemoved { .. } => {}
                Event::Muted { .. } | Event::Allowed { .. } => noticed.notices |= self.enter(visitor).is_ok(),
                Event::UserAdded { email, .. }
                | Event::UserUpdated { email, .. }
                | Event::UserGranted { email, .. }
                | Event::UserAsked { email, .. }
                | Event::UserMailed { email, .. }
                | Event::UserJoined { email, .. }
                | Event::UserRemoved { email }
                | Event::UserLeft { email }
                | Event::UserDeclined { email } => {
                    noticed.users |= before.shows_user(email, visitor) || self.shows_user(email, visitor);
                }
                Event::BookShelved { book } => noticed.books |= self.shows_either(before, &book.book, visitor),
                Event::BookUnshelved { book, .. } => noticed.books |= self.shows_either(before, book, visitor),
            }
        }
        // A webhook rests, too, when somebody loses a right.
        let seen =
            |library: &Self| library.permits(visitor, Permission::Settings).is_ok().then(|| library.webhook_rows());
        noticed.webhooks = seen(self) != seen(before);
        // How many there are is said by `library.open`.
        noticed.access |= noticed.users || noticed.books;
        noticed
    }

    /// The visitor's own record, joined or asked.
    fn place(&self, visitor: &Visitor<'_>) -> Option<&super::User> {
        self.record_of(visitor.user).or_else(|| self.asked(visitor))
    }

    fn shows_user(&self, email: &str, visitor: &Visitor<'_>) -> bool {
        let Some(user) = self.users.get(email) else { return false };
        self.enter(visitor).is_ok_and(|by| by.reaches(Permission::ListUsers, &user.facts()))
    }

    fn shows_either(&self, before: &Self, book: &BookId, visitor: &Visitor<'_>) -> bool {
        before.may_with(visitor.user, Permission::List, book) || self.may_with(visitor.user, Permission::List, book)
    }
}
