//! One holder per chapter.

use std::time::Duration;

use quire_protocol::Role;
use quire_protocol::command::{LockAcquire, LockRelease};
use quire_protocol::event::{Event, ReleaseReason};

use crate::harness::{Town, chapter};

fn acquire(number: u32) -> LockAcquire {
    LockAcquire { chapter: chapter(number), wait: false, note: None }
}

fn released(because: ReleaseReason) -> impl Fn(&Event) -> Option<()> {
    move |event| match event {
        Event::LockReleased(event) if event.reason == because => Some(()),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_held_chapter_is_refused_to_everybody_else_and_free_after_release() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    ben.does(acquire(1)).await.refused("locked");
    ann.does(LockRelease { chapter: chapter(1), token }).await.accepted();
    ben.hears(released(ReleaseReason::Released)).await;
    assert!(ben.does(acquire(1)).await.granted() > token);
}

#[tokio::test(start_paused = true)]
async fn a_lock_outlives_a_short_absence_but_not_a_long_one() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    drop(ann.drops_connection());
    town.passes(Duration::from_secs(9)).await;
    ben.does(acquire(1)).await.refused("locked");
    town.passes(Duration::from_secs(2)).await;
    ben.hears(released(ReleaseReason::Disconnected)).await;
    ben.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn closing_the_tab_frees_the_chapter_at_once() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    ann.closes_tab().await;
    ben.hears(released(ReleaseReason::Disconnected)).await;
    ben.does(acquire(1)).await.granted();
}
