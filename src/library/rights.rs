//! What permissions come to: the closure of what was given, and the questions that it answers.
//!
//! Permissions add up and nothing takes away. [`Rights::of`] is the only place that knows which permission brings which
//! others along; everything else asks its result.

use std::collections::BTreeSet;

use quire_protocol::UserId;
use quire_protocol::library::{BookScope, Grant, Permission, UserFilter};

use super::key;

/// What a question about a book needs to know of it. Titles and categories are keys: see [`key`].
#[derive(Clone, Copy, Debug)]
pub struct BookFacts<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its categories.
    pub categories: &'a BTreeSet<String>,
    /// Who owns it; `None` while nobody does.
    pub owner: Option<&'a UserId>,
}

/// What a question about a user needs to know of them.
#[derive(Clone, Copy, Debug)]
pub struct UserFacts<'a> {
    /// Their country; `None` if they told none: then no list of countries has them.
    pub country: Option<&'a str>,
    /// Their role in the library; `None`: no list of roles has them.
    pub role: Option<&'a str>,
}

/// The books that one permission reaches: a union.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Books {
    any: bool,
    own: bool,
    titles: BTreeSet<String>,
    categories: BTreeSet<String>,
}

impl Books {
    fn add(&mut self, scope: &BookScope) {
        match scope {
            BookScope::Any => *self = Self { any: true, ..Self::default() },
            // Whatever else there is, is among them already.
            _ if self.any => {}
            BookScope::Own => self.own = true,
            BookScope::Titles(titles) => self.titles.extend(titles.iter().map(|title| key(title))),
            BookScope::Categories(categories) => {
                self.categories.extend(categories.iter().map(|category| key(category)));
            }
        }
    }

    fn reach(&self, book: &BookFacts<'_>, user: &UserId) -> bool {
        self.any
            || self.own && book.owner == Some(user)
            || self.titles.contains(book.title)
            || book.categories.iter().any(|category| self.categories.contains(category))
    }

    /// Reaches all that the other reaches, whoever has it. What is one's own is another's for somebody else, so only a
    /// permission for any book covers that.
    fn cover(&self, other: &Self) -> bool {
        self.any
            || !other.any
                && !other.own
                && other.titles.is_subset(&self.titles)
                && other.categories.is_subset(&self.categories)
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The users that one permission reaches: those who fit one of the filters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Users(BTreeSet<UserFilter>);

impl Users {
    fn add(&mut self, filter: &UserFilter) {
        let roles = filter.roles.as_ref().map(|roles| roles.iter().map(|role| key(role)).collect());
        let filter = &UserFilter { countries: filter.countries.clone(), roles };
        if is_nobody(filter) {
            return;
        }
        if self.0.iter().any(|known| contains(known, filter)) {
            return;
        }
        self.0.retain(|known| !contains(filter, known));
        self.0.insert(filter.clone());
    }

    fn reach(&self, user: &UserFacts<'_>) -> bool {
        self.0
            .iter()
            .any(|filter| fits(filter.countries.as_ref(), user.country) && fits(filter.roles.as_ref(), user.role))
    }

    /// Each filter of the other lies within one of these.
    fn cover(&self, other: &Self) -> bool {
        other.0.iter().all(|filter| self.0.iter().any(|known| contains(known, filter)))
    }
}

fn fits(among: Option<&BTreeSet<String>>, value: Option<&str>) -> bool {
    among.is_none_or(|among| value.is_some_and(|value| among.contains(value)))
}

/// Nobody fits it.
fn is_nobody(filter: &UserFilter) -> bool {
    [&filter.countries, &filter.roles].into_iter().flatten().any(BTreeSet::is_empty)
}

/// Whoever fits the second fits the first.
fn contains(outer: &UserFilter, inner: &UserFilter) -> bool {
    let within = |outer: &Option<BTreeSet<String>>, inner: &Option<BTreeSet<String>>| match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(outer), Some(inner)) => inner.is_subset(outer),
    };
    is_nobody(inner) || within(&outer.countries, &inner.countries) && within(&outer.roles, &inner.roles)
}

/// All that somebody may do in a library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    list: Books,
    download: Books,
    edit: Books,
    delete: Books,
    publish: Books,
    list_users: Users,
    add_users: Users,
    edit_users: Users,
    delete_users: Users,
    /// The permissions about the library as a whole.
    library: BTreeSet<Permission>,
}

impl Rights {
    /// What these come to, with all that they bring along.
    pub fn of(grants: &[Grant]) -> Self {
        let mut rights = Self::default();
        for Grant { permission, books, users } in grants {
            let scope = books.as_ref().unwrap_or(&BookScope::Any);
            let everybody = UserFilter::default();
            rights.add(*permission, scope, users.as_ref().unwrap_or(&everybody));
        }
        rights
    }

