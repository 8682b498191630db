//! The small parts, each by itself.

use quire_protocol::format::Numbering;
use quire_protocol::id::Timestamp;

use crate::export::address::Address;
use crate::export::block::Numerals;
use crate::export::words::Language;
use crate::export::{date, numeral};

#[test]
fn an_address_is_safe_wherever_it_is_written() {
    let absolute = |text: &str| Some(Address::Absolute(text.to_owned()));
    let relative = |text: &str| Some(Address::Relative(text.to_owned()));
    for (written, expected) in [
        ("https://example.org", absolute("https://example.org/")),
        (" HTTP://EXAMPLE.org/a b\"<>|{}^`", absolute("http://example.org/a%20b%22%3C%3E%7C%7B%7D%5E%60")),
        ("https://example.org/%zz%41#a#b", absolute("https://example.org/%25zz%41#a%23b")),
        ("https://[::1]:8080/[x]?[y]", absolute("https://[::1]:8080/%5Bx%5D?%5By%5D")),
        ("https://exämple.org/ä", absolute("https://xn--exmple-cua.org/%C3%A4")),
        ("mailto:ann@example.org?subject=a b", absolute("mailto:ann@example.org?subject=a%20b")),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://example.org", None),
        ("http://exa mple", None),
        ("mailto:", None),
        ("", None),
        ("//example.org", None),
        ("/\t/example.org", None),
        ("/\\example.org", relative("/%5Cexample.org")),
        ("java\u{1}script:alert(1)", relative("java%01script:alert(1)")),
        ("a b:c", relative("a%20b:c")),
        ("chapter 2.html#x", relative("chapter%202.html#x")),
        ("/a", relative("/a")),
        ("#", relative("#")),
    ] {
        assert_eq!(Address::new(written), expected, "{written:?}");
    }
}

#[test]
fn a_language_is_a_tag_or_unknown() {
    for (written, tag, is_right_to_left) in [
        (Some("en"), "en", false),
        (Some(" de-1996 "), "de-1996", false),
        (Some("zh-Hant-TW"), "zh-Hant-TW", false),
        (Some("es-419"), "es-419", false),
        (Some("en-US-x-private"), "en-US", false),
        (Some("en-US-GB"), "en-US", false),
        (Some("he-IL"), "he-IL", true),
        (Some("az-Arab"), "az-Arab", true),
        (Some("ar-Latn"), "ar-Latn", false),
        (Some("english"), "und", false),
        (Some("<x>"), "und", false),
        (Some("é"), "und", false),
        (Some(""), "und", false),
        (None, "und", false),
    ] {
        let language = Language::new(written);
        assert_eq!((language.tag(), language.is_right_to_left()), (tag, is_right_to_left), "{written:?}");
    }
    assert_eq!(Language::new(Some("DE-at")).words().contents, "Inhalt");
    assert_eq!(Language::new(Some("eo")).words().contents, "Contents");
}

#[test]
fn times_are_those_of_the_calendar() {
    for (ms, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_399_999, "2000-02-28T23:59:59Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (1_767_225_599_000, "2025-12-31T23:59:59Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        (u64::MAX, "9999-12-31T23:59:59Z"),
    ] {
        assert_eq!(date::utc(Timestamp(ms)), text);
    }
}

#[test]
fn numbers_are_printed_as_one_would() {
    for (number, upper, lower, letters) in [
        (0, "0", "0", "0"),
        (4, "IV", "iv", "D"),
        (26, "XXVI", "xxvi", "Z"),
        (27, "XXVII", "xxvii", "AA"),
        (1994, "MCMXCIV", "mcmxciv", "BXR"),
        (4000, "4000", "4000", "EWV"),
    ] {
        let item = |numerals| numeral::item(number, numerals);
        assert_eq!(item(Numerals::UpperRoman), upper);
        assert_eq!(item(Numerals::LowerRoman), lower);
        assert_eq!(item(Numerals::UpperAlpha), letters);
        assert_eq!(item(Numerals::LowerAlpha), letters.to_ascii_lowercase());
        assert_eq!(item(Numerals::Decimal), number.to_string());
    }
    let words = |number| numeral::chapter(number, Numbering::Words, true).unwrap();
    let expected = ["One", "Nineteen", "Twenty", "Twenty-one", "Ninety-nine", "100"];
    assert_eq!([1, 19, 20, 21, 99, 100].map(words), expected);
}
