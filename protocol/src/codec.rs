//! Bytes to structs and back, in both encodings, with limits checked before anything is built.

mod scan;
#[cfg(test)]
mod tests;

use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Deepest nesting of a frame. Deeper input is refused: a recursive reader would end the process.
pub const DEPTH_MAX: usize = 16;

/// Most entries of any list in a command. Fields have lower limits, which are refused by name.
pub const LIST_MAX: usize = 1024;

/// How frames are written on one connection; its WebSocket subprotocol says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `quire.v1.msgpack`: named maps, binary messages. The default.
    MessagePack,
    /// `quire.v1.json`: the same frames as JSON text.
    Json,
}

impl Encoding {
    /// Both, the preferred one first.
    pub const ALL: [Self; 2] = [Self::MessagePack, Self::Json];

    /// The WebSocket subprotocol.
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::MessagePack => "quire.v1.msgpack",
            Self::Json => "quire.v1.json",
        }
    }

    /// Encodes any frame of this crate.
    pub fn encode(self, frame: &impl Serialize) -> Vec<u8> {
        let encoded = match self {
            Self::MessagePack => rmp_serde::to_vec_named(frame).map_err(|error| error.to_string()),
            Self::Json => serde_json::to_vec(frame).map_err(|error| error.to_string()),
        };
        encoded.expect("frames are plain data: strings, integers, lists and maps with string keys")
    }
}

/// Input that is no frame. The hub closes the connection with 4000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Not well formed in this encoding, or not decodable as the frame it claims to be.
    NotAFrame(String),
    /// Not a map.
    NotAMap,
    /// Nested deeper than [`DEPTH_MAX`].
    TooDeep,
    /// Bytes after the end of the frame.
    TrailingBytes,
    /// An unknown kind, or a command, that has no `ref` and so cannot be answered.
    NoRef(String),
    /// A kind of frame that came after this client was written: to be ignored.
    UnknownKind(String),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFrame(why) => write!(f, "not a frame: {why}"),
            Self::NotAMap => f.write_str("a frame is a map with the field t"),
            Self::TooDeep => write!(f, "nested deeper than {DEPTH_MAX}"),
            Self::TrailingBytes => f.write_str("bytes after the end of the frame"),
            Self::NoRef(kind) => write!(f, "a frame of kind {kind:?} without a valid ref"),
            Self::UnknownKind(kind) => write!(f, "an unknown kind of frame: {kind:?}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// A field of a well-formed frame that has no acceptable value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field, such as `anchor.offset`; empty if it is not one field.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() { f.write_str(&self.reason) } else { write!(f, "{}: {}", self.field, self.reason) }
    }
}

/// Checks that `bytes` are exactly one well-formed map of bounded depth, without building anything.
pub fn check(bytes: &[u8], encoding: Encoding) -> Result<(), DecodeError> {
    match encoding {
        Encoding::MessagePack => scan::message_pack(bytes),
        Encoding::Json => scan::json(bytes),
    }
}

/// Reads one struct from a frame that passed [`check`]; unknown fields are ignored.
pub(crate) fn decode_struct<'a, T: Deserialize<'a>>(bytes: &'a [u8], encoding: Encoding) -> Result<T, FieldError> {
    let read = match encoding {
        Encoding::MessagePack => T::deserialize(&mut rmp_serde::Deserializer::from_read_ref(bytes)).ok(),
        Encoding::Json => T::deserialize(&mut serde_json::Deserializer::from_slice(bytes)).ok(),
    };
    // Only what is wrong pays for the path to the field.
    read.map_or_else(|| decode_with_path(bytes, encoding), Ok)
}

fn decode_with_path<'a, T: Deserialize<'a>>(bytes: &'a [u8], encoding: Encoding) -> Result<T, FieldError> {
    match encoding {
        Encoding::MessagePack => {
            let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
            serde_path_to_error::deserialize(&mut reader).map_err(|error| field_error(&error))
        }
        Encoding::Json => {
            let mut reader = serde_json::Deserializer::from_slice(bytes);
            serde_path_to_error::deserialize(&mut reader).map_err(|error| field_error(&error))
        }
    }
}

fn field_error(error: &serde_path_to_error::Error<impl fmt::Display>) -> FieldError {
    let reason = error.inner().to_string();
    // serde names these fields in its message only: "missing field `chapter`".
    let named = ["missing field `", "duplicate field `"].iter().find_map(|start| reason.strip_prefix(start));
    let named = named.and_then(|rest| rest.split('`').next());
    let path = error.path().to_string();
    let field = match (path.as_str(), named) {
        (".", Some(name)) => name.to_owned(),
        (".", None) => String::new(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    };
    FieldError { field, reason: reason.chars().filter(|char| !char.is_control()).take(200).collect() }
}

/// Decodes a stored record (`MessagePack`, written by a hub). Unlike frames, records are trusted to be of bounded depth.
pub fn decode_record<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    rmp_serde::from_slice(bytes).map_err(|error| error.to_string())
}

