//! The pure `Library`: who its users are, what they may do with each other and with its books, and which books it has.
//! No clock, no randomness, no I/O.
//!
//! [`Library::decide`] may refuse and changes nothing; [`Library::apply`] changes and cannot refuse (I1). What permissions
//! come to is worked out in [`rights`] alone. Cheap to clone: what is large is shared until it is changed.

pub mod audit;
mod decide;
mod enter;
mod fact;
mod host;
mod letter;
mod list;
mod noticed;
pub mod rights;
mod saved;
mod share;
mod shelf;
mod switches;
mod table;
mod user;
pub mod webhook;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use imbl::{HashMap, OrdMap};
use quire_protocol::event::Person;
use quire_protocol::inbox::{Topic, TopicSwitch};
use quire_protocol::library::{Grant, Permission};
use quire_protocol::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

pub use decide::{Context, Decision, Reply, Visitor};
pub use fact::{By, Doer, Event, Fact};
pub use host::{HostContext, Hosted};
pub use letter::Asked;
pub use noticed::Noticed;
pub use rights::{BookFacts, Rights};
pub use saved::Saved;
pub use shelf::{Shelved, are_alike};

use letter::Letter;
use shelf::Shelf;
use switches::Switches;
use table::Table;
use user::User;
use webhook::Webhooks;

/// How titles, categories and roles are compared: trimmed, case-folded, composed. Nothing but the whole of it is equal,
/// since a part of a title would let in books that nobody meant.
pub fn key(text: &str) -> String {
    quire_protocol::text::folded(text)
}

/// Whose a library is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    /// Who.
    pub person: Person,
    /// Their verified address; `None`: they have none.
    pub email: Option<String>,
}

/// What the library allows to everybody whom it allows anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Granted(HashMap<UserId, Arc<Rights>>);

impl Granted {
    /// What it allows to this user; `None`: nothing.
    pub fn to(&self, user: &UserId) -> Option<&Rights> {
        self.0.get(user).map(Arc::as_ref)
    }

    /// Those who have this permission, for whatever it reaches.
    pub fn having(&self, permission: Permission) -> impl Iterator<Item = &UserId> {
        self.0.iter().filter(move |(_, rights)| rights.has(permission)).map(|(user, _)| user)
    }

    /// Each of these grants, and all that it brings along, for tests of what asks.
    #[cfg(test)]
    pub(crate) fn of(grants: impl IntoIterator<Item = (UserId, Grant)>) -> Self {
        let mut given: std::collections::BTreeMap<UserId, Vec<Grant>> = std::collections::BTreeMap::new();
        for (user, grant) in grants {
            given.entry(user).or_default().push(grant);
        }
        Self(given.into_iter().map(|(user, grants)| (user, Arc::new(Rights::of(&grants)))).collect())
    }

    /// The same state of the same library.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }
}

/// A library.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Library {
    owner: Option<Owner>,
    /// By address in normal form.
    users: OrdMap<String, Arc<User>>,
    /// The same, to be listed.
    listed: Table<User>,
    /// The address of everybody who joined.
    accounts: HashMap<UserId, String>,
    granted: Granted,
    shelf: Shelf,
    /// By which channels anybody may be told of what.
    switches: Switches,
    webhooks: Webhooks,
}

