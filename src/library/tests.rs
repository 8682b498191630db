//! The library's rules, told as stories: who asks for what, and what comes of it.

use quire_protocol::answer::Answer;
use quire_protocol::command::{
    LibraryBooks, LibraryCommand, LibraryDecline, LibraryJoin, LibraryLeave, LibraryOpen, LibraryShare, UserAdd,
    UserRemove, UserUpdate, UsersList,
};
use quire_protocol::event::{Claim, Person};
use quire_protocol::library::{
    BookScope, Grant, LibraryBookRow, LibraryView, Permission, Shared, SharedAs, UserDetails, UserFilter, UserPatch,
    UserRow, UserState,
};
use quire_protocol::publishing::PublishState;
use quire_protocol::{BookId, Limits, Rejection, Seq, Timers, Timestamp, UserId};

use super::{Context, Event, Library, Shelved, Visitor};

/// A library and what surrounds it. Everybody's address is `NAME@example.org`.
pub(super) struct Scene {
    pub(super) library: Library,
    pub(super) now: Timestamp,
    pub(super) limits: Limits,
    /// Letters are sent.
    pub(super) mails: bool,
    claim: Option<Claim>,
}

pub(super) fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

pub(super) fn address(name: &str) -> String {
    format!("{name}@example.org")
}

pub(super) fn book(title: &str, categories: &[&str], owner: &str, seq: u64) -> Shelved {
    Shelved {
        book: BookId::new(title).unwrap(),
        seq: Seq(seq),
        title: title.to_uppercase(),
        state: PublishState::Draft,
        revision: None,
        categories: categories.iter().map(|category| (*category).to_owned()).collect(),
        owner: Some(Person { user: user(owner), name: owner.into() }),
    }
}

fn about(permission: Permission, books: BookScope) -> Grant {
    Grant { permission, books: Some(books), users: None }
}

fn among(permission: Permission, countries: &[&str]) -> Grant {
    let countries = Some(countries.iter().map(|code| (*code).to_owned()).collect());
    Grant { permission, books: None, users: Some(UserFilter { countries, roles: None }) }
}

fn from(country: &str) -> UserDetails {
    UserDetails { country: Some(country.into()), ..UserDetails::default() }
}

impl Scene {
    /// Nobody owns the library; the first who looks at it may.
    pub(super) fn unclaimed() -> Self {
        let claim = Some(Claim::Anyone);
        Self { library: Library::default(), now: Timestamp(1_000_000), limits: Limits::default(), mails: false, claim }
    }

    /// Ann's library.
    pub(super) fn new() -> Self {
        let mut scene = Self::unclaimed();
        scene.when("ann", LibraryOpen {}).unwrap();
        scene
    }

    pub(super) fn when(&mut self, name: &str, command: impl Into<LibraryCommand>) -> Result<Answer, Rejection> {
        self.act(name, &command.into()).map(|(_, answer)| answer)
    }

    /// What a command does: the events, and whether it was allowed.
    pub(super) fn decides(&mut self, name: &str, command: &LibraryCommand) -> (bool, Vec<Event>) {
        let done = self.act(name, command);
        (done.is_ok(), done.map(|(events, _)| events).unwrap_or_default())
    }

    fn act(&mut self, name: &str, command: &LibraryCommand) -> Result<(Vec<Event>, Answer), Rejection> {
        let (user, email, timers) = (user(name), address(name), Timers::default());
        let context = Context {
            visitor: Visitor { user: &user, name, email: Some(&email) },
            now: self.now,
            claim: self.claim.as_ref(),
            limits: &self.limits,
            timers: &timers,
            mails: self.mails,
        };
        let before = self.library.clone();
        let decision = self.library.decide(&context, command)?;
        assert_eq!(self.library, before, "to decide changes nothing");
        for event in &decision.events {
            self.library.apply(event, self.now);
            self.library.check_invariants();
        }
        let answer = self.library.answer(&context, &decision.reply)?;
        Ok((decision.events, answer))
    }

