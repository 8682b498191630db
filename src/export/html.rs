//! One page of HTML that stands alone, with its style in it. It loads nothing and runs nothing.
//!
//! Class names are stable, for those who show the page beside something else: `book`, `title-page` (`subtitle`,
//! `author`, `publisher`, `rights`), `contents` (`inside`, `outside`), `front`, `chapter`, `back`, `part`, `title` (`number`, `name`),
//! `align-left` and its like, `blank`, `scene-break`, `rule`, `picture` (a figure, or a paragraph that
//! says what is to be seen), `small-caps`, `note-reference`, `notes`, `note`.

use quire_protocol::command::ChapterKind;

use super::hypertext::{Form, Hypertext, section_id};
use super::markup::Markup;
use super::outline::{Entry, Outline};
use super::{Manuscript, style};

/// The book as one page.
pub fn html(manuscript: &Manuscript) -> String {
    let outline = Outline::new(manuscript);
    let direction = if outline.language.is_right_to_left() { "rtl" } else { "ltr" };
    let mut markup = Markup::after("<!DOCTYPE html>\n");
    markup.element("html", &[("lang", outline.language.tag()), ("dir", direction)], |markup| {
        markup.end_line();
        markup.element("head", &[], |markup| {
            markup.empty("meta", &[("charset", "utf-8")]);
            markup.empty("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
            markup.leaf("title", &[], &outline.title);
            markup.element("style", &[], |markup| markup.style(&style::page(&manuscript.format)));
        });
        markup.end_line();
        markup.element("body", &[("class", "book")], |markup| body(markup, manuscript, &outline, Form::Page));
        markup.end_line();
    });
    markup.end_line();
    markup.into_text()
}

/// What is on that page, without its style: to be shown in another one, in the style of that. Pictures are named
/// (`data-asset`), not held.
pub fn preview(manuscript: &Manuscript) -> String {
    let outline = Outline::new(manuscript);
    let direction = if outline.language.is_right_to_left() { "rtl" } else { "ltr" };
    let mut markup = Markup::after("");
    let attributes = [("class", "book"), ("lang", outline.language.tag()), ("dir", direction)];
    markup.element("div", &attributes, |markup| body(markup, manuscript, &outline, Form::Preview));
    markup.end_line();
    markup.into_text()
}

fn body(markup: &mut Markup, manuscript: &Manuscript, outline: &Outline, form: Form) {
    markup.end_line();
    markup.element("header", &[("class", "title-page")], |markup| title_page(markup, outline));
    markup.end_line();
    contents(markup, outline);
    for entry in &outline.entries {
        section(markup, manuscript, form, (outline, entry));
    }
}

/// Who wrote what, and who published it.
pub(super) fn title_page(markup: &mut Markup, outline: &Outline) {
    markup.end_line();
    markup.leaf("h1", &[], &outline.title);
    let authors = outline.authors.iter().map(|author| ("author", author));
    let lines = outline.subtitle.iter().map(|subtitle| ("subtitle", subtitle)).chain(authors);
    let lines = lines.chain(outline.publisher.iter().map(|publisher| ("publisher", publisher)));
    for (class, text) in lines.chain(outline.rights.iter().map(|rights| ("rights", rights))) {
        markup.leaf("p", &[("class", class)], text);
        markup.end_line();
    }
}

fn contents(markup: &mut Markup, outline: &Outline) {
    if outline.entries.is_empty() {
        return;
    }
    let label = outline.language.words().contents;
    markup.element("nav", &[("class", "contents"), ("aria-label", label)], |markup| {
        markup.leaf("h2", &[], label);
        markup.element("ol", &[], |markup| {
            for entry in &outline.entries {
                let class = if entry.is_inside { "inside" } else { "outside" };
                markup.element("li", &[("class", class)], |markup| {
                    markup.leaf("a", &[("href", &format!("#{}", section_id(entry)))], &entry.label());
                });
                markup.end_line();
            }
        });
    });
    markup.end_line();
}

fn section(markup: &mut Markup, manuscript: &Manuscript, form: Form, (outline, entry): (&Outline, &Entry)) {
    let class = match entry.kind {
        ChapterKind::Front => "front",
        ChapterKind::Chapter => "chapter",
        ChapterKind::Back => "back",
        ChapterKind::Part => "part",
    };
    let words = outline.language.words();
    let hypertext = Hypertext { form, pictures: &manuscript.pictures, level: 2, format: &manuscript.format, words };
    markup.element("section", &[("id", &section_id(entry)), ("class", class)], |markup| {
        markup.end_line();
        hypertext.section(markup, entry);
    });
    markup.end_line();
}
