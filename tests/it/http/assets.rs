//! Pictures over HTTP: what is asked first, and what an answer says about itself.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use super::harness::{BROKEN, ENDLESS, Port, WHOLE, port, read_to_end};

async fn asks(port: &Port, line: &str, more: &[(&str, &str)], body: &[u8]) -> super::harness::Answer {
    let bearer = format!("Bearer {}", port.token());
    port.request(line, &[&[("Authorization", bearer.as_str())], more].concat(), body).await
}

#[tokio::test]
async fn a_picture_is_answered_with_what_it_is() {
    let port = port(|_| {}).await;
    let answer = asks(&port, "POST /v1/books/b1/assets", &[("Content-Type", "text/html")], b"some bytes").await;
    assert_eq!(answer.status, 200);
    let expected = serde_json::json!({"asset": WHOLE, "type": "image/png", "width": 3, "height": 2, "bytes": 10});
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn rights_are_asked_before_a_body_is_read() {
    let port = port(|_| {}).await;
    // As large a body as nobody may send: whoever has no right does not learn of that.
    let announced = [("Content-Length", "999999999")];
    for (line, status, code) in [
        ("POST /v1/books/b1/assets", 413, "too_large"),
        ("POST /v1/books/read/assets", 403, "forbidden"),
        ("POST /v1/books/other/assets", 404, "not_found"),
        ("POST /v1/books/b%2f1/assets", 400, "invalid"),
    ] {
        let answer = asks(&port, line, &announced, b"").await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{line}");
        let nobody = port.request(line, &announced, b"").await;
        assert_eq!((nobody.status, nobody.code().as_str()), (401, "unauthenticated"), "{line}");
    }
    let refused = asks(&port, "POST /v1/books/b1/assets", &announced, b"").await.json();
    assert_eq!((&refused["limit"], &refused["max"]), (&"asset_bytes".into(), &8_388_608.into()));
    let encoded = asks(&port, "POST /v1/books/b1/assets", &[("Content-Encoding", "gzip")], b"x").await;
    assert_eq!(encoded.status, 415);
}

#[tokio::test]
async fn a_picture_is_kept_by_one_browser_and_runs_nowhere() {
    let port = port(|_| {}).await;
    let line = format!("GET /v1/books/read/assets/{WHOLE}");
    let answer = asks(&port, &line, &[], b"").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "half a loaf"));
    let tag = format!("\"{WHOLE}\"");
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-length", "11"),
        ("cache-control", "private, max-age=31536000, immutable"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "inline"),
        ("etag", &tag),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let again = asks(&port, &line, &[("If-None-Match", &tag)], b"").await;
    assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", Some(tag.as_str())));
    let other = asks(&port, &line, &[("If-None-Match", "\"other\"")], b"").await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn what_nobody_may_see_cannot_be_told_from_what_is_not_there() {
    let port = port(|_| {}).await;
    for (path, what) in [
        (format!("other/assets/{WHOLE}"), "book"),
        ("other/assets/no-such-name".to_owned(), "book"),
        ("b1/assets/no-such-name".to_owned(), "asset"),
        ("b1/assets/00000000000000000000000000000000".to_owned(), "asset"),
        ("b1/assets/..%2f..%2fetc%2fpasswd".to_owned(), "asset"),
    ] {
        let answer = asks(&port, &format!("GET /v1/books/{path}"), &[], b"").await;
        assert_eq!((answer.status, answer.json()["what"].as_str()), (404, Some(what)), "{path}");
    }
    assert_eq!(port.get(&format!("/v1/books/b1/assets/{WHOLE}")).await.status, 401);
}

#[tokio::test]
async fn a_picture_that_cannot_be_read_to_its_end_is_no_whole_answer() {
    let port = port(|_| {}).await;
    let mut stream = port.connect().await;
    let (host, token) = (port.host(), port.token());
    let head =
        format!("GET /v1/books/b1/assets/{BROKEN} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // The hub closes, and less has come than was announced.
    let said = read_to_end(&mut stream).await;
    let body = said.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    assert!(body.len() < 11, "{said:?}");
}

#[tokio::test]
async fn whoever_stops_taking_a_picture_is_cut_and_keeps_no_place() {
    // A picture of that size would have years; this one is asked for by somebody who has none of them.
    let port = port(|service| service.sending_deadline = Duration::from_nanos(50)).await;
    let mut stream = port.connect().await;
    let (host, token) = (port.host(), port.token());
    let head =
        format!("GET /v1/books/b1/assets/{ENDLESS} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // Nothing is read.
    let given_up = port.fake.given_up.cancelled();
    tokio::time::timeout(Duration::from_secs(20), given_up).await.expect("the picture is given up");
    // Others are served.
    assert_eq!(asks(&port, &format!("GET /v1/books/b1/assets/{WHOLE}"), &[], b"").await.status, 200);
}
