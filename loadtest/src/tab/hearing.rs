//! What a tab hears: it notes everything for the oracle, and remembers what concerns it.

use std::time::Duration;

use quire_protocol::command::After;
use quire_protocol::frame::{Answer, Notice, Opened, Reply, Welcome};
use quire_protocol::{BookId, CommandFrame, Rejection, ServerFrame};
use tokio::time::Instant;

use crate::clock;
use crate::decoder::{Heard, HeardEvent};
use crate::observation::{HangUp, Micros, Moment, TabId};
use crate::wire::End;

use super::life::{Life, Pending};
use super::{Job, Outcome, Shared};

impl Life {
    /// Takes in one frame.
    pub(super) fn hears(&mut self, heard: Heard) -> Result<(), End> {
        match heard {
            Heard::Event(event) => self.shared.hears_event(&event),
            Heard::Other(ServerFrame::Reply(reply)) => return self.hears_reply(*reply),
            Heard::Other(ServerFrame::Notice(notice)) => self.shared.hears_notice(&notice),
            Heard::Other(ServerFrame::Draining(draining)) => {
                let delay = Duration::from_millis(draining.reconnect_after_ms);
                self.drain_at = Some(Instant::now() + delay);
            }
            Heard::Text(text) => self.hears_of_text(&text),
            Heard::Presence => {}
            Heard::Other(_) => {
                return Err(End::Nonsense("a frame that does not belong here".to_owned()));
            }
        }
        Ok(())
    }

    fn hears_reply(&mut self, reply: Reply) -> Result<(), End> {
        let Some(pending) = self.pending.remove(&reply.reference) else {
            return Err(End::Nonsense(format!("a reply to {}, which was not asked", reply.reference)));
        };
        match pending {
            Pending::Works(job) => self.shared.hears_answer(*job, reply),
            Pending::OpensText(book, chapter) => return self.hears_text_opened(&(book, chapter), reply),
            Pending::Writes(write) => return self.hears_written(*write, &reply),
            Pending::Asks(answer) => {
                let result = match (reply.ok, reply.err) {
                    (_, Some(refusal)) => Err(refusal.rejection),
                    (ok, None) => Ok(ok.unwrap_or(Answer::Done {})),
                };
                // Whoever asked may have gone.
                drop(answer.send(result));
            }
            Pending::Closes(book) => self.shared.desk.notebook.borrow_mut().left(self.shared.id(), &book),
            Pending::Opens { book, after, intended_at } => {
                match (reply.ok, reply.err.map(|refusal| refusal.rejection)) {
                    (Some(Answer::Opened(opened)), _) => {
                        self.shared.hears_opened(&book, after, &opened, intended_at);
                        self.texts_due = true;
                    }
                    (
                        None,
                        Some(Rejection::Unavailable { retry_after_ms } | Rejection::RateLimited { retry_after_ms }),
                    ) => self.reopens_in(retry_after_ms),
                    other => return Err(End::Nonsense(format!("{book} is not opened: {other:?}"))),
                }
            }
        }
        Ok(())
    }
}

impl Shared {
    pub(super) fn id(&self) -> TabId {
        TabId(self.part.number)
    }

    pub(super) fn moment(&self) -> Moment {
        Moment { tab: self.id(), at: clock::now() }
    }

    pub(super) fn name(&self) -> String {
        self.desk.plan.name(self.part.book, self.part.person)
    }

    pub(super) fn is_welcomed(&self, welcome: &Welcome, intended_at: Micros, is_first: bool) {
        self.desk.notebook.borrow_mut().welcomed(self.id(), &welcome.session);
        let mut measures = self.desk.measures.borrow_mut();
        measures.join.record_us(clock::now().0.saturating_sub(intended_at.0));
        measures.reconnects += u64::from(!is_first);
        drop(measures);
        self.memory.borrow_mut().began(welcome.session.clone(), welcome.incarnation, welcome.resumed);
        self.connected.set(true);
        self.desk.connected.set(self.desk.connected.get() + 1);
        self.changed.notify_waiters();
    }

    /// The connection is over; the close code is the hub's, or 1000 for the tab's own goodbye.
    pub(super) fn hangs_up(&self, code: Option<u16>, how: HangUp) {
        if !self.connected.replace(false) {
            return;
        }
        self.desk.notebook.borrow_mut().hung_up(self.moment(), how);
        if how == HangUp::Theirs {
            self.desk.measures.borrow_mut().closed(code);
        }
        self.desk.connected.set(self.desk.connected.get() - 1);
        self.memory.borrow_mut().disconnected();
        self.closes_texts();
        self.changed.notify_waiters();
    }

