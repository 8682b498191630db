//! What one webhook is still to be told, and what it was told last: the sum of its log. It knows no library: whether anything
//! is sent at all is asked elsewhere.

use std::collections::VecDeque;

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::inbox::Told;
use quire_protocol::webhook::{Attempt, Delivery, DeliveryState};
use quire_protocol::{ReplicaId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::chapter::journal::{Journal, encode};
use crate::hub::letters::Attempts;
use crate::webhook::Secret;

/// Of what does not wait any more, so much is remembered.
const OVER_MAX: usize = 50;
/// Of one delivery, so many attempts are remembered.
const ATTEMPTS_MAX: usize = 12;

/// What a webhook is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Said {
    /// The same in every attempt.
    pub(super) id: String,
    /// What happened; `None`: this is a test.
    pub(super) told: Option<Told>,
    /// Who is told of it.
    pub(super) to: Vec<UserId>,
}

/// What happens to it, as a record's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(super) enum QueueChange {
    /// It signs with this from now on.
    Keyed { secret: Secret },
    /// It is to be told this. `keep`: so much may wait.
    Owed { said: Box<Said>, keep: usize, by: ReplicaId },
    /// It is to be told this once more.
    Again { id: String, by: ReplicaId },
    /// This replica tries to tell it.
    Tried { id: String, by: ReplicaId },
    /// It was called.
    Called { id: String, attempt: Attempt, ended: Option<DeliveryState> },
    /// It need not be told this any more.
    Ended { id: String, state: DeliveryState },
    /// The webhook was removed.
    Removed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Waiting {
    /// Later ones have higher numbers.
    n: u64,
    said: Said,
    since: Timestamp,
    attempts: Attempts,
    called: Vec<Attempt>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Over {
    n: u64,
    said: Said,
    since: Timestamp,
    state: DeliveryState,
    called: Vec<Attempt>,
}

/// A webhook that answers nothing, or that it is unwell: nothing else is tried for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unwell {
    since: Timestamp,
    attempts: Attempts,
}

/// What a webhook is to be told, and was told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Queue {
    /// With what it signs; `None`: nothing was ever set.
    secret: Option<Secret>,
    /// The number of the newest that ever was.
    last: u64,
    /// The oldest first.
    waiting: VecDeque<Waiting>,
    unwell: Option<Unwell>,
    /// The oldest first.
    over: VecDeque<Over>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 { queue: Queue },
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Due {
    pub(super) said: Said,
    /// It waits for too long.
    pub(super) is_late: bool,
}

