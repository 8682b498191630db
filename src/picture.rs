//! Pictures by their bytes: of what kind they are, how large, and without what a camera says about people and places.
//!
//! Nothing is decoded here and no name or declared type is believed. A picture is walked from its first byte to its
//! end, piece by piece as its kind has them. Pieces that show nothing (EXIF, XMP, IPTC, comments, previews, whatever
//! stands behind the end) are left out; of EXIF only the orientation stays, where it turns the picture.

use std::fmt;

use bytes::Bytes;
use quire_protocol::AssetId;
use quire_protocol::id::ASSET_ID_CHARS;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

mod exif;
mod gif;
mod jpeg;
mod png;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
mod webp;

/// How many bytes of a text are looked at to tell that it is an SVG.
const SVG_LOOK_BYTES: usize = 4096;

/// What kinds of pictures there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PictureKind {
    /// PNG, moving ones included.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF, moving ones included.
    Gif,
    /// WebP, moving ones included.
    Webp,
}

impl PictureKind {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Png, Self::Jpeg, Self::Gif, Self::Webp];

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::Webp => "webp",
        }
    }

    /// What it is called.
    fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::Webp => "WebP",
        }
    }
}

/// A picture that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its kind.
    pub kind: PictureKind,
    /// How wide it is shown, in pixels.
    pub width: u32,
    /// How high it is shown, in pixels.
    pub height: u32,
    /// The picture without what shows nothing.
    pub bytes: Bytes,
}

impl Picture {
    /// What its bytes are called.
    pub fn id(&self) -> AssetId {
        id(&self.bytes)
    }
}

/// What bytes are called as a picture.
pub fn id(bytes: &[u8]) -> AssetId {
    use fmt::Write as _;
    let mut digits = String::with_capacity(2 * ASSET_ID_CHARS);
    for byte in Sha256::digest(bytes) {
        write!(digits, "{byte:02x}").expect("a string takes everything");
    }
    digits.truncate(ASSET_ID_CHARS);
    AssetId::new(&digits).expect("these are hexadecimal digits")
}

/// Why something is no picture that a book takes. `Display` is a fragment for a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureError {
    /// None of the kinds that are taken.
    Unknown,
    /// A drawing that is a program, too.
    Svg,
    /// It begins as this kind does and goes on as none.
    Malformed(PictureKind),
    /// It would take too much memory to be shown.
    TooManyPixels {
        /// Most that there may be.
        max: u64,
    },
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("it is no PNG, JPEG, GIF or WebP"),
            Self::Svg => f.write_str("it is an SVG, which can hold programs; a PNG of the same drawing is taken"),
            Self::Malformed(kind) => write!(f, "it is a damaged {}", kind.name()),
            Self::TooManyPixels { max } => write!(f, "it has more than {max} pixels"),
        }
    }
}

impl std::error::Error for PictureError {}

/// What a walk over the bytes found.
struct Walked {
    /// What is to be seen: the size on the screen.
    width: u32,
    height: u32,
    /// The most pixels that showing it takes at a time: a frame may be larger than what is shown of it.
    pixels: u64,
    /// What stays.
    bytes: Vec<u8>,
}

/// Looks at a picture; `pixels_max` bounds what it takes to show it.
pub fn read(bytes: &[u8], pixels_max: u64) -> Result<Picture, PictureError> {
    let kind = kind_of(bytes)?;
    let walked = match kind {
        PictureKind::Png => png::walk(bytes),
        PictureKind::Jpeg => jpeg::walk(bytes),
        PictureKind::Gif => gif::walk(bytes),
        PictureKind::Webp => webp::walk(bytes),
    };
    let Walked { width, height, pixels, bytes } = walked.ok_or(PictureError::Malformed(kind))?;
    if width == 0 || height == 0 {
        return Err(PictureError::Malformed(kind));
    }
    if pixels.max(area(width, height)) > pixels_max {
        return Err(PictureError::TooManyPixels { max: pixels_max });
    }
    Ok(Picture { kind, width, height, bytes: bytes.into() })
}

/// The kind by the first bytes.
fn kind_of(bytes: &[u8]) -> Result<PictureKind, PictureError> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Ok(PictureKind::Png),
        [0xff, 0xd8, 0xff, ..] => Ok(PictureKind::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(PictureKind::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(PictureKind::Webp),
        other if is_svg(other) => Err(PictureError::Svg),
        _ => Err(PictureError::Unknown),
    }
}

/// Whether it looks like a drawing in XML: only to say so.
fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(SVG_LOOK_BYTES)]);
    let begins = head.trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}').starts_with('<');
    begins && head.contains("<svg")
}

fn area(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

/// So many bytes from a place on, if they are there.
fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// A piece of this length from a place on, if it is there.
fn piece(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}
