//! What the store lost is put back by whoever still knows it (R6).

use std::collections::VecDeque;
use std::time::Duration;

use quire_protocol::Seq;
use tokio::time::Instant;

use super::Actor;
use crate::hub::random;
use crate::store::shared::{RESTORE_WINDOW_MS, Restore, Restored};
use crate::store::{LogId, Position, StoreError, Tag};

/// Appends whose tags are remembered, to tell a log that lost its end from one that another replica went on with.
const TAGS_MAX: usize = 1_024;
/// Pause between attempts to ask the store.
const PAUSE: Duration = Duration::from_millis(100);

/// The last appends of a log, by the seq of their last record.
#[derive(Default)]
pub(super) struct Tags(VecDeque<(Seq, Tag)>);

impl Tags {
    /// The log was seen to end here.
    pub(super) fn note(&mut self, position: Position) {
        if self.0.back() == Some(&(position.seq, position.tag)) {
            return;
        }
        if self.0.len() == TAGS_MAX {
            self.0.pop_front();
        }
        self.0.push_back((position.seq, position.tag));
    }

    fn has(&self, position: Position) -> bool {
        self.0.contains(&(position.seq, position.tag))
    }
}

impl Actor {
    /// The store's history is not ours any more. If it is only shorter, ours is put in its place; if others went on
    /// with it, theirs holds.
    pub(super) async fn put_back(&self) {
        let (Some(replicas), Some(position)) = (self.hub.replicas(), self.position) else { return };
        let deadline = Instant::now() + Duration::from_millis(RESTORE_WINDOW_MS);
        loop {
            match self.try_put_back(replicas.shared(), position).await {
                Ok(()) => return,
                Err(error) if Instant::now() >= deadline => {
                    tracing::error!(book = %self.book.id(), %error, "what the store lost was not put back");
                    return;
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    async fn try_put_back(&self, shared: &dyn crate::store::shared::Shared, known: Position) -> Result<(), StoreError> {
        let there = shared.tails(vec![self.log()]).await?.pop().flatten();
        let is_prefix = there.is_none_or(|tail| tail.seq < known.seq && self.tags.has(tail));
        if !is_prefix {
            return Ok(());
        }
        let restore = Restore {
            log: self.log(),
            instead_of: there,
            tag: Tag(random()),
            seq: self.book.seq(),
            stamp: self.book.last_stamp(),
            snapshot: rmp_serde::to_vec_named(&self.book.save()).expect("a saved book is plain data").into(),
            records: Vec::new(),
            fences: self.book.held().map(|held| (self.chapter_log(held.chapter), held.token)).collect(),
        };
        match shared.restore(restore).await? {
            Restored::Done(position) => {
                tracing::warn!(book = %self.book.id(), seq = %position.seq, "a book that the store lost was put back");
            }
            Restored::Stale => tracing::warn!(book = %self.book.id(), "another replica knew more of a lost book"),
        }
        Ok(())
    }

    fn chapter_log(&self, chapter: &quire_protocol::ChapterId) -> LogId {
        LogId::Chapter(self.book.id().clone(), chapter.clone())
    }
}
