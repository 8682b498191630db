//! The letter of an invitation: when it was asked for, and what became of it.

use quire_protocol::event::{self, Event, Person};
use quire_protocol::view::{InvitationMail, MailState};
use quire_protocol::{InvitationId, Rejection, Role, Seq, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Invitation, Members};
use crate::book::{Book, Committed, Context, Decision};

/// A letter. It is owed from the event on that asked for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct InvitationLetter {
    /// The event that asked for it.
    asked: Seq,
    asked_at: Timestamp,
    mail: InvitationMail,
}

impl InvitationLetter {
    pub(super) fn asked(committed: &Committed) -> Self {
        let mail = InvitationMail { state: MailState::Waiting, at: committed.at, reason: None };
        Self { asked: committed.seq, asked_at: committed.at, mail }
    }
}

/// A pending invitation as its letter tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The normal address.
    pub email: String,
    /// The role to come.
    pub role: Role,
    /// Who invited.
    pub inviter: Person,
    /// The book's title.
    pub title: String,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// The event that asked for a letter which is still owed.
    pub owed: Option<Seq>,
}

impl Invitation {
    /// What became of its letter.
    pub(in crate::book) fn mail(&self) -> Option<InvitationMail> {
        self.letter.as_ref().map(|letter| letter.mail.clone())
    }

    fn owed(&self) -> Option<Seq> {
        let owed = self.letter.as_ref().filter(|letter| letter.mail.state == MailState::Waiting);
        owed.map(|letter| letter.asked)
    }
}

impl Members {
    /// An address is mailed now and then only, however often somebody invites, revokes and resends.
    pub(super) fn check_pace(&self, context: &Context<'_>, email: &str) -> Result<(), Rejection> {
        let letters = self.invitations.values().filter(|invitation| invitation.email == email);
        let latest = letters.filter_map(|invitation| invitation.letter.as_ref()).map(|letter| letter.asked_at).max();
        let until = latest.map(|at| at.plus_ms(context.timers.invitation_mail_ms)).filter(|_| context.mails);
        match until {
            Some(until) if context.now < until => {
                // No `rate_limited`: clients repeat that by themselves, and nobody would be told why nothing happens.
                let seconds = (until.0 - context.now.0).div_ceil(1_000);
                Err(Rejection::conflict(format!(
                    "a letter went to this address a moment ago; try again in {seconds} seconds"
                )))
            }
            _ => Ok(()),
        }
    }

    pub(in crate::book) fn mailed(&mut self, event: &event::InvitationMailed, committed: &Committed) {
        let state = if event.reason.is_some() { MailState::Failed } else { MailState::Sent };
        self.change(&event.invitation, |invitation| {
            if let Some(letter) = invitation.letter.as_mut().filter(|letter| letter.asked == event.asked) {
                letter.mail = InvitationMail { state, at: committed.at, reason: event.reason.clone() };
            }
        });
    }
}

impl Book {
    /// A pending invitation; `None`: there is none, or it is over.
    pub fn invited(&self, id: &InvitationId, now: Timestamp) -> Option<Invited> {
        let invitation = self.members.open(id).filter(|invitation| invitation.is_pending(now))?;
        Some(Invited {
            email: invitation.email.clone(),
            role: invitation.role,
            inviter: invitation.inviter.clone(),
            title: self.title().to_owned(),
            expires_at: invitation.expires_at,
            owed: invitation.owed(),
        })
    }

    /// A letter was sent, or given up. Nothing, if it is not owed (any more).
    pub(in crate::book) fn decide_mailed(&self, id: &InvitationId, asked: Seq, reason: Option<&String>) -> Decision {
        let owed = self.members.open(id).and_then(Invitation::owed) == Some(asked);
        let event = event::InvitationMailed { invitation: id.clone(), asked, reason: reason.cloned() };
        Decision::done(owed.then_some(Event::from(event)).into_iter().collect())
    }
}
