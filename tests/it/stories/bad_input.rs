//! Whatever comes in gets an answer or a close code: never a panic, never silence.

use std::time::Duration;

use quire_protocol::codec::Blob;
use quire_protocol::command::{BooksList, CommandFrame};
use quire_protocol::frame::{Hello, Part};
use quire_protocol::{Command, Encoding, HubCommand, Limits, Rejection, Role, Timers};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, Town, message, moby};

const PROTOCOL_ERROR: TabEnd = TabEnd(Some(4000));

fn binary(bytes: impl Into<Vec<u8>>) -> Message {
    Message::Binary(bytes.into().into())
}

fn text(text: impl Into<String>) -> Message {
    Message::Text(text.into().into())
}

/// What is no frame, in the encoding in which it is none.
fn nonsense() -> Vec<(Encoding, Message)> {
    let deep_text = |open: &str, close: &str| {
        format!(r#"{{"t":"books.list","ref":1,"x":{}{}}}"#, open.repeat(2_000), close.repeat(2_000))
    };
    let pack = |value: &serde_json::Value| rmp_serde::to_vec_named(value).unwrap();
    let command = serde_json::json!({"t": "books.list", "ref": 1});
    let mut trailing = pack(&command);
    trailing.push(0xc0);
    let mut cut = pack(&command);
    cut.truncate(cut.len() - 1);
    let packed = [
        vec![],
        vec![0xc1],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        // Nested as deeply as a hello is long.
        vec![0x91; 10_000],
        // A map whose value claims to be of 4 GiB, and a list that claims as many entries.
        [&[0x81, 0xa1, b't'][..], &[0xdb, 0xff, 0xff, 0xff, 0xff]].concat(),
        [&[0x81, 0xa1, b't'][..], &[0xdd, 0xff, 0xff, 0xff, 0xff]].concat(),
        vec![0xdf, 0xff, 0xff, 0xff, 0xff],
        // A text that is not UTF-8.
        vec![0x81, 0xa1, b't', 0xa2, 0xc3, 0x28],
        pack(&serde_json::json!([1, 2, 3])),
        pack(&serde_json::json!({"ref": 1})),
        pack(&serde_json::json!({"t": 7, "ref": 1})),
        pack(&serde_json::json!({"t": "no.such"})),
        pack(&serde_json::json!({"t": "presence", "book": 7})),
        trailing,
        cut,
    ];
    let written = [
        String::new(),
        "{".into(),
        "null".into(),
        "[]".into(),
        r#""hello""#.into(),
        r#"{"t":"books.list","ref":1} {}"#.into(),
        r#"{"t":"books.list"}"#.into(),
        r#"{"t":"no.such","ref":-1}"#.into(),
        r#"{"t":"no.such","ref":9007199254740993}"#.into(),
        r#"{"t":"part","last":true,"data":"%%%"}"#.into(),
        deep_text("[", "]"),
        deep_text(r#"{"a":"#, "}").replace("}}}}", "1}}}}"),
    ];
    let packed = packed.into_iter().map(|bytes| (Encoding::MessagePack, binary(bytes)));
    packed.chain(written.into_iter().map(|line| (Encoding::Json, text(line)))).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_no_frame_ends_the_connection_before_and_after_hello() {
    let town = Town::new();
    for (case, (encoding, message)) in nonsense().into_iter().enumerate() {
        let end = Person::says_nonsense(&town, encoding, vec![message.clone()]).await;
        assert_eq!(end, PROTOCOL_ERROR, "before hello: case {case} in {encoding:?}");
        let mut ann = Person::arrives(&town, "ann", encoding).await;
        ann.sends_raw(message).await;
        assert_eq!(ann.is_sent_away().await, PROTOCOL_ERROR, "after hello: case {case} in {encoding:?}");
    }
    town.arrives("ann").await.asks_hub(BooksList { limit: None, cursor: None, trashed: false }).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn a_message_in_the_other_encoding_ends_the_connection() {
    let town = Town::new();
    for (encoding, other) in [(Encoding::Json, Encoding::MessagePack), (Encoding::MessagePack, Encoding::Json)] {
        let hello = Hello { token: Some(town.token("ann")), client: None, resume: None };
        let end = Person::says_nonsense(&town, encoding, vec![message(&hello, other)]).await;
        assert_eq!(end, PROTOCOL_ERROR);
        let mut ann = Person::arrives(&town, "ann", encoding).await;
        ann.sends_raw(message(&serde_json::json!({"t": "books.list", "ref": 1}), other)).await;
        assert_eq!(ann.is_sent_away().await, PROTOCOL_ERROR);
    }
}

#[tokio::test(start_paused = true)]
async fn text_that_is_not_utf_8_ends_the_connection() {
    let town = Town::new();
    let mut ann = Person::arrives(&town, "ann", Encoding::Json).await;
    let frame = Frame::message(vec![b'{', 0xff, b'}'], OpCode::Data(Data::Text), true);
    ann.sends_raw(Message::Frame(frame)).await;
    assert_eq!(ann.is_sent_away().await, PROTOCOL_ERROR);
}

#[tokio::test(start_paused = true)]
async fn hello_comes_first_and_once_and_soon() {
    let town = Town::new();
    for encoding in Encoding::ALL {
        let command = message(&serde_json::json!({"t": "books.list", "ref": 1}), encoding);
        let activity = message(&serde_json::json!({"t": "activity"}), encoding);
        for early in [command, activity] {
            assert_eq!(Person::says_nonsense(&town, encoding, vec![early]).await, PROTOCOL_ERROR);
        }
        let begun = tokio::time::Instant::now();
        let ping = Message::Ping(bytes::Bytes::new());
        assert_eq!(Person::says_nonsense(&town, encoding, vec![ping]).await, PROTOCOL_ERROR, "a ping is no hello");
        assert_eq!(begun.elapsed().as_secs(), 5);

        let mut ann = Person::arrives(&town, "ann", encoding).await;
        ann.sends(&Hello { token: Some(town.token("ann")), client: None, resume: None }).await;
        assert_eq!(ann.is_sent_away().await, PROTOCOL_ERROR);
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_with_a_ref_is_answered_however_wrong_it_is() {
    let town = Town::new();
    for encoding in Encoding::ALL {
        let mut ann = Person::arrives(&town, "ann", encoding).await;
        let cases = [
            (serde_json::json!({"t": "no.such"}), "unsupported", ""),
            (serde_json::json!({"t": "lock.acquire", "book": "b"}), "invalid", "chapter"),
            (serde_json::json!({"t": "lock.acquire", "chapter": "c"}), "invalid", "book"),
            (serde_json::json!({"t": "lock.acquire", "book": "b/../c", "chapter": "c"}), "invalid", "book"),
            (serde_json::json!({"t": "lock.acquire", "book": "b", "chapter": 7}), "invalid", "chapter"),
            (serde_json::json!({"t": "lock.acquire", "book": "b", "chapter": "c", "wait": "yes"}), "invalid", "wait"),
            (serde_json::json!({"t": "lock.release", "book": "b", "chapter": "c", "token": -1}), "invalid", "token"),
            (serde_json::json!({"t": "member.set_role", "book": "b", "user": "u", "role": "king"}), "invalid", "role"),
            (serde_json::json!({"t": "book.open", "book": "b", "after": []}), "invalid", "after"),
        ];
        for (mut command, code, at) in cases {
            let reference = ann.next_reference();
            command["ref"] = reference.into();
            ann.sends(&command).await;
            match ann.answer_to(reference).await.refused(code) {
                Rejection::Invalid { field, .. } => assert_eq!(field, at, "{command}"),
                Rejection::Unsupported { kind } => assert_eq!(kind, "no.such"),
                other => panic!("{command}: {other:?}"),
            }
        }
        ann.asks_hub(BooksList { limit: None, cursor: None, trashed: false }).await.accepted();
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_breaks_the_protocol_keeps_no_chapter() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(acquire(1)).await.granted();
    ann.sends_raw(binary(vec![0xc1])).await;
    assert_eq!(ann.is_sent_away().await, PROTOCOL_ERROR);
    town.settles().await;
    ben.does(acquire(1)).await.granted();
}

// === Floods ===

#[tokio::test(start_paused = true)]
async fn a_flood_of_pings_ends_the_connection() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    for _ in 0..500 {
        ann.sends_raw(Message::Ping(bytes::Bytes::from_static(b"?"))).await;
    }
    ann.is_sent_away_over(4029, "signals_per_second").await;
    ben.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn fragments_without_content_do_not_go_on_for_ever() {
    let town = Town::new();
    let mut ann = town.arrives("ann").await;
    let begin = Frame::message(vec![], OpCode::Data(Data::Binary), false);
    ann.sends_raw(Message::Frame(begin)).await;
    for _ in 0..200_000 {
        ann.sends_raw(Message::Frame(Frame::message(vec![], OpCode::Data(Data::Continue), false))).await;
    }
    ann.is_sent_away_over(4029, "bytes without a message").await;
}

// === Parts ===

fn parts(bytes: &[u8], size: usize) -> Vec<Part> {
    let count = bytes.len().div_ceil(size);
    let part = |(index, chunk): (usize, &[u8])| Part { last: index + 1 == count, data: Blob(chunk.to_vec()) };
    bytes.chunks(size).enumerate().map(part).collect()
}

fn list_of_books(reference: u64) -> CommandFrame {
    let command = Command::Hub(HubCommand::from(BooksList { limit: None, cursor: None, trashed: false }));
    CommandFrame { reference, id: None, retry: false, book: None, command }
}

#[tokio::test(start_paused = true)]
async fn a_command_may_come_in_parts() {
    let town = Town::new();
    for encoding in Encoding::ALL {
        let (mut ann, []) = if encoding == Encoding::MessagePack {
            town.team([]).await
        } else {
            (Person::arrives(&town, "ann", encoding).await, [])
        };
        for size in [1, 7, 10_000] {
            let reference = ann.next_reference();
            for part in parts(&encoding.encode(&list_of_books(reference)), size) {
                ann.sends(&part).await;
            }
            ann.answer_to(reference).await.accepted();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn parts_are_charged_as_one_command() {
    let town = Town::with(Limits { command_burst: 2, commands_per_second: 1, ..Limits::default() }, Timers::default());
    let mut ann = town.arrives("ann").await;
    for expected in [true, true, false] {
        let reference = ann.next_reference();
        for part in parts(&Encoding::MessagePack.encode(&list_of_books(reference)), 4) {
            ann.sends(&part).await;
        }
        assert_eq!(ann.answer_to(reference).await.result.is_ok(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn parts_that_break_off_or_do_not_make_a_command_end_the_connection() {
    let town = Town::new();
    let some = |last| Part { last, data: Blob(b"abc".to_vec()) };
    let whole = |bytes: Vec<u8>| Part { last: true, data: Blob(bytes) };
    let encoding = Encoding::MessagePack;
    let hello = encoding.encode(&Hello { token: None, client: None, resume: None });
    let nested = encoding.encode(&whole(encoding.encode(&list_of_books(1))));
    let cases = [
        vec![message(&some(false), encoding), message(&list_of_books(1), encoding)],
        vec![message(&some(false), encoding), message(&serde_json::json!({"t": "activity"}), encoding)],
        vec![message(&some(true), encoding)],
        vec![message(&Part { last: false, data: Blob(vec![]) }, encoding)],
        vec![message(&whole(vec![]), encoding)],
        vec![message(&whole(hello), encoding)],
        vec![message(&whole(nested), encoding)],
        vec![message(&Part { last: false, data: Blob(vec![0; town.hub.limits.part_bytes + 1]) }, encoding)],
    ];
    for (case, messages) in cases.into_iter().enumerate() {
        let mut ann = town.arrives("ann").await;
        for message in messages {
            ann.sends_raw(message).await;
        }
        assert_eq!(ann.is_sent_away().await, PROTOCOL_ERROR, "case {case}");
    }
}

#[tokio::test(start_paused = true)]
async fn parts_that_come_too_slowly_end_the_connection() {
    let town = Town::new();
    let mut ann = town.arrives("ann").await;
    let begun = tokio::time::Instant::now();
    ann.sends(&Part { last: false, data: Blob(b"abc".to_vec()) }).await;
    town.passes(Duration::from_secs(6)).await;
    ann.sends(&Part { last: false, data: Blob(b"abc".to_vec()) }).await;
    ann.is_sent_away_over(4000, "parts_ms").await;
    assert_eq!(begun.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn parts_of_more_than_a_frame_end_the_connection() {
    let town = Town::with(Limits { frame_bytes: 40_000, ..Limits::default() }, Timers::default());
    let mut ann = town.arrives("ann").await;
    for _ in 0..3 {
        ann.sends(&Part { last: false, data: Blob(vec![b'x'; town.hub.limits.part_bytes]) }).await;
    }
    ann.is_sent_away_over(1009, "frame_bytes").await;
    town.arrives("ann").await.opens(&moby()).await.refused("not_found");
}
