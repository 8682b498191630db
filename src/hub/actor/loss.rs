//! What the store lost is put back by whoever still knows it (R6).

use std::collections::VecDeque;
use std::time::Duration;

use quire_protocol::Seq;
use tokio::time::Instant;

use super::Actor;
use crate::hub::random;
use crate::store::shared::{RESTORE_WINDOW_MS, Restore, Restored, Shared};
use crate::store::{LogId, Position, Record, StoreError, Tag};

/// Records whose tags are remembered, to tell a log that lost its end from one that another replica went on with.
const TAGS_MAX: usize = 1_024;
/// Records before a snapshot whose tags are read with it, and what they may weigh: a failover loses moments, not hours.
const TAGS_READ: usize = 256;
const TAGS_READ_BYTES: usize = 1024 * 1024;
/// Pause between attempts to ask the store.
const PAUSE: Duration = Duration::from_millis(100);

/// The tags of a log's last records: every append ends with one of them.
#[derive(Default)]
pub(super) struct Tags(VecDeque<(Seq, Tag)>);

impl Tags {
    /// An append has this tag and a record with this seq.
    pub(super) fn note(&mut self, seq: Seq, tag: Tag) {
        if self.0.back() == Some(&(seq, tag)) {
            return;
        }
        if self.0.len() == TAGS_MAX {
            self.0.pop_front();
        }
        self.0.push_back((seq, tag));
    }

    /// The log has these records.
    pub(super) fn note_all(&mut self, records: &[Record]) {
        let unheeded = records.len().saturating_sub(TAGS_MAX);
        records[unheeded..].iter().for_each(|record| self.note(record.seq, record.tag));
    }

    fn has(&self, position: Position) -> bool {
        self.0.contains(&(position.seq, position.tag))
    }
}

/// What a changed history means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// It only went on.
    None,
    /// The store lost something, or may have: whoever knows more may still put it back.
    Some,
}

impl Actor {
    /// The store's history is not ours any more. If it is only shorter, or put back by somebody who knew less, ours is
    /// put in its place; if others went on with it, theirs holds.
    pub(super) async fn put_back(&self) {
        let (Some(replicas), Some(position)) = (self.hub.replicas(), self.position) else { return };
        replicas.suspect_loss();
        let deadline = Instant::now() + Duration::from_millis(RESTORE_WINDOW_MS);
        loop {
            match self.try_put_back(replicas.shared(), position).await {
                Ok(Loss::None) => return,
                Ok(Loss::Some) => return replicas.doubt(self.book.id()),
                Err(error) if Instant::now() >= deadline => {
                    tracing::error!(book = %self.book.id(), %error, "what the store lost was not put back");
                    return;
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    async fn try_put_back(&self, shared: &dyn Shared, known: Position) -> Result<Loss, StoreError> {
        let there = shared.tails(vec![self.log()]).await?.pop().flatten();
        let is_ours = there.is_none_or(|tail| self.tags.has(tail));
        if let Some(tail) = there.filter(|tail| tail.seq >= known.seq) {
            return Ok(if tail.epoch == known.epoch { Loss::None } else { Loss::Some });
        }
        let restore = Restore {
            log: self.log(),
            // Where somebody put back less than is known here, the store lets more take its place for a while.
            instead_of: there.filter(|_| is_ours),
            tag: Tag(random()),
            seq: self.book.seq(),
            stamp: self.book.last_stamp(),
            snapshot: rmp_serde::to_vec_named(&self.book.save()).expect("a saved book is plain data").into(),
            records: Vec::new(),
            fences: self.book.fences().map(|(chapter, token)| (self.chapter_log(chapter), token)).collect(),
        };
        match shared.restore(restore).await? {
            Restored::Done(position) => {
                tracing::warn!(book = %self.book.id(), seq = %position.seq, "a book that the store lost was put back");
            }
            Restored::Stale => tracing::warn!(book = %self.book.id(), "another replica knew more of a lost book"),
        }
        Ok(Loss::Some)
    }

    /// A snapshot says nothing of the appends before it, which a store may still go back to.
    pub(super) async fn remember_before(&mut self, snapshot: Position) {
        if self.hub.replicas().is_some() {
            let from = Seq(snapshot.seq.0.saturating_sub(TAGS_READ as u64) + 1);
            let records = self.hub.store.read_archive(self.log(), from, TAGS_READ, TAGS_READ_BYTES).await;
            // Without them less can be put back.
            self.tags.note_all(&records.unwrap_or_default());
        }
        self.tags.note(snapshot.seq, snapshot.tag);
    }

    fn chapter_log(&self, chapter: &quire_protocol::ChapterId) -> LogId {
        LogId::Chapter(self.book.id().clone(), chapter.clone())
    }
}
