//! Chapters with a holder who types and others who watch. Holders give back, hand over and are taken over from; some
//! chapters are live; some sockets are cut. What was not answered is sent again, or becomes a draft.

use std::collections::VecDeque;
use std::time::Duration;

use quire_protocol::command::{
    ChapterSetMode, DraftCommand, DraftDiscard, DraftRead, DraftSave, LockAcquire, LockCancelWait, LockForceRelease,
    Mode,
};
use quire_protocol::frame::Answer;
use quire_protocol::{BookCommand, BookId, ChapterId, Command, DraftId, Rejection, Seq, Token};
use tokio::select;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::cast::{chapter, may_edit};
use crate::clock;
use crate::observation::{Micros, Place, ViolationKind};
use crate::plan::{Plan, WRITERS};
use crate::random::Random;
use crate::schedule::Schedule;
use crate::tab::{Outcome, Tab, Typed};
use crate::typist;

use super::locking::{Manners, gives_back};
use super::{Stage, jitter};

/// Updates of a holder that wait for their answers.
const IN_FLIGHT_MAX: usize = 8;
/// Attempts to have stored what was typed, or to keep it as a draft, before the hub is blamed.
const ATTEMPTS_MAX: u32 = 60;
const PAUSE: Duration = Duration::from_millis(20);
/// One of so many chapters is live, and one of so many tabs has a bad line.
const LIVE_OF: u32 = 3;
const CUT_OF: u32 = 3;
/// Longest time that somebody holds a chapter, and that somebody waits for one.
const HOLDS: Duration = Duration::from_millis(900);
const PATIENCE: Duration = Duration::from_secs(2);
/// Letters of a draft.
const DRAFT_CHARS: usize = 2_000;

pub(super) async fn lives(stage: Stage, tab: Tab) -> Tab {
    let book = stage.desk.plan.book(tab.part().book);
    let (chapter, rank) = seat(&stage.desk.plan, &tab);
    let works = async {
        tab.opens_text((&book, &chapter)).await;
        if is_writer(&stage.desk.plan, &tab) {
            Writer::new(&stage, &tab, chapter.clone(), rank).works().await;
        }
        clock::sleep_until(stage.end).await;
    };
    let is_cut = async {
        if tab.part().number % CUT_OF == CUT_OF - 1 {
            jitter::is_cut(&stage, &tab).await;
        }
    };
    tokio::join!(works, is_cut);
    tab
}

/// The chapter that a tab is about, and which of those it is.
fn seat(plan: &Plan, tab: &Tab) -> (ChapterId, u32) {
    let (number, rank) = plan.seat(tab.part().place);
    (chapter(number), rank)
}

/// Whether the tab types; the others watch.
pub(super) fn is_writer(plan: &Plan, tab: &Tab) -> bool {
    seat(plan, tab).1 < WRITERS && may_edit(tab.part().person)
}

/// A chapter's number says whether several write in it at once.
fn is_live(chapter: &ChapterId) -> bool {
    let number = chapter.as_str().rsplit('-').next().and_then(|number| number.parse::<u32>().ok());
    number.is_some_and(|number| number % LIVE_OF == LIVE_OF - 1)
}

/// What an update was answered; `None`: the connection ended first.
type Told = Option<Result<Seq, Rejection>>;

/// What somebody has typed while they hold a chapter.
struct Hold {
    began: Token,
    /// The token under which the last update was sent.
    token: Token,
    /// Not answered yet, in order.
    unanswered: VecDeque<Typed>,
    /// For each of them, where its answer will come.
    answers: VecDeque<oneshot::Receiver<Result<Seq, Rejection>>>,
}

struct Writer<'a> {
    stage: &'a Stage,
    tab: &'a Tab,
    book: BookId,
    chapter: ChapterId,
    random: Random,
    /// Between two edits.
    period: Duration,
    rank: u32,
    drafts: u32,
}

impl<'a> Writer<'a> {
    fn new(stage: &'a Stage, tab: &'a Tab, chapter: ChapterId, rank: u32) -> Self {
        let plan = &stage.desk.plan;
        let holders = f64::from(plan.books.max(1)) * f64::from(plan.chapters.max(1));
        let period = Duration::from_secs_f64(holders / plan.rate.max(0.001));
        let (book, random) = (plan.book(tab.part().book), stage.random(tab));
        Self { stage, tab, book, chapter, random, period, rank, drafts: 0 }
    }

