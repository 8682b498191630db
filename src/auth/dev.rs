//! Tokens of development mode: the hub vouches for whoever asks, so that the first run needs no identity provider.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use quire_protocol::Timestamp;
use quire_protocol::text::{clean_line, normal_email};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Expected, Key, SECRET_BYTES_MIN, Secret};

/// How long a development token is good.
pub const DEV_TOKEN_LIFE_MS: u64 = 12 * 60 * 60 * 1000;

const FILE: &str = "dev-key";
const KEY_ID: &str = "quire-dev";

/// The key of development mode. It is kept in the data directory, so that tokens outlive a restart.
pub struct DevKeys {
    secret: Secret,
}

/// Why no development token was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevTokenError {
    /// The address is none.
    Email,
}

impl fmt::Display for DevTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email => f.write_str("not an e-mail address"),
        }
    }
}

impl std::error::Error for DevTokenError {}

#[derive(Serialize)]
struct DevClaims<'a> {
    iss: &'a str,
    sub: String,
    email: &'a str,
    email_verified: bool,
    name: &'a str,
    exp: u64,
}

impl DevKeys {
    /// Reads the key of this data directory, or makes one that only the owner of the process can read.
    pub fn load_or_create(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(FILE);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(data_dir, &path)?,
            read => read?,
        };
        if bytes.len() != SECRET_BYTES_MIN {
            let problem =
                format!("{} is not a key of {SECRET_BYTES_MIN} bytes; remove it to get a new one", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        Ok(Self { secret: Secret::new(bytes) })
    }

    /// The key for the verifier.
    pub fn key(&self) -> Key {
        let expected = Expected { issuer: Some(KEY_ID.to_owned()), audience: None };
        Key::secret(&self.secret, expected).expect("its length was checked when it was read").named(KEY_ID)
    }

    /// A token that says that `email` was verified. The user id is a hash of the address, so that the same address is
    /// the same user after a restart and in every tab.
    pub fn mint(&self, email: &str, name: &str, now: Timestamp) -> Result<String, DevTokenError> {
        let email = normal_email(email).ok_or(DevTokenError::Email)?;
        let digest = Sha256::digest(email.as_bytes());
        let id = URL_SAFE_NO_PAD.encode(&digest[..16]);
        let claims = DevClaims {
            iss: KEY_ID,
            sub: format!("dev-{id}"),
            email: &email,
            email_verified: true,
            name: &clean_line(name),
            exp: now.plus_ms(DEV_TOKEN_LIFE_MS).0 / 1000,
        };
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(KEY_ID.to_owned());
        let key = EncodingKey::from_secret(self.secret.bytes());
        Ok(jsonwebtoken::encode(&header, &claims, &key).expect("a shared secret signs any plain data"))
    }
}

/// Writes a new key aside and renames it, so that a crash never leaves half a key.
fn create(data_dir: &Path, path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; SECRET_BYTES_MIN];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    fs::create_dir_all(data_dir)?;
    let aside = path.with_extension("new");
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&aside, path)?;
    Ok(bytes)
}
