//! The pages of an EPUB.

use quire_protocol::command::ChapterKind;

use crate::export::Manuscript;
use crate::export::html::title_page;
use crate::export::hypertext::{Form, Hypertext, section_id};
use crate::export::markup::Markup;
use crate::export::outline::{Entry, Outline};

/// The file of a section.
pub(super) fn name(entry: &Entry) -> String {
    format!("section-{:04}.xhtml", entry.place)
}

/// The page with the title.
pub(super) fn title(outline: &Outline) -> String {
    document(outline, &outline.title, |markup| {
        let attributes = [("class", "title-page"), ("epub:type", "titlepage")];
        markup.element("section", &attributes, |markup| title_page(markup, outline));
    })
}

/// The page, or pages, of a section.
pub(super) fn section(manuscript: &Manuscript, outline: &Outline, entry: &Entry) -> String {
    let (class, types, role) = match entry.kind {
        ChapterKind::Front => ("front", "frontmatter", None),
        ChapterKind::Chapter => ("chapter", "bodymatter chapter", Some("doc-chapter")),
        ChapterKind::Back => ("back", "backmatter", None),
        ChapterKind::Part => ("part", "bodymatter part", Some("doc-part")),
    };
    let words = outline.language.words();
    let hypertext =
        Hypertext { form: Form::Epub, pictures: &manuscript.pictures, level: 1, format: &manuscript.format, words };
    let (id, label) = (section_id(entry), entry.label());
    let mut attributes = vec![("id", id.as_str()), ("class", class), ("epub:type", types), ("aria-label", &label)];
    attributes.extend(role.map(|role| ("role", role)));
    document(outline, &label, |markup| {
        markup.element("section", &attributes, |markup| {
            markup.end_line();
            hypertext.section(markup, entry);
        });
    })
}

/// An XHTML document.
pub(super) fn document(outline: &Outline, title: &str, body: impl FnOnce(&mut Markup)) -> String {
    let mut markup = Markup::after("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n");
    let direction = if outline.language.is_right_to_left() { "rtl" } else { "ltr" };
    let language = outline.language.tag();
    let attributes = [
        ("xmlns", "http://www.w3.org/1999/xhtml"),
        ("xmlns:epub", "http://www.idpf.org/2007/ops"),
        ("lang", language),
        ("xml:lang", language),
        ("dir", direction),
    ];
    markup.element("html", &attributes, |markup| {
        markup.end_line();
        markup.element("head", &[], |markup| {
            markup.leaf("title", &[], title);
            markup.empty("link", &[("rel", "stylesheet"), ("type", "text/css"), ("href", "style.css")]);
        });
        markup.end_line();
        markup.element("body", &[], |markup| {
            markup.end_line();
            body(markup);
            markup.end_line();
        });
        markup.end_line();
    });
    markup.end_line();
    markup.into_text()
}
