//! What the store listens to, whatever becomes of connections.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use redis::{PushInfo, Value};
use tokio::sync::mpsc;

use super::Raw;

/// The channels that somebody wants to hear, and who hears them.
#[derive(Default)]
pub(super) struct Signals {
    wanted: Mutex<BTreeSet<String>>,
    listener: Mutex<Option<mpsc::Sender<Raw>>>,
    /// Something was missed and the listener does not know it yet.
    owes: AtomicBool,
}

impl Signals {
    /// The channels that somebody wants to hear. While the guard lives nobody changes them.
    pub(super) fn wanted(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this queue hears everything.
    pub(super) fn listen(&self, queue: mpsc::Sender<Raw>) {
        self.owes.store(false, Ordering::Relaxed);
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(queue);
    }

    /// Passes a message on. False: nobody wants this channel any more.
    pub(super) fn heard(&self, channel: String, words: Bytes) -> bool {
        if !self.wanted().contains(&channel) {
            return false;
        }
        self.settle();
        if !self.offer(Raw::Message { channel, words }) {
            self.owes.store(true, Ordering::Relaxed);
        }
        true
    }

    /// Says that anything may have been missed; all subscriptions are in force again.
    pub(super) fn interrupted(&self) {
        self.owes.store(true, Ordering::Relaxed);
        self.settle();
    }

    /// Tells the listener what it was not told because its queue was full.
    pub(super) fn settle(&self) {
        if self.owes.swap(false, Ordering::Relaxed) && !self.offer(Raw::Interrupted) {
            self.owes.store(true, Ordering::Relaxed);
        }
    }

    fn offer(&self, raw: Raw) -> bool {
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        listener.as_ref().is_none_or(|queue| match queue.try_send(raw) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => true,
            Err(mpsc::error::TrySendError::Full(_)) => false,
        })
    }
}

/// The channel and the words of a message.
pub(super) fn message(push: PushInfo) -> Option<(String, Bytes)> {
    match <[Value; 2]>::try_from(push.data).ok()? {
        [Value::BulkString(channel), Value::BulkString(words)] => {
            Some((String::from_utf8(channel).ok()?, words.into()))
        }
        _ => None,
    }
}
