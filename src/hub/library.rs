//! The library as this replica knows it: kept in memory, changed through its log, and never more than a moment behind it.
//!
//! One holder serves everybody: a change is decided on the log's end, appended, applied, and heard by all who are judged by it
//! before it is answered: the books that are open here first, then the other replicas (R7).

mod heed;
mod host;
mod listeners;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use quire_protocol::codec::decode_record;
use quire_protocol::event::{Claim, Person};
use quire_protocol::frame::Answer;
use quire_protocol::inbox::{Topic, TopicSwitch};
use quire_protocol::library::Permission;
use quire_protocol::{BookId, LibraryCommand, LibraryId, Rejection, ReplicaId, Seq, Timestamp, UserId, WebhookId};
use tokio::sync::{Mutex as Turn, Notify};
use tokio::time::Instant;

use super::actor::{Ended, PATIENCE, surely};
use super::seat::Seat;
use super::{Hub, ledger, unavailable};
use crate::auth::Identity;
use crate::chapter::journal::encode;
use crate::library::webhook::Webhook;
use crate::library::{By, Context, Doer, Event, Fact, Granted, Library, Saved, Shelved, Visitor};
use crate::store::{Compacted, LogId, Position, Read, Record};
use listeners::Listeners;

pub use host::Question;

/// What is known of the log is used for this long without another look, if others may write to it.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// Others may change the library at the same time; more than so often is nobody's fault.
const ROUNDS_MAX: usize = 8;
/// A snapshot is taken after so many records.
const RECORDS_PER_SNAPSHOT: usize = 5_000;

/// The library of a hub.
pub(crate) struct Holder {
    log: LogId,
    /// Whose it is once they come, if nobody owns it.
    claim: Option<Claim>,
    state: RwLock<State>,
    /// Whoever reads on or changes it has this.
    turn: Turn<()>,
    listeners: Listeners,
    /// What other replicas are known to judge by.
    reached: Mutex<BTreeMap<ReplicaId, Seq>>,
    reaches: Notify,
}

#[derive(Default)]
struct State {
    library: Library,
    position: Option<Position>,
    /// When the log's end was last seen; `None`: never.
    seen_at: Option<Instant>,
    records: usize,
}

/// What a library knows of where somebody is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// What was given to them rests: nowhere.
    Disabled,
    /// By this address.
    At(String),
    /// They are no user of it.
    Unknown,
}

/// A step from one state of the library to another.
pub(crate) struct Step {
    before: Library,
    after: Library,
    events: Vec<Event>,
    /// This replica made it.
    own: bool,
}

impl Holder {
    /// The library that nobody has looked at yet.
    pub(super) fn new(claim: Option<Claim>) -> Self {
        Self {
            log: LogId::Library(LibraryId::new("main").expect("letters are an id")),
            claim,
            state: RwLock::default(),
            turn: Turn::new(()),
            listeners: Listeners::default(),
            reached: Mutex::default(),
            reaches: Notify::new(),
        }
    }

