//! A book comes to its readers: submitted, reviewed, published, and written on.

use quire::export::FileKind;
use quire::hub::edition::Edition;
use quire_protocol::command::{
    BookDelete, LibraryBooks, PublishApprove, PublishChecklist, PublishPublish, PublishRequestChanges, PublishStart,
    PublishUnpublish, ThreadResolve,
};
use quire_protocol::event::Event;
use quire_protocol::frame::{Answer, Notice};
use quire_protocol::library::{Grant, LibraryBookRow, Permission};
use quire_protocol::publishing::{Checklist, ListedRevision, PublishState, RevisionState, Waiting};
use quire_protocol::{Action, Command, Limits, Rejection, Role, Seq, Timers, ViewCommand};

use crate::harness::wishes::*;
use crate::harness::{Person, Said, Town, chapter, moby, thread};

fn start(note: &str) -> PublishStart {
    PublishStart { note: Some(note.into()) }
}

fn approve(point: Seq) -> PublishApprove {
    PublishApprove { point, note: None }
}

fn publish(point: Option<Seq>) -> PublishPublish {
    PublishPublish { point, note: None }
}

fn request_changes(point: Seq) -> PublishRequestChanges {
    PublishRequestChanges { point, note: "Chapter 1 drags.".into() }
}

fn submitted(event: &Event) -> Option<Seq> {
    if let Event::PublishSubmitted(event) = event { Some(event.point) } else { None }
}

fn published(event: &Event) -> Option<Seq> {
    if let Event::PublishPublished(event) = event { Some(event.point) } else { None }
}

impl Person {
    async fn sees_shelf(&mut self, state: PublishState) -> Vec<LibraryBookRow> {
        let books = LibraryBooks { search: None, category: None, state: Some(state), limit: None, cursor: None };
        match self.asks_library(books).await.accepted() {
            Answer::LibraryBooks { shelf, .. } => shelf,
            other => panic!("no list: {other:?}"),
        }
    }

    async fn asks_for_checklist(&mut self) -> Said {
        self.asks(&moby(), Command::View(ViewCommand::from(PublishChecklist {}))).await
    }

    async fn sees_checklist(&mut self) -> Checklist {
        match self.asks_for_checklist().await.accepted() {
            Answer::Checklist(checklist) => checklist,
            other => panic!("no checklist: {other:?}"),
        }
    }
}

