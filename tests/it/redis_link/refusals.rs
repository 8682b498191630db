//! What a hub does not start with, and what its user may do in Redis.

use super::*;
use crate::redis_server::{PASSWORD, RedisServer};

async fn refusal(settings: &RedisSettings) -> String {
    match in_time(Redis::connect(settings, Clock::system())).await {
        Ok(_) => panic!("it is used"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_evicts_is_refused() {
    let server = RedisServer::with(&[("maxmemory-policy", "allkeys-lru"), ("maxmemory", "100mb")]).await;
    let why = refusal(&server.settings()).await;
    assert!(why.contains("maxmemory-policy is \"allkeys-lru\"") && why.contains("noeviction"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let server = RedisServer::start().await;
    let settings = RedisSettings { password: Some("canary".to_owned()), ..server.settings() };
    let why = refusal(&settings).await;
    assert!(why.contains("refuses the user or the password") && !why.contains("canary"), "{why}");
    let settings = RedisSettings { user: Some("nobody".to_owned()), ..server.settings() };
    let why = refusal(&settings).await;
    assert!(why.contains("refuses the user or the password") && !why.contains(PASSWORD), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_replica_is_refused() {
    let master = RedisServer::start().await;
    let of_master = format!("127.0.0.1 {}", master.port());
    let replica = RedisServer::with(&[("replicaof", &of_master)]).await;
    let why = refusal(&replica.settings()).await;
    assert!(why.contains("read-only replica"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_a_cluster_and_a_lone_server_are_not_taken_for_each_other() {
    let node = RedisServer::with(&[("cluster-enabled", "yes")]).await;
    let why = refusal(&node.settings()).await;
    assert!(why.contains("redis-cluster://"), "{why}");
    let lone = RedisServer::start().await;
    let place = quire::store::redis::Place::Cluster(vec![("127.0.0.1".to_owned(), lone.port())]);
    let why = refusal(&RedisSettings { place, ..lone.settings() }).await;
    assert!(why.contains("is not a node of a cluster"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hubs_user_can_do_nothing_else() {
    let server = RedisServer::start().await;
    let info = redis::IntoConnectionInfo::into_connection_info(("127.0.0.1", server.port())).unwrap();
    let who = redis::RedisConnectionInfo::default().set_username("quire").set_password(PASSWORD);
    let client = redis::Client::open(info.set_redis_settings(who)).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let forbidden = [
        "FLUSHALL",
        "CONFIG GET maxmemory",
        "SCRIPT FLUSH",
        "FUNCTION FLUSH",
        "KEYS *",
        "ACL LIST",
        "SHUTDOWN",
        "GET other",
        "SET {other:x} 1",
        "PUBLISH other 1",
        "PSUBSCRIBE *",
    ];
    for command in forbidden {
        let mut words = command.split(' ');
        let mut asked = redis::cmd(words.next().unwrap());
        let answer = asked.arg(words.collect::<Vec<_>>()).query_async::<redis::Value>(&mut connection).await;
        assert_eq!(answer.unwrap_err().code(), Some("NOPERM"), "{command}");
    }
    let foreign = redis::cmd("EVAL").arg("return redis.call('GET', 'other')").arg(0).to_owned();
    assert!(foreign.query_async::<redis::Value>(&mut connection).await.is_err());
    redis::cmd("SET").arg("{quire:x}").arg(1).exec_async(&mut connection).await.unwrap();
}
