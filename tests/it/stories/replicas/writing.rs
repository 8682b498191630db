//! Writing on one replica, and watching on another.

use std::time::Duration;

use quire_protocol::event::ReleaseReason;
use quire_protocol::{Seq, Token};

use super::two_replicas;
use crate::harness::facts::released;
use crate::harness::typist::{Typist, reads};
use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, moby};

async fn takes_up(person: &mut Person, number: u32) -> (Typist, Token) {
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
    let late = quire_protocol::command::ChapterUpdate { chapter: crate::harness::chapter(1), token, n, update };
    let (id, book, command) = (None, Some(moby()), quire_protocol::Command::Text(late.into()));
    ben.sends(&quire_protocol::command::CommandFrame { reference, id, retry: false, book, command }).await;
    match ben.answer_or_end(reference).await {
        Ok(said) => assert!(said.result.is_err(), "{said:?}"),
        Err(end) => assert_eq!(end, TabEnd(Some(4050))),
    }
    assert_eq!(reads(&ann.reads_text(1).await), "Before. Hers.");
}
