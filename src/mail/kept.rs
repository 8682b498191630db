//! The post of development mode: letters stay here, where whoever sits at this machine reads them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use quire_protocol::Timestamp;

use super::{Letter, Post, PostError};
use crate::clock::Clock;

/// So many letters are kept; older ones go.
pub const KEPT_MAX: usize = 100;

/// A letter that stayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLetter {
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub letter: Letter,
}

/// The newest [`KEPT_MAX`] letters, in memory.
#[derive(Debug)]
pub struct Kept {
    clock: Clock,
    letters: Mutex<VecDeque<KeptLetter>>,
}

impl Kept {
    /// No letters yet.
    pub fn new(clock: Clock) -> Self {
        Self { clock, letters: Mutex::default() }
    }

    /// All that are kept, the newest first. A letter that was sent twice is there once.
    pub fn letters(&self) -> Vec<KeptLetter> {
        self.kept().iter().rev().cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<KeptLetter>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Post for Kept {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), PostError>> {
        let mut kept = self.kept();
        kept.retain(|other| other.letter.id != letter.id);
        if kept.len() >= KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back(KeptLetter { at: self.clock.now(), letter: letter.clone() });
        ready(Ok(())).boxed()
    }
}
