use proptest::prelude::*;

use super::*;

#[test]
fn a_line_is_one_line() {
    assert_eq!(clean_line("  Pride \t and\r\n\u{a0}Prejudice\u{2028} "), "Pride and Prejudice");
    assert_eq!(clean_line(" \u{202e}\u{0}\u{feff} "), "");
}

#[test]
fn what_reads_in_another_order_than_it_is_written_is_taken_out() {
    assert_eq!(clean_line("a\u{202e}txt.exe\u{2066}b\u{2069}"), "atxt.exeb");
    assert_eq!(clean_body("one\r\ntwo\u{202a}\n\tthree\u{7}\n\n"), "one\ntwo\n\tthree");
}

#[test]
fn text_is_composed_even_across_what_was_taken_out() {
    assert_eq!(clean_line("Ame\u{301}lie"), "Amélie");
    assert_eq!(clean_line("Ame\u{202a}\u{301}lie"), "Amélie");
    assert_eq!(clean_body("e\u{feff}\u{301}"), "é");
}

#[test]
fn addresses_are_compared_without_case_and_blanks() {
    assert_eq!(normal_email("  Ann.Lee@Example.ORG "), Some("ann.lee@example.org".to_owned()));
    assert_eq!(normal_email("JOSE\u{301}@example.org"), normal_email("josé@EXAMPLE.org"));
}

#[test]
fn what_cannot_be_an_address_is_none() {
    let long = format!("{}@example.org", "a".repeat(EMAIL_BYTES_MAX));
    for text in ["", "ann", "@example.org", "ann@", "a@b@c", "ann lee@example.org", "a\u{0}@b", "a\u{202e}@b", &long] {
        assert_eq!(normal_email(text), None, "{text:?}");
    }
    let longest = format!("{}@b", "a".repeat(EMAIL_BYTES_MAX - 2));
    assert_eq!(normal_email(&longest), Some(longest.clone()));
}

proptest! {
    #[test]
    fn clean_text_stays_as_it_is(text: String) {
        let (line, body) = (clean_line(&text), clean_body(&text));
        prop_assert_eq!(clean_line(&line), line);
        prop_assert_eq!(clean_body(&body), body);
    }

    #[test]
    fn a_normal_address_stays_as_it_is(local in "\\PC{1,20}", domain in "\\PC{1,20}") {
        if let Some(email) = normal_email(&format!("{local}@{domain}")) {
            prop_assert_eq!(normal_email(&email), Some(email));
        }
    }
}
