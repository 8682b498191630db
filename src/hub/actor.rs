//! The actor of one book: a task that owns the book, drains its mailbox, and is the only one that changes it.
//!
//! A turn drafts what the mail means, appends all resulting events as one batch, applies what was committed, sends
//! it to everybody, and answers ([`turn`], [`fanout`]). A turn that appends nothing asks the store whether the tail
//! moved (R3), so even a refusal is never given on a stale view. Who is here is kept in the [`roster`], never in the
//! log (I7). Time passes in [`sweep`].

mod draft;
mod fanout;
mod load;
mod loss;
mod open;
mod peers;
mod query;
mod replies;
mod rights;
mod roster;
mod sweep;
mod telling;
mod text;
mod turn;
mod version;
mod visitors;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use quire_protocol::event::Home;
use quire_protocol::{BookId, ChapterId, SessionId, Token};
use tokio::sync::{Mutex, mpsc};
use tokio::time::Instant;

use crate::book::{Act, Book};
use crate::hub::Hub;
use crate::hub::mail::{Letter, Mail, Update, Wish};
use crate::hub::shown::Shown;
use crate::store::{Card, Position};
use loss::Tags;
use peers::Peers;
use roster::{Gone, Roster};
use telling::Untold;
use text::OpenText;
use visitors::Listing;

pub(in crate::hub) use turn::{Ended, PATIENCE, surely};

/// Mail in one turn. More commands share one append; the bound keeps a turn short.
const TURN_MAX: usize = 256;
/// An event to so many listeners waits for company: a write to all of them lasts longer than this.
const LISTENERS_WORTH_WAITING: usize = 500;
const WAIT_PER_LISTENERS: Duration = Duration::from_millis(1);
/// So that an event waits for at most 10 ms, however many listen.
const WAITS_MAX: u32 = 10;
/// An actor with nobody in its book stops after this time.
const LINGER: Duration = Duration::from_secs(30);

/// The book could not be served on: its sessions were sent to resume, its memory must be dropped.
#[derive(Clone, Copy, Debug)]
struct Lost;

/// Mail that shares an append with what comes right after it: wishes, or updates of texts.
#[derive(Default)]
struct Run {
    wishes: Vec<Wish>,
    updates: Vec<Update>,
}

/// Owns one book while somebody has it open.
pub(crate) struct Actor {
    hub: Arc<Hub>,
    mailbox: mpsc::Receiver<Letter>,
    /// Our own mailbox, to take it out of the registry.
    address: mpsc::WeakSender<Letter>,
    book: Book,
    /// Where the log ends; `None`: the book was never created. Changed by [`Actor::stand_at`].
    position: Option<Position>,
    /// The last appends, to know a log again that lost its end.
    tags: Tags,
    /// What tasks of the hub see of us.
    shown: Arc<Shown>,
    /// The same book on other replicas.
    peers: Peers,
    /// How often in a row another replica was faster (R10).
    misses: u32,
    /// The store lost what it had, this book perhaps: it is not known never to have been (R6).
    may_be_lost: bool,
    /// The card in the index.
    card: Card,
    /// What the library's list says of the book.
    listed: Listing,
    /// What people are still to be told.
    untold: Untold,
    /// Somebody may hold something who may not edit any more.
    stakes_in_doubt: bool,
    roster: Roster,
    /// Holders and waiters of the log that no connection of ours stands for (R5, R15).
    orphans: BTreeMap<SessionId, Gone>,
    /// The tokens of idle locks whose holders were told.
    warned: BTreeSet<Token>,
    /// The chapters whose text somebody here has open.
    texts: BTreeMap<ChapterId, OpenText>,
    /// Texts that the store lost, and whether somebody is putting them back still.
    returning: BTreeMap<ChapterId, Weak<()>>,
    /// Whoever makes a version of this book waits for this.
    history_turn: Arc<Mutex<()>>,
    /// Events since the last snapshot.
    since_snapshot: u64,
    /// The store was asked in this turn.
    fresh: bool,
    /// When to look at the clocks next.
    sweep_at: Instant,
    /// Since when nobody is here.
    empty_since: Option<Instant>,
}

impl Actor {
    pub(crate) fn new(
        hub: Arc<Hub>,
        book: BookId,
        mailbox: mpsc::Receiver<Letter>,
        address: mpsc::WeakSender<Letter>,
        shown: Arc<Shown>,
    ) -> Self {
        let now = Instant::now();
        let book = Book::new(book);
        let card = book.card(hub.clock.now());
        Self {
            hub,
            mailbox,
            address,
            book,
            position: None,
            tags: Tags::default(),
            shown,
            peers: Peers::new(),
            misses: 0,
            may_be_lost: false,
            card,
            listed: Listing::default(),
            untold: Untold::default(),
            stakes_in_doubt: false,
            roster: Roster::default(),
            orphans: BTreeMap::new(),
            warned: BTreeSet::new(),
            texts: BTreeMap::new(),
            returning: BTreeMap::new(),
            history_turn: Arc::default(),
            since_snapshot: 0,
            fresh: false,
            sweep_at: now,
            empty_since: Some(now),
        }
    }

