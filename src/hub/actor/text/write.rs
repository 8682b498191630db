//! Writing: what came in one turn for one chapter is one guarded append.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;
use quire_protocol::codec::Blob;
use quire_protocol::frame::{Answer, Text as TextFrame};
use quire_protocol::{Action, ChapterId, Encoding, Limits, Rejection, Seq, Token};
use tokio::time::Instant;

use super::super::turn::{Ended, PATIENCE, surely};
use super::super::{Actor, Lost};
use crate::chapter::{Accepted, Entry, Text, Writer};
use crate::hub::mail::Update;
use crate::hub::seat::Seat;
use crate::hub::{random, unavailable};
use crate::outbox;
use crate::store::{Append, Appended, Position, Tag};

/// Updates of one chapter that are stored together.
struct Draft {
    chapter: ChapterId,
    updates: Vec<Update>,
    /// For each update what it means.
    accepted: Vec<Accepted>,
    append: Append,
}

impl Actor {
    /// Stores updates and answers each. Those of different chapters do not wait for each other.
    pub(in super::super) async fn write(&mut self, updates: Vec<Update>) -> Result<(), Lost> {
        let deadline = Instant::now() + PATIENCE;
        let mut waiting: BTreeMap<ChapterId, Vec<Update>> = BTreeMap::new();
        for update in updates {
            waiting.entry(update.chapter.clone()).or_default().push(update);
        }
        while !waiting.is_empty() {
            let mut drafts = Vec::new();
            for (chapter, updates) in std::mem::take(&mut waiting) {
                drafts.extend(self.draft_text(chapter, updates).await?);
            }
            let appends = drafts.iter().map(|draft| surely(&self.hub, draft.append.clone(), deadline));
            let ended = join_all(appends).await;
            for (draft, ended) in drafts.into_iter().zip(ended) {
                if let Some(again) = self.ended(draft, ended).await? {
                    let Draft { chapter, updates, .. } = again;
                    if Instant::now() < deadline {
                        waiting.insert(chapter, updates);
                    } else {
                        self.refuse_updates(&updates, &unavailable());
                    }
                }
            }
        }
        Ok(())
    }

    /// What became of an append; gives the draft back if it has to be made anew.
    async fn ended(&mut self, draft: Draft, ended: Ended) -> Result<Option<Draft>, Lost> {
        match ended {
            Ended::Done(appended) => self.written(draft, appended),
            Ended::Conflict(read) => {
                self.take_in_text(&draft.chapter, *read).await;
                if self.texts.contains_key(&draft.chapter) {
                    return Ok(Some(draft));
                }
                self.refuse_updates(&draft.updates, &unavailable());
            }
            Ended::EpochChanged => {
                self.refuse_updates(&draft.updates, &unavailable());
                self.lose_text(&draft.chapter);
            }
            Ended::Fenced => return self.fenced(draft).await,
            Ended::Refused(rejection) => {
                self.refuse_updates(&draft.updates, &rejection);
                if rejection == Rejection::OutcomeUnknown {
                    // Perhaps it is in the log; everybody reads what is.
                    self.lose_text(&draft.chapter);
                }
            }
        }
        Ok(None)
    }

    /// Who holds the chapter changed, and nobody here had heard of it. Those who hold it still write again.
    async fn fenced(&mut self, draft: Draft) -> Result<Option<Draft>, Lost> {
        let fence = draft.append.guard.as_ref().map(|(_, token)| *token);
        self.fresh = false;
        if !self.refresh().await? {
            self.refuse_updates(&draft.updates, &unavailable());
            return Ok(None);
        }
        let Draft { chapter, updates, accepted, append } = draft;
        let changed = self.book.fence_of(&chapter) != fence;
        let (updates, stale): (Vec<_>, Vec<_>) =
            updates.into_iter().partition(|update| changed && self.writer(&chapter, update).is_ok());
        self.refuse_updates(&stale, &Rejection::StaleToken);
        Ok((!updates.is_empty()).then_some(Draft { chapter, updates, accepted, append }))
    }

