//! What only a store in a file can promise: it is there again, nobody else has it, and damage is told.

use std::fs;
use std::path::Path;

use quire::store::embedded::{Embedded, OpenError};
use quire::store::{Append, Card, Compacted, FenceChange, Read, Store};
use quire_protocol::{BookId, Role, Seq, UserId};
use tempfile::TempDir;

use super::bench::{Bench, Hands, book, chapter, draft, payloads};

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let bench = Bench::embedded();
    let (log, text) = (book("b1"), chapter("b1", "c1"));
    let early = bench.grow(&log, None, 1_500).await;
    assert_eq!(bench.compact(&log, early, "state").await, Compacted::Done);
    let grant = bench.change_fence(&log, Some(early), &text, FenceChange::Grant(0)).await;
    let card = Card {
        book: BookId::new("b1").unwrap(),
        seq: Seq(1),
        title: "Moby-Dick".into(),
        members: vec![(UserId::new("ann").unwrap(), Role::Owner)],
        invitations: vec![],
        claim: None,
        ends: Vec::new(),
        trashed_until: None,
        deleted: false,
    };
    bench.store.put_card(card.clone()).await.unwrap();
    let before = (bench.read(&log, None).await, bench.read(&log, Some(early)).await, bench.archive(&log, 1, 600).await);

    let bench = bench.reopened();
    let after = (bench.read(&log, None).await, bench.read(&log, Some(early)).await, bench.archive(&log, 1, 600).await);
    assert_eq!(after, before);
    bench.write_guarded(&text, None, &text, grant.first_stamp).await.expect("the fence is there");
    assert_eq!(bench.store.cards_of(UserId::new("ann").unwrap(), None, 9).await.unwrap(), [card]);
}

#[tokio::test]
async fn r8_a_repeat_after_the_hub_was_restarted() {
    let bench = Bench::embedded();
    let log = book("b1");
    let append = draft(&log, None, &["a", "b"]);
    let first = bench.append(&append).await.unwrap();
    let bench = bench.reopened();
    assert_eq!(bench.append(&append).await, Ok(first));
    let Read::Snapshot { records, .. } = bench.read(&log, None).await else { panic!("no start") };
    assert_eq!(payloads(&records), ["a", "b"]);
}

#[tokio::test]
async fn stamps_rise_when_the_clock_went_back_while_the_hub_was_down() {
    let bench = Bench::embedded();
    let log = book("b1");
    let before = bench.append(&draft(&log, None, &["a"])).await.unwrap();
    bench.hands.set_micros(17);
    let bench = bench.reopened();
    let after = bench.append(&draft(&log, Some(before.position), &["b"])).await.unwrap();
    assert_eq!(after.first_stamp.0, before.first_stamp.0 + 1);
}

#[tokio::test]
async fn a_second_store_on_the_directory_is_refused() {
    let bench = Bench::embedded();
    let tail = bench.write(&book("b1"), None, &["a"]).await;
    let refused = open(bench.directory()).unwrap_err();
    assert!(matches!(&refused, OpenError::InUse(directory) if directory == bench.directory()));
    let expected = format!("another process uses the data directory {}", bench.directory().display());
    assert_eq!(refused.to_string(), expected);
    assert_eq!(bench.tail(&book("b1")).await, Some(tail));
}

