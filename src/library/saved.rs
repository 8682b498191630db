//! A library as it is stored in a snapshot of its log.

use std::collections::BTreeSet;
use std::sync::Arc;

use quire_protocol::inbox::Topic;
use quire_protocol::{BookId, Seq};
use serde::{Deserialize, Serialize};

use super::switches::Switches;
use super::user::User;
use super::webhook::Webhook;
use super::{Library, Owner, Shelved};

/// A library's complete state. A new form is a new variant; old ones are read for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Saved {
    /// The first form.
    V1(Box<SavedV1>),
}

/// The first form of a stored library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedV1 {
    owner: Option<Owner>,
    users: Vec<User>,
    books: Vec<Shelved>,
    /// Books that were taken out.
    gone: Vec<(BookId, Seq)>,
    /// What nobody is told of, in states from before there were several channels.
    #[serde(default, skip_serializing)]
    muted: BTreeSet<Topic>,
    /// By which channels anybody may be told of what.
    #[serde(default)]
    switches: Switches,
    #[serde(default)]
    webhooks: Vec<Webhook>,
}

impl Library {
    /// The complete state.
    pub fn save(&self) -> Saved {
        let known = || self.shelf.known();
        Saved::V1(Box::new(SavedV1 {
            owner: self.owner.clone(),
            users: self.users.values().map(|user| User::clone(user)).collect(),
            books: known().filter_map(|(_, _, shelved)| shelved.cloned()).collect(),
            gone: known().filter(|known| known.2.is_none()).map(|(book, seq, _)| (book.clone(), seq)).collect(),
            muted: BTreeSet::new(),
            switches: self.switches.clone(),
            webhooks: self.webhooks.values().cloned().collect(),
        }))
    }

    /// The library as it was saved.
    pub fn restore(saved: Saved) -> Self {
        let Saved::V1(saved) = saved;
        let SavedV1 { owner, users, books, gone, muted, switches, webhooks } = *saved;
        let switches = if muted.is_empty() { switches } else { Switches::silent(&muted) };
        let webhooks = webhooks.into_iter().map(|webhook| (webhook.id.clone(), webhook)).collect();
        let mut library = Self { owner, switches, webhooks: Arc::new(webhooks), ..Self::default() };
        for user in users {
            let (email, account) = (user.email().to_owned(), user.account.clone());
            library.put(&email, user);
            if let Some(account) = account {
                library.accounts.insert(account.clone(), email);
                library.allow(&account);
            }
        }
        if let Some(owner) = library.owner.clone() {
            library.allow(&owner.person.user);
        }
        for book in &books {
            library.shelf.put(book);
        }
        for (book, seq) in &gone {
            library.shelf.take(book, *seq);
        }
        library
    }
}
