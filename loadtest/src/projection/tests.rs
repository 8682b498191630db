use quire_protocol::{Encoding, ServerFrame};
use serde_json::{Value, json};

use super::*;

const EPOCH: Epoch = Epoch(7);

/// The events of a small book, in short: everything that changes what members see.
fn events() -> Vec<EventFrame> {
    let person = json!({"user": "u1", "name": "Ann"});
    let holder = |session: &str| json!({"user": "u1", "name": "Ann", "initials": "A", "session": session});
    let add = |chapter: &str, kind: &str, parent: Option<&str>, after: Option<&str>| json!({"t": "chapter.added", "chapter": chapter, "title": chapter, "kind": kind, "parent": parent, "after": after});
    let comment = |t: &str, thread: &str, comment: &str| {
        json!({"t": t, "thread": thread, "comment": comment, "chapter": "c2", "anchor": null, "author": person,
            "body": "b", "mentions": []})
    };
    let member = |user: &str, role: &str| json!({"user": user, "name": user, "email": "x@example.org", "role": role});
    let events = [
        json!({"t": "book.created", "title": "Emma", "metadata": {}, "owner": member("u1", "owner")}),
        add("c1", "chapter", None, None),
        add("c2", "chapter", None, Some("c1")),
        add("p1", "part", None, Some("c1")),
        json!({"t": "chapter.moved", "chapter": "c2", "parent": "p1", "after": null}),
        add("c3", "chapter", Some("p1"), None),
        json!({"t": "lock.acquired", "chapter": "c1", "holder": holder("s1"), "token": 10}),
        comment("comment.added", "t1", "m1"),
        comment("comment.replied", "t1", "m2"),
        json!({"t": "thread.resolved", "thread": "t1", "person": person}),
        json!({"t": "member.joined", "member": member("u2", "editor"), "invitation": null}),
        json!({"t": "lock.rehomed", "chapter": "c1", "session": "s1", "token": 11}),
        json!({"t": "chapter.removed", "chapter": "c2"}),
        json!({"t": "chapter.renamed", "chapter": "c3", "title": "Highbury"}),
        json!({"t": "lock.queued", "chapter": "c1", "waiter": person, "session": "s2", "note": null}),
        json!({"t": "chapter.restored", "chapter": "c2", "parent": "p1", "after": "c3"}),
        json!({"t": "thread.reopened", "thread": "t1"}),
        json!({"t": "lock.released", "chapter": "c1", "session": "s1", "reason": "released"}),
        json!({"t": "lock.acquired", "chapter": "c1", "holder": holder("s2"), "token": 12}),
        json!({"t": "metadata.changed", "title": "Emma Woodhouse", "metadata": {}}),
        json!({"t": "member.role_changed", "user": "u2", "role": "viewer"}),
        json!({"t": "member.left", "user": "u2"}),
        json!({"t": "thread.anchored", "thread": "t1", "detached": true}),
    ];
    (1_u64..).zip(events).map(|(seq, event)| frame(seq, &event)).collect()
}

fn frame(seq: u64, event: &Value) -> EventFrame {
    let frame = json!({"t": "event", "book": "emma", "epoch": EPOCH, "seq": seq, "at": 100 * seq,
        "by": {"user": "u1", "session": "s1"}, "event": event});
    match ServerFrame::decode(frame.to_string().as_bytes(), Encoding::Json).unwrap() {
        ServerFrame::Event(frame) => *frame,
        other => panic!("{other:?} is no event"),
    }
}

