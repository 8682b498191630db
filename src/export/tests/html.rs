use super::check::letters;
use super::sample::{HOSTILE, chapter, empty_book, full_book, hostile_book, link, of, paragraph};
use crate::export::{html, plain, preview};
use crate::scribe::tree::Node;

#[test]
fn a_page_stands_alone() {
    let page = html(&full_book());
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en-GB\" dir=\"ltr\">"), "{page}");
    assert!(
        page.contains("<body class=\"book\">") && page.contains("@page { size: 148.0mm 210.0mm; margin: 19.0mm; }")
    );
    for loads in ["<script", "<link", "<img", " src=", "@import", "url("] {
        assert!(!page.contains(loads), "{loads}");
    }
}

#[test]
fn a_page_holds_no_element_that_the_text_made_up() {
    let page = html(&hostile_book());
    // Read as a browser would, and cleaned of all that this module never writes: nothing is lost.
    let mut reader = ammonia::Builder::default();
    reader.add_tags(["section", "main"]).clean_content_tags(["style", "title"].into());
    let (clean, said) = (reader.clean(&page).to_string(), letters("<script>alert(1)</script> ]]> & &amp; \"quoted\""));
    assert!(!page.contains("<script") && !page.contains("<!-- -->") && !page.contains("<?x"));
    let text = quick_xml::escape::unescape(&letters(&clean).replace("&nbsp;", "")).unwrap().into_owned();
    assert!(text.matches(&said).count() > 100, "{}", text.matches(&said).count());
    assert!(HOSTILE.contains("<script>"), "the sample has what must be escaped");
}

#[test]
fn ids_are_unique_and_links_within_the_page_lead_somewhere() {
    let page = html(&full_book());
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len());
    let targets: Vec<&str> = page.split(" href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(targets.len() > 20 && targets.iter().all(|target| unique.contains(target)), "{targets:?}");
}

#[test]
fn links_may_lead_to_what_stands_beside_the_page_but_never_run() {
    let links = [
        ("a", "other.html#x y"),
        ("b", " javascript:alert(1)"),
        ("c", "//example.org"),
        ("d", "JaVaScRiPt:x"),
        ("e", "http:\\\\example.org\\x"),
    ];
    let runs = links.map(|(text, href)| link(text, href));
    let page = html(&chapter(vec![Node::element("paragraph", vec![Node::text(runs.to_vec())])]));
    let expected = "<p><a href=\"other.html#x%20y\" rel=\"noopener noreferrer\">a</a>bcd\
                    <a href=\"http://example.org/x\" rel=\"noopener noreferrer\">e</a></p>";
    assert!(page.contains(expected), "{page}");
}

#[test]
fn plain_text_says_everything_once() {
    let text = plain(&full_book());
    assert!(text.starts_with("The Tide Tables\n\nA Novel\n\nAnn Okafor\n\nBob Lindqvist\n\n\nPreface\n\n"), "{text}");
    assert!(text.contains("\n- one\n\n  d. inner\n  e. other\n-\n"), "{text}");
    assert!(text.contains("\n    quoted\n\n        twice\n"), "{text}");
    assert!(text.contains("\nA\tB\tC\nhigh\twide\nx|y\tz\n"), "{text}");
    assert!(text.contains("before\n[2]after") && text.contains("\n[2] A note with a link\n"), "{text}");
    assert!(
        text.contains("\n* * *\n") && text.contains("\n[A boat]\n") && text.contains("\n    let a = b < c && d > e;\n")
    );
    assert_eq!(plain(&empty_book()), "Untitled\n");
}

#[test]
fn what_is_nested_beyond_measure_is_flat_and_still_there() {
    for name in ["blockquote", "bulletList", "listItem", "table", "tableCell", "unheardOf", "footnote", "paragraph"] {
        let tree =
            (0..5000).fold(vec![paragraph("deep"), paragraph("down")], |inner, _| vec![Node::element(name, inner)]);
        let page = html(&chapter(tree));
        let text = letters(&super::check::text_of_xml(
            page.split_once("<body").unwrap().1.split_once('>').unwrap().1.split_once("</body>").unwrap().0,
        ));
        assert!(text.contains("deepdown"), "{name}: {text}");
        assert!(page.matches('<').count() < 1000, "{name}");
    }
}

#[test]
fn a_code_keeps_its_lines() {
    let text = plain(&chapter(vec![of("codeBlock", "a\n  b\n\n\tc\n")]));
    assert!(text.ends_with("\n\na\n  b\n\n\tc\n"), "{text:?}");
}

#[test]
fn the_preview_is_what_is_on_the_page_without_a_style_of_its_own() {
    let (page, shown) = (html(&full_book()), preview(&full_book()));
    let (_, body) = page.split_once("<body class=\"book\">").unwrap();
    let (body, _) = body.split_once("</body>").unwrap();
    assert!(shown.starts_with("<div class=\"book\" lang=") && shown.contains(body));
    assert!(!preview(&hostile_book()).contains("<style"));
}
