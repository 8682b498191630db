//! A book that comes from outside is a book like any other from its first moment on.

use std::pin::pin;
use std::sync::Mutex;
use std::time::Duration;

use quire::chapter::OWN_CLIENTS;
use quire::export::{FileKind, Manuscript, Section, from_html, write};
use quire::hub::import::Step;
use quire::store::LogId;
use quire_protocol::command::{BooksList, ChapterKind, CommentAdd, Metadata, VersionSave};
use quire_protocol::frame::Answer;
use quire_protocol::view::VersionCause;
use quire_protocol::{BookId, Format, Limits, Rejection, Role, Seq, Timers, Timestamp};

use super::anchors::{about, detached};
use super::versions::told;
use crate::harness::typist::{Typist, reads};
use crate::harness::wishes::*;
use crate::harness::{Town, chapter, moby, new_book};

/// Everything that an import leaves in a text.
const EVERYTHING: &str = "<h2>Loomings</h2><p>Call me <em>Ishmael</em>.<br>Some <strong>years <u>ago</u></strong></p><hr>\
    <ul><li>a<ol start=\"3\"><li>b</li></ol></li></ul><blockquote><p>c</p></blockquote><pre>d\n  e</pre>\
    <table><thead><tr><th>f</th></tr></thead><tbody><tr><td colspan=\"2\">g</td></tr></tbody></table>\
    <p><a href=\"https://example.org/\" rel=\"noopener noreferrer\">h</a> E<sup>1</sup> H<sub>2</sub>O \
    <span class=\"smallcaps\">i</span> <s>j</s> <code>k</code></p>\
    <img data-asset=\"0123456789abcdef0123456789abcdef\" alt=\"A boat\" width=\"50%\">";

#[tokio::test(start_paused = true)]
async fn an_imported_text_is_a_document_that_everybody_goes_on_with() {
    let town = Town::new();
    let mut ann = town.imports(&["<p>Call me Ishmael.</p>"]).await;
    let opened = ann.reads_text(1).await;
    assert_eq!((opened.rev, opened.updates.len(), reads(&opened).as_str()), (Seq(1), 1, "Call me Ishmael."));
    let lineage = opened.lineage.expect("it is a document");
    assert!(OWN_CLIENTS.contains(&lineage.0), "{lineage:?} is no client that somebody else may have");
    let token = ann.does(acquire(1)).await.granted();
    assert!(token.0 > OWN_CLIENTS.end);
    let mut typist = Typist::begins(token, &opened);
    assert_eq!(ann.types(&mut typist, (1, token), " Some years ago").await, Seq(2));
    let again = ann.reads_text(1).await;
    assert_eq!((again.lineage, reads(&again).as_str()), (Some(lineage), "Call me Ishmael. Some years ago"));
    // Also for a hub that was started anew.
    let town = town.restarted();
    let mut ann = town.arrives("ann").await;
    ann.opens(&moby()).await.accepted();
    let again = ann.reads_text(1).await;
    assert_eq!((again.lineage, reads(&again).as_str()), (Some(lineage), "Call me Ishmael. Some years ago"));
}

#[tokio::test(start_paused = true)]
async fn a_text_that_says_nothing_is_one_that_nobody_began() {
    let town = Town::new();
    let mut ann = town.imports(&["<p></p>", "<p>Call me Ishmael.</p>"]).await;
    let opened = ann.reads_text(1).await;
    assert_eq!((opened.rev, opened.updates.len(), opened.lineage), (Seq(0), 0, None));
    assert_eq!(ann.lists_versions(1).await, []);
    let token = ann.does(acquire(1)).await.granted();
    assert_eq!(ann.types(&mut Typist::begins(token, &opened), (1, token), "Loomings").await, Seq(1));
}