    /// Everything: what the owner of a library has.
    pub fn everything() -> Self {
        Self::of(&[Grant::all(Permission::Settings)])
    }

    fn add(&mut self, permission: Permission, scope: &BookScope, filter: &UserFilter) {
        match permission {
            Permission::List => self.list.add(scope),
            Permission::Download => {
                self.download.add(scope);
                self.add(Permission::List, scope, filter);
            }
            Permission::Edit => {
                self.edit.add(scope);
                self.add(Permission::Download, scope, filter);
            }
            Permission::Delete => {
                self.delete.add(scope);
                self.add(Permission::List, scope, filter);
            }
            Permission::Publish => {
                self.publish.add(scope);
                self.add(Permission::List, scope, filter);
            }
            Permission::ListUsers => self.list_users.add(filter),
            Permission::AddUsers => self.add_users.add(filter),
            Permission::EditUsers => self.edit_users.add(filter),
            Permission::DeleteUsers => self.delete_users.add(filter),
            Permission::ManageUsers => {
                self.library.insert(permission);
                for users in [&mut self.list_users, &mut self.add_users, &mut self.edit_users, &mut self.delete_users] {
                    users.add(&UserFilter::default());
                }
            }
            Permission::Settings => {
                self.library.insert(permission);
                for other in Permission::ALL.into_iter().filter(|other| *other != permission) {
                    self.add(other, &BookScope::Any, &UserFilter::default());
                }
            }
            Permission::Upload | Permission::Notifications | Permission::Reports | Permission::Analytics => {
                self.library.insert(permission);
            }
        }
    }

    fn books(&self, permission: Permission) -> Option<&Books> {
        match permission {
            Permission::List => Some(&self.list),
            Permission::Download => Some(&self.download),
            Permission::Edit => Some(&self.edit),
            Permission::Delete => Some(&self.delete),
            Permission::Publish => Some(&self.publish),
            _ => None,
        }
    }

    fn users(&self, permission: Permission) -> Option<&Users> {
        match permission {
            Permission::ListUsers => Some(&self.list_users),
            Permission::AddUsers => Some(&self.add_users),
            Permission::EditUsers => Some(&self.edit_users),
            Permission::DeleteUsers => Some(&self.delete_users),
            _ => None,
        }
    }

    /// Has the permission at all, for whatever it reaches: what a page shows follows from it, no deed does.
    pub fn has(&self, permission: Permission) -> bool {
        let books = self.books(permission).is_some_and(|books| !books.is_empty());
        books || self.users(permission).is_some_and(|users| !users.0.is_empty()) || self.library.contains(&permission)
    }

    /// Whether `user`, who has these rights, may do this with a book of the library. A permission about anything else
    /// allows nothing with books.
    pub fn reach_book(&self, permission: Permission, book: &BookFacts<'_>, user: &UserId) -> bool {
        self.books(permission).is_some_and(|books| books.reach(book, user))
    }

    /// Whether books with these categories are reached, whatever else they are; `None`: that depends on title and owner.
    pub(super) fn reach_categories(&self, permission: Permission, categories: &BTreeSet<String>) -> Option<bool> {
        let Some(books) = self.books(permission) else { return Some(false) };
        let for_sure = books.any || categories.iter().any(|category| books.categories.contains(category));
        if for_sure || (!books.own && books.titles.is_empty()) { Some(for_sure) } else { None }
    }

    /// The titles of books that are reached by them.
    pub(super) fn titles(&self, permission: Permission) -> impl Iterator<Item = &str> {
        self.books(permission).into_iter().flat_map(|books| &books.titles).map(String::as_str)
    }

    /// Whether these rights allow this with a user of the library.
    pub fn reach_user(&self, permission: Permission, user: &UserFacts<'_>) -> bool {
        self.users(permission).is_some_and(|users| users.reach(user))
    }

    /// Whether whoever has these may give those: nobody gives what they have not, whatever its bounds.
    pub fn cover(&self, other: &Self) -> bool {
        let books = |permission| match (self.books(permission), other.books(permission)) {
            (Some(own), Some(given)) => own.cover(given),
            _ => true,
        };
        let users = |permission| match (self.users(permission), other.users(permission)) {
            (Some(own), Some(given)) => own.cover(given),
            _ => true,
        };
        Permission::ALL.into_iter().all(|permission| books(permission) && users(permission))
            && other.library.is_subset(&self.library)
    }
}

#[cfg(test)]
mod tests;
