//! A compaction replaces only what its snapshot holds, and loses nothing.

use quire::store::{AppendError, Compacted, FenceChange, KEPT_RECORDS, Position, Read, Tag};
use quire_protocol::{Epoch, Seq};

use super::bench::{Bench, book, chapter, draft, payloads, seqs};

on_every_store! {
    r2_a_compactor_that_slept_through_a_newer_snapshot,
    r2_a_snapshot_of_a_history_that_was_lost,
    r2_a_snapshot_of_a_log_that_does_not_exist,
    a_snapshot_replaces_what_is_before_it,
    the_last_records_are_kept,
    records_after_the_snapshot_are_never_trimmed,
    trimmed_records_are_in_the_archive,
    the_archive_is_read_up_to_a_weight,
    appends_go_on_after_a_compaction,
    a_log_that_is_forgotten_is_gone_whole,
    whoever_knew_a_forgotten_log_is_told,
}

const KEPT: usize = 1_000;

async fn r2_a_compactor_that_slept_through_a_newer_snapshot(bench: Bench) {
    let log = book("b1");
    let early = bench.write(&log, None, &["a"]).await;
    let late = bench.write(&log, Some(early), &["b"]).await;
    assert_eq!(bench.compact(&log, late, "newer").await, Compacted::Done);
    assert_eq!(bench.compact(&log, early, "older").await, Compacted::Stale);
    assert_eq!(bench.compact(&log, late, "again").await, Compacted::Stale);
    let Read::Snapshot { snapshot, .. } = bench.read(&log, None).await else { panic!("no snapshot") };
    assert_eq!(snapshot, Some((late, "newer".into())));
}

async fn r2_a_snapshot_of_a_history_that_was_lost(bench: Bench) {
    let log = book("b1");
    let tail = bench.write(&log, None, &["a", "b"]).await;
    let other_tag = Position { tag: Tag(u64::MAX), ..tail };
    let other_epoch = Position { epoch: Epoch(!tail.epoch.0), ..tail };
    let beyond = Position { seq: Seq(3), ..tail };
    let nowhere = Position { seq: Seq(0), ..tail };
    for position in [other_tag, other_epoch, beyond, nowhere] {
        assert_eq!(bench.compact(&log, position, "wrong").await, Compacted::Stale, "{position:?}");
    }
    let Read::Snapshot { snapshot, .. } = bench.read(&log, None).await else { panic!("no start") };
    assert_eq!(snapshot, None);
}

async fn r2_a_snapshot_of_a_log_that_does_not_exist(bench: Bench) {
    let position = Position { epoch: Epoch(1), seq: Seq(1), tag: Tag(1) };
    assert_eq!(bench.compact(&book("b1"), position, "state").await, Compacted::Stale);
    assert_eq!(bench.read(&book("b1"), None).await, Read::Absent);
}

async fn a_snapshot_replaces_what_is_before_it(bench: Bench) {
    let log = book("b1");
    let middle = bench.write(&log, None, &["a", "b"]).await;
    let tail = bench.write(&log, Some(middle), &["c"]).await;
    bench.compact(&log, middle, "a b").await;
    let expected = bench.read(&log, None).await;
    let Read::Snapshot { snapshot, records, tail: end } = &expected else { panic!("{expected:?}") };
    assert_eq!((snapshot, payloads(records), *end), (&Some((middle, "a b".into())), vec!["c"], tail));
}

async fn the_last_records_are_kept(bench: Bench) {
    let log = book("b1");
    let last_trimmed = bench.grow(&log, None, 500).await;
    let first_kept = bench.write(&log, Some(last_trimmed), &["kept"]).await;
    let tail = bench.grow(&log, Some(first_kept), KEPT - 1).await;
    let before = bench.write(&book("b2"), None, &["other"]).await;
    bench.compact(&log, tail, "state").await;
    assert_eq!(KEPT_RECORDS, 1_000);

    // Whoever saw the last trimmed record lacks only kept ones.
    for seen in [last_trimmed, first_kept, tail] {
        let read = bench.read(&log, Some(seen)).await;
        let Read::Records { records, .. } = read else { panic!("{read:?}") };
        assert_eq!(seqs(&records), (seen.seq.0 + 1..=1_500).collect::<Vec<_>>());
    }
    assert_eq!(bench.tail(&book("b2")).await, Some(before), "other logs stay as they are");
}

async fn records_after_the_snapshot_are_never_trimmed(bench: Bench) {
    let log = book("b1");
    let middle = bench.grow(&log, None, 10).await;
    let tail = bench.grow(&log, Some(middle), 3 * KEPT).await;
    bench.compact(&log, middle, "ten").await;
    let Read::Snapshot { snapshot, records, .. } = bench.read(&log, None).await else { panic!("no snapshot") };
    assert_eq!((snapshot, records.len()), (Some((middle, "ten".into())), 3 * KEPT));
    assert_eq!(bench.tail(&log).await, Some(tail));
}