/// Reads an integer, refusing what a browser could not represent.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = u64::deserialize(deserializer)?;
    if number <= crate::id::INTEGER_MAX { Ok(number) } else { Err(D::Error::custom("integers are below 2^53")) }
}

/// Reads an integer or null, refusing what a browser could not represent.
pub(crate) fn some_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = Option::<u64>::deserialize(deserializer)?;
    let fits = number.is_none_or(|number| number <= crate::id::INTEGER_MAX);
    if fits { Ok(number) } else { Err(D::Error::custom("integers are below 2^53")) }
}

/// Reads an integer if there is one and takes anything else for none, without building it.
pub(crate) fn lax_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    struct Lax;

    impl<'de> Visitor<'de> for Lax {
        type Value = Option<u64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an integer")
        }

        fn visit_u64<E>(self, number: u64) -> Result<Option<u64>, E> {
            Ok((number <= crate::id::INTEGER_MAX).then_some(number))
        }

        fn visit_i64<E>(self, number: i64) -> Result<Option<u64>, E> {
            Ok(u64::try_from(number).ok())
        }

        fn visit_f64<E>(self, _: f64) -> Result<Option<u64>, E> {
            Ok(None)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Option<u64>, E> {
            Ok(None)
        }

        fn visit_str<E>(self, _: &str) -> Result<Option<u64>, E> {
            Ok(None)
        }

        fn visit_bytes<E>(self, _: &[u8]) -> Result<Option<u64>, E> {
            Ok(None)
        }

        fn visit_unit<E>(self) -> Result<Option<u64>, E> {
            Ok(None)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<u64>, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<u64>, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(None)
        }
    }

    deserializer.deserialize_any(Lax)
}

/// Reads a field that is there: `null` becomes `Some(None)`, so that absent and null can be told apart.
#[expect(clippy::option_option, reason = "absent, null and a value are three different things on the wire")]
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Reads a struct that is written as a map: serde would take a list of its values, too.
pub(crate) fn map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Map<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Map<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_map(Map(PhantomData))
}

/// As [`map`]; `null` is none.
pub(crate) fn optional_map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    struct OptionalMap<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for OptionalMap<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map or null")
        }

        fn visit_none<E>(self) -> Result<Option<T>, E> {
            Ok(None)
        }

        fn visit_unit<E>(self) -> Result<Option<T>, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
            map(deserializer).map(Some)
        }
    }

    deserializer.deserialize_option(OptionalMap(PhantomData))
}

/// Reads a list of at most [`LIST_MAX`] entries: each costs far more in memory than the two bytes it may have on the
/// wire. What a field allows is a limit of its own, and lower.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct List<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(entry) = seq.next_element()? {
                if list.len() == LIST_MAX {
                    return Err(A::Error::custom(format_args!("a list of more than {LIST_MAX} entries")));
                }
                list.push(entry);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_seq(List(PhantomData))
}

/// As [`list`]; for a field that is there, where `null` says something else than its absence.
#[expect(clippy::option_option, reason = "absent, null and a value are three different things on the wire")]
pub(crate) fn present_list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<Vec<T>>>, D::Error> {
    struct Listed<T>(Vec<T>);

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Listed<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            list(deserializer).map(Self)
        }
    }

    Ok(Some(Option::<Listed<T>>::deserialize(deserializer)?.map(|listed| listed.0)))
}

/// Bytes on the wire: binary in `MessagePack`, base64 in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blob(pub Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&BASE64.encode(&self.0))
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            // What an untagged enum holds back calls itself readable, whatever it was read from.
            deserializer.deserialize_any(Bytes { or_text: true })
        } else {
            deserializer.deserialize_byte_buf(Bytes { or_text: false })
        }
    }
}

struct Bytes {
    /// Base64 will do.
    or_text: bool,
}

impl Visitor<'_> for Bytes {
    type Value = Blob;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.or_text { "bytes in base64" } else { "bytes" })
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Blob, E> {
        if !self.or_text {
            return Err(E::invalid_type(serde::de::Unexpected::Str(text), &self));
        }
        BASE64.decode(text).map(Blob).map_err(E::custom)
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Blob, E> {
        Ok(Blob(bytes.to_owned()))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Blob, E> {
        Ok(Blob(bytes))
    }
}
