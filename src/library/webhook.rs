//! Webhooks of a library: addresses that are told what happens in its books. Whoever may manage settings manages them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::Uri;
use quire_protocol::command::WebhookSet;
use quire_protocol::event::Person;
use quire_protocol::inbox::Topic;
use quire_protocol::library::Permission;
use quire_protocol::webhook::{self as wire, WEBHOOK_URL_BYTES_MAX};
use quire_protocol::{Rejection, Timestamp, UserId, WebhookId, What};
use serde::{Deserialize, Serialize};

use super::decide::{Context, Decision, Reply};
use super::{Event, Library};

/// The webhooks of a library. Cheap to clone.
pub(super) type Webhooks = Arc<BTreeMap<WebhookId, Webhook>>;

/// An address that is told what happens in the library's books.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// Which.
    pub id: WebhookId,
    /// Where to.
    pub url: String,
    /// What of.
    pub topics: BTreeSet<Topic>,
    /// It is to be told now.
    pub on: bool,
    /// Who set it: it is told what they may know.
    pub by: Person,
    /// When that was.
    pub at: Timestamp,
}

impl Library {
    pub(super) fn decide_webhook(&self, context: &Context<'_>, set: &WebhookSet) -> Result<Decision, Rejection> {
        let WebhookSet { webhook: id, url, topics, on, renew } = set;
        check_address(url)?;
        let known = self.webhooks.get(id);
        let (used, max) = (self.webhooks.len(), context.limits.webhooks_per_library);
        if known.is_none() && used >= max {
            let (max, used) = (max as u64, used as u64);
            return Err(Rejection::LimitReached { limit: "webhooks_per_library".into(), max, used });
        }
        let by = context.person();
        let topics: BTreeSet<Topic> = topics.iter().copied().collect();
        let reply = Reply::Webhook { webhook: id.clone(), new: known.is_none(), renew: *renew };
        let same = known.is_some_and(|known| {
            (&known.url, &known.topics, known.on, &known.by.user) == (url, &topics, *on, &by.user)
        });
        let webhook = || Webhook { id: id.clone(), url: url.clone(), topics, on: *on, by, at: context.now };
        let events = if same { Vec::new() } else { vec![Event::WebhookSet { webhook: Box::new(webhook()) }] };
        Ok(Decision { events, reply })
    }

    pub(super) fn decide_webhook_removal(&self, id: &WebhookId) -> Decision {
        let there = self.webhooks.contains_key(id);
        let removed = there.then(|| Event::WebhookRemoved { webhook: id.clone() });
        Decision::done(removed.into_iter().collect())
    }

    /// What to append once a webhook says that it is gone: nothing, if it is off or leads elsewhere now.
    pub fn turned_off(&self, gone: &Webhook) -> Vec<Event> {
        let known = self.webhooks.get(&gone.id).filter(|known| known.on && known.url == gone.url);
        let off = known.map(|known| Event::WebhookSet { webhook: Box::new(Webhook { on: false, ..known.clone() }) });
        off.into_iter().collect()
    }

    /// A webhook, if there is one of this id.
    pub fn webhook(&self, id: &WebhookId) -> Option<&Webhook> {
        self.webhooks.get(id)
    }

    /// The ids of all of them.
    pub fn webhooks(&self) -> impl Iterator<Item = &WebhookId> {
        self.webhooks.keys()
    }

    /// Those that are to be told now: they are on, and whoever set them may manage settings.
    pub fn listening(&self) -> impl Iterator<Item = &Webhook> {
        self.webhooks.values().filter(|webhook| webhook.on && self.keeps(&webhook.by.user))
    }

    fn keeps(&self, user: &UserId) -> bool {
        self.may(user, Permission::Settings)
    }

    /// A webhook as whoever may manage settings sees it.
    pub(super) fn webhook_row(&self, id: &WebhookId) -> Result<wire::Webhook, Rejection> {
        let webhook = self.webhooks.get(id).ok_or_else(no_such_webhook)?;
        let Webhook { id, url, topics, on, by, at } = webhook.clone();
        let rests = !self.keeps(&by.user);
        Ok(wire::Webhook { id, url, topics: topics.into_iter().collect(), on, by, at, rests })
    }

    /// All of them, by their ids.
    pub(super) fn webhook_rows(&self) -> Vec<wire::Webhook> {
        self.webhooks.keys().filter_map(|id| self.webhook_row(id).ok()).collect()
    }
}

/// There is no such webhook.
pub const fn no_such_webhook() -> Rejection {
    Rejection::NotFound { what: What::Webhook }
}

/// The host of an address: the rest of it may be a secret between those who know it.
pub(super) fn host(url: &str) -> String {
    url.parse::<Uri>().ok().and_then(|uri| uri.host().map(ToOwned::to_owned)).unwrap_or_default()
}

/// What an address must be like, wherever it leads.
fn check_address(url: &str) -> Result<(), Rejection> {
    let wrong = |reason: &str| Err(Rejection::invalid("url", reason));
    if url.len() > WEBHOOK_URL_BYTES_MAX {
        return Err(Rejection::TooLarge { limit: "webhook_url".into(), max: WEBHOOK_URL_BYTES_MAX as u64 });
    }
    let Ok(uri) = url.parse::<Uri>() else { return wrong("it is no address") };
    let is_web = matches!(uri.scheme_str(), Some("https" | "http"));
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => wrong("it holds a name or a password"),
        Some(authority) if is_web && !authority.host().is_empty() => Ok(()),
        _ => wrong("it is no address"),
    }
}

#[cfg(test)]
mod tests;
