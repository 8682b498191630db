//! JPEG: segments that begin with a marker, and the image itself, in which a marker is told by what follows its first
//! byte.

use super::exif::{Orientation, shown};
use super::{Walked, area, bytes_at, piece};

const START: [u8; 2] = [0xff, 0xd8];
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
/// Camera's data and other applications' data.
const APP_0: u8 = 0xe0;
const APP_1: u8 = 0xe1;
const APP_2: u8 = 0xe2;
const APP_14: u8 = 0xee;
const APP_15: u8 = 0xef;
const COMMENT: u8 = 0xfe;
const EXIF: &[u8] = b"Exif\0\0";

pub(super) fn walk(bytes: &[u8]) -> Option<Walked> {
    let mut segments = Segments { bytes, at: START.len() };
    let mut kept = Vec::with_capacity(bytes.len());
    let (mut sides, mut orientation, mut has_image) = (None, None, false);
    while let Some(marker) = segments.marker(has_image)? {
        let segment = segments.segment()?;
        // Its first two bytes are its own length.
        let data = segment.get(2..)?;
        match marker {
            APP_1 if orientation.is_none() => {
                orientation = data.strip_prefix(EXIF).and_then(Orientation::of);
            }
            marker if is_frame(marker) => {
                // A second one would make another picture of it.
                if sides.is_some() {
                    return None;
                }
                let side = |at| Some(u32::from(u16::from_be_bytes(bytes_at(data, at)?)));
                sides = Some((side(3)?, side(1)?));
            }
            _ => {}
        }
        if is_shown(marker, data) {
            kept.extend([0xff, marker]);
            kept.extend_from_slice(segment);
        }
        if marker == SCAN {
            sides?;
            has_image = true;
            kept.extend_from_slice(segments.image());
        }
    }
    let (width, height) = sides.filter(|_| has_image)?;
    let pixels = area(width, height);
    let (width, height) = shown(width, height, orientation);
    let turn = orientation.map(camera).unwrap_or_default();
    let bytes = [&START[..], &turn, &kept, &[0xff, END]].concat();
    Some(Walked { width, height, pixels, bytes })
}

struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    /// The marker that comes next; `None` at the end. Behind an image the end may be missing: cameras lose power.
    #[expect(clippy::option_option, reason = "malformed, the end, or a marker")]
    fn marker(&mut self, has_image: bool) -> Option<Option<u8>> {
        if self.at >= self.bytes.len() && has_image {
            return Some(None);
        }
        if *self.bytes.get(self.at)? != 0xff {
            return None;
        }
        // Any number of these may stand before a marker.
        while *self.bytes.get(self.at)? == 0xff {
            self.at += 1;
        }
        let marker = self.bytes[self.at];
        self.at += 1;
        match marker {
            END => Some(None),
            // What has no length, or begins another picture, has no place between segments.
            0x00..=0xbf | 0xd0..=0xd8 => None,
            marker => Some(Some(marker)),
        }
    }

    fn segment(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(u16::from_be_bytes(bytes_at(self.bytes, self.at)?));
        let segment = piece(self.bytes, self.at, length).filter(|_| length >= 2)?;
        self.at += length;
        Some(segment)
    }

    /// The image up to the next marker that ends it.
    fn image(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let is_end = |at: &usize| {
            let next = rest.get(at + 1);
            rest[*at] == 0xff && next.is_none_or(|next| !matches!(next, 0x00 | 0xd0..=0xd7 | 0xff))
        };
        let mut length = (0..rest.len()).find(is_end).unwrap_or(rest.len());
        // A marker that was cut in two is none.
        self.at += length;
        if self.at + 1 == self.bytes.len() {
            self.at += 1;
        }
        // Filling before the marker is not part of the image.
        while length > 0 && rest[length - 1] == 0xff {
            length -= 1;
        }
        &rest[..length]
    }
}

/// Whether a segment says how large the image is.
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// Whether a segment says something about what is to be seen. Of applications' data that are colours alone.
fn is_shown(marker: u8, data: &[u8]) -> bool {
    match marker {
        APP_0 => data.starts_with(b"JFIF\0"),
        APP_2 => data.starts_with(b"ICC_PROFILE\0"),
        APP_14 => data.starts_with(b"Adobe"),
        APP_0..=APP_15 | COMMENT => false,
        _ => true,
    }
}

/// A segment that says how to turn the picture and nothing else.
fn camera(orientation: Orientation) -> Vec<u8> {
    let tiff = orientation.tiff();
    let length = u16::try_from(2 + EXIF.len() + tiff.len()).expect("it is short");
    [&[0xff, APP_1][..], &length.to_be_bytes(), EXIF, &tiff].concat()
}
