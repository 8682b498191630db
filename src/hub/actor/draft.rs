//! Recovery drafts. They are read from the store whenever somebody asks for them, beside the actor: that is rare, and nothing
//! is kept in memory.

use std::sync::Arc;

use quire_protocol::frame::Answer;
use quire_protocol::{Action, BookId, DraftCommand, Rejection};

use super::Actor;
use crate::chapter::Drafts;
use crate::hub::seat::Seat;
use crate::hub::{Hub, ledger};
use crate::store::{Drawer, LogId};

impl Actor {
    /// Has a command about the caller's own drafts answered.
    pub(super) fn answer_about_drafts(&self, seat: &Arc<Seat>, reference: u64, command: DraftCommand) {
        let place = self.may_keep(seat, &command).and_then(|()| self.hub.place_beside());
        let place = match place {
            Ok(place) => place,
            Err(rejection) => return seat.reply(reference, None, Err(rejection), &self.hub.limits),
        };
        let (hub, seat, book) = (Arc::clone(&self.hub), Arc::clone(seat), self.book.id().clone());
        self.hub.tasks.spawn(async move {
            let done = does(&hub, &book, &seat, &command).await;
            // Whoever lost the book meanwhile hears nothing of it.
            let result = hub.may(&book, &seat.user, Action::View).await.and(done);
            seat.reply(reference, None, result, &hub.limits);
            drop(place);
        });
    }

    fn may_keep(&self, seat: &Seat, command: &DraftCommand) -> Result<(), Rejection> {
        self.check_right(&seat.user, Action::View)?;
        match command {
            DraftCommand::DraftSave(command) => self.book.ever_had_text(&command.chapter),
            DraftCommand::DraftsList(_) | DraftCommand::DraftRead(_) | DraftCommand::DraftDiscard(_) => Ok(()),
        }
    }
}

async fn does(hub: &Hub, book: &BookId, seat: &Seat, command: &DraftCommand) -> Result<Answer, Rejection> {
    let log = LogId::Drafts(book.clone(), Drawer::of(&seat.user));
    match command {
        DraftCommand::DraftsList(_) => Ok(ledger::read::<Drafts>(hub, &log).await?.0.list()),
        DraftCommand::DraftRead(command) => ledger::read::<Drafts>(hub, &log).await?.0.text(&command.draft),
        DraftCommand::DraftSave(command) => {
            let decide = |drafts: &Drafts| Ok(drafts.save(command, &hub.limits)?.into_iter().collect());
            ledger::change(hub, &log, decide).await.map(|_| Answer::Done {})
        }
        DraftCommand::DraftDiscard(command) => {
            let decide = |drafts: &Drafts| Ok(drafts.discard(&command.draft).into_iter().collect());
            ledger::change(hub, &log, decide).await.map(|_| Answer::Done {})
        }
    }
}
