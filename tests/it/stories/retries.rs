//! Saying it again is harmless, whatever became of the answer; and a store that fails takes nothing with it.

use std::sync::Arc;
use std::time::Duration;

use quire::store::Store;
use quire::store::memory::Memory;
use quire_protocol::command::InvitationAccept;
use quire_protocol::{BookCommand, Role};

use crate::harness::wishes::*;
use crate::harness::{LostAnswer, TabEnd, Town, invitation, moby};

/// Commands of three kinds, each with the event that it causes once.
fn commands() -> [(BookCommand, &'static str); 3] {
    [
        (acquire(1).into(), "lock.acquired"),
        (remark(1, "whale").into(), "comment.added"),
        (invite("ivy", Role::Editor).into(), "member.invited"),
    ]
}

/// A command id.
fn id_for(event: &str) -> String {
    event.replace('.', "-")
}

// === The same id is the same command ===

#[tokio::test(start_paused = true)]
async fn a_command_sent_twice_takes_effect_once_and_is_answered_the_same() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    for (command, event) in commands() {
        let first = ann.does_as(&id_for(event), false, command.clone()).await;
        let again = ann.does_as(&id_for(event), true, command).await;
        assert!(first.result.is_ok());
        assert_eq!((first.seq, first.result), (again.seq, again.result));
        assert_eq!(ann.hears_all().await, [event]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_a_reconnect_takes_effect_once() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    for (command, event) in commands() {
        let first = ann.does_as(&id_for(event), false, command.clone()).await;
        ann = ann.drops_connection().comes_back(&town).await.unwrap();
        let before = ann.sees().await.seq;
        let again = ann.does_as(&id_for(event), true, command).await;
        assert_eq!((first.seq, first.result), (again.seq, again.result));
        assert_eq!(ann.sees().await.seq, before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_a_restart_of_the_hub_takes_effect_once() {
    let mut town = Town::new();
    let (mut ann, []) = town.team([]).await;
    for (command, event) in commands() {
        let first = ann.does_as(&id_for(event), false, command.clone()).await;
        town = town.restarted();
        ann = ann.drops_connection().comes_back(&town).await.unwrap();
        let before = ann.sees().await.seq;
        let again = ann.does_as(&id_for(event), true, command).await;
        assert_eq!((first.seq, first.result), (again.seq, again.result));
        assert_eq!(ann.sees().await.seq, before);
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_id_of_somebody_else_is_another_command() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does_as("one", false, remark(1, "whale")).await.accepted();
    ben.does_as("one", false, remark(1, "spout")).await.accepted();
    assert_eq!(ann.hears_all().await, ["comment.added", "comment.added"]);
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_never_arrived_before_is_executed_now() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.does_as("one", true, remark(1, "whale")).await.accepted();
    assert_eq!(ann.hears_all().await, ["comment.added"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_command_is_judged_anew_when_it_is_sent_again() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    ben.does_as("one", false, acquire(1)).await.refused("locked");
    ann.does(release(1, token)).await.accepted();
    ben.does_as("one", true, acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn what_was_done_before_the_right_was_lost_is_not_told_after_it() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does_as("one", false, acquire(1)).await.granted();
    ann.does(remove_member("ben")).await.accepted();
    ben.does_as("one", true, acquire(1)).await.refused("not_found");
}

// === The store's answer is lost ===

#[tokio::test(start_paused = true)]
async fn an_append_whose_answer_is_lost_happens_once() {
    use LostAnswer::{Applied, NotApplied};
    for lost in [vec![Applied], vec![NotApplied], vec![NotApplied, Applied, Applied, NotApplied]] {
        let town = Town::new();
        let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
        for (command, event) in commands() {
            town.line.loses_answers(lost.clone());
            let said = ann.does_as(&id_for(event), false, command.clone()).await;
            assert!(said.result.is_ok(), "{said:?}");
            let again = ann.does_as(&id_for(event), true, command).await;
            assert_eq!((said.seq, said.result), (again.seq, again.result));
        }
        assert_eq!(ann.hears_all().await, ["lock.acquired", "comment.added", "member.invited"]);
        assert_eq!(ben.hears_all().await, ["lock.acquired", "comment.added", "withheld"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_stays_unknown_is_said_to_be_and_a_retry_finds_out() {
    for lost in [LostAnswer::Applied, LostAnswer::NotApplied] {
        let town = Town::new();
        let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
        town.line.loses_answers(std::iter::repeat_n(lost, 1_000));
        ann.does_as("one", false, acquire(1)).await.refused("outcome_unknown");
        ann.does_as("two", false, remark(1, "whale")).await.refused("outcome_unknown");
        town.line.loses_no_more();
        let token = ann.does_as("one", true, acquire(1)).await.granted();
        ann.does_as("two", true, remark(1, "whale")).await.accepted();
        ann.does(release(1, token)).await.accepted();
        let mut heard = ben.hears_all().await;
        heard.sort_unstable();
        assert_eq!(heard, ["comment.added", "lock.acquired", "lock.released"]);
    }
}

// === The store is away ===

#[tokio::test(start_paused = true)]
async fn r8_what_may_have_been_done_is_not_denied_because_the_store_went_away_after_it() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    town.line.loses_answers([LostAnswer::AppliedAtLast]);
    ann.does_as("first", false, remark(1, "t1")).await.refused("outcome_unknown");
    town.line.comes_back();
    ann.does_as("first", true, remark(1, "t1")).await.accepted();
    assert_eq!(ben.hears_all().await, ["comment.added"]);
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_nothing_is_done_and_nobody_is_sent_away() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    town.line.goes_away();
    for (command, event) in commands() {
        ann.does_as(&id_for(event), false, command).await.refused("unavailable");
    }
    // R3: not even a refusal is given without the store.
    ben.does(release(2, quire_protocol::Token(1))).await.refused("unavailable");
    ben.opens(&moby()).await.refused("unavailable");
    town.passes_for(Duration::from_mins(1), [&mut ann, &mut ben]).await;
    ann.hears_nothing_more().await;

    town.line.comes_back();
    ben.opens(&moby()).await.accepted();
    for (command, event) in commands() {
        assert!(ann.does_as(&id_for(event), true, command).await.result.is_ok());
    }
    assert_eq!(ben.hears_all().await, ["lock.acquired", "comment.added", "withheld"]);
}

#[tokio::test(start_paused = true)]
async fn a_grace_that_ends_while_the_store_is_away_is_made_good_afterwards() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    ben.rest().await;
    town.line.goes_away();
    drop(ann.drops_connection());
    town.passes_for(Duration::from_mins(1), [&mut ben]).await;
    ben.hears_nothing_more().await;
    town.line.comes_back();
    town.passes_for(Duration::from_secs(2), [&mut ben]).await;
    assert_eq!(ben.hears_all().await, ["lock.released"]);
}

// === Another writer ===

#[tokio::test(start_paused = true)]
async fn what_another_hub_wrote_is_caught_up_with_and_decided_on_again() {
    let north = Town::new();
    let (mut ann, [_ben]) = north.team([("ben", Role::Editor)]).await;
    let south = north.beside();
    let mut ben = south.arrives("ben").await;
    ben.opens(&moby()).await.accepted();
    ann.does(acquire(1)).await.granted();
    // The hub in the south has not heard of it, and yet:
    ben.does(acquire(1)).await.refused("locked");
    assert_eq!(ben.hears_all().await, ["lock.acquired"]);
    ben.does(acquire(2)).await.granted();
    ann.does(remark(1, "whale")).await.accepted();
    ben.does(remark(1, "spout")).await.accepted();
    ann.does(acquire(2)).await.refused("locked");
    assert_eq!(ann.sees().await.seq, ben.sees().await.seq);
    let heard = ["lock.acquired", "lock.acquired", "comment.added", "comment.added"];
    assert_eq!(ann.hears_all().await, heard);
    assert_eq!(ben.hears_all().await, heard[1..]);
}

#[tokio::test(start_paused = true)]
async fn a_member_removed_through_another_hub_is_not_served() {
    let north = Town::new();
    let (mut ann, [_ben]) = north.team([("ben", Role::Editor)]).await;
    let south = north.beside();
    let mut ben = south.arrives("ben").await;
    ben.opens(&moby()).await.accepted();
    ann.does(remove_member("ben")).await.accepted();
    ben.does(acquire(1)).await.refused("not_found");
    assert_eq!(ben.hears_all().await, ["book_closed"]);
}

// === The store hangs ===

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_one_that_cannot_be_asked_and_everybody_is_answered() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    town.line.is_cut();
    ann.does(acquire(1)).await.refused("outcome_unknown");
    ann.does(release(1, quire_protocol::Token(1))).await.refused("unavailable");
    ann.opens(&moby()).await.refused("unavailable");
    ann.asks_hub(quire_protocol::command::BooksList { limit: None, cursor: None, trashed: false })
        .await
        .refused("unavailable");
    town.line.comes_back();
    ann.does_as("mine", false, acquire(1)).await.granted();
}

// === The history is lost ===

#[tokio::test(start_paused = true)]
async fn when_the_history_is_another_everybody_is_sent_to_resume_and_nobody_waits_for_an_answer() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(invite("ivy", Role::Editor)).await.accepted();
    let mut ivy = town.arrives("ivy").await;
    let other: Arc<dyn Store> = Arc::new(Memory::seeded(town.clock.clone(), 8));
    town.line.leads_to(other);
    ivy.does(InvitationAccept { invitation: invitation("for-ivy") }).await.refused("outcome_unknown");
    let lost = TabEnd(Some(4050));
    assert_eq!(ann.is_sent_away().await, lost);
    assert_eq!(ben.is_sent_away().await, lost);
    ivy.opens(&moby()).await.refused("not_found");
}
