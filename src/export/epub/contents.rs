//! The table of contents: for readers of EPUB 3, and for older ones.

use quire_protocol::command::ChapterKind;

use super::page;
use crate::export::Manuscript;
use crate::export::markup::Markup;
use crate::export::outline::{Entry, Outline};

/// A part with its chapters, or what has no part.
struct Group<'a> {
    head: &'a Entry,
    inside: &'a [Entry],
}

fn groups(outline: &Outline) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    let mut rest = &outline.entries[..];
    while let [head, after @ ..] = rest {
        let count = after.iter().take_while(|entry| entry.is_inside).count();
        let (inside, others) = after.split_at(count);
        groups.push(Group { head, inside });
        rest = others;
    }
    groups
}

/// `nav.xhtml`
pub(super) fn nav(outline: &Outline) -> String {
    let words = outline.language.words();
    page::document(outline, words.contents, |markup| {
        let attributes = [("epub:type", "toc"), ("id", "toc"), ("role", "doc-toc"), ("aria-label", words.contents)];
        markup.element("nav", &attributes, |markup| {
            markup.leaf("h1", &[("class", "title")], words.contents);
            markup.end_line();
            list(markup, |markup| {
                if outline.entries.is_empty() {
                    line(markup, "title.xhtml", &outline.title, |_| {});
                }
                for group in groups(outline) {
                    line(markup, &page::name(group.head), &group.head.label(), |markup| inside(markup, group.inside));
                }
            });
        });
        markup.end_line();
        markup.element("nav", &[("epub:type", "landmarks"), ("hidden", "hidden")], |markup| {
            list(markup, |markup| {
                landmark(markup, "titlepage", "title.xhtml", words.title_page);
                landmark(markup, "toc", "nav.xhtml#toc", words.contents);
                let is_body = |entry: &&Entry| matches!(entry.kind, ChapterKind::Chapter | ChapterKind::Part);
                if let Some(first) = outline.entries.iter().find(is_body) {
                    landmark(markup, "bodymatter", &page::name(first), words.start);
                }
            });
        });
    })
}

fn inside(markup: &mut Markup, entries: &[Entry]) {
    if !entries.is_empty() {
        list(markup, |markup| {
            for entry in entries {
                line(markup, &page::name(entry), &entry.label(), |_| {});
            }
        });
    }
}

fn list(markup: &mut Markup, lines: impl FnOnce(&mut Markup)) {
    markup.element("ol", &[], |markup| {
        markup.end_line();
        lines(markup);
    });
}

fn line(markup: &mut Markup, target: &str, label: &str, inside: impl FnOnce(&mut Markup)) {
    markup.element("li", &[], |markup| {
        markup.leaf("a", &[("href", target)], label);
        inside(markup);
    });
    markup.end_line();
}

fn landmark(markup: &mut Markup, kind: &str, target: &str, label: &str) {
    markup.element("li", &[], |markup| markup.leaf("a", &[("epub:type", kind), ("href", target)], label));
    markup.end_line();
}

/// `toc.ncx`
pub(super) fn ncx(manuscript: &Manuscript, outline: &Outline) -> String {
    let identifier = manuscript.identifier.urn().to_string();
    let depth = if outline.entries.iter().any(|entry| entry.is_inside) { "2" } else { "1" };
    let metas = [
        ("dtb:uid", identifier.as_str()),
        ("dtb:depth", depth),
        ("dtb:totalPageCount", "0"),
        ("dtb:maxPageNumber", "0"),
    ];
    let mut markup = Markup::after("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let attributes = [
        ("xmlns", "http://www.daisy.org/z3986/2005/ncx/"),
        ("version", "2005-1"),
        ("xml:lang", outline.language.tag()),
    ];
    markup.element("ncx", &attributes, |markup| {
        markup.element("head", &[], |markup| {
            for (name, content) in metas {
                markup.empty("meta", &[("name", name), ("content", content)]);
            }
        });
        markup.element("docTitle", &[], |markup| markup.leaf("text", &[], &outline.title));
        markup.end_line();
        markup.element("navMap", &[], |markup| {
            if outline.entries.is_empty() {
                point(markup, 1, "title.xhtml", &outline.title, |_| {});
            }
            for group in groups(outline) {
                let head = group.head;
                point(markup, head.place, &page::name(head), &head.label(), |markup| {
                    for entry in group.inside {
                        point(markup, entry.place, &page::name(entry), &entry.label(), |_| {});
                    }
                });
            }
        });
    });
    markup.end_line();
    markup.into_text()
}

fn point(markup: &mut Markup, place: usize, target: &str, label: &str, inside: impl FnOnce(&mut Markup)) {
    let (id, order) = (format!("point-{place}"), place.to_string());
    markup.element("navPoint", &[("id", &id), ("playOrder", &order)], |markup| {
        markup.element("navLabel", &[], |markup| markup.leaf("text", &[], label));
        markup.empty("content", &[("src", target)]);
        inside(markup);
    });
    markup.end_line();
}
