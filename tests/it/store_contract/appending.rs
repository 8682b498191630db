//! One winner for each place in a log, and the loser learns what it missed.

use std::collections::HashSet;
use std::sync::Arc;

use quire::store::{Append, AppendError, Appended, Position, Read, Tag};
use quire_protocol::{Epoch, Seq};

use super::bench::{Bench, book, draft, payloads, seqs};

on_every_store! {
    a_log_that_nobody_wrote_is_absent,
    records_keep_their_order_and_payloads,
    two_logs_have_two_epochs,
    r1_a_tail_that_regrew_to_the_same_seq_with_another_tag,
    r1_a_position_beyond_the_tail,
    r8_an_append_repeated_after_its_answer_was_lost,
    r8_a_repeat_after_others_wrote_on,
    r8_a_repeat_of_a_creation,
    r8_a_repeat_whose_records_were_trimmed,
    r10_a_conflict_carries_what_was_missed,
    r10_a_conflict_carries_all_of_much_that_was_missed,
    creating_a_log_that_exists,
    appending_to_a_log_that_is_gone,
    appending_to_another_epoch,
    of_concurrent_appenders_exactly_one_wins,
    concurrent_appends_to_many_logs_all_keep_their_order,
    an_appended_record_is_read_at_once,
}

async fn a_log_that_nobody_wrote_is_absent(bench: Bench) {
    assert_eq!(bench.read(&book("b1"), None).await, Read::Absent);
    assert_eq!(bench.tail(&book("b1")).await, None);
    assert_eq!(bench.archive(&book("b1"), 1, 10).await, []);
}

async fn records_keep_their_order_and_payloads(bench: Bench) {
    let log = book("b1");
    let first = bench.write(&log, None, &["a", "b"]).await;
    let last = bench.write(&log, Some(first), &["", "d"]).await;

    let Read::Records { records, tail } = bench.read(&log, Some(first)).await else { panic!("no records") };
    assert_eq!((payloads(&records), seqs(&records), tail), (vec!["", "d"], vec![3, 4], last));
    let Read::Snapshot { snapshot: None, records, tail } = bench.read(&log, None).await else { panic!("no start") };
    assert_eq!((payloads(&records), seqs(&records), tail), (vec!["a", "b", "", "d"], vec![1, 2, 3, 4], last));
    assert_eq!(bench.tail(&log).await, Some(last));
}

async fn two_logs_have_two_epochs(bench: Bench) {
    let one = bench.write(&book("b1"), None, &["a"]).await;
    let other = bench.write(&book("b2"), None, &["a"]).await;
    assert_ne!(one.epoch, other.epoch);
}

async fn r1_a_tail_that_regrew_to_the_same_seq_with_another_tag(bench: Bench) {
    let log = book("b1");
    let tail = bench.write(&log, None, &["a", "b"]).await;
    let lost = Position { tag: Tag(u64::MAX), ..tail };

    let refused = bench.append(&draft(&log, Some(lost), &["c"])).await;
    let Err(AppendError::Conflict(missed)) = refused else { panic!("{refused:?}") };
    assert_starts_over(&missed, &["a", "b"], tail);
    assert_starts_over(&bench.read(&log, Some(lost)).await, &["a", "b"], tail);
    assert_eq!(bench.tail(&log).await, Some(tail));
}

async fn r1_a_position_beyond_the_tail(bench: Bench) {
    let log = book("b1");
    let tail = bench.write(&log, None, &["a"]).await;
    let ahead = Position { seq: Seq(7), ..tail };

    let refused = bench.append(&draft(&log, Some(ahead), &["c"])).await;
    let Err(AppendError::Conflict(missed)) = refused else { panic!("{refused:?}") };
    assert_starts_over(&missed, &["a"], tail);
    assert_starts_over(&bench.read(&log, Some(ahead)).await, &["a"], tail);
}

/// A history unlike the caller's is told from its beginning, never from the middle.
fn assert_starts_over(read: &Read, all: &[&str], end: Position) {
    let Read::Snapshot { snapshot: None, records, tail } = read else { panic!("{read:?}") };
    assert_eq!((payloads(records), *tail), (all.to_vec(), end));
}

async fn r8_an_append_repeated_after_its_answer_was_lost(bench: Bench) {
    let log = book("b1");
    let start = bench.write(&log, None, &["a"]).await;
    let append = draft(&log, Some(start), &["b", "c"]);

    let first = bench.append(&append).await.unwrap();
    bench.hands.set_micros(super::bench::START_MICROS + 5_000_000);
    assert_eq!(bench.append(&append).await, Ok(first));
    assert_eq!(bench.tail(&log).await, Some(first.position));
}

async fn r8_a_repeat_after_others_wrote_on(bench: Bench) {
    let log = book("b1");
    let start = bench.write(&log, None, &["a"]).await;
    let append = draft(&log, Some(start), &["b", "c"]);

    let first = bench.append(&append).await.unwrap();
    let last = bench.write(&log, Some(first.position), &["d"]).await;
    assert_eq!(bench.append(&append).await, Ok(first));
    assert_eq!(bench.tail(&log).await, Some(last));
}

async fn r8_a_repeat_of_a_creation(bench: Bench) {
    let log = book("b1");
    let append = draft(&log, None, &["a"]);
    let first = bench.append(&append).await.unwrap();
    bench.write(&log, Some(first.position), &["b"]).await;
    assert_eq!(bench.append(&append).await, Ok(first));
}

