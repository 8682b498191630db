//! Values of attributes and marks: their form, their size, and where addresses may lead.

use super::super::{Fault, GuardLimits};
use super::writer::{
    DELETED, LAST, MARK, VALUES, after, attribute, mark, next_value, number, of_ann, one, text, text_value,
};
use super::{by_ann, check, written};

const LIST: u8 = 117;
const OBJECT: u8 = 118;

fn value(value: &[u8]) -> Result<(), Fault> {
    check(&of_ann(&[attribute(LAST, "id", VALUES, &one(value))])).map(drop)
}

fn address(value: &[u8]) -> Result<(), Fault> {
    check(&of_ann(&[attribute(LAST, "src", VALUES, &one(value))])).map(drop)
}

fn unseen(value: &[u8]) -> Result<(), Fault> {
    check(&of_ann(&[next_value(LAST, VALUES, &one(value))])).map(drop)
}

fn link(json: &str) -> Result<(), Fault> {
    check(&of_ann(&[after(LAST, MARK, &mark("link", json))])).map(drop)
}

/// Lists within each other: so many.
fn nested(depth: usize) -> Vec<u8> {
    [[LIST, 1].repeat(depth - 1), vec![LIST, 0]].concat()
}

fn nested_json(depth: usize) -> String {
    format!(r#"{{"id":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1))
}

#[test]
fn values_are_what_json_can_say() {
    let float = [&[123][..], &1.5_f64.to_be_bytes()].concat();
    let object = [&[OBJECT, 2][..], &text("width"), &[125, 0x41], &text("title"), &text_value("x")].concat();
    for good in [&[127][..], &[126], &[121], &[120], &[125, 0x3f], &[125, 0xbf, 0x01], &float, &object, &nested(3)] {
        assert_eq!(value(good), Ok(()), "{good:?}");
    }
    let infinite = [&[124][..], &f32::INFINITY.to_be_bytes()].concat();
    let no_number = [&[123][..], &f64::NAN.to_be_bytes()].concat();
    let unlisted = [&[OBJECT, 1][..], &text("__proto__"), &[126]].concat();
    for (bad, fault) in [
        (&infinite[..], Fault::Forbidden("a number that is not finite")),
        (&no_number, Fault::Forbidden("a number that is not finite")),
        (&unlisted, Fault::Forbidden("the name of an attribute")),
        (&[122, 0, 0, 0, 0, 0, 0, 0, 1], Fault::Forbidden("a big integer")),
        (&[116, 1, 0], Fault::Forbidden("binary content")),
        (&[115], Fault::Malformed("an unknown kind of value")),
        (&[125, 0x80, 0x00], Fault::Malformed("a number is longer than needed")),
        (&[125, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], Fault::Malformed("a number beyond 53 bits")),
    ] {
        assert_eq!(value(bad), Err(fault), "{bad:?}");
    }
}

#[test]
fn an_attribute_may_keep_overwritten_values() {
    let three = [vec![3], text_value("a"), vec![126], text_value("b")].concat();
    assert_eq!(written(&of_ann(&[attribute(LAST, "id", VALUES, &three)])), by_ann(10, 13));
    assert_eq!(written(&of_ann(&[attribute(LAST, "id", DELETED, &[3])])), by_ann(10, 13));
}

#[test]
fn values_are_16_deep() {
    let fault = Fault::TooLarge { what: "levels of a value", max: 16 };
    assert_eq!((value(&nested(16)), value(&nested(17))), (Ok(()), Err(fault)));
    assert_eq!((link(&nested_json(16)), link(&nested_json(17))), (Ok(()), Err(fault)));
    // As deep as an update can be long: neither recursion nor memory.
    assert_eq!(value(&nested(500_000)), Err(fault));
    // Wide is not deep.
    assert_eq!(value(&[&[LIST, 0x64][..], &[LIST, 0].repeat(100)].concat()), Ok(()));
    assert_eq!(link(&format!(r#"{{"id":[[]{}]}}"#, ",[],{}".repeat(50))), Ok(()));
}

#[test]
fn values_have_a_size() {
    let max = GuardLimits::default().value_bytes;
    let fault = Fault::TooLarge { what: "bytes of a value", max };
    // A tag and two bytes of length come before the text.
    let of_length = |length| text_value(&"x".repeat(length - 3));
    assert_eq!((value(&of_length(max)), value(&of_length(max + 1))), (Ok(()), Err(fault)));
    let json = |length| format!(r#"{{"id":"{}"}}"#, "x".repeat(length - 9));
    assert_eq!((link(&json(max)), link(&json(max + 1))), (Ok(()), Err(fault)));
    let wide = [vec![LIST], number(max as u64), vec![126; max]].concat();
    assert_eq!(value(&wide), Err(fault));
}

#[test]
fn a_marks_value_is_an_object_or_null() {
    for good in [
        "null",
        "{}",
        " { } ",
        r#"{"href":null}"#,
        r#"{ "width" : -1.5e+3 , "height" : 0 , "title" : "\"\\\/\b\f\n\r\tä\u00e4\ud83d\udc33🐳" }"#,
        r#"{"id":[1,[],{},[{}],true,false,null],"cl\u0061ss":"x"}"#,
    ] {
        assert_eq!(link(good), Ok(()), "{good}");
    }
    let shape = Fault::Forbidden("a mark's value that is neither null nor an object");
    for bad in ["", "true", "1", "[]", r#""javascript:alert(1)""#] {
        assert_eq!(link(bad), Err(shape), "{bad}");
    }
}

#[test]
fn json_is_strict() {
    for bad in [
        "nul",
        "nullx",
        "{",
        "{}}",
        "{},",
        r#"{"id"}"#,
        r#"{"id":}"#,
        r#"{"id":1,}"#,
        r#"{"id":[1,]}"#,
        r#"{"id":[1 2]}"#,
        r#"{"id":[1}"#,
        r#"{,"id":1}"#,
        r#"{"id":1]"#,
        "{id:1}",
        r#"{"id":01}"#,
        r#"{"id":-}"#,
        r#"{"id":1.}"#,
        r#"{"id":.5}"#,
        r#"{"id":1e}"#,
        r#"{"id":+1}"#,
        r#"{"id":"x}"#,
        r#"{"id":"\x"}"#,
        r#"{"id":"\u12"}"#,
        r#"{"id":"\u+123"}"#,
        "{\"id\":\"\n\"}",
        "{\"id\":\u{a0}1}",
        // Half of a surrogate pair: to some readers no JSON at all.
        r#"{"id":"\ud83d"}"#,
        r#"{"id":"\ud83d\u0041"}"#,
        r#"{"id":"\udc33"}"#,
    ] {
        assert_eq!(link(bad), Err(Fault::Malformed("a mark's value that is not JSON")), "{bad}");
    }
    assert_eq!(link(r#"{"id":1e999}"#), Err(Fault::Forbidden("a number that is not finite")));
    assert_eq!(link(r#"{"__proto__":1}"#), Err(Fault::Forbidden("the name of an attribute")));
    assert_eq!(link(r#"{"onclick":1}"#), Err(Fault::Forbidden("the name of an attribute")));
}

const GOOD: &[&str] = &[
    "https://example.org/?a=b:c",
    "HTTP://example.org",
    "mailto:ann@example.org",
    "",
    "#note-1",
    "/chapter/2",
    "../a:b",
    "chapter 2:a",
    "?q=javascript:",
    ":x",
    "1:x",
];

const BAD: &[&str] = &[
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " \u{1}javascript:alert(1)",
    "java\nscript:alert(1)",
    "javascript\t:alert(1)",
    "\u{0}vbscript:x",
    "data:text/html,<script>alert(1)</script>",
];

#[test]
fn addresses_lead_to_the_web_to_mail_or_stay_within_the_book() {
    let escaped = |said: &str| said.chars().fold(String::new(), |text, c| format!("{text}\\u{:04x}", u32::from(c)));
    for good in GOOD {
        assert_eq!(address(&text_value(good)), Ok(()), "{good}");
        assert_eq!(link(&format!(r#"{{"href":"{}"}}"#, escaped(good))), Ok(()), "{good}");
    }
    let fault = Fault::Forbidden("the scheme of an address");
    for bad in BAD.iter().chain(&["file:///etc/passwd", "blob:x", "ftp://example.org", "x-y.z+1:a"]) {
        assert_eq!(address(&text_value(bad)), Err(fault), "{bad}");
        assert_eq!(link(&format!(r#"{{"href":"{}"}}"#, escaped(bad))), Err(fault), "{bad}");
        assert_eq!(link(&format!(r#"{{"id":[{{"{}":"{}"}}]}}"#, escaped("src"), escaped(bad))), Err(fault), "{bad}");
        let within = [&[LIST, 1, OBJECT, 1][..], &text("href"), &text_value(bad)].concat();
        assert_eq!(value(&within), Err(fault), "{bad}");
    }
}

#[test]
fn an_address_is_a_text_or_nothing() {
    for nothing in [126, 127] {
        assert_eq!(address(&[nothing]), Ok(()));
    }
    let fault = Fault::Forbidden("an address that is not a text");
    let list = [&[LIST, 1][..], &text_value("javascript:alert(1)")].concat();
    for bad in [&list[..], &[OBJECT, 0], &[120], &[125, 1]] {
        assert_eq!(address(bad), Err(fault));
    }
    for bad in [r#"{"href":["javascript:alert(1)"]}"#, r#"{"href":{}}"#, r#"{"href":true}"#, r#"{"href":1}"#] {
        assert_eq!(link(bad), Err(fault), "{bad}");
    }
}

#[test]
fn a_value_whose_name_is_unseen_does_not_run() {
    let fault = Fault::Forbidden("a value that may be a script's address");
    for bad in BAD {
        assert_eq!(unseen(&text_value(bad)), Err(fault), "{bad}");
        assert_eq!(unseen(&[&[LIST, 1][..], &text_value(bad)].concat()), Err(fault), "{bad}");
        // Named, and no address.
        assert_eq!(value(&text_value(bad)), Ok(()), "{bad}");
    }
    for good in GOOD.iter().chain(&["Chapter 1: the sea", "note: this"]) {
        assert_eq!(unseen(&text_value(good)), Ok(()), "{good}");
    }
}
