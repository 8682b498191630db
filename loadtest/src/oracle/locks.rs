//! Who held which chapter, by the log; and whether what tabs believed agrees with it.

use std::collections::BTreeMap;

use quire_protocol::event::ReleaseReason;
use quire_protocol::{ChapterId, Seq, SessionId, Token};

use super::{Case, FinalLog, Judgement};
use crate::observation::{Belief, BeliefEnd, Fact, History, Micros, TabId, TabNotes, ViolationKind, Violations};

/// What the log says about a chapter at one position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// A part of the log before it was never heard.
    Unknown,
    /// By nobody.
    Free,
    /// By this session, under this token.
    By(SessionId, Token),
}

/// From a grant to its end.
#[derive(Clone, Debug)]
pub(super) struct Tenure {
    session: SessionId,
    /// The first token, and the last one after changes of home.
    tokens: (Token, Token),
    /// Why it ended, and who ended it; none: it lasts.
    ended: Option<(ReleaseReason, Option<SessionId>)>,
}

/// The locks of one life of a log.
#[derive(Debug, Default)]
pub(super) struct Locks {
    /// Every change of a chapter's holder.
    changes: BTreeMap<ChapterId, Vec<(u64, Held)>>,
    tenures: BTreeMap<ChapterId, Vec<Tenure>>,
    /// Sessions that wait.
    waiting: BTreeMap<ChapterId, Vec<SessionId>>,
    /// Where something was never heard: the first event of each hole.
    holes: Vec<u64>,
    /// The last event; of what came after it nothing is known.
    known_to: u64,
    /// Grants to a session that had waited for it.
    to_waiters: Vec<u64>,
    /// Every token and who was granted it.
    tokens: BTreeMap<ChapterId, BTreeMap<u64, SessionId>>,
    /// Live chapters, and who holds them under which token.
    live: BTreeMap<ChapterId, BTreeMap<SessionId, Token>>,
}

impl Locks {
    /// Who held the chapter after the event `seq`.
    pub(super) fn at(&self, chapter: &ChapterId, Seq(seq): Seq) -> Held {
        let hole = self.holes.iter().rev().find(|hole| **hole <= seq).copied().unwrap_or(0);
        let changes = self.changes.get(chapter).map_or(&[][..], Vec::as_slice);
        let index = changes.partition_point(|(at, _)| *at <= seq);
        match index.checked_sub(1).map(|index| &changes[index]) {
            _ if seq > self.known_to => Held::Unknown,
            Some((at, held)) if *at >= hole => held.clone(),
            _ if hole > 0 => Held::Unknown,
            _ => Held::Free,
        }
    }

    /// The event `seq` gave the chapter to somebody who had waited, or perhaps had.
    pub(super) fn is_to_waiter(&self, seq: u64) -> bool {
        !self.holes.is_empty() || self.to_waiters.binary_search(&seq).is_ok()
    }

    fn now(&self, chapter: &ChapterId, before: u64) -> Held {
        self.at(chapter, Seq(before.saturating_sub(1)))
    }

    fn change(&mut self, chapter: &ChapterId, seq: u64, held: Held) {
        self.changes.entry(chapter.clone()).or_default().push((seq, held));
    }
}

/// Replays the locks of every life of a book's log.
pub(super) fn replay(log: &FinalLog, histories: &[History], judgement: &mut Judgement) -> Vec<Locks> {
    let mut earlier: BTreeMap<ChapterId, BTreeMap<u64, SessionId>> = BTreeMap::new();
    let mut all = Vec::new();
    for history in histories {
        let mut replay = Replay { log, history, locks: Locks::default(), earlier: &earlier, judgement };
        replay.run();
        let locks = replay.locks;
        for (chapter, tokens) in &locks.tokens {
            let tokens = tokens.iter().map(|(token, session)| (*token, session.clone()));
            earlier.entry(chapter.clone()).or_default().extend(tokens);
        }
        all.push(locks);
    }
    all
}

