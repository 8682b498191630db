//! A book put into a file: its outline from the actor, its texts from the store, read by the scribe, written in a thread.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use quire_protocol::command::ChapterKind;
use quire_protocol::view::{ChapterView, Snapshot};
use quire_protocol::{Action, BookId, Rejection, Seq, Timestamp};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use super::mail::Mail;
use super::{Hub, unavailable};
use crate::auth::Identity;
use crate::chapter::Whole;
use crate::export::{self, FileKind, Format, Manuscript, Section};
use crate::scribe::Document;
use crate::scribe::tree::Node;
use crate::store::{LogId, Position, hex};

/// Books that are put together at a time: each is in memory as a whole.
const EXPORTS_MAX: usize = 2;
/// Texts that are read at a time: as many as the scribe has children.
const READS_MAX: usize = 2;
/// All texts of one book as they are stored, bytes.
const TEXT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Files that are kept in case somebody asks again, bytes of all.
const KEPT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A book in a file.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The file; `None`: the caller has it already.
    pub file: Option<Bytes>,
    /// The book's title.
    pub title: String,
    /// Names the state of the book that is in the file, and the kind of the file: the same tag, the same content.
    pub tag: String,
}

/// What the hub keeps for exports.
pub(super) struct Exports {
    places: Semaphore,
    kept: Mutex<VecDeque<(String, Bytes)>>,
}

impl Default for Exports {
    fn default() -> Self {
        Self { places: Semaphore::new(EXPORTS_MAX), kept: Mutex::default() }
    }
}

impl Exports {
    fn find(&self, tag: &str) -> Option<Bytes> {
        let kept = self.kept.lock().expect("nobody panics while holding the files");
        kept.iter().find(|(known, _)| known == tag).map(|(_, file)| file.clone())
    }

    fn keep(&self, tag: &str, file: &Bytes) {
        let mut kept = self.kept.lock().expect("nobody panics while holding the files");
        kept.push_back((tag.to_owned(), file.clone()));
        while kept.iter().map(|(_, file)| file.len()).sum::<usize>() > KEPT_BYTES_MAX {
            kept.pop_front();
        }
    }
}

/// A text as it was read.
struct ReadText {
    tree: Vec<Node>,
    position: Option<Position>,
    at: Timestamp,
}

impl Hub {
    /// A book as a file of this kind. `known` is the tag of what the caller has. Dropping the future ends the work.
    pub async fn export(
        self: &Arc<Self>,
        identity: &Identity,
        book: &BookId,
        kind: FileKind,
        known: Option<&str>,
    ) -> Result<Exported, Rejection> {
        let (contents, seq) = self.contents(identity, book, needed_for(kind)).await?;
        let title = contents.title.clone();
        let with = |tag: String, file: Option<Bytes>| Exported { file, title: title.clone(), tag };
        let tag = tag(kind, seq, &self.tails(book, &contents).await?);
        if known == Some(tag.as_str()) {
            return Ok(with(tag, None));
        }
        if let Some(file) = self.exports.find(&tag) {
            return Ok(with(tag, Some(file)));
        }
        let _place = self.exports.places.acquire().await.map_err(|_| unavailable())?;
        let texts = self.read_texts(book, &contents).await?;
        let tag = self::tag(kind, seq, &texts.iter().map(|text| text.position).collect::<Vec<_>>());
        let manuscript = manuscript(book, contents, texts);
        let written = tokio::task::spawn_blocking(move || export::write(kind, &manuscript)).await;
        let file: Bytes = match written {
            Ok(Ok(file)) => file.into(),
            Ok(Err(error)) => return Err(Rejection::conflict(error.to_string())),
            Err(panicked) => {
                tracing::error!(%book, %panicked, "a book could not be put into a file");
                return Err(Rejection::conflict("the book cannot be put into a file"));
            }
        };
        self.exports.keep(&tag, &file);
        Ok(with(tag, Some(file)))
    }

    /// The outline of a book for somebody who has this right.
    async fn contents(
        self: &Arc<Self>,
        identity: &Identity,
        book: &BookId,
        action: Action,
    ) -> Result<(Snapshot, Seq), Rejection> {
        let (answer, contents) = oneshot::channel();
        let mail = Mail::Contents { user: identity.user.clone(), action, answer };
        self.send(book, mail).map_err(|_| unavailable())?;
        contents.await.map_err(|_| unavailable())?.map(|contents| *contents)
    }