impl Library {
    /// Makes what was committed true. Cannot refuse (I1).
    pub fn apply(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::Claimed { owner } => {
                self.owner = Some(owner.clone());
                self.allow(&owner.person.user);
            }
            Event::UserAdded { email, details, asked_until, mail } => {
                let mut user = User::asked(email, details.clone(), *asked_until);
                user.letter = mail.as_ref().map(|from| Box::new(Letter::asked(from, at)));
                self.put(email, user);
            }
            Event::UserUpdated { email, details, active } => self.change(email, |user| {
                user.active = *active;
                user.describe(email, details.clone());
            }),
            Event::UserGranted { email, grants } => self.change(email, |user| user.give(grants.clone())),
            Event::UserAsked { email, until, mail } => self.change(email, |user| {
                user.asked_until = Some(*until);
                if let Some(from) = mail {
                    user.letter = Some(Box::new(Letter::asked(from, at)));
                }
            }),
            Event::UserMailed { email, asked, reason } => self.change(email, |user| {
                if let Some(letter) = &mut user.letter {
                    letter.mailed(*asked, reason.as_ref(), at);
                }
            }),
            Event::UserJoined { email, user } => {
                self.accounts.insert(user.user.clone(), email.clone());
                self.change(email, |record| record.join(email, user, at));
            }
            Event::UserRemoved { email } | Event::UserLeft { email } | Event::UserDeclined { email } => {
                self.forget(email);
            }
            Event::Muted { topics } => self.switches = Switches::silent(topics),
            Event::Allowed { switches } => self.switches.set(switches),
            Event::WebhookSet { webhook } => {
                Arc::make_mut(&mut self.webhooks).insert(webhook.id.clone(), (**webhook).clone());
            }
            Event::WebhookRemoved { webhook } => drop(Arc::make_mut(&mut self.webhooks).remove(webhook)),
            Event::BookShelved { book } => self.shelf.put(book),
            Event::BookUnshelved { book, seq } => self.shelf.take(book, *seq),
        }
    }

    fn change(&mut self, email: &str, change: impl FnOnce(&mut User)) {
        let Some(mut user) = self.users.get(email).map(|user| User::clone(user)) else { return };
        change(&mut user);
        let account = user.account.clone();
        self.put(email, user);
        if let Some(account) = account {
            self.allow(&account);
        }
    }

    fn put(&mut self, email: &str, user: User) {
        let user = Arc::new(user);
        self.listed.put(Arc::clone(&user));
        self.users.insert(email.to_owned(), user);
    }

    fn forget(&mut self, email: &str) {
        self.listed.take(email);
        let Some(account) = self.users.remove(email).and_then(|user| user.account.clone()) else { return };
        self.accounts.remove(&account);
        self.allow(&account);
    }

    /// Brings what the library allows to somebody up to date.
    fn allow(&mut self, user: &UserId) {
        let rights = if self.is_owner(user) {
            Some(Arc::new(Rights::everything()))
        } else {
            self.record_of(user).filter(|record| record.active).map(|record| Arc::clone(&record.rights))
        };
        let rights = rights.filter(|rights| **rights != Rights::default());
        if self.granted.0.get(user) == rights.as_ref() {
            // The same picture of everybody's rights: no book has to look at it again.
            return;
        }
        match rights {
            Some(rights) => self.granted.0.insert(user.clone(), rights),
            None => self.granted.0.remove(user),
        };
    }

    /// Whose it is; `None`: nobody's.
    pub fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    fn is_owner(&self, user: &UserId) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.person.user == *user)
    }

    fn record_of(&self, user: &UserId) -> Option<&User> {
        self.users.get(self.accounts.get(user)?).map(Arc::as_ref)
    }

    /// What the library allows, to whom.
    pub fn granted(&self) -> &Granted {
        &self.granted
    }

    /// Whether somebody may do this with the library as a whole.
    pub fn may(&self, user: &UserId, permission: Permission) -> bool {
        self.granted.to(user).is_some_and(|rights| rights.has(permission))
    }

    /// Whether somebody may do this with a book of the library; no, if it has no such book.
    pub fn may_with(&self, user: &UserId, permission: Permission, book: &quire_protocol::BookId) -> bool {
        let reaches = |rights: &Rights| {
            self.shelf.get(book).is_some_and(|book| rights.reach_book(permission, &book.facts(), user))
        };
        self.granted.to(user).is_some_and(reaches)
    }

    /// By which channels anybody may be told of this.
    pub fn switch(&self, topic: Topic) -> TopicSwitch {
        self.switches.of(topic)
    }

    /// The address of a user who joined, or of the owner.
    pub fn address(&self, user: &UserId) -> Option<&str> {
        let owners = || self.owner.as_ref().filter(|owner| owner.person.user == *user)?.email.as_deref();
        self.accounts.get(user).map(String::as_str).or_else(owners)
    }

    /// Who joined by this address.
    pub fn account(&self, email: &str) -> Option<&UserId> {
        self.users.get(email)?.account.as_ref()
    }

    /// Whether somebody with this address, in normal form, joined or owns it.
    pub fn knows(&self, email: &str) -> bool {
        let is_owners = self.owner.as_ref().is_some_and(|owner| owner.email.as_deref() == Some(email));
        is_owners || self.account(email).is_some()
    }

    /// Whether this person is a user whose rights rest: they are not let in.
    pub fn is_disabled(&self, user: &UserId) -> bool {
        !self.is_owner(user) && self.record_of(user).is_some_and(|record| !record.active)
    }

    /// What was given to this user.
    pub fn given(&self, user: &UserId) -> &[Grant] {
        self.record_of(user).map_or(&[], |record| &record.grants)
    }

    /// Asserts everything that must hold between events.
    pub fn check_invariants(&self) {
        for (account, email) in &self.accounts {
            let user = self.users.get(email).expect("who joined is a user");
            assert_eq!(user.account.as_ref(), Some(account), "who joined is known by their address");
        }
        for user in self.users.values() {
            assert_eq!(*user.rights, Rights::of(&user.grants), "rights are the closure of what was given");
            let allowed = user.account.as_ref().and_then(|account| self.granted.to(account));
            let is_owner = user.account.as_ref().is_some_and(|account| self.is_owner(account));
            assert!(is_owner || user.active || allowed.is_none(), "what was given to the inactive rests");
        }
        self.listed.check_invariants();
        assert!(self.listed.iter().eq(self.users.values().map(Arc::as_ref)), "all users are listed, as they are");
        self.shelf.check_invariants();
    }
}
