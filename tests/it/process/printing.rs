//! Books in type: with the real press where it is built, and with presses that do what none should.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tokio::time::Instant;

use super::program::{Hub, Place, soon, text};
use super::tab::Tab;

/// A run that must not go without the press sets this.
const NEEDED: &str = "PRESS_NEEDED";
/// Where the press is, if it is not beside the hub.
const PRESS: &str = "PRESS";
const BOOK: &str = "# The Tide Tables\n\n## Ebb\n\nThe *harbourmaster* counted.\n\n## Flood\n\nSlack water.\n";

/// The press, if it is built.
fn press() -> Option<PathBuf> {
    let named = std::env::var_os(PRESS).map(PathBuf::from);
    let path = named.unwrap_or_else(|| Path::new(env!("CARGO_BIN_EXE_quire")).with_file_name(quire::press::PROGRAM));
    if path.is_file() {
        return Some(path);
    }
    let is_needed = std::env::var_os(NEEDED).is_some_and(|value| value == "1");
    assert!(!is_needed, "{NEEDED} is 1, and {PRESS} names no press");
    std::io::stderr().write_all(b"NOT CHECKED: there is no press\n").unwrap();
    None
}

/// A press that does what this shell script does.
fn fake(place: &Place, script: &str) -> PathBuf {
    let path = place.path("fake-press");
    // Written by another process: one that is started here meanwhile would hold the file open, and it could not run.
    let mut child = Command::new("sh")
        .args(["-c", "cat > \"$0\" && chmod +x \"$0\"", text(&path)])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("#!/bin/sh\n{script}\n").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    path
}

/// A hub with this press and a book of Ann's; where its PDF is to be had.
async fn hub_with(place: &Place, press: &Path) -> (Hub, String) {
    let file = place.path("book.md");
    std::fs::write(&file, BOOK).unwrap();
    let book = place.runs_here(&["import", text(&file), "--owner", "ann@example.com"]).await.well();
    let hub = place.hub(&["--press", text(press)]).await;
    let rows = Tab::arrives(&hub, "ann").await.books().await;
    let id = book.stdout.trim();
    assert!(rows.iter().any(|row| row.id.as_str() == id), "it is hers: {rows:?}");
    let path = format!("/v1/books/{id}/export/pdf");
    (hub, path)
}

/// What the hub says to whoever wants a PDF of that press.
async fn refusal(script: &str) -> String {
    let place = Place::new();
    let (hub, path) = hub_with(&place, &fake(&place, script)).await;
    let (status, body) = hub.asks(&path, Some(&hub.token("ann")));
    assert_eq!(status, 409, "{body}");
    let (status, _) = hub.asks(&path.replace("pdf", "text"), Some(&hub.token("ann")));
    assert_eq!(status, 200, "all else goes on");
    body
}

#[tokio::test]
async fn a_book_is_set_by_the_real_press() {
    let Some(press) = press() else { return };
    let place = Place::new();
    let (hub, path) = hub_with(&place, &press).await;
    let (status, pdf) = hub.takes(&path, Some(&hub.token("ann")));
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&pdf));
    assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
    let (_, again) = hub.takes(&path, Some(&hub.token("ann")));
    assert!(again == pdf, "the same book is the same file");
    let (status, _) = hub.takes(&path, Some(&hub.token("eve")));
    assert_eq!(status, 404, "it is nobody else's");
}

#[tokio::test]
async fn without_a_press_the_hub_says_how_to_get_one() {
    let place = Place::new();
    let press = fake(&place, "exit 0");
    let (hub, path) = hub_with(&place, &press).await;
    std::fs::remove_file(&press).unwrap();
    let (status, body) = hub.asks(&path, Some(&hub.token("ann")));
    assert_eq!(status, 409, "{body}");
    assert!(body.contains("cargo build --release -p quire-press") && body.contains("--press"), "{body}");
    // It may come later.
    fake(&place, "cat > /dev/null; echo %PDF-1.7");
    let (status, body) = hub.asks(&path, Some(&hub.token("ann")));
    assert_eq!((status, body.as_str()), (200, "%PDF-1.7\n"));
    place.runs(&["--press", "/nowhere/press"]).await.refused(2, &["--press", "/nowhere/press"]);
    place.runs(&["--press-fonts", "/nowhere"]).await.refused(2, &["--press-fonts", "/nowhere"]);
}

#[tokio::test]
async fn a_press_that_dies_floods_or_refuses_costs_its_caller_a_sentence() {
    assert!(refusal("kill -9 $$").await.contains("the press died over this book"));
    assert!(refusal("exec yes %PDF-").await.contains("the PDF of this book is too large"));
    assert!(refusal("echo 'the book is nested too deeply' >&2; exit 1").await.contains("nested too deeply"));
    assert!(refusal("echo hello").await.contains("no PDF"));
}

#[tokio::test]
async fn a_press_is_told_its_limits_and_nothing_of_the_hub() {
    let place = Place::new();
    let fonts = place.path("fonts");
    std::fs::create_dir(&fonts).unwrap();
    let script = "cat > /dev/null; echo %PDF-; echo \"$@\"; export -p";
    let (hub, _) = hub_with(&place, &fake(&place, script)).await;
    hub.dies().await;
    let hub = place.hub(&["--press", text(&place.path("fake-press")), "--press-fonts", text(&fonts)]).await;
    let book = Tab::arrives(&hub, "ann").await.books().await.remove(0).id;
    let (_, said) = hub.asks(&format!("/v1/books/{book}/export/pdf"), Some(&hub.token("ann")));
    let told = format!("--memory-bytes 2147483648 --processor-seconds 90 --fonts {}", text(&fonts));
    assert!(said.contains(&told), "{said}");
    assert!(!said.contains("HOME") && !said.contains("PATH='/usr/local/cargo"), "{said}");
}

#[tokio::test]
async fn a_press_ends_when_its_caller_has_hung_up() {
    let place = Place::new();
    let (id, started) = (place.path("id"), place.path("started"));
    assert!(Command::new("mkfifo").arg(&started).status().unwrap().success());
    let script = format!("echo $$ > {}; echo > {}; exec sleep 600", text(&id), text(&started));
    let (hub, path) = hub_with(&place, &fake(&place, &script)).await;
    let calling = hub.calls(&path, &hub.token("ann"));
    // Whoever opens the pipe waits until the other side does.
    let opened = tokio::task::spawn_blocking(move || std::fs::read(&started).unwrap());
    soon("the start of the press", opened).await.unwrap();
    drop(calling);
    let id = std::fs::read_to_string(&id).unwrap();
    let asked = Instant::now();
    while Path::new(&format!("/proc/{}", id.trim())).exists() {
        // Its own time would be over later.
        assert!(asked.elapsed().as_secs() < 20, "it is still there");
        tokio::task::yield_now().await;
    }
}
