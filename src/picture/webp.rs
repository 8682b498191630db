//! WebP: chunks in a RIFF file, each with its length in front, and a byte more where that is odd.

use super::exif::{Orientation, shown};
use super::{Walked, area, bytes_at, piece};

/// `RIFF`, the length of the rest, `WEBP`.
const HEAD_BYTES: usize = 12;
/// The head of a frame of a moving picture, before its own chunks.
const FRAME_BYTES: usize = 16;
/// Flags of the extended kind that say that there are EXIF and XMP.
const EXIF_FLAG: u8 = 0x08;
const XMP_FLAG: u8 = 0x04;
/// Sides have 14 bits in the simple kinds.
const SIDE_MASK: u32 = 0x3fff;

/// What a list of chunks holds.
#[derive(Default)]
struct Found {
    /// The size on the screen, as the extended kind says it.
    canvas: Option<(u32, u32)>,
    /// The size of the first image.
    image: Option<(u32, u32)>,
    pixels: u64,
    orientation: Option<Orientation>,
    kept: Vec<u8>,
}

pub(super) fn walk(bytes: &[u8]) -> Option<Walked> {
    let length = usize::try_from(u32::from_le_bytes(bytes_at(bytes, 4)?)).ok()?;
    // What stands behind the announced end is no part of it.
    let file = piece(bytes, 8, length)?;
    let mut found = Found::default();
    found.chunks(file.get(4..)?, true)?;
    let (width, height) = found.canvas.or(found.image).filter(|_| found.image.is_some())?;
    let Found { orientation, mut kept, pixels, .. } = found;
    // Only the extended kind has a place for it.
    let orientation = orientation.filter(|_| found.canvas.is_some());
    if let Some(orientation) = orientation {
        kept[8] |= EXIF_FLAG;
        let tiff = orientation.tiff();
        kept.extend(b"EXIF");
        kept.extend(u32::try_from(tiff.len()).ok()?.to_le_bytes());
        kept.extend(tiff);
    }
    let length = u32::try_from(kept.len() + 4).ok()?;
    let mut bytes = Vec::with_capacity(HEAD_BYTES + kept.len());
    bytes.extend(b"RIFF");
    bytes.extend(length.to_le_bytes());
    bytes.extend(b"WEBP");
    bytes.extend(kept);
    let (width, height) = shown(width, height, orientation);
    Some(Walked { width, height, pixels, bytes })
}

impl Found {
    /// Walks chunks: those of the file, or of a frame, which holds no frames.
    fn chunks(&mut self, bytes: &[u8], is_file: bool) -> Option<()> {
        let mut at = 0;
        while at < bytes.len() {
            let name: [u8; 4] = bytes_at(bytes, at)?;
            let length = usize::try_from(u32::from_le_bytes(bytes_at(bytes, at + 4)?)).ok()?;
            let data = piece(bytes, at + 8, length)?;
            at += 8 + length + length % 2;
            match &name {
                b"VP8X" if is_file && self.kept.is_empty() => {
                    let canvas = (side(data, 4)?, side(data, 7)?);
                    self.canvas = Some(canvas);
                    self.pixels = area(canvas.0, canvas.1);
                    let mut data = data.to_vec();
                    data[0] &= !(EXIF_FLAG | XMP_FLAG);
                    self.keep(*b"VP8X", &data);
                }
                b"VP8 " | b"VP8L" => {
                    let sides = if name[3] == b'L' { lossless(data)? } else { lossy(data)? };
                    self.pixels = self.pixels.max(area(sides.0, sides.1));
                    if is_file && self.image.is_some() {
                        return None;
                    }
                    self.image = self.image.or(Some(sides));
                    if is_file {
                        self.keep(name, data);
                    }
                }
                b"ANMF" if is_file && self.canvas.is_some() => {
                    self.chunks(data.get(FRAME_BYTES..)?, false)?;
                    self.keep(name, data);
                }
                // In a place that is none of theirs.
                b"VP8X" | b"ANMF" => return None,
                b"ALPH" | b"ANIM" | b"ICCP" if is_file => self.keep(name, data),
                b"EXIF" if is_file => {
                    let tiff = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
                    self.orientation = self.orientation.or(Orientation::of(tiff));
                }
                _ => {}
            }
        }
        Some(())
    }

    fn keep(&mut self, name: [u8; 4], data: &[u8]) {
        let length = u32::try_from(data.len()).expect("it came with its length in four bytes");
        self.kept.extend(name);
        self.kept.extend(length.to_le_bytes());
        self.kept.extend(data);
        if data.len() % 2 == 1 {
            self.kept.push(0);
        }
    }
}

/// A side of the extended kind: three bytes, one less than it is.
fn side(data: &[u8], at: usize) -> Option<u32> {
    let [a, b, c] = bytes_at(data, at)?;
    Some(u32::from_le_bytes([a, b, c, 0]) + 1)
}

fn lossy(data: &[u8]) -> Option<(u32, u32)> {
    let [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1] = bytes_at(data, 0)? else { return None };
    let side = |low, high| u32::from(u16::from_le_bytes([low, high])) & SIDE_MASK;
    Some((side(w0, w1), side(h0, h1)))
}

fn lossless(data: &[u8]) -> Option<(u32, u32)> {
    let [0x2f, rest @ ..] = bytes_at::<5>(data, 0)? else { return None };
    let bits = u32::from_le_bytes(rest);
    Some(((bits & SIDE_MASK) + 1, ((bits >> 14) & SIDE_MASK) + 1))
}
