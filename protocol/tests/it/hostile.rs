//! Bytes from outside are hostile: whatever they are, the answer is a frame or a reason, never a panic.

use proptest::prelude::*;
use quire_protocol::codec::{DEPTH_MAX, DecodeError, check};
use quire_protocol::frame::FrameError;
use quire_protocol::{ClientFrame, Encoding, ServerFrame};

use crate::golden::files;
use crate::samples;

/// Both ways of decoding, in both encodings. What is decoded is well formed, and can be written again.
fn decode_everything(bytes: &[u8]) {
    for encoding in Encoding::ALL {
        let is_well_formed = check(bytes, encoding).is_ok();
        if let Ok(frame) = ClientFrame::decode(bytes, encoding) {
            assert!(is_well_formed && !encoding.encode(&frame).is_empty());
        }
        if let Ok(frame) = ServerFrame::decode(bytes, encoding) {
            assert!(is_well_formed && !encoding.encode(&frame).is_empty());
        }
    }
}

fn all_files() -> Vec<(Vec<u8>, Encoding)> {
    ["client", "command", "server", "event", "notice", "refusal", "answer"].into_iter().flat_map(files).collect()
}

fn client_files() -> Vec<(Vec<u8>, Encoding)> {
    ["client", "command"].into_iter().flat_map(files).collect()
}

/// A whole frame is refused once anything is missing from it or added to it.
fn is_frame(bytes: &[u8], encoding: Encoding) -> bool {
    check(bytes, encoding).is_ok()
}

#[test]
fn a_cut_frame_is_refused() {
    for (bytes, encoding) in all_files() {
        for end in 0..bytes.len() {
            assert!(!is_frame(&bytes[..end], encoding), "{encoding:?} {end} of {bytes:?}");
        }
    }
}

#[test]
fn an_extended_frame_is_refused() {
    for (mut bytes, encoding) in all_files() {
        bytes.push(b'1');
        assert_eq!(check(&bytes, encoding), Err(DecodeError::TrailingBytes));
        bytes.pop();
        let twice = [bytes.as_slice(), &bytes].concat();
        assert_eq!(check(&twice, encoding), Err(DecodeError::TrailingBytes));
    }
}

#[test]
fn a_frame_in_the_other_encoding_is_refused() {
    for (bytes, encoding) in all_files() {
        let other = if encoding == Encoding::Json { Encoding::MessagePack } else { Encoding::Json };
        assert!(!is_frame(&bytes, other));
    }
}

#[test]
fn unknown_fields_are_ignored_wherever_they_stand() {
    for (bytes, encoding) in client_files() {
        if encoding == Encoding::Json {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let more = text.replace('{', r#"{"zz":[{"deep":null},1.5,"x"],"#).replace(r#""x"],}"#, r#""x"]}"#);
            assert_eq!(ClientFrame::decode(more.as_bytes(), encoding), ClientFrame::decode(&bytes, encoding), "{more}");
        }
    }
}

#[test]
fn lists_of_nils_are_read_in_place() {
    for count in [65_000_u16, 1] {
        let mut bytes = b"\x83\xa1t\xaclock.acquire\xa3ref\x07\xa4junk\xdc".to_vec();
        bytes.extend(count.to_be_bytes());
        bytes.extend(std::iter::repeat_n(0xc0, usize::from(count)));
        let refused = ClientFrame::decode(&bytes, Encoding::MessagePack).unwrap_err();
        assert!(matches!(refused, FrameError::Field { reference: 7, error } if error.field == "chapter"));
    }
}

#[test]
fn two_hundred_kilobytes_of_nesting_are_too_deep() {
    let mut bytes = b"\x81\xa1t".to_vec();
    bytes.extend(std::iter::repeat_n(0x91, 200_000));
    assert_eq!(check(&bytes, Encoding::MessagePack), Err(DecodeError::TooDeep));
    let json = format!("{{\"t\":{}", "[".repeat(200_000));
    assert_eq!(check(json.as_bytes(), Encoding::Json), Err(DecodeError::TooDeep));
}

#[test]
fn the_depth_limit_is_the_one_that_welcome_tells() {
    assert_eq!(quire_protocol::Limits::default().depth, DEPTH_MAX);
}

/// A golden frame, damaged in a few places.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let damage = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    (prop::sample::select(all_files()), damage).prop_map(|((mut bytes, _), damage)| {
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes
    })
}

fn a_string() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-zA-Z0-9_-]{1,64}", Just("\u{feff}\u{202e}\"\\\u{0}".to_owned())]
}

fn an_id() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_-]{1,64}"
}

/// Commands and events with texts and numbers of every kind, made from the samples by way of JSON.
fn varied(json: serde_json::Value) -> impl Strategy<Value = serde_json::Value> {
    (a_string(), an_id(), 0..(1_u64 << 53)).prop_map(move |(text, id, number)| {
        let mut value = json.clone();
        vary(&mut value, &text, &id, number);
        value
    })
}

fn vary(value: &mut serde_json::Value, text: &str, id: &str, number: u64) {
    if let serde_json::Value::Object(fields) = value {
        for (name, field) in fields {
            match name.as_str() {
                "title" | "body" | "note" | "quote" | "prefix" | "suffix" | "name" | "description" | "token"
                    if field.is_string() =>
                {
                    *field = text.into();
                }
                "chapter" | "thread" | "comment" | "session" | "book" | "id" if field.is_string() => *field = id.into(),
                "token" | "seq" | "at" | "offset" | "base_seq" | "expires_at" | "ref" if field.is_u64() => {
                    *field = number.into();
                }
                _ => vary(field, text, id, number),
            }
        }
    }
}

fn sampled<T: serde::Serialize>(frames: &[T]) -> impl Strategy<Value = serde_json::Value> + use<T> {
    let values: Vec<_> = frames.iter().map(|frame| serde_json::to_value(frame).expect("plain data")).collect();
    prop::sample::select(values).prop_flat_map(varied)
}

fn commands() -> impl Strategy<Value = serde_json::Value> {
    sampled(&samples::commands())
}

fn events() -> impl Strategy<Value = serde_json::Value> {
    sampled(&samples::events().into_iter().map(samples::event_frame).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        decode_everything(&bytes);
    }

    #[test]
    fn arbitrary_maps_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..512), entries in 0_u8..16) {
        bytes.insert(0, 0x80 | entries);
        decode_everything(&bytes);
    }

    #[test]
    fn damaged_frames_never_panic(bytes in damaged()) {
        decode_everything(&bytes);
    }

    #[test]
    fn what_passes_the_check_is_what_a_reader_reads(bytes in damaged()) {
        if check(&bytes, Encoding::MessagePack).is_ok() {
            prop_assert!(rmp_serde::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok());
        }
        if check(&bytes, Encoding::Json).is_ok() {
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
        }
    }

    #[test]
    fn a_command_survives_the_wire(json in commands()) {
        let frame = ClientFrame::decode(json.to_string().as_bytes(), Encoding::Json);
        let frame = frame.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        for encoding in Encoding::ALL {
            prop_assert_eq!(ClientFrame::decode(&encoding.encode(&frame), encoding), Ok(frame.clone()));
        }
    }

    #[test]
    fn an_event_survives_the_wire(json in events()) {
        let frame = ServerFrame::decode(json.to_string().as_bytes(), Encoding::Json);
        let frame = frame.map_err(|error| TestCaseError::fail(error.to_string()))?;
        for encoding in Encoding::ALL {
            prop_assert_eq!(ServerFrame::decode(&encoding.encode(&frame), encoding), Ok(frame.clone()));
        }
    }
}
