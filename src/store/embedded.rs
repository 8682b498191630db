//! The store in one file: ACID, one process, no server. The default.
//!
//! One thread writes (`writer`), with one fsync for everything that waits. Reads do not wait for it: each is a read
//! transaction on what is durable, on a thread where it may block. Going to that thread was measured to cost about
//! 25 µs; reading in the caller's task instead held up everything else on its thread for 20 to 40 ms now and then.
//!
//! What it does when the disk fails:
//! - It is full, or a write fails: the write is refused with `Unavailable` (or found to have happened after all, R8),
//!   the database is opened again, and nothing that was acknowledged is lost.
//! - A sync fails: nothing can be known in this process any more. Everything is refused and [`Embedded::fatal`]
//!   completes; the program must end, and a new process reads what is really there.
//! - The file is damaged: it is not opened, and not written ([`OpenError::Damaged`]).
//!
//! Disk and recovery are bounded by snapshots for everything but the archive, which grows with what people write
//! (about as many bytes as they type) and makes the check at opening longer by 0.4 s for each gigabyte.

mod cards;
pub(crate) mod contents;
mod directory;
mod disk;
mod tables;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use quire_protocol::{BookId, Seq, UserId};
use redb::{Database, ReadTransaction, ReadableDatabase};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use self::cards::Finding;
use self::directory::Directory;
use self::disk::OpenDisk;
use self::tables::{Room, View};
use self::writer::{Job, Outcome, Work, Writer};
use super::rules::{self, Ledger};
use super::{Append, AppendError, Appended, Card, Compacted, LogId, Position, Read, Record, Store, StoreError};
use crate::clock::Clock;

/// Jobs that may wait for the writer (I5).
const QUEUE_JOBS: usize = 1_024;
/// What the appends and cards among them may weigh together, in KiB (I5).
const QUEUE_KIB: usize = 64 * 1024;
/// And the snapshots. Apart, so that no append waits for the room that a huge snapshot needs.
const SNAPSHOTS_KIB: usize = 64 * 1024;
/// Reads of logs at a time, each on a thread of its own (I5).
const READS: usize = 16;
/// Searches of the index at a time (I5). Apart from the others, so that no turn of a book waits for a long list.
const SEARCHES: usize = 4;

/// The store in one directory.
pub struct Embedded {
    shared: Arc<Shared>,
    /// `None` only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    room: Arc<Semaphore>,
    snapshots: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    searches: Arc<Semaphore>,
    writer: Option<JoinHandle<()>>,
}

/// What the writer and the readers have in common.
struct Shared {
    /// `None` while it could not be opened again. Only the writer's thread changes that, so readers never wait here
    /// but for an opening.
    database: RwLock<Option<Database>>,
    /// Cancelled when the store is over.
    fatal: CancellationToken,
}

/// Why a store cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// Another process uses this directory.
    InUse(PathBuf),
    /// A file does not hold what it must. It was not changed.
    Damaged {
        /// Which.
        file: PathBuf,
        /// What was read.
        found: String,
    },
    /// The system refused.
    Io {
        /// Which file or directory.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InUse(directory) => write!(f, "another process uses the data directory {}", directory.display()),
            Self::Damaged { file, found } => write!(f, "{} is damaged (and left as it is): {found}", file.display()),
            Self::Io { file, .. } => write!(f, "cannot use {}", file.display()),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::InUse(_) | Self::Damaged { .. } => None,
        }
    }
}

impl Embedded {
    /// Whether a store was ever made in this directory.
    pub fn is_in(directory: &Path) -> bool {
        directory.join(directory::FILE).exists()
    }

    /// Opens the store in this directory, or makes a new one where there never was any.
    pub fn open(directory: &Path, clock: Clock) -> Result<Self, OpenError> {
        Self::open_on(directory, clock, disk::plain_file())
    }

    /// The same on a disk of the caller's making.
    fn open_on(directory: &Path, clock: Clock, open_disk: OpenDisk) -> Result<Self, OpenError> {
        let directory = Directory::take(directory)?;
        let fatal = CancellationToken::new();
        let database = directory.open(&open_disk, &fatal)?;
        let shared = Arc::new(Shared { database: RwLock::new(Some(database)), fatal });
        let path = directory.database_path();
        let writer = Writer { shared: Arc::clone(&shared), directory, open_disk, clock, unresolved: VecDeque::new() };
        let (jobs, queue) = mpsc::channel(QUEUE_JOBS);
        let thread = thread::Builder::new().name("quire-store".to_owned()).spawn(move || writer.run(queue));
        let thread = thread.map_err(|source| OpenError::Io { file: path, source })?;
        Ok(Self {
            shared,
            jobs: Some(jobs),
            room: Arc::new(Semaphore::new(QUEUE_KIB)),
            snapshots: Arc::new(Semaphore::new(SNAPSHOTS_KIB)),
            reads: Arc::new(Semaphore::new(READS)),
            searches: Arc::new(Semaphore::new(SEARCHES)),
            writer: Some(thread),
        })
    }