struct Replay<'a> {
    log: &'a FinalLog,
    history: &'a History,
    locks: Locks,
    /// Tokens of earlier lives.
    earlier: &'a BTreeMap<ChapterId, BTreeMap<u64, SessionId>>,
    judgement: &'a mut Judgement,
}

impl Replay<'_> {
    fn run(&mut self) {
        let mut due = 1;
        for (seq, fact) in &self.history.events {
            if *seq != due {
                self.locks.holes.push(due);
            }
            due = seq + 1;
            self.locks.known_to = *seq;
            if let (Some(chapter), true) = (&fact.about.chapter, fact.kind.starts_with("lock.")) {
                self.step(*seq, chapter, fact);
            }
            if let (Some(chapter), Some(live)) = (&fact.about.chapter, fact.live) {
                self.mode_set(*seq, chapter, live);
            }
            if let (Some(chapter), "chapter.removed") = (&fact.about.chapter, fact.kind.as_ref())
                && let Held::By(holder, _) = self.locks.now(chapter, *seq)
            {
                self.complain(ViolationKind::TwoHolders, *seq, chapter, || format!("removed while {holder} holds it"));
            }
        }
    }

    fn step(&mut self, seq: u64, chapter: &ChapterId, fact: &Fact) {
        let Some(session) = &fact.session else { return };
        if self.locks.live.contains_key(chapter) {
            return self.step_live(seq, chapter, session, fact);
        }
        match fact.kind.as_ref() {
            "lock.acquired" => self.acquired(seq, chapter, session, fact.token),
            "lock.rehomed" => self.rehomed(seq, chapter, session, fact.token),
            "lock.released" => self.released(seq, chapter, session, fact),
            "lock.queued" => self.locks.waiting.entry(chapter.clone()).or_default().push(session.clone()),
            "lock.wait_ended" => self.stops_waiting(chapter, session),
            _ => {}
        }
    }

    /// Several hold a live chapter: each has a token, and nobody is in anybody's way.
    fn step_live(&mut self, seq: u64, chapter: &ChapterId, session: &SessionId, fact: &Fact) {
        let holds = |locks: &Locks| locks.live.get(chapter).is_some_and(|holders| holders.contains_key(session));
        match fact.kind.as_ref() {
            "lock.acquired" | "lock.rehomed" => {
                self.judgement.checked.grants += u64::from(fact.kind == "lock.acquired");
                if fact.kind == "lock.rehomed" && self.locks.holes.is_empty() && !holds(&self.locks) {
                    self.complain(ViolationKind::StrayRelease, seq, chapter, || format!("never held by {session}"));
                }
                self.stops_waiting(chapter, session);
                let token = self.granted(seq, chapter, session, fact.token);
                self.locks.live.entry(chapter.clone()).or_default().insert(session.clone(), token);
            }
            "lock.released" => {
                if self.locks.holes.is_empty() && !holds(&self.locks) {
                    self.complain(ViolationKind::StrayRelease, seq, chapter, || format!("never held by {session}"));
                }
                self.locks.live.entry(chapter.clone()).or_default().remove(session);
            }
            "lock.wait_ended" => self.stops_waiting(chapter, session),
            _ => {}
        }
    }

    /// A chapter is live from here on, or is so no longer. Who may write in a live one is no question of one holder.
    fn mode_set(&mut self, seq: u64, chapter: &ChapterId, live: bool) {
        if live {
            let holder = match self.locks.now(chapter, seq) {
                Held::By(session, token) => Some((session, token)),
                Held::Unknown | Held::Free => None,
            };
            self.locks.live.entry(chapter.clone()).or_default().extend(holder);
            self.locks.change(chapter, seq, Held::Unknown);
        } else if let Some(holders) = self.locks.live.remove(chapter) {
            let held = match holders.into_iter().next() {
                Some((session, token)) => Held::By(session, token),
                None => Held::Free,
            };
            self.locks.change(chapter, seq, held);
        }
    }

    fn acquired(&mut self, seq: u64, chapter: &ChapterId, session: &SessionId, token: Option<Token>) {
        self.judgement.checked.grants += 1;
        if let Held::By(holder, _) = self.locks.now(chapter, seq) {
            self.complain(ViolationKind::TwoHolders, seq, chapter, || {
                format!("granted to {session} while {holder} holds it")
            });
        }
        if self.locks.waiting.get(chapter).is_some_and(|waiting| waiting.contains(session)) {
            self.locks.to_waiters.push(seq);
            self.stops_waiting(chapter, session);
        }
        let token = self.granted(seq, chapter, session, token);
        self.locks.change(chapter, seq, Held::By(session.clone(), token));
        let tenure = Tenure { session: session.clone(), tokens: (token, token), ended: None };
        self.locks.tenures.entry(chapter.clone()).or_default().push(tenure);
    }

    fn rehomed(&mut self, seq: u64, chapter: &ChapterId, session: &SessionId, token: Option<Token>) {
        let token = self.granted(seq, chapter, session, token);
        match self.locks.now(chapter, seq) {
            Held::By(holder, _) if holder == *session => {
                if let Some(tenure) = self.locks.tenures.get_mut(chapter).and_then(|tenures| tenures.last_mut()) {
                    tenure.tokens.1 = token;
                }
            }
            Held::Unknown => {}
            held => self.complain(ViolationKind::StrayRelease, seq, chapter, || {
                format!("{session} took it to another connection, but {held:?}")
            }),
        }
        self.locks.change(chapter, seq, Held::By(session.clone(), token));
    }

    fn released(&mut self, seq: u64, chapter: &ChapterId, session: &SessionId, fact: &Fact) {
        match self.locks.now(chapter, seq) {
            Held::By(holder, _) if holder == *session => {
                let tenure = self.locks.tenures.get_mut(chapter).and_then(|tenures| tenures.last_mut());
                if let (Some(tenure), Some(reason)) = (tenure, fact.reason) {
                    tenure.ended = Some((reason, fact.by.clone()));
                }
            }
            Held::Unknown => {}
            held => self.complain(ViolationKind::StrayRelease, seq, chapter, || {
                format!("released for {session}, but {held:?}")
            }),
        }
        self.locks.change(chapter, seq, Held::Free);
    }

    fn stops_waiting(&mut self, chapter: &ChapterId, session: &SessionId) {
        if let Some(waiting) = self.locks.waiting.get_mut(chapter) {
            waiting.retain(|waiter| waiter != session);
        }
    }

    /// Notes a token, which must be greater than all that the chapter ever had.
    fn granted(&mut self, seq: u64, chapter: &ChapterId, session: &SessionId, token: Option<Token>) -> Token {
        let Some(token) = token else {
            self.complain(ViolationKind::TokenFell, seq, chapter, || format!("granted to {session} without a token"));
            return Token(0);
        };
        let tokens = self.locks.tokens.entry(chapter.clone()).or_default();
        let last = tokens.last_key_value().map(|(last, _)| *last);
        tokens.insert(token.0, session.clone());
        let earlier = self.earlier.get(chapter);
        // A log that lost its end begins its next life with a copy of what was kept.
        let is_copy = earlier.and_then(|earlier| earlier.get(&token.0)) == Some(session);
        let last_earlier = earlier.and_then(|earlier| earlier.last_key_value()).filter(|_| !is_copy);
        let greatest = last.max(last_earlier.map(|(last, _)| *last));
        if let Some(greatest) = greatest.filter(|greatest| token.0 <= *greatest) {
            self.complain(ViolationKind::TokenFell, seq, chapter, || {
                format!("granted to {session} under {}, and {greatest} was granted before", token.0)
            });
        }
        token
    }

    fn complain(&mut self, kind: ViolationKind, seq: u64, chapter: &ChapterId, what: impl FnOnce() -> String) {
        let (book, epoch) = (&self.log.book, self.history.epoch);
        self.judgement.violations.add(kind, || format!("{book} {epoch} {seq}: {chapter} was {}", what()));
    }
}