    /// It as it was seen last. Cheap: what is large is shared.
    fn library(&self) -> Library {
        self.state().library.clone()
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn reached(&self) -> MutexGuard<'_, BTreeMap<ReplicaId, Seq>> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who joined by this address, as far as is known here.
    pub(super) fn account(&self, email: &str) -> Option<UserId> {
        self.state().library.account(email).cloned()
    }

    /// Whether somebody with this address has an account, as far as is known here.
    pub(super) fn knows(&self, email: &str) -> bool {
        self.state().library.knows(email)
    }

    /// By which channels anybody may be told of this, as far as is known here.
    pub(super) fn switch(&self, topic: Topic) -> TopicSwitch {
        self.state().library.switch(topic)
    }

    /// The webhooks that are to be told now, as far as is known here.
    pub(super) fn listening(&self) -> Vec<Webhook> {
        self.state().library.listening().cloned().collect()
    }

    /// The ids of all webhooks, as far as is known here.
    pub(super) fn webhooks(&self) -> Vec<WebhookId> {
        self.state().library.webhooks().cloned().collect()
    }

    /// Where mail for a person goes, as far as is known here.
    pub(super) fn reach(&self, user: &UserId) -> Reach {
        let state = self.state();
        match state.library.address(user) {
            _ if state.library.is_disabled(user) => Reach::Disabled,
            Some(address) => Reach::At(address.to_owned()),
            None => Reach::Unknown,
        }
    }

    /// This connection is gone.
    pub(super) fn forget(&self, seat: &Seat) {
        self.listeners.leave(seat);
    }

    fn is_fresh(&self, alone: bool) -> bool {
        self.state().seen_at.is_some_and(|seen| alone || seen.elapsed() < FRESH_FOR)
    }

    fn seq(&self) -> Seq {
        self.state().position.map_or(Seq(0), |position| position.seq)
    }
}

impl Hub {
    /// What the library allows, to whom: as of a second ago at most if it is to be `used`, else as far as it is known. An
    /// error: nobody knows.
    pub(crate) async fn granted(self: &Arc<Self>, used: bool) -> Result<Granted, Rejection> {
        if used && !self.library.is_fresh(self.replicas.is_none()) {
            let step = self.look_into_library(false).await?;
            // The caller may be one of those who have to act on it.
            self.heed_soon(step);
        }
        Ok(self.library.state().library.granted().clone())
    }

    /// Whether this person is not to be let in. If the store cannot be asked, they are sent away once it can.
    pub(crate) async fn is_disabled(self: &Arc<Self>, user: &UserId) -> bool {
        if self.library.state().seen_at.is_none() {
            if let Ok(steps) = self.look_into_library(false).await {
                self.heed_soon(steps);
            } else {
                tracing::warn!("somebody is let in whom the library may have disabled: it cannot be asked");
            }
        }
        self.library.state().library.is_disabled(user)
    }

    /// Somebody as the library knows them, if it does, as far as is known here.
    pub(crate) fn known_to_library(&self, user: &UserId) -> Option<Person> {
        self.library.state().library.known(user).map(|(name, _)| Person { user: user.clone(), name })
    }

    /// Whether somebody may do this with the library as a whole, as of a second ago at most.
    pub(crate) async fn library_permits(
        self: &Arc<Self>,
        identity: &Identity,
        permission: Permission,
    ) -> Result<(), Rejection> {
        let Identity { user, name, email, .. } = identity;
        let visitor = Visitor { user, name, email: email.as_deref() };
        self.fresh_library().await?.permits(&visitor, permission)
    }

    /// A book as the library's list has it; `None`: this user may not list it, or it is not there.
    pub(crate) async fn library_lists(
        self: &Arc<Self>,
        user: &UserId,
        book: &BookId,
    ) -> Result<Option<Shelved>, Rejection> {
        let library = self.fresh_library().await?;
        Ok(library.shelved(book).filter(|_| library.may_with(user, Permission::List, book)).cloned())
    }

    /// The books that this user may list in the library, by title.
    pub(crate) async fn library_listed(self: &Arc<Self>, user: &UserId) -> Result<Vec<BookId>, Rejection> {
        Ok(self.fresh_library().await?.listed(user))
    }

    /// Where everything that happened to the library stands.
    pub(crate) fn library_log(&self) -> LogId {
        self.library.log.clone()
    }

    /// Answers a command about the library.
    pub(crate) async fn ask_library(
        self: &Arc<Self>,
        seat: &Arc<Seat>,
        command: &LibraryCommand,
    ) -> Result<Answer, Rejection> {
        let visitor = visitor(seat);
        if let LibraryCommand::LibraryClose(_) = command {
            self.library.forget(seat);
            return Ok(Answer::Done {});
        }
        self.check_library_manners(visitor, command).await?;
        let by = Doer::Person(self.context(visitor).person()).into();
        let decide = |library: &Library| {
            let decision = library.decide(&self.context(visitor), command)?;
            self.check_webhook(command)?;
            Ok((decision.events, decision.reply))
        };
        let (reply, steps) = self.change_library(&by, decide).await?;
        self.heed(steps).await;
        if let LibraryCommand::LibraryOpen(_) = command {
            // Before the answer is worked out, so that nothing falls between.
            self.library.listeners.join(seat);
        }
        let answer = self.library.library().answer(&self.context(visitor), &reply)?;
        self.answer_about_webhooks(command, &reply, answer).await
    }

