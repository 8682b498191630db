//! Who is to be mailed what they were told. Their inbox says what: see [`Inbox::due`]. So that it is found after a crash,
//! and at its time, the log `mailing/{shelf}` names the person before the inbox owes a letter, and until after the last
//! one left: a hint, like the index of books (R17).

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::TryStreamExt as _;
use futures::stream::{self, StreamExt as _};
use quire_protocol::codec::decode_record;
use quire_protocol::inbox::{Told, Topic, TopicSwitch};
use quire_protocol::{BookId, Rejection, ReplicaId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, Notify, oneshot};

use super::inbox::log_of;
use super::letters::{Attempts, SETTLED_MS};
use super::library::Reach;
use super::mail::Knower;
use super::{Hub, Mail, ledger, unavailable};
use crate::chapter::journal::{Journal, encode};
use crate::inbox::{Due, Inbox, InboxChange, Mailed, Rules, next_day};
use crate::store::{LogId, Shelf};

/// People who may be owed a letter, on one of sixteen shelves. Over it, further ones are told in their inboxes only.
const WAITING_MAX: usize = 5_000;
/// Shelves that are read at a time.
const AT_ONCE: usize = 4;

/// What happens on a shelf, as a record's payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(crate) enum MailingChange {
    /// They may be owed a letter, from then on.
    Owed { user: UserId, due: Timestamp, by: ReplicaId },
    /// This replica tries to send it.
    Tried { user: UserId, by: ReplicaId },
    /// It left, or need not; they may be owed another one then.
    Next { user: UserId, due: Timestamp },
    /// They are owed none.
    Over { user: UserId },
}

/// Somebody who may be owed a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    due: Timestamp,
    /// When that was said last: what their inbox owes by it is there a minute later, or never.
    since: Timestamp,
    attempts: Attempts,
}

impl Waiting {
    fn is_due(&self, me: Option<&ReplicaId>, now: Timestamp) -> bool {
        now >= self.due && self.attempts.is_due(self.due, me, now)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 { waiting: BTreeMap<UserId, Waiting> },
}

/// Those of one shelf who may be owed a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mailings(BTreeMap<UserId, Waiting>);

impl Mailings {
    /// Whether this one can be named.
    fn has_room(&self, user: &UserId) -> bool {
        self.0.contains_key(user) || self.0.len() < WAITING_MAX
    }

    /// What to write once nothing of theirs is due: when the next letter is, if one is owed.
    fn after(&self, user: &UserId, next: Option<Timestamp>, now: Timestamp) -> Option<MailingChange> {
        let waiting = self.0.get(user)?;
        let settled = waiting.since.plus_ms(SETTLED_MS);
        let user = user.clone();
        match next {
            Some(due) => Some(MailingChange::Next { user, due }),
            None if now >= settled => Some(MailingChange::Over { user }),
            None => Some(MailingChange::Next { user, due: settled }),
        }
    }
}

impl Journal for Mailings {
    type Change = MailingChange;

    const RECORDS_MAX: usize = 128;

    fn restore(snapshot: &[u8]) -> Result<Self, String> {
        let Saved::V1 { waiting } = decode_record(snapshot)?;
        Ok(Self(waiting))
    }

    fn snapshot(&self) -> Bytes {
        encode(&Saved::V1 { waiting: self.0.clone() })
    }

