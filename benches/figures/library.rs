//! What a large library costs: to load, and to ask.

use quire::library::{Context, Event, Library, Saved, Shelved, Visitor};
use quire_protocol::answer::Answer;
use quire_protocol::command::{LibraryBooks, LibraryCommand, UsersList};
use quire_protocol::event::Person;
use quire_protocol::library::{BookScope, Grant, Permission, UserDetails, UserFilter};
use quire_protocol::publishing::PublishState;
use quire_protocol::{BookId, Limits, Seq, Timers, Timestamp, UserId};
use tokio::time::Instant;

use crate::Figure;
use crate::process::own_kib;

const USERS: u32 = 100_000;
const BOOKS: u32 = 50_000;
const GRANTEES: u32 = 10_000;
const QUESTIONS: u32 = 1_000_000;
const LISTINGS: u32 = 50;
const CHANGES: u32 = 1_000;
const COUNTRIES: [&str; 8] = ["DE", "FR", "KE", "US", "BR", "IN", "JP", "ZA"];

/// Before the path of a snapshot that a process of its own shall hold.
const HOLDS: &str = "library-holds=";

pub(crate) fn figures() -> Vec<Figure> {
    let bytes = rmp_serde::to_vec_named(&large().save()).expect("a library is plain data");
    let begun = Instant::now();
    let library = loaded(&bytes);
    let took = begun.elapsed();
    let size = format!("{USERS} users, {BOOKS} books, {GRANTEES} of them with permissions");
    let mut figures = vec![
        Figure::new(
            format!("library: load a snapshot, {size} ({:.0} MB)", megabytes(bytes.len())),
            format!("{:.2} s", took.as_secs_f64()),
        ),
        Figure::new("library: memory of a process that holds it", held(&bytes)),
        Figure::new("library: may this user do this with this book", format!("{:.2} µs", ask(&library))),
        Figure::new("library: a change of a user, and of a book's title", changes(&library)),
    ];
    let viewers = [(0, "everything"), (10, "one category"), (20, "own books"), (40, "20 titles"), (30, "one country")];
    for (viewer, may) in viewers {
        for (what, command) in listings(viewer) {
            let what = format!("{what}, first page and count, for somebody with {may}");
            figures.push(listing(&library, &what, viewer, &command));
        }
    }
    figures
}

fn loaded(bytes: &[u8]) -> Library {
    let saved: Saved = rmp_serde::from_slice(bytes).expect("it was written a moment ago");
    Library::restore(saved)
}

/// Holds a library and nothing else, and says what that takes, if this process was started for that.
pub(crate) fn holds_if_asked(arguments: &[String]) -> bool {
    let Some(path) = arguments.iter().find_map(|argument| argument.strip_prefix(HOLDS)) else { return false };
    let before = own_kib("VmRSS:");
    let library = loaded(&std::fs::read(path).expect("the snapshot was written"));
    let (now, most) = (own_kib("VmRSS:") - before, own_kib("VmHWM:") - before);
    println!("{} MB, {} MB while it is loaded", now / 1_000, most / 1_000);
    std::hint::black_box(library);
    true
}

fn held(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("snapshot");
    std::fs::write(&path, bytes).expect("there is room");
    let program = std::env::current_exe().expect("this is a program");
    let said = std::process::Command::new(program).arg(format!("{HOLDS}{}", path.display())).output();
    let said = said.expect("it can be started");
    assert!(said.status.success(), "{said:?}");
    String::from_utf8(said.stdout).expect("it says words").trim().to_owned()
}

/// What is asked of a library: of its users by whoever may list some, of its books by the others.
fn listings(viewer: u32) -> Vec<(&'static str, LibraryCommand)> {
    let books = |search: Option<&str>, category: Option<&str>| {
        let (search, category) = (search.map(Into::into), category.map(Into::into));
        LibraryBooks { search, category, state: None, limit: Some(50), cursor: None }.into()
    };
    let users = |search: Option<&str>, countries: &[&str]| {
        let (search, roles) = (search.map(Into::into), Vec::new());
        let countries = countries.iter().map(|country| (*country).to_owned()).collect();
        UsersList { search, countries, roles, state: None, limit: Some(50), cursor: None }.into()
    };
    let of_books = [
        ("books", books(None, None)),
        ("books by category", books(None, Some("Category 7"))),
        ("books by a search", books(Some("number 123"), None)),
        ("books by a search for one letter", books(Some("e"), None)),
    ];
    let of_users = [
        ("users", users(None, &[])),
        ("users of two countries by a search", users(Some("person 12"), &["KE", "FR"])),
        ("users by a search for one letter", users(Some("e"), &[])),
    ];
    match viewer {
        0 => of_books.into_iter().chain(of_users).collect(),
        30 => of_users.into(),
        _ => of_books.into(),
    }
}

/// Microseconds for each of the two.
fn changes(library: &Library) -> String {
    let mut library = library.clone();
    let now = Timestamp(3);
    let begun = Instant::now();
    for number in 0..CHANGES {
        let details = UserDetails { name: Some(format!("Changed {number}")), ..UserDetails::default() };
        let email = email(number * 97 % USERS);
        library.apply(&Event::UserUpdated { email, details, active: true }, now);
    }
    let users = begun.elapsed();
    let begun = Instant::now();
    for number in 0..CHANGES {
        let book = Shelved {
            book: book(number * 37 % BOOKS),
            seq: Seq(u64::from(number) + 2),
            title: format!("Changed {number}"),
            categories: Vec::new(),
            state: PublishState::Draft,
            revision: None,
            owner: None,
        };
        library.apply(&Event::BookShelved { book }, now);
    }
    let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / f64::from(CHANGES);
    format!("{:.0} µs, {:.0} µs", each(users), each(begun.elapsed()))
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
        library.apply(&Event::UserAdded { email: email.clone(), details, asked_until: now, mail: None }, now);
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
            state: PublishState::Draft,
            revision: None,
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

fn listing(library: &Library, what: &str, viewer: u32, command: &LibraryCommand) -> Figure {
    let (limits, timers, user) = (Limits::default(), Timers::default(), user(viewer));
    let context = Context {
        visitor: Visitor { user: &user, name: "Person", email: None },
        now: Timestamp(2),
        claim: None,
        limits: &limits,
        timers: &timers,
        mails: false,
    };
    let begun = Instant::now();
    let mut total = 0;
    for _ in 0..LISTINGS {
        let decision = library.decide(&context, command).expect("whoever may do something may list");
        total = match library.answer(&context, &decision.reply).expect("it is answered") {
            Answer::Users { total, .. } | Answer::LibraryBooks { total, .. } => total,
            other => panic!("no list: {other:?}"),
        };
    }
    let each = begun.elapsed().as_secs_f64() * 1e3 / f64::from(LISTINGS);
    Figure::new(format!("library: {what} ({total})"), format!("{each:.2} ms"))
}

#[expect(clippy::cast_precision_loss, reason = "it is told in megabytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
