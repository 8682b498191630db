//! The line to one master: up, or known to be down, and then tried again for ever.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{Pipeline, RedisError, Value};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::task::AbortOnDropHandle;

use super::ears::Change;
use super::endpoint::Refusal;
use super::find::Finder;
use super::session::{Plan, Session, Share};
use super::{Call, ConnectError, Health, Said, Trouble};
use crate::telemetry::{self, metric};

/// Messages that wait to be published; what is more is dropped.
const SAID_MAX: usize = 1_024;
/// Messages that are published in one go.
const SAID_BATCH: usize = 64;
/// Longest wait until messages are published.
const SAYING: Duration = Duration::from_millis(450);
/// Shortest and longest pause between attempts, milliseconds. Without the difference all replicas would come at once.
const PAUSE_MS: (u64, u64) = (100, 300);
/// The same while somebody has to change something first.
const LONG_PAUSE_MS: (u64, u64) = (800, 1_200);
/// How often a line that nobody complains of is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Signs of life that may fail in a row before the connections are given up.
const SILENCES_MAX: u32 = 4;

/// A line. Dropping it ends its connections and its attempts.
pub(super) struct Line {
    core: Arc<Core>,
    said: mpsc::Sender<Said>,
    _tasks: [AbortOnDropHandle<()>; 2],
}

/// What decides what a line has to carry; in a cluster it changes.
pub(super) type Shares = Box<dyn Fn() -> Share + Send + Sync>;

struct Core {
    plan: Arc<Plan>,
    finder: Finder,
    shares: Shares,
    health: Arc<Health>,
    state: Mutex<State>,
    suspected: Notify,
}

#[derive(Default)]
struct State {
    /// `None`: every call fails at once.
    session: Option<Arc<Session>>,
    /// What was last logged as the reason.
    reason: String,
    /// The line ended: there are no more sessions.
    ended: bool,
}

impl Line {
    /// Begins to keep a line up. What comes of the first attempts goes to `first`: yes, or why more would not help.
    pub(super) fn start(
        plan: Arc<Plan>,
        finder: Finder,
        shares: Shares,
        health: Arc<Health>,
        first: oneshot::Sender<Result<(), ConnectError>>,
    ) -> Self {
        health.add();
        let core = Core { plan, finder, shares, health, state: Mutex::default(), suspected: Notify::new() };
        let core = Arc::new(core);
        let (said, to_say) = mpsc::channel(SAID_MAX);
        let keep = AbortOnDropHandle::new(tokio::spawn(Arc::clone(&core).keep(first)));
        let speak = AbortOnDropHandle::new(tokio::spawn(Arc::clone(&core).speak(to_say)));
        Self { core, said, _tasks: [keep, speak] }
    }

    /// Runs scripts in one go, all before `deadline`.
    pub(super) async fn call(&self, calls: &[Call], deadline: Instant) -> Result<Vec<Value>, Trouble> {
        let session = self.core.session().ok_or(Trouble::Away)?;
        let answered = tokio::time::timeout_at(deadline, self.core.run(&session, calls)).await;
        let values = answered.unwrap_or_else(|_| {
            self.core.suspect(&session);
            Err(Trouble::Unknown)
        })?;
        // A confirmation by another master than the one that answered would say nothing.
        match tokio::time::timeout_at(deadline, session.confirmed()).await {
            Ok(true) => Ok(values),
            Ok(false) | Err(_) => Err(Trouble::Unknown),
        }
    }

    /// Publishes, now or never.
    pub(super) fn say(&self, said: Said) {
        // Whoever misses a message is late, never wrong.
        drop(self.said.try_send(said));
    }

    /// Changes what is heard. False: it is not possible now.
    pub(super) fn change(&self, change: Change) -> bool {
        self.core.session().is_some_and(|session| session.change(change))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.core.put(None);
        self.core.state().ended = true;
        self.core.health.remove();
    }
}

impl Core {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session(&self) -> Option<Arc<Session>> {
        self.state().session.clone().filter(|session| !session.lost.is_cancelled())
    }

    fn put(&self, session: Option<Arc<Session>>) {
        let mut state = self.state();
        if state.ended {
            return;
        }
        match (state.session.is_some(), session.is_some()) {
            (false, true) => self.health.up(),
            (true, false) => self.health.down(),
            _ => {}
        }
        state.session = session;
    }

    /// Runs scripts; those that the server does not know are sent whole.
    async fn run(&self, session: &Session, calls: &[Call]) -> Result<Vec<Value>, Trouble> {
        let mut short = Pipeline::with_capacity(calls.len());
        for call in calls {
            short.add_command(call.by_hash());
        }
        let mut values = session.ask_many(&short).await.map_err(|error| self.trouble(session, &error))?;
        let unknown = |value: &Value| matches!(value, Value::ServerError(error) if error.code() == "NOSCRIPT");
        let missing: Vec<_> = (0..calls.len()).filter(|index| values.get(*index).is_some_and(unknown)).collect();
        if !missing.is_empty() {
            let mut whole = Pipeline::with_capacity(missing.len());
            for index in &missing {
                whole.add_command(calls[*index].whole());
            }
            let found = session.ask_many(&whole).await.map_err(|error| self.trouble(session, &error))?;
            for (index, value) in missing.into_iter().zip(found) {
                values[index] = value;
            }
        }
        let checked = values.into_iter().map(Value::extract_error).collect::<Result<Vec<_>, _>>();
        checked.map_err(|error| self.trouble(session, &error))
    }

