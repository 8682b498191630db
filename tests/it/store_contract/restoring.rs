//! The way back after a loss: the replica that knows most wins, once (R6).

use quire::clock::Clock;
use quire::store::memory::Memory;
use quire::store::shared::{RESTORE_WINDOW_MS, Restore, Restored, Shared as _};
use quire::store::{Append, AppendError, Compacted, FenceChange, LogId, Position, Read, Record, Store as _, Tag};
use quire_protocol::{Epoch, Seq, Timestamp, Token};

use super::bench::{book, chapter, payloads, seqs};
use super::replicas::{Replicas, drafted};

on_shared_stores! {
    r1_a_log_that_regrew_to_the_same_length,
    r6_a_log_that_was_lost_is_put_back,
    r6_a_log_that_was_never_lost_is_left_alone,
    r6_a_log_of_which_the_end_was_lost_is_completed,
    r6_whoever_knows_more_wins_within_two_seconds,
    r6_whoever_knows_more_comes_too_late,
    r6_whoever_knows_more_comes_after_it_grew,
    r6_fences_are_put_back_with_the_book,
    r6_a_fence_that_is_not_put_back_is_gone,
    r6_fences_stay_where_only_a_text_is_put_back,
    r6_stamps_go_on_rising_after_a_loss,
    r6_a_restored_log_is_read_without_a_gap,
    r6_a_log_is_put_back_without_any_record,
    r6_a_restored_log_is_compacted,
    r6_what_lies_before_the_restored_records_stays,
    tails_come_in_the_order_asked,
}

/// What a replica knows of a log with `seq` records, of which it has the last `known`.
fn knowing(log: &LogId, instead_of: Option<Position>, seq: u64, known: u64) -> Restore {
    let tag = Tag(1_000 + seq);
    let record = |seq: u64| Record {
        seq: Seq(seq),
        stamp: Token(7_000 + seq),
        at: Timestamp(7),
        tag: Tag(seq),
        payload: format!("r{seq}").into(),
    };
    Restore {
        log: log.clone(),
        instead_of,
        tag,
        seq: Seq(seq),
        stamp: Token(7_000 + seq),
        snapshot: format!("state {seq}").into(),
        records: (seq - known + 1..=seq).map(record).collect(),
        fences: Some(vec![]),
    }
}

impl Replicas {
    async fn restored(&self, restore: Restore) -> Position {
        let Restored::Done(position) = self.north.restore(restore).await.unwrap() else { panic!("it is stale") };
        position
    }

    async fn refused(&self, restore: Restore) {
        let tail = self.south.tail(restore.log.clone()).await.unwrap();
        assert_eq!(self.south.restore(restore.clone()).await.unwrap(), Restored::Stale);
        assert_eq!(self.south.tail(restore.log).await.unwrap(), tail);
    }
}

async fn r1_a_log_that_regrew_to_the_same_length(replicas: Replicas) {
    let log = book("b1");
    let lost = replicas.write("north", &log, None, &["a", "b"]).await;
    replicas.lose_everything().await;
    assert_eq!(replicas.read(&log, Some(lost)).await, Read::Absent);
    let refused = replicas.append(drafted("north", &log, Some(lost), &["c"])).await;
    assert_eq!(refused, Err(AppendError::EpochChanged), "lost is not absent");

    let regrown = replicas.write("south", &log, None, &["x", "y"]).await;
    assert_eq!(regrown.seq, lost.seq);
    assert_ne!((regrown.epoch, regrown.tag), (lost.epoch, lost.tag));
    let refused = replicas.append(drafted("north", &log, Some(lost), &["c"])).await;
    assert_eq!(refused, Err(AppendError::EpochChanged));
    let read = replicas.read(&log, Some(lost)).await;
    let Read::Snapshot { snapshot: None, records, tail } = &read else { panic!("{read:?}") };
    assert_eq!((payloads(records), *tail), (vec!["x", "y"], regrown));
    let snapshot = replicas.north.compact(log.clone(), lost, "of another history".into()).await.unwrap();
    assert_eq!(snapshot, Compacted::Stale);
}

