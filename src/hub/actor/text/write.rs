//! Writing: what came in one turn for one chapter is one guarded append.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;
use quire_protocol::codec::Blob;
use quire_protocol::frame::{Answer, Text as TextFrame};
use quire_protocol::{Action, ChapterId, Encoding, Rejection, Seq, Token};
use tokio::time::Instant;

use super::super::turn::{Ended, PATIENCE, surely};
use super::super::{Actor, Lost};
use crate::chapter::{Accepted, Entry, Writer};
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
                if let Some(again) = self.ended(draft, ended).await {
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
    async fn ended(&mut self, draft: Draft, ended: Ended) -> Option<Draft> {
        match ended {
            Ended::Done(appended) => self.written(draft, appended),
            Ended::Conflict(read) => {
                self.take_in_text(&draft.chapter, *read).await;
                return Some(draft);
            }
            Ended::EpochChanged => {
                self.refuse_updates(&draft.updates, &unavailable());
                self.lose_text(&draft.chapter);
            }
            Ended::Fenced => self.refuse_updates(&draft.updates, &Rejection::StaleToken),
            Ended::Refused(rejection) => {
                self.refuse_updates(&draft.updates, &rejection);
                if rejection == Rejection::OutcomeUnknown {
                    // Perhaps it is in the log; everybody reads what is.
                    self.lose_text(&draft.chapter);
                }
            }
        }
        None
    }

    /// Decides each update on the text that those before it leave behind, and answers those that are refused.
    async fn draft_text(&mut self, chapter: ChapterId, updates: Vec<Update>) -> Result<Option<Draft>, Lost> {
        let book_seq = self.book.seq();
        let refused = updates.iter().any(|update| self.writer(&chapter, update).is_err());
        // Nobody is sent away on a stale view (R3).
        if refused && self.refresh().await? && self.book.seq() != book_seq {
            return Box::pin(self.draft_text(chapter, updates)).await;
        }
        let mut text = self.texts.get(&chapter).map(|open| open.text.clone()).unwrap_or_default();
        let (mut kept, mut accepted, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for update in updates {
            let decided = self.writer(&chapter, &update).and_then(|began| {
                let writer = Writer { user: &update.seat.user, session: &update.seat.session, began, book_seq };
                text.decide(&writer, update.n, &update.update, &self.hub.limits)
            });
            match decided {
                Ok(what) => {
                    if let Accepted::New(written) = &what {
                        let entry = Entry::Written(written.clone());
                        text.apply(text.rev().next(), &entry);
                        entries.push((update.token, entry));
                    }
                    kept.push(update);
                    accepted.push(what);
                }
                Err(rejection) => self.refuse_updates(&[update], &rejection),
            }
        }
        let Some((token, _)) = entries.first() else {
            self.answer_updates(&kept, &accepted, self.texts.get(&chapter).map_or(Seq(0), |open| open.text.rev()));
            return Ok(None);
        };
        let append = self.text_append(&chapter, *token, entries.iter().map(|(_, entry)| entry.encode()).collect());
        Ok(Some(Draft { chapter, updates: kept, accepted, append }))
    }

    pub(in super::super) fn text_append(&self, chapter: &ChapterId, token: Token, payloads: Vec<Bytes>) -> Append {
        Append {
            log: self.text_log(chapter),
            after: self.texts.get(chapter).and_then(|open| open.position),
            tag: Tag(random()),
            payloads,
            guard: Some((self.text_log(chapter), token)),
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
        let before = self.texts.get(&chapter).map_or(Seq(0), |open| open.text.rev());
        self.answer_updates(&updates, &accepted, before);
        let new = accepted.into_iter().filter_map(|accepted| match accepted {
            Accepted::New(written) => Some(Entry::Written(written)),
            Accepted::Repeated(_) => None,
        });
        let entries: Vec<(Seq, Entry)> = (before.0 + 1..).map(Seq).zip(new).collect();
        let writer = updates.first().map(|update| Arc::clone(&update.seat));
        self.pass_on(&chapter, &entries, appended.position, writer.as_ref());
        if let Some(writer) = writer {
            self.note_writing(&chapter, before, &writer);
        }
    }

    /// Takes new entries in and sends them to everybody who has the chapter open but for `writer`, who knows them.
    pub(in super::super) fn pass_on(
        &mut self,
        chapter: &ChapterId,
        entries: &[(Seq, Entry)],
        tail: Position,
        writer: Option<&Arc<Seat>>,
    ) {
        let Some(mut open) = self.texts.remove(chapter) else { return };
        for (rev, entry) in entries {
            open.text.apply(*rev, entry);
            open.uncompacted.count(entry);
        }
        open.position = Some(tail);
        open.watchers.retain(|seat| self.serves(&seat.session, &seat.home) && self.book.may(&seat.user, Action::View));
        let mut encoded: Vec<(Encoding, Vec<Bytes>)> = Vec::new();
        for seat in open.watchers.iter().filter(|seat| writer.is_none_or(|writer| !Arc::ptr_eq(writer, seat))) {
            let found = encoded.iter().position(|(encoding, _)| *encoding == seat.encoding);
            let index = found.unwrap_or_else(|| {
                encoded.push((seat.encoding, self.text_frames(chapter, entries, seat.encoding)));
                encoded.len() - 1
            });
            seat.outbox.push(&encoded[index].1);
        }
        self.texts.insert(chapter.clone(), open);
        self.compact_text_if_long(chapter);
        self.show_texts();
    }

    fn text_frames(&self, chapter: &ChapterId, entries: &[(Seq, Entry)], encoding: Encoding) -> Vec<Bytes> {
        let frame = |(rev, entry): &(Seq, Entry)| {
            let (update, by) = entry.update()?;
            let (book, chapter) = (self.book.id().clone(), chapter.clone());
            Some(TextFrame { book, chapter, rev: *rev, by: by.clone(), update: Blob(update.to_vec()) })
        };
        let frames = entries.iter().filter_map(frame);
        frames.flat_map(|frame| outbox::encode(&frame, encoding, &self.hub.limits)).collect()
    }

    /// Says yes; new updates follow the record `before`.
    fn answer_updates(&self, updates: &[Update], accepted: &[Accepted], before: Seq) {
        let mut last = before;
        for (update, accepted) in updates.iter().zip(accepted) {
            let rev = match accepted {
                Accepted::New(_) => {
                    last = last.next();
                    last
                }
                // The same update twice in one turn: the first has no record yet when the second is decided.
                Accepted::Repeated(rev) => *rev,
            };
            update.seat.reply(update.reference, None, Ok(Answer::Revised { rev }), &self.hub.limits);
        }
    }

    fn refuse_updates(&self, updates: &[Update], rejection: &Rejection) {
        for update in updates {
            update.seat.reply(update.reference, None, Err(rejection.clone()), &self.hub.limits);
        }
    }
}
