//! What the store does when the disk does not do as it is told.

mod disk;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::join_all;
use quire_protocol::{BookId, ChapterId, Epoch, Seq, Token};
use tempfile::TempDir;

use self::disk::Faults;
use super::{Embedded, OpenError, SNAPSHOTS_KIB, tables};
use crate::clock::Clock;
use crate::store::{
    Append, AppendError, Appended, Card, Compacted, FenceChange, LogId, Position, Read, Store, StoreError, Tag,
};

const NOW_MICROS: u64 = 1_767_225_600_000_000;

/// A store on a disk that can fail.
struct Bench {
    store: Embedded,
    faults: Arc<Faults>,
    directory: TempDir,
}

impl Bench {
    fn new() -> Self {
        let (faults, directory) = (Arc::new(Faults::default()), TempDir::new().unwrap());
        let store = Embedded::open_on(directory.path(), clock(), faults.open_disk()).unwrap();
        Self { store, faults, directory }
    }

    async fn write(&self, append: &Append) -> Result<Appended, AppendError> {
        self.store.append(append.clone()).await
    }

    async fn payloads(&self, log: &LogId) -> Vec<Bytes> {
        match self.store.read(log.clone(), None).await.unwrap() {
            Read::Snapshot { records, .. } => records.into_iter().map(|record| record.payload).collect(),
            Read::Absent => vec![],
            Read::Records { .. } => panic!("nothing was asked"),
        }
    }
}

fn clock() -> Clock {
    Clock::reading(|| Duration::from_micros(NOW_MICROS))
}

fn book(id: &str) -> LogId {
    LogId::Book(BookId::new(id).unwrap())
}

fn draft(log: &LogId, after: Option<Position>, tag: u64, payload: &str) -> Append {
    Append {
        log: log.clone(),
        after,
        tag: Tag(tag),
        payloads: vec![Bytes::copy_from_slice(payload.as_bytes())],
        guard: None,
        fences: vec![],
        stamp_floor: Token(0),
        by: quire_protocol::ReplicaId::new("r1").unwrap(),
        misses: 0,
    }
}

fn card(title: &str, seq: u64) -> Card {
    Card {
        book: BookId::new("b1").unwrap(),
        seq: Seq(seq),
        title: title.to_owned(),
        members: vec![],
        invitations: vec![],
        claim: None,
        ends: Vec::new(),
        trashed_until: None,
        deleted: false,
    }
}

#[tokio::test]
async fn everything_that_waits_costs_one_commit() {
    let bench = Bench::new();
    let syncs = || bench.faults.syncs.load(Ordering::SeqCst);
    let before = syncs();
    bench.write(&draft(&book("alone"), None, 1, "a")).await.unwrap();
    let syncs_of_a_commit = syncs() - before;

    let held = bench.faults.hold_syncs();
    let mut first = bench.store.append(draft(&book("first"), None, 2, "a"));
    assert!((&mut first).now_or_never().is_none());
    held.wait_for_a_sync();
    let logs: Vec<LogId> = (0..100).map(|number| book(&format!("b{number}"))).collect();
    let mut others = join_all(logs.iter().map(|log| bench.store.append(draft(log, None, 3, "a"))));
    assert!((&mut others).now_or_never().is_none());
    let before = syncs();
    drop(held);
    first.await.unwrap();
    assert!(others.await.iter().all(Result::is_ok));
    assert!(syncs() - before <= 2 * syncs_of_a_commit, "{} syncs for two batches", syncs() - before);
}

