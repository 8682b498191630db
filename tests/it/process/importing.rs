//! `quire import`: books that we did not make, from the command line to the one who owns them.

use std::path::{Path, PathBuf};

use quire_protocol::command::{ChapterKind, ChapterOpen};
use quire_protocol::frame::Answer;
use quire_protocol::{BookId, Command, Role, Seq};

use super::program::{Hub, Place, text};
use super::tab::Tab;

const REFERENCE: &str = "/usr/share/developers-reference/developers-reference.epub";
const POLICY: &str = "/usr/share/doc/debian-policy/policy.epub";

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/debian/calibre/usr/share/calibre/quick_start/eng.epub")
}

/// What a book must be after its import: something in its title, at least so many chapters, something in a text.
struct Expected {
    title: &'static str,
    chapters_min: usize,
    words: &'static str,
}

/// The book as its owner finds it.
async fn check(hub: &Hub, id: &str, expected: &Expected) {
    let mut ann = Tab::arrives(hub, "ann").await;
    let rows = ann.books().await;
    let row = rows.iter().find(|row| row.id.as_str() == id).unwrap_or_else(|| panic!("{id} is hers: {rows:?}"));
    assert_eq!(row.role, Some(Role::Owner));
    assert!(row.title.contains(expected.title), "{}", row.title);
    let opened = ann.opens_book(&BookId::new(id).unwrap(), None).await;
    let chapters = opened.snapshot.expect("no position was named").chapters;
    assert!(chapters.len() >= expected.chapters_min, "{chapters:#?}");
    assert!(chapters.iter().all(|chapter| !chapter.title.trim().is_empty()), "{chapters:#?}");
    let (status, preview) = hub.asks(&format!("/v1/books/{id}/preview"), Some(&hub.token("ann")));
    assert_eq!(status, 200, "{preview}");
    assert!(preview.contains(expected.words), "somewhere it says {}", expected.words);
    assert!(!preview.contains("<script"), "no text runs");
    // So many as one session may have open.
    for chapter in chapters.iter().filter(|chapter| chapter.kind != ChapterKind::Part).take(20) {
        let open = ChapterOpen { chapter: chapter.id.clone(), have: None, clocks: false };
        let Answer::Text(text) = ann.asks(&BookId::new(id).unwrap(), Command::Text(open.into())).await.accepted()
        else {
            panic!("no text of {}", chapter.title)
        };
        assert_eq!((text.rev, text.updates.len()), (Seq(1), 1), "{} is a document", chapter.title);
    }
}

async fn imports_offline(file: &Path, expected: Expected) {
    let place = Place::new();
    assert!(file.exists(), "tests/run installs {}", file.display());
    let ended = place.runs_here(&["import", text(file), "--owner", "Ann@Example.com"]).await.well();
    let hub = place.hub(&[]).await;
    let mut ben = Tab::arrives(&hub, "ben").await;
    assert!(ben.books().await.is_empty(), "another address claims nothing");
    check(&hub, ended.stdout.trim(), &expected).await;
}

#[tokio::test]
async fn the_developers_reference_is_its_owners_after_an_offline_import() {
    let expected = Expected { title: "developers-reference", chapters_min: 5, words: "orphan" };
    imports_offline(Path::new(REFERENCE), expected).await;
}

#[tokio::test]
async fn the_policy_manual_is_its_owners_after_an_offline_import() {
    imports_offline(Path::new(POLICY), Expected { title: "Policy", chapters_min: 10, words: "must" }).await;
}

#[tokio::test]
async fn calibres_guide_is_its_owners_after_an_offline_import() {
    imports_offline(&guide(), Expected { title: "Guide", chapters_min: 1, words: "calibre" }).await;
}

#[tokio::test]
async fn a_book_comes_in_through_a_running_hub() {
    let place = Place::new();
    let hub = place.hub(&[]).await;
    let by_address = place.runs(&["import", REFERENCE, "--url", &hub.url(), "--owner", "ann@example.com"]).await.well();
    let by_token = place.runs(&["import", POLICY, "--url", &hub.url(), "--token", &hub.token("ann")]).await.well();
    check(
        &hub,
        by_address.stdout.trim(),
        &Expected { title: "developers-reference", chapters_min: 5, words: "orphan" },
    )
    .await;
    // Whoever uploads it owns it at once, before any tab of theirs has come.
    let export = |id: &str| hub.asks(&format!("/v1/books/{}/export/text", id.trim()), Some(&hub.token("ann"))).0;
    assert_eq!(export(&by_token.stdout), 200);
    check(&hub, by_token.stdout.trim(), &Expected { title: "Policy", chapters_min: 10, words: "must" }).await;
}

#[tokio::test]
async fn an_import_that_cannot_be_says_why() {
    let place = Place::new();
    let hub = place.hub(&[]).await;
    let here = ["import", REFERENCE, "--owner", "ann@example.com"];
    place.runs_here(&here).await.refused(1, &["another process uses the data directory"]);
    place.runs(&["import", REFERENCE]).await.refused(2, &["--owner"]);
    place
        .runs(&["import", "/nonexistent.epub", "--url", &hub.url(), "--owner", "ann@example.com"])
        .await
        .refused(1, &["cannot read /nonexistent.epub"]);
    let no_book = place.path("no-book.epub");
    std::fs::write(&no_book, "Call me Ishmael.").unwrap();
    let through = |flag, value| ["import", text(&no_book), "--url", Box::leak(hub.url().into_boxed_str()), flag, value];
    place
        .runs(&through("--owner", "ann@example.com"))
        .await
        .refused(1, &["the hub refused", "not a readable ZIP archive"]);
    place.runs(&through("--token", "nonsense")).await.refused(1, &["the hub refused"]);
}