    /// Says what a book of the library is like, or that it is not there. No: not done, try again later.
    /// `by` whoever made it so, as far as is known.
    pub(crate) async fn shelve(self: &Arc<Self>, book: &BookId, seq: Seq, shelved: Option<&Shelved>, by: &By) -> bool {
        let decide = |library: &Library| library.projected(book, seq, shelved, &self.limits).map(|events| (events, ()));
        // A list may lag, so that nobody asks the store for each book that is none of the library's.
        if matches!(decide(&self.library.library()), Ok((events, ())) if events.is_empty()) {
            return true;
        }
        match self.change_library(by, decide).await {
            Ok(((), steps)) => {
                self.heed_soon(steps);
                true
            }
            Err(Rejection::LimitReached { .. }) => {
                tracing::error!(%book, "the library is full: a book is not in its list");
                true
            }
            Err(_) => false,
        }
    }

    pub(super) fn context<'a>(&'a self, visitor: Visitor<'a>) -> Context<'a> {
        Context {
            visitor,
            now: self.clock.now(),
            claim: self.library.claim.as_ref(),
            limits: &self.limits,
            timers: &self.timers,
            mails: self.sends_letters(),
        }
    }

    /// Decides on the library as it is, and appends that; decides again if another replica was faster. The caller sees to it
    /// that everybody heeds the steps.
    pub(super) async fn change_library<T>(
        self: &Arc<Self>,
        by: &By,
        decide: impl Fn(&Library) -> Result<(Vec<Event>, T), Rejection>,
    ) -> Result<(T, Vec<Step>), Rejection> {
        let holder = &self.library;
        if holder.is_fresh(self.replicas.is_none())
            && let (events, reply) = decide(&holder.library())?
            && events.is_empty()
        {
            return Ok((reply, Vec::new()));
        }
        let _turn = holder.turn.lock().await;
        let mut steps = Vec::new();
        match self.append_decided(by, decide, &mut steps).await {
            Ok(reply) => Ok((reply, steps)),
            Err(rejection) => {
                // What others did is heeded, whatever becomes of this.
                self.heed_soon(steps);
                Err(rejection)
            }
        }
    }

    async fn append_decided<T>(
        &self,
        by: &By,
        decide: impl Fn(&Library) -> Result<(Vec<Event>, T), Rejection>,
        steps: &mut Vec<Step>,
    ) -> Result<T, Rejection> {
        let deadline = Instant::now() + PATIENCE;
        for _ in 0..ROUNDS_MAX {
            steps.extend(self.read_library().await?);
            let (events, reply) = decide(&self.library.library())?;
            if events.is_empty() {
                return Ok(reply);
            }
            if let Some(step) = self.append_to_library(by, events, deadline).await? {
                steps.push(step);
                return Ok(reply);
            }
        }
        Err(unavailable())
    }

    /// `None`: another replica was faster.
    async fn append_to_library(
        &self,
        by: &By,
        events: Vec<Event>,
        deadline: Instant,
    ) -> Result<Option<Step>, Rejection> {
        let holder = &self.library;
        let after = holder.state().position;
        self.owe_library_letters(&events).await?;
        let payloads = events.iter().map(|event| encode(&Fact::new(by, event.clone()))).collect();
        let append = ledger::append(self, &holder.log, after, payloads);
        match surely(self, append, deadline).await {
            Ended::Done(appended) => {
                if events.iter().any(|event| event.owes_letter().is_some()) {
                    self.send_letters();
                }
                let events = events.into_iter().map(|event| (event, appended.at));
                Ok(Some(Step { own: true, ..holder.go_on(holder.library(), events, appended.position) }))
            }
            Ended::Conflict(_) | Ended::EpochChanged => Ok(None),
            Ended::Fenced => Err(unavailable()),
            Ended::Refused(rejection) => Err(rejection),
        }
    }