#[tokio::test]
async fn appends_of_one_batch_see_each_other() {
    let bench = Bench::new();
    let (log, text) = (book("b1"), LogId::Chapter(BookId::new("b1").unwrap(), ChapterId::new("c1").unwrap()));
    let held = bench.faults.hold_syncs();
    let mut first = bench.store.append(draft(&book("first"), None, 1, "a"));
    assert!((&mut first).now_or_never().is_none());
    held.wait_for_a_sync();

    let grant = Append { fences: vec![(text.clone(), FenceChange::Grant(0))], ..draft(&log, None, 2, "mine") };
    let rival = draft(&log, None, 3, "too late");
    let guarded = Append { guard: Some((text.clone(), Token(NOW_MICROS))), ..draft(&text, None, 4, "text") };
    let again = grant.clone();
    let mut batch = join_all([grant, rival, guarded, again].map(|append| bench.store.append(append)));
    assert!((&mut batch).now_or_never().is_none());
    drop(held);
    first.await.unwrap();

    let answers = batch.await;
    let granted = answers[0].clone().unwrap();
    assert_eq!(granted.first_stamp, Token(NOW_MICROS));
    let Err(AppendError::Conflict(missed)) = &answers[1] else { panic!("{:?}", answers[1]) };
    assert!(matches!(&**missed, Read::Snapshot { tail, .. } if *tail == granted.position));
    assert!(answers[2].is_ok());
    assert_eq!(answers[3], Ok(granted));
    assert_eq!(bench.payloads(&log).await, ["mine"]);
}

#[tokio::test]
async fn an_equal_card_costs_no_commit() {
    let bench = Bench::new();
    let syncs = || bench.faults.syncs.load(Ordering::SeqCst);
    bench.store.put_card(card("Moby-Dick", 1)).await.unwrap();
    let before = syncs();
    bench.store.put_card(card("Moby-Dick", 1)).await.unwrap();
    assert_eq!(syncs(), before);
    for changed in [card("The Whale", 1), card("The Whale", 2)] {
        let before = syncs();
        bench.store.put_card(changed).await.unwrap();
        assert!(syncs() > before);
    }
}

#[tokio::test]
async fn an_append_does_not_wait_for_the_room_of_a_snapshot() {
    let bench = Bench::new();
    let (log, gone) = (book("b1"), book("gone"));
    let held = bench.faults.hold_syncs();
    let mut first = bench.store.append(draft(&book("first"), None, 1, "a"));
    assert!((&mut first).now_or_never().is_none());
    held.wait_for_a_sync();

    let nowhere = Position { epoch: Epoch(1), seq: Seq(1), tag: Tag(1) };
    let huge = Bytes::from(vec![0; SNAPSHOTS_KIB * 1024]);
    let mut snapshots = [(); 2].map(|()| bench.store.compact(gone.clone(), nowhere, huge.clone()));
    assert!(snapshots.iter_mut().all(|snapshot| snapshot.now_or_never().is_none()));
    let queue = bench.store.jobs.as_ref().unwrap();
    let before = queue.capacity();
    let mut append = bench.store.append(draft(&log, None, 2, "b"));
    assert!((&mut append).now_or_never().is_none());
    assert_eq!(queue.capacity(), before - 1, "it is in the queue, whatever the snapshots wait for");

    drop(held);
    append.await.unwrap();
    first.await.unwrap();
    assert_eq!(join_all(snapshots).await, [Ok(Compacted::Stale), Ok(Compacted::Stale)]);
}

#[tokio::test]
async fn searches_of_the_index_and_reads_of_logs_take_no_turns_from_each_other() {
    let (read, searched) = (Bench::new(), Bench::new());
    // Whoever needs one of these turns is told so.
    searched.store.reads.close();
    read.store.searches.close();
    for (bench, tail, list) in
        [(read, Ok(None), Err(StoreError::Unavailable)), (searched, Err(StoreError::Unavailable), Ok(vec![]))]
    {
        assert_eq!(bench.store.tail(book("b1")).await, tail);
        assert_eq!(bench.store.cards_inviting("ann@example.org".into(), None, 9).await, list);
    }
}

