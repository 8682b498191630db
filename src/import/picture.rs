//! Pictures of a file: taken over where the book can hold them, else replaced by their descriptions.
//!
//! After [`Pictures::settle`] a picture that was taken has the attribute [`ASSET`], which no file can give it, and
//! stands between the lines of the text, as the editor has it.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;
use quire_protocol::{AssetId, Limits};

use super::archive::{Archive, resolve};
use super::loss::{LossKind, Losses};
use super::tree::{Element, Node};
use crate::picture::{self, Picture, PictureError};

/// The attribute that names a picture of the book.
pub(super) const ASSET: &str = "#asset";
/// Elements that hold lines or others like them; a picture in one of them stands by itself already.
const CONTAINERS: [&str; 27] = [
    "",
    "html",
    "body",
    "div",
    "section",
    "article",
    "aside",
    "header",
    "footer",
    "main",
    "nav",
    "figure",
    "address",
    "center",
    "blockquote",
    "ul",
    "ol",
    "li",
    "dl",
    "dd",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
];
/// Base64 of any width: writers differ about the end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Where the pictures of a text are.
pub(super) enum Place<'p, 'a> {
    /// Beside this file of an archive.
    Beside(&'p mut Archive<'a>, &'p str),
    /// At a path in an archive that was found already.
    Within(&'p mut Archive<'a>),
    /// Nowhere but in the text itself.
    Alone,
}

/// The pictures that were taken over so far.
pub(super) struct Pictures<'l> {
    limits: &'l Limits,
    taken: BTreeMap<AssetId, Picture>,
    /// Bytes of all of them.
    bytes: usize,
    /// What became of those that were met, by their paths.
    known: HashMap<String, Result<AssetId, LossKind>>,
}

impl<'l> Pictures<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self { limits, taken: BTreeMap::new(), bytes: 0, known: HashMap::new() }
    }

    /// Those that were taken over.
    pub(super) fn finish(self) -> Vec<(AssetId, Picture)> {
        self.taken.into_iter().collect()
    }

    /// Takes over the pictures in nodes, and puts each between the lines.
    pub(super) fn settle(&mut self, nodes: &mut Vec<Node>, place: &mut Place<'_, '_>, losses: &mut Losses) {
        if self.mark(nodes, place, losses) {
            lift(nodes);
        }
    }

    /// Marks what was taken over. Whether there is any. The depth of the tree bounds the recursion.
    fn mark(&mut self, nodes: &mut [Node], place: &mut Place<'_, '_>, losses: &mut Losses) -> bool {
        let mut has_any = false;
        for node in nodes {
            let Node::Element(element) = node else { continue };
            if element.name == "svg" {
                unwrap(element);
            }
            element.remove(ASSET);
            match element.name.as_str() {
                "img" => match self.take(element.attribute("src").unwrap_or_default(), place) {
                    Ok(id) => {
                        element.set(ASSET, id.as_str());
                        has_any = true;
                    }
                    Err(loss) => losses.add(loss, 1),
                },
                "svg" => losses.add(LossKind::Images, 1),
                _ => has_any |= self.mark(&mut element.children, place, losses),
            }
        }
        has_any
    }

    fn take(&mut self, src: &str, place: &mut Place<'_, '_>) -> Result<AssetId, LossKind> {
        let src = src.trim();
        if has_scheme(src, "data") {
            let bytes = written_out(src, self.limits.asset_bytes)?;
            return self.keep(&bytes);
        }
        if has_scheme(src, "http") || has_scheme(src, "https") || src.starts_with("//") {
            return Err(LossKind::RemoteImages);
        }
        let (archive, path) = match place {
            Place::Beside(archive, from) => {
                (archive, resolve(from, src).filter(|_| !src.is_empty()).ok_or(LossKind::Images)?.0)
            }
            Place::Within(archive) => (archive, src.to_owned()),
            Place::Alone => return Err(LossKind::Images),
        };
        if let Some(known) = self.known.get(&path) {
            return known.clone();
        }
        let bytes = archive.picture(&path, self.limits.asset_bytes);
        let taken = bytes.and_then(|bytes| self.keep(&bytes));
        self.known.insert(path, taken.clone());
        taken
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<AssetId, LossKind> {
        let looked_at = picture::read(bytes, self.limits.asset_pixels as u64).map_err(|error| match error {
            PictureError::TooManyPixels { .. } => LossKind::LargeImages,
            PictureError::Unknown | PictureError::Svg | PictureError::Malformed(_) => LossKind::Images,
        })?;
        let id = looked_at.id();
        if self.taken.contains_key(&id) {
            return Ok(id);
        }
        let bytes = self.bytes + looked_at.bytes.len();
        if looked_at.bytes.len() > self.limits.asset_bytes {
            return Err(LossKind::LargeImages);
        }
        if self.taken.len() >= self.limits.assets_per_book || bytes > self.limits.book_asset_bytes {
            return Err(LossKind::SurplusImages);
        }
        self.bytes = bytes;
        self.taken.insert(id.clone(), looked_at);
        Ok(id)
    }
}

