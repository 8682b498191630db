use quire_protocol::{Action, Role};
use serde_json::{Value, json};

use crate::book::given::{Scene, acquire, set_role, tab, user};

fn offer(name: &str) -> Value {
    json!({"t": "ownership.offer", "user": name})
}

fn accept() -> Value {
    json!({"t": "ownership.accept"})
}

fn decline() -> Value {
    json!({"t": "ownership.decline"})
}

fn remove(name: &str) -> Value {
    json!({"t": "member.remove", "user": name})
}

/// A scene in which books may change hands.
fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.timers.ownership_offer_ms = 1_000;
    scene
}

fn offered_to(scene: &Scene) -> Option<String> {
    scene.seen_by("rae").offer.map(|offer| offer.to.user.to_string())
}

#[test]
fn a_book_changes_hands_when_both_agree() {
    let mut scene = scene();
    scene.when(&tab("eve"), acquire("c1")).done();
    scene.when(&tab("ann"), acquire("c2")).done();
    let expires_at = scene.now.plus_ms(1_000);
    scene
        .when(&tab("ann"), offer("eve"))
        .then([json!({"t": "ownership.offered", "to": {"user": "eve", "name": "eve"}, "expires_at": expires_at})])
        .done();
    assert_eq!(offered_to(&scene).as_deref(), Some("eve"));
    scene.when(&tab("bob"), accept()).refused(json!("conflict"));
    scene.when(&tab("eve"), accept()).then([json!({"t": "ownership.transferred", "from": "ann", "to": "eve"})]).done();
    assert_eq!(scene.book.role(&user("eve")), Some(Role::Owner));
    assert_eq!(scene.book.role(&user("ann")), Some(Role::Author));
    assert!(scene.may("eve", Action::ManageMembers) && !scene.may("ann", Action::ManageMembers));
    assert_eq!(
        (offered_to(&scene), scene.holder("c1"), scene.holder("c2")),
        (None, Some("eve-1".into()), Some("ann-1".into()))
    );
    scene.when(&tab("eve"), accept()).refused(json!("conflict"));
    scene.when(&tab("eve"), remove("ann")).done();
}

#[test]
fn where_books_do_not_change_hands_none_is_offered() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), offer("eve")).refused(json!("conflict"));
    scene.when(&tab("ann"), json!({"t": "ownership.withdraw"})).changes_nothing().done();
}

#[test]
fn an_offer_is_to_a_member_and_from_the_owner() {
    let mut scene = scene();
    scene.when(&tab("bob"), offer("bob")).refused(json!("forbidden"));
    scene.when(&tab("ann"), offer("ann")).refused(json!("invalid"));
    scene.when(&tab("ann"), offer("zoe")).refused(json!({"code": "not_found", "what": "member"}));
    let until = scene.now.0 + 10;
    scene.when(&tab("ann"), json!({"t": "member.set_end", "user": "eve", "until": until})).done();
    scene.when(&tab("ann"), offer("eve")).refused(json!("conflict"));
}

#[test]
fn an_offer_ends() {
    let mut scene = scene();
    let ended = |declined: bool| [json!({"t": "ownership.offer_ended", "to": "eve", "declined": declined})];
    scene.when(&tab("ann"), offer("eve")).done();
    scene.when(&tab("ann"), json!({"t": "ownership.withdraw"})).then(ended(false)).done();
    scene.when(&tab("eve"), accept()).refused(json!("conflict"));
    scene.when(&tab("ann"), offer("eve")).done();
    scene.when(&tab("eve"), decline()).then(ended(true)).done();
    assert_eq!(offered_to(&scene), None);
    scene.when(&tab("ann"), offer("eve")).done();
    // A later one takes its place.
    scene.when(&tab("ann"), offer("bob")).done();
    scene.when(&tab("eve"), accept()).refused(json!("conflict"));
    scene.passes(1_000);
    assert_eq!(offered_to(&scene), None);
    scene.when(&tab("bob"), accept()).refused(json!("conflict"));
    for gone in [remove("bob"), json!({"t": "member.set_end", "user": "bob", "until": scene.now.0 + 5_000})] {
        let mut scene = self::scene();
        scene.passes(2_000);
        scene.when(&tab("ann"), offer("bob")).done();
        scene.when(&tab("ann"), set_role("bob", "reader")).done();
        assert_eq!(offered_to(&scene).as_deref(), Some("bob"), "another role is no end");
        scene.when(&tab("ann"), gone).done();
        assert_eq!(offered_to(&scene), None);
    }
}
