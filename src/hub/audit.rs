//! What happened to a book or to the library, for those who may look it up: the log from its beginning, read beside whoever
//! writes it, told as it is read.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt as _};
use quire_protocol::codec::decode_record;
use quire_protocol::library::Permission;
use quire_protocol::{Action, BookId, Rejection, UserId};
use tokio::sync::oneshot;

use super::mail::Mail;
use super::pages::{Pages, Place};
use super::{Hub, unavailable};
use crate::audit::{Row, Wanted};
use crate::auth::Identity;
use crate::book::{self, Committed, Standing};
use crate::library;
use crate::store::{LogId, Record};

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

/// Whose audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// A book's.
    Book(BookId),
    /// A book's as far as somebody may know of it who may look into the book, with everyday work.
    Feed(BookId),
    /// The library's.
    Library,
}

/// Rows as they are read. An error is the last thing that comes.
pub type Rows = BoxStream<'static, Result<Vec<Row>, Rejection>>;

/// The rows that somebody asked for, and what they are about.
pub struct Told {
    /// What the book or the library is called.
    pub title: String,
    /// Some rows at a time.
    pub rows: Rows,
}

/// What is read, and how it is told.
enum Source {
    Book(BookId, Box<book::audit::Audit>),
    /// The same log for whoever may look into the book.
    Feed(BookId, Box<book::audit::Audit>),
    Library(Box<library::audit::Audit>),
}

/// Somebody reads.
struct Reading {
    hub: Arc<Hub>,
    source: Source,
    identity: Identity,
    pages: Pages,
    asked: Asked,
    /// Rows that may still be told.
    left: usize,
    _place: Place,
}

impl Hub {
    /// The audit log of a book or of the library, for somebody who may read it. Whoever loses that right while they read is
    /// told no more.
    pub async fn audit(self: &Arc<Self>, identity: &Identity, of: Of, asked: Asked) -> Result<Told, Rejection> {
        let (title, log, source) = match of {
            Of::Book(book) => {
                let title = self.title_for(&book, &identity.user, Action::Audit).await?;
                (title, LogId::Book(book.clone()), Source::Book(book, Box::default()))
            }
            Of::Feed(book) => {
                let title = self.title_for(&book, &identity.user, Action::View).await?;
                (title, LogId::Book(book.clone()), Source::Feed(book, Box::default()))
            }
            Of::Library => {
                self.library_permits(identity, Permission::Settings).await?;
                ("Library".to_owned(), self.library_log(), Source::Library(Box::default()))
            }
        };
        let place = self.readers.enter(&identity.user).map_err(|_| unavailable())?;
        let mut pages = Pages::of(self, log).await?;
        if let Some(before) = asked.wanted.before {
            pages.stop_before(before);
        }
        let newest_first = asked.newest_first;
        let left = asked.limit.unwrap_or(usize::MAX);
        let (hub, identity) = (Arc::clone(self), identity.clone());
        let reading = Reading { hub, source, identity, pages, asked, left, _place: place };
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
        // The right may have gone since the last page.
        let user = &self.identity.user;
        let standing = match &self.source {
            Source::Book(book, _) => self.hub.standing(book, user, Action::Audit).await?,
            Source::Feed(book, _) => self.hub.standing(book, user, Action::View).await?,
            Source::Library(_) => {
                self.hub.library_permits(&self.identity, Permission::Settings).await?;
                Standing::default()
            }
        };
        let mut told = Vec::new();
        for record in &records {
            let rows = self.pages.understood(self.source.read(record, standing))?;
            told.extend(rows.into_iter().filter(|row| self.asked.wanted.includes(row)));
        }
        Ok(Some(told))
    }
}

impl Source {
    fn read(&mut self, record: &Record, standing: Standing) -> Result<Vec<Row>, String> {
        match self {
            Self::Feed(_, audit) => Committed::of(record).map(|committed| audit.read_for(standing, &committed)),
            Self::Book(_, audit) => Committed::of(record).map(|committed| audit.read(&committed)),
            Self::Library(audit) => {
                let fact: library::Fact = decode_record(&record.payload)?;
                Ok(audit.read((record.seq, record.at), &fact))
            }
        }
    }
}
