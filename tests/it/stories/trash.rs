//! The trash, and memberships that end.

use std::time::Duration;

use quire_protocol::command::{BookDelete, BookRestore, BooksList, MemberSetEnd};
use quire_protocol::frame::{Answer, ClosedReason};
use quire_protocol::view::BookRow;
use quire_protocol::{Limits, Role, Timers};

use crate::harness::facts::book_closed;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, moby, user};

const DAY: Duration = Duration::from_hours(24);

fn delete(forever: bool) -> BookDelete {
    BookDelete { forever }
}

async fn books(person: &mut Person, trashed: bool) -> Vec<BookRow> {
    match person.asks_hub(BooksList { limit: None, cursor: None, trashed }).await.accepted() {
        Answer::Books { books, .. } => books,
        other => panic!("not a list of books: {other:?}"),
    }
}

/// A town whose hub pings less often, so that days pass quickly. The pings change nothing.
fn quiet_town() -> Town {
    Town::with(Limits::default(), Timers { ping_ms: 15 * 60 * 1000, ..Timers::default() })
}

#[tokio::test(start_paused = true)]
async fn a_book_comes_back_out_of_the_trash_for_everybody() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(acquire(1)).await.granted();
    ann.does(delete(false)).await.accepted();
    assert_eq!(ben.is_told(book_closed).await, ClosedReason::Deleted);
    ben.opens(&moby()).await.refused("not_found");
    ann.opens(&moby()).await.refused("not_found");
    assert_eq!((books(&mut ann, false).await.len(), books(&mut ben, false).await.len()), (0, 0));
    assert_eq!(books(&mut ben, true).await, [], "he could not restore it");
    let until = town.clock.now().plus_ms(Timers::default().trash_ms);
    let row = BookRow { id: moby(), title: "Moby-Dick".into(), role: Some(Role::Owner), trashed_until: Some(until) };
    assert_eq!(books(&mut ann, true).await, [row]);
    ben.does(BookRestore {}).await.refused("not_found");
    ann.forgets_what_was_said();
    ben.forgets_what_was_said();

    ann.does(BookRestore {}).await.accepted();
    assert_eq!(ben.hears_all().await, ["books_changed"]);
    assert_eq!((books(&mut ann, true).await.len(), books(&mut ben, false).await.len()), (0, 1));
    assert_eq!(ben.snapshot().await.chapters.len(), 3);
    ben.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn a_book_that_lay_in_the_trash_for_its_time_is_gone() {
    let timers = Timers { ping_ms: 15 * 60 * 1000, trash_ms: 2 * 24 * 3_600_000, ..Timers::default() };
    let town = Town::with(Limits::default(), timers);
    let (mut ann, []) = town.team([]).await;
    ann.does(delete(false)).await.accepted();
    town.passes_for((DAY * 2).checked_sub(Duration::from_mins(1)).unwrap(), [&mut ann]).await;
    assert_eq!(books(&mut ann, true).await.len(), 1);
    town.passes_for(Duration::from_mins(1), [&mut ann]).await;
    assert_eq!(books(&mut ann, true).await, []);
    ann.does(BookRestore {}).await.refused("not_found");
    ann.does(delete(true)).await.refused("not_found");
}

#[tokio::test(start_paused = true)]
async fn at_its_end_a_membership_ends_for_whoever_looks_on_and_for_whoever_comes_back() {
    let town = quiet_town();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Editor)]).await;
    let until = town.clock.now().plus_ms(3 * 24 * 3_600_000);
    for name in ["ben", "cat"] {
        ann.does(MemberSetEnd { user: user(name), until: Some(until) }).await.accepted();
    }
    let members = ann.snapshot().await.members;
    let ends: Vec<_> = members.iter().map(|member| member.until).collect();
    assert_eq!(ends, [None, Some(until), Some(until)]);
    cat.closes(&moby()).await;
    ben.does(acquire(1)).await.granted();
    town.passes_for((DAY * 3).checked_sub(Duration::from_mins(1)).unwrap(), [&mut ann, &mut ben, &mut cat]).await;
    ben.does(acquire(2)).await.granted();
    ben.rest().await;

    town.passes_for(Duration::from_mins(1), [&mut ann, &mut ben, &mut cat]).await;
    assert_eq!(ben.is_told(book_closed).await, ClosedReason::Removed);
    ben.does(acquire(1)).await.refused("not_found");
    cat.opens(&moby()).await.refused("not_found");
    assert_eq!((books(&mut ben, false).await, books(&mut cat, false).await), (vec![], vec![]));
    assert!(ann.sees_lock(1).await.is_none() && ann.sees_lock(2).await.is_none());
    assert_eq!(ann.snapshot().await.members.len(), 1);
}

/// Nobody had the book in memory when the time was over.
#[tokio::test(start_paused = true)]
async fn whoever_comes_after_the_end_to_a_book_that_nobody_read_since_is_a_stranger() {
    let town = quiet_town();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let until = town.clock.now().plus_ms(3_600_000);
    ann.does(MemberSetEnd { user: user("ben"), until: Some(until) }).await.accepted();
    ann.closes(&moby()).await;
    ben.closes(&moby()).await;
    town.passes_for(DAY, [&mut ann, &mut ben]).await;
    assert_eq!(town.hub.active_books(), 0);
    assert_eq!(books(&mut ben, false).await, []);
    ben.opens(&moby()).await.refused("not_found");
    assert_eq!(ann.snapshot().await.members.len(), 1);
}
