//! A line of Markdown.

use std::fmt::Write as _;

use crate::export::address::Address;
use crate::export::block::{Inline, Span, Style};

/// What always is a mark, or may be one in some dialect.
const SPECIAL: &str = "\\`*_[]<>#&|~${}";
/// What is a mark at the beginning of a line.
const SPECIAL_FIRST: &str = "+-=:";
/// Longest number of an item of a list, in digits.
const NUMBER_DIGITS_MAX: usize = 9;

/// Ends a line that goes on in the next.
const BREAK: &str = "\\\n";

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It may be broken.
    Line,
    /// It must not be broken.
    Heading,
    /// It must not be broken, but its text may.
    Cell,
}

/// A text without styles.
pub(super) fn escaped(text: &str, place: Place) -> String {
    let mut line = Line::new(place);
    line.text(text);
    line.finish()
}

/// A line with everything in it. `section` makes the names of its notes unique.
pub(super) fn written(inlines: &[Inline], section: usize, place: Place) -> String {
    let mut line = Line::new(place);
    let mut rest = inlines;
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            Inline::Break => line.end(),
            Inline::Note(number) => line.reference(section, *number),
            Inline::Text(Span { link: Some(link), .. }) => {
                let is_same =
                    |inline: &&Inline| matches!(inline, Inline::Text(span) if span.link.as_ref() == Some(link));
                let count = after.iter().take_while(is_same).count();
                let (linked, others) = after.split_at(count);
                line.link(link, std::iter::once(first).chain(linked));
                rest = others;
            }
            Inline::Text(span) => line.span(span),
        }
    }
    line.finish()
}

struct Line {
    text: String,
    /// Where the last line of it begins.
    start: usize,
    place: Place,
}

impl Line {
    fn new(place: Place) -> Self {
        Self { text: String::new(), start: 0, place }
    }

    /// All of it, without breaks that nothing follows.
    fn finish(mut self) -> String {
        loop {
            let text = self.text.trim_end_matches(' ');
            let (length, is_done) = match text.strip_suffix(BREAK) {
                Some(before) => (before.len(), false),
                None => (text.len(), true),
            };
            self.text.truncate(length);
            if is_done {
                return self.text;
            }
        }
    }

    /// What is written of the last line.
    fn so_far(&self) -> &str {
        &self.text[self.start..]
    }

    fn end(&mut self) {
        let length = self.text.trim_end_matches(' ').len();
        self.text.truncate(length.max(self.start));
        match self.place {
            // Nothing is there that could end.
            _ if self.so_far().is_empty() => {}
            Place::Line => {
                self.text.push_str(BREAK);
                self.start = self.text.len();
            }
            Place::Heading => self.text.push(' '),
            Place::Cell => self.text.push_str("<br>"),
        }
    }

    fn text(&mut self, text: &str) {
        for char in text.chars() {
            self.char(char);
        }
    }

    fn char(&mut self, char: char) {
        let so_far = self.so_far();
        let is_first = so_far.is_empty();
        if matches!(char, ' ' | '\t' | '\n' | '\r') {
            if !is_first {
                self.text.push(' ');
            }
            return;
        }
        let is_number =
            || (1..=NUMBER_DIGITS_MAX).contains(&so_far.len()) && so_far.bytes().all(|b| b.is_ascii_digit());
        let is_special = SPECIAL.contains(char)
            || (is_first && SPECIAL_FIRST.contains(char))
            || (matches!(char, '.' | ')') && is_number())
            // Behind a note these would make something else of it.
            || (matches!(char, '(' | ':') && so_far.ends_with(']'));
        if is_special {
            self.text.push('\\');
        }
        self.text.push(char);
    }

    /// An exclamation mark before a bracket would make it a picture.
    fn bracket(&mut self) {
        if self.so_far().ends_with('!') {
            self.text.pop();
            self.text.push_str("\\!");
        }
        self.text.push('[');
    }

    fn reference(&mut self, section: usize, number: usize) {
        self.bracket();
        // Writing to a string cannot fail.
        let _infallible = write!(self.text, "^{section}-{number}]");
    }

    fn link<'a>(&mut self, link: &Address, linked: impl Iterator<Item = &'a Inline>) {
        self.bracket();
        for inline in linked {
            if let Inline::Text(span) = inline {
                self.span(span);
            }
        }
        let address = link.as_str().replace('&', "&amp;");
        let _infallible = write!(self.text, "](<{address}>)");
    }

    /// Blanks at both ends are not styled: marks must stand at words.
    fn span(&mut self, span: &Span) {
        let is_blank = |char: char| char.is_whitespace();
        let core = span.text.trim_matches(is_blank);
        let (before, after) = match span.text.find(core).filter(|_| !core.is_empty()) {
            Some(at) => (&span.text[..at], &span.text[at + core.len()..]),
            None => (span.text.as_str(), ""),
        };
        self.text(before);
        if !core.is_empty() {
            self.styled(core, span.style);
        }
        self.text(after);
    }

    fn styled(&mut self, core: &str, style: Style) {
        let elements: [(bool, &str, &str); 5] = [
            (style.underline, "<u>", "</u>"),
            (style.strike, "<s>", "</s>"),
            (style.superscript, "<sup>", "</sup>"),
            (style.subscript, "<sub>", "</sub>"),
            (style.small_caps, "<span style=\"font-variant: small-caps\">", "</span>"),
        ];
        let used = || elements.iter().filter(|(is_used, ..)| *is_used);
        used().for_each(|(_, start, _)| self.text.push_str(start));
        self.emphasised(core, style);
        used().rev().for_each(|(_, _, end)| self.text.push_str(end));
    }

    /// With asterisks where they can be nothing but the marks that are meant: around letters, and not beside others.
    fn emphasised(&mut self, core: &str, style: Style) {
        let stands_at_word = core.starts_with(char::is_alphanumeric) && core.ends_with(char::is_alphanumeric);
        let are_clear = stands_at_word && !style.code && !self.so_far().ends_with(['*', '\\']);
        let (start, end) = match (style.bold, style.italic, are_clear) {
            (false, false, _) => ("", ""),
            (true, true, true) => ("***", "***"),
            (true, true, false) => ("<strong><em>", "</em></strong>"),
            (true, false, true) => ("**", "**"),
            (true, false, false) => ("<strong>", "</strong>"),
            (false, true, true) => ("*", "*"),
            (false, true, false) => ("<em>", "</em>"),
        };
        self.text.push_str(start);
        if style.code {
            self.code(core);
        } else {
            self.text(core);
        }
        self.text.push_str(end);
    }

    /// Between backticks, if nothing in the code could be taken for their end or for that of a cell.
    fn code(&mut self, code: &str) {
        if code.contains(['`', '|', '\n', '\r']) || self.so_far().ends_with(['`', '\\']) {
            self.text.push_str("<code>");
            self.text(code);
            self.text.push_str("</code>");
        } else {
            let _infallible = write!(self.text, "`{code}`");
        }
    }
}
