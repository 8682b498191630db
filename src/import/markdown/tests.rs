use crate::import::{LossKind, read};

fn html(text: &str) -> String {
    read(text.as_bytes(), Some("a.md")).unwrap().chapters[0].html.clone()
}

#[test]
fn marks_become_elements() {
    let cases = [
        ("*a* **b** ~~c~~ `d<` \"e\"", r#"<p><em>a</em> <strong>b</strong> <s>c</s> <code>d&lt;</code> "e"</p>"#),
        ("3. a\n4. b\n   - c", r#"<ol start="3"><li>a</li><li>b<ul><li>c</li></ul></li></ol>"#),
        (
            "> a\n\n***\n\n```rust\nx < y\n```",
            "<blockquote><p>a</p></blockquote><hr><pre><code>x &lt; y\n</code></pre>",
        ),
        (
            "|a|b|\n|-|-|\n|1|2|",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        ),
        (
            "[a](https://a.example) [b](javascript:x)",
            r#"<p><a href="https://a.example" rel="noopener noreferrer">a</a> <a rel="noopener noreferrer">b</a></p>"#,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn html_in_markdown_goes_through_the_sieve() {
    assert_eq!(
        html("a <b onclick=x>b</b> <script>alert(1)</script>\n\n<div>\n<p>c</p>\n</div>"),
        "<p>a <strong>b</strong> </p><p>c</p>"
    );
    assert_eq!(html("<script>\nalert(1)\n</script>\n\na"), "<p>a</p>");
}

#[test]
fn notes_and_pictures() {
    let book = read(b"# One\n\na[^x] ![A *whale*](w.png)\n\n# Two\n\nb[^x]\n\n[^x]: Said *he*.", Some("a.md")).unwrap();
    let note = r#"<hr><ol start="1"><li><p>Said <em>he</em>.</p></li></ol>"#;
    assert_eq!(book.chapters[0].html, format!("<p>a<sup>1</sup> A <em>whale</em></p>{note}"));
    assert_eq!(book.chapters[1].html, format!("<p>b<sup>1</sup></p>{note}"));
    assert_eq!(book.report.iter().map(|loss| (loss.what, loss.count)).collect::<Vec<_>>(), [(LossKind::Images, 1)]);
}

#[test]
fn lines_between_rules_are_no_front_matter() {
    assert_eq!(html("---\ntext\n\n---\nmore"), "<hr><p>text</p><hr><p>more</p>");
}
