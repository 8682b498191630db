//! Who worked on the library's books: the reports of those that somebody may list, counted one book after the other as they are
//! taken. Of all of them one is in memory.

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt as _};
use quire_protocol::library::Permission;
use quire_protocol::{BookId, Rejection, Timestamp, What};

use super::pages::Place;
use super::report::Right;
use super::{Hub, unavailable};
use crate::auth::Identity;
use crate::book::analytics::{Analytics, Summary};
use crate::book::report::{DAY_MS, Entry, Period};
use crate::library::Shelved;
use crate::store::LogId;

/// What was done in one book.
pub struct OfBook {
    /// As the library's list has it.
    pub book: Shelved,
    /// By day and person.
    pub entries: Vec<Entry>,
}

/// Reports of books as they are counted. An error is the last thing that comes.
pub type Books = BoxStream<'static, Result<OfBook, Rejection>>;

/// The report of a library.
pub struct Surveyed {
    /// Which days.
    pub period: Period,
    /// When it was begun.
    pub at: Timestamp,
    /// The books that somebody may list, by title.
    pub books: Books,
}

/// The analytics of a library.
pub struct Analysed {
    /// Which days.
    pub period: Period,
    /// When they were begun.
    pub at: Timestamp,
    /// What is said.
    pub summary: Summary,
}

/// Somebody looks through the books.
struct Survey {
    hub: Arc<Hub>,
    identity: Identity,
    needed: Permission,
    period: Period,
    left: std::vec::IntoIter<BookId>,
    _place: Place,
}

impl Hub {
    /// Who worked on the library's books in a period, for somebody who may see its reports: of the books that they may list.
    pub async fn survey(self: &Arc<Self>, identity: &Identity, period: Period) -> Result<Surveyed, Rejection> {
        let at = self.clock.now();
        let survey = self.begin_survey(identity, period, Permission::Reports).await?;
        let next = |mut survey: Survey| async move {
            let counted = survey.next().await?;
            Ok(counted.map(|counted| (counted, survey)))
        };
        Ok(Surveyed { period, at, books: stream::try_unfold(survey, next).boxed() })
    }

    /// How much was done in the library's books in a period, and by how many, for somebody who may see its analytics: of the
    /// books that they may list.
    pub async fn analytics(self: &Arc<Self>, identity: &Identity, period: Period) -> Result<Analysed, Rejection> {
        let at = self.clock.now();
        let mut survey = self.begin_survey(identity, period, Permission::Analytics).await?;
        let mut analytics = Analytics::new(period);
        while let Some(OfBook { book, entries }) = survey.next().await? {
            analytics.add(&book, &entries)?;
        }
        // The right may have gone while this was counted.
        self.library_permits(identity, Permission::Analytics).await?;
        Ok(Analysed { period, at, summary: analytics.end() })
    }

    async fn begin_survey(
        self: &Arc<Self>,
        identity: &Identity,
        period: Period,
        needed: Permission,
    ) -> Result<Survey, Rejection> {
        self.library_permits(identity, needed).await?;
        let place = self.surveyors.enter(&identity.user).map_err(|(max, used)| Rejection::LimitReached {
            limit: "library_reports".into(),
            max: max as u64,
            used: used as u64,
        })?;
        let left = self.library_listed(&identity.user).await?.into_iter();
        Ok(Survey { hub: Arc::clone(self), identity: identity.clone(), needed, period, left, _place: place })
    }

    /// Nothing can have been done in a book since the beginning of a period: its log ends before that, and so early that
    /// nobody has held anything since.
    async fn is_quiet(&self, book: &BookId, period: Period) -> Result<bool, Rejection> {
        let log = LogId::Book(book.clone());
        let Some(tail) = self.store.tail(log.clone()).await.map_err(|_| unavailable())? else { return Ok(false) };
        let last = self.store.read_archive(log, tail.seq, 1, usize::MAX).await.map_err(|_| unavailable())?;
        let Some(last) = last.last() else { return Ok(false) };
        let over = last.at.plus_ms(self.timers.lock_idle_ms).plus_ms(DAY_MS);
        Ok(over.0 < period.first() * DAY_MS)
    }
}

impl Survey {
    /// The next book; `None`: there are no more. One that they may not list any more is passed over.
    async fn next(&mut self) -> Result<Option<OfBook>, Rejection> {
        for id in self.left.by_ref() {
            self.hub.library_permits(&self.identity, self.needed).await?;
            let Some(book) = self.hub.library_lists(&self.identity.user, &id).await? else { continue };
            if self.hub.is_quiet(&id, self.period).await? {
                return Ok(Some(OfBook { book, entries: Vec::new() }));
            }
            let counted = self.hub.count_up(&self.identity, &id, self.period, Right::Library(self.needed)).await;
            match counted {
                Ok((_, entries)) => return Ok(Some(OfBook { book, entries })),
                Err(Rejection::NotFound { what: What::Book }) => {}
                Err(rejection) => return Err(rejection),
            }
        }
        // Also of no books nobody is told who may not know.
        self.hub.library_permits(&self.identity, self.needed).await.map(|()| None)
    }
}