#[tokio::test]
async fn on_a_full_disk_writes_are_refused_and_reads_go_on() {
    let bench = Bench::new();
    let log = book("b1");
    let first = bench.write(&draft(&log, None, 1, "kept")).await.unwrap();

    bench.faults.fill();
    let big = "x".repeat(4_000_000);
    let append = draft(&log, Some(first.position), 2, &big);
    assert_eq!(bench.write(&append).await, Err(AppendError::Unavailable));
    assert_eq!(bench.payloads(&log).await, ["kept"]);
    assert_eq!(bench.store.tail(log.clone()).await, Ok(Some(first.position)));
    assert_eq!(bench.write(&append).await, Err(AppendError::Unavailable));

    bench.faults.heal();
    bench.write(&append).await.expect("there is room again");
    assert_eq!(bench.payloads(&log).await, [Bytes::from("kept"), Bytes::from(big)]);
}

#[tokio::test]
async fn r8_a_write_fails_at_every_place_of_a_commit() {
    let mut outcomes = std::collections::BTreeMap::new();
    for writes in 0.. {
        let bench = Bench::new();
        let log = book("b1");
        let first = bench.write(&draft(&log, None, 1, "kept")).await.unwrap();
        let append = draft(&log, Some(first.position), 2, "more");

        bench.faults.fail_after_writes(writes);
        let answer = bench.write(&append).await;
        let has_failed = bench.faults.has_failed();
        // As long as nothing can be written: never a false "done", never a false "not done".
        let repeated = bench.write(&append).await;
        assert!(answer.is_ok() || repeated == answer, "{answer:?}, then {repeated:?}");
        *outcomes.entry(format!("{:?}", answer.as_ref().map(|_| "done"))).or_insert(0) += 1;

        bench.faults.heal();
        let last = bench.write(&append).await.expect("writes work again");
        assert!(answer.is_err() || answer == Ok(last), "{answer:?}, then {last:?}");
        assert_eq!(bench.payloads(&log).await, ["kept", "more"], "after {writes} writes");
        if !has_failed {
            break;
        }
    }
    assert!(outcomes.len() > 1, "{outcomes:?}");
}

#[tokio::test]
async fn r8_a_write_that_failed_once_is_looked_up() {
    for writes in 0.. {
        let bench = Bench::new();
        let log = book("b1");
        let first = bench.write(&draft(&log, None, 1, "kept")).await.unwrap();
        let append = draft(&log, Some(first.position), 2, "more");

        bench.faults.fail_once_after_writes(writes);
        let answer = bench.write(&append).await;
        let tail = bench.store.tail(log.clone()).await.unwrap();
        match &answer {
            Ok(appended) => assert_eq!(tail, Some(appended.position)),
            Err(AppendError::Unavailable) => assert_eq!(tail, Some(first.position)),
            Err(other) => panic!("the database could be opened again: {other:?}"),
        }
        bench.write(&append).await.expect("writes work again");
        assert_eq!(bench.payloads(&log).await, ["kept", "more"], "after {writes} writes");
        if !bench.faults.has_failed() {
            break;
        }
    }
}

