//! Every yes is in the log once, no no is, and what nobody knows at most once.

use std::collections::{BTreeMap, BTreeSet};

use quire_protocol::event::ReleaseReason;
use quire_protocol::{Epoch, Seq};

use super::locks::{Held, Locks};
use super::outcome::{Fate, Outcome, effects};
use super::{Case, Judgement};
use crate::observation::{About, Answered, Attempt, Fact, History, TabId, Tried, ViolationKind, Violations};

/// Sessions that wait for one chapter, at most.
const WAITING_MAX: u64 = 32;

/// Commands of one tab that could have made the same events.
#[derive(Default)]
struct Wishes<'a> {
    /// Events that a yes names, by epoch.
    named: BTreeSet<(u64, u64)>,
    /// Yeses of another epoch, and those whose event nobody heard.
    elsewhere: Vec<Epoch>,
    open: usize,
    refused: Vec<&'a Outcome<'a>>,
}

impl<'a> Wishes<'a> {
    fn take(&mut self, outcome: &'a Outcome<'a>) {
        match outcome.fate {
            Fate::Done(epoch, seq) => {
                self.named.insert((epoch.0, seq.0));
                self.elsewhere.push(epoch);
            }
            Fate::Idle(epoch, _) => self.elsewhere.push(epoch),
            Fate::Elsewhere | Fate::Open => self.open += 1,
            Fate::Refused => self.refused.push(outcome),
        }
    }

    /// A yes names this event, or the grant that directly follows this release.
    fn names(&self, Epoch(epoch): Epoch, seq: u64, fact: &Fact) -> bool {
        let passed_on = match fact.kind.as_ref() {
            "lock.released" => self.named.contains(&(epoch, seq + 1)),
            // What it means for those who wait comes behind it, and the last of that is named.
            "chapter.mode_set" => self.named.range((epoch, seq + 1)..=(epoch, seq + WAITING_MAX)).next().is_some(),
            _ => false,
        };
        passed_on || self.named.contains(&(epoch, seq))
    }

    /// How many events may be in this epoch's log that no yes of this epoch names.
    fn unnamed_max(&self, epoch: Epoch) -> usize {
        // A later life begins with a copy of an earlier one, and a repeat may be done anew there.
        self.open + self.elsewhere.iter().filter(|other| **other != epoch).count()
    }
}

/// The events of a command that are counted: those that it alone can have made.
fn counted(kind: &str) -> &'static [&'static str] {
    match kind {
        "lock.acquire" => &["lock.acquired", "lock.queued"],
        "lock.move_here" | "lock.force_release" => &["lock.acquired"],
        "lock.release" => &["lock.released"],
        "lock.hand_over" | "lock.keep" | "lock.cancel_wait" => &[],
        kind => effects(kind).map_or(&[], |(kinds, _)| kinds),
    }
}

/// Whose wish, for an event of which kind, about what.
type Key<'a> = (TabId, &'a str, &'a About);