async fn exported(town: &Town, name: &str, point: Seq) -> Result<String, Rejection> {
    let edition = Edition { kind: FileKind::Text, point: Some(point) };
    let exported = town.exports(name, edition, None).await?;
    Ok(String::from_utf8(exported.file.unwrap().to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn readers_get_what_was_reviewed_whatever_is_written_meanwhile_on_every_replica() {
    let north = Town::shared().await;
    let south = north.beside();
    let (mut ann, []) = north.team([]).await;
    ann.shelves_moby().await;
    let grants = [Grant::all(Permission::Publish), Grant::all(Permission::Download)];
    let mut mia = south.user(&mut ann, "mia", &grants).await;
    mia.opens(&moby()).await.accepted();
    ann.writes_in(1, "Call me Ishmael.").await;
    ann.does(start("For autumn.")).await.accepted();
    let first = mia.hears(submitted).await;
    north.settles().await;
    let shelf = mia.sees_shelf(PublishState::Submitted).await;
    assert_eq!(
        (shelf.len(), shelf[0].state, shelf[0].revision),
        (1, PublishState::Submitted, Some(ListedRevision { point: first, state: RevisionState::Submitted }))
    );
    assert_eq!(mia.sees_shelf(PublishState::Draft).await, []);

    ann.writes_in(1, " Some years ago.").await;
    let text = exported(&south, "mia", first).await.unwrap();
    assert!(text.contains("Ishmael") && !text.contains("years"), "{text}");
    mia.does(request_changes(first)).await.accepted();
    let note = |event: &Event| match event {
        Event::PublishChangesRequested(event) => Some((event.note.clone(), event.person.user.to_string())),
        _ => None,
    };
    assert_eq!(ann.hears(note).await, ("Chapter 1 drags.".into(), "mia".into()));
    mia.does(publish(Some(first))).await.refused("conflict");

    ann.does(start("Shorter.")).await.accepted();
    let second = mia.hears(submitted).await;
    assert!(second > first);
    mia.does(approve(first)).await.refused("conflict");
    mia.does(approve(second)).await.accepted();
    ann.writes_in(1, " Never mind how long.").await;
    mia.does(publish(Some(second))).await.accepted();
    assert_eq!(ann.hears(published).await, second);
    let text = exported(&south, "mia", second).await.unwrap();
    assert!(text.contains("years") && !text.contains("mind"), "what came after waits: {text}");
    let waiting = ann.sees_checklist().await.waiting;
    assert_eq!(waiting, Some(Waiting { chapters: vec![chapter(1)], order: false, details: false }));

    // The next edition goes the same way while this one is out.
    ann.does(start("Longer.")).await.accepted();
    mia.hears(submitted).await;
    north.settles().await;
    for state in [PublishState::Published, PublishState::Submitted] {
        assert_eq!(mia.sees_shelf(state).await.len(), 1, "{state:?}");
    }
    mia.does(PublishUnpublish { note: None }).await.accepted();
    assert_eq!(exported(&south, "mia", second).await, Err(Rejection::Forbidden), "it is history now");
}

#[tokio::test(start_paused = true)]
async fn who_publishes_at_once_publishes_the_book_as_it_is_without_looking_into_it() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.shelves_moby().await;
    ann.writes_in(1, "Call me Ishmael.").await;
    let mut mia = town.user(&mut ann, "mia", &[Grant::all(Permission::Publish)]).await;
    mia.opens(&moby()).await.refused("not_found");
    mia.does(publish(None)).await.accepted();
    let point = ann.hears(published).await;
    assert!(exported(&town, "ann", point).await.unwrap().contains("Ishmael"));
    assert_eq!(ann.lists_points().await[0].label, "Published");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_keeps_no_point_and_what_is_sent_again_keeps_one() {
    let town = Town::with(Limits { points_per_book: 2, ..Limits::default() }, Timers::default());
    let (mut ann, [mut eli]) = town.team([("eli", Role::Editor)]).await;
    ann.does(start("Too early.")).await.refused("conflict");
    ann.shelves_moby().await;
    eli.does(start("Not mine.")).await.refused("forbidden");
    assert_eq!(ann.lists_points().await, []);
    ann.does_as("once", false, start("Now.")).await.accepted();
    ann.writes_in(1, "More.").await;
    let seq = ann.does_as("once", true, start("Now.")).await;
    assert!(seq.result.is_ok());
    assert_eq!(ann.lists_points().await.len(), 1);
    ann.does(start("Again.")).await.refused("conflict");
    assert_eq!(ann.lists_points().await.len(), 1);
    // The owner of the library may do everything in it.
    ann.does(publish(None)).await.accepted();
    ann.writes_in(1, " Still more.").await;
    let full = ann.does(start("Once more.")).await.refused("limit_reached");
    assert_eq!(full, Rejection::LimitReached { limit: "points_per_book".into(), max: 2, used: 2 });
}

#[tokio::test(start_paused = true)]
async fn an_owner_is_told_that_a_published_book_is_not_theirs_to_delete() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.shelves_moby().await;
    // A book of somebody else in her library.
    let mut ben = town.user(&mut ann, "ben", &[Grant::all(Permission::Upload)]).await;
    let own = quire_protocol::BookId::new("bens-own").unwrap();
    ben.creates(&own, "Ben's own").await;
    ben.asks(&own, Command::Book(add_chapter(1).into())).await.accepted();
    ben.asks(&own, Command::Book(quire_protocol::command::BookShelve {}.into())).await.accepted();
    ben.opens(&own).await.accepted();
    ann.asks(&own, Command::Book(publish(None).into())).await.accepted();
    let can = ben.is_told(|notice| match notice {
        Notice::AccessChanged { can, role, .. } => Some((can.clone(), *role)),
        _ => None,
    });
    let (can, role) = can.await;
    assert!(role == Some(Role::Owner) && !can.contains(&Action::DeleteBook) && can.contains(&Action::Publish));
    ben.asks(&own, Command::Book(BookDelete { forever: false }.into())).await.refused("forbidden");
    ann.asks(&own, Command::Book(BookDelete { forever: false }.into())).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn who_reads_alone_hears_of_what_is_out_and_of_no_review() {
    let town = Town::new();
    let (mut ann, [mut vic, mut eli]) = town.team([("vic", Role::Viewer), ("eli", Role::Editor)]).await;
    ann.shelves_moby().await;
    ann.does(start("For autumn.")).await.accepted();
    let point = eli.hears(submitted).await;
    vic.hears(|event| matches!(event, Event::Withheld(_)).then_some(())).await;
    assert_eq!(vic.snapshot().await.publishing.state, PublishState::Draft);
    assert_eq!(eli.snapshot().await.publishing.revision.unwrap().note.as_deref(), Some("For autumn."));
    ann.does(publish(Some(point))).await.accepted();
    assert_eq!(vic.hears(published).await, point);
    assert_eq!(vic.snapshot().await.publishing.state, PublishState::Published);
}

#[tokio::test(start_paused = true)]
async fn the_checklist_names_open_threads_empty_chapters_and_held_ones_to_those_who_publish() {
    let town = Town::new();
    let (mut ann, [mut eli, mut vic]) = town.team([("eli", Role::Editor), ("vic", Role::Viewer)]).await;
    ann.writes_in(1, "Call me Ishmael.").await;
    ann.writes_in(2, " ").await;
    vic.does(remark(1, "whale")).await.accepted();
    eli.does(acquire(3)).await.granted();
    let expected =
        Checklist { open_threads: 1, empty: vec![chapter(2), chapter(3)], held: vec![chapter(3)], waiting: None };
    assert_eq!(ann.sees_checklist().await, expected);
    ann.does(ThreadResolve { thread: thread("whale") }).await.accepted();
    assert_eq!(ann.sees_checklist().await.open_threads, 0);
    for person in [&mut eli, &mut vic] {
        person.asks_for_checklist().await.refused("forbidden");
    }
    let mut stranger = town.arrives("sam").await;
    stranger.asks_for_checklist().await.refused("not_found");
}
