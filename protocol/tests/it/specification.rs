//! `README.md` is the specification. What it lists is what the crate has: nothing is missing, nothing is wrong.

use std::collections::{BTreeMap, BTreeSet};

use quire_protocol::answer::AnswerShape;
use quire_protocol::frame::{FrameError, Notice};
use quire_protocol::person::COLOURS;
use quire_protocol::{Action, ClientFrame, CloseCode, Command, Encoding, Event, Limits, Rejection, Role, Timers};
use serde_json::Value;

use crate::golden::files;
use crate::samples;

const README: &str = include_str!("../../README.md");

/// What surrounds a command.
const ENVELOPE: [&str; 5] = ["t", "ref", "id", "retry", "book"];

/// The text of one section, its subsections included.
fn section(title: &str) -> &'static str {
    let start = README.find(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("there is a section {title}"));
    let text = &README[start + 1..];
    text.find("\n## ").map_or(text, |end| &text[..end])
}

/// The cells of every table row whose first cell is one word, without the backticks around it.
fn rows(text: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'));
    let cells = lines.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let named = cells.filter_map(|cells| Some((cells[0].strip_prefix('`')?.strip_suffix('`')?, cells[1..].to_vec())));
    named.filter(|(name, _)| !name.contains('`')).collect()
}

/// The names at the beginning of each entry of a cell, and whether each may be absent.
fn fields(cell: &str) -> BTreeMap<String, bool> {
    let mut depth = 0_i32;
    let flat: String = cell
        .chars()
        .filter(|char| {
            depth += i32::from(*char == '{') - i32::from(*char == '}');
            depth == 0 && *char != '}'
        })
        .collect();
    let entries = flat.split(',').filter_map(|entry| entry.trim().strip_prefix('`')?.split_once('`'));
    entries.map(|(name, rest)| (name.to_owned(), rest.starts_with('?'))).collect()
}

fn names(cell: &str) -> BTreeSet<String> {
    fields(cell).into_keys().collect()
}

fn keys(value: &Value, without: &[&str]) -> BTreeSet<String> {
    let object = value.as_object().expect("a frame is a map");
    object.keys().filter(|key| !without.contains(&key.as_str())).cloned().collect()
}

fn json(frame: &impl serde::Serialize) -> Value {
    serde_json::to_value(frame).expect("plain data")
}

fn kinds_of(rows: &[(&'static str, Vec<&'static str>)]) -> Vec<&'static str> {
    rows.iter().map(|(kind, _)| *kind).collect()
}

#[test]
fn every_command_is_listed_with_its_answer() {
    let rows = rows(section("Commands"));
    let listed: BTreeSet<_> = kinds_of(&rows).into_iter().collect();
    assert_eq!(listed, Command::kinds().collect());
    for (kind, cells) in rows {
        let shape = match AnswerShape::of(kind).unwrap() {
            AnswerShape::Done => "`{}`",
            AnswerShape::Opened => "`{epoch, seq, role, can, roster, roster_count}` with `events` or `snapshot`",
            AnswerShape::Books => "`{books, cursor}`",
            AnswerShape::Invitations => "`{invitations, cursor}`",
            AnswerShape::Threads => "`{threads, cursor}`",
            AnswerShape::Royalties => "`{splits}`",
            AnswerShape::Checklist => "`{open_threads, empty, held, waiting}`",
            AnswerShape::Inbox => "`{inbox, unread, before, choices, switches, mail_to}`",
            AnswerShape::Library => "`{owner, you, can, grants, users, books}`",
            AnswerShape::LibraryBooks => "`{shelf, total, cursor}`",
            AnswerShape::Known => "`{known}`",
            AnswerShape::Shared => "`{shared}`",
            AnswerShape::Users => "`{users, total, cursor}`",
            AnswerShape::User => "`{record}`",
            AnswerShape::Webhooks => "`{webhooks}`",
            AnswerShape::Webhook => "`{webhook, secret}`",
            AnswerShape::Deliveries => "`{deliveries, waiting}`",
            AnswerShape::Text => "`{epoch, rev, updates}`",
            AnswerShape::Revised => "`{rev}`",
            AnswerShape::Drafts => "`{drafts}`",
            AnswerShape::Draft => "`{update}`",
            AnswerShape::Versions => "`{versions}`",
            AnswerShape::Version => "`{state}`",
            AnswerShape::Compared => "`{blocks, added, removed}`",
            AnswerShape::Points => "`{points}`",
            AnswerShape::Point => "`{point, kept_at, by, label, title, words, chapters}`",
            AnswerShape::Token => "`{token}`",
            AnswerShape::TokenOrPosition => "`{token}` if granted, `{position}` if queued",
            AnswerShape::TokenIfTaken => "`{token}` if taken, else `{}`",
            AnswerShape::Invitation => "`{invitation}`",
            AnswerShape::Refreshed => "`{expires_at}`",
        };
        assert!(cells.iter().any(|cell| cell.starts_with(shape)), "{kind} answers {shape}");
    }
}

