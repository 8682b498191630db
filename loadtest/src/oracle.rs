//! The judge: whether what the tabs noted and what the logs say can both be true of a hub that keeps its promises.
//!
//! The log of a book is a total order that the hub itself names, seq by seq; every reply says where in it a command
//! was judged. So nothing has to be guessed: that order is the linearization, and what is left is to check it. Locks
//! are replayed in it ([`locks`]), yeses and noes are compared with the state they name ([`commands`]), and it must
//! not contradict the clock ([`order`]): who was answered before another asked comes before them. A search over
//! possible orders would know less. What may or may not have happened (a lost answer, `outcome_unknown`) is settled by
//! the log: it is there once, or not at all.
//!
//! Positions are (epoch, seq). Another epoch is another history: what was acknowledged in an earlier one may be lost
//! with it, so an epoch that nobody expected is a violation of its own.

mod commands;
mod locks;
mod order;
mod outcome;
#[cfg(test)]
mod tests;
mod texts;
mod views;

use std::collections::BTreeMap;

use quire_protocol::{BookId, ChapterId, Epoch, EventFrame, Seq, SessionId};
use serde::{Deserialize, Serialize};

use crate::observation::{
    BookNotes, Fact, History, Micros, Notebook, Place, TabId, TabNotes, Tally, TextNotes, TextView, ViolationKind,
    Violations,
};
use locks::Locks;

/// A book's log as it is in the end, when all is quiet: read before the tabs' views are taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FinalLog {
    /// The book.
    pub book: BookId,
    /// The life of its log.
    pub epoch: Epoch,
    /// Its last event.
    pub seq: Seq,
    /// Its events as somebody reads them who may read all, from seq 1; or as many as could be read. What is missing
    /// must have been heard by some tab.
    pub events: Vec<EventFrame>,
    /// Its texts as each hub answers them; none where nobody writes.
    pub texts: Vec<FinalText>,
}

/// A chapter's text as it is in the end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FinalText {
    /// The chapter.
    pub chapter: ChapterId,
    /// Which hub answered it.
    pub hub: u32,
    /// The life of its log; none: nobody ever wrote into it.
    pub epoch: Option<Epoch>,
    /// What it says.
    pub view: TextView,
    /// Its state vector.
    pub clocks: BTreeMap<u64, u32>,
}

/// What a run must have brought, so that one that checked nothing does not pass.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Expectations {
    /// Events reached tabs.
    pub deliveries: bool,
    /// Commands were accepted.
    pub commands: bool,
    /// Chapters were granted.
    pub locks: bool,
    /// Tabs told their views.
    pub views: bool,
    /// Updates of texts were stored, and texts compared.
    pub texts: bool,
    /// Files were read.
    pub files: bool,
    /// The store lost data or was told that it did: logs may begin another life, and lose what was acknowledged.
    pub epoch_changes: bool,
}

impl Default for Expectations {
    fn default() -> Self {
        Self {
            deliveries: true,
            commands: true,
            locks: true,
            views: true,
            texts: false,
            files: false,
            epoch_changes: false,
        }
    }
}

/// How much was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// What was counted while loading.
    pub tally: Tally,
    /// Books.
    pub books: u64,
    /// Lives of logs; as many as books where nothing was lost.
    pub epochs: u64,
    /// Different events.
    pub events: u64,
    /// Commands.
    pub commands: u64,
    /// Commands that were accepted and whose event is in the log.
    pub accepted: u64,
    /// Commands that were accepted and had nothing to change.
    pub accepted_idle: u64,
    /// Commands that were acknowledged in a life of a log that is no more.
    pub accepted_in_lost_epochs: u64,
    /// Commands that were refused, none of which may be in the log.
    pub refused: u64,
    /// Refusals that were compared with the lock's state that they name.
    pub refusals_compared: u64,
    /// Commands of which nobody can say by the answers whether they were done.
    pub open: u64,
    /// Answers whose order was compared with the clock.
    pub ordered: u64,
    /// Grants of locks.
    pub grants: u64,
    /// Beliefs of tabs to hold a chapter.
    pub beliefs: u64,
    /// Changes of holder by the holder's own wish whose times were compared.
    pub handovers: u64,
    /// Views that were compared.
    pub views: u64,
    /// Logs that were replayed from their first event and compared with the views.
    pub replayed: u64,
    /// Texts.
    pub texts: u64,
    /// Updates that were sent.
    pub updates: u64,
    /// Updates that were acknowledged and are there.
    pub updates_stored: u64,
    /// Updates that could not be stored and are in a draft.
    pub updates_drafted: u64,
    /// Updates that were sent under a token that was over, and refused.
    pub updates_stale: u64,
    /// Texts of tabs that were compared with what somebody new reads.
    pub text_views: u64,
    /// Things that could not be judged, because a part of a log that is no more was never heard.
    pub unjudged: u64,
}

