//! What became of each command: done, nothing to do, refused, or nobody knows.

use quire_protocol::{CommandId, Epoch, Seq, SessionId};

use super::locks::Held;
use super::{Case, Judgement};
use crate::observation::{Answered, Attempt, Fact, History, Micros, TabId, Tried, ViolationKind};

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Yes, and this event of the log is its last one.
    Done(Epoch, Seq),
    /// Yes, and there was nothing to change.
    Idle(Epoch, Seq),
    /// Yes, in a part of a log that is no more and that nobody heard, or that the book hides from its sender.
    Elsewhere,
    /// No.
    Refused,
    /// Perhaps.
    Open,
}

impl Fate {
    /// The life of the log in which it was decided, where that is known.
    fn epoch(self) -> Option<Epoch> {
        match self {
            Self::Done(epoch, _) | Self::Idle(epoch, _) => Some(epoch),
            Self::Elsewhere | Self::Refused | Self::Open => None,
        }
    }
}

/// A command with what became of it.
pub(super) struct Outcome<'a> {
    pub(super) tab: TabId,
    pub(super) id: &'a CommandId,
    pub(super) tried: &'a Tried,
    pub(super) fate: Fate,
    /// When it was sent and when it was first accepted, where it was.
    pub(super) took: Option<(Micros, Micros)>,
}

/// The kinds of a command's last event, and whether it may have nothing to change.
///
/// `None`: how many events it makes depends on more than the command.
pub(super) fn effects(kind: &str) -> Option<(&'static [&'static str], bool)> {
    Some(match kind {
        "book.create" => (&["book.created"], false),
        "metadata.set" => (&["metadata.changed"], true),
        "chapter.add" => (&["chapter.added"], false),
        "chapter.move" => (&["chapter.moved"], true),
        "chapter.rename" => (&["chapter.renamed"], true),
        "chapter.remove" => (&["chapter.removed"], false),
        "chapter.restore" => (&["chapter.restored"], true),
        "chapter.set_mode" => (&["chapter.mode_set", "lock.acquired", "lock.wait_ended"], true),
        "chapter.assign" => (&["chapter.assigned"], true),
        "lock.acquire" => (&["lock.acquired", "lock.rehomed", "lock.queued", "lock.wait_rehomed"], true),
        "lock.release" => (&["lock.released", "lock.acquired"], false),
        "lock.move_here" => (&["lock.acquired", "lock.rehomed"], true),
        "lock.hand_over" => (&["lock.acquired"], false),
        "lock.keep" => (&["lock.wait_ended"], false),
        "lock.cancel_wait" => (&["lock.wait_ended"], true),
        "lock.force_release" => (&["lock.released", "lock.acquired", "lock.rehomed"], true),
        "comment.add" => (&["comment.added"], false),
        "comment.reply" => (&["comment.replied"], false),
        "comment.edit" => (&["comment.edited"], true),
        "comment.delete" => (&["comment.deleted"], true),
        "thread.resolve" => (&["thread.resolved"], true),
        "thread.reopen" => (&["thread.reopened"], true),
        _ => return None,
    })
}

