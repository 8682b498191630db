//! Styles from a book's format.

use super::parts::{NAMESPACES, PROLOGUE};
use crate::export::markup::Markup;
use crate::export::words::Language;
use quire_protocol::format::{Font, Format, ParagraphStyle};

/// Deepest heading that word processors know.
pub(super) const HEADING_MAX: u8 = 9;

/// A style of paragraphs.
struct Style {
    id: &'static str,
    name: &'static str,
    /// What it is like, but for the rest.
    based_on: Option<&'static str>,
    /// Elements of its paragraphs, in the order of the schema.
    paragraph: Vec<(&'static str, Vec<(&'static str, String)>)>,
    /// Elements of its text, in the order of the schema.
    text: Vec<(&'static str, Vec<(&'static str, String)>)>,
}

pub(super) fn styles(format: &Format, language: &Language) -> String {
    let mut markup = Markup::after(PROLOGUE);
    markup.element("w:styles", NAMESPACES, |markup| {
        defaults(markup, format, language);
        for style in paragraph_styles(format) {
            paragraph_style(markup, &style);
        }
        for level in 1..=HEADING_MAX {
            heading(markup, level);
        }
        character_styles(markup);
        markup.element("w:style", &[("w:type", "table"), ("w:styleId", "TableGrid")], |markup| {
            markup.empty("w:name", &[("w:val", "Table Grid")]);
            markup.element("w:tblPr", &[], |markup| {
                markup.element("w:tblBorders", &[], |markup| {
                    for side in ["w:top", "w:left", "w:bottom", "w:right", "w:insideH", "w:insideV"] {
                        markup
                            .empty(side, &[("w:val", "single"), ("w:sz", "4"), ("w:space", "0"), ("w:color", "auto")]);
                    }
                });
            });
        });
    });
    markup.into_text()
}

fn defaults(markup: &mut Markup, format: &Format, language: &Language) {
    let font = font(format.font);
    let size = (format.font_size_tenths_pt / 5).to_string();
    let line = (u32::from(format.font_size_tenths_pt) * u32::from(format.line_height_percent) / 50).to_string();
    markup.element("w:docDefaults", &[], |markup| {
        markup.element("w:rPrDefault", &[], |markup| {
            markup.element("w:rPr", &[], |markup| {
                markup.empty("w:rFonts", &[("w:ascii", font), ("w:hAnsi", font), ("w:cs", font)]);
                markup.empty("w:sz", &[("w:val", &size)]);
                markup.empty("w:szCs", &[("w:val", &size)]);
                if language.is_right_to_left() {
                    markup.empty("w:rtl", &[]);
                }
                if language.is_known() {
                    markup.empty("w:lang", &[("w:val", language.tag()), ("w:bidi", language.tag())]);
                }
            });
        });
        markup.element("w:pPrDefault", &[], |markup| {
            markup.element("w:pPr", &[], |markup| {
                markup.empty("w:widowControl", &[]);
                if language.is_right_to_left() {
                    markup.empty("w:bidi", &[]);
                }
                let spacing = [("w:before", "0"), ("w:after", "0"), ("w:line", &line), ("w:lineRule", "atLeast")];
                markup.empty("w:spacing", &spacing);
            });
        });
    });
}

fn paragraph_styles(format: &Format) -> Vec<Style> {
    let size = u32::from(format.font_size_tenths_pt);
    let spacing =
        |before: u32, after: u32| ("w:spacing", vec![("w:before", before.to_string()), ("w:after", after.to_string())]);
    let align = |side: &str| ("w:jc", vec![("w:val", side.to_owned())]);
    let text_size = |percent: u32| ("w:sz", vec![("w:val", (size * percent / 500).max(2).to_string())]);
    // "both" is both edges.
    let body_align = align(if format.justify { "both" } else { "left" });
    let indent = ("w:ind", vec![("w:firstLine", (size * 28 / 10).to_string())]);
    let new = |id, name, based_on, paragraph, text| Style { id, name, based_on, paragraph, text };
    let body = match format.paragraphs {
        ParagraphStyle::Indented => vec![indent, body_align.clone()],
        ParagraphStyle::Spaced => vec![spacing(0, size * 3 / 2), body_align.clone()],
    };
    let first = match format.paragraphs {
        ParagraphStyle::Indented => vec![body_align.clone()],
        ParagraphStyle::Spaced => body.clone(),
    };
    let normal = Some("Normal");
    let centered = |before, after| vec![spacing(before, after), align("center")];
    let keep = ("w:keepNext", vec![]);
    vec![
        new("Normal", "Normal", None, vec![], vec![]),
        new("BodyText", "Body Text", normal, body, vec![]),
        new("FirstParagraph", "First Paragraph", normal, first, vec![]),
        new("Title", "Title", normal, centered(0, 240), vec![text_size(200)]),
        new("Subtitle", "Subtitle", normal, centered(0, 240), vec![("w:i", vec![]), text_size(120)]),
        new("Author", "Author", normal, centered(120, 120), vec![text_size(120)]),
        new("Imprint", "Imprint", normal, centered(240, 0), vec![text_size(85)]),
        new("Quote", "Quote", normal, vec![spacing(120, 120), body_align], vec![]),
        new("ListParagraph", "List Paragraph", normal, vec![], vec![]),
        new("Code", "Code", normal, vec![spacing(120, 120)], vec![code_font(), text_size(85)]),
        new("SceneBreak", "Scene Break", normal, std::iter::once(keep).chain(centered(240, 240)).collect(), vec![]),
        new("Caption", "caption", normal, centered(120, 120), vec![("w:i", vec![])]),
        new("Figure", "Figure", normal, centered(120, 120), vec![]),
        new("TableText", "Table Text", normal, vec![], vec![text_size(90)]),
        new("TableHeading", "Table Heading", Some("TableText"), vec![], vec![("w:b", vec![])]),
        new("FootnoteText", "footnote text", normal, vec![], vec![text_size(85)]),
        new(
            "Gap",
            "Gap",
            normal,
            vec![("w:spacing", vec![("w:line", "20".to_owned()), ("w:lineRule", "exact".to_owned())])],
            vec![],
        ),
    ]
}

