//! Pictures that a text names, and how each kind of file refers to them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use quire_protocol::AssetId;

use super::FileKind;
use crate::picture::Picture;
use crate::scribe::tree::{Node, Value};

/// The pictures of a book by their ids.
pub type Pictures = BTreeMap<AssetId, Picture>;

/// The name of the editor's element for a picture, and of the attribute that names which.
pub(super) const ELEMENT: &str = "image";
pub(super) const ATTRIBUTE: &str = "asset";

/// The pictures that texts name, whether or not a book has them.
pub fn named<'t>(trees: impl IntoIterator<Item = &'t [Node]>) -> BTreeSet<AssetId> {
    trees.into_iter().flat_map(names).collect()
}

/// What one text names, as often as it does. Without recursion.
pub(super) fn names(tree: &[Node]) -> Vec<AssetId> {
    let (mut open, mut names): (Vec<&Node>, _) = (tree.iter().collect(), Vec::new());
    while let Some(node) = open.pop() {
        let Node::Element { name, attributes, children } = node else { continue };
        open.extend(children);
        if name == ELEMENT
            && let Some(Value::String(id)) = attributes.get(ATTRIBUTE)
        {
            names.extend(AssetId::new(id).ok());
        }
    }
    names
}

impl FileKind {
    /// Whether the pictures themselves are in a file of this kind. In the others they are named.
    pub fn holds_pictures(self) -> bool {
        match self {
            Self::Epub | Self::Pdf | Self::Docx | Self::Html => true,
            Self::Preview | Self::Markdown | Self::Text => false,
        }
    }
}

/// The name of a picture's file.
pub(super) fn file_name(id: &AssetId, picture: &Picture) -> String {
    format!("{id}.{}", picture.kind.extension())
}

/// The picture as an address that needs nothing else.
pub(super) fn data_address(picture: &Picture) -> String {
    format!("data:{};base64,{}", picture.kind.media_type(), BASE64_STANDARD.encode(&picture.bytes))
}

/// What pictures add to a file of this kind, bytes, by a bound that is never too small.
pub(super) fn weight<'t>(
    kind: FileKind,
    pictures: &Pictures,
    trees: impl IntoIterator<Item = &'t [Node]> + Clone,
) -> u64 {
    let bytes = |id: &AssetId| pictures.get(id).map_or(0, |picture| picture.bytes.len() as u64);
    match kind {
        // Written out as often as it is named, in letters.
        FileKind::Html => trees.into_iter().flat_map(names).map(|id| bytes(&id) / 3 * 4 + 4).sum(),
        FileKind::Epub | FileKind::Pdf | FileKind::Docx => named(trees).iter().map(bytes).sum(),
        FileKind::Preview | FileKind::Markdown | FileKind::Text => 0,
    }
}
