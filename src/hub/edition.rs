//! What goes into a file: the book as it is, or as it was at a point of its history.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use quire_protocol::command::Mode;
use quire_protocol::view::{ChapterView, PointChapter, Snapshot};
use quire_protocol::{Action, BookId, ChapterId, Rejection, Seq, Timestamp, UserId};
use tokio::sync::oneshot;

use super::history::document;
use super::mail::Mail;
use super::points::Points;
use super::{Hub, unavailable};
use crate::chapter::Whole;
use crate::chapter::version::KeptText;
use crate::export::FileKind;
use crate::pack;
use crate::scribe::Document;
use crate::store::{LogId, Position, hex};

/// Logs that are asked at a time.
const READS_MAX: usize = 2;

/// Which file of a book somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Its kind.
    pub kind: FileKind,
    /// A point of the book's history; `None`: as the book is.
    pub point: Option<Seq>,
}

impl From<FileKind> for Edition {
    fn from(kind: FileKind) -> Self {
        Self { kind, point: None }
    }
}

/// A book as it goes into a file, without its texts.
pub(super) struct Source {
    /// Of a point: what a reader sees is of then, all else of now.
    pub(super) contents: Snapshot,
    /// Where the book is in its log.
    position: Option<Position>,
    then: Option<Then>,
}

/// What a point says of the texts.
struct Then {
    kept_at: Timestamp,
    /// Their versions, chapter by chapter; `None`: there was no text.
    revs: Vec<Option<Seq>>,
}

/// A text that can be read.
pub(super) struct Found {
    pub(super) document: Document,
    /// What it weighs when it is unpacked, bytes.
    pub(super) bytes: usize,
    /// Where its log ends; `None`: it is a version, which never changes.
    pub(super) position: Option<Position>,
    /// When it was written last, as far as that is known.
    pub(super) at: Timestamp,
}

impl Edition {
    /// Everybody who reads a book may look at it as a page; files are for those who work on it.
    fn needed(self) -> Action {
        match self.kind {
            FileKind::Preview => Action::Preview,
            FileKind::Epub | FileKind::Pdf | FileKind::Docx | FileKind::Html | FileKind::Markdown | FileKind::Text => {
                Action::Download
            }
        }
    }

    /// Names the state of a book that goes into this file; `logs` are where its texts and its list of pictures end.
    pub(super) fn tag(self, book: &BookId, source: &Source, logs: &[Option<Position>]) -> String {
        let (Self { kind, point }, position) = (self, source.position);
        // Another version of this program may make another file of the same words.
        hex(&format!("{} {kind:?} {point:?} {book} {position:?} {logs:?}", env!("CARGO_PKG_VERSION")))
    }
}

impl Hub {
    /// What goes into a file, for somebody who may have that.
    pub(super) async fn source(
        self: &Arc<Self>,
        user: &UserId,
        book: &BookId,
        edition: Edition,
    ) -> Result<Source, Rejection> {
        let (answer, contents) = oneshot::channel();
        let mail = Mail::Contents { user: user.clone(), action: edition.needed(), answer };
        self.send(book, mail).map_err(|_| unavailable())?;
        let (mut contents, position) = *contents.await.map_err(|_| unavailable())??;
        let Some(number) = edition.point else { return Ok(Source { contents, position, then: None }) };
        self.may_read_point(book, user, number).await?;
        let points = Points { hub: Arc::clone(self), book: book.clone(), right: Action::History };
        let (kept_at, point) = points.find(number).await?;
        let revs = point.chapters.iter().map(|chapter| chapter.rev).collect();
        contents.title = point.title;
        contents.metadata = point.metadata.unwrap_or(contents.metadata);
        contents.format = point.format.unwrap_or(contents.format);
        contents.chapters = point.chapters.into_iter().map(as_it_was).collect();
        Ok(Source { contents, position, then: Some(Then { kept_at, revs }) })
    }

    /// Whether somebody may have this file still.
    pub(super) async fn may_have(
        self: &Arc<Self>,
        user: &UserId,
        book: &BookId,
        edition: Edition,
    ) -> Result<(), Rejection> {
        self.may(book, user, edition.needed()).await?;
        match edition.point {
            Some(number) => self.may_read_point(book, user, number).await,
            None => Ok(()),
        }
    }

