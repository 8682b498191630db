//! GIF: a screen, and blocks that are cut into pieces of at most 255 bytes.

use super::{Walked, area, bytes_at, piece};

/// Signature, sides, flags, background, ratio.
const SCREEN_BYTES: usize = 13;
/// Where an image stands, how large it is, its flags.
const IMAGE_BYTES: usize = 10;
const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const END: u8 = 0x3b;
/// How a frame is shown.
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;
/// How often a moving picture begins again, and what its colours are.
const KEPT_APPLICATIONS: [&[u8]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

pub(super) fn walk(bytes: &[u8]) -> Option<Walked> {
    let side = |at| Some(u32::from(u16::from_le_bytes(bytes_at(bytes, at)?)));
    let (mut width, mut height) = (side(6)?, side(8)?);
    let mut at = SCREEN_BYTES + colours(*bytes.get(10)?);
    let mut kept = bytes.get(..at)?.to_vec();
    let (mut has_image, mut pixels) = (false, 0);
    loop {
        match bytes.get(at) {
            // The end may be missing, nothing else may.
            None | Some(&END) if has_image => break,
            Some(&EXTENSION) => {
                let label = *bytes.get(at + 1)?;
                let end = end_of_pieces(bytes, at + 2)?;
                let first = piece(bytes, at + 3, usize::from(*bytes.get(at + 2)?))?;
                if label == CONTROL || (label == APPLICATION && KEPT_APPLICATIONS.contains(&first)) {
                    kept.extend_from_slice(&bytes[at..end]);
                }
                at = end;
            }
            Some(&IMAGE) => {
                let head = piece(bytes, at, IMAGE_BYTES)?;
                let (left, top) = (side(at + 1)?, side(at + 3)?);
                let (wide, high) = (side(at + 5)?, side(at + 7)?);
                pixels = pixels.max(area(left + wide, top + high));
                if !has_image {
                    // Some programs write no screen; then it is as large as its first image.
                    width = if width == 0 { left + wide } else { width };
                    height = if height == 0 { top + high } else { height };
                }
                has_image = true;
                // The least size of a code comes before the pieces.
                let pieces = at + IMAGE_BYTES + colours(head[9]) + 1;
                let end = end_of_pieces(bytes, pieces)?;
                kept.extend_from_slice(&bytes[at..end]);
                at = end;
            }
            _ => return None,
        }
    }
    kept.push(END);
    Some(Walked { width, height, pixels, bytes: kept })
}

/// The bytes of a table of colours, if the flags say that there is one.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 0x07) + 1) }
}

/// Where pieces end that begin here: behind an empty one.
fn end_of_pieces(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}
