use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;

const RSA_PRIVATE: &[u8] = include_bytes!("tests/rsa.key.pem");
const RSA_PUBLIC: &[u8] = include_bytes!("tests/rsa.pub.pem");
const WEAK_RSA_PUBLIC: &[u8] = include_bytes!("tests/weak_rsa.pub.pem");
const ED_PRIVATE: &[u8] = include_bytes!("tests/ed.key.pem");
const ED_PUBLIC: &[u8] = include_bytes!("tests/ed.pub.pem");
const SECRET: &[u8] = b"a shared secret of at least 32 bytes";
const NOW: Timestamp = Timestamp(1_763_800_000_000);
const NOW_S: u64 = NOW.0 / 1000;

fn hmac(secret: &[u8]) -> EncodingKey {
    EncodingKey::from_secret(secret)
}

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_pem(RSA_PRIVATE).unwrap()
}

fn ed() -> EncodingKey {
    EncodingKey::from_ed_pem(ED_PRIVATE).unwrap()
}

fn claims() -> Value {
    json!({"sub": "u1", "email": " Ann@Example.org", "email_verified": true, "name": "Ann", "exp": NOW_S + 60})
}

fn claims_with(extra: Value) -> Value {
    let (Value::Object(mut all), Value::Object(extra)) = (claims(), extra) else { panic!("objects") };
    all.extend(extra);
    Value::Object(all)
}

fn token(algorithm: Algorithm, key_id: Option<&str>, claims: &Value, key: &EncodingKey) -> String {
    let mut header = Header::new(algorithm);
    header.kid = key_id.map(ToOwned::to_owned);
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

fn signed(claims: &Value) -> String {
    token(Algorithm::HS256, None, claims, &hmac(SECRET))
}

fn verifier(keys: impl IntoIterator<Item = Key>) -> Verifier {
    Verifier::new(keys.into_iter().collect(), 20)
}

fn shared(expected: Expected) -> Verifier {
    verifier([Key::secret(&Secret::new(SECRET), expected).unwrap()])
}

fn check(claims: &Value) -> Result<Identity, AuthError> {
    shared(Expected::default()).verify(&signed(claims), NOW)
}

#[test]
fn a_good_token_says_who_its_bearer_is() {
    let identity = check(&claims_with(json!({"country": "NL", "role": "teacher"}))).unwrap();
    let expected = Identity {
        user: UserId::new("u1").unwrap(),
        email: Some("ann@example.org".into()),
        name: "Ann".into(),
        expires_at: NOW.plus_ms(60_000 + LEEWAY_MS),
        country: Some("NL".into()),
        role: Some("teacher".into()),
    };
    assert_eq!(identity, expected);
}

#[test]
fn each_kind_of_key_accepts_its_own_tokens() {
    for (pem, algorithm, private) in [(RSA_PUBLIC, Algorithm::RS256, rsa()), (ED_PUBLIC, Algorithm::EdDSA, ed())] {
        let verifier = verifier([Key::public_pem(pem, Expected::default()).unwrap()]);
        assert!(verifier.verify(&token(algorithm, Some("any"), &claims(), &private), NOW).is_ok(), "{algorithm:?}");
    }
}

#[test]
fn alg_none_is_malformed() {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let bare = format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(&claims()));
    assert_eq!(shared(Expected::default()).verify(&bare, NOW), Err(AuthError::Malformed));
}

#[test]
fn a_public_key_never_serves_as_a_shared_secret() {
    let verifier = verifier([Key::public_pem(RSA_PUBLIC, Expected::default()).unwrap()]);
    let forged = token(Algorithm::HS256, None, &claims(), &hmac(RSA_PUBLIC));
    assert_eq!(verifier.verify(&forged, NOW), Err(AuthError::NoKey));
}

#[test]
fn a_shared_secret_refuses_other_algorithms_and_other_secrets() {
    let verifier = shared(Expected::default());
    let by_rsa = token(Algorithm::RS256, None, &claims(), &rsa());
    assert_eq!(verifier.verify(&by_rsa, NOW), Err(AuthError::NoKey));
    let longer_hash = token(Algorithm::HS512, None, &claims(), &hmac(SECRET));
    assert_eq!(verifier.verify(&longer_hash, NOW), Err(AuthError::NoKey));
    let other = token(Algorithm::HS256, None, &claims(), &hmac(b"another secret"));
    assert_eq!(verifier.verify(&other, NOW), Err(AuthError::Signature));
}

