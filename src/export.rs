//! A book as a file: EPUB, one page of HTML, Markdown, plain text, DOCX; what a press makes a PDF of; and HTML as a
//! chapter's tree.
//!
//! Everything here is pure. What varies between two runs (the identifier, the time) is given, so the same manuscript
//! makes the same bytes. A manuscript comes from people: whatever it holds, a file comes out of it that its readers
//! accept. Names of elements and marks that nobody here knows lose their meaning and keep their text.
//!
//! [`outline`] puts sections in order and reads their trees into [`block`]s; each kind of file is written from those.
//! Nothing but [`read`] knows the editor's names, and nothing but [`markup`] escapes text for XML.

use std::fmt;

use quire_protocol::command::{ChapterKind, Metadata};
use quire_protocol::id::Timestamp;
use quire_protocol::{ChapterId, Format};
use uuid::Uuid;
use zip::result::ZipError;

use crate::scribe::tree::Node;

mod address;
mod archive;
mod block;
pub(crate) mod date;
mod docx;
mod epub;
mod from_html;
mod html;
mod hypertext;
mod markdown;
mod markup;
mod numeral;
mod outline;
mod picture;
mod plain;
mod press;
mod read;
mod style;
#[cfg(test)]
mod tests;
mod weight;
mod words;

pub use docx::docx;
pub use epub::epub;
pub use from_html::{from_html, has_room};
pub use html::{html, preview};
pub use markdown::markdown;
pub use picture::{Pictures, named};
pub use plain::plain;
pub use press::press;

/// Most that a manuscript may weigh: the memory that its file may take, bytes.
const WEIGHT_MAX: u64 = 512 * 1024 * 1024;

/// What kinds of files there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// EPUB 3.
    Epub,
    /// Office Open XML.
    Docx,
    /// One page.
    Html,
    /// What is on that page, to be shown in another one.
    Preview,
    /// `CommonMark` with tables and footnotes.
    Markdown,
    /// Plain text.
    Text,
    /// Pages, made by a press from what is written here.
    Pdf,
}

impl FileKind {
    /// Those that may be taken away.
    pub const ALL: [Self; 6] = [Self::Epub, Self::Pdf, Self::Docx, Self::Html, Self::Markdown, Self::Text];

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Epub => "epub",
            Self::Docx => "docx",
            Self::Html => "html",
            Self::Preview => "preview",
            Self::Markdown => "markdown",
            Self::Text => "text",
            Self::Pdf => "pdf",
        }
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Epub => "epub",
            Self::Docx => "docx",
            Self::Html | Self::Preview => "html",
            Self::Markdown => "md",
            Self::Text => "txt",
            Self::Pdf => "pdf",
        }
    }

    /// The media type over HTTP.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Epub => "application/epub+zip",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Html | Self::Preview => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Pdf => "application/pdf",
        }
    }
}

/// A manuscript as a file of this kind; for a PDF, the job of the press.
pub fn write(kind: FileKind, manuscript: &Manuscript) -> Result<Vec<u8>, ExportError> {
    let trees = manuscript.sections.iter().map(|section| &section.tree[..]);
    let text: u64 = trees.clone().map(weight::of).sum();
    if text + picture::weight(kind, &manuscript.pictures, trees) > WEIGHT_MAX {
        return Err(ExportError(None));
    }
    match kind {
        FileKind::Epub => epub(manuscript),
        FileKind::Docx => docx(manuscript),
        FileKind::Html => Ok(html(manuscript).into_bytes()),
        FileKind::Preview => Ok(preview(manuscript).into_bytes()),
        FileKind::Markdown => Ok(markdown(manuscript).into_bytes()),
        FileKind::Text => Ok(plain(manuscript).into_bytes()),
        FileKind::Pdf => press(manuscript),
    }
}

/// All that goes into a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Manuscript {
    /// What tells this book from all others, in each of its editions.
    pub identifier: Uuid,
    /// Its title.
    pub title: String,
    /// What it says about itself. A language that is no BCP 47 tag counts as none.
    pub metadata: Metadata,
    /// Who may do what with it, as printed.
    pub rights: Option<String>,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Its parts and chapters in reading order.
    pub sections: Vec<Section>,
    /// Its pictures. Their bytes may be missing for files that hold none ([`FileKind::holds_pictures`]); one that is
    /// not here at all is what is to be seen on it.
    pub pictures: Pictures,
    /// What it looks like.
    pub format: Format,
}

/// A chapter or a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Its id, unique in the book.
    pub id: ChapterId,
    /// What it is.
    pub kind: ChapterKind,
    /// Its title; may be empty.
    pub title: String,
    /// The part it belongs to. One that is not in the book counts as none.
    pub parent: Option<ChapterId>,
    /// Its text.
    pub tree: Vec<Node>,
}

/// Why no file was made: it, or a file in it, is larger than such files can be.
#[derive(Debug)]
pub struct ExportError(Option<ZipError>);

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the book is too large for a file of this kind")
    }
}

impl std::error::Error for ExportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.as_ref().map(|error| error as &(dyn std::error::Error + 'static))
    }
}
