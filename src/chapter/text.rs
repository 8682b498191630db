//! What must be known of a chapter's text to decide about an update, and nothing of what it says.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use quire_protocol::{Limits, Rejection, Seq, SessionId, Token, UserId};
use serde::{Deserialize, Serialize};

use super::entry::{Entry, Written};
use super::guard::{self, ClientId, Clocks, GuardLimits, Profile, Verdict};

/// Updates of a hold that are recognised when they come again. A client has fewer unanswered.
const MARKS_MAX: usize = 256;

/// Who writes, as the book sees it.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// Who.
    pub user: &'a UserId,
    /// In which tab.
    pub session: &'a SessionId,
    /// The first token of the hold.
    pub began: Token,
    /// The end of the book's log, where it says so.
    pub book_seq: Seq,
}

/// What an update means.
#[derive(Clone, Debug, PartialEq)]
pub enum Accepted {
    /// It is to be stored.
    New(Written),
    /// It was stored before, as this record.
    Repeated(Seq),
}

/// One update of the latest hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Mark {
    n: u64,
    rev: Seq,
    hash: u64,
}

/// [`Text`] as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedText {
    rev: Seq,
    /// By client.
    clocks: BTreeMap<u64, u32>,
    client: Option<u64>,
    marks: VecDeque<Mark>,
    /// Absent in what was saved before it was kept: then the lowest client, for tokens rise.
    #[serde(default)]
    lineage: Option<u64>,
}

/// A chapter's text, as far as the hub looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    rev: Seq,
    clocks: Clocks,
    /// Who wrote last.
    client: Option<ClientId>,
    /// The last updates of that hold, oldest first.
    marks: VecDeque<Mark>,
    /// Who wrote first: which document this is.
    lineage: Option<ClientId>,
}

impl Text {
    /// The last record.
    pub fn rev(&self) -> Seq {
        self.rev
    }

    /// Which document this is: the token of the hold that wrote first. `None`: there is no document yet.
    pub fn lineage(&self) -> Option<Token> {
        self.lineage.map(|client| Token(client.0))
    }

    /// For each client that ever wrote, the number of its clock units.
    pub fn clocks(&self) -> BTreeMap<u64, u32> {
        self.clocks.iter().map(|(client, units)| (client.0, units)).collect()
    }

    pub(super) fn save(&self) -> SavedText {
        let (clocks, client) = (self.clocks(), self.client.map(|client| client.0));
        let lineage = self.lineage.map(|client| client.0);
        SavedText { rev: self.rev, clocks, client, marks: self.marks.clone(), lineage }
    }

    pub(super) fn restore(saved: SavedText) -> Self {
        let SavedText { rev, clocks, client, marks, lineage } = saved;
        let lineage = lineage.or_else(|| clocks.keys().next().copied()).map(ClientId);
        let clocks = clocks.into_iter().map(|(client, units)| (ClientId(client), units)).collect();
        Self { rev, clocks, client: client.map(ClientId), marks, lineage }
    }

    /// What an update means, or why it is refused. Changes nothing.
    pub fn decide(&self, writer: &Writer<'_>, n: u64, update: &Bytes, limits: &Limits) -> Result<Accepted, Rejection> {
        if update.len() > limits.update_bytes {
            return Err(Rejection::TooLarge { limit: "update_bytes".into(), max: limits.update_bytes as u64 });
        }
        let client = ClientId(writer.began.0);
        let known = self.marks.back().filter(|_| self.client == Some(client)).map_or(0, |mark| mark.n);
        if n <= known {
            return self.repeated(n, update);
        }
        if n > known + 1 {
            return Err(Rejection::conflict(format!("update {} of this hold comes next", known + 1)));
        }
        let guard_limits = GuardLimits { update_bytes: limits.update_bytes, ..GuardLimits::default() };
        let invalid = |reason: String| Rejection::invalid("update", reason);
        let checked = match guard::check(update, &self.clocks, client, &Profile::prosemirror_xml(), &guard_limits) {
            Ok(Verdict::New(checked)) => checked,
            Ok(Verdict::Duplicate(_)) => return Err(invalid("it was written before, under another number".into())),
            Err(fault) => return Err(invalid(fault.to_string())),
        };
        Ok(Accepted::New(Written {
            user: writer.user.clone(),
            session: writer.session.clone(),
            client: client.0,
            n,
            units: checked.written.map_or(self.clocks.get(client), |written| written.to),
            book_seq: writer.book_seq,
            update: update.clone(),
        }))
    }

    /// The units that the hub's own client has after an update that brings a version back, or why it cannot be stored.
    pub fn check_restoration(&self, client: u64, update: &Bytes, update_bytes: usize) -> Result<u32, String> {
        let limits = GuardLimits { update_bytes, ..GuardLimits::default() };
        let client = ClientId(client);
        match guard::check(update, &self.clocks, client, &Profile::prosemirror_xml(), &limits) {
            Ok(Verdict::New(checked)) => Ok(checked.written.map_or(self.clocks.get(client), |written| written.to)),
            Ok(Verdict::Duplicate(_)) => Err("it changes nothing".to_owned()),
            Err(fault) => Err(fault.to_string()),
        }
    }

    /// A number that was used: the same bytes are the same update.
    fn repeated(&self, n: u64, update: &[u8]) -> Result<Accepted, Rejection> {
        let mark = self.marks.iter().find(|mark| mark.n == n);
        match mark.filter(|mark| mark.hash == hash(update)) {
            Some(mark) => Ok(Accepted::Repeated(mark.rev)),
            None => Err(Rejection::conflict("that number belongs to another update of this hold")),
        }
    }

    /// Takes in a record. Cannot refuse: it is in the log.
    pub fn apply(&mut self, rev: Seq, entry: &Entry) {
        self.rev = rev;
        let written = match entry {
            Entry::Imported { .. } => return,
            // The holder's next update follows its last one.
            Entry::Restored(restored) => return self.clocks.set(ClientId(restored.client), restored.units),
            Entry::Written(written) => written,
        };
        let client = ClientId(written.client);
        self.lineage.get_or_insert(client);
        self.clocks.set(client, written.units);
        if self.client != Some(client) {
            self.client = Some(client);
            self.marks.clear();
        }
        if self.marks.len() == MARKS_MAX {
            self.marks.pop_front();
        }
        self.marks.push_back(Mark { n: written.n, rev, hash: hash(&written.update) });
    }
}

/// FNV-1a: stored, so it must be the same for ever. It tells a repeat from a mistake; nobody gains by a clash but a
/// holder that wants its own update to be taken for another of its own.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests;
