//! What people type, and what they see of what others type.

use std::collections::{BTreeMap, VecDeque};

use quire_loadtest::typist::{Page, Typist, updates_of};
use quire_protocol::codec::Blob;
use quire_protocol::command::{ChapterOpen, ChapterUpdate, Mode, VersionSave};
use quire_protocol::event::{Event, EventFrame};
use quire_protocol::frame::{Answer, Opened, OpenedText, Text};
use quire_protocol::{ChapterId, Command, Rejection, Seq, ServerFrame, SessionId, Token};

use super::record::Acknowledged;
use super::town::{Citizen, Simulation, within};
use crate::harness::wishes::*;
use crate::harness::{Person, TabEnd, chapter};

/// Updates that are sent before an answer is read.
const AT_ONCE: usize = 3;

/// One person's texts, by the number of the chapter.
#[derive(Default)]
pub(super) struct Desk {
    readings: BTreeMap<u32, Reading>,
    holds: BTreeMap<u32, Hold>,
    /// Tokens that were held once.
    old: Vec<(u32, Token, Token)>,
    /// Changes of texts that were heard.
    heard: Vec<Text>,
}

/// A text as somebody has it.
pub(super) struct Reading {
    pub(super) rev: Seq,
    pub(super) pieces: Vec<Vec<u8>>,
    /// On this connection.
    is_open: bool,
}

/// A chapter that somebody holds.
struct Hold {
    /// The first token; `None`: it was granted out of hearing.
    began: Option<Token>,
    token: Token,
    typist: Option<Typist>,
    /// Not answered yet, in order.
    unanswered: VecDeque<(u64, Blob)>,
}

impl Reading {
    pub(super) fn page(&self) -> Page {
        Page::of(self.pieces.iter().map(Vec::as_slice)).expect("the hub passes on what an editor wrote")
    }
}

fn number(chapter: &ChapterId) -> u32 {
    (1..=5).find(|number| crate::harness::chapter(*number) == *chapter).expect("there are five chapters")
}

impl Desk {
    /// The connection is gone.
    pub(super) fn drops(&mut self) {
        self.readings.values_mut().for_each(|reading| reading.is_open = false);
    }

    /// Texts that are open on this connection.
    pub(super) fn open(&self) -> impl Iterator<Item = (u32, &Reading)> {
        self.readings.iter().filter(|(_, reading)| reading.is_open).map(|(number, reading)| (*number, reading))
    }

    /// The book was opened again: what was held may be held under another token, or not at all.
    pub(super) fn sees(&mut self, me: &SessionId, opened: &Opened) {
        opened.events.iter().flatten().for_each(|frame| self.hears_event(me, frame));
        let Some(snapshot) = &opened.snapshot else { return };
        let mut before = std::mem::take(&mut self.holds);
        for view in &snapshot.chapters {
            let first = view.lock.iter().map(|lock| (&lock.holder.session, lock.token));
            let mut all = first.chain(view.beside.iter().map(|other| (&other.holder.session, other.token)));
            if let Some((_, token)) = all.find(|(session, _)| *session == me) {
                let known = before.remove(&number(&view.id));
                // Whether it is the same hold under a new token, a snapshot does not say.
                let same = known.filter(|hold| hold.token == token);
                let new = Hold { began: None, token, typist: None, unanswered: VecDeque::new() };
                self.holds.insert(number(&view.id), same.unwrap_or(new));
            }
        }
    }

    /// The changes of texts that were heard since this was asked.
    pub(super) fn takes_texts(&mut self) -> Vec<Text> {
        std::mem::take(&mut self.heard)
    }

    /// What was heard, oldest first.
    pub(super) fn hears(&mut self, me: &SessionId, name: &str, frames: Vec<ServerFrame>) {
        for frame in frames {
            match frame {
                ServerFrame::Event(frame) => self.hears_event(me, &frame),
                ServerFrame::Text(text) => {
                    self.hears_text(name, &text);
                    self.heard.push(text);
                }
                _ => {}
            }
        }
    }

    fn hears_text(&mut self, name: &str, text: &Text) {
        let at = number(&text.chapter);
        let reading = self.readings.get_mut(&at).filter(|reading| reading.is_open);
        let reading = reading.unwrap_or_else(|| panic!("{name} is told of chapter {at}, which is not open"));
        assert_eq!(text.rev, reading.rev.next(), "{name} misses nothing of chapter {at}");
        reading.rev = text.rev;
        reading.pieces.push(text.update.0.clone());
        if let Some(typist) = self.holds.get(&at).and_then(|hold| hold.typist.as_ref()) {
            typist.merges(&text.update.0);
        }
    }

