//! Who gets which part of what a book earns.

use serde::{Deserialize, Serialize};

use crate::id::{Timestamp, UserId};

/// The basis points of the whole: a hundredth of a percent each.
pub const WHOLE: u32 = 10_000;

/// One person's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Share {
    /// Whose: a member of the book.
    pub user: UserId,
    /// How much, of [`WHOLE`].
    pub basis_points: u32,
}

/// Who gets what from a time on, until the next split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Split {
    /// From when on.
    pub effective_at: Timestamp,
    /// What each gets; together the whole.
    pub shares: Vec<Share>,
}
