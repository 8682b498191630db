//! One tab's place in one book: what it must hear next.

use std::collections::BTreeSet;

use quire_protocol::{Epoch, Seq};
use serde::{Deserialize, Serialize};

/// Numbers that may still come late; what is missing beyond them is a gap at once.
const MISSING_MAX: u64 = 64;

/// How an event fits to what was heard before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is the next one.
    Next,
    /// Some before it did not come; whether they come late or never is not known yet.
    Ahead,
    /// So many were left out that they will not be waited for.
    FarAhead {
        /// The one that should have come.
        expected: u64,
    },
    /// It comes after a later one.
    Late,
    /// It came before.
    Again,
    /// The tab has not opened this book, or follows another life of its log.
    Unasked,
}

/// Where a tab is in a book.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Following {
    /// The life of the log that the connection shows.
    pub(super) epoch: Epoch,
    /// The last event that was heard.
    pub(super) seq: Seq,
    /// The book is open on a living connection.
    pub(super) is_open: bool,
    /// Numbers that were left out and may still come.
    missing: BTreeSet<u64>,
}

impl Following {
    pub(super) fn begin(epoch: Epoch, seq: Seq) -> Self {
        Self { epoch, seq, is_open: true, missing: BTreeSet::new() }
    }

    /// Takes in the number of an event.
    pub(super) fn step(&mut self, epoch: Epoch, Seq(seq): Seq) -> Fit {
        let expected = self.seq.next().0;
        if !self.is_open || epoch != self.epoch {
            return Fit::Unasked;
        }
        if seq < expected {
            return if self.missing.remove(&seq) { Fit::Late } else { Fit::Again };
        }
        self.seq = Seq(seq);
        let room = MISSING_MAX.saturating_sub(self.missing.len() as u64);
        match seq - expected {
            0 => Fit::Next,
            left_out if left_out > room => Fit::FarAhead { expected },
            _ => {
                self.missing.extend(expected..seq);
                Fit::Ahead
            }
        }
    }

    /// The tab will hear no more of this book on this connection: what it never heard.
    pub(super) fn end(&mut self) -> BTreeSet<u64> {
        self.is_open = false;
        std::mem::take(&mut self.missing)
    }

    /// What has not come so far.
    pub(super) fn missing(&self) -> &BTreeSet<u64> {
        &self.missing
    }
}
