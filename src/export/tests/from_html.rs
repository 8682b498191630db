use std::collections::BTreeMap;

use serde_json::json;

use super::sample::{cell, link, number, of, paragraph, row, string};
use crate::export::from_html;
use crate::scribe::tree::{Node, Run, Value, is_shallow};

fn line(runs: Vec<Run>) -> Node {
    Node::element("paragraph", vec![Node::text(runs)])
}

fn marked(text: &str, marks: &[&str]) -> Run {
    marks.iter().fold(Run::plain(text), |run, mark| run.with(mark, Value::empty()))
}

fn item(children: Vec<Node>) -> Node {
    Node::element("listItem", children)
}

fn spans(node: Node) -> Node {
    node.with("colspan", number(1)).with("rowspan", number(1))
}

#[test]
fn each_block_becomes_the_editors() {
    for (html, expected) in [
        ("<p>a</p>", vec![paragraph("a")]),
        ("a", vec![paragraph("a")]),
        ("<h3>a</h3>", vec![of("heading", "a").with("level", number(3))]),
        ("<blockquote>a<p>b</p></blockquote>", vec![Node::element("blockquote", vec![paragraph("a"), paragraph("b")])]),
        ("<hr>", vec![Node::element("sceneBreak", vec![])]),
        ("<pre>\n a\n  b<br>c &lt;</pre>", vec![of("codeBlock", " a\n  b\nc <")]),
        (
            "<pre class=\"x\"><code class=\"language-rust\">a</code></pre>",
            vec![of("codeBlock", "a").with("language", string("rust"))],
        ),
        ("<div>a<section>b</section>c</div>", vec![paragraph("a"), paragraph("b"), paragraph("c")]),
        (
            "<figure><img src=x alt=\"A boat\"><figcaption>b</figcaption></figure>",
            vec![paragraph("A boat"), paragraph("b")],
        ),
        ("<p></p><p> <br> </p><div></div><blockquote></blockquote><ul></ul><table></table><pre> </pre>", vec![]),
        ("a<script>alert('<p>')</script>b<style>p{}</style>", vec![paragraph("ab")]),
        ("<p>a<p>b", vec![paragraph("a"), paragraph("b")]),
        (
            "<h1>a<p>b</p></h1>",
            vec![of("heading", "a").with("level", number(1)), of("heading", "b").with("level", number(1))],
        ),
    ] {
        assert_eq!(from_html(html), expected, "{html}");
    }
    let bold = line(vec![marked("term", &["bold"])]);
    assert_eq!(from_html("<dl><dt>term</dt><dd>a<p>b</p></dd></dl>"), vec![bold, paragraph("a"), paragraph("b")]);
}

#[test]
fn a_list_holds_items_and_an_item_begins_with_a_paragraph() {
    let bullets = |items: Vec<Node>| Node::element("bulletList", items);
    let empty = || Node::element("paragraph", vec![]);
    for (html, expected) in [
        (
            "<ul><li>a</li> <li><p>b</p>c</li></ul>",
            bullets(vec![item(vec![paragraph("a")]), item(vec![paragraph("b"), paragraph("c")])]),
        ),
        ("<ul><li></li></ul>", bullets(vec![item(vec![empty()])])),
        (
            "<ul><li><h2>a</h2></li></ul>",
            bullets(vec![item(vec![empty(), of("heading", "a").with("level", number(2))])]),
        ),
        ("<ul>a<li>b", bullets(vec![item(vec![paragraph("a")]), item(vec![paragraph("b")])])),
        (
            "<ul><li>a</li><ul><li>b</li></ul></ul>",
            bullets(vec![item(vec![paragraph("a"), bullets(vec![item(vec![paragraph("b")])])])]),
        ),
        (
            "<ol start=\"3\"><li>a</ol>",
            Node::element("orderedList", vec![item(vec![paragraph("a")])]).with("start", number(3)),
        ),
        (
            "<ol start=\"-3\"><li>a</ol>",
            Node::element("orderedList", vec![item(vec![paragraph("a")])]).with("start", number(1)),
        ),
    ] {
        assert_eq!(from_html(html), vec![expected], "{html}");
    }
}

#[test]
fn a_table_holds_rows_of_cells_and_what_it_cannot_hold_comes_before_it() {
    let html = "<table><caption>About</caption><thead><tr><th>a</th></tr></thead>stray<tbody><tr><td colspan=2 rowspan=999>b\
                <ul><li>c</ul></td><td></td></tr></tbody></table>";
    let list = Node::element("bulletList", vec![item(vec![paragraph("c")])]);
    let wide =
        Node::element("tableCell", vec![paragraph("b"), list]).with("colspan", number(2)).with("rowspan", number(60));
    let rows = vec![
        row(vec![spans(cell("tableHeader", "a"))]),
        row(vec![wide, spans(Node::element("tableCell", vec![Node::element("paragraph", vec![])]))]),
    ];
    assert_eq!(from_html(html), vec![paragraph("About"), paragraph("stray"), Node::element("table", rows)]);
}