    /// Whether somebody may read the book as it was at this point now.
    async fn may_read_point(self: &Arc<Self>, book: &BookId, user: &UserId, point: Seq) -> Result<(), Rejection> {
        let (answer, allowed) = oneshot::channel();
        let mail = Mail::MayReadPoint { user: user.clone(), point, answer };
        self.send(book, mail).map_err(|_| unavailable())?;
        allowed.await.map_err(|_| unavailable())?
    }

    /// Where the logs end from which a file is made: those of the texts, and the list of pictures, because a text may name one
    /// that the book has only later. Versions have no end that moves.
    pub(super) async fn tails(&self, book: &BookId, source: &Source) -> Result<Vec<Option<Position>>, Rejection> {
        let text =
            |chapter: &ChapterView| source.then.is_none().then(|| LogId::Chapter(book.clone(), chapter.id.clone()));
        let texts = source.contents.chapters.iter().map(text);
        let logs: Vec<_> = texts.chain([Some(LogId::Assets(book.clone()))]).map(|log| self.tail(log)).collect();
        stream::iter(logs).buffered(READS_MAX).try_collect().await
    }

    async fn tail(&self, log: Option<LogId>) -> Result<Option<Position>, Rejection> {
        let Some(log) = log else { return Ok(None) };
        self.store.tail(log).await.map_err(|_| unavailable())
    }

    /// The text of the chapter that stands there; `None`: there is none.
    pub(super) async fn find_text(
        &self,
        book: &BookId,
        source: &Source,
        index: usize,
    ) -> Result<Option<Found>, Rejection> {
        let Some(chapter) = source.contents.chapters.get(index) else { return Ok(None) };
        match &source.then {
            None => self.text_as_it_is(book, &chapter.id).await,
            Some(Then { kept_at, revs }) => match revs.get(index) {
                Some(Some(rev)) => self.text_as_it_was(book, &chapter.id, *rev, *kept_at).await.map(Some),
                _ => Ok(None),
            },
        }
    }

    async fn text_as_it_is(&self, book: &BookId, chapter: &ChapterId) -> Result<Option<Found>, Rejection> {
        let log = LogId::Chapter(book.clone(), chapter.clone());
        let read = self.store.read(log.clone(), None).await.map_err(|_| unavailable())?;
        let Some((snapshot, records, tail)) = read.whole() else { return Ok(None) };
        let at = records.last().map_or(Timestamp(0), |record| record.at);
        let whole = Whole::read(snapshot.as_ref().map(|(_, bytes)| &bytes[..]), &records).map_err(|error| {
            tracing::error!(%log, error, "a text cannot be read");
            unavailable()
        })?;
        Ok(Some(Found { document: document(&whole), bytes: whole.unpacked_bytes(), position: Some(tail), at }))
    }

    async fn text_as_it_was(
        &self,
        book: &BookId,
        chapter: &ChapterId,
        rev: Seq,
        at: Timestamp,
    ) -> Result<Found, Rejection> {
        let log = LogId::Version(book.clone(), chapter.clone(), rev);
        let Some(KeptText::State { gzip }) = self.version(&log).await? else {
            tracing::error!(%log, "a point names a version that is not in the store");
            return Err(unavailable());
        };
        let bytes = pack::unpacked_bytes(&gzip);
        Ok(Found { document: Document { state: Some(gzip), updates: Vec::new() }, bytes, position: None, at })
    }

    /// The text of a version; `None`: there is none.
    pub(super) async fn version(&self, log: &LogId) -> Result<Option<KeptText>, Rejection> {
        let read = self.store.read(log.clone(), None).await.map_err(|_| unavailable())?;
        let Some(record) = read.whole().and_then(|(_, records, _)| records.into_iter().next()) else { return Ok(None) };
        KeptText::of(&record).map(Some).map_err(|error| {
            tracing::error!(%log, error, "a version cannot be read");
            unavailable()
        })
    }
}

fn as_it_was(chapter: PointChapter) -> ChapterView {
    let PointChapter { chapter: id, title, kind, parent, rev: _, words: _ } = chapter;
    ChapterView { id, title, kind, parent, mode: Mode::Exclusive, assignment: None, lock: None, beside: Vec::new() }
}
