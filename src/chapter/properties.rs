//! What holds whatever people type: any order that causality allows and any compaction gives the same text, a version
//! comes back as it was, and bytes that may be anything never bring anybody down.

use std::sync::Arc;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use quire_loadtest::typist::{Page, Typist, updates_of};
use quire_protocol::codec::Blob;
use quire_protocol::command::DraftSave;
use quire_protocol::frame::OpenedText;
use quire_protocol::view::VersionCause;
use quire_protocol::{ChapterId, DraftId, Epoch, Limits, Seq, SessionId, Timers, Timestamp, Token, UserId};

use super::journal::{self, Journal};
use super::point::Point;
use super::version::Kept;
use super::{Accepted, Assets, Drafts, Entry, Restored, Text, Versions, Whole, Writer};
use crate::scribe::{Document, Done, Job, State, perform};
use crate::store::{Record, Tag};

/// People who write into one live chapter; their holds began with these tokens.
const WRITERS: [u64; 3] = [1_763_800_000_000_001, 1_763_800_000_000_002, 1_763_800_000_000_003];

/// One edit: by whom, after how much of what others wrote, and what chance follows from.
#[derive(Clone, Debug)]
struct Edit {
    writer: usize,
    hears: usize,
    seed: u64,
}

/// An update that was stored.
#[derive(Clone, Debug)]
struct Stored {
    writer: usize,
    entry: Entry,
    update: Bytes,
    /// How many of those before it its writer knew, but for its own.
    knows: usize,
}

fn edits(most: usize) -> impl Strategy<Value = Vec<Edit>> {
    let edit = (0..WRITERS.len(), any::<usize>(), any::<u64>());
    vec(edit.prop_map(|(writer, hears, seed)| Edit { writer, hears, seed }), 1..most)
}

/// Numbers from a seed (`SplitMix64`).
fn chance(mut seed: u64) -> impl FnMut(u32) -> u32 {
    move |sides| {
        seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(sides)).unwrap()
    }
}

/// Everybody types, and each update is decided and taken in as the hub would. `in_turn`: whoever types has heard all that
/// others wrote.
fn type_all(edits: &[Edit], in_turn: bool) -> Vec<Stored> {
    let mut typists = WRITERS.map(|began| (Typist::follows(Token(began), []), 0));
    let (mut log, mut text): (Vec<Stored>, _) = (Vec::new(), Text::default());
    for edit in edits {
        let (typist, heard) = &mut typists[edit.writer];
        let knows = if in_turn { log.len() } else { *heard + edit.hears % (log.len() + 1 - *heard) };
        log[*heard..knows].iter().for_each(|stored| typist.merges(&stored.update));
        *heard = knows;
        let (n, Blob(update)) = typist.edits(&mut chance(edit.seed));
        let update = Bytes::from(update);
        let entry = decides(&text, edit.writer, n, &update);
        text.apply(text.rev().next(), &entry);
        log.push(Stored { writer: edit.writer, entry, update, knows });
    }
    log
}

/// An update that must be taken.
fn decides(text: &Text, writer: usize, n: u64, update: &Bytes) -> Entry {
    let (user, session) = (UserId::new("ann").unwrap(), SessionId::new("ann-1").unwrap());
    let began = Token(WRITERS[writer]);
    let writer = Writer { user: &user, session: &session, began, chosen: None, book_seq: Seq(3) };
    match text.decide(&writer, n, update, &Limits::default()) {
        Ok(Accepted::New(written)) => Entry::Written(written),
        other => panic!("an editor's update is not taken: {other:?}"),
    }
}

fn number(entry: &Entry) -> u64 {
    match entry {
        Entry::Written(written) => written.n,
        other => panic!("somebody wrote: {other:?}"),
    }
}

fn record(seq: u64, payload: Bytes) -> Record {
    Record { seq: Seq(seq), stamp: Token(seq), at: Timestamp(seq), tag: Tag(seq), payload }
}

fn page(log: &[Stored]) -> Page {
    Page::of(log.iter().map(|stored| &stored.update[..])).unwrap()
}

fn document(whole: &Whole) -> Document {
    Document { state: whole.state().cloned(), updates: whole.updates().cloned().collect() }
}

