//! `kill -9`: what was acknowledged is there, once; who held a chapter may come back for it.

use std::collections::{BTreeMap, BTreeSet};

use quire_protocol::Seq;
use quire_protocol::event::{Event, EventFrame, ReleaseReason};
use tokio::sync::mpsc;

use super::program::{Hub, Place};
use super::tab::{Left, Tab};
use crate::harness::facts::{rehomed_to, released};
use crate::harness::wishes::{acquire, release, remark};

/// Commands that one tab has under way.
const UNDER_WAY: usize = 8;
/// The hub dies once this many commands were acknowledged.
const ACKNOWLEDGED: usize = 200;
/// The burst is for the store, not for the rate limit.
const NO_RATE_LIMIT: [&str; 4] = ["--limit", "commands_per_second=100000", "--limit", "command_burst=100000"];

/// A remark that the hub said yes to.
struct Acknowledged {
    remark: String,
    seq: Seq,
}

/// Makes one remark after the other, some at a time, until the hub is gone; what it got no answer to.
async fn remarks_until_the_hub_dies(
    mut tab: Tab,
    number: usize,
    said: mpsc::Sender<Acknowledged>,
) -> (Left, Vec<String>) {
    for round in 0.. {
        let names = (0..UNDER_WAY).map(|index| format!("{}-{number}-{round}-{index}", tab.name()));
        let names: Vec<String> = names.collect();
        let mut references = Vec::new();
        for name in &names {
            references.push(tab.wishes(name, false, remark(1, name)).await);
        }
        for (index, reference) in references.into_iter().enumerate() {
            let Ok(answer) = tab.answer_to(reference).await else { return (tab.left(), names[index..].to_vec()) };
            let seq = answer.seq.expect("an event");
            answer.accepted();
            said.send(Acknowledged { remark: names[index].clone(), seq }).await.unwrap();
        }
    }
    unreachable!("the hub dies")
}

/// The remarks of a history, each by its seq.
fn remarks(history: &[EventFrame]) -> BTreeMap<Seq, String> {
    let remark = |frame: &EventFrame| match &frame.event {
        Event::CommentAdded(event) => Some((frame.seq, event.thread.to_string())),
        _ => None,
    };
    history.iter().filter_map(remark).collect()
}

fn no_remark_twice(remarks: &BTreeMap<Seq, String>) -> BTreeSet<&String> {
    let different: BTreeSet<_> = remarks.values().collect();
    assert_eq!(different.len(), remarks.len(), "no remark is there twice");
    different
}

async fn dies_under_a_burst(hub: Hub, tabs: Vec<Tab>) -> (Vec<Acknowledged>, Vec<(Left, Vec<String>)>) {
    let (said, mut acknowledged) = mpsc::channel(UNDER_WAY);
    let tabs = tabs.into_iter().enumerate();
    let tasks: Vec<_> =
        tabs.map(|(number, tab)| tokio::spawn(remarks_until_the_hub_dies(tab, number, said.clone()))).collect();
    drop(said);
    let mut all = Vec::new();
    while all.len() < ACKNOWLEDGED {
        all.push(acknowledged.recv().await.expect("the tabs go on while the hub lives"));
    }
    let (dead, ()) = tokio::join!(
        async {
            while let Some(one) = acknowledged.recv().await {
                all.push(one);
            }
            futures::future::join_all(tasks).await
        },
        hub.dies()
    );
    (all, dead.into_iter().map(Result::unwrap).collect())
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there_once_and_in_order() {
    let place = Place::new();
    let hub = place.hub(&NO_RATE_LIMIT).await;
    let (ann, [ben, cy]) = Tab::team(&hub, ["ben", "cy"]).await;
    let mut again = Tab::arrives(&hub, "ann").await;
    again.opens().await;
    let (acknowledged, unanswered) = dies_under_a_burst(hub, vec![ann, ben, cy, again]).await;

    let hub = place.hub(&NO_RATE_LIMIT).await;
    let mut ann = Tab::arrives(&hub, "ann").await;
    let there = remarks(&ann.history().await);
    no_remark_twice(&there);
    for Acknowledged { remark, seq } in &acknowledged {
        assert_eq!(there.get(seq), Some(remark), "seq {seq}");
    }

    // Whoever got no answer asks again with the same id: done once, whether or not it was done before.
    let mut expected: BTreeSet<&String> = acknowledged.iter().map(|one| &one.remark).collect();
    for (left, names) in &unanswered {
        let mut tab = Tab::resumes(&hub, left).await;
        for name in names {
            let reference = tab.wishes(name, true, remark(1, name)).await;
            tab.answer_to(reference).await.expect("an answer").accepted();
        }
        expected.extend(names);
    }
    let there = remarks(&ann.history().await);
    assert_eq!(no_remark_twice(&there), expected);
}

#[tokio::test]
async fn a_holder_who_comes_back_after_a_kill_keeps_the_chapter_with_a_higher_token() {
    let place = Place::new();
    let flags = ["--lock-grace", "1h"];
    let hub = place.hub(&flags).await;
    let (mut ann, [ben]) = Tab::team(&hub, ["ben"]).await;
    let before = ann.does(acquire(1)).await.granted();
    hub.dies().await;

    let hub = place.hub(&flags).await;
    let mut ben = Tab::resumes(&hub, &ben.left()).await;
    let lock = ben.sees_lock(1).await.expect("still held");
    assert_eq!((lock.holder.session, lock.away, lock.token), (ann.session(), true, before));
    ben.does(acquire(1)).await.refused("locked");

    let mut ann = Tab::resumes(&hub, &ann.left()).await;
    ann.opens().await;
    let after = ben.hears(rehomed_to(ann.session())).await;
    assert!(after > before, "{after:?} > {before:?}");
    assert!(!ben.sees_lock(1).await.expect("still held").away);
    ann.does(release(1, before)).await.refused("stale_token");
    ann.does(release(1, after)).await.accepted();
}

#[tokio::test]
async fn a_holder_who_stays_away_after_a_kill_loses_the_chapter_when_the_grace_is_over() {
    let place = Place::new();
    let hub = place.hub(&["--lock-grace", "1h"]).await;
    let (mut ann, [ben]) = Tab::team(&hub, ["ben"]).await;
    ann.does(acquire(1)).await.granted();
    hub.dies().await;

    let hub = place.hub(&["--lock-grace", "300ms"]).await;
    let mut ben = Tab::resumes(&hub, &ben.left()).await;
    ben.opens().await;
    ben.hears_frame(released(ReleaseReason::ReplicaLost)).await;
    ben.does(acquire(1)).await.granted();
}

#[tokio::test]
async fn a_store_is_sound_after_many_kills() {
    let place = Place::new();
    let mut expected = Vec::new();
    for round in 0..5 {
        let hub = place.hub(&[]).await;
        let mut ann = match round {
            0 => Tab::team(&hub, []).await.0,
            _ => Tab::arrives(&hub, "ann").await,
        };
        let name = format!("round-{round}");
        ann.does(remark(1, &name)).await.accepted();
        expected.push(name);
        let there: Vec<_> = remarks(&ann.history().await).into_values().collect();
        assert_eq!(there, expected);
        hub.dies().await;
    }
}