/// The book after these events, as a hub would tell it: written down by hand.
fn snapshot(seq: u64, threads: bool) -> Opened {
    let chapter = |id: &str, title: &str, kind: &str, parent: Option<&str>, lock: Value| {
        json!({"id": id,
        "title": title, "kind": kind, "parent": parent, "lock": lock})
    };
    let held = |session: &str, token: u64| {
        json!({"token": token, "since_at": 1, "away": false, "waiting": [],
        "holder": {"user": "u1", "name": "Ann", "initials": "A", "session": session}})
    };
    let removed = json!([{"id": "c2", "title": "c2", "kind": "chapter", "removed_at": 1,
        "by": {"user": "u1", "name": "Ann"}}]);
    let head = |resolved: Value| {
        json!([{"id": "t1", "chapter": "c2", "anchor": null, "resolved": resolved, "count": 2,
        "last_at": 900}])
    };
    let member = |user: &str, role: &str| json!({"user": user, "name": user, "email": "x@example.org", "role": role});
    let both = json!([member("u1", "owner"), member("u2", "editor")]);
    let none = Value::Null;
    let part = |inside: [Value; 2]| {
        let [one, other] = inside;
        vec![chapter("p1", "p1", "part", None, Value::Null), one, other]
    };
    let in_part = |id: &str, title: &str| chapter(id, title, "chapter", Some("p1"), Value::Null);
    let (title, metadata_seq, first, rest, removed, heads, members) = match seq {
        5 => {
            let rest = vec![chapter("p1", "p1", "part", None, none.clone()), in_part("c2", "c2")];
            ("Emma", 1, chapter("c1", "c1", "chapter", None, none), rest, json!([]), json!([]), json!([both[0]]))
        }
        12 => {
            let heads = head(json!({"by": {"user": "u1", "name": "Ann"}, "at": 1000}));
            let rest = part([in_part("c3", "c3"), in_part("c2", "c2")]);
            ("Emma", 1, chapter("c1", "c1", "chapter", None, held("s1", 11)), rest, json!([]), heads, both)
        }
        14 => {
            let rest = vec![chapter("p1", "p1", "part", None, none), in_part("c3", "Highbury")];
            ("Emma", 1, chapter("c1", "c1", "chapter", None, held("s1", 11)), rest, removed, json!([]), both)
        }
        22 => {
            let rest = part([in_part("c3", "Highbury"), in_part("c2", "c2")]);
            let first = chapter("c1", "c1", "chapter", None, held("s2", 12));
            ("Emma Woodhouse", 20, first, rest, json!([]), head(none), json!([both[0]]))
        }
        _ => panic!("nobody wrote down what the book is after {seq}"),
    };
    let chapters: Vec<Value> = std::iter::once(first).chain(rest).collect();
    let mut snapshot = json!({"id": "emma", "title": title, "metadata": {}, "metadata_seq": metadata_seq,
        "chapters": chapters, "removed": removed, "members": members});
    if threads {
        snapshot["threads"] = heads;
    }
    let can = if threads { json!(["view", "comment"]) } else { json!(["view"]) };
    let opened = json!({"epoch": EPOCH, "seq": seq, "role": "author", "can": can, "roster": [], "roster_count": 0,
        "snapshot": snapshot});
    serde_json::from_value(opened).unwrap()
}

/// The view after the first `seq` events, heard from the beginning.
fn heard(seq: u64) -> View {
    let mut projection = Projection::empty(EPOCH);
    events().iter().take(usize::try_from(seq).unwrap()).for_each(|frame| projection.hear(frame));
    projection.view()
}

#[test]
fn a_snapshot_and_what_follows_it_is_the_same_as_everything_from_the_beginning() {
    for from in [5, 12, 14, 22] {
        let mut projection = Projection::opened(None, &snapshot(from, true)).unwrap();
        assert_eq!(projection.view(), heard(from), "the snapshot at {from}");
        for frame in &events()[usize::try_from(from).unwrap()..] {
            projection.hear(frame);
            let (view, expected) = (projection.view(), heard(frame.seq.0));
            assert_eq!((view.epoch, view.seq, view.outline), (expected.epoch, expected.seq, expected.outline));
            // At 14 a chapter was away whose threads no snapshot told; it comes back at 16.
            let knows_threads = from != 14 || frame.seq.0 < 16;
            assert_eq!(view.threads, expected.threads.filter(|_| knows_threads), "{from} to {}", frame.seq);
        }
    }
}

#[test]
fn every_event_that_members_see_changes_the_view() {
    let told_of_nobody = ["lock.queued"];
    for frame in events() {
        let (before, after) = (heard(frame.seq.0 - 1), heard(frame.seq.0));
        let changed = (before.outline, before.threads) != (after.outline, after.threads);
        assert_eq!(changed, !told_of_nobody.contains(&frame.event.kind()), "{}", frame.event.kind());
    }
}

#[test]
fn who_may_not_read_comments_claims_nothing_of_them() {
    let projection = Projection::opened(None, &snapshot(12, false)).unwrap();
    assert_eq!(projection.view(), View { threads: None, ..heard(12) });
    let mut projection = Projection::opened(None, &snapshot(12, true)).unwrap();
    projection.access_changed(&[Action::View]);
    assert_eq!(projection.view().threads, None);
}

#[test]
fn events_continue_what_was_known_and_nothing_else() {
    let mut opened = snapshot(12, true);
    let known = Projection::opened(None, &opened).unwrap();
    (opened.snapshot, opened.events) = (None, Some(events()[12..].to_vec()));
    assert_eq!(Projection::opened(Some(known.clone()), &opened).unwrap().view(), heard(23));
    assert!(Projection::opened(None, &opened).is_none(), "events of a book that the tab does not know");
    opened.epoch = Epoch(8);
    assert!(Projection::opened(Some(known), &opened).is_none(), "events of another life of the log");
}

#[test]
fn senseless_events_do_no_harm() {
    let mut projection = Projection::empty(EPOCH);
    for frame in events().iter().rev() {
        projection.hear(frame);
    }
    assert_ne!(projection.view().outline, heard(23).outline);
}