    /// Looks whether others changed the library; `forced`: although that was done a moment ago.
    pub(crate) async fn look_into_library(&self, forced: bool) -> Result<Vec<Step>, Rejection> {
        let _turn = self.library.turn.lock().await;
        // Somebody else may have looked meanwhile.
        if !forced && self.library.is_fresh(self.replicas.is_none()) {
            return Ok(Vec::new());
        }
        self.read_library().await.map(|step| step.into_iter().collect())
    }

    /// Reads on. The caller has the turn.
    async fn read_library(&self) -> Result<Option<Step>, Rejection> {
        let holder = &self.library;
        let (position, seen) = {
            let state = holder.state();
            (state.position, state.seen_at.is_some())
        };
        if seen && self.replicas.is_none() {
            return Ok(None);
        }
        let begun = Instant::now();
        let read = self.store.read(holder.log.clone(), position).await.map_err(|_| unavailable())?;
        let step = match read {
            Read::Absent if position.is_none() && ledger::is_surely_absent(self) => None,
            // What is gone may be put back, or is lost; it is not known to be empty (R6).
            Read::Absent => return Err(unavailable()),
            Read::Records { records, .. } if records.is_empty() => None,
            Read::Records { records, tail } => Some(holder.go_on(holder.library(), events(&records)?, tail)),
            Read::Snapshot { snapshot, records, tail } => {
                let saved = snapshot.map(|(_, bytes)| decode_record::<Saved>(&bytes)).transpose();
                let library = saved.map_err(|error| unreadable(&error))?.map(Library::restore).unwrap_or_default();
                Some(holder.go_on(library, events(&records)?, tail))
            }
        };
        holder.state.write().unwrap_or_else(PoisonError::into_inner).seen_at = Some(begun);
        Ok(step)
    }

    fn compact_library(&self) {
        let (library, position) = {
            let mut state = self.library.state.write().unwrap_or_else(PoisonError::into_inner);
            let Some(position) = state.position.filter(|_| state.records >= RECORDS_PER_SNAPSHOT) else { return };
            state.records = 0;
            (state.library.clone(), position)
        };
        let (store, log) = (Arc::clone(&self.store), self.library.log.clone());
        self.tasks.spawn(async move {
            let encode = move || encode(&library.save());
            let Ok(snapshot) = tokio::task::spawn_blocking(encode).await else { return };
            match store.compact(log, position, snapshot).await {
                Ok(Compacted::Done | Compacted::Stale) => {}
                Err(error) => tracing::warn!(%error, "the library was not compacted; its log stays longer"),
            }
        });
    }
}

impl Holder {
    fn go_on(
        &self,
        mut library: Library,
        events: impl IntoIterator<Item = (Event, Timestamp)>,
        tail: Position,
    ) -> Step {
        let mut applied = Vec::new();
        for (event, at) in events {
            library.apply(&event, at);
            applied.push(event);
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut state.library, library.clone());
        state.position = Some(tail);
        state.records += applied.len();
        Step { before, after: library, events: applied, own: false }
    }
}

/// A connection as the library sees it.
fn visitor(seat: &Seat) -> Visitor<'_> {
    Visitor { user: &seat.user, name: &seat.name, email: seat.email.as_deref() }
}

/// An event that is not understood is never skipped (I11).
fn events(records: &[Record]) -> Result<Vec<(Event, Timestamp)>, Rejection> {
    let event = |record: &Record| {
        let fact: Fact = decode_record(&record.payload).map_err(|error| unreadable(&error))?;
        Ok((fact.event, record.at))
    };
    records.iter().map(event).collect()
}

fn unreadable(error: &str) -> Rejection {
    tracing::error!(error, "the library holds something that this version cannot read");
    unavailable()
}
