//! What a reader finds on the pages.

use serde_json::json;

use super::books::{book, chapter, formatted, long, novel, paragraph};
use super::press::{job, prints, prints_with};

/// What is left of a text when all blanks are one.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The number at the foot of a page, if there is one.
fn folio(page: &str) -> Option<usize> {
    page.trim_end().lines().last()?.trim().parse().ok()
}

#[test]
fn a_book_has_a_title_page_a_table_of_contents_and_numbered_pages() {
    let Some(pages) = prints(&novel()).pages() else { return };
    assert_eq!(plain(&pages[0]), "The Tide Tables A Novel Ann Okafor Bob Lindqvist Quire Press");
    assert_eq!(plain(&pages[1]), "© 2026 Ann Okafor");
    let begins = |title: &str| pages.iter().skip(3).position(|page| plain(page).starts_with(title)).unwrap() + 4;
    let contents = plain(&pages[2].replace(" .", ""));
    let lines = [
        ("Preface", "Preface"),
        ("Low Water", "Low Water"),
        ("One. Ebb", "One Ebb"),
        ("Two. Flood", "Two Flood"),
        ("Thanks", "Thanks"),
    ];
    for (label, heading) in lines {
        let line = format!("{label} {}", begins(heading));
        assert!(contents.replace('.', "").contains(&line.replace('.', "")), "{line} is in {contents}");
    }
    for (page, number) in pages.iter().zip(1..) {
        let is_bare = number < 3 || plain(page) == "Low Water";
        assert_eq!(folio(page), (!is_bare).then_some(number), "{page}");
    }
}

#[test]
fn heads_run_over_all_pages_but_those_on_which_a_section_begins() {
    let Some(pages) = prints(&novel()).pages() else { return };
    let first = pages.iter().position(|page| plain(page).starts_with("One Ebb")).unwrap();
    let last = pages.iter().position(|page| plain(page).starts_with("Two Flood")).unwrap() - 1;
    assert!(last > first + 1, "the chapter has pages on both sides");
    for (page, index) in pages[first + 1..=last].iter().zip(first + 1..) {
        let head = if (index + 1) % 2 == 0 { "The Tide Tables" } else { "One. Ebb" };
        assert_eq!(page.lines().next().unwrap().trim(), head);
    }
}

#[test]
fn chapters_begin_where_they_are_told_to() {
    let Some(pages) = prints(&formatted(novel(), "opening", "right_page")).pages() else { return };
    for title in ["Preface", "Low Water", "One Ebb", "Two Flood", "Thanks"] {
        let index = pages.iter().skip(3).position(|page| plain(page).starts_with(title)).unwrap() + 3;
        assert_eq!(index % 2, 0, "{title} is on a right-hand page");
    }
    assert!(pages.iter().any(|page| page.trim().is_empty()), "what is left empty has neither head nor number");
    let flowing = formatted(book(vec![chapter("Ebb", long(100)), chapter("Flood", long(600))]), "opening", "same_page");
    let pages = prints(&flowing).pages().unwrap();
    assert!(pages[3].contains("Ebb") && pages[3].contains("Flood"), "{}", pages[3]);
    assert!(pages[4].starts_with("Flood") || plain(&pages[4]).starts_with("Flood"), "the head names what goes on");
}

#[test]
fn footnotes_stand_at_the_foot_and_count_anew_in_each_chapter() {
    let noted = |title: &str, note: &str| {
        let line = json!({"kind": "paragraph", "line": ["Some water", {"note": 1}, " and more", {"note": 2}, "."]});
        let mut section = chapter(title, vec![line]);
        section["notes"] = json!([[note, {"text": " indeed", "style": ["italic"]}], ["Second."]]);
        section
    };
    let Some(pages) = prints(&book(vec![noted("Ebb", "Salt"), noted("Flood", "Sweet")])).pages() else { return };
    for (page, note) in [(&pages[3], "Salt indeed"), (&pages[4], "Sweet indeed")] {
        let page = plain(page);
        let (above, below) = page.split_once(note).unwrap();
        assert!(above.contains("Some water1 and more2.") && above.ends_with('1'), "{page}");
        assert!(plain(below).starts_with("2Second."), "{page}");
    }
}

#[test]
fn every_block_is_printed() {
    let cell = |x: usize, y: usize, text: &str, header: bool| json!({"x": x, "y": y, "columns": 1, "rows": 1, "header": header, "blocks": [paragraph(text)]});
    let blocks = vec![
        json!({"kind": "heading", "level": 1, "line": ["Inner heading"]}),
        json!({"kind": "paragraph", "line": ["To the right"], "align": "right"}),
        json!({"kind": "blank"}),
        json!({"kind": "list", "numbering": "a.", "start": 3, "items": [[paragraph("third")], [], [paragraph("fifth"),
            json!({"kind": "list", "numbering": null, "start": 1, "items": [[paragraph("bullet")]]})]]}),
        json!({"kind": "quote", "blocks": [paragraph("Quoted words")]}),
        json!({"kind": "code", "text": "let a = 1;\n    // $not math$ #emph[x]"}),
        json!({"kind": "table", "columns": 2, "cells": [cell(0, 0, "Head", true), cell(1, 0, "Other", true),
            cell(1, 1, "low right", false)]}),
        json!({"kind": "picture", "description": "A boat at anchor"}),
        json!({"kind": "rule"}),
        json!({"kind": "scene_break"}),
        json!({"kind": "paragraph", "line": ["One", {"break": true}, {"text": "two", "style": ["bold", "italic", "underline",
            "strike", "code", "superscript", "small_caps"]}, {"text": "H", "style": ["subscript"]},
            {"text": "linked", "link": "https://example.org/a?b=c"}]}),
    ];
    let printed = prints(&book(vec![chapter("All", blocks)]));
    let Some(pages) = printed.pages() else { return };
    let text = plain(&pages[3..].concat());
    for words in [
        "Inner heading",
        "To the right",
        "c. third",
        "d.",
        "e. fifth",
        "• bullet",
        "Quoted words",
        "let a = 1;",
        "// $not math$ #emph[x]",
        "Head Other",
        "low right",
        "A boat at anchor",
        "***",
        "linked",
    ] {
        assert!(text.contains(words), "{words} is in {text}");
    }
    assert!(printed.pdf.windows(25).any(|bytes| bytes == b"https://example.org/a?b=c"), "the link leads there");
    assert!(printed.said.is_empty(), "{:?}", printed.said);
}

