//! What commands are about: places, kinds, anchors, metadata.

use serde::{Deserialize, Deserializer, Serialize};

use crate::codec::Blob;
use crate::id::{ChapterId, Epoch, Seq, Token};

#[cfg(feature = "typescript")]
use ts_rs::TS;

/// The position a client has of a book.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct After {
    /// The epoch it was heard in.
    pub epoch: Epoch,
    /// The last event's number; 0: from the beginning.
    pub seq: Seq,
}

/// What a chapter is. Reading order is the order of siblings, front matter first only by convention.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum ChapterKind {
    /// Title page, dedication, preface.
    Front,
    /// A chapter of the body.
    Chapter,
    /// Appendix, notes, acknowledgements.
    Back,
    /// Holds chapters; one level only, no text of its own.
    Part,
}

impl<'de> Deserialize<'de> for ChapterKind {
    /// By name only: derived, it would take the number of a variant, too.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match std::borrow::Cow::<'de, str>::deserialize(deserializer)?.as_ref() {
            "front" => Ok(Self::Front),
            "chapter" => Ok(Self::Chapter),
            "back" => Ok(Self::Back),
            "part" => Ok(Self::Part),
            _ => Err(serde::de::Error::custom("not a kind of chapter")),
        }
    }
}

/// How many may write in a chapter at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// One session, the others wait.
    #[default]
    Exclusive,
    /// Several sessions at once.
    Live,
}

impl Mode {
    /// One session at a time, as it is unless somebody says otherwise.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        *self == Self::Exclusive
    }
}

impl<'de> Deserialize<'de> for Mode {
    /// By name only: derived, it would take the number of a variant, too.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match std::borrow::Cow::<'de, str>::deserialize(deserializer)?.as_ref() {
            "exclusive" => Ok(Self::Exclusive),
            "live" => Ok(Self::Live),
            _ => Err(serde::de::Error::custom("not a mode")),
        }
    }
}

/// A place among siblings: `"first"`, `"last"` or `{"after": id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// Before all siblings.
    First,
    /// After all siblings.
    #[default]
    Last,
    /// Directly after this sibling.
    After(ChapterId),
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AtVisitor;

        impl<'de> serde::de::Visitor<'de> for AtVisitor {
            type Value = At;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"first\", \"last\" or {\"after\": id}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<At, E> {
                match text {
                    "first" => Ok(At::First),
                    "last" => Ok(At::Last),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<At, A::Error> {
                let mut after = None;
                while let Some(key) = map.next_key::<String>()? {
                    if key == "after" {
                        if after.replace(map.next_value()?).is_some() {
                            return Err(serde::de::Error::duplicate_field("after"));
                        }
                    } else {
                        map.next_value::<serde::de::IgnoredAny>()?;
                    }
                }
                after.map(At::After).ok_or_else(|| serde::de::Error::missing_field("after"))
            }
        }

        deserializer.deserialize_any(AtVisitor)
    }
}

/// Where in a chapter's text a comment points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Anchor {
    /// The quoted text.
    pub quote: String,
    /// What stands directly before it.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<String>"))]
    pub prefix: String,
    /// What stands directly after it.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<String>"))]
    pub suffix: String,
    /// Where the quote begins, in characters (Unicode scalar values) from the start of the chapter's text.
    #[serde(deserialize_with = "crate::codec::integer")]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub offset: u64,
    /// The position of the chapter's text that quote and offset were read from.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Seq>"))]
    pub base: Seq,
    /// The same place by what stands there, in the document that the chapter is; absent: it is known by the quote alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub relative: Option<Box<Relative>>,
}

/// A stretch of a document by what stands at its ends, so that it moves with the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Relative {
    /// The document, as the answer to `chapter.open` names it. In any other one the positions say nothing.
    pub lineage: Token,
    /// Where it begins: an encoded Yjs relative position.
    #[cfg_attr(feature = "typescript", ts(type = "Uint8Array | string"))]
    pub start: Blob,
    /// Where it ends.
    #[cfg_attr(feature = "typescript", ts(type = "Uint8Array | string"))]
    pub end: Blob,
}

/// A change of one field: absent keeps, `null` clears, a value sets.
pub type Change<T> = Option<Option<T>>;

/// Changed metadata fields: absent keeps, `null` clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS), ts(optional_fields))]
pub struct MetadataPatch {
    /// Subtitle.
    #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
    pub subtitle: Change<String>,
    /// Authors as printed, in order.
    #[serde(default, deserialize_with = "crate::codec::present_list", skip_serializing_if = "Option::is_none")]
    pub authors: Change<Vec<String>>,
    /// BCP 47 tag.
    #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
    pub language: Change<String>,
    /// Blurb, plain text.
    #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
    pub description: Change<String>,
    /// Publisher.
    #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
    pub publisher: Change<String>,
    /// ISBN as written.
    #[serde(default, deserialize_with = "crate::codec::present", skip_serializing_if = "Option::is_none")]
    pub isbn: Change<String>,
    /// Keywords.
    #[serde(default, deserialize_with = "crate::codec::present_list", skip_serializing_if = "Option::is_none")]
    pub keywords: Change<Vec<String>>,
    /// Categories of the library that it belongs to.
    #[serde(default, deserialize_with = "crate::codec::present_list", skip_serializing_if = "Option::is_none")]
    pub categories: Change<Vec<String>>,
}

/// What a book says about itself.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(default)]
pub struct Metadata {
    /// Subtitle.
    pub subtitle: Option<String>,
    /// Authors as printed, in order.
    pub authors: Vec<String>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// Blurb, plain text.
    pub description: Option<String>,
    /// Publisher.
    pub publisher: Option<String>,
    /// ISBN as written.
    pub isbn: Option<String>,
    /// Keywords.
    pub keywords: Vec<String>,
    /// Categories of the library that it belongs to.
    pub categories: Vec<String>,
}

impl Metadata {
    /// These metadata with `patch` made to them.
    #[must_use]
    pub fn patched(mut self, patch: MetadataPatch) -> Self {
        fn change<T: Default>(field: &mut T, change: Change<impl Into<T>>) {
            if let Some(value) = change {
                *field = value.map_or_else(T::default, Into::into);
            }
        }
        change(&mut self.subtitle, patch.subtitle);
        change(&mut self.authors, patch.authors);
        change(&mut self.language, patch.language);
        change(&mut self.description, patch.description);
        change(&mut self.publisher, patch.publisher);
        change(&mut self.isbn, patch.isbn);
        change(&mut self.keywords, patch.keywords);
        change(&mut self.categories, patch.categories);
        self
    }
}
