//! What one person is still to be mailed. A letter is owed from the record that tells them of something until the one that
//! says that it left, so none is lost with a hub, and none is written twice but by one that dies in between.

use std::collections::{BTreeSet, VecDeque};

use quire_protocol::inbox::Told;
use quire_protocol::{Seq, Timestamp};
use serde::{Deserialize, Serialize};

use super::Mailed;

/// Things that one person may still have to be mailed; over it, the oldest goes unmailed.
const OWED_MAX: usize = 200;
/// Letters at once are counted over this time.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// What is still to be mailed, and where to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Post {
    /// The oldest first.
    owed: VecDeque<Owed>,
    /// What was told by mail alone, by its ids: it is told no more.
    by_mail: VecDeque<String>,
    /// When letters at once were owed, within the last day.
    at_once: VecDeque<Timestamp>,
    /// The address that they proved last.
    pub(super) address: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Owed {
    told: Told,
    daily: bool,
    /// Its entry in the inbox, if it is there.
    entry: Option<Seq>,
    since: Timestamp,
}

/// The next letter that somebody is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    /// What it says, the oldest first.
    pub told: Vec<Told>,
    /// What is mailed, or need not be, once it left.
    pub ids: BTreeSet<String>,
    /// The day of a daily letter: everything in it was told before. `None`: a letter at once, of one thing.
    pub day: Option<Timestamp>,
}

impl Post {
    /// Everything whose telling nobody can read from the inbox.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        self.by_mail.iter().map(String::as_str).chain(self.owed.iter().map(|owed| owed.told.id.as_str()))
    }

    /// How many more letters at once may be owed today.
    pub(super) fn left_at_once(&self, max: usize, now: Timestamp) -> usize {
        max.saturating_sub(self.at_once.iter().filter(|at| now < at.plus_ms(DAY_MS)).count())
    }

    /// They were told this, and it is not in the inbox. `keep`: so many of such are remembered.
    pub(super) fn remember(&mut self, id: &str, keep: usize) {
        self.by_mail.push_back(id.to_owned());
        while self.by_mail.len() > keep {
            self.by_mail.pop_front();
        }
    }

    /// They were told this. `entry`: where it is in the inbox.
    pub(super) fn owe(&mut self, told: Told, mail: Mailed, entry: Option<Seq>, at: Timestamp) {
        let daily = match mail {
            Mailed::No => return,
            Mailed::AtOnce => false,
            Mailed::Daily => true,
        };
        if !daily {
            self.at_once.retain(|before| at < before.plus_ms(DAY_MS));
            self.at_once.push_back(at);
        }
        self.owed.push_back(Owed { told, daily, entry, since: at });
        if self.owed.len() > OWED_MAX {
            self.owed.pop_front();
        }
    }

    /// These need not be mailed any more.
    pub(super) fn is_mailed(&mut self, ids: &BTreeSet<String>) {
        self.owed.retain(|owed| !ids.contains(&owed.told.id));
    }

    /// The next letter that is due now. It leaves out what was read meanwhile.
    pub(super) fn due(&self, is_read: impl Fn(Seq) -> bool, now: Timestamp, every_ms: u64) -> Option<Due> {
        let unread = |owed: &&Owed| !owed.entry.is_some_and(&is_read);
        if let Some(first) = self.owed.iter().find(|owed| !owed.daily) {
            let told = Some(first).filter(unread).map(|owed| owed.told.clone()).into_iter().collect();
            return Some(Due { told, ids: [first.told.id.clone()].into(), day: None });
        }
        let day = day_of(now, every_ms);
        let due = || self.owed.iter().filter(|owed| owed.since < day);
        let told = due().filter(unread).map(|owed| owed.told.clone()).collect();
        let ids: BTreeSet<String> = due().map(|owed| owed.told.id.clone()).collect();
        (!ids.is_empty()).then_some(Due { told, ids, day: Some(day) })
    }

    /// When the next letter is due; `None`: none is owed.
    pub(super) fn due_at(&self, now: Timestamp, every_ms: u64) -> Option<Timestamp> {
        let due = |owed: &Owed| if owed.daily { next_day(owed.since, every_ms) } else { now };
        self.owed.iter().map(due).min()
    }
}

/// When the day began in which `at` is: at 06:00 UTC, if a day has 24 hours.
fn day_of(at: Timestamp, every_ms: u64) -> Timestamp {
    let every_ms = every_ms.max(1);
    let begin = every_ms / 4;
    Timestamp(at.0.saturating_sub(begin) / every_ms * every_ms + begin)
}

/// When the next day begins.
pub fn next_day(at: Timestamp, every_ms: u64) -> Timestamp {
    day_of(at, every_ms).plus_ms(every_ms.max(1))
}