    /// Serves the book until nobody needs it.
    pub(crate) async fn run(mut self: Box<Self>) {
        let attended = self.attend_to_book().await;
        if attended.is_ok() && self.serve().await.is_ok() {
            if self.since_snapshot > 0 && self.untold.is_empty() {
                // The next one to open the book reads a snapshot instead of the whole log.
                self.compact();
            }
            self.end_telling();
            self.depart();
            return;
        }
        Box::pin(self.put_back()).await;
        if attended.is_ok() {
            self.depart();
        }
        self.hub.registry.remove(self.book.id(), &self.address);
        self.mailbox.close();
        self.send_away();
        if let Some(replicas) = self.hub.replicas().filter(|_| self.answers_for_stakes()) {
            // Those who are sent away may never come back, and other replicas take this one to look after its own (R5).
            replicas.need_actors([self.book.id().clone()]);
        }
        // Handing it to a new actor at once could go round for ever.
        while let Some(mail) = self.mailbox.recv().await {
            self.turn_down(*mail);
        }
    }

    /// Hears what others write from before the log is read on, so that nothing falls between (R13).
    async fn attend_to_book(&self) -> Result<(), Lost> {
        match self.hub.replicas() {
            Some(replicas) => replicas.attend(self.book.id()).await.map_err(|_| Lost),
            None => Ok(()),
        }
    }

    fn depart(&self) {
        if let Some(replicas) = self.hub.replicas() {
            replicas.depart(self.book.id(), self.answers_for_stakes());
        }
    }

    /// Somebody holds or waits for something, and no other replica ends that.
    fn answers_for_stakes(&self) -> bool {
        let ours = |home: &Home| home.replica == self.hub.replica;
        let held = self.book.held().any(|held| ours(held.home));
        held || self.book.waiting().any(|waits| ours(waits.home)) || !self.orphans.is_empty()
    }

    async fn serve(&mut self) -> Result<(), Lost> {
        Box::pin(self.load()).await?;
        self.introduce();
        let mut mails = Vec::new();
        loop {
            let until = self.wake_at();
            tokio::select! {
                count = self.mailbox.recv_many(&mut mails, TURN_MAX) => {
                    if count == 0 {
                        return Ok(());
                    }
                    self.gather(&mut mails).await;
                    // What is large and soon over is boxed: a quiet book does not keep the room for it.
                    Box::pin(self.turn(&mut mails)).await?;
                }
                () = tokio::time::sleep_until(until) => Box::pin(self.sweep()).await?,
            }
            if let Some(changes) = self.roster.flush_if_due(self.book.id(), &self.hub.limits) {
                self.tell_peers(changes);
            }
            if self.may_stop() && self.hub.registry.retire(self.book.id(), &self.address, &self.mailbox) {
                return Ok(());
            }
        }
    }

    /// In a book with many listeners an event waits a moment for company, because each write to all of them costs
    /// more than that moment. What others wrote becomes one piece of news.
    async fn gather(&mut self, mails: &mut Vec<Letter>) {
        let listeners = self.roster.len();
        if listeners >= LISTENERS_WORTH_WAITING && mails.iter().any(|mail| mail.may_be_told()) {
            tokio::time::sleep(
                WAIT_PER_LISTENERS * u32::try_from(listeners / LISTENERS_WORTH_WAITING).unwrap_or(1).min(WAITS_MAX),
            )
            .await;
            while mails.len() < TURN_MAX
                && let Ok(mail) = self.mailbox.try_recv()
            {
                mails.push(mail);
            }
        }
        mails.dedup_by(|next, last| last.takes_in(next));
    }

    /// Works through mail in order: runs of wishes share one append, what reads the book comes between them.
    async fn turn(&mut self, mails: &mut Vec<Letter>) -> Result<(), Lost> {
        self.fresh = false;
        let mut mails = std::mem::take(mails).into_iter().map(|letter| *letter);
        let worked = self.work_judged(&mut mails).await;
        // Nobody waits for an answer that never comes.
        mails.for_each(|mail| self.turn_down(mail));
        worked
    }

    /// Works through mail by what the library allows now; what that ends, ends with the turn.
    async fn work_judged(&mut self, mails: &mut impl Iterator<Item = Mail>) -> Result<(), Lost> {
        self.end_lapsed().await?;
        self.heed_library().await?;
        self.work_through(mails).await?;
        self.free_unentitled().await
    }

    async fn work_through(&mut self, mails: &mut impl Iterator<Item = Mail>) -> Result<(), Lost> {
        let mut run = Run::default();
        for mail in mails {
            match mail {
                Mail::Wish(wish) if run.updates.is_empty() && !wish.needs_point() => run.wishes.push(*wish),
                Mail::Update(update) if run.wishes.is_empty() => run.updates.push(*update),
                // Signals change no book: they come between wishes without ending their batch.
                Mail::Presence { .. } | Mail::Activity { .. } => self.attend(mail).await?,
                _ => {
                    if let Err(lost) = self.end_run(std::mem::take(&mut run)).await {
                        self.turn_down(mail);
                        return Err(lost);
                    }
                    match mail {
                        Mail::Wish(wish) if !wish.needs_point() => run.wishes.push(*wish),
                        Mail::Update(update) => run.updates.push(*update),
                        _ => self.attend(mail).await?,
                    }
                }
            }
        }
        self.end_run(run).await
    }

