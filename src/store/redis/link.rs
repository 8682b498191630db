//! The line to Redis: calls with deadlines, signals, and the way back after a loss. It knows no log and no key.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use redis::{Cmd, Value};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

mod cluster;
mod confirm;
mod ears;
mod endpoint;
mod find;
mod inspect;
mod line;
mod session;
mod signals;

use self::cluster::Cluster;
use self::ears::Change;
use self::endpoint::{Access, Address};
use self::find::{Finder, Sentinels};
use self::inspect::Kind;
use self::line::Line;
use self::session::{Plan, Share};
use self::signals::Signals;
use super::settings::{Place, RedisSettings};
use crate::telemetry::metric;

/// Longest wait for an answer, confirmation by replicas included.
const PATIENCE: Duration = Duration::from_millis(450);
/// How long a hub that starts waits for a Redis that is away, before it goes on without.
const START: Duration = Duration::from_secs(3);

/// A script with its hash.
pub(super) struct Script {
    text: &'static str,
    hashed: OnceLock<redis::Script>,
}

impl Script {
    /// The script with this text.
    pub(super) const fn new(text: &'static str) -> Self {
        Self { text, hashed: OnceLock::new() }
    }

    fn hash(&self) -> &str {
        self.hashed.get_or_init(|| redis::Script::new(self.text)).get_hash()
    }
}

/// One run of a script. All keys share one hash tag.
pub(super) struct Call {
    /// What runs.
    pub(super) script: &'static Script,
    /// Its `KEYS`, at least one.
    pub(super) keys: Vec<String>,
    /// Its `ARGV`.
    pub(super) args: Vec<Bytes>,
}

impl Call {
    fn by_hash(&self) -> Cmd {
        self.command("EVALSHA", self.script.hash())
    }

    fn whole(&self) -> Cmd {
        self.command("EVAL", self.script.text)
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len()).arg(&self.keys);
        for arg in &self.args {
            command.arg(&arg[..]);
        }
        command
    }
}

/// Why a call was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing was sent: nothing happened.
    Away,
    /// It may have happened, or happens later.
    Unknown,
    /// The server refused it (`READONLY`, `OOM`, `NOPERM`..): nothing happened.
    Refused(String),
}

/// What a subscription brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// Somebody published this; the own messages come too.
    Message {
        /// The channel's whole name.
        channel: String,
        /// What was published.
        words: Bytes,
    },
    /// Anything may have been missed; all subscriptions are in force again.
    Interrupted,
}

/// Why a hub does not start with these settings: waiting would not help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectError(String);

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this Redis cannot be used: {}", self.0)
    }
}

impl std::error::Error for ConnectError {}

/// The server is not the master any more, or cannot be for now.
fn lost_master(code: &str) -> bool {
    matches!(code, "READONLY" | "LOADING" | "MASTERDOWN" | "CLUSTERDOWN")
}

/// Codes that a server answers before a script has written anything.
fn refuses_before_anything(code: &str) -> bool {
    lost_master(code)
        || matches!(code, "MISCONF" | "OOM" | "NOPERM" | "NOREPLICAS" | "BUSY" | "NOAUTH" | "WRONGPASS" | "CROSSSLOT")
}

/// A random time between two, in milliseconds.
fn between((least, most): (u64, u64)) -> Duration {
    let random = getrandom::u64().expect("the operating system gives random numbers");
    Duration::from_millis(least + random % (most - least + 1))
}

/// Something to be published.
struct Said {
    command: &'static str,
    channel: String,
    words: Bytes,
}

impl Said {
    fn command(&self) -> Cmd {
        let mut command = redis::cmd(self.command);
        command.arg(&self.channel).arg(&self.words[..]);
        command
    }
}

/// How many lines there are, and how many of them are down.
#[derive(Default)]
struct Health {
    down: AtomicUsize,
}

impl Health {
    /// A line begins, down.
    fn add(&self) {
        self.down();
    }

    /// A line that is down ends.
    fn remove(&self) {
        self.up();
    }

    fn down(&self) {
        self.down.fetch_add(1, Ordering::Relaxed);
        metric::store_up(false);
    }

    fn up(&self) {
        if self.down.fetch_sub(1, Ordering::Relaxed) == 1 {
            metric::store_up(true);
        }
    }
}

/// A handle on the lines to Redis; clones share them. When the last one is dropped, all connections end.
#[derive(Clone)]
pub(super) struct Link {
    inner: Arc<Inner>,
}

struct Inner {
    signals: Arc<Signals>,
    lines: Lines,
}

enum Lines {
    One(Arc<Line>),
    Cluster(Cluster),
}

