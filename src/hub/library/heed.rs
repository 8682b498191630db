//! What a change of the library means for those who are judged by it, here and on other replicas.

use std::sync::Arc;
use std::time::Duration;

use quire_protocol::{CloseCode, ReplicaId, Seq};
use tokio::sync::oneshot;

use super::Step;
use crate::hub::Hub;
use crate::hub::mail::Mail;
use crate::hub::replicas::Standing;
use crate::hub::replicas::signal::Says;
use crate::hub::seat::Seat;
use crate::library::{Event, Library};

/// The answer to a change waits this long for those who are judged by it.
const RIGHTS_PATIENCE: Duration = Duration::from_secs(1);

impl Hub {
    /// Makes everybody judged by the new state: those who are not let in any more go, open books have acted on it, on all
    /// replicas if this one made it, and listeners hear that something changed.
    pub(super) async fn heed(self: &Arc<Self>, steps: Vec<Step>) {
        for Step { before, after, events, own } in steps {
            self.compact_library();
            self.close_disabled(&before, &after);
            if !before.granted().is_same(after.granted()) {
                self.tell_books().await;
                if own {
                    self.await_replicas().await;
                }
            }
            // Whoever is asked to join hears of it, though nothing let them listen before.
            let asked = events.iter().filter_map(Event::asks).flat_map(|email| self.directory.of_email(email));
            self.library.listeners.tell((&before, &after), &events, asked.collect(), &self.limits);
            if own {
                self.tell_replicas();
            }
        }
    }

    /// The same, without waiting for it.
    pub(crate) fn heed_soon(self: &Arc<Self>, steps: Vec<Step>) {
        if !steps.is_empty() {
            let hub = Arc::clone(self);
            self.tasks.spawn(async move { hub.heed(steps).await });
        }
    }

    fn close_disabled(&self, before: &Library, after: &Library) {
        let disabled = |seat: &Seat| after.is_disabled(&seat.user) && !before.is_disabled(&seat.user);
        for seat in self.directory.all_if(disabled) {
            seat.close(CloseCode::Disabled, "the library's managers have disabled this account");
        }
    }

    /// Waits until every open book has acted on what the library allows now, for a moment at most.
    async fn tell_books(self: &Arc<Self>) {
        let told = self.registry.shown().into_iter().map(|(book, _)| async move {
            let (done, heard) = oneshot::channel();
            self.deliver(&book, Mail::Library { done }).await;
            // An actor that ends meanwhile judges nobody.
            drop(heard.await);
        });
        let all = futures::future::join_all(told);
        if tokio::time::timeout(RIGHTS_PATIENCE, all).await.is_err() {
            tracing::warn!("not every open book has acted in time on what the library allows");
        }
    }

    fn tell_replicas(&self) {
        if let Some(replicas) = self.replicas() {
            replicas.say_to_all(Says::LibraryGrew { seq: self.library.seq() });
        }
    }

    /// Waits until the other replicas judge by what is known here, for a moment at most.
    async fn await_replicas(&self) {
        let Some(replicas) = self.replicas() else { return };
        let seq = self.library.seq();
        self.tell_replicas();
        let all = async {
            loop {
                let reached = self.library.reaches.notified();
                let others = replicas.others();
                let behind = |replica: &ReplicaId| {
                    replicas.standing(replica) == Standing::Lives
                        && self.library.reached().get(replica).is_none_or(|reached| *reached < seq)
                };
                if !others.iter().any(behind) {
                    return;
                }
                reached.await;
            }
        };
        if tokio::time::timeout(RIGHTS_PATIENCE, all).await.is_err() {
            tracing::warn!("not every replica has confirmed in time what the library allows");
        }
    }

    /// Another replica changed the library: this one does as it says, and says so.
    pub(crate) async fn library_grew(self: &Arc<Self>, seq: Seq) {
        match self.look_into_library(self.library.seq() < seq).await {
            Ok(steps) => self.heed(steps).await,
            Err(_) => return,
        }
        if let Some(replicas) = self.replicas() {
            replicas.say_to_all(Says::LibraryReached { seq: self.library.seq() });
        }
    }

    /// Another replica judges by everything up to `seq`.
    pub(crate) fn library_reached(&self, replica: ReplicaId, seq: Seq) {
        if let Some(replicas) = self.replicas() {
            let mut reached = self.library.reached();
            // Each boot is a replica of its own (I5).
            reached.retain(|known, _| replicas.standing(known) == Standing::Lives);
            let known = reached.entry(replica).or_insert(seq);
            *known = seq.max(*known);
        }
        self.library.reaches.notify_waiters();
    }
}