    /// Decides each update on the text that those before it leave behind, and answers those that are refused.
    async fn draft_text(&mut self, chapter: ChapterId, updates: Vec<Update>) -> Result<Option<Draft>, Lost> {
        let book_seq = self.book.seq();
        let refused = updates.iter().any(|update| self.writer(&chapter, update).is_err());
        // Nobody is sent away on a stale view (R3).
        if refused && self.refresh().await? && self.book.seq() != book_seq {
            return Box::pin(self.draft_text(chapter, updates)).await;
        }
        // Copied only where several updates come at once.
        let open = self.texts.get(&chapter);
        let mut text = open.map_or_else(|| Cow::Owned(Text::default()), |open| Cow::Borrowed(open.text()));
        let mut more = updates.len();
        let (mut kept, mut accepted, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for update in updates {
            more -= 1;
            let decided = self.writer(&chapter, &update).and_then(|began| {
                let (user, session, chosen) = (&update.seat.user, &update.seat.session, update.client);
                let writer = Writer { user, session, began, chosen, book_seq };
                text.decide(&writer, update.n, &update.update, &self.hub.limits)
            });
            match decided {
                Ok(what) => {
                    if let Accepted::New(written) = &what {
                        let entry = Entry::Written(written.clone());
                        if more > 0 {
                            let rev = text.rev().next();
                            text.to_mut().apply(rev, &entry);
                        }
                        entries.push(entry);
                    }
                    kept.push(update);
                    accepted.push(what);
                }
                Err(rejection) => self.refuse_updates(&[update], &rejection),
            }
        }
        if entries.is_empty() {
            let rev = self.texts.get(&chapter).map_or(Seq(0), |open| open.text().rev());
            for stored in stored(&kept, &accepted, rev) {
                stored.answer(&self.hub.limits);
            }
            return Ok(None);
        }
        let append = self.text_append(&chapter, entries.iter().map(Entry::encode).collect());
        Ok(Some(Draft { chapter, updates: kept, accepted, append }))
    }

    /// An append by those who hold a chapter.
    pub(in super::super) fn text_append(&self, chapter: &ChapterId, payloads: Vec<Bytes>) -> Append {
        let fence = self.book.fence_of(chapter).expect("who writes was found to hold the chapter");
        Append {
            log: self.text_log(chapter),
            after: self.texts.get(chapter).and_then(|open| open.position),
            tag: Tag(random()),
            payloads,
            guard: Some((self.text_log(chapter), fence)),
            fences: Vec::new(),
            stamp_floor: self.book.last_stamp(),
            by: self.hub.replica.clone(),
            misses: 0,
        }
    }

    /// The first token of the hold under which this update is written, if it may be.
    fn writer(&self, chapter: &ChapterId, update: &Update) -> Result<Token, Rejection> {
        let open = self.texts.get(chapter);
        let watches = open.is_some_and(|open| open.watchers.iter().any(|watcher| Arc::ptr_eq(watcher, &update.seat)));
        let began = self.book.hold_of(&update.seat.user, &update.seat.session, chapter, update.token)?;
        if watches { Ok(began) } else { Err(Rejection::conflict("open the chapter first")) }
    }

    /// Answers what is durable now, and tells everybody else who has the chapter open.
    fn written(&mut self, draft: Draft, appended: Appended) {
        let Draft { chapter, updates, accepted, .. } = draft;
        let before = self.texts.get(&chapter).map_or(Seq(0), |open| open.text().rev());
        let stored = stored(&updates, &accepted, before);
        let new = accepted.into_iter().filter_map(|accepted| match accepted {
            Accepted::New(written) => Some(Entry::Written(written)),
            Accepted::Repeated(_) => None,
        });
        let entries: Vec<(Seq, Entry)> = (before.0 + 1..).map(Seq).zip(new).collect();
        self.pass_on(&chapter, &entries, appended.position, &stored);
        for (index, stored) in stored.iter().enumerate() {
            if !stored.is_of_any(&updates[..index]) {
                self.note_writing(&chapter, before, &stored.seat);
            }
        }
    }

    /// Takes new entries in and sends them to everybody who has the chapter open. Whoever wrote one is answered in its place.
    pub(in super::super) fn pass_on(
        &mut self,
        chapter: &ChapterId,
        entries: &[(Seq, Entry)],
        tail: Position,
        stored: &[Stored],
    ) {
        let Some(mut open) = self.texts.remove(chapter) else {
            // Nobody has it open any more; what was stored is answered all the same.
            return stored.iter().for_each(|stored| stored.answer(&self.hub.limits));
        };
        for (rev, entry) in entries {
            open.whole.apply(*rev, entry);
            open.uncompacted.count(entry);
        }
        open.position = Some(tail);
        open.tags.note(tail.seq, tail.tag);
        open.forget_if_large(&self.hub.limits);
        open.watchers.retain(|seat| self.serves(&seat.session, &seat.home) && self.book.may(&seat.user, Action::View));
        let mut encoded: Vec<(Encoding, TextFrames)> = Vec::new();
        for seat in &open.watchers {
            let found = encoded.iter().position(|(encoding, _)| *encoding == seat.encoding);
            let index = found.unwrap_or_else(|| {
                encoded.push((seat.encoding, self.text_frames(chapter, entries, seat.encoding)));
                encoded.len() - 1
            });
            encoded[index].1.send(seat, stored, &self.hub.limits);
        }
        let watches = |seat| open.watchers.iter().any(|watcher| Arc::ptr_eq(watcher, seat));
        for stored in stored.iter().filter(|stored| !watches(&stored.seat)) {
            stored.answer(&self.hub.limits);
        }
        self.texts.insert(chapter.clone(), open);
        self.compact_text_if_long(chapter);
        self.show_texts();
    }

    fn text_frames(&self, chapter: &ChapterId, entries: &[(Seq, Entry)], encoding: Encoding) -> TextFrames {
        let mut encoded = TextFrames::default();
        for (rev, entry) in entries {
            // What was imported is there before anybody watches.
            let Some(by) = entry.session().cloned() else { continue };
            let (book, chapter, update) = (self.book.id().clone(), chapter.clone(), Blob(entry.update().to_vec()));
            let frame = TextFrame { book, chapter, rev: *rev, by, update };
            encoded.frames.extend(outbox::encode(&frame, encoding, &self.hub.limits));
            encoded.ends.push((*rev, encoded.frames.len()));
        }
        encoded
    }

    fn refuse_updates(&self, updates: &[Update], rejection: &Rejection) {
        for update in updates {
            update.seat.reply(update.reference, None, Err(rejection.clone()), &self.hub.limits);
        }
    }
}

/// An update that is durable, to be answered.
pub(in super::super) struct Stored {
    seat: Arc<Seat>,
    reference: u64,
    rev: Seq,
}

impl Stored {
    fn answer(&self, limits: &Limits) {
        self.seat.reply(self.reference, None, Ok(Answer::Revised { rev: self.rev }), limits);
    }

