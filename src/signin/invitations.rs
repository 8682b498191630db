//! Letters of invitation: found in the log of what may be owed, checked with their books, sent, and told of.
//!
//! A letter is sent while its book says that it is owed, so never for what was not committed; and again if nobody could
//! tell the book that it was sent. Both are then the same letter by its id.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use quire_protocol::{BookId, InvitationId, Rejection, Role, Seq, Timestamp};

use super::{Secret, SignIn};
use crate::book::{Act, Invited};
use crate::hub::letters::{Owed, SETTLED_MS};
use crate::hub::unavailable;
use crate::mail::{Letter, PostError, Words};
use crate::signin::links::LinkChange;
use crate::telemetry::metric::{self, LetterOutcome};

/// Nobody tells of what another replica left behind, or of what is to be tried again: it is looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Letters that are sent at a time.
const AT_ONCE: usize = 4;
/// A letter that could not be sent so often is given up: after some four hours.
const TRIES_MAX: u32 = 9;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

impl SignIn {
    /// Sends letters of invitation for as long as the hub runs.
    pub async fn mail_invitations(&self) {
        while self.learn_key().await.is_err() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let something = self.hub.begin_letters();
        while !self.hub.is_draining() {
            // Either way it is time to look.
            drop(tokio::time::timeout(LOOK_EVERY, something.notified()).await);
            let due = match self.hub.due_letters().await {
                Ok(due) => newest(due),
                Err(rejection) => {
                    tracing::debug!(%rejection, "nobody knows which letters are owed");
                    continue;
                }
            };
            let send = |(number, owed): (u64, Owed)| async move {
                let (book, invitation) = (owed.book.clone(), owed.invitation.clone());
                if let Err(rejection) = self.sends(number, owed).await {
                    tracing::warn!(%book, %invitation, %rejection, "an invitation will be mailed later");
                }
            };
            stream::iter(due).for_each_concurrent(AT_ONCE, send).await;
        }
    }

    async fn sends(&self, number: u64, owed: Owed) -> Result<(), Rejection> {
        let tries = owed.tries();
        let Owed { book, invitation, since, .. } = owed;
        let invited = self.hub.invitation(&book, &invitation).await?;
        let Some((invited, asked)) = invited.and_then(|invited| invited.owed.map(|asked| (invited, asked))) else {
            // What was announced a moment ago may be committed in a moment.
            let settled = self.hub.clock.now() >= since.plus_ms(SETTLED_MS);
            return if settled { self.hub.end_letter(number).await } else { Ok(()) };
        };
        if !self.hub.begin_letter(number).await? {
            return Ok(());
        }
        let letter = self.invites((&book, &invitation), asked, &invited).await?;
        let reason = match self.post.send(&letter).await {
            Ok(()) => None,
            Err(PostError::Later(why)) if tries + 1 < TRIES_MAX => {
                metric::letter(LetterOutcome::Postponed);
                tracing::warn!(%book, %invitation, why, "an invitation will be mailed later");
                return Ok(());
            }
            Err(PostError::Later(why) | PostError::Never(why)) => Some(why),
        };
        metric::letter(if reason.is_none() { LetterOutcome::Sent } else { LetterOutcome::GivenUp });
        self.hub.tell_mailed(&book, Act::Mailed { invitation, asked, reason }).await?;
        self.hub.end_letter(number).await
    }

    /// The letter of an invitation, with a link that is good as long as the invitation is.
    async fn invites(
        &self,
        (book, id): (&BookId, &InvitationId),
        asked: Seq,
        invited: &Invited,
    ) -> Result<Letter, Rejection> {
        let site = self.site.get().ok_or_else(unavailable)?;
        let (secret, now) = (Secret::new(), self.hub.clock.now());
        let made = LinkChange::Made {
            link: secret.name(),
            email: invited.email.clone(),
            until: invited.expires_at,
            invitation: Some((book.clone(), id.clone())),
        };
        self.keeps(&secret, &made, now).await?;
        let link = format!("{site}/signin#token={}", secret.text);
        Ok(Letter::of(&invited.email, &letter_id(book, id, asked), &words(invited, link, now)))
    }
}

/// One letter for each invitation: what several ask for is the same.
fn newest(mut due: Vec<(u64, Owed)>) -> Vec<(u64, Owed)> {
    due.sort_by(|(_, a), (_, b)| (&a.book, &a.invitation, b.since).cmp(&(&b.book, &b.invitation, a.since)));
    due.dedup_by(|(_, next), (_, first)| next.book == first.book && next.invitation == first.invitation);
    due
}

/// The same for the same letter, whoever sends it.
fn letter_id(book: &BookId, id: &InvitationId, asked: Seq) -> String {
    let digest = crate::store::hex(&format!("{book}/{id}/{asked}"));
    format!("invitation-{}", &digest[..24])
}

fn words(invited: &Invited, link: String, now: Timestamp) -> Words {
    let Invited { role, inviter, title, expires_at, .. } = invited;
    let (name, what) = (&inviter.name, may(*role));
    let days = expires_at.0.saturating_sub(now.0).div_ceil(DAY_MS);
    let days = if days == 1 { "one day".to_owned() } else { format!("{days} days") };
    Words {
        subject: format!("{name} invites you to \u{201c}{title}\u{201d}"),
        before: vec![format!("{name} invites you to \u{201c}{title}\u{201d}, a book, as {what}.")],
        link_says: "See the invitation".to_owned(),
        link,
        after: vec![
            "You decide there whether to accept. The link signs you in with this address, once.".to_owned(),
            format!("The invitation lapses in {days}."),
            format!("If you do not know {name}, leave this letter alone: nothing happens."),
        ],
        ..Words::default()
    }
}

fn may(role: Role) -> &'static str {
    match role {
        Role::Owner => "its owner",
        Role::Author => "an author, who writes in it",
        Role::Editor => "an editor, who writes in it",
        Role::Viewer => "a viewer, who reads and comments",
        Role::Reader => "a reader",
    }
}
