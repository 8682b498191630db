//! A store that loses text under replicas that have it open.

use std::time::Duration;

use quire::store::LogId;
use quire_protocol::command::ChapterUpdate;
use quire_protocol::frame::Answer;
use quire_protocol::{Rejection, Seq};

use super::loss::all_resume;
use super::two_replicas;
use super::writing::takes_up;
use crate::harness::typist::reads;
use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, Town, chapter, moby};

fn text_log(number: u32) -> LogId {
    LogId::Chapter(moby(), chapter(number))
}

/// Everybody is sent away and comes back, until the book has found out as well that another server goes on.
async fn all_are_back<const N: usize>(people: [(Person, &Town); N]) -> [Person; N] {
    let mut back = Vec::new();
    for (mut person, town) in people {
        assert_eq!(person.is_sent_away().await, TabEnd(Some(4050)));
        loop {
            town.passes(Duration::from_secs(2)).await;
            person = person.drops_connection().comes_back(town).await.unwrap();
            match person.opens(&moby()).await.result {
                Ok(_) => break,
                Err(rejection) => assert!(matches!(rejection, Rejection::Unavailable { .. }), "{rejection:?}"),
            }
        }
        back.push(person);
    }
    back.try_into().ok().unwrap()
}

async fn token_of(person: &mut Person, number: u32) -> quire_protocol::Token {
    person.sees_lock(number).await.expect("a lock").token
}

#[tokio::test(start_paused = true)]
async fn r6_a_text_that_the_store_lost_is_put_back_and_its_holder_goes_on() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    ben.reads_text(1).await;
    let (mut hers, token) = takes_up(&mut ann, 1).await;
    ann.types(&mut hers, (1, token), "Call me ").await;
    ann.types(&mut hers, (1, token), "Ishmael.").await;
    let before = ben.reads_text(1).await;
    east.settles().await;
    east.memory().lose_everything();
    let [mut ann, mut ben] = all_resume([(ann, &east), (ben, &west)]).await;
    let after = ben.reads_text(1).await;
    assert_eq!((reads(&after).as_str(), after.rev, after.lineage), ("Call me Ishmael.", Seq(2), before.lineage));
    assert_ne!(after.epoch, before.epoch);
    // The numbers of her updates go on, and the old token passes no more.
    ann.reads_text(1).await;
    let new = token_of(&mut ann, 1).await;
    assert!(new > token);
    assert_eq!(ann.types(&mut hers, (1, new), " Some years ago").await, Seq(3));
    assert_eq!(ben.sees_text().await.rev, Seq(3));
    assert_eq!(reads(&ben.reads_text(1).await), "Call me Ishmael. Some years ago");
}

#[tokio::test(start_paused = true)]
async fn r6_the_end_of_a_text_that_the_store_lost_is_put_back() {
    for lost in 1..=3 {
        let (east, west, mut ann, mut ben) = two_replicas().await;
        ben.reads_text(1).await;
        let (mut hers, token) = takes_up(&mut ann, 1).await;
        for word in ["Call ", "me ", "Ishmael."] {
            ann.types(&mut hers, (1, token), word).await;
        }
        east.settles().await;
        east.memory().fails_over(&text_log(1), lost);
        // The first to write finds out.
        let (n, update) = hers.types(" Some");
        let late = ChapterUpdate { chapter: chapter(1), token, n, client: None, update };
        ann.writes(late).await.refused("unavailable");
        let [mut ann, mut ben] = all_are_back([(ann, &east), (ben, &west)]).await;
        assert_eq!(reads(&ben.reads_text(1).await), "Call me Ishmael.", "{lost} lost");
        assert_eq!(reads(&ann.reads_text(1).await), "Call me Ishmael.", "{lost} lost");
    }
}

#[tokio::test(start_paused = true)]
async fn r6_who_watches_puts_a_text_back_whose_writer_is_gone() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    ben.reads_text(1).await;
    let (mut hers, token) = takes_up(&mut ann, 1).await;
    ann.types(&mut hers, (1, token), "Call me Ishmael.").await;
    assert_eq!(ben.sees_text().await.rev, Seq(1));
    east.line.goes_away();
    west.memory().lose_everything();
    let [mut ben] = all_resume([(ben, &west)]).await;
    assert_eq!(reads(&ben.reads_text(1).await), "Call me Ishmael.");
}

#[tokio::test(start_paused = true)]
async fn r6_a_text_that_is_one_state_is_put_back() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    ben.reads_text(1).await;
    let (mut hers, token) = takes_up(&mut ann, 1).await;
    ann.types(&mut hers, (1, token), "Call me Ishmael.").await;
    ann.does(release(1, token)).await.accepted();
    east.passes_for(Duration::from_secs(1), [&mut ann, &mut ben]).await;
    // The version that the end of the hold left is the text's state as well.
    let opened = ann.reads_text(1).await;
    assert!(opened.state.is_some() && opened.updates.is_empty());
    let (mut his, token) = takes_up(&mut ben, 1).await;
    ben.types(&mut his, (1, token), " Some years ago").await;
    east.settles().await;
    east.memory().lose_everything();
    let [mut ann, mut ben] = all_resume([(ann, &east), (ben, &west)]).await;
    for person in [&mut ann, &mut ben] {
        assert_eq!(reads(&person.reads_text(1).await), "Call me Ishmael. Some years ago");
    }
}

#[tokio::test(start_paused = true)]
async fn r6_a_text_is_put_back_after_the_store_was_away_for_longer_than_anybody_waits() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    let (mut hers, token) = takes_up(&mut ann, 1).await;
    for word in ["Call ", "me ", "Ishmael."] {
        ann.types(&mut hers, (1, token), word).await;
    }
    east.settles().await;
    east.line.goes_away();
    west.line.goes_away();
    let (n, update) = hers.types(" Some");
    let late = ChapterUpdate { chapter: chapter(1), token, n, client: None, update };
    assert!(ann.writes(late).await.result.is_err(), "nothing is stored where there is no store");
    east.passes_for(Duration::from_secs(5), [&mut ben]).await;
    east.memory().fails_over(&text_log(1), 2);
    east.line.comes_back();
    west.line.comes_back();
    let [mut ann] = all_are_back([(ann, &east)]).await;
    // While it is being put back it is not there, and never shorter.
    let opened = loop {
        match ann.opens_text(1).await.result {
            Ok(Answer::Text(opened)) => break opened,
            Ok(other) => panic!("no text: {other:?}"),
            Err(rejection) => assert!(matches!(rejection, Rejection::Unavailable { .. }), "{rejection:?}"),
        }
        east.passes(Duration::from_millis(500)).await;
    };
    assert_eq!((reads(&opened).as_str(), opened.n), ("Call me Ishmael.", Some(3)));
}
