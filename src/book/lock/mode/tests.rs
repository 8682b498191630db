use quire_protocol::Token;
use quire_protocol::event::Event;
use serde_json::{Value, json};

use crate::book::given::{
    Scene, acquire, acquired, chapter, release, released, remove, set_role, tab, wait, wait_ended,
};
use crate::book::lock::{Lock, Locks, SavedLock};
use crate::book::{Act, Book, FenceEffect, fence_changes};

fn set(mode: &str) -> Value {
    json!({"t": "chapter.set_mode", "chapter": "c1", "mode": mode})
}

fn mode_set(mode: &str) -> Value {
    json!({"t": "chapter.mode_set", "chapter": "c1", "mode": mode})
}

/// The chapter `c1` is live.
fn live() -> Scene {
    let mut scene = Scene::new();
    scene.when(&tab("bob"), set("live")).then([mode_set("live")]).done();
    scene
}

fn fence(scene: &Scene) -> Option<Token> {
    scene.book.fence_of(&chapter("c1"))
}

fn holders(scene: &Scene) -> Vec<String> {
    scene.book.held().map(|held| held.session.to_string()).collect()
}

#[test]
fn a_live_chapter_is_granted_to_everybody_who_may_edit_and_each_has_a_hold_of_their_own() {
    let mut scene = live();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    let first = scene.when(&ann, acquire("c1")).then([acquired("c1", &ann)]).token();
    let second = scene.when(&bob, wait("c1")).then([acquired("c1", &bob)]).token();
    let other_tab = scene.when(&bob.second(), acquire("c1")).token();
    assert!(first < second && second < other_tab);
    assert_eq!(scene.when(&bob, acquire("c1")).changes_nothing().token(), second);
    scene.when(&tab("vic"), acquire("c1")).refused(json!("forbidden"));
    let hold =
        |tab: &crate::book::given::Tab, token| scene.book.hold_of(&tab.user, &tab.session, &chapter("c1"), token);
    assert_eq!((hold(&ann, first), hold(&bob, second)), (Ok(first), Ok(second)));
    assert!(hold(&eve, second).is_err() && hold(&ann, second).is_err());
    let view = scene.seen_by("vic").chapters.remove(0);
    assert_eq!(view.lock.unwrap().token, first);
    assert_eq!(view.beside.iter().map(|other| other.token).collect::<Vec<_>>(), [second, other_tab]);
}

#[test]
fn every_change_of_who_holds_a_live_chapter_changes_its_fence() {
    let mut scene = live();
    let (ann, bob) = (tab("ann"), tab("bob"));
    let first = scene.when(&ann, acquire("c1")).token();
    assert_eq!(fence(&scene), Some(first));
    let second = scene.when(&bob, acquire("c1")).token();
    assert_eq!(fence(&scene), Some(second));
    scene.reopened(&ann.resumed()).then([json!({"t": "lock.rehomed", "session": "ann-1"})]).done();
    let rehomed = fence(&scene);
    assert!(rehomed > Some(second));
    let released = json!({"t": "lock.released", "session": "bob-1", "live": true});
    scene.when(&bob, release("c1", second)).then([released]).done();
    assert!(fence(&scene) > rehomed);
    scene.ended(&ann.resumed()).done();
    assert_eq!(fence(&scene), None);
}

#[test]
fn the_store_is_told_of_the_same_fence_as_the_book() {
    let mut scene = live();
    let (ann, bob) = (tab("ann"), tab("bob"));
    let changed = |events: &[Event]| fence_changes(events).pop().map(|(index, _, effect)| (index, effect));
    scene.when(&ann, acquire("c1")).done();
    let said = scene.when(&bob, acquire("c1"));
    assert_eq!(changed(said.events()), Some((0, FenceEffect::Grant)));
    let second = scene.book.held().nth(1).unwrap().token;
    let said = scene.when(&bob, release("c1", second));
    assert_eq!(changed(said.events()), Some((0, FenceEffect::Grant)));
    // In any other chapter nothing passes after a release.
    let token = scene.when(&ann, acquire("c2")).token();
    assert_eq!(changed(scene.when(&ann, release("c2", token)).events()), Some((0, FenceEffect::End)));
}

#[test]
fn going_live_keeps_the_holder_and_lets_in_who_waits() {
    let mut scene = Scene::new();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    let token = scene.when(&ann, acquire("c1")).token();
    scene.when(&bob, wait("c1")).done();
    scene.when(&eve, wait("c1")).done();
    scene.goes_away(&bob);
    let events = [mode_set("live"), wait_ended("c1", &bob, "mode_changed"), acquired("c1", &eve)];
    scene.when(&eve, set("live")).then(events).done();
    assert_eq!(holders(&scene), ["ann-1", "eve-1"]);
    assert_eq!(scene.book.hold_of(&ann.user, &ann.session, &chapter("c1"), token), Ok(token));
    scene.when(&ann, set("live")).changes_nothing().done();
}

#[test]
fn going_exclusive_leaves_who_asked_for_it_or_the_first_who_is_here() {
    for (asks, stays) in [("bob", "bob-1"), ("zed", "bob-1"), ("eve", "eve-1")] {
        let mut scene = live();
        scene.joins("zed", "author");
        let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
        for tab in [&ann, &bob, &eve] {
            scene.when(tab, acquire("c1")).done();
        }
        scene.goes_away(&ann);
        let others = [&ann, &bob, &eve].into_iter().filter(|tab| tab.session.as_str() != stays);
        let ended: Vec<_> = others.map(|tab| released("c1", tab, "mode_changed")).collect();
        let [first, second] = ended.try_into().unwrap();
        scene.when(&tab(asks), set("exclusive")).then([first, second, mode_set("exclusive")]).done();
        assert_eq!(holders(&scene), [stays]);
        assert!(fence(&scene) > Some(scene.token("c1")), "whoever has not heard of it writes nothing");
        scene.when(&ann, acquire("c1")).refused(json!("locked"));
    }
}

