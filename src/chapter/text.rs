//! What must be known of a chapter's text to decide about an update, and nothing of what it says.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use bytes::Bytes;
use quire_protocol::{Limits, Rejection, Seq, SessionId, Token, UserId};
use serde::{Deserialize, Serialize};

use super::entry::{Entry, Written};
use super::guard::{self, ClientId, Clocks, GuardLimits, Profile, Verdict};

/// The client ids under which the hub itself writes. Editors choose theirs below, and the tokens of holds, which are
/// client ids as well, are above.
pub const OWN_CLIENTS: Range<u64> = 1 << 32..1 << 33;

/// Updates of a hold that are recognised when they come again. A client has fewer unanswered.
const MARKS_MAX: usize = 48;
/// Holds whose last updates are known: more than write in a live chapter at once.
const HOLDS_MAX: usize = 32;

/// Who writes, as the book sees it.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// Who.
    pub user: &'a UserId,
    /// In which tab.
    pub session: &'a SessionId,
    /// The first token of the hold.
    pub began: Token,
    /// A client id that the editor chose for itself.
    pub chosen: Option<u32>,
    /// The end of the book's log, where it says so.
    pub book_seq: Seq,
}

impl Writer<'_> {
    /// The Yjs client that writes.
    pub fn client(&self) -> u64 {
        self.chosen.map_or(self.began.0, u64::from)
    }
}

/// What an update means.
#[derive(Clone, Debug, PartialEq)]
pub enum Accepted {
    /// It is to be stored.
    New(Written),
    /// It was stored before, as this record.
    Repeated(Seq),
}

/// One update of a hold.
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
    /// The latest hold, as it was stored when one was known.
    #[serde(default, skip_serializing)]
    client: Option<u64>,
    #[serde(default, skip_serializing)]
    marks: VecDeque<Mark>,
    /// By client, who wrote last at the end.
    #[serde(default)]
    holds: Vec<(u64, VecDeque<Mark>)>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    owners: BTreeMap<u64, u64>,
    /// Absent in what was saved before it was kept: then the lowest client, for tokens rise.
    #[serde(default)]
    lineage: Option<u64>,
}

/// What a hold wrote last.
#[derive(Clone, Debug, PartialEq)]
struct Hold {
    client: ClientId,
    /// Its last updates, oldest first.
    marks: VecDeque<Mark>,
}

/// A chapter's text, as far as the hub looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    rev: Seq,
    clocks: Clocks,
    /// Who wrote, the last at the end.
    holds: Vec<Hold>,
    /// Whose the client ids are that editors chose for themselves: hashes of users.
    owners: BTreeMap<u64, u64>,
    /// Who wrote first: which document this is.
    lineage: Option<ClientId>,
}

impl Text {
    /// The last record.
    pub fn rev(&self) -> Seq {
        self.rev
    }

    /// Which document this is: the token of the hold that wrote first, or the client of what was imported. `None`: there
    /// is no document yet.
    pub fn lineage(&self) -> Option<Token> {
        self.lineage.map(|client| Token(client.0))
    }

    /// For each client that ever wrote, the number of its clock units.
    pub fn clocks(&self) -> BTreeMap<u64, u32> {
        self.clocks.iter().map(|(client, units)| (client.0, units)).collect()
    }

    pub(super) fn save(&self) -> SavedText {
        let holds = self.holds.iter().map(|hold| (hold.client.0, hold.marks.clone())).collect();
        let (client, marks, owners) = (None, VecDeque::new(), self.owners.clone());
        let lineage = self.lineage.map(|client| client.0);
        SavedText { rev: self.rev, clocks: self.clocks(), client, marks, holds, owners, lineage }
    }

    pub(super) fn restore(saved: SavedText) -> Self {
        let SavedText { rev, clocks, client, marks, holds, owners, lineage } = saved;
        let lineage = lineage.or_else(|| clocks.keys().next().copied()).map(ClientId);
        let clocks = clocks.into_iter().map(|(client, units)| (ClientId(client), units)).collect();
        let holds = holds.into_iter().chain(client.map(|client| (client, marks)));
        let holds = holds.map(|(client, marks)| Hold { client: ClientId(client), marks }).collect();
        Self { rev, clocks, holds, owners, lineage }
    }

    fn marks(&self, client: ClientId) -> Option<&VecDeque<Mark>> {
        self.holds.iter().find(|hold| hold.client == client).map(|hold| &hold.marks)
    }

    /// The number of the last update of a hold.
    fn last_number(&self, client: ClientId, n: u64) -> u64 {
        match self.marks(client) {
            Some(marks) => marks.back().map_or(0, |mark| mark.n),
            // So many others wrote since that its numbers are forgotten; its clock still tells what is new.
            None if self.clocks.get(client) > 0 => n.saturating_sub(1),
            None => 0,
        }
    }

    /// How many updates of a hold are stored; those of a hold that is long ago are not known.
    pub fn stored_of(&self, began: Token) -> u64 {
        self.last_number(ClientId(began.0), 0)
    }

    /// Whether a hold's updates are stored up to this one.
    pub fn check_stored(&self, began: Token, n: u64) -> Result<(), Rejection> {
        let known = self.last_number(ClientId(began.0), n + 1);
        if n <= known {
            Ok(())
        } else {
            Err(Rejection::conflict(format!("update {} of this hold comes next", known + 1)))
        }
    }

