//! Names of things: newtypes that cannot hold a malformed value.
//!
//! Ids come from outside, so parsing is the only way to make one. What is not a valid id never reaches the core.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// Longest id that a client makes, in characters.
pub const ID_CHARS_MAX: usize = 64;
/// Longest user id (the JWT's `sub`), in bytes.
pub const USER_ID_BYTES_MAX: usize = 128;
/// Digits of an asset's id.
pub const ASSET_ID_CHARS: usize = 32;
/// Largest integer that a browser reads exactly (2^53 - 1). No number on the wire exceeds it.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// An id that is not well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId(&'static str);

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidId {}

fn check_id(text: &str) -> Result<(), InvalidId> {
    let well_formed = !text.is_empty()
        && text.len() <= ID_CHARS_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if well_formed { Ok(()) } else { Err(InvalidId("an id is 1 to 64 characters out of A-Z a-z 0-9 _ -")) }
}

fn check_user_id(text: &str) -> Result<(), InvalidId> {
    let well_formed = !text.is_empty() && text.len() <= USER_ID_BYTES_MAX && !text.chars().any(char::is_control);
    if well_formed { Ok(()) } else { Err(InvalidId("a user id is 1 to 128 printable characters")) }
}

fn check_asset_id(text: &str) -> Result<(), InvalidId> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let well_formed = text.len() == ASSET_ID_CHARS && text.bytes().all(is_digit);
    if well_formed { Ok(()) } else { Err(InvalidId("an asset's id is 32 hexadecimal digits in small letters")) }
}

macro_rules! id_type {
    ($(#[$meta:meta])* $name:ident, $check:path) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
        pub struct $name(Box<str>);

        impl $name {
            /// Parses an id, refusing what is not well formed.
            pub fn new(text: &str) -> Result<Self, InvalidId> {
                $check(text)?;
                Ok(Self(text.into()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

id_type!(
    /// A book. Global, never reused.
    BookId, check_id
);
id_type!(
    /// A library: its users, who may do what with them and with its books.
    LibraryId, check_id
);
id_type!(
    /// A chapter (or part) of one book.
    ChapterId, check_id
);
id_type!(
    /// A comment thread of one book.
    ThreadId, check_id
);
id_type!(
    /// A comment of one book.
    CommentId, check_id
);
id_type!(
    /// An invitation of one book.
    InvitationId, check_id
);
id_type!(
    /// A webhook of a library. Made by the client.
    WebhookId, check_id
);
id_type!(
    /// A recovery draft of one person in one book. Made by the client.
    DraftId, check_id
);
id_type!(
    /// A picture of one book: the first 32 hexadecimal digits of the SHA-256 of its bytes.
    AssetId, check_asset_id
);
id_type!(
    /// A tab's session. Made by the hub; commits to its user (see the specification, "Sessions").
    SessionId, check_id
);
id_type!(
    /// A client-made id that makes a repeated command harmless. Unique per user.
    CommandId, check_id
);
id_type!(
    /// One boot of one hub process.
    ReplicaId, check_id
);
id_type!(
    /// A verified user: the token's `sub`. Opaque, never part of a storage key.
    UserId, check_user_id
);

/// The number of an event in its log, from 1; 0 is "before the first".
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "number"))]
pub struct Seq(#[serde(deserialize_with = "crate::codec::integer")] pub u64);

impl Seq {
    /// The number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A fencing token: the stamp of the event that granted a lock. Only rises within a log; below 2^53.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "number"))]
pub struct Token(#[serde(deserialize_with = "crate::codec::integer")] pub u64);

/// Milliseconds since the Unix epoch.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "number"))]
pub struct Timestamp(#[serde(deserialize_with = "crate::codec::integer")] pub u64);

impl Timestamp {
    /// The time that lies `ms` milliseconds later.
    #[must_use]
    pub fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this time; 0 if it lies in the future.
    pub fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// One life of a log: it changes when acknowledged events were lost. On the wire 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Epoch {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        // `from_str_radix` takes a leading sign, so the length alone does not say that these are digits.
        if text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            u64::from_str_radix(&text, 16).map(Self).map_err(serde::de::Error::custom)
        } else {
            Err(serde::de::Error::custom("an epoch is 16 hexadecimal digits"))
        }
    }
}