fn compacts(whole: &Whole) -> State {
    match perform(Job::Compact(document(whole))) {
        Ok(Done::State(state)) => state,
        other => panic!("not compacted: {other:?}"),
    }
}

/// The log as the store has it, made one state at each of these places.
fn compacted(log: &[Stored], at: &[usize]) -> Whole {
    let records: Vec<Record> = (1..).zip(log).map(|(seq, stored)| record(seq, stored.entry.encode())).collect();
    let (mut snapshot, mut from) = (None, 0);
    for to in at {
        let whole = Whole::read(snapshot.as_deref(), &records[from..*to]).unwrap();
        (snapshot, from) = (Some(whole.save(compacts(&whole).state)), *to);
    }
    Whole::read(snapshot.as_deref(), &records[from..]).unwrap()
}

/// The text as somebody gets it who opens it.
fn opened(whole: &Whole) -> OpenedText {
    whole.opened(Some(Epoch(1)), None, true).expect("nothing was forgotten")
}

fn seen(whole: &Whole) -> Page {
    let updates = updates_of(&opened(whole)).unwrap();
    Page::of(updates.iter().map(Vec::as_slice)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_that_causality_allows_gives_the_same_text(edits in edits(40), picks in vec(any::<Index>(), 40)) {
        let log = type_all(&edits, false);
        let expected = page(&log);
        let (mut done, mut order, mut text) = (vec![false; log.len()], Vec::new(), Text::default());
        for pick in picks.iter().cycle().take(log.len()) {
            let may_come = |index: &usize| {
                let stored = &log[*index];
                let own = (0..*index).filter(|before| log[*before].writer == stored.writer);
                !done[*index] && (0..stored.knows).chain(own).all(|before| done[before])
            };
            let next: Vec<usize> = (0..log.len()).filter(may_come).collect();
            let next = next[pick.index(next.len())];
            done[next] = true;
            let Stored { writer, entry, update, .. } = &log[next];
            // The hub would have taken it in this order, too.
            let decided = decides(&text, *writer, number(entry), update);
            text.apply(text.rev().next(), &decided);
            order.push(&update[..]);
        }
        let other = Page::of(order).unwrap();
        prop_assert_eq!(other.renders(), expected.renders());
        prop_assert_eq!(other.clocks(), expected.clocks());
        prop_assert_eq!(text.clocks(), expected.clocks());
    }

    #[test]
    fn compaction_at_any_points_changes_nothing(
        edits in edits(40),
        in_turn: bool,
        at in vec(any::<Index>(), 0..4),
    ) {
        let log = type_all(&edits, in_turn);
        let mut at: Vec<usize> = at.iter().map(|index| 1 + index.index(log.len())).collect();
        at.sort_unstable();
        at.dedup();
        let (plain, whole) = (compacted(&log, &[]), compacted(&log, &at));
        prop_assert_eq!(&whole.text, &plain.text, "the next update is decided the same");
        let (seen, expected) = (seen(&whole), page(&log));
        prop_assert_eq!(seen.reads(), expected.reads());
        // As for the marks, see above.
        if in_turn {
            prop_assert_eq!(seen.renders(), expected.renders());
        }
        prop_assert_eq!(seen.clocks(), expected.clocks());
        // A repeat is known by its number, and answered with its place.
        let (user, session) = (UserId::new("ann").unwrap(), SessionId::new("ann-1").unwrap());
        for (rev, stored) in (1..).zip(&log) {
            let began = Token(WRITERS[stored.writer]);
            let writer = Writer { user: &user, session: &session, began, chosen: None, book_seq: Seq(9) };
            let again = whole.text.decide(&writer, number(&stored.entry), &stored.update, &Limits::default());
            prop_assert_eq!(again, Ok(Accepted::Repeated(Seq(rev))));
        }
    }

    #[test]
    fn a_version_comes_back_as_it_was(edits in edits(30), version in any::<Index>(), at in vec(any::<Index>(), 0..2)) {
        let log = type_all(&edits, false);
        let version = 1 + version.index(log.len());
        let then = &log[..version];
        let old_state = compacts(&compacted(then, &[])).state;
        let mut at: Vec<usize> = at.iter().map(|index| 1 + index.index(log.len())).collect();
        at.sort_unstable();
        let mut whole = compacted(&log, &at);
        let client = 77;
        let job = Job::Restore { document: document(&whole), old_state, client };
        let Ok(Done::Restore(update)) = perform(job) else { panic!("it comes back") };
        let Some(update) = update else {
            prop_assert_eq!(seen(&whole).reads(), page(then).reads(), "nothing has changed since");
            return Ok(());
        };
        let units = whole.text.check_own(client, &update, usize::MAX);
        prop_assert!(units.is_ok(), "the hub takes it: {:?}", units);
        let restored = Restored {
            user: UserId::new("ann").unwrap(),
            session: SessionId::new("ann-1").unwrap(),
            client,
            units: units.unwrap(),
            book_seq: Seq(9),
            version: Seq(version as u64),
            update,
        };
        whole.apply(whole.rev().next(), &Entry::Restored(restored));
        let (now, then) = (seen(&whole), page(then));
        prop_assert_eq!(now.reads(), then.reads());
        prop_assert_eq!(now.clocks(), whole.text.clocks());
        // The writers go on with their numbers.
        for (writer, began) in WRITERS.iter().enumerate() {
            let n = log.iter().filter(|stored| stored.writer == writer).count() as u64;
            let mut typist = Typist::begins(Token(*began), &opened(&whole));
            let (_, Blob(update)) = typist.types("and so on");
            decides(&whole.text, writer, n + 1, &update.into());
        }
    }
}

/// A change to some bytes.
#[derive(Clone, Debug)]
enum Damage {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Cut(Index),
    Repeat(Index, u8),
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Set(at, byte) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Self::Insert(at, more) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Cut(at) => bytes.truncate(at.index(bytes.len() + 1)),
            Self::Repeat(at, count) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                let more = bytes[at..].iter().copied().take((*count).into()).collect::<Vec<_>>();
                bytes.splice(at..at, more);
            }
            Self::Set(..) | Self::Repeat(..) => {}
        }
    }
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let damage = prop_oneof![
        6 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        2 => (any::<Index>(), vec(any::<u8>(), 1..9)).prop_map(|(at, more)| Damage::Insert(at, more)),
        1 => any::<Index>().prop_map(Damage::Cut),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, count)| Damage::Repeat(at, count)),
    ];
    vec(damage, 1..6)
}

