//! The people, the hub that serves them, and what goes wrong.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use quire_protocol::command::After;
use quire_protocol::frame::{Answer, Opened};
use quire_protocol::{BookCommand, CommandId, Limits, Role, Seq, SessionId, Timers, Token, UserId};

use super::Dice;
use super::oracle::{self, Fate};
use super::record::Record;
use super::texts::Desk;
use super::workload::{Known, always_leaves_an_event, wish};
use crate::harness::{Gone, Person, TabEnd, Town, user, wishes};

/// Longest time that anything may take to be answered. A hub that hangs fails here.
const PATIENCE: Duration = Duration::from_secs(30);
const STEPS_SHOWN: usize = 40;
/// Retries in the end until every command of a person has an answer.
const RETRIES_MAX: usize = 30;
const NEVER_COME_BACK: usize = 3;

/// Somebody's tab: there, or gone for a while.
enum Tab {
    Here(Box<Person>),
    Away(Box<Gone>),
}

pub(super) struct Citizen {
    pub(super) name: String,
    tab: Option<Tab>,
    /// The number of the hub they are connected to; `None`: one that goes away.
    pub(super) at: Option<usize>,
    /// Where the person is in the book.
    seen: Option<After>,
    token: Token,
    /// Commands of which they do not know what became.
    unsure: Vec<(String, BookCommand)>,
    pub(super) desk: Desk,
}

pub struct Simulation {
    pub(super) dice: Dice,
    /// One for each hub.
    pub(super) towns: Vec<Town>,
    pub(super) people: Vec<Citizen>,
    /// The last event before the faults.
    pub(super) begins: Seq,
    threads: Vec<String>,
    sessions: Vec<SessionId>,
    pub(super) fates: BTreeMap<(UserId, CommandId), Fate>,
    pub(super) record: Record,
    commands: usize,
    steps: VecDeque<String>,
}

impl Simulation {
    pub async fn begin(dice: Dice, hubs: usize) -> Self {
        let limits = Limits { command_burst: 100_000, ..Limits::default() };
        // The tabs answer no pings while they are not looked at.
        let timers = Timers { ping_ms: 24 * 3_600_000, ..Timers::default() };
        let town = if hubs == 1 { Town::with(limits, timers) } else { Town::shared_with(limits, timers).await };
        let names = ["ada", "ben", "cat", "dan", "eli", "fay", "gus", "hal", "ivy", "jon", "kim"];
        let (mut ann, others) = town.team(names.map(|name| (name, Role::Editor))).await;
        for number in 4..=5 {
            ann.does(wishes::add_chapter(number)).await.accepted();
        }
        ann.does(wishes::remark(1, "first")).await.accepted();
        let mut towns = vec![town];
        for _ in 1..hubs {
            let town = towns[0].beside();
            town.hub.may_begin().await;
            towns.push(town);
        }
        let begins = ann.sees().await.seq;
        let citizen = |person: Person| Citizen {
            name: person.name().to_owned(),
            at: Some(0),
            seen: None,
            token: Token(1),
            unsure: Vec::new(),
            desk: Desk::default(),
            tab: Some(Tab::Here(Box::new(person))),
        };
        let people: Vec<_> = [ann].into_iter().chain(others).map(citizen).collect();
        let sessions = people.iter().map(Citizen::session).collect();
        let (fates, steps) = (BTreeMap::new(), VecDeque::new());
        let (record, threads) = (Record::default(), vec!["first".into()]);
        Self { dice, towns, people, begins, threads, sessions, fates, record, commands: 0, steps }
    }

    pub fn last_steps(&self) -> Vec<String> {
        self.steps.iter().cloned().collect()
    }

    pub(super) fn notes(&mut self, step: String) {
        self.steps.push_back(step);
        if self.steps.len() > STEPS_SHOWN {
            self.steps.pop_front();
        }
    }

    pub async fn step(&mut self) {
        let index = self.dice.roll(self.people.len());
        match self.dice.roll(74) {
            0..=18 => self.suffers(index).await,
            19..=21 => self.retries(index).await,
            44.. => self.writes_or_reads(index).await,
            _ => self.wishes(index).await,
        }
        self.listen();
    }

