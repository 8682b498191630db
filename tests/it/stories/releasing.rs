//! How a lock ends: with the tab, with the right, with the chapter, with the book. Every end says who and why.

use std::time::Duration;

use quire_protocol::command::{BookDelete, MemberLeave};
use quire_protocol::event::{By, Cause, ReleaseReason, WaitEndReason};
use quire_protocol::frame::{ClosedReason, Notice};
use quire_protocol::{Limits, Role, Timers};

use crate::harness::facts::{acquired_by, book_closed, by, lost, released, wait_ended};
use crate::harness::wishes::*;
use crate::harness::{Town, moby};

const DISCONNECTED: By = By::System { system: Cause::Disconnected };

#[tokio::test(start_paused = true)]
async fn closing_the_tab_frees_the_chapter_at_once() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    ann.closes_tab().await;
    assert_eq!(ben.hears_frame(released(ReleaseReason::Disconnected)).await, DISCONNECTED);
    ben.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn closing_the_book_frees_the_chapter_and_ends_the_wait_at_once() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    ben.does(acquire(2)).await.granted();
    ann.does(queue_for(2)).await.queued();
    assert_eq!(ben.hears_all().await, ["lock.acquired", "lock.acquired", "lock.queued", "lock_wanted"]);
    ann.closes(&moby()).await;
    assert_eq!(ben.hears_frame(released(ReleaseReason::Released)).await, by(&ann));
    assert_eq!(ben.hears(wait_ended(WaitEndReason::Disconnected)).await, ann.session());
    ann.rest().await;
    ben.does(remark(1, "gone")).await.accepted();
    ann.hears_nothing_more().await;
    ann.closes(&moby()).await;
}

#[tokio::test(start_paused = true)]
async fn closing_the_book_is_no_loss_to_be_told_of() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.does(acquire(1)).await.granted();
    ann.closes(&moby()).await;
    assert_eq!(ann.hears_all().await, ["lock.acquired"]);
}

#[tokio::test(start_paused = true)]
async fn a_lock_outlives_a_short_absence_but_not_a_long_one() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    drop(ann.drops_connection());
    town.passes(Duration::from_secs(9)).await;
    ben.does(acquire(1)).await.refused("locked");
    assert!(ben.snapshot().await.chapters[0].lock.as_ref().unwrap().away);
    town.passes(Duration::from_secs(2)).await;
    assert_eq!(ben.hears_frame(released(ReleaseReason::Disconnected)).await, DISCONNECTED);
    ben.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn without_a_grace_a_broken_connection_frees_the_chapter_at_once() {
    let town = Town::with(Limits::default(), Timers { grace_ms: 0, ..Timers::default() });
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    drop(ann.drops_connection());
    town.settles().await;
    ben.hears_frame(released(ReleaseReason::Disconnected)).await;
    ben.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn a_tab_that_answers_no_ping_is_gone_within_40_seconds() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    // Ann's laptop sleeps: the connection is there, and nobody reads.
    town.passes_for(Duration::from_secs(29), [&mut ben]).await;
    assert!(!ben.snapshot().await.chapters[0].lock.as_ref().unwrap().away);
    town.passes_for(Duration::from_secs(2), [&mut ben]).await;
    assert!(ben.snapshot().await.chapters[0].lock.as_ref().unwrap().away);
    town.passes_for(Duration::from_secs(10), [&mut ben]).await;
    ben.hears_frame(released(ReleaseReason::Disconnected)).await;
    drop(ann);
}

#[tokio::test(start_paused = true)]
async fn a_tab_that_only_answers_pings_stays() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    town.passes_for(Duration::from_mins(10), [&mut ann, &mut ben]).await;
    ben.does(acquire(1)).await.refused("locked");
}

