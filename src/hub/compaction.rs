//! Keeping the logs of texts short: many updates become one state, made by the scribe.

use quire_protocol::{BookId, ChapterId};

use super::Hub;
use super::history::document;
use super::mail::{News, PackedText};
use crate::chapter::Whole;
use crate::scribe::{State, Works};
use crate::store::{LogId, Position};

/// Reads a text, has one state made of it, and stores that.
pub(super) async fn compact_text(
    hub: &Hub,
    scribe: &dyn Works,
    book: &BookId,
    chapter: &ChapterId,
) -> Result<(), String> {
    let log = LogId::Chapter(book.clone(), chapter.clone());
    let read = hub.store.read(log, None).await.map_err(|error| error.to_string())?;
    let Some((snapshot, records, tail)) = read.whole() else { return Ok(()) };
    let whole = Whole::read(snapshot.as_ref().map(|(_, bytes)| &bytes[..]), &records)?;
    let state = scribe.compact(document(&whole)).await.map_err(|failed| failed.to_string())?;
    keep_state(hub, (book, chapter), &whole, tail, state).await
}

/// Stores the one state of a text as it was at this position, and keeps it here instead of what it was made of.
pub(super) async fn keep_state(
    hub: &Hub,
    (book, chapter): (&BookId, &ChapterId),
    whole: &Whole,
    position: Position,
    state: State,
) -> Result<(), String> {
    if state.clocks != whole.text.clocks() {
        return Err("the state does not hold what was written".to_owned());
    }
    let log = LogId::Chapter(book.clone(), chapter.clone());
    let stored = hub.store.compact(log, position, whole.save(state.state.clone())).await;
    // Stale: others made a newer one. This one is right all the same.
    stored.map_err(|error| error.to_string())?;
    let packed = PackedText { chapter: chapter.clone(), position, state: state.state };
    hub.registry.tell(book, News::Packed(Box::new(packed)));
    Ok(())
}
