//! The audit log over HTTP: what may be asked, and what an answer looks like.

use std::time::Duration;

use quire::audit::Wanted;
use quire::hub::audit::Asked;
use quire_protocol::{Seq, Timestamp, UserId};
use tokio::io::AsyncWriteExt as _;

use super::harness::{Answer, Port, port, read_to_end};

/// Midnight, 1 January 2026, milliseconds.
const NEW_YEAR: u64 = 1_767_225_600_000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

pub(super) async fn asks(port: &Port, path: &str) -> Answer {
    let bearer = format!("Bearer {}", port.token());
    port.request(&format!("GET /v1/books/{path}"), &[("Authorization", bearer.as_str())], b"").await
}

/// The body of an answer that comes in chunks, and whether its end was said.
pub(super) fn unchunked(body: &str) -> (String, bool) {
    let (mut whole, mut rest) = (String::new(), body);
    while let Some((size, more)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a chunk says how long it is");
        if size == 0 {
            return (whole, true);
        }
        let Some(chunk) = more.get(..size) else { break };
        whole.push_str(chunk);
        rest = more[size..].trim_start_matches("\r\n");
    }
    (whole, false)
}

#[tokio::test]
async fn rows_come_as_lines_of_json() {
    let port = port(|_| {}).await;
    let answer = asks(&port, "b1/audit").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-ndjson")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let named = "attachment; filename=\"Moby-Dick - audit log.ndjson\"; \
        filename*=UTF-8''Moby%2DDick%20%2D%20audit%20log.ndjson";
    assert_eq!(answer.header("content-disposition"), Some(named));
    let (body, ended) = unchunked(&answer.body);
    assert!(ended);
    let rows: Vec<serde_json::Value> = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let changed = serde_json::json!({"seq": 7, "at": "2026-01-01T00:00:00.007Z", "what": "member.role_changed",
        "who": {"id": "u1", "name": "=HYPERLINK(\"x\")"}, "member": {"id": "u2", "name": "Ben"},
        "role": {"from": "viewer", "to": "editor"}});
    let released = serde_json::json!({"seq": 9, "at": "2026-01-01T00:00:00.007Z", "what": "lock.released",
        "who": {"system": "idle"}, "chapter": {"id": "c1", "title": "Loomings, or \"The\" start"},
        "reason": "idle", "detail": {"fields": ["title", "isbn"]}});
    assert_eq!(rows, [changed, released]);
}

#[tokio::test]
async fn a_table_computes_nothing() {
    let port = port(|_| {}).await;
    let answer = asks(&port, "b1/audit?format=csv").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    let (body, ended) = unchunked(&answer.body);
    assert!(ended);
    let expected = "seq,at,who,who_name,system,what,chapter,chapter_title,member,member_name,address,role_from,role_to,\
        reason,note,detail\r\n\
        7,2026-01-01T00:00:00.007Z,u1,\"'=HYPERLINK(\"\"x\"\")\",,member.role_changed,,,u2,Ben,,viewer,editor,,,\r\n\
        9,2026-01-01T00:00:00.007Z,,,idle,lock.released,c1,\"Loomings, or \"\"The\"\" start\",,,,,,idle,,\
        \"title, isbn\"\r\n";
    assert_eq!(body, expected);
}

#[tokio::test]
async fn what_is_asked_reaches_the_hub_and_nonsense_is_refused_by_its_name() {
    let port = port(|service| service.limits.list_rows = 50).await;
    asks(&port, "b1/audit?from=2026-01-01&to=2026-01-02&after=4&before=90&limit=70&person=u1&kind=member").await;
    asks(&port, "b1/audit?order=newest").await;
    asks(&port, "b1/audit?order=newest&limit=70").await;
    let wanted = Wanted {
        from: Some(Timestamp(NEW_YEAR)),
        until: Some(Timestamp(NEW_YEAR + 2 * DAY_MS)),
        after: Some(Seq(4)),
        before: Some(Seq(90)),
        person: Some(UserId::new("u1").unwrap()),
        kind: Some("member".into()),
    };
    let asked: Vec<Asked> = port.fake.asked.lock().unwrap().drain(..).collect();
    assert_eq!((&asked[0].wanted, asked[0].limit, asked[0].newest_first), (&wanted, Some(70), false));
    assert!(asked[1..].iter().all(|asked| asked.limit == Some(50) && asked.newest_first), "{asked:?}");
    for (question, field) in [
        ("format=xml", "format"),
        ("order=best", "order"),
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("after=-1", "after"),
        ("before=x", "before"),
        ("limit=1.5", "limit"),
        ("person=%00", "person"),
    ] {
        let answer = asks(&port, &format!("b1/audit?{question}")).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some(field)), "{question}");
    }
}