#[tokio::test]
async fn a_directory_that_another_process_uses_is_refused() {
    let directory = TempDir::new().unwrap();
    drop(open(directory.path()).unwrap());
    // `flock` of util-linux takes the lock as another hub would, says so, and holds it until its input ends.
    let mut other = std::process::Command::new("flock")
        .arg(directory.path().join("quire.lock"))
        .args(["sh", "-c", "echo locked; cat"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("util-linux is there");
    let mut said = [0; 7];
    std::io::Read::read_exact(other.stdout.as_mut().unwrap(), &mut said).unwrap();
    assert!(matches!(open(directory.path()), Err(OpenError::InUse(_))));
    drop(other.stdin.take());
    other.wait().unwrap();
    open(directory.path()).expect("the other process is gone");
}

#[tokio::test]
async fn appends_and_compactions_without_end_keep_the_file_small() {
    let bench = Bench::embedded();
    let log = book("b1");
    let file = bench.directory().join("quire.redb");
    let snapshot_bytes = 100_000;
    let (mut tail, mut sizes) = (None, vec![]);
    for _ in 0..150 {
        let append = Append { payloads: vec!["a few words".into(); 20], ..draft(&log, tail, &[]) };
        let appended = bench.append(&append).await.unwrap();
        tail = Some(appended.position);
        let snapshot = vec![b's'; snapshot_bytes].into();
        assert_eq!(bench.store.compact(log.clone(), appended.position, snapshot).await, Ok(Compacted::Done));
        sizes.push(fs::metadata(&file).unwrap().len());
    }
    // 15 MB of snapshots were written, of which one is live, with 3,000 short records in the log and the archive.
    let (settled, end) = (sizes[20], sizes[149]);
    assert!(end <= 2 * settled, "from {settled} to {end} bytes: {sizes:?}");
    let Read::Snapshot { snapshot, records, .. } = bench.read(&log, None).await else { panic!("no snapshot") };
    assert_eq!((snapshot.map(|(_, bytes)| bytes.len()), records), (Some(snapshot_bytes), vec![]));
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_told_and_left_alone() {
    for keep in [0, 1, 9, 300, 4_096, 20_000] {
        let directory = filled().await;
        let file = directory.path().join("quire.redb");
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..keep]).unwrap();
        assert_damaged(directory.path(), &file, &format!("cut to {keep}"));
    }
}

#[tokio::test]
async fn flipped_bytes_are_told_and_left_alone() {
    let pristine = filled().await;
    let bytes = fs::read(pristine.path().join("quire.redb")).unwrap();
    let used = bytes.chunks(4_096).enumerate().filter(|(_, page)| page.iter().any(|byte| *byte != 0));
    let places: Vec<usize> = used.flat_map(|(page, _)| [page * 4_096, page * 4_096 + 40]).collect();
    let (mut told, mut unharmed) = (0, 0);
    for place in places {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("quire.redb");
        let mut flipped = bytes.clone();
        flipped[place] ^= 0xFF;
        fs::write(&file, &flipped).unwrap();
        fs::copy(pristine.path().join("quire.marker"), directory.path().join("quire.marker")).unwrap();
        match open(directory.path()) {
            // A page that nothing refers to any more.
            Ok(store) => {
                assert_eq!(store.tail(book("b1")).await.unwrap().map(|tail| tail.seq), Some(Seq(100)), "at {place}");
                unharmed += 1;
            }
            Err(OpenError::Damaged { .. }) => {
                assert!(fs::read(&file).unwrap() == flipped, "the file was changed after damage at {place}");
                told += 1;
            }
            Err(error) => panic!("damage at {place}: {error:?}"),
        }
    }
    assert!(told > unharmed, "{told} told, {unharmed} unharmed");
}

#[tokio::test]
async fn r6_a_file_that_is_gone_is_not_made_anew() {
    let directory = filled().await;
    let file = directory.path().join("quire.redb");
    fs::remove_file(&file).unwrap();
    let refused = open(directory.path()).unwrap_err();
    assert!(matches!(&refused, OpenError::Damaged { file: told, .. } if *told == file), "{refused}");
    assert!(!file.exists());
}

#[tokio::test]
async fn r6_a_file_of_another_store_is_refused() {
    let (mine, other) = (filled().await, filled().await);
    let file = mine.path().join("quire.redb");
    fs::copy(other.path().join("quire.redb"), &file).unwrap();
    let refused = open(mine.path()).unwrap_err();
    assert!(matches!(&refused, OpenError::Damaged { file: told, .. } if *told == file), "{refused}");
}

#[tokio::test]
async fn a_marker_that_is_no_marker_is_told() {
    let directory = filled().await;
    let marker = directory.path().join("quire.marker");
    for nonsense in [&b""[..], b"quire-store-9 00", b"\xFF\xFE", &[b'x'; 1_000]] {
        fs::write(&marker, nonsense).unwrap();
        assert_damaged(directory.path(), &marker, "no marker");
    }
}

#[tokio::test]
async fn a_hub_that_ended_while_it_made_the_store_starts_again() {
    // Before the database had its name, and after that but before the marker was written.
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("quire.redb.new"), b"half of a database").unwrap();
    let store = open(directory.path()).expect("there never was any data");
    let tail = store.append(draft(&book("b1"), None, &["a"])).await.unwrap().position;
    drop(store);
    fs::remove_file(directory.path().join("quire.marker")).unwrap();
    let store = open(directory.path()).expect("the database is whole");
    assert_eq!(store.tail(book("b1")).await, Ok(Some(tail)));
    assert!(directory.path().join("quire.marker").exists());
}

/// A directory with a store of 100 records that was closed.
async fn filled() -> TempDir {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let mut tail = None;
    for _ in 0..10 {
        tail = Some(store.append(draft(&book("b1"), tail, &["some text"; 10])).await.unwrap().position);
    }
    directory
}

fn open(directory: &Path) -> Result<Embedded, OpenError> {
    Embedded::open(directory, Hands::new().clock())
}

#[track_caller]
fn assert_damaged(directory: &Path, file: &Path, what: &str) {
    let before = fs::read(file).unwrap();
    match open(directory) {
        Err(OpenError::Damaged { file: told, found }) => {
            assert!(told == file && !found.is_empty(), "{what}: {}", told.display());
        }
        other => panic!("{what}: {other:?}"),
    }
    assert!(fs::read(file).unwrap() == before, "{what}: the file was changed");
}