fn damaged(bytes: &[u8], damages: &[Damage]) -> Bytes {
    let mut bytes = bytes.to_vec();
    for damage in damages {
        damage.apply(&mut bytes);
    }
    bytes.into()
}

/// A chapter, its snapshot and an update that would be the next one.
struct Sample {
    whole: Whole,
    snapshot: Bytes,
    entry: Bytes,
    next: Bytes,
}

fn sample() -> Arc<Sample> {
    static SAMPLE: std::sync::OnceLock<Arc<Sample>> = std::sync::OnceLock::new();
    Arc::clone(SAMPLE.get_or_init(|| {
        let edit = |seed: u64| Edit { writer: usize::try_from(seed % 3).unwrap(), hears: usize::MAX, seed };
        let log = type_all(&(0..40).map(edit).collect::<Vec<_>>(), false);
        let whole = compacted(&log, &[20]);
        let snapshot = whole.save(compacts(&whole).state);
        let mut typist = Typist::follows(Token(WRITERS[0]), log.iter().map(|stored| &stored.update[..]));
        let (_, Blob(next)) = typist.types("what comes next");
        Arc::new(Sample { whole, snapshot, entry: log[39].entry.encode(), next: next.into() })
    }))
}

/// Whatever was read of a chapter can be asked.
fn asks(whole: &Whole, update: &Bytes) {
    let (user, session) = (UserId::new("ann").unwrap(), SessionId::new("ann-1").unwrap());
    for (began, chosen) in [(WRITERS[0], None), (0, None), (u64::MAX, None), (1, Some(u32::MAX))] {
        let writer = Writer { user: &user, session: &session, began: Token(began), chosen, book_seq: Seq(3) };
        for n in [0, 1, 15, u64::MAX] {
            if let Ok(Accepted::New(written)) = whole.text.decide(&writer, n, update, &Limits::default()) {
                whole.text.clone().apply(Seq(99), &Entry::Written(written));
            }
        }
    }
    // Whether it can be restored is the only question; both answers are fine.
    drop(whole.text.check_own(7, update, 4096));
    for have in [None, Some(Seq(0)), Some(Seq(30)), Some(Seq(u64::MAX))] {
        if let Some(opened) = whole.opened(None, have, true) {
            assert_eq!(opened.rev, whole.rev());
            // What is not packed as it should be is refused by whoever unpacks it.
            drop(updates_of(&opened));
        }
    }
    drop((whole.save(Bytes::new()), whole.save_as_it_is(), whole.bytes()));
}

