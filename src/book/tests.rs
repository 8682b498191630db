use quire_protocol::event::{By, Cause};
use quire_protocol::{ChapterId, Rejection, Seq, Token};
use serde_json::json;

use super::given::*;
use super::{Act, Actor, Book, Committed, Fact, Saved};

#[test]
fn refusing_and_deciding_change_nothing() {
    let scene = Scene::new();
    let before = scene.book.clone();
    let idle = Act::LockIdle { chapter: ChapterId::new("c1").unwrap(), token: Token(1) };
    assert!(scene.decide(tab("bob").actor(), &idle, None).is_err());
    assert!(scene.decide(tab("bob").actor(), &Act::Rehome, None).is_ok());
    assert_eq!(scene.book, before);
}

#[test]
fn the_hub_sends_no_commands_of_people() {
    let scene = Scene::new();
    let command = quire_protocol::command::BookDelete { forever: false }.into();
    let decided = scene.decide(Actor::Hub(Cause::Idle), &Act::Command(command), None);
    assert_eq!(decided, Err(Rejection::Forbidden));
    assert_eq!(scene.decide(Actor::Hub(Cause::Idle), &Act::Rehome, None), Err(Rejection::Forbidden));
}

fn committed(scene: &Scene, seq: u64, stamp: u64) -> Committed {
    let by = By::System { system: Cause::Idle };
    let event = quire_protocol::event::ThreadReopened { thread: "t1".parse().unwrap() }.into();
    Committed { seq: Seq(seq), stamp: Token(stamp), at: scene.now, fact: Fact { by, command: None, event } }
}

#[test]
#[should_panic(expected = "I2")]
fn an_event_is_never_skipped() {
    let mut scene = Scene::new();
    let (seq, stamp) = (scene.book.seq().0, scene.book.last_stamp().0);
    scene.book.apply(&committed(&scene, seq + 2, stamp + 1));
}

#[test]
#[should_panic(expected = "I4")]
fn a_stamp_never_stands_still() {
    let mut scene = Scene::new();
    let (seq, stamp) = (scene.book.seq().0, scene.book.last_stamp().0);
    scene.book.apply(&committed(&scene, seq + 1, stamp));
}

#[test]
#[should_panic(expected = "I9")]
fn the_same_command_is_never_applied_twice() {
    let mut scene = Scene::new();
    scene.when_with("x", &tab("bob"), add("c4")).done();
    let mut again = scene.log.last().unwrap().clone();
    (again.seq, again.stamp) = (again.seq.next(), Token(again.stamp.0 + 1));
    again.fact.event =
        quire_protocol::event::ChapterRemoved { chapter: ChapterId::new("c4").unwrap(), person: None }.into();
    scene.book.apply(&again);
}

#[test]
fn a_saved_book_is_named_and_versioned() {
    let scene = Scene::new();
    let bytes = rmp_serde::to_vec_named(&scene.book.save()).unwrap();
    let value: serde_json::Value = rmp_serde::from_slice(&bytes).unwrap();
    assert_eq!((&value["V1"]["title"], &value["V1"]["id"]), (&json!("Moby Dick"), &json!("moby-dick")));
    assert_eq!(Book::restore(rmp_serde::from_slice::<Saved>(&bytes).unwrap()), scene.book);
}

#[test]
fn a_clone_is_a_draft_that_leaves_the_book_alone() {
    let mut scene = Scene::new();
    let before = scene.book.clone();
    scene.when(&tab("bob"), acquire("c1")).done();
    scene.when(&tab("bob"), comment("t1", "k1", "Hm")).done();
    assert_ne!(scene.book, before);
    assert_eq!((before.held().count(), before.threads.len()), (0, 0));
}