impl Case<'_> {
    /// Whatever a tab believed to hold, the log granted it: this chapter, to this tab, under this token.
    pub(super) fn check_beliefs(&self, judgement: &mut Judgement) {
        let is_whole = self.histories.len() == 1 && self.locks.iter().all(|locks| locks.holes.is_empty());
        for (tab, notes) in &self.tabs {
            for (token, belief) in notes.beliefs.iter() {
                judgement.checked.beliefs += 1;
                let granted = self.locks.iter().find_map(|locks| locks.tokens.get(&belief.chapter)?.get(&token.0));
                match granted {
                    Some(session) if *session == belief.session || self.is_of(session, *tab) => {}
                    None if !is_whole => judgement.checked.unjudged += 1,
                    granted => self.complain(&mut judgement.violations, ViolationKind::FalseBelief, || {
                        let (chapter, tab) = (&belief.chapter, tab.0);
                        format!("tab {tab} believed to hold {chapter} under {}, granted to {granted:?}", token.0)
                    }),
                }
            }
        }
    }

    /// Where a holder gave a chapter back, the next one learned of it only after the holder had asked to.
    ///
    /// A lock that ends against its holder's will is another matter: until the news comes, the loser believes on. There
    /// the token protects the chapter, and that it rises is checked.
    pub(super) fn check_handovers(&self, judgement: &mut Judgement) {
        for locks in &self.locks {
            for (chapter, tenures) in &locks.tenures {
                for (index, tenure) in tenures.iter().enumerate() {
                    self.check_handover(chapter, tenure, tenures.get(index + 1), judgement);
                }
            }
        }
    }

    fn check_handover(&self, chapter: &ChapterId, old: &Tenure, new: Option<&Tenure>, judgement: &mut Judgement) {
        let own_wish = match &old.ended {
            Some((ReleaseReason::Released | ReleaseReason::HandedOver, by)) => by.as_ref() == Some(&old.session),
            _ => false,
        };
        let Some((tab, notes)) = self.notes_of(&old.session).filter(|_| own_wish) else { return };
        let Some(wished_at) = wish_to_give_back(notes, old.tokens.1) else {
            self.complain(&mut judgement.violations, ViolationKind::StrayRelease, || {
                format!("{chapter} was released for tab {}, which had not asked for it", tab.0)
            });
            return;
        };
        let Some(new) = new else { return };
        let Some((next_tab, next)) = self.notes_of(&new.session) else { return };
        let Some(Belief { from, .. }) = next.beliefs.get(new.tokens.0) else { return };
        judgement.checked.handovers += 1;
        if *from < wished_at {
            self.complain(&mut judgement.violations, ViolationKind::Overlap, || {
                let early = wished_at.0 - from.0;
                format!("tab {} held {chapter} {early} µs before tab {} asked to give it back", next_tab.0, tab.0)
            });
        }
    }

    fn notes_of(&self, session: &SessionId) -> Option<(TabId, &TabNotes)> {
        let tab = self.sessions.get(session)?;
        Some((*tab, self.tabs.get(tab)?))
    }

    pub(super) fn complain(&self, violations: &mut Violations, kind: ViolationKind, what: impl FnOnce() -> String) {
        violations.add(kind, || format!("{}: {}", self.log.book, what()));
    }
}

/// When a tab first asked to give back what it held under this token.
fn wish_to_give_back(notes: &TabNotes, token: Token) -> Option<Micros> {
    let belief = notes.beliefs.get(token);
    let gave_back = belief.and_then(|belief| belief.ended).filter(|(_, why)| *why == BeliefEnd::GaveBack);
    let commands = notes.tried.values().filter(|tried| tried.token == Some(token));
    let sent = commands.flat_map(|tried| tried.attempts.iter().filter(|attempt| attempt.may_have_been_done()));
    let begun = belief.map_or(Micros(0), |belief| belief.from);
    let left = notes.leavings.iter().filter(|left| **left >= begun).copied();
    gave_back.map(|(at, _)| at).into_iter().chain(sent.map(|attempt| attempt.sent_at)).chain(left).min()
}
