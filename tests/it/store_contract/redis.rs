//! What only a store on a server can get wrong.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use quire::clock::Clock;
use quire::store::redis::{Redis, RedisSettings};
use quire::store::shared::{Heard, Leases as _, Restore, Restored, Shared, Signals as _};
use quire::store::{
    Append, AppendError, Card, Compacted, FenceChange, LogId, Position, Read, SCHEMA, Store as _, StoreError, Tag,
};
use quire_protocol::event::Claim;
use quire_protocol::{BookId, Epoch, Role, Seq, Token, UserId};

use super::bench::{book, chapter, draft, payloads};
use super::replicas::{LONG_MS, Replicas, drafted, head, replica};
use crate::redis_server::RedisServer;

async fn connected(settings: &RedisSettings) -> Arc<Redis> {
    Arc::new(Redis::connect(settings, Clock::system()).await.expect("the server runs"))
}

/// The user of the hub may touch nothing without its own prefix, so this is another user.
fn prefixed(server: &RedisServer, prefix: &str) -> RedisSettings {
    RedisSettings { prefix: prefix.to_owned(), ..RedisSettings::at("127.0.0.1", server.port()) }
}

async fn write(store: &dyn Shared, log: &LogId, after: Option<Position>, payloads: &[&str]) -> Position {
    store.append(draft(log, after, payloads)).await.expect("the append fits").position
}

fn restore(log: &LogId, seq: u64) -> Restore {
    Restore {
        log: log.clone(),
        instead_of: None,
        tag: Tag(9),
        seq: Seq(seq),
        stamp: Token(9),
        snapshot: "state".into(),
        records: vec![],
        fences: Some(vec![(chapter(log.book().unwrap().as_str(), "c1"), Token(7))]),
    }
}

fn card(id: &str, members: &[&str], claim: Option<Claim>) -> Card {
    Card {
        book: BookId::new(id).unwrap(),
        seq: Seq(1),
        title: "T".into(),
        members: members.iter().map(|user| (UserId::new(user).unwrap(), Role::Author)).collect(),
        invitations: vec![],
        claim,
        ends: Vec::new(),
        trashed_until: None,
        deleted: false,
    }
}

/// R1: after a start the server may lack what was acknowledged, so no epoch has two histories.
#[tokio::test]
async fn r1_a_server_that_started_again_begins_another_epoch() {
    let mut server = RedisServer::with(&[("appendonly", "yes"), ("appendfsync", "always")]).await;
    let (log, text) = (book("b1"), chapter("b1", "c1"));
    let store = connected(&server.settings()).await;
    let fences = vec![(text.clone(), FenceChange::Grant(0))];
    let granted = store.append(Append { fences, ..draft(&log, None, &["a", "b"]) }).await.unwrap();
    let before = granted.position;
    drop(store);
    server.kill().await;
    server.start_again().await;

    let store = connected(&server.settings()).await;
    assert_eq!(store.tail(log.clone()).await.unwrap(), Some(before), "nothing is lost by a crash alone");
    let late = draft(&log, Some(before), &["c"]);
    assert_eq!(store.append(late.clone()).await, Err(AppendError::EpochChanged));
    let after = store.tail(log.clone()).await.unwrap().unwrap();
    assert_ne!(after.epoch, before.epoch);
    assert_eq!((after.seq, after.tag), (before.seq, before.tag));
    assert_eq!(store.append(late).await, Err(AppendError::EpochChanged), "and stays so for whoever believes the old");

    let read = store.read(log.clone(), Some(before)).await.unwrap();
    let Read::Snapshot { snapshot: None, records, tail } = &read else { panic!("{read:?}") };
    assert_eq!((payloads(records), *tail), (vec!["a", "b"], after));
    assert_eq!(write(&*store, &log, Some(after), &["c"]).await.epoch, after.epoch);
    let guard = Some((text.clone(), granted.first_stamp));
    store.append(Append { guard, ..draft(&text, None, &["fences outlive it"]) }).await.unwrap();
}

#[tokio::test]
async fn a_server_that_forgot_its_scripts_is_taught_again() {
    let replicas = Replicas::redis().await;
    let log = book("b1");
    let tail = replicas.write("north", &log, None, &["a"]).await;
    replicas.server().ask::<()>("SCRIPT FLUSH").await;
    let tail = replicas.write("north", &log, Some(tail), &["b"]).await;
    replicas.server().ask::<()>("SCRIPT FLUSH").await;
    assert_eq!(replicas.north.tails(vec![log.clone(), log]).await.unwrap(), [Some(tail), Some(tail)]);
}

