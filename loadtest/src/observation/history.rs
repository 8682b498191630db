//! One life of a book's log, as far as it was heard.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use quire_protocol::{Epoch, EventFrame, Seq};
use serde::{Deserialize, Serialize};

use super::{Fact, Micros};

/// Frames that are kept whole: most tabs hear an event while it is among them, and comparing is cheaper than a digest.
const RECENT_MAX: usize = 64;

/// One life of a book's log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct History {
    /// Its name.
    pub epoch: Epoch,
    /// When it was first heard of.
    pub first_at: Micros,
    /// Its events, as far as they were heard and not withheld.
    pub events: BTreeMap<u64, Fact>,
    #[serde(skip)]
    recent: VecDeque<EventFrame>,
}

/// Another event has the same position.
#[derive(Debug)]
pub(crate) struct Disagrees;

impl History {
    /// A life of which nothing was heard yet.
    pub(crate) fn new(epoch: Epoch, first_at: Micros) -> Self {
        Self { epoch, first_at, events: BTreeMap::new(), recent: VecDeque::new() }
    }

    /// The life of this name among those of a book.
    pub(crate) fn of(histories: &mut Vec<Self>, epoch: Epoch, at: Micros) -> &mut Self {
        let index = histories.iter().position(|history| history.epoch == epoch).unwrap_or_else(|| {
            histories.push(Self::new(epoch, at));
            histories.len() - 1
        });
        &mut histories[index]
    }

    /// Takes in an event that a tab heard whole.
    pub(crate) fn note(&mut self, frame: &EventFrame, at: Micros) -> Result<(), Disagrees> {
        if let Some(known) = self.recent.iter().rev().find(|known| known.seq == frame.seq) {
            return if known == frame { Ok(()) } else { Err(Disagrees) };
        }
        let Some(fact) = Fact::of(frame, at) else { return Ok(()) };
        self.recent.push_back(frame.clone());
        if self.recent.len() > RECENT_MAX {
            self.recent.pop_front();
        }
        self.insert(frame.seq, fact)
    }

    /// Takes in what is known of an event.
    pub(crate) fn insert(&mut self, Seq(seq): Seq, fact: Fact) -> Result<(), Disagrees> {
        match self.events.entry(seq) {
            Entry::Vacant(free) => {
                free.insert(fact);
                Ok(())
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.heard_at = known.heard_at.min(fact.heard_at);
                if known.digest == fact.digest { Ok(()) } else { Err(Disagrees) }
            }
        }
    }
}
