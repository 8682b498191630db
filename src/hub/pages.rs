//! Logs read from their beginning, page by page, with all that was compacted: for those who look back. Nothing waits for
//! them, and of a log one page is in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use quire_protocol::{Rejection, Seq, UserId};

use super::{Hub, unavailable};
use crate::store::{LogId, Record};

/// Records of one page.
const PAGE_RECORDS: usize = 500;
/// What the payloads of one page may weigh, bytes; a heavier record is a page of its own.
const PAGE_BYTES: usize = 256 * 1024;

/// Who reads whole logs. There are so many places, and so many of them for one person.
pub(super) struct Readers {
    places: Arc<Mutex<BTreeMap<UserId, usize>>>,
    max: usize,
    of_one_max: usize,
}

/// A place among them. It is free again when this is dropped.
pub(super) struct Place {
    readers: Arc<Mutex<BTreeMap<UserId, usize>>>,
    user: UserId,
}

impl Readers {
    /// Of single logs. The page asks for two things at once.
    pub(super) fn of_logs() -> Self {
        Self { places: Arc::default(), max: 16, of_one_max: 2 }
    }

    /// Of all books of the library, one after the other.
    pub(super) fn of_books() -> Self {
        Self { places: Arc::default(), max: 4, of_one_max: 1 }
    }

    /// A place for this person, if there is one; an error: how many there are for them, and how many they have.
    pub(super) fn enter(&self, user: &UserId) -> Result<Place, (usize, usize)> {
        let mut places = lock(&self.places);
        let (own, all) = (places.get(user).copied().unwrap_or(0), places.values().sum::<usize>());
        if own >= self.of_one_max {
            return Err((self.of_one_max, own));
        }
        if all >= self.max {
            return Err((self.max, all));
        }
        places.insert(user.clone(), own + 1);
        Ok(Place { readers: Arc::clone(&self.places), user: user.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = lock(&self.readers);
        match places.get_mut(&self.user) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(places.remove(&self.user)),
        }
    }
}

fn lock(places: &Mutex<BTreeMap<UserId, usize>>) -> MutexGuard<'_, BTreeMap<UserId, usize>> {
    places.lock().expect("nobody panics while holding the places")
}

/// What is still to be read of a log.
pub(super) struct Pages {
    hub: Arc<Hub>,
    log: LogId,
    next: Seq,
    /// Where the log ended when the reading began.
    end: Seq,
}

impl Pages {
    /// A log from its beginning to where it ends now. One that does not exist has no pages.
    pub(super) async fn of(hub: &Arc<Hub>, log: LogId) -> Result<Self, Rejection> {
        let tail = hub.store.tail(log.clone()).await.map_err(|_| unavailable())?;
        let end = tail.map_or(Seq(0), |tail| tail.seq);
        Ok(Self { hub: Arc::clone(hub), log, next: Seq(1), end })
    }

    /// Nothing from here on is wanted.
    pub(super) fn stop_before(&mut self, seq: Seq) {
        self.end = self.end.min(Seq(seq.0.saturating_sub(1)));
    }

    /// The next records, in order; `None`: there are no more. Where the store has lost some, their numbers are missing.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Record>>, Rejection> {
        if self.next > self.end {
            return Ok(None);
        }
        let mut records = self.read(PAGE_RECORDS, PAGE_BYTES).await?;
        if records.is_empty() {
            records = self.read(1, usize::MAX).await?;
        }
        records.retain(|record| record.seq <= self.end);
        let Some(last) = records.last() else {
            tracing::error!(log = %self.log, from = %self.next, "the end of a log is not where its records end");
            return Err(unavailable());
        };
        self.next = last.seq.next();
        Ok(Some(records))
    }

    async fn read(&self, records: usize, bytes: usize) -> Result<Vec<Record>, Rejection> {
        let read = self.hub.store.read_archive(self.log.clone(), self.next, records, bytes).await;
        read.map_err(|error| {
            tracing::warn!(log = %self.log, %error, "a log cannot be read");
            unavailable()
        })
    }

    /// What cannot be read is told to the operator, and only that it cannot to whoever asked.
    pub(super) fn understood<T>(&self, read: Result<T, String>) -> Result<T, Rejection> {
        read.map_err(|error| {
            tracing::error!(log = %self.log, error, "a log holds something that this version cannot read");
            unavailable()
        })
    }
}
