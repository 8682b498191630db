use quire_protocol::frame::Answer;
use serde_json::{Value, json};

use crate::book::given::{Scene, invite, tab};

fn ask(note: &str) -> Value {
    json!({"t": "access.request", "note": note})
}

fn grant(name: &str) -> Value {
    json!({"t": "access.grant", "user": name, "role": "viewer"})
}

fn refuse(name: &str) -> Value {
    json!({"t": "access.refuse", "user": name})
}

fn waiting(scene: &Scene) -> Vec<String> {
    let requests = scene.seen_by("ann").requests.expect("she is the owner");
    requests.into_iter().map(|request| request.person.user.to_string()).collect()
}

#[test]
fn somebody_asks_and_is_let_in() {
    let mut scene = Scene::new();
    let yan = tab("yan");
    scene
        .when(&yan, ask(" I drew  the maps. "))
        .then([json!({"t": "access.requested", "person": {"user": "yan"}, "email": "yan@example.org",
            "note": "I drew the maps."})])
        .says(json!({}))
        .done();
    assert_eq!(waiting(&scene), ["yan"]);
    assert_eq!(scene.seen_by("bob").requests, None);
    for (name, code) in [("bob", "forbidden"), ("zoe", "not_found")] {
        scene.when(&tab(name), grant("yan")).refused(json!(code));
    }
    scene
        .when(&tab("ann"), grant("yan"))
        .then([json!({"t": "member.joined", "member": {"user": "yan", "role": "viewer"}, "invitation": null})])
        .done();
    assert!(waiting(&scene).is_empty());
    scene.when(&tab("ann"), grant("yan")).refused(json!({"code": "not_found", "what": "request"}));
    scene.when(&yan, ask("Again")).refused(json!("conflict"));
}

/// What is answered tells nobody whether there is such a book, whether they ask already, or whether they were refused.
#[test]
fn whoever_asks_learns_nothing() {
    let answer = |scene: &mut Scene| scene.when(&tab("yan"), ask("Please")).outcome().map(|(_, answer)| answer);
    let done = Some(Answer::Done {});
    let mut absent = Scene::blank();
    assert_eq!(answer(&mut absent), done);
    assert_eq!(absent.book.seq().0, 0);
    let mut scene = Scene::new();
    assert_eq!(answer(&mut scene), done);
    let asked = scene.book.seq();
    assert_eq!(answer(&mut scene), done);
    scene.when(&tab("ann"), refuse("yan")).then([json!({"t": "access.refused", "user": "yan"})]).done();
    assert_eq!(answer(&mut scene), done);
    assert_eq!(scene.book.seq(), asked.next(), "it was heard once, and refused");
    scene.passes(scene.timers.invitation_ms);
    assert_eq!(answer(&mut scene), done);
    assert_eq!(waiting(&scene), ["yan"], "after a while it is heard again");
    scene.when(&tab("ann"), json!({"t": "book.delete"})).done();
    assert_eq!(answer(&mut scene), done);
    let long = "x".repeat(scene.limits.note_chars + 1);
    for mut scene in [absent, scene] {
        scene.when(&tab("yan"), ask(&long)).refused(json!({"code": "too_large", "limit": "note_chars"}));
    }
}

#[test]
fn a_repeat_is_answered_as_the_first_was() {
    let mut scene = Scene::new();
    let first = scene.when_with("k1", &tab("yan"), ask("Please")).outcome().unwrap();
    let again = scene.when_again("k1", &tab("yan"), ask("Please")).outcome().unwrap();
    assert_eq!((first.0, again.0), (1, 0));
    assert_eq!(first.1, again.1);
}

#[test]
fn so_many_wait_and_no_more() {
    let mut scene = Scene::new();
    scene.limits.requests_per_book = 2;
    for name in ["yan", "zoe", "kit"] {
        scene.when(&tab(name), ask("Please")).done();
    }
    assert_eq!(waiting(&scene), ["yan", "zoe"]);
    scene.when(&tab("ann"), refuse("yan")).done();
    scene.when(&tab("kit"), ask("Please")).done();
    assert_eq!(waiting(&scene), ["zoe", "kit"]);
}

#[test]
fn who_is_let_in_takes_the_invitation_along_that_waited_for_them() {
    let mut scene = Scene::new();
    scene.when(&tab("yan"), ask("Please")).done();
    scene.when(&tab("ann"), invite("i9", "yan@example.org", "editor")).done();
    scene.when(&tab("ann"), grant("yan")).then([json!({"t": "member.joined", "invitation": "i9"})]).done();
    // Whoever accepts an invitation asks no more, either.
    scene.when(&tab("zoe"), ask("Please")).done();
    scene.joins("zoe", "viewer");
    assert!(waiting(&scene).is_empty());
}

#[test]
fn old_refusals_are_forgotten() {
    let mut scene = Scene::new();
    for number in 0..super::REFUSED_MAX + 3 {
        let name = format!("p{number}");
        scene.when(&tab(&name), ask("Please")).done();
        scene.when(&tab("ann"), refuse(&name)).done();
    }
    assert_eq!(scene.book.members.requests.0.len(), super::REFUSED_MAX);
}
