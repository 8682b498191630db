use proptest::collection::vec;
use proptest::prelude::*;
use quire_protocol::event::Person;
use quire_protocol::library::{BookScope, Grant, LibraryBookRow, UserDetails, UserFilter, UserRow, UserState};
use quire_protocol::publishing::{ListedRevision, PublishState, RevisionState};
use quire_protocol::{BookId, Limits, Seq, Timers, UserId};

use super::super::{Event, Hosted, Shelved, Visitor};
use super::*;
use crate::library::HostContext;

const NOW: Timestamp = Timestamp(1_000_000);
const COUNTRIES: [&str; 3] = ["KE", "FR", "DE"];
const WORDS: [&str; 3] = ["Sea", "Whale", "sea whale"];

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(&WORDS[..]).prop_map(ToOwned::to_owned)
}

fn id(number: usize) -> UserId {
    UserId::new(&format!("u{number}")).unwrap()
}

type Described = (Option<&'static str>, Option<String>, Option<String>, bool, bool);

/// Country, role, name, whether they joined, whether they are active.
fn somebody() -> impl Strategy<Value = Described> {
    let country = prop::option::of(prop::sample::select(&COUNTRIES[..]));
    (country, prop::option::of(word()), prop::option::of(word()), any::<bool>(), any::<bool>())
}

fn some_words() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set(word(), 0..3)
}

fn grant() -> impl Strategy<Value = Grant> {
    let scope = prop_oneof![
        Just(BookScope::Any),
        Just(BookScope::Own),
        some_words().prop_map(BookScope::Titles),
        some_words().prop_map(BookScope::Categories),
    ];
    let countries = prop::sample::subsequence(&COUNTRIES[..], 0..=2);
    let countries = countries.prop_map(|some| some.into_iter().map(ToOwned::to_owned).collect());
    let filter = (prop::option::of(countries), prop::option::of(some_words()));
    (any::<bool>(), scope, filter).prop_map(|(books, scope, (countries, roles))| {
        if books {
            Grant { permission: Permission::Download, books: Some(scope), users: None }
        } else {
            Grant { permission: Permission::ListUsers, books: None, users: Some(UserFilter { countries, roles }) }
        }
    })
}

struct World {
    library: Library,
    limits: Limits,
    timers: Timers,
}

/// How far a book is: each otherwise than the next.
fn progress(number: usize) -> (PublishState, Option<ListedRevision>) {
    let states = [RevisionState::Submitted, RevisionState::ChangesRequested, RevisionState::Approved];
    let revision = states.get(number % 5).map(|state| ListedRevision { point: Seq(1), state: *state });
    (PublishState::ALL[number % 6], revision)
}

impl World {
    fn new(people: &[Described], books: &[(String, BTreeSet<String>, usize)], grants: &[Grant]) -> Self {
        let mut library = Library::default();
        let (limits, timers) = (Limits::default(), Timers::default());
        for (number, (country, role, name, joined, active)) in people.iter().enumerate() {
            let details = UserDetails {
                name: Some(name.clone().unwrap_or_else(|| "x".into())),
                country: country.map(Into::into),
                role: role.clone(),
                ..UserDetails::default()
            };
            // The first one asks.
            let (joined, active) = (*joined || number == 0, *active || number == 0);
            let email = format!("p{number}@example.org");
            let put = Hosted::Put { email, details, active, user: joined.then(|| id(number)) };
            let context = HostContext { now: NOW, limits: &limits, timers: &timers };
            for event in library.decide_hosted(&context, &put).unwrap() {
                library.apply(&event, NOW);
            }
        }
        library.apply(&Event::UserGranted { email: "p0@example.org".into(), grants: grants.to_vec() }, NOW);
        for (number, (title, categories, owner)) in books.iter().enumerate() {
            let owner = Some(Person { user: id(*owner), name: "x".into() });
            let book = BookId::new(&format!("b{number}")).unwrap();
            let categories = categories.iter().cloned().collect();
            let (state, revision) = progress(number);
            let book = Shelved { book, seq: Seq(1), title: title.clone(), categories, state, revision, owner };
            library.apply(&Event::BookShelved { book }, NOW);
        }
        library.check_invariants();
        Self { library, limits, timers }
    }

    /// What one page says; nobody is asked for more than is there.
    fn ask(&self, reply: &Reply) -> Answer {
        let user = id(0);
        let visitor = Visitor { user: &user, name: "x", email: None };
        let context =
            Context { visitor, now: NOW, claim: None, limits: &self.limits, timers: &self.timers, mails: false };
        self.library.answer(&context, reply).unwrap()
    }

