use pulldown_cmark::{Event, Options, Parser, Tag};

use super::check::letters;
use super::sample::{blocks, chapter, empty_book, full_book, hostile_book, link, of, paragraph};
use crate::export::markdown;
use crate::scribe::tree::{Node, Run, Value};

/// What a reader with every extension makes of it, if there is no element but those that this module writes.
pub(super) fn text_of(markdown: &str) -> String {
    const OURS: [&str; 18] = [
        "<u>",
        "</u>",
        "<s>",
        "</s>",
        "<sup>",
        "</sup>",
        "<sub>",
        "</sub>",
        "<code>",
        "</code>",
        "<em>",
        "</em>",
        "<strong>",
        "</strong>",
        "<br>",
        "</span>",
        "<span style=\"font-variant: small-caps\">",
        "",
    ];
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let mut text = String::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(more) | Event::Code(more) => text.push_str(&more),
            Event::InlineHtml(element) => assert!(OURS.contains(&&*element), "{element}"),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::Start(Tag::Image { .. } | Tag::HtmlBlock) => panic!("text became markup"),
            Event::Html(_) | Event::InlineMath(_) | Event::DisplayMath(_) | Event::TaskListMarker(_) => {
                panic!("text became markup: {event:?}")
            }
            Event::Start(_) | Event::End(_) | Event::FootnoteReference(_) | Event::Rule => {}
        }
    }
    text
}

fn written(tree: Vec<Node>) -> String {
    let text = markdown(&chapter(tree));
    text.split_once("## Ebb\n\n").map(|(_, text)| text.to_owned()).unwrap_or_default()
}

#[test]
fn each_block_has_its_mark() {
    let text = written(blocks());
    for part in [
        "### Heading 1\n\n#### Heading 2\n\n##### Heading 3\n\n###### Heading 4\n\n###### Heading 5\n\n",
        "\n\n**bold** *italic* <u>underline</u> <s>strike</s> `code` <sup>superscript</sup> <sub>subscript</sub> \
         <span style=\"font-variant: small-caps\">smallCaps</span> textStyle unheard-of [<u><s>",
        "[^1-1]\n\nbefore\\\n[^1-2]after\n\n",
        "\n- one\n\n  4. inner\n  5. other\n\n-\n\n",
        "\n> quoted\n>\n> > twice\n\n***\n\n***\n\n```rust\nfn main() {\n    let a = b < c && d > e;\n}\n```\n\n",
        "\n| A | B | C |\n| --- | --- | --- |\n| high | wide |  |\n| x\\|y | z |\n\n",
        "\n*A boat*\n\n",
        "\n[^1-2]: A note with [a link](<mailto:ann@example.org>)\n",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

#[test]
fn marks_that_cannot_stand_are_elements() {
    let marked = |text: &str, mark: &str| Run::plain(text).with(mark, Value::empty());
    for (runs, expected) in [
        (vec![marked("a", "italic"), marked("b", "bold")], "*a*<strong>b</strong>\n"),
        (vec![marked("\"a\"", "bold"), Run::plain("b")], "<strong>\"a\"</strong>b\n"),
        (vec![Run::plain("漢"), marked("字", "bold"), Run::plain("漢")], "漢**字**漢\n"),
        (vec![marked(" a ", "bold"), Run::plain("b")], "**a** b\n"),
        (vec![marked("a`b", "code")], "<code>a\\`b</code>\n"),
        (
            vec![Run::plain("wow!"), link("x", "https://example.org/a_(b)&copy;")],
            "wow\\![x](<https://example.org/a_(b)&amp;copy;>)\n",
        ),
    ] {
        assert_eq!(written(vec![Node::element("paragraph", vec![Node::text(runs)])]), expected);
    }
}

#[test]
fn what_begins_a_line_begins_no_block() {
    for (text, expected) in [
        ("1. a", "1\\. a\n"),
        ("1984) a", "1984\\) a\n"),
        ("- a", "\\- a\n"),
        ("+ a", "\\+ a\n"),
        ("# a", "\\# a\n"),
        ("    a", "a\n"),
        ("===", "\\===\n"),
        ("a\\ ", "a\\\\\n"),
        ("[x]: y", "\\[x\\]\\: y\n"),
        ("It is 3.5 - or 4.", "It is 3.5 - or 4.\n"),
    ] {
        assert_eq!(written(vec![paragraph(text)]), expected);
    }
    let broken = vec![
        Node::text(vec![Run::plain("a")]),
        Node::element("hardBreak", vec![]),
        Node::text(vec![Run::plain("--- b")]),
        Node::element("hardBreak", vec![]),
    ];
    assert_eq!(written(vec![Node::element("paragraph", broken)]), "a\\\n\\--- b\n");
}

#[test]
fn lists_that_follow_each_other_stay_two() {
    let list = || Node::element("bulletList", vec![Node::element("listItem", vec![paragraph("a")])]);
    assert_eq!(written(vec![list(), list(), of("paragraph", "b"), list()]), "- a\n\n+ a\n\nb\n\n- a\n");
}

#[test]
fn what_was_written_to_break_it_is_text() {
    let text = letters(&text_of(&markdown(&hostile_book())));
    assert!(text.matches("**bold**[link](x)`code`|#1.\\${x}").count() > 100, "{}", text.len());
    assert_eq!(markdown(&empty_book()), "# Untitled\n");
    text_of(&markdown(&full_book()));
}