    fn hears_event(&mut self, me: &SessionId, frame: &EventFrame) {
        match &frame.event {
            Event::LockAcquired(event) if event.holder.session == *me => {
                let token = event.token.expect("a grant has a token on the wire");
                let hold = Hold { began: Some(token), token, typist: None, unanswered: VecDeque::new() };
                self.holds.insert(number(&event.chapter), hold);
            }
            Event::LockRehomed(event) if event.session == *me => {
                let token = event.token.expect("a grant has a token on the wire");
                if let Some(hold) = self.holds.get_mut(&number(&event.chapter)) {
                    hold.token = token;
                }
            }
            Event::LockReleased(event) if event.session == *me => {
                let at = number(&event.chapter);
                if let Some(Hold { began: Some(began), token, .. }) = self.holds.remove(&at) {
                    self.old.push((at, began, token));
                }
            }
            _ => {}
        }
    }
}

impl Simulation {
    /// One thing that somebody does who writes or reads.
    pub(super) async fn writes_or_reads(&mut self, index: usize) {
        let at = self.dice.chapter();
        match self.dice.roll(18) {
            0..=1 => drop(self.opens_text(index, at).await),
            2..=3 => self.commands(index, acquire(at)).await,
            4 => {
                let held = self.people[index].desk.holds.iter().next().map(|(at, hold)| (*at, hold.token));
                if let Some((at, token)) = held {
                    self.commands(index, release(at, token)).await;
                }
            }
            5 => self.commands(0, take_over(at, "mine")).await,
            6 => {
                let mode = if self.dice.roll(3) == 0 { Mode::Exclusive } else { Mode::Live };
                self.commands(index, set_mode(at, mode)).await;
            }
            7 => self.keeps_version(index, at).await,
            8..=9 => self.writes_late(index).await,
            10..=11 => self.is_taken_over_from_unheard().await,
            _ => {
                let mut holding: Vec<usize> = (0..self.people.len()).collect();
                holding.retain(|index| !self.people[*index].desk.holds.is_empty());
                if !holding.is_empty() {
                    let index = *self.dice.pick(&holding);
                    self.types(index).await;
                }
            }
        }
    }

    /// Somebody goes on typing at a hub that has not heard that the chapter was taken over at another.
    async fn is_taken_over_from_unheard(&mut self) {
        let of = |(index, citizen): (usize, &Citizen)| {
            let hub = citizen.at.filter(|_| index > 0)?;
            citizen.desk.holds.keys().next().map(|at| (index, hub, *at))
        };
        let holders: Vec<_> = self.people.iter().enumerate().filter_map(of).collect();
        if self.towns.len() == 1 || holders.is_empty() {
            return;
        }
        let (index, hub, at) = *self.dice.pick(&holders);
        let other = (hub + 1) % self.towns.len();
        self.types_into(index, at).await;
        self.people[0].drops();
        if self.people[0].is_there(&self.towns, other).await.is_ok() {
            self.notes(format!("hub {hub} hears nothing"));
            self.towns[hub].line.goes_deaf();
            self.commands(0, take_over(at, "unheard")).await;
            self.types_into(index, at).await;
        }
    }

    /// Asks something of the hub that serves this person.
    async fn asks(&mut self, index: usize, command: Command) -> Result<Result<Answer, Rejection>, TabEnd> {
        let at = self.dice.roll(self.towns.len());
        let person: &mut Person = self.people[index].is_there(&self.towns, at).await?;
        let said = within(person.tries(command)).await?;
        self.hears(index);
        Ok(said.result)
    }

    /// Somebody takes in what was said to them.
    pub(super) fn hears(&mut self, index: usize) {
        let citizen = &mut self.people[index];
        citizen.listens();
        for text in citizen.desk.takes_texts() {
            self.record.told(number(&text.chapter), text.rev, &text.update.0);
        }
    }

    pub(super) async fn opens_text(&mut self, index: usize, at: u32) -> Option<OpenedText> {
        let open = ChapterOpen { chapter: chapter(at), have: None, clocks: false };
        let answer = self.asks(index, Command::Text(open.into())).await;
        let step = match &answer {
            Ok(Ok(_)) => "yes".to_owned(),
            other => format!("{other:?}"),
        };
        self.notes(format!("{} opens the text of chapter {at}: {step}", self.people[index].name));
        let Ok(Ok(Answer::Text(opened))) = answer else { return None };
        let pieces = updates_of(&opened).expect("the hub packed it");
        let reading = Reading { rev: opened.rev, pieces, is_open: true };
        self.record.read(at, &reading);
        let desk = &mut self.people[index].desk;
        if let Some(typist) = desk.holds.get(&at).and_then(|hold| hold.typist.as_ref()) {
            reading.pieces.iter().for_each(|piece| typist.merges(piece));
        }
        desk.readings.insert(at, reading);
        Some(*opened)
    }

    /// Somebody types into what they hold, after what they have no answer to.
    async fn types(&mut self, index: usize) {
        let holds: Vec<u32> = self.people[index].desk.holds.keys().copied().collect();
        let at = *self.dice.pick(&holds);
        self.types_into(index, at).await;
    }

