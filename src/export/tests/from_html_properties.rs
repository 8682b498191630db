//! Any HTML: no panic, a tree that the editor takes, all of the text.

use proptest::prelude::*;

use super::check::letters;
use crate::chapter::{OWN_CLIENTS, Text};
use crate::export::{epub, from_html, has_room};
use crate::scribe::tree::{Node, Run, Value, is_shallow, normal};
use crate::scribe::{Document, Done, Job, perform};

/// What the editor's schema allows, and what its binding stores.
pub(super) fn check(tree: &[Node]) {
    assert!(is_shallow(tree));
    assert_eq!(normal(tree.to_vec()), tree, "not in the normal form");
    tree.iter().for_each(check_block);
}

fn check_block(node: &Node) {
    let Node::Element { name, attributes, children } = node else { panic!("a text where a block must be: {node:?}") };
    let only = |allowed: &[&str]| {
        assert!(!children.is_empty(), "{name} is empty");
        for child in children {
            let Node::Element { name: inner, .. } = child else { panic!("a text in {name}") };
            assert!(allowed.contains(&inner.as_str()), "{inner} in {name}");
        }
    };
    let is_number = |name: &str| matches!(attributes.get(name), Some(Value::Number(number)) if number.fract() == 0.0);
    match name.as_str() {
        "paragraph" => children.iter().for_each(check_inline),
        "heading" => {
            assert!(matches!(attributes.get("level"), Some(Value::Number(level)) if (1.0..=6.0).contains(level)));
            children.iter().for_each(check_inline);
        }
        "bulletList" => only(&["listItem"]),
        "orderedList" => {
            assert!(is_number("start"));
            only(&["listItem"]);
        }
        "listItem" => {
            let first = children.first();
            assert!(
                matches!(first, Some(Node::Element { name, .. }) if name == "paragraph"),
                "{first:?} begins an item"
            );
        }
        "blockquote" => assert!(!children.is_empty()),
        "sceneBreak" => assert!(children.is_empty()),
        "codeBlock" => match &children[..] {
            [Node::Text { runs }] => assert!(runs.iter().all(|run| run.marks.is_empty())),
            other => panic!("{other:?} in a code block"),
        },
        "table" => only(&["tableRow"]),
        "tableRow" => only(&["tableCell", "tableHeader"]),
        "tableCell" | "tableHeader" => assert!(is_number("colspan") && is_number("rowspan") && !children.is_empty()),
        other => panic!("{other} is no block"),
    }
    if !matches!(name.as_str(), "paragraph" | "heading" | "codeBlock") {
        for child in children {
            match child {
                Node::Element { name: inner, .. } => {
                    let is_part = matches!(inner.as_str(), "listItem" | "tableRow" | "tableCell" | "tableHeader");
                    let may_hold_parts = matches!(name.as_str(), "bulletList" | "orderedList" | "table" | "tableRow");
                    assert!(!is_part || may_hold_parts, "{inner} in {name}");
                    check_block(child);
                }
                Node::Text { .. } => panic!("a text in {name}"),
            }
        }
    }
}

fn check_inline(node: &Node) {
    match node {
        Node::Element { name, children, .. } => assert!(name == "hardBreak" && children.is_empty(), "{name} in a line"),
        Node::Text { runs } => runs.iter().for_each(check_run),
    }
}

fn check_run(run: &Run) {
    let names: Vec<&str> = run.marks.iter().map(|mark| mark.name.as_str()).collect();
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
    assert!(!names.contains(&"code") || names.len() == 1, "{names:?}");
    assert!(
        !run.text.contains(|char: char| char.is_control() && !matches!(char, '\n' | '\t' | '\r')),
        "{:?}",
        run.text
    );
}

/// The letters of a tree.
pub(super) fn text(tree: &[Node]) -> String {
    let mut text = String::new();
    for node in tree {
        match node {
            Node::Text { runs } => text.extend(runs.iter().map(|run| run.text.as_str())),
            Node::Element { children, .. } => text.push_str(&self::text(children)),
        }
    }
    letters(&text)
}

const NAMES: [&str; 34] = [
    "p",
    "p",
    "div",
    "section",
    "h1",
    "h4",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "table",
    "tbody",
    "tr",
    "td",
    "th",
    "caption",
    "dl",
    "dt",
    "dd",
    "em",
    "strong",
    "i",
    "b",
    "u",
    "s",
    "sub",
    "sup",
    "code",
    "a",
    "span",
    "figure",
    "br",
    "hr",
];

