//! Too many, too large, too slow, from the wrong page: the one who is at fault is refused, the others are served.

use quire_protocol::Limits;
use quire_protocol::frame::Hello;
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;

use super::program::{Hub, Place};
use super::tab::{Tab, connect, upgrade};
use crate::harness::TabEnd;
use crate::harness::wishes::{acquire, remark};

#[tokio::test]
async fn connections_over_the_limit_are_told_so_and_the_others_are_served() {
    let place = Place::new();
    let hub = place.hub(&["--limit", "connections=2"]).await;
    let (mut ann, [mut ben]) = Tab::team(&hub, ["ben"]).await;
    for _ in 0..5 {
        assert_eq!(upgrade(&hub, connect(&hub).await, None).await.err(), Some(503));
    }
    let (status, body) = hub.asks("/healthz", None);
    assert_eq!((status, body.contains("\"unavailable\"")), (503, true), "{body}");
    ann.does(acquire(1)).await.granted();
    ben.does(acquire(1)).await.refused("locked");
}

#[tokio::test]
async fn connections_that_have_not_said_hello_are_limited() {
    let place = Place::new();
    let hub = place.hub(&["--limit", "pending_connections=1"]).await;
    let _silent = upgrade(&hub, connect(&hub).await, None).await.expect("a WebSocket");
    assert_eq!(upgrade(&hub, connect(&hub).await, None).await.err(), Some(503));
}

#[tokio::test]
async fn pages_of_other_origins_get_no_socket() {
    let place = Place::new();
    let hub = place.hub(&["--allow-origin", "https://books.example"]).await;
    assert_eq!(upgrade(&hub, connect(&hub).await, Some("https://evil.example")).await.err(), Some(403));
    upgrade(&hub, connect(&hub).await, Some("https://books.example")).await.expect("a WebSocket");
}

#[tokio::test]
async fn a_message_over_the_limit_ends_its_connection_alone() {
    let place = Place::new();
    let hub = place.hub(&[]).await;
    let (mut ann, [mut ben]) = Tab::team(&hub, ["ben"]).await;
    let at = Limits::default().message_bytes;
    let frame = |length: usize| {
        let empty = r#"{"t":"activity","padding":""}"#;
        Message::text(empty.replace(r#""""#, &format!("\"{}\"", "a".repeat(length - empty.len()))))
    };
    ann.sends_raw(frame(at)).await;
    ann.does(acquire(1)).await.granted();
    ann.sends_raw(frame(at + 1)).await;
    assert_eq!(ann.is_sent_away().await, TabEnd(Some(1009)));
    ben.does(acquire(2)).await.granted();
}

/// A tab of ann's that takes little before its system says no.
async fn narrow_tab(hub: &Hub) -> Tab {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = socket.connect(hub.address()).await.unwrap();
    let hello = Hello { token: Some(hub.token("ann")), client: None, resume: None };
    let mut tab = Tab::over(hub, stream, "ann", hello).await.expect("welcomed");
    tab.opens().await;
    tab
}

#[tokio::test]
async fn a_tab_that_never_reads_is_sent_away_while_the_others_are_served() {
    let place = Place::new();
    let limits = ["outbox_bytes=100000", "commands_per_second=100000", "command_burst=100000"];
    let flags: Vec<_> = limits.iter().flat_map(|limit| ["--limit", limit]).collect();
    // No ping finds the slow tab out: what waits for it does.
    let clocks = ["--lock-grace", "1h", "--timer", "ping_ms=1h"];
    let hub = place.hub(&[&flags[..], &clocks].concat()).await;
    let (mut ann, [mut ben]) = Tab::team(&hub, ["ben"]).await;
    let mut slow = narrow_tab(&hub).await;
    let session = slow.session();
    for number in 0.. {
        let mut long = remark(1, &format!("long-{number}"));
        long.body = "x".repeat(8_000);
        ann.does(long).await.accepted();
        ben.does(remark(2, &format!("short-{number}"))).await.accepted();
        if ann.has_noticed_absence_of(&session) {
            break;
        }
        assert!(number < 10_000, "far more than any buffer holds");
    }
    // 4008 comes behind what its system had taken already, unless the hub had to cut it off before that.
    let end = slow.is_sent_away().await;
    assert!([TabEnd(Some(4008)), TabEnd(None)].contains(&end), "{end:?}");
    // It comes back and has missed nothing.
    let mut slow = Tab::resumes(&hub, &slow.left()).await;
    assert_eq!(slow.opens().await.seq, ann.opens().await.seq);
}