/// The verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// What is wrong; nothing, if the run is right.
    pub violations: Violations,
    /// How much was checked.
    pub checked: Checked,
}

/// Judges a run by the notebooks of all its workers and the logs as they are in the end.
pub fn judge(notebooks: Vec<Notebook>, logs: &[FinalLog], expectations: Expectations) -> Judgement {
    let mut judgement = Judgement::default();
    let mut sessions = BTreeMap::new();
    let mut books: BTreeMap<BookId, BookNotes> = BTreeMap::new();
    for notebook in notebooks {
        gather(notebook, &mut judgement, &mut sessions, &mut books);
    }
    let logs: BTreeMap<&BookId, &FinalLog> = logs.iter().map(|log| (&log.book, log)).collect();
    for log in logs.values() {
        books.entry(log.book.clone()).or_default();
    }
    for (book, notes) in books {
        match logs.get(&book) {
            Some(log) => Case::new(notes, log, &sessions, &mut judgement).judge(expectations, &mut judgement),
            None => judgement.violations.add(ViolationKind::UnreadLog, || format!("{book}: nobody read its log")),
        }
    }
    check_that_something_was_checked(&mut judgement, expectations);
    judgement
}

/// Adds one worker's notes to all others'.
fn gather(
    notebook: Notebook,
    judgement: &mut Judgement,
    sessions: &mut BTreeMap<SessionId, TabId>,
    books: &mut BTreeMap<BookId, BookNotes>,
) {
    judgement.violations.merge(notebook.violations);
    judgement.checked.tally.merge(&notebook.tally);
    for (tab, known) in notebook.sessions {
        sessions.extend(known.all.into_iter().map(|session| (session, tab)));
    }
    for (book, notes) in notebook.books {
        let all = books.entry(book.clone()).or_default();
        for (tab, notes) in notes.tabs {
            let known = all.tabs.insert(tab, notes);
            assert!(known.is_none(), "tabs are numbered over all workers");
        }
        for (chapter, notes) in notes.texts {
            let text = all.texts.entry(chapter.clone()).or_default();
            gather_text(&mut judgement.violations, (&book, &chapter), text, notes);
        }
        for history in notes.histories {
            let all = History::of(&mut all.histories, history.epoch, history.first_at);
            all.first_at = all.first_at.min(history.first_at);
            for (seq, fact) in history.events {
                note(&mut judgement.violations, &book, all, Seq(seq), fact);
            }
        }
    }
}

/// Adds one worker's notes about a text.
fn gather_text(violations: &mut Violations, (book, chapter): Place<'_>, all: &mut TextNotes, notes: TextNotes) {
    all.epochs.extend(notes.epochs);
    // A hold is one tab's, and a tab one worker's.
    all.wrote.extend(notes.wrote);
    all.views.extend(notes.views);
    for (rev, told) in notes.told {
        let known = all.told.entry(rev).or_insert_with(|| told.clone());
        if *known != told {
            violations.add(ViolationKind::Disagreement, || {
                format!("{book}: update {rev} of {chapter} is something else at a tab of another worker")
            });
        }
    }
}

fn note(violations: &mut Violations, book: &BookId, history: &mut History, seq: Seq, fact: Fact) {
    let (kind, epoch) = (fact.kind.clone(), history.epoch);
    if history.insert(seq, fact).is_err() {
        violations.add(ViolationKind::Disagreement, || {
            format!("{book} {epoch} {seq} ({kind}) is something else at a tab of another worker or in the log")
        });
    }
}

/// Everything about one book.
struct Case<'a> {
    log: &'a FinalLog,
    tabs: BTreeMap<TabId, TabNotes>,
    texts: BTreeMap<ChapterId, TextNotes>,
    /// In the order in which they were lived.
    histories: Vec<History>,
    /// What the log says in the end, as far as it was read.
    logged: BTreeMap<u64, Fact>,
    /// The replayed locks of each history.
    locks: Vec<Locks>,
    sessions: &'a BTreeMap<SessionId, TabId>,
}

