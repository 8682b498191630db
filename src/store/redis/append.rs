//! One append is one script: it compares, writes and wakes the others.

use std::time::Duration;

use bytes::Bytes;
use quire_protocol::{Epoch, Seq, Timestamp, Token};
use redis::Value;
use tokio::time::Instant;

use super::answer::{Parts, damaged};
use super::args::Args;
use super::keys::fence;
use super::link::{Call, Script, Trouble};
use super::{Redis, wake};
use crate::store::rules;
use crate::store::{
    Append, AppendError, Appended, FenceChange, LogId, MISSES_FOR_TURN, Position, Read, Record, SCHEMA, StoreError,
    TURN_MS, Tag,
};

static APPEND: Script = Script::new(concat!("#!lua\n", include_str!("history.lua"), include_str!("append.lua")));

/// How far the store's clock may be ahead of the hub's, microseconds. Stamps from beyond it would last for ever (R14).
const AHEAD_MAX_MICROS: u64 = 24 * 60 * 60 * 1_000_000;

/// Longest wait for an answer that takes a second question.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the script found.
enum Found {
    Done(Appended),
    /// Carries what was missed, the record seen last in front, if it was not too much.
    Conflict {
        tail: Position,
        missed: Vec<Record>,
    },
    Busy,
    /// Carries the replication id of the server that says so.
    EpochChanged(String),
    Fenced,
    StampsUsedUp,
    /// Carries the store's clock, microseconds.
    ClockAhead(u64),
}

impl Redis {
    pub(super) async fn append_now(&self, append: Append) -> Result<Appended, AppendError> {
        rules::assert_well_formed(&append);
        let deadline = Instant::now() + PATIENCE;
        let keys = self.keys.log(&append.log).into_iter().chain([self.keys.fences(&append.log)]).collect();
        let call = Call { script: &APPEND, keys, args: self.append_args(&append) };
        let answer = self.link.call(call).await.map_err(|trouble| match trouble {
            Trouble::Unknown => AppendError::Unknown,
            Trouble::Away | Trouble::Refused(_) => AppendError::Unavailable,
        })?;
        // An answer that cannot be read says nothing about what was done.
        match found(answer, append.tag).map_err(|_| AppendError::Unknown)? {
            Found::Done(appended) => Ok(appended),
            Found::Conflict { tail, missed } => {
                let conflict = self.conflict(append.log, append.after, tail, missed);
                // Nothing was written, whatever comes of asking for what was missed.
                Err(tokio::time::timeout_at(deadline, conflict).await.unwrap_or(AppendError::Unavailable))
            }
            Found::Busy => Err(AppendError::Busy),
            Found::EpochChanged(master) => {
                self.ears.follow(master);
                Err(AppendError::EpochChanged)
            }
            Found::Fenced => Err(AppendError::Fenced),
            Found::StampsUsedUp => {
                tracing::error!(log = %append.log, floor = append.stamp_floor.0, "stamps are used up: append refused");
                Err(AppendError::Unavailable)
            }
            Found::ClockAhead(micros) => {
                tracing::error!(log = %append.log, micros, "the clock of Redis is more than a day ahead: append refused");
                Err(AppendError::Unavailable)
            }
        }
    }

    fn append_args(&self, append: &Append) -> Vec<Bytes> {
        let turn_ms = if append.misses + 1 >= MISSES_FOR_TURN { TURN_MS } else { 0 };
        let (guard, token) =
            append.guard.as_ref().map_or_else(Default::default, |(log, token)| (fence(log), token.0.to_string()));
        let payloads = append.payloads.iter().map(|payload| Args::default().bytes(payload.clone()));
        let fences = append.fences.iter().map(|(log, change)| {
            let field = Args::default().text(&fence(log));
            match change {
                FenceChange::Grant(index) => field.number(*index),
                FenceChange::End => field.text(""),
            }
        });
        Args::default()
            .position(append.after)
            .hex(append.tag.0)
            .number(append.stamp_floor.0)
            .text(append.by.as_str())
            .number(turn_ms)
            .hex(random())
            .number(self.clock.now_micros().saturating_add(AHEAD_MAX_MICROS))
            .number(SCHEMA)
            .text(&guard)
            .text(&token)
            .text(self.link.publish_command())
            .text(&self.keys.wake(&append.log))
            .bytes(wake::head(append))
            .bytes(if self.wakes_carry_records { wake::body(&append.payloads) } else { Bytes::new() })
            .number(append.payloads.len())
            .all(payloads)
            .all(fences)
            .done()
    }

    /// The refusal of an append that was decided on an old state, with what its caller missed (R10).
    async fn conflict(&self, log: LogId, after: Option<Position>, tail: Position, missed: Vec<Record>) -> AppendError {
        if let Some(after) = after
            && let Some((seen, missed)) = missed.split_first()
            && (seen.seq, seen.tag) == (after.seq, after.tag)
            && is_gapless(missed, after.seq, tail.seq)
        {
            return AppendError::Conflict(Box::new(Read::Records { records: missed.to_vec(), tail }));
        }
        match self.read_now(&log, after).await {
            Ok(Read::Absent) => AppendError::EpochChanged,
            Ok(read) => AppendError::Conflict(Box::new(read)),
            Err(_) => AppendError::Unavailable,
        }
    }
}

fn found(answer: Value, tag: Tag) -> Result<Found, StoreError> {
    let mut parts = Parts::of(answer)?;
    match parts.text()?.as_str() {
        "done" => {
            let position = Position { epoch: Epoch(parts.hex()?), seq: Seq(parts.number()?), tag };
            let (first_stamp, at) = (Token(parts.number()?), Timestamp(parts.number()?));
            Ok(Found::Done(Appended { position, first_stamp, at }))
        }
        "conflict" => Ok(Found::Conflict { tail: parts.position()?, missed: parts.records()? }),
        "busy" => Ok(Found::Busy),
        "epoch" => Ok(Found::EpochChanged(parts.text()?)),
        "fenced" => Ok(Found::Fenced),
        "stamps" => Ok(Found::StampsUsedUp),
        "clock" => Ok(Found::ClockAhead(parts.number()?)),
        _ => Err(damaged("a verdict")),
    }
}

/// Whether these are all records after one seq, up to another.
pub(super) fn is_gapless(records: &[Record], after: Seq, end: Seq) -> bool {
    let mut expected = after;
    let in_order = records.iter().all(|record| {
        expected = expected.next();
        record.seq == expected
    });
    in_order && expected == end
}

/// A number for a life that begins.
pub(super) fn random() -> u64 {
    getrandom::u64().expect("the system has a source of randomness")
}
