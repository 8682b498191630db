//! The text of chapters that somebody has open here: read, written under the fence, passed on.
//!
//! The store itself refuses an update whose token is not the chapter's any more, in the same step in which it would
//! store it. So nothing is asked of the book's log before a write: a replica that was asleep can only be refused.

mod compact;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use quire_protocol::command::ChapterOpen;
use quire_protocol::frame::{Answer, OpenedText};
use quire_protocol::{Action, ChapterId, CloseCode, Limits, Rejection, Seq, SessionId};

use super::loss::{Patience, Tags, put_back_text};
use super::version::Written;
use super::{Actor, Lost};
use crate::chapter::{Entry, Text, Whole};
use crate::hub::ledger::is_surely_absent;
use crate::hub::seat::Seat;
use crate::hub::{no_such_book, unavailable};
use crate::store::shared::Wake;
use crate::store::{LogId, Position, Read, Record, StoreError};
use compact::Uncompacted;

/// Records whose tags are remembered of a text, and what those before its snapshot may weigh.
const TAGS_MAX: usize = 128;
const TAGS_READ_BYTES: usize = 256 * 1024;
/// What is told packed is, unpacked, no more than so many of the largest frames.
const UNPACKED_FRAMES: usize = 4;

/// A chapter's text, while somebody here has it open.
pub(super) struct OpenText {
    pub(super) whole: Whole,
    /// Where its log ends, as far as is known; `None`: nobody ever wrote into it.
    pub(super) position: Option<Position>,
    /// Of the last records.
    pub(super) tags: Tags,
    watchers: Vec<Arc<Seat>>,
    uncompacted: Uncompacted,
    /// What was written here since the last version.
    pub(super) written: Option<Written>,
}

impl OpenText {
    fn new(whole: Whole, position: Option<Position>, tags: Tags) -> Self {
        let uncompacted = Uncompacted::of(&whole);
        Self { whole, position, tags, watchers: Vec::new(), uncompacted, written: None }
    }

    /// What must be known to decide about the next update.
    pub(super) fn text(&self) -> &Text {
        &self.whole.text
    }

    /// More than a client takes at once is not kept here.
    fn forget_if_large(&mut self, limits: &Limits) {
        let is_large = self.whole.bytes() > limits.frame_bytes / 2;
        if is_large || self.whole.unpacked_bytes() > UNPACKED_FRAMES * limits.frame_bytes {
            self.whole.forget();
        }
    }

    fn is_watched_by(&self, session: &SessionId) -> bool {
        self.watchers.iter().any(|watcher| watcher.session == *session)
    }
}

impl Actor {
    fn text_log(&self, chapter: &ChapterId) -> LogId {
        LogId::Chapter(self.book.id().clone(), chapter.clone())
    }

    /// Answers the whole text, and tells this connection of what comes after.
    pub(super) async fn open_text(&mut self, seat: &Arc<Seat>, reference: u64, open: &ChapterOpen) {
        let chapter = &open.chapter;
        let opened = match self.may_open_text(seat, chapter) {
            Ok(()) => self.read_text(open).await,
            Err(rejection) => Err(rejection),
        };
        // R7: what was read may be newer than the right to read it.
        let opened = opened.and_then(|opened| self.may_open_text(seat, chapter).map(|()| opened));
        let result = opened.map(|mut opened| {
            opened.n = self.stored_of_hold(seat, chapter);
            let open = self.texts.get_mut(chapter).expect("it was just read");
            open.watchers.retain(|watcher| watcher.session != seat.session);
            open.watchers.push(Arc::clone(seat));
            Answer::Text(Box::new(opened))
        });
        let seq = self.shows_seq(seat).then(|| self.book.seq());
        seat.reply(reference, seq, result, &self.hub.limits);
        self.forget_texts();
    }

    /// How many updates of its own hold are stored; `None`: it has none.
    fn stored_of_hold(&self, seat: &Seat, chapter: &ChapterId) -> Option<u64> {
        let held = self.book.held().find(|held| held.chapter == chapter && *held.session == seat.session)?;
        let began = self.book.hold_of(&seat.user, &seat.session, chapter, held.token).ok()?;
        Some(self.texts.get(chapter)?.text().stored_of(began))
    }

    /// Tells this session of no more changes. Idempotent.
    pub(super) fn close_text(&mut self, seat: &Seat, reference: u64, chapter: &ChapterId) {
        if let Some(open) = self.texts.get_mut(chapter) {
            open.watchers.retain(|watcher| watcher.session != seat.session);
        }
        self.forget_texts();
        let seq = self.shows_seq(seat).then(|| self.book.seq());
        seat.reply(reference, seq, Ok(Answer::Done {}), &self.hub.limits);
    }

