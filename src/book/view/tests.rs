use quire_protocol::command::ChapterKind;
use quire_protocol::{ChapterId, Role};
use serde_json::json;

use super::Hearing;
use crate::book::given::*;

/// Who hears the last event whole, and from whom it is withheld.
fn heard(scene: &Scene) -> (String, String) {
    let event = &scene.log.last().unwrap().fact.event;
    let who = |hearing: Hearing| {
        let names = CAST.map(|(name, _)| name).into_iter().chain(["stranger"]);
        names.filter(|name| scene.book.hearing(&user(name), event) == hearing).collect::<Vec<_>>().join(" ")
    };
    (who(Hearing::Whole), who(Hearing::Withheld))
}

fn heard_by(whole: &str, withheld: &str) -> (String, String) {
    (whole.into(), withheld.into())
}

#[test]
fn comments_are_withheld_from_readers() {
    let mut scene = Scene::new();
    let eve = tab("eve");
    let on = |t: &str| json!({"t": t, "thread": "t1"});
    let edited = json!({"t": "comment.edit", "thread": "t1", "comment": "k1", "body": "Hm!"});
    let deleted = json!({"t": "comment.delete", "thread": "t1", "comment": "k1"});
    let commands = [comment("t1", "k1", "Hm"), reply("t1", "k2", "Hm"), edited, deleted];
    for command in commands.into_iter().chain([on("thread.resolve"), on("thread.reopen")]) {
        scene.when(&eve, command).done();
        assert_eq!(heard(&scene), heard_by("ann bob eve vic", "rae"));
    }
}

#[test]
fn invitations_are_withheld_from_all_but_the_owner() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    let on = |t: &str| json!({"t": t, "invitation": "i1"});
    for command in [invite("i1", "zoe@example.org", "viewer"), on("invitation.resend"), on("invitation.revoke")] {
        scene.when(&ann, command).done();
        assert_eq!(heard(&scene), heard_by("ann", "bob eve vic rae"));
    }
    scene.when(&ann, invite("i2", "zoe@example.org", "viewer")).done();
    scene.when(&tab("zoe"), json!({"t": "invitation.decline", "invitation": "i2"})).done();
    assert_eq!(heard(&scene), heard_by("ann", "bob eve vic rae"));
}

#[test]
fn everything_else_is_heard_by_every_member() {
    let mut scene = Scene::new();
    assert_eq!(heard(&scene), heard_by("ann bob eve vic rae", ""));
    for command in [add("c4"), acquire("c1"), remove("c4"), json!({"t": "metadata.set", "title": "New"})] {
        scene.when(&tab("bob"), command).done();
        assert_eq!(heard(&scene), heard_by("ann bob eve vic rae", ""));
    }
}

#[test]
fn who_is_removed_hears_nothing_from_that_event_on() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), json!({"t": "member.remove", "user": "bob"})).done();
    assert_eq!(heard(&scene), heard_by("ann eve vic rae", ""));
    scene.when(&tab("vic"), json!({"t": "member.leave"})).done();
    assert_eq!(heard(&scene), heard_by("ann eve rae", ""));
    scene.when(&tab("eve"), comment("t1", "k1", "Hm")).done();
    scene.when(&tab("ann"), set_role("rae", "viewer")).done();
    scene.when(&tab("eve"), reply("t1", "k2", "Hm")).done();
    assert_eq!(heard(&scene), heard_by("ann eve rae", ""));
}

#[test]
fn every_member_hears_of_the_books_end() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), json!({"t": "book.delete"})).done();
    assert_eq!(heard(&scene), heard_by("ann bob eve vic rae", ""));
}

#[test]
fn a_snapshot_shows_what_the_viewer_may_know() {
    let mut scene = Scene::new();
    scene.when(&tab("eve"), comment("t1", "k1", "Hm")).done();
    scene.when(&tab("eve"), remove("c3")).done();
    scene.when(&tab("ann"), invite("i1", "zoe@example.org", "viewer")).done();
    let shown = |name: &str| {
        let snapshot = scene.seen_by(name);
        let (threads, invitations) = (snapshot.threads.map(|all| all.len()), snapshot.invitations.map(|all| all.len()));
        (snapshot.chapters.len(), snapshot.removed.len(), threads, snapshot.members.len(), invitations)
    };
    assert_eq!(shown("ann"), (2, 1, Some(1), 5, Some(1)));
    assert_eq!(shown("bob"), (2, 1, Some(1), 5, None));
    assert_eq!(shown("eve"), (2, 1, Some(1), 5, None));
    assert_eq!(shown("vic"), (2, 0, Some(1), 5, None));
    assert_eq!(shown("rae"), (2, 0, None, 5, None));
    assert_eq!(shown("stranger"), (0, 0, None, 0, None));
    assert_eq!(scene.seen_by("stranger").title, "");
}

#[test]
fn a_snapshot_shows_who_holds_and_who_waits() {
    let mut scene = Scene::new();
    let token = scene.when(&tab("bob"), acquire("c2")).token();
    let ask = json!({"t": "lock.acquire", "chapter": "c2", "wait": true, "note": "please"});
    scene.when(&tab("eve"), ask).done();
    scene.goes_away(&tab("bob"));
    let snapshot = scene.seen_by("rae");
    let lock = snapshot.chapters[1].lock.as_ref().unwrap();
    assert_eq!((lock.holder.name.as_str(), lock.token, lock.since_at, lock.away), ("bob", token, scene.now, true));
    assert_eq!((lock.waiting[0].name.as_str(), lock.waiting[0].note.as_deref()), ("eve", Some("please")));
    assert_eq!(snapshot.chapters[0].lock, None);
}

#[test]
fn a_card_says_who_belongs_to_the_book() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), invite("i1", "zoe@example.org", "viewer")).done();
    let card = scene.book.card(scene.now);
    assert_eq!((card.seq, card.title.as_str(), card.deleted), (scene.book.seq(), "Moby Dick", false));
    assert!(CAST.iter().all(|(name, role)| card.members.contains(&(user(name), *role))));
    let (email, row) = &card.invitations[0];
    assert_eq!((email.as_str(), row.role, row.by.name.as_str()), ("zoe@example.org", Role::Viewer, "ann"));
}

#[test]
fn what_a_point_says_of_the_outline_is_its_reading_order_without_what_was_removed() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene
        .when(&bob, json!({"t": "chapter.add", "chapter": "p1", "title": "Part", "kind": "part", "at": "first"}))
        .done();
    scene.when(&bob, json!({"t": "chapter.move", "chapter": "c3", "parent": "p1"})).done();
    scene.when(&bob, json!({"t": "chapter.rename", "chapter": "c2", "title": "The Carpet-Bag"})).done();
    scene.when(&bob, remove("c1")).done();
    let outlined = scene.book.outlined();
    assert_eq!(outlined.title, "Moby Dick");
    let entries = outlined.chapters.iter();
    let told: Vec<_> = entries
        .map(|entry| (entry.chapter.as_str(), entry.parent.as_ref().map(ChapterId::as_str), entry.rev))
        .collect();
    assert_eq!(told, [("p1", None, None), ("c3", Some("p1"), None), ("c2", None, None)]);
    assert_eq!((outlined.chapters[0].kind, outlined.chapters[2].title.as_str()), (ChapterKind::Part, "The Carpet-Bag"));
}