    /// Completes when nothing can be known about the store in this process any more: the program must end then.
    pub fn fatal(&self) -> impl Future<Output = ()> + Send + 'static {
        self.shared.fatal.clone().cancelled_owned()
    }

    /// Lets the writer do this; `None`: it is gone, and nobody knows what it did.
    async fn submit(&self, work: Work) -> Option<Outcome> {
        let (room, room_kib) = match &work {
            Work::Append(_) | Work::PutCard(_) | Work::Forget(_) => (&self.room, QUEUE_KIB),
            Work::Compact { .. } => (&self.snapshots, SNAPSHOTS_KIB),
        };
        let kib = u32::try_from((work.bytes() / 1024 + 1).min(room_kib)).unwrap_or(u32::MAX);
        let weight = Arc::clone(room).acquire_many_owned(kib).await.ok()?;
        let (answer, outcome) = oneshot::channel();
        self.jobs.as_ref()?.send(Job { work, answer, weight }).await.ok()?;
        outcome.await.ok()
    }

    /// Evaluates a question on what is durable, where it may block, when one of these turns is free.
    async fn ask<T: Send + 'static>(
        &self,
        turns: &Arc<Semaphore>,
        question: impl FnOnce(View<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Ok(turn) = Arc::clone(turns).acquire_owned().await else { return Err(StoreError::Unavailable) };
        let shared = Arc::clone(&self.shared);
        let answered = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            shared.ask(question)
        });
        match answered.await {
            Ok(answer) => answer,
            // The library asserts its way through some kinds of damage.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => Err(StoreError::Corrupt(tables::panic_text(&*panic))),
                Err(_) => Err(StoreError::Unavailable),
            },
        }
    }
}

impl Shared {
    fn ask<T>(&self, question: impl FnOnce(View<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let transaction = self.begin_read()?;
        question(View::Read(&transaction))
    }

    fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        if self.fatal.is_cancelled() {
            return Err(StoreError::Unavailable);
        }
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        database.as_ref().ok_or(StoreError::Unavailable)?.begin_read().map_err(tables::failed)
    }
}

impl Drop for Embedded {
    /// Waits until everything that was submitted is written and the database is closed, so that whoever comes next
    /// finds the directory free.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the writer of the store panicked");
        }
    }
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Embedded")
    }
}

impl Work {
    /// About how much memory and disk it takes.
    fn bytes(&self) -> usize {
        match self {
            Self::Append(append) => append.payloads.iter().map(Bytes::len).sum(),
            Self::Compact { snapshot, .. } => snapshot.len(),
            Self::Forget(_) => 0,
            Self::PutCard(card) => (card.members.len() + card.invitations.len()) * 256,
        }
    }
}

impl Store for Embedded {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        async move {
            rules::assert_well_formed(&append);
            match self.submit(Work::Append(append)).await {
                Some(Outcome::Append(answer)) => answer,
                _ => Err(AppendError::Unknown),
            }
        }
        .boxed()
    }

    fn read(&self, log: LogId, after: Option<Position>) -> BoxFuture<'_, Result<Read, StoreError>> {
        self.ask(&self.reads, move |view| rules::read(&view, &log, after)).boxed()
    }

    fn tail(&self, log: LogId) -> BoxFuture<'_, Result<Option<Position>, StoreError>> {
        self.ask(&self.reads, move |view| Ok(view.head(&log)?.map(|head| head.tail))).boxed()
    }

    fn compact(&self, log: LogId, position: Position, snapshot: Bytes) -> BoxFuture<'_, Result<Compacted, StoreError>> {
        async move {
            match self.submit(Work::Compact { log, position, snapshot }).await {
                Some(Outcome::Compact(answer)) => answer,
                _ => Err(StoreError::Unavailable),
            }
        }
        .boxed()
    }

    fn read_archive(
        &self,
        log: LogId,
        from: Seq,
        limit: usize,
        bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Record>, StoreError>> {
        self.ask(&self.reads, move |view| tables::records(view, &log, from, Room { records: limit, bytes })).boxed()
    }

    fn forget(&self, log: LogId) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            match self.submit(Work::Forget(log)).await {
                Some(Outcome::Forget(answer)) => answer,
                _ => Err(StoreError::Unavailable),
            }
        }
        .boxed()
    }

    fn put_card(&self, card: Card) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            match self.submit(Work::PutCard(card)).await {
                Some(Outcome::PutCard(answer)) => answer,
                _ => Err(StoreError::Unavailable),
            }
        }
        .boxed()
    }

    fn cards_of(
        &self,
        user: UserId,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.find(Finding::Member(user.as_str().to_owned()), after, limit)
    }

    fn cards_inviting(
        &self,
        email: String,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.find(Finding::Address(email), after, limit)
    }

    fn cards_claimable(
        &self,
        email: Option<String>,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.find(Finding::Claimable(email), after, limit)
    }
}

impl Embedded {
    fn find(
        &self,
        finding: Finding,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        self.ask(&self.searches, move |view| cards::find(view, &finding, after.as_ref(), limit)).boxed()
    }
}
