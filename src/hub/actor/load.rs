//! The book's memory and its log: loading, catching up, asking whether the tail moved, compaction.

use std::sync::Arc;
use std::time::Duration;

use quire_protocol::codec::decode_record;
use quire_protocol::event::{Home, ReleaseReason};
use tokio::time::Instant;

use super::roster::Gone;
use super::{Actor, Lost};
use crate::book::{Book, Committed, Saved};
use crate::hub::replicas::Standing;
use crate::store::{Compacted, LogId, Read, Record, StoreError};

/// A snapshot is taken after this many events, so that loading a book stays short.
const EVENTS_PER_SNAPSHOT: u64 = 2_000;

impl Actor {
    pub(super) fn log(&self) -> LogId {
        LogId::Book(self.book.id().clone())
    }

    /// Reads the whole book. An event that is not understood is never skipped (I11).
    pub(super) async fn load(&mut self) -> Result<(), Lost> {
        if let Some(replicas) = self.hub.replicas() {
            replicas.no_doubt(self.book.id()).await;
        }
        let told = self.hub.told_up_to(self.book.id()).await.map_err(|_| self.unreadable(&StoreError::Unavailable))?;
        let read = self.hub.store.read(self.log(), None).await.map_err(|error| self.unreadable(&error))?;
        let (snapshot, records, tail) = match read {
            Read::Absent => return self.ask_whether_lost().await,
            Read::Records { records, tail } => (None, records, tail),
            Read::Snapshot { snapshot, records, tail } => (snapshot, records, tail),
        };
        if let Some((position, bytes)) = snapshot {
            self.remember_before(position).await;
            let saved: Saved = decode_record(&bytes).map_err(|error| self.not_understood("snapshot", &error))?;
            self.book = Book::restore(saved);
        }
        self.since_snapshot = records.len() as u64;
        self.tags.note_all(&records);
        for committed in self.facts(&records)? {
            if told.is_some_and(|told| told < committed.seq) {
                self.owe(&committed);
            }
            self.book.apply(&committed);
        }
        self.stand_at(tail);
        self.adopt_orphans();
        if let Some(replicas) = self.hub.replicas() {
            replicas.has_actor(self.book.id());
        }
        self.project_loaded().await;
        Ok(())
    }

    /// What these records say.
    pub(super) fn facts(&self, records: &[Record]) -> Result<Vec<Committed>, Lost> {
        records
            .iter()
            .map(|record| Committed::of(record).map_err(|error| self.not_understood("record", &error)))
            .collect()
    }

    /// What is absent may have been lost: then it is not free to be created, nor known never to have been (R6).
    async fn ask_whether_lost(&mut self) -> Result<(), Lost> {
        if let Some(replicas) = self.hub.replicas() {
            replicas.check_mark().await.map_err(|error| self.unreadable(&error))?;
            self.may_be_lost = replicas.lost_at().is_some();
            replicas.has_actor(self.book.id());
        }
        Ok(())
    }

    /// Holders and waiters that no connection stands for get a full grace, then go (R5, R15). Another replica that
    /// lives looks after its own.
    pub(super) fn adopt_orphans(&mut self) {
        let hub = Arc::clone(&self.hub);
        let lives = |home: &Home| {
            let standing = hub.replicas().map(|replicas| replicas.standing(&home.replica));
            home.replica != hub.replica && standing == Some(Standing::Lives)
        };
        self.orphans.retain(|_, gone| !lives(&gone.home));
        let until = Instant::now() + Duration::from_millis(self.hub.timers.grace_ms);
        let held = self.book.held().map(|held| (held.session.clone(), held.home.clone()));
        let waiting = self.book.waiting().map(|waits| (waits.session.clone(), waits.home.clone()));
        let stakes: Vec<_> = held.chain(waiting).collect();
        for (session, home) in stakes {
            let known = self.roster.get(&session).is_some() || self.orphans.contains_key(&session);
            if !known && !lives(&home) {
                let ours = home.replica == self.hub.replica;
                let reason = if ours { ReleaseReason::Disconnected } else { ReleaseReason::ReplicaLost };
                self.orphans.insert(session, Gone { home, until, reason });
                self.sweep_at = self.sweep_at.min(until);
            }
        }
    }

    /// Makes sure that nothing was written behind our back, once a turn (R3). No: the store cannot be asked.
    pub(super) async fn refresh(&mut self) -> Result<bool, Lost> {
        if self.fresh {
            return Ok(true);
        }
        match self.hub.store.tail(self.log()).await {
            Ok(tail) if tail == self.position => {}
            Ok(_) => match self.hub.store.read(self.log(), self.position).await {
                Ok(read) => self.take_in(read).await?,
                Err(StoreError::Unavailable) => return Ok(false),
                Err(error) => return Err(self.unreadable(&error)),
            },
            Err(StoreError::Unavailable) => return Ok(false),
            Err(error) => return Err(self.unreadable(&error)),
        }
        self.fresh = true;
        Ok(true)
    }

    /// Applies and sends what others wrote.
    pub(super) async fn take_in(&mut self, read: Read) -> Result<(), Lost> {
        match (self.position, read) {
            (None, Read::Absent) => Ok(()),
            (_, Read::Records { records, tail }) | (None, Read::Snapshot { snapshot: None, records, tail }) => {
                let facts = self.facts(&records)?;
                self.tags.note_all(&records);
                self.stand_at(tail);
                let rights = facts.iter().any(|fact| self.changes_rights(&fact.fact.event));
                self.publish(&facts).await;
                if rights {
                    self.confirm_rights();
                }
                self.follow_index();
                Ok(())
            }
            // Another history, or one that went on without us for too long: start again from the store.
            (_, Read::Absent | Read::Snapshot { .. }) => Err(Lost),
        }
    }

    /// Stores a snapshot now and then; the log before it moves to the archive.
    pub(super) fn compact_if_long(&mut self) {
        if self.untold.is_empty() && self.since_snapshot >= EVENTS_PER_SNAPSHOT {
            self.compact();
        }
    }

    pub(super) fn compact(&mut self) {
        let Some(position) = self.position else { return };
        self.since_snapshot = 0;
        let (store, log, book) = (self.hub.store.clone(), self.log(), self.book.clone());
        self.hub.tasks.spawn(async move {
            // A large book takes a while to write down, and to forget.
            let encode = move || rmp_serde::to_vec_named(&book.save()).expect("a saved book is plain data");
            let Ok(snapshot) = tokio::task::spawn_blocking(encode).await else { return };
            match store.compact(log.clone(), position, snapshot.into()).await {
                Ok(Compacted::Done | Compacted::Stale) => {}
                Err(error) => tracing::warn!(%log, %error, "a snapshot was not stored; the log stays longer"),
            }
        });
    }

    fn unreadable(&self, error: &StoreError) -> Lost {
        tracing::error!(book = %self.book.id(), %error, "a book cannot be read");
        Lost
    }

    fn not_understood(&self, what: &str, error: &str) -> Lost {
        tracing::error!(book = %self.book.id(), what, error, "a book holds something that this version cannot read");
        Lost
    }
}
