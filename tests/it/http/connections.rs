//! How many connections there may be, for how long, and how they end.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use super::harness::{port, read_to_end};

#[tokio::test]
async fn a_slow_head_is_cut() {
    let port = port(|service| service.header_deadline = Duration::from_millis(50)).await;
    for sent in ["", "GET", "GET / HTTP/1.1\r\nHost: localhost\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nX: "] {
        let mut stream = port.connect().await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{sent:?}: {answer}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_cut() {
    let port = port(|service| service.header_deadline = Duration::from_millis(50)).await;
    let mut stream = port.connect().await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(read_to_end(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_large_head_is_refused() {
    let port = port(|_| {}).await;
    let with = |bytes: usize| format!("GET /healthz HTTP/1.1\r\nConnection: close\r\nX: {}\r\n\r\n", "x".repeat(bytes));
    assert_eq!(port.raw(with(15 * 1024).as_bytes()).await.status, 200);
    assert_eq!(port.raw(with(17 * 1024).as_bytes()).await.status, 431);
    let many = "X: x\r\n".repeat(100);
    assert_eq!(port.raw(format!("GET /healthz HTTP/1.1\r\n{many}\r\n").as_bytes()).await.status, 431);
    assert_eq!(port.raw(b"\0\x01garbage\r\n\r\n").await.status, 400);
}

#[tokio::test]
async fn connections_over_the_limit_are_told_so_and_places_come_back() {
    let mut port = port(|service| service.limits.connections = 1).await;
    let (answer, client) = port.handshake(&[]).await;
    assert_eq!(answer.status, 101);
    let refused = port.get("/healthz").await;
    assert_eq!(
        (refused.status, refused.code().as_str(), refused.header("retry-after")),
        (503, "unavailable", Some("2"))
    );
    drop((client, port.sockets.recv().await));
    assert_eq!(port.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn sockets_without_hello_have_a_limit_of_their_own() {
    let mut port = port(|service| service.limits.pending_connections = 1).await;
    let (first, _client) = port.handshake(&[]).await;
    assert_eq!(first.status, 101);
    assert_eq!(port.handshake(&[]).await.0.status, 503);
    let mut socket = port.sockets.recv().await.unwrap();
    socket.permit.greeted();
    assert_eq!(port.handshake(&[]).await.0.status, 101);
}

#[tokio::test]
async fn a_drain_refuses_sockets_and_ends_when_the_sessions_are_gone() {
    let mut port = port(|_| {}).await;
    let (_, client) = port.handshake(&[]).await;
    let socket = port.sockets.recv().await.unwrap();
    port.stop.cancel();
    port.fake.draining.cancelled().await;
    assert_eq!(port.get("/healthz").await.status, 200);
    assert_eq!(port.get("/readyz").await.status, 503);
    assert_eq!(port.handshake(&[]).await.0.status, 503);
    assert!(!port.run.is_finished());
    drop((client, socket));
    port.fake.drained.cancel();
    port.run.await.unwrap();
    assert!(tokio::net::TcpStream::connect(port.address).await.is_err());
}
