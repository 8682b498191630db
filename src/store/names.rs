//! Names of logs that are not the ids of what they are about.

use std::fmt;

use quire_protocol::UserId;
use sha2::{Digest as _, Sha256};

/// Whose drafts: the user's id comes from elsewhere and may hold anything, so its hash is the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Drawer(String);

impl Drawer {
    /// 128 bits of a hash, in hexadecimal digits.
    const DIGITS: usize = 32;

    /// The drawer of this user.
    pub fn of(user: &UserId) -> Self {
        let mut name = hex(user.as_str());
        name.truncate(Self::DIGITS);
        Self(name)
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        let is_name = name.len() == Self::DIGITS && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_name.then(|| Self(name.to_owned()))
    }
}

impl fmt::Display for Drawer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 of a text in hexadecimal digits: the name of what comes from elsewhere.
pub(crate) fn hex(text: &str) -> String {
    use fmt::Write as _;
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        write!(digits, "{byte:02x}").expect("a string takes everything");
    }
    digits
}

/// One of sixteen logs that share a work, named by a hexadecimal digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shelf(u8);

impl Shelf {
    /// The shelf for what has this hash: they fill evenly.
    pub fn of(hash: &[u8; 32]) -> Self {
        Self(hash[0] & 0xf)
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        match name.as_bytes() {
            [digit @ b'0'..=b'9'] => Some(Self(digit - b'0')),
            [digit @ b'a'..=b'f'] => Some(Self(digit - b'a' + 10)),
            _ => None,
        }
    }
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}
