//! The versions of a chapter's text: which states are kept, why, and which may go. What they say lies elsewhere.

use std::collections::BTreeMap;

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::event::Person;
use quire_protocol::frame::Answer;
use quire_protocol::view::{VersionCause, VersionRow};
use quire_protocol::{Limits, Rejection, Seq, Timers, Timestamp, What, text};
use serde::{Deserialize, Serialize};

use super::journal::{Journal, encode};
use crate::store::Record;

/// Between two names of one version.
const NAMES_APART: &str = "; ";
const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// What happens to a chapter's versions, as a record's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum VersionsChange {
    /// One more.
    #[serde(rename = "kept")]
    Kept(Kept),
    /// One has another name, or none.
    #[serde(rename = "named")]
    Named {
        /// Which.
        rev: Seq,
        /// Its name.
        label: Option<String>,
    },
    /// A point of the book names one. It stays, whatever becomes of its name.
    #[serde(rename = "pinned")]
    Pinned {
        /// Which.
        rev: Seq,
    },
    /// These thinned out.
    #[serde(rename = "dropped")]
    Dropped {
        /// Which.
        revs: Vec<Seq>,
    },
}

/// What is said about a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The position of the text.
    pub rev: Seq,
    /// Who wrote last, or kept it by hand.
    pub by: Option<Person>,
    /// Why.
    pub cause: VersionCause,
    /// Its name.
    pub label: Option<String>,
    /// The version that it brought back.
    pub restored: Option<Seq>,
    /// Words in the text.
    pub words: u32,
    /// Words that came since the version before.
    pub added: u32,
    /// Words that went since the version before.
    pub removed: u32,
}

/// The text of a version as a record's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum KeptText {
    /// A full state.
    #[serde(rename = "state")]
    State {
        /// Yjs, v1, compressed with gzip.
        gzip: Bytes,
    },
}

/// A version with the time when it was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Version {
    kept: Kept,
    at: Timestamp,
    /// A point of the book names it.
    #[serde(default)]
    pinned: bool,
}

/// [`Versions`] as they are stored.
#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 { versions: Vec<Version> },
}

/// The versions of a chapter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Versions {
    by_rev: BTreeMap<Seq, Version>,
}

impl Versions {
    /// Whether one more can be kept at all.
    pub fn has_room(&self, kept: &Kept, now: Timestamp, limits: &Limits, timers: &Timers) -> Result<(), Rejection> {
        self.keep(kept.clone(), now, limits, timers).map(|_| ())
    }

    /// Whether the text at this position is kept.
    pub fn has(&self, rev: Seq) -> bool {
        self.by_rev.contains_key(&rev)
    }

    /// A version that the caller named.
    pub fn find(&self, rev: Seq) -> Result<(), Rejection> {
        if self.has(rev) { Ok(()) } else { Err(Rejection::NotFound { what: What::Version }) }
    }

    /// How many words the text at this position has, if it is kept.
    pub fn words(&self, rev: Seq) -> Option<u32> {
        self.by_rev.get(&rev).map(|version| version.kept.words)
    }

    /// The last version before this position.
    pub fn before(&self, rev: Seq) -> Option<Seq> {
        self.by_rev.range(..rev).next_back().map(|(rev, _)| *rev)
    }

    /// What keeping one more means: that, and what has to go for it. Nothing, if that text is kept already.
    pub fn keep(
        &self,
        kept: Kept,
        now: Timestamp,
        limits: &Limits,
        timers: &Timers,
    ) -> Result<Vec<VersionsChange>, Rejection> {
        if self.has(kept.rev) {
            return self.also_name(kept.rev, kept.label, limits);
        }
        let mut gone = self.thinned(now, timers);
        let max = limits.versions_per_chapter;
        let free = |version: &&Version| version.is_free() && !gone.contains(&version.kept.rev);
        let over = (self.by_rev.len() + 1).saturating_sub(gone.len() + max);
        let oldest: Vec<Seq> = self.by_rev.values().filter(free).map(|version| version.kept.rev).take(over).collect();
        if oldest.len() < over {
            let used = self.by_rev.len() as u64;
            return Err(Rejection::LimitReached { limit: "versions_per_chapter".into(), max: max as u64, used });
        }
        gone.extend(oldest);
        let dropped = (!gone.is_empty()).then_some(VersionsChange::Dropped { revs: gone });
        Ok(dropped.into_iter().chain([VersionsChange::Kept(kept)]).collect())
    }

    /// What keeping one for a point of the book means: it stays for good. The point has the name, so a version whose
    /// names are too long for one more does without.
    pub fn keep_for_point(
        &self,
        kept: Kept,
        now: Timestamp,
        limits: &Limits,
        timers: &Timers,
    ) -> Result<Vec<VersionsChange>, Rejection> {
        let rev = kept.rev;
        let mut changes = match self.keep(kept, now, limits, timers) {
            Err(Rejection::TooLarge { .. }) if self.has(rev) => Vec::new(),
            kept => kept?,
        };
        if !self.by_rev.get(&rev).is_some_and(|version| version.pinned) {
            changes.push(VersionsChange::Pinned { rev });
        }
        Ok(changes)
    }

