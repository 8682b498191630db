//! The points of a book's history: the order of its chapters, and which version of each belongs to it. What the versions say
//! lies elsewhere. The number of a point is its place in its log.

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::command::{ChapterKind, Metadata};
use quire_protocol::event::Person;
use quire_protocol::view::{PointChapter, PointRow, PointView};
use quire_protocol::{Format, Limits, Rejection, Seq, Timestamp, What};
use serde::{Deserialize, Serialize};

use super::journal::encode;
use crate::store::Record;

/// What happens to a book's points, as a record's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum PointsChange {
    /// One more. They stay.
    #[serde(rename = "kept")]
    Kept(Point),
}

/// The whole book as it was when somebody kept it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Its name.
    pub label: String,
    /// Who kept it.
    pub by: Person,
    /// What the book was called.
    pub title: String,
    /// What was said of it; `None` in a point that is older than this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// What it looked like; `None` likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The chapters in reading order.
    pub chapters: Vec<PointChapter>,
}

impl Point {
    /// What a record says, or why it cannot be read.
    pub fn of(record: &Record) -> Result<Self, String> {
        let change = decode_record(&record.payload).map_err(|error| format!("record {}: {error}", record.seq));
        change.map(|PointsChange::Kept(point)| point)
    }

    /// What keeping this one after so many others means: a record's payload. `None`: the last one says the same, so whoever
    /// asks has asked before and got no answer.
    pub fn keep_after(&self, count: u64, last: Option<&Self>, limits: &Limits) -> Result<Option<Bytes>, Rejection> {
        if last == Some(self) {
            return Ok(None);
        }
        has_room(count, limits)?;
        let payload = encode(&PointsChange::Kept(self.clone()));
        // It is answered as a whole.
        let max = limits.frame_bytes / 2;
        if payload.len() > max {
            return Err(Rejection::TooLarge { limit: "frame_bytes".into(), max: max as u64 });
        }
        Ok(Some(payload))
    }

    /// The point in a list.
    pub fn row(self, point: Seq, kept_at: Timestamp) -> PointRow {
        let chapters = self.chapters.iter().filter(|chapter| chapter.kind != ChapterKind::Part).count();
        let (words, chapter_count) = (self.words(), u32::try_from(chapters).unwrap_or(u32::MAX));
        let Self { label, by, title, .. } = self;
        PointRow { point, kept_at, by, label, title, chapter_count, words }
    }

    /// The point with its chapters.
    pub fn view(self, point: Seq, kept_at: Timestamp) -> PointView {
        let words = self.words();
        let Self { label, by, title, chapters, .. } = self;
        PointView { point, kept_at, by, label, title, words, chapters }
    }

    fn words(&self) -> u32 {
        self.chapters.iter().fold(0, |sum: u32, chapter| sum.saturating_add(chapter.words))
    }
}

/// Whether a book with so many points can have one more.
pub fn has_room(count: u64, limits: &Limits) -> Result<(), Rejection> {
    let max = limits.points_per_book as u64;
    if count < max {
        Ok(())
    } else {
        Err(Rejection::LimitReached { limit: "points_per_book".into(), max, used: count })
    }
}

/// There is no such point.
pub fn no_such_point() -> Rejection {
    Rejection::NotFound { what: What::Point }
}

#[cfg(test)]
mod tests;