async fn r8_a_repeat_whose_records_were_trimmed(bench: Bench) {
    let log = book("b1");
    let append = draft(&log, None, &["a"]);
    let first = bench.append(&append).await.unwrap();
    let tail = bench.grow(&log, Some(first.position), 2_000).await;
    bench.compact(&log, tail, "state").await;
    assert_eq!(bench.append(&append).await, Ok(first));
}

async fn r10_a_conflict_carries_what_was_missed(bench: Bench) {
    let log = book("b1");
    let start = bench.write(&log, None, &["a"]).await;
    let end = bench.write(&log, Some(start), &["b", "c"]).await;

    let refused = bench.append(&draft(&log, Some(start), &["d"])).await;
    let Err(AppendError::Conflict(missed)) = refused else { panic!("{refused:?}") };
    let Read::Records { records, tail } = *missed else { panic!("{missed:?}") };
    assert_eq!((payloads(&records), tail), (vec!["b", "c"], end));
}

async fn r10_a_conflict_carries_all_of_much_that_was_missed(bench: Bench) {
    let (many, heavy) = (book("b1"), book("b2"));
    let start = bench.write(&many, None, &["a"]).await;
    let end = bench.grow(&many, Some(start), 1_100).await;
    let refused = bench.append(&draft(&many, Some(start), &["d"])).await;
    let Err(AppendError::Conflict(missed)) = refused else { panic!("{refused:?}") };
    let Read::Records { records, tail } = *missed else { panic!("{missed:?}") };
    assert_eq!((seqs(&records), tail), ((2..=1_101).collect(), end));

    let payload = "x".repeat(300_000);
    let start = bench.write(&heavy, None, &["a"]).await;
    let end = bench.write(&heavy, Some(start), &[&payload[..]; 4]).await;
    let refused = bench.append(&draft(&heavy, Some(start), &["d"])).await;
    let Err(AppendError::Conflict(missed)) = refused else { panic!("{refused:?}") };
    let Read::Records { records, tail } = *missed else { panic!("{missed:?}") };
    assert_eq!((seqs(&records), tail), (vec![2, 3, 4, 5], end));
}

async fn creating_a_log_that_exists(bench: Bench) {
    let log = book("b1");
    let end = bench.write(&log, None, &["a"]).await;
    let refused = bench.append(&draft(&log, None, &["mine"])).await;
    let Err(AppendError::Conflict(missed)) = refused else { panic!("{refused:?}") };
    assert_starts_over(&missed, &["a"], end);
}

async fn appending_to_a_log_that_is_gone(bench: Bench) {
    let log = book("b1");
    let position = Position { epoch: Epoch(7), seq: Seq(3), tag: Tag(9) };
    assert_eq!(bench.append(&draft(&log, Some(position), &["d"])).await, Err(AppendError::EpochChanged));
    assert_eq!(bench.read(&log, Some(position)).await, Read::Absent);
}

async fn appending_to_another_epoch(bench: Bench) {
    let log = book("b1");
    let tail = bench.write(&log, None, &["a"]).await;
    let other = Position { epoch: Epoch(!tail.epoch.0), ..tail };
    assert_eq!(bench.append(&draft(&log, Some(other), &["b"])).await, Err(AppendError::EpochChanged));
    assert_starts_over(&bench.read(&log, Some(other)).await, &["a"], tail);
}

async fn of_concurrent_appenders_exactly_one_wins(bench: Bench) {
    let log = book("b1");
    let mut tail = bench.write(&log, None, &["start"]).await;
    for _ in 0..20 {
        let rivals = (0..8).map(|_| draft(&log, Some(tail), &["mine", "too"]));
        let answers = all_at_once(&bench, rivals.collect()).await;
        let won: Vec<&Appended> = answers.iter().flatten().collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        for lost in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            let AppendError::Conflict(missed) = lost else { panic!("{lost:?}") };
            let Read::Records { records, tail: seen } = &**missed else { panic!("{missed:?}") };
            assert_eq!((records.len(), *seen), (2, won[0].position), "the loser sees the winner's records");
        }
        tail = won[0].position;
    }
}

async fn concurrent_appends_to_many_logs_all_keep_their_order(bench: Bench) {
    let bench = Arc::new(bench);
    let writers = (0..8).map(|number| {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move {
            let log = book(&format!("b{number}"));
            let mut tail = None;
            for round in 0..25 {
                tail = Some(bench.write(&log, tail, &[&format!("{number}.{round}")]).await);
            }
            let Read::Snapshot { records, .. } = bench.read(&log, None).await else { panic!("no start") };
            let expected: Vec<String> = (0..25).map(|round| format!("{number}.{round}")).collect();
            assert_eq!(payloads(&records), expected);
            tail.unwrap().epoch
        })
    });
    let epochs = futures::future::join_all(writers).await;
    let distinct: HashSet<Epoch> = epochs.into_iter().map(Result::unwrap).collect();
    assert_eq!(distinct.len(), 8);
}

async fn an_appended_record_is_read_at_once(bench: Bench) {
    let log = book("b1");
    let mut tail = None;
    for _ in 0..50 {
        let written = bench.write(&log, tail, &["a"]).await;
        assert_eq!(bench.tail(&log).await, Some(written));
        tail = Some(written);
    }
}

async fn all_at_once(bench: &Bench, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
    futures::future::join_all(appends.into_iter().map(|append| bench.store.append(append))).await
}