async fn r6_a_log_that_was_lost_is_put_back(replicas: Replicas) {
    let log = book("b1");
    let lost = replicas.write("north", &log, None, &["r1", "r2", "r3"]).await;
    replicas.lose_everything().await;
    let restore = knowing(&log, None, 3, 2);
    let position = replicas.restored(restore.clone()).await;
    assert_eq!((position.seq, position.tag), (lost.seq, restore.tag));
    assert_ne!(position.epoch, lost.epoch);

    let expected = Read::Snapshot { snapshot: Some((position, "state 3".into())), records: vec![], tail: position };
    assert_eq!(replicas.read(&log, Some(lost)).await, expected);
    assert_eq!(replicas.south.tail(log.clone()).await.unwrap(), Some(position));
    let next = replicas.write("south", &log, Some(position), &["r4"]).await;
    assert_eq!((next.epoch, next.seq), (position.epoch, Seq(4)));
}

async fn r6_a_log_that_was_never_lost_is_left_alone(replicas: Replicas) {
    let log = book("b1");
    let tail = replicas.write("north", &log, None, &["a"]).await;
    replicas.refused(knowing(&log, None, 5, 5)).await;
    replicas.refused(knowing(&log, Some(Position { tag: Tag(u64::MAX), ..tail }), 5, 5)).await;
    replicas.refused(knowing(&log, Some(Position { epoch: Epoch(!tail.epoch.0), ..tail }), 5, 5)).await;
    replicas.refused(knowing(&log, Some(Position { seq: Seq(2), ..tail }), 5, 5)).await;
    replicas.refused(knowing(&book("b2"), Some(tail), 5, 5)).await;
    assert_eq!(replicas.read(&book("b2"), None).await, Read::Absent);
}

async fn r6_a_log_of_which_the_end_was_lost_is_completed(replicas: Replicas) {
    let log = book("b1");
    let prefix = replicas.write("north", &log, None, &["r1", "r2"]).await;
    let position = replicas.restored(knowing(&log, Some(prefix), 4, 3)).await;
    assert_ne!(position.epoch, prefix.epoch);
    assert_eq!(payloads(&replicas.archive(&log).await), ["r1", "r2", "r3", "r4"]);
    let refused = replicas.append(drafted("south", &log, Some(prefix), &["late"])).await;
    assert_eq!(refused, Err(AppendError::EpochChanged));
}

async fn r6_whoever_knows_more_wins_within_two_seconds(replicas: Replicas) {
    let log = book("b1");
    let less = replicas.restored(knowing(&log, None, 3, 3)).await;
    replicas.refused(knowing(&log, None, 2, 2)).await;
    replicas.refused(knowing(&log, None, 3, 3)).await;
    let more = replicas.restored(knowing(&log, None, 5, 2)).await;
    assert_ne!(more.epoch, less.epoch);
    replicas.refused(knowing(&log, None, 4, 4)).await;
    let expected = Read::Snapshot { snapshot: Some((more, "state 5".into())), records: vec![], tail: more };
    assert_eq!(replicas.read(&log, Some(less)).await, expected);
}

async fn r6_whoever_knows_more_comes_too_late(replicas: Replicas) {
    let log = book("b1");
    replicas.restored(knowing(&log, None, 3, 3)).await;
    replicas.age_restoration(&log, RESTORE_WINDOW_MS + 1).await;
    replicas.refused(knowing(&log, None, 5, 5)).await;
}

async fn r6_whoever_knows_more_comes_after_it_grew(replicas: Replicas) {
    let log = book("b1");
    let restored = replicas.restored(knowing(&log, None, 3, 3)).await;
    replicas.write("north", &log, Some(restored), &["r4"]).await;
    replicas.refused(knowing(&log, None, 5, 5)).await;
}

