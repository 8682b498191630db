//! The key with which all hubs on one store sign. Whichever comes first makes it; it lies in the store, so that a
//! restart keeps it and replicas share it.

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::{ReplicaId, Token};
use serde::{Deserialize, Serialize};

use crate::auth::{OwnKey, SECRET_BYTES_MIN};
use crate::chapter::journal::encode;
use crate::store::{Append, LogId, Store, StoreError, Tag};

/// Whoever finds no key and cannot make one tries again, so often: somebody else was faster, or the store was slow.
const ROUNDS_MAX: usize = 8;

/// What is known of the installation, as a record's payload.
#[derive(Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
enum Fact {
    /// The key, made once.
    Key { bytes: Bytes },
}

/// The installation's key; it is made if there is none.
pub(super) async fn load_or_create(store: &dyn Store) -> Result<OwnKey, StoreError> {
    for _ in 0..ROUNDS_MAX {
        if let Some((_, records, _)) = store.read(LogId::Installation, None).await?.whole() {
            let found = records.first().ok_or_else(|| corrupt("begins late"))?;
            let Fact::Key { bytes } = decode_record(&found.payload).map_err(|error| corrupt(&error))?;
            return OwnKey::of_installation(&bytes).ok_or_else(|| corrupt("holds a key of another length"));
        }
        let mut bytes = vec![0; SECRET_BYTES_MIN];
        getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
        let append = Append {
            log: LogId::Installation,
            after: None,
            tag: Tag(crate::hub::random()),
            payloads: vec![encode(&Fact::Key { bytes: bytes.into() })],
            guard: None,
            fences: Vec::new(),
            stamp_floor: Token(0),
            by: ReplicaId::new("installation").expect("letters are an id"),
            misses: 0,
        };
        // Done or not: what is read next is the key.
        drop(store.append(append).await);
    }
    Err(StoreError::Unavailable)
}

fn corrupt(found: &str) -> StoreError {
    StoreError::Corrupt(format!("the log of the installation {found}"))
}
