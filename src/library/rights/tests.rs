use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use quire_protocol::library::Subject;

use super::*;

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

/// A book as the questions know it.
#[derive(Clone, Debug)]
struct Book {
    title: String,
    categories: BTreeSet<String>,
    owner: Option<UserId>,
}

impl Book {
    fn facts(&self) -> BookFacts<'_> {
        BookFacts { title: &self.title, categories: &self.categories, owner: self.owner.as_ref() }
    }
}

fn book(title: &str, categories: &[&str], owner: &str) -> Book {
    let categories = categories.iter().map(|name| (*name).to_owned()).collect();
    Book { title: title.into(), categories, owner: Some(user(owner)) }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn about(permission: Permission, books: BookScope) -> Grant {
    Grant { permission, books: Some(books), users: None }
}

fn among(permission: Permission, countries: Option<&[&str]>, roles: Option<&[&str]>) -> Grant {
    let users = UserFilter { countries: countries.map(set), roles: roles.map(set) };
    Grant { permission, books: None, users: Some(users) }
}

/// The seed's table: each permission, and those that it brings along.
const TABLE: [(Permission, &[Permission]); 15] = {
    use Permission::*;
    [
        (Upload, &[]),
        (List, &[]),
        (Download, &[List]),
        (Edit, &[List, Download]),
        (Delete, &[List]),
        (Publish, &[List]),
        (ListUsers, &[]),
        (AddUsers, &[]),
        (EditUsers, &[]),
        (DeleteUsers, &[]),
        (ManageUsers, &[ListUsers, AddUsers, EditUsers, DeleteUsers]),
        (Notifications, &[]),
        (
            Settings,
            &[
                Upload,
                List,
                Download,
                Edit,
                Delete,
                Publish,
                ListUsers,
                AddUsers,
                EditUsers,
                DeleteUsers,
                ManageUsers,
                Notifications,
                Reports,
                Analytics,
            ],
        ),
        (Reports, &[]),
        (Analytics, &[]),
    ]
};

#[test]
fn each_permission_brings_along_what_the_table_says_and_nothing_else() {
    for (permission, brings) in TABLE {
        let rights = Rights::of(&[Grant::all(permission)]);
        for other in Permission::ALL {
            assert_eq!(rights.has(other), other == permission || brings.contains(&other), "{permission:?}: {other:?}");
        }
    }
}

#[test]
fn what_comes_along_has_the_same_scope() {
    let rights = Rights::of(&[about(Permission::Edit, BookScope::Categories(set(&["poems"])))]);
    let (poems, prose) = (book("odes", &["poems"], "ann"), book("novel", &["prose"], "ann"));
    for permission in [Permission::Edit, Permission::Download, Permission::List] {
        assert!(rights.reach_book(permission, &poems.facts(), &user("zoe")), "{permission:?}");
        assert!(!rights.reach_book(permission, &prose.facts(), &user("zoe")), "{permission:?}");
    }
    assert!(!rights.reach_book(Permission::Delete, &poems.facts(), &user("zoe")));
}

#[test]
fn own_books_are_those_that_the_person_owns_now() {
    let rights = Rights::of(&[about(Permission::Publish, BookScope::Own)]);
    let mut novel = book("novel", &[], "zoe");
    assert!(rights.reach_book(Permission::Publish, &novel.facts(), &user("zoe")));
    assert!(!rights.reach_book(Permission::Publish, &novel.facts(), &user("ann")));
    novel.owner = None;
    assert!(!rights.reach_book(Permission::Publish, &novel.facts(), &user("zoe")));
}

#[test]
fn nothing_named_reaches_nothing() {
    for scope in [BookScope::Titles(set(&[])), BookScope::Categories(set(&[]))] {
        let rights = Rights::of(&[about(Permission::Edit, scope)]);
        assert!(!rights.has(Permission::Edit));
        assert!(!rights.reach_book(Permission::Edit, &book("", &[], "ann").facts(), &user("ann")));
    }
    let nobody = Rights::of(&[among(Permission::EditUsers, Some(&[]), None)]);
    assert!(!nobody.reach_user(Permission::EditUsers, &UserFacts { country: Some("EG"), role: None }));
}

#[test]
fn a_filter_asks_for_country_and_role_and_what_is_not_told_fits_no_list() {
    let rights = Rights::of(&[among(Permission::AddUsers, Some(&["EG", "DE"]), Some(&["student"]))]);
    let fits = |country, role| rights.reach_user(Permission::AddUsers, &UserFacts { country, role });
    assert!(fits(Some("EG"), Some("student")));
    assert!(!fits(Some("EG"), Some("teacher")));
    assert!(!fits(Some("FR"), Some("student")));
    assert!(!fits(None, Some("student")));
    assert!(!fits(Some("DE"), None));
    let anybody = Rights::of(&[among(Permission::AddUsers, None, None)]);
    assert!(anybody.reach_user(Permission::AddUsers, &UserFacts { country: None, role: None }));
    let both = [among(Permission::AddUsers, Some(&["EG"]), None), Grant::all(Permission::ManageUsers)];
    assert_eq!(Rights::of(&both), Rights::of(&[Grant::all(Permission::ManageUsers), Grant::all(Permission::AddUsers)]));
}

#[test]
fn nobody_gives_what_they_have_not() {
    let of = |grants: &[Grant]| Rights::of(grants);
    let poems = |permission| about(permission, BookScope::Categories(set(&["poems"])));
    let editor = of(&[poems(Permission::Edit)]);
    assert!(editor.cover(&of(&[poems(Permission::List)])));
    assert!(!editor.cover(&of(&[poems(Permission::Delete)])));
    assert!(!editor.cover(&of(&[Grant::all(Permission::List)])));
    let own = of(&[about(Permission::Edit, BookScope::Own)]);
    assert!(!own.cover(&own), "what somebody else owns is not one's own");
    assert!(of(&[Grant::all(Permission::Edit)]).cover(&own));
    assert!(Rights::everything().cover(&Rights::everything()));
    assert!(!of(&[Grant::all(Permission::ManageUsers)]).cover(&Rights::everything()));
}

// === Properties ===

fn names() -> impl Strategy<Value = BTreeSet<String>> {
    btree_set(prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned), 0..3)
}

