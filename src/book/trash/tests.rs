use serde_json::json;

use crate::book::Act;
use crate::book::given::{CAST, Scene, acquire, invite, tab, user};
use quire_protocol::library::{Grant, Permission};
use quire_protocol::{Action, Timestamp};

fn delete(scene: &mut Scene, name: &str) {
    scene.when(&tab(name), json!({"t": "book.delete"})).done();
}

fn restore() -> serde_json::Value {
    json!({"t": "book.restore"})
}

fn forever() -> serde_json::Value {
    json!({"t": "book.delete", "forever": true})
}

fn set_end(name: &str, until: impl Into<serde_json::Value>) -> serde_json::Value {
    json!({"t": "member.set_end", "user": name, "until": until.into()})
}

fn gone() -> serde_json::Value {
    json!({"code": "not_found", "what": "book"})
}

#[test]
fn what_is_deleted_lies_in_the_trash_and_comes_back_as_it_was() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    scene.when(&bob, acquire("c1")).done();
    scene.when(&ann, invite("i9", "yan@example.org", "viewer")).done();
    let until = scene.now.plus_ms(scene.timers.trash_ms);
    scene
        .when(&ann, json!({"t": "book.delete"}))
        .then([
            json!({"t": "lock.released", "chapter": "c1", "reason": "book_deleted"}),
            json!({"t": "book.trashed", "person": {"user": "ann"}, "until": until}),
        ])
        .done();
    assert!(!scene.book.exists() && !scene.book.is_deleted());
    for (name, _) in CAST {
        assert_eq!(scene.book.access(&user(name)).role, None);
        assert_eq!(scene.may(name, Action::DeleteBook), name == "ann");
        scene.when(&tab(name), acquire("c1")).refused(gone());
    }
    scene.when(&tab("yan"), json!({"t": "invitation.accept", "invitation": "i9"})).refused(gone());
    let card = scene.book.card(scene.now);
    assert_eq!((card.members.len(), card.invitations.len(), card.trashed_until), (1, 0, Some(until)));
    scene.when(&bob, restore()).refused(gone());
    scene.when(&ann, json!({"t": "book.delete"})).changes_nothing().done();
    scene.when(&ann, restore()).then([json!({"t": "book.restored"})]).done();
    scene.when(&ann, restore()).changes_nothing().done();
    assert_eq!(scene.order(), "c1 c2 c3");
    scene.when(&bob, acquire("c1")).done();
    scene.when(&tab("yan"), json!({"t": "invitation.accept", "invitation": "i9"})).done();
}

#[test]
fn out_of_the_trash_a_book_is_deleted_for_good() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), forever()).refused(json!("conflict"));
    delete(&mut scene, "ann");
    scene.when(&tab("bob"), forever()).refused(gone());
    scene.when(&tab("ann"), forever()).then([json!({"t": "book.deleted"})]).done();
    scene.when(&tab("ann"), restore()).refused(gone());
}

#[test]
fn when_its_time_in_the_trash_is_over_a_book_is_gone() {
    let mut scene = Scene::new();
    delete(&mut scene, "ann");
    scene.passes(scene.timers.trash_ms - 1);
    scene.noticed(&Act::Lapsed).changes_nothing().done();
    scene.passes(1);
    // Nobody noticed yet.
    scene.when(&tab("ann"), restore()).refused(gone());
    scene.noticed(&Act::Lapsed).then([json!({"t": "book.deleted"})]).done();
    scene.noticed(&Act::Lapsed).changes_nothing().done();
}

#[test]
fn a_book_of_the_library_leaves_its_list_and_comes_back_to_it() {
    let mut scene = Scene::new();
    let upload = Grant::all(Permission::Upload);
    let remove = Grant::all(Permission::Delete);
    scene.library_allows(&[("ann", upload), ("zoe", remove)]);
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).done();
    // T5: whoever may delete it by the library's permission takes it back, too.
    delete(&mut scene, "zoe");
    assert_eq!(scene.book.shelved(), None);
    scene.when(&tab("zoe"), restore()).done();
    assert!(scene.book.shelved().is_some());
}

#[test]
fn a_membership_ends_at_its_end() {
    let mut scene = Scene::new();
    let (ann, eve) = (tab("ann"), tab("eve"));
    let until = scene.now.plus_ms(1_000);
    scene
        .when(&ann, set_end("eve", until.0))
        .then([json!({"t": "member.end_set", "user": "eve", "until": until})])
        .done();
    scene.when(&ann, set_end("eve", until.0)).changes_nothing().done();
    assert_eq!(scene.book.lapses_at(), Some(until));
    scene.when(&eve, acquire("c1")).done();
    scene.passes(999);
    scene.noticed(&Act::Lapsed).changes_nothing().done();
    scene.passes(1);
    // Nobody noticed yet, and yet she is a stranger.
    scene.when(&eve, acquire("c2")).refused(gone());
    scene
        .noticed(&Act::Lapsed)
        .then([json!({"t": "lock.released", "chapter": "c1"}), json!({"t": "member.removed", "user": "eve"})])
        .done();
    assert_eq!((scene.book.lapses_at(), scene.book.role(&user("eve"))), (None, None));
    scene.joins("eve", "editor");
    scene.noticed(&Act::Lapsed).changes_nothing().done();
}

#[test]
fn an_end_is_set_later_or_taken_back() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    let now = scene.now.0;
    scene.when(&ann, set_end("eve", now + 10)).done();
    scene.when(&ann, set_end("bob", now + 20)).done();
    scene.when(&ann, set_end("eve", now + 30)).done();
    assert_eq!(scene.book.lapses_at(), Some(Timestamp(now + 20)));
    scene.when(&ann, json!({"t": "member.set_end", "user": "bob"})).then([json!({"until": null})]).done();
    scene.when(&ann, json!({"t": "member.set_role", "user": "eve", "role": "viewer"})).done();
    assert_eq!(scene.book.lapses_at(), Some(Timestamp(now + 30)), "another role ends when it did");
    for (name, until, code) in [("eve", now, "invalid"), ("ann", now + 5, "invalid"), ("zoe", now + 5, "not_found")] {
        scene.when(&ann, set_end(name, until)).refused(json!(code));
    }
    scene.when(&tab("bob"), set_end("eve", now + 5)).refused(json!("forbidden"));
}

#[test]
fn whoever_gets_royalties_is_a_member_without_an_end() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    let split = |name: &str| json!({"t": "royalties.set", "shares": [{"user": name, "basis_points": 10_000}]});
    let until = scene.now.0 + 1_000;
    scene.when(&ann, set_end("eve", until)).done();
    scene.when(&ann, split("eve")).refused(json!("conflict"));
    scene.when(&ann, split("bob")).done();
    scene.when(&ann, set_end("bob", until)).refused(json!("conflict"));
    scene.when(&ann, json!({"t": "member.set_end", "user": "bob"})).changes_nothing().done();
}
