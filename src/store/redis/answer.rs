//! Answers of scripts, taken apart. An answer that cannot be is damage, never a panic.

use bytes::Bytes;
use quire_protocol::{Epoch, Seq, Timestamp, Token};
use redis::Value;

use crate::store::{Position, Record, StoreError, Tag};

/// The parts of a list, from the first on.
pub(super) struct Parts(std::vec::IntoIter<Value>);

/// What an answer lacks.
pub(super) fn damaged(lacking: &str) -> StoreError {
    StoreError::Corrupt(format!("Redis answered without {lacking}"))
}

impl Parts {
    /// The parts of this answer.
    pub(super) fn of(answer: Value) -> Result<Self, StoreError> {
        match answer {
            Value::Array(parts) => Ok(Self(parts.into_iter())),
            _ => Err(damaged("a list")),
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.0.len() == 0
    }

    /// Bytes, or nothing.
    pub(super) fn bytes_if_any(&mut self) -> Result<Option<Bytes>, StoreError> {
        match self.0.next() {
            Some(Value::BulkString(bytes)) => Ok(Some(bytes.into())),
            Some(Value::Nil) => Ok(None),
            _ => Err(damaged("bytes")),
        }
    }

    /// Bytes.
    pub(super) fn bytes(&mut self) -> Result<Bytes, StoreError> {
        self.bytes_if_any()?.ok_or_else(|| damaged("bytes"))
    }

    /// Text.
    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        String::from_utf8(self.bytes()?.into()).map_err(|_| damaged("a text"))
    }

    /// A whole number.
    pub(super) fn number(&mut self) -> Result<u64, StoreError> {
        self.text()?.parse().map_err(|_| damaged("a number"))
    }

    /// A number that was written as 16 hexadecimal digits.
    pub(super) fn hex(&mut self) -> Result<u64, StoreError> {
        hex(&self.text()?).ok_or_else(|| damaged("hexadecimal digits"))
    }

    /// An epoch, a seq and a tag.
    pub(super) fn position(&mut self) -> Result<Position, StoreError> {
        Ok(Position { epoch: Epoch(self.hex()?), seq: Seq(self.number()?), tag: Tag(self.hex()?) })
    }

    /// A list of its own.
    pub(super) fn list(&mut self) -> Result<Self, StoreError> {
        self.0.next().map_or_else(|| Err(damaged("a list")), Self::of)
    }

    /// Records, as they lie in a stream.
    pub(super) fn records(&mut self) -> Result<Vec<Record>, StoreError> {
        self.list()?.0.map(record).collect()
    }

    /// All that is left are texts.
    pub(super) fn texts(mut self) -> Result<Vec<String>, StoreError> {
        let mut texts = Vec::with_capacity(self.0.len());
        while !self.is_empty() {
            texts.push(self.text()?);
        }
        Ok(texts)
    }
}

/// Records, as a script that answers nothing else gives them.
pub(super) fn records(answer: Value) -> Result<Vec<Record>, StoreError> {
    Parts::of(answer)?.0.map(record).collect()
}

/// A stream's entry: its id is the seq, its fields are written in one order.
fn record(entry: Value) -> Result<Record, StoreError> {
    let mut entry = Parts::of(entry)?;
    let seq = entry.text()?.strip_suffix("-0").and_then(|seq| seq.parse().ok()).ok_or_else(|| damaged("a seq"))?;
    let mut fields = entry.list()?;
    let mut field = |name: &str| {
        let is_it = fields.bytes()? == name;
        if is_it { fields.bytes() } else { Err(damaged(name)) }
    };
    let number = |bytes: Bytes| {
        let digits = std::str::from_utf8(&bytes).ok().and_then(|digits| digits.parse().ok());
        digits.ok_or_else(|| damaged("a number"))
    };
    let (stamp, at) = (Token(number(field("stamp")?)?), Timestamp(number(field("at")?)?));
    let tag = field("tag")?;
    let tag = std::str::from_utf8(&tag).ok().and_then(hex).ok_or_else(|| damaged("a tag"))?;
    Ok(Record { seq: Seq(seq), stamp, at, tag: Tag(tag), payload: field("payload")? })
}

/// Parses 16 hexadecimal digits.
pub(super) fn hex(digits: &str) -> Option<u64> {
    let is_well_formed = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_well_formed { u64::from_str_radix(digits, 16).ok() } else { None }
}
