//! Books from files (EPUB, DOCX, Markdown, HTML, plain text): chapters in reading order, titles, metadata, and text as
//! sanitised HTML.
//!
//! An EPUB says itself what its chapters are ([`assemble`]). Every other kind of file is read into a [`manuscript`],
//! one long text that is divided at its headings ([`split`]).
//!
//! A file is hostile until proven otherwise: nothing is written to disk, nothing outside the file is opened, every
//! size is bounded before it is used, and XML entities of a document type are never expanded. Pictures that are in the
//! file become pictures of the book ([`picture`]); the others are replaced by their descriptions.

use std::fmt;

use quire_protocol::command::{ChapterKind, Metadata};
use quire_protocol::{AssetId, ChapterId, Limits};

use crate::book::{Import, ImportedChapter, Whose};
use crate::picture::Picture;
use detect::Found;
use loss::Losses;
use picture::Pictures;

mod archive;
mod assemble;
mod contents;
mod detect;
mod document;
mod docx;
mod encoding;
mod hypertext;
mod kind;
mod loss;
mod manuscript;
mod markdown;
mod package;
mod picture;
mod plain;
mod progress;
mod remote;
mod split;
mod tree;

pub use loss::{Loss, LossKind};
pub use progress::{Progress, Stage, Tell, tell_nobody};
pub use remote::{Brought, RemoteError, import_remotely};

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Largest text of a chapter after it was sanitised, in bytes. How much the document that is made of it may weigh, the hub
/// says.
pub const TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Chapters and parts of one book.
pub const CHAPTERS_MAX: usize = 2_000;

/// A book that was read from a file, with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedBook {
    /// Its title.
    pub title: String,
    /// What it says about itself.
    pub metadata: Metadata,
    /// Its chapters in reading order; a part comes before its chapters.
    pub chapters: Vec<ImportedText>,
    /// Its pictures, each once; the text names them.
    pub pictures: Vec<(AssetId, Picture)>,
    /// What of the file could not be kept.
    pub report: Vec<Loss>,
}

/// A chapter with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedText {
    /// Its id, unique in the book.
    pub id: ChapterId,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: ChapterKind,
    /// The part it belongs to.
    pub parent: Option<ChapterId>,
    /// Its text: sanitised HTML; empty for a part, and only for a part.
    pub html: String,
}

impl ImportedBook {
    /// The book without its text: what the book's own log keeps.
    pub fn without_text(&self, whose: Whose) -> Import {
        let chapter = |text: &ImportedText| ImportedChapter {
            id: text.id.clone(),
            title: text.title.clone(),
            kind: text.kind,
            parent: text.parent.clone(),
        };
        Import {
            title: self.title.clone(),
            metadata: self.metadata.clone(),
            chapters: self.chapters.iter().map(chapter).collect(),
            whose,
        }
    }
}

/// The id of the `number`th chapter of an imported book.
pub(crate) fn chapter_id(number: usize) -> ChapterId {
    ChapterId::new(&format!("c{number:04}")).expect("a letter and digits are an id")
}

/// Why a file was not imported. `Display` is a fragment for a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// Over [`FILE_BYTES_MAX`].
    TooLarge,
    /// Not a ZIP archive, or a damaged one.
    NotAnArchive,
    /// The archive has more than this many entries.
    TooManyEntries(usize),
    /// An entry, or all that were read together, are larger than allowed when unpacked.
    TooMuchInside(String),
    /// A file that must be there is not.
    Missing(String),
    /// A file is not the XML it must be.
    Malformed(String),
    /// The text is encrypted.
    Encrypted,
    /// There is no text in it.
    Empty,
    /// More than [`CHAPTERS_MAX`] chapters.
    TooManyChapters,
    /// The text of this chapter is over [`TEXT_BYTES_MAX`].
    ChapterTooLarge(String),
    /// None of the kinds of file that are read.
    Unknown,
    /// It looks like a ZIP archive and is a damaged one.
    Damaged,
    /// A text in an encoding that is not understood.
    Encoding(String),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "the file is larger than {FILE_BYTES_MAX} bytes"),
            Self::NotAnArchive => f.write_str("the file is not an EPUB: not a readable ZIP archive"),
            Self::TooManyEntries(max) => write!(f, "the file has more than {max} entries"),
            Self::TooMuchInside(name) => write!(f, "{name:?} is too large when unpacked"),
            Self::Missing(name) => write!(f, "the file is not an EPUB: {name:?} is not in it"),
            Self::Malformed(name) => write!(f, "{name:?} in the file is malformed"),
            Self::Encrypted => f.write_str("the text of the file is encrypted"),
            Self::Empty => f.write_str("the file has no text"),
            Self::TooManyChapters => write!(f, "the book has more than {CHAPTERS_MAX} chapters"),
            Self::ChapterTooLarge(title) => write!(f, "the chapter {title:?} is larger than {TEXT_BYTES_MAX} bytes"),
            Self::Unknown => f.write_str("this is no EPUB, DOCX, Markdown, HTML or text file"),
            Self::Damaged => f.write_str("the file is damaged: not a readable ZIP archive"),
            Self::Encoding(name) => write!(f, "the encoding {name:?} is not understood; UTF-8 is"),
        }
    }
}

impl std::error::Error for ImportError {}

/// Reads a file of any kind; `name` is what it is called, if that is known. Takes a while for a large one: not for an
/// async task.
pub fn read(file: &[u8], name: Option<&str>) -> Result<ImportedBook, ImportError> {
    read_within(file, name, &Limits::default(), &tell_nobody())
}

/// [`read`] for a hub with its own limits for pictures, and for those who want to know how far it is.
pub fn read_within(file: &[u8], name: Option<&str>, limits: &Limits, tell: &Tell) -> Result<ImportedBook, ImportError> {
    if file.len() > FILE_BYTES_MAX {
        return Err(ImportError::TooLarge);
    }
    let mut pictures = Pictures::new(limits);
    let manuscript = match detect::detect(file, name)? {
        Found::Epub => return epub(file, pictures, tell),
        Found::Docx(mut archive, path) => docx::read(&mut archive, &path, &mut pictures)?,
        Found::Markdown(text) => markdown::read(&text, &mut pictures)?,
        Found::Html(text) => hypertext::read(&text, &mut pictures)?,
        Found::Plain(text) => plain::read(&text)?,
    };
    manuscript.into_book(name, pictures.finish())
}

/// Reads an EPUB. Takes a while for a large one: not for an async task.
pub fn read_epub(file: &[u8]) -> Result<ImportedBook, ImportError> {
    if file.len() > FILE_BYTES_MAX {
        return Err(ImportError::TooLarge);
    }
    epub(file, Pictures::new(&Limits::default()), &tell_nobody())
}

fn epub(file: &[u8], pictures: Pictures<'_>, tell: &Tell) -> Result<ImportedBook, ImportError> {
    let mut archive = archive::Archive::open(file)?;
    let package = package::read(&mut archive)?;
    let encrypted = archive.encrypted_names();
    if package.spine.iter().any(|path| encrypted.contains(path)) {
        return Err(ImportError::Encrypted);
    }
    let contents = contents::read(&mut archive, &package)?;
    let mut besides = assemble::Besides { pictures, losses: Losses::default(), tell };
    let chapters = assemble::chapters(&mut archive, &package, &contents, &mut besides)?;
    let (report, pictures) = (besides.losses.report(), besides.pictures.finish());
    Ok(ImportedBook { title: package.title, metadata: package.metadata, chapters, pictures, report })
}

#[cfg(test)]
mod tests;
