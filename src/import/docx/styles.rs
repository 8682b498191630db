//! What the styles of paragraphs and runs mean.

use std::collections::HashMap;

use super::run::Marks;
use super::value;
use crate::import::tree::Element;

/// Longest chain of styles that are based on each other; a circle ends here.
const BASES_MAX: usize = 20;

/// What a paragraph is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    Text,
    /// Of level 1 to 6.
    Heading(u8),
    Title,
    Subtitle,
    Quote,
    /// A line of the table of contents, which the headings make again.
    Contents,
}

struct Style {
    role: Option<Role>,
    base: Option<String>,
    /// The list and the level in it, as far as each is said.
    list: (Option<String>, Option<u8>),
    marks: Marks,
}

/// All styles of a document, by id.
#[derive(Default)]
pub(super) struct Styles(HashMap<String, Style>);

impl Styles {
    pub(super) fn new(root: &Element) -> Self {
        let styles = root.elements().filter(|element| element.name == "style");
        Self(
            styles
                .filter_map(|style| Some((style.local_attribute("styleId")?.to_owned(), Style::new(style))))
                .collect(),
        )
    }

    /// A style and those that it is based on, the nearest first.
    fn chain<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Style> {
        let first = self.0.get(id);
        std::iter::successors(first, |style| self.0.get(style.base.as_ref()?)).take(BASES_MAX)
    }

    pub(super) fn role(&self, id: &str) -> Role {
        // An id without a style in the file is one that every program has.
        let unknown = || (!self.0.contains_key(id)).then(|| named(id)).flatten();
        self.chain(id).find_map(|style| style.role).or_else(unknown).unwrap_or_default()
    }

    pub(super) fn list(&self, id: &str) -> (Option<&str>, Option<u8>) {
        let number = self.chain(id).find_map(|style| style.list.0.as_deref());
        (number, self.chain(id).find_map(|style| style.list.1))
    }

    pub(super) fn marks(&self, id: &str) -> Marks {
        self.chain(id).fold(Marks::default(), |marks, style| marks.or(style.marks))
    }
}

impl Style {
    fn new(element: &Element) -> Self {
        let properties = element.child("pPr");
        let by_name = value(element, "name").and_then(named);
        let by_id = element.local_attribute("styleId").and_then(named);
        let list = properties.map(list).unwrap_or_default();
        Self {
            role: by_name.or(by_id).or_else(|| outline(properties?)),
            base: value(element, "basedOn").map(ToOwned::to_owned),
            list,
            marks: element.child("rPr").map(Marks::of).unwrap_or_default(),
        }
    }
}

/// The role that the level of a paragraph in the outline gives it; the one past the last is text.
pub(super) fn outline(properties: &Element) -> Option<Role> {
    match value(properties, "outlineLvl")?.parse::<u8>().ok()? {
        level @ 0..=8 => Some(Role::Heading((level + 1).min(6))),
        _ => Some(Role::Text),
    }
}

/// The list and the level in it that properties of a paragraph name.
pub(super) fn list(properties: &Element) -> (Option<String>, Option<u8>) {
    let Some(list) = properties.child("numPr") else { return (None, None) };
    (value(list, "numId").map(ToOwned::to_owned), value(list, "ilvl").and_then(|level| level.parse().ok()))
}

/// The role of a style by its id or name. The names of the styles that come with a program are English in the file.
fn named(name: &str) -> Option<Role> {
    let name: String = name.to_lowercase().chars().filter(|char| !matches!(char, ' ' | '-' | '_')).collect();
    if let Some(level) = name.strip_prefix("heading").and_then(|level| level.parse::<u8>().ok()) {
        return (1..=9).contains(&level).then_some(Role::Heading(level.min(6)));
    }
    match name.as_str() {
        "title" => Some(Role::Title),
        "subtitle" => Some(Role::Subtitle),
        "quote" | "intensequote" | "blocktext" | "quotations" | "blockquote" => Some(Role::Quote),
        "tocheading" | "contentsheading" => Some(Role::Contents),
        name => {
            let level = name.strip_prefix("toc").or_else(|| name.strip_prefix("contents"))?;
            level.parse::<u8>().is_ok().then_some(Role::Contents)
        }
    }
}