#[tokio::test]
async fn after_a_failed_sync_the_store_is_over() {
    let bench = Bench::new();
    let log = book("b1");
    let first = bench.write(&draft(&log, None, 1, "kept")).await.unwrap();
    let over = bench.store.fatal();

    bench.faults.fail_syncs();
    let append = draft(&log, Some(first.position), 2, "lost or not");
    assert_eq!(bench.write(&append).await, Err(AppendError::Unknown));
    over.await;
    bench.faults.heal();
    assert_eq!(bench.write(&append).await, Err(AppendError::Unknown), "nobody can know in this process");
    assert_eq!(bench.write(&draft(&book("b2"), None, 3, "new")).await, Err(AppendError::Unavailable));
    assert_eq!(bench.store.read(log.clone(), None).await, Err(StoreError::Unavailable));
    assert_eq!(bench.store.tail(log.clone()).await, Err(StoreError::Unavailable));

    // The next process finds what is on the disk, and the repeat settles it.
    let Bench { store, directory, .. } = bench;
    drop(store);
    let store = Embedded::open(directory.path(), clock()).unwrap();
    store.append(append).await.unwrap();
    let Read::Snapshot { records, .. } = store.read(log, None).await.unwrap() else { panic!("no start") };
    assert_eq!(records.len(), 2);
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_power_cut_at_every_sync() {
    let bench = Bench::new();
    let (log, mut tail, mut acknowledged) = (book("b1"), None, 0);
    bench.faults.record_cuts();
    for number in 0..12 {
        bench.faults.acknowledged.store(acknowledged, Ordering::SeqCst);
        let appended = bench.write(&draft(&log, tail, number, &"text ".repeat(200))).await.unwrap();
        (tail, acknowledged) = (Some(appended.position), acknowledged + 1);
    }
    let cuts = bench.faults.cuts();
    assert!(cuts.len() >= 12);
    for (number, cut) in cuts.iter().enumerate() {
        for seed in 0..4 {
            let directory = TempDir::new().unwrap();
            std::fs::copy(bench.directory.path().join("quire.marker"), directory.path().join("quire.marker")).unwrap();
            std::fs::write(directory.path().join("quire.redb"), cut.image(seed)).unwrap();
            let store = Embedded::open(directory.path(), clock()).unwrap();
            let tail = store.tail(log.clone()).await.unwrap().map_or(0, |tail| tail.seq.0);
            let (least, most) = (cut.acknowledged, cut.acknowledged + 1);
            assert!((least..=most).contains(&tail), "cut {number}, seed {seed}: {tail} records, {least} acknowledged");
        }
    }
}

#[tokio::test]
async fn a_record_that_does_not_decode_is_named() {
    let bench = Bench::new();
    let log = book("b1");
    let first = bench.write(&draft(&log, None, 1, "a")).await.unwrap();
    {
        let database = bench.store.shared.database.read().unwrap();
        let transaction = database.as_ref().unwrap().begin_write().unwrap();
        transaction.open_table(tables::RECORDS).unwrap().insert(("book/b1", 1), &b"short"[..]).unwrap();
        transaction.commit().unwrap();
    }
    let corrupt = StoreError::Corrupt("book/b1: record 1 is 5 bytes long".to_owned());
    assert_eq!(bench.store.read(log.clone(), None).await, Err(corrupt));
    assert_eq!(bench.write(&draft(&log, None, 2, "b")).await, Err(AppendError::Unavailable));
    bench.write(&draft(&book("b2"), None, 3, "b")).await.expect("other logs are sound");
    assert_eq!(bench.store.tail(log).await, Ok(Some(first.position)));
}

#[tokio::test]
async fn a_record_that_is_missing_is_named() {
    let bench = Bench::new();
    let log = book("b1");
    let first = bench.write(&draft(&log, None, 1, "a")).await.unwrap();
    let second = bench.write(&draft(&log, Some(first.position), 2, "b")).await.unwrap();
    bench.write(&draft(&log, Some(second.position), 3, "c")).await.unwrap();
    {
        let database = bench.store.shared.database.read().unwrap();
        let transaction = database.as_ref().unwrap().begin_write().unwrap();
        transaction.open_table(tables::RECORDS).unwrap().remove(("book/b1", 2)).unwrap();
        transaction.commit().unwrap();
    }
    let corrupt = StoreError::Corrupt("book/b1: record 2 is missing, 3 follows".to_owned());
    assert_eq!(bench.store.read(log, None).await, Err(corrupt));
}

#[test]
fn a_disk_that_cannot_be_read_is_not_taken_for_damage() {
    let directory = TempDir::new().unwrap();
    let open_disk = Arc::new(|_: &std::path::Path| Err(std::io::Error::from(std::io::ErrorKind::PermissionDenied)));
    let refused = Embedded::open_on(directory.path(), clock(), open_disk).unwrap_err();
    assert!(matches!(refused, OpenError::Io { .. }), "{refused:?}");
}