#[tokio::test(start_paused = true)]
async fn what_was_imported_is_the_first_version_and_comes_back() {
    // Versions that nobody named thin out at once.
    let timers = Timers { version_hourly_ms: 0, version_daily_ms: 0, ..Timers::default() };
    let town = Town::with(Limits::default(), timers);
    let mut ann = town.imports(&["<p>Call me Ishmael.</p>"]).await;
    let rows = ann.lists_versions(1).await;
    let [row] = &rows[..] else { panic!("one version: {rows:?}") };
    assert_eq!((row.rev, row.cause, row.by.as_ref()), (Seq(1), VersionCause::Imported, None));
    assert_eq!((row.words, row.added, row.removed), (3, 3, 0));
    assert_eq!(ann.reads_version(1, Seq(1)).await, "Call me Ishmael.");
    for words in [" Some years ago", " never mind"] {
        let token = ann.does(acquire(1)).await.granted();
        let mut typist = Typist::begins(token, &ann.reads_text(1).await);
        ann.types(&mut typist, (1, token), words).await;
        ann.does(release(1, token)).await.accepted();
        town.settles().await;
    }
    assert_eq!(told(&ann.compares(Seq(1), None).await), "Call me Ishmael.{ Some years ago never mind}");
    ann.restores(Seq(1)).await;
    let opened = ann.reads_text(1).await;
    assert_eq!(reads(&opened), "Call me Ishmael.");
    assert!(opened.lineage.is_some_and(|lineage| OWN_CLIENTS.contains(&lineage.0)), "it still is that document");
    town.settles().await;
    let rows = ann.lists_versions(1).await;
    assert!(rows.last().is_some_and(|row| row.cause == VersionCause::Imported), "it stays: {rows:?}");
    assert_eq!(ann.reads_version(1, Seq(1)).await, "Call me Ishmael.");
}

#[tokio::test(start_paused = true)]
async fn a_comment_finds_its_words_in_a_text_that_nobody_has_touched() {
    let town = Town::new();
    let mut ann = town.imports(&["<p>Call me\n <em>Ishmael</em>.</p>"]).await;
    let mut vic = town.arrives("vic").await;
    town.joins(&mut ann, &mut vic, Role::Viewer).await;
    vic.opens(&moby()).await.accepted();
    let opened = vic.reads_text(1).await;
    let marks = Typist::begins(quire_protocol::Token(1), &opened).marks(opened.lineage.unwrap(), 8..15);
    vic.does(about("whale", "elsewhere", Some(marks))).await.accepted();
    vic.does(about("quoted", "me Ishmael", None)).await.accepted();
    let nowhere = CommentAdd { body: "Where?".into(), ..about("sea", "Queequeg", None) };
    vic.does(nowhere).await.accepted();
    let save = VersionSave { chapter: Some(chapter(1)), label: "As it came".into() };
    ann.asks_history(save).await.accepted();
    town.settles().await;
    let all = [detached("whale", false), detached("quoted", false), detached("sea", true)];
    assert_eq!(vic.lists_detached().await, all);
    let rows = ann.lists_versions(1).await;
    assert_eq!(rows.len(), 1, "the same text has one version");
    assert_eq!(rows[0].label.as_deref(), Some("As it came"));
}

