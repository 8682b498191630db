//! PNG: a signature and chunks, each with its length in front and a sum behind.

use flate2::Crc;

use super::exif::{Orientation, shown};
use super::{Walked, area, bytes_at, piece};

const SIGNATURE_BYTES: usize = 8;
/// Length and name before a chunk's data, and its sum behind.
const AROUND_BYTES: usize = 12;
/// The first chunk's data.
const HEADER_BYTES: usize = 13;
/// Chunks that say something about what is to be seen. All others go: texts, times, EXIF.
const KEPT: [&[u8; 4]; 19] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI",
    b"sBIT", b"bKGD", b"pHYs", b"hIST", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn walk(bytes: &[u8]) -> Option<Walked> {
    let mut kept = bytes.get(..SIGNATURE_BYTES)?.to_vec();
    let (mut at, mut has_image, mut orientation) = (SIGNATURE_BYTES, false, None);
    let mut sides = None;
    loop {
        let length = usize::try_from(u32::from_be_bytes(bytes_at(bytes, at)?)).ok()?;
        let name: [u8; 4] = bytes_at(bytes, at + 4)?;
        let chunk = piece(bytes, at, length.checked_add(AROUND_BYTES)?)?;
        let data = &chunk[8..8 + length];
        at += chunk.len();
        match &name {
            b"IHDR" if sides.is_none() && length == HEADER_BYTES => {
                sides = Some((u32::from_be_bytes(bytes_at(data, 0)?), u32::from_be_bytes(bytes_at(data, 4)?)));
            }
            // It comes first, and once.
            _ if sides.is_none() || &name == b"IHDR" => return None,
            b"IDAT" => has_image = true,
            b"eXIf" => orientation = orientation.or(Orientation::of(data)),
            // What nobody can leave out and nobody here knows.
            _ if name[0].is_ascii_uppercase() && !KEPT.contains(&&name) => return None,
            _ => {}
        }
        if &name == b"IEND" {
            if let Some(orientation) = orientation {
                kept.extend(written(*b"eXIf", &orientation.tiff()));
            }
            kept.extend_from_slice(chunk);
            break;
        }
        if KEPT.contains(&&name) {
            kept.extend_from_slice(chunk);
        }
    }
    let (width, height) = sides.filter(|_| has_image)?;
    let pixels = area(width, height);
    let (width, height) = shown(width, height, orientation);
    Some(Walked { width, height, pixels, bytes: kept })
}

/// A chunk with its length and its sum.
fn written(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(&name);
    sum.update(data);
    let length = u32::try_from(data.len()).expect("it is an orientation");
    [&length.to_be_bytes()[..], &name, data, &sum.sum().to_be_bytes()].concat()
}
