//! What an actor shows of itself to the tasks that look after all books.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use quire_protocol::{ChapterId, ReplicaId, Seq};
use tokio::sync::Notify;

use crate::hub::replicas::signal::Mark;
use crate::store::Position;

/// The visible part of an actor.
#[derive(Default)]
pub(crate) struct Shown {
    state: Mutex<State>,
    /// Another replica reached something.
    reached: Notify,
}

#[derive(Default)]
struct State {
    position: Option<Position>,
    mark: Mark,
    reached: BTreeMap<ReplicaId, Seq>,
    texts: Vec<(ChapterId, Option<Position>)>,
}

impl Shown {
    /// Where the actor's view of the log ends; `None`: it is not loaded, or does not exist.
    pub(crate) fn position(&self) -> Option<Position> {
        self.state().position
    }

    /// The actor's view ends here now.
    pub(crate) fn set_position(&self, position: Option<Position>) {
        self.state().position = position;
    }

    /// Where the logs of the chapters end that somebody has open.
    pub(crate) fn texts(&self) -> Vec<(ChapterId, Option<Position>)> {
        self.state().texts.clone()
    }

    /// Those chapters are open now, and their logs end there.
    pub(crate) fn set_texts(&self, texts: Vec<(ChapterId, Option<Position>)>) {
        self.state().texts = texts;
    }

    /// The last presence signal that was sent; `None`: none.
    pub(crate) fn mark(&self) -> Option<Mark> {
        Some(self.state().mark).filter(|mark| mark.number > 0)
    }

    /// This presence signal was sent.
    pub(crate) fn set_mark(&self, mark: Mark) {
        self.state().mark = mark;
    }

    /// A replica has applied everything up to `seq`.
    pub(crate) fn reach(&self, replica: ReplicaId, seq: Seq) {
        let mut state = self.state();
        let reached = state.reached.entry(replica).or_insert(seq);
        *reached = seq.max(*reached);
        drop(state);
        self.reached.notify_waiters();
    }

    /// Waits until all of these replicas have applied everything up to `seq`, but not for longer than `patience`.
    pub(crate) async fn all_reach(&self, replicas: &[ReplicaId], seq: Seq, patience: Duration) {
        let reached = async {
            loop {
                let again = self.reached.notified();
                let mut again = std::pin::pin!(again);
                // Registered before looking, so that nothing is missed between the two.
                again.as_mut().enable();
                let there = |replica| self.state().reached.get(replica).is_some_and(|reached| *reached >= seq);
                if replicas.iter().all(there) {
                    return;
                }
                again.await;
            }
        };
        if tokio::time::timeout(patience, reached).await.is_err() {
            tracing::warn!(%seq, "a replica did not confirm a change of rights in time");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while it holds what an actor shows")
    }
}