/// R16: a replica of an older version does not write over what a newer one wrote.
#[tokio::test]
async fn r16_a_lower_schema_neither_compacts_nor_restores() {
    let replicas = Replicas::redis().await;
    let log = book("b1");
    let tail = replicas.write("north", &log, None, &["a"]).await;
    let written: u32 = replicas.server().ask(&format!("HGET {} schema", head(&log))).await;
    assert_eq!(written, SCHEMA);

    replicas.server().ask::<()>(&format!("HSET {} schema {}", head(&log), SCHEMA + 1)).await;
    assert_eq!(replicas.north.compact(log.clone(), tail, "old".into()).await.unwrap(), Compacted::Stale);
    let restore = Restore { instead_of: Some(tail), ..restore(&log, 5) };
    assert_eq!(replicas.north.restore(restore).await.unwrap(), Restored::Stale);
    let tail = replicas.write("north", &log, Some(tail), &["b"]).await;
    let kept: u32 = replicas.server().ask(&format!("HGET {} schema", head(&log))).await;
    assert_eq!((kept, replicas.read(&log, Some(tail)).await), (SCHEMA + 1, Read::Records { records: vec![], tail }));
}

/// R14: stamps from far in the future would last for ever.
#[tokio::test]
async fn r14_a_clock_a_day_ahead_stamps_nothing() {
    let server = RedisServer::start().await;
    let now = Clock::system().now_micros();
    let behind = |micros: u64| Clock::reading(move || Duration::from_micros(now - micros));
    let an_hour = 3_600_000_000;
    let late = Redis::connect(&server.settings(), behind(25 * an_hour)).await.unwrap();
    assert_eq!(late.append(draft(&book("b1"), None, &["a"])).await, Err(AppendError::Unavailable));
    assert_eq!(late.tail(book("b1")).await, Ok(None));
    let in_time = Redis::connect(&server.settings(), behind(23 * an_hour)).await.unwrap();
    in_time.append(draft(&book("b1"), None, &["a"])).await.unwrap();
}

/// Lua prints large numbers with an exponent unless it is told otherwise.
#[tokio::test]
async fn numbers_of_sixteen_digits_stay_exact() {
    let replicas = Replicas::redis().await;
    let log = book("b1");
    let seq = 9_007_199_254_740_000;
    let Restored::Done(restored) = replicas.north.restore(restore(&log, seq)).await.unwrap() else { panic!("stale") };
    let floor = Token(9_007_199_254_740_100);
    let fences = vec![(chapter("b1", "c1"), FenceChange::Grant(1))];
    let append = Append { stamp_floor: floor, fences, ..draft(&log, Some(restored), &["a", "b"]) };
    let appended = replicas.append(Append { by: replica("north"), ..append }).await.unwrap();
    assert_eq!((appended.position.seq, appended.first_stamp), (Seq(seq + 2), Token(floor.0 + 1)));

    let read = replicas.read(&log, Some(restored)).await;
    let Read::Records { records, .. } = read else { panic!("{read:?}") };
    let numbers: Vec<_> = records.iter().map(|record| (record.seq.0, record.stamp.0)).collect();
    assert_eq!(numbers, [(seq + 1, floor.0 + 1), (seq + 2, floor.0 + 2)]);
    assert_eq!(replicas.north.compact(log.clone(), appended.position, "s".into()).await.unwrap(), Compacted::Done);
    for key in ["log", "fences"] {
        let fields: Vec<String> = replicas.server().ask(&format!("HGETALL {{quire:b1}}:{key}")).await;
        assert!(fields.iter().all(|field| !field.contains("e+")), "{fields:?}");
    }
    let trimmed: u64 = replicas.server().ask(&format!("HGET {} trimmed", head(&log))).await;
    assert_eq!(trimmed, seq);
}

/// R12: whoever still listens to the old master hears of a history that is none.
#[tokio::test]
async fn r12_a_wake_up_from_another_master_is_ignored() {
    let replicas = Replicas::redis().await;
    let mut south = replicas.listen("south");
    replicas.subscribe("south", "b1").await;
    replicas.renew("south", LONG_MS, &[], &[]).await;
    let forged = |master: &str| {
        let zero = "0000000000000000";
        format!("A north book/b1 {zero} 1 0 {zero} {zero} 1 1 {master}\n")
    };
    let mut connection = replicas.server().connection().await;
    for words in [forged(&"0".repeat(40)), "nonsense".into(), forged("") + "\0\0\0\u{9}", String::new()] {
        let publish = redis::cmd("PUBLISH").arg("{quire:b1}:signals").arg(words).to_owned();
        let hearers: usize = publish.query_async(&mut connection).await.unwrap();
        assert_eq!(hearers, 1);
    }
    let tail = replicas.write("north", &book("b1"), None, &["a"]).await;
    let heard = south.hears().await;
    assert!(matches!(&heard, Heard::Appended(wake) if wake.tail == tail), "{heard:?}");
}

