//! Writing on one replica, and watching on another.

use std::time::Duration;

use quire_protocol::command::Mode;
use quire_protocol::event::ReleaseReason;
use quire_protocol::{Seq, Token};

use super::two_replicas;
use crate::harness::facts::released;
use crate::harness::typist::{Typist, reads};
use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, moby};

pub(super) async fn takes_up(person: &mut Person, number: u32) -> (Typist, Token) {
    let token = person.does(acquire(number)).await.granted();
    let opened = person.reads_text(number).await;
    (Typist::begins(token, &opened), token)
}

#[tokio::test(start_paused = true)]
async fn what_is_typed_on_one_replica_is_seen_on_the_other() {
    let (_east, _west, mut ann, mut ben) = two_replicas().await;
    ben.reads_text(1).await;
    let (mut hers, token) = takes_up(&mut ann, 1).await;
    ann.types(&mut hers, (1, token), "Call me ").await;
    ann.types(&mut hers, (1, token), "Ishmael.").await;
    assert_eq!((ben.sees_text().await.rev, ben.sees_text().await.rev), (Seq(1), Seq(2)));
    // The chapter passes on to the other replica, which knows the text already.
    ann.does(release(1, token)).await.accepted();
    ben.hears_frame(released(ReleaseReason::Released)).await;
    let (mut his, token) = takes_up(&mut ben, 1).await;
    ben.types(&mut his, (1, token), " Some years ago").await;
    assert_eq!(ann.sees_text().await.rev, Seq(3));
    assert_eq!(reads(&ann.reads_text(1).await), "Call me Ishmael. Some years ago");
}

#[tokio::test(start_paused = true)]
async fn r13_a_lost_wake_up_of_a_text_is_made_good_within_two_seconds() {
    let (_east, west, mut ann, mut ben) = two_replicas().await;
    ben.reads_text(1).await;
    let (mut hers, token) = takes_up(&mut ann, 1).await;
    west.line.goes_deaf();
    ann.types(&mut hers, (1, token), "unheard").await;
    west.passes_for(Duration::from_secs(2), [&mut ann, &mut ben]).await;
    assert_eq!(ben.sees_text().await.rev, Seq(1));
}

#[tokio::test(start_paused = true)]
async fn r11_a_replica_that_slept_past_its_lease_writes_nothing_over_the_next_holder() {
    let (_east, west, mut ann, mut ben) = two_replicas().await;
    let (mut his, token) = takes_up(&mut ben, 1).await;
    ben.types(&mut his, (1, token), "Before. ").await;
    west.line.goes_away();
    west.passes_for(Duration::from_secs(30), [&mut ann, &mut ben]).await;
    ann.hears_frame(released(ReleaseReason::ReplicaLost)).await;
    let (mut hers, new) = takes_up(&mut ann, 1).await;
    ann.types(&mut hers, (1, new), "Hers.").await;
    west.line.comes_back();
    // His tab and his replica still believe that he holds it.
    let (n, update) = his.types("His, too late.");
    let reference = ben.next_reference();
    let late =
        quire_protocol::command::ChapterUpdate { chapter: crate::harness::chapter(1), token, n, client: None, update };
    let (id, book, command) = (None, Some(moby()), quire_protocol::Command::Text(late.into()));
    ben.sends(&quire_protocol::command::CommandFrame { reference, id, retry: false, book, command }).await;
    match ben.answer_or_end(reference).await {
        Ok(said) => assert!(said.result.is_err(), "{said:?}"),
        Err(end) => assert_eq!(end, TabEnd(Some(4050))),
    }
    assert_eq!(reads(&ann.reads_text(1).await), "Before. Hers.");
}

#[tokio::test(start_paused = true)]
async fn people_on_two_replicas_write_in_one_chapter() {
    let (_east, _west, mut ann, mut ben) = two_replicas().await;
    ann.does(set_mode(1, Mode::Live)).await.accepted();
    let (mut hers, her_token) = takes_up(&mut ann, 1).await;
    ann.types(&mut hers, (1, her_token), ".").await;
    let (mut his, his_token) = takes_up(&mut ben, 1).await;
    for _ in 0..5 {
        tokio::join!(ann.types(&mut hers, (1, her_token), "a"), ben.types(&mut his, (1, his_token), "b"));
        his.merges(&ben.sees_text().await.update.0);
        hers.merges(&ann.sees_text().await.update.0);
    }
    let (ann_reads, ben_reads) = (reads(&ann.reads_text(1).await), reads(&ben.reads_text(1).await));
    assert_eq!(ann_reads, ben_reads);
    assert_eq!((ann_reads.matches('a').count(), ann_reads.matches('b').count()), (5, 5));
    // One lets go; the other replica hears of it by the fence of the text, if not before.
    ben.does(release(1, his_token)).await.accepted();
    assert_eq!(ann.types(&mut hers, (1, her_token), "c").await, Seq(12));
}

#[tokio::test(start_paused = true)]
async fn what_a_replica_has_not_heard_of_who_holds_a_live_chapter_the_store_knows() {
    let (_east, west, mut ann, mut ben) = two_replicas().await;
    ann.does(set_mode(1, Mode::Live)).await.accepted();
    let (mut his, his_token) = takes_up(&mut ben, 1).await;
    west.line.goes_deaf();
    // Somebody came: that is no reason to refuse who was there before.
    let (mut hers, her_token) = takes_up(&mut ann, 1).await;
    assert_eq!(ben.types(&mut his, (1, his_token), "His. ").await, Seq(1));
    hers.merges(&ann.sees_text().await.update.0);
    // Who was sent away writes nothing more, though nobody told their replica.
    ann.does(force_release(1, "the printer waits")).await.accepted();
    let (n, update) = his.types("Late.");
    let late = quire_protocol::command::ChapterUpdate {
        chapter: crate::harness::chapter(1),
        token: his_token,
        n,
        client: None,
        update,
    };
    ben.writes(late).await.refused("stale_token");
    assert_eq!(ann.types(&mut hers, (1, her_token), "Hers.").await, Seq(2));
    assert_eq!(reads(&ann.reads_text(1).await), "His. Hers.");
}
