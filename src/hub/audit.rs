//! What happened to a book, for its owner: the log from its beginning, read beside the book's actor, told as it is read.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt as _};
use quire_protocol::{Action, BookId, Rejection, UserId};
use tokio::sync::oneshot;

use super::mail::Mail;
use super::pages::{Pages, Place};
use super::{Hub, unavailable};
use crate::auth::Identity;
use crate::book::Committed;
use crate::book::audit::{Audit, Row, Wanted};
use crate::store::LogId;

/// What somebody asks of the audit log.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which rows.
    pub wanted: Wanted,
    /// How many; `None`: all of them.
    pub limit: Option<usize>,
    /// The newest first. Then there is a limit: so many are in memory.
    pub newest_first: bool,
}

/// Rows as they are read. An error is the last thing that comes.
pub type Rows = BoxStream<'static, Result<Vec<Row>, Rejection>>;

/// The rows that somebody asked for, and what the book is called.
pub struct Told {
    /// The book's title.
    pub title: String,
    /// Some rows at a time.
    pub rows: Rows,
}

/// Somebody reads.
struct Reading {
    hub: Arc<Hub>,
    book: BookId,
    user: UserId,
    pages: Pages,
    audit: Audit,
    asked: Asked,
    /// Rows that may still be told.
    left: usize,
    _place: Place,
}

impl Hub {
    /// The audit log of a book, for somebody who may read it. Whoever loses that right while they read is told no more.
    pub async fn audit(self: &Arc<Self>, identity: &Identity, book: &BookId, asked: Asked) -> Result<Told, Rejection> {
        let user = identity.user.clone();
        let title = self.title_for(book, &user, Action::Audit).await?;
        let place = self.readers.enter(&user)?;
        let mut pages = Pages::of(self, LogId::Book(book.clone())).await?;
        if let Some(before) = asked.wanted.before {
            pages.stop_before(before);
        }
        let newest_first = asked.newest_first;
        let left = asked.limit.unwrap_or(usize::MAX);
        let (hub, book) = (Arc::clone(self), book.clone());
        let reading = Reading { hub, book, user, pages, audit: Audit::default(), asked, left, _place: place };
        let rows = if newest_first {
            stream::once(reading.newest()).boxed()
        } else {
            let next = |mut reading: Reading| async move {
                let rows = reading.next().await?;
                Ok(rows.map(|rows| (rows, reading)))
            };
            stream::try_unfold(reading, next).boxed()
        };
        Ok(Told { title, rows })
    }

    /// What a book is called, for somebody who has this right.
    pub(super) async fn title_for(
        self: &Arc<Self>,
        book: &BookId,
        user: &UserId,
        action: Action,
    ) -> Result<String, Rejection> {
        let (answer, contents) = oneshot::channel();
        let mail = Mail::Contents { user: user.clone(), action, answer };
        self.send(book, mail).map_err(|_| unavailable())?;
        let (contents, _) = *contents.await.map_err(|_| unavailable())??;
        Ok(contents.title)
    }
}

impl Reading {
    /// The rows of the next page that has some; `None`: there are no more.
    async fn next(&mut self) -> Result<Option<Vec<Row>>, Rejection> {
        while self.left > 0 {
            let Some(mut rows) = self.page().await? else { return Ok(None) };
            rows.truncate(self.left);
            self.left -= rows.len();
            if !rows.is_empty() {
                return Ok(Some(rows));
            }
        }
        Ok(None)
    }

    /// The last rows of all, the newest first.
    async fn newest(mut self) -> Result<Vec<Row>, Rejection> {
        let mut last = VecDeque::new();
        while let Some(rows) = self.page().await? {
            last.extend(rows);
            last.drain(..last.len().saturating_sub(self.left));
        }
        Ok(last.into_iter().rev().collect())
    }

    /// What is wanted of the next page.
    async fn page(&mut self) -> Result<Option<Vec<Row>>, Rejection> {
        let Some(records) = self.pages.next().await? else { return Ok(None) };
        let mut told = Vec::new();
        for record in &records {
            let committed = self.pages.understood(Committed::of(record))?;
            told.extend(self.audit.read(&committed).into_iter().filter(|row| self.asked.wanted.includes(row)));
        }
        // The right may have gone since the last page.
        self.hub.may(&self.book, &self.user, Action::Audit).await?;
        Ok(Some(told))
    }
}
