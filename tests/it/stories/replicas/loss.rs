//! A store that loses data under replicas that know better.

use std::time::Duration;

use quire::store::{Append, AppendError, LogId, Tag};
use quire_protocol::BookId;

use super::two_replicas;
use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, Town, chapter, moby};

#[tokio::test(start_paused = true)]
async fn r6_what_the_store_lost_is_put_back_and_holders_confirm_their_locks() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    let old = ben.does(acquire(1)).await.granted();
    let before = ann.sees().await;
    east.memory().lose_everything();
    let resumed = TabEnd(Some(4050));
    assert_eq!((ann.is_sent_away().await, ben.is_sent_away().await), (resumed, resumed));
    // By now every replica knows.
    east.passes(Duration::from_secs(2)).await;
    let mut ann = ann.duplicates().comes_back(&east).await.unwrap();
    ann.opens(&moby()).await.accepted();
    let mut ben = ben.duplicates().comes_back(&west).await.unwrap();
    ben.opens(&moby()).await.accepted();
    let after = ann.sees().await;
    assert_ne!(after.epoch, before.epoch);
    let lock = ann.sees_lock(1).await.unwrap();
    assert_eq!(lock.holder.session, ben.session());
    assert!(lock.token > old);
    ben.does(release(1, old)).await.refused("stale_token");
    ben.does(release(1, lock.token)).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn r6_a_book_that_nobody_held_when_the_store_lost_it_is_unavailable_and_not_free_to_take() {
    let (east, _west, mut ann, mut ben) = two_replicas().await;
    let other = BookId::new("omoo").unwrap();
    ann.creates(&other, "Omoo").await;
    east.passes_for(Duration::from_secs(40), [&mut ann, &mut ben]).await;
    east.memory().lose_everything();
    east.settles().await;
    let mut cat = east.arrives("cat").await;
    cat.opens(&other).await.refused("unavailable");
}

/// Everybody is sent away and comes back to where they were.
pub(super) async fn all_resume<const N: usize>(mut people: [(Person, &Town); N]) -> [Person; N] {
    let mut back = Vec::new();
    for (person, _) in &mut people {
        assert_eq!(person.is_sent_away().await, TabEnd(Some(4050)));
    }
    // By now every replica knows.
    people[0].1.passes(Duration::from_secs(2)).await;
    for (person, town) in people {
        let mut person = person.drops_connection().comes_back(town).await.unwrap();
        person.opens(&moby()).await.accepted();
        back.push(person);
    }
    back.try_into().ok().unwrap()
}

#[tokio::test(start_paused = true)]
async fn r6_the_last_records_that_the_store_lost_are_put_back() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    for number in 1..=6 {
        ann.does(remark(1, &format!("t{number}"))).await.accepted();
    }
    let old = ben.does(acquire(1)).await.granted();
    east.settles().await;
    let before = ann.sees().await;
    for lost in [1, 3, 7] {
        east.memory().fails_over(&LogId::Book(moby()), lost);
        [ann, ben] = all_resume([(ann, &east), (ben, &west)]).await;
        let after = ann.sees().await;
        assert_ne!(after.epoch, before.epoch);
        assert_eq!(after.snapshot.unwrap().threads.unwrap().len(), 6);
    }
    let lock = ann.sees_lock(1).await.unwrap();
    assert_eq!(lock.holder.session, ben.session());
    assert!(lock.token > old);
    ben.does(release(1, old)).await.refused("stale_token");
}

#[tokio::test(start_paused = true)]
async fn r6_who_loaded_a_snapshot_puts_back_what_came_before_it() {
    let (east, _west, mut ann, ben) = two_replicas().await;
    for number in 1..=4 {
        ann.does(remark(1, &format!("t{number}"))).await.accepted();
    }
    ann.closes_tab().await;
    ben.closes_tab().await;
    // The actors stop, and leave a snapshot.
    east.passes(Duration::from_secs(40)).await;
    let mut ann = east.arrives("ann").await;
    ann.opens(&moby()).await.accepted();
    east.memory().fails_over(&LogId::Book(moby()), 3);
    let [mut ann] = all_resume([(ann, &east)]).await;
    assert_eq!(ann.snapshot().await.threads.unwrap().len(), 4);
}

/// Ann remarks what only the east hears of.
async fn west_knows_less() -> (Town, Town, Person, Person) {
    let (east, west, mut ann, ben) = two_replicas().await;
    west.line.goes_deaf();
    for number in 1..=3 {
        ann.does(remark(1, &format!("t{number}"))).await.accepted();
    }
    (east, west, ann, ben)
}

#[tokio::test(start_paused = true)]
async fn r6_of_two_replicas_that_hold_a_lost_book_the_one_that_knows_more_wins() {
    for first in ["east", "west"] {
        let (east, west, ann, ben) = west_knows_less().await;
        east.memory().lose_everything();
        let late = if first == "east" { &west } else { &east };
        late.line.goes_away();
        east.passes(Duration::from_millis(1_150)).await;
        late.line.comes_back();
        let [mut ann, mut ben] = all_resume([(ann, &east), (ben, &west)]).await;
        assert_eq!(ann.snapshot().await.threads.unwrap().len(), 3, "{first} first");
        assert_eq!(ben.snapshot().await.threads.unwrap().len(), 3, "{first} first");
    }
}

#[tokio::test(start_paused = true)]
async fn r6_who_knows_less_does_not_go_on_where_the_store_lost_the_end() {
    let (east, west, ann, mut ben) = west_knows_less().await;
    east.memory().fails_over(&LogId::Book(moby()), 3);
    ben.wishes(&moby(), acquire(1)).await;
    let [mut ann, mut ben] = all_resume([(ann, &east), (ben, &west)]).await;
    assert_eq!(ann.snapshot().await.threads.unwrap().len(), 3);
    ben.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn r6_what_nobody_knew_is_lost_and_its_holder_is_told() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    east.line.goes_deaf();
    let old = ben.does(acquire(1)).await.granted();
    east.memory().fails_over(&LogId::Book(moby()), 1);
    west.line.is_cut();
    let ben = ben.drops_connection();
    ann.wishes(&moby(), acquire(1)).await;
    let [mut ann] = all_resume([(ann, &east)]).await;
    let hers = ann.does(acquire(1)).await.granted();
    let mut ben = ben.comes_back(&east).await.unwrap();
    ben.opens(&moby()).await.accepted();
    assert_eq!(ben.sees_lock(1).await.unwrap().holder.session, ann.session());
    assert!(hers > old);
    ben.does(release(1, old)).await.refused("not_holder");
}

#[tokio::test(start_paused = true)]
async fn r6_a_token_of_a_lock_that_ended_passes_no_fence_after_a_loss() {
    let (east, west, ann, mut ben) = two_replicas().await;
    let token = ben.does(acquire(1)).await.granted();
    ben.does(release(1, token)).await.accepted();
    east.settles().await;
    // The store forgets that the lock ended.
    east.memory().fails_over(&LogId::Book(moby()), 1);
    let [_ann, _ben] = all_resume([(ann, &east), (ben, &west)]).await;
    let log = LogId::Chapter(moby(), chapter(1));
    let writes = Append {
        log: log.clone(),
        after: None,
        tag: Tag(1),
        payloads: vec!["late".into()],
        guard: Some((log, token)),
        fences: Vec::new(),
        stamp_floor: token,
        by: west.hub.replica.clone(),
        misses: 0,
    };
    assert_eq!(east.store.append(writes).await, Err(AppendError::Fenced));
}