/// Whether a picture was taken over.
pub(super) fn is_taken(element: &Element) -> bool {
    element.attribute(ASSET).is_some()
}

/// A drawing that only holds a picture, as covers often are, is that picture.
fn unwrap(drawing: &mut Element) {
    let images: Vec<_> = drawing.descendants().filter(|element| element.name == "image").take(2).collect();
    let [image] = images[..] else { return };
    let Some(src) = image.local_attribute("href").map(ToOwned::to_owned) else { return };
    let title = drawing.find("title").map(Element::text).unwrap_or_default();
    *drawing = Element::new("img", Vec::new()).with("src", src).with("alt", title);
}

fn has_scheme(src: &str, scheme: &str) -> bool {
    src.split_once(':').is_some_and(|(known, _)| known.eq_ignore_ascii_case(scheme))
}

/// The bytes that an address holds itself: `data:image/png;base64,…`.
fn written_out(src: &str, bytes_max: usize) -> Result<Vec<u8>, LossKind> {
    let (head, data) = src.split_once(',').ok_or(LossKind::Images)?;
    if !head.to_ascii_lowercase().ends_with(";base64") {
        return Err(LossKind::Images);
    }
    let letters: Vec<u8> = percent_decode_str(data).filter(|byte| !byte.is_ascii_whitespace()).collect();
    if letters.len() / 4 * 3 > bytes_max {
        return Err(LossKind::LargeImages);
    }
    BASE64.decode(letters).map_err(|_| LossKind::Images)
}

/// Puts pictures that stand in lines between them. The depth of the tree bounds the recursion.
fn lift(nodes: &mut Vec<Node>) {
    let old = std::mem::take(nodes);
    for node in old {
        let Node::Element(mut element) = node else {
            nodes.push(node);
            continue;
        };
        if CONTAINERS.contains(&element.name.as_str()) {
            lift(&mut element.children);
            nodes.push(Node::Element(element));
        } else if crate::import::split::level(&element).is_some() {
            nodes.extend(behind_heading(element).into_iter().map(Node::Element));
        } else {
            nodes.extend(parted(element).into_iter().map(Node::Element));
        }
    }
}

/// A line as the pieces between its pictures, and these.
fn parted(element: Element) -> Vec<Element> {
    if is_taken(&element) || !element.descendants().any(is_taken) {
        return vec![element];
    }
    let (mut parts, mut rest) = (Vec::new(), Vec::new());
    let blank = element.around(Vec::new());
    let flush = |rest: &mut Vec<Node>, parts: &mut Vec<Element>| {
        let children = std::mem::take(rest);
        let is_blank = |node: &Node| matches!(node, Node::Text(text) if text.trim().is_empty());
        if !children.iter().all(is_blank) {
            parts.push(blank.around(children));
        }
    };
    for child in element.children {
        let Node::Element(child) = child else {
            rest.push(child);
            continue;
        };
        for part in parted(child) {
            if is_taken(&part) {
                flush(&mut rest, &mut parts);
                parts.push(part);
            } else {
                rest.push(Node::Element(part));
            }
        }
    }
    flush(&mut rest, &mut parts);
    parts
}

/// A heading in one piece, with its pictures behind it. One that is a picture says what is to be seen on it.
fn behind_heading(element: Element) -> Vec<Element> {
    let blank = element.around(Vec::new());
    let said = element.descendants().filter(|inner| is_taken(inner)).filter_map(|inner| inner.attribute("alt"));
    let said: Vec<_> = said.filter(|alt| !alt.trim().is_empty()).map(ToOwned::to_owned).collect();
    let (pictures, lines): (Vec<_>, Vec<_>) = parted(element).into_iter().partition(is_taken);
    let mut children: Vec<Node> = lines.into_iter().flat_map(|line| line.children).collect();
    if children.is_empty() && !said.is_empty() {
        children.push(Node::Text(said.join(" ")));
    }
    let heading = (!children.is_empty()).then(|| blank.around(children));
    heading.into_iter().chain(pictures).collect()
}
