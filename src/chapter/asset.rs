//! The pictures of a book: which there are and what is said about them. Their bytes lie elsewhere, in pieces.

use std::collections::BTreeMap;

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::event::Person;
use quire_protocol::{AssetId, Limits, Rejection, Timestamp, What};
use serde::{Deserialize, Serialize};

use super::journal::{Journal, encode};
use crate::picture::PictureKind;
use crate::store::Record;

/// Bytes of a picture in one record. Another hub may go on where one stopped, so this never changes.
pub const PIECE_BYTES: usize = 256 * 1024;

/// What happens to a book's pictures, as a record's payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum AssetsChange {
    /// One more. They stay: older versions of a text may name them.
    #[serde(rename = "added")]
    Added(Asset),
    /// The bytes of one begin to be stored. They count from now on, whether or not all of them ever come.
    #[serde(rename = "begun")]
    Begun {
        /// Whose bytes.
        id: AssetId,
        /// How many there will be.
        bytes: u64,
    },
}

/// What is said about a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// Its id, which is that of its bytes.
    pub id: AssetId,
    /// Its kind.
    pub kind: PictureKind,
    /// How many bytes it has.
    pub bytes: u64,
    /// How wide it is shown, in pixels.
    pub width: u32,
    /// How high it is shown, in pixels.
    pub height: u32,
    /// Who brought it; nobody, if it came with an imported book.
    pub by: Option<Person>,
}

/// Bytes of a picture as a record's payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum AssetPiece {
    /// The next [`PIECE_BYTES`] of them, or what is left.
    #[serde(rename = "piece")]
    Piece {
        /// As they are.
        data: Bytes,
    },
}

/// A picture with the time when it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    asset: Asset,
    at: Timestamp,
}

/// [`Assets`] as they are stored.
#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 {
        assets: Vec<Kept>,
        #[serde(default)]
        begun: BTreeMap<AssetId, u64>,
    },
}

/// The pictures of a book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    by_id: BTreeMap<AssetId, Kept>,
    /// Those of which not all bytes are known to be there, with what they weigh.
    begun: BTreeMap<AssetId, u64>,
    /// What all of them weigh, those that were only begun too.
    bytes: u64,
}

impl Assets {
    /// What beginning to store one more means; `None`: it was begun before, or is there already.
    pub fn begin(&self, asset: &Asset, limits: &Limits) -> Result<Option<AssetsChange>, Rejection> {
        if self.by_id.contains_key(&asset.id) || self.begun.contains_key(&asset.id) {
            return Ok(None);
        }
        self.has_room(asset, limits)?;
        Ok(Some(AssetsChange::Begun { id: asset.id.clone(), bytes: asset.bytes }))
    }

    /// What adding one more means, when all its bytes are stored; `None`: it is there already.
    pub fn add(&self, asset: &Asset, limits: &Limits) -> Result<Option<AssetsChange>, Rejection> {
        if self.by_id.contains_key(&asset.id) {
            return Ok(None);
        }
        // Its room was given when it was begun.
        if self.begun.get(&asset.id) != Some(&asset.bytes) {
            self.has_room(asset, limits)?;
        }
        Ok(Some(AssetsChange::Added(asset.clone())))
    }

    fn has_room(&self, asset: &Asset, limits: &Limits) -> Result<(), Rejection> {
        let reached =
            |limit: &str, max: usize, used: u64| Rejection::LimitReached { limit: limit.into(), max: max as u64, used };
        if asset.bytes > limits.asset_bytes as u64 {
            return Err(Rejection::TooLarge { limit: "asset_bytes".into(), max: limits.asset_bytes as u64 });
        }
        let count = self.by_id.len() + self.begun.len();
        if count >= limits.assets_per_book {
            return Err(reached("assets_per_book", limits.assets_per_book, count as u64));
        }
        if self.bytes + asset.bytes > limits.book_asset_bytes as u64 {
            return Err(reached("book_asset_bytes", limits.book_asset_bytes, self.bytes));
        }
        Ok(())
    }

    /// One of them.
    pub fn get(&self, id: &AssetId) -> Option<&Asset> {
        self.by_id.get(id).map(|kept| &kept.asset)
    }

    /// One that the caller named.
    pub fn find(&self, id: &AssetId) -> Result<&Asset, Rejection> {
        self.get(id).ok_or(Rejection::NotFound { what: What::Asset })
    }
}

impl Journal for Assets {
    type Change = AssetsChange;

    const RECORDS_MAX: usize = 64;

    fn restore(snapshot: &[u8]) -> Result<Self, String> {
        let Saved::V1 { assets, begun } = decode_record(snapshot)?;
        let mut all = Self { bytes: begun.values().sum(), begun, ..Self::default() };
        for Kept { asset, at } in assets {
            all.apply(AssetsChange::Added(asset), at);
        }
        Ok(all)
    }

    fn snapshot(&self) -> Bytes {
        encode(&Saved::V1 { assets: self.by_id.values().cloned().collect(), begun: self.begun.clone() })
    }

    fn apply(&mut self, change: AssetsChange, at: Timestamp) {
        match change {
            AssetsChange::Begun { id, bytes } => {
                if !self.by_id.contains_key(&id) && self.begun.insert(id, bytes).is_none() {
                    self.bytes += bytes;
                }
            }
            AssetsChange::Added(asset) => {
                let begun = self.begun.remove(&asset.id).unwrap_or(0);
                let bytes = asset.bytes;
                if self.by_id.insert(asset.id.clone(), Kept { asset, at }).is_none() {
                    self.bytes = self.bytes - begun + bytes;
                }
            }
        }
    }
}

impl AssetPiece {
    /// What a record says, or why it cannot be read.
    pub fn of(record: &Record) -> Result<Self, String> {
        decode_record(&record.payload).map_err(|error| format!("record {}: {error}", record.seq))
    }
}

#[cfg(test)]
mod tests;
