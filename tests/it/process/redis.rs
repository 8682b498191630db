//! The program on a Redis: what it refuses to start with, what it warns of, and that it outlasts it.

use std::time::Duration;

use super::program::{Hub, Place, soon, text};
use crate::redis_server::{PASSWORD, RedisServer};

/// The program cannot do it.
const FAILED: i32 = 1;

fn url(server: &RedisServer) -> String {
    format!("redis://quire:{PASSWORD}@127.0.0.1:{}", server.port())
}

/// Until the hub says this of itself.
async fn is_ready(hub: &Hub, status: u16) {
    let asked = async {
        while hub.asks("/readyz", None).0 != status {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon("another state of the hub", asked).await;
}

#[tokio::test]
async fn a_redis_that_cannot_be_used_ends_the_start_with_a_sentence() {
    let place = Place::new();
    let evicting = RedisServer::with(&[("maxmemory-policy", "volatile-lru")]).await;
    let start = async |url: &str| place.runs_here(&["--listen=127.0.0.1:0", "--log=debug", "--redis-url", url]).await;
    let ended = start(&url(&evicting)).await;
    ended.refused(FAILED, &["this Redis cannot be used", "volatile-lru", "noeviction"]);
    assert!(!ended.stderr.contains(PASSWORD), "{ended:?}");

    let server = RedisServer::start().await;
    let ended = start(&url(&server).replace(PASSWORD, "canary")).await;
    ended.refused(FAILED, &["refuses the user or the password"]);
    assert!(!ended.stderr.contains("canary"), "{ended:?}");
}

#[tokio::test]
async fn a_hub_outlasts_its_redis_and_says_how_it_is() {
    let (place, mut server) = (Place::new(), RedisServer::start().await);
    let file = place.path("password");
    std::fs::write(&file, PASSWORD).unwrap();
    let address = format!("redis://quire@127.0.0.1:{}", server.port());
    let hub = place.hub(&["--redis-url", &address, "--redis-password-file", text(&file), "--log=debug"]).await;
    is_ready(&hub, 200).await;
    assert!(hub.asks("/metrics", None).1.contains("quire_store_up 1"));
    assert!(!place.data_dir().join("quire.redb").exists());

    server.kill().await;
    is_ready(&hub, 503).await;
    assert!(hub.asks("/metrics", None).1.contains("quire_store_up 0"));
    server.start_again().await;
    is_ready(&hub, 200).await;
    let metrics = hub.asks("/metrics", None).1;
    assert!(metrics.contains("quire_store_up 1") && metrics.contains("quire_store_lines_lost_total 1"), "{metrics}");

    hub.is_asked_to_end();
    let ended = hub.ends().await;
    for words in ["has no append-only file", "the line to Redis is lost", "the line to Redis is up"] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    assert!(!ended.stderr.contains(PASSWORD), "{}", ended.stderr);
}

#[tokio::test]
async fn a_hub_that_starts_first_is_ready_once_its_redis_is_there() {
    let (place, mut server) = (Place::new(), RedisServer::start().await);
    server.kill().await;
    let hub = place.hub(&["--redis-url", &url(&server)]).await;
    assert_eq!(hub.asks("/readyz", None).0, 503);
    assert_eq!(hub.asks("/healthz", None).0, 200);
    server.start_again().await;
    is_ready(&hub, 200).await;
}
