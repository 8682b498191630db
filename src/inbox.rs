//! The pure inbox of one person: what they were told, and what of it they have read. No clock, no randomness, no I/O.
//!
//! It is the sum of a log of its own. What is told twice is told once: delivery may be repeated.

mod choices;
mod post;
pub mod words;

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::inbox::{ByMail, InboxEntry, Told, Topic, TopicChoice, TopicSwitch};
use quire_protocol::{Seq, Timestamp};
use serde::{Deserialize, Serialize};

use crate::chapter::journal::{Journal, encode};
use choices::Choices;
use post::Post;

pub use post::{Due, next_day};

/// What happens to an inbox, as a record's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum InboxChange {
    /// Somebody was told this. `keep`: so many entries are kept from now on.
    Told {
        /// What.
        told: Box<Told>,
        /// How many.
        keep: usize,
        /// It is an entry of the inbox.
        #[serde(default = "yes")]
        shown: bool,
        /// And they are to be mailed it.
        #[serde(default)]
        mail: Mailed,
    },
    /// These are read.
    Read {
        /// Everything up to this.
        up_to: Seq,
        /// And each of these.
        entries: BTreeSet<Seq>,
    },
    /// Nothing of these is told from now on, by any channel: as it was written before there were several.
    Muted {
        /// In place of whatever it was.
        topics: BTreeSet<Topic>,
    },
    /// Of these topics they are told so from now on.
    Chosen {
        /// Each topic by itself.
        choices: Vec<TopicChoice>,
    },
    /// They proved this address: mail goes there from now on.
    Reachable {
        /// It, in normal form.
        address: String,
    },
    /// These were mailed, or need not be any more.
    Mailed {
        /// By their ids.
        ids: BTreeSet<String>,
    },
}

/// Whether somebody is mailed something that they are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mailed {
    /// No.
    #[default]
    No,
    /// In a letter of its own.
    AtOnce,
    /// In the next daily letter.
    Daily,
}

const fn yes() -> bool {
    true
}

/// By what it is judged how somebody is told.
pub struct Rules<'a> {
    /// So many entries are kept.
    pub keep: usize,
    /// How the library lets anybody be told.
    pub allowed: &'a dyn Fn(Topic) -> TopicSwitch,
    /// So many letters at once a day; 0 and no more: they cannot be mailed.
    pub mails: Option<usize>,
    /// The time.
    pub now: Timestamp,
}

/// An inbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inbox {
    /// The number of the newest entry that ever was.
    last: Seq,
    /// The oldest first.
    entries: VecDeque<InboxEntry>,
    /// How they want to be told.
    choices: Choices,
    /// What they are still to be mailed.
    post: Post,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 {
        last: Seq,
        entries: VecDeque<InboxEntry>,
        /// As it was before there were several channels.
        #[serde(default, skip_serializing)]
        muted: BTreeSet<Topic>,
        #[serde(default)]
        choices: Choices,
        #[serde(default)]
        post: Post,
    },
}

impl Inbox {
    /// What is to be appended so that they are told this: nothing for what they were told already, or will not be told.
    pub fn tell(&self, told: &[Told], rules: &Rules<'_>) -> Vec<InboxChange> {
        let shown = self.entries.iter().map(|entry| entry.told.id.as_str());
        let mut known: BTreeSet<&str> = shown.chain(self.post.known()).collect();
        let mut left = rules.mails.map_or(0, |max| self.post.left_at_once(max, rules.now));
        let mut changes = Vec::new();
        for told in told {
            if !known.insert(&told.id) {
                continue;
            }
            let (choice, allowed) = (self.choices.of(told.topic), (rules.allowed)(told.topic));
            let shown = choice.inbox && allowed.inbox;
            let mail = match choice.mail {
                _ if rules.mails.is_none() || !allowed.mail => Mailed::No,
                // An invitation has a letter of its own.
                _ if told.topic == Topic::Invited => Mailed::No,
                ByMail::Off => Mailed::No,
                // A flood comes as one letter a day.
                ByMail::AtOnce if left == 0 => Mailed::Daily,
                ByMail::AtOnce => {
                    left -= 1;
                    Mailed::AtOnce
                }
                ByMail::Daily => Mailed::Daily,
            };
            if shown || mail != Mailed::No {
                changes.push(InboxChange::Told { told: Box::new(told.clone()), keep: rules.keep, shown, mail });
            }
        }
        changes
    }

