//! Events of one book on several replicas: everybody hears everything, in one order.

use std::time::Duration;

use quire_protocol::BookId;
use quire_protocol::event::ReleaseReason;
use tokio::time::Instant;

use super::two_replicas;
use crate::harness::facts::{acquired_by, released};
use crate::harness::moby;
use crate::harness::wishes::*;

#[tokio::test(start_paused = true)]
async fn what_one_replica_appends_is_heard_on_the_other() {
    let (_east, _west, mut ann, mut ben) = two_replicas().await;
    let token = ann.does(acquire(1)).await.granted();
    assert_eq!(ben.hears(acquired_by(ann.session())).await, token);
    ben.does(acquire(1)).await.refused("locked");
    ann.does(release(1, token)).await.accepted();
    ben.hears_frame(released(ReleaseReason::Released)).await;
    ben.does(acquire(1)).await.granted();
    ann.hears(acquired_by(ben.session())).await;
}

#[tokio::test(start_paused = true)]
async fn r3_a_replica_that_hears_no_wake_up_still_answers_by_the_log() {
    let (_east, west, mut ann, mut ben) = two_replicas().await;
    west.line.goes_deaf();
    ann.does(acquire(1)).await.granted();
    ben.does(acquire(1)).await.refused("locked");
    ben.hears(acquired_by(ann.session())).await;
}

#[tokio::test(start_paused = true)]
async fn r13_a_lost_wake_up_is_made_good_within_two_seconds() {
    let (_east, west, mut ann, mut ben) = two_replicas().await;
    west.line.goes_deaf();
    ann.does(acquire(1)).await.granted();
    assert_eq!(ben.has_heard(), Vec::<&str>::new());
    west.passes_for(Duration::from_secs(2), [&mut ann, &mut ben]).await;
    assert_eq!(ben.has_heard(), ["lock.acquired"]);
}

#[tokio::test(start_paused = true)]
async fn r10_two_replicas_that_write_at_once_both_get_through_in_one_order() {
    let (_east, _west, mut ann, mut ben) = two_replicas().await;
    let mut asked = Vec::new();
    for number in 1..=40 {
        asked.push((
            ann.wishes(&moby(), remark(1, &format!("a{number}"))).await,
            ben.wishes(&moby(), remark(2, &format!("b{number}"))).await,
        ));
    }
    for (hers, his) in asked {
        ann.answer_to(hers).await.accepted();
        ben.answer_to(his).await.accepted();
    }
    let (hers, his) = (ann.sees().await, ben.sees().await);
    assert_eq!(hers.seq, his.seq);
    assert_eq!(ann.snapshot().await.threads.unwrap().len(), 80);
    assert_eq!(ann.snapshot().await.threads, ben.snapshot().await.threads);
}

#[tokio::test(start_paused = true)]
async fn r13_wake_ups_that_come_late_twice_or_in_another_order_change_nothing() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    east.line.is_unruly();
    west.line.is_unruly();
    for number in 1..=30 {
        let hers = ann.wishes(&moby(), remark(1, &format!("a{number}"))).await;
        let his = ben.wishes(&moby(), remark(2, &format!("b{number}"))).await;
        ann.answer_to(hers).await.accepted();
        ben.answer_to(his).await.accepted();
    }
    east.passes_for(Duration::from_secs(2), [&mut ann, &mut ben]).await;
    assert_eq!(ann.last_heard(), ben.last_heard());
    assert_eq!(ann.snapshot().await.threads, ben.snapshot().await.threads);
}

#[tokio::test(start_paused = true)]
async fn r13_a_line_that_was_down_is_made_good_as_soon_as_it_is_up() {
    let (_east, west, mut ann, mut ben) = two_replicas().await;
    west.line.goes_deaf();
    let token = ann.does(acquire(1)).await.granted();
    ann.does(release(1, token)).await.accepted();
    let begun = Instant::now();
    west.line.reconnects();
    ben.hears_frame(released(ReleaseReason::Released)).await;
    assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_book_that_is_created_elsewhere_is_there_for_whoever_looked_for_it_before() {
    let (_east, _west, mut ann, mut ben) = two_replicas().await;
    let other = BookId::new("omoo").unwrap();
    ben.opens(&other).await.refused("not_found");
    ann.creates(&other, "Omoo").await;
    ann.opens(&other).await.accepted();
    ben.opens(&other).await.refused("not_found");
}
