//! A hub that goes away politely.

use std::sync::Arc;
use std::time::Duration;

use quire_protocol::frame::Hello;
use quire_protocol::{Encoding, Role, ServerFrame};

use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, Town, moby};

const DRAINING: TabEnd = TabEnd(Some(4013));

async fn told(person: &mut Person) -> u64 {
    let draining = |frame: &ServerFrame| match frame {
        ServerFrame::Draining(draining) => Some(draining.reconnect_after_ms),
        _ => None,
    };
    person.waits_for("draining", draining).await
}

#[tokio::test(start_paused = true)]
async fn everybody_is_told_a_delay_of_their_own_and_served_until_then() {
    let town = Town::new();
    let (ann, [ben, cat]) = town.team([("ben", Role::Editor), ("cat", Role::Editor)]).await;
    let begun = tokio::time::Instant::now();
    let drain = tokio::spawn({
        let hub = Arc::clone(&town.hub);
        async move { hub.drain().await }
    });
    let mut people = Vec::new();
    for mut person in [ann, ben, cat] {
        people.push((told(&mut person).await, person));
    }
    people.sort_by_key(|(delay, _)| *delay);
    let delays: Vec<_> = people.iter().map(|(delay, _)| *delay).collect();
    assert_eq!(delays, [0, 5_000, 10_000]);
    for (number, (delay, person)) in (1..).zip(&mut people).skip(1) {
        // The store is written up to the last moment.
        town.passes(Duration::from_millis(*delay - 10).saturating_sub(begun.elapsed())).await;
        person.does(acquire(number)).await.granted();
    }
    for (_, person) in &mut people {
        assert_eq!(person.is_sent_away().await, DRAINING);
    }
    // Nobody keeps the hub: not those who held chapters, nor their graces.
    let gone = people.into_iter().map(|(_, person)| person.drops_connection()).collect::<Vec<_>>();
    drain.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(13), "{:?}", begun.elapsed());

    let town = town.restarted();
    town.passes(Duration::from_mins(1)).await;
    let mut last = gone[2].comes_back(&town).await.unwrap();
    assert_eq!(last.sees_lock(3).await.unwrap().holder.session, last.session());
    assert!(last.sees_lock(2).await.unwrap().away, "and so is everybody else's chapter for the grace");
}

#[tokio::test(start_paused = true)]
async fn who_comes_while_the_hub_drains_is_sent_on() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let drain = tokio::spawn({
        let hub = Arc::clone(&town.hub);
        async move { hub.drain().await }
    });
    told(&mut ann).await;
    let hello = Hello { token: Some(town.token("cat")), client: None, resume: None };
    let late = Person::says_hello(&town, "cat", Encoding::MessagePack, hello).await;
    let end = match late {
        Ok(mut late) => late.is_sent_away().await,
        Err(end) => end,
    };
    assert_eq!(end, DRAINING);
    assert_eq!(ann.is_sent_away().await, DRAINING);
    assert_eq!(ben.is_sent_away().await, DRAINING);
    drop((ann, ben));
    drain.await.unwrap();
    assert!(!town.hub.is_ready().await);
}

#[tokio::test(start_paused = true)]
async fn a_tab_that_closes_while_the_hub_drains_frees_its_chapter() {
    let town = Town::new();
    let (ann, [ben]) = town.team([("ben", Role::Editor)]).await;
    let drain = tokio::spawn({
        let hub = Arc::clone(&town.hub);
        async move { hub.drain().await }
    });
    let mut people = [ann, ben];
    let delays = [told(&mut people[0]).await, told(&mut people[1]).await];
    let [first, second] = people;
    let (mut soon, mut later) = if delays[0] < delays[1] { (first, second) } else { (second, first) };
    later.does(acquire(1)).await.granted();
    later.closes_tab().await;
    soon.is_sent_away().await;
    drop(soon);
    drain.await.unwrap();
    let town = town.restarted();
    let mut ann = town.arrives("ann").await;
    ann.opens(&moby()).await.accepted();
    assert!(ann.sees_lock(1).await.is_none());
}
