//! One turn: draft what the wishes mean, append it as one batch, apply what was committed, answer.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use quire_protocol::command::BookCommand;
use quire_protocol::event::{By, Event};
use quire_protocol::frame::Answer;
use quire_protocol::{Rejection, Seq, SessionId, Token};
use tokio::time::Instant;

use super::fanout::leaves_index;
use super::{Actor, Lost};
use crate::book::{
    Act, Actor as Person, Book, Committed, Context, Decision, Fact, FenceEffect, Hosted, Outcome, fence_changes,
};
use crate::chapter::OWN_CLIENTS;
use crate::hub::letters::owes_letter;
use crate::hub::mail::Wish;
use crate::hub::{Hub, random, unavailable};
use crate::store::{Append, AppendError, Appended, Card, FenceChange, LogId, Read, Tag};
use crate::telemetry::metric::{self, AppendOutcome};

/// Conflicts in one turn before its commands are answered `unavailable`. With one replica there are none.
const ROUNDS_MAX: usize = 16;
/// Nobody waits longer for other replicas and for an append whose outcome is unknown (R8, R10).
pub(in crate::hub) const PATIENCE: Duration = Duration::from_millis(500);
/// Pause before another try while another replica has the turn (R10).
const BUSY_PAUSE: Duration = Duration::from_millis(5);
/// Pause between repeats of an append.
const REPEAT_PAUSE: Duration = Duration::from_millis(50);

/// What a run of wishes would do.
struct Draft {
    facts: Vec<Fact>,
    /// For each wish its outcome.
    verdicts: Vec<Verdict>,
    /// The first stamp that the draft assumed; the store's may be higher.
    first_stamp: Token,
    /// The index as it will be, for books that become visible to somebody (R17).
    hint: Option<Card>,
}

struct Verdict {
    outcome: Result<Outcome, Rejection>,
    /// How many of the draft's facts come before the answer.
    facts: usize,
}

/// What a run of wishes did.
struct Settled {
    /// The last event before it.
    before: Seq,
    /// For each wish its outcome.
    verdicts: Vec<Verdict>,
    /// The first stamp that the draft assumed.
    assumed: Token,
    /// The first stamp that the store gave.
    actual: Token,
}

/// What became of an append.
enum Attempt {
    Done(Appended),
    Again,
    Refused(Rejection),
}

impl Actor {
    /// Decides a run of wishes, as one append, and answers each.
    pub(super) async fn decide(&mut self, wishes: Vec<Wish>) -> Result<(), Lost> {
        if wishes.is_empty() {
            return Ok(());
        }
        match self.settle(&wishes).await {
            Ok(Ok(settled)) => self.reply(wishes, settled),
            Ok(Err(rejection)) => self.refuse(wishes, &rejection),
            Err(lost) => {
                // Perhaps it happened in a history that is no more; those who have the book open are sent to resume.
                self.refuse(wishes, &Rejection::OutcomeUnknown);
                return Err(lost);
            }
        }
        Ok(())
    }

    async fn settle(&mut self, wishes: &[Wish]) -> Result<Result<Settled, Rejection>, Lost> {
        let deadline = Instant::now() + PATIENCE;
        for _ in 0..ROUNDS_MAX {
            if Instant::now() >= deadline {
                break;
            }
            let draft = self.draft(wishes);
            if draft.facts.is_empty() {
                let before = self.position;
                if !self.refresh().await? {
                    return Ok(Err(unavailable()));
                }
                if self.position != before {
                    continue;
                }
                let Draft { verdicts, first_stamp: assumed, .. } = draft;
                return Ok(Ok(Settled { before: self.book.seq(), verdicts, assumed, actual: assumed }));
            }
            match self.append(&draft, deadline).await? {
                Attempt::Done(appended) => return Ok(Ok(self.committed(draft, appended).await)),
                Attempt::Again => {}
                Attempt::Refused(rejection) => return Ok(Err(rejection)),
            }
        }
        Ok(Err(unavailable()))
    }

    /// Decides each wish on the state that those before it leave behind.
    fn draft(&self, wishes: &[Wish]) -> Draft {
        let now = self.hub.clock.now();
        let first_stamp = Token(self.book.last_stamp().0 + 1);
        let mut book = Cow::Borrowed(&self.book);
        let mut facts: Vec<Fact> = Vec::new();
        let mut verdicts = Vec::with_capacity(wishes.len());
        for (index, wish) in wishes.iter().enumerate() {
            let decided = self.judge(&book, wish);
            let outcome = decided.map(|decision| {
                let new = record(wish, decision.events, &decision.outcome);
                let last = index + 1 == wishes.len();
                if !last || new.iter().any(|fact| shows_book(&fact.event)) {
                    for fact in &new {
                        let (seq, stamp) = (book.seq().next(), Token(book.last_stamp().0 + 1));
                        book.to_mut().apply(&Committed { seq, stamp, at: now, fact: fact.clone() });
                    }
                }
                facts.extend(new);
                decision.outcome
            });
            verdicts.push(Verdict { outcome, facts: facts.len() });
        }
        let hint = facts.iter().any(|fact| shows_book(&fact.event)).then(|| self.hint(book.card(now)));
        Draft { facts, verdicts, first_stamp, hint }
    }

