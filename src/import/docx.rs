//! DOCX: the text with its styles, lists, tables and notes, as elements of HTML.
//!
//! Names are compared without their prefixes, as writers choose different ones. [`body`] walks blocks and [`run`] what
//! is in a line; [`styles`] and [`lists`] say what a paragraph is.

use std::collections::HashMap;

use super::ImportError;
use super::archive::{Archive, resolve};
use super::manuscript::{Manuscript, description, metadata_line, metadata_lines, title_line};
use super::picture::{Pictures, Place};
use super::tree::Element;

mod body;
mod lists;
mod run;
mod styles;
mod table;
#[cfg(test)]
mod tests;

use body::Body;
use lists::Numbering;
use styles::Styles;

/// Tags and texts of one document: a long novel whose words were edited often has some hundred thousand runs.
pub(super) const DOCUMENT_NODES_MAX: usize = 1_500_000;

/// The path of the main document; `None` if the archive is no DOCX.
pub(super) fn main_path(archive: &mut Archive<'_>) -> Result<Option<String>, ImportError> {
    const USUAL: &str = "word/document.xml";
    if archive.has(USUAL) {
        return Ok(Some(USUAL.to_owned()));
    }
    let Some(root) = archive.xml_up_to("_rels/.rels", DOCUMENT_NODES_MAX)? else { return Ok(None) };
    let is_main = |kind: &str| kind.ends_with("/officeDocument");
    let main = root.elements().find(|link| link.attribute("Type").is_some_and(is_main));
    let path = main.and_then(|link| resolve("", link.attribute("Target")?)).map(|(path, _)| path);
    Ok(path.filter(|path| path.starts_with("word/") && archive.has(path)))
}

/// Reads the document at `path` and what it refers to.
pub(super) fn read(
    archive: &mut Archive<'_>,
    path: &str,
    pictures: &mut Pictures<'_>,
) -> Result<Manuscript, ImportError> {
    let links = Links::read(archive, path)?;
    let beside = |kind: &str| links.files.get(kind).cloned();
    let part = |archive: &mut Archive<'_>, kind: &str| match beside(kind) {
        Some(path) => archive.xml_up_to(&path, DOCUMENT_NODES_MAX),
        None => Ok(None),
    };
    let styles = part(archive, "styles")?.map(|root| Styles::new(&root)).unwrap_or_default();
    let numbering = part(archive, "numbering")?.map(|root| Numbering::new(&root)).unwrap_or_default();
    let mut manuscript = Manuscript::default();
    for (kind, name, sign) in [("footnotes", "footnote", 'f'), ("endnotes", "endnote", 'e')] {
        let Some(root) = part(archive, kind)? else { continue };
        let links = beside(kind).map(|path| Links::read(archive, &path)).transpose()?.unwrap_or_default();
        for element in root.elements().filter(|element| element.name == name) {
            let Some(id) = element.local_attribute("id") else { continue };
            let mut body = Body::new(&styles, &numbering, &links, &mut manuscript.losses);
            let mut text = body.blocks(element);
            pictures.settle(&mut text, &mut Place::Within(archive), &mut manuscript.losses);
            manuscript.notes.insert(format!("{sign}{id}"), text);
        }
    }
    let document = archive.xml_up_to(path, DOCUMENT_NODES_MAX)?;
    let document = document.ok_or_else(|| ImportError::Missing(path.to_owned()))?;
    let root = document.child("body").ok_or_else(|| ImportError::Malformed(path.to_owned()))?;
    let mut body = Body::new(&styles, &numbering, &links, &mut manuscript.losses);
    manuscript.nodes = body.blocks(root);
    let (title, subtitle) = (body.title.take(), body.subtitle.take());
    pictures.settle(&mut manuscript.nodes, &mut Place::Within(archive), &mut manuscript.losses);
    if let Some(core) = archive.xml_up_to("docProps/core.xml", DOCUMENT_NODES_MAX)? {
        add_core(&mut manuscript, &core);
    }
    manuscript.metadata.subtitle = subtitle.as_deref().and_then(metadata_line);
    if let Some(title) = title {
        manuscript.title = title_line(&title);
        manuscript.title_is_certain = true;
    }
    Ok(manuscript)
}

/// What the properties of the file say. Their title is often that of a template, so a heading goes before it.
fn add_core(manuscript: &mut Manuscript, core: &Element) {
    let text = |name: &str| core.child(name).map(Element::text).unwrap_or_default();
    manuscript.title = title_line(&text("title"));
    let metadata = &mut manuscript.metadata;
    metadata.authors = metadata_lines(text("creator").split(';'));
    metadata.language = metadata_line(&text("language"));
    metadata.description = description(&text("description"));
    let words = [text("subject"), text("keywords")];
    metadata.keywords = metadata_lines(words.iter().flat_map(|words| words.split([',', ';'])));
}

/// What a document refers to.
#[derive(Default)]
struct Links {
    /// Addresses outside, by id.
    addresses: HashMap<String, String>,
    /// Paths inside, by the last word of their type.
    files: HashMap<String, String>,
    /// Where pictures are, by id: a path inside, or an address.
    pictures: HashMap<String, String>,
}

impl Links {
    fn read(archive: &mut Archive<'_>, path: &str) -> Result<Self, ImportError> {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let mut links = Self::default();
        let Some(root) = archive.xml_up_to(&format!("{folder}/_rels/{file}.rels"), DOCUMENT_NODES_MAX)? else {
            return Ok(links);
        };
        for link in root.elements() {
            let (Some(id), Some(target)) = (link.attribute("Id"), link.attribute("Target")) else { continue };
            let kind = link.attribute("Type").and_then(|kind| kind.rsplit('/').next()).unwrap_or_default();
            if kind == "hyperlink" {
                links.addresses.insert(id.to_owned(), target.to_owned());
            } else if kind == "image" && link.attribute("TargetMode").is_some() {
                links.pictures.insert(id.to_owned(), target.to_owned());
            } else if let Some((inside, _)) = resolve(path, target).filter(|_| link.attribute("TargetMode").is_none()) {
                if kind == "image" {
                    links.pictures.insert(id.to_owned(), inside.clone());
                }
                links.files.insert(kind.to_owned(), inside);
            }
        }
        Ok(links)
    }
}

/// The `val` of a child.
fn value<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.child(name)?.local_attribute("val")
}

/// Whether a child switches something on or off; `None` if it says nothing.
fn switch(element: &Element, name: &str) -> Option<bool> {
    let child = element.child(name)?;
    Some(!matches!(child.local_attribute("val"), Some("0" | "false" | "off" | "none")))
}
