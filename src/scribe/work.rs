//! What a child does with the library. Pure: bytes in, bytes and trees out.
//!
//! Every result that will be stored is tried before it is given away: read back, it must say what it should.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use bytes::Bytes;
use yrs::undo::UndoManager;
use yrs::updates::decoder::Decode as _;
use yrs::{BranchID, ClientID, Doc, OffsetKind, Options, ReadTxn as _, StateVector, StickyIndex, Transact as _};
use yrs::{TransactionMut, Update, WriteTxn as _, XmlFragmentRef};

use super::tree::Measure;
use super::{Anchor, Document, Done, Failed, Found, Job, Place, Seeded, State, Text, tree};
use crate::pack;
use read::Reading;

mod anchors;
mod changes;
mod read;
mod seed;
#[cfg(test)]
mod tests;
mod value;

/// The fragment that holds the text.
const ROOT: &str = "default";
/// Clients are numbers that a browser can count to.
const CLIENT_MAX: u64 = (1 << 53) - 1;
/// The client of documents that nothing is written to.
const NOBODY: u64 = 0;
/// Marks the change that a restore undoes.
const TRACKED: &str = "tracked";

/// For each client the clock of its next item.
type Clocks = BTreeMap<u64, u32>;

/// Does the job, here. May panic, overflow its stack or never end: [`super::child`] sees to that, so a hub never calls
/// it itself.
pub fn perform(job: Job) -> Result<Done, Failed> {
    match job {
        Job::Compact(document) => compact(&Opened::new(&document)?).map(Done::State),
        Job::Read(document) => Opened::new(&document)?.text().map(Done::Text),
        Job::Compare { old, new } => {
            let (old, new) = (Opened::new(&old)?.text()?, Opened::new(&new)?.text()?);
            Ok(Done::Changes(changes::between(&old.tree, &new.tree)))
        }
        Job::Restore { document, old_state, client } => {
            restore(&Opened::new(&document)?, &old_state, client_id(client)?).map(Done::Restore)
        }
        Job::Resolve { document, anchors } => Opened::new(&document)?.resolve(&anchors).map(Done::Anchors),
        Job::Seed { tree, client } => seed(tree, client_id(client)?).map(Done::Seeded),
    }
}

/// Encodes a document. `merge_updates` would do without loading it, and takes the square of the time.
fn compact(opened: &Opened) -> Result<State, Failed> {
    let (state, measure) = encoded(opened)?;
    // What is larger could be packed, and never be unpacked again.
    if state.len() as u64 > pack::STATE_BYTES_MAX {
        return Err(Failed::TooLarge);
    }
    Ok(State { state: pack::packed(&state), clocks: opened.clocks.clone(), measure })
}

/// A document as one update that says the same, and how long its text is.
fn encoded(opened: &Opened) -> Result<(Bytes, Measure), Failed> {
    let text = opened.text()?;
    let state = Bytes::from(opened.encode());
    let again = Opened::of([&state])?;
    if again.clocks != opened.clocks || !says_the_same(&again.text()?, &text) {
        return Err(Failed::Unfaithful);
    }
    Ok((state, text.measure))
}

fn unpacked(gzip: &[u8]) -> Result<Bytes, Failed> {
    pack::unpacked(gzip).map_err(|error| Failed::Unreadable(error.to_string()))
}

/// A forward change, so that everybody who has the document can take it: in a copy of the old document whose rubbish
/// is kept, all that happened since is one change, and is undone.
fn restore(current: &Opened, old_state: &[u8], client: ClientID) -> Result<Option<Bytes>, Failed> {
    let old_state = unpacked(old_state)?;
    let wanted = Opened::of([&old_state])?;
    if wanted.clocks.iter().any(|(client, clock)| current.clocks.get(client) < Some(clock)) {
        return Err(Failed::Unrelated);
    }
    let wanted = wanted.text()?;
    if says_the_same(&current.text()?, &wanted) {
        return Ok(None);
    }
    let update = Bytes::from(undone(current, &old_state, client)?);
    if update.is_empty() {
        return Err(Failed::Unfaithful);
    }
    let tried = Opened::of([&Bytes::from(current.encode()), &update])?;
    let others = |clocks: &Clocks| -> Vec<(u64, u32)> {
        clocks.iter().map(|(other, clock)| (*other, *clock)).filter(|(other, _)| *other != client.get()).collect()
    };
    if others(&tried.clocks) != others(&current.clocks) || !says_the_same(&tried.text()?, &wanted) {
        return Err(Failed::Unfaithful);
    }
    Ok(Some(update))
}

/// The update that undoes what happened between the old state and the current one. Empty, if nothing can be undone.
fn undone(current: &Opened, old_state: &[u8], client: ClientID) -> Result<Vec<u8>, Failed> {
    let since = Update::decode_v1(&current.encode()).map_err(|error| Failed::Unreadable(error.to_string()))?;
    let mut scratch = Opened::empty(client, Rubbish::Kept);
    scratch.add(old_state)?;
    let mut undo = UndoManager::<()>::new();
    undo.expand_scope(&scratch.doc, &scratch.root);
    undo.include_origin(TRACKED);
    apply(&mut scratch.doc.transact_mut_with(TRACKED), since)?;
    // The difference to the current document would name everything that was ever deleted; the change itself does not.
    let change = Rc::new(RefCell::new(Vec::new()));
    let into = Rc::clone(&change);
    let observed = scratch.doc.observe_update_v1("undone", move |_, event| into.borrow_mut().clone_from(&event.update));
    observed.expect("no transaction is open");
    undo.undo_blocking();
    Ok(change.take())
}