    pub(super) fn judge(&self, book: &Book, wish: &Wish) -> Result<Decision, Rejection> {
        let is_away = |session: &SessionId| self.is_away(session);
        let context = Context {
            actor: match &wish.seat {
                Some(seat) => seat.actor(),
                None => Person::Hub(cause(&wish.act)),
            },
            now: self.hub.clock.now(),
            command: wish.id.as_ref(),
            retry: wish.retry,
            is_away: &is_away,
            limits: &self.hub.limits,
            timers: &self.hub.timers,
            mails: self.hub.sends_letters(),
            point: wish.point,
        };
        self.excuse_loss(&wish.act)?;
        let decision = book.decide(&context, &wish.act)?;
        // A lock lives with a subscription: nobody would notice the end of any other session (R5).
        let repeated = matches!(decision.outcome, Outcome::Repeated { .. });
        let sits = wish.seat.as_ref().is_some_and(|seat| self.serves(&seat.session, &seat.home));
        if stakes(&wish.act) && !repeated && !sits {
            return Err(Rejection::conflict("open the book first"));
        }
        if !repeated {
            self.check_flushed(book, wish)?;
        }
        Ok(decision)
    }

    /// A hold that its holder ends is not over before all that they wrote is stored.
    fn check_flushed(&self, book: &Book, wish: &Wish) -> Result<(), Rejection> {
        let (chapter, token, after_n) = match &wish.act {
            Act::Command(BookCommand::LockRelease(release)) => (&release.chapter, release.token, release.after_n),
            Act::Command(BookCommand::LockHandOver(hand)) => (&hand.chapter, hand.token, hand.after_n),
            _ => return Ok(()),
        };
        let (Some(after_n), Some(seat)) = (after_n, &wish.seat) else { return Ok(()) };
        let began = book.hold_of(&seat.user, &seat.session, chapter, token)?;
        match self.texts.get(chapter) {
            Some(open) => open.text().check_stored(began, after_n),
            None if after_n == 0 => Ok(()),
            None => Err(Rejection::conflict("open the chapter first")),
        }
    }

    /// After a loss a book that is absent may be another replica's to put back: nothing is said about it (R6).
    fn excuse_loss(&self, act: &Act) -> Result<(), Rejection> {
        let creates = matches!(
            act,
            Act::Import(_) | Act::Hosted(Hosted::Create { .. }) | Act::Command(BookCommand::BookCreate(_))
        );
        let may_create = || self.hub.replicas().is_none_or(|replicas| replicas.may_create());
        let lost = self.may_be_lost && self.position.is_none();
        if lost && !(creates && may_create()) { Err(unavailable()) } else { Ok(()) }
    }

    /// Appends the draft; repeats the same append until its outcome is known (R8).
    async fn append(&mut self, draft: &Draft, deadline: Instant) -> Result<Attempt, Lost> {
        if !self.hub.may_act() {
            // R12: others may act as if this replica were dead.
            return Ok(Attempt::Refused(unavailable()));
        }
        if let Some(hint) = &draft.hint {
            // Should the append fail, the index says too much until it is put right.
            self.distrust_index();
            if self.hub.store.put_card(hint.clone()).await.is_err() {
                return Ok(Attempt::Refused(unavailable()));
            }
        }
        if let Err(rejection) = self.mark_untold(&draft.facts).await {
            return Ok(Attempt::Refused(rejection));
        }
        if let Err(rejection) = self.hub.owe_letters(self.book.id(), &draft.facts).await {
            return Ok(Attempt::Refused(rejection));
        }
        let append = Append {
            log: self.log(),
            after: self.position,
            tag: Tag(random()),
            payloads: draft.facts.iter().map(encode).collect(),
            guard: None,
            fences: self.fences(&draft.facts),
            // Tokens of holds are no client ids of the hub's own.
            stamp_floor: self.book.last_stamp().max(Token(OWN_CLIENTS.end)),
            by: self.hub.replica.clone(),
            misses: self.misses,
        };
        match surely(&self.hub, append, deadline).await {
            Ended::Done(appended) => {
                self.misses = 0;
                Ok(Attempt::Done(appended))
            }
            Ended::Conflict(read) => {
                self.misses += 1;
                self.take_in(*read).await?;
                Ok(Attempt::Again)
            }
            Ended::EpochChanged => Err(Lost),
            // Only text is guarded.
            Ended::Fenced => Ok(Attempt::Refused(unavailable())),
            Ended::Refused(rejection) => Ok(Attempt::Refused(rejection)),
        }
    }

