//! What a worker notes while it loads, so that the oracle can judge the run afterwards.
//!
//! A [`Notebook`] is told of everything that its tabs send and hear. Deliveries are checked on the spot, one state per
//! tab and book, and only summarised; of each event one [`Fact`] is kept, of each command its sendings and answers, of
//! each lock the times between which a tab believed to hold it. Notebooks are plain data and travel as JSON.
//!
//! A notebook must be told of every command that its tabs send, and each needs an id: an event that nobody wished for is
//! a violation.
//!
//! Times are microseconds of a clock that all processes of the machine share. A time of sending is taken before the
//! bytes leave, a time of hearing after they came: then "before" in the notebooks is "before" in the world.

mod belief;
mod fact;
mod following;
mod history;
mod text;
mod tried;
mod violation;

use std::collections::BTreeMap;

use quire_protocol::command::After;
use quire_protocol::event::Event;
use quire_protocol::frame::{Notice, Opened, Reply};
use quire_protocol::{
    BookCommand, BookId, ChapterId, Command, CommandFrame, CommandId, Epoch, EventFrame, Seq, SessionId, Token,
};
use serde::{Deserialize, Serialize};

use following::{Fit, Following};

pub use belief::{Belief, BeliefEnd, Beliefs};
pub use fact::{About, Fact};
pub use history::History;
pub use text::TextView;
pub(crate) use text::{Instead, Place, Said, Sent, TextNotes, Told, Wrote};
pub use tried::{Answered, Attempt, Tried};
pub use violation::{Violation, ViolationKind, Violations};

/// A tab, numbered over all workers of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TabId(pub u32);

/// Microseconds since the run's origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Micros(pub u64);

/// Which tab, and when.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The tab.
    pub tab: TabId,
    /// The time: before what is sent leaves, after what is heard came.
    pub at: Micros,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangUp {
    /// The tab closed it with 1000 or 1001: what it held is free at once. The moment is that before the close frame.
    Ours,
    /// Anything else: cut, vanished, or closed by the hub.
    Theirs,
}

/// What a tab believes of a book when all is quiet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The life of the log.
    pub epoch: Epoch,
    /// The last event in it.
    pub seq: Seq,
    /// Digest of title, chapters, order, locks and members; none: the tab cannot know them all.
    pub outline: Option<u64>,
    /// Digest of the heads of comment threads; none: the tab may not read them, or cannot know them all.
    pub threads: Option<u64>,
}

/// What was counted while loading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Events that came alone, each at each tab.
    pub deliveries: u64,
    /// Events that came in an answer to `book.open`.
    pub caught_up: u64,
    /// Events of which a tab was only told that they were.
    pub withheld: u64,
    /// Books opened from a snapshot.
    pub snapshots: u64,
    /// Snapshots older than what the tab had heard before: allowed to a hub that is behind, and worth knowing.
    pub snapshots_behind: u64,
    /// Connections that ended.
    pub hang_ups: u64,
    /// Changes of texts, each at each tab.
    pub texts: u64,
    /// Answers to `chapter.open`.
    pub texts_opened: u64,
    /// Files of books.
    pub files: u64,
}

impl Tally {
    /// Adds what another worker counted.
    pub fn merge(&mut self, other: &Self) {
        self.deliveries += other.deliveries;
        self.caught_up += other.caught_up;
        self.withheld += other.withheld;
        self.snapshots += other.snapshots;
        self.snapshots_behind += other.snapshots_behind;
        self.hang_ups += other.hang_ups;
        self.texts += other.texts;
        self.texts_opened += other.texts_opened;
        self.files += other.files;
    }
}

/// What one tab did in one book.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct TabNotes {
    following: Option<Following>,
    pub(crate) tried: BTreeMap<CommandId, Tried>,
    pub(crate) beliefs: Beliefs,
    /// When the tab gave back all at once: by closing the book or its connection.
    pub(crate) leavings: Vec<Micros>,
    pub(crate) view: Option<View>,
}

/// What is known of one book.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct BookNotes {
    pub(crate) histories: Vec<History>,
    pub(crate) tabs: BTreeMap<TabId, TabNotes>,
    pub(crate) texts: BTreeMap<ChapterId, TextNotes>,
}

