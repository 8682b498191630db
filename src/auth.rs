//! Who somebody is: verifies tokens. It knows no book and no role in one.
//!
//! Every key is pinned to one algorithm, so a public key can never serve as a shared secret, and a token chooses among
//! the keys only by its key id. The clock is an argument: a token is judged by the hub's clock, not by a library's.

use std::fmt;
use std::sync::OnceLock;

use jsonwebtoken::Validation;
use quire_protocol::id::INTEGER_MAX;
use quire_protocol::text::{clean_line, normal_email};
use quire_protocol::{Timestamp, UserId};
use serde::Deserialize;

mod dev;
mod key;
mod own;
mod service;

pub use dev::{DEV_TOKEN_LIFE_MS, DevKeys};
pub use key::{Expected, Key, KeyError, SECRET_BYTES_MIN, Secret};
pub use own::{NoAddress, OwnKey};
pub use service::ServiceKeys;

/// Longest token that is looked at, in bytes; it must fit the `hello` frame anyway.
pub const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Longest key id that is compared, in bytes.
pub const KEY_ID_BYTES_MAX: usize = 256;
/// Clocks of issuer and hub may differ by this much, in milliseconds.
pub const LEEWAY_MS: u64 = 5_000;
/// Longest `country` and `role` claim that is kept, in characters.
const CLAIM_CHARS_MAX: usize = 100;

/// A verified user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who: the token's `sub`.
    pub user: UserId,
    /// Their address in normal form; only if the issuer verified it.
    pub email: Option<String>,
    /// Their name as shown to others, never empty.
    pub name: String,
    /// From this time on the token is no longer good (the leeway is included).
    pub expires_at: Timestamp,
    /// The `country` claim, for the library's user filters.
    pub country: Option<String>,
    /// The `role` claim, for the library's user filters. No role in a book.
    pub role: Option<String>,
}

/// Why a token is not accepted. Never contains any of it. `Display` is a fragment that fits into a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthError {
    /// No token was given.
    Missing,
    /// Longer than [`TOKEN_BYTES_MAX`].
    TooLarge,
    /// Not three parts, not base64, not JSON, an unknown algorithm (`none` too), or claims of a wrong type.
    Malformed,
    /// No key with this algorithm and key id.
    NoKey,
    /// The signature is not by the key.
    Signature,
    /// A required claim is missing, or is not what it must be.
    Claim(&'static str),
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("a token is needed"),
            Self::TooLarge => write!(f, "the token is longer than {TOKEN_BYTES_MAX} bytes"),
            Self::Malformed => f.write_str("the token is malformed"),
            Self::NoKey => f.write_str("no key of this hub has the token's algorithm and key id"),
            Self::Signature => f.write_str("the token's signature is wrong"),
            Self::Claim(claim) => write!(f, "the token's claim {claim} is missing or wrong"),
            Self::Expired => f.write_str("the token has expired"),
            Self::NotYetValid => f.write_str("the token is not valid yet"),
        }
    }
}

impl std::error::Error for AuthError {}

/// Verifies tokens by a fixed set of keys.
pub struct Verifier {
    keys: Vec<Key>,
    /// The key of the installation: the store may tell it late.
    own: OnceLock<Key>,
    name_chars: usize,
}

#[derive(Deserialize)]
struct Claims {
    sub: Option<String>,
    exp: Option<f64>,
    nbf: Option<f64>,
    email: Option<String>,
    #[serde(default)]
    email_verified: serde_json::Value,
    name: Option<String>,
    country: Option<String>,
    role: Option<String>,
}

impl Verifier {
    /// A verifier that trusts `keys` and cuts names to `name_chars` characters.
    pub fn new(keys: Vec<Key>, name_chars: usize) -> Self {
        Self { keys, own: OnceLock::new(), name_chars }
    }

    /// Trusts the key of the installation, too. The first one counts.
    pub fn trust_own(&self, key: Key) {
        self.own.get_or_init(|| key);
    }

