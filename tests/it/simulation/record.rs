//! What is known of the texts: what was typed, what was acknowledged, what was told; and whether it is all there.

use std::collections::{BTreeMap, BTreeSet};

use quire::book::{Book, Committed, Fact, Held, Saved};
use quire::chapter::{Entry, Whole};
use quire::store::{LogId, Position, Read};
use quire_loadtest::typist::{Page, updates_of};
use quire_protocol::codec::decode_record;
use quire_protocol::frame::OpenedText;
use quire_protocol::{Epoch, Seq, SessionId, Token};

use super::texts::Reading;
use super::town::Simulation;
use crate::harness::{Town, chapter, moby};

/// An update that somebody was told is stored.
#[derive(Clone, Debug)]
pub(super) struct Acknowledged {
    pub(super) chapter: u32,
    /// The client id of the hold.
    pub(super) client: Token,
    pub(super) n: u64,
    pub(super) rev: Seq,
}

/// By chapter, hold and number.
type Name = (u32, u64, u64);

/// What is known of the texts.
#[derive(Default)]
pub(super) struct Record {
    /// The bytes of each update, and the clock units of its hold after it.
    typed: BTreeMap<Name, (Vec<u8>, u32)>,
    /// Where each was stored, and whether the store has lost that since.
    acknowledged: BTreeMap<Name, (Seq, bool)>,
    told: BTreeMap<(u32, Seq), Vec<u8>>,
    /// Chapters of which the store lost something.
    lost: BTreeSet<u32>,
    /// The book as it is in the store.
    book: Option<(Position, Book)>,
    /// The life of the book's log in which something of it was lost: hubs may know more until another begins.
    pub(super) lost_in: Option<Epoch>,
    /// Texts that were compared with what was acknowledged.
    reads: usize,
}

impl Record {
    pub(super) fn typed(&mut self, chapter: u32, client: Token, n: u64, (update, units): (&[u8], u32)) {
        self.typed.insert((chapter, client.0, n), (update.to_vec(), units));
    }

    /// An update is stored; true if that was known before.
    pub(super) fn acknowledged(&mut self, what: &Acknowledged) -> bool {
        let Acknowledged { chapter, client, n, rev } = *what;
        match self.acknowledged.insert((chapter, client.0, n), (rev, false)) {
            Some((before, is_lost)) => {
                assert!(before == rev || is_lost, "{client:?} {n} was stored at {before} and is answered {rev}");
                true
            }
            None => false,
        }
    }

    /// Everybody is told the same.
    pub(super) fn told(&mut self, chapter: u32, rev: Seq, update: &[u8]) {
        let known = self.told.entry((chapter, rev)).or_insert_with(|| update.to_vec());
        assert!(known == update || self.lost.contains(&chapter), "update {rev} of chapter {chapter} is two things");
    }

    pub(super) fn has_lost(&self, chapter: u32) -> bool {
        self.lost.contains(&chapter)
    }

    /// The store has lost what lies behind `tail`; `None`: everything.
    pub(super) fn loses(&mut self, chapter: u32, tail: Option<Seq>) {
        self.lost.insert(chapter);
        for ((at, ..), (rev, is_lost)) in &mut self.acknowledged {
            *is_lost |= *at == chapter && tail.is_none_or(|tail| *rev > tail);
        }
    }

    /// Somebody reads a text: what was acknowledged is in it, but for what the store has lost.
    pub(super) fn read(&mut self, chapter: u32, reading: &Reading) {
        self.reads += 1;
        self.compares(chapter, reading.rev, &reading.page());
    }

    fn compares(&self, chapter: u32, rev: Seq, page: &Page) {
        let clocks = page.clocks();
        let kept = self.acknowledged.iter().filter(|((at, ..), (_, is_lost))| *at == chapter && !is_lost);
        for (name, (at, _)) in kept {
            let (_, client, _) = name;
            let units = self.typed[name].1;
            assert!(*at <= rev, "{name:?} was stored at {at}, and chapter {chapter} ends at {rev}");
            let there = clocks.get(client).copied().unwrap_or(0);
            assert!(there >= units, "{name:?} was stored with {units} units, and chapter {chapter} has {there}");
        }
        // Beyond what the store lost nobody can say what came from where.
        for (client, units) in clocks.iter().filter(|_| !self.lost.contains(&chapter)) {
            let typed = self.typed.iter().filter(|((at, by, _), _)| (*at, by) == (chapter, client));
            let most = typed.map(|(_, (_, units))| *units).max().unwrap_or(0);
            assert!(*units <= most, "{client} typed {most} units in chapter {chapter}, and {units} are there");
        }
    }
}

