//! The letter that asks somebody to join: when it was asked for, and what became of it.

use quire_protocol::event::Person;
use quire_protocol::view::{InvitationMail, MailState};
use quire_protocol::{Rejection, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Context, Event, Library};

/// A letter. It is owed from the event on that asked for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Letter {
    /// In whose name it is sent.
    from: Person,
    /// When it was asked for: no other letter to the same address has that.
    asked: Timestamp,
    /// What became of it.
    pub(super) mail: InvitationMail,
}

/// What the letter of somebody says who is asked to join.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Who asks them.
    pub from: Person,
    /// Until when they may join.
    pub until: Timestamp,
    /// The letter that is still owed, if one is.
    pub owed: Option<Timestamp>,
}

impl Letter {
    pub(super) fn asked(from: &Person, at: Timestamp) -> Self {
        let mail = InvitationMail { state: MailState::Waiting, at, reason: None };
        Self { from: from.clone(), asked: at, mail }
    }

    /// An address is mailed now and then only, however often somebody asks.
    pub(super) fn check_pace(&self, context: &Context<'_>) -> Result<(), Rejection> {
        let until = self.asked.plus_ms(context.timers.invitation_mail_ms);
        if context.mails && context.now < until {
            // No `rate_limited`: clients repeat that by themselves, and nobody would be told why nothing happens.
            let seconds = (until.0 - context.now.0).div_ceil(1_000);
            return Err(Rejection::conflict(format!(
                "a letter went to this address a moment ago; try again in {seconds} seconds"
            )));
        }
        Ok(())
    }

    /// What became of the letter that was asked for then.
    pub(super) fn mailed(&mut self, asked: Timestamp, reason: Option<&String>, at: Timestamp) {
        if self.asked == asked {
            let state = if reason.is_some() { MailState::Failed } else { MailState::Sent };
            self.mail = InvitationMail { state, at, reason: reason.cloned() };
        }
    }
}

impl Library {
    /// What the letter of somebody says who is asked; `None`: nobody of this address is, or not any more.
    pub fn asked_by_letter(&self, email: &str, now: Timestamp) -> Option<Asked> {
        let user = self.users.get(email).filter(|user| user.account.is_none())?;
        let until = user.asked_until.filter(|until| now < *until)?;
        let letter = user.letter.as_ref()?;
        let owed = (letter.mail.state == MailState::Waiting).then_some(letter.asked);
        Some(Asked { from: letter.from.clone(), until, owed })
    }

    /// A letter was sent, or given up. Nothing, if it is not owed (any more).
    pub fn mailed(&self, email: &str, asked: Timestamp, reason: Option<&String>) -> Vec<Event> {
        let letter = self.users.get(email).and_then(|user| user.letter.as_ref());
        let owed = letter.filter(|letter| letter.asked == asked && letter.mail.state == MailState::Waiting);
        let mailed = || Event::UserMailed { email: email.to_owned(), asked, reason: reason.cloned() };
        owed.map(|_| mailed()).into_iter().collect()
    }
}

#[cfg(test)]
mod tests;
