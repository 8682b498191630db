//! Keys: each with one algorithm, and with what its tokens must claim.

use std::fmt;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

use super::KEY_ID_BYTES_MAX;

/// Shortest shared secret, in bytes (RFC 7518, 3.2: as long as the hash).
pub const SECRET_BYTES_MIN: usize = 32;
/// Shortest modulus of an RSA key, in bytes (2048 bits).
const RSA_BYTES_MIN: usize = 256;
/// Keys of one JWKS file.
pub(super) const KEYS_MAX: usize = 64;

/// A shared secret. It has no `Debug`, so that it cannot end in a log.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Wraps the bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What tokens of a key must claim besides an expiry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Their `iss`, if it matters.
    pub issuer: Option<String>,
    /// Their `aud` (or one of them), if it matters.
    pub audience: Option<String>,
}

/// A trusted key with its only algorithm. It has no `Debug`, as it may be a secret.
#[derive(Clone)]
pub struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
    expected: Expected,
}

/// Why a key cannot be used. Never contains any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// No shared secret, or one under [`SECRET_BYTES_MIN`].
    ShortSecret,
    /// A private key where a public one belongs.
    PrivateKey,
    /// Neither an RSA nor an Ed25519 public key in PEM.
    NotPublicPem,
    /// An RSA key of less than 2048 bits.
    WeakRsa,
    /// Not a JSON web key set, or one without a usable key.
    NotJwks,
    /// A key set of more than 64 keys, or with a key id over 256 bytes.
    TooMany,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShortSecret => write!(f, "a secret has at least {SECRET_BYTES_MIN} bytes"),
            Self::PrivateKey => f.write_str("this is a private key; give its public key"),
            Self::NotPublicPem => f.write_str("not an RSA or Ed25519 public key in PEM form"),
            Self::WeakRsa => f.write_str("an RSA key has at least 2048 bits"),
            Self::NotJwks => f.write_str("not a JSON web key set with RSA or Ed25519 signature keys"),
            Self::TooMany => {
                write!(f, "a key set has at most {KEYS_MAX} keys, each id at most {KEY_ID_BYTES_MAX} bytes")
            }
        }
    }
}

impl std::error::Error for KeyError {}

impl Key {
    /// A shared secret for HS256.
    pub fn secret(secret: &Secret, expected: Expected) -> Result<Self, KeyError> {
        if secret.bytes().len() < SECRET_BYTES_MIN {
            return Err(KeyError::ShortSecret);
        }
        let decoding = DecodingKey::from_secret(secret.bytes());
        Ok(Self { id: None, algorithm: Algorithm::HS256, decoding, expected })
    }

    /// A public key in PEM: RSA is for RS256, Ed25519 for `EdDSA`.
    pub fn public_pem(pem: &[u8], expected: Expected) -> Result<Self, KeyError> {
        if String::from_utf8_lossy(pem).contains("PRIVATE KEY") {
            return Err(KeyError::PrivateKey);
        }
        if let Ok(decoding) = DecodingKey::from_rsa_pem(pem) {
            // The encoding is a few bytes longer than the modulus.
            return match decoding.try_get_as_bytes() {
                Ok(bytes) if bytes.len() > RSA_BYTES_MIN => {
                    Ok(Self { id: None, algorithm: Algorithm::RS256, decoding, expected })
                }
                _ => Err(KeyError::WeakRsa),
            };
        }
        let decoding = DecodingKey::from_ed_pem(pem).map_err(|_| KeyError::NotPublicPem)?;
        Ok(Self { id: None, algorithm: Algorithm::EdDSA, decoding, expected })
    }

    /// All usable keys of a JSON web key set. Keys for encryption and of other kinds are passed over; so are symmetric
    /// ones, as a key set is a public file.
    pub fn key_set(json: &[u8], expected: &Expected) -> Result<Vec<Self>, KeyError> {
        let set: JwkSet = serde_json::from_slice(json).map_err(|_| KeyError::NotJwks)?;
        if set.keys.len() > KEYS_MAX {
            return Err(KeyError::TooMany);
        }
        let mut keys = Vec::new();
        for jwk in &set.keys {
            keys.extend(Self::from_jwk(jwk, expected)?);
        }
        if keys.is_empty() { Err(KeyError::NotJwks) } else { Ok(keys) }
    }

    fn from_jwk(jwk: &Jwk, expected: &Expected) -> Result<Option<Self>, KeyError> {
        let for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let algorithm = match (&jwk.algorithm, jwk.common.key_algorithm) {
            (AlgorithmParameters::RSA(_), None | Some(KeyAlgorithm::RS256)) => Algorithm::RS256,
            (AlgorithmParameters::OctetKeyPair(pair), None | Some(KeyAlgorithm::EdDSA))
                if pair.curve == EllipticCurve::Ed25519 =>
            {
                Algorithm::EdDSA
            }
            _ => return Ok(None),
        };
        if !for_signatures {
            return Ok(None);
        }
        let decoding = DecodingKey::from_jwk(jwk).map_err(|_| KeyError::NotJwks)?;
        if let jsonwebtoken::DecodingKeyKind::RsaModulusExponent { n, .. } = decoding.kind()
            && n.len() < RSA_BYTES_MIN
        {
            return Err(KeyError::WeakRsa);
        }
        let id = jwk.common.key_id.clone();
        if id.as_ref().is_some_and(|id| id.len() > KEY_ID_BYTES_MAX) {
            return Err(KeyError::TooMany);
        }
        Ok(Some(Self { id, algorithm, decoding, expected: expected.clone() }))
    }

    /// The same key, for tokens that name it by `id` only.
    #[must_use]
    pub(super) fn named(self, id: &str) -> Self {
        Self { id: Some(id.to_owned()), ..self }
    }

    /// Whether a token with this header may be checked against this key: a key with an id must be asked for by it.
    pub(super) fn fits(&self, algorithm: Algorithm, key_id: Option<&str>) -> bool {
        self.algorithm == algorithm && (self.id.is_none() || self.id.as_deref() == key_id)
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    pub(super) fn expected(&self) -> &Expected {
        &self.expected
    }
}
