use quire_protocol::command::{
    LibraryAllow, LibraryDecline, LibraryJoin, LibraryLeave, UserAdd, UserRemove, UserUpdate,
};
use quire_protocol::inbox::{Topic, TopicSwitch};
use quire_protocol::library::{Permission, UserPatch};
use quire_protocol::publishing::{ListedRevision, PublishState, RevisionState};
use serde_json::{Value, json};

use super::*;
use crate::library::tests::{Scene, address, book, user};
use crate::library::{By, Doer as Who};

/// The rows of what these did, one after the other, from the first event on.
fn rows(said: &[(By, Event)]) -> Vec<Value> {
    let mut audit = Audit::default();
    let told = said
        .iter()
        .zip(1..)
        .flat_map(|((by, event), seq)| audit.read((Seq(seq), Timestamp(seq)), &Fact::new(by, event.clone())));
    told.map(|row| serde_json::to_value(row).unwrap()).collect()
}

fn person(name: &str) -> By {
    Who::Person(Person { user: user(name), name: name.to_owned() }).into()
}

/// What ann and others do in her library.
struct Story(Scene, Vec<(By, Event)>);

impl Story {
    fn begins() -> Self {
        let mut scene = Scene::unclaimed();
        let claimed = scene.decides("ann", &quire_protocol::command::LibraryOpen {}.into()).1;
        Self(scene, claimed.into_iter().map(|event| (person("ann"), event)).collect())
    }

    fn when(&mut self, name: &str, command: impl Into<quire_protocol::LibraryCommand>) {
        let (done, events) = self.0.decides(name, &command.into());
        assert!(done);
        self.1.extend(events.into_iter().map(|event| (person(name), event)));
    }

    fn told(&self) -> Vec<Value> {
        rows(&self.1)
    }
}

fn share(name: &str, grants: &[Permission]) -> quire_protocol::command::LibraryShare {
    let grants = grants.iter().map(|permission| Grant::all(*permission)).collect();
    quire_protocol::command::LibraryShare { emails: vec![address(name)], grants }
}

fn ann() -> Value {
    json!({"id": "ann", "name": "ann"})
}

fn given(grants: &[&str], taken: &[&str]) -> Value {
    let all = |permissions: &[&str]| permissions.iter().map(|word| json!({"permission": word})).collect::<Vec<_>>();
    json!({"grants": {"given": all(grants), "taken": all(taken)}})
}

