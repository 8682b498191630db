//! A host application acts on books and on the library while people are in them, on this replica and on another.

use std::time::Duration;

use quire::book::{Hosted, Vouched};
use quire::library::Hosted as LibraryWish;
use quire_protocol::event::{By, Cause, Event, ReleaseReason};
use quire_protocol::frame::ClosedReason;
use quire_protocol::library::{Grant, Permission, UserDetails};
use quire_protocol::{Action, Role};

use crate::harness::facts::{book_closed, released};
use crate::harness::wishes::*;
use crate::harness::{TabEnd, Town, moby, user};

fn vouch(name: &str) -> Vouched {
    Vouched { user: user(name), name: name.into(), email: Some(format!("{name}@example.com")) }
}

fn set_role(name: &str, role: Role) -> Hosted {
    Hosted::SetRole { person: vouch(name), role }
}

fn remove(name: &str) -> Hosted {
    Hosted::Remove { user: user(name) }
}

fn put(name: &str, active: bool) -> LibraryWish {
    let details = UserDetails { name: Some(name.into()), ..UserDetails::default() };
    LibraryWish::Put { email: format!("{name}@example.com"), details, active, user: Some(user(name)) }
}

fn give(name: &str, grants: Vec<Grant>) -> LibraryWish {
    LibraryWish::Give { email: format!("{name}@example.com"), grants }
}

fn joined(event: &Event) -> Option<Role> {
    match event {
        Event::MemberJoined(event) => Some(event.member.role),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_the_host_names_is_in_at_once_and_what_it_takes_has_ended_when_it_is_answered() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let mut ben = town.arrives("ben").await;
    ben.opens(&moby()).await.refused("not_found");
    town.hub.host_book(&moby(), set_role("ben", Role::Editor)).await.unwrap();
    assert_eq!(ann.hears(joined).await, Role::Editor);
    ben.opens(&moby()).await.accepted();
    ben.does(acquire(1)).await.granted();
    town.hub.host_book(&moby(), set_role("ben", Role::Viewer)).await.unwrap();
    let host = By::System { system: Cause::Host };
    assert_eq!(ann.hears_frame(released(ReleaseReason::PermissionChanged)).await, host, "the host did it");
    ben.does(acquire(1)).await.refused("forbidden");
    town.hub.host_book(&moby(), remove("ben")).await.unwrap();
    assert_eq!(ben.is_told(book_closed).await, ClosedReason::Removed);
    ben.opens(&moby()).await.refused("not_found");
}

#[tokio::test(start_paused = true)]
async fn on_another_replica_a_right_has_ended_before_the_host_is_answered() {
    let (east, west, mut ann, mut ben) = super::replicas::two_replicas().await;
    ben.does(acquire(1)).await.granted();
    ann.hears(|event| matches!(event, Event::LockAcquired(_)).then_some(())).await;
    // Asked here, while his tab is there.
    east.hub.host_book(&moby(), remove("ben")).await.unwrap();
    ben.does(remark(1, "late")).await.refused("not_found");
    drop(west);
}

#[tokio::test(start_paused = true)]
async fn what_the_library_allowed_ends_on_every_replica_before_the_host_is_answered() {
    let east = Town::shared().await;
    let (mut ann, []) = east.team([]).await;
    ann.sees_library().await;
    ann.shelves_moby().await;
    let west = east.beside();
    west.hub.may_begin().await;
    east.hub.host_library(&put("kim", true)).await.unwrap();
    east.hub.host_library(&give("kim", vec![Grant::all(Permission::Edit)])).await.unwrap();
    let mut kim = west.arrives("kim").await;
    kim.opens(&moby()).await.accepted();
    kim.does(acquire(1)).await.granted();
    // Until each has read the other's lease.
    east.passes_for(Duration::from_secs(4), [&mut ann, &mut kim]).await;
    east.hub.host_library(&give("kim", Vec::new())).await.unwrap();
    kim.does(acquire(2)).await.refused("not_found");
    east.hub.host_library(&put("kim", false)).await.unwrap();
    assert_eq!(kim.is_sent_away().await, TabEnd(Some(4003)));
    let question = quire::hub::Question { user: user("ann"), action: Action::Audit, book: moby() };
    assert_eq!(west.hub.host_can(&[question]).await, [Ok(true)]);
}

#[tokio::test(start_paused = true)]
async fn a_book_that_the_host_deletes_closes_for_everybody() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Viewer)]).await;
    town.hub.host_book(&moby(), Hosted::Delete { forever: false }).await.unwrap();
    for person in [&mut ann, &mut ben] {
        assert_eq!(person.is_told(book_closed).await, ClosedReason::Deleted);
    }
    ann.opens(&moby()).await.refused("not_found");
}
