//! What a host application does to a library, and sees of it: everything, and it vouches for whoever it names, so a user whose
//! account it tells has joined.

use quire_protocol::answer::Answer;
use quire_protocol::command::{LibraryBooks, UserRemove, UsersList};
use quire_protocol::event::Person;
use quire_protocol::library::{Grant, UserDetails, UserRow};
use quire_protocol::{BookId, Limits, Rejection, Timers, Timestamp, UserId};

use super::enter::{Entered, no_such_user};
use super::rights::Rights;
use super::user::User;
use super::{Event, Library, Owner, Shelved, share, user};

/// Everything a decision about a host's wish may depend on besides the library (I10).
#[derive(Clone, Copy)]
pub struct HostContext<'a> {
    /// The time of day.
    pub now: Timestamp,
    /// How much of everything.
    pub limits: &'a Limits,
    /// How long everything takes.
    pub timers: &'a Timers,
}

/// What a host application wishes of a library.
#[derive(Clone, Debug, PartialEq)]
pub enum Hosted {
    /// There is such a user, and this is what they are like. Sent again, nothing happens.
    Put {
        /// Their address.
        email: String,
        /// What is said of them: all of it.
        details: UserDetails,
        /// Whether they may do what they may do.
        active: bool,
        /// Who they are: they have joined. `None`: whoever proves the address may join, or did.
        user: Option<UserId>,
    },
    /// There is no such user.
    Remove {
        /// Which.
        email: String,
    },
    /// This is what a user may do.
    Give {
        /// Who.
        email: String,
        /// In place of whatever it was.
        grants: Vec<Grant>,
    },
}

impl Library {
    /// What a host's wish means: the events to append, or why not. Changes nothing (I1).
    pub fn decide_hosted(&self, context: &HostContext<'_>, wish: &Hosted) -> Result<Vec<Event>, Rejection> {
        match wish {
            Hosted::Put { email, details, active, user } => {
                self.decide_put(context, email, (details, *active, user.as_ref()))
            }
            Hosted::Remove { email } => {
                let remove = UserRemove { email: self.hosted_user(email)?.email().to_owned() };
                self.decide_remove(Entered::host(), &remove).map(|decision| decision.events)
            }
            Hosted::Give { email, grants } => {
                let user = self.hosted_user(email)?;
                let grants = share::clean(grants, context.limits)?;
                let event = Event::UserGranted { email: user.email().to_owned(), grants };
                Ok(if matches!(&event, Event::UserGranted { grants, .. } if *grants == user.grants) {
                    Vec::new()
                } else {
                    vec![event]
                })
            }
        }
    }

    fn decide_put(
        &self,
        context: &HostContext<'_>,
        email: &str,
        (details, active, account): (&UserDetails, bool, Option<&UserId>),
    ) -> Result<Vec<Event>, Rejection> {
        let email = self.free_address(email)?;
        let details = user::clean(details.clone(), context.limits)?;
        let known = self.users.get(&email);
        let joins = account.filter(|_| known.is_none_or(|known| known.account.is_none()));
        let joined = joins.map(|user| self.check_joining(&email, user, &details)).transpose()?;
        if let (Some(account), Some(known)) = (account, known.and_then(|known| known.account.as_ref()))
            && account != known
        {
            return Err(Rejection::conflict("the user with this address is somebody else"));
        }
        let mut events = Vec::new();
        if known.is_none() {
            self.check_room(0, context.limits)?;
            let asked_until = context.now.plus_ms(context.timers.invitation_ms);
            events.push(Event::UserAdded { email: email.clone(), details: details.clone(), asked_until, mail: None });
        }
        if known.map_or(!active, |known| known.details != details || known.active != active) {
            events.push(Event::UserUpdated { email, details, active });
        }
        events.extend(joined);
        Ok(events)
    }

    fn check_joining(&self, email: &str, user: &UserId, details: &UserDetails) -> Result<Event, Rejection> {
        if self.accounts.contains_key(user) || self.is_owner(user) {
            return Err(Rejection::conflict("this user belongs to the library under another address"));
        }
        let name = details.name.clone().ok_or_else(|| Rejection::invalid("name", "who has joined has a name"))?;
        Ok(Event::UserJoined { email: email.to_owned(), user: Person { user: user.clone(), name } })
    }

    fn hosted_user(&self, email: &str) -> Result<&User, Rejection> {
        let email = quire_protocol::text::normal_email(email).ok_or_else(no_such_user)?;
        self.users.get(&email).map(AsRef::as_ref).ok_or_else(no_such_user)
    }

    /// A user as a host application sees them.
    pub fn user_for_host(&self, now: Timestamp, email: &str) -> Result<UserRow, Rejection> {
        self.hosted_user(email).map(|user| user.row(now, true))
    }

    /// What `users.list` would show somebody who may see all users.
    pub fn users_for_host(&self, context: &HostContext<'_>, query: &UsersList) -> Result<Answer, Rejection> {
        self.users_page((context.now, context.limits), Entered::host(), query)
    }

    /// What `library.books` would show somebody who may see all books.
    pub fn books_for_host(&self, context: &HostContext<'_>, query: &LibraryBooks) -> Answer {
        self.books_page(context.limits, Entered::host(), query)
    }

    /// A book as the library's list has it.
    pub fn shelved(&self, book: &BookId) -> Option<&Shelved> {
        self.shelf.get(book).map(|entry| &entry.shelved)
    }

    /// What the library knows of somebody who joined: their name and address.
    pub fn known(&self, user: &UserId) -> Option<(String, Option<String>)> {
        if let Some(Owner { person, email }) = self.owner.as_ref().filter(|_| self.is_owner(user)) {
            return Some((person.name.clone(), email.clone()));
        }
        let record = self.record_of(user)?;
        Some((record.details.name.clone()?, Some(record.email().to_owned())))
    }
}

impl Entered<'static> {
    /// A host application: nobody of the library, and nothing is kept from it.
    fn host() -> Self {
        static EVERYTHING: std::sync::LazyLock<Rights> = std::sync::LazyLock::new(Rights::everything);
        Self::of_nobody(&EVERYTHING)
    }
}

#[cfg(test)]
mod tests;