impl Simulation {
    /// Whether everybody could know before now that this token is over.
    pub(super) async fn is_over(&mut self, session: &SessionId, number: u32, token: Token) -> bool {
        let (log, known) = (LogId::Book(moby()), self.record.book.take());
        let after = known.as_ref().map(|(position, _)| *position);
        let (mut book, records, tail) = match self.towns[0].store.read(log, after).await.unwrap() {
            Read::Records { records, tail } => (known.expect("a position was named").1, records, tail),
            Read::Snapshot { snapshot, records, tail } => {
                let restored = snapshot.map(|(_, bytes)| Book::restore(decode_record::<Saved>(&bytes).unwrap()));
                (restored.unwrap_or_else(|| Book::new(moby())), records, tail)
            }
            // Hubs are about to put it back.
            Read::Absent => return false,
        };
        for record in records {
            let fact: Fact = decode_record(&record.payload).unwrap();
            book.apply(&Committed { seq: record.seq, stamp: record.stamp, at: record.at, fact });
        }
        let wanted = chapter(number);
        let is_of = |held: &Held<'_>| *held.chapter == wanted && held.session == session && held.token == token;
        let is_over = !book.held().any(|held| is_of(&held));
        self.record.book = Some((tail, book));
        is_over && self.record.lost_in != Some(tail.epoch)
    }

    /// What is durable of each text is what was typed, in order, with all that was acknowledged.
    pub(super) async fn judges_texts(&mut self) {
        for number in 1..=5 {
            let Some(Stored { opened, since, entries }) = stored(&self.towns[0], number).await else {
                let mut kept = self.record.acknowledged.iter().filter(|((at, ..), (_, lost))| *at == number && !lost);
                assert_eq!(kept.next(), None, "chapter {number} is gone");
                continue;
            };
            let updates = updates_of(&opened).unwrap();
            let page = Page::of(updates.iter().map(Vec::as_slice)).unwrap();
            self.record.compares(number, opened.rev, &page);
            self.check_entries(number, since, &entries);
            self.check_watchers(number, (opened.rev, &page)).await;
        }
    }

    /// Every record is what somebody typed, and what was acknowledged stands where it was said.
    fn check_entries(&self, number: u32, since: Seq, entries: &[(Seq, Entry)]) {
        let record = &self.record;
        let mut last: BTreeMap<u64, u64> = BTreeMap::new();
        for (rev, entry) in entries {
            let Entry::Written(written) = entry else { panic!("nothing was restored or imported: {entry:?}") };
            let name = (number, written.client, written.n);
            let typed = record.typed.get(&name).unwrap_or_else(|| panic!("nobody typed {name:?}, which is at {rev}"));
            assert_eq!(typed.0, written.update, "{name:?} is what was typed");
            let before = last.insert(written.client, written.n);
            // What a snapshot took the place of came before it.
            let is_next = before.map_or(written.n == 1 || since > Seq(0), |before| written.n == before + 1);
            assert!(is_next, "{name:?} follows {before:?}");
        }
        let there: BTreeMap<Seq, Name> = entries
            .iter()
            .filter_map(|(rev, entry)| match entry {
                Entry::Written(written) => Some((*rev, (number, written.client, written.n))),
                _ => None,
            })
            .collect();
        for (name, (rev, is_lost)) in record.acknowledged.iter().filter(|((at, ..), _)| *at == number) {
            let is_there = *rev <= since || there.get(rev) == Some(name);
            assert!(*is_lost || is_there, "{name:?} was stored at {rev}: {:?}", there.get(rev));
        }
    }

    /// Those who kept watching, and those who look now, have the text that is stored.
    async fn check_watchers(&mut self, number: u32, (rev, page): (Seq, &Page)) {
        let (rendered, clocks) = (page.renders(), page.clocks());
        let same = |name: &str, reading: &Reading| {
            let seen = reading.page();
            assert_eq!(reading.rev, rev, "{name} has all of chapter {number}");
            assert_eq!(
                (seen.renders(), seen.clocks()),
                (rendered.clone(), clocks.clone()),
                "{name} sees chapter {number}"
            );
        };
        for index in 0..self.people.len() {
            self.hears(index);
            let citizen = &self.people[index];
            if let Some((_, reading)) = citizen.desk.open().find(|(open, _)| *open == number) {
                same(&citizen.name, reading);
            }
        }
        let index = self.dice.roll(self.people.len());
        // A chapter that is removed has no text that anybody sees.
        if self.opens_text(index, number).await.is_some() {
            let citizen = &self.people[index];
            let (_, reading) = citizen.desk.open().find(|(open, _)| *open == number).expect("it was just opened");
            same(&citizen.name, reading);
        }
    }

    /// Texts were read while all this happened.
    pub(super) fn reads(&self) -> (usize, usize) {
        (self.record.reads, self.record.acknowledged.len())
    }
}

/// What is stored of a text.
struct Stored {
    opened: OpenedText,
    /// The last record that a snapshot took the place of.
    since: Seq,
    entries: Vec<(Seq, Entry)>,
}

/// What is stored of a text; `None`: nothing.
async fn stored(town: &Town, number: u32) -> Option<Stored> {
    let log = LogId::Chapter(moby(), chapter(number));
    let (snapshot, records, tail) = town.store.read(log, None).await.unwrap().whole()?;
    let since = snapshot.as_ref().map_or(Seq(0), |(position, _)| position.seq);
    let whole = Whole::read(snapshot.as_ref().map(|(_, bytes)| &bytes[..]), &records).unwrap();
    let entries = records.iter().map(|record| (record.seq, Entry::of(record).unwrap())).collect();
    let opened = whole.opened(Some(tail.epoch), None, false).expect("the store forgets nothing");
    Some(Stored { opened, since, entries })
}
