//! The one thread that writes, with group commit: everything that waits goes into one transaction, and is answered
//! when that is durable. So a batch costs one fsync, however many appends it holds, and each append sees what the
//! ones before it in the batch did.
//!
//! A commit that fails is not guessed about (R8): the database is closed and opened again, and what is in it then
//! decides between done and not done. As long as it cannot be opened or read, the appends of that batch are unknown;
//! as long as it cannot be opened, everything else is refused.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use quire_protocol::Epoch;
use redb::{Database, WriteTransaction};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::directory::{self, Directory};
use super::disk::OpenDisk;
use super::tables::{self, View};
use super::{Shared, cards};
use crate::clock::Clock;
use crate::store::rules::{self, Ledger, Verdict};
use crate::store::{Append, AppendError, Appended, Card, Compacted, LogId, Position, Record, StoreError, Tag};

/// Jobs in one transaction: enough to make the fsync cheap, few enough to answer soon.
const BATCH_JOBS_MAX: usize = 256;
/// Weight of one transaction, in KiB. A job may be larger, and then is alone.
const BATCH_KIB_MAX: usize = 4 * 1024;
/// Appends of failed commits that are remembered (I5); whoever waits for an answer gives up long before.
const UNRESOLVED_MAX: usize = 16 * BATCH_JOBS_MAX;

/// Something to write.
#[derive(Debug)]
pub(super) enum Work {
    Append(Append),
    Compact { log: LogId, position: Position, snapshot: Bytes },
    Forget(LogId),
    PutCard(Card),
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    Append(Result<Appended, AppendError>),
    Compact(Result<Compacted, StoreError>),
    Forget(Result<(), StoreError>),
    PutCard(Result<(), StoreError>),
}

/// Work in the queue. The permit is its weight in KiB, given back when it is done.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) answer: oneshot::Sender<Outcome>,
    pub(super) weight: OwnedSemaphorePermit,
}

pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    /// Held until the thread has closed the database.
    pub(super) directory: Directory,
    pub(super) open_disk: OpenDisk,
    pub(super) clock: Clock,
    /// The appends of failed commits that nobody could look up yet, the oldest first.
    pub(super) unresolved: VecDeque<Tag>,
}

/// How far a batch came.
enum Attempt {
    /// Everything is durable.
    Committed(Vec<Outcome>),
    /// Nothing was committed.
    Undone,
    /// The commit failed: these are true if it happened after all.
    Unknown(Vec<Outcome>),
}

