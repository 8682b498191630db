//! The job for the press, and what the press makes of it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use quire_protocol::format::{Opening, Trim};
use serde_json::{Value as Json, json};

use super::sample::{blocks, chapter, empty_book, full_book, hostile_book, of, paragraph};
use crate::export::{self, ExportError, Manuscript};
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
    let mut hostile = hostile_book();
    // A press that is built for tests takes half a minute for 50,000 words.
    hostile.sections.last_mut().unwrap().tree.truncate(20);
    is_set(&hostile);
    let mut flowing = full_book();
    flowing.format.opening = Opening::SamePage;
    flowing.format.trim = Trim::FiveByEight;
    is_set(&flowing);
}

#[test]
fn what_stands_in_a_book_is_data_for_the_press() {
    let book = book(&full_book());
    assert_eq!(book["title"], "The Tide Tables");
    assert_eq!((&book["language"], &book["region"]), (&json!("en"), &json!("GB")));
    assert_eq!(book["date"], json!([2026, 1, 1, 0, 0, 0]));
    assert_eq!(book["page"], json!({"width": 1480, "height": 2100, "margin": 190}));
    assert_eq!((&book["ornament"], &book["words"]["contents"]), (&json!("* * *"), &json!("Contents")));
    let sections = book["sections"].as_array().unwrap();
    let about = |section: &Json| json!([section["kind"], section["inside"], section["number"], section["label"]]);
    assert_eq!(about(&sections[0]), json!(["front", false, null, "Preface"]));
    assert_eq!(about(&sections[2]), json!(["chapter", true, "One", "One. Ebb"]));
    let blocks = sections[2]["blocks"].as_array().unwrap();
    let of_kind = |kind: &str| blocks.iter().filter(|block| block["kind"] == kind).collect::<Vec<_>>();
    assert_eq!(of_kind("heading")[1], &json!({"kind": "heading", "level": 2, "line": ["Heading 2"]}));
    assert_eq!(of_kind("paragraph")[1], &json!({"kind": "paragraph", "line": ["center"], "align": "center"}));
    assert_eq!(of_kind("list")[0]["items"][0][1]["numbering"], "a.");
    let broken = json!(["before", {"break": true}, {"note": 2}, "after"]);
    assert!(of_kind("paragraph").iter().any(|block| block["line"] == broken), "{blocks:#?}");
    assert_eq!(of_kind("table")[0]["columns"], 3);
    assert_eq!(of_kind("picture")[0], &json!({"kind": "picture", "description": "A boat"}));
    assert_eq!(sections[2]["notes"][0][1], json!({"text": "a link", "link": "mailto:ann@example.org"}));
    // A link that means nothing in a file that stands alone is its text.
    let linked = of_kind("paragraph").into_iter().find(|block| block["line"][0] == "relative").unwrap();
    assert_eq!(linked["line"][1], "evil");
}

#[test]
fn what_is_nested_beyond_measure_is_flat_and_still_there() {
    let around = |name: &str| (0..40).fold(paragraph("deep"), |inner, _| Node::element(name, vec![inner]));
    let in_table = |inner: Node| Node::element("table", vec![Node::element("tableRow", vec![inner])]);
    let tables = (0..10).fold(paragraph("deep"), |inner, _| in_table(Node::element("tableCell", vec![inner])));
    for block in [around("blockquote"), around("bulletList"), tables] {
        let job = book(&chapter(vec![block])).to_string();
        assert!(job.contains("deep"), "{job}");
        let nested =
            job.matches("\"quote\"").count() + job.matches("\"list\"").count() + 4 * job.matches("\"table\"").count();
        assert!((8..=10).contains(&nested), "{job}");
    }
}

#[test]
fn a_book_that_is_too_large_for_the_press_is_refused_before_it_is_started() {
    let large = chapter((0..70).map(|_| of("paragraph", &"x".repeat(1 << 20))).collect());
    assert!(matches!(export::press(&large), Err(ExportError(None))));
    assert!(export::press(&chapter(blocks())).is_ok());
}