impl Link {
    /// Begins to keep lines up. A Redis that is away is waited for, later on too; one that cannot be used as it is
    /// (password, version, eviction) is an error now, and a log line later.
    pub(super) async fn connect(settings: &RedisSettings) -> Result<Self, ConnectError> {
        let signals = Arc::new(Signals::default());
        let plan = Arc::new(Plan {
            access: Access::new(settings)?,
            signals: Arc::clone(&signals),
            kind: match settings.place {
                Place::One(_) => Kind::One,
                Place::Sentinels { .. } => Kind::Followed,
                Place::Cluster(_) => Kind::Cluster,
            },
            wait_replicas: settings.wait_replicas,
        });
        let deadline = Instant::now() + START;
        let addresses = |hosts: &[(String, u16)]| hosts.iter().map(Address::from).collect::<Vec<_>>();
        let finder = match &settings.place {
            Place::One(host) => Finder::Fixed(host.into()),
            Place::Sentinels { sentinels, service } => {
                Finder::Sentinels(Sentinels::new(addresses(sentinels), service.clone()))
            }
            Place::Cluster(nodes) => {
                let cluster = Cluster::start(plan, addresses(nodes), settings.prefix.clone(), deadline).await?;
                return Ok(Self { inner: Arc::new(Inner { signals, lines: Lines::Cluster(cluster) }) });
            }
        };
        let (first, opened) = oneshot::channel();
        let key = format!("{{{}:wait}}", settings.prefix);
        let wanted = Arc::clone(&signals);
        let shares = Box::new(move || Share { channels: wanted.wanted().iter().cloned().collect(), key: key.clone() });
        let line = Arc::new(Line::start(plan, finder, shares, Arc::default(), first));
        if let Ok(Ok(Err(wrong))) = tokio::time::timeout_at(deadline, opened).await {
            return Err(wrong);
        }
        Ok(Self { inner: Arc::new(Inner { signals, lines: Lines::One(line) }) })
    }

    /// Runs a script; with replicas to wait for, its effects and everything it read have reached them. Answers within
    /// 450 ms; while the line is known to be down it fails at once.
    pub(super) async fn call(&self, call: Call) -> Result<Value, Trouble> {
        self.call_many(vec![call]).await?.pop().ok_or(Trouble::Unknown)
    }

    /// Runs many scripts in one go; their keys need not share a tag. Fails as a whole.
    pub(super) async fn call_many(&self, calls: Vec<Call>) -> Result<Vec<Value>, Trouble> {
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let asked = Instant::now();
        let deadline = asked + PATIENCE;
        let answer = match &self.inner.lines {
            Lines::One(line) => line.call(&calls, deadline).await,
            Lines::Cluster(cluster) => cluster.call(calls, deadline).await,
        };
        metric::store_call(outcome(&answer), asked.elapsed());
        answer
    }

    /// Says something to whoever subscribed to the channel. Never waits; drops what it cannot send.
    pub(super) fn publish(&self, channel: &str, words: Bytes) {
        if let Some(line) = self.line_of(channel) {
            line.say(Said { command: self.publish_command(), channel: channel.to_owned(), words });
        }
    }

    /// The command that publishes, for scripts: a cluster has sharded channels.
    pub(super) fn publish_command(&self) -> &'static str {
        match &self.inner.lines {
            Lines::One(_) => "PUBLISH",
            Lines::Cluster(_) => "SPUBLISH",
        }
    }

    /// From now on messages come to this queue. A full queue drops them, and hears of it once there is room.
    pub(super) fn listen(&self, queue: mpsc::Sender<Raw>) {
        self.inner.signals.listen(queue);
    }

    /// Subscribes, and waits for the server's confirmation. From now on the channel is wanted, over lost connections
    /// and also if this fails: then it comes into force with the line, which says so.
    pub(super) async fn subscribe(&self, channel: &str) -> Result<(), Trouble> {
        let (confirmed, answer) = oneshot::channel();
        {
            // Under the guard, so that the server hears of changes in the order of the guard's owners.
            let mut wanted = self.inner.signals.wanted();
            wanted.insert(channel.to_owned());
            let change = Change::Subscribe(channel.to_owned(), confirmed);
            if !self.line_of(channel).is_some_and(|line| line.change(change)) {
                return Err(Trouble::Away);
            }
        }
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(true)) => Ok(()),
            _ => Err(Trouble::Unknown),
        }
    }

    /// Hears no more of the channel.
    pub(super) fn unsubscribe(&self, channel: &str) {
        let mut wanted = self.inner.signals.wanted();
        wanted.remove(channel);
        if let Some(line) = self.line_of(channel) {
            // A line that is down forgets the channel anyway.
            line.change(Change::Unsubscribe(channel.to_owned()));
        }
    }

    fn line_of(&self, channel: &str) -> Option<Arc<Line>> {
        match &self.inner.lines {
            Lines::One(line) => Some(Arc::clone(line)),
            Lines::Cluster(cluster) => cluster.line_of(channel),
        }
    }
}

fn outcome<T>(answer: &Result<T, Trouble>) -> metric::CallOutcome {
    match answer {
        Ok(_) => metric::CallOutcome::Done,
        Err(Trouble::Away) => metric::CallOutcome::Away,
        Err(Trouble::Unknown) => metric::CallOutcome::Unknown,
        Err(Trouble::Refused(_)) => metric::CallOutcome::Refused,
    }
}
