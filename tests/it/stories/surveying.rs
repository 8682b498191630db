//! Who worked on the library's books: told of the books that somebody may list, to those who may see reports; and what that
//! comes to, without names, to those who may see analytics.

use std::collections::BTreeSet;

use futures::StreamExt as _;
use quire::book::analytics::Summary;
use quire::book::report::Period;
use quire::hub::survey::OfBook;
use quire_protocol::command::{BookShelve, BookUnshelve, MetadataPatch, MetadataSet, UserRemove};
use quire_protocol::library::{BookScope, Grant, Permission};
use quire_protocol::publishing::PublishState;
use quire_protocol::{BookId, Command, Rejection, What};

use super::managing::verified;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, moby};

/// 1 January 2026, on which every story begins.
const FIRST: u64 = 20_454;

fn days() -> Period {
    Period::new(FIRST, FIRST + 6).unwrap()
}

fn walden() -> BookId {
    BookId::new("walden").unwrap()
}

impl Town {
    async fn surveys(&self, name: &str, period: Period) -> Result<Vec<OfBook>, Rejection> {
        let books: Vec<_> = self.hub.survey(&verified(name), period).await?.books.collect().await;
        books.into_iter().collect()
    }

    async fn analyses(&self, name: &str, period: Period) -> Result<Summary, Rejection> {
        self.hub.analytics(&verified(name), period).await.map(|analysed| analysed.summary)
    }

    /// Ann's library: Moby-Dick, about the sea, where Ann and Ben wrote comments, and Walden.
    async fn of_two_books(&self) -> (Person, Person) {
        let (mut ann, [mut ben]) = self.team([("ben", quire_protocol::Role::Editor)]).await;
        ann.shelves_moby().await;
        let categories = Some(Some(vec!["Sea".to_owned()]));
        let metadata = MetadataPatch { categories, ..MetadataPatch::default() };
        ann.does(MetadataSet { title: None, metadata, base_seq: None }).await.accepted();
        ann.does(remark(1, "t1")).await.accepted();
        ben.does(reply_to("t1", "k2")).await.accepted();
        ann.creates(&walden(), "Walden").await;
        ann.asks(&walden(), Command::Book(BookShelve {}.into())).await.accepted();
        (ann, ben)
    }
}

fn of_category(permission: Permission, category: &str) -> Grant {
    let categories = BTreeSet::from([category.to_owned()]);
    Grant { permission, books: Some(BookScope::Categories(categories)), users: None }
}

