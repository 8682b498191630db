//! Recovery drafts. They are read from the store whenever somebody asks for them: that is rare, and nothing is kept here.

use quire_protocol::frame::Answer;
use quire_protocol::{Action, DraftCommand, Rejection};

use super::Actor;
use crate::chapter::Drafts;
use crate::hub::seat::Seat;
use crate::hub::{ledger, no_such_book};
use crate::store::{Drawer, LogId};

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
            DraftCommand::DraftsList(_) => Ok(ledger::read::<Drafts>(&self.hub, &log).await?.0.list()),
            DraftCommand::DraftRead(command) => ledger::read::<Drafts>(&self.hub, &log).await?.0.text(&command.draft),
            DraftCommand::DraftSave(command) => {
                self.book.ever_had_text(&command.chapter)?;
                let decide = |drafts: &Drafts| Ok(drafts.save(command, &self.hub.limits)?.into_iter().collect());
                ledger::change(&self.hub, &log, decide).await.map(|()| Answer::Done {})
            }
            DraftCommand::DraftDiscard(command) => {
                let decide = |drafts: &Drafts| Ok(drafts.discard(&command.draft).into_iter().collect());
                ledger::change(&self.hub, &log, decide).await.map(|()| Answer::Done {})
            }
        }
    }
}
