//! The tables of the database: their keys, how their values are written, and what the rules read from them.
//!
//! A log's records are a contiguous range of the keys (name of the log, seq). Everything that one append changes lies
//! in one transaction, so it is there whole or not at all (R14).

use std::any::Any;

use bytes::Bytes;
use quire_protocol::{Seq, Timestamp, Token};
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use crate::store::rules::{Head, Ledger, Writing};
use crate::store::{LogId, Record, StoreError, Tag};

/// About the store itself: `format` and `store` (its name).
pub(crate) const STORE: TableDefinition<'static, &str, &str> = TableDefinition::new("store");
/// A log's name to its head.
pub(crate) const HEADS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("heads");
/// The records of all logs.
pub(crate) const RECORDS: TableDefinition<'static, (&str, u64), &[u8]> = TableDefinition::new("records");
/// Records that a compaction trimmed. Grows with what people write, and goes only with its log: reports and audit read it.
pub(crate) const ARCHIVE: TableDefinition<'static, (&str, u64), &[u8]> = TableDefinition::new("archive");
/// A log's name to its newest snapshot; where that was taken is in the head.
pub(crate) const SNAPSHOTS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("snapshots");
/// A log's name to the token that passes its fence.
pub(crate) const FENCES: TableDefinition<'static, &str, u64> = TableDefinition::new("fences");

const FORMAT: &str = "2";
/// Stamp, time and tag, before the payload.
const RECORD_HEADER_BYTES: usize = 24;

/// Makes all tables, so that every later transaction finds them, and names the store.
pub(super) fn create(database: &Database, name: &str) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut store = transaction.open_table(STORE)?;
        store.insert("format", FORMAT)?;
        store.insert("store", name)?;
        transaction.open_table(HEADS)?;
        transaction.open_table(RECORDS)?;
        transaction.open_table(ARCHIVE)?;
        transaction.open_table(SNAPSHOTS)?;
        transaction.open_table(FENCES)?;
        super::cards::create(&transaction)?;
    }
    Ok(transaction.commit()?)
}

/// The name of the store in this database; the error says what was found instead.
pub(super) fn store_name(database: &Database) -> Result<String, String> {
    let read = || -> Result<(Option<String>, Option<String>), redb::Error> {
        let store = database.begin_read()?.open_table(STORE)?;
        let text = |key| Ok::<_, redb::Error>(store.get(key)?.map(|value| value.value().to_owned()));
        Ok((text("format")?, text("store")?))
    };
    match read() {
        Ok((Some(format), Some(name))) if format == FORMAT => Ok(name),
        Ok((Some(format), _)) => Err(format!("a store of format {format}; this program reads format {FORMAT}")),
        Ok((None, _)) => Err("a database that is no store".to_owned()),
        Err(error) => Err(format!("a database that is no store: {error}")),
    }
}

/// A transaction that the rules can read from.
#[derive(Clone, Copy)]
pub(crate) enum View<'t> {
    /// What is durable.
    Read(&'t ReadTransaction),
    /// That, and what the batch has written so far.
    Write(&'t WriteTransaction),
}

/// Opens a table in either kind of transaction and evaluates an expression on it.
macro_rules! with_table {
    ($view:expr, $definition:expr, |$table:ident| $body:expr) => {
        match $view {
            View::Read(transaction) => {
                let $table = transaction.open_table($definition).map_err(failed)?;
                $body
            }
            View::Write(transaction) => {
                let $table = transaction.open_table($definition).map_err(failed)?;
                $body
            }
        }
    };
}
pub(super) use with_table;

impl Ledger for View<'_> {
    fn head(&self, log: &LogId) -> Result<Option<Head>, StoreError> {
        let name = log.to_string();
        with_table!(self, HEADS, |table| {
            let value = table.get(name.as_str()).map_err(failed)?;
            value.map(|value| decode_head(&name, value.value())).transpose()
        })
    }

    fn records(&self, log: &LogId, from: Seq, limit: usize) -> Result<Vec<Record>, StoreError> {
        records(*self, log, from, Room { records: limit, bytes: usize::MAX })
    }

    fn snapshot(&self, log: &LogId) -> Result<Option<Bytes>, StoreError> {
        with_table!(self, SNAPSHOTS, |table| {
            let value = table.get(log.to_string().as_str()).map_err(failed)?;
            Ok(value.map(|value| Bytes::copy_from_slice(value.value())))
        })
    }

    fn fence(&self, log: &LogId) -> Result<Option<Token>, StoreError> {
        with_table!(self, FENCES, |table| {
            let value = table.get(log.to_string().as_str()).map_err(failed)?;
            Ok(value.map(|value| Token(value.value())))
        })
    }
}

/// How much a reading may still take.
pub(super) struct Room {
    pub(super) records: usize,
    /// Of payloads.
    pub(super) bytes: usize,
}

impl Room {
    /// Takes the room of one record. If there is not enough, no later one gets any either: nothing is skipped.
    fn take(&mut self, payload_bytes: usize) -> bool {
        let left = self.records.checked_sub(1).zip(self.bytes.checked_sub(payload_bytes));
        (self.records, self.bytes) = left.unwrap_or((0, 0));
        left.is_some()
    }
}

/// Records of one log from seq `from` on, archived ones included, as far as there is room.
pub(super) fn records(view: View<'_>, log: &LogId, from: Seq, mut room: Room) -> Result<Vec<Record>, StoreError> {
    let name = log.to_string();
    let trimmed = view.head(log)?.map_or(Seq(0), |head| head.trimmed);
    let mut records = vec![];
    if from <= trimmed {
        with_table!(view, ARCHIVE, |table| collect(&table, &name, from, &mut room, &mut records)?);
    }
    with_table!(view, RECORDS, |table| collect(&table, &name, from, &mut room, &mut records)?);
    Ok(records)
}

