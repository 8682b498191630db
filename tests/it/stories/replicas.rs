//! One book on several replicas: everybody hears everything, locks and rights hold everywhere, nobody is forgotten.

mod draining;
mod events;
mod inbox;
mod leases;
mod library;
mod locks;
mod loss;
mod mailing;
mod presence;
mod rights;
mod texts_lost;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use quire_protocol::{Limits, Role, Timers};
use tokio::task::JoinHandle;

use crate::harness::{Person, Town, moby};

/// Ann's town and a second replica beside it; ben is an editor, and has the book open there.
pub(super) async fn two_replicas() -> (Town, Town, Person, Person) {
    two_replicas_with(Limits::default(), Timers::default()).await
}

/// The same, with these limits and timers.
async fn two_replicas_with(limits: Limits, timers: Timers) -> (Town, Town, Person, Person) {
    let ([east, west], [ann, ben]) = replicas(limits, timers, [("ben", Role::Editor)]).await;
    (east, west, ann, ben)
}

/// A third replica, where cat has the book open, an editor too.
async fn three_replicas() -> ([Town; 3], [Person; 3]) {
    replicas(Limits::default(), Timers::default(), [("ben", Role::Editor), ("cat", Role::Editor)]).await
}

/// Ann's town, and a replica for each of the others.
async fn replicas<const OTHERS: usize, const ALL: usize>(
    limits: Limits,
    timers: Timers,
    others: [(&str, Role); OTHERS],
) -> ([Town; ALL], [Person; ALL]) {
    let east = Town::shared_with(limits, timers).await;
    let (ann, others) = east.team(others).await;
    let (mut towns, mut people) = (vec![east], vec![ann]);
    for person in others {
        let name = person.name().to_owned();
        person.closes_tab().await;
        let town = towns[0].beside();
        town.hub.may_begin().await;
        let mut person = town.arrives(&name).await;
        person.opens(&moby()).await.accepted();
        towns.push(town);
        people.push(person);
    }
    // A tick on each side, so that everybody has seen everybody.
    towns[0].passes(Duration::from_millis(200)).await;
    people.iter_mut().for_each(Person::forgets_what_was_said);
    (towns.try_into().ok().unwrap(), people.try_into().ok().unwrap())
}

/// The replica goes away politely.
fn drains(town: &Town) -> JoinHandle<()> {
    let hub = Arc::clone(&town.hub);
    tokio::spawn(async move { hub.drain().await })
}
