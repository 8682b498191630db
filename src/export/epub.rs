//! EPUB 3.3, with a table of contents for readers of EPUB 2.
//!
//! Each section is a document of its own. The pictures that the text names are in the file, and no others. WebP is one
//! of the kinds that every reader shows only since EPUB 3.3: for older ones it has a fallback, on which is nothing.

use quire_protocol::AssetId;

use super::archive::Archive;
use super::hypertext::PICTURES;
use super::outline::Outline;
use super::picture::{file_name, named};
use super::{ExportError, Manuscript, style};
use crate::picture::Picture;

mod contents;
mod package;
mod page;

const CONTAINER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles>\
    <rootfile full-path=\"EPUB/package.opf\" media-type=\"application/oebps-package+xml\"/>\
    </rootfiles></container>\n";

/// What readers show that do not know a kind of picture.
const NOTHING: &str = "images/nothing.png";

/// The book as an EPUB.
pub fn epub(manuscript: &Manuscript) -> Result<Vec<u8>, ExportError> {
    let outline = Outline::new(manuscript);
    let mut archive = Archive::new();
    archive.add_stored("mimetype", "application/epub+zip")?;
    archive.add("META-INF/container.xml", CONTAINER)?;
    let pictures = shown(manuscript);
    archive.add("EPUB/package.opf", &package::package(manuscript, &outline, &pictures))?;
    archive.add("EPUB/nav.xhtml", &contents::nav(&outline))?;
    archive.add("EPUB/toc.ncx", &contents::ncx(manuscript, &outline))?;
    archive.add("EPUB/style.css", &style::epub(&manuscript.format))?;
    archive.add("EPUB/title.xhtml", &page::title(&outline))?;
    for entry in &outline.entries {
        archive.add(&format!("EPUB/{}", page::name(entry)), &page::section(manuscript, &outline, entry))?;
    }
    if pictures.iter().any(|(_, picture)| package::is_young(picture)) {
        archive.add_bytes(&format!("EPUB/{NOTHING}"), include_bytes!("epub/nothing.png"))?;
    }
    for (id, picture) in pictures {
        // Compressed already.
        archive.add_bytes(&format!("EPUB/{PICTURES}/{}", file_name(id, picture)), &picture.bytes)?;
    }
    archive.into_bytes()
}

/// The pictures that the text names, as far as the book has them.
fn shown(manuscript: &Manuscript) -> Vec<(&AssetId, &Picture)> {
    let named = named(manuscript.sections.iter().map(|section| &section.tree[..]));
    manuscript.pictures.iter().filter(|(id, _)| named.contains(id)).collect()
}