impl TabNotes {
    /// The tab never hung up, and still misses these.
    pub(crate) fn missing(&self) -> impl Iterator<Item = u64> {
        self.following.iter().flat_map(|following| following.missing().iter().copied())
    }
}

/// A tab's sessions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sessions {
    current: Option<SessionId>,
    pub(crate) all: Vec<SessionId>,
}

/// Everything that one worker saw.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Notebook {
    pub(crate) books: BTreeMap<BookId, BookNotes>,
    pub(crate) sessions: BTreeMap<TabId, Sessions>,
    pub(crate) violations: Violations,
    pub(crate) tally: Tally,
}

impl Notebook {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was counted so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What is wrong so far.
    pub fn violations(&self) -> &Violations {
        &self.violations
    }

    /// The hub said welcome: the tab's session from now on.
    pub fn welcomed(&mut self, tab: TabId, session: &SessionId) {
        let sessions = self.sessions.entry(tab).or_default();
        if !sessions.all.contains(session) {
            sessions.all.push(session.clone());
        }
        sessions.current = Some(session.clone());
    }

    /// The answer to a `book.open` that named the position `asked`.
    pub fn opened(&mut self, now: Moment, book: &BookId, opened: &Opened, asked: Option<After>) {
        self.end_following(now.tab, book);
        let begins = match (&opened.events, &opened.snapshot, asked) {
            (Some(_), None, Some(after)) if after.epoch == opened.epoch => after.seq,
            (None, Some(_), _) => opened.seq,
            _ => {
                self.violations.add(ViolationKind::BadOpening, || {
                    format!("tab {}: the answer to opening {book} after {asked:?} is neither", now.tab.0)
                });
                opened.seq
            }
        };
        let tally = &mut self.tally;
        let notes = self.books.entry(book.clone()).or_default();
        let tab = notes.tabs.entry(now.tab).or_default();
        let before = tab.following.replace(Following::begin(opened.epoch, begins));
        if let Some(snapshot) = &opened.snapshot {
            tally.snapshots += 1;
            let is_behind = before.is_some_and(|before| before.epoch == opened.epoch && before.seq > opened.seq);
            tally.snapshots_behind += u64::from(is_behind);
            let session = self.sessions.get(&now.tab).and_then(|sessions| sessions.current.as_ref());
            tab.see_locks(snapshot, session, now.at);
        }
        for frame in opened.events.iter().flatten() {
            self.tally.caught_up += 1;
            self.take_in(now, frame);
        }
        self.check_opening(now, book, opened);
    }

    /// Catch-up events end where the answer says that it is.
    fn check_opening(&mut self, now: Moment, book: &BookId, opened: &Opened) {
        let following = self.following(now.tab, book);
        let reached = following.is_some_and(|following| following.seq == opened.seq && following.missing().is_empty());
        if !reached {
            self.violations.add(ViolationKind::BadOpening, || {
                format!("tab {}: catching up with {book} did not reach {}", now.tab.0, opened.seq)
            });
        }
    }

    /// One live event.
    pub fn heard(&mut self, now: Moment, frame: &EventFrame) {
        self.tally.deliveries += 1;
        self.take_in(now, frame);
    }

    fn take_in(&mut self, now: Moment, frame: &EventFrame) {
        let violations = &mut self.violations;
        let EventFrame { book, epoch, seq, .. } = frame;
        let notes = match self.books.get_mut(book) {
            Some(notes) => notes,
            None => self.books.entry(book.clone()).or_default(),
        };
        let tab = notes.tabs.entry(now.tab).or_default();
        let fit = tab.following.as_mut().map_or(Fit::Unasked, |following| following.step(*epoch, *seq));
        let place = || format!("tab {}: {book} {epoch} {seq} ({})", now.tab.0, frame.event.kind());
        match fit {
            // What is left out is told of when it is known whether it came late.
            Fit::Next | Fit::Ahead => {}
            Fit::FarAhead { expected } => {
                violations.add(ViolationKind::Gap, || format!("{} came when {expected} was due", place()));
            }
            Fit::Late => violations.add(ViolationKind::Reordered, || format!("{} came after a later one", place())),
            Fit::Again => violations.add(ViolationKind::Duplicate, || format!("{} came twice", place())),
            Fit::Unasked => violations.add(ViolationKind::Unasked, || format!("{} came to a closed view", place())),
        }
        if matches!(frame.event, Event::Withheld(_)) {
            self.tally.withheld += 1;
            return;
        }
        if History::of(&mut notes.histories, *epoch, now.at).note(frame, now.at).is_err() {
            violations.add(ViolationKind::Disagreement, || format!("{} is something else at another tab", place()));
        }
        if let Some(session) = self.sessions.get(&now.tab).and_then(|sessions| sessions.current.as_ref()) {
            tab.hear_of_lock(&frame.event, session, now.at);
        }
    }