    /// Granting, moving or ending a lock changes the chapter's fence in the same append.
    fn fences(&self, facts: &[Fact]) -> Vec<(LogId, FenceChange)> {
        let events: Vec<Event> = facts.iter().map(|fact| fact.event.clone()).collect();
        let change = |(index, chapter, effect)| {
            let change = match effect {
                FenceEffect::Grant => FenceChange::Grant(index),
                FenceEffect::End => FenceChange::End,
            };
            (LogId::Chapter(self.book.id().clone(), chapter), change)
        };
        fence_changes(&events).into_iter().map(change).collect()
    }

    /// Applies and sends what is durable now; the answers come after it (I3).
    async fn committed(&mut self, draft: Draft, appended: Appended) -> Settled {
        self.fresh = true;
        let before = self.book.seq();
        let first = before.next().0;
        let facts: Vec<Committed> = (0_u64..)
            .zip(draft.facts)
            .map(|(index, fact)| Committed {
                seq: Seq(first + index),
                stamp: Token(appended.first_stamp.0 + index),
                at: appended.at,
                fact,
            })
            .collect();
        self.stand_at(appended.position);
        metric::events(facts.len());
        let rights = facts.iter().any(|fact| self.changes_rights(&fact.fact.event));
        self.publish(&facts).await;
        self.tell_own(before);
        if rights {
            self.await_peers(appended.position.seq).await;
        }
        if facts.iter().any(|fact| owes_letter(&fact.fact.event).is_some()) {
            self.hub.send_letters();
        }
        let leaves_index = self.trusts_index() && facts.iter().all(|fact| leaves_index(&fact.fact.event));
        if !leaves_index && !self.reproject().await {
            self.sweep_at = Instant::now();
        }
        Settled { before, verdicts: draft.verdicts, assumed: draft.first_stamp, actual: appended.first_stamp }
    }

    /// Answers each wish.
    fn reply(&self, wishes: Vec<Wish>, settled: Settled) {
        let Settled { before: Seq(before), verdicts, assumed, actual } = settled;
        // The draft assumed stamps from `assumed` on; what it said of them holds for those from `actual` on.
        let shift = |token: Token| if token < assumed { token } else { Token(token.0 - assumed.0 + actual.0) };
        for (wish, Verdict { outcome, facts }) in wishes.into_iter().zip(verdicts) {
            let (seq, result) = match outcome {
                // What is repeated may have been granted in this very batch.
                Ok(Outcome::Repeated { seq, answer: Answer::Token { token } }) => {
                    (Some(seq), Ok(Answer::Token { token: shift(token) }))
                }
                Ok(Outcome::Repeated { seq, answer }) => (Some(seq), Ok(answer)),
                Ok(Outcome::Asked) => (None, Ok(Answer::Done {})),
                Ok(outcome) => {
                    let granted = || Token(actual.0 + facts as u64 - 1);
                    (Some(Seq(before + facts as u64)), Ok(said(outcome, granted, shift)))
                }
                Err(rejection) => (Some(Seq(before + facts as u64)), Err(rejection)),
            };
            count(&wish, result.as_ref().err());
            self.answer(wish.seat.as_ref(), wish.answer, seq, result);
        }
    }

    /// Answers all wishes with the same no.
    pub(super) fn refuse(&self, wishes: Vec<Wish>, rejection: &Rejection) {
        for wish in wishes {
            count(&wish, Some(rejection));
            self.answer(wish.seat.as_ref(), wish.answer, Some(self.book.seq()), Err(rejection.clone()));
        }
    }
}

/// What became of an append that was repeated until that was known.
pub(in crate::hub) enum Ended {
    /// It is durable.
    Done(Appended),
    /// The tail is elsewhere; what was missed.
    Conflict(Box<Read>),
    /// The log has another history.
    EpochChanged,
    /// The guard's token is not the fence's: it did not happen.
    Fenced,
    /// It did not happen, or nobody knows.
    Refused(Rejection),
}