#[test]
fn whom_a_library_was_shared_with_and_what_they_got_and_lost_is_told() {
    let mut story = Story::begins();
    story.when("ann", share("ben", &[Permission::List, Permission::Upload]));
    story.when("ben", LibraryJoin {});
    story.when("ann", share("ben", &[Permission::List, Permission::Reports]));
    story.when("ben", LibraryLeave {});
    let ben = json!({"id": "ben", "name": "ben"});
    let of = |seq: u64, what: &str, more: Value| {
        let mut row = json!({"seq": seq, "who": ann(), "what": what, "address": "ben@example.org"});
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let expected = [
        json!({"seq": 1, "who": ann(), "what": "library.claimed", "member": ann(), "address": "ann@example.org"}),
        of(2, "user.added", json!({})),
        of(3, "user.granted", json!({"detail": given(&["upload", "list"], &[])})),
        of(4, "user.joined", json!({"who": ben, "member": ben})),
        of(5, "user.granted", json!({"member": ben, "detail": given(&["reports"], &["upload"])})),
        of(6, "user.left", json!({"who": ben, "member": ben, "detail": given(&[], &["list", "reports"])})),
    ];
    assert_eq!(story.told(), expected);
}

#[test]
fn changes_of_users_and_settings_are_told_by_what_changed() {
    let mut story = Story::begins();
    let details = UserDetails { name: Some("Zoe".into()), country: Some("de".into()), ..UserDetails::default() };
    story.when("ann", UserAdd { email: address("zoe"), details });
    let patch =
        UserPatch { country: Some(Some("at".into())), role: Some(Some("press".into())), ..UserPatch::default() };
    story.when("ann", UserUpdate { email: address("zoe"), patch, active: None });
    for active in [false, true] {
        let patch = UserPatch::default();
        story.when("ann", UserUpdate { email: address("zoe"), patch, active: Some(active) });
    }
    story.when("ann", UserRemove { email: address("zoe") });
    story.when("ann", share("kim", &[]));
    story.when("kim", LibraryDecline {});
    story.when(
        "ann",
        LibraryAllow { switches: vec![TopicSwitch { topic: Topic::BookShelved, inbox: true, mail: false }] },
    );
    let told: Vec<(String, Value)> =
        story.told()[1..].iter().map(|row| (row["what"].as_str().unwrap().to_owned(), row["detail"].clone())).collect();
    let expected = [
        ("user.added", json!({"fields": ["name", "country"]})),
        ("user.updated", json!({"fields": ["country", "role"]})),
        ("user.deactivated", Value::Null),
        ("user.activated", Value::Null),
        ("user.removed", Value::Null),
        ("user.added", Value::Null),
        ("user.granted", given(&[], &[])),
        ("user.declined", Value::Null),
        ("settings.switched", json!({"switches": [{"topic": "book_shelved", "inbox": true, "mail": false}]})),
    ];
    assert_eq!(told, expected.map(|(what, detail)| (what.to_owned(), detail)));
}

#[test]
fn books_come_change_come_out_and_go() {
    let shelved = |book: Shelved| Event::BookShelved { book };
    let draft = book("b1", &["sea"], "ben", 3);
    let moved = Shelved { categories: vec!["land".into()], title: "ASHORE".into(), seq: Seq(4), ..draft.clone() };
    let revision = Some(ListedRevision { point: Seq(4), state: RevisionState::Submitted });
    let submitted = Shelved { state: PublishState::Submitted, revision, seq: Seq(5), ..moved.clone() };
    let gone = Event::BookUnshelved { book: draft.book.clone(), seq: Seq(9) };
    let ready = By { note: Some("It is ready".into()), ..person("ben") };
    let said = [
        (person("ben"), shelved(draft)),
        (Who::Hub.into(), shelved(moved)),
        (ready, shelved(submitted)),
        (Who::Host.into(), gone),
    ];
    let (ben, draft) = (json!({"id": "ben", "name": "ben"}), json!({"state": "draft"}));
    let submitted = json!({"state": "submitted", "revision": "submitted"});
    let ashore = json!({"id": "b1", "title": "ASHORE"});
    let expected = [
        json!({"seq": 1, "who": ben, "what": "book.shelved", "book": {"id": "b1", "title": "B1"},
            "state": {"from": null, "to": draft}}),
        json!({"seq": 2, "who": null, "what": "book.changed", "book": ashore,
            "detail": {"fields": ["title", "categories"]}}),
        json!({"seq": 3, "who": ben, "what": "book.state_changed", "book": ashore, "note": "It is ready",
            "state": {"from": draft, "to": submitted}}),
        json!({"seq": 4, "who": {"system": "host"}, "what": "book.unshelved", "book": ashore}),
    ];
    assert_eq!(rows(&said), expected);
}

#[test]
fn what_the_log_has_lost_is_a_row_and_nothing_is_said_of_what_was_before() {
    let mut audit = Audit::default();
    let added = Event::UserAdded {
        email: "z@x".into(),
        details: UserDetails::default(),
        asked_until: Timestamp(9),
        mail: None,
    };
    assert_eq!(audit.read((Seq(1), Timestamp(1)), &Fact::new(&person("ann"), added)).len(), 1);
    let details = UserDetails { name: Some("Zoe".into()), ..UserDetails::default() };
    let updated = Event::UserUpdated { email: "z@x".into(), details, active: true };
    let rows = audit.read((Seq(5), Timestamp(5)), &Fact::new(&person("ann"), updated));
    assert_eq!((rows[0].what, rows[0].seq, &rows[0].detail), (LOST, Seq(2), &Some(Detail::Lost(3))));
    assert_eq!((rows[1].what, rows[1].seq, &rows[1].detail), ("user.updated", Seq(5), &None));
}
