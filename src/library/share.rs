//! Sharing a library: what is given to whom.

use std::collections::BTreeSet;

use quire_protocol::command::LibraryShare;
use quire_protocol::library::{BookScope, Grant, Shared, SharedAs, Subject, UserDetails, UserFilter, country};
use quire_protocol::{Limits, Rejection, text};

use super::enter::Permit;
use super::{Context, Decision, Event, Library, Reply, Rights};

impl Library {
    /// One result for each address: what is wrong with one keeps nobody else from getting theirs.
    pub(super) fn decide_share(
        &self,
        context: &Context<'_>,
        by: Permit<'_>,
        share: &LibraryShare,
    ) -> Result<Decision, Rejection> {
        let max = context.limits.addresses_per_share;
        if share.emails.len() > max {
            return Err(Rejection::TooLarge { limit: "addresses_per_share".into(), max: max as u64 });
        }
        if share.emails.is_empty() {
            return Err(Rejection::invalid("emails", "at least one address is needed"));
        }
        let grants = clean(&share.grants, context.limits)?;
        // Nobody gives what they have not.
        if !by.rights().cover(&Rights::of(&grants)) {
            return Err(Rejection::Forbidden);
        }
        let mut sharing = Sharing { library: self, context, grants, seen: BTreeSet::new(), new: 0, events: Vec::new() };
        let shared = share.emails.iter().map(|email| {
            let (done, err) = match sharing.with(email) {
                Ok(done) => (Some(done), None),
                Err(rejection) => (None, Some(rejection.into())),
            };
            Shared { email: email.clone(), done, err }
        });
        let shared = shared.collect();
        Ok(Decision { events: sharing.events, reply: Reply::Shared(shared) })
    }
}

/// What sharing with some people comes to, address by address.
struct Sharing<'a> {
    library: &'a Library,
    context: &'a Context<'a>,
    grants: Vec<Grant>,
    /// Addresses that were shared with.
    seen: BTreeSet<String>,
    /// How many of them are new.
    new: usize,
    events: Vec<Event>,
}

impl Sharing<'_> {
    fn with(&mut self, email: &str) -> Result<SharedAs, Rejection> {
        let email = self.library.free_address(email)?;
        if !self.seen.insert(email.clone()) {
            return Ok(SharedAs::Unchanged);
        }
        let given = Event::UserGranted { email: email.clone(), grants: self.grants.clone() };
        let until = self.context.asked_until();
        let Some(known) = self.library.users.get(&email) else {
            self.library.check_room(self.new, self.context.limits)?;
            self.new += 1;
            let details = UserDetails::default();
            let mail = self.context.mail();
            self.events.extend([Event::UserAdded { email, details, asked_until: until, mail }, given]);
            return Ok(SharedAs::Asked);
        };
        if known.account.as_ref() == Some(self.context.visitor.user) {
            return Err(Rejection::conflict("nobody changes what they may do themselves"));
        }
        let same = known.grants == self.grants;
        let mut mail = self.context.mail();
        if let Some(Err(soon)) = known.letter.as_ref().map(|letter| letter.check_pace(self.context)) {
            if same {
                return Err(soon);
            }
            mail = None;
        }
        if !same {
            self.events.push(given);
        }
        if known.account.is_some() {
            return Ok(if same { SharedAs::Unchanged } else { SharedAs::Granted });
        }
        self.events.push(Event::UserAsked { email, until, mail });
        Ok(SharedAs::Asked)
    }
}

/// Permissions as they are kept: each with the bounds that fit it, cleaned; in order, none twice.
pub(super) fn clean(grants: &[Grant], limits: &Limits) -> Result<Vec<Grant>, Rejection> {
    check_size(grants.len(), limits)?;
    let clean = grants.iter().map(|grant| clean_one(grant, limits)).collect::<Result<BTreeSet<_>, _>>()?;
    Ok(clean.into_iter().collect())
}

fn clean_one(grant: &Grant, limits: &Limits) -> Result<Grant, Rejection> {
    let Grant { permission, books, users } = grant;
    let fits = match permission.subject() {
        Subject::Books => users.is_none(),
        Subject::Users => books.is_none(),
        Subject::Library => books.is_none() && users.is_none(),
    };
    if !fits {
        return Err(Rejection::invalid("grants", format!("{permission:?} cannot be limited like this")));
    }
    let lines = |lines: &BTreeSet<String>| -> Result<BTreeSet<String>, Rejection> {
        check_size(lines.len(), limits)?;
        lines.iter().map(|line| clean_line(line, limits)).collect()
    };
    let books = books.as_ref().map(|scope| match scope {
        BookScope::Any => Ok(BookScope::Any),
        BookScope::Own => Ok(BookScope::Own),
        BookScope::Titles(titles) => lines(titles).map(BookScope::Titles),
        BookScope::Categories(categories) => lines(categories).map(BookScope::Categories),
    });
    let filter = |UserFilter { countries, roles }: &UserFilter| {
        let countries = countries.as_ref().map(|countries| {
            let no_country = || Rejection::invalid("grants", "a country is two letters of ISO 3166-1");
            countries.iter().map(|code| country::normal(code).ok_or_else(no_country)).collect()
        });
        Ok::<_, Rejection>(UserFilter {
            countries: countries.transpose()?,
            roles: roles.as_ref().map(&lines).transpose()?,
        })
    };
    let users = users.as_ref().map(filter).transpose()?;
    Ok(Grant { permission: *permission, books: books.transpose()?, users })
}

fn clean_line(line: &str, limits: &Limits) -> Result<String, Rejection> {
    let line = text::clean_line(line);
    if line.is_empty() {
        return Err(Rejection::invalid("grants", "a permission is limited to something without a name"));
    }
    let max = limits.title_chars;
    if line.chars().count() > max {
        return Err(Rejection::TooLarge { limit: "title_chars".into(), max: max as u64 });
    }
    Ok(line)
}

fn check_size(entries: usize, limits: &Limits) -> Result<(), Rejection> {
    let max = limits.grants_per_user;
    if entries <= max { Ok(()) } else { Err(Rejection::TooLarge { limit: "grants_per_user".into(), max: max as u64 }) }
}