async fn trimmed_records_are_in_the_archive(bench: Bench) {
    let log = book("b1");
    let first = bench.write(&log, None, &["first", "second"]).await;
    let tail = bench.grow(&log, Some(first), KEPT + 100).await;
    let all = bench.archive(&log, 1, usize::MAX).await;
    bench.compact(&log, tail, "state").await;

    assert_eq!(bench.archive(&log, 1, usize::MAX).await, all, "the archive loses nothing at the seam");
    assert_eq!(payloads(&bench.archive(&log, 1, 2).await), ["first", "second"]);
    assert_eq!(seqs(&bench.archive(&log, 101, 4).await), [101, 102, 103, 104]);
    assert_eq!(seqs(&bench.archive(&log, 1_102, 5).await), [1_102]);
    assert_eq!(bench.archive(&log, 1_103, 5).await, []);
    assert_eq!(bench.archive(&log, 1, 0).await, []);
}

async fn the_archive_is_read_up_to_a_weight(bench: Bench) {
    let log = book("b1");
    let first = bench.write(&log, None, &["four", "and", "", "a heavy one", "x"]).await;
    let tail = bench.grow(&log, Some(first), KEPT - 2).await;
    for _ in 0..2 {
        assert_eq!(payloads(&bench.archive_within(&log, 1, 9, 7).await), ["four", "and", ""]);
        assert_eq!(payloads(&bench.archive_within(&log, 1, 9, 6).await), ["four"], "what follows is never skipped to");
        assert_eq!(payloads(&bench.archive_within(&log, 1, 2, 7).await), ["four", "and"]);
        assert_eq!(bench.archive_within(&log, 4, 9, 10).await, []);
        assert_eq!(payloads(&bench.archive_within(&log, 3, 9, 12).await), ["", "a heavy one", "x"]);
        // The seam between the archive and the log lies after the third record in the second round.
        bench.compact(&log, tail, "state").await;
    }
}

async fn appends_go_on_after_a_compaction(bench: Bench) {
    let log = book("b1");
    let mut tail = bench.grow(&log, None, 1_200).await;
    for _ in 0..3 {
        assert_eq!(bench.compact(&log, tail, "state").await, Compacted::Done);
        let seen = tail;
        tail = bench.write(&log, Some(tail), &["next"]).await;
        let Read::Records { records, .. } = bench.read(&log, Some(seen)).await else { panic!("no records") };
        assert_eq!(payloads(&records), ["next"]);
    }
    assert_eq!(seqs(&bench.archive(&log, 1, usize::MAX).await), (1..=1_203).collect::<Vec<_>>());
}

/// A chapter with records, an archive, a snapshot and a fence.
async fn grown(bench: &Bench, id: &str) -> quire::store::LogId {
    let (log, of) = (chapter("b1", id), book("b1"));
    let tail = bench.grow(&log, None, KEPT + 10).await;
    assert_eq!(bench.compact(&log, tail, "state").await, Compacted::Done);
    let after = bench.tail(&of).await;
    bench.change_fence(&of, after, &log, FenceChange::Grant(0)).await;
    log
}

async fn a_log_that_is_forgotten_is_gone_whole(bench: Bench) {
    let (gone, stays) = (grown(&bench, "c1").await, grown(&bench, "c10").await);
    let (around, granted) = (bench.read(&stays, None).await, bench.read(&book("b1"), None).await);
    for _ in 0..2 {
        bench.forget(&gone).await;
        assert_eq!((bench.read(&gone, None).await, bench.tail(&gone).await), (Read::Absent, None));
        assert_eq!(bench.archive(&gone, 1, usize::MAX).await, []);
    }
    let Read::Snapshot { records, .. } = &granted else { panic!("{granted:?}") };
    let tokens: Vec<_> = records.iter().map(|record| record.stamp).collect();
    assert_eq!(bench.write_guarded(&gone, None, &gone, tokens[0]).await, Err(AppendError::Fenced));
    assert_eq!(bench.read(&stays, None).await, around, "a log with a longer name is another one");
    assert_eq!(bench.read(&book("b1"), None).await, granted);
    let tail = bench.tail(&stays).await;
    bench.write_guarded(&stays, tail, &stays, tokens[1]).await.unwrap();
    bench.forget(&chapter("b2", "c1")).await;
}

async fn whoever_knew_a_forgotten_log_is_told(bench: Bench) {
    let log = grown(&bench, "c1").await;
    let known = bench.tail(&log).await;
    bench.forget(&log).await;
    assert_eq!(bench.append(&draft(&log, known, &["late"])).await, Err(AppendError::EpochChanged));
    let afresh = bench.write(&log, None, &["a"]).await;
    assert_eq!(afresh.seq, Seq(1));
    assert_ne!(Some(afresh.epoch), known.map(|known| known.epoch), "another life");
    assert_eq!(bench.append(&draft(&log, known, &["late"])).await, Err(AppendError::EpochChanged));
    let Read::Snapshot { snapshot: None, records, .. } = bench.read(&log, known).await else { panic!("no start") };
    assert_eq!(payloads(&records), ["a"]);
}
