//! DOCX (ECMA-376), for those who go on in a word processor: text, styles, lists, tables, footnotes, links.
//!
//! Each section of the book is a section of the document: there it begins its page, and its footnotes begin at 1.
//! Headings have the styles that word processors make their outline and tables of contents from.

use super::archive::Archive;
use super::outline::Outline;
use super::picture::file_name;
use super::{ExportError, Manuscript};

mod body;
mod links;
mod numbering;
mod parts;
mod picture;
mod styles;
mod table;

/// The book as a DOCX.
pub fn docx(manuscript: &Manuscript) -> Result<Vec<u8>, ExportError> {
    let outline = Outline::new(manuscript);
    let mut body = body::Body::new(&manuscript.format, &manuscript.pictures, &outline.language.words());
    body.book(&outline);
    let document = body.finish();
    let mut archive = Archive::new();
    archive.add("[Content_Types].xml", parts::CONTENT_TYPES)?;
    archive.add("_rels/.rels", parts::RELATIONS)?;
    archive.add("docProps/core.xml", &parts::core(manuscript, &outline))?;
    archive.add("word/document.xml", &document.text)?;
    archive.add("word/_rels/document.xml.rels", &document.relations)?;
    archive.add("word/footnotes.xml", &document.notes)?;
    archive.add("word/_rels/footnotes.xml.rels", &document.note_relations)?;
    archive.add("word/numbering.xml", &document.numbering)?;
    archive.add("word/styles.xml", &styles::styles(&manuscript.format, &outline.language))?;
    archive.add("word/settings.xml", &parts::settings(&manuscript.format))?;
    for (id, picture) in &manuscript.pictures {
        if document.pictures.contains(id) {
            archive.add_bytes(&format!("word/media/{}", file_name(id, picture)), &picture.bytes)?;
        }
    }
    archive.into_bytes()
}
