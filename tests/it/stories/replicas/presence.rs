//! Who is here, whichever replica serves them.

use std::time::Duration;

use quire_protocol::frame::{Presence, PresenceSet};
use quire_protocol::view::PresenceState;
use quire_protocol::{ChapterId, Limits, Timers};
use tokio::time::Instant;

use super::{three_replicas, two_replicas, two_replicas_with};
use crate::harness::{Person, TabEnd, chapter, moby, user};

fn goes_to(number: u32) -> PresenceSet {
    PresenceSet { book: moby(), chapter: Some(Some(chapter(number))), cursor: None }
}

fn joined(name: &'static str) -> impl Fn(&Presence) -> Option<()> {
    move |presence| presence.joined.iter().any(|entry| entry.user == user(name)).then_some(())
}

fn left(person: &Person) -> impl Fn(&Presence) -> Option<()> + use<> {
    let session = person.session();
    move |presence| presence.left.contains(&session).then_some(())
}

fn is_in(person: &Person, place: ChapterId) -> impl Fn(&Presence) -> Option<()> + use<> {
    let session = person.session();
    move |presence| {
        let there = Some(place.clone());
        let came = presence.joined.iter().any(|entry| entry.session == session && entry.chapter == there);
        let moved =
            || presence.moved.iter().any(|moved| moved.session == session && moved.chapter == Some(there.clone()));
        (came || moved()).then_some(())
    }
}

fn became(person: &Person, state: PresenceState) -> impl Fn(&Presence) -> Option<()> + use<> {
    let session = person.session();
    move |presence| {
        presence.moved.iter().any(|change| change.session == session && change.state == Some(state)).then_some(())
    }
}

#[tokio::test(start_paused = true)]
async fn people_on_two_replicas_see_each_other_come_move_and_go() {
    let (_east, west, mut ann, mut ben) = two_replicas().await;
    assert!(ben.sees().await.roster.iter().any(|entry| entry.user == user("ann")));
    assert!(ann.sees().await.roster.iter().any(|entry| entry.user == user("ben")));
    ben.sends(&goes_to(1)).await;
    ann.notices(is_in(&ben, chapter(1))).await;
    let leaving = left(&ben);
    ben.closes_tab().await;
    ann.notices(leaving).await;
    let mut ben = west.arrives("ben").await;
    ben.opens(&moby()).await.accepted();
    ann.notices(joined("ben")).await;
}

#[tokio::test(start_paused = true)]
async fn presence_that_was_lost_on_the_way_is_made_good_by_the_next_digest() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    east.line.goes_deaf();
    ben.sends(&goes_to(2)).await;
    west.passes_for(Duration::from_secs(1), [&mut ann, &mut ben]).await;
    assert_eq!(ann.presence().await.len(), 0);
    east.line.hears_again();
    west.passes_for(Duration::from_secs(4), [&mut ann, &mut ben]).await;
    ann.notices(is_in(&ben, chapter(2))).await;
}

#[tokio::test(start_paused = true)]
async fn a_tab_that_vanished_on_one_replica_is_away_on_the_other() {
    let (_east, west, mut ann, ben) = two_replicas().await;
    let (away, gone) = (became(&ben, PresenceState::Away), left(&ben));
    ben.drops_connection();
    ann.notices(away).await;
    west.passes_for(Duration::from_secs(11), [&mut ann]).await;
    ann.notices(gone).await;
}

#[tokio::test(start_paused = true)]
async fn no_ghost_outlives_the_lease_of_its_replica() {
    let (_east, west, mut ann, ben) = two_replicas().await;
    let gone = left(&ben);
    west.line.is_cut();
    drop(ben);
    west.passes_for(Duration::from_secs(14), [&mut ann]).await;
    ann.notices(gone).await;
    assert_eq!(ann.sees().await.roster.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_tab_that_resumes_on_another_replica_ends_its_connection_on_the_first() {
    let (east, west, ann, mut ben) = two_replicas().await;
    let mut there = ben.duplicates().comes_back(&east).await.unwrap();
    there.opens(&moby()).await.accepted();
    assert_eq!(ben.is_sent_away().await, TabEnd(Some(4009)));
    west.settles().await;
    drop(ann);
}

#[tokio::test(start_paused = true)]
async fn everything_is_seen_on_the_other_replica_within_a_second() {
    let (_east, west, mut ann, ben) = two_replicas().await;
    let leaving = left(&ben);
    let begun = Instant::now();
    ben.closes_tab().await;
    ann.notices(leaving).await;
    let mut ben = west.arrives("ben").await;
    ben.opens(&moby()).await.accepted();
    ann.notices(joined("ben")).await;
    ben.sends(&PresenceSet { cursor: Some(Some("line 9".into())), ..goes_to(3) }).await;
    let session = ben.session();
    let moved = |presence: &Presence| presence.moved.iter().find(|moved| moved.session == session).cloned();
    let seen = ann.notices(moved).await;
    assert_eq!((seen.chapter, seen.cursor), (Some(Some(chapter(3))), Some(Some("line 9".into()))));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn signals_that_come_late_twice_or_in_another_order_leave_no_ghosts() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    east.line.is_unruly();
    west.line.is_unruly();
    for number in 1..=20 {
        let mut tab = east.arrives("ann").await;
        tab.opens(&moby()).await.accepted();
        tab.sends(&goes_to(number % 3 + 1)).await;
        east.passes_for(Duration::from_millis(u64::from(number) * 20), [&mut ann, &mut ben]).await;
        tab.closes_tab().await;
    }
    east.passes_for(Duration::from_secs(8), [&mut ann, &mut ben]).await;
    assert_eq!(ben.sees().await.roster, ann.sees().await.roster);
    assert_eq!(ben.sees().await.roster_count, 2);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_resumes_on_a_third_replica_ends_where_it_was_before() {
    let ([east, west, south], [mut ann, mut ben, cat]) = three_replicas().await;
    // West does not hear that the tab went to the south, and keeps its place there.
    west.line.goes_deaf();
    let mut there = ben.duplicates().comes_back(&south).await.unwrap();
    there.opens(&moby()).await.accepted();
    east.passes_for(Duration::from_secs(1), [&mut ann, &mut ben, &mut there]).await;
    west.line.hears_again();
    assert_eq!(ben.is_sent_away().await, TabEnd(Some(4009)));
    drop(ben);
    east.passes_for(Duration::from_secs(15), [&mut ann, &mut there]).await;
    drop(cat);
    let roster = ann.sees().await.roster;
    assert_eq!(roster.iter().filter(|entry| entry.session == there.session()).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn sessions_of_all_replicas_count_against_the_limit_of_a_book() {
    let limits = Limits { sessions_per_book: 4, ..Limits::default() };
    let (east, west, mut ann, _ben) = two_replicas_with(limits, Timers::default()).await;
    let mut others = Vec::new();
    for town in [&east, &west] {
        let mut tab = town.arrives("ann").await;
        tab.opens(&moby()).await.accepted();
        others.push(tab);
    }
    east.passes(Duration::from_millis(200)).await;
    assert_eq!(ann.sees().await.roster_count, 4);
    for town in [&east, &west] {
        town.arrives("ann").await.opens(&moby()).await.refused("limit_reached");
    }
}
