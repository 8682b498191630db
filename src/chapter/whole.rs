//! A chapter's whole log: what is told to who opens it, and what a snapshot keeps.

use bytes::Bytes;
use quire_protocol::codec::{Blob, decode_record};
use quire_protocol::frame::OpenedText;
use quire_protocol::{Epoch, Seq};
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::text::{SavedText, Text};
use crate::pack;
use crate::store::Record;

/// A snapshot of a chapter, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "2")]
    V2 {
        /// The updates up to this record as one (Yjs, v1), compressed with gzip; null: there are none before it.
        state: Option<Bytes>,
        since: Seq,
        /// The updates after it.
        updates: Vec<(Seq, Bytes)>,
        /// Who has written how much.
        text: SavedText,
    },
}

/// What is there of a text before the updates that are kept one by one.
#[derive(Clone, Debug, Default, PartialEq)]
enum Base {
    /// Nothing: the text begins with them.
    #[default]
    Empty,
    /// All updates so far as one, compressed with gzip.
    State(Bytes),
    /// It was too large to be kept here.
    Forgotten,
}

/// Everything that makes a chapter's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Whole {
    /// What must be known to decide about the next update.
    pub text: Text,
    base: Base,
    /// The last record in the base.
    since: Seq,
    /// The updates after it.
    updates: Vec<(Seq, Bytes)>,
}

impl Whole {
    /// Puts a snapshot and the records after it together, or says what could not be read.
    pub fn read(snapshot: Option<&[u8]>, records: &[Record]) -> Result<Self, String> {
        let mut whole = match snapshot {
            Some(bytes) => {
                let Saved::V2 { state, since, updates, text } =
                    decode_record(bytes).map_err(|error| format!("the snapshot: {error}"))?;
                let base = state.map_or(Base::Empty, Base::State);
                Self { text: Text::restore(text), base, since, updates }
            }
            None => Self::default(),
        };
        for record in records {
            whole.apply(record.seq, &Entry::of(record)?);
        }
        Ok(whole)
    }

    /// Takes in a record. Cannot refuse: it is in the log.
    pub fn apply(&mut self, rev: Seq, entry: &Entry) {
        self.text.apply(rev, entry);
        self.updates.push((rev, entry.update().clone()));
    }

    /// All updates up to this record are this one state (gzip), which is kept in their place.
    pub fn pack(&mut self, state: Bytes, rev: Seq) {
        if rev >= self.since && rev <= self.text.rev() {
            self.base = Base::State(state);
            self.since = rev;
            self.updates.retain(|(update, _)| *update > rev);
            self.updates.shrink_to_fit();
        }
    }

    /// Keeps nothing of what there is, until it is one state.
    pub fn forget(&mut self) {
        (self.base, self.since, self.updates) = (Base::Forgotten, self.text.rev(), Vec::new());
    }

    /// What a client gets that opens the chapter; only what came after `have`, if that can be told. `None`: it was
    /// forgotten here.
    pub fn opened(&self, epoch: Option<Epoch>, have: Option<Seq>, clocks: bool) -> Option<OpenedText> {
        let after = have.filter(|have| *have >= self.since && *have <= self.text.rev());
        let state = match &self.base {
            _ if after.is_some() => None,
            Base::Forgotten => return None,
            Base::Empty => None,
            Base::State(state) => Some(Blob(state.to_vec())),
        };
        let new = self.updates.iter().filter(|(rev, _)| Some(*rev) > after);
        Some(OpenedText {
            epoch,
            rev: self.text.rev(),
            after,
            state,
            updates: new.map(|(_, update)| Blob(update.to_vec())).collect(),
            lineage: self.text.lineage(),
            n: None,
            clocks: clocks.then(|| self.text.clocks().into_iter().collect()),
        })
    }

    /// What it weighs, in bytes.
    pub fn bytes(&self) -> usize {
        self.state().map_or(0, Bytes::len) + self.updates.iter().map(|(_, update)| update.len()).sum::<usize>()
    }

    /// What it weighs when its state is unpacked, in bytes.
    pub fn unpacked_bytes(&self) -> usize {
        let updates = self.updates.iter().map(|(_, update)| update.len()).sum::<usize>();
        self.state().map_or(0, |state| pack::unpacked_bytes(state)) + updates
    }

    /// All updates up to some record as one, compressed with gzip.
    pub fn state(&self) -> Option<&Bytes> {
        if let Base::State(state) = &self.base { Some(state) } else { None }
    }

    /// The updates after the state.
    pub fn updates(&self) -> impl ExactSizeIterator<Item = &Bytes> {
        self.updates.iter().map(|(_, update)| update)
    }

    /// The snapshot of this text whose updates are `state` in one.
    pub fn save(&self, state: Bytes) -> Bytes {
        saved(Some(state), self.rev(), Vec::new(), &self.text)
    }

    /// The snapshot of this text as it is kept here; `None`: something of it was forgotten.
    pub fn save_as_it_is(&self) -> Option<Bytes> {
        (self.base != Base::Forgotten)
            .then(|| saved(self.state().cloned(), self.since, self.updates.clone(), &self.text))
    }

    /// The last record.
    pub fn rev(&self) -> Seq {
        self.text.rev()
    }
}

fn saved(state: Option<Bytes>, since: Seq, updates: Vec<(Seq, Bytes)>, text: &Text) -> Bytes {
    let saved = Saved::V2 { state, since, updates, text: text.save() };
    rmp_serde::to_vec_named(&saved).expect("a snapshot is plain data").into()
}

#[cfg(test)]
mod tests;
