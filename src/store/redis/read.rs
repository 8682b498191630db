//! Reading goes page by page, so that no script holds up the others for long.

use quire_protocol::Seq;
use redis::Value;

use super::answer::{self, Parts, damaged};
use super::append::is_gapless;
use super::args::Args;
use super::link::{Call, Script};
use super::{Redis, away};
use crate::store::{LogId, Position, Read, Record, StoreError};

static READ: Script =
    Script::new(concat!("#!lua flags=no-writes\n", include_str!("history.lua"), include_str!("read.lua")));
static TAIL: Script = Script::new(include_str!("tail.lua"));
static ARCHIVE: Script = Script::new(include_str!("archive.lua"));

/// Records in one answer.
const PAGE: usize = 512;
/// How often a read begins anew because the history changed under it.
const BEGINNINGS_MAX: u32 = 3;

/// One answer of the script.
struct Page {
    /// What [`Read`] is to be: what follows the asked position, or everything from a snapshot on.
    read: Read,
    /// Whether it goes up to the tail.
    is_last: bool,
}

impl Redis {
    pub(super) async fn read_now(&self, log: &LogId, after: Option<Position>) -> Result<Read, StoreError> {
        for _ in 0..BEGINNINGS_MAX {
            let Page { mut read, is_last } = self.page(log, after).await?;
            if is_last || self.read_on(log, &mut read).await? {
                return Ok(read);
            }
        }
        Err(StoreError::Unavailable)
    }

    /// Adds the pages that follow. No: what was read so far is not the history any more, or was trimmed.
    async fn read_on(&self, log: &LogId, read: &mut Read) -> Result<bool, StoreError> {
        let (Read::Records { records, tail } | Read::Snapshot { records, tail, .. }) = read else { return Ok(true) };
        loop {
            let Some(last) = records.last() else { return Err(damaged("records")) };
            let reached = Position { epoch: tail.epoch, seq: last.seq, tag: last.tag };
            let Page { read: Read::Records { records: more, tail: end }, is_last } =
                self.page(log, Some(reached)).await?
            else {
                return Ok(false);
            };
            records.extend(more);
            *tail = end;
            if is_last {
                return Ok(true);
            }
        }
    }

    async fn page(&self, log: &LogId, after: Option<Position>) -> Result<Page, StoreError> {
        let keys = self.keys.log(log).into_iter().chain([self.keys.snapshot(log)]).collect();
        let args = Args::default().position(after).number(PAGE).done();
        let answer = self.link.call(Call { script: &READ, keys, args }).await.map_err(away)?;
        page(answer, after).map_err(|error| named(log, error))
    }

    pub(super) async fn tails_now(&self, logs: Vec<LogId>) -> Result<Vec<Option<Position>>, StoreError> {
        let call = |log: &LogId| Call { script: &TAIL, keys: vec![self.keys.head(log)], args: vec![] };
        let answers = self.link.call_many(logs.iter().map(call).collect()).await.map_err(away)?;
        if answers.len() != logs.len() {
            return Err(damaged("an answer for each log"));
        }
        logs.iter().zip(answers).map(|(log, answer)| tail(answer).map_err(|error| named(log, error))).collect()
    }

    pub(super) async fn tail_now(&self, log: &LogId) -> Result<Option<Position>, StoreError> {
        let call = Call { script: &TAIL, keys: vec![self.keys.head(log)], args: vec![] };
        tail(self.link.call(call).await.map_err(away)?).map_err(|error| named(log, error))
    }

    pub(super) async fn read_archive_now(
        &self,
        log: &LogId,
        from: Seq,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let (mut records, mut from, mut weight) = (Vec::new(), from, 0);
        while records.len() < limit {
            let args = Args::default().number(from.0).number(PAGE.min(limit - records.len())).done();
            let call = Call { script: &ARCHIVE, keys: self.keys.log(log), args };
            let page = answer::records(self.link.call(call).await.map_err(away)?).map_err(|error| named(log, error))?;
            let Some(last) = page.last() else { break };
            from = last.seq.next();
            for record in page {
                weight += record.payload.len();
                if weight > bytes {
                    return Ok(records);
                }
                records.push(record);
            }
        }
        Ok(records)
    }
}

fn page(answer: Value, after: Option<Position>) -> Result<Page, StoreError> {
    let mut parts = Parts::of(answer)?;
    if parts.is_empty() {
        return Ok(Page { read: Read::Absent, is_last: true });
    }
    let is_known = parts.text()? == "records";
    let (tail, records) = (parts.position()?, parts.records()?);
    let (read, from) = if is_known {
        (None, after.map_or(Seq(0), |after| after.seq))
    } else {
        let snapshot = match parts.bytes_if_any()? {
            Some(state) => {
                let (seq, tag) = (Seq(parts.number()?), crate::store::Tag(parts.hex()?));
                Some((Position { seq, tag, ..tail }, state))
            }
            None if !parts.is_empty() => return Err(damaged("a snapshot, though one was taken")),
            None => None,
        };
        let from = snapshot.as_ref().map_or(Seq(0), |(position, _)| position.seq);
        (Some(snapshot), from)
    };
    let end = records.last().map_or(from, |record| record.seq);
    let is_last = end == tail.seq;
    // Nothing is skipped in silence (R13).
    if !is_gapless(&records, from, end) || (!is_last && records.len() < PAGE) {
        return Err(damaged("some of the records"));
    }
    let read = match read {
        None => Read::Records { records, tail },
        Some(snapshot) => Read::Snapshot { snapshot, records, tail },
    };
    Ok(Page { read, is_last })
}

fn tail(answer: Value) -> Result<Option<Position>, StoreError> {
    if matches!(&answer, Value::Array(parts) if parts.iter().all(|part| *part == Value::Nil)) {
        return Ok(None);
    }
    Parts::of(answer)?.position().map(Some)
}

fn named(log: &LogId, error: StoreError) -> StoreError {
    match error {
        StoreError::Corrupt(found) => StoreError::Corrupt(format!("{log}: {found}")),
        StoreError::Unavailable => error,
    }
}
