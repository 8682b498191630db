//! Hubs and a Redis server that the harness starts by itself, kills, drains and starts again.

mod hub;
mod redis;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::clock;
use crate::plan::Tokens;

use hub::Hub;
pub(crate) use redis::Redis;

/// Limits that would stop the load instead of what is under load.
const LIMITS: [&str; 8] = [
    "sessions_per_user=20000",
    "sessions_per_book=20000",
    "pending_connections=20000",
    "connections=20000",
    "commands_per_second=1000000",
    "command_burst=1000000",
    "signals_per_second=100000",
    "rate_refusals_per_second=1000000",
];

/// What is to be started.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// The hub's program.
    pub(crate) binary: PathBuf,
    /// Hub processes; more than one share a Redis server.
    pub(crate) replicas: u32,
    /// Starts a Redis server, too.
    pub(crate) redis: bool,
    /// More `NAME=NUMBER` for the hubs.
    pub(crate) limits: Vec<String>,
    /// `NAME=DURATION` for the hubs.
    pub(crate) timers: Vec<String>,
}

/// Hubs that run. They end when this is dropped.
pub(crate) struct Hubs {
    pub(crate) all: Vec<Hub>,
    pub(crate) redis: Option<Redis>,
    secret: String,
    /// Stores, logs and the secret; removed at the end.
    _folder: TempDir,
}

impl Hubs {
    /// Starts what is wished, and waits until all of it takes connections.
    pub(crate) async fn start(wish: &Wish) -> Result<Self, String> {
        if wish.replicas > 1 && !wish.redis {
            return Err("several replicas share a Redis server: give --redis, too".to_owned());
        }
        if !wish.binary.is_file() {
            return Err(format!("there is no hub at {}: give --hub-binary", wish.binary.display()));
        }
        let folder = tempfile::tempdir().map_err(|error| format!("no temporary directory: {error}"))?;
        let secret = format!("the secret of one run of the load harness, {:x}", clock::now().0);
        let secret_file = folder.path().join("secret");
        fs::write(&secret_file, &secret).map_err(|error| error.to_string())?;
        let redis = if wish.redis { Some(Redis::start(folder.path()).await?) } else { None };
        let mut all = Vec::new();
        for number in 0..wish.replicas.max(1) {
            let mut flags = flags(wish, &secret_file);
            flags.extend(match &redis {
                Some(redis) => ["--redis-url".to_owned(), redis.url()],
                None => ["--data-dir".to_owned(), text(&folder.path().join("store"))],
            });
            let log = folder.path().join(format!("hub-{number}.log"));
            all.push(Hub::start(&wish.binary, flags, log).await?);
        }
        Ok(Self { all, redis, secret, _folder: folder })
    }

    /// Where the tabs connect to.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.all.iter().map(Hub::url).collect()
    }

    /// What the hubs trust.
    pub(crate) fn tokens(&self) -> Tokens {
        Tokens::Secret(self.secret.clone())
    }
}

fn flags(wish: &Wish, secret: &Path) -> Vec<String> {
    let limits = LIMITS.iter().map(|limit| (*limit).to_owned()).chain(wish.limits.iter().cloned());
    let limits = limits.flat_map(|limit| ["--limit".to_owned(), limit]);
    let timers = wish.timers.iter().flat_map(|timer| ["--timer".to_owned(), timer.clone()]);
    let fixed = ["--log", "warn", "--jwt-secret-file"].map(str::to_owned);
    fixed.into_iter().chain([text(secret)]).chain(limits).chain(timers).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
