//! Bytes that may be anything: the guard never panics, what it lets pass keeps its promises, and yrs survives it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use yrs::error::UpdateError;
use yrs::updates::decoder::Decode;
use yrs::{Doc, ReadTxn, StateVector, Transact, Update};

use super::super::{Checked, ClientId, Clocks, Fault, Verdict, Written};
use super::sessions::documents;
use super::writer::{
    DELETED, Deletes, Id, MARK, NODE, TEXT, VALUES, element, id, mark, one, open, text, text_value, update,
};
use super::{EVE, check, check_for, known};

/// A genuine update with what comes before it.
struct Step {
    known: Clocks,
    client: ClientId,
    update: &'static [u8],
    /// The document before, as one update.
    state: Vec<u8>,
}

/// Steps from everywhere in the corpus.
static STEPS: LazyLock<Vec<Step>> = LazyLock::new(|| {
    let mut steps = Vec::new();
    for document in documents() {
        let doc = open(EVE);
        let mut known = Clocks::default();
        for (client, update) in document {
            let state = doc.transact().encode_state_as_update_v1(&StateVector::default());
            steps.push(Step { known: known.clone(), client, update, state });
            known.advance(&super::passed(check_for(update, &known, client)));
            doc.transact_mut().apply_update(Update::decode_v1(update).expect("yrs reads it")).expect("yrs applies it");
        }
    }
    steps
});

/// A change to some bytes.
#[derive(Clone, Debug)]
enum Mutation {
    Flip(Index, u8),
    Set(Index, u8),
    Add(Index, i8),
    Insert(Index, Vec<u8>),
    Remove(Index, u8),
    Repeat(Index, u8),
    /// From another update, so many bytes of it.
    Splice(Index, Index, Index, u8),
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let end = |at: usize, count: u8, length: usize| length.min(at + usize::from(count));
        match self {
            Self::Insert(at, new) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, new.iter().copied());
            }
            _ if bytes.is_empty() => {}
            Self::Flip(at, bit) => *at.get_mut(bytes) ^= 1 << (bit % 8),
            Self::Set(at, byte) => *at.get_mut(bytes) = *byte,
            Self::Add(at, by) => *at.get_mut(bytes) = at.get(bytes).wrapping_add_signed(*by),
            Self::Remove(at, count) => {
                let at = at.index(bytes.len());
                bytes.drain(at..end(at, *count, bytes.len()));
            }
            Self::Repeat(at, count) => {
                let at = at.index(bytes.len());
                let again = bytes[at..end(at, *count, bytes.len())].to_vec();
                bytes.splice(at..at, again);
            }
            Self::Splice(at, step, from, count) => {
                let other = step.get(&STEPS).update;
                let from = from.index(other.len());
                let at = at.index(bytes.len());
                bytes.splice(
                    at..end(at, *count, bytes.len()),
                    other[from..end(from, *count, other.len())].iter().copied(),
                );
            }
        }
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        3 => (at(), any::<u8>()).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        4 => (at(), -3_i8..=3).prop_map(|(at, by)| Mutation::Add(at, by)),
        1 => (at(), vec(any::<u8>(), 1..5)).prop_map(|(at, new)| Mutation::Insert(at, new)),
        1 => (at(), 1_u8..9).prop_map(|(at, count)| Mutation::Remove(at, count)),
        1 => (at(), 1_u8..30).prop_map(|(at, count)| Mutation::Repeat(at, count)),
        1 => (at(), at(), at(), 1_u8..30).prop_map(|(at, step, from, count)| Mutation::Splice(at, step, from, count)),
    ]
}

/// What is promised of everything that passes.
fn assert_promises(known: &Clocks, client: ClientId, update: &[u8], verdict: &Verdict) {
    let units = known.get(client);
    match verdict {
        Verdict::New(checked @ Checked { written: Some(Written { client: by, from, to }), .. }) => {
            assert_eq!((*by, *from), (client, units));
            assert!(to > from);
            let mut after = known.clone();
            after.advance(checked);
            assert_eq!(after.get(client), *to);
            let again = Verdict::Duplicate(checked.clone());
            assert_eq!(check_for(update, &after, client), Ok(again), "what was counted is known");
        }
        Verdict::New(checked) => {
            assert!(checked.deleted > 0);
            assert_eq!(checked.deletes_only(update).as_deref(), Some(update));
        }
        Verdict::Duplicate(Checked { written, .. }) => {
            let Written { from, to, .. } = written.expect("only what writes can be known");
            assert!(from < to && to <= units);
        }
    }
}

/// Lets yrs do with an update what will be done with it: read, apply, write out, and read that again. The writer's
/// units after it; none if an item stands in something that is no node, which only the document can tell.
fn live_with(step: &Step, update: &[u8]) -> Option<u32> {
    let apply = |doc: &Doc, bytes: &[u8]| {
        doc.transact_mut().apply_update(Update::decode_v1(bytes).expect("what passes can be read"))
    };
    let doc = open(EVE);
    apply(&doc, &step.state).expect("a genuine state");
    if let Err(UpdateError::InvalidParent(..)) = apply(&doc, update) {
        return None;
    }
    let state = doc.transact().encode_state_as_update_v1(&StateVector::default());
    let copy = open(EVE);
    apply(&copy, &state).expect("what was applied can be read again");
    let vector = doc.transact().state_vector();
    assert_eq!(copy.transact().state_vector(), vector);
    Some(vector.get(&yrs::ClientID::new(step.client.0)))
}

