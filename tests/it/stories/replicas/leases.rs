//! A replica that is gone, was away, or was paused.

use std::time::Duration;

use quire_protocol::Role;
use quire_protocol::event::ReleaseReason;
use tokio::time::Instant;

use super::two_replicas;
use crate::harness::facts::{acquired_by, released};
use crate::harness::wishes::*;
use crate::harness::{LostAnswer, TabEnd, Town, moby};

#[tokio::test(start_paused = true)]
async fn r11_a_store_that_was_away_does_not_make_healthy_replicas_reap_each_other() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    ben.does(acquire(1)).await.granted();
    east.line.goes_away();
    west.line.goes_away();
    east.passes_for(Duration::from_mins(1), [&mut ann, &mut ben]).await;
    east.line.comes_back();
    west.line.comes_back();
    // Both leases lapsed: everybody resumes, and the lock is still there.
    let resumed = TabEnd(Some(4050));
    assert_eq!((ann.is_sent_away().await, ben.is_sent_away().await), (resumed, resumed));
    let mut ben = ben.duplicates().comes_back(&west).await.unwrap();
    ben.opens(&moby()).await.accepted();
    assert_eq!(ben.sees_lock(1).await.unwrap().holder.session, ben.session());
    east.passes_for(Duration::from_mins(1), [&mut ben]).await;
    assert_eq!(ben.sees_lock(1).await.unwrap().holder.session, ben.session());
}

#[tokio::test(start_paused = true)]
async fn r12_a_replica_whose_lease_may_be_over_writes_nothing_and_keeps_its_sockets() {
    let (_east, west, mut ann, mut ben) = two_replicas().await;
    west.line.goes_away();
    west.passes_for(Duration::from_secs(12), [&mut ann, &mut ben]).await;
    ben.does(acquire(1)).await.refused("unavailable");
    assert!(!ben.has_ended());
    assert!(!west.hub.is_ready().await);
}

#[tokio::test(start_paused = true)]
async fn r11_a_paused_replica_contradicts_nothing_when_it_wakes() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    let token = ben.does(acquire(1)).await.granted();
    west.line.goes_away();
    west.passes_for(Duration::from_secs(30), [&mut ann, &mut ben]).await;
    ann.hears_frame(released(ReleaseReason::ReplicaLost)).await;
    let hers = ann.does(acquire(1)).await.granted();
    assert!(hers > token);
    west.line.comes_back();
    ben.wishes(&moby(), release(1, token)).await;
    assert_eq!(ben.is_sent_away().await, TabEnd(Some(4050)));
    let mut ben = ben.duplicates().comes_back(&west).await.unwrap();
    ben.opens(&moby()).await.accepted();
    assert_eq!(ben.sees_lock(1).await.unwrap().token, hers);
    assert_eq!(east.hub.active_books(), 1);
}

#[tokio::test(start_paused = true)]
async fn r11_a_replica_that_began_a_moment_ago_is_not_taken_for_dead() {
    let east = Town::shared().await;
    let (mut ann, [mut ben]) = east.team([("ben", Role::Editor)]).await;
    east.passes_for(Duration::from_secs(31), [&mut ann, &mut ben]).await;
    ben.closes_tab().await;
    let west = east.beside();
    west.hub.may_begin().await;
    let mut ben = west.arrives("ben").await;
    ben.opens(&moby()).await.accepted();
    ben.does(acquire(1)).await.granted();
    ann.hears(acquired_by(ben.session())).await;
    assert!(!ann.sees_lock(1).await.unwrap().away);
    assert_ne!(east.hub.replica, west.hub.replica);
}

#[tokio::test(start_paused = true)]
async fn r11_replicas_that_were_paused_together_reap_nobody() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    east.passes_for(Duration::from_secs(20), [&mut ann, &mut ben]).await;
    ben.does(acquire(1)).await.granted();
    east.memory().lose_everything();
    // The leases are gone; nobody is dead.
    let resumed = TabEnd(Some(4050));
    assert_eq!((ann.is_sent_away().await, ben.is_sent_away().await), (resumed, resumed));
    // By now every replica knows.
    east.passes(Duration::from_secs(2)).await;
    let mut ann = ann.duplicates().comes_back(&east).await.unwrap();
    ann.opens(&moby()).await.accepted();
    let mut ben = ben.duplicates().comes_back(&west).await.unwrap();
    ben.opens(&moby()).await.accepted();
    for _ in 0..20 {
        east.passes_for(Duration::from_secs(1), [&mut ann, &mut ben]).await;
        assert!(!ann.sees_lock(1).await.unwrap().away);
    }
}

#[tokio::test(start_paused = true)]
async fn r12_an_append_whose_answer_is_lost_is_not_repeated_beyond_the_lease() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    west.line.goes_away();
    east.passes_for(Duration::from_secs(8), [&mut ann, &mut ben]).await;
    west.line.comes_back();
    west.line.renews_no_more();
    west.line.loses_answers([LostAnswer::NotApplied; 100]);
    let begun = Instant::now();
    ben.does(acquire(1)).await.refused("outcome_unknown");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}
