//! Everything in a store, item by item, and a new store made of such items: what a backup is made from.

use std::path::Path;

use bytes::Bytes;
use quire_protocol::{Seq, Token};
use redb::{Database, ReadTransaction, ReadableTable, WriteTransaction};

use super::directory::Directory;
use super::tables::{self, failed};
use super::{Embedded, OpenError, cards, disk};
use crate::store::rules::Head;
use crate::store::{Card, LogId, Record, StoreError};

/// One thing that a store holds. A log comes before its records, and they in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// A log, with the state at its snapshot if it has one.
    Log { log: LogId, head: Head, snapshot: Option<Bytes> },
    /// A record of the log that came last; up to `head.trimmed` they lie in the archive.
    Record(Record),
    /// The token that passes a log's fence.
    Fence { log: LogId, token: Token },
    /// A card of the index.
    Card(Card),
}

impl Embedded {
    /// Shows everything as it is at one point in time, while others go on writing. Blocks.
    pub(crate) fn visit<E: From<StoreError>>(&self, mut visit: impl FnMut(Item) -> Result<(), E>) -> Result<(), E> {
        let transaction = self.shared.begin_read()?;
        visit_logs(&transaction, &mut visit)?;
        let fences = transaction.open_table(tables::FENCES).map_err(failed)?;
        for entry in fences.iter().map_err(failed)? {
            let (name, token) = entry.map_err(failed)?;
            visit(Item::Fence { log: parse(name.value())?, token: Token(token.value()) })?;
        }
        let cards = transaction.open_table(cards::CARDS).map_err(failed)?;
        for entry in cards.iter().map_err(failed)? {
            let (book, bytes) = entry.map_err(failed)?;
            visit(Item::Card(cards::decode(book.value(), bytes.value())?))?;
        }
        Ok(())
    }
}

fn visit_logs<E: From<StoreError>>(
    transaction: &ReadTransaction,
    visit: &mut impl FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    let heads = transaction.open_table(tables::HEADS).map_err(failed)?;
    let snapshots = transaction.open_table(tables::SNAPSHOTS).map_err(failed)?;
    let archive = transaction.open_table(tables::ARCHIVE).map_err(failed)?;
    let records = transaction.open_table(tables::RECORDS).map_err(failed)?;
    for entry in heads.iter().map_err(failed)? {
        let (name, bytes) = entry.map_err(failed)?;
        let name = name.value();
        let head = tables::decode_head(name, bytes.value())?;
        let snapshot = snapshots.get(name).map_err(failed)?.map(|value| Bytes::copy_from_slice(value.value()));
        if head.snapshot.is_some() != snapshot.is_some() {
            return Err(StoreError::Corrupt(format!("{name}: the head and the snapshot do not fit")).into());
        }
        visit(Item::Log { log: parse(name)?, head, snapshot })?;
        for table in [&archive, &records] {
            for entry in table.range((name, 0)..=(name, u64::MAX)).map_err(failed)? {
                let (key, value) = entry.map_err(failed)?;
                visit(Item::Record(tables::decode_record(name, Seq(key.value().1), value.value())?))?;
            }
        }
    }
    Ok(())
}

fn parse(name: &str) -> Result<LogId, StoreError> {
    LogId::parse(name).ok_or_else(|| StoreError::Corrupt(format!("a log is named {name:?}")))
}

/// A data directory without a store, to be filled.
pub(crate) struct Empty(Directory);

impl Empty {
    /// Takes the directory; `None`: there is a store in it.
    pub(crate) fn take(path: &Path) -> Result<Option<Self>, OpenError> {
        let directory = Directory::take(path)?;
        Ok(if directory.is_used()? { None } else { Some(Self(directory)) })
    }

    /// Makes the store with everything that `fill` puts into it, or nothing at all. Blocks.
    pub(crate) fn fill<E: From<OpenError> + From<StoreError>>(
        self,
        fill: impl FnOnce(&mut Filling<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.0.create(&disk::plain_file(), |database: &Database| {
            let transaction = database.begin_write().map_err(failed)?;
            fill(&mut Filling { transaction: &transaction, log: None })?;
            Ok(transaction.commit().map_err(failed)?)
        })
    }
}

/// A store that is being made.
pub(crate) struct Filling<'t> {
    transaction: &'t WriteTransaction,
    /// The log that came last, and what of it lies in the archive.
    log: Option<(String, Seq)>,
}

impl Filling<'_> {
    pub(crate) fn put(&mut self, item: &Item) -> Result<(), StoreError> {
        match item {
            Item::Log { log, head, snapshot } => {
                let name = log.to_string();
                tables::put_head(self.transaction, &name, head)?;
                if let Some(snapshot) = snapshot {
                    let mut snapshots = self.transaction.open_table(tables::SNAPSHOTS).map_err(failed)?;
                    snapshots.insert(name.as_str(), &**snapshot).map_err(failed)?;
                }
                self.log = Some((name, head.trimmed));
            }
            Item::Record(record) => {
                let (name, trimmed) = self.log.as_ref().expect("a log comes before its records");
                let table = if record.seq <= *trimmed { tables::ARCHIVE } else { tables::RECORDS };
                let mut table = self.transaction.open_table(table).map_err(failed)?;
                let bytes = tables::encode_record(record);
                table.insert((name.as_str(), record.seq.0), bytes.as_slice()).map_err(failed)?;
            }
            Item::Fence { log, token } => {
                let mut fences = self.transaction.open_table(tables::FENCES).map_err(failed)?;
                fences.insert(log.to_string().as_str(), token.0).map_err(failed)?;
            }
            Item::Card(card) => cards::replace(self.transaction, None, card)?,
        }
        Ok(())
    }
}
