//! Anchors: where they are, and in which order they are looked for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use super::*;
use crate::scribe::Span;

/// Written by `corpus/anchors.mjs`.
const CORPUS: &str = include_str!("corpus/anchors.json");

#[derive(Deserialize)]
struct Sample {
    state: String,
    positions: Vec<Told>,
}

/// A position, and where Yjs finds it; absent: nowhere.
#[derive(Deserialize)]
struct Told {
    position: String,
    path: Option<Vec<u32>>,
    index: Option<u32>,
}

fn bytes(text: &str) -> Bytes {
    BASE64.decode(text).unwrap().into()
}

#[test]
fn positions_that_yjs_encoded_are_where_yjs_finds_them() {
    let samples: Vec<Sample> = serde_json::from_str(CORPUS).unwrap();
    let (mut found, mut gone) = (0, 0);
    for (number, Sample { state, positions }) in samples.iter().enumerate() {
        let opened = Opened::of([&bytes(state)]).unwrap();
        let places = opened.read().unwrap().places;
        for Told { position, path, index } in positions {
            let place = opened.place(&places, &bytes(position));
            let expected = path.clone().zip(*index).map(|(path, index)| Place { path, index });
            assert_eq!(place, expected, "document {number}, {position}");
            *if place.is_some() { &mut found } else { &mut gone } += 1;
        }
    }
    assert!(found > 900 && gone > 300, "{found} found, {gone} gone");
}

fn place(path: &[u32], index: u32) -> Place {
    Place { path: path.to_vec(), index }
}

fn found(document: Document, anchors: &[Anchor]) -> Vec<Found> {
    let Done::Anchors(found) = done(Job::Resolve { document, anchors: anchors.to_vec() }) else {
        panic!("not anchors")
    };
    found
}

/// An anchor of what a text says in this range.
fn anchor(ann: &Writer, text: &XmlTextRef, range: std::ops::Range<u32>, quote: &str) -> Anchor {
    let relative = (ann.marks(text, range.start, Assoc::After), ann.marks(text, range.end, Assoc::Before));
    Anchor { relative: Some(relative), quote: quote.to_owned() }
}

fn quoted(quote: &str) -> Anchor {
    Anchor { relative: None, quote: quote.to_owned() }
}

#[test]
fn anchors_follow_their_text_until_nothing_is_left_of_it() {
    let mut ann = Writer::opens(&[], ANN);
    ann.adds_paragraph("before");
    let said = ann.adds_paragraph("Call me Ishmael.");
    let gone = ann.adds_paragraph("gone");
    let nonsense =
        Anchor { relative: Some((Bytes::from_static(b"\x09nonsense"), Bytes::new())), quote: "?".to_owned() };
    let anchors = [anchor(&ann, &said, 8..15, "Ishmael"), anchor(&ann, &gone, 1..3, "on"), nonsense];
    let span = |path: &[u32], from, to| Found::Place(Span { start: place(path, from), end: place(path, to) });
    assert_eq!(found(document(&ann.log), &anchors), [span(&[1, 0], 8, 15), span(&[2, 0], 1, 3), Found::Nowhere]);

    ann.does(|transaction, root| {
        said.insert(transaction, 0, "𝄞 ");
        root.remove_range(transaction, 2, 1);
        root.insert(transaction, 0, XmlElementPrelim::empty("paragraph"));
    });
    let moved = [span(&[2, 0], 11, 18), Found::Nowhere, Found::Nowhere];
    assert_eq!(found(document(&ann.log), &anchors), moved);
    assert_eq!(found(of(&state(document(&ann.log))), &anchors), moved);

    // Some of the words go, then the rest.
    ann.does(|transaction, _| said.remove_range(transaction, 13, 4));
    assert_eq!(found(of(&state(document(&ann.log))), &anchors)[0], span(&[2, 0], 11, 14));
    ann.does(|transaction, _| said.remove_range(transaction, 11, 3));
    assert_eq!(found(of(&state(document(&ann.log))), &anchors)[0], Found::Nowhere);
    ann.does(|transaction, _| said.insert(transaction, 0, "Ishmael! "));
    assert_eq!(found(of(&state(document(&ann.log))), &anchors)[0], Found::Quote);
}

#[test]
fn an_anchor_over_paragraphs_is_there_while_text_is_between_its_ends() {
    let mut ann = Writer::opens(&[], ANN);
    let one = ann.adds_paragraph("Call me");
    let two = ann.adds_paragraph("Ishmael.");
    let relative = Some((ann.marks(&one, 5, Assoc::After), ann.marks(&two, 7, Assoc::Before)));
    let anchors = [Anchor { relative, quote: "meIshmael".to_owned() }];
    let there = Found::Place(Span { start: place(&[0, 0], 5), end: place(&[1, 0], 7) });
    assert_eq!(found(document(&ann.log), &anchors), [there]);
    ann.does(|transaction, _| {
        one.remove_range(transaction, 5, 2);
        two.remove_range(transaction, 0, 7);
    });
    // Both ends have their paragraph, and nothing but its end between them.
    assert_eq!(found(document(&ann.log), &anchors), [Found::Nowhere]);
    ann.does(|transaction, root| {
        let between = root.insert(transaction, 1, XmlElementPrelim::empty("paragraph"));
        between.push_back(transaction, XmlTextPrelim::new("some"));
    });
    assert!(matches!(found(document(&ann.log), &anchors)[..], [Found::Place(_)]));
}

#[test]
fn a_quote_is_found_however_it_is_laid_out_but_in_no_footnote() {
    let mut ann = Writer::opens(&[], ANN);
    ann.adds_paragraph("Call  me\u{a0}Ish");
    ann.does(|transaction, root| {
        let last = root.push_back(transaction, XmlElementPrelim::empty("paragraph"));
        last.push_back(transaction, XmlTextPrelim::new("Some years"));
        let note = last.push_back(transaction, XmlElementPrelim::empty("footnote"));
        note.push_back(transaction, XmlTextPrelim::new("never mind how long"));
        last.push_back(transaction, XmlTextPrelim::new(" ago"));
    });
    let asked = ["Call me", "me\n  Ish Some", "years ago", "never mind", "call me", " \n", ""].map(quoted);
    let (there, nowhere) = (Found::Quote, Found::Nowhere);
    let expected = [&there, &there, &there, &nowhere, &nowhere, &nowhere, &nowhere].map(Clone::clone);
    assert_eq!(found(document(&ann.log), &asked), expected);
}
