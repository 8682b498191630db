//! Coming back: the same tab on another connection, after a moment, after too long, after the hub's own restart.

use std::time::Duration;

use quire_protocol::command::After;
use quire_protocol::event::{By, Cause, ReleaseReason};
use quire_protocol::frame::Hello;
use quire_protocol::{Encoding, Epoch, Limits, Role, Seq, Timers};

use crate::harness::facts::{acquired_by, rehomed_to, released};
use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, Town, moby};

const RESUMED_ELSEWHERE: TabEnd = TabEnd(Some(4009));

/// Where somebody is in Moby-Dick.
async fn position(person: &mut Person) -> After {
    let opened = person.sees().await;
    After { epoch: opened.epoch, seq: opened.seq }
}

// === The session ===

#[tokio::test(start_paused = true)]
async fn a_resumed_tab_still_holds_its_chapter_under_a_new_token() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let old = ann.does(acquire(1)).await.granted();
    let mut ann = ann.drops_connection().comes_back(&town).await.unwrap();
    assert!(ann.welcome().resumed);
    ann.opens(&moby()).await.accepted();
    let new = ben.hears(rehomed_to(ann.session())).await;
    assert!(new > old);
    ann.does(release(1, old)).await.refused("stale_token");
    assert_eq!(ann.does(acquire(1)).await.granted(), new);
    ann.does(release(1, new)).await.accepted();
    assert_eq!(ben.hears_all().await, ["lock.acquired", "lock.released"]);
}

#[tokio::test(start_paused = true)]
async fn a_resumed_tab_keeps_its_place_in_the_queue() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    cat.does(queue_for(1)).await.queued();
    let mut ben = ben.drops_connection().comes_back(&town).await.unwrap();
    ben.opens(&moby()).await.accepted();
    assert_eq!(ben.does(queue_for(1)).await.queued(), 1);
    ann.does(release(1, token)).await.accepted();
    ben.hears(acquired_by(ben.session())).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_after_the_grace_is_the_same_session_without_its_chapter() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    let ann = ann.drops_connection();
    town.passes_for(Duration::from_secs(11), [&mut ben]).await;
    ben.hears_frame(released(ReleaseReason::Disconnected)).await;
    let mut ann = ann.comes_back(&town).await.unwrap();
    assert!(ann.welcome().resumed);
    assert!(ann.sees_lock(1).await.is_none());
    ann.does(release(1, token)).await.refused("not_holder");
    ann.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn a_resume_ends_the_old_connection() {
    let town = Town::new();
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    let _again = ann.duplicates().comes_back(&town).await.unwrap();
    assert_eq!(ann.is_sent_away().await, RESUMED_ELSEWHERE);
}

#[tokio::test(start_paused = true)]
async fn a_resume_that_does_not_name_a_higher_incarnation_is_refused() {
    let town = Town::new();
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    let twin = ann.duplicates();
    assert_eq!(twin.comes_back_after(&town, Duration::ZERO, 0).await.err(), Some(RESUMED_ELSEWHERE));
    let mut ann = twin.comes_back_after(&town, Duration::ZERO, 7).await.unwrap();
    assert_eq!(twin.comes_back_after(&town, Duration::ZERO, 6).await.err(), Some(RESUMED_ELSEWHERE));
    assert_eq!(twin.comes_back_after(&town, Duration::ZERO, 7).await.err(), Some(RESUMED_ELSEWHERE));
    assert!(ann.sees_lock(1).await.unwrap().token > token);
}