    /// What an error means for the caller, and for the line.
    fn trouble(&self, session: &Session, error: &RedisError) -> Trouble {
        let Some(code) = error.code() else {
            session.lost.cancel();
            return Trouble::Unknown;
        };
        if super::lost_master(code) {
            session.lost.cancel();
        }
        match code {
            "MOVED" | "ASK" | "TRYAGAIN" => {
                self.finder.doubt();
                Trouble::Away
            }
            code if super::refuses_before_anything(code) => Trouble::Refused(code.to_owned()),
            // A script that fails half-way keeps its first half.
            code => {
                let detail = telemetry::cut(error.detail().unwrap_or_default());
                tracing::error!(code, %detail, "Redis does not run a script");
                Trouble::Unknown
            }
        }
    }

    /// An answer did not come in time: nobody else shall wait before there is a sign of life.
    fn suspect(&self, session: &Arc<Session>) {
        let current = self.state().session.as_ref().is_some_and(|current| Arc::ptr_eq(current, session));
        if current {
            self.put(None);
            self.suspected.notify_one();
        }
    }

    /// Keeps the line up for ever.
    async fn keep(self: Arc<Self>, first: oneshot::Sender<Result<(), ConnectError>>) {
        let mut first = Some(first);
        let mut was_away = false;
        loop {
            let opened = self.open(was_away).await;
            was_away = opened.is_err();
            let pause = match opened {
                Ok((session, channels)) => {
                    self.begin(&session, &channels);
                    tell(&mut first, Ok(()));
                    self.watch(&session).await;
                    self.put(None);
                    metric::store_line_lost();
                    tracing::warn!(server = %self.finder, "the line to Redis is lost");
                    PAUSE_MS
                }
                Err(Refusal::Never(why)) => {
                    self.explain(&why, true);
                    tell(&mut first, Err(ConnectError(why)));
                    LONG_PAUSE_MS
                }
                Err(Refusal::NotYet(why)) => {
                    self.explain(&why, false);
                    PAUSE_MS
                }
            };
            self.finder.doubt();
            tokio::time::sleep(super::between(pause)).await;
        }
    }

    async fn open(&self, was_away: bool) -> Result<(Arc<Session>, Vec<String>), Refusal> {
        let address = self.finder.find(&self.plan.access).await?;
        if was_away {
            self.plan.access.knock(&address).await?;
        }
        let share = (self.shares)();
        let session = Session::open(&self.plan, &address, &share).await?;
        Ok((Arc::new(session), share.channels))
    }

    /// The session serves from now on; it is subscribed to `channels`.
    fn begin(&self, session: &Arc<Session>, channels: &[String]) {
        self.put(Some(Arc::clone(session)));
        // What became this line's while the session was made.
        for channel in (self.shares)().channels.into_iter().filter(|channel| !channels.contains(channel)) {
            let (confirmed, _) = oneshot::channel();
            session.change(Change::Subscribe(channel, confirmed));
        }
        self.state().reason.clear();
        tracing::info!(server = %self.finder, "the line to Redis is up");
        self.plan.signals.interrupted();
    }

    /// Until the session is of no use any more.
    async fn watch(&self, session: &Arc<Session>) {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = session.lost.cancelled() => return,
                () = self.suspected.notified() => {}
                _ = looks.tick() => {
                    self.plan.signals.settle();
                    tokio::select! {
                        () = session.lost.cancelled() => return,
                        moved = self.finder.moved(&self.plan.access) => if moved { return },
                    }
                }
            }
            if !self.comes_back(session).await {
                return;
            }
            self.put(Some(Arc::clone(session)));
        }
    }

    /// Waits for a sign of life, for a while.
    async fn comes_back(&self, session: &Session) -> bool {
        for _ in 0..SILENCES_MAX {
            if session.lost.is_cancelled() {
                return false;
            }
            let asked = Instant::now();
            if session.lives().await {
                return !session.lost.is_cancelled();
            }
            self.put(None);
            tokio::time::sleep_until(asked + super::between(PAUSE_MS)).await;
        }
        false
    }

    /// Publishes what is said, as long as the line is up.
    async fn speak(self: Arc<Self>, mut said: mpsc::Receiver<Said>) {
        let mut batch = Vec::new();
        while said.recv_many(&mut batch, SAID_BATCH).await > 0 {
            let mut commands = Pipeline::with_capacity(batch.len());
            for said in batch.drain(..) {
                commands.add_command(said.command());
            }
            if let Some(session) = self.session() {
                // What is lost here is lost: signals are.
                drop(tokio::time::timeout(SAYING, session.ask_many(&commands)).await);
            }
        }
    }

    /// Logs why the line is down, once for each reason.
    fn explain(&self, why: &str, forever: bool) {
        let mut state = self.state();
        if state.reason != why {
            why.clone_into(&mut state.reason);
            if forever {
                tracing::error!(why, "Redis cannot be used as it is");
            } else {
                tracing::warn!(why, "Redis is away");
            }
        }
    }
}

/// Says what came of the first attempts, once; whoever started the line may have stopped waiting.
fn tell(first: &mut Option<oneshot::Sender<Result<(), ConnectError>>>, what: Result<(), ConnectError>) {
    if let Some(first) = first.take() {
        first.send(what).unwrap_or_default();
    }
}
