//! Two replicas on one store, as each of them sees it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use quire::clock::Clock;
use quire::store::memory::Memory;
use quire::store::redis::Redis;
use quire::store::shared::{Channel, Heard, Lease, Renewal, Shared};
use quire::store::{Append, AppendError, Appended, LogId, Position, Read, Record, SCHEMA};
use quire_protocol::{BookId, ReplicaId, Seq};
use tokio::sync::mpsc;

use super::bench::{Hands, START_MICROS, draft};
use crate::redis_server::RedisServer;

/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_secs(30);
/// A lease that does not end within a test, milliseconds.
pub(crate) const LONG_MS: u64 = 3_600_000;

/// A store under test, and two replicas that share it.
pub(crate) struct Replicas {
    /// The store, as the replica `north` sees it.
    pub(crate) north: Arc<dyn Shared>,
    /// The store, as the replica `south` sees it.
    pub(crate) south: Arc<dyn Shared>,
    place: Place,
}

enum Place {
    Memory { memory: Arc<Memory>, hands: Hands, micros: std::sync::atomic::AtomicU64 },
    Redis(Box<RedisServer>),
}

impl Replicas {
    pub(crate) fn memory() -> Self {
        let hands = Hands::new();
        let memory = Arc::new(Memory::new(hands.clock()));
        let micros = START_MICROS.into();
        Self { north: memory.clone(), south: memory.clone(), place: Place::Memory { memory, hands, micros } }
    }

    pub(crate) async fn redis() -> Self {
        let server = RedisServer::start().await;
        let (north, south) = (seen(&server).await, seen(&server).await);
        Self { north, south, place: Place::Redis(Box::new(server)) }
    }

    /// The server, of a store that lives on one.
    pub(crate) fn server(&self) -> &RedisServer {
        let Place::Redis(server) = &self.place else { panic!("this store lives in the process") };
        server
    }

    /// The store loses all it holds.
    pub(crate) async fn lose_everything(&self) {
        match &self.place {
            Place::Memory { memory, .. } => memory.lose_everything(),
            Place::Redis(server) => server.ask("FLUSHALL").await,
        }
    }

