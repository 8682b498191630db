//! The content of a chapter: a log of Yjs updates. Pure; nothing here merges documents.
//!
//! [`Entry`] is what a record says, [`Text`] what must be known of a text to decide about the next update: who has
//! written how much, not what. What comes from outside passes the [`guard`] first.

mod draft;
mod entry;
pub mod guard;
mod text;
mod whole;

pub use draft::{Drafts, DraftsChange};
pub use entry::{Entry, Written, imported};
pub use text::{Accepted, Text, Writer};
pub use whole::Whole;