#[tokio::test(start_paused = true)]
async fn an_old_incarnation_gets_nothing_back_even_if_the_newer_one_is_gone() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    let twin = ann.duplicates();
    let mut again = twin.comes_back_after(&town, Duration::ZERO, 3).await.unwrap();
    again.opens(&moby()).await.accepted();
    drop(again.drops_connection());
    town.settles().await;
    for late in [2, 3] {
        let mut late = twin.comes_back_after(&town, Duration::ZERO, late).await.unwrap();
        late.tries_to_open(&moby()).await;
        assert_eq!(late.is_sent_away().await, RESUMED_ELSEWHERE);
    }
    ben.does(acquire(1)).await.refused("locked");
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_session_is_not_resumed_but_a_new_one_begun() {
    let town = Town::new();
    let (mut ann, [ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    let mut theft = ann.duplicates();
    theft.name = ben.name().into();
    let mut thief = theft.comes_back(&town).await.unwrap();
    assert!(!thief.welcome().resumed);
    assert_ne!(thief.session(), ann.session());
    thief.opens(&moby()).await.accepted();
    thief.does(release(1, token)).await.refused("not_holder");
    ann.does(release(1, token)).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn a_resume_does_not_open_books() {
    let town = Town::new();
    let (ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let mut ann = ann.drops_connection().comes_back(&town).await.unwrap();
    ben.does(remark(1, "whale")).await.accepted();
    ann.hears_nothing_more().await;
}

// === The hub's own restart ===

#[tokio::test(start_paused = true)]
async fn after_a_restart_of_the_hub_the_holder_is_away_and_comes_back_within_a_full_grace() {
    let town = Town::new();
    let (mut ann, [ben]) = town.team([("ben", Role::Editor)]).await;
    let old = ann.does(acquire(1)).await.granted();
    let (ann, ben) = (ann.drops_connection(), ben.drops_connection());
    // The hub stays down for longer than the grace: nobody could come back, so nobody lost anything.
    town.line.is_cut();
    town.passes(Duration::from_mins(1)).await;
    let town = town.restarted();
    let mut ben = ben.comes_back(&town).await.unwrap();
    assert!(ben.sees_lock(1).await.unwrap().away);
    town.passes(Duration::from_secs(9)).await;
    ben.does(acquire(1)).await.refused("locked");

    let mut ann = ann.comes_back(&town).await.unwrap();
    assert!(ann.welcome().resumed);
    ann.opens(&moby()).await.accepted();
    let new = ben.hears(rehomed_to(ann.session())).await;
    assert!(new > old);
    town.passes_for(Duration::from_mins(1), [&mut ann, &mut ben]).await;
    let lock = ben.sees_lock(1).await.unwrap();
    assert_eq!((lock.holder.session, lock.token, lock.away), (ann.session(), new, false));
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_of_the_hub_an_absent_holder_is_released_as_lost() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    let town = {
        let ben = ben.drops_connection();
        let town = town.restarted();
        let mut ben = ben.comes_back(&town).await.unwrap();
        ben.opens(&moby()).await.accepted();
        town.passes_for(Duration::from_secs(11), [&mut ben]).await;
        let lost = By::System { system: Cause::ReplicaLost };
        assert_eq!(ben.hears_frame(released(ReleaseReason::ReplicaLost)).await, lost);
        ben.hears(acquired_by(ben.session())).await;
        town
    };
    drop((ann, town));
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_of_the_hub_an_old_incarnation_is_refused_by_the_book_itself() {
    let town = Town::new();
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    let ann = ann.drops_connection();
    let town = town.restarted();
    let mut stale = ann.comes_back_after(&town, Duration::ZERO, 0).await.unwrap();
    stale.tries_to_open(&moby()).await;
    assert_eq!(stale.is_sent_away().await, RESUMED_ELSEWHERE);
}

// === Catching up ===

#[tokio::test(start_paused = true)]
async fn whoever_names_a_position_gets_exactly_what_happened_since() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let there = position(&mut ben).await;
    let ben = ben.drops_connection();
    ann.does(remark(1, "whale")).await.accepted();
    let token = ann.does(acquire(1)).await.granted();
    ann.does(release(1, token)).await.accepted();
    let mut ben = ben.comes_back(&town).await.unwrap();
    let opened = ben.catches_up(there).await;
    assert!(opened.snapshot.is_none());
    let events = opened.events.unwrap();
    let kinds: Vec<_> = events.iter().map(|frame| frame.event.kind()).collect();
    assert_eq!(kinds, ["comment.added", "lock.acquired", "lock.released"]);
    let seqs: Vec<_> = events.iter().map(|frame| frame.seq.0).collect();
    assert_eq!(seqs, [there.seq.0 + 1, there.seq.0 + 2, there.seq.0 + 3]);
    assert_eq!(opened.seq, events[2].seq);
    ann.does(remark(2, "spout")).await.accepted();
    assert_eq!(ben.hears_all().await, ["comment.added"], "and then what happens next");
}

#[tokio::test(start_paused = true)]
async fn whoever_missed_nothing_gets_nothing_and_seq_0_means_from_the_beginning() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let here = position(&mut ann).await;
    assert_eq!(ann.catches_up(here).await.events.unwrap(), []);
    let all = ann.catches_up(After { seq: Seq(0), ..here }).await.events.unwrap();
    assert_eq!(all.len() as u64, here.seq.0);
    assert_eq!(all[0].event.kind(), "book.created");
}

#[tokio::test(start_paused = true)]
async fn catching_up_works_across_a_restart_of_the_hub() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let there = position(&mut ben).await;
    ann.does(remark(1, "whale")).await.accepted();
    let ben = ben.drops_connection();
    let town = town.restarted();
    let mut ben = ben.comes_back(&town).await.unwrap();
    assert_eq!(ben.catches_up(there).await.events.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_position_of_another_life_of_the_log_is_answered_with_a_snapshot() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let here = position(&mut ann).await;
    let opened = ann.catches_up(After { epoch: Epoch(here.epoch.0 ^ 1), ..here }).await;
    assert!(opened.events.is_none() && opened.snapshot.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_position_beyond_the_end_is_answered_with_a_snapshot() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let here = position(&mut ann).await;
    let opened = ann.catches_up(After { seq: here.seq.next(), ..here }).await;
    assert!(opened.events.is_none() && opened.snapshot.is_some());
}

#[tokio::test(start_paused = true)]
async fn whoever_missed_more_than_catch_up_events_gets_a_snapshot() {
    let town = Town::with(Limits { catch_up_events: 3, ..Limits::default() }, Timers::default());
    let (mut ann, []) = town.team([]).await;
    let there = position(&mut ann).await;
    for name in ["one", "two", "three"] {
        ann.does(remark(1, name)).await.accepted();
    }
    assert_eq!(ann.catches_up(there).await.events.unwrap().len(), 3);
    ann.does(remark(1, "four")).await.accepted();
    let opened = ann.catches_up(there).await;
    assert!(opened.events.is_none());
    assert_eq!(opened.snapshot.unwrap().threads.unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn whoever_missed_more_bytes_than_half_a_frame_gets_a_snapshot() {
    let town = Town::with(Limits { frame_bytes: 20_000, ..Limits::default() }, Timers::default());
    let (mut ann, []) = town.team([]).await;
    let there = position(&mut ann).await;
    let long = |name: &str| {
        let mut remark = remark(1, name);
        remark.body = "whale ".repeat(1_000);
        remark
    };
    ann.does(long("one")).await.accepted();
    assert_eq!(ann.catches_up(there).await.events.unwrap().len(), 1);
    ann.does(long("two")).await.accepted();
    assert!(ann.catches_up(there).await.snapshot.is_some());
}

#[tokio::test(start_paused = true)]
async fn whoever_had_other_rights_meanwhile_gets_a_snapshot() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Reader)]).await;
    let there = position(&mut ben).await;
    let ben = ben.drops_connection();
    ann.does(remark(1, "hidden-from-readers")).await.accepted();
    ann.does(set_role("ben", Role::Editor)).await.accepted();
    let mut ben = ben.comes_back(&town).await.unwrap();
    let opened = ben.catches_up(there).await;
    assert!(opened.events.is_none());
    assert_eq!(opened.snapshot.unwrap().threads.unwrap().len(), 1, "nothing that ben may read now is missing");
}

#[tokio::test(start_paused = true)]
async fn opening_twice_answers_again_and_events_still_come_once() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.opens(&moby()).await.accepted();
    ann.does(remark(1, "whale")).await.accepted();
    assert_eq!(ben.hears_all().await, ["comment.added"]);
    assert_eq!(ann.sees().await.roster.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_json_tab_resumes_like_any_other() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let mut other = Person::arrives(&town, "ann", Encoding::Json).await;
    other.opens(&moby()).await.accepted();
    other.does(acquire(1)).await.granted();
    let mut other = other.drops_connection().comes_back(&town).await.unwrap();
    other.opens(&moby()).await.accepted();
    ann.hears(rehomed_to(other.session())).await;
}

#[tokio::test(start_paused = true)]
async fn a_hello_without_resume_begins_a_new_session() {
    let town = Town::new();
    let (ann, []) = town.team([]).await;
    let hello = Hello { token: Some(town.token("ann")), client: None, resume: None };
    let other = Person::says_hello(&town, "ann", Encoding::MessagePack, hello).await.unwrap();
    assert!(!other.welcome().resumed);
    assert_ne!(other.session(), ann.session());
}
