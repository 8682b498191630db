//! What a store checks, apart from where it keeps things: every implementation in this process answers from here.
//!
//! Nothing in this file writes. [`judge_append`] and [`judge_compaction`] look at everything first and return what is
//! to be written, so a refusal leaves nothing behind (R14).

use bytes::Bytes;
use quire_protocol::id::INTEGER_MAX;
use quire_protocol::{Epoch, Seq, Timestamp, Token};
use serde::{Deserialize, Serialize};

use super::shared::Restore;
use super::{
    Append, AppendError, Appended, Compacted, FenceChange, KEPT_RECORDS, LogId, Position, Read, Record, StoreError,
};
use crate::clock::Clock;

/// What a store knows about a log besides its records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// Where the log ends.
    pub(crate) tail: Position,
    /// The stamp of its last record.
    pub(crate) stamp: Token,
    /// The last record that lies in the archive; 0: none.
    pub(crate) trimmed: Seq,
    /// Where the snapshot was taken, if there is one.
    pub(crate) snapshot: Option<Position>,
}

/// Read access to everything that the rules look at.
pub(crate) trait Ledger {
    /// What is known about a log; `None`: it does not exist.
    fn head(&self, log: &LogId) -> Result<Option<Head>, StoreError>;

    /// Up to `limit` records from seq `from` on, archived ones included.
    fn records(&self, log: &LogId, from: Seq, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// The stored snapshot.
    fn snapshot(&self, log: &LogId) -> Result<Option<Bytes>, StoreError>;

    /// The token that passes the log's fence; `None`: nothing passes.
    fn fence(&self, log: &LogId) -> Result<Option<Token>, StoreError>;
}

/// What is to be done about an append.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// All checks passed: write this, and answer with it.
    Write(Writing),
    /// Nothing is to be written.
    Answer(Result<Appended, AppendError>),
}

/// The effects of one append.
#[derive(Debug)]
pub(crate) struct Writing {
    /// The log's new head.
    pub(crate) head: Head,
    /// The new records.
    pub(crate) records: Vec<Record>,
    /// The fences as they shall be.
    pub(crate) fences: Vec<(LogId, Option<Token>)>,
    /// The answer once all of it is durable.
    pub(crate) appended: Appended,
}

/// Panics if an append is not what its type's documentation says. That is a mistake in the caller's code, so it
/// fails in the caller's task, before anything is queued.
pub(crate) fn assert_well_formed(append: &Append) {
    assert!(!append.payloads.is_empty(), "an append has at least one payload");
    for (log, change) in &append.fences {
        assert_eq!(log.within(), append.log.within(), "a fence belongs to a log of the same book");
        if let FenceChange::Grant(index) = change {
            assert!(*index < append.payloads.len(), "a granted token is the stamp of one of the payloads");
        }
    }
}

/// Makes a restoration ready to be written; returns the last record that stays out of the log. Panics if its records
/// are not the last ones up to its seq, without a gap: that is a mistake in the caller's code.
pub(crate) fn prepare_restoration(restore: &mut Restore) -> Seq {
    let before = restore.records.first().map_or(restore.seq, |first| Seq(first.seq.0 - 1));
    let mut last = before;
    for record in &restore.records {
        assert_eq!(record.seq, last.next(), "restored records have no gap");
        last = record.seq;
    }
    assert_eq!(last, restore.seq, "restored records end where the snapshot was taken");
    if let Some(record) = restore.records.last_mut() {
        // The position that the restoration leads to is the last record's (R1).
        record.tag = restore.tag;
    }
    before
}

