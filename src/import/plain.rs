//! Plain text: paragraphs between blank lines, and the lines that are headings.

use super::manuscript::Manuscript;
use super::tree::{Element, NODES_MAX, Node};
use super::{ImportError, kind};

/// A heading is short: a longer line is a sentence that begins with a word like "Chapter".
const HEADING_CHARS_MAX: usize = 80;
/// Titles that stand alone.
const HEADINGS: [&str; 9] = [
    "prologue",
    "epilogue",
    "preface",
    "foreword",
    "introduction",
    "afterword",
    "acknowledgments",
    "acknowledgements",
    "dedication",
];

pub(super) fn read(text: &str) -> Result<Manuscript, ImportError> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let has_blank_lines = {
        let first = lines.iter().position(|line| !line.is_empty()).unwrap_or_default();
        let last = lines.iter().rposition(|line| !line.is_empty()).unwrap_or_default();
        lines.get(first..last).is_some_and(|inner| inner.iter().any(|line| line.is_empty()))
    };
    let paragraphs: Vec<&[&str]> = if has_blank_lines {
        lines.split(|line| line.is_empty()).filter(|paragraph| !paragraph.is_empty()).collect()
    } else {
        lines.chunks(1).filter(|line| !line[0].is_empty()).collect()
    };
    // A paragraph is an element and a text.
    if paragraphs.len() > NODES_MAX / 2 {
        return Err(ImportError::TooMuchInside("the text".to_owned()));
    }
    let nodes = paragraphs.into_iter().map(|lines| Node::Element(block(lines))).collect();
    Ok(Manuscript { nodes, ..Manuscript::default() })
}

fn block(lines: &[&str]) -> Element {
    let text = |text: String| vec![Node::Text(text)];
    match lines {
        [line] if is_scene_break(line) => Element::new("hr", Vec::new()),
        [line] if is_heading(line) => Element::new("h1", text((*line).to_owned())),
        // "CHAPTER 12" with its name in the line below it.
        [line, name] if is_numbered(line) && name.chars().count() <= HEADING_CHARS_MAX => {
            Element::new("h1", text(format!("{}: {name}", line.trim_end_matches(['.', ':']))))
        }
        lines => Element::new("p", text(lines.join(" "))),
    }
}

/// Whether a line is nothing but asterisks: the sign that a new scene begins.
pub(super) fn is_scene_break(line: &str) -> bool {
    let mut signs = line.chars().filter(|char| !char.is_whitespace()).peekable();
    let is_single = matches!(line.trim(), "⁂");
    is_single || (line.matches('*').count() >= 3 && signs.all(|char| char == '*'))
}

fn is_heading(line: &str) -> bool {
    if line.chars().count() > HEADING_CHARS_MAX {
        return false;
    }
    let words = line.to_lowercase();
    let alone = words.trim_end_matches(['.', ':']);
    let is_number = |digits: &str| (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number(alone) || HEADINGS.contains(&alone) || is_chapter(&words) || (kind::is_part(line) && is_title(line))
}

/// "Chapter 12", "CHAPTER ONE: A Title", "Chapter Twenty-One. Another", but not "Chapter two was boring."
fn is_chapter(words: &str) -> bool {
    let Some(rest) = words.strip_prefix("chapter ") else { return false };
    let rest = rest.trim_start();
    let end = rest.find([':', '.', '—', '–', ' ']).unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    is_spelled_number(number) && is_title_after(after)
}

/// "Chapter 12" or "Part II" and nothing else.
fn is_numbered(line: &str) -> bool {
    let words = line.trim_end_matches(['.', ':']).to_lowercase();
    let Some((word, number)) = words.split_once(' ') else { return false };
    matches!(word, "chapter" | "part") && is_spelled_number(number)
}

fn is_title(line: &str) -> bool {
    let mut words = line.splitn(3, ' ');
    let number = words.nth(1).unwrap_or_default();
    let ends = number.ends_with([':', '.', '—', '–']);
    words.next().is_none_or(|rest| ends || is_title_after(&format!(" {rest}")))
}

/// What may follow the number of a chapter: nothing, or a sign with a title behind it.
fn is_title_after(after: &str) -> bool {
    let after = after.trim();
    after.is_empty() || after.starts_with([':', '.', '—', '–', '-'])
}

/// Digits, Roman, or spelled out up to "ninety-nine", in small letters.
fn is_spelled_number(word: &str) -> bool {
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    const TEENS: [&str; 8] =
        ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "hundred"];
    let is_word = |word: &str| TENS.contains(&word) || TEENS.contains(&word) || kind::is_number(word);
    !word.is_empty() && word.split('-').all(is_word)
}