#[test]
fn issuer_and_audience_are_required_when_configured() {
    let verifier = shared(Expected { issuer: Some("idp".into()), audience: Some("quire".into()) });
    let verify = |extra: Value| verifier.verify(&signed(&claims_with(extra)), NOW).map(|_| ());
    assert_eq!(verify(json!({"iss": "idp", "aud": "quire"})), Ok(()));
    assert_eq!(verify(json!({"iss": "idp", "aud": ["other", "quire"]})), Ok(()));
    assert_eq!(verify(json!({"iss": "idp", "aud": "other"})), Err(AuthError::Claim("aud")));
    assert_eq!(verify(json!({"iss": "idp"})), Err(AuthError::Claim("aud")));
    assert_eq!(verify(json!({"iss": "other", "aud": "quire"})), Err(AuthError::Claim("iss")));
    assert_eq!(verify(json!({"aud": "quire"})), Err(AuthError::Claim("iss")));
}

#[test]
fn expiry_is_judged_by_the_given_time_with_a_small_leeway() {
    let verifier = shared(Expected::default());
    let token = signed(&claims_with(json!({"exp": NOW_S})));
    assert!(verifier.verify(&token, NOW.plus_ms(LEEWAY_MS - 1)).is_ok());
    assert_eq!(verifier.verify(&token, NOW.plus_ms(LEEWAY_MS)), Err(AuthError::Expired));
    assert_eq!(verifier.verify(&token, NOW.plus_ms(LEEWAY_MS + 1)), Err(AuthError::Expired));
}

#[test]
fn an_expiry_is_needed_and_must_be_a_time() {
    for exp in [json!(null), json!("soon"), json!(-1), json!([])] {
        let refusal = check(&claims_with(json!({ "exp": exp }))).unwrap_err();
        assert!(matches!(refusal, AuthError::Claim("exp") | AuthError::Malformed), "{exp}: {refusal:?}");
    }
    let far = check(&claims_with(json!({"exp": 1e17}))).unwrap();
    assert_eq!(far.expires_at, Timestamp(INTEGER_MAX));
}

#[test]
fn a_token_of_the_future_waits() {
    let at = |nbf: u64| check(&claims_with(json!({ "nbf": nbf }))).map(|_| ());
    assert_eq!(at(NOW_S + LEEWAY_MS / 1000), Ok(()));
    assert_eq!(at(NOW_S + LEEWAY_MS / 1000 + 1), Err(AuthError::NotYetValid));
}

#[test]
fn huge_tokens_and_key_ids_are_refused_unread() {
    let verifier = shared(Expected::default());
    assert_eq!(verifier.verify(&"a".repeat(TOKEN_BYTES_MAX + 1), NOW), Err(AuthError::TooLarge));
    assert_eq!(verifier.verify(&"a".repeat(TOKEN_BYTES_MAX), NOW), Err(AuthError::Malformed));
    let with_id = |length: usize| token(Algorithm::HS256, Some(&"k".repeat(length)), &claims(), &hmac(SECRET));
    assert!(verifier.verify(&with_id(KEY_ID_BYTES_MAX), NOW).is_ok());
    assert_eq!(verifier.verify(&with_id(KEY_ID_BYTES_MAX + 1), NOW), Err(AuthError::NoKey));
}

#[test]
fn garbage_is_malformed() {
    for garbage in ["a", "a.b", "a.b.c", "..", "....", "\u{0}.\u{0}.\u{0}", "eyJhbGciOiJIUzI1NiJ9.e30."] {
        let refusal = shared(Expected::default()).verify(garbage, NOW).unwrap_err();
        assert!(matches!(refusal, AuthError::Malformed | AuthError::Signature), "{garbage:?}: {refusal:?}");
    }
    assert_eq!(shared(Expected::default()).verify("", NOW), Err(AuthError::Missing));
}

#[test]
fn only_a_verified_address_counts() {
    for verified in [json!(false), json!(null), json!("false"), json!(1), json!({"a": true})] {
        let identity = check(&claims_with(json!({ "email_verified": verified }))).unwrap();
        assert_eq!(identity.email, None, "{verified}");
    }
    assert_eq!(check(&claims_with(json!({"email": "no address"}))).unwrap().email, None);
}