    /// A text that is kept already gets another name beside the one it has: named ones stay.
    fn also_name(&self, rev: Seq, label: Option<String>, limits: &Limits) -> Result<Vec<VersionsChange>, Rejection> {
        let (Some(version), Some(label)) = (self.by_rev.get(&rev), label) else { return Ok(Vec::new()) };
        let label = match &version.kept.label {
            Some(known) if known.split(NAMES_APART).any(|name| name == label) => return Ok(Vec::new()),
            Some(known) => self::label(&format!("{known}{NAMES_APART}{label}"), limits)?,
            None => label,
        };
        Ok(vec![VersionsChange::Named { rev, label: Some(label) }])
    }

    /// Versions that nobody named and that are old: the last one of each hour stays, then the last one of each day.
    fn thinned(&self, now: Timestamp, timers: &Timers) -> Vec<Seq> {
        let mut gone = Vec::new();
        let mut newer_slot = None;
        for version in self.by_rev.values().rev().filter(|version| version.is_free()) {
            let age = now.ms_since(version.at);
            let slot = match age {
                _ if age >= timers.version_daily_ms => (DAY_MS, version.at.0 / DAY_MS),
                _ if age >= timers.version_hourly_ms => (HOUR_MS, version.at.0 / HOUR_MS),
                _ => continue,
            };
            if newer_slot == Some(slot) {
                gone.push(version.kept.rev);
            }
            newer_slot = Some(slot);
        }
        gone
    }

    /// What giving a version a name means; nothing, if it has that name.
    pub fn name(&self, rev: Seq, label: Option<&str>, limits: &Limits) -> Result<Option<VersionsChange>, Rejection> {
        let version = self.by_rev.get(&rev).ok_or(Rejection::NotFound { what: What::Version })?;
        let label = label.map(|raw| self::label(raw, limits)).transpose()?;
        Ok((version.kept.label != label).then_some(VersionsChange::Named { rev, label }))
    }

    /// All of them, the newest first.
    pub fn list(&self) -> Answer {
        let row = |Version { kept, at, pinned }: &Version| VersionRow {
            rev: kept.rev,
            kept_at: *at,
            by: kept.by.clone(),
            cause: kept.cause,
            label: kept.label.clone(),
            restored: kept.restored,
            pinned: *pinned,
            words: kept.words,
            added: kept.added,
            removed: kept.removed,
        };
        Answer::Versions { versions: self.by_rev.values().rev().map(row).collect() }
    }
}

impl Journal for Versions {
    type Change = VersionsChange;

    const RECORDS_MAX: usize = 256;

    fn restore(snapshot: &[u8]) -> Result<Self, String> {
        let Saved::V1 { versions } = decode_record(snapshot)?;
        Ok(Self { by_rev: versions.into_iter().map(|version| (version.kept.rev, version)).collect() })
    }

    fn snapshot(&self) -> Bytes {
        encode(&Saved::V1 { versions: self.by_rev.values().cloned().collect() })
    }

    fn apply(&mut self, change: VersionsChange, at: Timestamp) {
        match change {
            VersionsChange::Kept(kept) => {
                self.by_rev.insert(kept.rev, Version { kept, at, pinned: false });
            }
            VersionsChange::Named { rev, label } => {
                if let Some(version) = self.by_rev.get_mut(&rev) {
                    version.kept.label = label;
                }
            }
            VersionsChange::Pinned { rev } => {
                if let Some(version) = self.by_rev.get_mut(&rev) {
                    version.pinned = true;
                }
            }
            VersionsChange::Dropped { revs } => self.by_rev.retain(|rev, _| !revs.contains(rev)),
        }
    }
}

impl Version {
    /// It may thin out: nobody gave it a name, no point of the book names it, and it is not what all began with.
    fn is_free(&self) -> bool {
        let Self { kept: Kept { label, cause, .. }, pinned, .. } = self;
        label.is_none() && !pinned && *cause != VersionCause::Imported
    }
}

/// A version's name: one line that is not empty.
pub fn label(raw: &str, limits: &Limits) -> Result<String, Rejection> {
    let label = text::clean_line(raw);
    if label.is_empty() {
        return Err(Rejection::invalid("label", "it is empty"));
    }
    if label.chars().count() > limits.title_chars {
        return Err(Rejection::TooLarge { limit: "title_chars".into(), max: limits.title_chars as u64 });
    }
    Ok(label)
}

impl KeptText {
    /// What a record says, or why it cannot be read.
    pub fn of(record: &Record) -> Result<Self, String> {
        decode_record(&record.payload).map_err(|error| format!("record {}: {error}", record.seq))
    }
}

#[cfg(test)]
mod tests;
