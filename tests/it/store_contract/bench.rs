//! A store to try things on, with a clock that the test sets, and short words for what the schedules do.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use quire::clock::Clock;
use quire::store::embedded::Embedded;
use quire::store::memory::Memory;
use quire::store::redis::Redis;
use quire::store::{
    Append, AppendError, Appended, Compacted, FenceChange, LogId, Position, Read, Record, Store, StoreError, Tag,
};
use quire_protocol::{BookId, ChapterId, ReplicaId, Seq, Token};
use tempfile::TempDir;

use crate::redis_server::RedisServer;

/// 2026-01-01, in microseconds.
pub(crate) const START_MICROS: u64 = 1_767_225_600_000_000;

/// A clock that stands until it is set.
#[derive(Clone)]
pub(crate) struct Hands(Arc<AtomicU64>);

impl Hands {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(START_MICROS)))
    }

    pub(crate) fn set_micros(&self, micros: u64) {
        self.0.store(micros, Ordering::Relaxed);
    }

    pub(crate) fn clock(&self) -> Clock {
        let micros = Arc::clone(&self.0);
        Clock::reading(move || Duration::from_micros(micros.load(Ordering::Relaxed)))
    }
}

/// A store under test.
pub(crate) struct Bench {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) hands: Hands,
    /// Where it keeps things, if it does. Removed after the store, which is declared first.
    directory: Option<TempDir>,
    /// Where it lives, if that is another process. Its clock is the machine's, whatever the hands show.
    #[expect(dead_code, reason = "it ends with the bench")]
    server: Option<RedisServer>,
}

impl Bench {
    pub(crate) fn memory() -> Self {
        let hands = Hands::new();
        Self { store: Arc::new(Memory::new(hands.clock())), hands, directory: None, server: None }
    }

    pub(crate) fn embedded() -> Self {
        let (hands, directory) = (Hands::new(), TempDir::new().unwrap());
        let store = Embedded::open(directory.path(), hands.clock()).expect("the directory is empty");
        Self { store: Arc::new(store), hands, directory: Some(directory), server: None }
    }

    pub(crate) async fn redis() -> Self {
        let server = RedisServer::start().await;
        let store = Redis::connect(&server.settings(), Clock::system()).await.expect("the server runs");
        Self { store: Arc::new(store), hands: Hands::new(), directory: None, server: Some(server) }
    }

    /// Ends the use of the directory and opens it again.
    pub(crate) fn reopened(self) -> Self {
        let Self { store, hands, directory, .. } = self;
        drop(store);
        let directory = directory.expect("this store keeps things");
        let store = Embedded::open(directory.path(), hands.clock()).expect("the directory is free");
        Self { store: Arc::new(store), hands, directory: Some(directory), server: None }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.as_ref().expect("this store keeps things").path()
    }

    pub(crate) async fn append(&self, append: &Append) -> Result<Appended, AppendError> {
        self.store.append(append.clone()).await
    }

    /// Appends one record for each payload and returns the new tail.
    pub(crate) async fn write(&self, log: &LogId, after: Option<Position>, payloads: &[&str]) -> Position {
        let append = draft(log, after, payloads);
        self.append(&append).await.expect("the append fits").position
    }

    /// Appends `count` records, 100 at a time.
    pub(crate) async fn grow(&self, log: &LogId, mut tail: Option<Position>, count: usize) -> Position {
        let payloads = vec!["x"; 100];
        let mut left = count;
        while left > 0 {
            let now = left.min(payloads.len());
            tail = Some(self.write(log, tail, &payloads[..now]).await);
            left -= now;
        }
        tail.expect("something was appended")
    }

    pub(crate) async fn read(&self, log: &LogId, after: Option<Position>) -> Read {
        self.store.read(log.clone(), after).await.expect("the store answers")
    }

    pub(crate) async fn tail(&self, log: &LogId) -> Option<Position> {
        self.store.tail(log.clone()).await.expect("the store answers")
    }

    pub(crate) async fn compact(&self, log: &LogId, position: Position, snapshot: &'static str) -> Compacted {
        let answer: Result<_, StoreError> = self.store.compact(log.clone(), position, Bytes::from(snapshot)).await;
        answer.expect("the store answers")
    }

    pub(crate) async fn forget(&self, log: &LogId) {
        self.store.forget(log.clone()).await.expect("the store answers");
    }

    pub(crate) async fn archive(&self, log: &LogId, from: u64, limit: usize) -> Vec<Record> {
        self.archive_within(log, from, limit, usize::MAX).await
    }

    pub(crate) async fn archive_within(&self, log: &LogId, from: u64, limit: usize, bytes: usize) -> Vec<Record> {
        self.store.read_archive(log.clone(), Seq(from), limit, bytes).await.expect("the store answers")
    }

    /// What a guarded append to `log` is told.
    pub(crate) async fn write_guarded(
        &self,
        log: &LogId,
        after: Option<Position>,
        fence: &LogId,
        token: Token,
    ) -> Result<Appended, AppendError> {
        self.append(&Append { guard: Some((fence.clone(), token)), ..draft(log, after, &["guarded"]) }).await
    }

    /// Appends to the book's log and changes a fence with it; returns the append's answer.
    pub(crate) async fn change_fence(
        &self,
        book: &LogId,
        after: Option<Position>,
        fence: &LogId,
        change: FenceChange,
    ) -> Appended {
        let append = Append { fences: vec![(fence.clone(), change)], ..draft(book, after, &["fence"]) };
        self.append(&append).await.expect("the append fits")
    }
}

/// An append with a tag of its own.
pub(crate) fn draft(log: &LogId, after: Option<Position>, payloads: &[&str]) -> Append {
    static TAGS: AtomicU64 = AtomicU64::new(1);
    Append {
        log: log.clone(),
        after,
        tag: Tag(TAGS.fetch_add(1, Ordering::Relaxed)),
        payloads: payloads.iter().map(|payload| Bytes::copy_from_slice(payload.as_bytes())).collect(),
        guard: None,
        fences: vec![],
        stamp_floor: Token(0),
        by: ReplicaId::new("r1").unwrap(),
        misses: 0,
    }
}

pub(crate) fn book(id: &str) -> LogId {
    LogId::Book(BookId::new(id).unwrap())
}

pub(crate) fn chapter(book: &str, id: &str) -> LogId {
    LogId::Chapter(BookId::new(book).unwrap(), ChapterId::new(id).unwrap())
}

/// The payloads of the records, as text.
pub(crate) fn payloads(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| std::str::from_utf8(&record.payload).unwrap()).collect()
}

/// The seqs of the records.
pub(crate) fn seqs(records: &[Record]) -> Vec<u64> {
    records.iter().map(|record| record.seq.0).collect()
}
