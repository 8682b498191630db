//! How a book comes to its readers: what is out, and what is to come out next.

use serde::{Deserialize, Serialize};

use crate::event::Person;
use crate::id::{ChapterId, Seq, Timestamp};
use crate::tagged::records;

/// How far a book is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PublishState {
    /// Nobody submitted it yet.
    #[default]
    Draft,
    /// It waits to be reviewed.
    Submitted,
    /// Whoever reviewed it wants something changed.
    ChangesRequested,
    /// Whoever reviewed it has nothing against it.
    Approved,
    /// It is out.
    Published,
    /// It was out.
    Unpublished,
}

impl PublishState {
    /// Every state, in the order in which a book passes through them.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Submitted, Self::ChangesRequested, Self::Approved, Self::Published, Self::Unpublished];
}

/// How far a submission is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RevisionState {
    /// It waits to be reviewed.
    Submitted,
    /// Something is to be changed first.
    ChangesRequested,
    /// It may come out.
    Approved,
}

impl From<RevisionState> for PublishState {
    fn from(state: RevisionState) -> Self {
        match state {
            RevisionState::Submitted => Self::Submitted,
            RevisionState::ChangesRequested => Self::ChangesRequested,
            RevisionState::Approved => Self::Approved,
        }
    }
}

records! {
    /// How far a book is, in its snapshot.
    #[derive(Default)]
    Publishing {
        /// `published` while something is out, else how far the submission is.
        state: PublishState,
        /// It was out since it came into the library, or is.
        was_published: bool,
        /// What is out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        edition: Option<PublishedEdition>,
        /// What was submitted; absent also for whoever may not download the book.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        revision: Option<Revision>,
    }
    /// What readers get: the book as it was at a point of its history. What is written later is not in it.
    PublishedEdition {
        /// The point.
        point: Seq,
        /// Since when.
        at: Timestamp,
        /// Who published it.
        by: Person,
    }
    /// What was submitted: the book as it was at a point of its history.
    Revision {
        /// The point.
        point: Seq,
        /// How far it is.
        state: RevisionState,
        /// Since when.
        at: Timestamp,
        /// Who brought it there.
        by: Person,
        /// What they said to it.
        note: Option<String>,
    }
    /// What was submitted, as the library's list says it.
    #[derive(Copy, Eq)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    ListedRevision {
        /// The point.
        point: Seq,
        /// How far it is.
        state: RevisionState,
    }
    /// The answer to `publish.checklist`. Nothing of it stops a submission.
    Checklist {
        /// Threads that nobody resolved.
        open_threads: u32,
        /// Chapters that say nothing, in reading order.
        empty: Vec<ChapterId>,
        /// Chapters in which somebody writes, in reading order.
        held: Vec<ChapterId>,
        /// What waits to come out; null while nothing is out.
        waiting: Option<Waiting>,
    }
    /// What of a book is otherwise than in what is out.
    Waiting {
        /// Chapters that are new, or say something else, or are called otherwise or part of something else, in reading order.
        chapters: Vec<ChapterId>,
        /// Chapters were removed, or follow each other in another order.
        order: bool,
        /// Its title, metadata or format.
        details: bool,
    }
}
