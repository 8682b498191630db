//! One holder per chapter: taking it, waiting for it, handing it over, taking it away.

use quire_protocol::command::LockAcquire;
use quire_protocol::event::{ReleaseReason, WaitEndReason};
use quire_protocol::frame::Notice;
use quire_protocol::{Limits, Rejection, Role, Timers};

use crate::harness::facts::{acquired_by, by, lost, released, wait_ended};
use crate::harness::wishes::*;
use crate::harness::{Town, chapter, moby};

#[tokio::test(start_paused = true)]
async fn a_held_chapter_is_refused_to_everybody_else_and_free_after_release() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    let Rejection::Locked { holder, yours_elsewhere, .. } = ben.does(acquire(1)).await.refused("locked") else {
        unreachable!("the code says so");
    };
    assert_eq!((holder.session, holder.initials.as_str(), yours_elsewhere), (ann.session(), "A", false));
    ann.does(release(1, token)).await.accepted();
    assert_eq!(ben.hears_frame(released(ReleaseReason::Released)).await, by(&ann));
    assert!(ben.does(acquire(1)).await.granted() > token);
}

#[tokio::test(start_paused = true)]
async fn acquiring_again_answers_with_the_same_token_and_tells_nobody() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    assert_eq!(ben.hears_all().await, ["lock.acquired"]);
    assert_eq!(ann.does(acquire(1)).await.granted(), token);
    ben.hears_nothing_more().await;
}

#[tokio::test(start_paused = true)]
async fn two_chapters_have_two_holders() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    ben.does(acquire(2)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn opening_a_book_takes_no_chapter() {
    let town = Town::new();
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    let snapshot = ann.snapshot().await;
    assert!(snapshot.chapters.iter().all(|chapter| chapter.lock.is_none()));
    ann.hears_nothing_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_chapter_is_taken_only_by_a_tab_that_has_the_book_open() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let mut elsewhere = town.arrives("ben").await;
    elsewhere.does(acquire(1)).await.refused("conflict");
    ben.does(acquire(1)).await.granted();
    elsewhere.does(queue_for(1)).await.refused("conflict");
    elsewhere.does(move_here(1)).await.refused("conflict");
    let mut other = town.arrives("ann").await;
    other.does(take_over(1, "mine")).await.refused("conflict");
    assert_eq!(ann.hears_all().await, ["lock.acquired"]);
    elsewhere.opens(&moby()).await.accepted();
    elsewhere.does(queue_for(1)).await.queued();
}

#[tokio::test(start_paused = true)]
async fn a_stale_token_releases_nothing_and_nobody_releases_for_others() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let old = ann.does(acquire(1)).await.granted();
    ben.does(release(1, old)).await.refused("not_holder");
    ann.does(release(1, old)).await.accepted();
    let token = ann.does(acquire(1)).await.granted();
    ann.does(release(1, old)).await.refused("stale_token");
    ann.does(release(2, token)).await.refused("not_holder");
    ben.does(acquire(1)).await.refused("locked");
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_see_their_place_and_get_the_chapter_in_turn() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Author)]).await;
    let first = ann.does(acquire(1)).await.granted();
    assert_eq!(ben.does(queue_for(1)).await.queued(), 1);
    assert_eq!(cat.does(queue_for(1)).await.queued(), 2);
    assert_eq!(ben.does(queue_for(1)).await.queued(), 1, "asking again changes nothing");
    ben.does(acquire(1)).await.refused("locked");
    let lock = ann.snapshot().await.chapters[0].lock.clone().expect("ann holds it");
    let waiting: Vec<_> = lock.waiting.iter().map(|waiter| waiter.session.clone()).collect();
    assert_eq!(waiting, [ben.session(), cat.session()]);

    ann.does(release(1, first)).await.accepted();
    let second = ben.hears(acquired_by(ben.session())).await;
    assert!(second > first);
    ben.does(release(1, second)).await.accepted();
    let third = cat.hears(acquired_by(cat.session())).await;
    assert!(third > second);
    let change = ["lock.released", "lock.acquired"];
    assert_eq!(
        cat.hears_all().await,
        [&["lock.acquired", "lock.queued", "lock.queued"], &change[..], &change[..1]].concat()
    );
}

