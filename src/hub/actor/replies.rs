//! What mail is answered, also where it cannot be served.

use std::sync::Arc;

use quire_protocol::Rejection;

use super::Actor;
use crate::hub::mail::{AnswerTo, Mail};
use crate::hub::seat::Seat;
use crate::hub::unavailable;

impl Actor {
    /// Answers mail that cannot be served now.
    pub(super) fn turn_down(&self, mail: Mail) {
        let no = || Err(unavailable());
        match mail {
            Mail::Wish(wish) => self.answer(wish.seat.as_ref(), wish.answer, None, no()),
            Mail::Open { seat, reference, .. } => {
                seat.drop_book(self.book.id());
                seat.reply(reference, None, no(), &self.hub.limits);
            }
            Mail::Update(update) => update.seat.reply(update.reference, None, no(), &self.hub.limits),
            Mail::Close { seat, reference }
            | Mail::Query { seat, reference, .. }
            | Mail::OpenText { seat, reference, .. }
            | Mail::Draft { seat, reference, .. }
            | Mail::Version { seat, reference, .. }
            | Mail::CloseText { seat, reference, .. } => {
                seat.reply(reference, None, no(), &self.hub.limits);
            }
            Mail::Contents { answer, .. } => drop(answer.send(Err(unavailable()))),
            Mail::May { answer, .. } => drop(answer.send(Err(unavailable()))),
            Mail::MayReadPoint { answer, .. } => drop(answer.send(Err(unavailable()))),
            Mail::Hosted(question) => question.answer(None),
            Mail::Invitation { answer, .. } => drop(answer.send(Err(unavailable()))),
            Mail::Restored(restored) => drop(restored.answer.send(Err(unavailable()))),
            // A vanished session without an actor is an orphan for the next one (R5); the others are signals.
            Mail::Anchors { .. }
            | Mail::Left { .. }
            | Mail::Presence { .. }
            | Mail::Activity { .. }
            | Mail::Library { .. }
            | Mail::Told { .. }
            | Mail::MayKnow { .. }
            | Mail::Settle { .. }
            | Mail::News(_) => {}
        }
    }

    pub(super) fn answer(
        &self,
        seat: Option<&Arc<Seat>>,
        to: AnswerTo,
        seq: Option<quire_protocol::Seq>,
        result: Result<quire_protocol::frame::Answer, Rejection>,
    ) {
        match to {
            AnswerTo::Reference(reference) => {
                if let Some(seat) = seat {
                    let seq = seq.filter(|_| result.is_ok() || self.shows_seq(seat));
                    seat.reply(reference, seq, result, &self.hub.limits);
                }
            }
            // The task may have given up.
            AnswerTo::Task(answer) => drop(answer.send(result.map(|_| ()))),
            AnswerTo::Nobody => {}
        }
    }
}
