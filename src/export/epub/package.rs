//! `package.opf`: what the book says about itself, what files there are, and in what order they are read.

use quire_protocol::AssetId;

use super::{NOTHING, page};
use crate::export::hypertext::PICTURES;
use crate::export::markup::Markup;
use crate::export::outline::Outline;
use crate::export::picture::file_name;
use crate::export::read::line_of;
use crate::export::{Manuscript, date};
use crate::picture::{Picture, PictureKind};

/// What a reader who cannot see, or not well, may expect: schema.org's terms.
const ACCESSIBILITY: [(&str, &str); 8] = [
    ("schema:accessMode", "textual"),
    ("schema:accessModeSufficient", "textual"),
    ("schema:accessibilityFeature", "structuralNavigation"),
    ("schema:accessibilityFeature", "tableOfContents"),
    ("schema:accessibilityFeature", "readingOrder"),
    ("schema:accessibilityFeature", "displayTransformability"),
    ("schema:accessibilityFeature", "unlocked"),
    ("schema:accessibilityHazard", "none"),
];

pub(super) fn package(manuscript: &Manuscript, outline: &Outline, pictures: &[(&AssetId, &Picture)]) -> String {
    let mut markup = Markup::after("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let attributes = [
        ("xmlns", "http://www.idpf.org/2007/opf"),
        ("version", "3.0"),
        ("unique-identifier", "identifier"),
        ("xml:lang", outline.language.tag()),
        ("dir", if outline.language.is_right_to_left() { "rtl" } else { "ltr" }),
    ];
    markup.element("package", &attributes, |markup| {
        markup.end_line();
        markup.element("metadata", &[("xmlns:dc", "http://purl.org/dc/elements/1.1/")], |markup| {
            markup.end_line();
            titles(markup, outline);
            metadata(markup, manuscript, outline);
            for (property, value) in ACCESSIBILITY {
                line(markup, "meta", &[("property", property)], value);
            }
            if !pictures.is_empty() {
                line(markup, "meta", &[("property", "schema:accessMode")], "visual");
            }
        });
        markup.end_line();
        manifest(markup, outline, pictures);
        spine(markup, outline);
    });
    markup.end_line();
    markup.into_text()
}

fn titles(markup: &mut Markup, outline: &Outline) {
    let titles = [("title", "main", Some(&outline.title)), ("subtitle", "subtitle", outline.subtitle.as_ref())];
    for ((id, kind, title), place) in titles.into_iter().zip(1..) {
        let Some(title) = title else { continue };
        line(markup, "dc:title", &[("id", id)], title);
        refine(markup, id, "title-type", kind);
        refine(markup, id, "display-seq", &place.to_string());
    }
}

fn metadata(markup: &mut Markup, manuscript: &Manuscript, outline: &Outline) {
    let metadata = &manuscript.metadata;
    line(markup, "dc:identifier", &[("id", "identifier")], &manuscript.identifier.urn().to_string());
    let isbn = metadata.isbn.as_deref().map(isbn);
    optional(markup, "dc:identifier", isbn.as_deref());
    line(markup, "dc:language", &[], outline.language.tag());
    for (author, place) in outline.authors.iter().zip(1..) {
        let id = format!("author-{place}");
        line(markup, "dc:creator", &[("id", &id)], author);
        markup.leaf(
            "meta",
            &[("refines", &format!("#{id}")), ("property", "role"), ("scheme", "marc:relators")],
            "aut",
        );
        refine(markup, &id, "display-seq", &place.to_string());
    }
    optional(markup, "dc:publisher", outline.publisher.as_deref());
    optional(markup, "dc:description", metadata.description.as_deref().map(line_of).as_deref());
    optional(markup, "dc:rights", outline.rights.as_deref());
    for keyword in &metadata.keywords {
        optional(markup, "dc:subject", Some(&line_of(keyword)));
    }
    line(markup, "meta", &[("property", "dcterms:modified")], &date::utc(manuscript.modified));
}

fn manifest(markup: &mut Markup, outline: &Outline, pictures: &[(&AssetId, &Picture)]) {
    const XHTML: &str = "application/xhtml+xml";
    markup.element("manifest", &[], |markup| {
        markup.end_line();
        let nav = [("id", "nav"), ("href", "nav.xhtml"), ("media-type", XHTML), ("properties", "nav")];
        markup.empty("item", &nav);
        markup.empty("item", &[("id", "ncx"), ("href", "toc.ncx"), ("media-type", "application/x-dtbncx+xml")]);
        markup.empty("item", &[("id", "style"), ("href", "style.css"), ("media-type", "text/css")]);
        markup.empty("item", &[("id", "title-page"), ("href", "title.xhtml"), ("media-type", XHTML)]);
        markup.end_line();
        for entry in &outline.entries {
            let (id, name) = (item_id(entry.place), page::name(entry));
            markup.empty("item", &[("id", &id), ("href", &name), ("media-type", XHTML)]);
            markup.end_line();
        }
        for (id, picture) in pictures {
            let (name, id) = (format!("{PICTURES}/{}", file_name(id, picture)), format!("image-{id}"));
            let mut attributes = vec![("id", id.as_str()), ("href", &name), ("media-type", picture.kind.media_type())];
            if is_young(picture) {
                attributes.push(("fallback", "nothing"));
            }
            markup.empty("item", &attributes);
            markup.end_line();
        }
        if pictures.iter().any(|(_, picture)| is_young(picture)) {
            markup.empty("item", &[("id", "nothing"), ("href", NOTHING), ("media-type", "image/png")]);
            markup.end_line();
        }
    });
    markup.end_line();
}

/// Whether readers of EPUB 3.2 and older may not show it.
pub(super) fn is_young(picture: &Picture) -> bool {
    picture.kind == PictureKind::Webp
}

fn spine(markup: &mut Markup, outline: &Outline) {
    let direction = if outline.language.is_right_to_left() { "rtl" } else { "ltr" };
    markup.element("spine", &[("toc", "ncx"), ("page-progression-direction", direction)], |markup| {
        markup.end_line();
        markup.empty("itemref", &[("idref", "title-page")]);
        markup.empty("itemref", &[("idref", "nav")]);
        markup.end_line();
        for entry in &outline.entries {
            markup.empty("itemref", &[("idref", &item_id(entry.place))]);
            markup.end_line();
        }
    });
    markup.end_line();
}

fn item_id(place: usize) -> String {
    format!("item-{place}")
}

fn line(markup: &mut Markup, name: &str, attributes: &[(&str, &str)], text: &str) {
    markup.leaf(name, attributes, text);
    markup.end_line();
}

fn optional(markup: &mut Markup, name: &str, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        line(markup, name, &[], text);
    }
}

fn refine(markup: &mut Markup, id: &str, property: &str, value: &str) {
    line(markup, "meta", &[("refines", &format!("#{id}")), ("property", property)], value);
}

/// An ISBN as an identifier, if it is one; as it is printed if not.
fn isbn(written: &str) -> String {
    let digits: String = written.chars().filter(|char| !matches!(char, '-' | ' ')).collect();
    let is_isbn = matches!(digits.len(), 10 | 13)
        && digits.bytes().enumerate().all(|(index, byte)| {
            byte.is_ascii_digit() || (digits.len() == 10 && index == 9 && byte.eq_ignore_ascii_case(&b'x'))
        });
    if is_isbn { format!("urn:isbn:{}", digits.to_ascii_uppercase()) } else { line_of(written) }
}