    // === People ===

    async fn wishes(&mut self, index: usize) {
        self.commands += 1;
        let names: Vec<_> = self.people.iter().skip(1).map(|citizen| citizen.name.clone()).collect();
        let known = Known {
            fresh: self.commands,
            threads: &self.threads,
            sessions: &self.sessions,
            people: &names,
            token: self.people[index].token,
        };
        let command = wish(&mut self.dice, &known);
        if let BookCommand::CommentAdd(add) = &command {
            self.threads.push(add.thread.to_string());
        }
        let id = format!("command-{}", self.commands);
        self.sends(index, id, false, command).await;
    }

    /// Somebody sends a command that they were not told to send by chance alone.
    pub(super) async fn commands(&mut self, index: usize, command: impl Into<BookCommand>) {
        self.commands += 1;
        self.sends(index, format!("command-{}", self.commands), false, command.into()).await;
    }

    pub(super) fn steps_so_far(&self) -> usize {
        self.commands
    }

    async fn retries(&mut self, index: usize) {
        if let Some((id, command)) = self.people[index].unsure.pop() {
            self.sends(index, id, true, command).await;
        }
    }

    async fn sends(&mut self, index: usize, id: String, retry: bool, command: BookCommand) {
        let at = self.dice.roll(self.towns.len());
        let citizen = &mut self.people[index];
        let answer = match citizen.is_there(&self.towns, at).await {
            Ok(person) => within(person.tries_as(&id, retry, command.clone())).await,
            Err(end) => Err(end),
        };
        let answer = answer.map(|said| said.result);
        let said = match &answer {
            Ok(Ok(_)) => "yes".into(),
            Ok(Err(rejection)) => rejection.code().to_owned(),
            Err(end) => format!("{end:?}"),
        };
        let fate = match answer {
            Ok(Ok(answer)) => {
                if let Answer::Token { token } = answer {
                    citizen.token = token;
                }
                if always_leaves_an_event(&command) { Fate::Done } else { Fate::Fine }
            }
            Ok(Err(rejection)) => match rejection.code() {
                "outcome_unknown" | "unavailable" => Fate::Unknown,
                _ => Fate::Refused,
            },
            Err(_) => Fate::Unknown,
        };
        let step = format!("{} sends {id}{}: {command:?}: {said}", citizen.name, if retry { " again" } else { "" });
        if fate == Fate::Unknown {
            citizen.unsure.push((id.clone(), command));
        }
        let key = (user(&citizen.name), CommandId::new(&id).unwrap());
        let fate = self.fates.get(&key).map_or(fate, |known| known.then(fate));
        self.fates.insert(key, fate);
        self.notes(step);
    }

    /// Everybody hears what was said; their tabs check that nothing is missing.
    pub(super) fn listen(&mut self) {
        for index in 0..self.people.len() {
            self.hears(index);
        }
    }

    // === In the end ===

