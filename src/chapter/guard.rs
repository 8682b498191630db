//! The guard: what a v1 update of a Yjs document must be before anything else touches it.
//!
//! Updates come from outside, and the library that will read them trusts lengths, nesting and references more than
//! it should. So the bytes are walked here first, without building a document: one pass, no recursion, nothing
//! reserved by a length that the bytes only claim. What passes continues exactly what is known of the document, refers
//! to nothing that nobody wrote, and holds only what the chapter's [`Profile`] allows.
//!
//! The guard sees one update and the [`Clocks`], not the document. So it cannot tell what an id stands for: that a
//! parent is an element, how deep the tree is, or which attribute is overwritten by an item that names only its
//! neighbour. Who reads the document must bound the depth and check addresses again.
//!
//! An update is: the number of writing clients (here 0 or 1), for each its structs, its id and first clock, then the
//! structs; after that the delete set. See [`structs`], [`deletes`].

mod content;
mod deletes;
mod fault;
mod json;
mod position;
mod profile;
mod reader;
mod structs;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

pub use fault::Fault;
pub use position::check_position;
pub use profile::Profile;
use reader::Reader;

/// Clocks, and sums of lengths, stay below: `JavaScript`'s bit arithmetic and `i32` both end here.
const CLOCK_MAX: u32 = (1 << 31) - 1;

/// Client id of a Yjs document: 53 bits on the wire, of which Yjs uses 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is known of a document: for each client that ever wrote, the number of its clock units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clocks(BTreeMap<ClientId, u32>);

impl Clocks {
    /// Units of this client, which is also the clock of its next one; 0 if it never wrote.
    pub fn get(&self, client: ClientId) -> u32 {
        self.0.get(&client).copied().unwrap_or(0)
    }

    /// Says how many units a client has, as the document's state vector does.
    pub fn set(&mut self, client: ClientId, units: u32) {
        if units == 0 {
            self.0.remove(&client);
        } else {
            self.0.insert(client, units);
        }
    }

    /// Counts an update that was stored. It must continue these clocks: [`Verdict::New`] against them.
    pub fn advance(&mut self, checked: &Checked) {
        let Some(Written { client, from, to }) = checked.written else { return };
        assert_eq!(self.get(client), from, "an update is counted once, and in order");
        self.set(client, to);
    }

    /// Clients in ascending order, with their units.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, u32)> + '_ {
        self.0.iter().map(|(client, units)| (*client, *units))
    }
}

impl FromIterator<(ClientId, u32)> for Clocks {
    fn from_iter<I: IntoIterator<Item = (ClientId, u32)>>(clocks: I) -> Self {
        let mut known = Self::default();
        for (client, units) in clocks {
            known.set(client, units);
        }
        known
    }
}

/// The most of everything that an update may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardLimits {
    /// Bytes of an update.
    pub update_bytes: usize,
    /// Structs of an update: a keystroke is one, a pasted paragraph three or more.
    pub structs: usize,
    /// Ranges in an update's delete set, of all clients together.
    pub delete_ranges: usize,
    /// Bytes of one value: an attribute's, or a mark's.
    pub value_bytes: usize,
    /// Objects and lists within each other, in one value.
    pub value_depth: usize,
}

impl Default for GuardLimits {
    /// Room for a chapter of 100,000 characters that is pasted at once, or whose deletes are all sent again.
    fn default() -> Self {
        Self { update_bytes: 1 << 20, structs: 65_536, delete_ranges: 65_536, value_bytes: 16_384, value_depth: 16 }
    }
}

/// What the guard says of an update that it lets pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Continues what is known, or only deletes.
    New(Checked),
    /// All that it writes is known already. It must not be stored: nothing says that it writes the same as the first
    /// time. Its deletes may be new; they can be kept with [`Checked::deletes_only`].
    Duplicate(Checked),
}

/// What an update does, as far as the guard looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What it writes; none if it only deletes.
    pub written: Option<Written>,
    /// Clock units in its delete ranges. Those that were deleted before count too.
    pub deleted: u64,
    /// Where its delete set begins, bytes.
    deletes_at: usize,
}

/// The clock units that an update adds, `from..to`: never none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Who writes.
    pub client: ClientId,
    /// Clock of the first unit.
    pub from: u32,
    /// One more than the clock of the last unit.
    pub to: u32,
}

impl Checked {
    /// An update with the same deletes that writes nothing; none if there are no deletes. `update` is what was checked.
    pub fn deletes_only(&self, update: &[u8]) -> Option<Vec<u8>> {
        let deletes = update.get(self.deletes_at..).filter(|_| self.deleted > 0)?;
        Some([&[0], deletes].concat())
    }
}

/// Against what an update is checked.
#[derive(Clone, Copy)]
struct Rules<'a> {
    known: &'a Clocks,
    client: ClientId,
    profile: &'a Profile,
    limits: &'a GuardLimits,
}

impl Rules<'_> {
    /// Units of `client` that may be referred to, if this update has written its own up to `own`.
    fn units(&self, client: ClientId, own: u32) -> u32 {
        let known = self.known.get(client);
        if client == self.client { known.max(own) } else { known }
    }
}

/// Whether `update` may be stored, if `client` is the writer's leased id and `known` all that is stored already.
///
/// An update that neither writes nor deletes is refused ([`Fault::Empty`]): there is nothing to store or to tell.
pub fn check(
    update: &[u8],
    known: &Clocks,
    client: ClientId,
    profile: &Profile,
    limits: &GuardLimits,
) -> Result<Verdict, Fault> {
    fault::at_most("bytes of an update", update.len(), limits.update_bytes)?;
    let rules = Rules { known, client, profile, limits };
    let mut reader = Reader::new(update);
    let clocks = structs::check(&mut reader, &rules)?;
    let deletes_at = update.len() - reader.left();
    let own = clocks.as_ref().map_or(0, |clocks| clocks.end);
    let deleted = deletes::check(&mut reader, &rules, own)?;
    reader.end()?;
    let Some(Range { start: from, end: to }) = clocks else {
        let checked = Checked { written: None, deleted, deletes_at };
        return if deleted == 0 { Err(Fault::Empty) } else { Ok(Verdict::New(checked)) };
    };
    let checked = Checked { written: Some(Written { client, from, to }), deleted, deletes_at };
    match known.get(client) {
        // A gap was refused before its structs were read.
        units if from == units => Ok(Verdict::New(checked)),
        units if to <= units => Ok(Verdict::Duplicate(checked)),
        units => Err(Fault::Overlap { known: units, from, to }),
    }
}
