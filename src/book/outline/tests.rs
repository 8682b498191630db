#![expect(clippy::needless_pass_by_value, reason = "commands are written where they are sent")]

use serde_json::{Value, json};

use crate::book::given::*;

fn place(id: &str, at: Value, parent: Option<&str>) -> Value {
    json!({"t": "chapter.move", "chapter": id, "at": at, "parent": parent})
}

fn part(id: &str) -> Value {
    json!({"t": "chapter.add", "chapter": id, "title": id, "kind": "part"})
}

fn within(id: &str, part: &str) -> Value {
    json!({"t": "chapter.add", "chapter": id, "title": id, "kind": "chapter", "parent": part})
}

#[test]
fn chapters_are_added_where_their_author_says() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let added = |id: &str, at: Value| json!({"t": "chapter.add", "chapter": id, "title": " A\ttitle ", "kind": "back", "at": at});
    let facts = json!({"t": "chapter.added", "title": "A title", "kind": "back", "parent": null, "after": "c3"});
    scene.when(&bob, added("c4", json!("last"))).then([facts]).done();
    scene.when(&bob, added("c5", json!("first"))).then([json!({"after": null})]).done();
    scene.when(&bob, added("c6", json!({"after": "c1"}))).then([json!({"after": "c1"})]).done();
    assert_eq!(scene.order(), "c5 c1 c6 c2 c3 c4");
    scene.when(&bob, added("c7", json!({"after": "c9"}))).refused(json!({"code": "invalid", "field": "at"}));
}

#[test]
fn parts_hold_chapters_and_nothing_else_does() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.when(&bob, part("p1")).done();
    scene.when(&bob, within("c4", "p1")).then([json!({"parent": "p1", "after": null})]).done();
    scene.when(&bob, within("c5", "p1")).then([json!({"parent": "p1", "after": "c4"})]).done();
    assert_eq!(scene.order(), "c1 c2 c3 p1 c4 c5");
    let nowhere = json!({"code": "invalid", "field": "parent"});
    scene.when(&bob, within("c6", "c1")).refused(nowhere.clone());
    scene.when(&bob, within("c6", "p9")).refused(nowhere.clone());
    scene.when(&bob, part("p2")).done();
    scene.when(&bob, place("p2", json!("last"), Some("p1"))).refused(nowhere.clone());
    scene.when(&bob, place("p1", json!("last"), Some("p1"))).refused(nowhere);
    scene.when(&bob, place("p1", json!("first"), None)).done();
    assert_eq!(scene.order(), "p1 c4 c5 c1 c2 c3 p2");
}

#[test]
fn chapters_move_without_a_lock() {
    let mut scene = Scene::new();
    let (bob, eve) = (tab("bob"), tab("eve"));
    scene.when(&eve, acquire("c3")).done();
    scene.when(&bob, place("c3", json!("first"), None)).then([json!({"t": "chapter.moved", "after": null})]).done();
    assert_eq!(scene.order(), "c3 c1 c2");
    scene.when(&bob, place("c3", json!({"after": "c1"}), None)).done();
    assert_eq!(scene.order(), "c1 c3 c2");
    scene.when(&bob, place("c3", json!({"after": "c1"}), None)).changes_nothing().done();
    scene.when(&bob, place("c2", json!("last"), None)).changes_nothing().done();
    scene.when(&bob, place("c1", json!({"after": "c1"}), None)).refused(json!({"code": "invalid", "field": "at"}));
    scene.when(&bob, place("c9", json!("first"), None)).refused(json!({"code": "not_found", "what": "chapter"}));
    scene.when(&bob, part("p1")).done();
    scene.when(&bob, place("c1", json!("last"), Some("p1"))).done();
    assert_eq!(scene.order(), "c3 c2 p1 c1");
    let no_sibling = json!({"code": "invalid", "field": "at"});
    scene.when(&bob, place("c2", json!({"after": "c1"}), None)).refused(no_sibling);
}

#[test]
fn a_title_is_one_line_that_is_not_empty_and_not_too_long() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let rename = |title: &str| json!({"t": "chapter.rename", "chapter": "c1", "title": title});
    let max = scene.limits.title_chars;
    scene.when(&bob, rename(" \u{202e} ")).refused(json!({"code": "invalid", "field": "title"}));
    let large = json!({"code": "too_large", "limit": "title_chars", "max": max});
    scene.when(&bob, rename(&"ü".repeat(max + 1))).refused(large);
    scene.when(&bob, rename(&"ü".repeat(max))).done();
    scene.when(&bob, rename(&"ü".repeat(max))).changes_nothing().done();
    scene.when(&bob, rename("The  Whale\n")).then([json!({"t": "chapter.renamed", "title": "The Whale"})]).done();
}

