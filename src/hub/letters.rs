//! Letters that invitations owe. The book says which: an invitation waits for its letter from the event that asks for it
//! to the one that says what became of it. So that a letter is found after a crash, the log `letters` names the
//! invitation before the book says so, and until after it: a hint, like the index of books (R17).

use std::collections::BTreeMap;

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::event::Event;
use quire_protocol::{BookId, InvitationId, Rejection, ReplicaId, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, oneshot};

use super::{Hub, Mail, ledger, random, unavailable};
use crate::book::{Act, Fact, Invited};
use crate::chapter::journal::{Journal, encode};
use crate::hub::mail::Wish;
use crate::library::{Asked, By, Doer, Event as LibraryEvent, Library};
use crate::store::LogId;

/// Letters that may be owed at a time, over all books.
const OWED_MAX: usize = 2_000;
/// When to try again while there are too many.
const FULL_RETRY_MS: u64 = 30_000;
/// A try is repeated after this time, and each further one after four times as long, up to the longest.
const PAUSE_MS: (u64, u64) = (2_000, 60 * 60 * 1000);
/// A letter of which nothing is heard for so long is another replica's to send as well.
const TAKEOVER_MS: u64 = 90_000;
/// An event that was announced is in its book after this time, or never.
pub(crate) const SETTLED_MS: u64 = 60_000;

/// What happens to letters, as a record's payload. `number` is random: the same invitation may owe another letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(crate) enum LetterChange {
    /// One may be owed from now on.
    Owed {
        number: u64,
        #[serde(flatten)]
        asks: Asks,
        by: ReplicaId,
    },
    /// This replica tries to send it.
    Tried { number: u64, by: ReplicaId },
    /// It is owed no more.
    Over { number: u64 },
}

/// Whom a letter asks, and for what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Asks {
    /// Whoever is invited to a book.
    Invited { book: BookId, invitation: InvitationId },
    /// Whoever is asked to join the library.
    User { email: String },
}

/// A letter that may be owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owed {
    #[serde(flatten)]
    pub(crate) asks: Asks,
    /// Since when.
    pub(crate) since: Timestamp,
    #[serde(flatten)]
    attempts: Attempts,
}

impl Owed {
    /// How often it was tried.
    pub(crate) fn tries(&self) -> u32 {
        self.attempts.tries
    }
}

/// Tries to send a letter: one replica at a time, each after a pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attempts {
    /// Who sends it.
    by: ReplicaId,
    /// How often that was tried, and when last.
    tries: u32,
    tried_at: Timestamp,
}

impl Attempts {
    /// None yet; it is this replica's to send.
    pub(super) fn new(by: ReplicaId, at: Timestamp) -> Self {
        Self { by, tries: 0, tried_at: at }
    }

    pub(super) fn by(&self) -> &ReplicaId {
        &self.by
    }

    pub(super) fn tries(&self) -> u32 {
        self.tries
    }

    /// One more, by this replica.
    pub(super) fn again(&mut self, by: ReplicaId, at: Timestamp) {
        *self = Self { by, tries: self.tries.saturating_add(1), tried_at: at };
    }

    /// Whether it is time for `me` to try what is owed since then. `None`: for a hub that is alone.
    pub(super) fn is_due(&self, since: Timestamp, me: Option<&ReplicaId>, now: Timestamp) -> bool {
        now >= self.due_at(since, me)
    }

    /// When it is.
    pub(super) fn due_at(&self, since: Timestamp, me: Option<&ReplicaId>) -> Timestamp {
        let pause = match self.tries {
            0 => 0,
            tries => PAUSE_MS.0.saturating_mul(4_u64.saturating_pow(tries - 1)).min(PAUSE_MS.1),
        };
        let pause = if me.is_none_or(|me| self.by == *me) { pause } else { pause.max(TAKEOVER_MS) };
        self.tried_at.max(since).plus_ms(pause)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 { owed: BTreeMap<u64, Owed> },
}

/// The letters that may be owed, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Letters(BTreeMap<u64, Owed>);

impl Letters {
    fn has_room(&self, more: usize) -> Result<(), Rejection> {
        let full = self.0.len() + more > OWED_MAX;
        if full { Err(Rejection::Unavailable { retry_after_ms: FULL_RETRY_MS }) } else { Ok(()) }
    }

    /// Whether one is due.
    fn is_due(&self, number: u64, me: Option<&ReplicaId>, now: Timestamp) -> bool {
        self.0.get(&number).is_some_and(|owed| owed.attempts.is_due(owed.since, me, now))
    }
}

impl Journal for Letters {
    type Change = LetterChange;

    const RECORDS_MAX: usize = 128;

    fn restore(snapshot: &[u8]) -> Result<Self, String> {
        let Saved::V1 { owed } = decode_record(snapshot)?;
        Ok(Self(owed))
    }

    fn snapshot(&self) -> Bytes {
        encode(&Saved::V1 { owed: self.0.clone() })
    }

    fn apply(&mut self, change: LetterChange, at: Timestamp) {
        match change {
            LetterChange::Owed { number, asks, by } => {
                self.0.insert(number, Owed { asks, since: at, attempts: Attempts::new(by, at) });
            }
            LetterChange::Tried { number, by } => {
                if let Some(owed) = self.0.get_mut(&number) {
                    owed.attempts.again(by, at);
                }
            }
            LetterChange::Over { number } => drop(self.0.remove(&number)),
        }
    }
}

impl Hub {
    /// From now on invitations are mailed; whoever sends them waits for this.
    pub(crate) fn begin_letters(&self) -> &Notify {
        self.letters.get_or_init(Notify::new)
    }