/// Adds the records of one table.
fn collect(
    table: &impl ReadableTable<(&'static str, u64), &'static [u8]>,
    name: &str,
    from: Seq,
    room: &mut Room,
    records: &mut Vec<Record>,
) -> Result<(), StoreError> {
    if room.records == 0 {
        return Ok(());
    }
    for entry in table.range((name, from.0)..=(name, u64::MAX)).map_err(failed)? {
        let (key, value) = entry.map_err(failed)?;
        if !room.take(value.value().len().saturating_sub(RECORD_HEADER_BYTES)) {
            break;
        }
        records.push(decode_record(name, Seq(key.value().1), value.value())?);
    }
    Ok(())
}

/// Writes one append.
pub(super) fn write(transaction: &WriteTransaction, log: &LogId, writing: &Writing) -> Result<(), StoreError> {
    let name = log.to_string();
    let mut records = transaction.open_table(RECORDS).map_err(failed)?;
    for record in &writing.records {
        records.insert((name.as_str(), record.seq.0), encode_record(record).as_slice()).map_err(failed)?;
    }
    let mut fences = transaction.open_table(FENCES).map_err(failed)?;
    for (fenced, token) in &writing.fences {
        let fenced = fenced.to_string();
        match token {
            Some(token) => fences.insert(fenced.as_str(), token.0).map_err(failed)?,
            None => fences.remove(fenced.as_str()).map_err(failed)?,
        };
    }
    put_head(transaction, &name, &writing.head)
}

/// Writes one compaction: `after` is the log's head with the new snapshot and the new seam.
pub(super) fn compact(
    transaction: &WriteTransaction,
    log: &LogId,
    after: &Head,
    snapshot: &[u8],
) -> Result<(), StoreError> {
    let name = log.to_string();
    let mut records = transaction.open_table(RECORDS).map_err(failed)?;
    let mut archive = transaction.open_table(ARCHIVE).map_err(failed)?;
    let trimmed =
        records.extract_from_if((name.as_str(), 0)..=(name.as_str(), after.trimmed.0), |_, _| true).map_err(failed)?;
    for entry in trimmed {
        let (key, value) = entry.map_err(failed)?;
        archive.insert(key.value(), value.value()).map_err(failed)?;
    }
    transaction.open_table(SNAPSHOTS).map_err(failed)?.insert(name.as_str(), snapshot).map_err(failed)?;
    put_head(transaction, &name, after)
}

/// Deletes a log with all that is kept of it; says whether there was any.
pub(super) fn forget(transaction: &WriteTransaction, log: &LogId) -> Result<bool, StoreError> {
    let name = log.to_string();
    let mut heads = transaction.open_table(HEADS).map_err(failed)?;
    let was_there = heads.remove(name.as_str()).map_err(failed)?.is_some();
    let whole = (name.as_str(), 0)..=(name.as_str(), u64::MAX);
    for records in [RECORDS, ARCHIVE] {
        transaction.open_table(records).map_err(failed)?.retain_in(whole.clone(), |_, _| false).map_err(failed)?;
    }
    transaction.open_table(SNAPSHOTS).map_err(failed)?.remove(name.as_str()).map_err(failed)?;
    transaction.open_table(FENCES).map_err(failed)?.remove(name.as_str()).map_err(failed)?;
    Ok(was_there)
}

pub(crate) fn put_head(transaction: &WriteTransaction, name: &str, head: &Head) -> Result<(), StoreError> {
    let bytes = rmp_serde::to_vec_named(head).expect("a head is numbers and texts");
    transaction.open_table(HEADS).map_err(failed)?.insert(name, bytes.as_slice()).map_err(failed)?;
    Ok(())
}

pub(crate) fn decode_head(name: &str, bytes: &[u8]) -> Result<Head, StoreError> {
    rmp_serde::from_slice(bytes).map_err(|error| StoreError::Corrupt(format!("{name}: the head: {error}")))
}

pub(crate) fn encode_record(record: &Record) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RECORD_HEADER_BYTES + record.payload.len());
    for number in [record.stamp.0, record.at.0, record.tag.0] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.extend_from_slice(&record.payload);
    bytes
}

pub(crate) fn decode_record(name: &str, seq: Seq, bytes: &[u8]) -> Result<Record, StoreError> {
    let Some((header, payload)) = bytes.split_at_checked(RECORD_HEADER_BYTES) else {
        return Err(StoreError::Corrupt(format!("{name}: record {seq} is {} bytes long", bytes.len())));
    };
    let number = |index: usize| {
        let bytes = header[index * 8..][..8].try_into().expect("the header is three numbers of eight bytes");
        u64::from_be_bytes(bytes)
    };
    let (stamp, at, tag) = (Token(number(0)), Timestamp(number(1)), Tag(number(2)));
    Ok(Record { seq, stamp, at, tag, payload: Bytes::copy_from_slice(payload) })
}

/// What a failure of the database means to the caller.
pub(crate) fn failed(error: impl Into<redb::Error>) -> StoreError {
    match error.into() {
        redb::Error::Corrupted(found) => StoreError::Corrupt(found),
        error => {
            tracing::error!(%error, "the database failed");
            StoreError::Unavailable
        }
    }
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "something unreadable".to_owned())
}
