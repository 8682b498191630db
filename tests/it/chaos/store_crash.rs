//! F4, F5: Redis ends, and comes back with everything or with nothing.

use quire_protocol::Token;
use quire_protocol::frame::Opened;

use super::worker::Crew;
use super::world::{DURABLE, World, agrees_with_history, comes_back, doors, is_answered, reader, workers};
use crate::harness::facts::acquired_by;
use crate::harness::wishes::{acquire, release};
use crate::harness::{TabEnd, chapter};
use crate::process::program::Door;
use crate::process::tab::Tab;

#[tokio::test]
async fn f4_a_redis_that_is_killed_and_comes_back_lost_nothing_that_was_acknowledged() {
    let mut world = World::new("2s", &DURABLE).await;
    let (north, south) = (world.hub().await, world.hub().await);
    let crew = Crew::begins(workers(&[&north, &south], 3).await, &doors([&north, &south]));
    for round in 0..2 {
        crew.goes_on(crew.all()).await;
        world.redis.kill().await;
        for hub in [&north, &south] {
            let answer = is_answered(hub, &format!("away-{round}")).await;
            let refused = [Err(Some("unavailable")), Err(Some("outcome_unknown")), Err(None)];
            assert!(refused.contains(&answer), "{answer:?}");
        }
        world.redis.start_again().await;
    }
    crew.goes_on(crew.all()).await;
    agrees_with_history(&north, &crew.ends().await).await;
}

#[tokio::test]
async fn f5_what_an_empty_redis_lost_is_put_back_and_holders_confirm_their_locks() {
    let mut world = World::new("20s", &[]).await;
    let (north, south) = (world.hub().await, world.hub().await);
    let (mut ann, [ben]) = Tab::team(&north, ["ben"]).await;
    ben.closes(1000).await;
    let mut ben = reader(&south, "ben").await;
    let before = ann.opens().await;
    let hers = ann.does(acquire(1)).await.granted();
    let his = ben.does(acquire(2)).await.granted();
    ann.hears(acquired_by(ben.session())).await;
    ben.hears(acquired_by(ann.session())).await;

    world.redis.kill().await;
    world.redis.start_again().await;
    let resumes = TabEnd(Some(4050));
    assert_eq!((ann.is_sent_away().await, ben.is_sent_away().await), (resumes, resumes));
    Box::pin(confirms(&north, ann, 1, hers, &before)).await;
    Box::pin(confirms(&south, ben, 2, his, &before)).await;
}

/// Whoever held a chapter when the store was lost holds it still, under a higher token and a new epoch.
async fn confirms(hub: &Door, mut tab: Tab, number: u32, old: Token, before: &Opened) {
    loop {
        // Its hub sends it away once more when it finds that its own lease went with the rest.
        let opened;
        (tab, opened) = comes_back(hub, tab.left()).await;
        assert!(opened.epoch != before.epoch && opened.seq > before.seq);
        let chapters = opened.snapshot.expect("no position was named").chapters;
        let view = chapters.into_iter().find(|view| view.id == chapter(number)).expect("it was put back");
        let lock = view.lock.expect("it is held");
        assert_eq!(lock.holder.session, tab.session());
        assert!(lock.token > old, "{:?} after {old:?}", lock.token);
        let stale = tab.wishes("stale", false, release(number, old)).await;
        let Ok(said) = tab.answer_to(stale).await else { continue };
        said.refused("stale_token");
        return;
    }
}
