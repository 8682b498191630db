//! The small parts, each by itself.

use quire_protocol::id::Timestamp;

use crate::export::address::Address;
use crate::export::block::Numerals;
use crate::export::words::Language;
use crate::export::{
    Font, Format, FormatError, Margins, Numbering, Opening, Ornament, ParagraphStyle, Trim, date, numeral,
};

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

#[test]
fn a_format_is_refused_one_past_its_limits() {
    let with = |size, height| Format { font_size_tenths_pt: size, line_height_percent: height, ..Format::default() };
    for (format, expected) in [
        (with(60, 100), Ok(())),
        (with(240, 300), Ok(())),
        (with(59, 100), Err(FormatError::FontSize)),
        (with(241, 100), Err(FormatError::FontSize)),
        (with(60, 99), Err(FormatError::LineHeight)),
        (with(60, 301), Err(FormatError::LineHeight)),
    ] {
        assert_eq!(format.check(), expected);
    }
    assert_eq!(Format::default().check(), Ok(()));
    assert_eq!(FormatError::FontSize.to_string(), "The size of the letters must be between 6 and 24 points.");
}

#[test]
fn a_format_goes_over_the_wire_by_names() {
    let json = serde_json::to_string(&Format::default()).unwrap();
    let expected = "{\"trim\":\"a5\",\"margins\":\"normal\",\"font\":\"serif\",\"font_size_tenths_pt\":110,\
                    \"line_height_percent\":140,\"opening\":\"new_page\",\"numbering\":\"none\",\"ornament\":\"asterisks\",\
                    \"paragraphs\":\"indented\",\"hyphenation\":true,\"justify\":true}";
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_str::<Format>("{}").unwrap(), Format::default());
    let packed = rmp_serde::to_vec_named(&Format::default()).unwrap();
    assert_eq!(rmp_serde::from_slice::<Format>(&packed).unwrap(), Format::default());
    assert!(serde_json::from_str::<Format>("{\"trim\":\"a4\"}").is_err());
    assert!(rmp_serde::from_slice::<Trim>(&[0]).is_err(), "a number is no name");
}

#[test]
fn each_choice_is_read_as_it_is_written() {
    macro_rules! check {
        ($($kind:ident)+) => { $(
            for choice in $kind::ALL {
                let json = serde_json::to_string(choice).unwrap();
                assert_eq!(serde_json::from_str::<$kind>(&json).unwrap(), *choice, "{json}");
            }
        )+ };
    }
    check!(Trim Margins Font Opening Numbering Ornament ParagraphStyle);
}