    /// Who the bearer of `token` is, as of `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, AuthError> {
        if token.is_empty() {
            return Err(AuthError::Missing);
        }
        if token.len() > TOKEN_BYTES_MAX {
            return Err(AuthError::TooLarge);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| AuthError::Malformed)?;
        let key_id = header.kid.as_deref();
        if key_id.is_some_and(|id| id.len() > KEY_ID_BYTES_MAX) {
            return Err(AuthError::NoKey);
        }
        let mut refusal = AuthError::NoKey;
        for key in self.keys.iter().chain(self.own.get()).filter(|key| key.fits(header.alg, key_id)) {
            match claims(key, token) {
                Ok(claims) => return self.identity(claims, now),
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    fn identity(&self, claims: Claims, now: Timestamp) -> Result<Identity, AuthError> {
        let expires_at = Timestamp(milliseconds(claims.exp, "exp")?.saturating_add(LEEWAY_MS).min(INTEGER_MAX));
        if now >= expires_at {
            return Err(AuthError::Expired);
        }
        if claims.nbf.is_some() && milliseconds(claims.nbf, "nbf")? > now.plus_ms(LEEWAY_MS).0 {
            return Err(AuthError::NotYetValid);
        }
        let user = claims.sub.as_deref().and_then(|sub| UserId::new(sub).ok()).ok_or(AuthError::Claim("sub"))?;
        let email = claims.email.filter(|_| is_true(&claims.email_verified)).and_then(|address| normal_email(&address));
        let name = claims.name.and_then(|name| short_line(&name, self.name_chars));
        let local_part = || {
            let (local, _) = email.as_deref()?.rsplit_once('@')?;
            short_line(local, self.name_chars)
        };
        let name = name
            .or_else(local_part)
            .or_else(|| short_line(user.as_str(), self.name_chars))
            .unwrap_or_else(|| "?".to_owned());
        let claim = |text: Option<String>| text.and_then(|text| short_line(&text, CLAIM_CHARS_MAX));
        Ok(Identity { user, email, name, expires_at, country: claim(claims.country), role: claim(claims.role) })
    }
}

/// The claims of a token that `key` signed for the expected issuer and audience. Times are not judged here.
fn claims(key: &Key, token: &str) -> Result<Claims, AuthError> {
    use jsonwebtoken::errors::ErrorKind;

    let mut validation = Validation::new(key.algorithm());
    // The library judges times by the machine's clock, and checks `iss` and `aud` only where they are present, unless
    // they are required.
    validation.validate_exp = false;
    validation.validate_aud = false;
    let Expected { issuer, audience } = key.expected();
    if let Some(issuer) = issuer {
        validation.set_issuer(&[issuer]);
        validation.required_spec_claims.insert("iss".to_owned());
    }
    if let Some(audience) = audience {
        validation.validate_aud = true;
        validation.set_audience(&[audience]);
        validation.required_spec_claims.insert("aud".to_owned());
    }
    let data = jsonwebtoken::decode::<Claims>(token, key.decoding(), &validation);
    data.map(|data| data.claims).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => AuthError::Signature,
        ErrorKind::InvalidAlgorithm => AuthError::NoKey,
        ErrorKind::InvalidIssuer => AuthError::Claim("iss"),
        ErrorKind::InvalidAudience => AuthError::Claim("aud"),
        ErrorKind::MissingRequiredClaim(claim) => AuthError::Claim(match claim.as_str() {
            "iss" => "iss",
            "aud" => "aud",
            _ => "exp",
        }),
        // The library's error type is open; whatever else it finds, the token is not well formed.
        _ => AuthError::Malformed,
    })
}

/// A time claim (seconds, fractions allowed) in milliseconds.
fn milliseconds(seconds: Option<f64>, claim: &'static str) -> Result<u64, AuthError> {
    let seconds = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0).ok_or(AuthError::Claim(claim))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and what is too large saturates"
    )]
    let milliseconds = (seconds * 1000.0) as u64;
    Ok(milliseconds)
}

/// Some issuers write booleans as text.
fn is_true(claim: &serde_json::Value) -> bool {
    claim.as_bool() == Some(true) || claim.as_str() == Some("true")
}

/// `text` as one clean line of at most `chars` characters; `None` if nothing is left.
fn short_line(text: &str, chars: usize) -> Option<String> {
    let line: String = clean_line(text).chars().take(chars).collect();
    let line = line.trim_end();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests;
