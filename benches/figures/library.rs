//! What a large library costs: to load, and to ask.

use quire::library::{Context, Event, Library, Saved, Shelved, Visitor};
use quire_protocol::command::{LibraryBooks, LibraryCommand, UsersList};
use quire_protocol::event::Person;
use quire_protocol::library::{BookScope, Grant, Permission, UserDetails, UserFilter};
use quire_protocol::{BookId, Limits, Seq, Timers, Timestamp, UserId};
use tokio::time::Instant;

use crate::Figure;

const USERS: u32 = 100_000;
const BOOKS: u32 = 50_000;
const GRANTEES: u32 = 10_000;
const QUESTIONS: u32 = 1_000_000;
const LISTINGS: u32 = 50;
const COUNTRIES: [&str; 8] = ["DE", "FR", "KE", "US", "BR", "IN", "JP", "ZA"];

pub(crate) fn figures() -> Vec<Figure> {
    let bytes = rmp_serde::to_vec_named(&large().save()).expect("a library is plain data");
    let begun = Instant::now();
    let saved: Saved = rmp_serde::from_slice(&bytes).expect("it was written a moment ago");
    let library = Library::restore(saved);
    let loaded = begun.elapsed();
    let size = format!("{USERS} users, {BOOKS} books, {GRANTEES} of them with permissions");
    vec![
        Figure::new(
            format!("library: load a snapshot, {size} ({:.0} MB)", megabytes(bytes.len())),
            format!("{:.2} s", loaded.as_secs_f64()),
        ),
        Figure::new("library: may this user do this with this book", format!("{:.2} µs", ask(&library))),
        listing(
            &library,
            "books by category, first page and count",
            &LibraryCommand::LibraryBooks(LibraryBooks {
                search: None,
                category: Some("Category 7".into()),
                limit: Some(50),
                cursor: None,
            }),
        ),
        listing(
            &library,
            "books by a search, first page and count",
            &LibraryCommand::LibraryBooks(LibraryBooks {
                search: Some("number 123".into()),
                category: None,
                limit: Some(50),
                cursor: None,
            }),
        ),
        listing(
            &library,
            "users of two countries by a search, first page and count",
            &LibraryCommand::UsersList(UsersList {
                search: Some("person 12".into()),
                countries: vec!["KE".into(), "FR".into()],
                roles: Vec::new(),
                state: None,
                limit: Some(50),
                cursor: None,
            }),
        ),
    ]
}

fn user(number: u32) -> UserId {
    UserId::new(&format!("user-{number}")).expect("letters and digits are an id")
}

fn email(number: u32) -> String {
    format!("person{number}@example.org")
}

fn book(number: u32) -> BookId {
    BookId::new(&format!("book-{number}")).expect("letters and digits are an id")
}

/// Everybody joined; each tenth user may do something, bounded like this or like that. User 0 may do everything.
fn large() -> Library {
    let mut library = Library::default();
    let now = Timestamp(1);
    for number in 0..USERS {
        let (email, name) = (email(number), format!("Person {number}"));
        let country = COUNTRIES[number as usize % COUNTRIES.len()].to_owned();
        let details = UserDetails {
            name: Some(name.clone()),
            organisation: Some(format!("House {}", number % 500)),
            country: Some(country),
            role: Some(format!("role {}", number % 20)),
            department: None,
        };
        library.apply(&Event::UserAdded { email: email.clone(), details, asked_until: now }, now);
        if number % (USERS / GRANTEES) == 0 {
            library.apply(&Event::UserGranted { email: email.clone(), grants: grants(number) }, now);
        }
        library.apply(&Event::UserJoined { email, user: Person { user: user(number), name } }, now);
    }
    for number in 0..BOOKS {
        let owner = Person { user: user(number * 2), name: format!("Person {}", number * 2) };
        let book = Shelved {
            book: book(number),
            seq: Seq(1),
            title: format!("The book of number {number}"),
            categories: vec![format!("Category {}", number % 40)],
            owner: Some(owner),
        };
        library.apply(&Event::BookShelved { book }, now);
    }
    library
}

fn grants(number: u32) -> Vec<Grant> {
    let about = |permission, scope| Grant { permission, books: Some(scope), users: None };
    let some = |prefix: &str, count: u32| (0..count).map(|other| format!("{prefix} {}", number + other)).collect();
    if number == 0 {
        return vec![Grant::all(Permission::Settings)];
    }
    match number / 10 % 4 {
        0 => vec![about(Permission::Edit, BookScope::Titles(some("The book of number", 20)))],
        1 => vec![about(Permission::Edit, BookScope::Categories([format!("Category {}", number % 40)].into()))],
        2 => vec![about(Permission::Publish, BookScope::Own), Grant::all(Permission::Upload)],
        _ => {
            let users = UserFilter { countries: Some(["KE".to_owned()].into()), roles: None };
            vec![Grant { permission: Permission::ListUsers, books: None, users: Some(users) }]
        }
    }
}

/// Microseconds for one question, over users with and without permissions.
fn ask(library: &Library) -> f64 {
    let users: Vec<UserId> = (0..1_000).map(|number| user(number * 10)).collect();
    let books: Vec<BookId> = (0..1_000).map(|number| book(number * 37 % BOOKS)).collect();
    let begun = Instant::now();
    let mut allowed = 0_u32;
    for question in 0..QUESTIONS {
        let (user, book) = (&users[question as usize % 1_000], &books[(question / 7) as usize % 1_000]);
        allowed += u32::from(library.may_with(user, Permission::Edit, book));
    }
    assert!(allowed > 0 && allowed < QUESTIONS, "some may and some may not");
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(QUESTIONS)
}

fn listing(library: &Library, what: &str, command: &LibraryCommand) -> Figure {
    let (limits, timers, owner) = (Limits::default(), Timers::default(), user(0));
    let context = Context {
        visitor: Visitor { user: &owner, name: "Person 0", email: None },
        now: Timestamp(2),
        claim: None,
        limits: &limits,
        timers: &timers,
    };
    let begun = Instant::now();
    for _ in 0..LISTINGS {
        let decision = library.decide(&context, command).expect("whoever may do everything may list");
        let answer = library.answer(&context, &decision.reply).expect("it is answered");
        std::hint::black_box(answer);
    }
    let each = begun.elapsed().as_secs_f64() * 1e3 / f64::from(LISTINGS);
    Figure::new(format!("library: {what}"), format!("{each:.1} ms"))
}

#[expect(clippy::cast_precision_loss, reason = "it is told in megabytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
