//! Text in a real hub: what was acknowledged survives `kill -9`, and the scribe works.

use quire_protocol::codec::Blob;
use quire_protocol::command::ChapterUpdate;
use quire_protocol::{Seq, Token};

use super::program::{Hub, Place};
use super::tab::Tab;
use crate::harness::chapter;
use crate::harness::typist::{Typist, reads};
use crate::harness::wishes::{acquire, release};
use crate::redis_server::{PASSWORD, RedisServer};

/// The burst is for the store, not for the rate limit.
const NO_RATE_LIMIT: [&str; 4] = ["--limit", "commands_per_second=100000", "--limit", "command_burst=100000"];
/// Updates that wait for their answer at the same time.
const UNDER_WAY: usize = 8;
/// More than make a state.
const LONG: u32 = 700;

fn update(token: Token, (n, update): (u64, Blob)) -> ChapterUpdate {
    ChapterUpdate { chapter: chapter(1), token, n, client: None, update }
}

/// ann holds the first chapter and has its text open.
async fn begins(hub: &Hub) -> (Tab, Typist, Token) {
    let (mut ann, []) = Tab::team(hub, []).await;
    let token = ann.does(acquire(1)).await.granted();
    let typist = Typist::begins(token, &ann.reads_text(1).await);
    (ann, typist, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_acknowledged_is_lost_when_the_hub_is_killed_while_somebody_types() {
    let place = Place::new();
    let hub = place.hub(&NO_RATE_LIMIT).await;
    let (mut ann, mut typist, token) = begins(&hub).await;
    let (mut expected, mut waiting, mut acknowledged) = (String::new(), Vec::new(), 0);
    for number in 0..100 {
        let word = format!("{number} ");
        expected.push_str(&word);
        let typed = update(token, typist.types(&word));
        waiting.push((ann.says_of_text(typed.clone()).await, typed));
        if waiting.len() == UNDER_WAY && number < 92 {
            let (reference, _) = waiting.remove(0);
            acknowledged = ann.answer_to(reference).await.expect("an answer").revised().0;
        }
    }
    hub.dies().await;
    let hub = place.hub(&NO_RATE_LIMIT).await;
    let mut ann = Tab::resumes(&hub, &ann.left()).await;
    ann.opens().await;
    let stored = ann.reads_text(1).await;
    assert!(stored.rev >= Seq(acknowledged), "{:?} of {acknowledged} are there", stored.rev);
    assert!(expected.starts_with(&reads(&stored)), "what is there is what was typed, in order");
    // The tab sends again what was not answered; what had arrived is answered again and written once.
    let token = ann.sees_lock(1).await.expect("it is still hers").token;
    for (_, typed) in waiting {
        let reference = ann.says_of_text(ChapterUpdate { token, ..typed }).await;
        ann.answer_to(reference).await.expect("an answer").revised();
    }
    assert_eq!(reads(&ann.reads_text(1).await), expected);
    hub.is_asked_to_end();
    hub.ends().await.well();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_has_a_long_text_made_into_one_state_by_its_own_program() {
    let place = Place::new();
    let hub = place.hub(&NO_RATE_LIMIT).await;
    let (mut ann, mut typist, token) = begins(&hub).await;
    for _ in 0..LONG {
        let reference = ann.says_of_text(update(token, typist.types("x"))).await;
        ann.answer_to(reference).await.expect("an answer").revised();
    }
    // The state is stored some time after the update that made the log long: each reading looks again.
    let state = async {
        loop {
            let opened = ann.reads_text(1).await;
            if opened.updates.len() < LONG as usize / 2 {
                break opened;
            }
        }
    };
    let opened = super::program::soon("a state of the text", state).await;
    assert_eq!((reads(&opened), opened.rev), ("x".repeat(LONG as usize), Seq(LONG.into())));
    // A hub that starts anew reads the state.
    hub.is_asked_to_end();
    hub.ends().await.well();
    let hub = place.hub(&NO_RATE_LIMIT).await;
    let mut ann = Tab::arrives(&hub, "ann").await;
    ann.opens().await;
    assert_eq!(reads(&ann.reads_text(1).await), "x".repeat(LONG as usize));
    hub.is_asked_to_end();
    hub.ends().await.well();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_on_one_replica_of_a_redis_is_seen_on_the_other() {
    let (place, server) = (Place::new(), RedisServer::start().await);
    let url = format!("redis://quire:{PASSWORD}@127.0.0.1:{}", server.port());
    let flags = ["--redis-url", &url];
    let (east, west) = (place.hub(&flags).await, place.hub(&flags).await);
    let (mut ann, [mut ben]) = Tab::team(&east, ["ben"]).await;
    let mut there = Tab::arrives(&west, "ben").await;
    there.opens().await;
    there.reads_text(1).await;
    let token = ann.does(acquire(1)).await.granted();
    let mut hers = Typist::begins(token, &ann.reads_text(1).await);
    for (word, rev) in [("Call ", 1), ("me ", 2), ("Ishmael.", 3)] {
        let reference = ann.says_of_text(update(token, hers.types(word))).await;
        assert_eq!(ann.answer_to(reference).await.expect("an answer").revised(), Seq(rev));
        assert_eq!(there.sees_text().await.rev, Seq(rev));
    }
    // The other replica writes on where this one ended, under a fence of its own.
    ann.does(release(1, token)).await.accepted();
    let token = there.does(acquire(1)).await.granted();
    let mut his = Typist::begins(token, &there.reads_text(1).await);
    let reference = there.says_of_text(update(token, his.types(" Some years ago"))).await;
    assert_eq!(there.answer_to(reference).await.expect("an answer").revised(), Seq(4));
    assert_eq!(ann.sees_text().await.rev, Seq(4));
    assert_eq!(reads(&ben.reads_text(1).await), "Call me Ishmael. Some years ago");
    for hub in [east, west] {
        hub.is_asked_to_end();
        hub.ends().await.well();
    }
}