async fn r6_fences_are_put_back_with_the_book(replicas: Replicas) {
    let (log, held, other) = (book("b1"), chapter("b1", "c1"), chapter("b1", "c2"));
    let restore = Restore { fences: Some(vec![(held.clone(), Token(77))]), ..knowing(&log, None, 3, 3) };
    replicas.restored(restore).await;
    let guarded = |text: &LogId, token| {
        let guard = Some((text.clone(), Token(token)));
        replicas.append(Append { guard, ..drafted("south", text, None, &["text"]) })
    };
    assert_eq!(guarded(&held, 76).await, Err(AppendError::Fenced));
    assert_eq!(guarded(&other, 77).await, Err(AppendError::Fenced));
    guarded(&held, 77).await.unwrap();
}

async fn r6_a_fence_that_is_not_put_back_is_gone(replicas: Replicas) {
    let (log, text) = (book("b1"), chapter("b1", "c1"));
    let fences = vec![(text.clone(), FenceChange::Grant(0))];
    let grant = replicas.append(Append { fences, ..drafted("north", &log, None, &["grant"]) }).await.unwrap();
    // The lock ended in what the store lost; whoever puts that back knows of no holder.
    replicas.restored(knowing(&log, Some(grant.position), 3, 2)).await;
    let guard = Some((text.clone(), grant.first_stamp));
    let late = replicas.append(Append { guard, ..drafted("south", &text, None, &["late"]) }).await;
    assert_eq!(late, Err(AppendError::Fenced));
}

async fn r6_fences_stay_where_only_a_text_is_put_back(replicas: Replicas) {
    let (log, text) = (book("b1"), chapter("b1", "c1"));
    let fences = vec![(text.clone(), FenceChange::Grant(0))];
    let grant = replicas.append(Append { fences, ..drafted("north", &log, None, &["grant"]) }).await.unwrap();
    let restored = replicas.restored(Restore { fences: None, ..knowing(&text, None, 3, 0) }).await;
    let guarded = |token| {
        let guard = Some((text.clone(), token));
        replicas.append(Append { guard, ..drafted("south", &text, Some(restored), &["text"]) })
    };
    assert_eq!(guarded(Token(grant.first_stamp.0 - 1)).await, Err(AppendError::Fenced));
    guarded(grant.first_stamp).await.unwrap();
}

async fn r6_stamps_go_on_rising_after_a_loss(replicas: Replicas) {
    let log = book("b1");
    let text = chapter("b1", "c1");
    let before = replicas.append(drafted("north", &log, None, &["a"])).await.unwrap();
    replicas.lose_everything().await;
    // The store's clock went back by an hour, as that of another machine may.
    let stamp = Token(before.first_stamp.0 + 3_600_000_000);
    let restored = replicas.restored(Restore { stamp, ..knowing(&log, None, 1, 0) }).await;
    let fences = vec![(text, FenceChange::Grant(0))];
    let grant = Append { fences, ..drafted("north", &log, Some(restored), &["grant"]) };
    assert_eq!(replicas.append(grant).await.unwrap().first_stamp, Token(stamp.0 + 1));
}