fn scopes() -> impl Strategy<Value = BookScope> {
    prop_oneof![
        Just(BookScope::Any),
        Just(BookScope::Own),
        names().prop_map(BookScope::Titles),
        names().prop_map(BookScope::Categories),
    ]
}

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let filters =
        (option::of(names()), option::of(names())).prop_map(|(countries, roles)| UserFilter { countries, roles });
    let grant =
        (prop::sample::select(Permission::ALL.to_vec()), scopes(), filters).prop_map(|(permission, books, users)| {
            let (books, users) = match permission.subject() {
                Subject::Books => (Some(books), None),
                Subject::Users => (None, Some(users)),
                Subject::Library => (None, None),
            };
            Grant { permission, books, users }
        });
    vec(grant, 0..6)
}

fn books() -> impl Strategy<Value = Book> {
    let owner = option::of(prop::sample::select(vec!["ann", "zoe"]).prop_map(user));
    (prop::sample::select(vec!["a", "b", "c", "d"]), names(), owner).prop_map(|(title, categories, owner)| Book {
        title: title.into(),
        categories,
        owner,
    })
}

type Person = (Option<String>, Option<String>);

fn people() -> impl Strategy<Value = Person> {
    let name = || option::of(prop::sample::select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned));
    (name(), name())
}

/// All that rights allow with this book and this person.
fn allowed(rights: &Rights, book: &Book, (country, role): &Person) -> Vec<bool> {
    let facts = UserFacts { country: country.as_deref(), role: role.as_deref() };
    let of = |permission| match Permission::subject(permission) {
        Subject::Books => rights.reach_book(permission, &book.facts(), &user("zoe")),
        Subject::Users => rights.reach_user(permission, &facts),
        Subject::Library => rights.has(permission),
    };
    Permission::ALL.map(of).to_vec()
}

proptest! {
    #[test]
    fn the_union_of_grants_allows_what_one_or_the_other_allows(
        (one, other) in (grants(), grants()), book in books(), person in people(),
    ) {
        let both: Vec<Grant> = one.iter().chain(&other).cloned().collect();
        let either = allowed(&Rights::of(&one), &book, &person)
            .into_iter()
            .zip(allowed(&Rights::of(&other), &book, &person))
            .map(|(one, other)| one || other);
        prop_assert_eq!(allowed(&Rights::of(&both), &book, &person), either.collect::<Vec<_>>());
    }

    #[test]
    fn given_again_in_any_order_nothing_changes(mut grants in grants()) {
        let rights = Rights::of(&grants);
        let again = grants.clone();
        grants.extend(again);
        grants.reverse();
        prop_assert_eq!(Rights::of(&grants), rights);
    }

    #[test]
    fn whoever_may_give_rights_has_all_that_they_allow(
        (giver, given) in (grants(), grants()), book in books(), person in people(),
    ) {
        let (giver, given) = (Rights::of(&giver), Rights::of(&given));
        if giver.cover(&given) {
            let pairs = allowed(&giver, &book, &person).into_iter().zip(allowed(&given, &book, &person));
            for (has, gives) in pairs {
                prop_assert!(has || !gives);
            }
        }
        prop_assert!(Rights::everything().cover(&given));
    }

    #[test]
    fn a_grant_reaches_nothing_outside_its_scope(scope in scopes(), book in books()) {
        let rights = Rights::of(&[about(Permission::Edit, scope.clone())]);
        let inside = match &scope {
            BookScope::Any => true,
            BookScope::Own => book.owner == Some(user("zoe")),
            BookScope::Titles(titles) => titles.contains(&book.title),
            BookScope::Categories(categories) => !book.categories.is_disjoint(categories),
        };
        for permission in [Permission::List, Permission::Download, Permission::Edit] {
            prop_assert_eq!(rights.reach_book(permission, &book.facts(), &user("zoe")), inside);
        }
    }
}