    fn place(&self) -> Place<'_> {
        (&self.book, &self.chapter)
    }

    fn is_over(&self) -> bool {
        clock::now() >= self.stage.end || self.tab.ended().is_some()
    }

    async fn does(&self, command: impl Into<BookCommand>) -> Outcome {
        self.tab.does(&self.book, command, clock::now()).await
    }

    async fn works(mut self) {
        if is_live(&self.chapter) && self.rank == 0 {
            self.does(ChapterSetMode { chapter: self.chapter.clone(), mode: Mode::Live }).await;
        }
        while !self.is_over() {
            let Some(mut hold) = self.sits_down().await else {
                sleep(PAUSE).await;
                continue;
            };
            let until = clock::after(clock::now(), self.random.up_to(HOLDS)).min(self.stage.end);
            let is_ours = self.types(&mut hold, until).await;
            if !is_ours {
                self.keeps_draft(&hold).await;
            }
            // Whoever still holds it at the end stays: its editor is compared with what everybody else has.
            if is_ours && self.is_over() {
                return;
            }
            let manners = if self.random.percent(30) { Manners::HandsOver } else { Manners::Releases };
            gives_back(self.tab, &self.book, &self.chapter, manners).await;
            if self.random.percent(40) {
                self.probes(&hold).await;
            }
            self.tab.ends_typing(self.place());
            sleep(self.random.up_to(PAUSE * 5)).await;
        }
    }

    // === Holding ===

    /// Takes the chapter up, with the text as it is then.
    async fn sits_down(&mut self) -> Option<Hold> {
        let is_owner = self.tab.part().person == 0;
        let chapter = self.chapter.clone();
        let outcome = if is_owner && !is_live(&chapter) && self.random.percent(30) {
            self.does(LockForceRelease { chapter, reason: "it is my turn".into(), take: true }).await
        } else {
            self.does(LockAcquire { chapter, wait: true, note: None }).await
        };
        if let Outcome::Accepted(Answer::Position { .. }) = outcome {
            let granted = self.tab.until(|tab| !tab.waits_for(&self.book, &self.chapter));
            let patience = PATIENCE.min(clock::until(self.stage.end));
            if timeout(patience, granted).await.is_err() {
                self.does(LockCancelWait { chapter: self.chapter.clone() }).await;
            }
        }
        if self.is_over() || !matches!(outcome, Outcome::Accepted(_)) {
            gives_back(self.tab, &self.book, &self.chapter, Manners::Releases).await;
            return None;
        }
        self.tab.opens_text_anew(self.place()).await;
        let Some((Some(began), token)) = self.tab.hold(self.place()) else {
            // Under which token it began was told on a connection that is no more.
            gives_back(self.tab, &self.book, &self.chapter, Manners::Releases).await;
            return None;
        };
        self.tab.begins_to_type(self.place(), began);
        Some(Hold { began, token, unanswered: VecDeque::new(), answers: VecDeque::new() })
    }

    /// The token of this hold, as long as it lasts.
    fn token(&self, hold: &Hold) -> Option<Token> {
        self.tab.hold(self.place()).filter(|(began, _)| *began == Some(hold.began)).map(|(_, token)| token)
    }

    // === Typing ===

    /// Types until then, and waits until all is stored; false if the chapter was lost before.
    async fn types(&mut self, hold: &mut Hold, until: Micros) -> bool {
        let mut schedule = Schedule::every(clock::now(), self.period);
        let mut at = schedule.next();
        loop {
            let is_time = clock::now() < until && self.tab.ended().is_none();
            if !is_time && hold.answers.is_empty() {
                return self.token(hold).is_some();
            }
            let has_room = is_time && hold.answers.len() < IN_FLIGHT_MAX;
            let answered = hold.answers.front_mut();
            let waits = answered.is_some();
            select! {
                biased;
                answer = next(answered), if waits => {
                    hold.answers.pop_front();
                    if matches!(answer, Some(Ok(_))) {
                        hold.unanswered.pop_front();
                    } else if !self.recovers(hold, answer).await {
                        return false;
                    }
                }
                () = clock::sleep_until(at), if has_room => {
                    at = schedule.next();
                    if !self.types_once(hold).await {
                        return self.settles(hold).await;
                    }
                }
            }
        }
    }

    /// One edit; false if the chapter is not this hold's any more.
    async fn types_once(&mut self, hold: &mut Hold) -> bool {
        let Some(token) = self.token(hold) else { return false };
        let random = &mut self.random;
        let typed = self.tab.edits((&self.book, &self.chapter), &mut |sides| random.index(sides));
        let Some(typed) = typed else { return false };
        hold.token = token;
        hold.unanswered.push_back(typed.clone());
        hold.answers.push_back(self.tab.writes(self.place(), token, typed, false).await);
        true
    }

    /// The chapter is lost: what is on its way may be stored all the same. Always false.
    async fn settles(&self, hold: &mut Hold) -> bool {
        self.drains(hold).await;
        false
    }

    /// Waits for all answers, and keeps what was not stored.
    async fn drains(&self, hold: &mut Hold) -> Told {
        let mut first = Some(Ok(Seq(0)));
        let skipped = hold.unanswered.len() - hold.answers.len();
        let mut kept: VecDeque<Typed> = hold.unanswered.drain(..skipped).collect();
        for (mut answer, typed) in std::mem::take(&mut hold.answers).into_iter().zip(hold.unanswered.drain(..)) {
            let told = next(Some(&mut answer)).await;
            if !matches!(told, Some(Ok(_))) {
                if kept.is_empty() {
                    first = told;
                }
                kept.push_back(typed);
            }
        }
        hold.unanswered = kept;
        first
    }

    /// Sends what was not stored again, under the token that the hold has then; false if there is none.
    async fn recovers(&self, hold: &mut Hold, first: Told) -> bool {
        self.drains(hold).await;
        let mut told = first;
        for _ in 0..ATTEMPTS_MAX {
            self.calms(&told).await;
            self.tab.until(|tab| tab.is_ready() && tab.has_text(self.place())).await;
            let Some(token) = self.token(hold).filter(|_| self.tab.ended().is_none()) else { return false };
            hold.token = token;
            for typed in hold.unanswered.clone() {
                hold.answers.push_back(self.tab.writes(self.place(), token, typed, false).await);
            }
            told = self.drains(hold).await;
            match &told {
                _ if hold.unanswered.is_empty() => return true,
                Some(Err(Rejection::Invalid { .. } | Rejection::TooLarge { .. })) => break,
                _ => {}
            }
        }
        let why = format!("what was typed is refused while the chapter is held: {told:?}");
        self.wrong(ViolationKind::FalseRefusal, &why);
        false
    }

    /// Waits as long as the answer asks for.
    async fn calms(&self, told: &Told) {
        match told {
            Some(Err(Rejection::Unavailable { retry_after_ms } | Rejection::RateLimited { retry_after_ms })) => {
                sleep(Duration::from_millis(*retry_after_ms)).await;
            }
            Some(Err(_)) => sleep(PAUSE).await,
            Some(Ok(_)) | None => {}
        }
    }

    fn wrong(&self, kind: ViolationKind, why: &str) {
        self.stage.desk.notebook.borrow_mut().text_wrong(kind, self.tab.id(), self.place(), why);
    }

    /// Sends one more update although the time is over.
    async fn probes(&mut self, hold: &Hold) {
        if self.token(hold).is_some() {
            return;
        }
        let random = &mut self.random;
        let typed = self.tab.edits((&self.book, &self.chapter), &mut |sides| random.index(sides));
        if let Some(typed) = typed {
            let mut answer = self.tab.writes(self.place(), hold.token, typed, true).await;
            next(Some(&mut answer)).await;
        }
    }

    // === What cannot be stored ===

    /// Keeps what was not stored as a draft, and looks whether it is there.
    async fn keeps_draft(&mut self, hold: &Hold) {
        if hold.unanswered.is_empty() || self.tab.ended().is_some() {
            return;
        }
        self.drafts += 1;
        let draft = DraftId::new(&format!("draft-{}-{}", self.tab.id().0, self.drafts)).expect("numbers are an id");
        let words: String = self.tab.text_of_editor(self.place()).chars().take(DRAFT_CHARS).collect();
        let (chapter, update) = (self.chapter.clone(), typist::draft(&words));
        let save = DraftSave { draft: draft.clone(), chapter, excerpt: "not stored".into(), update: update.clone() };
        let saved = self.asks(save.into()).await;
        let read = self.asks(DraftRead { draft: draft.clone() }.into()).await;
        match (saved, read) {
            (Some(_), Some(Answer::Draft { update: kept })) if kept == update => {
                let mut notebook = self.stage.desk.notebook.borrow_mut();
                for typed in &hold.unanswered {
                    notebook.text_drafted((&self.book, &self.chapter), (typed.client, typed.n));
                }
            }
            (_, read) => {
                let what = read.map(|answer| format!("{answer:?}"));
                self.wrong(ViolationKind::Missing, &format!("{draft} is not as it was saved: {what:?}"));
            }
        }
        self.asks(DraftDiscard { draft }.into()).await;
    }

    /// Asks until it is answered. `None`: it was refused for good.
    async fn asks(&self, command: DraftCommand) -> Option<Answer> {
        for _ in 0..ATTEMPTS_MAX {
            self.tab.until(Tab::is_ready).await;
            let told = self.tab.asks(&self.book, Command::Draft(command.clone())).await;
            match told {
                Some(Ok(answer)) => return Some(answer),
                Some(Err(Rejection::Unavailable { retry_after_ms } | Rejection::RateLimited { retry_after_ms })) => {
                    sleep(Duration::from_millis(retry_after_ms)).await;
                }
                Some(Err(Rejection::OutcomeUnknown)) | None => sleep(PAUSE).await,
                Some(Err(_)) => return None,
            }
        }
        None
    }
}

/// The next answer. It waits for ever if there is none to come.
async fn next(answer: Option<&mut oneshot::Receiver<Result<Seq, Rejection>>>) -> Told {
    match answer {
        Some(answer) => answer.await.ok(),
        None => std::future::pending().await,
    }
}
