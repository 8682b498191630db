//! A compaction is decided in one script (R2); then records move to the archive, some at a time. And a log's end.

use bytes::Bytes;
use redis::Value;

use super::answer::damaged;
use super::args::Args;
use super::keys::fence;
use super::link::{Call, Script};
use super::{Redis, away};
use crate::store::{Compacted, KEPT_RECORDS, LogId, Position, SCHEMA, StoreError};

static COMPACT: Script = Script::new(concat!("#!lua\n", include_str!("history.lua"), include_str!("compact.lua")));
static TRIM: Script = Script::new(concat!("#!lua\n", include_str!("shelve.lua"), include_str!("trim.lua")));

static FORGET: Script = Script::new(concat!("#!lua\n", include_str!("forget.lua")));

/// Records that one script moves, so that others do not wait long.
const MOVED_AT_ONCE: usize = 250;

impl Redis {
    pub(super) async fn compact_now(
        &self,
        log: &LogId,
        position: Position,
        snapshot: Bytes,
    ) -> Result<Compacted, StoreError> {
        let keys = self.keys.log(log).into_iter().chain([self.keys.snapshot(log)]).collect();
        let args = Args::default().position(Some(position)).number(SCHEMA).bytes(snapshot).done();
        match self.link.call(Call { script: &COMPACT, keys, args }).await.map_err(away)? {
            Value::BulkString(word) if word == b"stale" => return Ok(Compacted::Stale),
            Value::BulkString(word) if word == b"done" => {}
            _ => return Err(damaged("a verdict")),
        }
        // Whoever stops in the middle leaves the rest to the next compaction.
        loop {
            let args = Args::default().number(KEPT_RECORDS).number(MOVED_AT_ONCE).done();
            let call = Call { script: &TRIM, keys: self.keys.log(log), args };
            match self.link.call(call).await.map_err(away)? {
                Value::Int(0) => return Ok(Compacted::Done),
                Value::Int(_) => {}
                _ => return Err(damaged("a count")),
            }
        }
    }

    pub(super) async fn forget_now(&self, log: &LogId) -> Result<(), StoreError> {
        let others = [self.keys.snapshot(log), self.keys.fences(log)];
        let keys = self.keys.log(log).into_iter().chain(others).collect();
        let args = Args::default().text(&fence(log)).done();
        self.link.call(Call { script: &FORGET, keys, args }).await.map(drop).map_err(away)
    }
}
