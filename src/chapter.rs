//! The content of a chapter: a log of Yjs updates. Pure; nothing here merges documents.
//!
//! [`Entry`] is what a record says, [`Text`] what must be known of a text to decide about the next update: who has
//! written how much, not what. What comes from outside passes the [`guard`] first.

pub mod asset;
mod draft;
mod entry;
pub mod guard;
pub mod journal;
pub mod point;
#[cfg(test)]
mod properties;
mod text;
pub mod version;
mod whole;

pub use asset::Assets;
pub use draft::Drafts;
pub use entry::{Entry, Restored, Seeded, Written};
pub use text::{Accepted, OWN_CLIENTS, Text, Writer};
pub use version::Versions;
pub use whole::Whole;
