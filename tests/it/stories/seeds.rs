//! The tables of the products that quire stands in for, cell by cell: each deed tried by each role over a session of its own.

use quire::export::FileKind;
use quire_protocol::command::{
    FormatSet, MetadataPatch, MetadataSet, PublishStart, ThreadResolve, VersionRestore, VersionSave, VersionsList,
};
use quire_protocol::{Format, Rejection, Role, Seq, Token};

use crate::harness::wishes::*;
use crate::harness::{Person, Said, Town, chapter, moby, thread};

const X: bool = true;
const O: bool = false;

/// The first product's: the deed, then Owner, Author, Editor, Viewer.
#[rustfmt::skip]
const PUBLIWRITE: [(&str, [bool; 4]); 12] = [
    ("View manuscript",                [X, X, X, X]),
    ("Edit manuscript",                [X, X, X, O]),
    ("Add or organize chapters",       [X, X, X, O]),
    ("Use formatting settings",        [X, X, X, O]),
    ("Add comments",                   [X, X, X, X]),
    ("Resolve/delete comments",        [X, X, X, O]),
    ("Review version history",         [X, X, X, O]),
    ("Restore previous versions",      [X, O, O, O]),
    ("Invite collaborators",           [X, O, O, O]),
    ("Change or remove collaborators", [X, O, O, O]),
    ("Manage royalty splits",          [X, O, O, O]),
    ("Start publishing process",       [X, O, O, O]),
];

/// Ketty's: the deed, then who can edit, who can view.
#[rustfmt::skip]
const KETTY: [(&str, [bool; 2]); 9] = [
    ("View manuscript",                [X, X]),
    ("Preview",                        [X, X]),
    ("Edit manuscript",                [X, O]),
    ("Edit metadata",                  [X, O]),
    ("Add comments",                   [X, O]),
    ("Download PDF and EPUB",          [X, O]),
    ("Invite collaborators",           [O, O]),
    ("Change or remove collaborators", [O, O]),
    ("Start publishing process",       [O, O]),
];

/// Brings the first version of a chapter back, holding it if they may.
async fn restores(person: &mut Person) -> Said {
    let held = person.does(acquire(1)).await;
    let token = if held.result.is_ok() { held.granted() } else { Token(1) };
    person.asks_history(VersionRestore { chapter: chapter(1), token, rev: Seq(1) }).await
}

/// Does it, or says why not. What everybody may do who is let in at all is done to its end.
async fn tries(town: &Town, person: &mut Person, deed: &str) -> Result<(), Rejection> {
    let name = person.name().to_owned();
    let said = match deed {
        "View manuscript" => person.opens(&moby()).await,
        "Preview" => return town.exports(&name, FileKind::Preview, None).await.map(drop),
        "Download PDF and EPUB" => return town.exports(&name, FileKind::Epub, None).await.map(drop),
        "Edit manuscript" => {
            let held = person.does(acquire(2)).await;
            if held.result.is_ok() {
                let token = held.granted();
                person.does(release(2, token)).await.accepted();
                person.writes_in(2, "More.").await;
                return Ok(());
            }
            held
        }
        "Edit metadata" => {
            let title = Some("The Whale".into());
            person.does(MetadataSet { title, metadata: MetadataPatch::default(), base_seq: None }).await
        }
        "Add or organize chapters" => person.does(add_chapter(9)).await,
        "Use formatting settings" => person.does(FormatSet { format: Format::default(), base_seq: None }).await,
        "Add comments" => person.does(remark(2, "own")).await,
        "Resolve/delete comments" => person.does(ThreadResolve { thread: thread("whale") }).await,
        "Review version history" => person.asks_history(VersionsList { chapter: chapter(1) }).await,
        "Restore previous versions" => restores(person).await,
        "Invite collaborators" => person.does(invite("new", Role::Viewer)).await,
        "Change or remove collaborators" => person.does(set_role("sid", Role::Editor)).await,
        "Manage royalty splits" => person.does(royalties(&[("ann", 10_000)])).await,
        "Start publishing process" => person.does(PublishStart { note: None }).await,
        other => panic!("no deed {other}"),
    };
    said.result.map(drop)
}

/// Ann's book in a library, with a text that has a version, a thread, and Sid, about whom something can be changed.
async fn team(town: &Town, role: Role) -> (Person, Person) {
    let (mut ann, [_sid, person]) = town.team([("sid", Role::Viewer), ("pat", role)]).await;
    ann.shelves_moby().await;
    ann.writes_in(1, "Call me Ishmael.").await;
    ann.asks_history(VersionSave { chapter: Some(chapter(1)), label: "First".into() }).await.accepted();
    ann.does(remark(1, "whale")).await.accepted();
    (ann, person)
}

async fn table<const N: usize>(rows: &[(&str, [bool; N])], roles: [Role; N]) {
    for (column, role) in roles.into_iter().enumerate() {
        for (deed, cells) in rows {
            let town = Town::new();
            let is_owner = role == Role::Owner;
            let (mut ann, mut pat) = team(&town, if is_owner { Role::Viewer } else { role }).await;
            let person = if is_owner { &mut ann } else { &mut pat };
            match tries(&town, person, deed).await {
                Ok(()) => assert!(cells[column], "{deed} by {role:?} is done"),
                Err(rejection) => {
                    assert!(!cells[column], "{deed} by {role:?}: {rejection:?}");
                    assert_eq!(rejection, Rejection::Forbidden, "{deed} by {role:?}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_of_publiwrites_48_cells_is_as_its_table_says() {
    table(&PUBLIWRITE, [Role::Owner, Role::Author, Role::Editor, Role::Viewer]).await;
}

#[tokio::test(start_paused = true)]
async fn kettys_two_levels_may_what_its_guide_says() {
    let levels = ["can_edit", "can_view"].map(|name| Role::parse(name).expect("Ketty's names are known"));
    table(&KETTY, levels).await;
}
