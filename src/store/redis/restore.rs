//! The way back after a loss (R6).

use quire_protocol::Epoch;
use redis::Value;

use super::answer::damaged;
use super::append::random;
use super::args::Args;
use super::keys::fence;
use super::link::{Call, Script};
use super::{Redis, away};
use crate::store::shared::{RESTORE_WINDOW_MS, Restore, Restored};
use crate::store::{Position, SCHEMA, StoreError, rules};

static RESTORE: Script = Script::new(concat!("#!lua\n", include_str!("shelve.lua"), include_str!("restore.lua")));

impl Redis {
    pub(super) async fn restore_now(&self, mut restore: Restore) -> Result<Restored, StoreError> {
        let trimmed = rules::prepare_restoration(&mut restore);
        let epoch = Epoch(random());
        let keys = self.keys.log(&restore.log).into_iter();
        let keys = keys.chain([self.keys.snapshot(&restore.log), self.keys.fences(&restore.log)]).collect();
        let known = restore.fences.iter().flatten();
        let fences = known.map(|(log, token)| Args::default().text(&fence(log)).number(token.0));
        let records = restore.records.iter().map(|record| {
            let numbers = Args::default().number(record.seq.0).number(record.stamp.0).number(record.at.0);
            numbers.hex(record.tag.0).bytes(record.payload.clone())
        });
        let args = Args::default()
            .position(restore.instead_of)
            .hex(epoch.0)
            .number(restore.seq.0)
            .hex(restore.tag.0)
            .number(restore.stamp.0)
            .number(SCHEMA)
            .number(RESTORE_WINDOW_MS)
            .number(trimmed.0)
            .bytes(restore.snapshot.clone())
            // A number that is none: they stay.
            .text(&restore.fences.as_ref().map_or(String::new(), |fences| fences.len().to_string()))
            .all(fences)
            .all(records)
            .done();
        match self.link.call(Call { script: &RESTORE, keys, args }).await.map_err(away)? {
            Value::BulkString(word) if word == b"stale" => Ok(Restored::Stale),
            Value::BulkString(word) if word == b"done" => {
                Ok(Restored::Done(Position { epoch, seq: restore.seq, tag: restore.tag }))
            }
            _ => Err(damaged("a verdict")),
        }
    }
}