fn titles(books: &[OfBook]) -> Vec<&str> {
    books.iter().map(|of| of.book.title.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_books_that_somebody_may_list_are_counted_and_no_others() {
    let town = Town::new();
    let (mut ann, _ben) = town.of_two_books().await;
    let list = of_category(Permission::List, "sea");
    let grants = [list.clone(), Grant::all(Permission::Reports), Grant::all(Permission::Analytics)];
    let _kim = town.user(&mut ann, "kim", &grants).await;
    let _zoe = town.user(&mut ann, "zoe", &grants[1..]).await;

    let all = town.surveys("ann", days()).await.unwrap();
    assert_eq!(titles(&all), ["Moby-Dick", "Walden"]);
    let some = town.surveys("kim", days()).await.unwrap();
    assert_eq!(titles(&some), ["Moby-Dick"]);
    assert_eq!(titles(&town.surveys("zoe", days()).await.unwrap()), [""; 0], "who lists nothing is told of nothing");
    let told = |name: &str| some[0].entries.iter().find(|entry| entry.name.as_deref() == Some(name)).unwrap();
    assert_eq!((told("Ann").counts.comments, told("Ben").counts.comments, told("Ben").day), (1, 1, FIRST));

    let all = town.analyses("ann", days()).await.unwrap();
    assert_eq!((all.books, all.people, all.days.len()), (2, 2, 7));
    assert!(all.states.contains(&(PublishState::Draft, 2)));
    let some = town.analyses("kim", days()).await.unwrap();
    assert_eq!((some.books, some.days[0].people, some.days[0].comments), (1, 2, 2));
    assert_eq!(some.categories[0].name.as_deref(), Some("Sea"));
    let none = town.analyses("zoe", days()).await.unwrap();
    assert_eq!((none.books, none.people, none.categories), (0, 0, vec![]));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_who_lacks_the_permission() {
    let town = Town::new();
    let (mut ann, _ben) = town.of_two_books().await;
    let asked = async |name: &str| {
        let surveyed = town.surveys(name, days()).await.map(|books| books.len() as u64);
        (surveyed, town.analyses(name, days()).await.map(|summary| summary.books))
    };
    let forbidden = || Err(Rejection::Forbidden);
    for permission in Permission::ALL {
        let _kim = town.user(&mut ann, "kim", &[Grant::all(permission)]).await;
        // Who has nothing else lists no book.
        let (reports, analytics) = match permission {
            Permission::Settings => (Ok(2), Ok(2)),
            Permission::Reports => (Ok(0), forbidden()),
            Permission::Analytics => (forbidden(), Ok(0)),
            _ => (forbidden(), forbidden()),
        };
        assert_eq!(asked("kim").await, (reports, analytics), "with {permission:?}");
    }
    let no_such_library = || Err(Rejection::NotFound { what: What::Library });
    ann.shares_library("ivy", &[Grant::all(Permission::Settings)]).await;
    for (name, why) in [("ivy", "asked, not joined"), ("eve", "a stranger"), ("ben", "a member of a book alone")] {
        assert_eq!(asked(name).await, (no_such_library(), no_such_library()), "{why}");
    }
    ann.asks_library(UserRemove { email: "kim@example.com".into() }).await.accepted();
    assert_eq!(asked("kim").await, (no_such_library(), no_such_library()), "removed");
}

#[tokio::test(start_paused = true)]
async fn what_ends_while_books_are_counted_ends_for_the_report() {
    let town = Town::new();
    let (mut ann, _ben) = town.of_two_books().await;
    let grants = [Grant::all(Permission::List), Grant::all(Permission::Reports)];
    let _kim = town.user(&mut ann, "kim", &grants).await;
    let mut books = town.hub.survey(&verified("kim"), days()).await.unwrap().books;
    assert_eq!(books.next().await.unwrap().unwrap().book.book, moby());
    ann.asks(&walden(), Command::Book(BookUnshelve {}.into())).await.accepted();
    assert!(books.next().await.is_none(), "a book that is taken out is passed over");

    let mut books = town.hub.survey(&verified("kim"), days()).await.unwrap().books;
    ann.shares_library("kim", &grants[..1]).await;
    assert_eq!(books.next().await.unwrap().map(|of| of.book.book), Err(Rejection::Forbidden));
    assert!(books.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn one_person_looks_through_the_books_once_at_a_time_and_few_at_once() {
    let town = Town::new();
    let (mut ann, _ben) = town.of_two_books().await;
    let first = town.hub.survey(&verified("ann"), days()).await.unwrap();
    let limit = |max, used| Some(Rejection::LimitReached { limit: "library_reports".into(), max, used });
    assert_eq!(town.hub.survey(&verified("ann"), days()).await.err(), limit(1, 1));
    assert_eq!(town.analyses("ann", days()).await.err(), limit(1, 1));
    let mut others = Vec::new();
    for name in ["kim", "zoe", "ivy", "eve"] {
        town.user(&mut ann, name, &[Grant::all(Permission::Reports)]).await;
        others.push(town.hub.survey(&verified(name), days()).await);
    }
    assert_eq!(others.pop().unwrap().err(), limit(4, 4));
    drop(first);
    assert!(town.hub.survey(&verified("eve"), days()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_book_in_which_nothing_was_done_is_counted_as_one_and_an_old_hold_goes_on() {
    let town = Town::new();
    let (mut ann, _ben) = town.of_two_books().await;
    ann.does(acquire(2)).await.granted();
    let next = |day: u64| Period::new(FIRST + day, FIRST + day).unwrap();
    let held = town.surveys("ann", next(0)).await.unwrap();
    let holds = |books: &[OfBook]| -> u64 { books[0].entries.iter().map(|entry| entry.counts.holds).sum() };
    assert_eq!(holds(&held), 1);
    drop(ann);
    town.passes(std::time::Duration::from_hours(24 * 9)).await;
    let summary = town.analyses("ann", next(8)).await.unwrap();
    assert_eq!((summary.books, summary.people), (2, 0));
    assert_eq!(holds(&town.surveys("ann", next(0)).await.unwrap()), 1, "what was then is told still");
}
