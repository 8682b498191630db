//! Who is let in, and the proof of it: what changes or shows a library takes one.

use std::collections::BTreeSet;

use quire_protocol::library::Permission;
use quire_protocol::{Rejection, UserId, What};

use super::rights::{BookFacts, UserFacts};
use super::user::User;
use super::{Library, Rights, Visitor};

/// Proof that somebody belongs to the library. Only [`Library::enter`] makes one.
#[derive(Clone, Copy)]
pub(super) struct Entered<'a> {
    rights: &'a Rights,
    /// `None`: a host application.
    user: Option<&'a UserId>,
}

/// Proof that somebody may do this with the library as a whole. Only [`Entered::permit`] makes one.
#[derive(Clone, Copy)]
pub(super) struct Permit<'a>(Entered<'a>);

/// There is no library for this person.
pub(super) const fn no_such_library() -> Rejection {
    Rejection::NotFound { what: What::Library }
}

/// There is no such user, or none that the caller may know of.
pub(super) const fn no_such_user() -> Rejection {
    Rejection::NotFound { what: What::User }
}

static NOTHING: std::sync::LazyLock<Rights> = std::sync::LazyLock::new(Rights::default);

impl Library {
    /// Lets somebody in (I8). Strangers, and those who were asked and have not joined, learn nothing of the library.
    pub(super) fn enter<'a>(&'a self, visitor: &Visitor<'a>) -> Result<Entered<'a>, Rejection> {
        let user = visitor.user;
        if self.is_disabled(user) {
            return Err(Rejection::Forbidden);
        }
        let belongs = self.is_owner(user) || self.record_of(user).is_some();
        let rights = self.granted.to(user).unwrap_or_else(|| &NOTHING);
        if belongs { Ok(Entered { rights, user: Some(user) }) } else { Err(no_such_library()) }
    }

    /// Whether this visitor may do this with the library as a whole; an error says what a stranger hears, or that they lack it.
    pub fn permits(&self, visitor: &Visitor<'_>, permission: Permission) -> Result<(), Rejection> {
        self.enter(visitor)?.permit(permission).map(drop)
    }

    /// The record that is waiting for whoever proved this visitor's address.
    pub(super) fn asked(&self, visitor: &Visitor<'_>) -> Option<&User> {
        let user = self.users.get(visitor.email?)?;
        user.account.is_none().then_some(user)
    }
}

impl<'a> Entered<'a> {
    /// Has this for the library as a whole.
    pub(super) fn permit(self, permission: Permission) -> Result<Permit<'a>, Rejection> {
        if self.rights.has(permission) { Ok(Permit(self)) } else { Err(Rejection::Forbidden) }
    }

    /// What they may do.
    pub(super) fn rights(self) -> &'a Rights {
        self.rights
    }

    /// Somebody who is no user of the library.
    pub(super) fn of_nobody(rights: &'a Rights) -> Self {
        Self { rights, user: None }
    }

    /// Whether it is their own.
    pub(super) fn is(self, account: Option<&UserId>) -> bool {
        self.user.is_some() && self.user == account
    }

    /// Whether they may do this with a user.
    pub(super) fn reaches(self, permission: Permission, user: &UserFacts<'_>) -> bool {
        self.rights.reach_user(permission, user)
    }

    /// Whether they may do this with a book.
    pub(super) fn reaches_book(self, permission: Permission, book: &BookFacts<'_>) -> bool {
        match self.user {
            Some(user) => self.rights.reach_book(permission, book, user),
            None => self.rights.has(permission),
        }
    }

    /// Whether they may do this with books of these categories; `None`: that depends on title and owner.
    pub(super) fn reaches_categories(self, permission: Permission, categories: &BTreeSet<String>) -> Option<bool> {
        match self.user {
            Some(_) => self.rights.reach_categories(permission, categories),
            None => Some(self.rights.has(permission)),
        }
    }

    /// Who; `None`: nobody of the library.
    pub(super) fn user(self) -> Option<&'a UserId> {
        self.user
    }

    /// A user with whom they may do this. Who may not even list the user learns nothing of them.
    pub(super) fn find<'l>(
        self,
        library: &'l Library,
        permission: Permission,
        email: &str,
    ) -> Result<&'l User, Rejection> {
        let email = quire_protocol::text::normal_email(email).ok_or_else(no_such_user)?;
        let user = library.users.get(&email).ok_or_else(no_such_user)?;
        match (self.reaches(permission, &user.facts()), self.reaches(Permission::ListUsers, &user.facts())) {
            (true, _) => Ok(user),
            (false, true) => Err(Rejection::Forbidden),
            (false, false) => Err(no_such_user()),
        }
    }
}

impl<'a> Permit<'a> {
    /// What they may do.
    pub(super) fn rights(self) -> &'a Rights {
        self.0.rights
    }
}
