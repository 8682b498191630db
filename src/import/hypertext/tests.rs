use crate::import::tree::{DEPTH_MAX, NODES_MAX};
use crate::import::{ImportError, LossKind, read};

fn html(body: &str) -> String {
    read(format!("<html>{body}").as_bytes(), None).unwrap().chapters[0].html.clone()
}

#[test]
fn untidy_pages_are_forgiven() {
    let cases = [
        ("<p>one<p class=x>two<b>bold</p>three", "<p>one</p><p>two<strong>bold</strong></p><p>three</p>"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>"),
        (
            "<table><thead><tr><th>a<tbody><tr><td>b<td>c</table>",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td><td>c</td></tr></tbody></table>",
        ),
        ("a < b &amp &eacute;&#x41;&nope; <", "<p>a &lt; b &amp;amp éA&amp;nope; &lt;</p>"),
        ("<script>if (a<b) '<p>no'</script><nav><p>no</nav><p>yes", "<p>yes</p>"),
        (
            "<div><span style='font-variant: small-caps'>x</span><u>y</u></div>",
            r#"<p><span class="smallcaps">x</span><u>y</u></p>"#,
        ),
        ("<p>a<iframe src=x>no</iframe></p><form><p>b</form>", "<p>a</p><p>b</p>"),
    ];
    for (body, expected) in cases {
        assert_eq!(html(body), expected, "{body}");
    }
}

#[test]
fn a_page_says_what_it_is() {
    let page = r#"<!DOCTYPE html><html lang="en"><head><title>The &amp; Book</title><meta name="author" content="Ann">
        <meta name=keywords content="a, b"><meta name=description content="D"></head><body><main>
        <section><h1>One</h1><p>1 <img src=x alt="A whale"></section><section><h1>Two</h1><p>2
        <a href="ftp://x">ftp</a></section></main></body>"#;
    let book = read(page.as_bytes(), Some("a.html")).unwrap();
    assert_eq!((book.title.as_str(), book.metadata.language.as_deref()), ("The & Book", Some("en")));
    assert_eq!((book.metadata.authors, book.metadata.keywords.len()), (vec!["Ann".to_owned()], 2));
    let texts: Vec<_> = book.chapters.iter().map(|text| (text.title.as_str(), text.html.as_str())).collect();
    let two = "<p>2\n        <a rel=\"noopener noreferrer\">ftp</a></p>";
    assert_eq!(texts, [("One", "<p>1 A whale</p>"), ("Two", two)]);
    let losses: Vec<_> = book.report.iter().map(|loss| (loss.what, loss.count)).collect();
    assert_eq!(losses, [(LossKind::Images, 1), (LossKind::Links, 1)]);
}

#[test]
fn depth_and_number_are_bounded() {
    let deep = |levels: usize| format!("<html>{}x", "<blockquote>".repeat(levels));
    assert!(read(deep(DEPTH_MAX - 1).as_bytes(), None).is_ok());
    let malformed = Err(ImportError::Malformed("the page".into()));
    for levels in [DEPTH_MAX, 100_000] {
        assert_eq!(read(deep(levels).as_bytes(), None), malformed);
    }
    assert_eq!(read(format!("<html>{}", "<br>".repeat(NODES_MAX + 1)).as_bytes(), None), malformed);
    // Time that grows with the square of the length would show here.
    let attributes = format!("<html><p {}>x", "a=1 ".repeat(1_000_000));
    assert!(read(attributes.as_bytes(), None).is_ok());
}
