//! What people may do and see, across replicas.

use std::time::Duration;

use quire::book::{Import, Whose};
use quire::hub::import::NewBook;
use quire_protocol::command::Metadata;
use quire_protocol::event::Claim;
use quire_protocol::frame::{ClosedReason, Notice};
use quire_protocol::{BookId, Role};
use tokio::time::Instant;

use super::two_replicas;
use crate::harness::facts::book_closed;
use crate::harness::wishes::*;
use crate::harness::{Town, moby};

#[tokio::test(start_paused = true)]
async fn r7_a_removal_bites_on_the_other_replica_before_it_is_answered() {
    let (_east, _west, mut ann, mut ben) = two_replicas().await;
    ann.does(remove_member("ben")).await.accepted();
    assert_eq!(ben.is_told(book_closed).await, ClosedReason::Removed);
    ann.does(acquire(1)).await.granted();
    assert!(!ben.has_heard().contains(&"lock.acquired"));
}

#[tokio::test(start_paused = true)]
async fn lists_of_people_on_other_replicas_are_announced_to_them() {
    let (_east, west, mut ann, _ben) = two_replicas().await;
    let mut cat = west.arrives("cat").await;
    ann.does(invite("cat", Role::Viewer)).await.accepted();
    cat.is_told(|notice| matches!(notice, Notice::BooksChanged).then_some(())).await;
}

#[tokio::test(start_paused = true)]
async fn r7_a_removal_waits_a_second_for_a_replica_out_of_touch_and_is_made_good_there() {
    let (_east, west, mut ann, mut ben) = two_replicas().await;
    west.line.goes_away();
    let begun = Instant::now();
    ann.does(remove_member("ben")).await.accepted();
    let waited = begun.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_millis(1_100)).contains(&waited), "{waited:?}");
    west.line.comes_back();
    west.passes_for(Duration::from_secs(1), [&mut ann, &mut ben]).await;
    assert_eq!(ben.is_told(book_closed).await, ClosedReason::Removed);
    ben.opens(&moby()).await.refused("not_found");
}

#[tokio::test(start_paused = true)]
async fn r7_a_removal_waits_for_a_replica_that_began_a_moment_ago() {
    let east = Town::shared().await;
    let (mut ann, [mut ben]) = east.team([("ben", Role::Editor)]).await;
    east.passes_for(Duration::from_secs(31), [&mut ann, &mut ben]).await;
    ben.closes_tab().await;
    let west = east.beside();
    west.hub.may_begin().await;
    let mut ben = west.arrives("ben").await;
    ben.opens(&moby()).await.accepted();
    east.passes_for(Duration::from_millis(200), [&mut ann, &mut ben]).await;
    west.line.goes_away();
    let begun = Instant::now();
    ann.does(remove_member("ben")).await.accepted();
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_imported_book_is_claimed_by_somebody_on_another_replica() {
    let (east, west, _ann, _ben) = two_replicas().await;
    let mut cat = west.arrives("cat").await;
    let book = BookId::new("omoo").unwrap();
    let import = Import {
        title: "Omoo".into(),
        metadata: Metadata::default(),
        chapters: Vec::new(),
        whose: Whose::Claim(Claim::Address("cat@example.com".into())),
    };
    let new = NewBook { import, texts: Vec::new(), pictures: Vec::new() };
    east.hub.import(&book, new, &|_, _, _| {}).await.unwrap();
    cat.is_told(|notice| matches!(notice, Notice::BooksChanged).then_some(())).await;
    cat.opens(&book).await.accepted();
}
