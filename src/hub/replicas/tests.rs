use std::sync::Arc;
use std::time::Duration;

use quire_protocol::{BookId, Epoch, ReplicaId, Timers};
use tokio::time::{Instant, advance};

use super::{Meaning, Replicas, Standing};
use crate::clock::Clock;
use crate::store::memory::Memory;
use crate::store::shared::{Lease, Renewal};

const GRACE: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);

fn replica(name: &str) -> ReplicaId {
    ReplicaId::new(name).unwrap()
}

fn me() -> Replicas {
    let memory = Memory::seeded(Clock::system(), 7);
    Replicas::new(replica("me"), Arc::new(memory), &Timers::default())
}

/// What a renewal says that found these alive and dead.
fn found(alive: &[&str], dead: &[&str]) -> Renewal {
    let lease = |name: &&str| Lease { replica: replica(name), schema: 1 };
    let alive = alive.iter().map(lease).collect();
    Renewal { kept: true, alive, dead: dead.iter().map(|name| replica(name)).collect(), mark: Epoch(1) }
}

fn renews(me: &Replicas, renewal: Renewal) -> Meaning {
    me.renewed(Instant::now(), renewal, GRACE)
}

/// Renews each second for this long.
async fn renews_for(me: &Replicas, seconds: u64, alive: &[&str], dead: &[&str]) {
    for _ in 0..seconds {
        advance(SECOND).await;
        renews(me, found(alive, dead));
    }
}

#[tokio::test(start_paused = true)]
async fn r12_a_lease_counts_for_less_than_the_store_grants() {
    let me = me();
    assert!(!me.may_act());
    renews(&me, found(&["me"], &[]));
    advance(Duration::from_millis(8_999)).await;
    assert!(me.may_act());
    advance(Duration::from_millis(1)).await;
    assert!(!me.may_act());
}

#[tokio::test(start_paused = true)]
async fn r11_nobody_is_gone_before_a_whole_lease_in_contact() {
    let me = me();
    renews(&me, found(&["me"], &[]));
    assert_eq!(me.standing(&replica("west")), Standing::Lives);
    renews_for(&me, 9, &["me"], &[]).await;
    assert_eq!(me.standing(&replica("west")), Standing::Lives);
    advance(SECOND).await;
    assert!(renews(&me, found(&["me"], &[])).changed);
    assert_eq!(me.standing(&replica("west")), Standing::Gone);
    assert_eq!(me.standing(&replica("me")), Standing::Lives);
}

#[tokio::test(start_paused = true)]
async fn r11_an_outage_begins_the_count_anew() {
    let me = me();
    renews(&me, found(&["me"], &[]));
    renews_for(&me, 10, &["me"], &[]).await;
    me.no_contact();
    renews_for(&me, 9, &["me"], &[]).await;
    assert_eq!(me.standing(&replica("west")), Standing::Lives);
}

#[tokio::test(start_paused = true)]
async fn r11_who_was_heard_of_since_the_last_look_may_have_begun_a_moment_ago() {
    let me = me();
    renews(&me, found(&["me"], &[]));
    renews_for(&me, 10, &["me"], &[]).await;
    advance(SECOND).await;
    assert_eq!(me.standing(&replica("west")), Standing::Lives);
    advance(SECOND).await;
    assert!(renews(&me, found(&["me"], &[])).changed, "now it was looked for");
    assert_eq!(me.standing(&replica("west")), Standing::Gone);
    assert!(renews(&me, found(&["me", "west"], &[])).changed);
    assert_eq!(me.standing(&replica("west")), Standing::Lives);
    assert_eq!(me.others(), [replica("west")]);
}

#[tokio::test(start_paused = true)]
async fn r11_a_renewal_that_finds_the_lease_over_sends_everybody_to_resume_once() {
    let me = me();
    me.attend(&BookId::new("moby").unwrap()).await.unwrap();
    renews(&me, found(&["me"], &[]));
    renews_for(&me, 10, &["me"], &[]).await;
    let lapsed = Renewal { kept: false, ..found(&["me"], &[]) };
    assert!(renews(&me, lapsed).lapsed);
    // It knows as little of the others as after an outage.
    assert_eq!(me.standing(&replica("west")), Standing::Lives);
    assert!(!renews(&me, found(&["me"], &[])).lapsed);
    assert!(
        me.state().noted.contains_key(&BookId::new("moby").unwrap()),
        "books noted with the old lease are noted again"
    );
}

#[tokio::test(start_paused = true)]
async fn books_of_the_dead_are_left_behind_after_the_grace() {
    let me = me();
    renews(&me, found(&["me", "west"], &[]));
    renews_for(&me, 10, &["me", "west"], &[]).await;
    assert_eq!(renews(&me, found(&["me"], &["west"])).left_behind, []);
    renews_for(&me, 9, &["me"], &["west"]).await;
    advance(SECOND).await;
    assert_eq!(renews(&me, found(&["me"], &["west"])).left_behind, [replica("west")]);
}

#[tokio::test(start_paused = true)]
async fn r6_another_mark_means_that_the_store_lost_what_it_had() {
    let me = me();
    renews(&me, found(&["me"], &[]));
    assert!(me.may_create() && me.lost_at().is_none());
    renews(&me, Renewal { mark: Epoch(2), ..found(&["me"], &[]) });
    assert!(!me.may_create() && me.lost_at().is_some());
    advance(2 * SECOND).await;
    assert!(me.may_create());
}

#[tokio::test(start_paused = true)]
async fn i5_replicas_of_long_ago_are_forgotten_unless_they_left_books_behind() {
    let me = me();
    renews(&me, found(&["me", "old", "heir"], &[]));
    renews(&me, found(&["me"], &["heir"]));
    assert_eq!(me.state().missing.len(), 2);
    advance(super::FORGET_AFTER).await;
    renews(&me, found(&["me"], &["heir"]));
    assert_eq!(me.state().missing.keys().collect::<Vec<_>>(), [&replica("heir")]);
}

#[tokio::test(start_paused = true)]
async fn i5_books_past_their_doubt_are_forgotten() {
    let me = me();
    me.doubt(&BookId::new("one").unwrap());
    advance(super::DOUBT).await;
    me.doubt(&BookId::new("two").unwrap());
    assert_eq!(me.state().in_doubt.len(), 1);
}
