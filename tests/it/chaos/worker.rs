//! People who work on, whatever happens, and keep a diary of what they asked for and what they were told.

use std::collections::BTreeMap;
use std::mem;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use quire_protocol::command::BookCommand;
use quire_protocol::frame::{Answer, Opened};
use quire_protocol::{Rejection, Seq, SessionId, Token};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::linearizable::{Act, Step, Who, judge};
use super::world::Doors;
use crate::harness::chapter;
use crate::harness::wishes::{acquire, release, remark};
use crate::process::program::soon;
use crate::process::tab::{Left, Tab};

/// The chapters that everybody works on.
const CHAPTERS: u32 = 3;
/// What a client waits before it asks again, and a person before the next thing: pace, not order; no test depends on it.
const PAUSE: Duration = Duration::from_millis(20);

/// What one worker did and was told.
#[derive(Default)]
pub struct Diary {
    /// Steps about the lock of a chapter.
    pub steps: Vec<(u32, Step)>,
    /// Remarks that were made, and where.
    pub made: Vec<(String, Seq)>,
    /// Remarks that were refused for now, and not asked for again.
    pub denied: Vec<String>,
    /// Chapters that were lost while the worker held them.
    pub lost: Vec<u32>,
    /// How connections ended.
    pub ends: Vec<Option<u16>>,
}

/// What all workers share.
#[derive(Clone)]
struct Common {
    doors: Doors,
    began: Instant,
    stop: watch::Receiver<bool>,
    /// The sessions of all workers.
    sessions: Arc<Vec<SessionId>>,
}

/// Workers, each a task of its own.
pub struct Crew {
    stop: watch::Sender<bool>,
    rounds: Vec<watch::Receiver<u64>>,
    tasks: Vec<JoinHandle<Diary>>,
}

impl Crew {
    /// Tabs with the book open begin to work. They come back to these doors, the first ones to the first.
    pub fn begins(tabs: Vec<Tab>, doors: &Doors) -> Self {
        let (stop, stopped) = watch::channel(false);
        let sessions = Arc::new(tabs.iter().map(Tab::session).collect());
        let common = Common { doors: Arc::clone(doors), began: Instant::now(), stop: stopped, sessions };
        let (mut rounds, mut tasks) = (Vec::new(), Vec::new());
        for (who, tab) in tabs.into_iter().enumerate() {
            let (round, seen) = watch::channel(0);
            let worker = Worker {
                who,
                left: tab.left(),
                tab: Some(tab),
                tries: who,
                ids: 0,
                holds: BTreeMap::new(),
                diary: Diary::default(),
                common: common.clone(),
            };
            rounds.push(seen);
            tasks.push(tokio::spawn(worker.works(round)));
        }
        Self { stop, rounds, tasks }
    }

    /// Each of these workers gets through some more rounds.
    pub async fn goes_on(&self, workers: impl IntoIterator<Item = Who>) {
        let wanted: Vec<_> = workers.into_iter().map(|who| (who, *self.rounds[who].borrow() + 5)).collect();
        for (who, enough) in wanted {
            let mut rounds = self.rounds[who].clone();
            soon("progress", rounds.wait_for(|round| *round >= enough)).await.expect("the worker works");
        }
    }

    /// Everybody.
    pub fn all(&self) -> std::ops::Range<Who> {
        0..self.tasks.len()
    }

    /// Everybody finishes what they do; their diaries, if the locks of all chapters fit one order of events.
    pub async fn ends(self) -> Vec<Diary> {
        self.stop.send_replace(true);
        let mut diaries = Vec::new();
        for task in self.tasks {
            diaries.push(soon("the end of the work", task).await.unwrap());
        }
        for number in 1..=CHAPTERS {
            let steps = diaries.iter().flat_map(|diary| &diary.steps);
            let mut steps: Vec<Step> = steps.filter(|(about, _)| *about == number).map(|(_, step)| *step).collect();
            steps.sort_by_key(|step| step.called);
            judge(&steps).unwrap_or_else(|why| panic!("chapter {number}: {why}\nof {steps:#?}"));
        }
        diaries
    }
}

