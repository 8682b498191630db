//! Manuscripts for tests.

use std::collections::BTreeMap;

use quire_protocol::command::{ChapterKind, Metadata};
use quire_protocol::id::Timestamp;
use quire_protocol::{ChapterId, Format};
use uuid::Uuid;

use crate::export::{Manuscript, Pictures, Section};
use crate::scribe::tree::{Node, Run, Value};

/// What may break a file that is written without care.
pub(super) const HOSTILE: &str = "<script>alert(1)</script> ]]> & &amp; \"quoted\" 'single' <!-- --> <?x?> \u{0}\u{1}\u{b}\u{7f}\u{85}\u{fffe}\u{ffff}\u{fdd0}\u{1ffff} \u{202e}rtl\u{202c} עברית العربية 漢字かな 👩‍👩‍👧 **bold** [link](x) `code` | # 1. \\ \r\n\t${x}";

pub(super) fn manuscript(sections: Vec<Section>) -> Manuscript {
    Manuscript {
        identifier: Uuid::from_u128(0x0192_f0c4_8b1e_7abc_9def_0123_4567_89ab),
        title: "The Tide Tables".to_owned(),
        metadata: Metadata {
            subtitle: Some("A Novel".to_owned()),
            authors: vec!["Ann Okafor".to_owned(), "Bob Lindqvist".to_owned()],
            language: Some("en-GB".to_owned()),
            description: Some("Two lines\nof a blurb.".to_owned()),
            publisher: Some("Quire Press".to_owned()),
            isbn: Some("978-3-16-148410-0".to_owned()),
            keywords: vec!["sea".to_owned(), "time".to_owned()],
            categories: Vec::new(),
        },
        rights: Some("© 2026 Ann Okafor".to_owned()),
        modified: Timestamp(1_767_225_600_000),
        sections,
        pictures: Pictures::new(),
        format: Format::default(),
    }
}

pub(super) fn section(id: &str, kind: ChapterKind, title: &str, parent: Option<&str>, tree: Vec<Node>) -> Section {
    let read = |id: &str| ChapterId::new(id).unwrap();
    Section { id: read(id), kind, title: title.to_owned(), parent: parent.map(read), tree }
}

/// One chapter of this text.
pub(super) fn chapter(tree: Vec<Node>) -> Manuscript {
    manuscript(vec![section("c1", ChapterKind::Chapter, "Ebb", None, tree)])
}

pub(super) fn paragraph(text: &str) -> Node {
    of("paragraph", text)
}

/// An element that holds a text.
pub(super) fn of(name: &str, text: &str) -> Node {
    Node::element(name, vec![Node::text(vec![Run::plain(text)])])
}

pub(super) fn number(number: u32) -> Value {
    Value::Number(f64::from(number))
}

pub(super) fn string(text: &str) -> Value {
    Value::String(text.to_owned())
}

pub(super) fn link(text: &str, href: &str) -> Run {
    Run::plain(text).with("link", Value::Map(BTreeMap::from([("href".to_owned(), string(href))])))
}

pub(super) fn plain_book() -> Manuscript {
    let text = |number: u32| (0..4).map(|line| paragraph(&format!("The {line}th line of chapter {number}."))).collect();
    let titles = ["Ebb", "Flood", "Slack water"].into_iter().zip(1..);
    manuscript(titles.map(|(title, n)| section(&format!("c{n}"), ChapterKind::Chapter, title, None, text(n))).collect())
}

/// One of each mark, and all of them together.
pub(super) fn marked() -> Vec<Run> {
    const MARKS: [&str; 10] = [
        "bold",
        "italic",
        "underline",
        "strike",
        "code",
        "superscript",
        "subscript",
        "smallCaps",
        "textStyle",
        "unheard-of",
    ];
    let each = MARKS.map(|mark| Run::plain(&format!("{mark} ")).with(mark, Value::empty()));
    let all = MARKS
        .iter()
        .fold(link("all of them", "https://example.org/a?b=c&d=e"), |run, mark| run.with(mark, Value::empty()));
    each.into_iter().chain([all]).collect()
}

fn item(children: Vec<Node>) -> Node {
    Node::element("listItem", children)
}

pub(super) fn cell(name: &str, text: &str) -> Node {
    Node::element(name, vec![paragraph(text)])
}

pub(super) fn row(cells: Vec<Node>) -> Node {
    Node::element("tableRow", cells)
}