#[test]
fn a_name_is_one_short_clean_line_with_fallbacks() {
    let name = |extra: Value| check(&claims_with(extra)).unwrap().name;
    assert_eq!(name(json!({"name": "  A\u{202e}nn\n of  Kent "})), "Ann of Kent");
    assert_eq!(name(json!({"name": "n".repeat(100)})), "n".repeat(20));
    assert_eq!(name(json!({"name": " "})), "ann");
    assert_eq!(name(json!({"name": null, "email_verified": false})), "u1");
    assert_eq!(name(json!({"name": null, "email": null, "sub": "\u{202e}"})), "?");
}

#[test]
fn a_subject_is_a_user_id() {
    for sub in [json!(null), json!(""), json!("a\nb"), json!("s".repeat(129))] {
        assert_eq!(check(&claims_with(json!({ "sub": sub }))), Err(AuthError::Claim("sub")), "{sub}");
    }
}

#[test]
fn a_key_set_is_an_allow_list_of_key_ids() {
    // An Ed25519 public key in PEM ends with the 32 bytes of the key itself.
    let pem = String::from_utf8(ED_PUBLIC.to_vec()).unwrap();
    let body = pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let der = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
    let x = URL_SAFE_NO_PAD.encode(&der[der.len() - 32..]);
    let signing = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "current", "x": x});
    let symmetric = json!({"kty": "oct", "kid": "shared", "k": URL_SAFE_NO_PAD.encode(SECRET)});
    let set = json!({"keys": [signing, symmetric]}).to_string();
    let verifier = verifier(Key::key_set(set.as_bytes(), &Expected::default()).unwrap());
    let verify = |key_id: Option<&str>| verifier.verify(&token(Algorithm::EdDSA, key_id, &claims(), &ed()), NOW);
    assert!(verify(Some("current")).is_ok());
    assert_eq!(verify(Some("retired")), Err(AuthError::NoKey));
    assert_eq!(verify(None), Err(AuthError::NoKey));
    let by_secret = token(Algorithm::HS256, Some("shared"), &claims(), &hmac(SECRET));
    assert_eq!(verifier.verify(&by_secret, NOW), Err(AuthError::NoKey));
}

#[test]
fn unusable_keys_are_refused_with_the_reason() {
    let pem = |pem: &[u8]| Key::public_pem(pem, Expected::default()).err();
    assert_eq!(pem(RSA_PRIVATE), Some(KeyError::PrivateKey));
    assert_eq!(pem(WEAK_RSA_PUBLIC), Some(KeyError::WeakRsa));
    assert_eq!(pem(b"no key"), Some(KeyError::NotPublicPem));
    let secret = |length: usize| Key::secret(&Secret::new(vec![7; length]), Expected::default()).err();
    assert_eq!(secret(SECRET_BYTES_MIN), None);
    assert_eq!(secret(SECRET_BYTES_MIN - 1), Some(KeyError::ShortSecret));
    let set = |json: &str| Key::key_set(json.as_bytes(), &Expected::default()).err();
    assert_eq!(set("{}"), Some(KeyError::NotJwks));
    assert_eq!(set(r#"{"keys":[]}"#), Some(KeyError::NotJwks));
}

#[test]
fn development_tokens_outlive_a_restart_and_the_key_is_private() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    let token = DevKeys::load_or_create(&data_dir).unwrap().mint("Ann@Example.org ", "Ann", NOW).unwrap();
    let again = DevKeys::load_or_create(&data_dir).unwrap();
    let verifier = verifier([Key::secret(&Secret::new(SECRET), Expected::default()).unwrap(), again.key()]);
    let identity = verifier.verify(&token, NOW).unwrap();
    assert_eq!(identity.email.as_deref(), Some("ann@example.org"));
    assert_eq!(identity.expires_at, NOW.plus_ms(DEV_TOKEN_LIFE_MS + LEEWAY_MS));
    let same = again.mint("ann@example.org", "Other Name", NOW).unwrap();
    assert_eq!(verifier.verify(&same, NOW).unwrap().user, identity.user);
    let mode = std::fs::metadata(data_dir.join("dev-key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn development_tokens_need_an_address_and_a_whole_key() {
    let dir = tempfile::tempdir().unwrap();
    let keys = DevKeys::load_or_create(dir.path()).unwrap();
    assert_eq!(keys.mint("nobody", "Ann", NOW), Err(NoAddress));
    std::fs::write(dir.path().join("dev-key"), b"half").unwrap();
    let error = DevKeys::load_or_create(dir.path()).err().unwrap();
    assert!(error.to_string().contains("remove it"), "{error}");
}
