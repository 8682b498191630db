//! The sample book of development mode: a real novel, so that the first run shows something true.

use quire_protocol::command::{ChapterKind, Metadata};

use crate::import::{ImportedBook, ImportedText, chapter_id};

const TEXT: &str = include_str!("sample/pride-and-prejudice.txt");
const HEADING: &str = "Chapter ";
/// Between two scenes.
const BREAK: &str = "* * * * *";

/// "Pride and Prejudice".
pub fn book() -> ImportedBook {
    ImportedBook {
        title: "Pride and Prejudice".to_owned(),
        metadata: Metadata {
            authors: vec!["Jane Austen".to_owned()],
            language: Some("en".to_owned()),
            ..Metadata::default()
        },
        chapters: chapters(TEXT),
        pictures: Vec::new(),
        report: Vec::new(),
    }
}

/// What stands before the first heading (title and author) is left out.
fn chapters(text: &str) -> Vec<ImportedText> {
    let mut chapters: Vec<ImportedText> = Vec::new();
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        if is_heading(paragraph) {
            chapters.push(ImportedText {
                id: chapter_id(chapters.len() + 1),
                title: paragraph.to_owned(),
                kind: ChapterKind::Chapter,
                parent: None,
                html: format!("<h2>{paragraph}</h2>"),
            });
        } else if let Some(chapter) = chapters.last_mut() {
            let html = if paragraph == BREAK { "<hr>".to_owned() } else { format!("<p>{}</p>", line(paragraph)) };
            chapter.html.push_str(&html);
        }
    }
    chapters
}

fn is_heading(paragraph: &str) -> bool {
    paragraph.strip_prefix(HEADING).is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A paragraph as one line of HTML: escaped, `_emphasis_` marked.
fn line(paragraph: &str) -> String {
    let escaped = paragraph.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', " ");
    let pieces: Vec<&str> = escaped.split('_').collect();
    // A lone underscore is no emphasis.
    if pieces.len().is_multiple_of(2) {
        return escaped;
    }
    let marked = |(index, piece): (usize, &&str)| match index % 2 {
        0 => (*piece).to_owned(),
        _ => format!("<em>{piece}</em>"),
    };
    pieces.iter().enumerate().map(marked).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests;
