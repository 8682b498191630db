use quire_protocol::library::{Grant, Permission};
use quire_protocol::{Action, BookCommand, Role};
use serde_json::{Value, json};

use super::allows;
use crate::book::given::*;

/// The seed's table: permission, then Owner, Author, Editor, Viewer.
const SEED: [(&str, Action, [bool; 4]); 12] = [
    ("View manuscript", Action::View, [true, true, true, true]),
    ("Edit manuscript", Action::EditText, [true, true, true, false]),
    ("Add or organize chapters", Action::Organise, [true, true, true, false]),
    ("Use formatting settings", Action::Format, [true, true, true, false]),
    ("Add comments", Action::Comment, [true, true, true, true]),
    ("Resolve/delete comments", Action::Resolve, [true, true, true, false]),
    ("Review version history", Action::History, [true, true, true, false]),
    ("Restore previous versions", Action::RestoreVersion, [true, false, false, false]),
    ("Invite collaborators", Action::ManageMembers, [true, false, false, false]),
    ("Change or remove collaborators", Action::ManageMembers, [true, false, false, false]),
    ("Manage royalty splits", Action::Royalties, [true, false, false, false]),
    ("Start publishing process", Action::Publish, [true, false, false, false]),
];

fn actions(role: Role) -> Vec<Action> {
    Action::ALL.into_iter().filter(|action| allows(role, *action) && *action != Action::Leave).collect()
}

#[test]
fn the_table_is_the_seeds_table() {
    for (permission, action, expected) in SEED {
        let roles = [Role::Owner, Role::Author, Role::Editor, Role::Viewer];
        assert_eq!(roles.map(|role| allows(role, action)), expected, "{permission}");
    }
}

#[test]
fn author_and_editor_are_equal_in_the_seeds_rows() {
    for (permission, action, _) in SEED {
        assert_eq!(allows(Role::Author, action), allows(Role::Editor, action), "{permission}");
    }
}

#[test]
fn each_role_may_what_the_lower_ones_may() {
    let within = |lower: Role, higher: Role| actions(lower).iter().all(|action| actions(higher).contains(action));
    assert!(within(Role::Reader, Role::Viewer) && !within(Role::Viewer, Role::Reader));
    assert!(within(Role::Viewer, Role::Editor) && !within(Role::Editor, Role::Viewer));
    assert_eq!(actions(Role::Editor), actions(Role::Author));
    assert!(within(Role::Author, Role::Owner) && !within(Role::Owner, Role::Author));
    assert!(Role::ALL.into_iter().all(|role| allows(role, Action::Leave) == (role != Role::Owner)));
}

#[test]
fn readers_view_and_see_people_and_no_more() {
    assert_eq!(actions(Role::Reader), [Action::View, Action::Preview, Action::SeePeople]);
}

/// Who sends each command in the test of denial: the five roles in the order of the cast.
struct Row {
    command: Value,
    allowed: [bool; 5],
}

fn row(command: Value, allowed: &str) -> Row {
    let mut cells = allowed.bytes().map(|cell| cell == b'+');
    Row { command, allowed: [(); 5].map(|()| cells.next().expect("five cells")) }
}

/// Every command, and whether Owner, Author, Editor, Viewer, Reader may send it. Written out: it is the oracle.
fn rows() -> Vec<Row> {
    let lock = |t: &str| json!({"t": t, "chapter": "c1", "token": 1, "to": "x", "reason": "y"});
    let thread = |t: &str| json!({"t": t, "thread": "t1"});
    let invitation = |t: &str| json!({"t": t, "invitation": "i1"});
    let moderation = |t: &str| json!({"t": t, "point": 1, "note": "y"});
    let renamed = json!({"t": "chapter.rename", "chapter": "c1", "title": "Loomings"});
    let edited = json!({"t": "comment.edit", "thread": "t1", "comment": "k1", "body": "Hm"});
    let deleted = json!({"t": "comment.delete", "thread": "t1", "comment": "k1"});
    vec![
        row(json!({"t": "book.delete"}), "+----"),
        row(json!({"t": "book.restore"}), "+----"),
        row(json!({"t": "member.set_end", "user": "eve"}), "+----"),
        row(json!({"t": "access.grant", "user": "yan", "role": "viewer"}), "+----"),
        row(json!({"t": "access.refuse", "user": "yan"}), "+----"),
        row(json!({"t": "ownership.offer", "user": "eve"}), "+----"),
        row(json!({"t": "ownership.withdraw"}), "+----"),
        row(json!({"t": "ownership.accept"}), "+++++"),
        row(json!({"t": "ownership.decline"}), "+++++"),
        row(json!({"t": "book.shelve"}), "+----"),
        row(json!({"t": "book.unshelve"}), "+----"),
        row(json!({"t": "publish.start"}), "+----"),
        row(json!({"t": "publish.withdraw"}), "+----"),
        row(moderation("publish.request_changes"), "-----"),
        row(moderation("publish.approve"), "-----"),
        row(moderation("publish.publish"), "-----"),
        row(moderation("publish.unpublish"), "-----"),
        row(json!({"t": "metadata.set", "title": "New"}), "+++--"),
        row(json!({"t": "format.set", "format": {"trim": "six_by_nine"}}), "+++--"),
        row(json!({"t": "royalties.set", "shares": [{"user": "ann", "basis_points": 10_000}]}), "+----"),
        row(add("c9"), "+++--"),
        row(json!({"t": "chapter.move", "chapter": "c1", "at": "last"}), "+++--"),
        row(renamed, "+++--"),
        row(remove("c1"), "+++--"),
        row(restore("c1"), "+++--"),
        row(json!({"t": "chapter.set_mode", "chapter": "c1", "mode": "live"}), "+++--"),
        row(json!({"t": "chapter.assign", "chapter": "c1", "user": "bob"}), "+++--"),
        row(acquire("c1"), "+++--"),
        row(lock("lock.release"), "+++--"),
        row(lock("lock.move_here"), "+++--"),
        row(lock("lock.hand_over"), "+++--"),
        row(lock("lock.keep"), "+++--"),
        row(lock("lock.cancel_wait"), "+++--"),
        row(lock("lock.force_release"), "+----"),
        row(comment("t9", "k9", "Hm"), "++++-"),
        row(reply("t1", "k9", "Hm"), "++++-"),
        row(edited, "++++-"),
        row(deleted, "++++-"),
        row(thread("thread.resolve"), "+++--"),
        row(thread("thread.reopen"), "+++--"),
        row(invite("i9", "new@example.org", "viewer"), "+----"),
        row(set_role("vic", "editor"), "+----"),
        row(json!({"t": "member.remove", "user": "vic"}), "+----"),
        row(json!({"t": "member.leave"}), "-++++"),
        row(invitation("invitation.revoke"), "+----"),
        row(invitation("invitation.resend"), "+----"),
    ]
}

