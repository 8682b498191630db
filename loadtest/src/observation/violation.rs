//! What is wrong, in a sentence, and how much of it there was.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Told of each kind; all are counted.
const TOLD_MAX: usize = 20;

/// What can be wrong with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViolationKind {
    /// A tab was not told of an event.
    Gap,
    /// A tab was told of an event twice.
    Duplicate,
    /// A tab was told of an event after a later one.
    Reordered,
    /// A tab was told of a book that it had not opened.
    Unasked,
    /// The answer to `book.open` contradicts itself or what was asked.
    BadOpening,
    /// Two tabs were told different things under one position.
    Disagreement,
    /// A yes came before the event that it stands for.
    ReplyBeforeEvent,
    /// A command on a living connection was never answered.
    Unanswered,
    /// A chapter was granted while somebody held it.
    TwoHolders,
    /// Somebody was granted a chapter before its holder had asked to give it back.
    Overlap,
    /// A lock's token did not rise.
    TokenFell,
    /// A lock ended, or changed its home, that its session did not hold.
    StrayRelease,
    /// A tab believed to hold what the log never granted it.
    FalseBelief,
    /// An acknowledged command is not in the log, or something else is in its place.
    Missing,
    /// A command took effect more often than it was sent.
    Twice,
    /// A refused command took effect.
    RefusedYetDone,
    /// Replies to one command name different events.
    UnsteadyReply,
    /// A refusal contradicts the state that it names.
    FalseRefusal,
    /// A reply was judged on a state that was already over when the command was sent, or an event precedes its wish.
    OutOfRealTime,
    /// A tab ended with another view than the log or the other tabs.
    Divergence,
    /// A tab did not reach the end of the log.
    Behind,
    /// The log could not be read as a whole, so the run cannot be judged.
    UnreadLog,
    /// A log began another life although nothing was lost.
    EpochChanged,
    /// A tab could not join, work or come to rest.
    Stuck,
    /// Something is in a text that nobody wrote.
    FromNowhere,
    /// An update was stored under a token that was over.
    StaleWrite,
    /// A file is damaged, or says what the book never said.
    WrongFile,
    /// Nothing of something was there to be checked.
    NothingChecked,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// What.
    pub kind: ViolationKind,
    /// The same with names and numbers.
    pub sentence: String,
}

/// Everything that is wrong: all is counted, the first of each kind are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violations {
    /// The first of each kind.
    pub told: Vec<Violation>,
    /// How many there are of each kind.
    pub counts: BTreeMap<ViolationKind, u64>,
}

impl Violations {
    /// Notes a violation; the sentence is made only if it will be told.
    pub fn add(&mut self, kind: ViolationKind, sentence: impl FnOnce() -> String) {
        *self.counts.entry(kind).or_default() += 1;
        if self.told.iter().filter(|told| told.kind == kind).count() < TOLD_MAX {
            self.told.push(Violation { kind, sentence: sentence() });
        }
    }

    /// Takes in what others noted.
    pub fn merge(&mut self, other: Self) {
        for (kind, count) in other.counts {
            *self.counts.entry(kind).or_default() += count;
        }
        for violation in other.told {
            if self.told.iter().filter(|told| told.kind == violation.kind).count() < TOLD_MAX {
                self.told.push(violation);
            }
        }
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}