    /// All pages, one after the other, and how many rows each of them counts.
    fn users(&self, mut query: UsersList) -> (Vec<UserRow>, u32) {
        let mut all = Vec::new();
        loop {
            let Answer::Users { users, total, cursor } = self.ask(&Reply::Users(query.clone())) else { panic!() };
            all.extend(users);
            match cursor {
                Some(_) => query.cursor = cursor,
                None => return (all, total),
            }
        }
    }

    fn books(&self, mut query: LibraryBooks) -> (Vec<LibraryBookRow>, u32) {
        let mut all = Vec::new();
        loop {
            let Answer::LibraryBooks { shelf, total, cursor } = self.ask(&Reply::Books(query.clone())) else {
                panic!()
            };
            all.extend(shelf);
            match cursor {
                Some(_) => query.cursor = cursor,
                None => return (all, total),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn pages_of_users_are_those_that_a_look_at_everybody_finds(
        people in vec(somebody(), 1..25),
        grants in vec(grant(), 0..4),
        (search, role) in (prop::option::of(word()), prop::option::of(word())),
        countries in prop::sample::subsequence(&COUNTRIES[..], 0..=2),
        state in prop::option::of(prop::sample::select(&[UserState::Asked, UserState::Joined, UserState::Inactive][..])),
        limit in 1..6_u32,
    ) {
        let world = World::new(&people, &[], &grants);
        let query = UsersList {
            search: search.clone(),
            countries: countries.iter().map(|country| (*country).to_owned()).collect(),
            roles: role.iter().cloned().collect(),
            state,
            limit: Some(limit),
            cursor: None,
        };
        let visitor = id(0);
        let rights = world.library.granted().to(&visitor).cloned().unwrap_or_default();
        let fits = |user: &&User| {
            let UserDetails { name, country, role: theirs, .. } = &user.details;
            let listed = |country: &String| countries.contains(&country.as_str());
            let by_country = countries.is_empty() || country.as_ref().is_some_and(listed);
            let by_role = role.as_ref().is_none_or(|role| theirs.as_deref().map(key) == Some(key(role)));
            let text = format!("{}\n{}", user.email(), name.as_deref().map(key).unwrap_or_default());
            let found = search.as_deref().is_none_or(|search| text.contains(&key(search)));
            let theirs = theirs.as_deref().map(key);
            let facts = UserFacts { country: country.as_deref(), role: theirs.as_deref() };
            let may = rights.reach_user(Permission::ListUsers, &facts);
            by_country && by_role && found && may && state.is_none_or(|state| user.state(NOW) == state)
        };
        let expected: Vec<String> =
            world.library.users.values().map(AsRef::as_ref).filter(fits).map(|user| user.email().to_owned()).collect();
        let (users, total) = world.users(query);
        let emails: Vec<String> = users.into_iter().map(|user| user.email).collect();
        prop_assert_eq!(total as usize, expected.len());
        prop_assert_eq!(emails, expected);
    }

    #[test]
    fn pages_of_books_are_those_that_a_look_at_each_finds(
        books in vec((word(), some_words(), 0..3_usize), 0..25),
        grants in vec(grant(), 0..4),
        (search, category) in (prop::option::of(word()), prop::option::of(word())),
        state in prop::option::of(prop::sample::select(&PublishState::ALL[..])),
        limit in 1..6_u32,
    ) {
        let world = World::new(&[(None, None, None, true, true)], &books, &grants);
        let (wanted, words) = (state, (search.clone(), category.clone()));
        let query = LibraryBooks { search: words.0, category: words.1, state, limit: Some(limit), cursor: None };
        let mut expected: Vec<(String, String)> = books.iter().enumerate().filter(|(number, (title, categories, _))| {
            let book = BookId::new(&format!("b{number}")).unwrap();
            let found = search.as_deref().is_none_or(|search| key(title).contains(&key(search)));
            let keys: Vec<String> = categories.iter().map(|category| key(category)).collect();
            let fits = category.as_deref().is_none_or(|category| keys.contains(&key(category)));
            let (state, revision) = progress(*number);
            let next = revision.map(|revision| PublishState::from(revision.state));
            let is_so_far = wanted.is_none_or(|wanted| state == wanted || next == Some(wanted));
            found && fits && is_so_far && world.library.may_with(&id(0), Permission::List, &book)
        }).map(|(number, (title, ..))| (key(title), format!("b{number}"))).collect();
        expected.sort();
        let (shelf, total) = world.books(query);
        let ids: Vec<String> = shelf.into_iter().map(|row| row.id.to_string()).collect();
        prop_assert_eq!(total as usize, expected.len());
        prop_assert_eq!(ids, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
    }
}
