//! What host applications ask, over a real hub.

use std::sync::Arc;

use quire::auth::{ServiceKeys, Verifier};
use quire::clock::Clock;
use quire::hub::{Hub, Parts};
use quire::server::HostAccess;
use quire::store::memory::Memory;
use quire_protocol::{Limits, Timers};
use serde_json::{Value, json};

use super::harness::{Answer, Port, port};

pub(super) const SECRET: &str = "the secret of a host that is long enough";
const NEXT: &str = "the secret that takes its place some day";
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A hub on an empty store that lets host applications in.
pub(super) async fn hosting(limits: Limits) -> Port {
    let clock = Clock::system();
    let hub = Hub::new(Parts {
        store: Arc::new(Memory::seeded(clock.clone(), 7)),
        shared: None,
        clock,
        limits: limits.clone(),
        timers: Timers::default(),
        verifier: Arc::new(Verifier::new(Vec::new(), limits.name_chars)),
        scribe: None,
        press: None,
        calls: None,
        library: None,
    });
    let keys = ServiceKeys::read(format!("{SECRET}\n{NEXT}\n").as_bytes()).ok().unwrap();
    port(|service| service.host = Some(HostAccess::new(hub, keys))).await
}

async fn ask_as(port: &Port, secret: &str, line: &str, body: &Value) -> Answer {
    let authorization = format!("Bearer {secret}");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    port.request(line, &[JSON, ("Authorization", &authorization)], body.as_bytes()).await
}

async fn ask(port: &Port, line: &str, body: Value) -> Answer {
    ask_as(port, SECRET, line, &body).await
}

async fn asks(port: &Port, line: &str) -> Value {
    let answer = ask(port, line, Value::Null).await;
    assert_eq!(answer.status, 200, "{line}: {answer:?}");
    answer.json()
}

/// Does it, and says what came of it.
async fn does(port: &Port, line: &str, body: Value) -> Value {
    let answer = ask(port, line, body).await;
    assert!(matches!(answer.status, 200 | 204), "{line}: {answer:?}");
    if answer.status == 204 { Value::Null } else { answer.json() }
}

/// Ann owns Moby-Dick and ben is a user of the library.
async fn town() -> Port {
    let port = hosting(Limits::default()).await;
    does(&port, "PUT /v1/users/ben@example.org", json!({"user": "ben", "name": "Ben", "country": "de"})).await;
    let owner = json!({"user": "ann", "name": "Ann", "email": "ann@example.org"});
    let book = json!({"title": "Moby-Dick", "owner": owner, "metadata": {"categories": ["Sea"]}});
    does(&port, "PUT /v1/books/moby", book).await;
    port
}

