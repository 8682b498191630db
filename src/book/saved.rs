//! A book as it is stored in a snapshot of its log: everything, in a form of its own, so that `Book` stays free.

use std::sync::Arc;

use quire_protocol::command::Metadata;
use quire_protocol::{BookId, ChapterId, Format, Seq, Token};
use serde::{Deserialize, Serialize};

use super::comment::{SavedThread, Threads};
use super::fact::Origin;
use super::lock::{Locks, SavedLock};
use super::member::{Members, SavedMembers};
use super::memory::{Memory, SavedMemory};
use super::outline::{Outline, SavedOutline};
use super::ownership::Offer;
use super::publishing::Publishing;
use super::royalty::Royalties;
use super::shelf::Shelf;
use super::{Book, Stage};
use crate::library::Granted;

/// A book's complete state. A new form is a new variant; old ones are read for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Saved {
    /// The first form.
    V1(Box<SavedV1>),
}

/// The first form of a stored book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedV1 {
    id: BookId,
    seq: Seq,
    last_stamp: Token,
    stage: Stage,
    origin: Option<Origin>,
    title: String,
    metadata: Metadata,
    metadata_seq: Seq,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    format_seq: Seq,
    outline: SavedOutline,
    locks: Vec<(ChapterId, SavedLock)>,
    threads: Vec<SavedThread>,
    members: SavedMembers,
    #[serde(default)]
    royalties: Royalties,
    #[serde(default)]
    shelved: bool,
    #[serde(default)]
    publishing: Publishing,
    #[serde(default)]
    offer: Option<Offer>,
    memory: SavedMemory,
}

impl Book {
    /// The complete state, for a snapshot of the log at [`Book::seq`].
    pub fn save(&self) -> Saved {
        Saved::V1(Box::new(SavedV1 {
            id: self.id.clone(),
            seq: self.seq,
            last_stamp: self.last_stamp,
            stage: self.stage,
            origin: self.origin.clone(),
            title: self.title.clone(),
            metadata: Metadata::clone(&self.metadata),
            metadata_seq: self.metadata_seq,
            format: Format::clone(&self.format),
            format_seq: self.format_seq,
            outline: self.outline.save(),
            locks: self.locks.save(),
            threads: self.threads.save(),
            members: self.members.save(),
            royalties: self.royalties.clone(),
            shelved: self.is_shelved(),
            publishing: self.publishing.clone(),
            offer: self.offer.clone(),
            memory: self.memory.save(),
        }))
    }

    /// The book as it was saved.
    pub fn restore(saved: Saved) -> Self {
        let Saved::V1(saved) = saved;
        let shelf = saved.shelved.then(|| Shelf::of(&saved.title, &saved.metadata));
        Self {
            id: saved.id,
            seq: saved.seq,
            last_stamp: saved.last_stamp,
            stage: saved.stage,
            origin: saved.origin,
            title: saved.title,
            metadata: Arc::new(saved.metadata),
            metadata_seq: saved.metadata_seq,
            format: Arc::new(saved.format),
            format_seq: saved.format_seq,
            outline: Outline::restore(saved.outline),
            locks: Locks::restore(saved.locks),
            threads: Threads::restore(saved.threads),
            members: Members::restore(saved.members),
            royalties: saved.royalties,
            shelf,
            publishing: saved.publishing,
            offer: saved.offer,
            memory: Memory::restore(saved.memory),
            granted: Granted::default(),
        }
    }
}
