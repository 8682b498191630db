use serde_json::json;

use super::REMEMBERED_MAX;
use crate::book::given::*;

/// Bob sends commands with rising ids until his first is forgotten.
fn after_many_commands() -> Scene {
    let mut scene = Scene::new();
    let bob = tab("bob");
    for index in 0..=REMEMBERED_MAX {
        let rename = json!({"t": "chapter.rename", "chapter": "c1", "title": format!("Title {index}")});
        let id = format!("id-{index:06}");
        scene.when_with(&id, &bob, rename).done();
    }
    scene
}

#[test]
fn a_command_that_is_sent_again_takes_effect_once_and_gets_the_first_reply() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let token = scene.when_with("x", &bob, acquire("c1")).token();
    let first = scene.book.seq();
    scene.when(&bob, release("c1", token)).done();
    let answer = json!({"token": token});
    scene.when_with("x", &bob, acquire("c1")).repeats(first).says(answer.clone()).done();
    scene.when_again("x", &bob, acquire("c1")).repeats(first).says(answer).done();
    scene.when_with("x", &tab("eve"), acquire("c1")).then([acquired("c1", &tab("eve"))]).done();
}

#[test]
fn every_kind_of_reply_is_remembered() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    scene.when_with("a", &ann, invite("i1", "zoe@example.org", "viewer")).done();
    scene.when_with("a", &ann, json!({"t": "member.leave"})).refused(json!("forbidden"));
    scene.when_with("a", &ann, invite("i1", "zoe@example.org", "viewer")).says(json!({"invitation": "i1"})).done();
    scene.when(&ann, acquire("c1")).done();
    scene.when_with("b", &bob, wait("c1")).done();
    scene.when(&bob, json!({"t": "lock.cancel_wait", "chapter": "c1"})).done();
    scene.when_with("b", &bob, wait("c1")).changes_nothing().says(json!({"position": 1})).done();
}

#[test]
fn a_refused_command_may_be_sent_again() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    let token = scene.when(&ann, acquire("c1")).token();
    scene.when_with("x", &bob, acquire("c1")).refused(json!("locked"));
    scene.when(&ann, release("c1", token)).done();
    scene.when_again("x", &bob, acquire("c1")).then([acquired("c1", &bob)]).done();
}

#[test]
fn a_retry_that_never_arrived_before_is_executed() {
    let mut scene = Scene::new();
    scene.when_again("x", &tab("bob"), acquire("c1")).then([acquired("c1", &tab("bob"))]).done();
    let mut scene = after_many_commands();
    scene.when_again("id-999999", &tab("bob"), acquire("c1")).then([acquired("c1", &tab("bob"))]).done();
    scene.when_again("id-000000", &tab("eve"), acquire("c2")).then([acquired("c2", &tab("eve"))]).done();
}

#[test]
fn a_retry_that_may_be_forgotten_is_not_executed() {
    let mut scene = after_many_commands();
    let bob = tab("bob");
    let title = |index: usize| json!({"t": "chapter.rename", "chapter": "c1", "title": format!("Title {index}")});
    scene.when_again("id-000000", &bob, title(0)).refused(json!("outcome_unknown"));
    scene.when_again("id-", &bob, title(0)).refused(json!("outcome_unknown"));
    scene.when_again("id-000001", &bob, title(1)).changes_nothing().done();
    // Sent as new, it is a new command.
    scene.when_with("id-", &bob, title(0)).then([json!({"t": "chapter.renamed"})]).done();
}

#[test]
fn rights_come_before_what_was_answered_before() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    scene.when_with("x", &bob, acquire("c1")).done();
    scene.when(&ann, set_role("bob", "viewer")).done();
    scene.when_again("x", &bob, acquire("c1")).refused(json!("forbidden"));
    scene.when(&ann, json!({"t": "member.remove", "user": "bob"})).done();
    scene.when_again("x", &bob, acquire("c1")).refused(json!({"code": "not_found", "what": "book"}));
}

#[test]
fn who_gave_up_their_rights_by_a_command_learns_that_it_was_done() {
    let mut scene = Scene::new();
    let (ann, bob, zoe) = (tab("ann"), tab("bob"), tab("zoe"));
    let leave = json!({"t": "member.leave"});
    scene.when_with("x", &bob, leave.clone()).done();
    let left = scene.book.seq();
    scene.when_again("x", &bob, leave.clone()).repeats(left).done();
    scene.when_again("y", &bob, leave).refused(json!("not_found"));

    scene.when(&ann, invite("i1", "zoe@example.org", "viewer")).done();
    let decline = json!({"t": "invitation.decline", "invitation": "i1"});
    scene.when_with("x", &zoe, decline.clone()).done();
    let declined = scene.book.seq();
    scene.when_again("x", &zoe, decline).repeats(declined).done();

    scene.when_with("x", &ann, json!({"t": "book.delete"})).done();
    let deleted = scene.book.seq();
    scene.when_again("x", &ann, json!({"t": "book.delete"})).repeats(deleted).done();
}
