//! F1: a hub is killed while its tabs hold chapters.

use std::collections::BTreeMap;

use quire_protocol::event::ReleaseReason;
use quire_protocol::{ChapterId, SessionId, Token};

use super::worker::Crew;
use super::world::{World, agrees_with_history, doors, reader, workers};
use crate::harness::chapter;
use crate::harness::facts::released;
use crate::harness::wishes::{acquire, release};
use crate::process::tab::Tab;

/// Chapters of each holder.
const HELD: u32 = 10;

async fn sees_locks(tab: &mut Tab) -> BTreeMap<ChapterId, (SessionId, Token)> {
    let chapters = tab.opens().await.snapshot.expect("no position was named").chapters;
    let lock = |lock: quire_protocol::view::LockView| (lock.holder.session, lock.token);
    chapters.into_iter().filter_map(|view| Some((view.id, lock(view.lock?)))).collect()
}

#[tokio::test]
async fn f1_whoever_comes_back_keeps_their_chapters_and_the_others_are_freed() {
    let world = World::new("3s", &[]).await;
    let (north, south) = (world.hub().await, world.hub().await);
    let mut holders = workers(&[&north], 4 * HELD).await;
    let mut ann = reader(&south, "ann").await;
    for (holder, first) in holders.iter_mut().zip((1..).step_by(10)) {
        for number in first..first + HELD {
            holder.does(acquire(number)).await.granted();
        }
    }
    let before = sees_locks(&mut ann).await;
    assert_eq!(before.len(), 40);

    north.dies().await;
    let mut back = Vec::new();
    for holder in &holders[..2] {
        let mut tab = Tab::resumes(&south, &holder.left()).await;
        tab.opens().await;
        back.push(tab);
    }
    for _ in 0..2 * HELD {
        ann.hears_frame(released(ReleaseReason::ReplicaLost)).await;
    }
    let after = sees_locks(&mut ann).await;
    assert_eq!(after.len(), 20, "{after:?}");
    for (held, (session, token)) in &after {
        let (holder, old) = &before[held];
        assert!(session == holder && token > old, "{held}: {session} {token:?} after {holder} {old:?}");
    }
    assert!(after.values().all(|(session, _)| back.iter().any(|tab| tab.session() == *session)));

    back[0].does(acquire(2 * HELD)).await.refused("locked");
    let freed = ann.does(acquire(4 * HELD)).await.granted();
    assert!(freed > before[&chapter(4 * HELD)].1);
    back[0].does(release(1, before[&chapter(1)].1)).await.refused("stale_token");
    back[0].does(release(1, after[&chapter(1)].1)).await.accepted();
}

#[tokio::test]
async fn f1_what_people_were_told_stays_true_when_hubs_are_killed_under_them() {
    let world = World::new("2s", &[]).await;
    let (north, south) = (world.hub().await, world.hub().await);
    let doors = doors([&north, &south]);
    let crew = Crew::begins(workers(&[&north, &south], 3).await, &doors);
    crew.goes_on(crew.all()).await;
    doors.lock().unwrap().remove(0);
    north.dies().await;
    crew.goes_on(crew.all()).await;

    let west = world.hub().await;
    *doors.lock().unwrap() = vec![(*west).clone()];
    south.dies().await;
    crew.goes_on(crew.all()).await;
    agrees_with_history(&west, &crew.ends().await).await;
}