/// All keys of a book lie on one node of a cluster, and what comes from outside cannot leave its key.
#[tokio::test]
async fn keys_carry_the_prefix_and_the_tag_whatever_they_are_made_of() {
    let server = RedisServer::start().await;
    let store = connected(&prefixed(&server, "our-prefix")).await;
    let hostile = ["ann}:x", "{quire:b1}:log", "* :?[a]", "a\u{85}b{c}", "\"'\\$(x)", "ann\u{1f600}"];
    let hostile = hostile.map(|user| user.replace('\u{85}', " "));
    let crlf = "\r\n*1\r\n$8\r\nFLUSHALL\r\n";
    for (i, user) in hostile.iter().enumerate() {
        let claim = Some(Claim::Address(format!("{user}{crlf}@x")));
        store.put_card(card(&format!("card-{i}"), &[user], claim)).await.unwrap();
    }
    for (i, user) in hostile.iter().enumerate() {
        let found = store.cards_of(UserId::new(user).unwrap(), None, 9).await.unwrap();
        assert_eq!(found.iter().map(|card| card.book.as_str()).collect::<Vec<_>>(), [format!("card-{i}")]);
        let found = store.cards_claimable(Some(format!("{user}{crlf}@x")), None, 9).await.unwrap();
        assert_eq!(found.len(), 1);
    }
    let (log, text) = (book("b1"), chapter("b1", "c1"));
    store.subscribe(&replica("north"), BookId::new("b1").unwrap()).await.unwrap();
    let tail = write(&*store, &log, None, &["a", crlf]).await;
    let tail = write(&*store, &log, Some(tail), &vec!["x"; 1_100]).await;
    store.compact(log.clone(), tail, crlf.into()).await.unwrap();
    store.restore(restore(&text, 3)).await.unwrap();
    let lease = super::replicas::lease("north");
    store.renew(&lease, LONG_MS, vec![BookId::new("b1").unwrap()], vec![]).await.unwrap();
    assert_eq!(payloads(&store.read_archive(log, Seq(2), 1, 99).await.unwrap()), [crlf]);

    let keys: BTreeSet<String> = server.ask("KEYS *").await;
    let channels: BTreeSet<String> = server.ask("PUBSUB CHANNELS").await;
    for name in keys.iter().chain(&channels) {
        let tag = name.strip_prefix("{our-prefix:").and_then(|rest| rest.split_once('}')).map(|(tag, _)| tag);
        assert!(["b1", "cards", "replicas"].map(Some).contains(&tag), "{name}");
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "{}:-".contains(char);
        assert!(name.chars().all(is_plain), "{name}");
    }
    let expected = ["log", "log:records", "log:archive", "log:snapshot", "fences", "chapter:c1", "chapter:c1:snapshot"];
    for key in expected {
        assert!(keys.contains(&format!("{{our-prefix:b1}}:{key}")), "{key} is among {keys:?}");
    }
}

#[tokio::test]
async fn two_prefixes_are_two_stores() {
    let server = RedisServer::start().await;
    let ours = connected(&server.settings()).await;
    let theirs = connected(&prefixed(&server, "theirs")).await;
    write(&*ours, &book("b1"), None, &["a"]).await;
    assert_eq!(theirs.tail(book("b1")).await, Ok(None));
}

/// R14: a script that fails half-way would keep its first half.
#[tokio::test]
async fn r14_a_full_server_refuses_whole_appends_and_still_answers() {
    let replicas = Replicas::redis().await;
    let log = book("b1");
    let tail = replicas.write("north", &log, None, &["a"]).await;
    replicas.server().ask::<()>("CONFIG SET maxmemory 1").await;
    let append = drafted("north", &log, Some(tail), &["b", "c"]);
    assert_eq!(replicas.append(append.clone()).await, Err(AppendError::Unavailable));
    assert_eq!(replicas.read(&log, Some(tail)).await, Read::Records { records: vec![], tail });
    replicas.server().ask::<()>("CONFIG SET maxmemory 0").await;
    assert_eq!(replicas.append(append).await.unwrap().position.seq, Seq(3));
}