    /// What an update means, or why it is refused. Changes nothing.
    pub fn decide(&self, writer: &Writer<'_>, n: u64, update: &Bytes, limits: &Limits) -> Result<Accepted, Rejection> {
        if update.len() > limits.update_bytes {
            return Err(Rejection::TooLarge { limit: "update_bytes".into(), max: limits.update_bytes as u64 });
        }
        let client = ClientId(writer.client());
        if writer.chosen.is_some() {
            self.check_owner(client, writer.user)?;
        } else {
            let known = self.last_number(client, n);
            if n <= known {
                return self.repeated(client, n, update);
            }
            if n > known + 1 {
                return Err(Rejection::conflict(format!("update {} of this hold comes next", known + 1)));
            }
        }
        let guard_limits = GuardLimits { update_bytes: limits.update_bytes, ..GuardLimits::default() };
        let invalid = |reason: String| Rejection::invalid("update", reason);
        // An editor that writes offline may send what it took back itself, and has forgotten.
        let profile = Profile { collected: writer.chosen.is_some(), ..Profile::prosemirror_xml() };
        let checked = match guard::check(update, &self.clocks, client, &profile, &guard_limits) {
            Ok(Verdict::New(checked)) => checked,
            // A clock tells a repeat from what is new, if not from another text: that would be the editor's own mistake.
            Ok(Verdict::Duplicate(_)) if writer.chosen.is_some() => return Ok(Accepted::Repeated(self.rev)),
            Ok(Verdict::Duplicate(_)) => return Err(invalid("it was written before, under another number".into())),
            Err(fault) => return Err(invalid(fault.to_string())),
        };
        Ok(Accepted::New(Written {
            user: writer.user.clone(),
            session: writer.session.clone(),
            client: client.0,
            n: if writer.chosen.is_some() { 0 } else { n },
            units: checked.written.map_or(self.clocks.get(client), |written| written.to),
            book_seq: writer.book_seq,
            update: update.clone(),
        }))
    }

    /// A client id that an editor chose is its own if nobody wrote under it, or the same user.
    fn check_owner(&self, client: ClientId, user: &UserId) -> Result<(), Rejection> {
        let owner = self.owners.get(&client.0);
        if owner.map_or(self.clocks.get(client) == 0, |owner| *owner == hash(user.as_str().as_bytes())) {
            Ok(())
        } else {
            Err(Rejection::conflict("somebody else wrote under that client id"))
        }
    }

    /// A client of the hub's own that never wrote here, out of random numbers.
    pub fn own_client(&self, mut random: impl FnMut() -> u64) -> u64 {
        loop {
            let client = OWN_CLIENTS.start + random() % (OWN_CLIENTS.end - OWN_CLIENTS.start);
            if self.clocks.get(ClientId(client)) == 0 {
                return client;
            }
        }
    }

    /// The units that a client of the hub's own has after an update that the hub made, or why it cannot be stored.
    pub fn check_own(&self, client: u64, update: &Bytes, update_bytes: usize) -> Result<u32, String> {
        // It is as long as it is; of how many structs is nobody's choice.
        let limits = GuardLimits { update_bytes, structs: update_bytes, ..GuardLimits::default() };
        let client = ClientId(client);
        match guard::check(update, &self.clocks, client, &Profile::prosemirror_xml(), &limits) {
            Ok(Verdict::New(checked)) => Ok(checked.written.map_or(self.clocks.get(client), |written| written.to)),
            Ok(Verdict::Duplicate(_)) => Err("it changes nothing".to_owned()),
            Err(fault) => Err(fault.to_string()),
        }
    }

    /// A number that was used: the same bytes are the same update.
    fn repeated(&self, client: ClientId, n: u64, update: &[u8]) -> Result<Accepted, Rejection> {
        let mark = self.marks(client).and_then(|marks| marks.iter().find(|mark| mark.n == n));
        match mark.filter(|mark| mark.hash == hash(update)) {
            Some(mark) => Ok(Accepted::Repeated(mark.rev)),
            None => Err(Rejection::conflict("that number belongs to another update of this hold")),
        }
    }

    /// Takes in a record. Cannot refuse: it is in the log.
    pub fn apply(&mut self, rev: Seq, entry: &Entry) {
        self.rev = rev;
        let written = match entry {
            Entry::Seeded(seeded) => {
                self.lineage.get_or_insert(ClientId(seeded.client));
                return self.clocks.set(ClientId(seeded.client), seeded.units);
            }
            // The holder's next update follows its last one.
            Entry::Restored(restored) => return self.clocks.set(ClientId(restored.client), restored.units),
            Entry::Written(written) => written,
        };
        let client = ClientId(written.client);
        self.lineage.get_or_insert(client);
        self.clocks.set(client, written.units);
        if written.n == 0 {
            if written.units > 0 {
                self.owners.insert(client.0, hash(written.user.as_str().as_bytes()));
            }
            return;
        }
        let known = self.holds.iter().position(|hold| hold.client == client);
        if known.is_none() && self.holds.len() == HOLDS_MAX {
            self.holds.remove(0);
        }
        let new = || Hold { client, marks: VecDeque::new() };
        let mut hold = known.map_or_else(new, |place| self.holds.remove(place));
        if hold.marks.len() == MARKS_MAX {
            hold.marks.pop_front();
        }
        hold.marks.push_back(Mark { n: written.n, rev, hash: hash(&written.update) });
        self.holds.push(hold);
    }
}

/// FNV-1a: stored, so it must be the same for ever. It tells a repeat from a mistake; nobody gains by a clash but a
/// holder that wants its own update to be taken for another of its own.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests;