    /// Its writer wrote one of these.
    fn is_of_any(&self, updates: &[Update]) -> bool {
        updates.iter().any(|update| Arc::ptr_eq(&update.seat, &self.seat))
    }
}

/// The answers to updates; new ones follow the record `before`.
fn stored(updates: &[Update], accepted: &[Accepted], before: Seq) -> Vec<Stored> {
    let mut last = before;
    let answer = |(update, accepted): (&Update, &Accepted)| {
        let rev = match accepted {
            Accepted::New(_) => {
                last = last.next();
                last
            }
            // The same update twice in one turn: the first has no record yet when the second is decided.
            Accepted::Repeated(rev) => *rev,
        };
        Stored { seat: Arc::clone(&update.seat), reference: update.reference, rev }
    };
    updates.iter().zip(accepted).map(answer).collect()
}

/// Entries as they go on the wire, encoded once for all.
#[derive(Default)]
struct TextFrames {
    frames: Vec<Bytes>,
    /// For each entry where its frames end.
    ends: Vec<(Seq, usize)>,
}

impl TextFrames {
    /// Sends a watcher what others wrote, and answers what it wrote itself, in the order of the log.
    fn send(&self, seat: &Arc<Seat>, stored: &[Stored], limits: &Limits) {
        let own = || stored.iter().filter(|stored| Arc::ptr_eq(&stored.seat, seat));
        if own().next().is_none() {
            return seat.outbox.push(&self.frames);
        }
        let is_here = |rev: Seq| self.ends.iter().any(|(end, _)| *end == rev);
        own().filter(|stored| !is_here(stored.rev)).for_each(|stored| stored.answer(limits));
        let mut start = 0;
        for (rev, end) in &self.ends {
            let mut answers = own().filter(|stored| stored.rev == *rev).peekable();
            if answers.peek().is_none() {
                seat.outbox.push(&self.frames[start..*end]);
            }
            answers.for_each(|stored| stored.answer(limits));
            start = *end;
        }
    }
}
