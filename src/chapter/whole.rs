//! A chapter's whole log: what is told to who opens it, and what a snapshot keeps.

use bytes::Bytes;
use quire_protocol::codec::{Blob, decode_record};
use quire_protocol::frame::OpenedText;
use quire_protocol::{Epoch, Seq};
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::text::{SavedText, Text};
use crate::store::Record;

/// A snapshot of a chapter, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 {
        /// All updates so far as one (Yjs, v1).
        state: Bytes,
        /// Who has written how much.
        text: SavedText,
    },
}

/// Everything that makes a chapter's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Whole {
    /// What must be known to decide about the next update.
    pub text: Text,
    /// All updates of the snapshot as one.
    pub state: Option<Bytes>,
    /// The updates after it.
    pub updates: Vec<Bytes>,
}

impl Whole {
    /// Puts a snapshot and the records after it together, or says what could not be read.
    pub fn read(snapshot: Option<&[u8]>, records: &[Record]) -> Result<Self, String> {
        let mut whole = match snapshot {
            Some(bytes) => {
                let Saved::V1 { state, text } =
                    decode_record(bytes).map_err(|error| format!("the snapshot: {error}"))?;
                Self { text: Text::restore(text), state: Some(state), ..Self::default() }
            }
            None => Self::default(),
        };
        for record in records {
            let entry = Entry::of(record)?;
            whole.text.apply(record.seq, &entry);
            whole.updates.push(entry.update().clone());
        }
        Ok(whole)
    }

    /// What a client gets that opens the chapter.
    pub fn opened(&self, epoch: Option<Epoch>, clocks: bool) -> OpenedText {
        let updates = self.state.iter().chain(&self.updates).map(|update| Blob(update.to_vec())).collect();
        let clocks = clocks.then(|| self.text.clocks().into_iter().collect());
        let lineage = self.text.lineage();
        OpenedText { epoch, rev: self.text.rev(), updates, clocks, lineage }
    }

    /// The snapshot of this text whose updates are `state` in one.
    pub fn save(&self, state: Bytes) -> Bytes {
        let saved = Saved::V1 { state, text: self.text.save() };
        rmp_serde::to_vec_named(&saved).expect("a snapshot is plain data").into()
    }

    /// The last record.
    pub fn rev(&self) -> Seq {
        self.text.rev()
    }
}