    /// What is to be appended so that these are read: nothing if they are.
    pub fn read(&self, up_to: Option<Seq>, entries: &[Seq]) -> Vec<InboxChange> {
        let (up_to, named) = (up_to.unwrap_or_default(), entries.iter().copied().collect::<BTreeSet<Seq>>());
        let unread = |entry: &&InboxEntry| !entry.read && is_meant(entry, up_to, &named);
        let meant: BTreeSet<Seq> = self.entries.iter().filter(unread).map(|entry| entry.n).collect();
        if meant.is_empty() { Vec::new() } else { vec![InboxChange::Read { up_to, entries: meant }] }
    }

    /// What is to be appended so that they are told so of these topics: nothing if it is so already.
    pub fn choose(&self, choices: &[TopicChoice]) -> Vec<InboxChange> {
        let choices = self.choices.changed_by(choices);
        if choices.is_empty() { Vec::new() } else { vec![InboxChange::Chosen { choices }] }
    }

    /// How they want to be told of this.
    pub fn choice(&self, topic: Topic) -> TopicChoice {
        self.choices.of(topic)
    }

    /// What is to be appended so that mail goes to this address: nothing if it does.
    pub fn reach(&self, address: &str) -> Vec<InboxChange> {
        if self.address() == Some(address) {
            return Vec::new();
        }
        vec![InboxChange::Reachable { address: address.to_owned() }]
    }

    /// The address that they proved last.
    pub fn address(&self) -> Option<&str> {
        self.post.address.as_deref()
    }

    /// The next letter that is due. A day has `every_ms`.
    pub fn due(&self, now: Timestamp, every_ms: u64) -> Option<Due> {
        let is_read = |n| self.entries.iter().any(|entry| entry.n == n && entry.read);
        let mut due = self.post.due(is_read, now, every_ms)?;
        // They may have chosen otherwise meanwhile.
        due.told.retain(|told| self.choices.of(told.topic).mail != ByMail::Off);
        Some(due)
    }

    /// When the next letter is due; `None`: none is owed.
    pub fn due_at(&self, now: Timestamp, every_ms: u64) -> Option<Timestamp> {
        self.post.due_at(now, every_ms)
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
        let Saved::V1 { last, entries, muted, choices, post } = decode_record(snapshot)?;
        let choices = if muted.is_empty() { choices } else { Choices::silent(&muted) };
        Ok(Self { last, entries, choices, post })
    }

    fn snapshot(&self) -> Bytes {
        encode(&Saved::V1 {
            last: self.last,
            entries: self.entries.clone(),
            muted: BTreeSet::new(),
            choices: self.choices.clone(),
            post: self.post.clone(),
        })
    }

    fn apply(&mut self, change: InboxChange, at: Timestamp) {
        match change {
            InboxChange::Told { told, keep, shown, mail } => {
                if shown {
                    self.last = self.last.next();
                    self.entries.push_back(InboxEntry { n: self.last, read: false, told: (*told).clone() });
                    while self.entries.len() > keep {
                        self.entries.pop_front();
                    }
                } else {
                    self.post.remember(&told.id, keep);
                }
                self.post.owe(*told, mail, shown.then_some(self.last), at);
            }
            InboxChange::Read { up_to, entries } => {
                for entry in self.entries.iter_mut().filter(|entry| is_meant(entry, up_to, &entries)) {
                    entry.read = true;
                }
            }
            InboxChange::Muted { topics } => self.choices = Choices::silent(&topics),
            InboxChange::Chosen { choices } => self.choices.set(choices),
            InboxChange::Reachable { address } => self.post.address = Some(address),
            InboxChange::Mailed { ids } => self.post.is_mailed(&ids),
        }
    }
}

#[cfg(test)]
mod tests;
