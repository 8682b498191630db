//! What holds of every library, whatever was done to it.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use quire_protocol::command::{
    LibraryCommand, LibraryDecline, LibraryJoin, LibraryLeave, LibraryShare, UserAdd, UserRemove, UserUpdate,
    WebhookSet, WebhooksList,
};
use quire_protocol::frame::Answer;
use quire_protocol::inbox::Topic;
use quire_protocol::library::{BookScope, Grant, Permission, Subject, UserDetails, UserFilter, UserPatch};
use quire_protocol::webhook::Webhook;
use quire_protocol::{BookId, UserId, WebhookId};

use super::tests::{Scene, address, book, every_book, everybody, user};
use super::{Library, Noticed, Shelved, Visitor};

const PEOPLE: [&str; 4] = ["ann", "bob", "eve", "sue"];
const TITLES: [&str; 4] = ["moby", "emma", "walden", "persuasion"];
const CATEGORIES: [&str; 3] = ["sea", "love", "woods"];
const COUNTRIES: [&str; 3] = ["KE", "FR", "DE"];

#[derive(Clone, Debug)]
enum Deed {
    Command(&'static str, LibraryCommand),
    Shelve(Shelved),
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&PEOPLE[..])
}

fn some_of(words: &'static [&'static str]) -> impl Strategy<Value = BTreeSet<String>> {
    prop::sample::subsequence(words, 0..=words.len()).prop_map(|some| some.into_iter().map(Into::into).collect())
}

fn grant() -> impl Strategy<Value = Grant> {
    let scope = prop_oneof![
        Just(BookScope::Any),
        Just(BookScope::Own),
        some_of(&TITLES).prop_map(BookScope::Titles),
        some_of(&CATEGORIES).prop_map(BookScope::Categories),
    ];
    let filter = prop::option::of(some_of(&COUNTRIES)).prop_map(|countries| UserFilter { countries, roles: None });
    (prop::sample::select(&Permission::ALL[..]), scope, filter).prop_map(|(permission, scope, filter)| match permission
        .subject()
    {
        Subject::Books => Grant { permission, books: Some(scope), users: None },
        Subject::Users => Grant { permission, books: None, users: Some(filter) },
        Subject::Library => Grant::all(permission),
    })
}

fn deed() -> impl Strategy<Value = Deed> {
    let country = || prop::option::of(prop::sample::select(&COUNTRIES[..]).prop_map(ToOwned::to_owned));
    let details = country().prop_map(|country| UserDetails { country, ..UserDetails::default() });
    let patch = country().prop_map(|country| UserPatch { country: Some(country), ..UserPatch::default() });
    let command = prop_oneof![
        4 => (name(), vec(grant(), 0..4))
            .prop_map(|(who, grants)| LibraryShare { emails: vec![address(who)], grants }.into()),
        3 => Just(LibraryJoin {}.into()),
        1 => Just(LibraryDecline {}.into()),
        1 => Just(LibraryLeave {}.into()),
        2 => (name(), details).prop_map(|(who, details)| UserAdd { email: address(who), details }.into()),
        2 => (name(), patch, prop::option::of(any::<bool>()))
            .prop_map(|(who, patch, active)| UserUpdate { email: address(who), patch, active }.into()),
        1 => name().prop_map(|who| UserRemove { email: address(who) }.into()),
        1 => (prop::sample::select(&["w1", "w2"][..]), any::<bool>()).prop_map(|(id, on)| webhook(id, on).into()),
    ];
    let shelved = (0..TITLES.len(), prop::sample::subsequence(&CATEGORIES[..], 0..=2), name(), 1_u64..40);
    prop_oneof![
        4 => (name(), command).prop_map(|(who, command)| Deed::Command(who, command)),
        1 => shelved.prop_map(|(title, categories, owner, seq)| {
            Deed::Shelve(book(TITLES[title], &categories, owner, seq))
        }),
    ]
}

