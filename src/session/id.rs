//! Session ids: a random part, and a hash over it and the user. Any replica can tell whose it is, without a look-up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use quire_protocol::{SessionId, UserId};
use sha2::{Digest as _, Sha256};

use crate::hub::random;

const PART: usize = 16;

/// A new session of this user.
pub fn new(user: &UserId) -> SessionId {
    let mut nonce = [0; PART];
    nonce[..8].copy_from_slice(&random().to_be_bytes());
    nonce[8..].copy_from_slice(&random().to_be_bytes());
    make(nonce, user)
}

/// The session was made for this user.
pub fn is_of(session: &SessionId, user: &UserId) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(session.as_str()).unwrap_or_default();
    bytes.first_chunk::<PART>().is_some_and(|nonce| make(*nonce, user) == *session)
}

fn make(nonce: [u8; PART], user: &UserId) -> SessionId {
    let hash = Sha256::new().chain_update(nonce).chain_update(user.as_str()).finalize();
    let bytes = [&nonce[..], &hash[..PART]].concat();
    SessionId::new(&URL_SAFE_NO_PAD.encode(bytes)).expect("43 characters of the URL-safe alphabet are an id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_belongs_to_its_user_alone() {
        let (ann, ben) = (UserId::new("ann").unwrap(), UserId::new("ben").unwrap());
        let session = new(&ann);
        assert!(is_of(&session, &ann));
        assert!(!is_of(&session, &ben));
        assert!(!is_of(&SessionId::new("made-up").unwrap(), &ann));
        assert_ne!(session, new(&ann));
    }
}