#[tokio::test]
async fn whoever_may_not_know_is_told_so_before_a_row_is_sent() {
    let port = port(|_| {}).await;
    for (path, status, code) in [
        ("read/audit", 403, "forbidden"),
        ("other/audit", 404, "not_found"),
        ("gone/audit", 404, "not_found"),
        ("b%2f1/audit", 400, "invalid"),
    ] {
        let answer = asks(&port, path).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path}");
    }
    assert_eq!(port.get("/v1/books/b1/audit").await.status, 401);
}

#[tokio::test]
async fn a_right_that_ends_breaks_the_answer_off() {
    let port = port(|_| {}).await;
    let answer = asks(&port, "revoked/audit").await;
    let (body, ended) = unchunked(&answer.body);
    assert_eq!((answer.status, body.lines().count(), ended), (200, 2, false), "the end is not said");
}

#[tokio::test]
async fn whoever_stops_taking_rows_is_cut() {
    let port = port(|service| service.sending_deadline = Duration::from_millis(200)).await;
    let mut stream = port.connect().await;
    let (host, token) = (port.host(), port.token());
    let head = format!("GET /v1/books/endless/audit HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // Nothing is read.
    let given_up = port.fake.given_up.cancelled();
    tokio::time::timeout(Duration::from_secs(20), given_up).await.expect("the list is given up");
    drop(read_to_end(&mut stream).await);
    assert_eq!(asks(&port, "b1/audit").await.status, 200, "others are served");
}

#[tokio::test]
async fn the_library_s_log_is_told_in_the_same_ways() {
    let port = port(|_| {}).await;
    let bearer = format!("Bearer {}", port.token());
    let headers = [("Authorization", bearer.as_str())];
    let answer = port.request("GET /v1/library/audit?kind=book&order=newest", &headers, b"").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-ndjson")));
    let asked = port.fake.asked.lock().unwrap().pop().unwrap();
    assert_eq!((asked.wanted.kind.as_deref(), asked.newest_first), (Some("book"), true));
    let rows: Vec<serde_json::Value> =
        unchunked(&answer.body).0.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let published = serde_json::json!({"seq": 7, "at": "2026-01-01T00:00:00.007Z", "what": "book.state_changed",
        "who": {"system": "host"}, "book": {"id": "b1", "title": "Moby-Dick"}, "note": "It is ready",
        "state": {"from": {"state": "approved"}, "to": {"state": "published"}}});
    assert_eq!(rows[0], published);
    let grants = serde_json::json!({"given": [{"permission": "list", "books": {"own": true}}],
        "taken": [{"permission": "upload"}]});
    assert_eq!(rows[1]["detail"]["grants"], grants);

    let answer = port.request("GET /v1/library/audit?format=csv", &headers, b"").await;
    let table = "seq,at,who,who_name,system,what,address,user,user_name,book,book_title,state_from,state_to,note,detail\r\n\
        7,2026-01-01T00:00:00.007Z,,,host,book.state_changed,,,,b1,Moby-Dick,approved,published,It is ready,\r\n\
        7,2026-01-01T00:00:00.007Z,u1,\"'=HYPERLINK(\"\"x\"\")\",,user.granted,ben@x,u2,Ben,,,,,,\"given \
        [{\"\"permission\"\":\"\"list\"\",\"\"books\"\":{\"\"own\"\":true}}]; taken [{\"\"permission\"\":\"\"upload\"\"}]\"\r\n";
    assert_eq!((answer.status, unchunked(&answer.body)), (200, (table.to_owned(), true)));
    assert_eq!(port.get("/v1/library/audit").await.status, 401);
}
