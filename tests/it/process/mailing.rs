//! People sign in by a mailed link, through a real mail server.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};

use super::program::{Hub, Place, text};
use super::tab::Tab;
use crate::redis_server::{PASSWORD, RedisServer};
use crate::smtp_server::{Line, SmtpServer};

const SITE: &str = "https://books.example";
const FROM: &str = "Bücher, die bleiben <books@example.org>";

async fn hub_on(place: &Place, url: &str, more: &[&str]) -> Hub {
    let flags = ["--smtp-url", url, "--mail-from", FROM, "--public-url", SITE];
    place.hub(&[&flags, more].concat()).await
}

pub async fn mailing(place: &Place, server: &SmtpServer) -> Hub {
    mailing_with(place, server, &[]).await
}

pub async fn mailing_with(place: &Place, server: &SmtpServer, more: &[&str]) -> Hub {
    hub_on(place, &format!("smtp://127.0.0.1:{}", server.port()), more).await
}

fn asks(hub: &Hub, email: &str) -> u16 {
    hub.posts("/v1/signin", &json!({"email": email})).0
}

pub fn opens(hub: &Hub, token: &str, name: &str) -> (u16, Value) {
    let (status, body) = hub.posts("/v1/signin/token", &json!({"token": token, "name": name}));
    (status, serde_json::from_str(&body).unwrap())
}

/// Signs in with what a link holds.
pub async fn enters(hub: &Hub, token: &str, name: &str) -> Tab {
    let (status, body) = opens(hub, token, name);
    assert_eq!(status, 200, "{body}");
    Tab::with_token(hub, name, body["token"].as_str().unwrap().to_owned()).await.expect("welcomed")
}

#[tokio::test]
async fn a_mailed_link_signs_in_once_and_the_person_stays_the_same() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = mailing(&place, &server).await;
    assert_eq!(hub.asks("/v1/signin", None).1, r#"{"mail":true,"development":false}"#);
    assert_eq!(hub.dev_token("ann").0, 404, "nobody is vouched for without a link");
    assert_eq!(asks(&hub, " Ann@Example.com "), 202);
    let letter = server.letter().await;
    assert_eq!(letter.envelope_to, ["ann@example.com"]);
    assert_eq!(letter.envelope_from, "books@example.org");
    assert_eq!(letter.headers["from"], "\"Bücher, die bleiben\" <books@example.org>");
    assert_eq!(letter.headers["subject"], "Sign in to books.example");
    assert!(letter.headers["message-id"].ends_with("@example.org>"), "{:?}", letter.headers);
    assert!(letter.link().starts_with("https://books.example/signin#token="), "{}", letter.text);
    assert!(letter.html.contains(&format!("href=\"{}\"", letter.link())), "{}", letter.html);
    assert!(letter.text.contains("15 minutes"), "{}", letter.text);
    let mut ann = enters(&hub, letter.token(), "Ann Lee").await;
    let user = ann.user().clone();
    assert_eq!((user.name.as_str(), user.email.as_str()), ("Ann Lee", "ann@example.com"));
    assert!(ann.books().await.is_empty(), "the sample book belongs to development mode");
    let (status, refused) = opens(&hub, letter.token(), "Ann Lee");
    assert_eq!((status, refused["code"].as_str()), (401, Some("unauthenticated")));
    assert_eq!(refused["detail"], "This link was used already. Ask for a new one.");
    // Another link, another name: the same person.
    asks(&hub, "ann@example.com");
    assert_eq!(enters(&hub, server.letter().await.token(), "Ann").await.user().id, user.id);
}

#[tokio::test]
async fn a_link_outlives_the_hub_that_mailed_it_and_the_token_too() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = mailing(&place, &server).await;
    asks(&hub, "ann@example.com");
    let first = server.letter().await;
    asks(&hub, "ann@example.com");
    let second = server.letter().await;
    let (_, token) = opens(&hub, first.token(), "Ann");
    hub.dies().await;
    let hub = mailing(&place, &server).await;
    let token = token["token"].as_str().unwrap().to_owned();
    let before = Tab::with_token(&hub, "ann", token).await.expect("the key is the same");
    let after = enters(&hub, second.token(), "Ann").await;
    assert_eq!(before.user().id, after.user().id);
    assert_eq!(opens(&hub, first.token(), "Ann").0, 401, "used before the hub died");
}

#[tokio::test]
async fn replicas_share_links_and_the_key() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let redis = RedisServer::start().await;
    let store = format!("redis://quire:{PASSWORD}@127.0.0.1:{}", redis.port());
    let url = format!("smtp://127.0.0.1:{}", server.port());
    let shared = ["--redis-url", &store];
    let (north, south) = tokio::join!(hub_on(&place, &url, &shared), hub_on(&place, &url, &shared));
    asks(&north, "ann@example.com");
    let letter = server.letter().await;
    let (status, body) = opens(&south, letter.token(), "Ann");
    assert_eq!(status, 200, "{body}");
    assert_eq!(opens(&north, letter.token(), "Ann").0, 401, "used on the other replica");
    for hub in [&north, &south] {
        let token = body["token"].as_str().unwrap().to_owned();
        Tab::with_token(hub, "ann", token).await.expect("either replica knows the key");
    }
}

#[tokio::test]
async fn whoever_asks_too_often_waits_and_others_do_not() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = mailing(&place, &server).await;
    for _ in 0..5 {
        assert_eq!(asks(&hub, "ann@example.com"), 202);
        server.letter().await;
    }
    let (status, body) = hub.posts("/v1/signin", &json!({"email": "ANN@example.com"}));
    assert!(status == 429 && body.contains("rate_limited") && body.contains("minutes"), "{status} {body}");
    assert_eq!(asks(&hub, "ben@example.com"), 202);
    assert_eq!(server.letter().await.envelope_to, ["ben@example.com"]);
}

