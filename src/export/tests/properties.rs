//! Any tree: each kind of file is what it must be and says what the tree says.

use proptest::prelude::*;

use super::check::{file, letters, text_of_xml};
use super::markdown::text_of;
use super::sample::{link, manuscript, section};
use crate::export::{Manuscript, docx, epub, html, markdown, plain};
use crate::scribe::tree::{Node, Run, Value};
use quire_protocol::command::ChapterKind;

const NAMES: [&str; 15] = [
    "paragraph",
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "listItem",
    "blockquote",
    "codeBlock",
    "table",
    "tableRow",
    "tableHeader",
    "tableCell",
    "sceneBreak",
    "hardBreak",
    "unheardOf",
];
const MARKS: [&str; 9] =
    ["bold", "italic", "underline", "strike", "code", "superscript", "subscript", "smallCaps", "unheardOf"];

fn text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "*",
        "**",
        "_",
        "`",
        "``",
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "<b>",
        "</b>",
        "&amp;",
        "&",
        "#",
        "-",
        "- ",
        "+ ",
        "1. ",
        "2) ",
        ">",
        "|",
        "~~",
        "~~~",
        "```",
        "---",
        "===",
        "\\",
        "\n",
        "\t",
        "    ",
        " ",
        ":",
        "[^1-1]",
        "$",
        "{#a}",
        "]]>",
        "\u{0}",
        "\u{a0}",
        "漢字",
        "עב",
        "é",
        "a",
        "word",
        "x y",
        "!",
        ".",
        "\"",
        "'",
        "“",
        "—",
        "http://example.org",
        "\r",
    ]);
    prop::collection::vec(nasty, 0..6).prop_map(|parts| parts.concat())
}

fn run() -> impl Strategy<Value = Run> {
    let marks = prop::sample::subsequence(MARKS.to_vec(), 0..3);
    let href =
        prop::option::weighted(0.2, prop::sample::select(vec!["https://example.org/a_b*c", "x|y", "javascript:x"]));
    (text(), marks, href).prop_map(|(text, marks, href)| {
        let run = href.map_or_else(|| Run::plain(&text), |href| link(&text, href));
        marks.into_iter().fold(run, |run, mark| run.with(mark, Value::empty()))
    })
}

fn attributes() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let name = prop::sample::select(vec!["level", "start", "type", "textAlign", "language", "colspan", "rowspan"]);
    let number = prop::sample::select(vec![-1.0, 0.0, 1.0, 2.0, 3.5, 1e9, f64::NAN, f64::INFINITY]);
    let value = prop_oneof![number.prop_map(Value::Number), text().prop_map(Value::String), Just(Value::Null)];
    prop::collection::vec((name, value), 0..3)
}

/// Trees without footnotes, whose text stands elsewhere.
fn tree() -> impl Strategy<Value = Vec<Node>> {
    let leaf = prop::collection::vec(run(), 0..4).prop_map(Node::text);
    let node = leaf.prop_recursive(6, 40, 5, |inner| {
        let children = prop::collection::vec(inner, 0..5);
        (prop::sample::select(NAMES.to_vec()), attributes(), children).prop_map(|(name, attributes, children)| {
            attributes.into_iter().fold(Node::element(name, children), |node, (name, value)| node.with(name, value))
        })
    });
    prop::collection::vec(node, 0..6)
}

fn book(tree: Vec<Node>) -> Manuscript {
    let mut book = manuscript(vec![section("c1", ChapterKind::Chapter, "Ebb", None, tree)]);
    book.metadata = quire_protocol::command::Metadata::default();
    book.rights = None;
    // A scene break has no text.
    book.format.ornament = quire_protocol::format::Ornament::Line;
    book
}

/// The text of a tree as far as any file may hold it, blanks aside.
fn said(nodes: &[Node], all: &mut String) {
    for node in nodes {
        match node {
            Node::Text { runs } => all.extend(runs.iter().map(|run| run.text.replace('\u{0}', ""))),
            Node::Element { children, .. } => said(children, all),
        }
    }
}

/// The letters that a book of this tree has, and the book.
fn book_of(tree: Vec<Node>) -> (String, Manuscript) {
    let mut all = String::new();
    said(&tree, &mut all);
    (letters(&all), book(tree))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_says_what_the_tree_says(tree in tree()) {
        let (expected, book) = book_of(tree);
        let titled = |title: &str| letters(&format!("{title}{expected}"));
        prop_assert_eq!(letters(&text_of(&markdown(&book))), titled("The Tide TablesEbb"), "{}", markdown(&book));
        let page = html(&book);
        let body = page.split_once("<body").unwrap().1;
        let body = text_of_xml(&format!("<body{}", body.strip_suffix("</html>\n").unwrap()));
        prop_assert_eq!(letters(&body), titled("The Tide TablesContentsEbbEbb"));
        // Plain text has marks of its own; what is left is in order.
        let text = plain(&book);
        let mut rest = text.chars();
        prop_assert!(expected.chars().all(|char| rest.any(|other| other == char)), "{}", text);
    }
}

proptest! {
    // Each case packs and unpacks two archives.
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_archive_says_what_the_tree_says(tree in tree()) {
        let (expected, book) = book_of(tree);
        let titled = |title: &str| letters(&format!("{title}{expected}"));
        let page = text_of_xml(&file(&epub(&book).unwrap(), "EPUB/section-0001.xhtml"));
        prop_assert_eq!(letters(&page), titled("EbbEbb"));
        let document = text_of_xml(&file(&docx(&book).unwrap(), "word/document.xml"));
        prop_assert_eq!(letters(&document).replace('\u{2e3b}', ""), titled("The Tide TablesEbb"));
    }
}
