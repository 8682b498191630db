use super::samples::{
    ALL, LOSSLESS_WEBP, LOSSY_WEBP, MOVING_GIF, MOVING_WEBP, PLAIN_JPEG, PROGRESSIVE_JPEG, STILL_GIF, TURNED_JPEG,
    TURNED_PNG, TURNED_WEBP, chunk, png,
};
use super::*;

const PIXELS_MAX: u64 = 64 * 1024 * 1024;

fn looked_at(bytes: &[u8]) -> Result<(PictureKind, u32, u32), PictureError> {
    read(bytes, PIXELS_MAX).map(|picture| (picture.kind, picture.width, picture.height))
}

fn has(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

/// A PNG of these chunks.
fn png_of(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

fn header(width: u32, height: u32) -> Vec<u8> {
    chunk(*b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat())
}

#[test]
fn kind_and_size_are_those_of_the_bytes() {
    use PictureKind::{Gif, Jpeg, Png, Webp};
    let cases: [(&[u8], PictureKind, u32, u32); 10] = [
        (PLAIN_JPEG, Jpeg, 6, 4),
        (PROGRESSIVE_JPEG, Jpeg, 6, 4),
        // Turned by a quarter when it is shown.
        (TURNED_JPEG, Jpeg, 4, 6),
        (TURNED_PNG, Png, 4, 6),
        (STILL_GIF, Gif, 6, 4),
        (MOVING_GIF, Gif, 6, 4),
        (LOSSY_WEBP, Webp, 6, 4),
        (LOSSLESS_WEBP, Webp, 6, 4),
        (TURNED_WEBP, Webp, 4, 6),
        (MOVING_WEBP, Webp, 6, 4),
    ];
    for (bytes, kind, width, height) in cases {
        assert_eq!(looked_at(bytes), Ok((kind, width, height)));
    }
    assert_eq!(looked_at(&png(640, 480)), Ok((Png, 640, 480)));
}

#[test]
fn what_was_looked_at_once_stays_as_it_is() {
    for bytes in ALL {
        let once = read(bytes, PIXELS_MAX).unwrap();
        assert_eq!(read(&once.bytes, PIXELS_MAX).unwrap(), once);
    }
    let plain = png(3, 2);
    assert_eq!(read(&plain, PIXELS_MAX).unwrap().bytes, plain, "nothing in it is left out");
    assert_eq!(read(LOSSY_WEBP, PIXELS_MAX).unwrap().bytes, LOSSY_WEBP);
    assert_eq!(read(MOVING_GIF, PIXELS_MAX).unwrap().bytes, MOVING_GIF);
}

#[test]
fn cameras_and_places_are_left_out_and_the_orientation_stays() {
    assert!(has(TURNED_JPEG, "Secret Camera") && has(TURNED_JPEG, "who made it") && has(TURNED_PNG, "Secret"));
    assert!(has(TURNED_WEBP, "Secret Camera") && has(TURNED_WEBP, "xmpmeta") && has(STILL_GIF, "who made it"));
    for bytes in [TURNED_JPEG, TURNED_PNG, TURNED_WEBP, STILL_GIF] {
        let picture = read(bytes, PIXELS_MAX).unwrap();
        for said in ["Secret", "who made it", "xmpmeta", "GPS"] {
            assert!(!has(&picture.bytes, said), "{:?} says {said}", picture.kind);
        }
        assert!(picture.bytes.len() < bytes.len());
        let is_turned = has(&picture.bytes, "MM\0*");
        assert_eq!(is_turned, picture.kind != PictureKind::Gif, "{:?}", picture.kind);
    }
}

#[test]
fn what_stands_behind_the_end_is_no_part_of_a_picture() {
    for bytes in ALL {
        let alone = read(bytes, PIXELS_MAX).unwrap();
        for tail in [&b"PK\x03\x04 an archive"[..], b"<script>alert(1)</script>", &[0; 9]] {
            let two = read(&[bytes, tail].concat(), PIXELS_MAX).unwrap();
            assert_eq!(two, alone, "{:?}", alone.kind);
        }
    }
}

#[test]
fn other_files_are_refused_whatever_they_claim() {
    let unknown: [&[u8]; 9] = [
        b"",
        b"P",
        b"\x89PNG\r\n",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"<html><script>alert(1)</script></html>",
        b"BM6\0\0\0",
        b"II*\0\x08\0\0\0",
        b"\0\0\0\x1cftypavif",
    ];
    for bytes in unknown {
        assert_eq!(looked_at(bytes), Err(PictureError::Unknown), "{bytes:?}");
    }
    let drawings: [&[u8]; 3] = [
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        b"\xef\xbb\xbf\n<?xml version=\"1.0\"?><!-- x --><svg/>",
        b"<!DOCTYPE svg PUBLIC '' ''><svg onload='alert(1)'/>",
    ];
    for bytes in drawings {
        assert_eq!(looked_at(bytes), Err(PictureError::Svg));
    }
    assert!(PictureError::Svg.to_string().contains("SVG"));
}

/// Files that begin as a picture does and hold something else.
#[test]
fn what_only_begins_as_a_picture_is_refused() {
    let image = || chunk(*b"IDAT", b"x");
    let end = || chunk(*b"IEND", b"");
    let mut long = header(3, 2);
    long[..4].copy_from_slice(&u32::MAX.to_be_bytes());
    let script: &[u8] = b"GIF89a/*\0\0\0\0\0*/=alert(1)";
    let cases: [(&str, Vec<u8>); 16] = [
        ("no header", png_of(&[image(), end()])),
        ("no image", png_of(&[header(3, 2), end()])),
        ("no end", png_of(&[header(3, 2), image()])),
        ("two headers", png_of(&[header(3, 2), header(60_000, 60_000), image(), end()])),
        ("no width", png_of(&[header(0, 2), image(), end()])),
        ("a length beyond the end", png_of(&[long, image(), end()])),
        ("a chunk that nobody may skip", png_of(&[header(3, 2), chunk(*b"EVIL", b"x"), image(), end()])),
        ("a script in a GIF", script.to_vec()),
        ("a screen alone", b"GIF89a\x03\0\x02\0\0\0\0;".to_vec()),
        ("a JPEG without a frame", b"\xff\xd8\xff\xda\0\x02\0\xff\xd9".to_vec()),
        ("a JPEG of markers", b"\xff\xd8\xff\xff\xff\xff".to_vec()),
        ("a segment beyond the end", b"\xff\xd8\xff\xe1\xff\xff".to_vec()),
        ("a segment without its length", b"\xff\xd8\xff\xe1\0\x01".to_vec()),
        ("a RIFF of sound", b"RIFF\x04\0\0\0WAVE".to_vec()),
        ("a RIFF without chunks", b"RIFF\x04\0\0\0WEBP".to_vec()),
        ("a RIFF beyond the end", b"RIFF\xff\xff\xff\xffWEBPVP8 ".to_vec()),
    ];
    for (what, bytes) in cases {
        assert!(looked_at(&bytes).is_err(), "{what}");
    }
}

#[test]
fn a_picture_that_was_cut_is_refused_or_as_good_as_whole() {
    for bytes in ALL {
        let whole = read(bytes, PIXELS_MAX).unwrap();
        for end in 0..bytes.len() {
            if let Ok(cut) = read(&bytes[..end], PIXELS_MAX) {
                // A JPEG or a GIF without its end is shown all the same.
                assert!(matches!(cut.kind, PictureKind::Jpeg | PictureKind::Gif), "{:?} to {end}", cut.kind);
                assert_eq!((cut.width, cut.height), (whole.width, whole.height));
                assert_eq!(read(&cut.bytes, PIXELS_MAX).as_ref(), Ok(&cut), "its end is written");
            }
        }
    }
}

#[test]
fn a_changed_byte_never_panics() {
    for bytes in ALL {
        for at in 0..bytes.len() {
            for value in [0, 0x7f, 0xff, bytes[at] ^ 1] {
                let mut changed = bytes.to_vec();
                changed[at] = value;
                if let Ok(picture) = read(&changed, PIXELS_MAX) {
                    assert!(picture.bytes.len() <= bytes.len() + 64, "a picture does not grow");
                    assert!(read(&picture.bytes, PIXELS_MAX).is_ok(), "what is kept can be read again");
                }
            }
        }
    }
}

#[test]
fn what_would_take_too_much_to_show_is_refused() {
    let bomb = png_of(&[header(60_000, 60_000), chunk(*b"IDAT", b"x"), chunk(*b"IEND", b"")]);
    assert_eq!(looked_at(&bomb), Err(PictureError::TooManyPixels { max: PIXELS_MAX }));
    let most = png_of(&[header(u32::MAX, u32::MAX), chunk(*b"IDAT", b"x"), chunk(*b"IEND", b"")]);
    assert!(matches!(looked_at(&most), Err(PictureError::TooManyPixels { .. })));
    assert_eq!(read(&png(8, 8), 64).map(|picture| picture.width), Ok(8));
    assert_eq!(read(&png(8, 9), 64), Err(PictureError::TooManyPixels { max: 64 }));
    // A small screen with a large frame behind it.
    let frame = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x01\0\0;";
    assert!(matches!(looked_at(frame), Err(PictureError::TooManyPixels { .. })));
    // A small canvas with a large image behind it.
    let mut webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0VP8L\x05\0\0\0\x2f\xff\xff\xff\x0f\0".to_vec();
    let length = u32::try_from(webp.len() - 8).unwrap();
    webp[4..8].copy_from_slice(&length.to_le_bytes());
    assert!(matches!(looked_at(&webp), Err(PictureError::TooManyPixels { .. })));
}
