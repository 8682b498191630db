//! Who worked on a book, by person and day: a fold over its log and over what is known of its versions.
//!
//! Days are those of UTC. Nothing here asks what time it is, and of a period nothing is kept but one entry for each person
//! and day on which something was done.

use std::collections::{BTreeMap, BTreeSet};

use quire_protocol::event::{By, Event, Person, ReleaseReason};
use quire_protocol::view::VersionCause;
use quire_protocol::{ChapterId, Rejection, Seq, SessionId, Timestamp, UserId};

use super::Committed;
use super::known::Known;
use crate::chapter::version::VersionsChange;

/// The length of a day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Days of the longest period.
pub const DAYS_MAX: u64 = 366;
/// Entries of one report.
const ENTRIES_MAX: usize = 50_000;
/// Tabs that are told apart on one day.
const TABS_MAX: usize = 100_000;

/// Why holds end, in the order in which they are told.
pub const REASONS: [ReleaseReason; 12] = [
    ReleaseReason::Released,
    ReleaseReason::Disconnected,
    ReleaseReason::Idle,
    ReleaseReason::Forced,
    ReleaseReason::HandedOver,
    ReleaseReason::Moved,
    ReleaseReason::PermissionChanged,
    ReleaseReason::ChapterRemoved,
    ReleaseReason::BookDeleted,
    ReleaseReason::ReplicaLost,
    ReleaseReason::Restored,
    ReleaseReason::ModeChanged,
];

/// Its place in [`REASONS`].
const fn place(reason: ReleaseReason) -> usize {
    match reason {
        ReleaseReason::Released => 0,
        ReleaseReason::Disconnected => 1,
        ReleaseReason::Idle => 2,
        ReleaseReason::Forced => 3,
        ReleaseReason::HandedOver => 4,
        ReleaseReason::Moved => 5,
        ReleaseReason::PermissionChanged => 6,
        ReleaseReason::ChapterRemoved => 7,
        ReleaseReason::BookDeleted => 8,
        ReleaseReason::ReplicaLost => 9,
        ReleaseReason::Restored => 10,
        ReleaseReason::ModeChanged => 11,
    }
}

/// Whole days, counted from the first of January 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    first: u64,
    last: u64,
}

impl Period {
    /// From the first to the last of these days, both within.
    pub fn new(first: u64, last: u64) -> Result<Self, Rejection> {
        if last < first {
            return Err(Rejection::invalid("to", "it is before the first day"));
        }
        if last - first >= DAYS_MAX {
            return Err(Rejection::TooLarge { limit: "report_days".into(), max: DAYS_MAX });
        }
        Ok(Self { first, last })
    }

    /// Its first day.
    pub fn first(self) -> u64 {
        self.first
    }

    /// Its last day.
    pub fn last(self) -> u64 {
        self.last
    }

    fn contains(self, day: u64) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

/// What one person did on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tabs in which something was done that others could see.
    pub tabs: u64,
    /// Holds that began.
    pub holds: u64,
    /// How long chapters were held.
    pub held_ms: u64,
    /// How holds ended, in the order of [`REASONS`].
    pub releases: [u64; REASONS.len()],
    /// Comments and answers that were written.
    pub comments: u64,
    /// Threads that were settled.
    pub resolved: u64,
    /// Chapters and parts that were added.
    pub chapters_added: u64,
    /// Chapters and parts that were removed.
    pub chapters_removed: u64,
    /// Versions that were kept.
    pub versions: u64,
    /// Words that came with what was written.
    pub words_added: u64,
    /// Words that went with it.
    pub words_removed: u64,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counted from the first of January 1970.
    pub day: u64,
    /// Who; `None`: the hub, or nobody knows.
    pub user: Option<UserId>,
    /// What they are called; `None`: the logs do not tell.
    pub name: Option<String>,
    /// What they did.
    pub counts: Counts,
}

/// A report that is being made.
#[derive(Clone, Debug)]
pub struct Report {
    period: Period,
    known: Known,
    entries: BTreeMap<(u64, Option<UserId>), Counts>,
    /// Who holds what, and since when.
    held: BTreeMap<(ChapterId, SessionId), (UserId, Timestamp)>,
    /// Tabs of the day that is being read.
    tabs: BTreeSet<(UserId, SessionId)>,
    /// The last event that was read.
    seq: Seq,
    /// Its time. It never goes back, whatever clocks did.
    at: Timestamp,
}

impl Report {
    /// Nothing was read yet.
    pub fn new(period: Period) -> Self {
        Self {
            period,
            known: Known::default(),
            entries: BTreeMap::new(),
            held: BTreeMap::new(),
            tabs: BTreeSet::new(),
            seq: Seq(0),
            at: Timestamp(0),
        }
    }