/// What passes as new must not harm yrs, which must count the writer's units as the guard does.
fn assert_harmless(step: &Step, update: &[u8], verdict: &Verdict) -> Result<(), TestCaseError> {
    let Verdict::New(checked) = verdict else { return Ok(()) };
    let units = checked.written.map_or(step.known.get(step.client), |written| written.to);
    let seen = catch_unwind(AssertUnwindSafe(|| live_with(step, update)))
        .map_err(|_| TestCaseError::fail(format!("yrs panics at {update:x?}")))?;
    prop_assert!(seen.is_none_or(|seen| seen == units), "yrs counts {:?}, not {}", seen, units);
    Ok(())
}

/// A struct that refers to anything that is there.
#[derive(Clone, Debug)]
struct Wild {
    left: Option<Index>,
    right: Option<Index>,
    parent: Option<Index>,
    in_attribute: bool,
    kind: u8,
}

impl Wild {
    /// The struct as the guard lets it pass, if `ids` are the units before it; and how long it is.
    fn write(&self, ids: &[Id]) -> (Vec<u8>, u32) {
        let pick = |index: &Option<Index>| index.filter(|_| !ids.is_empty()).map(|index| *index.get(ids));
        let (left, right, parent) = (pick(&self.left), pick(&self.right), pick(&self.parent));
        let has_neighbour = left.is_some() || right.is_some();
        let in_attribute = self.in_attribute && (has_neighbour || parent.is_some());
        let (kind, content, length) = match self.kind {
            0 => (DELETED, vec![3], 3),
            _ if in_attribute => (VALUES, one(&text_value("left")), 1),
            1 => (MARK, mark("bold", "{}"), 1),
            2 => (MARK, mark("bold", "null"), 1),
            3 => (NODE, vec![6], 1),
            4 => (NODE, element("paragraph"), 1),
            _ => (TEXT, text("a🐳"), 3),
        };
        let flag = |is_set, flag: u8| if is_set { flag } else { 0 };
        let info = flag(left.is_some(), 0x80) | flag(right.is_some(), 0x40) | flag(in_attribute, 0x20) | kind;
        let mut bytes = vec![info];
        bytes.extend(left.into_iter().chain(right).flat_map(id));
        if !has_neighbour {
            bytes.extend(parent.map_or([vec![1], text("default")].concat(), |parent| [vec![0], id(parent)].concat()));
            bytes.extend(if in_attribute { text("textAlign") } else { Vec::new() });
        }
        bytes.extend(content);
        (bytes, length)
    }
}

fn wild() -> impl Strategy<Value = Wild> {
    let index = || proptest::option::of(any::<Index>());
    (index(), index(), index(), any::<bool>(), 0_u8..8).prop_map(|(left, right, parent, in_attribute, kind)| Wild {
        left,
        right,
        parent,
        in_attribute,
        kind,
    })
}

/// An update of such structs that continues a step's document, and deletes some of it.
fn wild_update(step: &Step, structs: &[Wild], deletes: &[(Index, u8)]) -> Vec<u8> {
    let mut ids: Vec<Id> =
        step.known.iter().flat_map(|(client, units)| (0..units).map(move |clock| (client, clock))).collect();
    let from = step.known.get(step.client);
    let mut to = from;
    let mut written = Vec::new();
    for wild in structs {
        let (bytes, length) = wild.write(&ids);
        ids.extend((to..to + length).map(|clock| (step.client, clock)));
        to += length;
        written.push(bytes);
    }
    let mut ranges: BTreeMap<ClientId, Vec<(u32, u32)>> = BTreeMap::new();
    for (index, length) in deletes {
        let (client, start) = *index.get(&ids);
        let units = if client == step.client { to } else { step.known.get(client) };
        // One range a client: they would have to be sorted.
        ranges.entry(client).or_insert_with(|| vec![(start, u32::from(*length).clamp(1, units - start))]);
    }
    let ranges: Vec<Deletes<'_>> = ranges.iter().map(|(client, ranges)| (*client, &ranges[..])).collect();
    update(step.client, from, &written, &ranges)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn structs_that_refer_to_anything_do_not_harm_yrs(
        step in any::<Index>(),
        structs in vec(wild(), 1..8),
        deletes in vec((any::<Index>(), any::<u8>()), 0..3),
    ) {
        let step = step.get(&STEPS);
        let bytes = wild_update(step, &structs, &deletes);
        match check_for(&bytes, &step.known, step.client) {
            Ok(verdict) => {
                assert_promises(&step.known, step.client, &bytes, &verdict);
                assert_harmless(step, &bytes, &verdict)?;
            }
            // The only rule that these may break.
            Err(fault) => prop_assert_eq!(fault, Fault::Malformed("a parent that is not a node")),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn any_bytes_are_judged(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(verdict) = check(&bytes) {
            assert_promises(&known(), super::ANN, &bytes, &verdict);
        }
    }

    #[test]
    fn what_looks_like_an_update_is_judged(tail in vec(prop_oneof![any::<u8>(), 0_u8..12], 0..60)) {
        let bytes = [&[1, 1, 7, 10][..], &tail].concat();
        if let Ok(verdict) = check(&bytes) {
            assert_promises(&known(), super::ANN, &bytes, &verdict);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn mutated_updates_are_judged_and_what_passes_does_not_harm_yrs(
        step in any::<Index>(),
        mutations in vec(mutation(), 1..4),
    ) {
        let step = step.get(&STEPS);
        let mut bytes = step.update.to_vec();
        for mutation in &mutations {
            mutation.apply(&mut bytes);
        }
        match check_for(&bytes, &step.known, step.client) {
            Ok(verdict) => {
                assert_promises(&step.known, step.client, &bytes, &verdict);
                assert_harmless(step, &bytes, &verdict)?;
            }
            Err(Fault::NotYourClient { client }) => prop_assert_ne!(client, step.client),
            Err(_) => {}
        }
    }
}