#[tokio::test(start_paused = true)]
async fn an_untouched_book_comes_out_as_it_came_in() {
    let town = Town::new();
    let _ann = town.imports(&[EVERYTHING]).await;
    let section = Section {
        id: chapter(1),
        kind: ChapterKind::Chapter,
        title: "Chapter 1".into(),
        parent: None,
        tree: from_html(EVERYTHING),
    };
    let manuscript = Manuscript {
        identifier: uuid::Uuid::nil(),
        title: "Moby-Dick".into(),
        metadata: Metadata::default(),
        rights: None,
        modified: Timestamp(0),
        sections: vec![section],
        pictures: quire::export::Pictures::new(),
        format: Format::default(),
    };
    for kind in [FileKind::Html, FileKind::Markdown, FileKind::Text] {
        let expected = String::from_utf8(write(kind, &manuscript).unwrap()).unwrap();
        assert_eq!(town.exports_text(kind).await, expected, "{kind:?}");
    }
    let html = town.exports_text(FileKind::Html).await;
    for what in
        ["<em>Ishmael</em>", "scene-break", "<blockquote>", "<th", "https://example.org/", "A boat", "small-caps"]
    {
        assert!(html.contains(what), "{what} in {html}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_imports_is_told_how_far_that_is() {
    let town = Town::new();
    let told = Mutex::new(Vec::new());
    let tell = |step, done, of| told.lock().unwrap().push((step, done, of));
    town.hub.import(&moby(), new_book(&["<p>a</p>", "", "<p>b</p>"]), &tell).await.unwrap();
    let (chapters, of) = (Step::Chapters, 3);
    assert_eq!(*told.lock().unwrap(), [(chapters, 0, of), (chapters, 1, of), (chapters, 2, of), (chapters, 3, of)]);
}

#[tokio::test(start_paused = true)]
async fn a_chapter_that_is_too_large_is_named_and_nothing_is_left_behind() {
    let town = Town::with(Limits { frame_bytes: 64 * 1024, ..Limits::default() }, Timers::default());
    let mut ann = town.arrives("ann").await;
    let long = format!("<p>{}</p>", "x".repeat(16 * 1024));
    let many = "<p></p>".repeat(50_001);
    for text in [&long, &many] {
        let refused = town.hub.import(&moby(), new_book(&["<p>a</p>", text]), &|_, _, _| {}).await.unwrap_err();
        let Rejection::Invalid { reason, .. } = &refused else { panic!("{refused:?}") };
        assert!(reason.contains("“Chapter 2” is too large"), "{reason}");
        let log = LogId::Chapter(moby(), chapter(1));
        assert_eq!(town.store.tail(log).await, Ok(None), "all is looked at before anything is stored");
    }
    ann.opens(&moby()).await.refused("not_found");
    let fits = format!("<p>{}</p>", "x".repeat(15 * 1024));
    town.hub.import(&moby(), new_book(&[&fits]), &|_, _, _| {}).await.unwrap();
    ann.opens(&moby()).await.accepted();
    assert_eq!(reads(&ann.reads_text(1).await).len(), 15 * 1024);
}

/// The logs that the store has of the first two chapters of an imported book.
async fn stored(town: &Town, book: &BookId) -> Vec<LogId> {
    let of = |number| {
        let (book, chapter) = (book.clone(), chapter(number));
        let version = LogId::Version(book.clone(), chapter.clone(), Seq(1));
        [LogId::Chapter(book.clone(), chapter.clone()), LogId::Versions(book, chapter), version]
    };
    let mut there = Vec::new();
    for log in [of(1), of(2)].concat() {
        if town.store.tail(log.clone()).await.unwrap().is_some() {
            there.push(log);
        }
    }
    there
}

#[tokio::test(start_paused = true)]
async fn a_book_that_is_refused_at_last_leaves_nothing_in_the_store() {
    let town = Town::with(Limits { chapters_per_book: 1, ..Limits::default() }, Timers::default());
    let refused = town.hub.import(&moby(), new_book(&["<p>a</p>", "<p>b</p>"]), &|_, _, _| {}).await.unwrap_err();
    assert!(matches!(refused, Rejection::LimitReached { .. }), "{refused:?}");
    town.settles().await;
    assert_eq!(stored(&town, &moby()).await, []);
    town.hub.import(&moby(), new_book(&["<p>a</p>"]), &|_, _, _| {}).await.unwrap();
    town.settles().await;
    assert_eq!(stored(&town, &moby()).await.len(), 3, "what became a book stays");
}

#[tokio::test(start_paused = true)]
async fn an_import_that_is_given_up_leaves_nothing_or_came_too_late() {
    let town = Town::new();
    let mut ann = town.arrives("ann").await;
    for stop_at in 0..=2 {
        let (given_up, wait) = tokio::sync::oneshot::channel::<()>();
        let given_up = Mutex::new(Some(given_up));
        let tell = |_, done, _| {
            if done == stop_at {
                drop(given_up.lock().unwrap().take());
            }
        };
        let book = BookId::new(&format!("given-up-{stop_at}")).unwrap();
        let mut import = pin!(town.hub.import(&book, new_book(&["<p>a</p>", "<p>b</p>"]), &tell));
        tokio::select! {
            biased;
            _ = wait => {}
            done = &mut import => panic!("it was given up before it was {done:?}"),
        }
    }
    town.passes_for(Duration::from_secs(1), [&mut ann]).await;
    let Answer::Books { books, .. } =
        ann.asks_hub(BooksList { limit: None, cursor: None, trashed: false }).await.accepted()
    else {
        panic!("no list")
    };
    for stop_at in 0..=2 {
        let book = BookId::new(&format!("given-up-{stop_at}")).unwrap();
        let is_there = books.iter().any(|row| row.id == book);
        assert_eq!(ann.opens(&book).await.result.is_ok(), is_there);
        assert_eq!(stored(&town, &book).await.len(), if is_there { 6 } else { 0 }, "{stop_at}: all of it, or nothing");
    }
}