#[tokio::test(start_paused = true)]
async fn a_free_chapter_is_granted_at_once_even_to_those_who_would_wait() {
    let town = Town::new();
    let (_ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(queue_for(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn somebody_who_is_away_is_skipped_and_keeps_their_place() {
    let town = Town::new();
    let people = [("ben", Role::Editor), ("cat", Role::Editor), ("dan", Role::Editor)];
    let (mut ann, [mut ben, mut cat, mut dan]) = town.team(people).await;
    let token = ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    cat.does(queue_for(1)).await.queued();
    let ben = ben.drops_connection();
    town.settles().await;
    ann.does(release(1, token)).await.accepted();
    let token = cat.hears(acquired_by(cat.session())).await;
    assert_eq!(dan.does(queue_for(1)).await.queued(), 2, "ben still is before dan");

    let mut ben = ben.comes_back(&town).await.unwrap();
    ben.opens(&moby()).await.accepted();
    cat.does(release(1, token)).await.accepted();
    ben.hears(acquired_by(ben.session())).await;
}

#[tokio::test(start_paused = true)]
async fn a_chapter_that_only_absent_people_wait_for_goes_to_the_first_who_returns() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    cat.does(queue_for(1)).await.queued();
    let (ben, cat) = (ben.drops_connection(), cat.drops_connection());
    town.settles().await;
    ann.does(release(1, token)).await.accepted();
    let mut cat = cat.comes_back(&town).await.unwrap();
    let opened = cat.snapshot().await;
    assert_eq!(opened.chapters[0].lock.as_ref().unwrap().holder.session, cat.session());
    drop(ben);
}

#[tokio::test(start_paused = true)]
async fn those_who_stay_away_lose_their_place() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    let ben = ben.drops_connection();
    town.passes_for(std::time::Duration::from_secs(11), [&mut ann]).await;
    assert_eq!(ann.hears(wait_ended(WaitEndReason::Disconnected)).await, ben.session());
}

#[tokio::test(start_paused = true)]
async fn the_holder_is_asked_and_hands_the_chapter_over() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    cat.does(queue_for(1)).await.queued();
    ben.does(ask_for(1, "only a comma")).await.queued();
    let wanted = |notice: &Notice| match notice {
        Notice::LockWanted { by, note: Some(note), .. } => Some((by.name.clone(), note.clone())),
        _ => None,
    };
    assert_eq!(ann.is_told(wanted).await, ("Ben".into(), "only a comma".into()));
    ann.does(hand_over(1, token, ann.session())).await.refused("not_found");
    ann.does(hand_over(1, token, ben.session())).await.accepted();
    assert_eq!(ben.hears_frame(released(ReleaseReason::HandedOver)).await, by(&ann));
    assert!(ben.hears(acquired_by(ben.session())).await > token, "ahead of cat, who waited longer");
    ann.does(hand_over(1, token, cat.session())).await.refused("not_holder");
    ann.does(release(1, token)).await.refused("not_holder");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_handed_to_somebody_who_is_away() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    let ben = ben.drops_connection();
    town.settles().await;
    ann.does(hand_over(1, token, ben.session())).await.refused("conflict");
    assert_eq!(ann.does(acquire(1)).await.granted(), token);
}

#[tokio::test(start_paused = true)]
async fn a_holder_who_keeps_the_chapter_ends_the_wait() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    ben.does(keep(1, token, ben.session())).await.refused("not_holder");
    ann.does(keep(1, token, ben.session())).await.accepted();
    assert_eq!(ben.hears(wait_ended(WaitEndReason::Declined)).await, ben.session());
    ann.does(release(1, token)).await.accepted();
    ben.hears_frame(released(ReleaseReason::Released)).await;
    assert_eq!(ben.hears_all().await, ["lock.acquired", "lock.queued"], "nothing is granted to ben");
}

#[tokio::test(start_paused = true)]
async fn somebody_who_no_longer_wants_to_wait_gets_nothing() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    ben.does(queue_for(1)).await.queued();
    ben.does(cancel_wait(1)).await.accepted();
    assert_eq!(ann.hears(wait_ended(WaitEndReason::Cancelled)).await, ben.session());
    ben.does(cancel_wait(1)).await.accepted();
    ann.does(release(1, token)).await.accepted();
    assert!(ann.snapshot().await.chapters[0].lock.is_none());
}