#[tokio::test]
async fn a_service_token_is_needed_and_nobody_elses_will_do() {
    let port = hosting(Limits::default()).await;
    let users = port.token();
    for line in
        ["GET /v1/users", "PUT /v1/books/b1", "GET /v1/can?user=u&action=view&book=b1", "DELETE /v1/users/a@b.org"]
    {
        for secret in [&users, &SECRET[1..], "", "x"] {
            let answer = ask_as(&port, secret, line, &Value::Null).await;
            assert_eq!((answer.status, answer.code().as_str()), (401, "unauthenticated"), "{line}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        }
        assert_eq!(port.request(line, &[], b"").await.status, 401, "{line}");
    }
    for secret in [SECRET, NEXT] {
        assert_eq!(ask_as(&port, secret, "GET /v1/users", &Value::Null).await.status, 200);
        // It is no user's: no book opens to it, and no socket.
        let preview = ask_as(&port, secret, "GET /v1/books/b1/preview", &Value::Null).await;
        assert_eq!(preview.status, 401);
        let (socket, _) = port.handshake(&[("Authorization", &format!("Bearer {secret}"))]).await;
        assert_eq!(socket.status, 401);
    }
}

#[tokio::test]
async fn without_a_service_token_there_is_nothing() {
    let port = port(|_| {}).await;
    let unknown = ask(&port, "GET /v1/no/such", Value::Null).await;
    assert_eq!((unknown.status, unknown.json()["what"].as_str()), (404, Some("path")));
    for line in ["GET /v1/users", "DELETE /v1/users", "PUT /v1/books/b1", "GET /v1/can", "POST /v1/can"] {
        let answer = ask(&port, line, Value::Null).await;
        assert_eq!((answer.status, answer.body), (404, unknown.body.clone()), "{line}");
    }
}

#[tokio::test]
async fn each_key_has_its_own_share() {
    let port = hosting(Limits { host_requests_per_second: 2, ..Limits::default() }).await;
    let mut refused = None;
    for _ in 0..50 {
        let answer = ask(&port, "GET /v1/users", Value::Null).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("two in a second are not fifty at once");
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(ask_as(&port, NEXT, "GET /v1/users", &Value::Null).await.status, 200);
}

#[tokio::test]
async fn users_are_put_listed_given_and_removed() {
    let port = hosting(Limits::default()).await;
    let ann = json!({"user": "ann", "name": "Ann Lee", "country": "de", "role": "Author"});
    let row = does(&port, "PUT /v1/users/Ann%40Example.org", ann.clone()).await;
    assert_eq!(
        (&row["email"], &row["user"], &row["state"]),
        (&json!("ann@example.org"), &json!("ann"), &json!("joined"))
    );
    assert_eq!(does(&port, "PUT /v1/users/ann@example.org", ann).await, row);
    for name in ["ben", "eve"] {
        does(&port, &format!("PUT /v1/users/{name}@example.org"), json!({"name": name, "country": "KE"})).await;
    }
    let page = asks(&port, "GET /v1/users?countries=KE,FR&limit=1").await;
    assert_eq!((&page["total"], &page["users"][0]["email"]), (&json!(2), &json!("ben@example.org")));
    let next = format!("GET /v1/users?countries=KE&limit=1&cursor={}", page["cursor"].as_str().unwrap());
    let next = asks(&port, &next).await;
    assert_eq!((&next["users"][0]["email"], &next["cursor"]), (&json!("eve@example.org"), &Value::Null));
    assert_eq!(asks(&port, "GET /v1/users?search=LEE&roles=author&state=joined").await["total"], 1);
    let grants = json!({"grants": [{"permission": "edit", "books": {"categories": ["Sea"]}}]});
    assert_eq!(does(&port, "PUT /v1/users/ann@example.org/grants", grants.clone()).await, grants);
    assert_eq!(asks(&port, "GET /v1/users/ann@example.org/grants").await, grants);
    assert_eq!(asks(&port, "GET /v1/users/ann@example.org").await["grants"], grants["grants"]);
    does(&port, "DELETE /v1/users/ann@example.org", Value::Null).await;
    let gone = ask(&port, "GET /v1/users/ann@example.org", Value::Null).await;
    assert_eq!((gone.status, gone.json()["what"].as_str()), (404, Some("user")));
}

#[tokio::test]
async fn books_are_put_shelved_listed_and_deleted() {
    let port = town().await;
    let put =
        json!({"title": "Moby-Dick", "owner": {"user": "ann", "name": "Ann"}, "metadata": {"categories": ["Sea"]}});
    let book = does(&port, "PUT /v1/books/moby", put).await;
    assert_eq!(book["owner"], json!({"user": "ann", "name": "Ann"}));
    assert_eq!((&book["shelved"], &book["chapters"]), (&json!(false), &json!([])));
    let taken =
        ask(&port, "PUT /v1/books/moby", json!({"title": "Typee", "owner": {"user": "ann", "name": "Ann"}})).await;
    assert_eq!((taken.status, taken.code().as_str()), (409, "id_taken"));
    assert_eq!(asks(&port, "GET /v1/books").await["total"], 0);
    for _ in 0..2 {
        does(&port, "PUT /v1/books/moby/shelved", Value::Null).await;
    }
    let page = asks(&port, "GET /v1/books?category=sea&search=moby").await;
    let row = json!({"id": "moby", "title": "Moby-Dick", "categories": ["Sea"], "state": "draft", "owner": {"user": "ann", "name": "Ann"}});
    assert_eq!(page, json!({"books": [row], "total": 1, "cursor": null}));
    assert_eq!(asks(&port, "GET /v1/books/moby").await["shelved"], true);
    does(&port, "DELETE /v1/books/moby/shelved", Value::Null).await;
    assert_eq!(asks(&port, "GET /v1/books").await["total"], 0);
    // Whom the library knows need not be named.
    let owned = does(&port, "PUT /v1/books/typee", json!({"title": "Typee", "owner": {"user": "ben"}})).await;
    assert_eq!(owned["owner"]["name"], "Ben");
    assert_eq!(ask(&port, "DELETE /v1/books/moby?forever=true", Value::Null).await.code(), "conflict");
    for _ in 0..2 {
        does(&port, "DELETE /v1/books/moby", Value::Null).await;
    }
    assert_eq!(ask(&port, "GET /v1/books/moby", Value::Null).await.status, 404);
    for _ in 0..2 {
        does(&port, "DELETE /v1/books/moby/trashed", Value::Null).await;
    }
    assert_eq!(asks(&port, "GET /v1/books/moby").await["title"], "Moby-Dick");
    does(&port, "DELETE /v1/books/moby", Value::Null).await;
    does(&port, "DELETE /v1/books/moby?forever=true", Value::Null).await;
    for line in [
        "GET /v1/books/moby",
        "DELETE /v1/books/moby",
        "DELETE /v1/books/moby/trashed",
        "GET /v1/books/moby/members",
        "GET /v1/books/never",
    ] {
        let gone = ask(&port, line, Value::Null).await;
        assert_eq!((gone.status, gone.json()["what"].as_str()), (404, Some("book")), "{line}");
    }
}

#[tokio::test]
async fn members_are_put_and_removed_and_questions_answered() {
    let port = town().await;
    let can = async |user: &str, action: &str| {
        asks(&port, &format!("GET /v1/can?user={user}&action={action}&book=moby")).await["allowed"].as_bool().unwrap()
    };
    assert!(!can("ben", "view").await);
    let ben = does(&port, "PUT /v1/books/moby/members/ben", json!({"role": "editor"})).await;
    assert_eq!(ben, json!({"user": "ben", "name": "Ben", "email": "ben@example.org", "role": "editor"}));
    assert!(can("ben", "edit_text").await && !can("ben", "audit").await && can("ann", "audit").await);
    does(&port, "PUT /v1/books/moby/members/ben", json!({"role": "viewer"})).await;
    assert!(!can("ben", "edit_text").await);
    let members = asks(&port, "GET /v1/books/moby/members").await;
    assert_eq!(members["members"].as_array().unwrap().len(), 2);
    // Who is not let in may do nothing, whatever they are.
    let resting = json!({"user": "ben", "name": "Ben", "active": false});
    does(&port, "PUT /v1/users/ben@example.org", resting).await;
    assert!(!can("ben", "view").await);
    does(&port, "DELETE /v1/books/moby/members/ben", Value::Null).await;
    does(&port, "PUT /v1/users/ben@example.org", json!({"user": "ben", "name": "Ben"})).await;
    does(&port, "PUT /v1/users/ben@example.org/grants", json!({"grants": [{"permission": "download"}]})).await;
    assert!(!can("ben", "download").await, "the book is not in the library");
    does(&port, "PUT /v1/books/moby/shelved", Value::Null).await;
    assert!(can("ben", "download").await);
    let question = |user: &str, book: &str| json!({"user": user, "action": "download", "book": book});
    let questions =
        [question("ann", "moby"), question("zoe", "moby"), question("ann", "never"), question("ben", "moby")];
    let said = does(&port, "POST /v1/can", json!({"questions": questions})).await;
    let said: Vec<_> = said["answers"].as_array().unwrap().iter().map(|answer| &answer["allowed"]).collect();
    assert_eq!(said, [true, false, false, true]);
    let many = ask(&port, "POST /v1/can", json!({"questions": vec![question("ann", "moby"); 101]})).await;
    assert_eq!((many.status, many.json()["max"].as_u64()), (413, Some(100)));
}

#[tokio::test]
async fn bad_questions_are_problems_that_name_what_is_wrong() {
    let port = town().await;
    let owner = json!({"user": "ann", "name": "Ann"});
    let cases: [(&str, Value, u16, &str); 17] = [
        ("GET /v1/users?state=gone", Value::Null, 400, "state"),
        ("GET /v1/users?limit=many", Value::Null, 400, "limit"),
        ("GET /v1/users?colour=red", Value::Null, 400, "colour"),
        ("GET /v1/users?countries=Atlantis", Value::Null, 400, "countries"),
        ("GET /v1/can?user=ann&book=moby", Value::Null, 400, "query"),
        ("GET /v1/can?user=ann&book=moby&action=fly", Value::Null, 400, "action"),
        ("GET /v1/books/b%2f1", Value::Null, 400, "book"),
        ("GET /v1/books/%ff", Value::Null, 400, "path"),
        ("PUT /v1/users/nobody", json!({}), 400, "email"),
        ("PUT /v1/users/a@b.org", json!({"name": 7}), 400, "name"),
        ("PUT /v1/users/a@b.org", json!({"nme": "A"}), 400, "nme"),
        ("PUT /v1/users/a@b.org", json!({"user": "u"}), 400, "name"),
        ("PUT /v1/books/b2", json!({"owner": owner}), 400, ""),
        ("PUT /v1/books/b2", json!({"title": "  ", "owner": owner}), 400, "title"),
        ("PUT /v1/books/b2", json!({"title": "T", "owner": {"user": "zoe"}}), 400, "owner.name"),
        ("PUT /v1/books/moby/members/zoe", json!({"role": "owner", "name": "Zoe"}), 400, "role"),
        ("PUT /v1/books/moby/members/zoe", json!({"role": "boss"}), 400, "role"),
    ];
    for (line, body, status, field) in cases {
        let answer = ask(&port, line, body).await;
        let problem = answer.json();
        assert_eq!((answer.status, problem["field"].as_str()), (status, Some(field)), "{line}: {problem}");
        let said = (&problem["type"], &problem["title"], &problem["status"], &problem["code"]);
        let expected = (&json!("urn:quire:problem:invalid"), &json!("Invalid"), &json!(400), &json!("invalid"));
        assert_eq!(said, expected);
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{problem}");
    }
    let authorization = format!("Bearer {SECRET}");
    let broken =
        port.request("PUT /v1/users/a@b.org", &[JSON, ("Authorization", &authorization)], b"{\"name\": ").await;
    assert_eq!((broken.status, broken.code().as_str()), (400, "invalid"));
    let form = port.request("PUT /v1/users/a@b.org", &[("Authorization", &authorization)], b"name=A").await;
    assert_eq!(form.status, 415);
    let large = json!({"name": "n".repeat(256 * 1024)});
    let large = ask(&port, "PUT /v1/users/a@b.org", large).await;
    assert_eq!((large.status, large.json()["limit"].as_str()), (413, Some("body")));
    let wrong = ask(&port, "POST /v1/users/a@b.org", json!({})).await;
    assert_eq!((wrong.status, wrong.json()["field"].as_str()), (405, Some("method")));
    assert_eq!(wrong.header("content-type"), Some("application/problem+json"));
    let allow: Vec<_> = wrong.header("allow").unwrap_or_default().split(',').collect();
    assert_eq!(allow, ["GET", "HEAD", "PUT", "DELETE"]);
}
