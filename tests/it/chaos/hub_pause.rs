//! F2: a hub stands still for longer than its lease, and wakes without knowing.

use quire_protocol::event::ReleaseReason;

use super::worker::Crew;
use super::world::{World, agrees_with_history, comes_back, doors, reader, workers};
use crate::harness::TabEnd;
use crate::harness::facts::released;
use crate::harness::wishes::{acquire, release, rename_chapter};
use crate::process::tab::Tab;

#[tokio::test]
async fn f2_what_waited_in_a_stopped_hub_contradicts_nothing() {
    let world = World::new("1s", &[]).await;
    let (north, south) = (world.hub().await, world.hub().await);
    let (holder, [mut ben]) = Tab::team(&north, ["ben"]).await;
    drop(holder);
    let mut ann = reader(&south, "ann").await;
    let old = ben.does(acquire(1)).await.granted();

    north.is_stopped().await;
    let asked = [
        ben.wishes("late-1", false, acquire(2)).await,
        ben.wishes("late-2", false, release(1, old)).await,
        ben.wishes("late-3", false, rename_chapter(1, "Loomings")).await,
    ];
    ann.hears_frame(released(ReleaseReason::ReplicaLost)).await;
    let new = [ann.does(acquire(1)).await.granted(), ann.does(acquire(2)).await.granted()];
    assert!(new[0] > old);

    north.goes_on();
    for (reference, allowed) in asked.into_iter().zip(["locked", "not_holder", "locked"]) {
        match ben.answer_to(reference).await {
            Ok(said) => {
                let code = said.result.expect_err("others hold the chapters").code();
                assert!(code == allowed || code == "unavailable" || code == "outcome_unknown", "{code}");
            }
            // It was out of touch. The word about it may be lost with a connection on which more was asked.
            Err(TabEnd(code)) => assert!(code.is_none_or(|code| code == 4050), "{code:?}"),
        }
    }
    assert_ne!(ben.is_sent_away().await, TabEnd(Some(1000)));
    let (mut ben, _) = comes_back(&south, ben.left()).await;
    for (number, token) in (1..).zip(new) {
        let lock = ben.sees_lock(number).await.expect("ann holds it");
        assert_eq!((lock.holder.session, lock.token), (ann.session(), token));
        ben.does(acquire(number)).await.refused("locked");
        ann.does(release(number, token)).await.accepted();
        assert!(ben.does(acquire(number)).await.granted() > token);
    }
}

#[tokio::test]
async fn f2_what_people_were_told_stays_true_when_a_hub_stands_still() {
    let world = World::new("500ms", &[]).await;
    let (north, south) = (world.hub().await, world.hub().await);
    let tabs = workers(&[&north, &south], 4).await;
    let (mut holder, mut watcher) = (reader(&north, "ann").await, reader(&south, "ann").await);
    let old = holder.does(acquire(4)).await.granted();
    let crew = Crew::begins(tabs, &doors([&north, &south]));
    crew.goes_on(crew.all()).await;

    north.is_stopped().await;
    watcher.hears_frame(released(ReleaseReason::ReplicaLost)).await;
    assert!(watcher.does(acquire(4)).await.granted() > old);
    crew.goes_on([1, 3]).await;
    north.goes_on();
    assert_eq!(holder.is_sent_away().await, TabEnd(Some(4050)));
    crew.goes_on(crew.all()).await;
    let diaries = crew.ends().await;
    agrees_with_history(&south, &diaries).await;
}
