//! A replica that goes away politely while others go on.

use std::collections::BTreeSet;
use std::time::Duration;

use quire_protocol::event::ReleaseReason;

use super::{drains, two_replicas};
use crate::harness::facts::{rehomed_to, released};
use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, Town, moby};

const DRAINING: TabEnd = TabEnd(Some(4013));

#[tokio::test(start_paused = true)]
async fn a_lock_is_kept_until_its_tab_resumes_on_another_replica() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    ben.does(acquire(1)).await.granted();
    let drain = drains(&west);
    west.settles().await;
    assert!(!west.hub.is_ready().await);
    assert!(east.hub.is_ready().await);
    assert_eq!(ben.is_sent_away().await, DRAINING);
    let gone = ben.drops_connection();
    drain.await.unwrap();
    east.passes_for(Duration::from_secs(9), [&mut ann]).await;
    ann.does(acquire(1)).await.refused("locked");
    let mut ben = gone.comes_back(&east).await.unwrap();
    ben.opens(&moby()).await.accepted();
    ann.hears(rehomed_to(ben.session())).await;
    east.passes_for(Duration::from_secs(40), [&mut ann, &mut ben]).await;
    assert_eq!(ann.sees_lock(1).await.unwrap().holder.session, ben.session());
}

#[tokio::test(start_paused = true)]
async fn a_lock_of_a_tab_that_never_resumes_is_freed_after_the_grace() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    ben.does(acquire(1)).await.granted();
    let drain = drains(&west);
    assert_eq!(ben.is_sent_away().await, DRAINING);
    drop(ben);
    drain.await.unwrap();
    east.passes_for(Duration::from_secs(25), [&mut ann]).await;
    ann.hears_frame(released(ReleaseReason::ReplicaLost)).await;
}

#[tokio::test(start_paused = true)]
async fn so_it_is_in_a_book_that_nobody_has_open() {
    let (east, west, ann, mut ben) = two_replicas().await;
    ann.closes_tab().await;
    east.passes_for(Duration::from_secs(40), [&mut ben]).await;
    assert_eq!(east.hub.active_books(), 0);
    ben.does(acquire(1)).await.granted();
    let drain = drains(&west);
    assert_eq!(ben.is_sent_away().await, DRAINING);
    drop(ben);
    drain.await.unwrap();
    east.passes(Duration::from_secs(40)).await;
    let mut ann = east.arrives("ann").await;
    ann.opens(&moby()).await.accepted();
    assert!(ann.sees_lock(1).await.is_none());
}

/// Remarks until sent away, comes back to the next replica, and sends again what was not answered; what was acknowledged
/// is noted.
async fn works(mut person: Person, next: &Town, acknowledged: &mut Vec<String>) -> Person {
    loop {
        let name = format!("{}-{}", person.name(), acknowledged.len());
        if let Ok(said) = person.tries_as(&name, false, remark(1, &name).into()).await {
            said.accepted();
            acknowledged.push(name);
            next.passes(Duration::from_millis(70)).await;
            continue;
        }
        let mut person = person.drops_connection().comes_back(next).await.unwrap();
        person.opens(&moby()).await.accepted();
        person.does_as(&name, true, remark(1, &name)).await.accepted();
        acknowledged.push(name);
        return person;
    }
}

#[tokio::test(start_paused = true)]
async fn a_rolling_restart_under_load_loses_no_event_and_no_lock() {
    let (mut east, mut west, mut ann, mut ben) = two_replicas().await;
    ann.does(acquire(1)).await.granted();
    ben.does(acquire(2)).await.granted();
    let (mut hers, mut his) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let (new_east, new_west) = (east.beside(), west.beside());
        new_east.hub.may_begin().await;
        let restart = async {
            east.passes(Duration::from_secs(1)).await;
            drains(&east).await.unwrap();
            east.passes(Duration::from_secs(1)).await;
            drains(&west).await.unwrap();
        };
        ((), ann, ben) = tokio::join!(restart, works(ann, &new_east, &mut hers), works(ben, &new_west, &mut his));
        (east, west) = (new_east, new_west);
    }
    east.passes_for(Duration::from_secs(30), [&mut ann, &mut ben]).await;
    let threads = ann.snapshot().await.threads.unwrap();
    let there: BTreeSet<String> = threads.iter().map(|thread| thread.id.to_string()).collect();
    assert_eq!(there, hers.into_iter().chain(his).collect());
    assert_eq!(ben.snapshot().await.threads.unwrap().len(), there.len());
    assert_eq!(ann.sees_lock(1).await.unwrap().holder.session, ann.session());
    assert_eq!(ann.sees_lock(2).await.unwrap().holder.session, ben.session());
}
