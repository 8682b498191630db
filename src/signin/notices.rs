//! Letters with what people were told: one for each thing, or one a day. Their inbox says what is due, their library and
//! their books whether they may know it still.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use quire_protocol::inbox::Told;
use quire_protocol::{Rejection, UserId};

use super::SignIn;
use crate::hub::mail::Knower;
use crate::hub::mailing::Notices;
use crate::hub::unavailable;
use crate::inbox::words::{place, sentence};
use crate::mail::{Item, Letter, PostError, Words};
use crate::telemetry::metric::{self, LetterOutcome};

/// Nobody tells of what another replica left behind, or of what is to be tried again: it is looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// And for what is due soon, no more often than this.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// People who are mailed at a time.
const AT_ONCE: usize = 4;
/// A letter that could not be sent so often is given up: after some four hours.
const TRIES_MAX: u32 = 9;
/// Things that one letter tells of; it says how many more there are.
const ITEMS_MAX: usize = 50;

impl SignIn {
    /// Mails people what they were told for as long as the hub runs.
    pub async fn mail_notices(&self) {
        let mut pause = Duration::ZERO;
        while !self.hub.is_draining() {
            // Either way it is time to look.
            drop(tokio::time::timeout(pause, self.hub.notices_to_send().notified()).await);
            pause = LOOK_EVERY;
            let (due, next) = match self.hub.due_notices().await {
                Ok(found) => found,
                Err(rejection) => {
                    tracing::debug!(%rejection, "nobody knows who is to be mailed what they were told");
                    continue;
                }
            };
            if let Some(next) = next {
                let soon = Duration::from_millis(next.0.saturating_sub(self.hub.clock.now().0));
                pause = soon.clamp(LOOK_AGAIN, LOOK_EVERY);
            }
            let mail = |user: UserId| async move {
                if let Err(rejection) = self.mails(&user).await {
                    tracing::warn!(%rejection, "somebody will be mailed later what they were told");
                }
            };
            stream::iter(due).for_each_concurrent(AT_ONCE, mail).await;
        }
    }

    /// Sends somebody one letter after the other, until none is due or one cannot be sent now.
    async fn mails(&self, user: &UserId) -> Result<(), Rejection> {
        while let Some(Notices { address, mut due, tries }) = self.hub.begin_notices(user).await? {
            let last = tries + 1 >= TRIES_MAX;
            due.told = self.hub.still_known(&Knower::Person(user.clone()), due.told, !last).await?;
            if !due.told.is_empty() {
                let site = self.site.get().ok_or_else(unavailable)?;
                let words = if due.day.is_some() { of_the_day(&due.told, site) } else { at_once(&due.told[0], site) };
                let name = due.day.map_or_else(|| due.told[0].id.clone(), |day| format!("daily/{}", day.0));
                let digest = crate::store::hex(&format!("{user}/{name}"));
                let letter = Letter::of(&address, &format!("notice-{}", &digest[..24]), &words);
                match self.post.send(&letter).await {
                    Ok(()) => metric::letter(LetterOutcome::Sent),
                    Err(PostError::Later(why)) if !last => {
                        metric::letter(LetterOutcome::Postponed);
                        tracing::warn!(why, "a notice will be mailed later");
                        return Ok(());
                    }
                    Err(PostError::Later(why) | PostError::Never(why)) => {
                        metric::letter(LetterOutcome::GivenUp);
                        tracing::warn!(why, "a notice was not mailed");
                    }
                }
            }
            self.hub.notices_left(user, &due).await?;
        }
        Ok(())
    }
}

fn at_once(told: &Told, site: &str) -> Words {
    let said = sentence(told);
    Words {
        subject: said.clone(),
        before: std::iter::once(said).chain(quote(told)).collect(),
        link_says: "See it there".to_owned(),
        link: format!("{site}/{}", place(told)),
        also: Some(choose(site)),
        ..Words::default()
    }
}

/// The newest come first.
fn of_the_day(told: &[Told], site: &str) -> Words {
    let count = told.len();
    let what = if count == 1 { "one thing".to_owned() } else { format!("{count} things") };
    let item =
        |told: &Told| Item { says: sentence(told), quotes: quote(told), link: format!("{site}/{}", place(told)) };
    let more = count.saturating_sub(ITEMS_MAX);
    Words {
        subject: format!("What happened in your books: {what}"),
        before: vec!["This happened in your books, and you have not read it yet.".to_owned()],
        items: told.iter().rev().take(ITEMS_MAX).map(item).collect(),
        link_says: "See all notices".to_owned(),
        link: format!("{site}/#/notices"),
        after: if more == 0 { Vec::new() } else { vec![format!("There are {more} more.")] },
        also: Some(choose(site)),
    }
}

/// The beginning of what was written.
fn quote(told: &Told) -> Option<String> {
    told.text.as_ref().map(|text| format!("\u{201c}{text}\u{201d}"))
}

/// Where they say what they want to be mailed.
fn choose(site: &str) -> (String, String) {
    ("Choose what you are mailed".to_owned(), format!("{site}/#/notices"))
}
