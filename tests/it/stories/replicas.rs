//! One book on two replicas: everybody hears everything, locks and rights hold everywhere, nobody is forgotten.

use std::time::Duration;

use quire_protocol::event::{By, Cause, ReleaseReason};
use quire_protocol::frame::{ClosedReason, Presence, PresenceSet};
use quire_protocol::view::PresenceState;
use quire_protocol::{ChapterId, Role};

use crate::harness::facts::{acquired_by, book_closed, rehomed_to, released};
use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, Town, chapter, moby, user};

/// Ann's town and a second replica beside it; ben is an editor, and has the book open there.
async fn two_replicas() -> (Town, Town, Person, Person) {
    let east = Town::shared().await;
    let west = east.beside();
    west.hub.may_begin().await;
    let (mut ann, [ben]) = east.team([("ben", Role::Editor)]).await;
    ben.closes_tab().await;
    let mut ben = west.arrives("ben").await;
    ben.opens(&moby()).await.accepted();
    // A tick on either side, so that everybody has seen everybody.
    east.passes(Duration::from_millis(200)).await;
    ann.forgets_what_was_said();
    ben.forgets_what_was_said();
    (east, west, ann, ben)
}

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

// === Events ===

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

// === Presence ===

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

// === Locks ===

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

// === Rights ===

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
    cat.is_told(|notice| matches!(notice, quire_protocol::frame::Notice::BooksChanged).then_some(())).await;
}

// === Loss ===

#[tokio::test(start_paused = true)]
async fn r6_what_the_store_lost_is_put_back_and_holders_confirm_their_locks() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    let old = ben.does(acquire(1)).await.granted();
    let before = ann.sees().await;
    east.memory().lose_everything();
    let resumed = TabEnd(Some(4050));
    assert_eq!((ann.is_sent_away().await, ben.is_sent_away().await), (resumed, resumed));
    let mut ann = ann.duplicates().comes_back(&east).await.unwrap();
    ann.opens(&moby()).await.accepted();
    let mut ben = ben.duplicates().comes_back(&west).await.unwrap();
    ben.opens(&moby()).await.accepted();
    let after = ann.sees().await;
    assert_ne!(after.epoch, before.epoch);
    let lock = ann.sees_lock(1).await.unwrap();
    assert_eq!(lock.holder.session, ben.session());
    assert!(lock.token > old);
    ben.does(release(1, old)).await.refused("stale_token");
    ben.does(release(1, lock.token)).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn r6_a_book_that_nobody_held_when_the_store_lost_it_is_unavailable_and_not_free_to_take() {
    let (east, _west, mut ann, mut ben) = two_replicas().await;
    let other = quire_protocol::BookId::new("omoo").unwrap();
    ann.creates(&other, "Omoo").await;
    east.passes_for(Duration::from_secs(40), [&mut ann, &mut ben]).await;
    east.memory().lose_everything();
    east.settles().await;
    let mut cat = east.arrives("cat").await;
    cat.opens(&other).await.refused("unavailable");
}
