//! A cluster: every book goes to the master of its slot, and signals through that master's channels.

use super::*;
use crate::redis_server::{RedisServer, as_hub};
use quire::store::redis::Place;
use quire::store::shared::Shared as _;

const NODES: usize = 3;
/// Enough that every node has some.
const BOOKS: usize = 24;

struct ClusterOfServers(Vec<RedisServer>);

impl ClusterOfServers {
    async fn start() -> Self {
        let mut nodes = Vec::new();
        for _ in 0..NODES {
            let bus = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
            let options = [("cluster-enabled", "yes"), ("cluster-port", &bus), ("cluster-node-timeout", "1000")];
            nodes.push((RedisServer::with(&options).await, bus));
        }
        let ranges = ["0 5460", "5461 10922", "10923 16383"];
        for ((node, _), range) in nodes.iter().zip(ranges) {
            node.ask::<()>(&format!("CLUSTER ADDSLOTSRANGE {range}")).await;
            for (other, bus) in &nodes {
                node.ask::<()>(&format!("CLUSTER MEET 127.0.0.1 {} {bus}", other.port())).await;
            }
        }
        let cluster = Self(nodes.into_iter().map(|(node, _)| node).collect());
        cluster.agrees().await;
        cluster
    }

    /// Until all nodes know all nodes.
    async fn agrees(&self) {
        for node in &self.0 {
            in_time(async {
                loop {
                    let info: String = node.ask("CLUSTER INFO").await;
                    let slots: redis::Value = node.ask("CLUSTER SLOTS").await;
                    let ranges = slots.as_sequence().map_or(0, <[redis::Value]>::len);
                    if info.contains("cluster_state:ok") && ranges >= NODES {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            })
            .await;
        }
    }

    fn settings(&self) -> RedisSettings {
        let seed = ("127.0.0.1".to_owned(), self.0[0].port());
        as_hub(RedisSettings::of(Place::Cluster(vec![seed])))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn books_and_signals_are_spread_over_the_masters() {
    let cluster = ClusterOfServers::start().await;
    let (north, south) = (connected(&cluster.settings()).await, connected(&cluster.settings()).await);
    let names: Vec<String> = (0..BOOKS).map(|number| format!("book-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut listener = Listener::of(&south, "south", &names).await;
    let mut tails = Vec::new();
    for name in &names {
        let done = settled(&north, &append(name, None, 1, "north")).await.unwrap();
        listener.hears(done.position).await;
        tails.push(Some(done.position));
    }
    for node in &cluster.0 {
        assert!(node.ask::<i64>("DBSIZE").await > 0, "every master has books");
    }
    let logs = names.iter().map(|name| LogId::Book(book(name))).collect();
    assert_eq!(in_time(south.tails(logs)).await, Ok(tails));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_whose_slot_moves_is_found_where_it_is() {
    let cluster = ClusterOfServers::start().await;
    let (north, south) = (connected(&cluster.settings()).await, connected(&cluster.settings()).await);
    let mut listener = Listener::of(&south, "south", &["moby"]).await;
    let slot: u16 = cluster.0[0].ask("CLUSTER KEYSLOT {quire:moby}").await;
    let (old, new) = match slot {
        0..=5_460 => (0, 1),
        5_461..=10_922 => (1, 2),
        _ => (2, 0),
    };
    // An empty slot moves without its keys being carried.
    let id: String = cluster.0[new].ask("CLUSTER MYID").await;
    for node in [new, old, 3 - new - old] {
        cluster.0[node].ask::<()>(&format!("CLUSTER SETSLOT {slot} NODE {id}")).await;
    }
    let done = settled(&north, &append("moby", None, 1, "north")).await.unwrap();
    assert!(cluster.0[new].ask::<i64>(&format!("CLUSTER COUNTKEYSINSLOT {slot}")).await > 0);
    let mut after = done.position;
    listener.hears_an_interruption().await;
    for tag in 2..=3 {
        after = settled(&north, &append("moby", Some(after), tag, "north")).await.unwrap().position;
        listener.hears(after).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn books_of_other_masters_do_not_miss_one_that_is_gone() {
    let mut cluster = ClusterOfServers::start().await;
    for node in &cluster.0 {
        node.ask::<()>("CONFIG SET cluster-require-full-coverage no").await;
    }
    let store = connected(&cluster.settings()).await;
    let names: Vec<String> = (0..BOOKS).map(|number| format!("book-{number}")).collect();
    let mut gone = Vec::new();
    for name in &names {
        settled(&store, &append(name, None, 1, "north")).await.unwrap();
        let slot: u16 = cluster.0[0].ask(&format!("CLUSTER KEYSLOT {{quire:{name}}}")).await;
        gone.push(slot > 10_922);
    }
    cluster.0[2].kill().await;
    for (name, gone) in names.iter().zip(gone) {
        let log = LogId::Book(book(name));
        if gone {
            assert!(in_time(store.tail(log)).await.is_err());
        } else {
            in_time(async { while store.tail(log.clone()).await.is_err() {} }).await;
        }
    }
}
