//! Whom the events of this book concern: noted as events are applied, told in order by a task of the hub.

use std::collections::VecDeque;
use std::time::Duration;

use quire_protocol::inbox::Told;
use quire_protocol::{Rejection, Seq};
use tokio::time::Instant;

use super::{Actor, Lost};
use crate::book::notice::{Notice, To};
use crate::book::{Committed, Fact, notice};
use crate::hub::mail::{Knower, Mail};
use crate::hub::telling::Telling;
use crate::hub::{random, unavailable};

/// What happened on another replica is told by that one; if it did not for so long, by this one.
const OTHERS_PATIENCE: Duration = Duration::from_secs(3);
/// Telling that failed is tried again after this time.
const RETRY: Duration = Duration::from_secs(2);
/// What is to be told at a time. Over it, nothing more happens that concerns anybody (I5).
const OWED_MAX: usize = 4_096;

/// What people are still to be told.
#[derive(Default)]
pub(super) struct Untold {
    /// In order. A snapshot covers none of it, so that whoever loads the book finds it again.
    owed: VecDeque<Owed>,
    /// So many of them are being told, by the task of this number.
    under_way: Option<(u64, usize)>,
    /// When to tell the rest.
    due: Option<Instant>,
    /// The book is marked as one in which somebody may not have been told.
    mark: Option<u64>,
}

struct Owed {
    seq: Seq,
    own: bool,
    notice: Notice,
}

impl Untold {
    pub(super) fn is_empty(&self) -> bool {
        self.owed.is_empty()
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.due.filter(|_| self.under_way.is_none() && !self.owed.is_empty())
    }

    fn due_in(&mut self, delay: Duration) {
        let at = Instant::now() + delay;
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }
}

impl Actor {
    /// Before events are appended that may concern somebody: a crash right after it is noticed.
    pub(super) async fn mark_untold(&mut self, facts: &[Fact]) -> Result<(), Rejection> {
        if facts.iter().any(|fact| notice::may_be_told(&fact.by, &fact.event)) {
            self.begin_telling().await?;
        }
        Ok(())
    }

    async fn begin_telling(&mut self) -> Result<(), Rejection> {
        if self.untold.owed.len() >= OWED_MAX {
            return Err(unavailable());
        }
        if self.untold.mark.is_none() {
            let number = random();
            self.hub.begin_telling(self.book.id(), number, self.book.seq()).await?;
            self.untold.mark = Some(number);
        }
        Ok(())
    }

    /// Notes whom an event concerns, right before it is applied.
    pub(super) fn owe(&mut self, committed: &Committed) {
        let seq = committed.seq;
        let owed = self.book.notices(committed).into_iter().map(|notice| Owed { seq, own: false, notice });
        let before = self.untold.owed.len();
        self.untold.owed.extend(owed);
        if self.untold.owed.len() > before {
            self.untold.due_in(if self.hub.replicas().is_some() { OTHERS_PATIENCE } else { Duration::ZERO });
        }
    }

    /// What happened after `seq` was this replica's doing: it tells people.
    pub(super) fn tell_own(&mut self, seq: Seq) {
        let mut own = self.untold.owed.iter_mut().filter(|owed| owed.seq > seq).peekable();
        if own.peek().is_none() {
            return;
        }
        own.for_each(|owed| owed.own = true);
        self.untold.due_in(Duration::ZERO);
        self.tell_people();
    }

    /// Tells people what is due, by what the library allows now.
    pub(super) async fn tell_due(&mut self) -> Result<(), Lost> {
        if self.untold.due().is_some_and(|due| due <= Instant::now()) {
            self.heed_library().await?;
            self.tell_people();
        }
        Ok(())
    }

    /// One task at a time, so that everybody is told in order.
    fn tell_people(&mut self) {
        if self.untold.due().is_none_or(|due| due > Instant::now()) {
            return;
        }
        let tellings: Vec<Telling> = self.untold.owed.iter().map(|owed| self.telling(owed)).collect();
        let number = random();
        self.untold.under_way = Some((number, tellings.len()));
        self.untold.due = None;
        let (hub, book) = (self.hub.clone(), self.book.id().clone());
        self.hub.tasks.spawn(async move {
            let told = hub.tell_all(&book, tellings).await;
            if let Err(rejection) = &told {
                tracing::warn!(%book, %rejection, "people will be told later what concerns them");
            }
            hub.deliver(&book, Mail::Told { number, done: told.is_ok() }).await;
        });
    }

    /// Eligibility is asked now, of the book as it is (I8).
    fn telling(&self, owed: &Owed) -> Telling {
        let Owed { seq, own, notice } = owed;
        let to = match (&notice.to, &notice.told.invitation) {
            (To::Address(email), Some(id)) if self.book.awaits(id, self.hub.clock.now()) => self.hub.users_of(email),
            (To::Address(_), _) => Vec::new(),
            (To::People(_) | To::Members | To::Library | To::Moderators, _) => {
                self.book.audience(notice, self.hub.limits.told_people)
            }
        };
        Telling { seq: *seq, own: *own, in_library: self.book.is_shelved(), to, told: notice.told.clone() }
    }

    /// Which of these somebody may still know.
    pub(super) fn still_known(&self, who: &Knower, told: Vec<Told>) -> Vec<Told> {
        let now = self.hub.clock.now();
        let still = |told: Told| match who {
            Knower::Person(user) => self.book.still_told(user, told, now),
            Knower::Webhook { by } => self.book.still_told_to_library(by, told, now),
        };
        told.into_iter().filter_map(still).collect()
    }

    /// What became of the telling that was under way.
    pub(super) fn told(&mut self, number: u64, done: bool) {
        // A task of an actor that was here before is none of this one's.
        let Some((_, count)) = self.untold.under_way.take_if(|(task, _)| *task == number) else { return };
        if done {
            self.untold.owed.drain(..count);
        }
        if self.untold.owed.is_empty() {
            self.untold.due = None;
        } else {
            self.untold.due_in(if done { Duration::ZERO } else { RETRY });
        }
        self.tell_people();
    }

    /// Everybody was told everything: the book need not be looked for after a crash.
    pub(super) fn end_telling(&mut self) {
        let Some(number) = self.untold.mark.take().filter(|_| self.untold.is_empty()) else { return };
        let (hub, book) = (self.hub.clone(), self.book.id().clone());
        self.hub.tasks.spawn(async move {
            if let Err(rejection) = hub.end_telling(&book, number).await {
                tracing::debug!(%book, %rejection, "everybody was told; the mark of it stays");
            }
        });
    }
}
