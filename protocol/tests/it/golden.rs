//! Bytes of every kind of frame, committed once: what a released hub or client wrote decodes for ever.
//!
//! A new kind gets its files by `QUIRE_RENEW=1 cargo test -p quire-protocol --test it golden`. That only adds files: when
//! a field is added to a frame, `welcome.2.json` comes beside `welcome.json`, and both must decode from then on. The last
//! one is exactly what is written today. A file that no longer decodes means that the change breaks the protocol.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use quire_protocol::frame::Notice;
use quire_protocol::{ClientFrame, Command, Encoding, Event, Rejection, ServerFrame};
use serde::Serialize;

use crate::samples;

const RENEW: &str = "QUIRE_RENEW=1 cargo test -p quire-protocol --test it golden";

#[test]
fn every_command_has_golden_bytes() {
    let commands = samples::commands().into_iter().map(|frame| (frame.command.kind(), ClientFrame::Command(frame)));
    check("command", commands.collect(), client);
    assert_complete("command", Command::kinds());
}

#[test]
fn every_other_frame_of_a_client_has_golden_bytes() {
    check("client", samples::client_frames(), client);
    assert_complete("client", ["hello", "activity", "presence", "part"].into_iter());
}

#[test]
fn every_event_has_golden_bytes() {
    let events = samples::events().into_iter();
    let frames = events.map(|event| (event.kind(), ServerFrame::Event(Box::new(samples::event_frame(event)))));
    check("event", frames.collect(), server);
    assert_complete("event", Event::KINDS.iter().copied());
}

#[test]
fn every_notice_has_golden_bytes() {
    let notices = samples::notices().into_iter().map(|notice| (notice.kind(), ServerFrame::Notice(notice)));
    check("notice", notices.collect(), server);
    assert_complete("notice", Notice::KINDS.iter().copied());
}

#[test]
fn every_refusal_has_golden_bytes() {
    let refusals = samples::rejections().into_iter().map(|rejection| (rejection.code(), samples::err(rejection)));
    check("refusal", refusals.collect(), server);
    assert_complete("refusal", Rejection::CODES.iter().copied());
}

#[test]
fn every_shape_of_answer_has_golden_bytes() {
    check("answer", samples::answers().into_iter().map(|(name, answer)| (name, samples::ok(answer))).collect(), server);
}

#[test]
fn every_other_frame_of_the_hub_has_golden_bytes() {
    check("server", samples::server_frames(), server);
    assert_complete("server", ["welcome", "presence", "text", "draining", "part"].into_iter());
}

/// Every golden file of a folder, with its encoding.
pub(crate) fn files(folder: &str) -> Vec<(Vec<u8>, Encoding)> {
    let entries = std::fs::read_dir(golden().join(folder)).expect("the golden files are committed");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let encoding = if is_json { Encoding::Json } else { Encoding::MessagePack };
        (std::fs::read(path).expect("a readable file"), encoding)
    };
    paths.into_iter().map(read).collect()
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1")
}

fn client(bytes: &[u8], encoding: Encoding) -> Result<ClientFrame, String> {
    ClientFrame::decode(bytes, encoding).map_err(|error| format!("{error:?}"))
}

fn server(bytes: &[u8], encoding: Encoding) -> Result<ServerFrame, String> {
    ServerFrame::decode(bytes, encoding).map_err(|error| error.to_string())
}

/// All committed bytes decode; the last ones mean these values, and these values are written as the last ones.
fn check<T: Serialize + PartialEq + Debug>(
    folder: &str,
    frames: Vec<(&str, T)>,
    decode: impl Fn(&[u8], Encoding) -> Result<T, String>,
) {
    for (kind, frame) in frames {
        for (encoding, extension) in [(Encoding::MessagePack, "msgpack"), (Encoding::Json, "json")] {
            let encoded = encoding.encode(&frame);
            let path = |number: u32| {
                let number = if number == 1 { String::new() } else { format!(".{number}") };
                golden().join(folder).join(format!("{kind}{number}.{extension}"))
            };
            let mut committed = read_all(path);
            if is_renewed() && committed.last() != Some(&encoded) {
                write(&path(u32::try_from(committed.len()).expect("a few") + 1), &encoded);
                committed.push(encoded.clone());
            }
            for bytes in &committed {
                assert!(decode(bytes, encoding).is_ok(), "{folder}/{kind}.{extension} does not decode any more");
            }
            let last = committed.last().unwrap_or_else(|| panic!("{folder}/{kind}.{extension} is missing: {RENEW}"));
            assert_eq!(decode(last, encoding).as_ref(), Ok(&frame), "{folder}/{kind}.{extension} means something else");
            assert!(*last == encoded, "{folder}/{kind}.{extension} is written in another way now: {RENEW}");
        }
    }
}

fn read_all(path: impl Fn(u32) -> PathBuf) -> Vec<Vec<u8>> {
    (1..).map_while(|number| std::fs::read(path(number)).ok()).collect()
}

#[expect(clippy::disallowed_methods, reason = "a test's own switch, not a setting of the hub")]
fn is_renewed() -> bool {
    std::env::var("QUIRE_RENEW").is_ok_and(|value| value == "1")
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("a written file");
}

/// A kind without golden bytes, or golden bytes of a kind that is gone, is a mistake.
fn assert_complete<'a>(folder: &str, kinds: impl Iterator<Item = &'a str>) {
    let expected: BTreeSet<String> = kinds.map(str::to_owned).collect();
    let entries = std::fs::read_dir(golden().join(folder)).expect("the golden files are committed");
    let found = entries.map(|entry| kind_of(&entry.expect("a readable folder").file_name().to_string_lossy()));
    assert_eq!(found.collect::<BTreeSet<_>>(), expected, "golden/v1/{folder}");
}

/// `lock.acquire` for `lock.acquire.2.json`.
fn kind_of(file: &str) -> String {
    let kind = file.trim_end_matches(".json").trim_end_matches(".msgpack");
    kind.trim_end_matches(|char: char| char.is_ascii_digit()).trim_end_matches('.').to_owned()
}
