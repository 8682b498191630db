//! Books as files, in and out, through a running hub: 100,000 words in 30 chapters.

use std::fmt::Write as _;
use std::time::Duration;

use quire_protocol::BookId;
use serde::Deserialize;
use tokio::time::Instant;

use crate::Figure;
use crate::people::token;
use crate::process::HubProcess;

const CHAPTERS: u32 = 30;
const PARAGRAPHS: u32 = 42;
const WORDS: u32 = 80;
/// Each figure is the middle one of so many.
const ROUNDS: usize = 3;
const DEADLINE: Duration = Duration::from_mins(1);

/// What an import answers.
#[derive(Deserialize)]
struct Imported {
    book: BookId,
}

struct Client {
    agent: ureq::Agent,
    base: String,
}

impl Client {
    fn of(hub: &HubProcess) -> Self {
        let agent = ureq::Agent::config_builder().timeout_global(Some(DEADLINE)).build().into();
        Self { agent, base: format!("http://{}/v1/books", hub.address) }
    }

    fn imports(&self, name: &str, file: &[u8]) -> (BookId, Duration) {
        let start = Instant::now();
        let url = format!("{}/import?name={name}", self.base);
        let request = self.agent.post(&url).header("Authorization", format!("Bearer {}", token("ann")));
        let mut response = request.send(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let answer = response.body_mut().read_to_vec().expect("the hub answers");
        let Imported { book } = serde_json::from_slice(&answer).expect("an answer names the book");
        (book, start.elapsed())
    }

    fn exports(&self, book: &BookId, kind: &str) -> (Vec<u8>, Duration) {
        let start = Instant::now();
        let url = format!("{}/{book}/export/{kind}", self.base);
        let request = self.agent.get(&url).header("Authorization", format!("Bearer {}", token("ann")));
        let mut response = request.call().unwrap_or_else(|error| panic!("{kind}: {error}"));
        (response.body_mut().read_to_vec().expect("the hub sends it"), start.elapsed())
    }
}

/// Prose as if by chance, as Markdown.
fn manuscript() -> Vec<u8> {
    let mut dice = 1_u64;
    let mut word = move || {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let letters = 2 + (dice >> 60) % 8;
        (0..letters)
            .map(|place| char::from(b'a' + u8::try_from((dice >> (4 * place)) % 26).expect("a letter")))
            .collect::<String>()
    };
    let mut text = String::from("---\ntitle: A long book\n---\n\n");
    for chapter in 1..=CHAPTERS {
        writeln!(text, "# Chapter {chapter}\n").expect("a string takes everything");
        for _ in 0..PARAGRAPHS {
            let words: Vec<String> = (0..WORDS).map(|_| word()).collect();
            writeln!(text, "{} *{}*.\n", words.join(" "), word()).expect("a string takes everything");
        }
    }
    text.into_bytes()
}

/// Blocking: nothing else happens at the same time.
pub(crate) fn figures() -> Vec<Figure> {
    let hub = HubProcess::start();
    let client = Client::of(&hub);
    let manuscript = manuscript();
    let mut times: [(&str, Vec<Duration>); 5] =
        ["import Markdown", "export EPUB", "export DOCX", "import EPUB", "import DOCX"].map(|what| (what, Vec::new()));
    for _ in 0..ROUNDS {
        let (book, first) = client.imports("book.md", &manuscript);
        let (epub, second) = client.exports(&book, "epub");
        let (docx, third) = client.exports(&book, "docx");
        let (_, fourth) = client.imports("book.epub", &epub);
        let (_, fifth) = client.imports("book.docx", &docx);
        for ((_, times), took) in times.iter_mut().zip([first, second, third, fourth, fifth]) {
            times.push(took);
        }
    }
    let words = CHAPTERS * PARAGRAPHS * WORDS;
    let figure = |(what, mut took): (&str, Vec<Duration>)| {
        took.sort_unstable();
        let what = format!("{what}, {words} words in {CHAPTERS} chapters");
        Figure::new(what, format!("{} ms", took[ROUNDS / 2].as_millis()))
    };
    times.into_iter().map(figure).collect()
}
