//! What a camera says about a picture (TIFF): read for how it is to be turned, and for nothing else.

use super::bytes_at;

/// The tag of the orientation.
const ORIENTATION: u16 = 0x0112;
/// A whole number of two bytes.
const SHORT: u16 = 3;
/// Entries of the first directory that are looked at.
const ENTRIES_MAX: u16 = 512;

/// How a picture is to be turned or mirrored before it is shown: 2 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Orientation {
    /// What the camera said; `None`: nothing, nothing that can be read, or that it stands as it should.
    pub(super) fn of(tiff: &[u8]) -> Option<Self> {
        let is_big = match tiff.get(..4)? {
            b"MM\0*" => true,
            b"II*\0" => false,
            _ => return None,
        };
        let short = |at: usize| {
            let bytes = bytes_at::<2>(tiff, at)?;
            Some(if is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
        };
        let first = bytes_at::<4>(tiff, 4)?;
        let first = if is_big { u32::from_be_bytes(first) } else { u32::from_le_bytes(first) };
        let first = usize::try_from(first).ok()?;
        for entry in 0..short(first)?.min(ENTRIES_MAX) {
            let at = first.checked_add(2 + 12 * usize::from(entry))?;
            if short(at)? == ORIENTATION && short(at.checked_add(2)?)? == SHORT {
                let value = u8::try_from(short(at.checked_add(8)?)?).ok()?;
                return (2..=8).contains(&value).then_some(Self(value));
            }
        }
        None
    }

    /// Whether what was wide is high.
    pub(super) fn is_turned(self) -> bool {
        self.0 >= 5
    }

    /// The same, said with nothing else.
    pub(super) fn tiff(self) -> [u8; 26] {
        let mut tiff = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
        tiff[19] = self.0;
        tiff
    }
}

/// The sides as they are shown.
pub(super) fn shown(width: u32, height: u32, orientation: Option<Orientation>) -> (u32, u32) {
    if orientation.is_some_and(Orientation::is_turned) { (height, width) } else { (width, height) }
}
