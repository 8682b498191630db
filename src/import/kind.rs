//! Whether a text is front matter, a chapter or back matter.

use quire_protocol::command::ChapterKind;

/// Semantic types of EPUB (and the guide's of EPUB 2) that are front matter.
const FRONT_TYPES: [&str; 15] = [
    "frontmatter",
    "cover",
    "titlepage",
    "title-page",
    "halftitlepage",
    "copyright-page",
    "copyright",
    "imprint",
    "dedication",
    "epigraph",
    "foreword",
    "preface",
    "toc",
    "loi",
    "lot",
];
/// Those that are back matter.
const BACK_TYPES: [&str; 14] = [
    "backmatter",
    "appendix",
    "afterword",
    "acknowledgments",
    "acknowledgements",
    "bibliography",
    "glossary",
    "index",
    "colophon",
    "endnotes",
    "rearnotes",
    "footnotes",
    "notes",
    "contributors",
];
/// Those that are the body.
const BODY_TYPES: [&str; 6] = ["bodymatter", "chapter", "text", "prologue", "epilogue", "introduction"];
/// Titles, where nothing else tells.
const FRONT_TITLES: [&str; 12] = [
    "cover",
    "title page",
    "half title",
    "copyright",
    "copyright page",
    "copyright notice",
    "imprint",
    "dedication",
    "epigraph",
    "foreword",
    "contents",
    "table of contents",
];
const BACK_TITLES: [&str; 12] = [
    "afterword",
    "acknowledgments",
    "acknowledgements",
    "bibliography",
    "references",
    "glossary",
    "index",
    "colophon",
    "notes",
    "endnotes",
    "footnotes",
    "about the author",
];

/// The kind that a list of semantic types tells; the more special ones come first in practice.
pub(super) fn of_types(types: &str) -> Option<ChapterKind> {
    types.split_whitespace().find_map(|name| {
        let is_in = |list: &[&str]| list.contains(&name);
        if is_in(&FRONT_TYPES) {
            Some(ChapterKind::Front)
        } else if is_in(&BACK_TYPES) {
            Some(ChapterKind::Back)
        } else if is_in(&BODY_TYPES) {
            Some(ChapterKind::Chapter)
        } else {
            None
        }
    })
}

/// The kind that a title tells.
pub(super) fn of_title(title: &str) -> ChapterKind {
    let title = title.trim_end_matches(['.', ':']).to_lowercase();
    let first_word = title.split(|char: char| !char.is_alphanumeric()).next().unwrap_or_default();
    if FRONT_TITLES.contains(&title.as_str()) || first_word == "preface" {
        ChapterKind::Front
    } else if BACK_TITLES.contains(&title.as_str()) || matches!(first_word, "appendix" | "appendices") {
        ChapterKind::Back
    } else {
        ChapterKind::Chapter
    }
}

/// Words for a part, as they begin its title.
const PART_WORDS: [&str; 4] = ["part", "teil", "partie", "parte"];
/// Numbers as words, as far as books have parts.
const NUMBER_WORDS: [&str; 20] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "first",
    "second", "third", "fourth", "fifth", "sixth", "seventh", "last",
];

/// Whether a title says that it is a part's: "Part One", "PART II: The Sea", but not "Part of the Plan".
pub(super) fn is_part(title: &str) -> bool {
    let title = title.to_lowercase();
    let mut words = title.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_named = words.next().is_some_and(|word| PART_WORDS.contains(&word));
    is_named && words.find(|word| *word != "the").is_some_and(is_number)
}

/// Whether a word in small letters is a number: of digits, Roman, or spelled out.
pub(super) fn is_number(word: &str) -> bool {
    let all = |is: fn(&u8) -> bool| word.bytes().all(|byte| is(&byte));
    all(u8::is_ascii_digit) || all(|byte| b"ivxlc".contains(byte)) || NUMBER_WORDS.contains(&word)
}
