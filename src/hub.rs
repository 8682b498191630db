//! The hub: one actor for each active book, one seat for each connection, and the way between them.
//!
//! An actor owns its book in memory and is the only one that changes it ([`actor`]); it runs while somebody has the
//! book open. The registry finds or starts it, the directory finds connections. Both hold handles only.

pub mod actor;
mod anchors;
pub mod assets;
pub mod audit;
mod compaction;
pub mod directory;
pub mod edition;
mod history;
pub mod import;
mod inbox;
pub(crate) mod ledger;
pub(crate) mod letters;
mod library;
pub mod mail;
pub(crate) mod mailing;
mod manners;
pub mod manuscript;
mod pages;
mod points;
mod publishing;
mod registry;
pub mod replicas;
pub mod report;
pub mod seat;
mod shown;
pub mod survey;
mod telling;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use quire_protocol::command::{BooksList, InvitationsList};
use quire_protocol::event::Claim;
use quire_protocol::frame::{Answer, Draining, Notice};
use quire_protocol::view::BookRow;
use quire_protocol::{Action, BookId, CloseCode, Limits, Rejection, ReplicaId, Seq, SessionId, Timers, UserId, What};
use tokio::sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_util::task::TaskTracker;

use crate::auth::Verifier;
use crate::book::{Act, Standing};
use crate::clock::Clock;
use crate::hub::directory::Directory;
use crate::hub::mail::{AnswerTo, Mail, News, Wish};
use crate::hub::registry::Registry;
use crate::hub::replicas::Replicas;
use crate::hub::replicas::signal::Mark;
use crate::hub::seat::Seat;
use crate::hub::shown::Shown;
use crate::outbox;
use crate::press::Sets;
use crate::scribe::Works;
use crate::store::patient::Patient;
use crate::store::shared::Shared;
use crate::store::{Card, LogId, Position, Store, StoreError};
use crate::webhook::Calls;

pub use library::Question;

/// Why a connection ends whose session goes on elsewhere.
pub(crate) const RESUMED: &str = "this session was resumed on another connection";

/// When a client should try again after the store could not be asked, milliseconds.
const RETRY_AFTER_MS: u64 = 500;

/// Commands of all books that are worked on beside actors at a time. Each may hold a whole text.
const BESIDE_MAX: usize = 16;

/// Everything that one hub process shares between its connections and books.
pub struct Hub {
    /// What is durable.
    pub store: Arc<dyn Store>,
    /// The time of day.
    pub clock: Clock,
    /// How much of everything.
    pub limits: Limits,
    /// How long everything takes.
    pub timers: Timers,
    /// This boot.
    pub replica: ReplicaId,
    /// Who may come in.
    pub verifier: Arc<Verifier>,
    /// Who reads and merges texts; `None`: their logs only grow, and there is no history.
    pub(crate) scribe: Option<Arc<dyn Works>>,
    /// Who sets books in type; `None`: there are no PDFs.
    press: Option<Arc<dyn Sets>>,
    /// Who is connected.
    pub directory: Directory,
    registry: Registry,
    /// The others; `None`: this hub is alone.
    replicas: Option<Arc<Replicas>>,
    exports: manuscript::Exports,
    /// Who may do what besides.
    library: library::Holder,
    /// Who listens to their inbox.
    inboxes: inbox::Inboxes,
    /// Whoever marks books in which somebody may not have been told.
    mark_turns: telling::MarkTurns,
    /// Who mails people what they were told.
    mailing: mailing::Mailing,
    /// Who calls webhooks.
    webhooks: webhooks::Webhooks,
    /// How they are called; `None`: not at all.
    calls: Option<Arc<dyn Calls>>,
    manners: manners::Manners,
    /// Places for work on pictures.
    assets: assets::Places,
    /// Who reads a whole log.
    readers: pages::Readers,
    /// Who looks through all books of the library.
    surveyors: pages::Readers,
    /// Places for commands that are worked on beside the actor of their book.
    beside: Arc<Semaphore>,
    /// Whoever sends letters is woken by this; empty: nobody does.
    letters: OnceLock<Notify>,
    /// Whoever changes the log of letters.
    letters_turn: Mutex<()>,
    draining: AtomicBool,
    /// Session and actor tasks, so that a drain can wait for them.
    pub tasks: TaskTracker,
}

