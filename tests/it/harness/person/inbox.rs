//! Somebody and their inbox.

use quire_protocol::Seq;
use quire_protocol::command::{InboxList, InboxOpen, InboxRead};
use quire_protocol::frame::{Answer, Notice};
use quire_protocol::inbox::{InboxEntry, Topic};

use super::{Person, Said};

/// A page of an inbox.
#[derive(Debug)]
pub struct Page {
    pub entries: Vec<InboxEntry>,
    pub unread: u32,
    pub before: Option<Seq>,
}

impl Page {
    /// Of what, the newest first.
    pub fn topics(&self) -> Vec<Topic> {
        self.entries.iter().map(|entry| entry.told.topic).collect()
    }
}

impl Said {
    /// It was a page of an inbox.
    #[track_caller]
    pub fn inbox(self) -> Page {
        match self.accepted() {
            Answer::Inbox { inbox, unread, before, .. } => Page { entries: inbox, unread, before },
            other => panic!("no inbox: {other:?}"),
        }
    }
}

impl Person {
    /// Opens the inbox, and hears of it from now on.
    pub async fn opens_inbox(&mut self) -> Page {
        self.asks_hub(InboxOpen {}).await.inbox()
    }

    /// The newest entries.
    pub async fn looks_into_inbox(&mut self) -> Page {
        self.asks_hub(InboxList { before: None, limit: None }).await.inbox()
    }

    /// Has read everything up to this entry.
    pub async fn has_read(&mut self, up_to: Seq) {
        self.asks_hub(InboxRead { up_to: Some(up_to), entries: vec![] }).await.accepted();
    }
}

/// A new entry, and how many are unread.
pub fn noticed(notice: &Notice) -> Option<(InboxEntry, u32)> {
    match notice {
        Notice::Noticed { entry, unread } => Some(((**entry).clone(), *unread)),
        _ => None,
    }
}

/// How many are unread after something was read.
pub fn read(notice: &Notice) -> Option<u32> {
    match notice {
        Notice::InboxChanged { unread } => Some(*unread),
        _ => None,
    }
}
