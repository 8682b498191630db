//! What is acknowledged has reached replicas of the Redis, if that is asked for.

use super::*;
use crate::redis_server::RedisServer;
use quire::store::StoreError;
use rustix::process::{Pid, Signal, kill_process};

fn signal(server: &RedisServer, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(server.pid()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_before_the_replica_has_it() {
    let master = RedisServer::with(&[("repl-diskless-sync-delay", "0")]).await;
    let of_master = format!("127.0.0.1 {}", master.port());
    let replica = RedisServer::with(&[("replicaof", &of_master)]).await;
    let store = connected(&RedisSettings { wait_replicas: 1, ..master.settings() }).await;
    let first = settled(&store, &append("moby", None, 1, "north")).await.unwrap();

    signal(&replica, Signal::STOP);
    let second = append("moby", Some(first.position), 2, "north");
    assert_eq!(in_time(store.append(second.clone())).await, Err(AppendError::Unknown));
    // The master has the record; nobody may see it yet.
    assert_eq!(in_time(store.tail(LogId::Book(book("moby")))).await, Err(StoreError::Unavailable));
    assert_eq!(in_time(store.read(LogId::Book(book("moby")), None)).await, Err(StoreError::Unavailable));

    signal(&replica, Signal::CONT);
    let done = settled(&store, &second).await.unwrap();
    assert_eq!(done.position.seq.0, 2);
    assert_eq!(in_time(store.tail(LogId::Book(book("moby")))).await, Ok(Some(done.position)));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_appends_share_a_confirmation() {
    let master = RedisServer::with(&[("repl-diskless-sync-delay", "0")]).await;
    let of_master = format!("127.0.0.1 {}", master.port());
    let _replica = RedisServer::with(&[("replicaof", &of_master)]).await;
    let store = connected(&RedisSettings { wait_replicas: 1, ..master.settings() }).await;
    settled(&store, &append("moby", None, 1, "north")).await.unwrap();
    let names: Vec<String> = (0..200).map(|number| format!("book-{number}")).collect();
    let appends: Vec<Append> = names.iter().map(|name| append(name, None, 1, "north")).collect();
    let all = futures::future::join_all(appends.iter().map(|append| settled(&store, append)));
    assert!(in_time(all).await.iter().all(Result::is_ok));
}