    /// A command is about to be sent, for the first time or again. Only commands of books with an id are noted.
    pub fn sent(&mut self, now: Moment, frame: &CommandFrame) {
        let (Some(book), Some(id), Command::Book(command)) = (&frame.book, &frame.id, &frame.command) else { return };
        let session = self.sessions.get(&now.tab).and_then(|sessions| sessions.current.clone());
        let tab = self.books.entry(book.clone()).or_default().tabs.entry(now.tab).or_default();
        let epoch = tab.following.as_ref().filter(|following| following.is_open).map(|following| following.epoch);
        let given_back = gives_back(command);
        let tried = tab.tried.entry(id.clone()).or_insert_with(|| Tried {
            kind: command.kind().to_owned(),
            about: About::of_command(command),
            token: given_back,
            attempts: Vec::new(),
        });
        tried.attempts.push(Attempt { session, epoch, sent_at: now.at, answered: None });
        if let Some(token) = given_back {
            tab.beliefs.end_where(now.at, BeliefEnd::GaveBack, |_, held| held == token);
        }
    }

    /// The reply to the last sending of a command.
    pub fn answered(&mut self, now: Moment, book: &BookId, id: &CommandId, reply: &Reply) {
        let answered = Answered::of(reply);
        let Some(tab) = self.books.get_mut(book).and_then(|notes| notes.tabs.get_mut(&now.tab)) else { return };
        let Some(tried) = tab.tried.get_mut(id) else { return };
        let Some(attempt) = tried.attempts.last_mut().filter(|attempt| attempt.answered.is_none()) else { return };
        attempt.answered = Some((answered.clone(), now.at));
        let (session, token, chapter) = (attempt.session.clone(), tried.token, tried.about.chapter.clone());
        match answered {
            Answered::Accepted { seq, token: granted } => {
                if let (Some(token), Some(session), Some(chapter)) = (granted, session, chapter) {
                    tab.beliefs.begin(token, &chapter, &session, now.at);
                }
                let heard = tab.following.as_ref().filter(|following| following.is_open);
                if let (Some(seq), Some(heard)) = (seq, heard.map(|heard| heard.seq))
                    && seq > heard
                {
                    self.violations.add(ViolationKind::ReplyBeforeEvent, || {
                        format!("tab {}: {book} said yes to {id} at {seq}, the tab had heard {heard}", now.tab.0)
                    });
                }
            }
            Answered::Refused { code, .. } => {
                // Told that it is not the holder, a tab stops believing; any other refusal leaves things as they were.
                let is_told = code == "not_holder" || code == "stale_token";
                if let Some(token) = token.filter(|_| !is_told) {
                    tab.beliefs.resume(token);
                }
            }
            Answered::Unknown | Answered::Lost => {}
        }
    }

    /// A notice for this tab alone.
    pub fn notified(&mut self, now: Moment, notice: &Notice) {
        match notice {
            Notice::LockLost { book, chapter, .. } => {
                if let Some(tab) = self.books.get_mut(book).and_then(|notes| notes.tabs.get_mut(&now.tab)) {
                    tab.beliefs.end(chapter, now.at, BeliefEnd::Told);
                }
            }
            Notice::BookClosed { book, .. } => {
                self.end_following(now.tab, book);
                if let Some(tab) = self.books.get_mut(book).and_then(|notes| notes.tabs.get_mut(&now.tab)) {
                    tab.beliefs.end_where(now.at, BeliefEnd::Told, |_, _| true);
                }
            }
            _ => {}
        }
    }

    /// A `book.close` is about to be sent: what the tab holds there it gives back.
    pub fn leaving(&mut self, now: Moment, book: &BookId) {
        if let Some(tab) = self.books.get_mut(book).and_then(|notes| notes.tabs.get_mut(&now.tab)) {
            tab.leavings.push(now.at);
            tab.beliefs.end_where(now.at, BeliefEnd::Left, |_, _| true);
        }
    }

