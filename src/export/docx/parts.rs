//! The parts of a document that are not its text.

use crate::export::markup::Markup;
use crate::export::outline::Outline;
use crate::export::read::line_of;
use crate::export::{Manuscript, date};
use quire_protocol::format::Format;

pub(super) const PROLOGUE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

pub(super) const NAMESPACES: &[(&str, &str)] = &[
    ("xmlns:w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    ("xmlns:r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    ("xmlns:wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
];

pub(super) const CONTENT_TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
    <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
    <Default Extension=\"png\" ContentType=\"image/png\"/>\
    <Default Extension=\"jpg\" ContentType=\"image/jpeg\"/>\
    <Default Extension=\"gif\" ContentType=\"image/gif\"/>\
    <Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>\
    <Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>\
    <Override PartName=\"/word/settings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml\"/>\
    <Override PartName=\"/word/numbering.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml\"/>\
    <Override PartName=\"/word/footnotes.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml\"/>\
    <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>\
    </Types>\n";

pub(super) const RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"document\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>\
    <Relationship Id=\"core\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>\
    </Relationships>\n";

/// What the text refers to: kinds of parts, and their files.
pub(super) const DOCUMENT_RELATIONS: [(&str, &str); 4] = [
    ("styles", "styles.xml"),
    ("settings", "settings.xml"),
    ("numbering", "numbering.xml"),
    ("footnotes", "footnotes.xml"),
];

/// What the book says about itself.
pub(super) fn core(manuscript: &Manuscript, outline: &Outline) -> String {
    let (metadata, modified) = (&manuscript.metadata, date::utc(manuscript.modified));
    let said = |text: &Option<String>| text.as_deref().map(line_of).unwrap_or_default();
    let keywords: Vec<_> = metadata.keywords.iter().map(|keyword| line_of(keyword)).collect();
    let namespaces = [
        ("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:dcterms", "http://purl.org/dc/terms/"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ];
    let texts = [
        ("dc:title", outline.title.clone()),
        ("dc:subject", outline.subtitle.clone().unwrap_or_default()),
        ("dc:creator", outline.authors.join("; ")),
        ("dc:description", said(&metadata.description)),
        ("dc:identifier", manuscript.identifier.urn().to_string()),
        ("dc:language", outline.language.tag().to_owned()),
        ("cp:keywords", keywords.join("; ")),
    ];
    let mut markup = Markup::after(PROLOGUE);
    markup.element("cp:coreProperties", &namespaces, |markup| {
        for (name, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
            markup.leaf(name, &[], text);
        }
        for name in ["dcterms:created", "dcterms:modified"] {
            markup.leaf(name, &[("xsi:type", "dcterms:W3CDTF")], &modified);
        }
    });
    markup.into_text()
}

pub(super) fn settings(format: &Format) -> String {
    let mut markup = Markup::after(PROLOGUE);
    markup.element("w:settings", NAMESPACES, |markup| {
        if format.hyphenation {
            markup.empty("w:autoHyphenation", &[]);
        }
        markup.element("w:footnotePr", &[], |markup| {
            markup.empty("w:footnote", &[("w:id", "-1")]);
            markup.empty("w:footnote", &[("w:id", "0")]);
        });
        markup.element("w:compat", &[], |markup| {
            // Layout as of 2013; without it word processors fall back to that of 2007.
            let attributes = [
                ("w:name", "compatibilityMode"),
                ("w:uri", "http://schemas.microsoft.com/office/word"),
                ("w:val", "15"),
            ];
            markup.empty("w:compatSetting", &attributes);
        });
    });
    markup.into_text()
}