    /// The session does not see the book any more.
    pub(super) fn leave_texts(&mut self, session: &SessionId) {
        for open in self.texts.values_mut() {
            open.watchers.retain(|watcher| watcher.session != *session);
        }
        self.forget_texts();
    }

    fn forget_texts(&mut self) {
        let (open, forgotten): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.texts).into_iter().partition(|(_, open)| !open.watchers.is_empty());
        self.texts = open;
        for (chapter, open) in &forgotten as &BTreeMap<ChapterId, OpenText> {
            self.keep_version_of(chapter, open.text().rev(), open.written.as_ref());
        }
        self.show_texts();
    }

    fn show_texts(&self) {
        let positions = self.texts.iter().map(|(chapter, open)| (chapter.clone(), open.position));
        self.shown.set_texts(positions.collect());
    }

    fn may_open_text(&self, seat: &Seat, chapter: &ChapterId) -> Result<(), Rejection> {
        if !self.book.may(&seat.user, Action::View) {
            return Err(no_such_book());
        }
        if !self.serves(&seat.session, &seat.home) {
            return Err(Rejection::conflict("open the book first"));
        }
        self.book.has_text(chapter)?;
        let others = self.texts.iter().filter(|(open, text)| *open != chapter && text.is_watched_by(&seat.session));
        let (used, max) = (others.count(), self.hub.limits.texts_per_session);
        if used >= max {
            let limit = "texts_per_session".into();
            return Err(Rejection::LimitReached { limit, max: max as u64, used: used as u64 });
        }
        Ok(())
    }

    /// What a client gets that opens a text: from what is known here, once it is known that nothing is missing.
    async fn read_text(&mut self, open: &ChapterOpen) -> Result<OpenedText, Rejection> {
        let chapter = &open.chapter;
        self.catch_up_text(chapter).await.map_err(|_| unavailable())?;
        self.returning.retain(|_, task| task.strong_count() > 0);
        if self.returning.contains_key(chapter) {
            return Err(unavailable());
        }
        let known = match self.texts.get(chapter) {
            Some(known) => known,
            None => self.load_text(chapter).await?,
        };
        let epoch = known.position.map(|position| position.epoch);
        let have = open.have.filter(|have| Some(have.epoch) == epoch).map(|have| have.rev);
        let opened = known.whole.opened(epoch, have, open.clocks);
        let max = self.hub.limits.frame_bytes / 2;
        opened.ok_or_else(|| {
            // One state of it may be smaller.
            self.compact_text(chapter);
            Rejection::TooLarge { limit: "frame_bytes".into(), max: max as u64 }
        })
    }

    /// Reads the log from its beginning.
    async fn load_text(&mut self, chapter: &ChapterId) -> Result<&OpenText, Rejection> {
        let read = self.hub.store.read(self.text_log(chapter), None).await.map_err(|_| unavailable())?;
        let (snapshot, records, tail) = if let Some((snapshot, records, tail)) = read.whole() {
            (snapshot, records, Some(tail))
        } else {
            self.ask_whether_absent().await?;
            (None, Vec::new(), None)
        };
        let entries = self.entries(chapter, &records).ok_or_else(unavailable)?;
        let seen = entries.iter().filter_map(|(_, entry)| entry.book_seq()).max();
        if seen.is_some_and(|seen| seen > self.book.seq()) && !matches!(self.look_again().await, Ok(true)) {
            return Err(unavailable());
        }
        let whole = Whole::read(snapshot.as_ref().map(|(_, bytes)| &bytes[..]), &records)
            .inspect_err(|error| self.cannot_read(chapter, error))
            .map_err(|_| unavailable())?;
        let mut tags = Tags::at_most(TAGS_MAX);
        if let Some((position, _)) = snapshot.filter(|_| self.hub.replicas().is_some()) {
            // A snapshot says nothing of the appends before it, which a store may still go back to.
            let from = Seq(position.seq.0.saturating_sub(TAGS_MAX as u64) + 1);
            let before = self.hub.store.read_archive(self.text_log(chapter), from, TAGS_MAX, TAGS_READ_BYTES).await;
            // Without them less can be put back.
            tags.note_all(&before.unwrap_or_default());
            tags.note(position.seq, position.tag);
        }
        tags.note_all(&records);
        if let Some(tail) = tail {
            tags.note(tail.seq, tail.tag);
        }
        let mut open = OpenText::new(whole, tail, tags);
        open.forget_if_large(&self.hub.limits);
        Ok(self.texts.entry(chapter.clone()).insert_entry(open).into_mut())
    }

    /// A text that is absent may be another replica's to put back (R6).
    async fn ask_whether_absent(&self) -> Result<(), Rejection> {
        if let Some(replicas) = self.hub.replicas() {
            replicas.check_mark().await.map_err(|_| unavailable())?;
        }
        if is_surely_absent(&self.hub) { Ok(()) } else { Err(unavailable()) }
    }

    /// What these records say. An entry that is not understood is never skipped (I11).
    fn entries(&self, chapter: &ChapterId, records: &[Record]) -> Option<Vec<(Seq, Entry)>> {
        let entry = |record: &Record| Entry::of(record).map(|entry| (record.seq, entry));
        let entries: Result<Vec<_>, String> = records.iter().map(entry).collect();
        entries.inspect_err(|error| self.cannot_read(chapter, error)).ok()
    }

    fn cannot_read(&self, chapter: &ChapterId, error: &str) {
        tracing::error!(book = %self.book.id(), %chapter, error, "a text cannot be read");
    }

    // === What others wrote ===

    /// Another replica appended to a chapter's log: one in step reads nothing.
    pub(super) async fn text_woken(&mut self, chapter: &ChapterId, wake: Wake) {
        let Wake { after, tail, records, .. } = wake;
        let Some(position) = self.texts.get(chapter).map(|open| open.position) else { return };
        let knows = |position: Position| position.epoch == tail.epoch && position.seq >= tail.seq;
        if position.is_some_and(knows) {
            return;
        }
        if position == after && !records.is_empty() {
            self.take_in_text(chapter, Read::Records { records, tail }).await;
        } else {
            // Else the next comparison finds out.
            drop(self.catch_up_text(chapter).await);
        }
    }

    /// Looks whether others wrote into what is open here. If the store cannot be asked, the next comparison finds out.
    pub(super) async fn catch_up_texts(&mut self) {
        let chapters: Vec<ChapterId> = self.texts.keys().cloned().collect();
        for chapter in chapters {
            drop(self.catch_up_text(&chapter).await);
        }
    }

    async fn catch_up_text(&mut self, chapter: &ChapterId) -> Result<(), StoreError> {
        let Some(position) = self.texts.get(chapter).map(|open| open.position) else { return Ok(()) };
        if self.hub.store.tail(self.text_log(chapter)).await? != position {
            let read = self.hub.store.read(self.text_log(chapter), position).await?;
            self.take_in_text(chapter, read).await;
        }
        Ok(())
    }

    /// Applies and passes on what was read after the known position.
    pub(super) async fn take_in_text(&mut self, chapter: &ChapterId, read: Read) {
        let Some(position) = self.texts.get(chapter).map(|open| open.position) else { return };
        let (records, tail) = match (position, read) {
            (None, Read::Absent) => return,
            (_, Read::Records { records, tail }) | (None, Read::Snapshot { snapshot: None, records, tail }) => {
                (records, tail)
            }
            (_, Read::Absent | Read::Snapshot { .. }) => return self.lose_text(chapter),
        };
        if let Some(open) = self.texts.get_mut(chapter) {
            open.tags.note_all(&records);
        }
        match self.entries(chapter, &records) {
            Some(entries) => self.go_on(chapter, entries, tail).await,
            None => self.lose_text(chapter),
        }
    }

    /// Applies and passes on those of `entries` that are new.
    async fn go_on(&mut self, chapter: &ChapterId, entries: Vec<(Seq, Entry)>, tail: Position) {
        let Some(open) = self.texts.get(chapter) else { return };
        if open.position.is_some_and(|known| known.epoch != tail.epoch) {
            return self.lose_text(chapter);
        }
        let known = open.text().rev();
        let new: Vec<_> = entries.into_iter().filter(|(rev, _)| *rev > known).collect();
        let seen = new.iter().filter_map(|(_, entry)| entry.book_seq()).max();
        // R7: whoever lost the right to read before this was written does not hear it.
        if seen.is_some_and(|seen| seen > self.book.seq()) && !matches!(self.look_again().await, Ok(true)) {
            return self.lose_text(chapter);
        }
        self.pass_on(chapter, &new, tail, &[]);
    }

    async fn look_again(&mut self) -> Result<bool, Lost> {
        self.fresh = false;
        self.refresh().await
    }

    /// The text has another history than those who have it open believe: they come back and read it anew, once what the
    /// store lost of it is put back.
    pub(super) fn lose_text(&mut self, chapter: &ChapterId) {
        let Some(open) = self.texts.remove(chapter) else { return };
        for watcher in &open.watchers {
            watcher.close(CloseCode::StoreLost, "a chapter's history changed: resume");
        }
        self.show_texts();
        if self.hub.replicas().is_none() {
            return;
        }
        let task = Arc::new(());
        self.returning.insert(chapter.clone(), Arc::downgrade(&task));
        let (hub, log, stamp) = (Arc::clone(&self.hub), self.text_log(chapter), self.book.last_stamp());
        self.hub.tasks.spawn(async move {
            put_back_text(&hub, log, &open, stamp, Patience::UntilDrained).await;
            drop(task);
        });
    }
}
