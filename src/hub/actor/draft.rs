//! Recovery drafts. They are read from the store whenever somebody asks for them: that is rare, and nothing is kept here.

use bytes::Bytes;
use quire_protocol::command::DraftSave;
use quire_protocol::frame::Answer;
use quire_protocol::{Action, DraftCommand, Rejection};
use tokio::time::Instant;

use super::Actor;
use super::turn::{Ended, PATIENCE, surely};
use crate::chapter::{Drafts, DraftsChange};
use crate::hub::seat::Seat;
use crate::hub::{no_such_book, random, unavailable};
use crate::store::{Append, Drawer, LogId, Position, Tag};

/// Two tabs of one person may write at once; more than so often is nobody's fault.
const ROUNDS_MAX: usize = 8;

impl Actor {
    /// Answers a command about the caller's own drafts.
    pub(super) async fn answer_about_drafts(&mut self, seat: &Seat, reference: u64, command: DraftCommand) {
        let result = if self.book.may(&seat.user, Action::View) {
            self.does_draft(seat, &command).await
        } else {
            Err(no_such_book())
        };
        let seq = self.shows_seq(seat).then(|| self.book.seq());
        seat.reply(reference, seq, result, &self.hub.limits);
    }

    async fn does_draft(&self, seat: &Seat, command: &DraftCommand) -> Result<Answer, Rejection> {
        let log = LogId::Drafts(self.book.id().clone(), Drawer::of(&seat.user));
        match command {
            DraftCommand::DraftsList(_) => Ok(self.read_drafts(&log).await?.0.list()),
            DraftCommand::DraftRead(command) => self.read_drafts(&log).await?.0.text(&command.draft),
            DraftCommand::DraftSave(command) => {
                self.book.ever_had_text(&command.chapter)?;
                self.change_drafts(&log, |drafts| self.saves(drafts, command)).await
            }
            DraftCommand::DraftDiscard(command) => {
                self.change_drafts(&log, |drafts| Ok(drafts.discard(&command.draft))).await
            }
        }
    }

    fn saves(&self, drafts: &Drafts, command: &DraftSave) -> Result<Option<DraftsChange>, Rejection> {
        drafts.save(command, &self.hub.limits)
    }

    async fn read_drafts(&self, log: &LogId) -> Result<(Drafts, Option<Position>), Rejection> {
        let read = self.hub.store.read(log.clone(), None).await.map_err(|_| unavailable())?;
        let Some((snapshot, records, tail)) = read.whole() else { return Ok((Drafts::default(), None)) };
        let drafts = Drafts::read(snapshot.as_ref().map(|(_, bytes)| &bytes[..]), &records);
        let drafts = drafts.inspect_err(|error| tracing::error!(%log, error, "drafts cannot be read"));
        Ok((drafts.map_err(|_| unavailable())?, Some(tail)))
    }

    /// Decides on what the log says, and appends it if nobody else was faster.
    async fn change_drafts(
        &self,
        log: &LogId,
        decide: impl Fn(&Drafts) -> Result<Option<DraftsChange>, Rejection>,
    ) -> Result<Answer, Rejection> {
        let deadline = Instant::now() + PATIENCE;
        for _ in 0..ROUNDS_MAX {
            let (mut drafts, after) = self.read_drafts(log).await?;
            let Some(change) = decide(&drafts)? else { return Ok(Answer::Done {}) };
            match surely(&self.hub, self.drafts_append(log, after, &change), deadline).await {
                Ended::Done(appended) => {
                    drafts.apply(change, appended.at);
                    self.compact_drafts(log, appended.position, drafts.snapshot_if_long());
                    return Ok(Answer::Done {});
                }
                Ended::Conflict(_) => {}
                Ended::EpochChanged | Ended::Fenced => return Err(unavailable()),
                Ended::Refused(rejection) => return Err(rejection),
            }
        }
        Err(unavailable())
    }

    fn drafts_append(&self, log: &LogId, after: Option<Position>, change: &DraftsChange) -> Append {
        Append {
            log: log.clone(),
            after,
            tag: Tag(random()),
            payloads: vec![change.encode()],
            guard: None,
            fences: Vec::new(),
            stamp_floor: self.book.last_stamp(),
            by: self.hub.replica.clone(),
            misses: 0,
        }
    }

    fn compact_drafts(&self, log: &LogId, position: Position, snapshot: Option<Bytes>) {
        let Some(snapshot) = snapshot else { return };
        let (store, log) = (self.hub.store.clone(), log.clone());
        self.hub.tasks.spawn(async move {
            if let Err(error) = store.compact(log.clone(), position, snapshot).await {
                tracing::warn!(%log, %error, "drafts were not compacted; their log stays longer");
            }
        });
    }
}
