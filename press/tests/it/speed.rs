//! A long book, and how long it takes, which means something in a release build alone:
//! `cargo test --release -p quire-press --test it -- --nocapture speed`.

use std::io::Write as _;

use serde_json::{Value as Json, json};

use super::books::{book, chapter};
use super::press::{job, prints_with};

const CHAPTERS: usize = 30;
const WORDS: usize = 100_000;
const VOCABULARY: [&str; 32] = [
    "the",
    "of",
    "and",
    "a",
    "harbour",
    "water",
    "was",
    "had",
    "lamp",
    "she",
    "counted",
    "tide",
    "extraordinary",
    "between",
    "morning",
    "he",
    "said",
    "nothing",
    "boats",
    "under",
    "remembered",
    "wall",
    "cold",
    "again",
    "letters",
    "uncommonly",
    "it",
    "in",
    "to",
    "never",
    "correspondence",
    "afternoon",
];

/// Words that repeat no line: the typesetter remembers what it has set before.
fn words(count: usize, seed: &mut u64) -> String {
    let mut text = String::new();
    for index in 0..count {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = usize::try_from(*seed >> 33).unwrap() % VOCABULARY.len();
        text.push_str(VOCABULARY[word]);
        text.push_str(if index % 12 == 11 { ". " } else { " " });
    }
    text
}

fn long_chapter(number: usize, seed: &mut u64) -> Json {
    let paragraphs = WORDS / CHAPTERS / 80;
    let blocks = (0..paragraphs).map(|index| {
        let emphasis = json!({"text": words(3, seed), "style": ["italic"]});
        let mut line = vec![json!(words(60, seed)), emphasis, json!(words(17, seed))];
        if index % 20 == 9 {
            line.push(json!({"note": 1}));
        }
        json!({"kind": "paragraph", "line": line})
    });
    let mut chapter = chapter(&format!("Chapter {number}"), blocks.collect());
    chapter["notes"] = json!([[words(12, seed)]]);
    chapter
}

#[test]
fn a_book_of_a_hundred_thousand_words_is_set() {
    let mut seed = 7;
    let book = book((1..=CHAPTERS).map(|number| long_chapter(number, &mut seed)).collect());
    let job = job(&book, &[]);
    #[expect(clippy::disallowed_methods, reason = "it is time that is measured")]
    let started = std::time::Instant::now();
    let printed = prints_with(&["--memory-bytes", "2147483648", "--processor-seconds", "90"], &job);
    let took = started.elapsed();
    let line = format!("{:.2} s, {} KiB of PDF\n", took.as_secs_f64(), printed.pdf.len() / 1024);
    std::io::stdout().write_all(line.as_bytes()).unwrap();
    assert!(printed.pdf.starts_with(b"%PDF-"));
}
