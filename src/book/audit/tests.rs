use quire_protocol::codec::decode_record;
use quire_protocol::event::{Cause, ReleaseReason};
use serde_json::{Value, json};

use super::*;
use crate::audit::Wanted;
use crate::book::given::*;
use crate::book::{Act, Fact};

/// All rows of a log, as they are told.
fn rows(scene: &Scene) -> Vec<Row> {
    let mut audit = Audit::default();
    scene.log.iter().flat_map(|committed| audit.read(committed)).collect()
}

fn told(scene: &Scene) -> Vec<Value> {
    rows(scene).iter().map(|row| serde_json::to_value(row).unwrap()).collect()
}

/// What was told since the scene was set.
fn since(scene: &Scene, seq: Seq) -> Vec<Value> {
    told(scene).into_iter().filter(|row| row["seq"].as_u64().unwrap() > seq.0).collect()
}

fn without_seq(mut row: Value) -> Value {
    row.as_object_mut().unwrap().remove("seq");
    row
}

fn ann() -> Value {
    json!({"id": "ann", "name": "ann"})
}

#[test]
fn a_book_and_its_people_are_told_from_the_beginning() {
    let scene = Scene::new();
    let told = told(&scene);
    let kinds: Vec<&str> = told.iter().map(|row| row["what"].as_str().unwrap()).collect();
    let joins = ["member.invited", "member.joined"].repeat(4);
    assert_eq!(kinds, [&["book.created"][..], &joins].concat());
    let created = json!({"who": ann(), "what": "book.created", "member": ann(),
        "role": {"from": null, "to": "owner"}, "detail": {"title": "Moby Dick"}});
    assert_eq!(without_seq(told[0].clone()), created);
    let invited = json!({"who": ann(), "what": "member.invited", "address": "bob@example.org",
        "role": {"from": null, "to": "author"}});
    assert_eq!(without_seq(told[1].clone()), invited);
    let joined = json!({"who": {"id": "bob", "name": "bob"}, "what": "member.joined",
        "member": {"id": "bob", "name": "bob"}, "address": "bob@example.org",
        "role": {"from": null, "to": "author"}});
    assert_eq!(without_seq(told[2].clone()), joined);
}

