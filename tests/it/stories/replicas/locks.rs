//! Locks across replicas: one holder, who is never forgotten and never robbed.

use std::time::Duration;

use quire::store::LogId;
use quire_protocol::event::{By, Cause, ReleaseReason};
use quire_protocol::frame::Notice;
use quire_protocol::{Limits, Timers};
use tokio::time::Instant;

use super::{drains, three_replicas, two_replicas, two_replicas_with};
use crate::harness::facts::{acquired_by, by, lost, rehomed_to, released};
use crate::harness::wishes::*;
use crate::harness::{TabEnd, moby};

#[tokio::test(start_paused = true)]
async fn r4_a_lock_follows_its_tab_to_another_replica_under_a_new_token() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    let old = ben.does(acquire(1)).await.granted();
    let mut ben = ben.drops_connection().comes_back(&east).await.unwrap();
    ben.opens(&moby()).await.accepted();
    assert!(ann.hears(rehomed_to(ben.session())).await > old);
    // The grace of the connection that ended on the other replica ends nothing.
    west.passes_for(Duration::from_secs(30), [&mut ann, &mut ben]).await;
    assert_eq!(ann.sees_lock(1).await.unwrap().holder.session, ben.session());
}

#[tokio::test(start_paused = true)]
async fn a_dead_replica_s_locks_are_freed_after_its_lease_and_the_grace() {
    let (_east, west, mut ann, mut ben) = two_replicas().await;
    ben.does(acquire(1)).await.granted();
    west.line.is_cut();
    drop(ben);
    west.passes_for(Duration::from_secs(15), [&mut ann]).await;
    assert!(ann.sees_lock(1).await.unwrap().away);
    west.passes_for(Duration::from_secs(12), [&mut ann]).await;
    assert_eq!(ann.hears_frame(released(ReleaseReason::ReplicaLost)).await, By::System { system: Cause::ReplicaLost });
    ann.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn r15_whoever_comes_back_within_the_grace_of_a_dead_replica_keeps_the_lock() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    ben.does(acquire(1)).await.granted();
    west.line.is_cut();
    let ben = ben.drops_connection();
    west.passes_for(Duration::from_secs(15), [&mut ann]).await;
    let mut ben = ben.comes_back(&east).await.unwrap();
    ben.opens(&moby()).await.accepted();
    ann.hears(rehomed_to(ben.session())).await;
    west.passes_for(Duration::from_secs(30), [&mut ann, &mut ben]).await;
    assert_eq!(ann.sees_lock(1).await.unwrap().holder.session, ben.session());
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_replica_held_in_a_book_that_nobody_has_open_is_freed_too() {
    let (east, west, ann, mut ben) = two_replicas().await;
    ann.closes_tab().await;
    ben.does(acquire(1)).await.granted();
    east.passes_for(Duration::from_secs(40), [&mut ben]).await;
    west.line.is_cut();
    drop(ben);
    east.passes(Duration::from_mins(1)).await;
    let mut ann = east.arrives("ann").await;
    ann.opens(&moby()).await.accepted();
    assert!(ann.sees_lock(1).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_waits_on_another_replica_gets_the_chapter_next() {
    let (_east, _west, mut ann, mut ben) = two_replicas().await;
    let token = ann.does(acquire(1)).await.granted();
    assert_eq!(ben.does(queue_for(1)).await.queued(), 1);
    ann.is_told(|notice| matches!(notice, Notice::LockWanted { .. }).then_some(())).await;
    ann.does(release(1, token)).await.accepted();
    let his = ben.hears(acquired_by(ben.session())).await;
    assert!(his > token);
    ben.does(release(1, his)).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn a_chapter_is_handed_over_to_a_tab_on_another_replica() {
    let (_east, _west, mut ann, mut ben) = two_replicas().await;
    let token = ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    ann.does(hand_over(1, token, ben.session())).await.accepted();
    let his = ben.hears(acquired_by(ben.session())).await;
    ann.does(release(1, token)).await.refused("not_holder");
    ben.does(release(1, his)).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn a_take_over_is_told_to_the_loser_on_another_replica() {
    let (_east, _west, mut ann, mut ben) = two_replicas().await;
    let old = ben.does(acquire(1)).await.granted();
    let hers = ann.does(take_over(1, "the printer waits")).await.granted();
    let (by_whom, note) = ben.is_told(lost(ReleaseReason::Forced)).await;
    assert_eq!((by_whom, note.as_deref()), (by(&ann), Some("the printer waits")));
    assert!(hers > old);
    ben.does(release(1, old)).await.refused("not_holder");
}

#[tokio::test(start_paused = true)]
async fn of_two_survivors_who_notice_at_once_one_frees_each_lock() {
    let ([east, west, south], [mut ann, mut ben, mut cat]) = three_replicas().await;
    for number in 1..=3 {
        ben.does(acquire(number)).await.granted();
    }
    west.line.is_cut();
    drop(ben);
    east.passes_for(Duration::from_secs(40), [&mut ann, &mut cat]).await;
    for person in [&mut ann, &mut cat] {
        let released = person.has_heard().iter().filter(|kind| **kind == "lock.released").count();
        assert_eq!(released, 3);
    }
    drop((west, south));
}

#[tokio::test(start_paused = true)]
async fn a_holder_whose_book_had_to_be_loaded_anew_and_who_never_comes_back_is_freed() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    ben.does(acquire(1)).await.granted();
    west.settles().await;
    east.memory().fails_over(&LogId::Book(moby()), 1);
    let resumed = TabEnd(Some(4050));
    assert_eq!((ann.is_sent_away().await, ben.is_sent_away().await), (resumed, resumed));
    drop(ben);
    // By now every replica knows.
    east.passes(Duration::from_secs(2)).await;
    // Nobody opens the book on the replica that serves the holder, and that replica lives.
    let mut ann = ann.drops_connection().comes_back(&east).await.unwrap();
    ann.opens(&moby()).await.accepted();
    assert!(ann.sees_lock(1).await.is_some());
    east.passes_for(Duration::from_secs(15), [&mut ann]).await;
    assert!(ann.sees_lock(1).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_missed_where_a_tab_went_still_frees_what_it_held_there() {
    let ([east, west, south], [mut ann, mut ben, cat]) = three_replicas().await;
    ben.does(acquire(1)).await.granted();
    east.line.goes_deaf();
    let mut ben = ben.drops_connection().comes_back(&east).await.unwrap();
    ben.opens(&moby()).await.accepted();
    let gone = ben.drops_connection();
    // The tab leaves the east for the south, which is killed before the east hears of it.
    let mut ben = gone.comes_back(&south).await.unwrap();
    ben.opens(&moby()).await.accepted();
    south.line.is_cut();
    drop((ben, cat));
    east.passes_for(Duration::from_secs(2), [&mut ann]).await;
    east.line.hears_again();
    east.passes_for(Duration::from_secs(45), [&mut ann]).await;
    assert!(ann.sees_lock(1).await.is_none());
    drop(west);
}

#[tokio::test(start_paused = true)]
async fn no_deploy_begins_the_idle_time_of_a_lock_anew() {
    // A day of comparing positions each second takes too long to tell.
    let timers = Timers { lock_idle_ms: 1_800_000, lock_idle_notice_ms: 300_000, ..Timers::default() };
    let (east, mut west, mut ann, mut ben) = two_replicas_with(Limits::default(), timers).await;
    ben.does(acquire(1)).await.granted();
    let begun = Instant::now();
    for _ in 0..5 {
        east.passes_for(Duration::from_mins(5), [&mut ann, &mut ben]).await;
        let next = east.beside();
        next.hub.may_begin().await;
        let gone = ben.duplicates();
        let drain = drains(&west);
        assert_eq!(ben.is_sent_away().await, TabEnd(Some(4013)));
        drop(ben);
        drain.await.unwrap();
        ben = gone.comes_back_after(&next, begun.elapsed(), gone.incarnation() + 1).await.unwrap();
        ben.opens(&moby()).await.accepted();
        west = next;
    }
    let left = Duration::from_mins(30).saturating_sub(begun.elapsed());
    east.passes_for(left.saturating_sub(Duration::from_mins(1)), [&mut ann, &mut ben]).await;
    assert_eq!(ann.sees_lock(1).await.unwrap().holder.session, ben.session());
    east.passes_for(Duration::from_mins(2), [&mut ann, &mut ben]).await;
    assert!(ann.sees_lock(1).await.is_none());
}
