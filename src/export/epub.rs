//! EPUB 3.3, with a table of contents for readers of EPUB 2.
//!
//! Each section is a document of its own. The pictures that the text names are in the file, and no others.

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
