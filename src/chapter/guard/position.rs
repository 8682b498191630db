//! Relative positions: by what stands there, a place in a document that stays where it is while others write.
//!
//! A position is what it stands beside (0, with the id of a unit), or the whole of something: a root (1, with its name) or
//! a type (2, with the id of what it is in). Then comes the side: 0 for what follows, -1 for what goes before.

use super::{Fault, Profile, Reader, fault};

/// Bytes of a position. The longest that Yjs writes has 15.
pub(super) const POSITION_BYTES_MAX: usize = 64;

/// Signed numbers in their shortest form.
const AFTER: u8 = 0x00;
const BEFORE: u8 = 0x41;

/// Whether these bytes are a position in a document of this profile. Whether anybody ever wrote there is not asked.
pub fn check_position(bytes: &[u8], profile: &Profile) -> Result<(), Fault> {
    fault::at_most("bytes of a position", bytes.len(), POSITION_BYTES_MAX)?;
    let mut reader = Reader::new(bytes);
    match reader.number()? {
        0 | 2 => {
            reader.client()?;
            reader.clock()?;
        }
        1 => profile.check_root(reader.text()?)?,
        _ => return Err(Fault::Malformed("a position beside nothing")),
    }
    match reader.byte()? {
        AFTER | BEFORE => reader.end(),
        _ => Err(Fault::Malformed("a position on no side")),
    }
}