fn draft() -> Drafts {
    let mut drafts = Drafts::default();
    for number in 0..3 {
        let draft = DraftId::new(&format!("d{number}")).unwrap();
        let (chapter, update) = (ChapterId::new("c1").unwrap(), quire_loadtest::typist::draft("not stored"));
        let save = DraftSave { draft, chapter, excerpt: "not stored".into(), update };
        drafts.apply(drafts.save(&save, &Limits::default()).unwrap().unwrap(), Timestamp(number));
    }
    drafts
}

fn versions() -> Versions {
    let mut versions = Versions::default();
    for rev in 1..9 {
        let (cause, label) = (VersionCause::Saved, (rev % 2 == 0).then(|| format!("draft {rev}")));
        let kept = Kept { rev: Seq(rev), by: None, cause, label, restored: None, words: 5, added: 2, removed: 1 };
        let changes = versions.keep(kept, Timestamp(rev), &Limits::default(), &Timers::default()).unwrap();
        for change in changes {
            versions.apply(change, Timestamp(rev));
        }
    }
    versions
}

/// A journal read from damaged bytes can be asked, or is refused.
fn replays<J: Journal>(snapshot: &[u8], change: &[u8], asks: impl Fn(&J)) {
    let records = [record(1, Bytes::copy_from_slice(change))];
    for (snapshot, records) in [(Some(snapshot), &records[..0]), (None, &records[..]), (Some(snapshot), &records)] {
        if let Ok(journal) = journal::replay::<J>(snapshot, records) {
            asks(&journal);
            drop(journal.snapshot());
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decided(bytes in vec(any::<u8>(), 0..200), damages in damages()) {
        let sample = sample();
        asks(&sample.whole, &bytes.into());
        asks(&sample.whole, &damaged(&sample.next, &damages));
    }

    #[test]
    fn any_bytes_are_read_as_a_chapter(bytes in vec(any::<u8>(), 0..200), damages in damages()) {
        let sample = sample();
        let entries = [damaged(&sample.entry, &damages), Bytes::from(bytes.clone())].map(|payload| record(41, payload));
        for snapshot in [damaged(&sample.snapshot, &damages), bytes.into(), sample.snapshot.clone()] {
            for records in [&entries[..0], &entries[..1], &entries[1..]] {
                if let Ok(whole) = Whole::read(Some(&snapshot), records) {
                    asks(&whole, &sample.next);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_as_a_journal(bytes in vec(any::<u8>(), 0..200), damages in damages()) {
        let (drafts, versions) = (draft(), versions());
        let limits = Limits::default();
        for bytes in [Bytes::from(bytes), damaged(&drafts.snapshot(), &damages), damaged(&versions.snapshot(), &damages)] {
            replays::<Drafts>(&bytes, &bytes, |drafts| drop(drafts.list()));
            replays::<Assets>(&bytes, &bytes, |_| {});
            if let Ok(point) = Point::of(&record(1, bytes.clone())) {
                drop(point.clone().row(Seq(1), Timestamp(1)));
                drop(point.keep_after(u64::MAX, None, &limits));
            }
            replays::<Versions>(&bytes, &bytes, |versions| {
                let kept = Kept {
                    rev: Seq(100), by: None, cause: VersionCause::Written, label: None, restored: None,
                    words: 1, added: 1, removed: 0,
                };
                drop(versions.keep(kept, Timestamp(u64::MAX), &limits, &Timers::default()));
                drop(versions.list());
            });
        }
    }
}
