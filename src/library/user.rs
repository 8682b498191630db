//! A user of a library.

use std::sync::Arc;

use quire_protocol::event::Person;
use quire_protocol::library::{Grant, UserDetails, UserRow, UserState, country};
use quire_protocol::{Limits, Rejection, Timestamp, UserId, text};
use serde::{Deserialize, Serialize};

use super::key;
use super::letter::Letter;
use super::rights::{Rights, UserFacts};
use super::table::Row;

/// A user, joined or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(super) struct User {
    pub(super) details: UserDetails,
    pub(super) active: bool,
    /// `None`: they have not joined, and whatever was given to them allows nothing.
    pub(super) account: Option<UserId>,
    pub(super) joined_at: Option<Timestamp>,
    /// `None`: they joined.
    pub(super) asked_until: Option<Timestamp>,
    /// The letter that asked them last; `None`: none did, or they joined. Boxed: most users have none.
    pub(super) letter: Option<Box<Letter>>,
    pub(super) grants: Vec<Grant>,
    /// The closure of `grants`.
    pub(super) rights: Arc<Rights>,
    /// The role as it is compared.
    role: Option<String>,
    /// What a search looks through: folded, one line each.
    found_by: String,
}

/// A user as it is stored; what follows from it is worked out anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    email: String,
    details: UserDetails,
    active: bool,
    account: Option<UserId>,
    joined_at: Option<Timestamp>,
    asked_until: Option<Timestamp>,
    grants: Vec<Grant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    letter: Option<Box<Letter>>,
}

impl From<Stored> for User {
    fn from(stored: Stored) -> Self {
        let Stored { email, details, active, account, joined_at, asked_until, grants, letter } = stored;
        let mut user = Self::asked(&email, details, Timestamp(0));
        (user.active, user.account, user.joined_at, user.asked_until) = (active, account, joined_at, asked_until);
        user.letter = letter;
        user.give(grants);
        user
    }
}

impl From<User> for Stored {
    fn from(user: User) -> Self {
        let email = user.email().to_owned();
        let User { details, active, account, joined_at, asked_until, grants, letter, .. } = user;
        Self { email, details, active, account, joined_at, asked_until, grants, letter }
    }
}

impl User {
    /// Somebody who may join until then.
    pub(super) fn asked(email: &str, details: UserDetails, until: Timestamp) -> Self {
        let mut user = Self {
            details: UserDetails::default(),
            active: true,
            account: None,
            joined_at: None,
            asked_until: Some(until),
            letter: None,
            grants: Vec::new(),
            rights: Arc::default(),
            role: None,
            found_by: String::new(),
        };
        user.describe(email, details);
        user
    }

    /// Their address: the first line of what a search looks through.
    pub(super) fn email(&self) -> &str {
        self.found_by.split('\n').next().unwrap_or_default()
    }

    pub(super) fn describe(&mut self, email: &str, details: UserDetails) {
        self.role = details.role.as_deref().map(key);
        let name = details.name.as_deref().map(key).unwrap_or_default();
        let organisation = details.organisation.as_deref().map(key).unwrap_or_default();
        self.found_by = format!("{email}\n{name}\n{organisation}");
        self.details = details;
    }

    pub(super) fn give(&mut self, grants: Vec<Grant>) {
        self.rights = Arc::new(Rights::of(&grants));
        self.grants = grants;
    }

    pub(super) fn join(&mut self, email: &str, user: &Person, at: Timestamp) {
        self.account = Some(user.user.clone());
        (self.joined_at, self.asked_until, self.letter) = (Some(at), None, None);
        if self.details.name.is_none() {
            let details = UserDetails { name: Some(user.name.clone()), ..self.details.clone() };
            self.describe(email, details);
        }
    }

    /// What a question about them needs to know.
    pub(super) fn facts(&self) -> UserFacts<'_> {
        UserFacts { country: self.details.country.as_deref(), role: self.role.as_deref() }
    }

    pub(super) fn state(&self, now: Timestamp) -> UserState {
        self.marks().state(now)
    }

    /// As somebody sees them; `whole`: with what was given to them.
    pub(super) fn row(&self, now: Timestamp, whole: bool) -> UserRow {
        UserRow {
            email: self.email().to_owned(),
            user: self.account.clone(),
            details: self.details.clone(),
            state: self.state(now),
            joined_at: self.joined_at,
            asked_until: self.asked_until,
            mail: self.letter.as_ref().filter(|_| whole).map(|letter| letter.mail.clone()),
            grants: whole.then(|| self.grants.clone()),
        }
    }
}

/// Where a user stands, but for the time of day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    joined: bool,
    active: bool,
    asked_until: Option<Timestamp>,
}

impl Marks {
    pub(super) fn state(self, now: Timestamp) -> UserState {
        match (self.joined, self.asked_until) {
            (true, _) if self.active => UserState::Joined,
            (true, _) => UserState::Inactive,
            (false, Some(until)) if now < until => UserState::Asked,
            (false, _) => UserState::Lapsed,
        }
    }
}

impl Row for User {
    /// Their country, and their role as it is compared.
    type Class = (Option<String>, Option<String>);
    type Marks = Marks;

    fn key(&self) -> &str {
        self.email()
    }

    fn text(&self) -> &str {
        &self.found_by
    }

    fn class(&self) -> Self::Class {
        (self.details.country.clone(), self.role.clone())
    }

    fn marks(&self) -> Marks {
        Marks { joined: self.account.is_some(), active: self.active, asked_until: self.asked_until }
    }
}

/// What is said of a user, made clean; nothing is said in an empty field.
pub(super) fn clean(details: UserDetails, limits: &Limits) -> Result<UserDetails, Rejection> {
    let UserDetails { name, organisation, department, country: code, role } = details;
    let line = |text: Option<String>, limit: &str, max: usize| -> Result<Option<String>, Rejection> {
        let line = text.map(|text| text::clean_line(&text)).filter(|text| !text.is_empty());
        match line {
            Some(line) if line.chars().count() > max => {
                Err(Rejection::TooLarge { limit: limit.into(), max: max as u64 })
            }
            line => Ok(line),
        }
    };
    let field = |text| line(text, "user_chars", limits.user_chars);
    let code = code.filter(|code| !code.trim().is_empty());
    let no_country = || Rejection::invalid("country", "this is no country of ISO 3166-1 alpha-2");
    Ok(UserDetails {
        name: line(name, "name_chars", limits.name_chars)?,
        organisation: field(organisation)?,
        department: field(department)?,
        country: code.map(|code| country::normal(&code).ok_or_else(no_country)).transpose()?,
        role: field(role)?,
    })
}

/// What a question needs to know of somebody of whom this is said. The role is the key.
pub(super) fn facts_of<'a>(details: &'a UserDetails, role: Option<&'a str>) -> UserFacts<'a> {
    UserFacts { country: details.country.as_deref(), role }
}