    /// Invitations are mailed.
    pub(crate) fn sends_letters(&self) -> bool {
        self.letters.get().is_some()
    }

    /// There may be something to send.
    pub(crate) fn send_letters(&self) {
        if let Some(letters) = self.letters.get() {
            letters.notify_one();
        }
    }

    /// Notes the letters that these events would owe, before they happen.
    pub(super) async fn owe_letters(&self, book: &BookId, facts: &[Fact]) -> Result<(), Rejection> {
        let invitations = facts.iter().filter_map(|fact| owes_letter(&fact.event));
        let asks = invitations.map(|id| Asks::Invited { book: book.clone(), invitation: id.clone() });
        self.owe(asks.collect()).await
    }

    /// The same for events of the library.
    pub(super) async fn owe_library_letters(&self, events: &[LibraryEvent]) -> Result<(), Rejection> {
        let emails = events.iter().filter_map(LibraryEvent::owes_letter);
        self.owe(emails.map(|email| Asks::User { email: email.to_owned() }).collect()).await
    }

    async fn owe(&self, letters: Vec<Asks>) -> Result<(), Rejection> {
        let owed = |asks: Asks| LetterChange::Owed { number: random(), asks, by: self.replica.clone() };
        let changes: Vec<LetterChange> = letters.into_iter().map(owed).collect();
        if changes.is_empty() {
            return Ok(());
        }
        let decide = |letters: &Letters| letters.has_room(changes.len()).map(|()| changes.clone());
        // Books that invite at the same time wait for each other instead of deciding again and again.
        let _turn = self.letters_turn.lock().await;
        ledger::change(self, &LogId::Letters, decide).await.map(drop)
    }

    /// The letters that this replica may try to send now, by their numbers.
    pub(crate) async fn due_letters(&self) -> Result<Vec<(u64, Owed)>, Rejection> {
        let now = self.clock.now();
        let (letters, _, _) = ledger::read::<Letters>(self, &LogId::Letters).await?;
        let is_due = |owed: &Owed| owed.attempts.is_due(owed.since, self.among_others(), now);
        Ok(letters.0.into_iter().filter(|(_, owed)| is_due(owed)).collect())
    }

    /// Who this is among replicas; `None`: it is alone.
    pub(super) fn among_others(&self) -> Option<&ReplicaId> {
        self.replicas().map(|_| &self.replica)
    }

    /// Takes the turn to send a letter; no: another replica has it.
    pub(crate) async fn begin_letter(&self, number: u64) -> Result<bool, Rejection> {
        let now = self.clock.now();
        let tried = LetterChange::Tried { number, by: self.replica.clone() };
        let is_due = |letters: &Letters| letters.is_due(number, self.among_others(), now);
        let begin = |letters: &Letters| Ok(is_due(letters).then(|| tried.clone()).into_iter().collect());
        let _turn = self.letters_turn.lock().await;
        Ok(!ledger::change(self, &LogId::Letters, begin).await?.is_empty())
    }

    /// A letter is owed no more.
    pub(crate) async fn end_letter(&self, number: u64) -> Result<(), Rejection> {
        let end =
            |letters: &Letters| Ok(letters.0.get(&number).map(|_| LetterChange::Over { number }).into_iter().collect());
        let _turn = self.letters_turn.lock().await;
        ledger::change(self, &LogId::Letters, end).await.map(drop)
    }

    /// What an invitation says now; `None`: it is over.
    pub(crate) async fn invitation(
        self: &std::sync::Arc<Self>,
        book: &BookId,
        id: &InvitationId,
    ) -> Result<Option<Invited>, Rejection> {
        let (answer, invited) = oneshot::channel();
        self.send(book, Mail::Invitation { id: id.clone(), answer }).map_err(|_| unavailable())?;
        invited.await.map_err(|_| unavailable())?
    }

    /// What the letter of somebody says who is asked to join the library; `None`: they are not asked any more.
    pub(crate) async fn asked_to_library(self: &std::sync::Arc<Self>, email: &str) -> Result<Option<Asked>, Rejection> {
        Ok(self.fresh_library().await?.asked_by_letter(email, self.clock.now()))
    }

    /// Tells the library what became of a letter.
    pub(crate) async fn tell_library_mailed(
        self: &std::sync::Arc<Self>,
        email: &str,
        asked: Timestamp,
        reason: Option<String>,
    ) -> Result<(), Rejection> {
        let mailed = |library: &Library| Ok((library.mailed(email, asked, reason.as_ref()), ()));
        let by = By { doer: Doer::Hub, note: reason.clone() };
        let ((), steps) = self.change_library(&by, mailed).await?;
        self.heed_soon(steps);
        Ok(())
    }

    /// Tells a book what became of a letter.
    pub(crate) async fn tell_mailed(self: &std::sync::Arc<Self>, book: &BookId, mailed: Act) -> Result<(), Rejection> {
        let (answer, done) = oneshot::channel();
        self.deliver(book, Mail::Wish(Box::new(Wish::found(mailed, answer)))).await;
        done.await.map_err(|_| unavailable())?
    }
}

/// The invitation that owes a letter by this event.
pub(super) fn owes_letter(event: &Event) -> Option<&InvitationId> {
    match event {
        Event::MemberInvited(event) if event.mail => Some(&event.invitation),
        Event::InvitationResent(event) if event.mail => Some(&event.invitation),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