#[tokio::test(start_paused = true)]
async fn a_late_close_of_an_old_connection_frees_nothing() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    let mut again = ann.duplicates().comes_back(&town).await.unwrap();
    // The new connection has not even opened the book yet.
    ann.closes_tab().await;
    town.settles().await;
    let token = again.sees_lock(1).await.expect("ann holds it still").token;
    again.does(release(1, token)).await.accepted();
    let token = again.does(acquire(1)).await.granted();
    town.passes_for(Duration::from_mins(1), [&mut again, &mut ben]).await;
    assert_eq!(again.does(acquire(1)).await.granted(), token);
    let all = ["lock.acquired", "lock.rehomed", "lock.released", "lock.acquired"];
    assert_eq!(ben.hears_all().await, all);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_vanishes_late_does_not_take_the_lock_of_the_next_with_it() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    let mut again = ann.duplicates().comes_back(&town).await.unwrap();
    again.opens(&moby()).await.accepted();
    drop(ann.drops_connection());
    town.passes_for(Duration::from_mins(1), [&mut again, &mut ben]).await;
    ben.does(acquire(1)).await.refused("locked");
    assert_eq!(ben.hears_all().await, ["lock.acquired", "lock.rehomed"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_loses_the_right_to_edit_loses_the_chapter_and_the_place() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Editor)]).await;
    ann.does(acquire(2)).await.granted();
    ben.does(acquire(1)).await.granted();
    ben.does(queue_for(2)).await.queued();
    cat.does(queue_for(1)).await.queued();
    cat.hears_all().await;
    ann.does(set_role("ben", Role::Viewer)).await.accepted();
    let told = ben.is_told(lost(ReleaseReason::PermissionChanged)).await;
    assert_eq!(told.0, by(&ann));
    assert_eq!(cat.hears_frame(released(ReleaseReason::PermissionChanged)).await, by(&ann));
    cat.hears(acquired_by(cat.session())).await;
    assert_eq!(cat.hears(wait_ended(WaitEndReason::PermissionChanged)).await, ben.session());
    assert_eq!(cat.hears_all().await, ["member.role_changed"]);
    ben.does(acquire(3)).await.refused("forbidden");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_still_edits_keeps_the_chapter() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ben.does(acquire(1)).await.granted();
    ann.does(set_role("ben", Role::Author)).await.accepted();
    ben.does(release(1, token)).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn whoever_is_removed_loses_the_chapter_and_is_told_before_the_book_closes() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Editor)]).await;
    ben.does(acquire(1)).await.granted();
    ben.rest().await;
    ann.does(remove_member("ben")).await.accepted();
    assert_eq!(ben.hears_all().await, ["lock.released", "lock_lost", "book_closed", "books_changed"]);
    assert_eq!(cat.hears_frame(released(ReleaseReason::PermissionChanged)).await, by(&ann));
    cat.does(acquire(1)).await.granted();
    ben.hears_nothing_more().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_gives_the_chapter_back() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(acquire(1)).await.granted();
    ben.does(MemberLeave {}).await.accepted();
    assert_eq!(ben.is_told(book_closed).await, ClosedReason::Removed);
    assert_eq!(ann.hears_frame(released(ReleaseReason::PermissionChanged)).await, by(&ben));
    ann.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn a_removed_chapter_is_held_by_nobody_and_waited_for_by_nobody() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Editor)]).await;
    ben.does(acquire(1)).await.granted();
    cat.does(queue_for(1)).await.queued();
    ann.does(remove_chapter(1)).await.refused("locked");
    ben.does(remove_chapter(1)).await.accepted();
    assert_eq!(ann.hears(wait_ended(WaitEndReason::ChapterRemoved)).await, cat.session());
    assert_eq!(ann.hears_frame(released(ReleaseReason::ChapterRemoved)).await, by(&ben));
    assert_eq!(ann.hears_all().await, ["lock.acquired", "lock.queued", "chapter.removed"]);
    ann.does(restore_chapter(1)).await.accepted();
    assert!(ann.sees_lock(1).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_book_ends_every_lock_and_every_view() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(acquire(1)).await.granted();
    ann.does(queue_for(1)).await.queued();
    ben.rest().await;
    ann.does(BookDelete { forever: false }).await.accepted();
    let told = ben.is_told(lost(ReleaseReason::BookDeleted)).await;
    assert_eq!(told.0, by(&ann));
    assert_eq!(ben.hears(wait_ended(WaitEndReason::BookDeleted)).await, ann.session());
    assert_eq!(ben.is_told(book_closed).await, ClosedReason::Deleted);
    assert_eq!(ben.hears_all().await, ["lock.released", "book.trashed", "books_changed"]);
    ben.does(acquire(1)).await.refused("not_found");
    ben.opens(&moby()).await.refused("not_found");
}

// === Idle locks ===

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

/// A town whose hub pings less often, so that days pass quickly. The pings change nothing.
fn quiet_town() -> Town {
    Town::with(Limits::default(), Timers { ping_ms: 15 * 60 * 1000, ..Timers::default() })
}

