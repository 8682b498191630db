//! The package document (OPF): metadata, reading order, and where the table of contents is.

use std::collections::HashMap;

use quire_protocol::Limits;
use quire_protocol::command::Metadata;
use quire_protocol::text::{clean_body, clean_line};

use super::ImportError;
use super::archive::{Archive, resolve};
use super::tree::Element;

/// What the package says.
pub(super) struct Package {
    pub(super) title: String,
    pub(super) metadata: Metadata,
    /// Paths in reading order.
    pub(super) spine: Vec<String>,
    /// The navigation document (EPUB 3).
    pub(super) nav: Option<String>,
    /// The table of contents (EPUB 2).
    pub(super) ncx: Option<String>,
    /// What files are, by path (EPUB 2).
    pub(super) guide: HashMap<String, String>,
}

/// Follows the container to the package and reads it.
pub(super) fn read(archive: &mut Archive<'_>) -> Result<Package, ImportError> {
    const CONTAINER: &str = "META-INF/container.xml";
    let container = archive.xml(CONTAINER)?;
    let path = container.find("rootfile").and_then(|file| file.attribute("full-path"));
    let path = path.ok_or_else(|| ImportError::Malformed(CONTAINER.to_owned()))?.to_owned();
    let root = archive.xml(&path)?;

    let mut by_id = HashMap::new();
    let (mut nav, mut ncx) = (None, None);
    for item in root.child("manifest").into_iter().flat_map(Element::elements) {
        let Some((file, _)) = item.attribute("href").and_then(|href| resolve(&path, href)) else { continue };
        if has_word(item.attribute("properties"), "nav") {
            nav = Some(file.clone());
        }
        if item.attribute("media-type") == Some("application/x-dtbncx+xml") {
            ncx = Some(file.clone());
        }
        by_id.extend(item.attribute("id").map(|id| (id, file)));
    }
    let spine = root.child("spine").ok_or_else(|| ImportError::Malformed(path.clone()))?;
    let linear = spine.elements().filter(|item| item.attribute("linear") != Some("no"));
    let files = linear.filter_map(|item| by_id.get(item.attribute("idref")?).cloned()).collect();
    let references = root.child("guide").into_iter().flat_map(Element::elements);
    let guide = references
        .filter_map(|reference| {
            let (file, _) = resolve(&path, reference.attribute("href")?)?;
            Some((file, reference.attribute("type")?.to_lowercase()))
        })
        .collect();
    let (title, metadata) = root.child("metadata").map(metadata).unwrap_or_default();
    let title = if title.is_empty() { "Untitled".to_owned() } else { title };
    Ok(Package { title, metadata, spine: files, nav, ncx, guide })
}

/// Whether a list of words has this one.
pub(super) fn has_word(list: Option<&str>, word: &str) -> bool {
    list.is_some_and(|list| list.split_whitespace().any(|known| known == word))
}

fn metadata(element: &Element) -> (String, Metadata) {
    let limits = Limits::default();
    let line = |element: &Element, chars: usize| cut(&clean_line(&element.text()), chars);
    let all = |name: &'static str| element.elements().filter(move |child| child.name == name);
    let first = |name| all(name).map(|child| line(child, limits.metadata_chars)).find(|text| !text.is_empty());
    let list = |name| {
        let lines = all(name).map(|child| line(child, limits.metadata_chars)).filter(|text| !text.is_empty());
        lines.take(limits.metadata_entries).collect()
    };
    let subtitle_id = all("meta")
        .find(|meta| meta.attribute("property") == Some("title-type") && meta.text() == "subtitle")
        .and_then(|meta| meta.attribute("refines")?.strip_prefix('#'));
    let is_subtitle = |title: &&Element| subtitle_id.is_some() && title.attribute("id") == subtitle_id;
    let title = all("title").find(|title| !is_subtitle(title)).map(|title| line(title, limits.title_chars));
    let metadata = Metadata {
        subtitle: all("title").find(is_subtitle).map(|title| line(title, limits.metadata_chars)),
        authors: list("creator"),
        language: first("language"),
        description: first("description").and_then(|_| description(all("description").next()?, &limits)),
        publisher: first("publisher"),
        isbn: all("identifier").find_map(isbn),
        keywords: list("subject"),
        categories: Vec::new(),
    };
    (title.unwrap_or_default(), metadata)
}

/// Descriptions are often HTML in disguise.
fn description(element: &Element, limits: &Limits) -> Option<String> {
    let plain = ammonia::Builder::empty().clean(&element.text()).to_string();
    let plain = quick_xml::escape::unescape(&plain).map_or_else(|_| plain.clone(), Into::into);
    let text = cut(&clean_body(&plain), limits.description_chars);
    (!text.is_empty()).then_some(text)
}

/// The number of an identifier that is an ISBN.
fn isbn(identifier: &Element) -> Option<String> {
    let text = identifier.text();
    let marked = text.to_lowercase().strip_prefix("urn:isbn:").map(ToOwned::to_owned);
    let scheme = identifier.attribute("opf:scheme").is_some_and(|scheme| scheme.eq_ignore_ascii_case("isbn"));
    let number = marked.or_else(|| scheme.then_some(text))?;
    let digits = number.chars().filter(char::is_ascii_digit).count();
    (9..=13).contains(&digits).then(|| cut(&clean_line(&number), 20))
}

/// At most `chars` characters of a text.
pub(super) fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect::<String>().trim_end().to_owned()
}