    async fn end_run(&mut self, run: Run) -> Result<(), Lost> {
        self.decide(run.wishes).await?;
        self.write(run.updates).await
    }

    /// Does what shares no append.
    async fn attend(&mut self, mail: Mail) -> Result<(), Lost> {
        let reads = matches!(
            mail,
            Mail::Open { .. }
                | Mail::OpenText { .. }
                | Mail::Draft { .. }
                | Mail::Version { .. }
                | Mail::Anchors { .. }
                | Mail::Contents { .. }
                | Mail::Hosted(_)
                | Mail::May { .. }
                | Mail::MayReadPoint { .. }
                | Mail::MayKnow { .. }
                | Mail::Settle { .. }
                | Mail::Invitation { .. }
                | Mail::Query { .. }
        );
        if reads {
            let refreshed = self.refresh().await;
            if !matches!(refreshed, Ok(true)) {
                self.turn_down(mail);
                return refreshed.map(|_| ());
            }
        }
        match mail {
            Mail::Wish(wish) if wish.needs_point() => self.offer(*wish).await?,
            Mail::Wish(wish) => self.decide(vec![*wish]).await?,
            Mail::Update(update) => self.write(vec![*update]).await?,
            Mail::OpenText { seat, reference, open } => self.open_text(&seat, reference, &open).await,
            Mail::CloseText { seat, reference, chapter } => self.close_text(&seat, reference, &chapter),
            Mail::Version { seat, reference, command } => self.version(&seat, reference, *command),
            Mail::Restored(restored) => self.write_restored(*restored).await?,
            Mail::Draft { seat, reference, command } => self.answer_about_drafts(&seat, reference, *command),
            Mail::Open { seat, reference, after } => self.open(seat, reference, after).await?,
            Mail::Close { seat, reference } => self.close_view(&seat, reference).await?,
            Mail::Query { seat, reference, query } => self.query(&seat, reference, &query),
            Mail::Left { session, home, clean } => self.left(&session, &home, clean).await?,
            Mail::Presence { session, set } => self.presence(&session, set),
            Mail::Activity { session } => self.active(&session),
            Mail::News(news) => self.news(*news).await?,
            // The turn began with it. Whoever waited may have given up.
            Mail::Library { done } => drop(done.send(())),
            // The one who asked may have gone away meanwhile.
            Mail::Anchors { chapter, answer } => drop(answer.send(self.book.anchors(&chapter))),
            Mail::Contents { user, action, answer } => drop(answer.send(self.contents(&user, action))),
            Mail::Invitation { id, answer } => drop(answer.send(Ok(self.book.invited(&id, self.hub.clock.now())))),
            Mail::Hosted(question) => question.answer(Some(&self.book)),
            Mail::May { user, action, answer } => {
                drop(answer.send(self.check_right(&user, action).map(|()| self.book.standing(&user))));
            }
            Mail::MayReadPoint { user, point, answer } => drop(answer.send(self.check_point(&user, point))),
            Mail::MayKnow { who, told, answer } => drop(answer.send(self.still_known(&who, told))),
            Mail::Told { number, done } => self.told(number, done),
            Mail::Settle { answer } => drop(answer.send(self.untold.is_empty())),
        }
        Ok(())
    }

    /// The log ends here, as far as we know.
    fn stand_at(&mut self, position: Position) {
        self.position = Some(position);
        self.tags.note(position.seq, position.tag);
        self.shown.set_position(self.position);
    }

    fn presence(&mut self, session: &SessionId, mut set: quire_protocol::frame::PresenceSet) {
        // A chapter that is not there (any more) is no place to be.
        if let Some(Some(chapter)) = &set.chapter
            && !self.book.has_chapter(chapter)
        {
            set.chapter = Some(None);
        }
        self.roster.place(session, set, &self.hub.timers);
    }

    /// A command of the hub itself goes through the same door as everybody's.
    async fn notice(&mut self, acts: Vec<Act>) -> Result<(), Lost> {
        self.decide(acts.into_iter().map(Wish::noticed).collect()).await
    }

    fn may_stop(&mut self) -> bool {
        let empty = self.roster.has_none_of_ours() && self.orphans.is_empty() && self.untold.is_empty();
        if !empty {
            self.empty_since = None;
            return false;
        }
        let since = *self.empty_since.get_or_insert_with(Instant::now);
        !self.book.exists() || since.elapsed() >= LINGER
    }

    fn wake_at(&self) -> Instant {
        let linger = self.empty_since.map(|since| since + LINGER);
        [Some(self.sweep_at), self.roster.due(), self.untold.due(), linger]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(self.sweep_at)
    }
}
