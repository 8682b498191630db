//! How holds end without being released: tabs and replicas go, rights end, nothing is done for long.

use quire_protocol::event::ReleaseReason;
use serde_json::json;

use crate::book::Act;
use crate::book::given::*;

#[test]
fn a_session_that_ends_frees_its_chapters_and_gives_up_its_places() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    scene.when(&bob, acquire("c1")).done();
    scene.when(&ann, acquire("c2")).done();
    scene.when(&bob, wait("c2")).done();
    scene.when(&ann, wait("c1")).done();
    let freed = [released("c1", &bob, "disconnected"), acquired("c1", &ann), wait_ended("c2", &bob, "disconnected")];
    scene.ended(&bob).then(freed).done();
    scene.ended(&bob).changes_nothing().done();
}

#[test]
fn a_late_end_of_an_old_connection_frees_nothing() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    scene.when(&bob, acquire("c1")).done();
    scene.when(&ann, acquire("c2")).done();
    scene.when(&bob, wait("c2")).done();
    scene.reopened(&bob.resumed()).done();
    scene.ended(&bob).changes_nothing().done();
    scene.ended(&bob.resumed().at("south")).changes_nothing().done();
    assert_eq!(scene.holder("c1").as_deref(), Some("bob-1"));
    let ended = [released("c1", &bob, "disconnected"), wait_ended("c2", &bob, "disconnected")];
    scene.ended(&bob.resumed()).then(ended).done();
}

#[test]
fn a_lost_replica_is_named_as_the_reason() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.when(&bob, acquire("c1")).done();
    let (session, home) = (bob.session.clone(), bob.home.clone());
    let lost = Act::SessionEnded { session, home, reason: ReleaseReason::ReplicaLost };
    scene.noticed(&lost).then([released("c1", &bob, "replica_lost")]).done();
}

#[test]
fn a_closed_view_gives_back_what_it_holds_and_waits_no_longer() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    scene.when(&bob, acquire("c1")).done();
    scene.when(&ann, acquire("c2")).done();
    scene.when(&bob, wait("c2")).done();
    let closed = Act::ViewClosed { session: bob.session.clone() };
    scene.act(ann.actor(), &closed, None).refused(json!("forbidden"));
    let given_up = [released("c1", &bob, "released"), wait_ended("c2", &bob, "disconnected")];
    scene.act(bob.actor(), &closed, None).then(given_up).done();
}

#[test]
fn a_resumed_session_keeps_its_chapters_under_new_tokens() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let old = scene.when(&bob, acquire("c1")).token();
    scene.reopened(&bob).changes_nothing().done();
    let south = bob.resumed().at("south");
    scene.reopened(&south).then([json!({"t": "lock.rehomed", "chapter": "c1", "home": south.home})]).done();
    assert!(scene.token("c1") > old);
    scene.reopened(&south).changes_nothing().done();
}

#[test]
fn an_older_connection_cannot_take_a_resumed_session_back() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.when(&bob.resumed(), acquire("c1")).done();
    scene.reopened(&bob).refused(json!("conflict"));
    scene.reopened(&bob.resumed().at("south")).refused(json!("conflict"));
    scene.when(&bob, acquire("c1")).refused(json!("conflict"));
    scene.when(&tab("ann"), acquire("c2")).done();
    scene.when(&bob.resumed(), wait("c2")).done();
    scene.when(&bob, wait("c2")).refused(json!("conflict"));
}

#[test]
fn acquiring_again_on_a_later_connection_moves_the_lock_there() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let old = scene.when(&bob, acquire("c1")).token();
    let new = scene.when(&bob.resumed(), acquire("c1")).then([json!({"t": "lock.rehomed"})]).token();
    assert!(new > old);
    assert_eq!(scene.token("c1"), new);
    scene.when(&tab("ann"), acquire("c2")).done();
    scene.when(&bob.resumed(), wait("c2")).done();
    let further = bob.resumed().resumed();
    scene.when(&further, wait("c2")).then([json!({"t": "lock.wait_rehomed"})]).says(json!({"position": 1})).done();
}

#[test]
fn an_idle_lock_is_released_unless_it_was_granted_anew() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    let token = scene.when(&bob, acquire("c1")).token();
    scene.when(&ann, wait("c1")).done();
    let idle = Act::LockIdle { chapter: chapter("c1"), token };
    scene.act(bob.actor(), &idle, None).refused(json!("forbidden"));
    scene.noticed(&idle).then([released("c1", &bob, "idle"), acquired("c1", &ann)]).done();
    scene.noticed(&idle).changes_nothing().done();
}

#[test]
fn activity_of_the_holder_is_written_if_it_is_news() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let token = scene.when(&bob, acquire("c1")).token();
    let later = scene.now.plus_ms(1);
    let active = |token, active_at| Act::LockActive { chapter: chapter("c1"), token, active_at };
    scene.act(tab("ann").actor(), &active(token, later), None).refused(json!("forbidden"));
    scene.noticed(&active(token, scene.now)).changes_nothing().done();
    scene.noticed(&active(token, later)).then([json!({"t": "lock.active", "active_at": later})]).done();
    assert_eq!(scene.book.held().next().unwrap().active_at, later);
    scene.reopened(&bob.resumed()).done();
    scene.noticed(&active(token, later.plus_ms(1))).changes_nothing().done();
}

#[test]
fn who_loses_the_right_to_edit_loses_locks_and_places_to_the_next() {
    let losses = [
        (set_role("bob", "viewer"), "member.role_changed"),
        (json!({"t": "member.remove", "user": "bob"}), "member.removed"),
    ];
    for (command, last) in losses {
        let mut scene = Scene::new();
        let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
        scene.when(&bob, acquire("c1")).done();
        scene.when(&bob.second(), wait("c1")).done();
        scene.when(&eve, wait("c1")).done();
        scene.when(&ann, acquire("c2")).done();
        scene.when(&bob, wait("c2")).done();
        let lost = [
            wait_ended("c1", &bob.second(), "permission_changed"),
            released("c1", &bob, "permission_changed"),
            acquired("c1", &eve),
            wait_ended("c2", &bob, "permission_changed"),
            json!({"t": last, "user": "bob"}),
        ];
        scene.when(&ann, command).then(lost).done();
    }
}

#[test]
fn a_new_role_that_may_edit_changes_no_lock() {
    let mut scene = Scene::new();
    scene.when(&tab("bob"), acquire("c1")).done();
    scene.when(&tab("ann"), set_role("bob", "editor")).then([json!({"t": "member.role_changed"})]).done();
}

#[test]
fn who_leaves_gives_up_locks_and_places() {
    let mut scene = Scene::new();
    let (bob, eve) = (tab("bob"), tab("eve"));
    scene.when(&bob, acquire("c1")).done();
    scene.when(&eve, wait("c1")).done();
    let left = [released("c1", &bob, "permission_changed"), acquired("c1", &eve), json!({"t": "member.left"})];
    scene.when(&bob, json!({"t": "member.leave"})).then(left).done();
}

#[test]
fn a_deleted_book_releases_everything() {
    let mut scene = Scene::new();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    scene.when(&bob, acquire("c1")).done();
    scene.when(&eve, wait("c1")).done();
    let last = json!({"t": "book.trashed"});
    let ended = [wait_ended("c1", &eve, "book_deleted"), released("c1", &bob, "book_deleted"), last];
    scene.when(&ann, json!({"t": "book.delete"})).then(ended).done();
    assert_eq!((scene.book.held().count(), scene.book.waiting().count()), (0, 0));
}
