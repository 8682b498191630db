//! The job for the press, which sets a book in type: the book as JSON, in `MessagePack` with the files that it shows.
//!
//! `press/README.md` says what the JSON holds. It holds words and never code; what the press could stumble over (blocks
//! in blocks without end, tables whose cells overlap, addresses without end) is made plain here.

use bytes::Bytes;
use quire_protocol::AssetId;
use quire_protocol::command::ChapterKind;
use serde::Serialize;
use std::collections::BTreeMap;

use super::outline::{Entry, Outline};
use super::{ExportError, Manuscript, date};
use crate::picture::Picture;
use quire_protocol::format::Format;

mod line;
mod piece;
mod table;

use line::{Words, words};
use piece::{Piece, pieces};

/// Largest book that the press takes, bytes of JSON.
const BOOK_BYTES_MAX: usize = 64 << 20;

/// What the press reads.
#[derive(Serialize)]
struct Job {
    book: Bytes,
    files: BTreeMap<String, Bytes>,
}

#[derive(Serialize)]
struct Book<'a> {
    title: &'a str,
    subtitle: Option<&'a str>,
    authors: &'a [String],
    publisher: Option<&'a str>,
    rights: Option<&'a str>,
    keywords: Vec<String>,
    /// Two or three letters.
    language: String,
    /// Two letters.
    region: Option<String>,
    right_to_left: bool,
    /// Year, month, day, hour, minute and second of its last change.
    date: [u64; 6],
    words: Fixed,
    page: Page,
    /// `None`: the format says what is drawn instead.
    ornament: Option<&'static str>,
    format: &'a Format,
    sections: Vec<Section<'a>>,
}

/// Words that nobody wrote.
#[derive(Serialize)]
struct Fixed {
    contents: &'static str,
}

/// In tenths of a millimetre.
#[derive(Serialize)]
struct Page {
    width: u32,
    height: u32,
    margin: u32,
}

#[derive(Serialize)]
struct Section<'a> {
    place: usize,
    kind: ChapterKind,
    inside: bool,
    number: Option<&'a str>,
    title: &'a str,
    label: String,
    blocks: Vec<Piece<'a>>,
    notes: Vec<Words<'a>>,
}

/// What the press is given, so that it makes a PDF of the manuscript.
pub fn press(manuscript: &Manuscript) -> Result<Vec<u8>, ExportError> {
    let outline = Outline::new(manuscript);
    let book = serde_json::to_vec(&book(manuscript, &outline)).expect("its maps have strings for keys");
    if book.len() > BOOK_BYTES_MAX {
        return Err(ExportError(None));
    }
    let file = |(id, picture): (&AssetId, &Picture)| (id.to_string(), picture.bytes.clone());
    let job = Job { book: book.into(), files: manuscript.pictures.iter().map(file).collect() };
    Ok(rmp_serde::to_vec_named(&job).expect("it is data, and memory takes any of it"))
}

fn book<'a>(manuscript: &'a Manuscript, outline: &'a Outline) -> Book<'a> {
    let format = &manuscript.format;
    let (width, height) = format.trim.size_tenths_mm();
    let keywords = manuscript.metadata.keywords.iter().map(|keyword| super::read::line_of(keyword));
    Book {
        title: &outline.title,
        subtitle: outline.subtitle.as_deref(),
        authors: &outline.authors,
        publisher: outline.publisher.as_deref(),
        rights: outline.rights.as_deref(),
        keywords: keywords.filter(|keyword| !keyword.is_empty()).collect(),
        language: outline.language.primary(),
        region: outline.language.region(),
        right_to_left: outline.language.is_right_to_left(),
        date: date::parts(manuscript.modified),
        words: Fixed { contents: outline.language.words().contents },
        page: Page { width, height, margin: format.margins.width_tenths_mm() },
        ornament: Some(format.ornament.text()).filter(|text| !text.is_empty()),
        format,
        sections: outline.entries.iter().map(section).collect(),
    }
}

fn section(entry: &Entry) -> Section<'_> {
    Section {
        place: entry.place,
        kind: entry.kind,
        inside: entry.is_inside,
        number: entry.number.as_deref(),
        title: &entry.title,
        label: entry.label(),
        blocks: pieces(&entry.body.blocks),
        notes: entry.body.notes.iter().map(|note| words(note)).collect(),
    }
}