#[tokio::test]
async fn r13_a_record_that_vanished_is_not_skipped() {
    let replicas = Replicas::redis().await;
    let log = book("b1");
    let tail = replicas.write("north", &log, None, &["a", "b", "c", "d"]).await;
    let first = Position { seq: Seq(1), ..tail };
    replicas.server().ask::<()>(&format!("XDEL {}:records 3-0", head(&log))).await;
    for after in [None, Some(first)] {
        let read = replicas.north.read(log.clone(), after).await;
        assert!(matches!(&read, Err(StoreError::Corrupt(found)) if found.contains("book/b1")), "{read:?}");
    }
    let read = replicas.north.read(log.clone(), Some(tail)).await.unwrap();
    assert_eq!(read, Read::Records { records: vec![], tail });
}

#[tokio::test]
async fn what_somebody_else_wrote_is_damage_and_no_panic() {
    let replicas = Replicas::redis().await;
    let log = book("b1");
    let tail = replicas.write("north", &log, None, &["a"]).await;
    let server = replicas.server();
    server.ask::<()>(&format!("HSET {} tag nonsense", head(&log))).await;
    assert!(matches!(replicas.north.tail(log.clone()).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(replicas.north.read(log.clone(), None).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(replicas.north.tails(vec![log.clone()]).await, Err(StoreError::Corrupt(_))));

    let other = book("b2");
    server.ask::<()>(&format!("XADD {}:records 1-0 stamp 1 at 1 tag short payload x", head(&other))).await;
    assert_eq!(replicas.north.tail(other.clone()).await, Ok(None));
    assert!(matches!(replicas.north.read_archive(other.clone(), Seq(1), 9, 99).await, Err(StoreError::Corrupt(_))));
    // A record is there already, so nothing of the append is written.
    let refused = replicas.append(drafted("north", &other, None, &["a", "b"])).await;
    assert_eq!(refused, Err(AppendError::Unknown));
    assert_eq!(replicas.north.tail(other).await, Ok(None));
    let elsewhere = Position { epoch: Epoch(!tail.epoch.0), ..tail };
    assert_eq!(replicas.north.compact(log, elsewhere, "s".into()).await, Ok(Compacted::Stale));
}

/// R17: of two who change one card at once, the one with the newer book wins.
#[tokio::test]
async fn r17_cards_of_many_writers_end_with_the_newest() {
    let replicas = Replicas::redis().await;
    let user = |seq: u64| format!("user-{}", seq % 4);
    let puts = (1..=40).map(|seq| {
        let store = if seq % 2 == 0 { &replicas.north } else { &replicas.south };
        store.put_card(Card { seq: Seq(seq), ..card("b1", &[&user(seq)], Some(Claim::Anyone)) })
    });
    assert!(futures::future::join_all(puts).await.iter().all(Result::is_ok));
    for number in 0..4 {
        let member = UserId::new(&format!("user-{number}")).unwrap();
        let found = replicas.north.cards_of(member, None, 9).await.unwrap();
        assert_eq!(
            found.iter().map(|card| card.seq.0).collect::<Vec<_>>(),
            if number == 0 { vec![40] } else { vec![] }
        );
    }
    let keys: BTreeSet<String> = replicas.server().ask("KEYS {quire:cards}:member:*").await;
    assert_eq!(keys.len(), 1, "nobody else is in the index: {keys:?}");
}

/// A crowd of cards comes in pages.
#[tokio::test]
async fn long_lists_of_cards_are_whole() {
    let replicas = Replicas::redis().await;
    let puts = (0..450).map(|i| replicas.north.put_card(card(&format!("b{i:03}"), &["ann"], Some(Claim::Anyone))));
    assert!(futures::future::join_all(puts).await.iter().all(Result::is_ok));
    let ann = UserId::new("ann").unwrap();
    let expected: Vec<String> = (0..450).map(|i| format!("b{i:03}")).collect();
    let ids = |cards: Vec<Card>| cards.into_iter().map(|card| card.book.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(replicas.south.cards_of(ann.clone(), None, usize::MAX).await.unwrap()), expected);
    let after = Some(BookId::new("b099").unwrap());
    assert_eq!(ids(replicas.south.cards_of(ann, after.clone(), 300).await.unwrap()), expected[100..400]);
    assert_eq!(ids(replicas.south.cards_claimable(None, after, 300).await.unwrap()), expected[100..400]);
}