/// One of each block.
pub(super) fn blocks() -> Vec<Node> {
    let heading = |level: u32| of("heading", &format!("Heading {level}")).with("level", number(level));
    let aligned = ["left", "center", "right", "justify"].map(|side| paragraph(side).with("textAlign", string(side)));
    let wide = cell("tableCell", "wide").with("colspan", number(2));
    let high = cell("tableCell", "high").with("rowspan", number(2));
    let table = vec![
        row(vec![cell("tableHeader", "A"), cell("tableHeader", "B"), cell("tableHeader", "C")]),
        row(vec![high, wide]),
        row(vec![cell("tableCell", "x|y"), cell("tableCell", "z")]),
    ];
    let nested = Node::element("orderedList", vec![item(vec![paragraph("inner")]), item(vec![paragraph("other")])]);
    let bullets =
        vec![item(vec![paragraph("one"), nested.with("start", number(4)).with("type", string("a"))]), item(vec![])];
    let note = Node::element(
        "footnote",
        vec![Node::text(vec![Run::plain("A note with "), link("a link", "mailto:ann@example.org")])],
    );
    let broken = vec![
        Node::text(vec![Run::plain("before")]),
        Node::element("hardBreak", vec![]),
        note.clone(),
        Node::text(vec![Run::plain("after")]),
    ];
    let mut all: Vec<Node> = (1..=6).map(heading).collect();
    all.extend(aligned);
    all.extend([
        Node::element("paragraph", vec![Node::text(marked()), note]),
        Node::element("paragraph", broken),
        Node::element("paragraph", vec![]),
        Node::element(
            "paragraph",
            vec![Node::text(vec![
                link("relative", "other.xhtml#x"),
                link("evil", "javascript:alert(1)"),
                link("odd", "http://exa mple/[x]|{}^"),
                link("six", "https://[::1]:80/[a]#b#c"),
            ])],
        ),
        Node::element("bulletList", bullets),
        Node::element("blockquote", vec![paragraph("quoted"), Node::element("blockquote", vec![paragraph("twice")])]),
        Node::element("horizontalRule", vec![]),
        Node::element("sceneBreak", vec![]),
        of("codeBlock", "fn main() {\n    let a = b < c && d > e;\n}").with("language", string("rust")),
        Node::element("table", table),
        Node::element("image", vec![]).with("src", string("https://example.org/x.png")).with("alt", string("A boat")),
        Node::element("unheardOf", vec![paragraph("text of the unknown")]),
    ]);
    all
}

/// Sections of every kind, chapters in parts, and everything in each.
pub(super) fn full_book() -> Manuscript {
    let mut book = manuscript(vec![
        section("preface", ChapterKind::Front, "Preface", None, blocks()),
        section("p1", ChapterKind::Part, "Low water", None, vec![]),
        section("c1", ChapterKind::Chapter, "Ebb", Some("p1"), blocks()),
        section("p2", ChapterKind::Part, "High water", None, vec![paragraph("A motto.")]),
        section("c2", ChapterKind::Chapter, "", Some("p1"), blocks()),
        section("c3", ChapterKind::Chapter, "Flood", Some("p2"), blocks()),
        section("c4", ChapterKind::Chapter, "Nowhere", Some("gone"), vec![]),
        section("thanks", ChapterKind::Back, "Acknowledgements", None, vec![paragraph("Thanks.")]),
        section("notes", ChapterKind::Back, "Notes", None, blocks()),
    ]);
    book.format.numbering = quire_protocol::format::Numbering::Words;
    book
}

/// Markup in every field and text, names that nobody knows, and a chapter of 50,000 words.
pub(super) fn hostile_book() -> Manuscript {
    let attributes = ["level", "start", "type", "textAlign", "language", "src", "alt", "title", "colspan", "rowspan"];
    let with_all = |node: Node| attributes.iter().fold(node, |node, name| node.with(name, string(HOSTILE)));
    let names = [
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
        "image",
        "footnote",
        "hardBreak",
        "sceneBreak",
        "horizontalRule",
        HOSTILE,
        "",
    ];
    let mut tree: Vec<Node> = names.iter().map(|name| with_all(of(name, HOSTILE))).collect();
    tree.extend(names.iter().flat_map(|outer| names.map(|inner| Node::element(outer, vec![of(inner, HOSTILE)]))));
    let deep = |name: &str| (0..63).fold(paragraph("deep"), |inner, _| Node::element(name, vec![inner]));
    tree.extend(["blockquote", "bulletList", "listItem", "table", "footnote", "paragraph"].map(deep));
    let run = Run::plain(HOSTILE).with("link", string(HOSTILE)).with(HOSTILE, string(HOSTILE));
    tree.push(Node::element(
        "paragraph",
        vec![Node::text(vec![run, link(HOSTILE, HOSTILE), link("x", "http://<>\"/ ")])],
    ));
    let long = (0..500).map(|_| paragraph(&"word 漢字 ".repeat(50))).collect();
    let mut book = manuscript(vec![
        section("a", ChapterKind::Chapter, HOSTILE, Some("b"), tree.clone()),
        section("b", ChapterKind::Part, HOSTILE, Some("b"), tree.clone()),
        section("c", ChapterKind::Front, HOSTILE, Some("a"), tree),
        section("d", ChapterKind::Back, "\u{0}", None, vec![]),
        section("e", ChapterKind::Chapter, "Long", None, long),
    ]);
    let said = || Some(HOSTILE.to_owned());
    book.title = HOSTILE.to_owned();
    book.metadata = Metadata {
        subtitle: said(),
        authors: vec![HOSTILE.to_owned(), String::new()],
        language: Some("he-IL-x-<y>".to_owned()),
        description: said(),
        publisher: said(),
        isbn: said(),
        keywords: vec![HOSTILE.to_owned(), String::new()],
        categories: Vec::new(),
    };
    book.rights = said();
    book.modified = Timestamp(u64::MAX);
    book.format.ornament = quire_protocol::format::Ornament::Line;
    book
}

/// Nothing is said and nothing is written.
pub(super) fn empty_book() -> Manuscript {
    let mut book = manuscript(vec![]);
    book.title = String::new();
    book.metadata = Metadata::default();
    book.rights = None;
    book.modified = Timestamp(0);
    book
}