fn paragraph_style(markup: &mut Markup, style: &Style) {
    let mut attributes = vec![("w:type", "paragraph"), ("w:styleId", style.id)];
    if style.based_on.is_none() {
        attributes.push(("w:default", "1"));
    }
    markup.element("w:style", &attributes, |markup| {
        markup.empty("w:name", &[("w:val", style.name)]);
        if let Some(based_on) = style.based_on {
            markup.empty("w:basedOn", &[("w:val", based_on)]);
        }
        markup.empty("w:qFormat", &[]);
        for (name, elements) in [("w:pPr", &style.paragraph), ("w:rPr", &style.text)] {
            if elements.is_empty() {
                continue;
            }
            markup.element(name, &[], |markup| {
                for (name, attributes) in elements {
                    let attributes: Vec<_> = attributes.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    markup.empty(name, &attributes);
                }
            });
        }
    });
}

fn heading(markup: &mut Markup, level: u8) {
    let (id, name) = (format!("Heading{level}"), format!("heading {level}"));
    let size = [36, 32, 28, 26, 24].get(usize::from(level) - 1).copied().unwrap_or(22).to_string();
    markup.element("w:style", &[("w:type", "paragraph"), ("w:styleId", &id)], |markup| {
        markup.empty("w:name", &[("w:val", &name)]);
        markup.empty("w:basedOn", &[("w:val", "Normal")]);
        markup.empty("w:next", &[("w:val", "FirstParagraph")]);
        markup.empty("w:qFormat", &[]);
        markup.element("w:pPr", &[], |markup| {
            markup.empty("w:keepNext", &[]);
            markup.empty("w:keepLines", &[]);
            markup.empty("w:suppressAutoHyphens", &[]);
            markup.empty("w:spacing", &[("w:before", "480"), ("w:after", "360")]);
            markup.empty("w:jc", &[("w:val", "center")]);
            markup.empty("w:outlineLvl", &[("w:val", &(level - 1).to_string())]);
        });
        markup.element("w:rPr", &[], |markup| markup.empty("w:sz", &[("w:val", &size)]));
    });
}

fn character_styles(markup: &mut Markup) {
    markup.element("w:style", &[("w:type", "character"), ("w:styleId", "FootnoteReference")], |markup| {
        markup.empty("w:name", &[("w:val", "footnote reference")]);
        markup.element("w:rPr", &[], |markup| markup.empty("w:vertAlign", &[("w:val", "superscript")]));
    });
    markup.element("w:style", &[("w:type", "character"), ("w:styleId", "Hyperlink")], |markup| {
        markup.empty("w:name", &[("w:val", "Hyperlink")]);
        markup.element("w:rPr", &[], |markup| {
            markup.empty("w:color", &[("w:val", "0563C1")]);
            markup.empty("w:u", &[("w:val", "single")]);
        });
    });
}

/// What word processors have.
fn font(font: Font) -> &'static str {
    match font {
        Font::Serif => "Times New Roman",
        Font::OldStyle => "Garamond",
        Font::Transitional => "Baskerville Old Face",
        Font::Sans => "Arial",
        Font::Typewriter => "Courier New",
    }
}

fn code_font() -> (&'static str, Vec<(&'static str, String)>) {
    ("w:rFonts", ["w:ascii", "w:hAnsi", "w:cs"].map(|script| (script, "Courier New".to_owned())).to_vec())
}