impl<'a> Case<'a> {
    fn new(
        notes: BookNotes,
        log: &'a FinalLog,
        sessions: &'a BTreeMap<SessionId, TabId>,
        judgement: &mut Judgement,
    ) -> Self {
        let BookNotes { mut histories, tabs, texts } = notes;
        let last = History::of(&mut histories, log.epoch, Micros(u64::MAX));
        let mut logged = BTreeMap::new();
        for frame in &log.events {
            if frame.epoch == log.epoch
                && frame.book == log.book
                && let Some(fact) = Fact::of(frame, Micros(u64::MAX))
            {
                logged.insert(frame.seq.0, fact.clone());
                note(&mut judgement.violations, &log.book, last, frame.seq, fact);
            }
        }
        histories.sort_by_key(|history| history.first_at);
        let locks = locks::replay(log, &histories, judgement);
        Self { log, tabs, texts, histories, logged, locks, sessions }
    }

    fn judge(&self, expectations: Expectations, judgement: &mut Judgement) {
        judgement.checked.books += 1;
        judgement.checked.epochs += self.histories.len() as u64;
        judgement.checked.events += self.histories.iter().map(|history| history.events.len() as u64).sum::<u64>();
        self.check_epochs(expectations, &mut judgement.violations);
        self.check_log_is_read(&mut judgement.violations);
        self.check_tabs_at_rest(&mut judgement.violations);
        self.check_beliefs(judgement);
        self.check_handovers(judgement);
        let outcomes = self.outcomes(judgement);
        self.check_effects(&outcomes, judgement);
        self.check_refusals(judgement);
        self.check_order(&outcomes, judgement);
        self.check_views(judgement);
        self.check_texts(expectations, judgement);
    }

    fn check_epochs(&self, expectations: Expectations, violations: &mut Violations) {
        let lives = self.histories.len();
        if lives > 1 && !expectations.epoch_changes {
            violations.add(ViolationKind::EpochChanged, || format!("{}: its log has had {lives} lives", self.log.book));
        }
    }

    fn check_log_is_read(&self, violations: &mut Violations) {
        let Some(history) = self.history(self.log.epoch) else { return };
        let unread: Vec<u64> = (1..=self.log.seq.0).filter(|seq| !history.events.contains_key(seq)).collect();
        if let (Some(first), count) = (unread.first(), unread.len()) {
            violations.add(ViolationKind::UnreadLog, || {
                format!(
                    "{}: nobody heard or read {count} of {} events, the first is {first}",
                    self.log.book, self.log.seq
                )
            });
        }
    }

    fn check_tabs_at_rest(&self, violations: &mut Violations) {
        let book = &self.log.book;
        for (TabId(tab), notes) in &self.tabs {
            let missing: Vec<u64> = notes.missing().collect();
            if !missing.is_empty() {
                violations.add(ViolationKind::Gap, || format!("tab {tab}: {book} {missing:?} never came"));
            }
            for (id, tried) in &notes.tried {
                if tried.attempts.iter().any(|attempt| attempt.answered.is_none()) {
                    let kind = &tried.kind;
                    violations
                        .add(ViolationKind::Unanswered, || format!("tab {tab}: {book} never answered {id} ({kind})"));
                }
            }
        }
    }

    fn history(&self, epoch: Epoch) -> Option<&History> {
        self.histories.iter().find(|history| history.epoch == epoch)
    }

    fn locks(&self, epoch: Epoch) -> Option<&Locks> {
        self.histories.iter().zip(&self.locks).find(|(history, _)| history.epoch == epoch).map(|(_, locks)| locks)
    }

    /// The session is one of this tab's.
    fn is_of(&self, session: &SessionId, tab: TabId) -> bool {
        self.sessions.get(session) == Some(&tab)
    }
}

fn check_that_something_was_checked(judgement: &mut Judgement, expectations: Expectations) {
    let Judgement { violations, checked } = judgement;
    let kinds = [
        (expectations.deliveries, checked.tally.deliveries, "deliveries"),
        (expectations.commands, checked.accepted, "accepted commands"),
        (expectations.locks, checked.grants, "grants of locks"),
        (expectations.views, checked.views, "views"),
        (expectations.texts, checked.updates_stored, "stored updates"),
        (expectations.texts, checked.text_views, "texts of tabs"),
        (expectations.files, checked.tally.files, "files"),
        (true, checked.books, "books"),
    ];
    for (_, _, name) in kinds.into_iter().filter(|(expected, count, _)| *expected && *count == 0) {
        violations.add(ViolationKind::NothingChecked, || format!("there were no {name} to check"));
    }
}
