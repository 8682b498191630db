//! How far an import is.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What an import is at, one after the other. Any of them may be over at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The file is read.
    Reading,
    /// Chapters become documents.
    Chapters,
    /// Pictures are stored.
    Pictures,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What it is at.
    pub stage: Stage,
    /// How many are done.
    pub done: usize,
    /// How many there are, where that is known.
    pub of: Option<usize>,
}

/// As people are told.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Reading => "reading the file",
            Stage::Chapters => "making chapters",
            Stage::Pictures => "storing pictures",
        })?;
        self.of.map_or(Ok(()), |of| write!(f, ": {} of {of}", self.done))
    }
}

/// Whoever wants to know how far it is. Called often, and from several threads.
pub type Tell = Arc<dyn Fn(Progress) + Send + Sync>;

/// Nobody wants to know.
pub fn tell_nobody() -> Tell {
    Arc::new(|_| {})
}