async fn r6_a_restored_log_is_read_without_a_gap(replicas: Replicas) {
    let log = book("b1");
    let restored = replicas.restored(knowing(&log, None, 9, 4)).await;
    let tail = replicas.write("south", &log, Some(restored), &["r10", "r11"]).await;
    let Read::Records { records, .. } = replicas.read(&log, Some(restored)).await else { panic!("no records") };
    assert_eq!(payloads(&records), ["r10", "r11"]);

    let all = replicas.archive(&log).await;
    assert_eq!(seqs(&all), [6, 7, 8, 9, 10, 11]);
    for (seen, next) in all.iter().zip(7..) {
        let position = Position { epoch: tail.epoch, seq: seen.seq, tag: seen.tag };
        let read = replicas.read(&log, Some(position)).await;
        let Read::Records { records, .. } = &read else { panic!("{read:?}") };
        assert_eq!(seqs(records), (next..=11).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn r13_what_was_put_back_goes_on_in_the_next_life_of_its_log() {
    let (store, log) = (Memory::new(Clock::system()), book("b1"));
    let Restored::Done(put_back) = store.restore(knowing(&log, None, 5, 0)).await.unwrap() else { panic!("stale") };
    // Another server goes on. Who wants to append learns of it; who reads then is where the snapshot is.
    store.fails_over(&log, 0);
    let refused = store.append(drafted("north", &log, Some(put_back), &["a"])).await;
    assert_eq!(refused, Err(AppendError::EpochChanged));
    let here = store.tail(log.clone()).await.unwrap().unwrap();
    assert_eq!((here.seq, here.tag), (put_back.seq, put_back.tag));
    let tail = store.append(drafted("south", &log, Some(here), &["b"])).await.unwrap().position;
    let read = store.read(log.clone(), Some(here)).await.unwrap();
    assert!(matches!(&read, Read::Records { records, .. } if records.len() == 1), "{read:?}");
    // Once a later snapshot took its place, nothing but that tells of it.
    assert_eq!(store.compact(log.clone(), tail, "six".into()).await.unwrap(), Compacted::Done);
    let read = store.read(log, Some(here)).await.unwrap();
    assert!(matches!(&read, Read::Snapshot { snapshot: Some((taken, _)), .. } if *taken == tail), "{read:?}");
}

async fn r6_a_log_is_put_back_without_any_record(replicas: Replicas) {
    let log = book("b1");
    let restored = replicas.restored(knowing(&log, None, 9, 0)).await;
    assert_eq!(replicas.read(&log, Some(restored)).await, Read::Records { records: vec![], tail: restored });
    replicas.write("south", &log, Some(restored), &["r10"]).await;
    assert_eq!(payloads(&replicas.archive(&log).await), ["r10"]);
}

async fn r6_a_restored_log_is_compacted(replicas: Replicas) {
    let log = book("b1");
    let restored = replicas.restored(knowing(&log, None, 9, 3)).await;
    let again = replicas.north.compact(log.clone(), restored, "again".into()).await.unwrap();
    assert_eq!(again, Compacted::Stale, "the restoration's snapshot is of this position");
    let tail = replicas.write("south", &log, Some(restored), &["r10"]).await;
    assert_eq!(replicas.north.compact(log.clone(), tail, "ten".into()).await.unwrap(), Compacted::Done);
    let expected = Read::Snapshot { snapshot: Some((tail, "ten".into())), records: vec![], tail };
    assert_eq!(replicas.read(&log, None).await, expected);
}

async fn r6_what_lies_before_the_restored_records_stays(replicas: Replicas) {
    let log = book("b1");
    let mut tail = replicas.write("north", &log, None, &["r1", "r2"]).await;
    let many = vec!["x"; 1_000];
    tail = replicas.write("north", &log, Some(tail), &many).await;
    replicas.north.compact(log.clone(), tail, "state".into()).await.unwrap();
    // The first two lie in the archive, the rest in the log; the restoration begins in the middle of it.
    let restored = replicas.restored(knowing(&log, Some(tail), 1_010, 500)).await;
    let all = replicas.south.read_archive(log.clone(), Seq(1), usize::MAX, usize::MAX).await.unwrap();
    assert_eq!(seqs(&all), (1..=1_010).collect::<Vec<_>>());

    let many = vec!["y"; 1_600];
    let tail = replicas.write("north", &log, Some(restored), &many).await;
    replicas.north.compact(log.clone(), tail, "state".into()).await.unwrap();
    let again = replicas.south.read_archive(log, Seq(1), usize::MAX, usize::MAX).await.unwrap();
    assert_eq!(seqs(&again), (1..=2_610).collect::<Vec<_>>());
    assert_eq!(again[..1_010], all);
}

async fn tails_come_in_the_order_asked(replicas: Replicas) {
    let (one, other, none) = (book("b1"), chapter("b2", "c1"), book("b3"));
    let first = replicas.write("north", &one, None, &["a", "b"]).await;
    let second = replicas.write("north", &other, None, &["c"]).await;
    let tails = replicas.south.tails(vec![other.clone(), none, one, other]).await.unwrap();
    assert_eq!(tails, [Some(second), None, Some(first), Some(second)]);
    assert_eq!(replicas.south.tails(vec![]).await.unwrap(), []);
}
