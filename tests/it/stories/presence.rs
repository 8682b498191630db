//! Who is here, where, and how present. Never in the log, and never more than one frame a tick.

use std::collections::BTreeSet;
use std::time::Duration;

use quire_protocol::frame::{Presence, PresenceSet};
use quire_protocol::view::{PresenceState, RosterMove};
use quire_protocol::{Limits, Role, Timers};

use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, Town, chapter, moby};

const TICK: Duration = Duration::from_millis(51);
const MINUTE: Duration = Duration::from_mins(1);

fn at(number: Option<u32>, cursor: Option<&str>) -> PresenceSet {
    PresenceSet {
        book: moby(),
        chapter: number.map(|number| Some(chapter(number))),
        cursor: cursor.map(|cursor| Some(cursor.into())),
    }
}

/// All movements that this person saw, in order.
async fn moves(person: &mut Person) -> Vec<RosterMove> {
    person.presence().await.into_iter().flat_map(|frame| frame.moved).collect()
}

async fn states(person: &mut Person) -> Vec<PresenceState> {
    moves(person).await.into_iter().filter_map(|moved| moved.state).collect()
}

#[tokio::test(start_paused = true)]
async fn people_are_seen_coming_and_going() {
    let town = Town::new();
    let (mut ann, [ben]) = town.team([("ben", Role::Editor)]).await;
    town.passes(TICK).await;
    ann.presence().await;
    let session = ben.session();
    ben.closes_tab().await;
    let left = |frame: &Presence| frame.left.contains(&session).then_some(());
    ann.notices(left).await;
    let mut ben = town.arrives("ben").await;
    let opened = ben.sees().await;
    assert_eq!(opened.roster_count, 2);
    let joined = |frame: &Presence| frame.joined.first().cloned();
    let entry = ann.notices(joined).await;
    assert_eq!((entry.session, entry.name.as_str(), entry.initials.as_str()), (ben.session(), "Ben", "B"));
    assert_eq!(entry.colour, quire_protocol::person::colour(&entry.user));
    ben.closes(&moby()).await;
    let gone = ben.session();
    ann.notices(|frame: &Presence| frame.left.contains(&gone).then_some(())).await;
    ann.hears_nothing_more().await;
}

#[tokio::test(start_paused = true)]
async fn of_many_movements_in_a_tick_everybody_sees_the_last_in_one_frame() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Reader)]).await;
    town.passes(TICK).await;
    ann.presence().await;
    for step in 0..10 {
        ben.sends(&at(Some(1 + step % 3), Some(&format!("line {step}")))).await;
        cat.sends(&at(None, Some(&format!("page {step}")))).await;
    }
    town.passes(TICK).await;
    let frames = ann.presence().await;
    assert_eq!(frames.len(), 1);
    let moved = |person: &Person| frames[0].moved.iter().find(|moved| moved.session == person.session()).unwrap();
    assert_eq!((&moved(&ben).chapter, &moved(&ben).cursor), (&Some(Some(chapter(1))), &Some(Some("line 9".into()))));
    assert_eq!((&moved(&cat).chapter, &moved(&cat).cursor), (&None, &Some(Some("page 9".into()))));
    let entry = ann.sees().await.roster.into_iter().find(|entry| entry.session == ben.session()).unwrap();
    assert_eq!((entry.chapter, entry.cursor.as_deref()), (Some(chapter(1)), Some("line 9")));
}

#[tokio::test(start_paused = true)]
async fn what_did_not_change_is_not_said_again_and_null_takes_it_back() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.sends(&at(Some(1), Some("here"))).await;
    town.passes(TICK).await;
    ann.presence().await;
    ben.sends(&at(Some(1), Some("here"))).await;
    town.passes(TICK).await;
    assert_eq!(moves(&mut ann).await, []);
    ben.sends(&PresenceSet { book: moby(), chapter: Some(None), cursor: None }).await;
    town.passes(TICK).await;
    let moved = moves(&mut ann).await;
    assert_eq!((moved.len(), &moved[0].chapter, &moved[0].cursor), (1, &Some(None), &None));
}

