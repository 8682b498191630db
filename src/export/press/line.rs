//! What stands in a line, for the press.

use std::borrow::Cow;

use serde::Serialize;

use crate::export::block::{Inline, Span, Style};

/// Longest address that is a link, bytes.
const LINK_BYTES_MAX: usize = 4_000;

/// A line: strings, and what is more than a string.
pub(super) type Words<'a> = Vec<Word<'a>>;

#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Word<'a> {
    Plain(Cow<'a, str>),
    Styled {
        text: Cow<'a, str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        style: Vec<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        link: Option<&'a str>,
    },
    /// The number of a footnote, from 1.
    Note {
        note: usize,
    },
    Break {
        #[serde(rename = "break")]
        ends: bool,
    },
}

/// A line whose blanks are single, as other readers show it.
pub(super) fn words(line: &[Inline]) -> Words<'_> {
    let mut after_blank = true;
    let mut words = Words::with_capacity(line.len());
    for inline in line {
        match inline {
            Inline::Text(span) => {
                let text = single_blanks(&span.text, &mut after_blank);
                if !text.is_empty() {
                    words.push(word(span, text));
                }
            }
            Inline::Break => {
                after_blank = true;
                words.push(Word::Break { ends: true });
            }
            Inline::Note(note) => {
                after_blank = false;
                words.push(Word::Note { note: *note });
            }
        }
    }
    words
}

fn word<'a>(span: &'a Span, text: Cow<'a, str>) -> Word<'a> {
    let link = span.link.as_ref().and_then(|link| link.absolute()).filter(|link| link.len() <= LINK_BYTES_MAX);
    if span.style == Style::default() && link.is_none() {
        return Word::Plain(text);
    }
    let style = &span.style;
    let all = [
        (style.bold, "bold"),
        (style.italic, "italic"),
        (style.underline, "underline"),
        (style.strike, "strike"),
        (style.code, "code"),
        (style.superscript, "superscript"),
        (style.subscript, "subscript"),
        (style.small_caps, "small_caps"),
    ];
    let style = all.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name).collect();
    Word::Styled { text, style, link }
}

/// A text without ends of lines, and without blanks that follow each other. Those that do not break a line stay.
fn single_blanks<'a>(text: &'a str, after_blank: &mut bool) -> Cow<'a, str> {
    let is_blank =
        |char: char| matches!(char, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut before = *after_blank;
    let is_fine = text.chars().all(|char| {
        let fine = char == ' ' && !before || !is_blank(char);
        before = is_blank(char);
        fine
    });
    if is_fine {
        *after_blank = before;
        return Cow::Borrowed(text);
    }
    let mut single = String::with_capacity(text.len());
    for char in text.chars() {
        match (is_blank(char), *after_blank) {
            (true, true) => {}
            (true, false) => single.push(' '),
            (false, _) => single.push(char),
        }
        *after_blank = is_blank(char);
    }
    Cow::Owned(single)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_single_across_spans() {
        let mut after = true;
        let texts = ["  a \n", "\tb", "c  d", "\u{a0} e", " "].map(|text| single_blanks(text, &mut after));
        assert_eq!(texts, ["a ", "b", "c d", "\u{a0} e", " "]);
        assert!(matches!(texts[1], Cow::Owned(_)) && matches!(texts[3], Cow::Borrowed(_)));
    }
}
