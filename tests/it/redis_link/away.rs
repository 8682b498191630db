//! A Redis that is slow, silent or gone: nobody waits long, and it is used again when it is back.

use std::sync::Arc;

use super::*;
use crate::proxy::{Proxy, Weather};
use crate::redis_server::{RedisServer, as_hub};
use quire::store::StoreError;

/// Far less than as many deadlines would take, far more than as many refusals.
const SOON: Duration = Duration::from_secs(10);
const MANY: usize = 100;

fn through(proxy: &Proxy) -> RedisSettings {
    as_hub(RedisSettings::at("127.0.0.1", proxy.port()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_costs_one_deadline_and_then_nothing() {
    let server = RedisServer::start().await;
    let proxy = Proxy::to(server.port()).await;
    let store = connected(&through(&proxy)).await;
    let first = settled(&store, &append("moby", None, 1, "north")).await.unwrap();

    proxy.swallows();
    let second = append("moby", Some(first.position), 2, "north");
    assert_eq!(in_time(store.append(second.clone())).await, Err(AppendError::Unknown));
    let refused = async {
        for _ in 0..MANY {
            assert_eq!(store.tail(LogId::Book(book("moby"))).await, Err(StoreError::Unavailable));
        }
    };
    tokio::time::timeout(SOON, refused).await.expect("a line that is down refuses at once");

    // What was under way arrives late; the repeated append is the same append.
    proxy.passes();
    let done = settled(&store, &second).await.unwrap();
    assert_eq!(done.position.seq.0, 2);
    assert_eq!(settled(&store, &second).await, Ok(done));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_of_a_silent_server_wait_together_not_in_a_row() {
    let server = RedisServer::start().await;
    let proxy = Proxy::to(server.port()).await;
    let store = Arc::new(connected(&through(&proxy)).await);
    proxy.set(Weather { swallows_answers: true, ..Weather::default() });
    let callers: Vec<_> = (0..MANY)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.append(append(&format!("book-{number}"), None, 1, "north")).await })
        })
        .collect();
    let all = futures::future::join_all(callers);
    let answers = tokio::time::timeout(SOON, all).await.expect("nobody waits for somebody else's deadline");
    assert!(
        answers
            .into_iter()
            .all(|answer| matches!(answer.unwrap(), Err(AppendError::Unknown | AppendError::Unavailable)))
    );

    // They were carried out although nobody heard of it: late answers are not taken for those of the repetitions.
    proxy.passes();
    for number in 0..MANY {
        let done = settled(&store, &append(&format!("book-{number}"), None, 1, "north")).await.unwrap();
        assert_eq!(done.position.tag, Tag(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_is_used() {
    let server = RedisServer::start().await;
    let proxy = Proxy::to(server.port()).await;
    proxy.set(Weather { delay: Duration::from_millis(25), ..Weather::default() });
    let store = connected(&through(&proxy)).await;
    let mut after = None;
    for tag in 1..=5 {
        after = Some(settled(&store, &append("moby", after, tag, "north")).await.unwrap().position);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_is_used_and_heard_again() {
    let mut server = RedisServer::with(&[("appendonly", "yes"), ("appendfsync", "always")]).await;
    let north = connected(&server.settings()).await;
    let south = connected(&server.settings()).await;
    let mut listener = Listener::of(&south, "south", &["moby"]).await;
    let first = settled(&north, &append("moby", None, 1, "north")).await.unwrap();
    listener.hears(first.position).await;

    server.kill().await;
    let second = append("moby", Some(first.position), 2, "north");
    assert!(in_time(north.append(second.clone())).await.is_err());
    assert_eq!(in_time(south.tail(LogId::Book(book("moby")))).await, Err(StoreError::Unavailable));
    server.start_again().await;
    listener.hears_an_interruption().await;
    // Another life of the server is another history, as far as anybody can know.
    let Ok(Some(tail)) = in_time(north_tail(&north)).await else { panic!("the log was kept") };
    let third = match settled(&north, &append("moby", Some(tail), 3, "north")).await {
        Err(AppendError::EpochChanged) => {
            let Ok(Some(tail)) = in_time(north_tail(&north)).await else { panic!("the log was kept") };
            settled(&north, &append("moby", Some(tail), 3, "north")).await.unwrap()
        }
        done => done.unwrap(),
    };
    listener.hears(third.position).await;
}

/// Where the log ends, once somebody answers.
async fn north_tail(store: &Redis) -> Result<Option<Position>, StoreError> {
    loop {
        match store.tail(LogId::Book(book("moby"))).await {
            Err(StoreError::Unavailable) => tokio::time::sleep(Duration::from_millis(20)).await,
            known => return known,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_lines_come_back_with_their_subscriptions() {
    let server = RedisServer::start().await;
    let proxy = Proxy::to(server.port()).await;
    let north = connected(&server.settings()).await;
    let south = connected(&through(&proxy)).await;
    let mut listener = Listener::of(&south, "south", &["moby", "emma"]).await;
    let mut after = None;
    for tag in 1..=3 {
        proxy.cut();
        listener.hears_an_interruption().await;
        let done = settled(&north, &append("moby", after, tag, "north")).await.unwrap();
        listener.hears(done.position).await;
        after = Some(done.position);
    }
    south.unsubscribe(&replica("south"), book("moby"));
    let emma = settled(&north, &append("emma", None, 9, "north")).await.unwrap();
    listener.hears(emma.position).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_may_start_before_its_redis() {
    let mut server = RedisServer::start().await;
    server.kill().await;
    let store = connected(&server.settings()).await;
    assert_eq!(in_time(store.append(append("moby", None, 1, "north"))).await, Err(AppendError::Unavailable));
    server.start_again().await;
    let mut listener = Listener::of(&store, "south", &[]).await;
    settled(&store, &append("moby", None, 1, "north")).await.unwrap();
    in_time(store.subscribe(&replica("south"), book("moby"))).await.unwrap();
    let other = connected(&server.settings()).await;
    let tail = in_time(other.tail(LogId::Book(book("moby")))).await.unwrap();
    let done = settled(&other, &append("moby", tail, 2, "north")).await.unwrap();
    listener.hears(done.position).await;
}
