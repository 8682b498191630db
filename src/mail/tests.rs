use super::*;
use crate::clock::Clock;

fn words(subject: &str, line: &str) -> Words {
    Words {
        subject: subject.into(),
        before: vec![line.into()],
        link_says: "Open <it>".into(),
        link: "https://books.example/signin#token=abc".into(),
        after: vec!["That is all.".into()],
        ..Words::default()
    }
}

#[test]
fn nobodys_words_become_a_header_or_a_tag() {
    let hostile = "Ann\r\nBcc: all@example.org\u{202e}\n<script>\"'&";
    let letter = Letter::of("ann@example.org", "x1", &words(hostile, hostile));
    assert_eq!(letter.subject, "Ann Bcc: all@example.org <script>\"'&");
    assert_eq!(
        letter.text,
        "Ann Bcc: all@example.org <script>\"'&\n\nhttps://books.example/signin#token=abc\n\nThat is all.\n"
    );
    assert!(letter.html.contains("<p>Ann Bcc: all@example.org &lt;script&gt;&quot;&#39;&amp;</p>"), "{}", letter.html);
    assert!(letter.html.contains(">Open &lt;it&gt;</a>"), "{}", letter.html);
    let long = Letter::of("ann@example.org", "x1", &words(&"é".repeat(1_000), ""));
    assert_eq!(long.subject.chars().count(), 200);
}

#[tokio::test]
async fn the_newest_letters_are_kept_and_the_same_one_once() {
    let kept = Kept::new(Clock::system());
    for number in 0..KEPT_MAX + 5 {
        kept.send(&Letter::of("ann@example.org", &format!("x{number}"), &words("A", "B"))).await.unwrap();
    }
    let ids = |kept: &Kept| kept.letters().into_iter().map(|kept| kept.letter.id).collect::<Vec<_>>();
    assert_eq!((ids(&kept).len(), ids(&kept)[0].as_str()), (KEPT_MAX, "x104"));
    kept.send(&Letter::of("ann@example.org", "x50", &words("A", "B"))).await.unwrap();
    assert_eq!((ids(&kept).len(), ids(&kept)[0].as_str()), (KEPT_MAX, "x50"));
}

#[test]
fn what_a_letter_lists_is_escaped_and_each_thing_has_its_link() {
    let item = Item {
        says: "A <b>".into(),
        quotes: Some("\u{201c}x\ny\u{201d}".into()),
        link: "https://b.example/#/1".into(),
    };
    let also = Some(("Choose".into(), "https://b.example/#/notices".into()));
    let letter = Letter::of("ann@example.org", "x1", &Words { items: vec![item], also, ..words("s", "line") });
    assert_eq!(
        letter.text,
        "line\n\n- A <b>\n  \u{201c}x y\u{201d}\n  https://b.example/#/1\n\nhttps://books.example/signin#token=abc\n\nThat is all.\n\n\
         Choose:\nhttps://b.example/#/notices\n"
    );
    assert!(
        letter.html.contains("<a href=\"https://b.example/#/1\">A &lt;b&gt;</a><br>\u{201c}x y\u{201d}"),
        "{}",
        letter.html
    );
    assert!(letter.html.contains("<a href=\"https://b.example/#/notices\">Choose</a>"), "{}", letter.html);
}
