//! Who worked on a book: its log and the logs of its versions read from their beginning, beside the book's actor, and counted.

use std::sync::Arc;
use std::time::Duration;

use quire_protocol::codec::decode_record;
use quire_protocol::library::Permission;
use quire_protocol::{Action, BookId, Rejection, Timestamp, What};
use tokio::time::timeout;

use super::pages::Pages;
use super::{Hub, unavailable};
use crate::auth::Identity;
use crate::book::Committed;
use crate::book::report::{Entry, Period, Report};
use crate::chapter::version::VersionsChange;
use crate::store::LogId;

/// Longest time from asking for a report to having it.
const DEADLINE: Duration = Duration::from_mins(1);

/// By which right it is counted what people did in a book.
#[derive(Clone, Copy, Debug)]
pub(super) enum Right {
    /// By the book's own.
    Audit,
    /// By this one of the library's, and because they may list the book there.
    Library(Permission),
}

/// A report, and of what.
pub struct Reported {
    /// The book's title.
    pub title: String,
    /// Which days.
    pub period: Period,
    /// Until when what is held was counted.
    pub at: Timestamp,
    /// By day and person.
    pub entries: Vec<Entry>,
}

impl Hub {
    /// Who worked on a book in a period, for somebody who may know.
    pub async fn report(
        self: &Arc<Self>,
        identity: &Identity,
        book: &BookId,
        period: Period,
    ) -> Result<Reported, Rejection> {
        let title = self.title_for(book, &identity.user, Action::Audit).await?;
        let _place = self.readers.enter(&identity.user).map_err(|_| unavailable())?;
        let (at, entries) = self.count_up(identity, book, period, Right::Audit).await?;
        Ok(Reported { title, period, at, entries })
    }

    /// Until when what is held was counted, and who did how much of what.
    pub(super) async fn count_up(
        self: &Arc<Self>,
        identity: &Identity,
        book: &BookId,
        period: Period,
        right: Right,
    ) -> Result<(Timestamp, Vec<Entry>), Rejection> {
        let counted = timeout(DEADLINE, self.counts(identity, book, period, right)).await;
        counted.unwrap_or_else(|_| Err(unavailable()))
    }

    async fn counts(
        self: &Arc<Self>,
        identity: &Identity,
        book: &BookId,
        period: Period,
        right: Right,
    ) -> Result<(Timestamp, Vec<Entry>), Rejection> {
        let mut report = Report::new(period);
        let mut pages = Pages::of(self, LogId::Book(book.clone())).await?;
        // What is held at its end is held until then.
        let now = self.clock.now();
        while let Some(records) = pages.next().await? {
            for record in &records {
                report.read(&pages.understood(Committed::of(record))?)?;
            }
            self.may_count(identity, book, right).await?;
        }
        for chapter in report.chapters() {
            let mut pages = Pages::of(self, LogId::Versions(book.clone(), chapter)).await?;
            while let Some(records) = pages.next().await? {
                for record in &records {
                    let change = decode_record::<VersionsChange>(&record.payload);
                    let change = change.map_err(|error| format!("record {}: {error}", record.seq));
                    report.read_version(&pages.understood(change)?, record.at)?;
                }
            }
        }
        // The right may have gone while this was counted.
        self.may_count(identity, book, right).await?;
        Ok((now, report.end(now)?))
    }

    async fn may_count(self: &Arc<Self>, identity: &Identity, book: &BookId, right: Right) -> Result<(), Rejection> {
        match right {
            Right::Audit => self.may(book, &identity.user, Action::Audit).await,
            Right::Library(permission) => {
                self.library_permits(identity, permission).await?;
                let listed = self.library_lists(&identity.user, book).await?;
                listed.map(drop).ok_or(Rejection::NotFound { what: What::Book })
            }
        }
    }
}