#[tokio::test(start_paused = true)]
async fn ones_own_other_tab_sees_that_and_can_move_the_chapter_over() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let mut other = town.arrives("ann").await;
    other.opens(&moby()).await.accepted();
    let token = ann.does(acquire(1)).await.granted();
    let refusal = other.does(acquire(1)).await.refused("locked");
    assert!(matches!(refusal, Rejection::Locked { yours_elsewhere: true, .. }));

    let moved = other.does(move_here(1)).await.granted();
    assert!(moved > token);
    assert_eq!(ann.is_told(lost(ReleaseReason::Moved)).await, (by(&other), None));
    ann.does(release(1, token)).await.refused("not_holder");
    assert_eq!(ben.hears_frame(released(ReleaseReason::Moved)).await, by(&other));
    ben.hears(acquired_by(other.session())).await;

    ben.does(move_here(1)).await.refused("locked");
    ben.does(move_here(2)).await.refused("not_holder");
}

#[tokio::test(start_paused = true)]
async fn the_owner_releases_a_chapter_with_a_reason_and_the_queue_moves_on() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Author), ("cat", Role::Editor)]).await;
    ben.does(acquire(1)).await.granted();
    cat.does(queue_for(1)).await.queued();
    cat.does(force_release(1, "I am in a hurry")).await.refused("forbidden");
    ann.does(force_release(1, " ")).await.refused("invalid");
    ann.does(force_release(1, "the printer waits")).await.accepted();
    let told = ben.is_told(lost(ReleaseReason::Forced)).await;
    assert_eq!(told, (by(&ann), Some("the printer waits".into())));
    assert_eq!(cat.hears_frame(released(ReleaseReason::Forced)).await, by(&ann));
    cat.hears(acquired_by(cat.session())).await;
}

#[tokio::test(start_paused = true)]
async fn the_owner_takes_a_chapter_over_ahead_of_the_queue() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Author), ("cat", Role::Editor)]).await;
    let token = ben.does(acquire(1)).await.granted();
    cat.does(queue_for(1)).await.queued();
    let taken_over = ann.does(take_over(1, "the printer waits")).await.granted();
    assert!(taken_over > token);
    cat.hears_frame(released(ReleaseReason::Forced)).await;
    cat.hears(acquired_by(ann.session())).await;
    assert_eq!(cat.does(queue_for(1)).await.queued(), 1, "cat still is next");
    ann.does(release(1, taken_over)).await.accepted();
    cat.hears(acquired_by(cat.session())).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_may_comment_does_so_on_a_chapter_that_somebody_else_holds() {
    let town = Town::new();
    let (mut ann, [mut ben, mut eve]) = town.team([("ben", Role::Editor), ("eve", Role::Viewer)]).await;
    ann.does(acquire(1)).await.granted();
    ben.does(remark(1, "whale")).await.accepted();
    eve.does(reply_to("whale", "spout")).await.accepted();
    assert_eq!(ann.hears_all().await, ["lock.acquired", "comment.added", "comment.replied"]);
}

#[tokio::test(start_paused = true)]
async fn a_session_holds_and_waits_for_so_many_chapters_and_no_more() {
    let town = Town::with(Limits { locks_per_session: 2, ..Limits::default() }, Timers::default());
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(acquire(3)).await.granted();
    ann.does(acquire(1)).await.granted();
    ann.does(queue_for(3)).await.queued();
    let refusal = ann.does(acquire(2)).await.refused("limit_reached");
    let Rejection::LimitReached { limit, max, used } = refusal else { unreachable!("the code says so") };
    assert_eq!((limit.as_str(), max, used), ("locks_per_session", 2, 2));
    ann.does(cancel_wait(3)).await.accepted();
    ann.does(acquire(2)).await.granted();
    ann.does(queue_for(3)).await.refused("limit_reached");
}

#[tokio::test(start_paused = true)]
async fn a_part_has_no_text_to_hold() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.does(add_part(9)).await.accepted();
    ann.does(acquire(9)).await.refused("invalid");
    let missing = LockAcquire { chapter: chapter(77), wait: false, note: None };
    ann.does(missing).await.refused("not_found");
}