#[test]
fn changes_of_people_tell_from_what_to_what() {
    let mut scene = Scene::new();
    let (start, owner) = (scene.book.seq(), tab("ann"));
    scene.when(&owner, set_role("bob", "viewer")).done();
    scene.when(&owner, json!({"t": "member.remove", "user": "bob"})).done();
    scene.when(&tab("eve"), json!({"t": "member.leave"})).done();
    scene.when(&owner, invite("i9", "zoe@example.org", "editor")).done();
    scene.when(&owner, json!({"t": "invitation.resend", "invitation": "i9"})).done();
    scene.when(&owner, json!({"t": "invitation.revoke", "invitation": "i9"})).done();
    let told: Vec<Value> = since(&scene, start).into_iter().map(without_seq).collect();
    let bob = json!({"id": "bob", "name": "bob"});
    let eve = json!({"id": "eve", "name": "eve"});
    let zoe = |what: &str| json!({"who": ann(), "what": what, "address": "zoe@example.org", "role": {"from": null, "to": "editor"}});
    let expected = [
        json!({"who": ann(), "what": "member.role_changed", "member": bob, "role": {"from": "author", "to": "viewer"}}),
        json!({"who": ann(), "what": "member.removed", "member": bob, "role": {"from": "viewer", "to": null}}),
        json!({"who": eve, "what": "member.left", "member": eve, "role": {"from": "editor", "to": null}}),
        zoe("member.invited"),
        zoe("invitation.resent"),
        zoe("invitation.revoked"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_lock_that_was_taken_is_told_with_its_holder_and_why_and_one_given_back_is_not() {
    let mut scene = Scene::new();
    let (start, bob) = (scene.book.seq(), tab("bob"));
    let token = scene.when(&bob, acquire("c1")).token();
    scene.when(&bob, release("c1", token)).done();
    scene.when(&bob, comment("t1", "k1", "a")).done();
    scene.when(&bob, add("c4")).done();
    assert_eq!(since(&scene, start), [] as [Value; 0]);
    scene.when(&bob, acquire("c1")).done();
    scene.when(&tab("ann"), json!({"t": "lock.force_release", "chapter": "c1", "reason": "To print"})).done();
    scene.when(&bob, acquire("c2")).done();
    scene.ended(&bob).done();
    let told: Vec<Value> = since(&scene, start).into_iter().map(without_seq).collect();
    let member = json!({"id": "bob", "name": "bob"});
    let expected = [
        json!({"who": ann(), "what": "lock.released", "chapter": {"id": "c1", "title": "c1"}, "member": member,
            "reason": "forced", "note": "To print"}),
        json!({"who": {"system": "disconnected"}, "what": "lock.released", "chapter": {"id": "c2", "title": "c2"},
            "member": member, "reason": "disconnected"}),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_the_book_says_about_itself_is_told_by_the_fields_that_changed() {
    let mut scene = Scene::new();
    let (start, owner) = (scene.book.seq(), tab("ann"));
    let metadata = json!({"isbn": "0", "keywords": ["whales"]});
    scene.when(&owner, json!({"t": "metadata.set", "title": "The Whale", "metadata": metadata})).done();
    scene.when(&owner, json!({"t": "metadata.set", "metadata": {"isbn": "1"}})).done();
    scene.when(&owner, json!({"t": "format.set", "format": {"justify": false, "font": "sans"}})).done();
    scene.when(&owner, json!({"t": "chapter.set_mode", "chapter": "c1", "mode": "live"})).done();
    scene.when(&owner, json!({"t": "chapter.rename", "chapter": "c2", "title": "Loomings"})).done();
    scene.when(&owner, remove("c2")).done();
    scene.when(&owner, restore("c2")).done();
    let shares = json!([{"user": "ann", "basis_points": 10_000}]);
    scene.when(&owner, json!({"t": "royalties.set", "shares": shares})).done();
    let told: Vec<Value> = since(&scene, start).into_iter().map(without_seq).collect();
    let renamed = json!({"id": "c2", "title": "Loomings"});
    let split = json!({"effective_at": scene.now, "shares": shares});
    let by_ann = |what: &str, more: Value| {
        let mut row = json!({"who": ann(), "what": what});
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let expected = [
        by_ann("metadata.changed", json!({"detail": {"fields": ["title", "isbn", "keywords"]}})),
        by_ann("metadata.changed", json!({"detail": {"fields": ["isbn"]}})),
        by_ann("format.changed", json!({"detail": {"fields": ["font", "justify"]}})),
        by_ann("chapter.mode_set", json!({"chapter": {"id": "c1", "title": "c1"}, "detail": {"mode": "live"}})),
        by_ann("chapter.removed", json!({"chapter": renamed})),
        by_ann("chapter.restored", json!({"chapter": renamed})),
        by_ann("royalties.changed", json!({"detail": {"split": split}})),
    ];
    assert_eq!(told, expected);
}

#[test]
fn who_brought_a_version_back_is_told_with_the_version() {
    let mut scene = Scene::new();
    let (start, tab) = (scene.book.seq(), tab("ann"));
    let act = Act::VersionRestored { chapter: chapter("c1"), version: Seq(4), rev: Seq(9) };
    scene.act(tab.actor(), &act, None).done();
    let expected = json!({"who": ann(), "what": "version.restored", "chapter": {"id": "c1", "title": "c1"},
        "detail": {"version": 4}});
    assert_eq!(since(&scene, start).into_iter().map(without_seq).collect::<Vec<_>>(), [expected]);
}

#[test]
fn what_the_store_has_lost_is_told_as_lost() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.when(&bob, acquire("c1")).done();
    let start = scene.book.seq();
    for _ in 0..3 {
        scene.passes(1);
        scene.when(&tab("ann"), set_role("eve", "viewer")).done();
        scene.when(&tab("ann"), set_role("eve", "editor")).done();
    }
    let (from, to) = (usize::try_from(start.0).unwrap(), usize::try_from(start.0 + 4).unwrap());
    scene.log.drain(from..to);
    let told: Vec<Value> = since(&scene, start);
    assert_eq!(told[0], json!({"seq": start.0 + 1, "who": null, "what": "log.lost", "detail": {"lost": 4}}));
    assert_eq!(told.len(), 3);
}

#[test]
fn rows_are_chosen_by_time_place_person_and_kind() {
    let mut scene = Scene::new();
    scene.passes(1_000);
    let later = scene.now;
    scene.when(&tab("ann"), set_role("bob", "viewer")).done();
    let last = scene.book.seq();
    let count = |wanted: Wanted| rows(&scene).iter().filter(|row| wanted.includes(row)).count();
    let any = Wanted::default;
    assert_eq!(count(any()), 10);
    assert_eq!(count(Wanted { from: Some(later), ..any() }), 1);
    assert_eq!(count(Wanted { until: Some(later), ..any() }), 9);
    assert_eq!(count(Wanted { after: Some(Seq(last.0 - 1)), ..any() }), 1);
    assert_eq!(count(Wanted { before: Some(last), ..any() }), 9);
    assert_eq!(count(Wanted { person: Some(user("bob")), ..any() }), 2, "what they did and what was done to them");
    assert_eq!(count(Wanted { person: Some(user("ann")), ..any() }), 6);
    for (kind, expected) in [("member", 9), ("member.joined", 4), ("mem", 0), ("", 0), ("book.created", 1)] {
        assert_eq!(count(Wanted { kind: Some(kind.into()), ..any() }), expected, "{kind}");
    }
}

#[test]
fn a_lock_that_nobody_used_is_released_by_the_hub_and_a_stored_log_tells_the_same() {
    let mut scene = Scene::new();
    scene.when(&tab("bob"), acquire("c1")).done();
    let act = Act::LockIdle { chapter: chapter("c1"), token: scene.token("c1") };
    scene.act(crate::book::Actor::Hub(Cause::Idle), &act, None).done();
    let told = rows(&scene);
    let last = told.last().unwrap();
    assert_eq!((last.what, last.reason), ("lock.released", Some(ReleaseReason::Idle)));
    assert_eq!(last.who, Some(Doer::Hub { system: Cause::Idle }));
    let mut audit = Audit::default();
    let stored = scene.log.iter().map(|committed| {
        let bytes = rmp_serde::to_vec_named(&committed.fact).unwrap();
        Committed { fact: decode_record::<Fact>(&bytes).unwrap(), ..committed.clone() }
    });
    let again: Vec<Row> = stored.flat_map(|committed| audit.read(&committed)).collect();
    assert_eq!(again, told);
}
