//! Probes, the page, and the endpoints beside the socket.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use quire::clock::Clock;
use quire::config::Caller;
use quire::import::{Brought, Stage, Tell, import_remotely};
use quire::mail::{Kept, Letter, Post as _, Words};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::harness::{Port, port, read_head, small_epub};

type Headers<'a> = &'a [(&'a str, &'a str)];

const JSON: (&str, &str) = ("Content-Type", "application/json");
const ANN: &[u8] = br#"{"email":"ann@example.org","name":"Ann"}"#;

#[tokio::test]
async fn probes_answer() {
    let port = port(|_| {}).await;
    assert_eq!(port.get("/healthz").await.status, 200);
    assert_eq!(port.get("/readyz").await.status, 200);
    port.fake.ready.store(false, Ordering::SeqCst);
    assert_eq!(port.get("/readyz").await.status, 503);
    assert_eq!(port.get("/healthz").await.status, 200);
    let metrics = port.get("/metrics").await.body;
    assert!(metrics.contains(r#"quire_http_requests_total{route="/readyz",status="503"}"#), "{metrics}");
}

#[tokio::test]
async fn the_page_is_locked_down_and_never_stale() {
    let port = port(|_| {}).await;
    let page = port.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let again = port.request("GET /", &[("If-None-Match", page.header("etag").unwrap())], b"").await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    for path in ["/no/such", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "/v1/no/such"] {
        assert_eq!(port.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_development_token_opens_the_door() {
    let port = port(|_| {}).await;
    let answer = port.request("POST /v1/dev/token", &[JSON], ANN).await;
    assert_eq!(answer.status, 200);
    let bearer = format!("Bearer {}", answer.json()["token"].as_str().unwrap());
    let preview = port.request("GET /v1/books/b1/preview", &[("Authorization", &bearer)], b"").await;
    assert_eq!((preview.status, preview.body.as_str()), (200, "preview"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn development_tokens_are_for_this_machine_and_its_own_page() {
    let port = port(|_| {}).await;
    let number = port.address.port();
    let (own, v6) = (format!("http://localhost:{number}"), format!("[::1]:{number}"));
    let rebound = format!("evil.example:{number}");
    let rebound_origin = format!("http://{rebound}");
    let cases: [(Headers<'_>, &[u8], u16); 13] = [
        (&[JSON, ("Origin", &own)], ANN, 200),
        (&[("Content-Type", "application/json; charset=utf-8"), ("Host", &v6)], ANN, 200),
        (&[JSON, ("Host", "127.0.0.2")], ANN, 200),
        (&[JSON, ("Host", &rebound)], ANN, 403),
        (&[JSON, ("Host", &rebound), ("Origin", &rebound_origin)], ANN, 403),
        (&[JSON, ("Host", "localhost.evil.example")], ANN, 403),
        (&[JSON, ("Origin", "https://books.example")], ANN, 403),
        (&[JSON, ("Origin", "null")], ANN, 403),
        (&[("Content-Type", "text/plain")], ANN, 415),
        (&[], ANN, 415),
        (&[JSON, ("Content-Encoding", "gzip")], ANN, 415),
        (&[JSON], br#"{"email":"nobody"}"#, 400),
        (&[JSON], br#"{"name":"Ann"}"#, 400),
    ];
    for (headers, body, status) in cases {
        let answer = port.request("POST /v1/dev/token", headers, body).await;
        assert_eq!(answer.status, status, "{headers:?}: {answer:?}");
        assert_eq!(answer.status == 200, answer.json().get("token").is_some());
    }
    assert_eq!(port.request("GET /v1/dev/token", &[JSON], b"").await.status, 405);
}

#[tokio::test]
async fn there_are_no_development_tokens_outside_development_mode() {
    let port = port(|service| service.dev_keys = None).await;
    assert_eq!(port.request("POST /v1/dev/token", &[JSON], ANN).await.status, 404);
}

#[tokio::test]
async fn bodies_have_limits_announced_or_not() {
    let port = port(|_| {}).await;
    let body = |bytes: usize| format!("{{\"email\":\"a@b\",\"name\":\"{}\"}}", "n".repeat(bytes - 25)).into_bytes();
    assert_eq!(body(4096).len(), 4096);
    assert_eq!(port.request("POST /v1/dev/token", &[JSON], &body(4096)).await.status, 200);
    let refused = port.request("POST /v1/dev/token", &[JSON], &body(4097)).await;
    assert_eq!((refused.status, refused.code().as_str()), (413, "too_large"));
    let chunked = [format!("{:x}\r\n", 4097).as_bytes(), &body(4097), b"\r\n0\r\n\r\n"].concat();
    let headers = [JSON, ("Transfer-Encoding", "chunked")];
    assert_eq!(port.request("POST /v1/dev/token", &headers, &chunked).await.status, 413);
    let announced = [("Content-Length", "67108865"), ("Authorization", &format!("Bearer {}", port.token()))];
    assert_eq!(port.request("POST /v1/books/import", &announced, b"").await.status, 413);
}

#[tokio::test]
async fn refusals_are_in_the_words_of_the_protocol() {
    let port = port(|_| {}).await;
    let bearer = format!("Bearer {}", port.token());
    let cases = [
        ("/v1/books/b2/preview", 404, "not_found"),
        ("/v1/books/secret/preview", 403, "forbidden"),
        ("/v1/books/busy/preview", 503, "unavailable"),
        ("/v1/books/b%2f1/preview", 400, "invalid"),
    ];
    for (path, status, code) in cases {
        let answer = port.request(&format!("GET {path}"), &[("Authorization", &bearer)], b"").await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path}");
    }
}

#[tokio::test]
async fn bad_tokens_are_refused_and_never_repeated() {
    let port = port(|_| {}).await;
    let good = port.token();
    let tampered = format!("Bearer {}canary", &good[..good.len() - 6]);
    for authorization in
        [None, Some("Bearer canary"), Some("Basic canary"), Some("canary"), Some("Bearer "), Some(&*tampered)]
    {
        let headers: Vec<_> = authorization.iter().map(|value| ("Authorization", *value)).collect();
        for line in ["GET /v1/books/b1/preview", "POST /v1/books/import"] {
            let answer = port.request(line, &headers, b"").await;
            assert_eq!((answer.status, answer.code().as_str()), (401, "unauthenticated"), "{authorization:?}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert!(!answer.body.contains("canary"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn listed_origins_get_cors_and_others_get_nothing() {
    let port = port(|_| {}).await;
    let path = "/v1/books/b1/preview";
    let bearer = format!("Bearer {}", port.token());
    let ask = async |port: &Port, method: &str, origin: &str| {
        let headers =
            [("Authorization", bearer.as_str()), ("Origin", origin), ("Access-Control-Request-Method", "GET")];
        port.request(&format!("{method} {path}"), &headers, b"").await
    };
    let listed = ask(&port, "GET", "https://books.example").await;
    assert_eq!((listed.status, listed.header("access-control-allow-origin")), (200, Some("https://books.example")));
    let preflight = ask(&port, "OPTIONS", "https://books.example").await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (204, Some("GET, POST")));
    for method in ["GET", "OPTIONS"] {
        let foreign = ask(&port, method, "https://evil.example").await;
        assert_eq!((foreign.status, foreign.header("access-control-allow-origin")), (403, None));
    }
}

#[tokio::test]
async fn an_import_is_read_and_owned_by_the_caller() {
    let port = port(|_| {}).await;
    let bearer = format!("Bearer {}", port.token());
    let headers = [("Authorization", bearer.as_str())];
    let refused = port.request("POST /v1/books/import", &headers, b"\x00\x01\xfe\xff").await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "invalid"));
    let answer = port.request("POST /v1/books/import", &headers, &small_epub()).await;
    assert_eq!((answer.status, answer.json()["book"].as_str()), (200, Some("new")), "{answer:?}");
    {
        let imported = port.fake.imported.lock().unwrap();
        let [(identity, book)] = imported.as_slice() else { panic!("one import") };
        assert_eq!((identity.email.as_deref(), book.title.as_str()), (Some("ann@example.org"), "A Small Book"));
    }
    // The name tells what its bytes do not; what cannot be kept is said.
    let text = b"# Loomings\n\nCall me ![a whale](w.png) Ishmael.\n\n# The Carpet-Bag\n\nI stuffed a shirt.\n";
    let answer = port.request("POST /v1/books/import?name=moby.md", &headers, text).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.json()["report"][0].as_str().is_some_and(|loss| loss.contains("image")), "{answer:?}");
    let imported = port.fake.imported.lock().unwrap();
    let titles: Vec<&str> = imported[1].1.chapters.iter().map(|chapter| chapter.title.as_str()).collect();
    assert_eq!(titles, ["Loomings", "The Carpet-Bag"]);
}

/// What an import says, line by line.
async fn lines(port: &Port, name: &str, file: &[u8]) -> (u16, Vec<serde_json::Value>) {
    let bearer = format!("Bearer {}", port.token());
    let headers = [("Authorization", bearer.as_str()), ("Accept", "text/html, Application/X-NDJSON;q=0.9")];
    let answer = port.request(&format!("POST /v1/books/import?name={name}"), &headers, file).await;
    // In chunks: lines of data, between those their lengths.
    let lines = answer.body.lines().filter(|line| line.starts_with('{'));
    (answer.status, lines.map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[tokio::test]
async fn an_import_tells_how_far_it_is_to_those_who_take_lines() {
    let port = port(|_| {}).await;
    let (status, told) = lines(&port, "small.epub", &small_epub()).await;
    let (last, before) = told.split_last().unwrap();
    assert_eq!((status, last), (200, &serde_json::json!({"book": "new", "report": []})));
    assert_eq!(before.last(), Some(&serde_json::json!({"stage": "chapters", "done": 0, "of": 1})), "{told:?}");
    let (status, told) = lines(&port, "nothing", b"\x00\x01\xfe\xff").await;
    let last = told.last().unwrap();
    assert_eq!((status, last["code"].as_str(), last["stage"].as_str()), (200, Some("invalid"), None), "{told:?}");
    assert!(last["detail"].is_string() && last["type"] == "urn:quire:problem:invalid", "{last}");
    let refused = port.request("POST /v1/books/import", &[("Accept", "application/x-ndjson")], b"").await;
    assert_eq!((refused.status, refused.code().as_str()), (401, "unauthenticated"), "before the work begins");
}

#[tokio::test]
async fn an_import_ends_when_its_caller_hangs_up() {
    for (accept, sign) in [("application/x-ndjson", "\"chapters\""), ("*/*", "")] {
        let port = port(|_| {}).await;
        let fake = &port.fake;
        fake.imports.forget_permits(100);
        let (file, mut caller) = (small_epub(), port.connect().await);
        let head = format!(
            "POST /v1/books/import HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nAccept: {accept}\r\n\
            Content-Length: {}\r\n\r\n",
            port.host(),
            port.token(),
            file.len()
        );
        caller.write_all(&[head.as_bytes(), &file].concat()).await.unwrap();
        let mut heard = String::new();
        while !heard.contains(sign) {
            heard.push(char::from(caller.read_u8().await.unwrap()));
        }
        while fake.imported.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(!fake.given_up.is_cancelled());
        drop(caller);
        fake.given_up.cancelled().await;
    }
}

#[tokio::test]
async fn slow_uploads_are_in_nobodys_way() {
    let port = port(|_| {}).await;
    let bearer = format!("Bearer {}", port.token());
    let mut slow = Vec::new();
    for _ in 0..8 {
        let mut upload = port.connect().await;
        let head = format!(
            "POST /v1/books/import HTTP/1.1\r\nHost: {}\r\nAuthorization: {bearer}\r\nContent-Length: 1000000\r\n\
            Expect: 100-continue\r\n\r\n",
            port.host()
        );
        upload.write_all(head.as_bytes()).await.unwrap();
        let go_on = read_head(&mut upload).await;
        assert!(go_on.starts_with("HTTP/1.1 100 "), "the body is waited for: {go_on}");
        slow.push(upload);
    }
    let answer = port.request("POST /v1/books/import", &[("Authorization", &bearer)], &small_epub()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn the_command_line_imports_through_a_running_hub() {
    let port = port(|_| {}).await;
    let url = format!("http://{}/", port.address);
    let told: Arc<Mutex<Vec<Stage>>> = Arc::default();
    let import = |caller: Caller, file: Vec<u8>| {
        let url = url.clone();
        let told = Arc::clone(&told);
        let tell: Tell = Arc::new(move |progress| told.lock().unwrap().push(progress.stage));
        let import = move || import_remotely(&url, &caller, "small.epub", &file, &tell);
        tokio::task::spawn_blocking(move || import().map_err(|error| error.to_string()))
    };
    let vouched = import(Caller::Address("Bob@example.org".into()), small_epub()).await.unwrap();
    let brought = || Brought { book: "new".into(), report: Vec::new() };
    assert_eq!(vouched, Ok(brought()));
    assert_eq!(told.lock().unwrap().last(), Some(&Stage::Chapters));
    let by_token = import(Caller::Token(port.token()), small_epub()).await.unwrap();
    assert_eq!(by_token, Ok(brought()));
    let owners: Vec<_> =
        port.fake.imported.lock().unwrap().iter().map(|(identity, _)| identity.email.clone()).collect();
    assert_eq!(owners, [Some("bob@example.org".to_owned()), Some("ann@example.org".to_owned())]);
    let refused = import(Caller::Token("canary".into()), small_epub()).await.unwrap().unwrap_err();
    assert!(refused.contains("You are not signed in") && !refused.contains("canary"), "{refused}");
}

#[tokio::test]
async fn a_book_is_taken_away_as_a_file_and_only_once_while_nothing_changes() {
    let port = port(|_| {}).await;
    let bearer = format!("Bearer {}", port.token());
    let authorized: Headers<'_> = &[("Authorization", &bearer)];
    for (kind, media_type, end) in [
        ("epub", "application/epub+zip", "epub"),
        ("pdf", "application/pdf", "pdf"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        ("html", "text/html; charset=utf-8", "html"),
        ("markdown", "text/markdown; charset=utf-8", "md"),
        ("text", "text/plain; charset=utf-8", "txt"),
    ] {
        let file = port.request(&format!("GET /v1/books/b1/export/{kind}"), authorized, b"").await;
        assert_eq!((file.status, file.body.as_str()), (200, kind));
        assert_eq!(file.header("content-type"), Some(media_type));
        let note = if kind == "pdf" { Some("100 %25 of %E6%BC%A2 is%0Anot shown") } else { None };
        assert_eq!(file.header("quire-note"), note, "{kind}");
        let called = file.header("content-disposition").unwrap();
        assert!(called.starts_with(&format!("attachment; filename=\"Moby-Dick.{end}\"")), "{called}");
        assert_eq!((file.header("etag"), file.header("cache-control")), (Some("\"t1\""), Some("private, no-cache")));
    }
    let known = [("Authorization", bearer.as_str()), ("If-None-Match", "\"t1\"")];
    let again = port.request("GET /v1/books/b1/export/epub", &known, b"").await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let then = port.request("GET /v1/books/b1/export/text?point=7", authorized, b"").await;
    assert_eq!((then.status, then.body.as_str()), (200, "text at 7"));
    for point in ["", "x", "-1", "1.5", "99999999999999999999"] {
        let refused = port.request(&format!("GET /v1/books/b1/export/text?point={point}"), authorized, b"").await;
        assert_eq!(refused.status, 400, "{point}");
        assert!(refused.body.contains("\"field\":\"point\""), "{}", refused.body);
    }
    let preview = port.request("GET /v1/books/b1/preview", authorized, b"").await;
    assert_eq!((preview.body.as_str(), preview.header("content-disposition")), ("preview", None));
    for (path, status) in [("b1/export/preview", 404), ("b1/export/exe", 404), ("b2/export/epub", 404)] {
        assert_eq!(port.request(&format!("GET /v1/books/{path}"), authorized, b"").await.status, status, "{path}");
    }
    assert_eq!(port.request("GET /v1/books/b1/export/epub", &[], b"").await.status, 401);
}

#[tokio::test]
async fn letters_of_development_mode_are_shown_to_this_machine_only() {
    let kept = Arc::new(Kept::new(Clock::system()));
    let words = Words {
        subject: "<b>Sign in".into(),
        before: vec!["To Ann & Ben".into()],
        link_says: "Sign in".into(),
        link: "https://books.example/signin#token=a".into(),
        after: Vec::new(),
        ..Words::default()
    };
    kept.send(&Letter::of("ann@example.org", "x1", &words)).await.unwrap();
    let port = port(|service| service.kept_letters = Some(kept)).await;
    let page = port.get("/dev/mail").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    for part in ["&lt;b&gt;Sign in", "To Ann &amp; Ben", "<a href=\"https://books.example/signin#token=a\">"] {
        assert!(page.body.contains(part), "{part} is not in {}", page.body);
    }
    let list = port.request("GET /dev/mail", &[("Accept", "application/json")], b"").await;
    assert_eq!(list.json()[0]["to"], "ann@example.org");
    for header in [("Host", "books.example"), ("Origin", "https://books.example"), ("Origin", "null")] {
        assert_eq!(port.request("GET /dev/mail", &[header], b"").await.status, 403, "{header:?}");
    }
}

#[tokio::test]
async fn a_hub_without_mail_offers_no_sign_in_by_it() {
    let port = port(|_| {}).await;
    assert_eq!(port.get("/v1/signin").await.json()["mail"], false);
    for path in ["/v1/signin", "/v1/signin/token"] {
        assert_eq!(port.request(&format!("POST {path}"), &[JSON], ANN).await.status, 404, "{path}");
    }
    assert_eq!(port.get("/dev/mail").await.status, 404);
    assert_eq!(port.get("/signin").await.header("content-type"), Some("text/html; charset=utf-8"));
}
