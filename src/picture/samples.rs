//! Pictures of six by four pixels, as programs write them. Those that are turned say so by EXIF with orientation 6,
//! and name a camera and a place beside it.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

pub(crate) const TURNED_JPEG: &[u8] = include_bytes!("tests/turned.jpg");
pub(crate) const PLAIN_JPEG: &[u8] = include_bytes!("tests/plain.jpg");
pub(crate) const PROGRESSIVE_JPEG: &[u8] = include_bytes!("tests/progressive.jpg");
pub(crate) const TURNED_PNG: &[u8] = include_bytes!("tests/turned.png");
pub(crate) const STILL_GIF: &[u8] = include_bytes!("tests/still.gif");
pub(crate) const MOVING_GIF: &[u8] = include_bytes!("tests/moving.gif");
pub(crate) const LOSSY_WEBP: &[u8] = include_bytes!("tests/lossy.webp");
pub(crate) const LOSSLESS_WEBP: &[u8] = include_bytes!("tests/lossless.webp");
pub(crate) const TURNED_WEBP: &[u8] = include_bytes!("tests/turned.webp");
pub(crate) const MOVING_WEBP: &[u8] = include_bytes!("tests/moving.webp");

/// All of them.
pub(crate) const ALL: [&[u8]; 10] = [
    TURNED_JPEG,
    PLAIN_JPEG,
    PROGRESSIVE_JPEG,
    TURNED_PNG,
    STILL_GIF,
    MOVING_GIF,
    LOSSY_WEBP,
    LOSSLESS_WEBP,
    TURNED_WEBP,
    MOVING_WEBP,
];

/// A chunk of a PNG with its length and its sum.
pub(crate) fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(&name);
    sum.update(data);
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], &name, data, &sum.sum().to_be_bytes()].concat()
}

/// A grey PNG of these sides.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 0, 0, 0, 0]);
    let line = vec![0x7f; usize::try_from(width).unwrap() + 1];
    let mut image = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..height {
        image.write_all(&[&[0], &line[1..]].concat()).unwrap();
    }
    let image = image.finish().unwrap();
    let chunks = [chunk(*b"IHDR", &header), chunk(*b"IDAT", &image), chunk(*b"IEND", &[])];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}