impl Queue {
    pub(super) fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }

    /// Whether it was told this already, or will be.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.waiting.iter().any(|waiting| waiting.said.id == id) || self.over.iter().any(|over| over.said.id == id)
    }

    /// Whether this was told, and may be told again.
    pub(super) fn is_over(&self, id: &str) -> bool {
        self.over.iter().any(|over| over.said.id == id)
    }

    /// Whether this waits.
    pub(super) fn waits(&self, id: &str) -> bool {
        self.waiting.iter().any(|waiting| waiting.said.id == id)
    }

    /// What this replica may try now: what waited for too long first. `me`: `None` for a hub that is alone.
    pub(super) fn due(&self, me: Option<&ReplicaId>, now: Timestamp, give_up_ms: u64) -> Option<Due> {
        let late = |waiting: &&Waiting| now >= waiting.since.plus_ms(give_up_ms);
        if let Some(late) = self.waiting.iter().find(late) {
            return Some(Due { said: late.said.clone(), is_late: true });
        }
        let due = self.waiting.iter().find(|waiting| now >= self.tried_at(waiting, me))?;
        Some(Due { said: due.said.clone(), is_late: false })
    }

    /// When something is due next.
    pub(super) fn due_at(&self, me: Option<&ReplicaId>, give_up_ms: u64) -> Option<Timestamp> {
        let due_at = |waiting: &Waiting| self.tried_at(waiting, me).min(waiting.since.plus_ms(give_up_ms));
        self.waiting.iter().map(due_at).min()
    }

    /// When something is too late next.
    pub(super) fn late_at(&self, give_up_ms: u64) -> Option<Timestamp> {
        self.waiting.iter().map(|waiting| waiting.since.plus_ms(give_up_ms)).min()
    }

    /// When this is to be tried.
    fn tried_at(&self, waiting: &Waiting, me: Option<&ReplicaId>) -> Timestamp {
        let well_at = self.unwell.as_ref().map(|unwell| unwell.attempts.due_at(unwell.since, me));
        waiting.attempts.due_at(waiting.since, me).max(well_at.unwrap_or_default())
    }

    /// What whoever may manage settings sees: the newest first.
    pub(super) fn deliveries(&self) -> Vec<Delivery> {
        let waiting = self
            .waiting
            .iter()
            .map(|Waiting { n, said, since, called, .. }| (*n, delivery(said, *since, DeliveryState::Waiting, called)));
        let over =
            self.over.iter().map(|Over { n, said, since, state, called }| (*n, delivery(said, *since, *state, called)));
        let mut all: Vec<(u64, Delivery)> = waiting.chain(over).collect();
        all.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
        all.into_iter().map(|(_, delivery)| delivery).collect()
    }

    pub(super) fn waiting(&self) -> u32 {
        u32::try_from(self.waiting.len()).unwrap_or(u32::MAX)
    }

    fn wait(&mut self, said: Said, called: Vec<Attempt>, by: ReplicaId, at: Timestamp) {
        self.last += 1;
        let attempts = Attempts::new(by, at);
        self.waiting.push_back(Waiting { n: self.last, said, since: at, attempts, called });
    }

    fn end(&mut self, id: &str, state: DeliveryState) {
        let Some(index) = self.waiting.iter().position(|waiting| waiting.said.id == id) else { return };
        let Some(Waiting { n, said, since, called, .. }) = self.waiting.remove(index) else { return };
        self.over.push_back(Over { n, said, since, state, called });
        while self.over.len() > OVER_MAX {
            self.over.pop_front();
        }
    }

    fn called(&mut self, id: &str, attempt: Attempt, at: Timestamp) {
        let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.said.id == id) else { return };
        let is_unwell = is_unwell(attempt.status);
        waiting.called.push(attempt);
        if waiting.called.len() > ATTEMPTS_MAX {
            waiting.called.remove(0);
        }
        let by = waiting.attempts.by().clone();
        self.unwell = is_unwell.then(|| {
            let known = self.unwell.take();
            let mut unwell = known.unwrap_or_else(|| Unwell { since: at, attempts: Attempts::new(by.clone(), at) });
            unwell.attempts.again(by, at);
            unwell
        });
    }
}

/// Whether an answer is about the webhook, and not about what it was told: no answer, too.
fn is_unwell(status: Option<u16>) -> bool {
    status.is_none_or(|status| status >= 500 || matches!(status, 408 | 429))
}

fn delivery(said: &Said, at: Timestamp, state: DeliveryState, called: &[Attempt]) -> Delivery {
    let Said { id, told, .. } = said;
    let (topic, book) = told.as_ref().map(|told| (told.topic, told.book.clone())).unzip();
    Delivery { id: id.clone(), topic, book, at, state, attempts: called.to_vec() }
}

impl Journal for Queue {
    type Change = QueueChange;

    const RECORDS_MAX: usize = 128;

    fn restore(snapshot: &[u8]) -> Result<Self, String> {
        let Saved::V1 { queue } = decode_record(snapshot)?;
        Ok(queue)
    }

    fn snapshot(&self) -> Bytes {
        encode(&Saved::V1 { queue: self.clone() })
    }

    fn apply(&mut self, change: QueueChange, at: Timestamp) {
        match change {
            QueueChange::Keyed { secret } => self.secret = Some(secret),
            QueueChange::Owed { said, keep, by } => {
                self.wait(*said, Vec::new(), by, at);
                while self.waiting.len() > keep.max(1) {
                    let oldest = self.waiting[0].said.id.clone();
                    self.end(&oldest, DeliveryState::Dropped);
                }
            }
            QueueChange::Again { id, by } => {
                let Some(index) = self.over.iter().position(|over| over.said.id == id) else { return };
                let Some(Over { said, called, .. }) = self.over.remove(index) else { return };
                self.wait(said, called, by, at);
            }
            QueueChange::Tried { id, by } => {
                if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.said.id == id) {
                    waiting.attempts.again(by, at);
                }
            }
            QueueChange::Called { id, attempt, ended } => {
                self.called(&id, attempt, at);
                if let Some(state) = ended {
                    self.end(&id, state);
                }
            }
            QueueChange::Ended { id, state } => self.end(&id, state),
            QueueChange::Removed => *self = Self::default(),
        }
    }
}

#[cfg(test)]
mod tests;