    fn apply(&mut self, change: MailingChange, at: Timestamp) {
        match change {
            MailingChange::Owed { user, due, by } => {
                let new = || Waiting { due, since: at, attempts: Attempts::new(by, at) };
                let waiting = self.0.entry(user).or_insert_with(new);
                (waiting.due, waiting.since) = (waiting.due.min(due), at);
            }
            MailingChange::Tried { user, by } => {
                if let Some(waiting) = self.0.get_mut(&user) {
                    waiting.attempts.again(by, at);
                }
            }
            MailingChange::Next { user, due } => {
                if let Some(waiting) = self.0.get_mut(&user) {
                    waiting.due = due;
                    waiting.attempts = Attempts::new(waiting.attempts.by().clone(), at);
                }
            }
            MailingChange::Over { user } => drop(self.0.remove(&user)),
        }
    }
}

/// Whoever sends letters, and whoever changes a shelf of this hub.
#[derive(Default)]
pub(super) struct Mailing {
    something: Notify,
    turns: [Mutex<()>; 16],
}

/// A letter that is due.
pub(crate) struct Notices {
    /// Where to.
    pub(crate) address: String,
    /// What it says. Nothing: there is nothing left to say.
    pub(crate) due: Due,
    /// So often was it tried before.
    pub(crate) tries: u32,
}

fn shelf_of(user: &UserId) -> (LogId, usize) {
    let hash: [u8; 32] = Sha256::digest(user.as_str()).into();
    (LogId::Mailing(Shelf::of(&hash)), usize::from(hash[0] & 0xf))
}

impl Hub {
    /// Whoever mails people what they were told waits for this.
    pub(crate) fn notices_to_send(&self) -> &Notify {
        &self.mailing.something
    }

    /// There may be something to mail.
    pub(super) fn send_notices(&self) {
        self.mailing.something.notify_one();
    }

    /// Where mail for somebody goes; `None`: nowhere.
    pub(super) fn mails_to(&self, user: &UserId, inbox: &Inbox) -> Option<String> {
        match self.library.reach(user) {
            _ if !self.sends_letters() => None,
            Reach::Disabled => None,
            Reach::At(address) => Some(address),
            Reach::Unknown => inbox.address().map(ToOwned::to_owned),
        }
    }

