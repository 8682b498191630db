//! Texts and lists from outside: cleaned, measured against their limits, refused with the limit's name.

use quire_protocol::codec::Blob;
use quire_protocol::command::{Anchor, Metadata, Relative};
use quire_protocol::{Limits, Rejection, text};

use crate::chapter::guard::{self, Profile};

/// Refuses what is larger than a limit.
pub(super) fn at_most(size: usize, limit: &str, max: usize) -> Result<(), Rejection> {
    if size <= max { Ok(()) } else { Err(Rejection::TooLarge { limit: limit.into(), max: number(max) }) }
}

/// Refuses one more where there are as many as there may be.
pub(super) fn room_for_one(used: usize, limit: &str, max: usize) -> Result<(), Rejection> {
    if used < max {
        Ok(())
    } else {
        Err(Rejection::LimitReached { limit: limit.into(), max: number(max), used: number(used) })
    }
}

fn number(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

fn chars_at_most(text: &str, limit: &str, max: usize) -> Result<(), Rejection> {
    at_most(text.chars().count(), limit, max)
}

/// The title of a book or chapter: one line that is not empty.
pub(super) fn title(raw: &str, limits: &Limits) -> Result<String, Rejection> {
    let title = text::clean_line(raw);
    chars_at_most(&title, "title_chars", limits.title_chars)?;
    if title.is_empty() { Err(Rejection::invalid("title", "it is empty")) } else { Ok(title) }
}

/// A word to somebody: one line, `None` if nothing is left of it.
pub(super) fn note(raw: Option<&str>, limits: &Limits) -> Result<Option<String>, Rejection> {
    let note = raw.map(text::clean_line).filter(|note| !note.is_empty());
    chars_at_most(note.as_deref().unwrap_or_default(), "note_chars", limits.note_chars)?;
    Ok(note)
}

/// The body of a comment.
pub(super) fn body(raw: &str, limits: &Limits) -> Result<String, Rejection> {
    let body = text::clean_body(raw);
    chars_at_most(&body, "comment_chars", limits.comment_chars)?;
    if body.is_empty() { Err(Rejection::invalid("body", "it is empty")) } else { Ok(body) }
}

/// An anchor is kept as it came: its texts must equal the chapter's, character by character. Its positions must be some;
/// whether they are found is another question.
pub(super) fn anchor(anchor: &Anchor, limits: &Limits) -> Result<(), Rejection> {
    chars_at_most(&anchor.quote, "quote_chars", limits.quote_chars)?;
    chars_at_most(&anchor.prefix, "context_chars", limits.context_chars)?;
    chars_at_most(&anchor.suffix, "context_chars", limits.context_chars)?;
    let Some(Relative { start, end, .. }) = anchor.relative.as_deref() else { return Ok(()) };
    position(start, "anchor.relative.start")?;
    position(end, "anchor.relative.end")
}

fn position(position: &Blob, field: &str) -> Result<(), Rejection> {
    let checked = guard::check_position(&position.0, &Profile::prosemirror_xml());
    checked.map_err(|fault| Rejection::invalid(field, fault.to_string()))
}

/// Cleaned categories, each once.
fn categories(raw: &[String], limits: &Limits) -> Result<Vec<String>, Rejection> {
    at_most(raw.len(), "categories_per_book", limits.categories_per_book)?;
    let mut kept: Vec<String> = Vec::with_capacity(raw.len());
    for category in raw.iter().map(|category| text::clean_line(category)).filter(|category| !category.is_empty()) {
        chars_at_most(&category, "title_chars", limits.title_chars)?;
        if !kept.iter().any(|known| text::folded(known) == text::folded(&category)) {
            kept.push(category);
        }
    }
    Ok(kept)
}

/// Cleaned metadata; texts of which nothing is left are absent.
pub(super) fn metadata(raw: Metadata, limits: &Limits) -> Result<Metadata, Rejection> {
    let line = |raw: Option<String>| -> Result<Option<String>, Rejection> {
        let line = raw.as_deref().map(text::clean_line).filter(|line| !line.is_empty());
        chars_at_most(line.as_deref().unwrap_or_default(), "metadata_chars", limits.metadata_chars)?;
        Ok(line)
    };
    let lines = |raw: Vec<String>| -> Result<Vec<String>, Rejection> {
        at_most(raw.len(), "metadata_entries", limits.metadata_entries)?;
        raw.into_iter().filter_map(|entry| line(Some(entry)).transpose()).collect()
    };
    let description = raw.description.as_deref().map(text::clean_body).filter(|body| !body.is_empty());
    chars_at_most(description.as_deref().unwrap_or_default(), "description_chars", limits.description_chars)?;
    Ok(Metadata {
        subtitle: line(raw.subtitle)?,
        authors: lines(raw.authors)?,
        language: line(raw.language)?,
        description,
        publisher: line(raw.publisher)?,
        isbn: line(raw.isbn)?,
        keywords: lines(raw.keywords)?,
        categories: categories(&raw.categories, limits)?,
    })
}