#[test]
fn a_chapter_that_another_session_holds_is_not_renamed_nor_removed() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.when(&bob, acquire("c1")).done();
    let rename = json!({"t": "chapter.rename", "chapter": "c1", "title": "Loomings"});
    for command in [rename.clone(), remove("c1")] {
        let facts = |yours: bool| json!({"code": "locked", "yours_elsewhere": yours});
        scene.when(&tab("ann"), command.clone()).refused(facts(false));
        scene.when(&bob.second(), command).refused(facts(true));
    }
    scene.when(&bob, rename).done();
}

#[test]
fn removing_ones_own_chapter_ends_its_lock_and_its_queue() {
    let mut scene = Scene::new();
    let (bob, eve) = (tab("bob"), tab("eve"));
    scene.when(&bob, acquire("c1")).done();
    scene.when(&eve, wait("c1")).done();
    let gone = json!({"t": "chapter.removed", "chapter": "c1"});
    let ended = [wait_ended("c1", &eve, "chapter_removed"), released("c1", &bob, "chapter_removed"), gone];
    scene.when(&bob, remove("c1")).then(ended).done();
    scene.when(&bob, remove("c1")).refused(json!({"code": "not_found", "what": "chapter"}));
    assert_eq!(scene.order(), "c2 c3");
    assert!(!scene.book.has_chapter(&chapter("c1")));
}

#[test]
fn a_part_is_removed_when_it_is_empty() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.when(&bob, part("p1")).done();
    scene.when(&bob, within("c4", "p1")).done();
    scene.when(&bob, remove("p1")).refused(json!({"code": "conflict", "children": ["c4"]}));
    scene.when(&bob, remove("c4")).done();
    scene.when(&bob, remove("p1")).done();
    assert_eq!(scene.order(), "c1 c2 c3");
}

#[test]
fn a_restored_chapter_returns_to_its_old_place() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.when(&bob, remove("c2")).done();
    assert_eq!(scene.seen_by("bob").removed[0].by.name, "bob");
    scene.when(&bob, restore("c2")).then([json!({"t": "chapter.restored", "parent": null, "after": "c1"})]).done();
    assert_eq!(scene.order(), "c1 c2 c3");
    scene.when(&bob, restore("c2")).changes_nothing().done();
    scene.when(&bob, remove("c1")).done();
    scene.when(&bob, restore("c1")).then([json!({"after": null})]).done();
    scene.when(&bob, restore("c9")).refused(json!({"code": "not_found", "what": "chapter"}));
}

#[test]
fn a_restored_chapter_whose_place_is_gone_comes_last() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.when(&bob, remove("c2")).done();
    scene.when(&bob, remove("c1")).done();
    scene.when(&bob, restore("c2")).then([json!({"after": "c3"})]).done();

    scene.when(&bob, part("p1")).done();
    scene.when(&bob, within("c4", "p1")).done();
    scene.when(&bob, within("c5", "p1")).done();
    scene.when(&bob, remove("c5")).done();
    scene.when(&bob, remove("c4")).done();
    scene.when(&bob, restore("c5")).then([json!({"parent": "p1", "after": null})]).done();
    scene.when(&bob, remove("c5")).done();
    scene.when(&bob, remove("p1")).done();
    scene.when(&bob, restore("c5")).then([json!({"parent": null, "after": "c2"})]).done();
}

#[test]
fn adding_the_same_chapter_again_answers_its_first_seq() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    scene.when(&bob, add("c4")).done();
    let first = scene.book.seq();
    scene.when(&bob, add("c5")).done();
    scene.when(&bob, json!({"t": "chapter.rename", "chapter": "c4", "title": "Renamed"})).done();
    scene.when(&bob, add("c4")).repeats(first).says(json!({})).done();
    scene.when(&bob, remove("c4")).done();
    scene.when(&bob, add("c4")).repeats(first).done();

    scene.when(&ann, add("c4")).refused(json!("id_taken"));
    let other = |change: Value| {
        let mut command = add("c4");
        command.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        command
    };
    scene.when(&bob, other(json!({"title": "Other"}))).refused(json!("id_taken"));
    scene.when(&bob, other(json!({"kind": "back"}))).refused(json!("id_taken"));
    scene.when(&bob, other(json!({"at": "first"}))).refused(json!("id_taken"));
    scene.when(&bob, other(json!({"at": {"after": "c1"}}))).refused(json!("id_taken"));
    scene.when(&bob, other(json!({"at": {"after": "c3"}}))).repeats(first).done();
}

#[test]
fn a_book_has_so_many_chapters_and_no_more() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.limits.chapters_per_book = 4;
    scene.when(&bob, add("c4")).done();
    scene.when(&bob, remove("c4")).done();
    let full = json!({"code": "limit_reached", "limit": "chapters_per_book", "max": 4, "used": 4});
    scene.when(&bob, add("c5")).refused(full);
    scene.when(&bob, add("c4")).done();
}