    /// The answer to `book.close` came: nothing of this book may come any more.
    pub fn left(&mut self, tab: TabId, book: &BookId) {
        self.end_following(tab, book);
    }

    /// The tab's connection ended; what was not answered is lost.
    pub fn hung_up(&mut self, now: Moment, how: HangUp) {
        self.tally.hang_ups += 1;
        let books: Vec<BookId> = self
            .books
            .iter()
            .filter(|(_, notes)| notes.tabs.contains_key(&now.tab))
            .map(|(book, _)| book.clone())
            .collect();
        for book in books {
            self.end_following(now.tab, &book);
            let Some(tab) = self.books.get_mut(&book).and_then(|notes| notes.tabs.get_mut(&now.tab)) else { continue };
            let why = if how == HangUp::Ours { BeliefEnd::Left } else { BeliefEnd::Cut };
            tab.beliefs.end_where(now.at, why, |_, _| true);
            tab.leavings.extend((how == HangUp::Ours).then_some(now.at));
            let open = tab.tried.values_mut().filter_map(|tried| tried.attempts.last_mut());
            for attempt in open.filter(|attempt| attempt.answered.is_none()) {
                attempt.answered = Some((Answered::Lost, now.at));
            }
        }
    }

    /// What the tab believes of a book when all is quiet.
    pub fn view(&mut self, tab: TabId, book: &BookId, view: View) {
        self.books.entry(book.clone()).or_default().tabs.entry(tab).or_default().view = Some(view);
    }

    fn following(&self, tab: TabId, book: &BookId) -> Option<&Following> {
        self.books.get(book)?.tabs.get(&tab)?.following.as_ref()
    }

    /// The tab hears no more of this book for now: what did not come until now is missing.
    fn end_following(&mut self, tab: TabId, book: &BookId) {
        let notes = self.books.get_mut(book).and_then(|notes| notes.tabs.get_mut(&tab));
        let Some(following) = notes.and_then(|notes| notes.following.as_mut()) else { return };
        let missing = following.end();
        if !missing.is_empty() {
            let epoch = following.epoch;
            self.violations.add(ViolationKind::Gap, || format!("tab {}: {book} {epoch} {missing:?} never came", tab.0));
        }
    }
}

/// The token that a command gives back.
fn gives_back(command: &BookCommand) -> Option<Token> {
    match command {
        BookCommand::LockRelease(command) => Some(command.token),
        BookCommand::LockHandOver(command) => Some(command.token),
        _ => None,
    }
}

impl TabNotes {
    /// What an event about a lock means for the tab's beliefs.
    fn hear_of_lock(&mut self, event: &Event, session: &SessionId, at: Micros) {
        match event {
            Event::LockAcquired(event) if event.holder.session == *session => {
                if let Some(token) = event.token {
                    self.beliefs.begin(token, &event.chapter, session, at);
                }
            }
            // Whoever else holds it now, this tab does not.
            Event::LockAcquired(event) => self.beliefs.end(&event.chapter, at, BeliefEnd::Told),
            Event::LockRehomed(event) if event.session == *session => {
                self.beliefs.end(&event.chapter, at, BeliefEnd::Told);
                if let Some(token) = event.token {
                    self.beliefs.begin(token, &event.chapter, session, at);
                }
            }
            Event::LockReleased(event) if event.session == *session => {
                self.beliefs.end(&event.chapter, at, BeliefEnd::Told);
            }
            _ => {}
        }
    }

    /// What a snapshot means for the tab's beliefs.
    fn see_locks(&mut self, snapshot: &quire_protocol::view::Snapshot, session: Option<&SessionId>, at: Micros) {
        let locks = snapshot.chapters.iter().filter_map(|chapter| Some((&chapter.id, chapter.lock.as_ref()?)));
        let own: Vec<_> = locks.filter(|(_, lock)| Some(&lock.holder.session) == session).collect();
        self.beliefs.end_where(at, BeliefEnd::Told, |_, token| !own.iter().any(|(_, lock)| lock.token == token));
        for (chapter, lock) in own {
            self.beliefs.begin(lock.token, chapter, &lock.holder.session, at);
        }
    }
}