    /// By what it is judged how somebody is told.
    pub(super) fn rules<'a>(&self, mails: bool, allowed: &'a dyn Fn(Topic) -> TopicSwitch) -> Rules<'a> {
        let mails = mails.then_some(self.limits.mails_at_once);
        Rules { keep: self.limits.inbox_entries, allowed, mails, now: self.clock.now() }
    }

    /// Notes that somebody is owed a letter by being told this, before they are. No: they are not mailed.
    pub(super) async fn owes_mail(&self, user: &UserId, told: &[Told]) -> Result<bool, Rejection> {
        if !self.sends_letters() {
            return Ok(false);
        }
        let (inbox, _, _) = ledger::read::<Inbox>(self, &log_of(user)).await?;
        if self.mails_to(user, &inbox).is_none() {
            return Ok(false);
        }
        let (now, allowed) = (self.clock.now(), |topic| self.library.switch(topic));
        let told = inbox.tell(told, &self.rules(true, &allowed));
        let due = told.iter().filter_map(|change| match change {
            InboxChange::Told { mail: Mailed::AtOnce, .. } => Some(now),
            InboxChange::Told { mail: Mailed::Daily, .. } => Some(next_day(now, self.timers.digest_ms)),
            _ => None,
        });
        let Some(due) = due.min() else { return Ok(false) };
        let owed = MailingChange::Owed { user: user.clone(), due, by: self.replica.clone() };
        let note = |shelf: &Mailings| Ok(shelf.has_room(user).then(|| owed.clone()).into_iter().collect());
        let noted = self.change_shelf(user, note).await?;
        if noted.is_empty() {
            tracing::warn!("too many people wait for letters: one more is told in their inbox only");
        }
        Ok(!noted.is_empty())
    }

    async fn change_shelf(
        &self,
        user: &UserId,
        decide: impl Fn(&Mailings) -> Result<Vec<MailingChange>, Rejection>,
    ) -> Result<Vec<MailingChange>, Rejection> {
        let (log, turn) = shelf_of(user);
        let _turn = self.mailing.turns[turn].lock().await;
        ledger::change(self, &log, decide).await
    }

    /// Those whom this replica may try to mail now, and when it is somebody's time next.
    pub(crate) async fn due_notices(&self) -> Result<(Vec<UserId>, Option<Timestamp>), Rejection> {
        let now = self.clock.now();
        let shelf =
            |number: u8| async move { ledger::read::<Mailings>(self, &LogId::Mailing(Shelf::of(&[number; 32]))).await };
        let shelves: Vec<_> = stream::iter(0..16_u8).map(shelf).buffered(AT_ONCE).try_collect().await?;
        let all = || shelves.iter().flat_map(|(Mailings(waiting), _, _)| waiting);
        let due = all().filter(|(_, waiting)| waiting.is_due(self.among_others(), now));
        let next = all().map(|(_, waiting)| waiting.due).filter(|due| *due > now).min();
        Ok((due.map(|(user, _)| user.clone()).collect(), next))
    }

    /// Takes the turn to mail somebody, and finds what. `None`: nothing is due, or another replica has the turn.
    pub(crate) async fn begin_notices(
        self: &std::sync::Arc<Self>,
        user: &UserId,
    ) -> Result<Option<Notices>, Rejection> {
        let now = self.clock.now();
        let tried = MailingChange::Tried { user: user.clone(), by: self.replica.clone() };
        let tries = std::sync::atomic::AtomicU32::new(0);
        let begin = |shelf: &Mailings| {
            let mine = shelf.0.get(user).filter(|waiting| waiting.is_due(self.among_others(), now));
            mine.inspect(|waiting| tries.store(waiting.attempts.tries(), std::sync::atomic::Ordering::Relaxed));
            Ok(mine.map(|_| tried.clone()).into_iter().collect())
        };
        if self.change_shelf(user, begin).await?.is_empty() {
            return Ok(None);
        }
        // Who is disabled, or has lost a right by the library, gets nothing any more.
        self.granted(true).await?;
        let (inbox, _, _) = ledger::read::<Inbox>(self, &log_of(user)).await?;
        let Some(mut due) = inbox.due(now, self.timers.digest_ms) else {
            self.end_notices(user, &inbox).await?;
            return Ok(None);
        };
        let address = self.mails_to(user, &inbox);
        if address.is_none() {
            due.told.clear();
        }
        due.told.retain(|told| self.library.switch(told.topic).mail);
        let address = address.unwrap_or_default();
        Ok(Some(Notices { address, due, tries: tries.into_inner() }))
    }

    /// Leaves of `told` what somebody may know of now (I8). `all`: fails if a book cannot be asked; else nothing of it is left.
    pub(crate) async fn still_known(
        self: &std::sync::Arc<Self>,
        who: &Knower,
        told: Vec<Told>,
        all: bool,
    ) -> Result<Vec<Told>, Rejection> {
        let mut by_book: BTreeMap<BookId, Vec<Told>> = BTreeMap::new();
        for told in told {
            by_book.entry(told.book.clone()).or_default().push(told);
        }
        let mut known = Vec::new();
        for (book, told) in by_book {
            let (answer, may) = oneshot::channel();
            let sent = self.send(&book, Mail::MayKnow { who: who.clone(), told, answer }).is_ok();
            match may.await {
                Ok(told) if sent => known.extend(told),
                _ if all => return Err(unavailable()),
                _ => tracing::warn!(%book, "nobody is told of a book that cannot be asked"),
            }
        }
        known.sort_by_key(|told| told.at);
        Ok(known)
    }

    /// A letter left, or need not.
    pub(crate) async fn notices_left(&self, user: &UserId, due: &Due) -> Result<(), Rejection> {
        let log = log_of(user);
        let mailed = |_: &Inbox| Ok(vec![InboxChange::Mailed { ids: due.ids.clone() }]);
        ledger::change(self, &log, mailed).await?;
        let (inbox, _, _) = ledger::read::<Inbox>(self, &log).await?;
        self.end_notices(user, &inbox).await
    }

    async fn end_notices(&self, user: &UserId, inbox: &Inbox) -> Result<(), Rejection> {
        let now = self.clock.now();
        let next = inbox.due_at(now, self.timers.digest_ms);
        self.change_shelf(user, |shelf| Ok(shelf.after(user, next, now).into_iter().collect())).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
