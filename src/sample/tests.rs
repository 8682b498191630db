use super::*;

#[test]
fn the_novel_has_its_61_chapters() {
    let book = book();
    assert_eq!(book.chapters.len(), 61);
    for (index, chapter) in book.chapters.iter().enumerate() {
        assert_eq!(chapter.title, format!("Chapter {}", index + 1));
        assert!(chapter.html.matches("<p>").count() >= 5, "{}", chapter.title);
        assert!(!chapter.html.contains(['\n', '_', '*']), "{}", chapter.title);
    }
    let first = &book.chapters[0].html;
    assert!(first.starts_with(
        "<h2>Chapter 1</h2><p>It is a truth universally acknowledged, that a single man in possession of a"
    ));
    assert!(first.contains("\"<em>You</em> want to tell me, and I have no objection to hearing it.\""));
    assert!(book.chapters[60].html.contains("Pemberley"));
}

#[test]
fn paragraphs_are_escaped_and_emphasis_is_paired() {
    assert_eq!(line("a < b & _c\nd_ > e"), "a &lt; b &amp; <em>c d</em> &gt; e");
    assert_eq!(line("a_b"), "a_b");
    assert_eq!(line("_a_ and _b_"), "<em>a</em> and <em>b</em>");
}