/// Tags and texts in any order.
fn soup() -> impl Strategy<Value = String> {
    let name = prop::sample::select(NAMES.to_vec());
    let piece = prop_oneof![
        3 => name.clone().prop_map(|name| format!("<{name} href=\"https://example.org\" colspan=\"0\">")),
        3 => name.prop_map(|name| format!("</{name}>")),
        3 => "[a-z &;<\"\\n\u{a0}]{0,6}",
        1 => prop::sample::select(vec!["<!--", "-->", "<", "</", "&#0;", "&#x110000;", "<![CDATA[", "<script>", "</script>", "<p/>", "<svg>"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Elements that end where they must, with letters in them; each `LETTERS` is told from the others.
fn page() -> impl Strategy<Value = String> {
    let leaf = "[a-z]{1,3} ?".prop_map(|text: String| text);
    let structured = leaf.prop_recursive(6, 60, 5, |inner| {
        let name = prop::sample::select(
            NAMES[..32]
                .iter()
                .copied()
                .filter(|name| !matches!(*name, "table" | "tbody" | "tr" | "td" | "th" | "caption"))
                .collect::<Vec<_>>(),
        );
        (name, prop::collection::vec(inner, 0..5)).prop_map(|(name, inner)| match name {
            "ul" | "ol" => format!("<{name}><li>{}</li></{name}>", inner.join("</li> <li>")),
            // Where these stand in each other, they end each other.
            "p" | "li" | "dt" | "dd" => format!("<div>{}</div>", inner.concat()),
            "h1" => format!("<table><tr><td>{}</td></tr></table>", inner.join("</td><td>")),
            name => format!("<{name}>{}</{name}>", inner.concat()),
        })
    });
    prop::collection::vec(structured, 0..6).prop_map(|parts| parts.concat())
}

fn text_of_html(html: &str) -> String {
    let mut in_tag = false;
    let is_text = |char: &char| {
        match char {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ => return !in_tag,
        }
        false
    };
    letters(&html.chars().filter(is_text).collect::<String>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_string_becomes_a_tree_that_the_editor_takes(html in ".{0,200}") {
        check(&from_html(&html));
    }

    #[test]
    fn any_tags_become_a_tree_that_the_editor_takes(html in soup()) {
        let tree = from_html(&html);
        check(&tree);
        // What was sanitised loses no letter, whatever order its tags had.
        let clean = ammonia::Builder::default().rm_tags(["ruby", "rt", "rp"]).clean(&html).to_string();
        let again = from_html(&clean);
        check(&again);
        let sorted = |text: String| {
            let mut all: Vec<char> = text.chars().collect();
            all.sort_unstable();
            all
        };
        let expected = quick_xml::escape::unescape_with(&text_of_html(&clean), quick_xml::escape::resolve_html5_entity).unwrap().into_owned();
        prop_assert_eq!(sorted(text(&again)), sorted(letters(&expected)), "{}", clean);
    }

    #[test]
    fn a_page_keeps_its_text_in_order(html in page()) {
        let tree = from_html(&html);
        check(&tree);
        prop_assert_eq!(text(&tree), text_of_html(&html));
    }

    #[test]
    fn what_was_read_is_a_document_that_passes_the_guard(html in prop_oneof![page(), soup()]) {
        let tree = from_html(&html);
        prop_assert!(has_room(&html));
        let client = OWN_CLIENTS.start;
        let Done::Seeded(made) = perform(Job::Seed { tree: tree.clone(), client }).unwrap() else { panic!("no seed") };
        let checked = Text::default().check_own(client, &made.update, 1 << 20);
        if tree.is_empty() {
            prop_assert!(checked.is_err(), "there is nothing to store");
        } else {
            prop_assert_eq!(checked, Ok(made.units));
            let document = Document { state: None, updates: vec![made.update] };
            let Done::Text(text) = perform(Job::Read(document)).unwrap() else { panic!("no text") };
            prop_assert_eq!(text.tree, tree);
        }
    }

    #[test]
    fn what_was_read_can_be_written(html in page()) {
        let tree = from_html(&html);
        let expected = text(&tree);
        let book = super::sample::chapter(tree);
        let page = super::check::file(&epub(&book).unwrap(), "EPUB/section-0001.xhtml");
        prop_assert!(letters(&super::check::text_of_xml(&page)).contains(&expected));
    }
}
