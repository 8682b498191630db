//! The table of contents, of EPUB 3 (a list of links) or EPUB 2 (NCX), and the landmarks.

use std::collections::HashMap;

use quire_protocol::Limits;
use quire_protocol::text::clean_line;

use super::ImportError;
use super::archive::{Archive, resolve};
use super::package::{Package, cut, has_word};
use super::tree::Element;

/// A line of the table of contents.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) title: String,
    /// Where it leads; a heading of several may lead nowhere.
    pub(super) target: Option<(String, Option<String>)>,
    pub(super) children: Vec<Entry>,
}

/// The table of contents, and what some files are.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) entries: Vec<Entry>,
    pub(super) landmarks: HashMap<String, String>,
}

/// Reads whatever table there is; a damaged one counts as none.
pub(super) fn read(archive: &mut Archive<'_>, package: &Package) -> Result<Contents, ImportError> {
    let mut contents = Contents { entries: Vec::new(), landmarks: package.guide.clone() };
    if let Some(path) = &package.nav
        && let Some(root) = tree_or_none(archive.xml(path))?
    {
        let nav =
            |kind| root.descendants().find(move |nav| nav.name == "nav" && has_word(nav.attribute("epub:type"), kind));
        contents.entries =
            nav("toc").and_then(|nav| nav.child("ol")).map(|list| list_entries(list, path)).unwrap_or_default();
        let marks = nav("landmarks").into_iter().flat_map(Element::descendants).filter(|element| element.name == "a");
        contents.landmarks.extend(marks.filter_map(|mark| {
            let (file, _) = resolve(path, mark.attribute("href")?)?;
            Some((file, mark.attribute("epub:type")?.to_lowercase()))
        }));
    }
    if let Some(path) = package.ncx.as_ref().filter(|_| contents.entries.is_empty())
        && let Some(root) = tree_or_none(archive.xml(path))?
    {
        contents.entries = root.child("navMap").map(|map| points(map, path)).unwrap_or_default();
    }
    Ok(contents)
}

fn tree_or_none(tree: Result<Element, ImportError>) -> Result<Option<Element>, ImportError> {
    match tree {
        Ok(tree) => Ok(Some(tree)),
        Err(ImportError::Missing(_) | ImportError::Malformed(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn title(text: &str) -> String {
    cut(&clean_line(text), Limits::default().title_chars)
}

/// The items of an `ol`, as EPUB 3 has it. The depth of the tree bounds the recursion.
fn list_entries(list: &Element, path: &str) -> Vec<Entry> {
    let items = list.elements().filter(|item| item.name == "li");
    let entry = |item: &Element| {
        let label = item.elements().find(|label| label.name == "a" || label.name == "span");
        Entry {
            title: label.map(|label| title(&label.text())).unwrap_or_default(),
            target: label.and_then(|label| resolve(path, label.attribute("href")?)),
            children: item.child("ol").map(|list| list_entries(list, path)).unwrap_or_default(),
        }
    };
    items.map(entry).collect()
}

/// The points in a `navMap` or `navPoint`, as EPUB 2 has it.
fn points(parent: &Element, path: &str) -> Vec<Entry> {
    let entry = |point: &Element| Entry {
        title: point.child("navLabel").map(|label| title(&label.text())).unwrap_or_default(),
        target: point.child("content").and_then(|content| resolve(path, content.attribute("src")?)),
        children: points(point, path),
    };
    parent.elements().filter(|point| point.name == "navPoint").map(entry).collect()
}