/// Decides about an append. `new_epoch` names the life of a log that begins.
pub(crate) fn judge_append(
    ledger: &impl Ledger,
    append: Append,
    clock: &Clock,
    new_epoch: impl FnOnce() -> Epoch,
) -> Result<Verdict, StoreError> {
    let head = ledger.head(&append.log)?;
    if let Some(head) = &head
        && let Some(appended) = find_own(ledger, head, &append)?
    {
        return Ok(Verdict::Answer(Ok(appended)));
    }
    if head.as_ref().map(|head| head.tail) != append.after {
        return Ok(Verdict::Answer(Err(misplaced(ledger, head.as_ref(), &append)?)));
    }
    if let Some((log, token)) = &append.guard
        && ledger.fence(log)? != Some(*token)
    {
        return Ok(Verdict::Answer(Err(AppendError::Fenced)));
    }
    let Some(first_stamp) = first_stamp(head.as_ref(), &append, clock) else {
        tracing::error!(log = %append.log, floor = append.stamp_floor.0, "stamps are used up: append refused");
        return Ok(Verdict::Answer(Err(AppendError::Unavailable)));
    };
    Ok(Verdict::Write(plan(head, append, first_stamp, clock.now(), new_epoch)))
}

/// The answer to an append that was done before (R8): its records follow `after` and carry its tag.
fn find_own(ledger: &impl Ledger, head: &Head, append: &Append) -> Result<Option<Appended>, StoreError> {
    if append.after.is_some_and(|after| after.epoch != head.tail.epoch) {
        return Ok(None);
    }
    let first = append.after.map_or(Seq(1), |after| after.seq.next());
    if first > head.tail.seq {
        return Ok(None);
    }
    let found = ledger.records(&append.log, first, append.payloads.len())?;
    let is_own = found.len() == append.payloads.len() && found.iter().all(|record| record.tag == append.tag);
    let (true, Some(begin), Some(end)) = (is_own, found.first(), found.last()) else { return Ok(None) };
    let position = Position { epoch: head.tail.epoch, seq: end.seq, tag: append.tag };
    Ok(Some(Appended { position, first_stamp: begin.stamp, at: begin.at }))
}

/// Why an append does not fit at the tail.
fn misplaced(ledger: &impl Ledger, head: Option<&Head>, append: &Append) -> Result<AppendError, StoreError> {
    let same_life = head.is_some_and(|head| append.after.is_none_or(|after| after.epoch == head.tail.epoch));
    if same_life {
        // R10: the caller need not ask for what it missed.
        Ok(AppendError::Conflict(Box::new(read(ledger, &append.log, append.after)?)))
    } else {
        Ok(AppendError::EpochChanged)
    }
}

/// The stamp of the first record; `None`: the last one would be more than a browser can count to.
fn first_stamp(head: Option<&Head>, append: &Append, clock: &Clock) -> Option<Token> {
    let after_log = head.map_or(0, |head| head.stamp.0.saturating_add(1));
    let after_floor = append.stamp_floor.0.saturating_add(1);
    let first = after_log.max(after_floor).max(clock.now_micros());
    let count = u64::try_from(append.payloads.len()).unwrap_or(u64::MAX);
    (first.saturating_add(count - 1) <= INTEGER_MAX).then_some(Token(first))
}

fn plan(
    head: Option<Head>,
    append: Append,
    first_stamp: Token,
    at: Timestamp,
    new_epoch: impl FnOnce() -> Epoch,
) -> Writing {
    let first = append.after.map_or(Seq(1), |after| after.seq.next());
    let records: Vec<Record> = (0..)
        .zip(append.payloads)
        .map(|(i, payload)| {
            let (seq, stamp) = (Seq(first.0 + i), Token(first_stamp.0 + i));
            Record { seq, stamp, at, tag: append.tag, payload }
        })
        .collect();
    let (Some(last), epoch) = (records.last(), head.as_ref().map_or_else(new_epoch, |head| head.tail.epoch)) else {
        unreachable!("an append has at least one payload")
    };
    let tail = Position { epoch, seq: last.seq, tag: append.tag };
    let (trimmed, snapshot) = head.map_or((Seq(0), None), |head| (head.trimmed, head.snapshot));
    let head = Head { tail, stamp: last.stamp, trimmed, snapshot };
    let fences = append.fences.into_iter().map(|(log, change)| (log, token_after(change, &records))).collect();
    Writing { head, records, fences, appended: Appended { position: tail, first_stamp, at } }
}

