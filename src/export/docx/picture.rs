//! Pictures in the text: drawings that stand in a line of their own.

use std::collections::BTreeMap;

use quire_protocol::AssetId;

use super::body::Body;
use super::links::relation_type;
use crate::export::block::Shown;
use crate::export::markup::Markup;
use crate::export::picture::{Pictures, file_name};
use crate::picture::{Picture, PictureKind};
use quire_protocol::format::Format;

/// English metric units: to a tenth of a millimetre, and to a pixel where 96 are an inch.
const UNITS_PER_TENTH_MM: u64 = 3_600;
const UNITS_PER_PIXEL: u64 = 9_525;
const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const PICTURE: &str = "http://schemas.openxmlformats.org/drawingml/2006/picture";

/// The pictures that the text refers to so far, each with its number.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    numbers: BTreeMap<AssetId, usize>,
    /// Drawings so far: each has an id of its own.
    count: usize,
}

impl Drawn {
    /// Id, type and target of the relation to each.
    pub(super) fn relations(&self, pictures: &Pictures) -> Vec<(String, String, String)> {
        let relation = |(id, number): (&AssetId, &usize)| {
            let name = file_name(id, pictures.get(id)?);
            Some((format!("picture{number}"), relation_type("image"), format!("media/{name}")))
        };
        self.numbers.iter().filter_map(relation).collect()
    }

    /// Those that are in the file.
    pub(super) fn ids(&self) -> impl Iterator<Item = &AssetId> {
        self.numbers.keys()
    }
}

/// Whether word processors show pictures of this kind: WebP is younger than they are.
pub(super) fn is_known(picture: &Picture) -> bool {
    match picture.kind {
        PictureKind::Png | PictureKind::Jpeg | PictureKind::Gif => true,
        PictureKind::Webp => false,
    }
}

impl Body<'_> {
    /// A picture, or what is to be seen on it.
    pub(super) fn picture(&mut self, shown: Option<&Shown>, description: &str) {
        let picture = shown.and_then(|shown| Some((shown, self.pictures.get(&shown.id)?)));
        let Some((shown, picture)) = picture.filter(|(_, picture)| is_known(picture)) else {
            // A picture that was left out for no reason of its own is not lost in silence.
            match (description, shown) {
                ("", None) => {}
                ("", Some(_)) => self.plain("Caption", &format!("[{}]", self.picture_word)),
                (said, _) => self.plain("Caption", said),
            }
            return;
        };
        let next = self.drawn.numbers.len() + 1;
        let number = *self.drawn.numbers.entry(shown.id.clone()).or_insert(next);
        self.drawn.count += 1;
        let count = self.drawn.count;
        let (wide, high) = size(self.format, picture, shown.percent);
        self.text.element("w:p", &[], |markup| {
            markup.element("w:pPr", &[], |markup| markup.empty("w:pStyle", &[("w:val", "Figure")]));
            markup.element("w:r", &[], |markup| {
                markup.element("w:drawing", &[], |markup| {
                    drawing(markup, &format!("picture{number}"), &count.to_string(), description, (wide, high));
                });
            });
        });
        self.text.end_line();
    }
}

/// How large it is printed: as wide as asked, or as large as it is; never larger than the page's text.
fn size(format: &Format, picture: &Picture, percent: Option<u32>) -> (u64, u64) {
    let margins = 2 * format.margins.width_tenths_mm();
    let (page_width, page_height) = format.trim.size_tenths_mm();
    let text = |side: u32| u64::from(side.saturating_sub(margins)) * UNITS_PER_TENTH_MM;
    let (wide_max, high_max) = (text(page_width), text(page_height));
    let (width, height) = (u64::from(picture.width.max(1)), u64::from(picture.height.max(1)));
    let asked = percent.map(|percent| wide_max * u64::from(percent) / 100);
    let wide = asked.unwrap_or(width * UNITS_PER_PIXEL).clamp(1, wide_max);
    let high = wide * height / width;
    if high > high_max { ((high_max * width / height).max(1), high_max) } else { (wide, high.max(1)) }
}

fn drawing(markup: &mut Markup, relation: &str, id: &str, description: &str, (wide, high): (u64, u64)) {
    let (wide, high, name) = (wide.to_string(), high.to_string(), format!("Picture {id}"));
    let extent = [("cx", wide.as_str()), ("cy", &high)];
    let sides = ["distT", "distB", "distL", "distR"].map(|side| (side, "0"));
    markup.element("wp:inline", &sides, |markup| {
        markup.empty("wp:extent", &extent);
        markup.empty("wp:docPr", &[("id", id), ("name", &name), ("descr", description)]);
        markup.element("a:graphic", &[("xmlns:a", DRAWING)], |markup| {
            markup.element("a:graphicData", &[("uri", PICTURE)], |markup| {
                markup.element("pic:pic", &[("xmlns:pic", PICTURE)], |markup| {
                    markup.element("pic:nvPicPr", &[], |markup| {
                        markup.empty("pic:cNvPr", &[("id", id), ("name", &name), ("descr", description)]);
                        markup.empty("pic:cNvPicPr", &[]);
                    });
                    markup.element("pic:blipFill", &[], |markup| {
                        markup.empty("a:blip", &[("r:embed", relation)]);
                        markup.element("a:stretch", &[], |markup| markup.empty("a:fillRect", &[]));
                    });
                    markup.element("pic:spPr", &[], |markup| {
                        markup.element("a:xfrm", &[], |markup| {
                            markup.empty("a:off", &[("x", "0"), ("y", "0")]);
                            markup.empty("a:ext", &extent);
                        });
                        markup.element("a:prstGeom", &[("prst", "rect")], |markup| markup.empty("a:avLst", &[]));
                    });
                });
            });
        });
    });
}
