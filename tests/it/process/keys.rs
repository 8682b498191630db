//! Keys of token issuers, given to the start in every way there is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use quire::clock::Clock;
use serde_json::json;

use super::program::{Hub, Place, text};
use super::tab::Tab;
use crate::harness::TabEnd;

const RSA_PRIVATE: &[u8] = include_bytes!("../../../src/auth/tests/rsa.key.pem");
const RSA_PUBLIC: &str = include_str!("../../../src/auth/tests/rsa.pub.pem");
const ED_PRIVATE: &[u8] = include_bytes!("../../../src/auth/tests/ed.key.pem");
const ED_PUBLIC: &str = include_str!("../../../src/auth/tests/ed.pub.pem");
const SECRET: &str = "a shared secret of at least 32 bytes";

fn signed(algorithm: Algorithm, key_id: Option<&str>, key: &EncodingKey, life_s: i64) -> String {
    let now = i64::try_from(Clock::system().now().0 / 1000).unwrap();
    let claims = json!({"sub": "u1", "email": "ann@example.com", "email_verified": true, "name": "Ann",
        "iss": "https://id.example", "exp": now + life_s});
    let header = Header { kid: key_id.map(Into::into), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, &claims, key).unwrap()
}

/// A key set with the Ed25519 key: its PEM ends with the 32 bytes of the key itself.
fn key_set() -> String {
    let body: String = ED_PUBLIC.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).unwrap();
    let x = URL_SAFE_NO_PAD.encode(&der[der.len() - 32..]);
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "current", "x": x}]}).to_string()
}

/// A hub that knows the key in this file, and no other.
async fn hub_with(place: &Place, flag: &str, contents: &str) -> Hub {
    let file = place.path("key");
    std::fs::write(&file, contents).unwrap();
    place.hub(&[flag, text(&file), "--jwt-issuer", "https://id.example"]).await
}

/// The hub takes `good`, refuses `others` with 4001, and vouches for nobody itself.
async fn check(hub: &Hub, good: String, others: &[String]) {
    let mut ann = Tab::with_token(hub, "ann", good).await.expect("welcomed");
    assert!(ann.books().await.is_empty());
    for other in others {
        let refused = Tab::with_token(hub, "ann", other.clone()).await.err();
        assert_eq!(refused, Some(TabEnd(Some(4001))), "{other}");
    }
    assert_eq!(hub.dev_token("ann").0, 404);
}

fn rsa(life_s: i64) -> String {
    signed(Algorithm::RS256, None, &EncodingKey::from_rsa_pem(RSA_PRIVATE).unwrap(), life_s)
}

fn ed(key_id: Option<&str>) -> String {
    signed(Algorithm::EdDSA, key_id, &EncodingKey::from_ed_pem(ED_PRIVATE).unwrap(), 3_600)
}

fn hmac(secret: &str) -> String {
    signed(Algorithm::HS256, None, &EncodingKey::from_secret(secret.as_bytes()), 3_600)
}

#[tokio::test]
async fn an_rsa_public_key() {
    let place = Place::new();
    let hub = hub_with(&place, "--jwt-public-key", RSA_PUBLIC).await;
    check(&hub, rsa(3_600), &[rsa(-3_600), ed(None), hmac(SECRET), hmac(RSA_PUBLIC)]).await;
}

#[tokio::test]
async fn an_ed25519_public_key() {
    let place = Place::new();
    let hub = hub_with(&place, "--jwt-public-key", ED_PUBLIC).await;
    check(&hub, ed(None), &[rsa(3_600), hmac(SECRET), hmac(ED_PUBLIC)]).await;
}

#[tokio::test]
async fn a_key_set() {
    let place = Place::new();
    let hub = hub_with(&place, "--jwks", &key_set()).await;
    check(&hub, ed(Some("current")), &[ed(None), ed(Some("retired")), rsa(3_600)]).await;
}

#[tokio::test]
async fn a_shared_secret_in_a_file() {
    let place = Place::new();
    let hub = hub_with(&place, "--jwt-secret-file", &format!("{SECRET}\n")).await;
    check(&hub, hmac(SECRET), &[hmac("another secret of at least 32 bytes"), rsa(3_600)]).await;
}

#[tokio::test]
async fn without_a_key_the_hub_vouches_for_whoever_asks_on_this_machine() {
    let place = Place::new();
    let hub = place.hub(&[]).await;
    let (status, body) = hub.dev_token("ann");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let token = body["token"].as_str().unwrap_or_else(|| panic!("{status}: {body}")).to_owned();
    let mut ann = Tab::with_token(&hub, "ann", token).await.expect("welcomed");
    // Whoever comes first owns the sample book.
    assert_eq!(ann.books().await[0].title, "Pride and Prejudice");
}
