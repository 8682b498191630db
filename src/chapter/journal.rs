//! State that is the sum of the changes in a log: what drafts and versions have in common.

use bytes::Bytes;
use quire_protocol::Timestamp;
use quire_protocol::codec::decode_record;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::Record;

/// What a log of changes adds up to.
pub trait Journal: Default + Sized {
    /// One record's payload.
    type Change: Serialize + DeserializeOwned + Clone + Send;

    /// Records after which a snapshot is worth while.
    const RECORDS_MAX: usize;

    /// What a snapshot says, or why it cannot be read.
    fn restore(snapshot: &[u8]) -> Result<Self, String>;

    /// The snapshot of what there is.
    fn snapshot(&self) -> Bytes;

    /// Takes in what was stored at this time. Cannot refuse.
    fn apply(&mut self, change: Self::Change, at: Timestamp);
}

/// Puts a snapshot and the records after it together, or says what could not be read.
pub fn replay<J: Journal>(snapshot: Option<&[u8]>, records: &[Record]) -> Result<J, String> {
    let mut journal = match snapshot {
        Some(bytes) => J::restore(bytes).map_err(|error| format!("the snapshot: {error}"))?,
        None => J::default(),
    };
    for record in records {
        let change = decode_record(&record.payload).map_err(|error| format!("record {}: {error}", record.seq))?;
        journal.apply(change, record.at);
    }
    Ok(journal)
}

/// A change as a record's payload.
pub fn encode(change: &impl Serialize) -> Bytes {
    rmp_serde::to_vec_named(change).expect("a change is plain data").into()
}