/// Repeats the same append until its outcome is known (R8), or the deadline has come.
pub(in crate::hub) async fn surely(hub: &Hub, append: Append, deadline: Instant) -> Ended {
    // One attempt may have happened, or happen late: whatever the store says of the next, that one is not undone.
    let mut in_doubt = false;
    loop {
        if !hub.may_act() {
            // R12: others may act as if this replica were dead.
            return Ended::Refused(if in_doubt { Rejection::OutcomeUnknown } else { unavailable() });
        }
        let begun = Instant::now();
        let result = hub.store.append(append.clone()).await;
        metric::append(outcome(&result), begun.elapsed());
        let pause = match result {
            Ok(appended) => return Ended::Done(appended),
            // The tail is elsewhere: what is in doubt can never fit again.
            Err(AppendError::Conflict(read)) => return Ended::Conflict(read),
            Err(AppendError::EpochChanged) => return Ended::EpochChanged,
            Err(AppendError::Fenced) if !in_doubt => return Ended::Fenced,
            Err(AppendError::Unavailable) if !in_doubt => return Ended::Refused(unavailable()),
            // The replica that has the turn appends in a moment, and its records come with the next conflict.
            Err(AppendError::Busy) => BUSY_PAUSE,
            Err(AppendError::Fenced | AppendError::Unavailable) => REPEAT_PAUSE,
            Err(AppendError::Unknown) => {
                in_doubt = true;
                REPEAT_PAUSE
            }
        };
        if Instant::now() >= deadline {
            return Ended::Refused(if in_doubt { Rejection::OutcomeUnknown } else { unavailable() });
        }
        tokio::time::sleep(pause).await;
    }
}

fn outcome(result: &Result<Appended, AppendError>) -> AppendOutcome {
    match result {
        Ok(_) => AppendOutcome::Done,
        Err(AppendError::Conflict(_)) => AppendOutcome::Conflict,
        Err(AppendError::Unknown) => AppendOutcome::Unknown,
        Err(AppendError::Busy | AppendError::EpochChanged | AppendError::Fenced | AppendError::Unavailable) => {
            AppendOutcome::Failed
        }
    }
}

/// Counts a client's command.
fn count(wish: &Wish, refused: Option<&Rejection>) {
    if let Act::Command(command) = &wish.act {
        metric::command(command.kind(), refused);
    }
}

/// What a reply says for this outcome.
fn said(outcome: Outcome, granted: impl Fn() -> Token, shift: impl Fn(Token) -> Token) -> Answer {
    match outcome {
        Outcome::Done | Outcome::Asked => Answer::Done {},
        Outcome::Granted => Answer::Token { token: granted() },
        Outcome::Held(token) => Answer::Token { token: shift(token) },
        Outcome::Waiting(position) => Answer::Position { position },
        Outcome::Invited(invitation) => Answer::Invitation { invitation },
        Outcome::Repeated { answer, .. } => answer,
    }
}

/// The events of a wish as facts; the last one remembers the command (I9).
fn record(wish: &Wish, events: Vec<Event>, outcome: &Outcome) -> Vec<Fact> {
    let by = match &wish.seat {
        Some(seat) => By::Person { user: seat.user.clone(), session: seat.session.clone() },
        None => By::System { system: cause(&wish.act) },
    };
    let mut facts: Vec<Fact> = events.into_iter().map(|event| Fact { by: by.clone(), command: None, event }).collect();
    if let (Some(last), Some(seat), Some(id)) = (facts.last_mut(), &wish.seat, &wish.id) {
        last.command = Some((seat.user.clone(), id.clone(), outcome.clone()));
    }
    facts
}

fn encode(fact: &Fact) -> Bytes {
    rmp_serde::to_vec_named(fact).expect("a fact is plain data").into()
}

/// The book becomes visible to somebody by this: the index says so before it is true (R17).
fn shows_book(event: &Event) -> bool {
    matches!(event, Event::BookCreated(_) | Event::MemberJoined(_) | Event::MemberInvited(_))
}

/// The act makes its session hold or wait for a chapter.
fn stakes(act: &Act) -> bool {
    match act {
        Act::Command(BookCommand::LockAcquire(_) | BookCommand::LockMoveHere(_)) => true,
        Act::Command(BookCommand::LockForceRelease(command)) => command.take,
        _ => false,
    }
}

/// Why the hub itself acts.
fn cause(act: &Act) -> quire_protocol::event::Cause {
    use quire_protocol::event::{Cause, ReleaseReason};
    match act {
        Act::LockIdle { .. } | Act::LockActive { .. } => Cause::Idle,
        Act::Lapsed => Cause::Lapsed,
        Act::SessionEnded { reason: ReleaseReason::ReplicaLost, .. } => Cause::ReplicaLost,
        Act::Import(_) => Cause::Import,
        Act::Hosted(_) => Cause::Host,
        Act::Anchored { .. } => Cause::Text,
        Act::Mailed { .. } => Cause::Mail,
        _ => Cause::Disconnected,
    }
}