    async fn types_into(&mut self, index: usize, at: u32) {
        // Back if need be, with the text open.
        let is_open = self.people[index].desk.open().any(|(open, _)| open == at);
        let must_open = !is_open || self.people[index].desk.holds.get(&at).is_none_or(|hold| hold.typist.is_none());
        if must_open {
            let Some(opened) = self.opens_text(index, at).await else { return };
            let Some(hold) = self.people[index].desk.holds.get_mut(&at) else { return };
            if let (None, Some(began)) = (&hold.typist, hold.began) {
                hold.typist = Some(Typist::begins(began, &opened));
            }
        }
        for _ in 0..=self.dice.roll(AT_ONCE) {
            let dice = &mut self.dice;
            let chance = &mut |sides: u32| u32::try_from(dice.roll(sides as usize)).unwrap();
            let Some(hold) = self.people[index].desk.holds.get_mut(&at) else { return };
            let Some(typist) = &mut hold.typist else {
                let token = hold.token;
                return self.commands(index, release(at, token)).await;
            };
            let typed = typist.edits(chance);
            self.record.typed(at, typist.client(), typed.0, (&typed.1.0, typist.units()));
            hold.unanswered.push_back(typed);
        }
        self.sends_typed(index, at).await;
    }

    /// Sends what was not answered yet, one after the other.
    async fn sends_typed(&mut self, index: usize, at: u32) {
        loop {
            let Some(hold) = self.people[index].desk.holds.get(&at) else { return };
            let (Some(began), Some((n, update))) = (hold.began, hold.unanswered.front().cloned()) else { return };
            let what = Acknowledged { chapter: at, client: began, n, rev: Seq(0) };
            match self.sends_update(index, what, hold.token, update).await {
                Some(Ok(_)) => {
                    if let Some(hold) = self.people[index].desk.holds.get_mut(&at) {
                        hold.unanswered.pop_front();
                    }
                }
                Some(Err(Rejection::Invalid { field, reason })) => {
                    let is_damaged = self.record.has_lost(at);
                    assert!(is_damaged, "an editor's update is refused: {field}: {reason}");
                    self.people[index].desk.holds.get_mut(&at).expect("it is held").typist = None;
                    self.people[index].desk.holds.get_mut(&at).expect("it is held").began = None;
                    return;
                }
                _ => return,
            }
        }
    }

    /// Sends one update; what is stored is noted. `None`: nobody knows.
    async fn sends_update(
        &mut self,
        index: usize,
        what: Acknowledged,
        token: Token,
        update: Blob,
    ) -> Option<Result<Seq, Rejection>> {
        let (at, n) = (what.chapter, what.n);
        let session = self.people[index].session();
        // What is durable before it is sent decides.
        let is_over = self.is_over(&session, at, token).await;
        let sent = ChapterUpdate { chapter: chapter(at), token, n, client: None, update: update.clone() };
        let answer = self.asks(index, Command::Text(sent.into())).await;
        let name = &self.people[index].name;
        self.notes(format!("{name} writes {n} of {} into chapter {at} under {}: {answer:?}", what.client.0, token.0));
        match answer {
            Ok(Ok(Answer::Revised { rev })) => {
                let known = self.record.acknowledged(&Acknowledged { rev, ..what });
                assert!(known || !is_over, "an update was stored although the time of its token was over");
                self.people[index].desk.wrote(at, rev, &update);
                self.record.told(at, rev, &update.0);
                Some(Ok(rev))
            }
            Ok(Err(Rejection::OutcomeUnknown | Rejection::Unavailable { .. })) | Err(_) => None,
            Ok(Err(rejection)) => Some(Err(rejection)),
            Ok(Ok(other)) => panic!("an update is answered {other:?}"),
        }
    }

    /// Somebody writes under a token that is over.
    async fn writes_late(&mut self, index: usize) {
        let old = &self.people[index].desk.old;
        if old.is_empty() {
            return;
        }
        let (at, began, token) = *self.dice.pick(&old.clone());
        let mut typist = Typist::follows(began, []);
        let (_, update) = typist.types("too late");
        let what = Acknowledged { chapter: at, client: began, n: 1_000_000, rev: Seq(0) };
        let answer = self.sends_update(index, what, token, update).await;
        assert!(!matches!(answer, Some(Ok(_))), "nobody writes whose time is over");
    }

    async fn keeps_version(&mut self, index: usize, at: u32) {
        let save = VersionSave { chapter: Some(chapter(at)), label: format!("kept {}", self.steps_so_far()) };
        let answer = self.asks(index, Command::Version(save.into())).await;
        self.notes(format!("{} keeps a version of chapter {at}: {answer:?}", self.people[index].name));
    }
}

impl Desk {
    /// An own update was stored: it has its place among what is told.
    fn wrote(&mut self, at: u32, rev: Seq, update: &Blob) {
        let Some(reading) = self.readings.get_mut(&at).filter(|reading| reading.is_open) else { return };
        // A repeat is answered with the first time.
        if rev > reading.rev {
            assert_eq!(rev, reading.rev.next(), "nothing of chapter {at} is missing before an answer");
            reading.rev = rev;
            reading.pieces.push(update.0.clone());
        }
    }
}
