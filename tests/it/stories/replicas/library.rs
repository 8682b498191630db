//! The library, across replicas.

use std::time::Duration;

use quire_protocol::command::{LibraryJoin, LibraryOpen};
use quire_protocol::frame::ClosedReason;
use quire_protocol::library::{Grant, Permission};

use crate::harness::facts::book_closed;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, moby};

/// Ann's town, where Moby-Dick is in the library, and another replica; ben may edit by the library alone and has the book
/// open there, with its first chapter in his hands.
async fn visited() -> (Town, Town, Person, Person) {
    let east = Town::shared().await;
    let (mut ann, []) = east.team([]).await;
    ann.shelves_moby().await;
    ann.shares_library("ben", &[Grant::all(Permission::Edit)]).await;
    let west = east.beside();
    west.hub.may_begin().await;
    let mut ben = west.arrives("ben").await;
    ben.asks_library(LibraryJoin {}).await.accepted();
    ben.sees().await;
    ben.does(acquire(1)).await.granted();
    east.passes_for(Duration::from_millis(200), [&mut ann, &mut ben]).await;
    ben.rest().await;
    (east, west, ann, ben)
}

#[tokio::test(start_paused = true)]
async fn r7_what_is_taken_bites_on_the_other_replica_before_that_is_answered() {
    let (_east, _west, mut ann, mut ben) = visited().await;
    ann.shares_library("ben", &[]).await;
    assert_eq!(ben.is_told(book_closed).await, ClosedReason::Removed);
    ann.does(acquire(1)).await.granted();
    assert!(!ben.has_heard().contains(&"lock.acquired"));
}

#[tokio::test(start_paused = true)]
async fn r7_who_is_let_in_by_the_library_alone_is_sent_to_resume_when_it_cannot_be_asked() {
    let (_east, west, mut ann, mut ben) = visited().await;
    west.line.goes_away();
    ann.shares_library("ben", &[]).await;
    // A mail that needs no store is enough for the book to look.
    let gone = ben.duplicates();
    west.passes_for(Duration::from_secs(1), [&mut ann]).await;
    ben.is_active().await;
    ben.is_sent_away_over(4050, "resume").await;
    west.line.comes_back();
    west.passes_for(Duration::from_secs(2), [&mut ann]).await;
    let mut ben = gone.comes_back(&west).await.unwrap();
    ben.opens(&moby()).await.refused("not_found");
}

#[tokio::test(start_paused = true)]
async fn a_library_that_another_replica_changed_is_seen_here() {
    let (_east, west, mut ann, mut ben) = visited().await;
    ben.sees_library().await;
    ann.shares_library("ben", &[Grant::all(Permission::Settings)]).await;
    west.passes_for(Duration::from_millis(10), [&mut ann, &mut ben]).await;
    assert!(ben.has_heard().contains(&"library_changed"));
    assert_eq!(ben.sees_library().await.can, Permission::ALL);
    // Both change it at the same time; neither loses what the other said.
    let (east_share, west_share) = (ann.shares_library("kim", &[]), ben.shares_library("una", &[]));
    tokio::join!(east_share, west_share);
    assert_eq!(ann.sees_library().await.users, 3);
    ann.asks_library(LibraryOpen {}).await.accepted();
}
