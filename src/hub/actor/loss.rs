//! What the store lost is put back by whoever still knows it (R6).

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use quire_protocol::{CloseCode, Seq, Token};
use tokio::time::Instant;

use super::Actor;
use super::text::OpenText;
use crate::hub::{Hub, random};
use crate::store::shared::{RESTORE_WINDOW_MS, Restore, Restored, Shared};
use crate::store::{LogId, Position, Record, StoreError, Tag};

/// Records whose tags are remembered, to tell a log that lost its end from one that another replica went on with.
const TAGS_MAX: usize = 1_024;
/// Records before a snapshot whose tags are read with it, and what they may weigh: a failover loses moments, not hours.
const TAGS_READ: usize = 256;
const TAGS_READ_BYTES: usize = 1024 * 1024;
/// Whoever keeps finding the log elsewhere gives up: others go on with it.
const LOOKS_MAX: usize = 5;
/// Pause between attempts to ask the store.
const PAUSE: Duration = Duration::from_millis(100);

/// The tags of a log's last records: every append ends with one of them.
pub(super) struct Tags {
    known: VecDeque<(Seq, Tag)>,
    max: usize,
}

impl Default for Tags {
    fn default() -> Self {
        Self::at_most(TAGS_MAX)
    }
}

impl Tags {
    pub(super) fn at_most(max: usize) -> Self {
        Self { known: VecDeque::new(), max }
    }

    /// An append has this tag and a record with this seq.
    pub(super) fn note(&mut self, seq: Seq, tag: Tag) {
        if self.known.back() == Some(&(seq, tag)) {
            return;
        }
        if self.known.len() == self.max {
            self.known.pop_front();
        }
        self.known.push_back((seq, tag));
    }

    /// The log has these records.
    pub(super) fn note_all(&mut self, records: &[Record]) {
        let unheeded = records.len().saturating_sub(self.max);
        records[unheeded..].iter().for_each(|record| self.note(record.seq, record.tag));
    }

    fn has(&self, position: Position) -> bool {
        self.known.contains(&(position.seq, position.tag))
    }
}

/// How long somebody who knows what the store lost waits for it to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// As long as others may put more in its place.
    OfWindow,
    /// As long as this replica serves: nobody else may know.
    UntilDrained,
}

/// What a changed history means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// It only went on.
    None,
    /// The store lost something, or may have: whoever knows more may still put it back.
    Some,
}

/// What is known here of a log that the store may have lost.
struct Known<'a> {
    log: LogId,
    position: Position,
    tags: &'a Tags,
    /// The last stamp.
    stamp: Token,
    /// What it says at the position. Made only if it is needed.
    snapshot: &'a (dyn Fn() -> Option<Bytes> + Sync),
    fences: Option<Vec<(LogId, Token)>>,
}

impl Actor {
    /// Sends everybody who has the book open to resume: its memory is no longer the history.
    pub(super) fn send_away(&mut self) {
        for seat in self.roster.seats() {
            seat.close(CloseCode::StoreLost, "the book's history changed: resume");
        }
    }

    /// The store's history is not ours any more. If it is only shorter, or put back by somebody who knew less, ours is
    /// put in its place; if others went on with it, theirs holds. So it is with the texts that are open here.
    pub(super) async fn put_back(&self) {
        let (Some(replicas), Some(position)) = (self.hub.replicas(), self.position) else { return };
        let fences = self.book.fences().map(|(chapter, token)| (self.chapter_log(chapter), token)).collect();
        let known = Known {
            log: self.log(),
            position,
            tags: &self.tags,
            stamp: self.book.last_stamp(),
            snapshot: &|| Some(rmp_serde::to_vec_named(&self.book.save()).expect("a saved book is plain data").into()),
            fences: Some(fences),
        };
        if put_back(&self.hub, &known, Patience::OfWindow).await == Loss::Some {
            replicas.doubt(self.book.id());
        }
        let stamp = self.book.last_stamp();
        let texts = self.texts.iter();
        let put_back = texts.map(|(chapter, open)| {
            put_back_text(&self.hub, self.chapter_log(chapter), open, stamp, Patience::OfWindow)
        });
        join_all(put_back).await;
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

/// Puts back what the store lost of a text that is kept here as a whole.
pub(super) async fn put_back_text(hub: &Hub, log: LogId, open: &OpenText, stamp: Token, patience: Patience) {
    let Some(position) = open.position else { return };
    let snapshot = || open.whole.save_as_it_is();
    // The fences are the book's.
    let known = Known { log, position, tags: &open.tags, stamp, snapshot: &snapshot, fences: None };
    put_back(hub, &known, patience).await;
}

async fn put_back(hub: &Hub, known: &Known<'_>, patience: Patience) -> Loss {
    let Some(replicas) = hub.replicas() else { return Loss::None };
    replicas.suspect_loss();
    let deadline = Instant::now() + Duration::from_millis(RESTORE_WINDOW_MS);
    let is_over = || match patience {
        Patience::OfWindow => Instant::now() >= deadline,
        Patience::UntilDrained => hub.is_draining(),
    };
    let mut looks = 0;
    loop {
        match try_put_back(replicas.shared(), known).await {
            Ok(Tried::Over(loss)) => return loss,
            Ok(Tried::Stale) if looks == LOOKS_MAX => {
                tracing::warn!(log = %known.log, "another replica knew more of what the store lost");
                return Loss::Some;
            }
            Ok(Tried::Stale) => looks += 1,
            Err(error) if is_over() => {
                tracing::error!(log = %known.log, %error, "what the store lost was not put back");
                return Loss::None;
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// What came of an attempt.
enum Tried {
    Over(Loss),
    /// Something happened to the log between two looks at it.
    Stale,
}

async fn try_put_back(shared: &dyn Shared, known: &Known<'_>) -> Result<Tried, StoreError> {
    let there = shared.tails(vec![known.log.clone()]).await?.pop().flatten();
    let is_ours = there.is_none_or(|tail| known.tags.has(tail));
    let (log, position) = (&known.log, known.position);
    if let Some(tail) = there.filter(|tail| tail.seq >= position.seq) {
        return Ok(Tried::Over(if tail.epoch == position.epoch { Loss::None } else { Loss::Some }));
    }
    let Some(snapshot) = (known.snapshot)() else {
        tracing::error!(%log, seq = %position.seq, "what the store lost is not known here");
        return Ok(Tried::Over(Loss::Some));
    };
    let restore = Restore {
        log: log.clone(),
        // Where somebody put back less than is known here, the store lets more take its place for a while.
        instead_of: there.filter(|_| is_ours),
        tag: Tag(random()),
        seq: position.seq,
        stamp: known.stamp,
        snapshot,
        records: Vec::new(),
        fences: known.fences.clone(),
    };
    match shared.restore(restore).await? {
        Restored::Done(position) => tracing::warn!(%log, seq = %position.seq, "what the store lost was put back"),
        Restored::Stale => return Ok(Tried::Stale),
    }
    Ok(Tried::Over(Loss::Some))
}
