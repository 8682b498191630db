//! Letters of invitation: found in the log of what may be owed, checked with their books, sent, and told of.
//!
//! A letter is sent while its book says that it is owed, so never for what was not committed; and again if nobody could
//! tell the book that it was sent. Both are then the same letter by its id.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use quire_protocol::{BookId, InvitationId, Rejection, Role, Seq, Timestamp};

use super::{Secret, SignIn};
use crate::book::{Act, Invited};
use crate::hub::letters::{Asks, Owed, SETTLED_MS};
use crate::hub::unavailable;
use crate::library::Asked;
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
                let asks = owed.asks.clone();
                if let Err(rejection) = self.sends(number, owed).await {
                    tracing::warn!(?asks, %rejection, "an invitation will be mailed later");
                }
            };
            stream::iter(due).for_each_concurrent(AT_ONCE, send).await;
        }
    }

    async fn sends(&self, number: u64, owed: Owed) -> Result<(), Rejection> {
        let tries = owed.tries();
        let Owed { asks, since, .. } = owed;
        let Some(wanted) = self.wanted(asks.clone()).await? else {
            // What was announced a moment ago may be committed in a moment.
            let settled = self.hub.clock.now() >= since.plus_ms(SETTLED_MS);
            return if settled { self.hub.end_letter(number).await } else { Ok(()) };
        };
        if !self.hub.begin_letter(number).await? {
            return Ok(());
        }
        let letter = self.invites(&wanted).await?;
        let reason = match self.post.send(&letter).await {
            Ok(()) => None,
            Err(PostError::Later(why)) if tries + 1 < TRIES_MAX => {
                metric::letter(LetterOutcome::Postponed);
                tracing::warn!(?asks, why, "an invitation will be mailed later");
                return Ok(());
            }
            Err(PostError::Later(why) | PostError::Never(why)) => Some(why),
        };
        metric::letter(if reason.is_none() { LetterOutcome::Sent } else { LetterOutcome::GivenUp });
        self.tells(wanted, reason).await?;
        self.hub.end_letter(number).await
    }

    /// Tells whoever owed a letter what became of it.
    async fn tells(&self, wanted: Wanted, reason: Option<String>) -> Result<(), Rejection> {
        match wanted {
            Wanted::Book { book, invitation, asked, .. } => {
                self.hub.tell_mailed(&book, Act::Mailed { invitation, asked, reason }).await
            }
            Wanted::Library { email, owed, .. } => self.hub.tell_library_mailed(&email, owed, reason).await,
        }
    }

    /// What a letter is to say that is owed; `None`: it is not owed (any more).
    async fn wanted(&self, asks: Asks) -> Result<Option<Wanted>, Rejection> {
        match asks {
            Asks::Invited { book, invitation } => {
                let invited = self.hub.invitation(&book, &invitation).await?;
                let owed = invited.and_then(|invited| invited.owed.map(|asked| (Box::new(invited), asked)));
                Ok(owed.map(|(invited, asked)| Wanted::Book { book, invitation, asked, invited }))
            }
            Asks::User { email } => {
                let asked = self.hub.asked_to_library(&email).await?;
                let owed = asked.and_then(|asked| asked.owed.map(|owed| (asked, owed)));
                Ok(owed.map(|(asked, owed)| Wanted::Library { email, asked, owed }))
            }
        }
    }

    /// The letter of an invitation, with a link that is good as long as the invitation is.
    async fn invites(&self, wanted: &Wanted) -> Result<Letter, Rejection> {
        let site = self.site.get().ok_or_else(unavailable)?;
        let (secret, now) = (Secret::new(), self.hub.clock.now());
        let link = format!("{site}/signin#token={}", secret.text);
        let (email, until, invitation, words) = match wanted {
            Wanted::Book { book, invitation, invited, .. } => {
                let invitation = Some((book.clone(), invitation.clone()));
                (&invited.email, invited.expires_at, invitation, words(invited, link, now))
            }
            Wanted::Library { email, asked, .. } => (email, asked.until, None, library_words(asked, site, link, now)),
        };
        let library = invitation.is_none();
        let made = LinkChange::Made { link: secret.name(), email: email.clone(), until, invitation, library };
        self.keeps(&secret, &made, now).await?;
        Ok(Letter::of(email, &letter_id(wanted), &words))
    }
}

/// A letter that is to be sent.
enum Wanted {
    /// To whoever is invited to a book.
    Book { book: BookId, invitation: InvitationId, asked: Seq, invited: Box<Invited> },
    /// To whoever is asked to join the library.
    Library { email: String, asked: Asked, owed: Timestamp },
}

/// One letter for each invitation: what several ask for is the same.
fn newest(mut due: Vec<(u64, Owed)>) -> Vec<(u64, Owed)> {
    due.sort_by(|(_, a), (_, b)| (&a.asks, b.since).cmp(&(&b.asks, a.since)));
    due.dedup_by(|(_, next), (_, first)| next.asks == first.asks);
    due
}

/// The same for the same letter, whoever sends it.
fn letter_id(wanted: &Wanted) -> String {
    let digest = crate::store::hex(&match wanted {
        Wanted::Book { book, invitation, asked, .. } => format!("{book}/{invitation}/{asked}"),
        Wanted::Library { email, owed, .. } => format!("library {email}/{}", owed.0),
    });
    format!("invitation-{}", &digest[..24])
}

fn days_until(until: Timestamp, now: Timestamp) -> String {
    let days = until.0.saturating_sub(now.0).div_ceil(DAY_MS);
    if days == 1 { "one day".to_owned() } else { format!("{days} days") }
}

fn library_words(asked: &Asked, site: &str, link: String, now: Timestamp) -> Words {
    let name = &asked.from.name;
    let host = site.split_once("://").map_or(site, |(_, host)| host);
    let days = days_until(asked.until, now);
    Words {
        subject: format!("{name} asks you to join the library at {host}"),
        before: vec![
            format!("{name} asks you to join the library at {host}, with its books."),
            "What you may do there, you see before you decide.".to_owned(),
        ],
        link_says: "See the invitation".to_owned(),
        link,
        after: closing(name, &days),
        ..Words::default()
    }
}

fn closing(name: &str, days: &str) -> Vec<String> {
    vec![
        "You decide there whether to accept. The link signs you in with this address, once.".to_owned(),
        format!("The invitation lapses in {days}."),
        format!("If you do not know {name}, leave this letter alone: nothing happens."),
    ]
}

fn words(invited: &Invited, link: String, now: Timestamp) -> Words {
    let Invited { role, inviter, title, expires_at, .. } = invited;
    let (name, what) = (&inviter.name, may(*role));
    Words {
        subject: format!("{name} invites you to \u{201c}{title}\u{201d}"),
        before: vec![format!("{name} invites you to \u{201c}{title}\u{201d}, a book, as {what}.")],
        link_says: "See the invitation".to_owned(),
        link,
        after: closing(name, &days_until(*expires_at, now)),
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
