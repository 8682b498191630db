//! The links of one shelf: which were mailed, to whom, and which were used. Pure: the time is an argument.

use std::collections::BTreeMap;

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::{BookId, InvitationId, Rejection, Timestamp};
use serde::{Deserialize, Serialize};

use crate::chapter::journal::{Journal, encode};

/// Links of one shelf that are remembered at a time. There are sixteen shelves.
const LINKS_MAX: usize = 1_000;
/// When to try again while there are too many.
const RETRY_AFTER_MS: u64 = 60_000;
/// A link is remembered for so long after its end, so that whoever comes late is told what happened to it.
const REMEMBERED_MS: u64 = 24 * 60 * 60 * 1000;

/// What happens to links, as a record's payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(super) enum LinkChange {
    /// One more.
    Made {
        /// The hash of its secret.
        link: String,
        /// The normal address that it goes to.
        email: String,
        /// Until when it is good.
        until: Timestamp,
        /// The invitation that it came with, and with which it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invitation: Option<(BookId, InvitationId)>,
        /// It came with a letter that asks them to join the library, and ends when they are asked no more.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        library: bool,
    },
    /// One was opened.
    Used {
        /// The hash of its secret.
        link: String,
    },
}

/// A link that was mailed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    /// The normal address that it goes to.
    pub(super) email: String,
    /// The invitation that it came with.
    #[serde(default)]
    pub(super) invitation: Option<(BookId, InvitationId)>,
    /// It asks them to join the library.
    #[serde(default)]
    pub(super) library: bool,
    until: Timestamp,
    used: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Saved {
    #[serde(rename = "1")]
    V1 { links: BTreeMap<String, Link> },
}

/// Why a link does not open anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// It did before.
    Used,
    /// Its time is over.
    Expired,
    /// There is none, or it is long over.
    Unknown,
    /// Its invitation was answered, taken back, or has lapsed.
    Over,
}

/// The links of one shelf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Links(BTreeMap<String, Link>);

impl Links {
    /// What it means to make one more, if there is room.
    pub(super) fn add(&self, made: &LinkChange, now: Timestamp) -> Result<Vec<LinkChange>, Rejection> {
        let good = self.0.values().filter(|link| !link.used && now < link.until).count();
        if good >= LINKS_MAX {
            return Err(Rejection::Unavailable { retry_after_ms: RETRY_AFTER_MS });
        }
        Ok(vec![made.clone()])
    }

    /// What whoever opens this link has proved.
    pub(super) fn open(&self, link: &str, now: Timestamp) -> Result<&Link, Opening> {
        match self.0.get(link) {
            None => Err(Opening::Unknown),
            Some(link) if link.used => Err(Opening::Used),
            Some(link) if now >= link.until => Err(Opening::Expired),
            Some(link) => Ok(link),
        }
    }

    /// What is over for long goes, and of what is over the oldest, if there is too much.
    fn tidy(&mut self, now: Timestamp) {
        self.0.retain(|_, link| now < link.until.plus_ms(REMEMBERED_MS));
        while self.0.len() > 2 * LINKS_MAX {
            let over = |link: &Link| link.used || now >= link.until;
            let oldest = self.0.iter().filter(|(_, link)| over(link)).min_by_key(|(_, link)| link.until);
            let Some(name) = oldest.map(|(name, _)| name.clone()) else { return };
            self.0.remove(&name);
        }
    }
}

impl Journal for Links {
    type Change = LinkChange;

    const RECORDS_MAX: usize = 64;

    fn restore(snapshot: &[u8]) -> Result<Self, String> {
        let Saved::V1 { links } = decode_record(snapshot)?;
        Ok(Self(links))
    }

    fn snapshot(&self) -> Bytes {
        encode(&Saved::V1 { links: self.0.clone() })
    }

    fn apply(&mut self, change: LinkChange, at: Timestamp) {
        match change {
            LinkChange::Made { link, email, until, invitation, library } => {
                self.0.entry(link).or_insert(Link { email, invitation, library, until, used: false });
                self.tidy(at);
            }
            LinkChange::Used { link } => {
                if let Some(link) = self.0.get_mut(&link) {
                    link.used = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
