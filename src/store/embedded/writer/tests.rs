//! What the writer says of appends that nobody could look up.

use std::sync::RwLock;
use std::time::Duration;

use quire_protocol::{BookId, Token};
use redb::ReadableDatabase as _;
use tempfile::TempDir;

use super::*;
use crate::store::embedded::disk;

const RECORD: (&str, u64) = ("book/b1", 1);

fn writer(directory: &TempDir) -> Writer {
    let (open_disk, fatal) = (disk::plain_file(), CancellationToken::new());
    let directory = Directory::take(directory.path()).unwrap();
    let database = directory.open(&open_disk, &fatal).unwrap();
    let shared = Arc::new(Shared { database: RwLock::new(Some(database)), fatal });
    let clock = Clock::reading(|| Duration::from_hours(490_896));
    Writer { shared, directory, open_disk, clock, unresolved: VecDeque::new() }
}

fn append() -> Work {
    Work::Append(Append {
        log: LogId::Book(BookId::new("b1").unwrap()),
        after: None,
        tag: Tag(1),
        payloads: vec!["a".into()],
        guard: None,
        fences: vec![],
        stamp_floor: Token(0),
        by: quire_protocol::ReplicaId::new("r1").unwrap(),
        misses: 0,
    })
}

/// Puts these bytes in the place of the first record; returns those that were there.
fn replace_record(writer: &Writer, bytes: &[u8]) -> Vec<u8> {
    let database = writer.shared.database.read().unwrap();
    let database = database.as_ref().unwrap();
    let stored = database.begin_read().unwrap().open_table(tables::RECORDS).unwrap().get(RECORD).unwrap();
    let stored = stored.unwrap().value().to_vec();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(tables::RECORDS).unwrap().insert(RECORD, bytes).unwrap();
    transaction.commit().unwrap();
    stored
}

fn answer(outcomes: Vec<Outcome>) -> Result<Appended, AppendError> {
    match <[Outcome; 1]>::try_from(outcomes) {
        Ok([Outcome::Append(answer)]) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn r8_what_cannot_be_looked_up_is_unknown_until_it_can() {
    let directory = TempDir::new().unwrap();
    let mut writer = writer(&directory);
    let works = [append()];
    let done = answer(writer.settle(&works)).unwrap();

    // The commit reports a failure, and what it wrote cannot be read.
    let sound = replace_record(&writer, b"short");
    assert_eq!(answer(writer.resolve(&works, vec![Outcome::Append(Ok(done))])), Err(AppendError::Unknown));
    assert_eq!(answer(writer.settle(&works)), Err(AppendError::Unknown));
    assert!(writer.reopen());
    assert_eq!(answer(writer.settle(&works)), Err(AppendError::Unknown), "an opening looks nothing up");

    replace_record(&writer, &sound);
    assert_eq!(answer(writer.settle(&works)), Ok(done));
    assert!(writer.unresolved.is_empty());
}

#[test]
fn what_cannot_be_looked_up_is_remembered_within_a_bound() {
    let directory = TempDir::new().unwrap();
    let mut writer = writer(&directory);
    for number in 0..=UNRESOLVED_MAX {
        writer.remember(Tag(u64::try_from(number).unwrap()));
    }
    assert_eq!((writer.unresolved.len(), writer.unresolved[0]), (UNRESOLVED_MAX, Tag(1)));
}