/// What decoding says about a command of the samples with one field changed (`None`: left out).
fn refused_field(sample: &Value, field: &str, value: Option<Value>) -> Option<String> {
    let mut command = sample.clone();
    let object = command.as_object_mut().expect("a frame is a map");
    match value {
        Some(value) => object.insert(field.to_owned(), value),
        None => object.remove(field),
    };
    match ClientFrame::decode(command.to_string().as_bytes(), Encoding::Json) {
        Ok(_) => None,
        Err(FrameError::Field { error, .. }) => Some(error.field),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn every_field_of_every_command_is_listed() {
    let rows: BTreeMap<_, _> = rows(section("Commands")).into_iter().collect();
    for frame in samples::commands() {
        let kind = frame.command.kind();
        let sample = json(&frame);
        let listed = fields(rows[kind][0]);
        let sent = keys(&sample, &ENVELOPE);
        assert!(sent.iter().all(|field| listed.contains_key(field)), "{kind}: {sent:?} but {listed:?}");
        for (field, optional) in listed {
            // A known field does not take a list of lists; an unknown one is ignored.
            let refused = refused_field(&sample, &field, Some(serde_json::json!([[]])));
            assert!(refused.is_some_and(|refused| refused.starts_with(&field)), "{kind} has no field {field}");
            let missing = refused_field(&sample, &field, None);
            assert_eq!(missing.is_none(), optional, "{kind}: {field} may be absent: {optional}");
        }
    }
}

#[test]
fn every_event_is_listed_with_its_fields() {
    let rows = rows(section("Events"));
    assert_eq!(kinds_of(&rows), Event::KINDS);
    for ((kind, cells), event) in rows.into_iter().zip(samples::events()) {
        assert_eq!((kind, names(cells[0])), (event.kind(), keys(&json(&event), &["t"])));
    }
}

#[test]
fn every_notice_is_listed_with_its_fields() {
    let rows = rows(section("Notices"));
    assert_eq!(kinds_of(&rows), Notice::KINDS);
    for ((kind, cells), notice) in rows.into_iter().zip(samples::notices()) {
        assert_eq!((kind, names(cells[0])), (notice.kind(), keys(&json(&notice), &["kind"])));
    }
}

#[test]
fn every_refusal_is_listed_with_its_facts() {
    let rows = rows(section("Refusals"));
    assert_eq!(kinds_of(&rows), Rejection::CODES);
    for ((code, cells), rejection) in rows.into_iter().zip(samples::rejections()) {
        assert_eq!((code, names(cells[0])), (rejection.code(), keys(&json(&rejection), &["code"])));
    }
}

#[test]
fn every_other_frame_is_listed_with_its_fields() {
    let rows = rows(section("Frames"));
    let client = samples::client_frames().into_iter().map(|(kind, frame)| (kind, json(&frame)));
    let server = samples::server_frames().into_iter().map(|(kind, frame)| (kind, json(&frame)));
    for (kind, sample) in client.chain(server) {
        let sent = keys(&sample, &["t"]);
        let mut cells = rows.iter().filter(|(name, _)| *name == kind);
        assert!(cells.any(|(_, cells)| names(cells[0]) == sent), "{kind}: {sent:?}");
    }
}

#[test]
fn every_close_code_is_listed() {
    let text = section("Close codes");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let numbered = rows.filter_map(|(number, rest)| Some((number.parse().ok()?, rest.split(" |").next()?.to_owned())));
    let codes = CloseCode::ALL.iter().map(|code| (code.number(), code.name().to_owned()));
    assert_eq!(numbered.collect::<Vec<(u16, _)>>(), codes.collect::<Vec<_>>());
}

fn numbers(title: &str) -> Vec<(&'static str, u64)> {
    rows(section(title)).into_iter().map(|(name, cells)| (name, cells[0].parse().expect("a number"))).collect()
}

#[test]
fn limits_and_timers_are_the_crates() {
    assert_eq!(numbers("Limits"), Limits::default().table());
    assert_eq!(numbers("Timers"), Timers::default().table());
}

#[test]
fn roles_actions_and_colours_are_the_crates() {
    let actions = rows(section("Identity"));
    assert_eq!(kinds_of(&actions), Action::ALL.map(|action| json(&action).as_str().unwrap().to_owned()));
    for name in Role::ALL.map(Role::as_str).into_iter().chain(COLOURS).chain(Encoding::ALL.map(Encoding::subprotocol)) {
        assert!(README.contains(&format!("`{name}`")), "{name}");
    }
}

/// Every key anywhere in what the hub sends is explained somewhere.
#[test]
fn every_shape_is_described() {
    fn visit(value: &Value, known: &impl Fn(&str) -> bool) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    assert!(known(key), "{key} is not described");
                    visit(value, known);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| visit(value, known)),
            _ => {}
        }
    }
    let known = |key: &str| README.contains(&format!("\"{key}\"")) || README.contains(&format!("`{key}`"));
    for folder in ["answer", "server", "event", "notice", "refusal"] {
        for (bytes, _) in files(folder).iter().filter(|(_, encoding)| *encoding == Encoding::Json) {
            visit(&serde_json::from_slice(bytes).unwrap(), &known);
        }
    }
}

#[test]
fn binding_sentences_are_numbered_and_found() {
    let mut last: BTreeMap<char, u32> = BTreeMap::new();
    let number = |text: &str| {
        let (name, _) = text.split_once(']')?;
        let (family, number) = name.split_once('-')?;
        Some((family.chars().next().filter(|_| family.len() == 1)?, number.parse::<u32>().ok()?))
    };
    for (family, number) in README.lines().filter_map(|line| number(line.strip_prefix("- [")?)) {
        let before = last.insert(family, number).unwrap_or(0);
        assert_eq!(number, before + 1, "{family}-{number}");
    }
    for (family, number) in README.split('[').filter_map(number) {
        assert!(last.get(&family).is_some_and(|last| number <= *last), "{family}-{number} is nowhere");
    }
    assert!(last.len() > 10);
}

#[test]
fn every_section_is_in_the_contents() {
    let contents = README.split("\n## ").next().unwrap();
    for title in README.lines().filter_map(|line| line.strip_prefix("## ")).filter(|title| *title != "The crate") {
        let anchor = title.to_lowercase().replace(' ', "-");
        assert!(contents.contains(&format!("](#{anchor})")), "{title}");
    }
}