/// What a hub is made of.
pub struct Parts {
    /// What is durable.
    pub store: Arc<dyn Store>,
    /// The same store, if other replicas may share it; `None`: this hub is alone.
    pub shared: Option<Arc<dyn Shared>>,
    /// The time of day.
    pub clock: Clock,
    /// How much of everything.
    pub limits: Limits,
    /// How long everything takes.
    pub timers: Timers,
    /// Who may come in.
    pub verifier: Arc<Verifier>,
    /// Who reads and merges texts; `None`: their logs only grow, and there is no history.
    pub scribe: Option<Arc<dyn Works>>,
    /// Who sets books in type; `None`: there are no PDFs.
    pub press: Option<Arc<dyn Sets>>,
    /// How webhooks are called; `None`: not at all.
    pub calls: Option<Arc<dyn Calls>>,
    /// Whose the library is once they come, if nobody owns it.
    pub library: Option<Claim>,
}

impl Hub {
    /// A hub without books and connections, with a replica id of its own.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { store, shared, clock, limits, timers, verifier, scribe, press, calls, library } = parts;
        let replica = ReplicaId::new(&format!("r{:016x}", random())).expect("hexadecimal digits are an id");
        let replicas = shared.map(|shared| Arc::new(Replicas::new(replica.clone(), shared, &timers)));
        let manners = manners::Manners::new(&limits);
        let hub = Arc::new(Self {
            // Whoever asks the store gets an answer in time.
            store: Arc::new(Patient::new(store)),
            clock,
            limits,
            timers,
            replica,
            verifier,
            scribe,
            press,
            directory: Directory::default(),
            registry: Registry::default(),
            replicas,
            exports: manuscript::Exports::default(),
            library: library::Holder::new(library),
            inboxes: inbox::Inboxes::default(),
            mark_turns: telling::MarkTurns::default(),
            mailing: mailing::Mailing::default(),
            webhooks: webhooks::Webhooks::default(),
            calls,
            manners,
            assets: assets::Places::default(),
            readers: pages::Readers::of_logs(),
            surveyors: pages::Readers::of_books(),
            beside: Arc::new(Semaphore::new(BESIDE_MAX)),
            letters: OnceLock::new(),
            letters_turn: Mutex::default(),
            draining: AtomicBool::new(false),
            tasks: TaskTracker::new(),
        });
        if let Some(replicas) = &hub.replicas {
            replicas::start(&hub, replicas);
        }
        tokio::spawn(telling::watch(Arc::downgrade(&hub)));
        hub
    }

    /// Waits until this hub may write: until it holds a lease, if it shares its store.
    pub async fn may_begin(&self) {
        if let Some(replicas) = &self.replicas {
            replicas.leased().await;
        }
    }

    /// No replica acts as if this one were dead.
    pub(crate) fn may_act(&self) -> bool {
        self.replicas.as_ref().is_none_or(|replicas| replicas.may_act())
    }

    /// The other replicas, if there may be any.
    pub(crate) fn replicas(&self) -> Option<&Arc<Replicas>> {
        self.replicas.as_ref()
    }

    /// Hands news to the book's actor, if one runs.
    pub(crate) fn tell_actor(&self, book: &BookId, news: News) {
        self.registry.tell(book, news);
    }

    /// Hands news to all actors.
    pub(crate) fn tell_actors(&self, news: impl Fn() -> News) {
        for (book, _) in self.registry.shown() {
            self.registry.tell(&book, news());
        }
    }

    /// Another replica has applied everything up to `seq` of a book.
    pub(crate) fn replica_reached(&self, book: &BookId, replica: ReplicaId, seq: Seq) {
        if let Some(shown) = self.registry.shown_by(book) {
            shown.reach(replica, seq);
        }
    }

    /// Where the actors' views of their logs end.
    pub(crate) fn positions(&self) -> Vec<(LogId, Option<Position>)> {
        let positions = |(book, shown): (BookId, Arc<Shown>)| {
            let of_book = shown.position().map(|at| (LogId::Book(book.clone()), Some(at)));
            let of_text = |(chapter, at)| (LogId::Chapter(book.clone(), chapter), at);
            of_book.into_iter().chain(shown.texts().into_iter().map(of_text)).collect::<Vec<_>>()
        };
        self.registry.shown().into_iter().flat_map(positions).collect()
    }

    /// The last presence signals of all books.
    pub(crate) fn marks(&self) -> Vec<(BookId, Mark)> {
        self.registry.shown().into_iter().filter_map(|(book, shown)| Some((book, shown.mark()?))).collect()
    }

    /// No new connections are wanted.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// How many books have an actor.
    pub fn active_books(&self) -> usize {
        self.registry.len()
    }

    /// Hands mail to the book's actor; gives it back if its mailbox is full.
    pub fn send(self: &Arc<Self>, book: &BookId, mail: Mail) -> Result<(), Mail> {
        self.registry.send(self, book, mail)
    }

    /// Hands mail to the book's actor, waiting for room in its mailbox.
    pub async fn deliver(self: &Arc<Self>, book: &BookId, mail: Mail) {
        self.registry.deliver(self, book, mail).await;
    }

    /// Lets a person become a member of every book that waits to be claimed by them (imported and sample books).
    pub async fn claim(self: &Arc<Self>, seat: &Arc<Seat>) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let cards = self.store.cards_claimable(seat.email.clone(), after, self.limits.list_rows).await?;
            let Some(last) = cards.last() else { return Ok(()) };
            after = Some(last.book.clone());
            for card in cards.iter().filter(|card| !is_member(card, &seat.user)) {
                let (answer, done) = oneshot::channel();
                let wish = Wish::on_behalf(Arc::clone(seat), Act::Claim, AnswerTo::Task(answer));
                self.deliver(&card.book, Mail::Wish(Box::new(wish))).await;
                // Refused or dropped: somebody else was first, and the book is not theirs.
                drop(done.await);
            }
        }
    }

    /// Answers `books.list`.
    pub async fn list_books(&self, user: &UserId, query: &BooksList) -> Result<Answer, Rejection> {
        let (after, limit) = page(query.cursor.as_deref(), query.limit, &self.limits)?;
        let cards = self.store.cards_of(user.clone(), after, limit).await.map_err(|_| unavailable())?;
        let cursor = (cards.len() == limit).then(|| cards.last().map(|card| card.book.to_string())).flatten();
        let row = |card: Card| {
            let role = card.members.iter().find(|(member, _)| member == user).map(|(_, role)| *role);
            BookRow { id: card.book, title: card.title, role, trashed_until: card.trashed_until }
        };
        let now = self.clock.now();
        let is_over = |card: &Card| card.ends.iter().any(|(member, until)| member == user && *until <= now);
        let wanted = |card: &Card| match card.trashed_until {
            Some(until) => query.trashed && now < until,
            None => !query.trashed && !is_over(card),
        };
        Ok(Answer::Books { books: cards.into_iter().filter(wanted).map(row).collect(), cursor })
    }

    /// Answers `invitations.list` for a verified address.
    pub async fn list_invitations(&self, email: Option<&str>, query: &InvitationsList) -> Result<Answer, Rejection> {
        let (after, limit) = page(query.cursor.as_deref(), query.limit, &self.limits)?;
        let Some(email) = email else { return Ok(Answer::Invitations { invitations: Vec::new(), cursor: None }) };
        let cards = self.store.cards_inviting(email.to_owned(), after, limit).await.map_err(|_| unavailable())?;
        let cursor = (cards.len() == limit).then(|| cards.last().map(|card| card.book.to_string())).flatten();
        let now = self.clock.now();
        let mine = |card: Card| card.invitations.into_iter().filter(|(to, row)| to == email && row.expires_at > now);
        let invitations = cards.into_iter().flat_map(mine).map(|(_, row)| row).collect();
        Ok(Answer::Invitations { invitations, cursor })
    }

    /// A connection is over.
    pub(crate) fn leave(&self, seat: &Arc<Seat>) {
        self.library.forget(seat);
        self.inboxes.forget(seat);
        self.directory.leave(seat);
    }

    /// A place beside the actors, if there is one.
    pub(crate) fn place_beside(&self) -> Result<OwnedSemaphorePermit, Rejection> {
        Arc::clone(&self.beside).try_acquire_owned().map_err(|_| unavailable())
    }

    /// Whether somebody may do this in a book now: what was asked before some work may not be true after it (I8).
    pub(crate) async fn may(self: &Arc<Self>, book: &BookId, user: &UserId, action: Action) -> Result<(), Rejection> {
        self.standing(book, user, action).await.map(|_| ())
    }

    /// All that somebody may do in a book now, if they may do this.
    pub(crate) async fn standing(
        self: &Arc<Self>,
        book: &BookId,
        user: &UserId,
        action: Action,
    ) -> Result<Standing, Rejection> {
        let (answer, allowed) = oneshot::channel();
        let mail = Mail::May { user: user.clone(), action, answer };
        self.send(book, mail).map_err(|_| unavailable())?;
        allowed.await.map_err(|_| unavailable())?
    }

    /// The store answers.
    pub async fn is_ready(&self) -> bool {
        !self.is_draining() && self.may_act() && self.store.cards_claimable(None, None, 1).await.is_ok()
    }

    /// Sends everybody away, each with a delay of its own spread over the drain window, and waits until they are gone.
    ///
    /// A session is served until its own delay has passed; its grace starts at the hang-up (R15).
    pub async fn drain(self: &Arc<Self>) {
        self.draining.store(true, Ordering::Relaxed);
        let seats = self.directory.all();
        let count = u64::try_from(seats.len()).unwrap_or(u64::MAX).max(1);
        let mut schedule: Vec<(u64, Arc<Seat>)> = (0_u64..)
            .zip(seats)
            .map(|(index, seat)| (self.timers.drain_ms.saturating_mul(index) / count, seat))
            .collect();
        for (delay, seat) in &schedule {
            let frame = Draining { reconnect_after_ms: *delay };
            seat.outbox.push(&outbox::encode(&frame, seat.encoding, &self.limits));
        }
        let start = tokio::time::Instant::now();
        for (delay, seat) in schedule.drain(..) {
            // Nobody waits for the turn of those who have left already.
            if seat.outbox.end().is_none() {
                tokio::time::sleep_until(start + Duration::from_millis(delay)).await;
            }
            seat.close(CloseCode::Draining, "this replica is going away: reconnect and resume");
        }
        self.tasks.close();
        self.registry.stop();
        self.tasks.wait().await;
        if let Some(replicas) = &self.replicas {
            replicas.leave().await;
        }
    }

    /// Tells these members and invited people that `books.list` or `invitations.list` would answer something else now.
    pub(crate) fn announce_books_changed(&self, users: &[UserId], emails: &[String]) {
        let members = users.iter().flat_map(|user| self.directory.of_user(user));
        let invited = emails.iter().flat_map(|email| self.directory.of_email(email));
        let seats: BTreeMap<SessionId, Arc<Seat>> =
            members.chain(invited).map(|seat| (seat.session.clone(), seat)).collect();
        for seat in seats.into_values() {
            seat.notify(Notice::BooksChanged, &self.limits);
        }
    }
}

fn is_member(card: &Card, user: &UserId) -> bool {
    card.members.iter().any(|(member, _)| member == user)
}

fn page(cursor: Option<&str>, limit: Option<u32>, limits: &Limits) -> Result<(Option<BookId>, usize), Rejection> {
    let after = cursor.map(BookId::new).transpose().map_err(|error| Rejection::invalid("cursor", error.to_string()))?;
    let limit = limit.map_or(limits.list_rows, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    Ok((after, limit.clamp(1, limits.list_rows)))
}

/// The store cannot be asked, or the book is too busy: not done.
pub fn unavailable() -> Rejection {
    Rejection::Unavailable { retry_after_ms: RETRY_AFTER_MS }
}

/// There is no such book for this caller.
pub(crate) fn no_such_book() -> Rejection {
    Rejection::NotFound { what: What::Book }
}

/// A random number from the operating system.
pub(crate) fn random() -> u64 {
    getrandom::u64().expect("the operating system gives random numbers")
}
