//! When a text that is open here is made one state.

use std::sync::Arc;

use bytes::Bytes;
use quire_protocol::ChapterId;

use super::super::Actor;
use crate::chapter::{Entry, Whole};
use crate::hub::compaction::compact_text;
use crate::hub::mail::PackedText;

/// A state is made of so many updates, or of fewer that weigh more.
const UPDATES_MAX: usize = 500;
const BYTES_MAX: usize = 256 * 1024;

/// What came since the last state.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uncompacted {
    pub(super) updates: usize,
    pub(super) bytes: usize,
}

impl Uncompacted {
    pub(super) fn of(whole: &Whole) -> Self {
        let updates = whole.updates();
        Self { updates: updates.len(), bytes: updates.map(Bytes::len).sum() }
    }

    pub(super) fn count(&mut self, entry: &Entry) {
        self.updates += 1;
        self.bytes += entry.update().len();
    }

    fn is_much(self) -> bool {
        self.updates >= UPDATES_MAX || self.bytes >= BYTES_MAX
    }
}

impl Actor {
    /// Has a state made of a text whose log is long. Nobody waits for it; a failure leaves the log as it is, and is tried
    /// again when as much has come again.
    pub(super) fn compact_text_if_long(&mut self, chapter: &ChapterId) {
        let Some(open) = self.texts.get_mut(chapter) else { return };
        if !open.uncompacted.is_much() {
            return;
        }
        open.uncompacted = Uncompacted::default();
        self.compact_text(chapter);
    }

    /// Has a state made of a text.
    pub(super) fn compact_text(&self, chapter: &ChapterId) {
        let Some(scribe) = self.hub.scribe.clone() else { return };
        // Else it is tried again when as much has come again, or somebody opens it.
        let Ok(place) = self.hub.place_beside() else { return };
        let (hub, book, chapter) = (Arc::clone(&self.hub), self.book.id().clone(), chapter.clone());
        self.hub.tasks.spawn(async move {
            if let Err(error) = compact_text(&hub, scribe.as_ref(), &book, &chapter).await {
                tracing::warn!(%book, %chapter, error, "a text was not compacted; its log stays longer");
            }
            drop(place);
        });
    }

    /// A text that is open here was made one state.
    pub(in super::super) fn text_packed(&mut self, packed: PackedText) {
        let PackedText { chapter, position, state } = packed;
        let Some(open) = self.texts.get_mut(&chapter) else { return };
        if open.position.is_some_and(|known| known.epoch == position.epoch) {
            open.whole.pack(state, position.seq);
            open.forget_if_large(&self.hub.limits);
        }
    }
}