    /// Ann gives somebody something, and they join.
    fn given(&mut self, name: &str, grants: &[Grant]) {
        self.share(&[&address(name)], grants);
        self.when(name, LibraryJoin {}).unwrap();
    }

    pub(super) fn share(&mut self, emails: &[&str], grants: &[Grant]) -> Vec<Shared> {
        let emails = emails.iter().map(|email| (*email).to_owned()).collect();
        match self.when("ann", LibraryShare { emails, grants: grants.to_vec() }).unwrap() {
            Answer::Shared { shared } => shared,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn shelves(&mut self, book: Shelved) {
        self.library.apply(&Event::BookShelved { book }, self.now);
    }

    pub(super) fn view(&mut self, name: &str) -> Result<LibraryView, Rejection> {
        self.when(name, LibraryOpen {}).map(|answer| match answer {
            Answer::Library(view) => *view,
            other => panic!("{other:?}"),
        })
    }

    pub(super) fn users(
        &mut self,
        name: &str,
        list: UsersList,
    ) -> Result<(Vec<UserRow>, u32, Option<String>), Rejection> {
        self.when(name, list).map(|answer| match answer {
            Answer::Users { users, total, cursor } => (users, total, cursor),
            other => panic!("{other:?}"),
        })
    }

    pub(super) fn books(&mut self, name: &str, list: LibraryBooks) -> Result<(Vec<LibraryBookRow>, u32), Rejection> {
        self.when(name, list).map(|answer| match answer {
            Answer::LibraryBooks { shelf, total, .. } => (shelf, total),
            other => panic!("{other:?}"),
        })
    }
}

pub(super) fn everybody() -> UsersList {
    UsersList { search: None, countries: vec![], roles: vec![], state: None, limit: None, cursor: None }
}

pub(super) fn every_book() -> LibraryBooks {
    LibraryBooks { search: None, category: None, state: None, limit: None, cursor: None }
}

fn add(name: &str, details: UserDetails) -> UserAdd {
    UserAdd { email: address(name), details }
}

fn move_to(name: &str, country: &str) -> UserUpdate {
    let patch = UserPatch { country: Some(Some(country.into())), ..UserPatch::default() };
    UserUpdate { email: address(name), patch, active: None }
}

fn rest(name: &str, active: bool) -> UserUpdate {
    UserUpdate { email: address(name), patch: UserPatch::default(), active: Some(active) }
}

fn remove(name: &str) -> UserRemove {
    UserRemove { email: address(name) }
}

fn code<T: std::fmt::Debug>(result: Result<T, Rejection>) -> &'static str {
    result.expect_err("it is refused").code()
}

#[test]
fn whoever_may_have_it_owns_a_library_that_nobody_owns_and_for_everybody_else_there_is_none() {
    let mut scene = Scene::unclaimed();
    assert_eq!(scene.view("ann").unwrap().can, Permission::ALL);
    assert_eq!(scene.view("ann").unwrap().owner.unwrap().user, user("ann"));
    assert_eq!(code(scene.view("bob")), "not_found");
    let mut scene = Scene { claim: Some(Claim::Address(address("bob"))), ..Scene::unclaimed() };
    assert_eq!(code(scene.view("ann")), "not_found");
    assert_eq!(scene.view("bob").unwrap().owner.unwrap().user, user("bob"));
    let mut scene = Scene { claim: None, ..Scene::unclaimed() };
    assert_eq!(code(scene.view("ann")), "not_found");
}

#[test]
fn what_is_wrong_with_one_address_keeps_nobody_else_from_getting_their_share() {
    let mut scene = Scene::new();
    scene.given("eve", &[]);
    let list = [Grant::all(Permission::List)];
    let emails = ["bob@example.org", "nonsense", " BOB@example.org", "ann@example.org", "eve@example.org"];
    let shared = scene.share(&emails, &list);
    let done: Vec<_> = shared.iter().map(|shared| shared.done).collect();
    assert_eq!(done, [Some(SharedAs::Asked), None, Some(SharedAs::Unchanged), None, Some(SharedAs::Granted)]);
    assert!(shared.iter().all(|shared| shared.done.is_some() != shared.err.is_some()));
    assert_eq!(scene.share(&["eve@example.org"], &list)[0].done, Some(SharedAs::Unchanged));
    assert_eq!(scene.share(&["bob@example.org"], &list)[0].done, Some(SharedAs::Asked), "they are asked again");
}

#[test]
fn who_was_asked_equals_a_stranger_until_they_join_in_time() {
    let mut scene = Scene::new();
    scene.shelves(book("moby", &[], "ann", 1));
    scene.share(&["bob@example.org"], &[Grant::all(Permission::Edit)]);
    let asked = scene.view("bob").unwrap();
    assert_eq!((asked.can.len(), asked.books, asked.you.unwrap().state), (0, 0, UserState::Asked));
    assert!(!scene.library.may_with(&user("bob"), Permission::List, &BookId::new("moby").unwrap()));
    assert_eq!(code(scene.books("bob", every_book())), "not_found");
    assert_eq!(code(scene.when("eve", LibraryJoin {})), "not_found");
    scene.now = scene.now.plus_ms(Timers::default().invitation_ms);
    assert_eq!(code(scene.when("bob", LibraryJoin {})), "conflict", "it was too long ago");
    scene.share(&["bob@example.org"], &[Grant::all(Permission::Edit)]);
    scene.when("bob", LibraryJoin {}).unwrap();
    scene.when("bob", LibraryJoin {}).unwrap();
    assert_eq!(scene.view("bob").unwrap().books, 1);
    scene.when("bob", LibraryLeave {}).unwrap();
    assert_eq!(code(scene.view("bob")), "not_found");
    scene.share(&["bob@example.org"], &[]);
    scene.when("bob", LibraryDecline {}).unwrap();
    assert_eq!(code(scene.when("bob", LibraryJoin {})), "not_found");
    assert_eq!(code(scene.when("ann", LibraryLeave {})), "conflict", "it is hers");
}

#[test]
fn a_filter_holds_before_and_after_a_change_of_a_user() {
    let mut scene = Scene::new();
    let kenya = ["KE"];
    scene.given(
        "bob",
        &[Permission::AddUsers, Permission::EditUsers, Permission::DeleteUsers].map(|may| among(may, &kenya)),
    );
    assert_eq!(code(scene.when("bob", add("una", UserDetails::default()))), "forbidden", "she has no country");
    assert_eq!(code(scene.when("bob", add("una", from("FR")))), "forbidden");
    assert_eq!(code(scene.when("bob", add("una", from("XX")))), "invalid");
    scene.when("bob", add("una", from("ke"))).unwrap();
    scene.when("bob", add("una", from("KE"))).unwrap();
    assert_eq!(code(scene.when("bob", everybody())), "forbidden", "adding is not listing");
    assert_eq!(code(scene.when("bob", move_to("una", "FR"))), "forbidden", "she would be out of his reach");
    scene.when("ann", add("pia", from("FR"))).unwrap();
    assert_eq!(code(scene.when("bob", move_to("pia", "KE"))), "not_found", "he may not know of her");
    assert_eq!(code(scene.when("bob", remove("pia"))), "not_found");
    assert_eq!(code(scene.when("bob", remove("nobody"))), "not_found");
    scene.when("bob", remove("una")).unwrap();
    scene.when("ann", move_to("pia", "KE")).unwrap();
    scene.when("bob", remove("pia")).unwrap();
}

#[test]
fn what_may_be_listed_is_listed_searched_and_counted_and_nothing_else() {
    let mut scene = Scene::new();
    for (name, country) in [("una", "KE"), ("pia", "FR"), ("kim", "KE")] {
        scene.when("ann", add(name, from(country))).unwrap();
    }
    scene.given("bob", &[among(Permission::ListUsers, &["KE"])]);
    let (users, total, _) = scene.users("bob", everybody()).unwrap();
    assert_eq!((users.iter().map(|user| &user.email[..3]).collect::<Vec<_>>(), total), (vec!["kim", "una"], 2));
    assert!(users.iter().all(|user| user.grants.is_none()), "what others may do is for who may manage settings");
    assert_eq!(scene.view("bob").unwrap().users, 2);
    let search = |text: &str| UsersList { search: Some(text.into()), ..everybody() };
    assert_eq!(scene.users("bob", search("PIA")).unwrap().1, 0);
    assert_eq!(scene.users("ann", search("PIA")).unwrap().1, 1);
    let french = UsersList { countries: vec!["fr".into()], ..everybody() };
    assert_eq!(scene.users("ann", french).unwrap().1, 1);
    let mut cursor = None;
    let mut seen = Vec::new();
    loop {
        let page = UsersList { limit: Some(1), cursor, ..everybody() };
        let (users, total, next) = scene.users("ann", page).unwrap();
        assert_eq!((users.len(), total), (1, 4));
        seen.extend(users.into_iter().map(|user| user.email));
        let Some(next) = next else { break };
        cursor = Some(next);
    }
    assert!(seen.is_sorted() && seen.len() == 4);
}

#[test]
fn books_are_listed_by_title_category_and_owner_however_they_are_written() {
    let mut scene = Scene::new();
    scene.shelves(book("moby", &["Sea", "Whales"], "ann", 1));
    scene.shelves(book("emma", &["Love"], "bob", 1));
    let list = |scope| [about(Permission::List, scope)];
    let one = |text: &str| std::iter::once(text.to_owned()).collect();
    for (scope, expected) in [
        (BookScope::Any, vec!["EMMA", "MOBY"]),
        (BookScope::Titles(one(" mOBy ")), vec!["MOBY"]),
        (BookScope::Titles(one("mob")), vec![]),
        (BookScope::Categories(one("SEA")), vec!["MOBY"]),
        (BookScope::Own, vec!["EMMA"]),
        (BookScope::Titles([].into()), vec![]),
    ] {
        scene.given("bob", &list(scope.clone()));
        let (shelf, total) = scene.books("bob", every_book()).unwrap();
        let titles: Vec<_> = shelf.iter().map(|row| row.title.as_str()).collect();
        assert_eq!((titles, total), (expected.clone(), u32::try_from(expected.len()).unwrap()), "{scope:?}");
        scene.when("bob", LibraryLeave {}).unwrap();
    }
    let love = LibraryBooks { category: Some("LOVE".into()), ..every_book() };
    assert_eq!(scene.books("ann", love).unwrap().1, 1);
    let found = LibraryBooks { search: Some("ob".into()), ..every_book() };
    assert_eq!(scene.books("ann", found).unwrap().0[0].may.len(), 5);
}

#[test]
fn the_list_of_books_takes_no_step_back() {
    let mut scene = Scene::new();
    scene.shelves(book("moby", &[], "ann", 5));
    scene.shelves(Shelved { title: "Older".into(), ..book("moby", &[], "ann", 4) });
    assert_eq!(scene.books("ann", every_book()).unwrap().0[0].title, "MOBY");
    let moby = BookId::new("moby").unwrap();
    scene.library.apply(&Event::BookUnshelved { book: moby.clone(), seq: Seq(6) }, scene.now);
    scene.shelves(book("moby", &[], "ann", 5));
    assert_eq!(scene.books("ann", every_book()).unwrap().1, 0);
    scene.library.check_invariants();
    assert_eq!(scene.library.projected(&moby, Seq(7), None, &scene.limits).unwrap(), []);
    let back = book("moby", &[], "ann", 7);
    assert_eq!(scene.library.projected(&moby, Seq(7), Some(&back), &scene.limits).unwrap().len(), 1);
    scene.limits.books_per_library = 0;
    assert_eq!(code(scene.library.projected(&moby, Seq(7), Some(&back), &scene.limits)), "limit_reached");
}

#[test]
fn nobody_touches_the_owner_themselves_or_who_may_do_more() {
    let mut scene = Scene::new();
    scene.given("sue", &[Grant::all(Permission::Settings)]);
    scene.given("bob", &[Grant::all(Permission::ManageUsers)]);
    assert_eq!(code(scene.when("bob", LibraryShare { emails: vec![address("eve")], grants: vec![] })), "forbidden");
    assert_eq!(code(scene.when("bob", remove("sue"))), "forbidden");
    assert_eq!(code(scene.when("bob", rest("sue", false))), "forbidden");
    assert_eq!(code(scene.when("bob", remove("bob"))), "conflict");
    let own = LibraryShare { emails: vec![address("sue")], grants: vec![] };
    let Answer::Shared { shared } = scene.when("sue", own).unwrap() else { panic!() };
    assert_eq!(shared[0].err.as_ref().unwrap().rejection.code(), "conflict");
    assert_eq!(code(scene.when("sue", add("ann", UserDetails::default()))), "invalid");
    scene.when("sue", remove("bob")).unwrap();
    assert_eq!(code(scene.when("bob", everybody())), "not_found");
}

#[test]
fn what_was_given_to_the_inactive_rests_until_they_are_active_again() {
    let mut scene = Scene::new();
    scene.given("bob", &[Grant::all(Permission::ListUsers)]);
    scene.when("ann", rest("bob", false)).unwrap();
    assert!(scene.library.is_disabled(&user("bob")));
    assert_eq!(code(scene.when("bob", everybody())), "forbidden");
    let resting = UsersList { state: Some(UserState::Inactive), ..everybody() };
    assert_eq!(scene.users("ann", resting).unwrap().1, 1);
    scene.when("ann", rest("bob", true)).unwrap();
    scene.when("bob", everybody()).unwrap();
}

#[test]
fn permissions_are_limited_only_by_what_fits_them_and_only_so_much() {
    let mut scene = Scene::new();
    let try_one = |scene: &mut Scene, grant: Grant| {
        code(scene.when("ann", LibraryShare { emails: vec![address("bob")], grants: vec![grant] }))
    };
    assert_eq!(try_one(&mut scene, about(Permission::Upload, BookScope::Own)), "invalid");
    assert_eq!(try_one(&mut scene, about(Permission::ListUsers, BookScope::Any)), "invalid");
    assert_eq!(try_one(&mut scene, among(Permission::List, &["KE"])), "invalid");
    assert_eq!(try_one(&mut scene, among(Permission::ListUsers, &["Kenya"])), "invalid");
    assert_eq!(try_one(&mut scene, about(Permission::List, BookScope::Titles([String::from(" ")].into()))), "invalid");
    let many = (0..=scene.limits.grants_per_user).map(|number| number.to_string()).collect();
    assert_eq!(try_one(&mut scene, about(Permission::List, BookScope::Titles(many))), "too_large");
    let emails = (0..=scene.limits.addresses_per_share).map(|number| format!("u{number}@example.org")).collect();
    assert_eq!(code(scene.when("ann", LibraryShare { emails, grants: vec![] })), "too_large");
    assert_eq!(code(scene.when("ann", LibraryShare { emails: vec![], grants: vec![] })), "invalid");
    scene.limits.users_per_library = 1;
    let shared = scene.share(&["bob@example.org", "eve@example.org"], &[]);
    assert_eq!(shared[0].done, Some(SharedAs::Asked));
    assert_eq!(shared[1].err.as_ref().unwrap().rejection.code(), "limit_reached");
    assert_eq!(code(scene.when("ann", add("una", UserDetails::default()))), "limit_reached");
}

#[test]
fn a_library_is_the_same_after_it_was_stored() {
    let mut scene = Scene::new();
    scene.given("bob", &[among(Permission::ListUsers, &["KE"]), Grant::all(Permission::Edit)]);
    scene.share(&["eve@example.org"], &[Grant::all(Permission::Upload)]);
    scene.shelves(book("moby", &["Sea"], "bob", 3));
    scene.library.apply(&Event::BookUnshelved { book: BookId::new("emma").unwrap(), seq: Seq(9) }, scene.now);
    let bytes = rmp_serde::to_vec_named(&scene.library.save()).unwrap();
    let restored = Library::restore(rmp_serde::from_slice(&bytes).unwrap());
    restored.check_invariants();
    assert_eq!(restored, scene.library);
}
