//! Names and messages: what goes out comes back, and what comes from elsewhere does no harm.

use std::collections::BTreeSet;

use bytes::Bytes;
use proptest::prelude::*;
use quire_protocol::{BookId, ChapterId, Epoch, ReplicaId, Seq, Timestamp, Token};
use redis::Value;

use super::answer::{Parts, records};
use super::keys::Keys;
use super::wake::{self, Words};
use crate::store::shared::{Channel, WAKE_BYTES, Wake};
use crate::store::{Append, LogId, Position, Record, Shelf, Tag};

fn append(after: Option<Position>, payloads: &[&'static str]) -> Append {
    Append {
        log: LogId::Chapter(BookId::new("b1").unwrap(), ChapterId::new("c1").unwrap()),
        after,
        tag: Tag(0xABCD),
        payloads: payloads.iter().map(|payload| Bytes::from_static(payload.as_bytes())).collect(),
        guard: None,
        fences: vec![],
        stamp_floor: Token(0),
        by: ReplicaId::new("r1").unwrap(),
        misses: 0,
    }
}

/// The message as the script publishes it.
fn published(append: &Append, body: &[u8]) -> Bytes {
    let line = format!("{:016x} 700 7 {}\n", 5, "f".repeat(40));
    [&wake::head(append)[..], line.as_bytes(), body].concat().into()
}

#[test]
fn a_wake_up_says_what_was_appended() {
    let after = Position { epoch: Epoch(5), seq: Seq(3), tag: Tag(9) };
    let append = append(Some(after), &["a\n", ""]);
    let heard = wake::parse(published(&append, &wake::body(&append.payloads)));

    let record = |seq, stamp, payload: &'static str| Record {
        seq: Seq(seq),
        stamp: Token(stamp),
        at: Timestamp(7),
        tag: append.tag,
        payload: payload.into(),
    };
    let tail = Position { seq: Seq(5), tag: append.tag, ..after };
    let records = vec![record(4, 700, "a\n"), record(5, 701, "")];
    let wake = Wake { log: append.log.clone(), after: Some(after), tail, records };
    assert_eq!(heard, Some(Words::Appended { by: append.by, master: "f".repeat(40), wake }));
}

#[test]
fn a_wake_up_of_a_new_log_comes_after_nothing() {
    let append = append(None, &["a"]);
    let Some(Words::Appended { wake, .. }) = wake::parse(published(&append, b"")) else { panic!("it is ours") };
    assert_eq!((wake.after, wake.tail.seq, wake.records), (None, Seq(1), vec![]));
}

#[test]
fn a_wake_up_that_was_cut_is_none() {
    let append = append(None, &["abc", "de"]);
    let whole = published(&append, &wake::body(&append.payloads));
    let end_of_line = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for end in 0..whole.len() {
        let cut = wake::parse(whole.slice(..end));
        // Without any payload it is a wake-up that carries none.
        assert_eq!(cut.is_some(), end == end_of_line + 1, "cut at {end}: {cut:?}");
    }
    assert_eq!(wake::parse([&whole[..], b"x"].concat().into()), None);
}

#[test]
fn a_wake_up_with_numbers_out_of_range_is_none() {
    let zero = "0".repeat(16);
    let most = u64::MAX;
    for (count, before, stamp) in [(1, most, 1), (2, 1, most)] {
        let line = format!("A r1 book/b1 {zero} {count} {before} {zero} {zero} {stamp} 1 m\n");
        let body = wake::body(&vec![Bytes::from_static(b"x"); 2]);
        assert_eq!(wake::parse([line.as_bytes(), &body].concat().into()), None);
    }
}

#[test]
fn heavy_payloads_stay_out_of_wake_ups() {
    let payload = |bytes| vec![Bytes::from(vec![0; bytes])];
    assert_eq!(wake::body(&payload(WAKE_BYTES)).len(), WAKE_BYTES + 4);
    assert_eq!(wake::body(&payload(WAKE_BYTES + 1)), Bytes::new());
}

#[test]
fn channels_are_found_by_their_names_alone() {
    let keys = Keys::new("quire");
    for channel in [Channel::Replicas, Channel::Book(BookId::new("b-1").unwrap())] {
        assert_eq!(keys.parse_channel(&keys.channel(&channel)), Some(channel));
    }
    for name in ["", "{quire:b1}", "{quire:}:signals", "{quire:a}b}:signals", "{other:b1}:signals", "quire:b1:signals"]
    {
        assert_eq!(keys.parse_channel(name), None, "{name}");
    }
}

/// A book may be called like what belongs to no book.
#[test]
fn a_book_with_the_name_of_something_else_shares_no_key_with_it() {
    let keys = Keys::new("quire");
    let book = |id: &str| LogId::Book(BookId::new(id).unwrap());
    let me = ReplicaId::new("r1").unwrap();
    let others = [
        keys.leases(),
        keys.mark(),
        keys.books(&me),
        keys.card("log"),
        keys.member("ann"),
        keys.address("ann"),
        keys.claim(None),
        keys.claim(Some("")),
        keys.channel(&Channel::Replicas),
    ];
    let own_logs = [LogId::Installation, LogId::SignIn(Shelf::of(&[7; 32]))];
    let own_keys = |log: &LogId| [keys.head(log), keys.snapshot(log), keys.fences(log), keys.wake(log)];
    let others: Vec<String> = others.into_iter().chain(own_logs.iter().flat_map(own_keys)).collect();
    assert_eq!(others.iter().collect::<BTreeSet<_>>().len(), others.len(), "{others:?}");
    for id in ["replicas", "cards", "hub", "installation", "signin"] {
        let log = book(id);
        let mut own = keys.log(&log);
        own.extend([keys.snapshot(&log), keys.fences(&log), keys.wake(&log)]);
        assert!(own.iter().all(|key| !others.contains(key)), "{own:?}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<i64>().prop_map(Value::Int),
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(Value::BulkString),
        prop_oneof!["[0-9]{1,20}(-0)?", "[0-9a-f]{16}", "stamp|at|tag|payload"]
            .prop_map(|text| Value::BulkString(text.into())),
    ];
    leaf.prop_recursive(3, 30, 9, |inner| proptest::collection::vec(inner, 0..9).prop_map(Value::Array))
}

proptest! {
    #[test]
    fn no_message_is_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200), line in "[AS] r1( [a-z0-9/]{0,20}){0,10}") {
        drop(wake::parse(bytes.clone().into()));
        drop(wake::parse([line.as_bytes(), b"\n", &bytes].concat().into()));
    }

    #[test]
    fn no_answer_is_too_strange(answer in value()) {
        drop(records(answer.clone()));
        if let Ok(mut parts) = Parts::of(answer) {
            drop(parts.position());
            drop(parts.records());
            drop(parts.texts());
        }
    }
}