fn token_after(change: FenceChange, records: &[Record]) -> Option<Token> {
    match change {
        FenceChange::Grant(index) => Some(records[index].stamp),
        FenceChange::End => None,
    }
}

/// Everything after `after`, or a snapshot with everything after it (R13).
pub(crate) fn read(ledger: &impl Ledger, log: &LogId, after: Option<Position>) -> Result<Read, StoreError> {
    let Some(head) = ledger.head(log)? else { return Ok(Read::Absent) };
    if let Some(after) = after
        && after.seq >= head.trimmed
        && is_in_history(ledger, log, &head, after)?
    {
        return Ok(Read::Records { records: records_after(ledger, log, &head, after.seq)?, tail: head.tail });
    }
    let snapshot = match head.snapshot {
        None => None,
        Some(position) => {
            let lacking =
                || StoreError::Corrupt(format!("{log}: no snapshot, though one was taken at {}", position.seq));
            Some((position, ledger.snapshot(log)?.ok_or_else(lacking)?))
        }
    };
    let from = head.snapshot.map_or(Seq(0), |position| position.seq);
    Ok(Read::Snapshot { snapshot, records: records_after(ledger, log, &head, from)?, tail: head.tail })
}

/// Whether the record at this position exists and was written by the append that the position names (R1).
fn is_in_history(ledger: &impl Ledger, log: &LogId, head: &Head, position: Position) -> Result<bool, StoreError> {
    if position.epoch != head.tail.epoch || position.seq > head.tail.seq || position.seq == Seq(0) {
        return Ok(false);
    }
    // A snapshot may have been taken in an earlier life of the log, of which it tells all that is left.
    let is_snapshot = head.snapshot.is_some_and(|taken| (taken.seq, taken.tag) == (position.seq, position.tag));
    if position == head.tail || is_snapshot {
        return Ok(true);
    }
    let found = ledger.records(log, position.seq, 1)?;
    let record = found.first().filter(|record| record.seq == position.seq);
    if record.is_none() && position.seq == head.trimmed {
        // It is not among those that were put back, and what tells of it by now is a later snapshot.
        return Ok(false);
    }
    let record = record.ok_or_else(|| StoreError::Corrupt(format!("{log}: record {} is missing", position.seq)))?;
    Ok(record.tag == position.tag)
}

/// All records after `seq`, none skipped (R13).
fn records_after(ledger: &impl Ledger, log: &LogId, head: &Head, seq: Seq) -> Result<Vec<Record>, StoreError> {
    let records = ledger.records(log, seq.next(), usize::MAX)?;
    let mut expected = seq;
    for record in &records {
        expected = expected.next();
        if record.seq != expected {
            return Err(StoreError::Corrupt(format!("{log}: record {expected} is missing, {} follows", record.seq)));
        }
    }
    if expected != head.tail.seq {
        return Err(StoreError::Corrupt(format!("{log}: ends at record {expected}, not at {}", head.tail.seq)));
    }
    Ok(records)
}

/// Decides about a compaction (R2): the log's head after it, or the refusal.
pub(crate) fn judge_compaction(
    ledger: &impl Ledger,
    log: &LogId,
    position: Position,
) -> Result<Result<Head, Compacted>, StoreError> {
    let Some(head) = ledger.head(log)? else { return Ok(Err(Compacted::Stale)) };
    let is_newer = head.snapshot.is_none_or(|stored| position.seq > stored.seq);
    if !is_newer || !is_in_history(ledger, log, &head, position)? {
        return Ok(Err(Compacted::Stale));
    }
    // What the snapshot does not hold is never trimmed; nor are the last records, for those who were away briefly.
    let beyond_kept = Seq(head.tail.seq.0.saturating_sub(KEPT_RECORDS));
    let trimmed = head.trimmed.max(beyond_kept.min(position.seq));
    Ok(Ok(Head { trimmed, snapshot: Some(position), ..head }))
}
