//! `GET /v1/socket` and `GET /v1/yjs/…`: who may open one, and what becomes of it.

use quire_protocol::Encoding;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::harness::{UPGRADE, port};

#[tokio::test]
async fn only_own_and_listed_origins_connect() {
    let port = port(|service| service.limits.pending_connections = 100).await;
    let number = port.address.port();
    let own = format!("http://localhost:{number}");
    let other_port = format!("http://localhost:{}", number ^ 1);
    let shouting = format!("HTTP://LOCALHOST:{number}");
    let cases: [(&[&str], u16); 12] = [
        (&[], 101),
        (&[&own], 101),
        (&[&shouting], 101),
        (&["https://books.example"], 101),
        (&["https://books.example:443"], 101),
        (&["http://books.example"], 403),
        (&["https://evil-books.example"], 403),
        (&["https://books.example.evil.example"], 403),
        (&[&other_port], 403),
        (&["null"], 403),
        (&[""], 403),
        (&[&own, &own], 403),
    ];
    for (origins, status) in cases {
        let headers: Vec<_> = origins.iter().map(|origin| ("Origin", *origin)).collect();
        assert_eq!(port.handshake(&headers).await.0.status, status, "{origins:?}");
    }
}

#[tokio::test]
async fn bad_handshakes_are_refused() {
    let port = port(|_| {}).await;
    let host = format!("Host: {}\r\nConnection: close\r\n", port.host());
    let without = |line: &str| {
        UPGRADE.lines().filter(|sent| !sent.starts_with(line)).fold(String::new(), |head, sent| head + sent + "\r\n")
    };
    let cases = [
        ("GET", String::new(), 426),
        ("GET", without("Connection"), 426),
        ("GET", without("Upgrade"), 426),
        ("GET", without("Sec-WebSocket-Version"), 426),
        ("GET", without("Sec-WebSocket-Version") + "Sec-WebSocket-Version: 8\r\n", 426),
        ("GET", without("Sec-WebSocket-Key"), 400),
        ("GET", without("Sec-WebSocket-Key") + "Sec-WebSocket-Key: c2hvcnQ=\r\n", 400),
        ("GET", UPGRADE.to_owned() + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", 400),
        ("GET", UPGRADE.to_owned() + "Sec-WebSocket-Protocol: graphql-ws, quire.v2.json\r\n", 400),
        ("GET", UPGRADE.to_owned() + "Authorization: Bearer canary\r\n", 401),
        ("POST", UPGRADE.to_owned(), 405),
    ];
    for (method, headers, status) in cases {
        let answer = port.raw(format!("{method} /v1/socket HTTP/1.1\r\n{host}{headers}\r\n").as_bytes()).await;
        assert_eq!(answer.status, status, "{method} {headers}: {answer:?}");
    }
    let old =
        port.raw(format!("GET /v1/socket HTTP/1.1\r\n{host}{}\r\n", without("Sec-WebSocket-Version")).as_bytes()).await;
    assert_eq!(old.header("sec-websocket-version"), Some("13"));
}

#[tokio::test]
async fn the_first_known_subprotocol_is_chosen() {
    let mut port = port(|_| {}).await;
    let cases = [
        (None, Encoding::MessagePack, None),
        (Some("quire.v1.json"), Encoding::Json, Some("quire.v1.json")),
        (Some("quire.v9.x, quire.v1.json,quire.v1.msgpack"), Encoding::Json, Some("quire.v1.json")),
        (Some("quire.v1.msgpack"), Encoding::MessagePack, Some("quire.v1.msgpack")),
    ];
    for (offered, encoding, chosen) in cases {
        let headers: Vec<_> = offered.iter().map(|offered| ("Sec-WebSocket-Protocol", *offered)).collect();
        let (answer, _client) = port.handshake(&headers).await;
        assert_eq!((answer.status, answer.header("sec-websocket-protocol")), (101, chosen));
        assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert_eq!(port.sockets.recv().await.unwrap().encoding, encoding);
    }
}

#[tokio::test]
async fn deflate_is_never_accepted() {
    let port = port(|_| {}).await;
    let (answer, _client) = port.handshake(&[("Sec-WebSocket-Extensions", "permessage-deflate")]).await;
    assert_eq!((answer.status, answer.header("sec-websocket-extensions")), (101, None));
}

#[tokio::test]
async fn the_backend_gets_the_bare_stream_the_early_bytes_and_the_bearer() {
    let mut port = port(|_| {}).await;
    let mut client = port.connect().await;
    let token = port.token();
    let head = format!(
        "GET /v1/socket HTTP/1.1\r\nHost: {}\r\n{UPGRADE}Authorization: Bearer {token}\r\n\r\nearly",
        port.host()
    );
    client.write_all(head.as_bytes()).await.unwrap();
    let mut socket = port.sockets.recv().await.unwrap();
    assert_eq!(socket.read, "early");
    assert_eq!(socket.bearer.unwrap().email.as_deref(), Some("ann@example.org"));
    client.write_all(b"later").await.unwrap();
    let mut later = [0; 5];
    socket.stream.read_exact(&mut later).await.unwrap();
    assert_eq!(&later, b"later");
    socket.stream.write_all(b"answer").await.unwrap();
    drop(socket.stream);
    assert!(super::harness::read_to_end(&mut client).await.ends_with("\r\n\r\nanswer"));
}

#[tokio::test]
async fn a_provider_that_can_set_no_header_offers_its_token_as_a_subprotocol() {
    let port = port(|service| service.limits.pending_connections = 100).await;
    let (host, token) = (port.host(), port.token());
    let offer = |names: &str| format!("Sec-WebSocket-Protocol: {names}\r\n");
    let authorization = format!("Authorization: Bearer {token}\r\n");
    let cases = [
        ("b1/c1", offer(&format!("quire.yjs.v1, token.{token}")), 101),
        ("b1/c1", offer(&format!("token.{token},quire.yjs.v1")), 101),
        ("b1/c1", authorization.clone(), 101),
        ("b1/c1", authorization + &offer("quire.yjs.v1"), 101),
        ("b1/c1", String::new(), 401),
        ("b1/c1", offer("quire.yjs.v1"), 401),
        ("b1/c1", offer("quire.yjs.v1, token.canary"), 401),
        ("b1/c1", offer(&format!("token.{token}")), 400),
        ("b%201/c1", offer(&format!("quire.yjs.v1, token.{token}")), 400),
        ("b1/c%2F1", offer(&format!("quire.yjs.v1, token.{token}")), 400),
        ("b1", offer(&format!("quire.yjs.v1, token.{token}")), 404),
        ("b1/c1", offer(&format!("quire.yjs.v1, token.{token}")) + "Origin: https://evil.example\r\n", 403),
    ];
    let mut calls = 0;
    for (path, headers, status) in cases {
        let mut stream = port.connect().await;
        let head = format!("GET /v1/yjs/{path} HTTP/1.1\r\nHost: {host}\r\n{UPGRADE}{headers}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = super::harness::Answer::parse(&super::harness::read_head(&mut stream).await);
        assert_eq!(answer.status, status, "{path} {headers}: {answer:?}");
        let named = headers.contains("quire.yjs.v1").then_some("quire.yjs.v1");
        assert_eq!(
            answer.header("sec-websocket-protocol"),
            named.filter(|_| status == 101),
            "the token is never said again"
        );
        if status == 101 {
            calls += 1;
            drop(super::harness::read_to_end(&mut stream).await);
        }
    }
    let called = port.fake.calls.lock().unwrap();
    assert_eq!(called.len(), calls);
    assert!(called.iter().all(|(_, book, chapter)| (book.as_str(), chapter.as_str()) == ("b1", "c1")));
}