#[tokio::test]
async fn every_address_is_answered_alike_and_none_is_refused() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = mailing(&place, &server).await;
    for email in ["gone@example.com", "later@example.com", "ann@example.com"] {
        let answer = hub.posts("/v1/signin", &json!({"email": email}));
        assert_eq!(answer, (202, "{}".to_owned()), "{email}");
    }
    for email in ["", "ann", "ann@", "ann@b c", "ann@example.com\r\nBcc: ben@example.com"] {
        assert_eq!(asks(&hub, email), 400, "{email:?}");
    }
    // What the server put off comes later; what it refused does not come.
    let mut came = vec![server.letter().await.envelope_to, server.letter().await.envelope_to];
    came.sort();
    assert_eq!(came, [["ann@example.com"], ["later@example.com"]]);
}

#[tokio::test]
async fn what_is_no_link_of_ours_says_so() {
    let (place, server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = mailing(&place, &server).await;
    for token in ["", "x", &"A".repeat(43), &"A".repeat(2_000), "../../book/b1", "ü"] {
        let (status, refused) = opens(&hub, token, "Ann");
        assert_eq!((status, refused["code"].as_str()), (401, Some("unauthenticated")), "{token}");
        assert!(refused["detail"].as_str().unwrap().contains("not known here"), "{refused}");
    }
    assert_eq!(hub.posts("/v1/signin/token", &json!({"tokens": 1})).0, 400);
    assert_eq!(hub.sends("/v1/signin", "t", b"{\"email\":\"ann@example.com\"}").0, 415, "no form of another page");
}

#[tokio::test]
async fn a_link_lapses() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let url = format!("smtp://127.0.0.1:{}", server.port());
    let hub = hub_on(&place, &url, &["--timer", "signin_ms=1ms"]).await;
    asks(&hub, "ann@example.com");
    let (status, refused) = opens(&hub, server.letter().await.token(), "Ann");
    assert_eq!((status, refused["detail"].as_str()), (401, Some("This link has expired. Ask for a new one.")));
}

#[tokio::test]
async fn without_a_server_there_is_no_mail_and_development_mode_keeps_it() {
    let place = Place::new();
    let hub = place.hub(&["--jwt-secret", "a shared secret of at least 32 bytes"]).await;
    assert_eq!(hub.asks("/v1/signin", None).1, r#"{"mail":false,"development":false}"#);
    assert_eq!((asks(&hub, "ann@example.com"), hub.asks("/dev/mail", None).0), (404, 404));
    drop(hub);
    let other = Place::new();
    let hub = other.hub(&[]).await;
    assert_eq!(asks(&hub, "ann@example.com"), 202);
    // The letter is written beside the answer.
    let page = loop {
        let (status, page) = hub.asks("/dev/mail", None);
        assert_eq!(status, 200);
        if page.contains("ann@example.com") {
            break page;
        }
        tokio::task::yield_now().await;
    };
    let link = page.split("<a href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(link.starts_with(&format!("{}/signin#token=", hub.url())), "{link}");
    let token = link.split_once('=').unwrap().1;
    let by_mail = enters(&hub, token, "Ann").await;
    let by_name = Tab::arrives(&hub, "ann").await;
    assert_eq!(by_mail.user().id, by_name.user().id, "an address is one person");
}

/// A certificate for this machine, and the authority that signed it, in files.
fn certificates(place: &Place) -> [String; 3] {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let files = [("ca", authority.pem()), ("certificate", certificate.pem()), ("key", key.serialize_pem())];
    files.map(|(name, pem)| {
        let path = place.path(name);
        std::fs::write(&path, pem).unwrap();
        text(&path).to_owned()
    })
}

#[tokio::test]
async fn the_line_is_encrypted_where_the_settings_ask_for_it() {
    let place = Place::new();
    let [ca, certificate, key] = certificates(&place);
    let password = place.path("password");
    std::fs::write(&password, "p@ss/word\n").unwrap();
    let account = Some(("books@example.org", "p@ss/word"));
    let (certificate, key) = (certificate.as_str(), key.as_str());
    let starting = SmtpServer::start(Line::StartTls { certificate, key }, account).await;
    let whole = SmtpServer::start(Line::Tls { certificate, key }, account).await;
    let urls = [
        format!("smtp://books%40example.org@localhost:{}?tls=required", starting.port()),
        format!("smtps://books%40example.org@localhost:{}", whole.port()),
    ];
    for (mut server, url) in [starting, whole].into_iter().zip(urls) {
        let hub = hub_on(&place, &url, &["--smtp-ca", &ca, "--smtp-password-file", text(&password)]).await;
        asks(&hub, "ann@example.com");
        let letter = server.letter().await;
        assert!(letter.encrypted && letter.authenticated, "{letter:?}");
        enters(&hub, letter.token(), "Ann").await;
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_gets_no_letter() {
    let (place, other) = (Place::new(), Place::new());
    let [_, certificate, key] = certificates(&place);
    let [ca, ..] = certificates(&other);
    let server = SmtpServer::start(Line::Tls { certificate: &certificate, key: &key }, None).await;
    let url = format!("smtps://localhost:{}", server.port());
    let hub = hub_on(&place, &url, &["--smtp-ca", &ca, "--timer", "signin_ms=900ms"]).await;
    assert_eq!(asks(&hub, "ann@example.com"), 202);
    hub.is_counted("quire_letters_total{outcome=\"given_up\"} 1").await;
    hub.is_asked_to_end();
    let said = hub.ends().await.stderr;
    assert!(said.contains("was not mailed in time") && said.contains("certificate"), "{said}");
    assert!(!said.contains("#token"), "no log has what a link holds");
}
