//! Whether bytes are one well-formed frame, told without recursion and without building anything.

use serde::Deserialize as _;
use serde::de::IgnoredAny;

use super::{DEPTH_MAX, DecodeError};

/// One `MessagePack` map with string keys throughout, valid UTF-8, no extension types, bounded depth, nothing after it.
pub(super) fn message_pack(bytes: &[u8]) -> Result<(), DecodeError> {
    if !matches!(bytes.first(), Some(0x80..=0x8f | 0xde | 0xdf)) {
        return Err(DecodeError::NotAMap);
    }
    let mut input = Input(bytes);
    let mut open = Open { levels: [Level::default(); DEPTH_MAX], depth: 0 };
    open.value(input.value()?)?;
    while let Some(level) = open.innermost() {
        let is_key = level.is_map && level.left.is_multiple_of(2);
        level.left -= 1;
        let value = input.value()?;
        if is_key && value != Value::Text {
            return Err(not_a_frame("a key that is no string"));
        }
        open.value(value)?;
    }
    if input.0.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes) }
}

/// The containers that have begun and not ended, outermost first.
struct Open {
    levels: [Level; DEPTH_MAX],
    depth: usize,
}

#[derive(Clone, Copy, Default)]
struct Level {
    is_map: bool,
    /// Values to come; keys count.
    left: u64,
}

impl Open {
    fn value(&mut self, value: Value) -> Result<(), DecodeError> {
        let level = match value {
            Value::Text | Value::Other => return Ok(()),
            Value::List(count) => Level { is_map: false, left: count },
            Value::Map(count) => Level { is_map: true, left: count * 2 },
        };
        *self.levels.get_mut(self.depth).ok_or(DecodeError::TooDeep)? = level;
        self.depth += 1;
        Ok(())
    }

    /// The innermost container that still misses values.
    fn innermost(&mut self) -> Option<&mut Level> {
        while self.depth > 0 && self.levels[self.depth - 1].left == 0 {
            self.depth -= 1;
        }
        self.levels[..self.depth].last_mut()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Value {
    Text,
    List(u64),
    Map(u64),
    /// Nil, a boolean, a number or bytes.
    Other,
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn value(&mut self) -> Result<Value, DecodeError> {
        let marker = self.skip(1)?[0];
        let low = |mask: u8| u64::from(marker & mask);
        match marker {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => Ok(Value::Other),
            0x80..=0x8f => Ok(Value::Map(low(0x0f))),
            0x90..=0x9f => Ok(Value::List(low(0x0f))),
            0xa0..=0xbf => self.text(low(0x1f)),
            0xc4..=0xc6 => self.number(1 << (marker - 0xc4)).and_then(|length| self.other(length)),
            0xca | 0xce | 0xd2 => self.other(4),
            0xcb | 0xcf | 0xd3 => self.other(8),
            0xcc | 0xd0 => self.other(1),
            0xcd | 0xd1 => self.other(2),
            0xd9..=0xdb => self.number(1 << (marker - 0xd9)).and_then(|length| self.text(length)),
            0xdc | 0xdd => self.number(2 << (marker - 0xdc)).map(Value::List),
            0xde | 0xdf => self.number(2 << (marker - 0xde)).map(Value::Map),
            0xc1 => Err(not_a_frame("the byte c1")),
            0xc7..=0xc9 | 0xd4..=0xd8 => Err(not_a_frame("an extension type")),
        }
    }

    fn text(&mut self, length: u64) -> Result<Value, DecodeError> {
        match std::str::from_utf8(self.skip(length)?) {
            Ok(_) => Ok(Value::Text),
            Err(_) => Err(not_a_frame("text that is not UTF-8")),
        }
    }

    fn other(&mut self, length: u64) -> Result<Value, DecodeError> {
        self.skip(length).map(|_| Value::Other)
    }

    /// A big-endian number of 1, 2 or 4 bytes.
    fn number(&mut self, length: u64) -> Result<u64, DecodeError> {
        Ok(self.skip(length)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn skip(&mut self, length: u64) -> Result<&[u8], DecodeError> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (skipped, rest) = self.0.split_at_checked(length).ok_or_else(|| not_a_frame("it ends too early"))?;
        self.0 = rest;
        Ok(skipped)
    }
}

/// One JSON object of bounded depth, valid UTF-8, nothing but white space around it.
pub(super) fn json(bytes: &[u8]) -> Result<(), DecodeError> {
    // A reader that ignores a value does not look whether its text is UTF-8.
    let text = std::str::from_utf8(bytes).map_err(|_| not_a_frame("text that is not UTF-8"))?;
    if !text.trim_start().starts_with('{') {
        return Err(DecodeError::NotAMap);
    }
    json_depth(bytes)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    IgnoredAny::deserialize(&mut reader).map_err(|error| not_a_frame(&error.to_string()))?;
    reader.end().map_err(|_| DecodeError::TrailingBytes)
}

fn json_depth(bytes: &[u8]) -> Result<(), DecodeError> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(DecodeError::TooDeep);
        }
    }
    Ok(())
}

fn not_a_frame(why: &str) -> DecodeError {
    DecodeError::NotAFrame(why.to_owned())
}