#[test]
fn every_ornament_can_be_printed() {
    for (name, ornament) in [("asterism", Some("⁂")), ("fleuron", Some("❦")), ("line", None), ("blank", None)] {
        let blocks = vec![paragraph("Before."), json!({"kind": "scene_break"}), paragraph("After.")];
        let mut book = formatted(book(vec![chapter("Ebb", blocks)]), "ornament", name);
        book["ornament"] = ornament.into();
        let printed = prints(&book);
        assert!(printed.said.is_empty(), "{:?}", printed.said);
        let Some(pages) = printed.pages() else { return };
        let between = plain(&pages[3]);
        assert!(
            between.contains(&format!("Before. {}", ornament.map_or("After.".into(), |it| format!("{it} After.")))),
            "{between}"
        );
    }
}

#[test]
fn fonts_are_embedded_and_each_family_is_another() {
    let families = [
        ("serif", "LibertinusSerif"),
        ("old_style", "LibertinusSerif"),
        ("transitional", "NewCM10"),
        ("sans", "DejaVuSans"),
        ("typewriter", "DejaVuSansMono"),
    ];
    for (name, family) in families {
        let printed = prints(&formatted(book(vec![chapter("Ebb", long(60))]), "font", name));
        assert!(printed.said.is_empty(), "{:?}", printed.said);
        let Some(fonts) = printed.fonts() else { return };
        assert!(!fonts.is_empty() && fonts.iter().all(|font| font.contains(family)), "{fonts:?}");
        // Embedded, in part, and with a way back to characters.
        assert!(fonts.iter().all(|font| plain(font).contains("yes yes yes")), "{fonts:?}");
    }
}

#[test]
fn pages_have_the_size_that_was_asked_for_and_say_what_they_are() {
    let mut book = book(vec![chapter("Ebb", long(60))]);
    book["page"] = json!({"width": 1524, "height": 2286, "margin": 127});
    let Some(about) = prints(&book).about() else { return };
    let about = plain(&about);
    for words in [
        "Page size: 432 x 648 pts",
        "Title: The Tide Tables",
        "Author: Ann Okafor, Bob Lindqvist",
        "Keywords: sea",
        "Creator: quire",
        "Tagged: yes",
    ] {
        assert!(about.contains(words), "{words} is in {about}");
    }
    assert!(about.contains("2026") && about.contains("12:30:00"), "the date is the job's: {about}");
}

#[test]
fn words_are_divided_only_where_the_language_and_the_format_say_so() {
    let divided = |book: &serde_json::Value| {
        let pages = prints(book).pages()?;
        Some(pages[3..].concat().lines().filter(|line| line.trim_end().ends_with(['-', '\u{2010}', '\u{ad}'])).count())
    };
    let english = book(vec![chapter("Ebb", long(600))]);
    let Some(count) = divided(&english) else { return };
    assert!(count > 0);
    assert_eq!(divided(&formatted(english.clone(), "hyphenation", false)), Some(0));
    let mut unknown = english;
    unknown["language"] = "und".into();
    assert_eq!(divided(&unknown), Some(0));
}

#[test]
fn a_picture_is_shown_and_says_what_it_shows() {
    // One grey pixel.
    const PNG: &[u8] = &[
        0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
        0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 10, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0x68, 0, 0, 0, 0x82,
        0, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
    ];
    let shown = json!({"kind": "picture", "description": "A boat", "file": "boat.png"});
    let book = book(vec![chapter("Ebb", vec![shown])]);
    let printed = prints_with(&[], &job(&book, &[("boat.png", PNG)]));
    assert!(printed.pdf.windows(14).any(|bytes| bytes == b"/Subtype/Image"), "there is a picture");
}

#[test]
fn the_same_job_makes_the_same_bytes() {
    assert_eq!(prints(&novel()).pdf, prints(&novel()).pdf);
}

#[test]
fn characters_that_no_font_has_are_named_and_the_book_is_printed_all_the_same() {
    let printed = prints(&book(vec![chapter("Ebb", vec![paragraph("Ω ж שלום \u{200d} 漢漢 字")])]));
    assert_eq!(printed.said, ["warning: no font has these characters: 字 (U+5B57), 漢 (U+6F22)"]);
}

#[test]
fn fonts_of_a_folder_are_there_and_come_first() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.ttf"), "no font").unwrap();
    std::fs::create_dir(folder.path().join("deeper")).unwrap();
    std::fs::write(folder.path().join("deeper/serif.TTF"), dejavu::serif::regular()).unwrap();
    let arguments = ["--fonts", folder.path().to_str().unwrap()];
    // A letter that is in this one alone.
    let printed = prints_with(&arguments, &job(&book(vec![chapter("Ebb", vec![paragraph("plain")])]), &[]));
    assert!(printed.said.is_empty());
    let missing = super::press::runs(&["--fonts", "/nowhere"], &job(&book(vec![]), &[]));
    assert_eq!(String::from_utf8_lossy(&missing.stderr).trim(), "the fonts in /nowhere cannot be read");
}
