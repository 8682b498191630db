//! Keys with which the hub itself vouches for an address: in development mode, and for whoever opened a mailed link.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use quire_protocol::Timestamp;
use quire_protocol::text::{clean_line, normal_email};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Expected, Key, SECRET_BYTES_MIN, Secret};

/// A key of this hub, or of all hubs that share a store. It has no `Debug`, as it is a secret.
pub struct OwnKey {
    secret: Secret,
    /// Its key id, and the issuer that its tokens name.
    name: &'static str,
}

/// Why no token was made: the address is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAddress;

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an e-mail address")
    }
}

impl std::error::Error for NoAddress {}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: String,
    email: &'a str,
    email_verified: bool,
    name: &'a str,
    exp: u64,
}

impl OwnKey {
    /// The key that all hubs on one store sign with; `None`: these are not the bytes of one.
    pub fn of_installation(bytes: &[u8]) -> Option<Self> {
        Self::new(bytes, "quire")
    }

    pub(super) fn new(bytes: &[u8], name: &'static str) -> Option<Self> {
        (bytes.len() == SECRET_BYTES_MIN).then(|| Self { secret: Secret::new(bytes), name })
    }

    /// The key for the verifier.
    pub fn key(&self) -> Key {
        let expected = Expected { issuer: Some(self.name.to_owned()), audience: None };
        Key::secret(&self.secret, expected).expect("its length was checked when it was read").named(self.name)
    }

    /// A token that says for `life_ms` that `email` was verified. The user id is a hash of the address, so that the same
    /// address is the same user after a restart, in every tab, and whichever key vouches for it.
    pub fn mint(&self, email: &str, name: &str, now: Timestamp, life_ms: u64) -> Result<String, NoAddress> {
        let email = normal_email(email).ok_or(NoAddress)?;
        let digest = Sha256::digest(email.as_bytes());
        let id = URL_SAFE_NO_PAD.encode(&digest[..16]);
        let claims = Claims {
            iss: self.name,
            sub: format!("mail-{id}"),
            email: &email,
            email_verified: true,
            name: &clean_line(name),
            exp: now.plus_ms(life_ms).0 / 1000,
        };
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.name.to_owned());
        let key = EncodingKey::from_secret(self.secret.bytes());
        Ok(jsonwebtoken::encode(&header, &claims, &key).expect("a shared secret signs any plain data"))
    }
}