fn webhook(id: &str, on: bool) -> WebhookSet {
    let (webhook, url) = (WebhookId::new(id).unwrap(), "https://hooks.example.org".to_owned());
    WebhookSet { webhook, url, topics: vec![Topic::Published], on, renew: false }
}

/// The webhooks that a person sees; `None`: they may see none.
fn webhooks(scene: &mut Scene, name: &str) -> Option<Vec<Webhook>> {
    match scene.when(name, WebhooksList {}).ok()? {
        Answer::Webhooks { webhooks } => Some(webhooks),
        other => panic!("{other:?}"),
    }
}

/// Everything that a person may list, as the library answers it, or nothing.
fn listed(scene: &mut Scene, name: &str) -> (BTreeSet<BookId>, BTreeSet<String>) {
    let books = scene.books(name, every_book()).map(|(shelf, total)| {
        assert_eq!(shelf.len(), total as usize, "what is counted is what is shown");
        shelf.into_iter().map(|row| row.id).collect()
    });
    let users = scene.users(name, everybody()).map(|(users, total, _)| {
        assert_eq!(users.len(), total as usize, "what is counted is what is shown");
        users.into_iter().map(|row| row.email).collect()
    });
    (books.unwrap_or_default(), users.unwrap_or_default())
}

fn noticed(after: &Library, before: &Library, deed: &[super::Event], name: &str) -> Noticed {
    let (user, email): (UserId, String) = (user(name), address(name));
    after.noticed(before, deed, &Visitor { user: &user, name, email: Some(&email) })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn everybody_lists_and_notices_what_they_may_and_nothing_else(deeds in vec(deed(), 1..40)) {
        let mut scene = Scene::new();
        for deed in deeds {
            let before = scene.library.clone();
            let seen: Vec<_> = PEOPLE.iter().map(|name| listed(&mut scene, name)).collect();
            let called: Vec<_> = PEOPLE.iter().map(|name| webhooks(&mut scene, name)).collect();
            let (applied, events) = match deed {
                Deed::Command(who, command) => scene.decides(who, &command),
                Deed::Shelve(book) => {
                    let event = super::Event::BookShelved { book };
                    scene.library.apply(&event, scene.now);
                    (true, vec![event])
                }
            };
            scene.library.check_invariants();
            prop_assert!(applied || scene.library == before, "what was refused changes nothing");
            for (name, before_it) in PEOPLE.iter().zip(called) {
                let now = webhooks(&mut scene, name);
                prop_assert_eq!(now.is_some(), scene.library.may(&user(name), Permission::Settings));
                let noticed = noticed(&scene.library, &before, &events, name).webhooks;
                prop_assert_eq!(noticed, now != before_it, "{} is told of webhooks if they see others", name);
            }
            for webhook in scene.library.listening() {
                prop_assert!(scene.library.may(&webhook.by.user, Permission::Settings), "nobody's hears anything");
            }
            for (name, (books, users)) in PEOPLE.iter().zip(seen) {
                let now = listed(&mut scene, name);
                let may: BTreeSet<_> = TITLES.iter().map(|title| BookId::new(title).unwrap())
                    .filter(|book| scene.library.may_with(&user(name), Permission::List, book)).collect();
                prop_assert_eq!(&now.0, &may, "{} lists what they may list", name);
                let noticed = noticed(&scene.library, &before, &events, name);
                prop_assert!(noticed.books || now.0 == books, "{} is told that their books changed", name);
                prop_assert!(noticed.users || now.1 == users, "{} is told that their users changed", name);
                let stranger = scene.library.granted().to(&user(name)).is_none() && before.granted().to(&user(name)).is_none();
                prop_assert!(!stranger || !(noticed.books || noticed.users), "{} hears nothing", name);
            }
        }
        let bytes = rmp_serde::to_vec_named(&scene.library.save()).unwrap();
        prop_assert_eq!(Library::restore(rmp_serde::from_slice(&bytes).unwrap()), scene.library);
    }
}