    /// The tab is over; only the first reason counts.
    pub(super) fn ends(&self, why: &str) {
        self.ended.borrow_mut().get_or_insert_with(|| why.to_owned());
        self.changed.notify_waiters();
    }

    /// A command is about to be sent.
    pub(super) fn sends(&self, job: &Job, frame: &CommandFrame) {
        let moment = self.moment();
        self.desk.notebook.borrow_mut().sent(moment, frame);
        let mut measures = self.desk.measures.borrow_mut();
        if job.sent_before { measures.retries += 1 } else { measures.sent(moment.at) }
    }

    /// A `book.close` is about to be sent.
    pub(super) fn closes(&self, book: &BookId) {
        self.desk.notebook.borrow_mut().leaving(self.moment(), book);
        self.memory.borrow_mut().close(book);
        self.models.borrow_mut().closed(book);
    }

    /// Tells the notebook what the tab's models say.
    pub(super) fn confesses(&self) {
        let mut notebook = self.desk.notebook.borrow_mut();
        for (book, view) in self.models.borrow().views() {
            notebook.view(self.id(), book, view);
        }
    }

    fn hears_event(&self, event: &HeardEvent) {
        let moment = self.moment();
        self.desk.notebook.borrow_mut().heard(moment, &event.frame);
        let mut measures = self.desk.measures.borrow_mut();
        measures.delivered(moment.at);
        if let Some(intended_at) = event.intended_at {
            measures.delivery.record_us(moment.at.0.saturating_sub(intended_at.0));
        }
        drop(measures);
        self.memory.borrow_mut().heard(&event.frame);
        self.models.borrow_mut().heard(&event.frame);
        self.changed.notify_waiters();
    }

    fn hears_answer(&self, job: Job, reply: Reply) {
        let moment = self.moment();
        self.desk.notebook.borrow_mut().answered(moment, &job.book, &job.id, &reply);
        let mut measures = self.desk.measures.borrow_mut();
        measures.reply.record_us(moment.at.0.saturating_sub(job.intended_at.0));
        let outcome = match (reply.ok, reply.err) {
            (Some(answer), _) => {
                measures.accepted += 1;
                Outcome::Accepted(answer)
            }
            (None, Some(refusal)) => {
                measures.refused(refusal.rejection.code());
                Outcome::Refused(refusal.rejection)
            }
            (None, None) => Outcome::Accepted(Answer::Done {}),
        };
        drop(measures);
        // Whoever asked may have gone.
        drop(job.answer.send(outcome));
    }

    fn hears_opened(&self, book: &BookId, asked: Option<After>, opened: &Opened, intended_at: Micros) {
        let moment = self.moment();
        self.desk.notebook.borrow_mut().opened(moment, book, opened, asked);
        if asked.is_some() {
            self.desk.measures.borrow_mut().replay.record_us(moment.at.0.saturating_sub(intended_at.0));
        }
        let mut memory = self.memory.borrow_mut();
        if let Some(snapshot) = &opened.snapshot {
            memory.shows_snapshot(book, snapshot);
        }
        for event in opened.events.iter().flatten() {
            memory.heard(event);
        }
        memory.opened(book, After { epoch: opened.epoch, seq: opened.seq });
        drop(memory);
        self.models.borrow_mut().opened(book, opened);
        self.changed.notify_waiters();
    }

    fn hears_notice(&self, notice: &Notice) {
        self.desk.notebook.borrow_mut().notified(self.moment(), notice);
        match notice {
            Notice::LockLost { book, chapter, .. } => self.memory.borrow_mut().lost(book, chapter),
            Notice::BookClosed { book, .. } => {
                self.memory.borrow_mut().close(book);
                self.models.borrow_mut().closed(book);
            }
            Notice::AccessChanged { book, can, .. } => self.models.borrow_mut().access_changed(book, can),
            Notice::LockIdleSoon { .. }
            | Notice::LockWanted { .. }
            | Notice::BooksChanged
            | Notice::LibraryChanged { .. }
            | Notice::Noticed { .. }
            | Notice::InboxChanged { .. } => {}
        }
        self.changed.notify_waiters();
    }
}