fn seed(tree: Vec<tree::Node>, client: ClientID) -> Result<Seeded, Failed> {
    if !tree::is_shallow(&tree) {
        return Err(Failed::TooDeep);
    }
    let tree = tree::normal(tree);
    let mut seeded = Opened::empty(client, Rubbish::Collected);
    seed::write(&mut seeded.doc.transact_mut(), &seeded.root, &tree)?;
    seeded.clocks = clocks(&seeded.doc.transact().state_vector());
    if seeded.text()?.tree != tree {
        return Err(Failed::Unfaithful);
    }
    let (update, measure) = encoded(&seeded)?;
    Ok(Seeded { update, units: seeded.clocks.get(&client.get()).copied().unwrap_or_default(), measure })
}

/// Whether what was deleted stays readable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rubbish {
    Kept,
    Collected,
}

/// A document in memory.
struct Opened {
    doc: Doc,
    root: XmlFragmentRef,
    clocks: Clocks,
}

impl Opened {
    fn empty(client: ClientID, rubbish: Rubbish) -> Self {
        let mut options = Options::with_client_id(client);
        options.offset_kind = OffsetKind::Utf16;
        options.skip_gc = rubbish == Rubbish::Kept;
        // Reading must not write.
        options.cleanup_formatting = false;
        let doc = Doc::with_options(options);
        let root = doc.get_or_insert_xml_fragment(ROOT);
        Self { doc, root, clocks: Clocks::new() }
    }

    fn new(document: &Document) -> Result<Self, Failed> {
        let state = document.state.as_deref().map(unpacked).transpose()?;
        Self::of(state.iter().chain(&document.updates))
    }

    /// The document that these updates make, one after another.
    fn of<'a>(updates: impl IntoIterator<Item = &'a Bytes>) -> Result<Self, Failed> {
        let mut opened = Self::empty(ClientID::new(NOBODY), Rubbish::Collected);
        for update in updates {
            opened.add(update)?;
        }
        opened.settle()?;
        Ok(opened)
    }

    /// Applies an update, if it goes on where the document ends. The library takes one with a gap and browsers do not,
    /// so they would read different texts.
    fn add(&mut self, update: &[u8]) -> Result<(), Failed> {
        let update = Update::decode_v1(update).map_err(|error| Failed::Unreadable(error.to_string()))?;
        for (client, ranges) in update.insertions(true).iter() {
            let known = self.clocks.entry(client.get()).or_default();
            for range in ranges.iter() {
                if range.start > *known {
                    return Err(Failed::Incomplete);
                }
                *known = range.end.max(*known);
            }
        }
        apply(&mut self.doc.transact_mut(), update)
    }

    /// Checks that everything that was added has its place, and that nothing waits for what never came.
    fn settle(&self) -> Result<(), Failed> {
        let mut transaction = self.doc.transact_mut();
        if clocks(&transaction.state_vector()) != self.clocks {
            return Err(Failed::Incomplete);
        }
        // What still waits here may be known by another way; then it says nothing new.
        let Some(waiting) = transaction.prune_pending() else { return Ok(()) };
        let is_known = |client: &ClientID, end: u32| self.clocks.get(&client.get()) >= Some(&end);
        let (inserted, deleted) = (waiting.insertions(true), waiting.delete_set());
        let mut ranges = inserted.iter().chain(deleted.iter());
        if !ranges.all(|(client, ranges)| ranges.iter().all(|range| is_known(client, range.end))) {
            return Err(Failed::Incomplete);
        }
        apply(&mut transaction, waiting)
    }

    fn encode(&self) -> Vec<u8> {
        self.doc.transact().encode_diff_v1(&StateVector::default())
    }

    fn read(&self) -> Result<Reading, Failed> {
        read::read(&self.doc.transact(), &self.root)
    }

    fn text(&self) -> Result<Text, Failed> {
        self.read().map(|reading| reading.text)
    }

    fn resolve(&self, anchors: &[Anchor]) -> Result<Vec<Found>, Failed> {
        let Reading { text, places } = self.read()?;
        let said = anchors::Said::of(&text.tree);
        Ok(anchors.iter().map(|anchor| said.find(anchor, |position| self.place(&places, position))).collect())
    }

    fn place(&self, places: &HashMap<BranchID, Vec<u32>>, anchor: &[u8]) -> Option<Place> {
        let offset = StickyIndex::decode_v1(anchor).ok()?.get_offset(&self.doc.transact())?;
        Some(Place { path: places.get(&offset.branch.id())?.clone(), index: offset.index })
    }
}

fn apply(transaction: &mut TransactionMut<'_>, update: Update) -> Result<(), Failed> {
    transaction.apply_update(update).map_err(|error| Failed::Unreadable(error.to_string()))
}

fn clocks(vector: &StateVector) -> Clocks {
    vector.iter().map(|(client, clock)| (client.get(), *clock)).filter(|(_, clock)| *clock > 0).collect()
}

fn client_id(client: u64) -> Result<ClientID, Failed> {
    if client == NOBODY || client > CLIENT_MAX {
        return Err(Failed::Senseless(format!("{client} is no client")));
    }
    Ok(ClientID::new(client))
}

/// Compares bytes and not values: a number that is none differs from itself.
fn says_the_same(one: &Text, other: &Text) -> bool {
    let bytes = |text: &Text| rmp_serde::to_vec(text).expect("a text is data");
    bytes(one) == bytes(other)
}