impl Writer {
    /// Works until nobody can send any more, then closes the database.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let over = OverOnPanic(self.shared.fatal.clone());
        let mut next = None;
        while let Some(first) = next.take().or_else(|| jobs.blocking_recv()) {
            let batch;
            (batch, next) = drain(first, &mut jobs);
            let (works, answers): (Vec<_>, Vec<_>) =
                batch.into_iter().map(|job| (job.work, (job.answer, job.weight))).unzip();
            for (outcome, (answer, _weight)) in self.settle(&works).into_iter().zip(answers) {
                // Nobody waits any more for an answer that cannot be sent.
                drop(answer.send(outcome));
            }
        }
        self.close();
        drop(over);
    }

    fn settle(&mut self, works: &[Work]) -> Vec<Outcome> {
        if !self.is_open() && !self.reopen() {
            return self.refuse(works);
        }
        match self.attempt(works) {
            Attempt::Committed(outcomes) => {
                self.forget_resolved(works, &outcomes);
                outcomes
            }
            Attempt::Undone => {
                let refusals = self.refuse(works);
                self.reopen();
                refusals
            }
            Attempt::Unknown(outcomes) => self.resolve(works, outcomes),
        }
    }

    fn attempt(&self, works: &[Work]) -> Attempt {
        let database = self.shared.database.read().unwrap_or_else(PoisonError::into_inner);
        // The default durability: a commit is on the disk when it returns.
        let Some(Ok(transaction)) = database.as_ref().map(Database::begin_write) else { return Attempt::Undone };
        let (mut outcomes, mut wrote_any) = (Vec::with_capacity(works.len()), false);
        for work in works {
            match self.perform(&transaction, work) {
                Ok((outcome, wrote)) => {
                    outcomes.push(outcome);
                    wrote_any |= wrote;
                }
                Err(Failed) => return Attempt::Undone,
            }
        }
        if !wrote_any {
            return Attempt::Committed(outcomes);
        }
        match transaction.commit() {
            Ok(()) => Attempt::Committed(outcomes),
            Err(error) => {
                tracing::error!(%error, "a commit failed: opening the database again");
                Attempt::Unknown(outcomes)
            }
        }
    }

    /// Does one piece of work within the transaction. Says whether that changed anything.
    fn perform(&self, transaction: &WriteTransaction, work: &Work) -> Result<(Outcome, bool), Failed> {
        match work {
            Work::Append(append) => self.append(transaction, append),
            Work::Compact { log, position, snapshot } => {
                match rules::judge_compaction(&View::Write(transaction), log, *position) {
                    Ok(Ok(head)) => {
                        tables::compact(transaction, log, &head, snapshot).map_err(|_| Failed)?;
                        Ok((Outcome::Compact(Ok(Compacted::Done)), true))
                    }
                    Ok(Err(refused)) => Ok((Outcome::Compact(Ok(refused)), false)),
                    Err(error) => Ok((Outcome::Compact(Err(passable(error)?)), false)),
                }
            }
            Work::Forget(log) => {
                let was_there = tables::forget(transaction, log).map_err(|_| Failed)?;
                Ok((Outcome::Forget(Ok(())), was_there))
            }
            Work::PutCard(card) => match cards::stored(View::Write(transaction), &card.book) {
                Ok(Some(stored)) if stored.seq > card.seq || stored == *card => Ok((Outcome::PutCard(Ok(())), false)),
                Ok(stored) => {
                    cards::replace(transaction, stored.as_ref(), card).map_err(|_| Failed)?;
                    Ok((Outcome::PutCard(Ok(())), true))
                }
                Err(error) => Ok((Outcome::PutCard(Err(passable(error)?)), false)),
            },
        }
    }

    fn append(&self, transaction: &WriteTransaction, append: &Append) -> Result<(Outcome, bool), Failed> {
        // A life of a log that begins without randomness could be taken for another.
        let Ok(epoch) = getrandom::u64() else { return Err(Failed) };
        match rules::judge_append(&View::Write(transaction), append.clone(), &self.clock, || Epoch(epoch)) {
            Ok(Verdict::Write(writing)) => {
                tables::write(transaction, &append.log, &writing).map_err(|_| Failed)?;
                Ok((Outcome::Append(Ok(writing.appended)), true))
            }
            Ok(Verdict::Answer(answer)) => Ok((Outcome::Append(answer), false)),
            Err(error) => {
                let error = passable(error)?;
                tracing::error!(log = %append.log, %error, "append refused");
                Ok((Outcome::Append(Err(self.refusal(append))), false))
            }
        }
    }

    /// Finds out what became of a batch whose commit failed.
    fn resolve(&mut self, works: &[Work], outcomes: Vec<Outcome>) -> Vec<Outcome> {
        let is_open = self.reopen();
        let settled = works.iter().zip(outcomes).map(|(work, outcome)| {
            let (Work::Append(append), Outcome::Append(Ok(appended))) = (work, &outcome) else {
                return self.refuse_one(work);
            };
            let durable = if is_open { self.is_durable(append, appended) } else { Err(StoreError::Unavailable) };
            match durable {
                Ok(true) => return outcome,
                Ok(false) => {}
                // R8: "not done" is said only of what was looked up.
                Err(_) => self.remember(append.tag),
            }
            self.refuse_one(work)
        });
        settled.collect()
    }

    fn is_durable(&self, append: &Append, appended: &Appended) -> Result<bool, StoreError> {
        self.shared.ask(|view| {
            let epoch = view.head(&append.log)?.map(|head| head.tail.epoch);
            let last = view.records(&append.log, appended.position.seq, 1)?;
            let is_own = |record: &Record| record.seq == appended.position.seq && record.tag == append.tag;
            Ok(epoch == Some(appended.position.epoch) && last.first().is_some_and(is_own))
        })
    }

    fn remember(&mut self, tag: Tag) {
        if self.unresolved.contains(&tag) {
            return;
        }
        if self.unresolved.len() == UNRESOLVED_MAX {
            self.unresolved.pop_front();
        }
        self.unresolved.push_back(tag);
    }

    /// What was answered from what is durable needs not be remembered any more.
    fn forget_resolved(&mut self, works: &[Work], outcomes: &[Outcome]) {
        for (work, outcome) in works.iter().zip(outcomes) {
            if let (Work::Append(append), Outcome::Append(answer)) = (work, outcome)
                && *answer != Err(AppendError::Unknown)
            {
                self.unresolved.retain(|tag| *tag != append.tag);
            }
        }
    }

    /// The answers to work that did not happen, or of which nobody knows.
    fn refuse(&self, works: &[Work]) -> Vec<Outcome> {
        works.iter().map(|work| self.refuse_one(work)).collect()
    }

    fn refuse_one(&self, work: &Work) -> Outcome {
        match work {
            Work::Append(append) => Outcome::Append(Err(self.refusal(append))),
            Work::Compact { .. } => Outcome::Compact(Err(StoreError::Unavailable)),
            Work::Forget(_) => Outcome::Forget(Err(StoreError::Unavailable)),
            Work::PutCard(_) => Outcome::PutCard(Err(StoreError::Unavailable)),
        }
    }

    /// An append that this call did not do; an earlier one may have.
    fn refusal(&self, append: &Append) -> AppendError {
        if self.unresolved.contains(&append.tag) { AppendError::Unknown } else { AppendError::Unavailable }
    }

    fn is_open(&self) -> bool {
        self.shared.database.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Closes the database, if it is open, and opens it again, unless the store is over.
    fn reopen(&mut self) -> bool {
        self.close();
        if self.shared.fatal.is_cancelled() {
            return false;
        }
        let opened = directory::open_database(&self.directory.database_path(), &self.open_disk, &self.shared.fatal);
        match opened {
            Ok(database) => {
                tracing::info!("the database is open again");
                *self.shared.database.write().unwrap_or_else(PoisonError::into_inner) = Some(database);
                true
            }
            Err(error) => {
                tracing::error!(%error, "the database cannot be opened again");
                false
            }
        }
    }

    fn close(&mut self) {
        let database = self.shared.database.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(error)) = database.map(Database::close) {
            tracing::error!(%error, "the database did not close well; the next opening repairs it");
        }
    }
}

/// The database failed in the middle of a transaction, which must not be committed.
struct Failed;

/// An error that was found before anything was written, if the transaction can go on without the work it came from.
fn passable(error: StoreError) -> Result<StoreError, Failed> {
    match error {
        StoreError::Corrupt(_) => Ok(error),
        StoreError::Unavailable => Err(Failed),
    }
}

/// The first job with all that wait behind it, up to the size of a batch; and the one that did not fit any more.
fn drain(first: Job, jobs: &mut mpsc::Receiver<Job>) -> (Vec<Job>, Option<Job>) {
    let mut kib = first.weight.num_permits();
    let mut batch = vec![first];
    while batch.len() < BATCH_JOBS_MAX {
        let Ok(job) = jobs.try_recv() else { break };
        kib += job.weight.num_permits();
        if kib > BATCH_KIB_MAX {
            return (batch, Some(job));
        }
        batch.push(job);
    }
    (batch, None)
}

/// A writer that panicked leaves a store that is over.
struct OverOnPanic(CancellationToken);

impl Drop for OverOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.cancel();
        }
    }
}
