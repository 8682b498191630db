//! Tabs that go: without a word, silently, with a goodbye, or with one that comes too late.

use std::time::Duration;

use futures::StreamExt as _;
use quire_protocol::Token;
use quire_protocol::event::ReleaseReason;
use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::program::{Hub, Place, soon};
use super::tab::{Tab, connect};
use crate::harness::TabEnd;
use crate::harness::facts::released;
use crate::harness::wishes::{acquire, release};

const LONG_GRACE: [&str; 2] = ["--lock-grace", "1h"];
const SHORT_GRACE: [&str; 2] = ["--lock-grace", "200ms"];

/// The other side's system says at once that the connection is gone.
fn resets(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}

/// The other side sends nothing more, and no close frame.
async fn ends(mut stream: TcpStream) -> TcpStream {
    stream.shutdown().await.unwrap();
    stream
}

/// ann holds a chapter, ben watches.
async fn ann_holds(hub: &Hub) -> (Tab, Token, Tab) {
    let (mut ann, [ben]) = Tab::team(hub, ["ben"]).await;
    let token = ann.does(acquire(1)).await.granted();
    (ann, token, ben)
}

#[tokio::test]
async fn a_reset_connection_is_away_and_comes_back() {
    let place = Place::new();
    let hub = place.hub(&LONG_GRACE).await;
    let (ann, before, mut ben) = ann_holds(&hub).await;
    let left = ann.left();
    resets(ann.into_stream());
    ben.notices_absence_of(&left.session).await;
    assert!(ben.sees_lock(1).await.expect("still held").away);
    let mut ann = Tab::resumes(&hub, &left).await;
    let lock = ann.sees_lock(1).await.expect("still held");
    assert!(lock.token > before && !lock.away);
}

#[tokio::test]
async fn a_reset_connection_frees_its_chapter_when_the_grace_is_over() {
    let place = Place::new();
    let hub = place.hub(&SHORT_GRACE).await;
    let (ann, _, mut ben) = ann_holds(&hub).await;
    resets(ann.into_stream());
    ben.hears_frame(released(ReleaseReason::Disconnected)).await;
    ben.does(acquire(1)).await.granted();
}

#[tokio::test]
async fn a_connection_that_ends_without_a_close_frame_is_away() {
    let place = Place::new();
    let hub = place.hub(&LONG_GRACE).await;
    let (ann, _, mut ben) = ann_holds(&hub).await;
    let session = ann.session();
    let _half_closed = ends(ann.into_stream()).await;
    ben.notices_absence_of(&session).await;
    assert!(ben.sees_lock(1).await.expect("still held").away);
}

#[tokio::test]
async fn a_connection_that_ends_without_a_close_frame_frees_its_chapter_when_the_grace_is_over() {
    let place = Place::new();
    let hub = place.hub(&SHORT_GRACE).await;
    let (ann, _, mut ben) = ann_holds(&hub).await;
    let _half_closed = ends(ann.into_stream()).await;
    ben.hears_frame(released(ReleaseReason::Disconnected)).await;
    ben.does(acquire(1)).await.granted();
}

#[tokio::test]
async fn a_silent_peer_on_an_open_connection_is_gone() {
    let place = Place::new();
    let flags = ["--timer", "ping_ms=200ms", "--timer", "pong_ms=2s", "--lock-grace", "0"];
    let hub = place.hub(&flags).await;
    let (ann, _, mut ben) = ann_holds(&hub).await;
    // Nobody reads here any more, so nobody answers a ping; ben, who waits, does.
    let _silent = ann.into_stream();
    ben.hears_frame(released(ReleaseReason::Disconnected)).await;
    ben.does(acquire(1)).await.granted();
}

#[tokio::test]
async fn a_goodbye_frees_the_chapter_at_once() {
    for code in [1000, 1001] {
        let place = Place::new();
        let hub = place.hub(&LONG_GRACE).await;
        let (ann, _, mut ben) = ann_holds(&hub).await;
        ann.closes(code).await;
        ben.hears_frame(released(ReleaseReason::Disconnected)).await;
        ben.does(acquire(1)).await.granted();
    }
}

#[tokio::test]
async fn a_late_goodbye_of_an_old_connection_frees_nothing() {
    let place = Place::new();
    let hub = place.hub(&LONG_GRACE).await;
    let (mut old, before, mut ben) = ann_holds(&hub).await;
    let mut new = Tab::resumes(&hub, &old.left()).await;
    let token = new.sees_lock(1).await.expect("still held").token;
    assert!(token > before);
    let goodbye = CloseFrame { code: 1000.into(), reason: "".into() };
    old.sends_raw(Message::Close(Some(goodbye))).await;
    assert_eq!(old.is_sent_away().await, TabEnd(Some(4009)));
    resets(old.into_stream());
    // The book answers ben after it heard of the end of the old connection, if it heard of it at all.
    ben.does(acquire(1)).await.refused("locked");
    new.does(release(1, token)).await.accepted();
}

#[tokio::test]
async fn a_provider_that_is_sent_away_while_it_speaks_hears_why() {
    let place = Place::new();
    let hub = place.hub(&[]).await;
    let (_ann, []) = Tab::team(&hub, []).await;
    let mut request = format!("ws://{}/v1/yjs/moby-dick/c1", hub.address()).into_client_request().unwrap();
    let bearer = format!("Bearer {}", hub.token("eve"));
    request.headers_mut().insert("authorization", HeaderValue::from_str(&bearer).unwrap());
    let (mut eve, _) = client_async(request, connect(&hub).await).await.unwrap();
    let said = soon("the hub's goodbye", eve.next()).await.unwrap().unwrap();
    let Message::Close(Some(goodbye)) = said else { panic!("a goodbye with its reason, not {said:?}") };
    assert_eq!(u16::from(goodbye.code), 1008, "{goodbye}");
    // A reset would follow what comes when nobody reads any more, and take the goodbye with it.
    let stream = eve.get_mut();
    for _ in 0..10 {
        stream.write_all(b"\x82\x82\0\0\0\0\x03\x01").await.unwrap();
    }
    stream.shutdown().await.unwrap();
    let rest = soon("the end of the connection", stream.read_to_end(&mut Vec::new())).await;
    assert_eq!(rest.expect("no reset"), 0);
}