    /// The faults stop: those who come back agree.
    pub async fn heals(&mut self) {
        self.faults_stop();
        // Some never come back; whatever they held must not outlive them.
        drop(self.people.split_off(self.people.len() - NEVER_COME_BACK));
        // Whoever was out of touch learns it, and sends people to resume.
        self.towns[0].passes(Duration::from_secs(20)).await;
        for index in 0..self.people.len() {
            self.is_there(index).await;
            for _ in 0..RETRIES_MAX {
                if self.people[index].unsure.is_empty() {
                    break;
                }
                self.retries(index).await;
            }
            assert_eq!(self.people[index].unsure, [], "nothing stays unknown");
        }
        // The first append after a failover may have sent people to resume once more.
        self.towns[0].passes(Duration::from_secs(5)).await;
        self.listen();
        for index in 0..self.people.len() {
            self.is_there(index).await;
        }
        // Leases and graces end, and with them the locks of nobody.
        self.towns[0].passes(Duration::from_mins(1)).await;
        self.listen();
        let book = oracle::replay(&self.towns[0], &self.fates).await;
        let sessions: Vec<_> = self.people.iter().map(Citizen::session).collect();
        let hubs: Vec<_> = self.towns.iter().map(|town| &town.hub.replica).collect();
        for held in book.held() {
            assert!(sessions.contains(held.session), "no lock without a living holder: {held:?}, hubs {hubs:?}");
        }
        for waits in book.waiting() {
            assert!(sessions.contains(waits.session), "nobody waits who is not here: {waits:?}, hubs {hubs:?}");
        }
        for index in 0..self.people.len() {
            let person = self.is_there(index).await;
            assert_eq!(person.last_heard(), Some(book.seq()), "everybody heard everything");
            let Opened { snapshot, roster, .. } = person.sees().await;
            let (name, snapshot) = (person.name().to_owned(), snapshot.expect("no position was named"));
            oracle::agrees(&self.towns[0], &book, &name, &snapshot);
            assert!(roster.iter().all(|entry| sessions.contains(&entry.session)), "no ghosts: {roster:?}");
            assert_eq!(roster.len(), sessions.len());
        }
        self.listen();
        self.judges_texts().await;
    }

    /// The person, once the hub serves the book: it may learn only now that the store's history changed.
    async fn is_there(&mut self, index: usize) -> &mut Person {
        let at = self.dice.roll(self.towns.len());
        for _ in 0..RETRIES_MAX {
            if self.people[index].is_there(&self.towns, at).await.is_ok() {
                break;
            }
            self.towns[0].passes(Duration::from_millis(500)).await;
        }
        self.people[index].is_there(&self.towns, at).await.expect("nothing fails any more")
    }
}

impl Citizen {
    pub(super) fn session(&self) -> SessionId {
        match self.tab.as_ref().expect("a tab is here or away") {
            Tab::Here(person) => person.session(),
            Tab::Away(gone) => gone.session(),
        }
    }

    /// Takes in what was said to this person.
    pub(super) fn listens(&mut self) {
        let me = self.session();
        if let Some(Tab::Here(person)) = &mut self.tab {
            self.desk.hears(&me, &self.name, person.takes_what_was_said());
            self.seen = person.position().or(self.seen);
        }
    }

    pub(super) fn drops(&mut self) {
        self.listens();
        self.at = None;
        self.desk.drops();
        self.tab = self.tab.take().map(|tab| match tab {
            Tab::Here(person) => Tab::Away(Box::new(person.drops_connection())),
            away @ Tab::Away(_) => away,
        });
    }

    /// The person, with the book open; comes back to a hub if need be.
    pub(super) async fn is_there(&mut self, towns: &[Town], at: usize) -> Result<&mut Person, TabEnd> {
        self.listens();
        if matches!(&self.tab, Some(Tab::Here(person)) if person.has_ended()) {
            self.drops();
        }
        if let Some(Tab::Away(gone)) = &self.tab {
            let mut person = within(gone.comes_back(&towns[at])).await?;
            let said = within(person.tries_to_catch_up(self.seen)).await;
            let missed = said.as_ref().ok().and_then(|said| said.result.as_ref().ok());
            if let (Some(Answer::Opened(opened)), Some(seen)) = (missed, self.seen) {
                let missed = opened.events.iter().flatten();
                assert!(missed.zip(seen.seq.0 + 1..).all(|(frame, seq)| frame.seq.0 == seq), "nothing is missing");
            }
            if let Some(Answer::Opened(opened)) = missed {
                self.desk.sees(&person.session(), opened);
            }
            let opened = missed.is_some();
            if !opened {
                self.tab = Some(Tab::Away(Box::new(person.drops_connection())));
                return Err(TabEnd(None));
            }
            self.at = Some(at);
            self.tab = Some(Tab::Here(Box::new(person)));
        }
        match &mut self.tab {
            Some(Tab::Here(person)) => Ok(person),
            _ => unreachable!("the tab is here"),
        }
    }
}

pub(super) async fn within<T>(answer: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, answer).await.expect("the hub answers")
}
