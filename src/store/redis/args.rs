//! Arguments of scripts. Numbers of 64 bits travel as hexadecimal digits, since Lua's numbers lose some of theirs.

use bytes::Bytes;

use crate::store::Position;

/// Arguments, in the order in which the script reads them.
#[derive(Default)]
pub(super) struct Args(Vec<Bytes>);

impl Args {
    /// Adds bytes.
    #[must_use]
    pub(super) fn bytes(mut self, bytes: Bytes) -> Self {
        self.0.push(bytes);
        self
    }

    /// Adds a text.
    #[must_use]
    pub(super) fn text(self, text: &str) -> Self {
        self.bytes(Bytes::copy_from_slice(text.as_bytes()))
    }

    /// Adds a number below 2^53, in decimal digits.
    #[must_use]
    pub(super) fn number(self, number: impl std::fmt::Display) -> Self {
        self.bytes(number.to_string().into())
    }

    /// Adds a number as 16 hexadecimal digits.
    #[must_use]
    pub(super) fn hex(self, number: u64) -> Self {
        self.bytes(format!("{number:016x}").into())
    }

    /// Adds epoch, seq and tag; without a position nothing, 0 and nothing.
    #[must_use]
    pub(super) fn position(self, position: Option<Position>) -> Self {
        match position {
            Some(Position { epoch, seq, tag }) => self.hex(epoch.0).number(seq.0).hex(tag.0),
            None => self.text("").number(0).text(""),
        }
    }

    /// Adds all of them.
    #[must_use]
    pub(super) fn all(self, args: impl IntoIterator<Item = Self>) -> Self {
        args.into_iter().fold(self, |mut all, args| {
            all.0.extend(args.0);
            all
        })
    }

    /// All of them.
    pub(super) fn done(self) -> Vec<Bytes> {
        self.0
    }
}
