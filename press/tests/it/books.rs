//! Books to print.

use serde_json::{Value as Json, json};

/// A book of these sections, of which each has a `kind`, a `title` and `blocks`, and may have all else.
pub(crate) fn book(sections: Vec<Json>) -> Json {
    let sections: Vec<Json> = sections.into_iter().zip(1..).map(|(section, place)| whole(section, place)).collect();
    json!({
        "title": "The Tide Tables",
        "subtitle": "A Novel",
        "authors": ["Ann Okafor", "Bob Lindqvist"],
        "publisher": "Quire Press",
        "rights": "© 2026 Ann Okafor",
        "keywords": ["sea"],
        "language": "en",
        "region": "GB",
        "right_to_left": false,
        "date": [2026, 3, 1, 12, 30, 0],
        "words": {"contents": "Contents"},
        "page": {"width": 1480, "height": 2100, "margin": 190},
        "ornament": "* * *",
        "format": {
            "trim": "a5", "margins": "normal", "font": "serif", "font_size_tenths_pt": 110, "line_height_percent": 140,
            "opening": "new_page", "numbering": "none", "ornament": "asterisks", "paragraphs": "indented",
            "hyphenation": true, "justify": true,
        },
        "sections": sections,
    })
}

fn whole(section: Json, place: usize) -> Json {
    let mut whole = json!({"place": place, "inside": false, "number": null, "notes": []});
    let label = section["title"].clone();
    whole["label"] = label;
    whole.as_object_mut().unwrap().extend(section.as_object().unwrap().clone());
    whole
}

/// The same book with another value in its format.
pub(crate) fn formatted(mut book: Json, name: &str, value: impl Into<Json>) -> Json {
    assert!(book["format"].get(name).is_some(), "{name} is a setting");
    book["format"][name] = value.into();
    book
}

pub(crate) fn chapter(title: &str, blocks: Vec<Json>) -> Json {
    json!({"kind": "chapter", "title": title, "blocks": blocks})
}

pub(crate) fn paragraph(text: &str) -> Json {
    json!({"kind": "paragraph", "line": [text]})
}

/// Enough of it for some pages.
pub(crate) fn long(words: usize) -> Vec<Json> {
    const SENTENCE: &str = "The harbourmaster counted extraordinarily patiently until the slack water turned again. ";
    (0..words / 55).map(|_| paragraph(SENTENCE.repeat(5).trim_end())).collect()
}

/// A part with two chapters, front and back matter.
pub(crate) fn novel() -> Json {
    book(vec![
        json!({"kind": "front", "title": "Preface", "blocks": long(100)}),
        json!({"kind": "part", "title": "Low Water", "blocks": []}),
        json!({"kind": "chapter", "title": "Ebb", "number": "One", "label": "One. Ebb", "inside": true, "blocks": long(900)}),
        json!({"kind": "chapter", "title": "Flood", "number": "Two", "label": "Two. Flood", "inside": true,
            "blocks": long(300)}),
        json!({"kind": "back", "title": "Thanks", "blocks": long(100)}),
    ])
}