impl Case<'_> {
    /// What became of every command, by its answers; a yes is compared with the event that it names.
    pub(super) fn outcomes(&self, judgement: &mut Judgement) -> Vec<Outcome<'_>> {
        let mut outcomes = Vec::new();
        for (tab, notes) in &self.tabs {
            for (id, tried) in &notes.tried {
                judgement.checked.commands += 1;
                let outcome = self.outcome(*tab, id, tried, judgement);
                let checked = &mut judgement.checked;
                match outcome.fate {
                    Fate::Done(epoch, _) if epoch != self.log.epoch => checked.accepted_in_lost_epochs += 1,
                    Fate::Done(..) => checked.accepted += 1,
                    Fate::Idle(..) => checked.accepted_idle += 1,
                    Fate::Elsewhere => checked.accepted_in_lost_epochs += 1,
                    Fate::Refused => checked.refused += 1,
                    Fate::Open => checked.open += 1,
                }
                outcomes.push(outcome);
            }
        }
        outcomes
    }

    fn outcome<'a>(&self, tab: TabId, id: &'a CommandId, tried: &'a Tried, judgement: &mut Judgement) -> Outcome<'a> {
        let mut outcome = Outcome { tab, id, tried, fate: Fate::Refused, took: None };
        // What a repeat repeats was done between the first sending and its answer.
        let first = tried.attempts.iter().find(|attempt| attempt.may_have_been_done());
        let sent_at = first.map_or(Micros(0), |first| first.sent_at);
        for attempt in &tried.attempts {
            let fate = match &attempt.answered {
                Some((Answered::Refused { .. }, _)) => continue,
                Some((Answered::Accepted { .. }, at)) => {
                    let fate = self.accepted((tab, sent_at), id, (tried, attempt), judgement);
                    outcome.took =
                        outcome.took.filter(|_| outcome.fate.epoch() == fate.epoch()).or(Some((sent_at, *at)));
                    fate
                }
                _ if outcome.fate == Fate::Refused => Fate::Open,
                _ => continue,
            };
            // What was lost along with an epoch is done anew in the next one.
            let is_same_epoch = outcome.fate.epoch() == fate.epoch();
            if is_same_epoch && matches!(outcome.fate, Fate::Done(..)) {
                if outcome.fate != fate {
                    self.complain(&mut judgement.violations, ViolationKind::UnsteadyReply, || {
                        let before = outcome.fate;
                        format!("tab {}: {id} ({}) was {before:?} and then {fate:?}", tab.0, tried.kind)
                    });
                }
            } else {
                outcome.fate = fate;
            }
        }
        outcome
    }

    /// What a yes stands for.
    fn accepted(
        &self,
        (tab, sent_at): (TabId, Micros),
        id: &CommandId,
        (tried, attempt): (&Tried, &Attempt),
        judgement: &mut Judgement,
    ) -> Fate {
        let Some((Answered::Accepted { seq, token }, _)) = &attempt.answered else { return Fate::Open };
        let only = (self.histories.len() == 1).then_some(self.log.epoch);
        let (Some(epoch), Some(seq)) = (attempt.epoch.or(only), *seq) else { return Fate::Elsewhere };
        let Some(history) = self.history(epoch) else { return Fate::Elsewhere };
        let Some((kinds, may_be_idle)) = effects(&tried.kind) else { return Fate::Idle(epoch, seq) };
        let fact = history.events.get(&seq.0);
        let expected = fact.filter(|fact| kinds.contains(&fact.kind.as_ref()) && fact.about == tried.about);
        let expected = expected.filter(|fact| self.is_by(fact, tab) && follows_release(history, seq, fact, tried));
        // What was there before it was wished for is what made it idle.
        let expected = expected.filter(|fact| !may_be_idle || fact.heard_at >= sent_at);
        let is_right = match (expected, token) {
            // The grant itself, or the grant that was found to be there already.
            (Some(fact), Some(_)) if fact.token == *token => return Fate::Done(epoch, seq),
            (Some(_), None) => return Fate::Done(epoch, seq),
            (_, Some(token)) => match tried.about.chapter.as_ref().zip(self.locks(epoch)) {
                Some((chapter, locks)) => match locks.at(chapter, seq) {
                    Held::By(holder, held) => held == *token && self.is_of(&holder, tab),
                    Held::Free => false,
                    Held::Unknown => true,
                },
                None => false,
            },
            (None, None) => may_be_idle && seq.0 > 0,
        };
        let was_heard = fact.is_some() || seq.0 == 0;
        if !was_heard && epoch != self.log.epoch {
            return Fate::Elsewhere;
        }
        if !is_right || !was_heard {
            self.complain(&mut judgement.violations, ViolationKind::Missing, || {
                let found = fact.map_or("nothing".to_owned(), |fact| format!("{} by {:?}", fact.kind, fact.by));
                let (kind, about, token) = (&tried.kind, &tried.about, token.map(|token| token.0));
                format!(
                    "tab {}: {id} ({kind} of {about}) was accepted at {epoch} {seq} with token {token:?}, where \
                     {found} is",
                    tab.0
                )
            });
        }
        Fate::Idle(epoch, seq)
    }

    fn is_by(&self, fact: &Fact, tab: TabId) -> bool {
        fact.by.as_ref().is_some_and(|by: &SessionId| self.is_of(by, tab))
    }
}

/// A grant that ends a release stands behind that release.
fn follows_release(history: &History, Seq(seq): Seq, fact: &Fact, tried: &Tried) -> bool {
    let is_release = matches!(tried.kind.as_str(), "lock.release" | "lock.hand_over");
    if !is_release || fact.kind != "lock.acquired" {
        return true;
    }
    history.events.get(&(seq - 1)).is_some_and(|before| before.kind == "lock.released" && before.about == fact.about)
}