/// What became of a command in the end.
struct Told {
    result: Result<Answer, Rejection>,
    seq: Option<Seq>,
    /// When the command was sent first, and when last.
    first: u64,
    last: u64,
    answered: u64,
    /// An earlier try may have happened, or may happen yet.
    doubt: bool,
}

struct Worker {
    who: Who,
    left: Left,
    tab: Option<Tab>,
    tries: usize,
    ids: u64,
    /// The token of each held chapter, and when that was known last.
    holds: BTreeMap<u32, (Token, u64)>,
    diary: Diary,
    common: Common,
}

impl Worker {
    async fn works(mut self, round: watch::Sender<u64>) -> Diary {
        let mut number = u64::try_from(self.who).unwrap();
        while !*self.common.stop.borrow() {
            let about = u32::try_from(number % u64::from(CHAPTERS)).unwrap() + 1;
            number += 1;
            self.acquires(about).await;
            self.remarks(about).await;
            self.releases(about).await;
            round.send_modify(|round| *round += 1);
            tokio::time::sleep(PAUSE).await;
        }
        self.diary
    }

    async fn acquires(&mut self, about: u32) {
        let told = self.is_told(acquire(about)).await;
        let act = match &told.result {
            Ok(Answer::Token { token }) => {
                let known = self.holds.get(&about).map_or(Token(0), |(token, _)| *token);
                // A repeated answer may be old: the chapter may be lost since.
                self.holds.insert(about, (known.max(*token), told.first));
                return self.notes(about, told.first, told.answered, Act::Acquired(*token));
            }
            Err(Rejection::Locked { holder, .. }) => Act::FoundLocked(self.number_of(&holder.session)),
            Err(Rejection::Unavailable { .. }) => return,
            other => panic!("not an answer to lock.acquire: {other:?}"),
        };
        self.notes(about, told.last, told.answered, act);
        if told.doubt {
            self.notes(about, told.first, u64::MAX, Act::PerhapsAcquired);
            // Its hub may find out late that this connection is over.
            self.notes(about, told.first, u64::MAX, Act::PerhapsEnded);
        }
    }

    async fn remarks(&mut self, about: u32) {
        let name = format!("{}-{}", self.left.name, self.ids);
        let told = self.is_told(remark(about, &name)).await;
        match told.result {
            Ok(_) => self.diary.made.push((name, told.seq.expect("an event"))),
            Err(Rejection::Unavailable { .. }) => self.diary.denied.push(name),
            Err(Rejection::Locked { .. }) => {}
            Err(other) => panic!("not an answer to comment.add: {other:?}"),
        }
    }

    async fn releases(&mut self, about: u32) {
        let lost = self.diary.lost.len();
        while let Some((token, known)) = self.holds.get(&about).copied() {
            let told = self.is_told(release(about, token)).await;
            let act = match &told.result {
                Ok(_) => {
                    self.holds.remove(&about);
                    // It was given back before a connection ended, and only the answer was lost.
                    let given_back = self.diary.lost[lost..].iter().position(|chapter| *chapter == about);
                    given_back.map(|index| self.diary.lost.remove(lost + index));
                    return self.notes(about, told.first, told.answered, Act::Released(token));
                }
                Err(Rejection::StaleToken) => {
                    let newer = self.holds.get(&about).is_none_or(|(newer, _)| *newer > token);
                    assert!(newer, "{token:?} is the last that was heard of");
                    Act::FoundStale(token)
                }
                Err(Rejection::NotHolder) => {
                    if self.holds.remove(&about).is_some() {
                        // The hub was out of touch, and has yet to say so.
                        self.diary.lost.push(about);
                        self.notes(about, known, told.answered, Act::PerhapsEnded);
                    }
                    Act::FoundNotHolder
                }
                Err(Rejection::Unavailable { .. }) => continue,
                other => panic!("not an answer to lock.release: {other:?}"),
            };
            self.notes(about, told.last, told.answered, act);
            if told.doubt {
                self.notes(about, told.first, u64::MAX, Act::PerhapsReleased(token));
            }
        }
    }

