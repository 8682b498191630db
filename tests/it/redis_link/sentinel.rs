//! Sentinels name the master; after a failover calls and subscriptions follow it together.

use std::net::TcpListener;
use std::process::Stdio;

use super::*;
use crate::redis_server::{RedisServer, as_hub};
use quire::store::redis::Place;
use tempfile::TempDir;
use tokio::process::{Child, Command};

const SERVICE: &str = "books";

struct Sentinel {
    port: u16,
    _process: Child,
    _directory: TempDir,
}

impl Sentinel {
    fn of(master: &RedisServer) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let file = directory.path().join("sentinel.conf");
        let settings = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor {SERVICE} 127.0.0.1 {} 2\n\
             sentinel down-after-milliseconds {SERVICE} 500\nsentinel failover-timeout {SERVICE} 3000\n",
            master.port()
        );
        std::fs::write(&file, settings).unwrap();
        let mut command = Command::new("redis-server");
        command.arg(&file).arg("--sentinel").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.kill_on_drop(true).spawn().expect("redis-server is installed");
        Self { port, _process: process, _directory: directory }
    }

    /// Until it answers what a test waits for.
    async fn says(&self, words: &str, good: impl Fn(&redis::Value) -> bool) {
        let client = redis::Client::open(("127.0.0.1", self.port)).unwrap();
        let mut asked = redis::cmd("SENTINEL");
        asked.arg(words.split(' ').collect::<Vec<_>>());
        in_time(async {
            loop {
                if let Ok(mut connection) = client.get_multiplexed_async_connection().await
                    && let Ok(answer) = asked.query_async::<redis::Value>(&mut connection).await
                    && good(&answer)
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
    }

    /// Until it knows both the other sentinels and the replica.
    async fn knows_everybody(&self) {
        let count = |answer: &redis::Value| answer.as_sequence().map_or(0, <[redis::Value]>::len);
        self.says(&format!("SENTINELS {SERVICE}"), |answer| count(answer) == 2).await;
        self.says(&format!("REPLICAS {SERVICE}"), |answer| count(answer) == 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_and_subscriptions_follow_a_failover() {
    let fast = [("repl-diskless-sync-delay", "0"), ("repl-ping-replica-period", "1")];
    let mut master = RedisServer::with(&fast).await;
    let of_master = format!("127.0.0.1 {}", master.port());
    let replica = RedisServer::with(&[fast[0], fast[1], ("replicaof", &of_master)]).await;
    let sentinels = [Sentinel::of(&master), Sentinel::of(&master), Sentinel::of(&master)];
    for sentinel in &sentinels {
        sentinel.knows_everybody().await;
    }
    let hosts = sentinels.iter().map(|sentinel| ("127.0.0.1".to_owned(), sentinel.port)).collect();
    let settings = as_hub(RedisSettings::of(Place::Sentinels { sentinels: hosts, service: SERVICE.to_owned() }));
    // The first append is on the replica before it is acknowledged; afterwards there is no replica left to wait for.
    let careful = connected(&RedisSettings { wait_replicas: 1, ..settings.clone() }).await;
    let first = settled(&careful, &append("moby", None, 1, "north")).await.unwrap();
    drop(careful);
    let (north, south) = (connected(&settings).await, connected(&settings).await);
    let mut listener = Listener::of(&south, "south", &["moby"]).await;

    master.kill().await;
    listener.hears_an_interruption().await;
    // The new master is another history, as far as anybody can know.
    let append_after = append("moby", Some(first.position), 2, "north");
    assert_eq!(settled(&north, &append_after).await, Err(AppendError::EpochChanged));
    let tail = in_time(north.tail(LogId::Book(book("moby")))).await.unwrap();
    let done = settled(&north, &append("moby", tail, 3, "north")).await.unwrap();
    assert_eq!(done.position.seq.0, 2);
    listener.hears(done.position).await;
    drop(replica);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_no_sentinel_knows_is_refused() {
    let master = RedisServer::start().await;
    let sentinel = Sentinel::of(&master);
    sentinel.says("MASTERS", |_| true).await;
    let sentinels = vec![("127.0.0.1".to_owned(), sentinel.port)];
    let settings = as_hub(RedisSettings::of(Place::Sentinels { sentinels, service: "letters".to_owned() }));
    let Err(why) = in_time(Redis::connect(&settings, Clock::system())).await else { panic!("it is used") };
    assert!(why.to_string().contains("knows no service \"letters\""), "{why}");
}
