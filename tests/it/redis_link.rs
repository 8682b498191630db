//! The line to Redis: slow, silent, cut, killed, misconfigured, replicated, encrypted, behind sentinels, in a cluster.
//!
//! Servers are real processes of the test's own. Waits end by what is heard; deadlines only bound failures.

mod away;
mod cluster;
mod confirming;
mod refusals;
mod sentinel;
mod tls;

use std::time::Duration;

use bytes::Bytes;
use quire::clock::Clock;
use quire::store::redis::{Redis, RedisSettings};
use quire::store::shared::{Heard, Signals as _};
use quire::store::{Append, AppendError, Appended, LogId, Position, Store as _, Tag};
use quire_protocol::{BookId, ReplicaId, Token};
use tokio::sync::mpsc;

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it happens")
}

fn book(name: &str) -> BookId {
    BookId::new(name).unwrap()
}

fn replica(name: &str) -> ReplicaId {
    ReplicaId::new(name).unwrap()
}

fn append(name: &str, after: Option<Position>, tag: u64, by: &str) -> Append {
    Append {
        log: LogId::Book(book(name)),
        after,
        tag: Tag(tag),
        payloads: vec![Bytes::from(format!("payload {tag}"))],
        guard: None,
        fences: Vec::new(),
        stamp_floor: Token(0),
        by: replica(by),
        misses: 0,
    }
}

async fn connected(settings: &RedisSettings) -> Redis {
    in_time(Redis::connect(settings, Clock::system())).await.expect("these settings are good")
}

/// Repeats an append until it is known what became of it, as callers do (R8).
async fn settled(store: &Redis, append: &Append) -> Result<Appended, AppendError> {
    in_time(async {
        loop {
            match store.append(append.clone()).await {
                Err(AppendError::Unknown | AppendError::Unavailable) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                known => return known,
            }
        }
    })
    .await
}

/// Somebody who listens to books.
struct Listener {
    queue: mpsc::Receiver<Heard>,
}

impl Listener {
    async fn of(store: &Redis, name: &str, books: &[&str]) -> Self {
        let (sender, queue) = mpsc::channel(1_024);
        store.listen(&replica(name), sender);
        for name_of_book in books {
            in_time(store.subscribe(&replica(name), book(name_of_book))).await.expect("the server runs");
        }
        Self { queue }
    }

    async fn hears_an_interruption(&mut self) {
        in_time(async { while self.queue.recv().await.expect("the store lives") != Heard::Interrupted {} }).await;
    }

    /// Waits for the wake-up of this append.
    async fn hears(&mut self, appended: Position) {
        let same = |heard: Heard| matches!(heard, Heard::Appended(wake) if wake.tail == appended);
        in_time(async { while !same(self.queue.recv().await.expect("the store lives")) {} }).await;
    }
}
