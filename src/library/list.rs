//! What somebody sees of a library: only what they may list is shown, searched and counted.

use std::collections::BTreeSet;

use quire_protocol::answer::Answer;
use quire_protocol::command::{LibraryBooks, UsersList};
use quire_protocol::library::{LibraryBookRow, LibraryView, Permission, Subject, country};
use quire_protocol::{BookId, Limits, Rejection, Timestamp, UserId};

use super::enter::Entered;
use super::rights::UserFacts;
use super::shelf::{self, Entry, mark};
use super::table::{Fit, Page, Row, Wanted};
use super::user::{self, User};
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
            Reply::Webhook { webhook, .. } => {
                Ok(Answer::Webhook { webhook: Box::new(self.webhook_row(webhook)?), secret: None })
            }
            Reply::Webhooks => Ok(Answer::Webhooks { webhooks: self.webhook_rows() }),
            Reply::Books(query) => Ok(self.books_page(context.limits, self.enter(&context.visitor)?, query)),
        }
    }

    /// The books that somebody may list, by title.
    pub fn listed(&self, user: &UserId) -> Vec<BookId> {
        let Some(rights) = self.granted.to(user) else { return Vec::new() };
        let may = |entry: &&Entry| rights.reach_book(Permission::List, &entry.facts(), user);
        self.shelf.order().iter().filter(may).map(|entry| entry.shelved.book.clone()).collect()
    }

    fn view(&self, context: &Context<'_>) -> Result<LibraryView, Rejection> {
        let visitor = &context.visitor;
        if let Some(asked) = self.asked(visitor) {
            let owner = self.owner.as_ref().map(|owner| owner.person.clone());
            let you = Some(asked.row(context.now, true));
            return Ok(LibraryView { owner, you, can: Vec::new(), grants: Vec::new(), users: 0, books: 0 });
        }
        let by = self.enter(visitor)?;
        let every_user = UsersList {
            search: None,
            countries: Vec::new(),
            roles: Vec::new(),
            state: None,
            limit: None,
            cursor: None,
        };
        let every_book = LibraryBooks { search: None, category: None, state: None, limit: None, cursor: None };
        Ok(LibraryView {
            owner: self.owner.as_ref().map(|owner| owner.person.clone()),
            you: self.record_of(visitor.user).map(|record| record.row(context.now, true)),
            can: Permission::ALL.into_iter().filter(|permission| by.rights().has(*permission)).collect(),
            grants: self.given(visitor.user).to_vec(),
            users: count(self.wanted_users(context.now, by, &every_user, 0)?.total),
            books: count(self.wanted_books(by, &every_book, 0).total),
        })
    }

    pub(super) fn users_page(
        &self,
        (now, limits): (Timestamp, &Limits),
        by: Entered<'_>,
        query: &UsersList,
    ) -> Result<Answer, Rejection> {
        let page = self.wanted_users(now, by, query, rows(query.limit, limits))?;
        let whole = by.rights().has(Permission::Settings);
        let users: Vec<_> = page.rows.iter().map(|user| user.row(now, whole)).collect();
        let cursor = users.last().filter(|_| page.more).map(|user| user.email.clone());
        Ok(Answer::Users { users, total: count(page.total), cursor })
    }

    fn wanted_users(
        &self,
        now: Timestamp,
        by: Entered<'_>,
        query: &UsersList,
        max: usize,
    ) -> Result<Page<'_, User>, Rejection> {
        let UsersList { search, countries, roles, state, limit: _, cursor } = query;
        let search = search.as_deref().map(key).filter(|search| !search.is_empty());
        let no_country = || Rejection::invalid("countries", "a country is two letters of ISO 3166-1");
        let countries: BTreeSet<String> =
            countries.iter().map(|code| country::normal(code).ok_or_else(no_country)).collect::<Result<_, _>>()?;
        let roles: BTreeSet<String> = roles.iter().map(|role| key(role)).collect();
        let among = |among: &BTreeSet<String>, value: Option<&str>| {
            among.is_empty() || value.is_some_and(|value| among.contains(value))
        };
        let class = |(country, role): &(Option<String>, Option<String>)| {
            let facts = UserFacts { country: country.as_deref(), role: role.as_deref() };
            let fits = among(&countries, facts.country) && among(&roles, facts.role);
            match fits && by.reaches(Permission::ListUsers, &facts) {
                true if state.is_some() => Fit::Perhaps,
                true => Fit::Yes,
                false => Fit::No,
            }
        };
        let wanted = Wanted {
            search: search.as_deref(),
            class: &class,
            marks: &|marks: user::Marks| state.is_none_or(|state| marks.state(now) == state),
            row: &|_| true,
        };
        Ok(self.listed.page(&wanted, cursor.as_deref(), max))
    }

    pub(super) fn books_page(&self, limits: &Limits, by: Entered<'_>, query: &LibraryBooks) -> Answer {
        let page = self.wanted_books(by, query, rows(query.limit, limits));
        let shelf: Vec<_> = page.rows.iter().map(|entry| row(by, entry)).collect();
        let cursor = shelf.last().filter(|_| page.more).map(|row| row.id.clone());
        Answer::LibraryBooks { shelf, total: count(page.total), cursor }
    }

    fn wanted_books(&self, by: Entered<'_>, query: &LibraryBooks, max: usize) -> Page<'_, Entry> {
        let LibraryBooks { search, category, state, limit: _, cursor } = query;
        let search = search.as_deref().map(key).filter(|search| !search.is_empty());
        let category = category.as_deref().map(key);
        let class = |class: &shelf::Class| {
            let fits = category.as_ref().is_none_or(|category| class.categories.contains(category))
                && state.is_none_or(|state| class.is_in(state));
            match by.reaches_categories(Permission::List, &class.categories).filter(|_| fits) {
                Some(true) => Fit::Yes,
                None if fits => Fit::Perhaps,
                Some(false) | None => Fit::No,
            }
        };
        let titles: BTreeSet<u64> = by.rights().titles(Permission::List).map(mark).collect();
        let own = by.user().map(|user| mark(user.as_str()));
        let marks =
            |marks: shelf::Marks| (marks.owner.is_some() && marks.owner == own) || titles.contains(&marks.title);
        let wanted = Wanted {
            search: search.as_deref(),
            class: &class,
            marks: &marks,
            row: &|entry: &Entry| by.reaches_book(Permission::List, &entry.facts()),
        };
        let after = cursor.as_ref().and_then(|cursor| self.shelf.get(cursor)).map(Row::key);
        self.shelf.order().page(&wanted, after, max)
    }
}

fn row(by: Entered<'_>, entry: &Entry) -> LibraryBookRow {
    let about_books = Permission::ALL.into_iter().filter(|permission| permission.subject() == Subject::Books);
    LibraryBookRow {
        id: entry.shelved.book.clone(),
        title: entry.shelved.title.clone(),
        categories: entry.shelved.categories.clone(),
        owner: entry.shelved.owner.clone(),
        state: entry.shelved.state,
        revision: entry.shelved.revision,
        may: about_books.filter(|permission| by.reaches_book(*permission, &entry.facts())).collect(),
    }
}

fn rows(limit: Option<u32>, limits: &Limits) -> usize {
    let limit = limit.map_or(limits.list_rows, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    limit.clamp(1, limits.list_rows)
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