#[test]
fn each_mark_becomes_the_editors() {
    for (html, runs) in [
        ("<b>a</b><strong>b</strong><i>c</i><em>d</em>", vec![marked("ab", &["bold"]), marked("cd", &["italic"])]),
        ("<u>a</u><s>b</s><del>c</del>", vec![marked("a", &["underline"]), marked("bc", &["strike"])]),
        ("<sup>a</sup><sub>b</sub>", vec![marked("a", &["superscript"]), marked("b", &["subscript"])]),
        (
            "<span class=\"x small-caps\">a</span><i style=\"font-variant : small-caps\">b</i>",
            vec![marked("a", &["smallCaps"]), marked("b", &["italic", "smallCaps"])],
        ),
        ("<b><i>a</i></b>", vec![marked("a", &["bold", "italic"])]),
        // The editor takes no other mark beside code.
        ("<b><code>a</code></b>", vec![marked("a", &["code"])]),
        ("<code><a href=\"https://example.org/\">a</a></code>", vec![link("a", "https://example.org/")]),
        ("<a href=\"javascript:x\">a</a><a>b</a>", vec![Run::plain("ab")]),
        ("<span>a</span><unheard-of>b</unheard-of>", vec![Run::plain("ab")]),
    ] {
        assert_eq!(from_html(html), vec![line(runs)], "{html}");
    }
    assert_eq!(
        from_html("<em>a<p>b</p></em>"),
        vec![line(vec![marked("a", &["italic"])]), line(vec![marked("b", &["italic"])])]
    );
}

#[test]
fn blanks_are_what_a_browser_shows() {
    let hard_break = || Node::element("hardBreak", vec![]);
    let text = |text| Node::text(vec![Run::plain(text)]);
    for (html, children) in [
        ("<p>\n  a \t b\n</p>", vec![text("a b")]),
        ("<p>a<span> </span><span> </span>b</p>", vec![text("a b")]),
        ("<p>a\u{a0} \u{a0}b</p>", vec![text("a\u{a0} \u{a0}b")]),
        ("<p>a&nbsp;&amp;&lt;&#65;&copy;</p>", vec![text("a\u{a0}&<A©")]),
        ("<p>a <br> b<br></p>", vec![text("a"), hard_break(), text("b")]),
        ("<p>a<br><br>b</p>", vec![text("a"), hard_break(), hard_break(), text("b")]),
        ("<p>a\u{1}\u{0}b</p>", vec![text("ab")]),
    ] {
        assert_eq!(from_html(html), vec![Node::element("paragraph", children)], "{html:?}");
    }
    let runs = vec![Run::plain("a"), marked(" b", &["bold"]), Run::plain(" c")];
    assert_eq!(from_html("<p>a<b> b </b> c</p>").len(), 1);
    assert_eq!(from_html("<p>a<b> b</b> c</p>"), vec![line(runs)]);
}

#[test]
fn what_is_too_deep_is_flat_and_still_there() {
    for (start, end) in [
        ("<blockquote>", "</blockquote>"),
        ("<ul><li>", "</li></ul>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<ol><li><blockquote><table><tr><td>", "</td></tr></table></blockquote></li></ol>"),
        ("<div>", "</div>"),
        ("<b>", "</b>"),
    ] {
        for count in [5, 20, 60, 130, 2_000] {
            let html = format!("{}x<hr>y{}", start.repeat(count), end.repeat(count));
            let tree = from_html(&html);
            assert!(is_shallow(&tree), "{count} {start}");
            super::from_html_properties::check(&tree);
            assert_eq!(super::from_html_properties::text(&tree), "xy", "{count} {start}");
        }
    }
}

#[test]
fn what_is_too_many_is_text_and_still_there() {
    let tree = from_html(&"<p>a</p>".repeat(50_002));
    assert_eq!(tree.len(), 50_001);
    assert_eq!(super::from_html_properties::text(&tree).len(), 50_002);
}

#[test]
fn an_href_is_kept_as_it_is_safe() {
    let said = BTreeMap::from([("href".to_owned(), string("https://example.org/a%20b"))]);
    let run = Run::plain("a").with("link", Value::Map(said));
    assert_eq!(from_html("<a href=\"https://example.org/a b\" target=x onclick=y>a</a>"), vec![line(vec![run])]);
}

/// A tree as the page's tests tell one: elements as `[name, attributes, …children]`, texts as lists of `{text, …marks}`.
fn told(nodes: &[Node]) -> Vec<serde_json::Value> {
    let node = |node: &Node| match node {
        Node::Text { runs } => runs.iter().map(told_run).collect(),
        Node::Element { name, attributes, children } => {
            let mut element = vec![json!(name), told_value(&Value::Map(attributes.clone()))];
            element.extend(told(children));
            json!(element)
        }
    };
    nodes.iter().map(node).collect()
}

fn told_run(run: &Run) -> serde_json::Value {
    let marks = run.marks.iter().map(|mark| (mark.name.clone(), told_value(&mark.value)));
    marks.chain([("text".to_owned(), json!(run.text))]).collect()
}

fn told_value(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => json!(null),
        Value::Bool(value) => json!(value),
        // The corpus is of whole numbers, which compare equal only to whole ones.
        Value::Number(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Value::String(text) => json!(text),
        Value::List(values) => values.iter().map(told_value).collect(),
        Value::Map(values) => values.iter().map(|(name, value)| (name.clone(), told_value(value))).collect(),
    }
}

#[test]
fn a_text_becomes_what_the_editor_makes_of_it() {
    let cases: Vec<serde_json::Value> = serde_json::from_str(include_str!("corpus/imported.json")).unwrap();
    for case in cases {
        let html = case["html"].as_str().unwrap();
        assert_eq!(json!(told(&from_html(html))), case["document"], "{html}");
    }
}
