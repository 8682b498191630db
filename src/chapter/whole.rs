//! A chapter's whole log: what is told to who opens it, and what a snapshot keeps.

use bytes::Bytes;
use quire_protocol::codec::{Blob, decode_record};
use quire_protocol::frame::OpenedText;
use quire_protocol::{Epoch, Seq};
use serde::{Deserialize, Serialize};

use super::entry::{Entry, Restored, Written};
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
    /// What it was imported as, while nobody has written into it.
    html: Option<String>,
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
            match entry {
                Entry::Imported { html } => whole.html = Some(html),
                Entry::Written(Written { update, .. }) | Entry::Restored(Restored { update, .. }) => {
                    // Whoever wrote first has put it into the document.
                    whole.html = None;
                    whole.updates.push(update);
                }
            }
        }
        Ok(whole)
    }

    /// What a client gets that opens the chapter.
    pub fn opened(&self, epoch: Option<Epoch>, clocks: bool) -> OpenedText {
        let updates = self.state.iter().chain(&self.updates).map(|update| Blob(update.to_vec())).collect();
        let clocks = clocks.then(|| self.text.clocks().into_iter().collect());
        let lineage = self.text.lineage();
        OpenedText { epoch, rev: self.text.rev(), html: self.html.clone(), updates, clocks, lineage }
    }

    /// The imported text; `None`: there is a document instead.
    pub fn html(&self) -> Option<&str> {
        let is_document = self.state.is_some() || !self.updates.is_empty();
        if is_document { None } else { Some(self.html.as_deref().unwrap_or_default()) }
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