    /// Takes in the next event. Where the log has lost some, nobody knows who held what: holds end where it broke off.
    pub fn read(&mut self, committed: &Committed) -> Result<(), Rejection> {
        if committed.seq > self.seq.next() {
            self.end_holds(self.at)?;
            self.known.loses_sight();
        }
        let at = committed.at.max(self.at);
        if day_of(at) != day_of(self.at) {
            self.tabs.clear();
        }
        (self.seq, self.at) = (committed.seq, at);
        let (by, event) = (&committed.fact.by, &committed.fact.event);
        self.known.learn(event, at);
        let user = match by {
            By::Person { user, session } => {
                self.see_tab(user, session)?;
                Some(user)
            }
            By::System { .. } => None,
        };
        match event {
            Event::LockAcquired(event) => {
                let place = (event.chapter.clone(), event.holder.session.clone());
                self.held.insert(place, (event.holder.user.clone(), at));
                self.count(Some(&event.holder.user), at, |counts| counts.holds += 1)
            }
            Event::LockReleased(event) => {
                let place_held = (event.chapter.clone(), event.session.clone());
                let Some((user, since)) = self.held.remove(&place_held) else { return Ok(()) };
                self.count(Some(&user), at, |counts| counts.releases[place(event.reason)] += 1)?;
                self.held_for(&user, since, at)
            }
            Event::CommentAdded(event) => self.count(Some(&event.author.user), at, |counts| counts.comments += 1),
            Event::CommentReplied(event) => self.count(Some(&event.author.user), at, |counts| counts.comments += 1),
            Event::ThreadResolved(event) => self.count(Some(&event.person.user), at, |counts| counts.resolved += 1),
            Event::ChapterAdded(_) => self.count(user, at, |counts| counts.chapters_added += 1),
            Event::ChapterRemoved(_) => self.count(user, at, |counts| counts.chapters_removed += 1),
            _ => Ok(()),
        }
    }

    /// Chapters that were ever there: what was written into them is told by their versions.
    pub fn chapters(&self) -> Vec<ChapterId> {
        self.known.chapters().cloned().collect()
    }

    /// Takes in what happened to the versions of a chapter at some time.
    pub fn read_version(&mut self, change: &VersionsChange, at: Timestamp) -> Result<(), Rejection> {
        let VersionsChange::Kept(kept) = change else { return Ok(()) };
        if let Some(Person { user, name }) = &kept.by {
            self.known.is_called(user, name);
        }
        // What came back or from a file was not written then.
        let is_written = match kept.cause {
            VersionCause::Written | VersionCause::Saved | VersionCause::Replaced => true,
            VersionCause::Restored | VersionCause::Imported => false,
        };
        let (added, removed) = if is_written { (kept.added, kept.removed) } else { (0, 0) };
        self.count(kept.by.as_ref().map(|by| &by.user), at, |counts| {
            counts.versions += 1;
            counts.words_added += u64::from(added);
            counts.words_removed += u64::from(removed);
        })
    }

    /// The report, by day and person. What is held is held until now.
    pub fn end(mut self, now: Timestamp) -> Result<Vec<Entry>, Rejection> {
        self.end_holds(now.max(self.at))?;
        let known = self.known;
        let entry = |((day, user), counts): ((u64, Option<UserId>), Counts)| {
            let name = user.as_ref().and_then(|user| known.name(user)).map(Into::into);
            Entry { day, user, name, counts }
        };
        Ok(self.entries.into_iter().map(entry).collect())
    }

    fn end_holds(&mut self, at: Timestamp) -> Result<(), Rejection> {
        for (_, (user, since)) in std::mem::take(&mut self.held) {
            self.held_for(&user, since, at)?;
        }
        Ok(())
    }

    fn see_tab(&mut self, user: &UserId, session: &SessionId) -> Result<(), Rejection> {
        if !self.period.contains(day_of(self.at)) || !self.tabs.insert((user.clone(), session.clone())) {
            return Ok(());
        }
        if self.tabs.len() > TABS_MAX {
            return Err(Rejection::TooLarge { limit: "report_tabs".into(), max: TABS_MAX as u64 });
        }
        self.count(Some(user), self.at, |counts| counts.tabs += 1)
    }

    /// A hold over midnight counts on each of its days.
    fn held_for(&mut self, user: &UserId, since: Timestamp, until: Timestamp) -> Result<(), Rejection> {
        let (first, last) = (day_of(since).max(self.period.first), day_of(until).min(self.period.last));
        for day in first..=last {
            let (begin, end) = (since.0.max(day * DAY_MS), until.0.min((day + 1) * DAY_MS));
            if end > begin {
                self.count(Some(user), Timestamp(day * DAY_MS), |counts| counts.held_ms += end - begin)?;
            }
        }
        Ok(())
    }

    fn count(
        &mut self,
        user: Option<&UserId>,
        at: Timestamp,
        count: impl FnOnce(&mut Counts),
    ) -> Result<(), Rejection> {
        let day = day_of(at);
        if !self.period.contains(day) {
            return Ok(());
        }
        count(self.entries.entry((day, user.cloned())).or_default());
        if self.entries.len() > ENTRIES_MAX {
            return Err(Rejection::TooLarge { limit: "report_rows".into(), max: ENTRIES_MAX as u64 });
        }
        Ok(())
    }
}

fn day_of(at: Timestamp) -> u64 {
    at.0 / DAY_MS
}

#[cfg(test)]
mod tests;
