//! What a record of a chapter's log says.

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::{Seq, SessionId, UserId};
use serde::{Deserialize, Serialize};

use crate::store::Record;

/// One record of a chapter's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum Entry {
    /// The text came from outside, with its book: the first record, or none.
    #[serde(rename = "seeded")]
    Seeded(Seeded),
    /// Somebody wrote.
    #[serde(rename = "written")]
    Written(Written),
    /// An older version was brought back.
    #[serde(rename = "restored")]
    Restored(Restored),
}

/// An update of the hub's own that says what was imported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seeded {
    /// The Yjs client that wrote it: one of the hub's own.
    pub client: u64,
    /// Clock units that the client has after it.
    pub units: u32,
    /// The update (Yjs, v1).
    pub update: Bytes,
}

/// An update of the hub's own that brings an older version back. It is none of the holder's updates: those go on with
/// their numbers and their client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restored {
    /// Who wished it.
    pub user: UserId,
    /// In which tab.
    pub session: SessionId,
    /// The Yjs client that wrote it: one of its own.
    pub client: u64,
    /// Clock units that the client has after it.
    pub units: u32,
    /// The end of the book's log when it was accepted.
    pub book_seq: Seq,
    /// The version.
    pub version: Seq,
    /// The update (Yjs, v1).
    pub update: Bytes,
}

/// An update that was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// Who.
    pub user: UserId,
    /// In which tab.
    pub session: SessionId,
    /// The Yjs client that wrote: the first token of the hold, or one that the editor chose.
    pub client: u64,
    /// Its number among the updates of the hold, from 1; 0: the editor chose the client id.
    pub n: u64,
    /// Clock units that the client has after it.
    pub units: u32,
    /// The end of the book's log when it was accepted: whoever passes this on has applied that (R7).
    pub book_seq: Seq,
    /// The update (Yjs, v1).
    pub update: Bytes,
}

impl Entry {
    /// The entry as a record's payload.
    pub fn encode(&self) -> Bytes {
        rmp_serde::to_vec_named(self).expect("an entry is plain data").into()
    }

    /// The end of the book's log when it was accepted.
    pub fn book_seq(&self) -> Option<Seq> {
        match self {
            Self::Seeded(_) => None,
            Self::Written(written) => Some(written.book_seq),
            Self::Restored(restored) => Some(restored.book_seq),
        }
    }

    /// The update.
    pub fn update(&self) -> &Bytes {
        match self {
            Self::Seeded(seeded) => &seeded.update,
            Self::Written(written) => &written.update,
            Self::Restored(restored) => &restored.update,
        }
    }

    /// The session in which it was made; `None`: nobody's, and nobody had the text open.
    pub fn session(&self) -> Option<&SessionId> {
        match self {
            Self::Seeded(_) => None,
            Self::Written(written) => Some(&written.session),
            Self::Restored(restored) => Some(&restored.session),
        }
    }

    /// What a record says, or why it cannot be read.
    pub fn of(record: &Record) -> Result<Self, String> {
        decode_record(&record.payload).map_err(|error| format!("record {}: {error}", record.seq))
    }
}
