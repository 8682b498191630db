//! Pictures made ready for the page: each is decoded once, alone, and made smaller if it has more pixels than can be
//! printed. What cannot be decoded is left out, and told.
//!
//! The typesetter keeps all pictures of a book unpacked until the PDF is written, so what they take together is what
//! the page needs, not what a camera gave.

use std::collections::BTreeMap;
use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ExtendedColorType, ImageDecoder as _, ImageEncoder, ImageFormat, ImageReader, ImageResult};
use serde::Deserialize;

/// Pixels to an inch of paper.
const PIXELS_PER_INCH: u32 = 300;
const TENTHS_OF_MM_PER_INCH: u32 = 254;
/// Of 100.
const JPEG_QUALITY: u8 = 88;
/// Most that one picture may take while it is decoded, bytes.
const DECODING_BYTES_MAX: u64 = 1 << 30;
/// The longest side of a picture, pixels.
const SIDE_MAX: u32 = 65_535;

/// How much of a page pictures may take, in tenths of a millimetre.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Page {
    width: u32,
    height: u32,
    margin: u32,
}

/// What is read of a book here.
#[derive(Default, Deserialize)]
struct Paged {
    #[serde(default)]
    page: Page,
}

/// The most pixels that can be seen of a picture: its width and its height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    width: u32,
    height: u32,
}

impl Room {
    /// The room between the margins of a book's pages. A book that does not say is refused elsewhere.
    pub(crate) fn of(book: &[u8]) -> Self {
        let Paged { page } = serde_json::from_slice(book).unwrap_or_default();
        let pixels = |side: u32| {
            let inside = side.saturating_sub(page.margin.saturating_mul(2));
            (inside.saturating_mul(PIXELS_PER_INCH) / TENTHS_OF_MM_PER_INCH).clamp(1, SIDE_MAX)
        };
        Self { width: pixels(page.width), height: pixels(page.height) }
    }
}

/// The pictures that can be shown, and the names of those that cannot.
pub(crate) fn ready(files: BTreeMap<String, Bytes>, room: Room) -> (BTreeMap<String, Bytes>, Vec<String>) {
    let (mut shown, mut missing) = (BTreeMap::new(), Vec::new());
    for (name, file) in files {
        match made_ready(&file, room) {
            Ok(None) => drop(shown.insert(name, file)),
            Ok(Some(smaller)) => drop(shown.insert(name, smaller.into())),
            Err(_) => missing.push(name),
        }
    }
    (shown, missing)
}

/// A smaller one, if this one is too large; an error if it cannot be decoded.
fn made_ready(file: &[u8], room: Room) -> ImageResult<Option<Vec<u8>>> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(DECODING_BYTES_MAX);
    reader.limits(limits);
    let is_jpeg = reader.format() == Some(ImageFormat::Jpeg);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    // A profile for four inks says nothing about the three lights that come out.
    let is_ink = matches!(decoder.original_color_type(), ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16);
    let profile = decoder.icc_profile()?.filter(|_| !is_ink);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    if picture.width() <= room.width && picture.height() <= room.height {
        return Ok(None);
    }
    let smaller = picture.thumbnail(room.width, room.height);
    drop(picture);
    let mut bytes = Vec::new();
    if is_jpeg {
        encode(&smaller, JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY), profile)?;
    } else {
        encode(&in_bytes(smaller), PngEncoder::new(&mut bytes), profile)?;
    }
    Ok(Some(bytes))
}

/// With one byte to a sample: print shows no more.
fn in_bytes(picture: DynamicImage) -> DynamicImage {
    match (picture.color().has_color(), picture.color().has_alpha()) {
        (true, true) => picture.into_rgba8().into(),
        (true, false) => picture.into_rgb8().into(),
        (false, true) => picture.into_luma_alpha8().into(),
        (false, false) => picture.into_luma8().into(),
    }
}

fn encode(picture: &DynamicImage, mut encoder: impl ImageEncoder, profile: Option<Vec<u8>>) -> ImageResult<()> {
    // Without one the colours are those of screens.
    let _kept = profile.map(|profile| encoder.set_icc_profile(profile));
    picture.write_with_encoder(encoder)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { width: 300, height: 200 };

    fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.into().write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
        bytes
    }

    #[test]
    fn the_room_is_what_is_between_the_margins_at_three_hundred_to_an_inch() {
        assert_eq!(
            Room::of(br#"{"page": {"width": 1524, "height": 2286, "margin": 127}}"#),
            Room { width: 1500, height: 2400 }
        );
        for nonsense in ["", "[]", r#"{"page": {"width": 10, "height": 10, "margin": 4000000000}}"#] {
            assert_eq!(Room::of(nonsense.as_bytes()), Room { width: 1, height: 1 }, "{nonsense}");
        }
    }

    #[test]
    fn what_has_room_stays_byte_for_byte_and_what_has_not_is_made_smaller_as_what_it_is() {
        let fits = png(DynamicImage::new_rgb8(300, 200));
        assert_eq!(made_ready(&fits, ROOM).unwrap(), None);
        for (picture, is_deep) in [
            (DynamicImage::new_rgb8(900, 300), false),
            (DynamicImage::new_rgba8(900, 300), false),
            (DynamicImage::new_luma16(900, 300), true),
        ] {
            let smaller = made_ready(&png(picture.clone()), ROOM).unwrap().unwrap();
            let read = image::load_from_memory_with_format(&smaller, ImageFormat::Png).unwrap();
            assert_eq!((read.width(), read.height()), (300, 100));
            assert_eq!(read.color().has_alpha(), picture.color().has_alpha());
            assert!(!is_deep || read.color().bytes_per_pixel() == 1);
        }
        let mut photograph = Vec::new();
        let encoder = JpegEncoder::new(&mut photograph);
        DynamicImage::new_rgb8(400, 800).write_with_encoder(encoder).unwrap();
        let smaller = made_ready(&photograph, ROOM).unwrap().unwrap();
        assert!(smaller.starts_with(b"\xff\xd8\xff"), "a JPEG stays one");
        let read = image::load_from_memory(&smaller).unwrap();
        assert_eq!((read.width(), read.height()), (100, 200));
    }

    #[test]
    fn what_cannot_be_decoded_is_named_and_the_others_are_shown() {
        let whole = png(DynamicImage::new_rgb8(9, 9));
        let cut = whole[..whole.len() / 2].to_vec();
        let files = [("a", whole.clone()), ("b", cut), ("c", b"GIF89a".to_vec()), ("d", vec![])];
        let files = files.into_iter().map(|(name, file)| (name.to_owned(), file.into())).collect();
        let (shown, missing) = ready(files, ROOM);
        assert_eq!(shown, BTreeMap::from([("a".to_owned(), Bytes::from(whole))]));
        assert_eq!(missing, ["b", "c", "d"]);
    }
}
