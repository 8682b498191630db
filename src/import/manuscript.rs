//! A book as one long text: what every kind of file but EPUB is read into.

use std::collections::HashMap;

use quire_protocol::command::Metadata;
use quire_protocol::text::{clean_body, clean_line};
use quire_protocol::{AssetId, Limits};

use super::loss::Losses;
use super::package::cut;
use super::tree::{Element, Node};
use super::{ImportError, ImportedBook, split};
use crate::picture::Picture;

/// The name of an element that stands for the reference to a note. No file has it: readers make it.
const NOTE: &str = "#note";

/// A book that is not divided yet.
#[derive(Debug, Default)]
pub(super) struct Manuscript {
    /// What it says its title is; empty if it does not.
    pub(super) title: String,
    /// The title was written for readers, so a heading that says something else is another thing.
    pub(super) title_is_certain: bool,
    pub(super) metadata: Metadata,
    /// The text, as elements of HTML.
    pub(super) nodes: Vec<Node>,
    /// What notes say, by name.
    pub(super) notes: HashMap<String, Vec<Node>>,
    pub(super) losses: Losses,
}

impl Manuscript {
    /// Divides it into chapters; a book without any title is called like its file.
    pub(super) fn into_book(
        self,
        file: Option<&str>,
        pictures: Vec<(AssetId, Picture)>,
    ) -> Result<ImportedBook, ImportError> {
        let Self { title, title_is_certain, metadata, nodes, notes, losses } = self;
        let told = title_is_certain.then_some(title.as_str()).filter(|title| !title.is_empty());
        let (heading, chapters) = split::chapters(nodes, &notes, told)?;
        let titles = [told.map(ToOwned::to_owned), heading, Some(title.clone()), file.map(stem)];
        let title = titles.into_iter().flatten().find(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| "Untitled".to_owned());
        Ok(ImportedBook { title, metadata, chapters, pictures, report: losses.report() })
    }
}

/// The name of a file without folders and ending.
fn stem(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    title_line(name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}

/// A reference to the note `name`.
pub(super) fn note(name: &str) -> Element {
    Element::new(NOTE, Vec::new()).with("name", name)
}

/// The name of the note, if the element is a reference to one.
pub(super) fn note_name(element: &Element) -> Option<&str> {
    element.attribute("name").filter(|_| element.name == NOTE)
}

/// A title within the limits; it may be empty.
pub(super) fn title_line(text: &str) -> String {
    cut(&clean_line(text), Limits::default().title_chars)
}

/// A line of metadata within the limits, if it says anything.
pub(super) fn metadata_line(text: &str) -> Option<String> {
    Some(cut(&clean_line(text), Limits::default().metadata_chars)).filter(|line| !line.is_empty())
}

/// Lines of metadata within the limits.
pub(super) fn metadata_lines<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    texts.into_iter().filter_map(metadata_line).take(Limits::default().metadata_entries).collect()
}

/// A description within the limits, if it says anything.
pub(super) fn description(text: &str) -> Option<String> {
    Some(cut(&clean_body(text), Limits::default().description_chars)).filter(|text| !text.is_empty())
}
