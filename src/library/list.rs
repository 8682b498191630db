//! What somebody sees of a library: only what they may list is shown, searched and counted.

use std::collections::BTreeSet;
use std::ops::Bound;

use quire_protocol::answer::Answer;
use quire_protocol::command::{LibraryBooks, UsersList};
use quire_protocol::library::{LibraryBookRow, LibraryView, Permission, Subject, country};
use quire_protocol::{Limits, Rejection, Timestamp};

use super::enter::Entered;
use super::shelf::Entry;
use super::user::User;
use super::{Context, Library, Reply, key};

impl Library {
    /// What a decision says, from the library as it is now.
    pub fn answer(&self, context: &Context<'_>, reply: &Reply) -> Result<Answer, Rejection> {
        match reply {
            Reply::Done => Ok(Answer::Done {}),
            Reply::View => self.view(context).map(|view| Answer::Library(Box::new(view))),
            Reply::Shared(shared) => Ok(Answer::Shared { shared: shared.clone() }),
            Reply::User(email) => {
                let whole = self.may(context.visitor.user, Permission::Settings);
                let user = self.users.get(email).ok_or_else(super::enter::no_such_user)?;
                Ok(Answer::User { record: Box::new(user.row(context.now, whole)) })
            }
            Reply::Users(query) => self.users_page((context.now, context.limits), self.enter(&context.visitor)?, query),
            Reply::Books(query) => Ok(self.books_page(context.limits, self.enter(&context.visitor)?, query)),
        }
    }

    fn view(&self, context: &Context<'_>) -> Result<LibraryView, Rejection> {
        let visitor = &context.visitor;
        if let Some(asked) = self.asked(visitor) {
            let owner = self.owner.as_ref().map(|owner| owner.person.clone());
            let you = Some(asked.row(context.now, true));
            return Ok(LibraryView { owner, you, can: Vec::new(), grants: Vec::new(), users: 0, books: 0 });
        }
        let by = self.enter(visitor)?;
        let users = self.users.values().filter(|user| by.reaches(Permission::ListUsers, &user.facts()));
        let books = self.shelf.iter().filter(|book| by.reaches_book(Permission::List, &book.facts()));
        Ok(LibraryView {
            owner: self.owner.as_ref().map(|owner| owner.person.clone()),
            you: self.record_of(visitor.user).map(|record| record.row(context.now, true)),
            can: Permission::ALL.into_iter().filter(|permission| by.rights().has(*permission)).collect(),
            grants: self.given(visitor.user).to_vec(),
            users: count(users),
            books: count(books),
        })
    }

    pub(super) fn users_page(
        &self,
        (now, limits): (Timestamp, &Limits),
        by: Entered<'_>,
        query: &UsersList,
    ) -> Result<Answer, Rejection> {
        let UsersList { search, countries, roles, state, limit, cursor } = query;
        let search = search.as_deref().map(key).filter(|search| !search.is_empty());
        let no_country = || Rejection::invalid("countries", "a country is two letters of ISO 3166-1");
        let countries: BTreeSet<String> =
            countries.iter().map(|code| country::normal(code).ok_or_else(no_country)).collect::<Result<_, _>>()?;
        let roles: BTreeSet<String> = roles.iter().map(|role| key(role)).collect();
        let wanted = |user: &User| {
            let facts = user.facts();
            let fits = |among: &BTreeSet<String>, value: Option<&str>| {
                among.is_empty() || value.is_some_and(|value| among.contains(value))
            };
            by.reaches(Permission::ListUsers, &facts)
                && fits(&countries, facts.country)
                && fits(&roles, facts.role)
                && state.is_none_or(|state| user.state(now) == state)
                && search.as_deref().is_none_or(|search| user.is_found_by(search))
        };
        let total = count(self.users.values().filter(|user| wanted(user)));
        let max = rows(*limit, limits);
        let after = match cursor {
            Some(cursor) => Bound::Excluded(cursor.clone()),
            None => Bound::Unbounded,
        };
        let whole = by.rights().has(Permission::Settings);
        let mut page = self.users.range((after, Bound::Unbounded)).filter(|(_, user)| wanted(user));
        let users: Vec<_> = page.by_ref().take(max).map(|(_, user)| user.row(now, whole)).collect();
        let cursor = page.next().and(users.last()).map(|user| user.email.clone());
        Ok(Answer::Users { users, total, cursor })
    }

    pub(super) fn books_page(&self, limits: &Limits, by: Entered<'_>, query: &LibraryBooks) -> Answer {
        let LibraryBooks { search, category, limit, cursor } = query;
        let search = search.as_deref().map(key).filter(|search| !search.is_empty());
        let category = category.as_deref().map(key);
        let wanted = |entry: &&Entry| {
            by.reaches_book(Permission::List, &entry.facts())
                && category.as_ref().is_none_or(|category| entry.categories.contains(category))
                && search.as_deref().is_none_or(|search| entry.title.contains(search))
        };
        let total = count(self.shelf.iter().filter(wanted));
        let after = cursor.as_ref().and_then(|cursor| self.shelf.get(cursor));
        let mut page = self.shelf.after(after).filter(wanted);
        let shelf: Vec<_> = page.by_ref().take(rows(*limit, limits)).map(|entry| row(by, entry)).collect();
        let cursor = page.next().and(shelf.last()).map(|row| row.id.clone());
        Answer::LibraryBooks { shelf, total, cursor }
    }
}

fn row(by: Entered<'_>, entry: &Entry) -> LibraryBookRow {
    let about_books = Permission::ALL.into_iter().filter(|permission| permission.subject() == Subject::Books);
    LibraryBookRow {
        id: entry.shelved.book.clone(),
        title: entry.shelved.title.clone(),
        categories: entry.shelved.categories.clone(),
        owner: entry.shelved.owner.clone(),
        may: about_books.filter(|permission| by.reaches_book(*permission, &entry.facts())).collect(),
    }
}

fn rows(limit: Option<u32>, limits: &Limits) -> usize {
    let limit = limit.map_or(limits.list_rows, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    limit.clamp(1, limits.list_rows)
}

fn count(rows: impl Iterator) -> u32 {
    u32::try_from(rows.count()).unwrap_or(u32::MAX)
}
