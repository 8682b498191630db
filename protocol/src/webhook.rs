//! Webhooks: addresses that are told what happens in the library's books.

use serde::{Deserialize, Serialize};

use crate::event::Person;
use crate::id::{BookId, Timestamp, WebhookId};
use crate::inbox::Topic;
use crate::tagged::records;

/// Longest address of a webhook, in bytes.
pub const WEBHOOK_URL_BYTES_MAX: usize = 2_000;

records! {
    /// An address that is told what happens in the library's books.
    Webhook {
        /// Which.
        id: WebhookId,
        /// Where to.
        url: String,
        /// What of.
        topics: Vec<Topic>,
        /// False: nothing is sent, and what waits stays.
        on: bool,
        /// Who set it last: it is told what they may know.
        by: Person,
        /// When.
        at: Timestamp,
        /// Nothing is sent, because whoever set it may not manage settings any more. Whoever sets it again has it.
        rests: bool,
    }
    /// Something that a webhook is told, or was.
    Delivery {
        /// The same in every attempt: the header `webhook-id`.
        id: String,
        /// Of what; null: a test.
        topic: Option<Topic>,
        /// In which book; null: a test.
        book: Option<BookId>,
        /// When it was first to be told.
        at: Timestamp,
        /// What became of it.
        state: DeliveryState,
        /// The newest last, twelve at most.
        attempts: Vec<Attempt>,
    }
    /// One attempt to tell a webhook something.
    Attempt {
        /// When it ended.
        at: Timestamp,
        /// How long it took, in milliseconds.
        ms: u64,
        /// The status of the answer; null: there was none.
        status: Option<u16>,
        /// What went wrong, in words; null: nothing.
        problem: Option<String>,
    }
}

/// What became of something that a webhook is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is sent, or will be.
    Waiting,
    /// It was answered with a status from 200 to 299.
    Delivered,
    /// Nothing was answered like that for `webhook_ms`.
    GivenUp,
    /// Too much waited.
    Dropped,
    /// Whoever set the webhook may not know it, or it is so no more.
    Withheld,
}