impl Case<'_> {
    /// Compares what is in the logs with what was wished for.
    pub(super) fn check_effects(&self, outcomes: &[Outcome<'_>], judgement: &mut Judgement) {
        let mut wishes: BTreeMap<Key<'_>, Wishes<'_>> = BTreeMap::new();
        for outcome in outcomes {
            for kind in counted(&outcome.tried.kind) {
                wishes.entry((outcome.tab, kind, &outcome.tried.about)).or_default().take(outcome);
            }
        }
        for (history, locks) in self.histories.iter().zip(&self.locks) {
            let mut unnamed: BTreeMap<Key<'_>, Vec<u64>> = BTreeMap::new();
            for (seq, fact) in &history.events {
                let Some(tab) = self.wisher(*seq, fact, locks) else { continue };
                let key = (tab, fact.kind.as_ref(), &fact.about);
                if !wishes.get(&key).is_some_and(|wishes| wishes.names(history.epoch, *seq, fact)) {
                    unnamed.entry(key).or_default().push(*seq);
                }
            }
            for (key, seqs) in unnamed {
                self.check_unnamed(history.epoch, key, (&seqs, wishes.get(&key)), &mut judgement.violations);
            }
            self.check_ids(history, &mut judgement.violations);
        }
        self.check_named_once(outcomes, &mut judgement.violations);
        self.check_kept(outcomes, &mut judgement.violations);
    }

    /// What a tab was told of and a yes names is in the log still, when all is quiet.
    fn check_kept(&self, outcomes: &[Outcome<'_>], violations: &mut Violations) {
        let views = self.tabs.values().filter_map(|notes| notes.view.as_ref());
        let views = views.filter(|view| view.epoch == self.log.epoch).map(|view| view.seq);
        // The log may have been read where its end was not known yet.
        let end = views.chain([self.log.seq]).max().unwrap_or_default();
        for outcome in outcomes {
            let Fate::Done(epoch, seq) = outcome.fate else { continue };
            let heard = self.history(epoch).and_then(|history| history.events.get(&seq.0));
            let Some(heard) = heard.filter(|_| epoch == self.log.epoch) else { continue };
            let is_kept = match self.logged.get(&seq.0) {
                Some(kept) => (&kept.kind, &kept.by, &kept.about) == (&heard.kind, &heard.by, &heard.about),
                None => seq <= end,
            };
            if !is_kept {
                self.complain(violations, ViolationKind::Missing, || {
                    let (tab, id, kind) = (outcome.tab.0, outcome.id, &outcome.tried.kind);
                    format!("tab {tab}: {id} ({kind}) was accepted and heard at {seq}, and is not there in the end")
                });
            }
        }
    }

    /// The tab without whose command the event would not be; none, if there are other ways to it.
    fn wisher(&self, seq: u64, fact: &Fact, locks: &Locks) -> Option<TabId> {
        let by = fact.by.as_ref()?;
        let tab = *self.sessions.get(by)?;
        let own = fact.session.as_ref() == Some(by);
        let needs_command = match fact.kind.as_ref() {
            "lock.acquired" => own && !locks.is_to_waiter(seq),
            "lock.queued" => own,
            "lock.released" => {
                let has_left = self.tabs.get(&tab).is_none_or(|notes| !notes.leavings.is_empty());
                own && fact.reason == Some(ReleaseReason::Released) && !has_left
            }
            // A session that opens the book again moves its locks; what stays is told by the log itself.
            kind if kind.starts_with("lock.") => false,
            "metadata.changed" => true,
            kind => ["chapter.", "comment.", "thread."].iter().any(|prefix| kind.starts_with(prefix)),
        };
        needs_command.then_some(tab)
    }

    fn check_unnamed(
        &self,
        epoch: Epoch,
        (tab, kind, about): Key<'_>,
        (seqs, wishes): (&[u64], Option<&Wishes<'_>>),
        violations: &mut Violations,
    ) {
        let allowed = wishes.map_or(0, |wishes| wishes.unnamed_max(epoch));
        if seqs.len() <= allowed {
            return;
        }
        let refused = wishes.map_or(&[][..], |wishes| &wishes.refused);
        let complaint = if refused.is_empty() { ViolationKind::Twice } else { ViolationKind::RefusedYetDone };
        self.complain(violations, complaint, || {
            let refused: Vec<String> = refused.iter().take(3).map(|outcome| refusals(outcome)).collect();
            format!(
                "tab {}: {kind} of {about} is in {epoch} at {seqs:?} beyond what was accepted, and at most {allowed} \
                 may be; refused were {refused:?}",
                tab.0
            )
        });
    }

    /// What clients name, they name once.
    fn check_ids(&self, history: &History, violations: &mut Violations) {
        let mut known: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (seq, fact) in &history.events {
            let About { chapter, thread, comment } = &fact.about;
            let chapter = chapter.as_ref().map(|id| ("chapter", id.as_str()));
            let thread = thread.as_ref().map(|id| ("thread", id.as_str()));
            let comment = comment.as_ref().map(|id| ("comment", id.as_str()));
            let made = match fact.kind.as_ref() {
                "chapter.added" => [chapter, None],
                "comment.added" => [thread, comment],
                "comment.replied" => [None, comment],
                _ => [None, None],
            };
            for name in made.into_iter().flatten() {
                if let Some(first) = known.insert(name, *seq) {
                    let epoch = history.epoch;
                    self.complain(violations, ViolationKind::Twice, || {
                        format!("{} {} was made at {epoch} {first} and again at {seq}", name.0, name.1)
                    });
                }
            }
        }
    }

    /// Two commands that each must change something do not share an event.
    fn check_named_once(&self, outcomes: &[Outcome<'_>], violations: &mut Violations) {
        let mut named: BTreeMap<(u64, u64), &Outcome<'_>> = BTreeMap::new();
        for outcome in outcomes {
            let Fate::Done(epoch, seq) = outcome.fate else { continue };
            let kind = outcome.tried.kind.as_str();
            // Making the same thing again under the same id is answered with the first time.
            let is_idempotent = matches!(kind, "book.create" | "chapter.add" | "comment.add" | "comment.reply");
            if is_idempotent || effects(kind).is_none_or(|(_, may_be_idle)| may_be_idle) {
                continue;
            }
            if let Some(other) = named.insert((epoch.0, seq.0), outcome) {
                self.complain(violations, ViolationKind::Missing, || {
                    let (tab, id, other_id) = (outcome.tab.0, outcome.id, other.id);
                    format!("tab {tab}: {id} ({kind}) and {other_id} were accepted for the same event {epoch} {seq}")
                });
            }
        }
    }

    /// A refusal that tells who holds a chapter is right about the state that it was judged on.
    pub(super) fn check_refusals(&self, judgement: &mut Judgement) {
        for (tab, notes) in &self.tabs {
            for (id, tried) in &notes.tried {
                for attempt in &tried.attempts {
                    let Some((held, code, seq)) = self.refused_by_lock(tried, attempt) else { continue };
                    let is_own = matches!(&held, Held::By(holder, _) if Some(holder) == attempt.session.as_ref());
                    let is_right = match (code, &held) {
                        (_, Held::Unknown) => {
                            judgement.checked.unjudged += 1;
                            continue;
                        }
                        ("locked", held) => *held != Held::Free && !is_own,
                        ("not_holder", _) => !is_own,
                        (_, Held::By(_, token)) => is_own && Some(*token) != tried.token,
                        (_, Held::Free) => false,
                    };
                    judgement.checked.refusals_compared += 1;
                    if !is_right {
                        self.complain(&mut judgement.violations, ViolationKind::FalseRefusal, || {
                            format!("tab {}: {id} ({}) was refused {code} at {seq}, where {held:?}", tab.0, tried.kind)
                        });
                    }
                }
            }
        }
    }

    fn refused_by_lock<'t>(&self, tried: &'t Tried, attempt: &'t Attempt) -> Option<(Held, &'t str, Seq)> {
        let Some((Answered::Refused { code, seq: Some(seq) }, _)) = &attempt.answered else { return None };
        let code = Some(code.as_str()).filter(|code| matches!(*code, "locked" | "not_holder" | "stale_token"))?;
        let held = self.locks(attempt.epoch?)?.at(tried.about.chapter.as_ref()?, *seq);
        Some((held, code, *seq))
    }
}

/// A refused command with the codes that it was answered.
fn refusals(outcome: &Outcome<'_>) -> String {
    let codes = outcome.tried.attempts.iter().filter_map(|attempt| match &attempt.answered {
        Some((Answered::Refused { code, .. }, _)) => Some(code.as_str()),
        _ => None,
    });
    format!("{} as {}", outcome.id, codes.collect::<Vec<_>>().join(", "))
}
