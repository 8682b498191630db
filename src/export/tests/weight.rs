use super::sample::{chapter, plain_book};
use crate::export::{FileKind, weight, write};
use crate::scribe::tree::{Node, Run, Value};

fn cell(span: f64) -> Node {
    Node::element("tableCell", Vec::new()).with("colspan", Value::Number(span))
}

#[test]
fn a_small_text_that_would_make_a_huge_file_is_refused_before_it_is_written() {
    let wide = Node::element("tableRow", (0..8).map(|_| cell(8.0)).collect());
    let narrow = std::iter::repeat_with(|| Node::element("tableRow", vec![cell(1.0)]));
    let table = Node::element("table", std::iter::once(wide).chain(narrow.take(100_000)).collect());
    let mut quoted = Node::element("codeBlock", vec![Node::text(vec![Run::plain(&"x\n".repeat(1_000_000))])]);
    for _ in 0..55 {
        quoted = Node::element("blockquote", vec![quoted]);
    }
    for tree in [vec![table], std::iter::repeat_n(quoted, 3).collect()] {
        for kind in FileKind::ALL {
            assert!(write(kind, &chapter(tree.clone())).is_err(), "{kind:?}");
        }
    }
}

#[test]
fn no_file_of_a_usual_book_is_larger_than_its_weight() {
    let book = plain_book();
    let weight: u64 = book.sections.iter().map(|section| weight::of(&section.tree)).sum();
    for kind in [FileKind::Html, FileKind::Markdown, FileKind::Text] {
        // Beside the texts there are a style, a title page and the contents.
        assert!(write(kind, &book).unwrap().len() as u64 <= weight + 64 * 1024, "{kind:?}");
    }
}