#[test]
fn a_live_chapter_has_room_for_so_many() {
    let mut scene = Scene::new();
    scene.limits.writers_per_chapter = 2;
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    scene.when(&ann, acquire("c1")).done();
    scene.when(&bob, wait("c1")).done();
    scene.when(&eve, wait("c1")).done();
    let events = [mode_set("live"), acquired("c1", &bob), wait_ended("c1", &eve, "mode_changed")];
    scene.when(&ann, set("live")).then(events).done();
    let full = json!({"code": "limit_reached", "limit": "writers_per_chapter", "max": 2, "used": 2});
    scene.when(&eve, wait("c1")).refused(full);
}

#[test]
fn the_owner_forces_everybody_else_out_of_a_live_chapter() {
    let mut scene = live();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    let force = |take: bool| json!({"t": "lock.force_release", "chapter": "c1", "reason": "now", "take": take});
    for tab in [&bob, &ann, &eve] {
        scene.when(tab, acquire("c1")).done();
    }
    let out = [released("c1", &bob, "forced"), released("c1", &eve, "forced")];
    scene.when(&ann, force(false)).then(out).done();
    assert_eq!(holders(&scene), ["ann-1"]);
    let own = scene.token("c1");
    scene.when(&bob, acquire("c1")).done();
    assert_eq!(scene.when(&ann, force(true)).then([released("c1", &bob, "forced")]).token(), own);
    scene.when(&ann, release("c1", own)).done();
    scene.when(&bob, acquire("c1")).done();
    scene.when(&ann, force(true)).then([released("c1", &bob, "forced"), acquired("c1", &ann)]).done();
}

#[test]
fn a_hold_in_a_live_chapter_moves_to_the_same_persons_other_tab() {
    let mut scene = live();
    let (ann, bob) = (tab("ann"), tab("bob"));
    let here = json!({"t": "lock.move_here", "chapter": "c1"});
    scene.when(&ann, acquire("c1")).done();
    scene.when(&bob, here.clone()).refused(json!("locked"));
    scene.when(&bob, acquire("c1")).done();
    scene.when(&bob.second(), here).then([released("c1", &bob, "moved"), acquired("c1", &bob.second())]).done();
    assert_eq!(holders(&scene), ["ann-1", "bob-2"]);
}

#[test]
fn each_of_several_holders_is_idle_active_and_gone_alone() {
    let mut scene = live();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    scene.when(&ann, acquire("c1")).done();
    let token = scene.when(&bob, acquire("c1")).token();
    scene.when(&eve, acquire("c1")).done();
    let later = scene.now.plus_ms(5);
    let active = Act::LockActive { chapter: chapter("c1"), token, active_at: later };
    scene.noticed(&active).then([json!({"t": "lock.active", "session": "bob-1"})]).done();
    assert_eq!(scene.book.held().map(|held| held.active_at == later).collect::<Vec<_>>(), [false, true, false]);
    scene.noticed(&Act::LockIdle { chapter: chapter("c1"), token }).then([released("c1", &bob, "idle")]).done();
    scene.when(&ann, set_role("eve", "viewer")).done();
    scene.ended(&ann).then([released("c1", &ann, "disconnected")]).done();
    assert_eq!(holders(&scene), [""; 0]);
}

#[test]
fn one_of_several_holders_may_rename_the_chapter_and_others_may_not() {
    let mut scene = live();
    let rename = json!({"t": "chapter.rename", "chapter": "c1", "title": "Loomings"});
    scene.when(&tab("ann"), acquire("c1")).done();
    scene.when(&tab("bob"), rename.clone()).refused(json!("locked"));
    scene.when(&tab("bob"), acquire("c1")).done();
    scene.when(&tab("bob"), rename).done();
    let (bob, c1) = (tab("bob"), chapter("c1"));
    assert!(scene.book.check_alone(&bob.user, &bob.session, &c1).is_err());
}

#[test]
fn a_chapter_that_was_removed_comes_back_exclusive() {
    let mut scene = live();
    let ann = tab("ann");
    scene.when(&ann, acquire("c1")).done();
    scene.when(&ann, remove("c1")).done();
    scene.when(&ann, crate::book::given::restore("c1")).done();
    assert!(scene.seen_by("ann").chapters[0].mode.is_exclusive());
}

#[test]
fn a_part_has_no_mode() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), json!({"t": "chapter.add", "chapter": "p", "title": "P", "kind": "part"})).done();
    let set = json!({"t": "chapter.set_mode", "chapter": "p", "mode": "live"});
    scene.when(&tab("ann"), set).refused(json!({"code": "invalid", "field": "chapter"}));
}

#[test]
fn a_live_book_is_stored_and_read_as_it_was() {
    let mut scene = live();
    scene.when(&tab("ann"), acquire("c1")).done();
    scene.when(&tab("bob"), acquire("c1")).done();
    assert_eq!(Book::restore(scene.book.save()), scene.book);
}

#[test]
fn a_lock_that_was_stored_with_one_holder_is_read() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), acquire("c1")).done();
    let lock = scene.book.locks.get(&chapter("c1")).unwrap();
    let old = json!({"holding": lock.holders[0], "waiting": []});
    let saved: SavedLock = serde_json::from_value(old).unwrap();
    assert_eq!(Lock::restore(saved.clone()), *lock);
    assert_eq!(Locks::restore(vec![(chapter("c1"), saved)]), scene.book.locks);
}
