//! The report of a book over HTTP: which days may be asked for, and what an answer looks like.

use quire::clock::Clock;
use quire_protocol::Timestamp;

use super::audit::{asks, unchunked};
use super::harness::port;

/// Midnight, 1 January 2026, milliseconds.
const NEW_YEAR: u64 = 1_767_225_600_000;

#[tokio::test]
async fn a_report_comes_as_json() {
    let port = port(|_| {}).await;
    let answer = asks(&port, "b1/report?from=2026-01-01&to=2026-01-07").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let named = "attachment; filename=\"Moby-Dick - report 2026-01-01 to 2026-01-07.json\"; \
        filename*=UTF-8''Moby%2DDick%20%2D%20report%202026%2D01%2D01%20to%202026%2D01%2D07.json";
    assert_eq!(answer.header("content-disposition"), Some(named));
    let (body, ended) = unchunked(&answer.body);
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    let nobody = serde_json::json!({"day": "2026-01-01", "user": null, "tabs": 0, "holds": 0, "held_ms": 0,
        "releases": {}, "comments": 0, "resolved": 0, "chapters_added": 3, "chapters_removed": 0, "versions": 3,
        "words_added": 0, "words_removed": 0});
    let ann = serde_json::json!({"day": "2026-01-01", "user": {"id": "u1", "name": "@Ann"}, "tabs": 1, "holds": 2,
        "held_ms": 90_000, "releases": {"forced": 2}, "comments": 4, "resolved": 0, "chapters_added": 0,
        "chapters_removed": 0, "versions": 0, "words_added": 120, "words_removed": 0});
    let expected = serde_json::json!({"from": "2026-01-01", "to": "2026-01-07", "at": "2026-01-01T00:00:00.007Z",
        "rows": [nobody, ann]});
    assert_eq!((told, ended), (expected, true));
}

#[tokio::test]
async fn a_report_comes_as_a_table() {
    let port = port(|_| {}).await;
    let answer = asks(&port, "b1/report?format=csv&from=2026-01-01&to=2026-01-01").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    let (body, _) = unchunked(&answer.body);
    let expected = "day,user,name,tabs,holds,held_ms,released_released,released_disconnected,released_idle,\
        released_forced,released_handed_over,released_moved,released_permission_changed,released_chapter_removed,\
        released_book_deleted,released_replica_lost,released_restored,released_mode_changed,comments,resolved,\
        chapters_added,chapters_removed,versions,words_added,words_removed\r\n\
        2026-01-01,,,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,3,0,3,0,0\r\n\
        2026-01-01,u1,'@Ann,1,2,90000,0,0,0,2,0,0,0,0,0,0,0,0,4,0,0,0,0,120,0\r\n";
    assert_eq!(body, expected);
}

#[tokio::test]
async fn who_may_not_know_and_periods_without_end_are_refused() {
    let port = port(|service| service.clock = Clock::starting_at(Timestamp(NEW_YEAR))).await;
    // Tokens are as old as the clock says.
    let bearer = format!("Bearer {}", port.token_at(Timestamp(NEW_YEAR)));
    let asks = async |path: &str| {
        port.request(&format!("GET /v1/books/{path}"), &[("Authorization", bearer.as_str())], b"").await
    };
    for (path, status, code) in [
        ("read/report", 403, "forbidden"),
        ("other/report", 404, "not_found"),
        ("b1/report?from=2025-01-01&to=2026-01-02", 413, "too_large"),
        ("b1/report?from=2026-01-02&to=2026-01-01", 400, "invalid"),
        ("b1/report?from=soon", 400, "invalid"),
        ("b1/report?format=pdf", 400, "invalid"),
    ] {
        let answer = asks(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path}");
    }
    let usual = unchunked(&asks("b1/report").await.body).0;
    assert!(usual.starts_with(r#"{"from":"2025-12-03","to":"2026-01-01","#), "{usual}");
    assert_eq!(port.get("/v1/books/b1/report").await.status, 401);
}
