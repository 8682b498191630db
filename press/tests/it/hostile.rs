//! Books that were written to break the press.

use std::os::unix::process::ExitStatusExt as _;

use serde_json::{Value as Json, json};

use super::books::{book, chapter, long, paragraph};
use super::press::{job, prints, prints_with, refuses, runs};

/// What would do something if it were read as markup or code.
const CODE: &str = "#panic(\"x\") #read(\"/etc/passwd\") $x$ *b* _i_ `c` [#image(\"y\")] <label> @ref = H \\ // /* https://a.example ~ -- --- \"q\" 'q'";

#[test]
fn code_prints_as_it_is_wherever_it_stands() {
    let mut hostile = book(vec![json!({
        "kind": "chapter", "title": CODE, "number": CODE, "label": CODE, "notes": [[CODE]],
        "blocks": [
            {"kind": "paragraph", "line": [CODE, {"note": 1}, {"text": CODE, "style": ["bold", "code"], "link": CODE}]},
            {"kind": "heading", "level": 6, "line": [CODE]},
            {"kind": "picture", "description": CODE},
            {"kind": "code", "text": CODE},
        ],
    })]);
    hostile["format"]["line_height_percent"] = 100.into();
    for field in ["title", "subtitle", "publisher", "rights"] {
        hostile[field] = CODE.into();
    }
    hostile["authors"] = json!([CODE]);
    hostile["words"]["contents"] = CODE.into();
    hostile["page"] = json!({"width": 9000, "height": 9000, "margin": 190});
    let Some(pages) = prints(&hostile).pages() else { return };
    let letters = |text: &str| text.chars().filter(|char| !char.is_whitespace()).collect::<String>();
    let found = letters(&pages.concat()).matches(&letters(CODE)).count();
    // Four on the title page and its back with the author, two of contents, and six in the chapter.
    assert!(found >= 12, "{found} in {pages:?}");
}

const TOO_DEEP: &str = "the book is nested too deeply";

/// A job without files.
#[derive(serde::Serialize)]
struct Bare {
    book: bytes::Bytes,
}

/// A block in so many quotes, or in so many lists.
fn deep(depth: usize, around: impl Fn(Json) -> Json) -> Json {
    (0..depth).fold(paragraph("deep"), |inner, _| around(inner))
}

#[test]
fn what_is_nested_too_deeply_is_refused_in_a_sentence() {
    let quote = |inner: Json| json!({"kind": "quote", "blocks": [inner]});
    let list = |inner: Json| json!({"kind": "list", "numbering": "1.", "start": 1, "items": [[inner]]});
    let cell = |inner: Json| json!({"x": 0, "y": 0, "columns": 1, "rows": 1, "header": false, "blocks": [inner]});
    let table = |inner: Json| json!({"kind": "table", "columns": 1, "cells": [cell(inner)]});
    let printed = |block: Json| job(&book(vec![chapter("Ebb", vec![block])]), &[]);
    // As deep as the hub goes.
    for block in [deep(10, quote), deep(10, list), deep(2, table)] {
        prints(&book(vec![chapter("Ebb", vec![block])]));
    }
    // Deeper it is printed or refused, and nothing else.
    for depth in [15, 20, 25, 30, 35] {
        for block in [deep(depth, quote), deep(depth, list), deep(depth.min(20), table)] {
            let output = runs(&[], &printed(block));
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() || said.trim() == TOO_DEEP, "{depth}: {said}");
        }
    }
    for block in [deep(400, quote), deep(400, list), deep(400, table)] {
        assert_eq!(refuses(&printed(block)), TOO_DEEP);
    }
    let brackets = Bare { book: "[".repeat(5_000_000).into() };
    assert_eq!(refuses(&rmp_serde::to_vec_named(&brackets).unwrap()), TOO_DEEP);
}

#[test]
fn what_is_no_book_is_refused_in_a_sentence() {
    for (json, why) in [
        (json!({}), "the book cannot be set"),
        (json!([1, 2]), "the book cannot be set"),
        (
            book(vec![json!({"kind": "chapter", "title": "x", "blocks": [{"kind": "spell"}]})]),
            "a block of an unknown kind",
        ),
    ] {
        let said = refuses(&job(&json, &[]));
        assert!(said.contains(why), "{said}");
    }
    assert!(refuses(b"").starts_with("this is no job"));
    assert!(refuses(&vec![0xc1; 100_000]).starts_with("this is no job"));
    let nested = [vec![0x91; 3_000_000], vec![0xc0]].concat();
    assert!(refuses(&nested).starts_with("this is no job"));
    let whole = job(&book(vec![]), &[]);
    assert!(refuses(&whole[..whole.len() - 30]).starts_with("this is no job"));
}

#[test]
fn a_file_is_found_only_in_the_job() {
    let shows =
        |file: &str| book(vec![chapter("Ebb", vec![json!({"kind": "picture", "description": "", "file": file})])]);
    for file in ["/etc/passwd", "../book.json", "../../etc/passwd", "missing.png", "@preview/x:0.1.0"] {
        assert!(refuses(&job(&shows(file), &[])).starts_with("the book cannot be set"), "{file}");
    }
    assert_eq!(refuses(&job(&shows("a"), &[("a", b"<svg/>")])), "a is no PNG, JPEG, GIF or WebP");
    assert_eq!(refuses(&job(&shows("a"), &[("../a", b"GIF89a")])), "a file has a name that files cannot have");
}

#[test]
fn a_press_within_limits_ends_instead_of_going_on() {
    let endless = book(vec![chapter("Ebb", long(1_000_000))]);
    let output = runs(&["--processor-seconds", "1"], &job(&endless, &[]));
    assert_eq!(output.status.signal(), Some(9));
    assert!(output.stdout.is_empty());
    let output = runs(&["--memory-bytes", "150000000"], &job(&endless, &[]));
    assert!(!output.status.success() && output.stdout.is_empty());
}

#[test]
fn one_endless_word_and_one_endless_title_are_printed() {
    let mut book = book(vec![chapter(&"long ".repeat(2_000), vec![paragraph(&"x".repeat(20_000)), paragraph("end")])]);
    book["title"] = "y".repeat(5_000).into();
    prints(&book);
}

#[test]
fn a_picture_that_cannot_be_decoded_leaves_its_description_in_a_frame_and_is_named() {
    let picture = |file: &str, description: &str| json!({"kind": "picture", "description": description, "file": file});
    let blocks = vec![
        paragraph("Before."),
        picture("torn.png", "A torn boat"),
        picture("cut.gif", ""),
        picture("torn.png", "The same boat"),
        paragraph("Behind."),
    ];
    let files: [(&str, &[u8]); 2] = [("torn.png", b"\x89PNG\r\n\x1a\nno chunk of any kind"), ("cut.gif", b"GIF89a")];
    let printed = prints_with(&[], &job(&book(vec![chapter("Ebb", blocks)]), &files));
    assert_eq!(
        printed.said,
        [
            "warning: the picture cut.gif cannot be decoded and is not shown",
            "warning: the picture torn.png cannot be decoded and is not shown",
        ]
    );
    let Some(pages) = printed.pages() else { return };
    let pages = pages.concat();
    for words in ["Before.", "A torn boat", "The same boat", "Behind."] {
        assert!(pages.contains(words), "{words} in {pages}");
    }
}
