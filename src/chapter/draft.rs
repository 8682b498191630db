//! Recovery drafts: what one person typed in a book and could not store. A log of its own for each person.

use std::collections::VecDeque;

use bytes::Bytes;
use quire_protocol::codec::{Blob, decode_record};
use quire_protocol::command::DraftSave;
use quire_protocol::frame::Answer;
use quire_protocol::view::DraftRow;
use quire_protocol::{ChapterId, DraftId, Limits, Rejection, Timestamp, What, text};
use serde::{Deserialize, Serialize};

use super::guard::{self, ClientId, Clocks, GuardLimits, Profile};
use super::journal::{Journal, encode};

/// Who writes a draft's document.
const CLIENT: ClientId = ClientId(1);

/// What happens to somebody's drafts, as a record's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum DraftsChange {
    /// One more.
    #[serde(rename = "saved")]
    Saved {
        /// Its id.
        draft: DraftId,
        /// Where it was typed.
        chapter: ChapterId,
        /// One clean line.
        excerpt: String,
        /// A document that passed the guard.
        update: Bytes,
    },
    /// One less.
    #[serde(rename = "discarded")]
    Discarded {
        /// Its id.
        draft: DraftId,
    },
}

/// One draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Draft {
    id: DraftId,
    chapter: ChapterId,
    excerpt: String,
    saved_at: Timestamp,
    update: Bytes,
}

/// A snapshot of somebody's drafts, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 { drafts: VecDeque<Draft> },
}

/// Somebody's drafts in one book, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drafts {
    drafts: VecDeque<Draft>,
}

impl Drafts {
    /// What keeping one more means; `None`: it is kept already.
    pub fn save(&self, command: &DraftSave, limits: &Limits) -> Result<Option<DraftsChange>, Rejection> {
        let DraftSave { draft, chapter, excerpt, update: Blob(update) } = command;
        let too_large = |limit: &str, max: usize| Rejection::TooLarge { limit: limit.into(), max: max as u64 };
        if let Some(kept) = self.find(draft) {
            let again = kept.chapter == *chapter && kept.update == *update;
            return if again { Ok(None) } else { Err(Rejection::IdTaken) };
        }
        let excerpt = text::clean_line(excerpt);
        if excerpt.chars().count() > limits.note_chars {
            return Err(too_large("note_chars", limits.note_chars));
        }
        if update.len() > limits.update_bytes {
            return Err(too_large("update_bytes", limits.update_bytes));
        }
        let guard_limits = GuardLimits { update_bytes: limits.update_bytes, ..GuardLimits::default() };
        guard::check(update, &Clocks::default(), CLIENT, &Profile::prosemirror_xml(), &guard_limits)
            .map_err(|fault| Rejection::invalid("update", fault.to_string()))?;
        let (used, max) = (self.drafts.len(), limits.drafts_per_person);
        if used >= max {
            let limit = "drafts_per_person".into();
            return Err(Rejection::LimitReached { limit, max: max as u64, used: used as u64 });
        }
        let update = Bytes::copy_from_slice(update);
        Ok(Some(DraftsChange::Saved { draft: draft.clone(), chapter: chapter.clone(), excerpt, update }))
    }

    /// What throwing one away means; `None`: there is none.
    pub fn discard(&self, draft: &DraftId) -> Option<DraftsChange> {
        self.find(draft).map(|kept| DraftsChange::Discarded { draft: kept.id.clone() })
    }

    /// All of them without their text.
    pub fn list(&self) -> Answer {
        let row = |draft: &Draft| DraftRow {
            id: draft.id.clone(),
            chapter: draft.chapter.clone(),
            excerpt: draft.excerpt.clone(),
            saved_at: draft.saved_at,
        };
        Answer::Drafts { drafts: self.drafts.iter().map(row).collect() }
    }

    /// The text of one.
    pub fn text(&self, draft: &DraftId) -> Result<Answer, Rejection> {
        let kept = self.find(draft).ok_or(Rejection::NotFound { what: What::Draft })?;
        Ok(Answer::Draft { update: Blob(kept.update.to_vec()) })
    }

    fn find(&self, draft: &DraftId) -> Option<&Draft> {
        self.drafts.iter().find(|kept| kept.id == *draft)
    }
}

impl Journal for Drafts {
    type Change = DraftsChange;

    const RECORDS_MAX: usize = 32;

    fn restore(snapshot: &[u8]) -> Result<Self, String> {
        let Saved::V1 { drafts } = decode_record(snapshot)?;
        Ok(Self { drafts })
    }

    fn snapshot(&self) -> Bytes {
        encode(&Saved::V1 { drafts: self.drafts.clone() })
    }

    fn apply(&mut self, change: DraftsChange, at: Timestamp) {
        match change {
            DraftsChange::Saved { draft: id, chapter, excerpt, update } => {
                self.drafts.push_back(Draft { id, chapter, excerpt, saved_at: at, update });
            }
            DraftsChange::Discarded { draft } => self.drafts.retain(|kept| kept.id != draft),
        }
    }
}

#[cfg(test)]
mod tests;