fn idle_soon(notice: &Notice) -> Option<quire_protocol::Timestamp> {
    match notice {
        Notice::LockIdleSoon { releases_at, .. } => Some(*releases_at),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_chapter_without_activity_is_free_after_24_hours_and_not_a_minute_sooner() {
    let town = quiet_town();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    let ends_at = town.clock.now().plus_ms(24 * 3_600_000);
    town.passes_for((HOUR * 24).checked_sub(MINUTE * 11).unwrap(), [&mut ann, &mut ben]).await;
    assert_eq!(ann.hears_all().await, ["lock.acquired"]);
    town.passes_for(MINUTE * 10, [&mut ann, &mut ben]).await;
    let announced = ann.is_told(idle_soon).await;
    assert!(announced.0.abs_diff(ends_at.0) < 100, "{announced:?} is {ends_at:?}");
    ann.hears_nothing_more().await;
    ben.does(acquire(1)).await.refused("locked");

    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    let idle = By::System { system: Cause::Idle };
    assert_eq!(ben.hears_frame(released(ReleaseReason::Idle)).await, idle);
    assert_eq!(ann.is_told(lost(ReleaseReason::Idle)).await, (idle, None));
    assert_eq!(ann.hears_all().await, ["lock.released"], "the warning came once");
    assert_eq!(ben.hears_all().await, ["lock.acquired"], "the warning was for ann alone");
}

#[tokio::test(start_paused = true)]
async fn an_idle_chapter_goes_to_whoever_waits() {
    let town = quiet_town();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    town.passes_for(HOUR * 24 + MINUTE, [&mut ann, &mut ben]).await;
    ben.hears(acquired_by(ben.session())).await;
}

#[tokio::test(start_paused = true)]
async fn activity_begins_the_24_hours_anew_and_the_warning_with_them() {
    let town = quiet_town();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    town.passes_for((HOUR * 24).checked_sub(MINUTE * 5).unwrap(), [&mut ann, &mut ben]).await;
    ann.is_told(idle_soon).await;
    ann.is_active().await;
    town.passes_for((HOUR * 24).checked_sub(MINUTE * 11).unwrap(), [&mut ann, &mut ben]).await;
    ben.does(acquire(1)).await.refused("locked");
    assert_eq!(ann.hears_all().await, ["lock.acquired", "lock.active"]);
    town.passes_for(MINUTE * 5, [&mut ann, &mut ben]).await;
    ann.is_told(idle_soon).await;
    town.passes_for(MINUTE * 7, [&mut ann, &mut ben]).await;
    ben.hears_frame(released(ReleaseReason::Idle)).await;
}

#[tokio::test(start_paused = true)]
async fn a_resume_is_no_activity() {
    let town = quiet_town();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    town.passes_for(HOUR * 12, [&mut ann, &mut ben]).await;
    let mut ann = ann.drops_connection().comes_back(&town).await.unwrap();
    ann.opens(&moby()).await.accepted();
    ann.opens(&moby()).await.accepted();
    town.passes_for((HOUR * 12).checked_sub(MINUTE).unwrap(), [&mut ann, &mut ben]).await;
    ann.is_told(idle_soon).await;
    ben.does(acquire(1)).await.refused("locked");
    town.passes_for(MINUTE * 2, [&mut ann, &mut ben]).await;
    ben.hears_frame(released(ReleaseReason::Idle)).await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_of_the_hub_does_not_begin_the_24_hours_anew() {
    let town = quiet_town();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    town.passes_for(HOUR * 12, [&mut ann, &mut ben]).await;
    let (ann, ben, town) = (ann.drops_connection(), ben.drops_connection(), town.restarted());
    // They say nothing of how long they have been idle.
    let mut ann = ann.comes_back(&town).await.unwrap();
    ann.opens(&moby()).await.accepted();
    let mut ben = ben.comes_back(&town).await.unwrap();
    ben.opens(&moby()).await.accepted();
    town.passes_for((HOUR * 12).checked_sub(MINUTE).unwrap(), [&mut ann, &mut ben]).await;
    ben.does(acquire(1)).await.refused("locked");
    // The log may lag behind by an hour.
    town.passes_for(HOUR + MINUTE * 2, [&mut ann, &mut ben]).await;
    ben.hears_frame(released(ReleaseReason::Idle)).await;
}

#[tokio::test(start_paused = true)]
async fn opening_the_book_again_does_not_age_somebody_who_is_active() {
    let town = quiet_town();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    let away = HOUR * 20;
    town.passes_for(away, [&mut ann, &mut ben]).await;
    let mut ann = ann.drops_connection().comes_back_after(&town, away, 1).await.unwrap();
    ann.opens(&moby()).await.accepted();
    ann.is_active().await;
    ann.opens(&moby()).await.accepted();
    town.passes_for(HOUR * 5, [&mut ann, &mut ben]).await;
    ben.does(acquire(1)).await.refused("locked");
}

#[tokio::test(start_paused = true)]
async fn activity_is_written_down_at_most_hourly() {
    let town = quiet_town();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    for _ in 0..30 {
        town.passes_for(MINUTE * 10, [&mut ann, &mut ben]).await;
        ann.is_active().await;
    }
    let heard = ben.hears_all().await;
    let written = heard.iter().filter(|kind| **kind == "lock.active").count();
    assert!((4..=5).contains(&written), "{heard:?}");
    assert_eq!(heard.len(), written + 1, "{heard:?}");
}
