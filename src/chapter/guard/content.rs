//! The content of an item: text, marks, elements and attributes; everything else is refused.

use super::value::{self, Slot};
use super::{CLOCK_MAX, Fault, Reader, Rules, json};

/// Type numbers of the two shared types that a `ProseMirror` document is made of.
const XML_ELEMENT: u8 = 3;
const XML_TEXT: u8 = 6;

/// Where an item stands.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// Among its parent's children, or in a text.
    Sequence,
    /// In the attribute of this name.
    Attribute(&'a str),
    /// In the attribute where its neighbour is; which one that is cannot be seen.
    SameAttribute,
}

/// What an item holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something that was deleted before it was sent: only its length.
    Deleted,
    /// Text.
    Text,
    /// Where a mark begins or ends.
    Mark,
    /// An element or a text node.
    Node,
    /// Values, of which the last counts.
    Values,
}

impl Kind {
    /// The kind with this number on the wire.
    pub(super) fn of(number: u8) -> Result<Self, Fault> {
        match number {
            0 => Err(Fault::Malformed("a collected struct with flags")),
            1 => Ok(Self::Deleted),
            // Readers do not agree how many strings follow.
            2 => Err(Fault::Forbidden("JSON content")),
            3 => Err(Fault::Forbidden("binary content")),
            4 => Ok(Self::Text),
            5 => Err(Fault::Forbidden("embedded content")),
            6 => Ok(Self::Mark),
            7 => Ok(Self::Node),
            8 => Ok(Self::Values),
            9 => Err(Fault::Forbidden("a sub-document")),
            10 => Err(Fault::Forbidden("a skip")),
            11 => Err(Fault::Forbidden("a move")),
            _ => Err(Fault::Forbidden("an unknown kind of content")),
        }
    }
}

/// Reads content of this kind. Its length, clock units.
pub(super) fn read(reader: &mut Reader<'_>, rules: &Rules<'_>, kind: Kind, place: Place<'_>) -> Result<u32, Fault> {
    match (kind, place) {
        (Kind::Deleted, _) => reader.length(),
        (Kind::Text, Place::Sequence) => utf16_length(reader.text()?),
        (Kind::Mark, Place::Sequence) => {
            rules.profile.check_mark(reader.text()?)?;
            json::check_mark_value(reader.text()?, rules)?;
            Ok(1)
        }
        (Kind::Node, Place::Sequence) => {
            check_node(reader, rules)?;
            Ok(1)
        }
        (Kind::Values, Place::Attribute(name)) => check_values(reader, rules, Slot::of(name)),
        (Kind::Values, Place::SameAttribute) => check_values(reader, rules, Slot::Unseen),
        (Kind::Values, Place::Sequence) => Err(Fault::Forbidden("a value outside of an attribute")),
        (Kind::Text | Kind::Mark | Kind::Node, _) => Err(Fault::Forbidden("an attribute that is not a value")),
    }
}

/// A text is as long as `JavaScript` says: astral characters count twice.
fn utf16_length(text: &str) -> Result<u32, Fault> {
    let units: usize = text.chars().map(char::len_utf16).sum();
    match u32::try_from(units) {
        Ok(0) => Err(Fault::Malformed("an empty text")),
        Ok(units) if units <= CLOCK_MAX => Ok(units),
        _ => Err(Fault::Malformed("a text beyond 31 bits")),
    }
}

fn check_node(reader: &mut Reader<'_>, rules: &Rules<'_>) -> Result<(), Fault> {
    match reader.byte()? {
        XML_ELEMENT => rules.profile.check_element(reader.text()?),
        XML_TEXT => Ok(()),
        0 => Err(Fault::Forbidden("a shared array")),
        1 => Err(Fault::Forbidden("a shared map")),
        2 => Err(Fault::Forbidden("a shared text outside of XML")),
        4 => Err(Fault::Forbidden("a fragment within another")),
        5 => Err(Fault::Forbidden("an XML hook")),
        7 => Err(Fault::Forbidden("a weak link")),
        9 => Err(Fault::Forbidden("a sub-document")),
        _ => Err(Fault::Forbidden("an unknown shared type")),
    }
}

/// Values of an attribute: usually one, more where overwritten ones were kept.
fn check_values(reader: &mut Reader<'_>, rules: &Rules<'_>, slot: Slot) -> Result<u32, Fault> {
    let count = reader.length()?;
    for _ in 0..count {
        value::check(reader, rules, slot)?;
    }
    Ok(count)
}
