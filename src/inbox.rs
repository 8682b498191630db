//! The pure inbox of one person: what they were told, and what of it they have read. No clock, no randomness, no I/O.
//!
//! It is the sum of a log of its own. What is told twice is told once: delivery may be repeated.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::inbox::{InboxEntry, Told, Topic};
use quire_protocol::{Seq, Timestamp};
use serde::{Deserialize, Serialize};

use crate::chapter::journal::{Journal, encode};

/// What happens to an inbox, as a record's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum InboxChange {
    /// Somebody was told this. `keep`: so many entries are kept from now on.
    Told {
        /// What.
        told: Told,
        /// How many.
        keep: usize,
    },
    /// These are read.
    Read {
        /// Everything up to this.
        up_to: Seq,
        /// And each of these.
        entries: BTreeSet<Seq>,
    },
    /// Nothing of these is told from now on.
    Muted {
        /// In place of whatever it was.
        topics: BTreeSet<Topic>,
    },
}

/// An inbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inbox {
    /// The number of the newest entry that ever was.
    last: Seq,
    /// The oldest first.
    entries: VecDeque<InboxEntry>,
    /// What they are told nothing of.
    muted: BTreeSet<Topic>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 {
        last: Seq,
        entries: VecDeque<InboxEntry>,
        #[serde(default)]
        muted: BTreeSet<Topic>,
    },
}

impl Inbox {
    /// What is to be appended so that they are told this: nothing for what they were told already, or will not be told.
    pub fn tell(&self, told: &[Told], keep: usize) -> Vec<InboxChange> {
        let known: BTreeSet<&str> = self.entries.iter().map(|entry| entry.told.id.as_str()).collect();
        let wanted = |told: &&Told| !self.muted.contains(&told.topic);
        let new = told.iter().filter(wanted).filter(|told| !known.contains(told.id.as_str()));
        new.map(|told| InboxChange::Told { told: told.clone(), keep }).collect()
    }

    /// What is to be appended so that these are read: nothing if they are.
    pub fn read(&self, up_to: Option<Seq>, entries: &[Seq]) -> Vec<InboxChange> {
        let (up_to, named) = (up_to.unwrap_or_default(), entries.iter().copied().collect::<BTreeSet<Seq>>());
        let unread = |entry: &&InboxEntry| !entry.read && is_meant(entry, up_to, &named);
        let meant: BTreeSet<Seq> = self.entries.iter().filter(unread).map(|entry| entry.n).collect();
        if meant.is_empty() { Vec::new() } else { vec![InboxChange::Read { up_to, entries: meant }] }
    }

    /// What is to be appended so that nothing of these is told: nothing if it is so already.
    pub fn mute(&self, topics: &[Topic]) -> Vec<InboxChange> {
        let topics: BTreeSet<Topic> = topics.iter().copied().collect();
        if topics == self.muted { Vec::new() } else { vec![InboxChange::Muted { topics }] }
    }

    /// What they are told nothing of.
    pub fn muted(&self) -> impl Iterator<Item = Topic> {
        self.muted.iter().copied()
    }

    /// Entries before `before`, the newest first, `limit` at most, and where the next page begins.
    pub fn page(&self, before: Option<Seq>, limit: usize) -> (Vec<InboxEntry>, Option<Seq>) {
        let older = self.entries.iter().rev().filter(|entry| before.is_none_or(|before| entry.n < before));
        let mut page: Vec<InboxEntry> = older.take(limit.saturating_add(1)).cloned().collect();
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().map(|entry| entry.n).filter(|_| more);
        (page, next)
    }

    /// The entry in which they were told this.
    pub fn entry(&self, id: &str) -> Option<&InboxEntry> {
        self.entries.iter().rev().find(|entry| entry.told.id == id)
    }

    /// How many entries are unread.
    pub fn unread(&self) -> u32 {
        u32::try_from(self.entries.iter().filter(|entry| !entry.read).count()).unwrap_or(u32::MAX)
    }
}

fn is_meant(entry: &InboxEntry, up_to: Seq, entries: &BTreeSet<Seq>) -> bool {
    entry.n <= up_to || entries.contains(&entry.n)
}

impl Journal for Inbox {
    type Change = InboxChange;

    const RECORDS_MAX: usize = 128;

    fn restore(snapshot: &[u8]) -> Result<Self, String> {
        let Saved::V1 { last, entries, muted } = decode_record(snapshot)?;
        Ok(Self { last, entries, muted })
    }

    fn snapshot(&self) -> Bytes {
        encode(&Saved::V1 { last: self.last, entries: self.entries.clone(), muted: self.muted.clone() })
    }

    fn apply(&mut self, change: InboxChange, _: Timestamp) {
        match change {
            InboxChange::Told { told, keep } => {
                self.last = self.last.next();
                self.entries.push_back(InboxEntry { n: self.last, read: false, told });
                while self.entries.len() > keep {
                    self.entries.pop_front();
                }
            }
            InboxChange::Read { up_to, entries } => {
                for entry in self.entries.iter_mut().filter(|entry| is_meant(entry, up_to, &entries)) {
                    entry.read = true;
                }
            }
            InboxChange::Muted { topics } => self.muted = topics,
        }
    }
}

#[cfg(test)]
mod tests;