    /// Asks again, while time passes, until the answer is what it shall become.
    pub(crate) async fn until<T>(&self, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
        let asking = async {
            loop {
                if let Some(answer) = ask().await {
                    return answer;
                }
                match &self.place {
                    Place::Memory { hands, micros, .. } => {
                        let now = micros.fetch_add(1_000, std::sync::atomic::Ordering::Relaxed) + 1_000;
                        hands.set_micros(now);
                    }
                    Place::Redis(_) => tokio::time::sleep(Duration::from_millis(1)).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.expect("it comes about")
    }

    /// The log's restoration becomes older than it is.
    pub(crate) async fn age_restoration(&self, log: &LogId, ms: u64) {
        match &self.place {
            Place::Memory { hands, .. } => hands.set_micros(START_MICROS + ms * 1_000),
            Place::Redis(server) => {
                server.ask::<()>(&format!("HINCRBY {} restored_at -{ms}", head(log))).await;
            }
        }
    }

    /// The turn that was granted does not end by itself; a store whose clock stands does that anyway.
    pub(crate) async fn prolong_turn(&self, log: &LogId) {
        if let Place::Redis(server) = &self.place {
            server.ask::<()>(&format!("HINCRBY {} turn_until {LONG_MS}", head(log))).await;
        }
    }

    /// What the replica hears from now on.
    pub(crate) fn listen(&self, who: &str) -> Ear {
        let (queue, heard) = mpsc::channel(64);
        self.of(who).listen(&replica(who), queue);
        Ear(heard)
    }

    pub(crate) fn of(&self, who: &str) -> &Arc<dyn Shared> {
        if who == "north" { &self.north } else { &self.south }
    }

    pub(crate) fn say(&self, who: &str, channel: Channel, words: &'static str) {
        self.of(who).publish(&replica(who), channel, Bytes::from(words));
    }

    pub(crate) async fn subscribe(&self, who: &str, book: &str) {
        self.of(who).subscribe(&replica(who), BookId::new(book).unwrap()).await.expect("the store answers");
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.of(append.by.clone().as_str()).append(append).await
    }

    /// A replica appends one record for each payload; returns the new tail.
    pub(crate) async fn write(&self, who: &str, log: &LogId, after: Option<Position>, payloads: &[&str]) -> Position {
        self.append(drafted(who, log, after, payloads)).await.expect("the append fits").position
    }

    pub(crate) async fn read(&self, log: &LogId, after: Option<Position>) -> Read {
        self.south.read(log.clone(), after).await.expect("the store answers")
    }

    pub(crate) async fn archive(&self, log: &LogId) -> Vec<Record> {
        self.south.read_archive(log.clone(), Seq(1), 100, 100_000).await.expect("the store answers")
    }

    pub(crate) async fn renew(&self, who: &str, ttl_ms: u64, opened: &[&str], closed: &[&str]) -> Renewal {
        let books = |ids: &[&str]| ids.iter().map(|id| BookId::new(id).unwrap()).collect();
        let answer = self.of(who).renew(&lease(who), ttl_ms, books(opened), books(closed)).await;
        answer.expect("the store answers")
    }
}

async fn seen(server: &RedisServer) -> Arc<dyn Shared> {
    Arc::new(Redis::connect(&server.settings(), Clock::system()).await.expect("the server runs"))
}

/// The key of what Redis says about a log.
pub(crate) fn head(log: &LogId) -> String {
    match log {
        LogId::Book(book) => format!("{{quire:{book}}}:log"),
        LogId::Chapter(book, chapter) => format!("{{quire:{book}}}:chapter:{chapter}"),
        LogId::Versions(book, chapter) => format!("{{quire:{book}}}:versions:{chapter}"),
        LogId::Version(book, chapter, rev) => format!("{{quire:{book}}}:version:{rev}:{chapter}"),
        LogId::Drafts(book, drawer) => format!("{{quire:{book}}}:drafts:{drawer}"),
        LogId::Assets(book) => format!("{{quire:{book}}}:assets"),
        LogId::Asset(book, asset) => format!("{{quire:{book}}}:asset:{asset}"),
        LogId::Points(book) => format!("{{quire:{book}}}:points"),
        LogId::Installation => "{quire:hub:installation}:log".to_owned(),
        LogId::Letters => "{quire:hub:letters}:log".to_owned(),
        LogId::Told(book) => format!("{{quire:{book}}}:told"),
        LogId::Inbox(whose) => format!("{{quire:hub:inbox:{whose}}}:log"),
        LogId::Telling(shelf) => format!("{{quire:hub:telling:{shelf}}}:log"),
        LogId::Webhook(webhook) => format!("{{quire:hub:webhook:{webhook}}}:log"),
        LogId::Mailing(shelf) => format!("{{quire:hub:mailing:{shelf}}}:log"),
        LogId::SignIn(shelf) => format!("{{quire:hub:signin:{shelf}}}:log"),
        LogId::Library(library) => format!("{{quire:library/{library}}}:log"),
    }
}

/// What a replica hears.
pub(crate) struct Ear(mpsc::Receiver<Heard>);

impl Ear {
    /// The next signal.
    pub(crate) async fn hears(&mut self) -> Heard {
        let heard = tokio::time::timeout(PATIENCE, self.0.recv()).await.expect("something is heard");
        heard.expect("the store still speaks")
    }
}

pub(crate) fn replica(name: &str) -> ReplicaId {
    ReplicaId::new(name).unwrap()
}

pub(crate) fn lease(who: &str) -> Lease {
    Lease { replica: replica(who), schema: SCHEMA }
}

/// An append by this replica.
pub(crate) fn drafted(who: &str, log: &LogId, after: Option<Position>, payloads: &[&str]) -> Append {
    Append { by: replica(who), ..draft(log, after, payloads) }
}