    async fn tails(&self, book: &BookId, contents: &Snapshot) -> Result<Vec<Option<Position>>, Rejection> {
        let tail = |chapter: &ChapterView| self.store.tail(LogId::Chapter(book.clone(), chapter.id.clone()));
        let tails = stream::iter(contents.chapters.iter().map(tail)).buffered(READS_MAX);
        tails.try_collect().await.map_err(|_| unavailable())
    }

    async fn read_texts(&self, book: &BookId, contents: &Snapshot) -> Result<Vec<ReadText>, Rejection> {
        let room = Semaphore::new(TEXT_BYTES_MAX);
        let texts: Vec<BoxFuture<'_, _>> =
            contents.chapters.iter().map(|chapter| self.read_for_export(book, chapter, &room).boxed()).collect();
        stream::iter(texts).buffered(READS_MAX).try_collect().await
    }

    async fn read_for_export(
        &self,
        book: &BookId,
        chapter: &ChapterView,
        room: &Semaphore,
    ) -> Result<ReadText, Rejection> {
        let log = LogId::Chapter(book.clone(), chapter.id.clone());
        let nothing = ReadText { tree: Vec::new(), position: None, at: Timestamp(0) };
        if chapter.kind == ChapterKind::Part {
            return Ok(nothing);
        }
        let read = self.store.read(log.clone(), None).await.map_err(|_| unavailable())?;
        let Some((snapshot, records, tail)) = read.whole() else { return Ok(nothing) };
        let at = records.last().map_or(Timestamp(0), |record| record.at);
        let whole = Whole::read(snapshot.as_ref().map(|(_, bytes)| &bytes[..]), &records).map_err(|error| {
            tracing::error!(%log, error, "a text cannot be read");
            unavailable()
        })?;
        let too_large = || Rejection::TooLarge { limit: "export_bytes".into(), max: TEXT_BYTES_MAX as u64 };
        let weight = whole.state.iter().chain(&whole.updates).map(Bytes::len).sum::<usize>();
        let weight = u32::try_from(weight + whole.html().map_or(0, str::len)).map_err(|_| too_large())?;
        // For the rest of this export.
        room.try_acquire_many(weight).map_err(|_| too_large())?.forget();
        let tree = if let Some(html) = whole.html() {
            let html = html.to_owned();
            let read = tokio::task::spawn_blocking(move || export::from_html(&html));
            read.await.map_err(|_| Rejection::conflict("an imported text cannot be read"))?
        } else {
            let scribe = self.scribe.as_ref().ok_or_else(unavailable)?;
            let document = Document { state: whole.state, updates: whole.updates };
            let text = scribe.read(document).await.map_err(|failed| {
                tracing::warn!(%log, %failed, "a text cannot be read for a file");
                let title = &chapter.title;
                if failed.is_passing() {
                    unavailable()
                } else {
                    Rejection::conflict(format!("the text of “{title}” cannot be read"))
                }
            })?;
            text.tree
        };
        Ok(ReadText { tree, position: Some(tail), at })
    }
}

/// Everybody who reads a book may look at it as a page; files are for those who work on it.
fn needed_for(kind: FileKind) -> Action {
    match kind {
        FileKind::Preview => Action::Preview,
        FileKind::Epub | FileKind::Docx | FileKind::Html | FileKind::Markdown | FileKind::Text => Action::Download,
    }
}

fn tag(kind: FileKind, seq: Seq, positions: &[Option<Position>]) -> String {
    hex(&format!("{kind:?} {seq} {positions:?}"))
}

fn manuscript(book: &BookId, contents: Snapshot, texts: Vec<ReadText>) -> Manuscript {
    let modified = texts.iter().map(|text| text.at).max().unwrap_or_default();
    let section = |(chapter, text): (ChapterView, ReadText)| Section {
        id: chapter.id,
        kind: chapter.kind,
        title: chapter.title,
        parent: chapter.parent,
        tree: text.tree,
    };
    Manuscript {
        identifier: identifier(book),
        title: contents.title,
        metadata: contents.metadata,
        rights: None,
        modified,
        sections: contents.chapters.into_iter().zip(texts).map(section).collect(),
        format: Format::default(),
    }
}

/// The same for every edition of a book.
fn identifier(book: &BookId) -> Uuid {
    let hash = Sha256::digest(format!("quire book {book}"));
    let bytes = hash[..16].try_into().expect("a hash has more bytes than that");
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
