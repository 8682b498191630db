//! Signals between replicas, over publish and subscribe.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire_protocol::{BookId, ReplicaId};
use tokio::sync::mpsc;

use super::keys::Keys;
use super::link::Raw;
use super::wake::{self, Words};
use super::{Redis, away};
use crate::store::StoreError;
use crate::store::shared::{Channel, Heard, Signals};

/// Signals between the line and those who listen. More are dropped.
const QUEUE: usize = 4_096;

/// Who listens to what.
pub(super) struct Ears {
    keys: Keys,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    listeners: BTreeMap<ReplicaId, Listener>,
    /// The replication id of the server that commands go to, if it is known: wake-ups from another one are not about
    /// the logs that are read (R12).
    master: Option<String>,
}

struct Listener {
    queue: mpsc::Sender<Heard>,
    books: BTreeSet<BookId>,
}

impl Ears {
    /// Nobody listens yet.
    pub(super) fn new(keys: Keys) -> Arc<Self> {
        Arc::new(Self { keys, state: Mutex::default() })
    }

    /// The queue into which the line puts what it hears.
    pub(super) fn open(self: &Arc<Self>) -> mpsc::Sender<Raw> {
        let (queue, mut heard) = mpsc::channel(QUEUE);
        let ears = Arc::clone(self);
        // It ends with the line, which holds the other end.
        tokio::spawn(async move {
            while let Some(raw) = heard.recv().await {
                ears.hear(raw);
            }
        });
        queue
    }

    /// Commands go to this server.
    pub(super) fn follow(&self, master: String) {
        self.state().master = Some(master);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, raw: Raw) {
        match raw {
            Raw::Interrupted => {
                // It may be another server now.
                self.state().master = None;
                self.tell(None, &Channel::Replicas, &Heard::Interrupted);
            }
            Raw::Message { channel, words } => {
                let (Some(channel), Some(words)) = (self.keys.parse_channel(&channel), wake::parse(words)) else {
                    tracing::debug!(channel, "a signal that cannot be read");
                    return;
                };
                match words {
                    Words::Said { by, words } => {
                        self.tell(Some(&by), &channel.clone(), &Heard::Said { channel, words });
                    }
                    Words::Appended { by, master, wake } => {
                        if self.state().master.as_ref().is_none_or(|followed| *followed == master) {
                            self.tell(Some(&by), &channel, &Heard::Appended(Box::new(wake)));
                        }
                    }
                }
            }
        }
    }

    fn tell(&self, by: Option<&ReplicaId>, channel: &Channel, what: &Heard) {
        let hears = |listener: &Listener| match channel {
            Channel::Replicas => true,
            Channel::Book(book) => listener.books.contains(book),
        };
        let state = self.state();
        for (_, listener) in state.listeners.iter().filter(|(replica, there)| Some(*replica) != by && hears(there)) {
            // A full queue loses signals, as every line may.
            drop(listener.queue.try_send(what.clone()));
        }
    }
}

impl Signals for Redis {
    fn listen(&self, me: &ReplicaId, queue: mpsc::Sender<Heard>) {
        self.ears.state().listeners.insert(me.clone(), Listener { queue, books: BTreeSet::new() });
    }

    fn subscribe(&self, me: &ReplicaId, book: BookId) -> BoxFuture<'_, Result<(), StoreError>> {
        let me = me.clone();
        async move {
            let channel = self.keys.channel(&Channel::Book(book.clone()));
            if let Some(listener) = self.ears.state().listeners.get_mut(&me) {
                listener.books.insert(book);
            }
            self.link.subscribe(&channel).await.map_err(away)
        }
        .boxed()
    }

    fn unsubscribe(&self, me: &ReplicaId, book: BookId) {
        let mut state = self.ears.state();
        if let Some(listener) = state.listeners.get_mut(me) {
            listener.books.remove(&book);
        }
        if !state.listeners.values().any(|listener| listener.books.contains(&book)) {
            self.link.unsubscribe(&self.keys.channel(&Channel::Book(book)));
        }
    }

    fn publish(&self, me: &ReplicaId, channel: Channel, words: Bytes) {
        self.link.publish(&self.keys.channel(&channel), wake::said(me, &words));
    }
}
