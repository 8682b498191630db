//! What a chapter's document may be made of: names, and where addresses may lead.

use super::Fault;

/// The names that a family of editors uses. Whatever is not listed is refused, so a profile grows with the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Roots of the document.
    pub roots: &'static [&'static str],
    /// Elements, which are `ProseMirror`'s nodes.
    pub elements: &'static [&'static str],
    /// Marks. One that may overlap itself carries a hash of its attributes: `comment--Ab12+/9=`.
    pub marks: &'static [&'static str],
    /// Attributes of elements, and keys of objects in values.
    pub attributes: &'static [&'static str],
    /// Whether structs may be sent whose content was collected before. Editors that keep their undo history never do.
    pub collected: bool,
}

impl Profile {
    /// `TipTap` and other editors that bind `ProseMirror` by y-prosemirror.
    pub const fn prosemirror_xml() -> Self {
        Self { roots: &["default"], elements: ELEMENTS, marks: MARKS, attributes: ATTRIBUTES, collected: false }
    }

    pub(super) fn check_root(&self, name: &str) -> Result<(), Fault> {
        listed(self.roots, name, "the name of a root")
    }

    pub(super) fn check_element(&self, name: &str) -> Result<(), Fault> {
        listed(self.elements, name, "the name of an element")
    }

    pub(super) fn check_attribute(&self, name: &str) -> Result<(), Fault> {
        listed(self.attributes, name, "the name of an attribute")
    }

    pub(super) fn check_mark(&self, name: &str) -> Result<(), Fault> {
        listed(self.marks, without_hash(name), "the name of a mark")
    }
}

const ELEMENTS: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "listItem",
    "blockquote",
    "horizontalRule",
    "hardBreak",
    "codeBlock",
    "image",
    "table",
    "tableRow",
    "tableHeader",
    "tableCell",
    "footnote",
    "footnoteReference",
    "footnotes",
    "sceneBreak",
];

const MARKS: &[&str] =
    &["bold", "italic", "underline", "strike", "code", "link", "superscript", "subscript", "smallCaps", "textStyle"];

const ATTRIBUTES: &[&str] = &[
    "level",
    "start",
    "type",
    "href",
    "target",
    "rel",
    "class",
    "src",
    "alt",
    "title",
    "width",
    "height",
    "colspan",
    "rowspan",
    "colwidth",
    "textAlign",
    "language",
    "id",
    "number",
    "asset",
];

/// Attributes that hold an address.
const ADDRESSES: &[&str] = &["href", "src"];
/// Schemes that an address may have. One without a scheme stays within the book.
const SCHEMES: &[&str] = &["http", "https", "mailto"];
/// Schemes that run what they carry.
const SCHEMES_THAT_RUN: &[&str] = &["javascript", "vbscript", "data"];

/// Between a mark and the hash of its attributes.
const HASH_MARK: &str = "--";
/// Characters of the hash: six bytes in base64.
const HASH_LENGTH: usize = 8;

fn listed(names: &[&str], name: &str, what: &'static str) -> Result<(), Fault> {
    if names.contains(&name) { Ok(()) } else { Err(Fault::Forbidden(what)) }
}

/// The name of a mark without the hash that y-prosemirror appends.
fn without_hash(name: &str) -> &str {
    let split = name.len().checked_sub(HASH_LENGTH).and_then(|at| name.split_at_checked(at));
    let Some((start, hash)) = split else { return name };
    let is_base64 = hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    start.strip_suffix(HASH_MARK).filter(|_| is_base64).unwrap_or(name)
}

pub(super) fn is_address(attribute: &str) -> bool {
    ADDRESSES.contains(&attribute)
}

/// Whether an address leads where readers may be led.
pub(super) fn is_allowed_address(address: &str) -> bool {
    scheme(address).is_none_or(|scheme| SCHEMES.contains(&scheme.as_str()))
}

/// Whether a text would run as a program, were it an address.
pub(super) fn would_run(text: &str) -> bool {
    scheme(text).is_some_and(|scheme| SCHEMES_THAT_RUN.contains(&scheme.as_str()))
}

/// The scheme of an address in lower case, as browsers find it: blanks and controls before it do not count, nor do
/// tabs and line breaks within.
fn scheme(address: &str) -> Option<String> {
    let address = address.trim_start_matches(|character| character <= ' ');
    let mut scheme = String::new();
    for character in address.chars().filter(|character| !matches!(character, '\t' | '\n' | '\r')) {
        match character {
            ':' if !scheme.is_empty() => return Some(scheme),
            'a'..='z' | 'A'..='Z' => scheme.push(character.to_ascii_lowercase()),
            '0'..='9' | '+' | '-' | '.' if !scheme.is_empty() => scheme.push(character),
            _ => return None,
        }
    }
    None
}