#[tokio::test(start_paused = true)]
async fn a_chapter_that_is_not_there_is_no_place_to_be() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.sends(&at(Some(77), Some("nowhere"))).await;
    town.passes(TICK).await;
    let entry = ann.sees().await.roster.into_iter().find(|entry| entry.session == ben.session()).unwrap();
    assert_eq!(entry.chapter, None);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_does_nothing_for_five_minutes_is_idle_until_they_do() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let keeps_ann_active = MINUTE * 4;
    town.passes_for(keeps_ann_active, [&mut ann, &mut ben]).await;
    ann.is_active().await;
    town.passes_for(MINUTE.checked_sub(TICK).unwrap(), [&mut ann, &mut ben]).await;
    assert_eq!(states(&mut ann).await, []);
    town.passes_for(TICK * 3, [&mut ann, &mut ben]).await;
    assert_eq!(states(&mut ann).await, [PresenceState::Idle]);
    ben.is_active().await;
    town.passes_for(TICK, [&mut ann, &mut ben]).await;
    assert_eq!(states(&mut ann).await, [PresenceState::Active]);
    // And idle again, however long everybody was idle before.
    town.passes_for(MINUTE * 6, [&mut ann, &mut ben]).await;
    let all = ann.sees().await.roster;
    assert!(all.iter().all(|entry| entry.state == PresenceState::Idle), "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn somebody_whose_connection_broke_is_away_and_then_gone() {
    let town = Town::new();
    let (mut ann, [ben]) = town.team([("ben", Role::Editor)]).await;
    town.passes(TICK).await;
    ann.presence().await;
    let ben = ben.drops_connection();
    town.passes_for(TICK * 2, [&mut ann]).await;
    assert_eq!(states(&mut ann).await, [PresenceState::Away]);
    let mut again = ben.comes_back(&town).await.unwrap();
    again.opens(&moby()).await.accepted();
    let joined = |frame: &Presence| frame.joined.first().map(|entry| (entry.session.clone(), entry.state));
    assert_eq!(ann.notices(joined).await, (ben.session(), PresenceState::Active));
    drop(again.drops_connection());
    town.passes_for(Duration::from_secs(11), [&mut ann]).await;
    let left = |frame: &Presence| frame.left.first().cloned();
    assert_eq!(ann.notices(left).await, ben.session());
    ann.hears_nothing_more().await;
}

#[tokio::test(start_paused = true)]
async fn presence_is_not_in_the_log() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let before = ann.sees().await.seq;
    ben.sends(&at(Some(1), Some("here"))).await;
    drop(ben.drops_connection());
    town.passes_for(Duration::from_secs(20), [&mut ann]).await;
    assert_eq!(ann.sees().await.seq, before);
    ann.hears_nothing_more().await;
}

#[tokio::test(start_paused = true)]
async fn nobody_is_seen_in_a_book_that_they_have_not_open() {
    let town = Town::new();
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    let mut sam = town.arrives("sam").await;
    sam.sends(&at(Some(1), Some("here"))).await;
    let mut other = town.arrives("ben").await;
    other.sends(&at(Some(1), Some("here"))).await;
    town.passes(TICK).await;
    assert_eq!(ann.sees().await.roster_count, 2);
    sam.hears_nothing_more().await;
    assert_eq!(sam.presence().await, []);
}

#[tokio::test(start_paused = true)]
async fn a_cursor_at_the_limit_is_passed_on_and_one_byte_more_ends_the_connection() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    town.passes(TICK).await;
    let most = "x".repeat(town.hub.limits.cursor_bytes);
    ben.sends(&at(None, Some(&most))).await;
    town.passes(TICK).await;
    let cursors: Vec<_> = moves(&mut ann).await.into_iter().filter_map(|moved| moved.cursor.flatten()).collect();
    assert_eq!(cursors, std::slice::from_ref(&most));
    ben.sends(&at(None, Some(&(most + "x")))).await;
    assert_eq!(ben.is_sent_away().await, TabEnd(Some(4000)));
}

#[tokio::test(start_paused = true)]
async fn a_long_roster_comes_as_a_page_and_a_count() {
    let town = Town::with(Limits { roster_entries: 2, ..Limits::default() }, Timers::default());
    let people = [("ben", Role::Editor), ("cat", Role::Editor), ("dan", Role::Editor)];
    let (mut ann, _others) = town.team(people).await;
    let opened = ann.sees().await;
    assert_eq!((opened.roster.len(), opened.roster_count), (2, 4));
    ann.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn of_a_crowd_the_first_page_is_told_and_everybody_is_counted() {
    let page = 2;
    let town = Town::with(Limits { roster_entries: page, ..Limits::default() }, Timers::default());
    let (mut ann, [ben]) = town.team([("ben", Role::Editor)]).await;
    town.passes(TICK * 4).await;
    ann.presence().await;
    let mut tabs = vec![ben];
    for _ in 0..5 {
        let mut tab = town.arrives("ben").await;
        tab.opens(&moby()).await.accepted();
        tabs.push(tab);
    }
    town.passes(TICK * 4).await;
    let frames = ann.presence().await;
    assert_eq!(frames.last().map(|frame| frame.count), Some(7));
    let told: BTreeSet<_> = frames.into_iter().flat_map(|frame| frame.joined).map(|entry| entry.session).collect();
    let mut here: Vec<_> = tabs.iter().map(Person::session).chain([ann.session()]).collect();
    here.sort();
    assert!(told.iter().all(|session| here[..page].contains(session)), "{told:?} of {here:?}");
    // Whoever leaves is no longer counted, told of or not.
    tabs.pop().expect("five came").closes_tab().await;
    town.passes(TICK * 4).await;
    assert_eq!(ann.presence().await.last().map(|frame| frame.count), Some(6));
}