/// A book in which every command has something to be about: a thread, an invitation, a removed member.
fn busy() -> Scene {
    let mut scene = Scene::new();
    scene.when(&tab("vic"), comment("t1", "k1", "Hm")).done();
    scene.joins("old", "editor");
    scene.when(&tab("ann"), json!({"t": "member.remove", "user": "old"})).done();
    scene.when(&tab("ann"), invite("i1", "guest@example.org", "editor")).done();
    scene.library_allows(&[("ann", Grant::all(Permission::Upload))]);
    scene
}

#[test]
fn every_command_is_open_to_the_roles_of_the_table_and_closed_to_everybody_else() {
    for Row { command, allowed } in rows() {
        for ((name, role), allowed) in CAST.into_iter().zip(allowed) {
            let mut scene = busy();
            let seq = scene.book.seq();
            let said = scene.when(&tab(name), command.clone());
            // A cell that is open may still be refused for another reason, such as not holding the lock, or
            // not having written the comment: a viewer's answer to that is the only other `forbidden`.
            let others_comment = command["t"] == "comment.edit" && role != Role::Viewer;
            assert_eq!(said.is_forbidden(), !allowed || others_comment, "{} by {name}: {said:?}", command["t"]);
            assert!(allowed || scene.book.seq() == seq);
        }
    }
}

#[test]
fn no_command_tells_those_without_rights_that_the_book_exists() {
    for Row { command, .. } in rows() {
        for name in ["stranger", "old", "guest"] {
            let mut scene = busy();
            scene.when(&tab(name), command.clone()).refused(json!({"code": "not_found", "what": "book"}));
        }
    }
}

#[test]
fn the_test_of_denial_knows_every_command() {
    let elsewhere = ["book.create", "invitation.accept", "invitation.decline", "access.request"];
    let mut kinds: Vec<String> = rows().iter().map(|row| row.command["t"].as_str().unwrap().to_owned()).collect();
    kinds.extend(elsewhere.map(Into::into));
    kinds.sort();
    let mut all = BookCommand::KINDS.to_vec();
    all.sort_unstable();
    assert_eq!(kinds, all);
}

#[test]
fn creating_and_accepting_have_doors_of_their_own() {
    let mut scene = busy();
    let create = json!({"t": "book.create", "title": "Mine"});
    let accept = json!({"t": "invitation.accept", "invitation": "i1"});
    for name in ["stranger", "old", "guest", "bob", "ann"] {
        scene.when(&tab(name), create.clone()).refused(json!("id_taken"));
    }
    for name in ["stranger", "old"] {
        scene.when(&tab(name), accept.clone()).refused(json!({"code": "not_found", "what": "book"}));
    }
    scene.when(&tab("bob"), accept.clone()).refused(json!({"code": "not_found", "what": "invitation"}));
    scene.when(&tab("guest"), accept).done();
}

#[test]
fn access_lists_what_may_be_done_in_the_order_of_the_table() {
    let scene = Scene::new();
    let access = scene.book.access(&user("vic"));
    let can = [Action::View, Action::Preview, Action::SeePeople, Action::Comment, Action::Leave];
    assert_eq!((access.role, access.can), (Some(Role::Viewer), can.to_vec()));
    let access = scene.book.access(&user("stranger"));
    assert_eq!((access.role, access.can), (None, vec![]));
}
