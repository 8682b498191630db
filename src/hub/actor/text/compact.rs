//! Keeping the logs of texts short: many updates become one state, made by the scribe.

use quire_protocol::ChapterId;

use super::super::Actor;
use crate::chapter::{Entry, Whole};
use crate::scribe::{Document, Works};
use crate::store::{Compacted, LogId, Store};

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
        let Some(scribe) = &self.hub.scribe else { return };
        let (store, scribe) = (self.hub.store.clone(), scribe.clone());
        let log = LogId::Chapter(self.book.id().clone(), chapter.clone());
        self.hub.tasks.spawn(async move {
            match compacts(store.as_ref(), scribe.as_ref(), &log).await {
                Ok(Some(Compacted::Done | Compacted::Stale) | None) => {}
                Err(error) => tracing::warn!(%log, error, "a text was not compacted; its log stays longer"),
            }
        });
    }
}

/// Reads a text, has one state made of it, and stores that.
async fn compacts(store: &dyn Store, scribe: &dyn Works, log: &LogId) -> Result<Option<Compacted>, String> {
    let read = store.read(log.clone(), None).await.map_err(|error| error.to_string())?;
    let Some((snapshot, records, tail)) = read.whole() else { return Ok(None) };
    let whole = Whole::read(snapshot.as_ref().map(|(_, bytes)| &bytes[..]), &records)?;
    let document = Document { state: whole.state.clone(), updates: whole.updates.clone() };
    let state = scribe.compact(document).await.map_err(|failed| failed.to_string())?;
    if state.clocks != whole.text.clocks() {
        return Err("the state does not hold what was written".to_owned());
    }
    let compacted = store.compact(log.clone(), tail, whole.save(state.state)).await;
    compacted.map(Some).map_err(|error| error.to_string())
}
