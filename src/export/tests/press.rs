//! The job for the press, and what the press makes of it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value as Json, json};

use super::sample::{blocks, chapter, empty_book, full_book, hostile_book, of, paragraph, plain_book};
use crate::export::{self, ExportError, Manuscript, Opening, Trim};
use crate::scribe::tree::Node;

/// A run that must not go without the press sets this.
const NEEDED: &str = "PRESS_NEEDED";
/// Where the press is, if it is not beside the tests.
const PROGRAM: &str = "PRESS";

/// The book that the press reads.
fn book(manuscript: &Manuscript) -> Json {
    #[derive(serde::Deserialize)]
    struct Job {
        book: bytes::Bytes,
    }
    let job: Job = rmp_serde::from_slice(&export::press(manuscript).unwrap()).unwrap();
    serde_json::from_slice(&job.book).unwrap()
}

fn press() -> Option<PathBuf> {
    let named = std::env::var_os(PROGRAM).map(PathBuf::from);
    let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("quire-press"));
    named.or_else(beside).filter(|path| path.is_file())
}

/// What the press says to a manuscript. Where there is no press this says so and checks nothing.
fn set(manuscript: &Manuscript) -> Option<Output> {
    let Some(press) = press() else {
        let is_needed = std::env::var_os(NEEDED).is_some_and(|value| value == "1");
        assert!(!is_needed, "{NEEDED} is 1, and {PROGRAM} names no press");
        std::io::stderr().write_all(b"NOT CHECKED: there is no press\n").unwrap();
        return None;
    };
    let job = export::press(manuscript).unwrap();
    let mut child =
        Command::new(press).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&job).unwrap();
    Some(child.wait_with_output().unwrap())
}

/// The press makes a PDF of a manuscript.
fn is_set(manuscript: &Manuscript) {
    let Some(output) = set(manuscript) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.starts_with(b"%PDF-") && output.stdout.trim_ascii_end().ends_with(b"%%EOF"));
}

#[test]
fn the_press_sets_every_book() {
    is_set(&full_book());
    is_set(&empty_book());
    is_set(&hostile_book());
    let mut flowing = full_book();
    flowing.format.opening = Opening::SamePage;
    flowing.format.trim = Trim::FiveByEight;
    is_set(&flowing);
}
#[test]
fn zz_dump() {
    for (name, m) in [("full", full_book()), ("empty", empty_book()), ("hostile", hostile_book()), ("plain", plain_book())] {
        std::fs::write(format!("/tmp/job-{name}"), export::press(&m).unwrap()).unwrap();
    }
}