    /// Asks until there is an answer; a refusal for now counts if nothing was tried before.
    async fn is_told(&mut self, command: impl Into<BookCommand>) -> Told {
        let command = command.into();
        self.ids += 1;
        let id = format!("{}-{}", self.left.name, self.ids);
        let (mut first, mut doubt) = (None, false);
        loop {
            self.is_at_work().await;
            let last = self.now();
            let first = *first.get_or_insert(last);
            let tab = self.tab.as_mut().expect("just came");
            let reference = tab.wishes(&id, doubt, command.clone()).await;
            let Ok(said) = tab.answer_to(reference).await.map_err(|end| self.diary.ends.push(end.0)) else {
                self.tab = None;
                doubt = true;
                continue;
            };
            match said.result {
                Err(Rejection::OutcomeUnknown) => doubt = true,
                Err(Rejection::Unavailable { .. }) if doubt => {}
                // The hub knows of a later connection, or of none.
                Err(Rejection::Conflict { .. }) => self.tab = None,
                result => {
                    if matches!(result, Err(Rejection::Unavailable { .. })) {
                        tokio::time::sleep(PAUSE).await;
                    }
                    return Told { result, seq: said.seq, first, last, answered: self.now(), doubt };
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Comes back until some hub has the book open for this session.
    async fn is_at_work(&mut self) {
        let began = Instant::now();
        while self.tab.is_none() {
            assert!(began.elapsed() < Duration::from_mins(1), "{} is let in again", self.left.name);
            let door = {
                let doors = self.common.doors.lock().unwrap();
                doors[self.tries % doors.len()].clone()
            };
            self.tries += 1;
            if let Some(mut tab) = Tab::tries_to_resume(&door, &mut self.left).await
                && self.opens(&mut tab).await.is_continue()
            {
                self.tab = Some(tab);
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Opens the book on a new connection. What was held may have been lost until then.
    async fn opens(&mut self, tab: &mut Tab) -> ControlFlow<()> {
        let called = self.now();
        let opened = tab.tries_to_open().await;
        let answered = self.now();
        if let Ok(opened) = opened {
            self.sees(called, answered, &opened);
            return ControlFlow::Continue(());
        }
        // What was held moves with the opening, which may have happened.
        for about in 1..=CHAPTERS {
            self.notes(about, called, u64::MAX, Act::PerhapsMoved);
        }
        ControlFlow::Break(())
    }

    fn sees(&mut self, called: u64, answered: u64, opened: &Opened) {
        let snapshot = opened.snapshot.as_ref().expect("no position was named");
        let before = mem::take(&mut self.holds);
        for about in 1..=CHAPTERS {
            let view = snapshot.chapters.iter().find(|found| found.id == chapter(about)).expect("the chapter is there");
            let seen = view.lock.as_ref().map(|lock| (self.number_of(&lock.holder.session), lock.token));
            self.notes(about, called, answered, Act::Saw(seen));
            if let Some((old, known)) = before.get(&about) {
                self.notes(about, *known, answered, Act::PerhapsEnded);
                match seen {
                    Some((who, token)) if who == self.who => {
                        assert!(token > *old, "chapter {about} moved with its holder: {token:?} after {old:?}");
                    }
                    _ => self.diary.lost.push(about),
                }
            }
            if let Some((who, token)) = seen
                && who == self.who
            {
                self.holds.insert(about, (token, answered));
            }
        }
    }

    fn notes(&mut self, about: u32, called: u64, answered: u64, act: Act) {
        self.diary.steps.push((about, Step { who: self.who, called, answered, act }));
    }

    fn number_of(&self, session: &SessionId) -> Who {
        self.common.sessions.iter().position(|known| known == session).expect("only workers hold chapters")
    }

    /// Microseconds of work.
    fn now(&self) -> u64 {
        u64::try_from(self.common.began.elapsed().as_micros()).unwrap()
    }
}
