//! A book put into a file: its outline from the actor, its texts from the store, read by the scribe, written in a thread.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use quire_protocol::command::ChapterKind;
use quire_protocol::view::{ChapterView, Snapshot};
use quire_protocol::{BookId, Format, Rejection, Timestamp, UserId};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use uuid::Uuid;

use super::edition::{Edition, Found, Source};
use super::{Hub, unavailable};
use crate::auth::Identity;
use crate::chapter::asset::Asset;
use crate::export::{self, FileKind, Manuscript, Pictures, Section};
use crate::picture::{Picture, PictureKind};
use crate::press::{self, Sets};
use crate::scribe::tree::Node;
use crate::store::Position;

/// Books that are put together at a time: each is in memory as a whole.
const EXPORTS_MAX: usize = 2;
/// Presses that run at a time: each takes more memory than all else.
const PRESSES_MAX: usize = 1;
/// Most that the pictures of a PDF may weigh when they are unpacked, bytes: the press has all of them at once, each as
/// large as it prints.
const UNPACKED_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// The press makes what has more pixels than this smaller before it sets anything.
const PIXELS_PER_INCH: u64 = 300;
const TENTHS_OF_MM_PER_INCH: u64 = 254;
/// Texts that are read at a time: as many as the scribe has children.
const READS_MAX: usize = 2;
/// People who have a file made, or wait for that.
const ASKING_MAX: usize = 32;
/// Longest time from asking for a file to having it.
const DEADLINE: Duration = Duration::from_mins(1);
/// Files that are kept in case somebody asks again, bytes of all.
const KEPT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A book in a file.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The file; `None`: the caller has it already.
    pub file: Option<Bytes>,
    /// The book's title.
    pub title: String,
    /// Names the state of the book that is in the file, and the kind of the file: the same tag, the same words.
    pub tag: String,
    /// What of the book is not in the file as it should be, a sentence each.
    pub notes: Vec<String>,
}

/// A file that was made.
#[derive(Clone, Debug)]
struct Made {
    file: Bytes,
    notes: Vec<String>,
}

impl Made {
    fn exported(self, title: String, tag: String) -> Exported {
        Exported { file: Some(self.file), title, tag, notes: self.notes }
    }
}

/// What the hub keeps for exports.
pub(super) struct Exports {
    places: Arc<Semaphore>,
    /// Presses that run.
    presses: Semaphore,
    /// Who has a file made, or waits for that.
    asking: Mutex<BTreeSet<UserId>>,
    kept: Mutex<VecDeque<(String, Made)>>,
}

impl Default for Exports {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(EXPORTS_MAX)),
            presses: Semaphore::new(PRESSES_MAX),
            asking: Mutex::default(),
            kept: Mutex::default(),
        }
    }
}

/// Somebody's turn to have a file made. It ends when this is dropped.
struct Turn<'a> {
    exports: &'a Exports,
    user: &'a UserId,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.exports.asking().remove(self.user);
    }
}

impl Exports {
    fn asking(&self) -> MutexGuard<'_, BTreeSet<UserId>> {
        self.asking.lock().expect("nobody panics while holding the names")
    }

    /// One file at a time for each person, and so many people at a time.
    fn enter<'a>(&'a self, user: &'a UserId) -> Result<Turn<'a>, Rejection> {
        let mut asking = self.asking();
        if asking.len() < ASKING_MAX && asking.insert(user.clone()) {
            Ok(Turn { exports: self, user })
        } else {
            Err(unavailable())
        }
    }

    fn find(&self, tag: &str) -> Option<Made> {
        let kept = self.kept.lock().expect("nobody panics while holding the files");
        kept.iter().find(|(known, _)| known == tag).map(|(_, made)| made.clone())
    }

    fn keep(&self, tag: &str, made: &Made) {
        let mut kept = self.kept.lock().expect("nobody panics while holding the files");
        if made.file.len() > KEPT_BYTES_MAX {
            return;
        }
        kept.push_back((tag.to_owned(), made.clone()));
        while kept.iter().map(|(_, made)| made.file.len()).sum::<usize>() > KEPT_BYTES_MAX {
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
    /// A book as a file. `known` is the tag of what the caller has. Dropping the future ends the work.
    pub async fn export(
        self: &Arc<Self>,
        identity: &Identity,
        book: &BookId,
        edition: impl Into<Edition>,
        known: Option<&str>,
    ) -> Result<Exported, Rejection> {
        let (user, edition) = (&identity.user, edition.into());
        let source = self.source(user, book, edition).await?;
        let tag = edition.tag(book, &source, &self.tails(book, &source).await?);
        if known == Some(tag.as_str()) {
            return Ok(Exported { file: None, title: source.contents.title, tag, notes: Vec::new() });
        }
        if let Some(made) = self.exports.find(&tag) {
            return Ok(made.exported(source.contents.title, tag));
        }
        if edition.kind == FileKind::Pdf {
            // Before all texts are read for nothing.
            self.press()?;
        }
        let _turn = self.exports.enter(user)?;
        let made = timeout(DEADLINE, self.put_together(user, book, edition)).await;
        made.unwrap_or_else(|_| Err(unavailable()))
    }

    /// Makes a file when it is its turn, of the book as it is then.
    async fn put_together(
        self: &Arc<Self>,
        user: &UserId,
        book: &BookId,
        edition: Edition,
    ) -> Result<Exported, Rejection> {
        let kind = edition.kind;
        let place = Arc::clone(&self.exports.places).acquire_owned().await.map_err(|_| unavailable())?;
        let source = self.source(user, book, edition).await?;
        let title = source.contents.title.clone();
        let tails = self.tails(book, &source).await?;
        let tag = edition.tag(book, &source, &tails);
        if let Some(made) = self.exports.find(&tag) {
            return Ok(made.exported(title, tag));
        }
        let texts = self.read_texts(book, &source).await?;
        // What was read may be younger than the right to read it.
        self.may_have(user, book, edition).await?;
        let of_pictures = tails.last().copied().flatten();
        let positions: Vec<_> = texts.iter().map(|text| text.position).chain([of_pictures]).collect();
        let tag = edition.tag(book, &source, &positions);
        let pictures = self.read_pictures(book, kind, &texts).await?;
        if kind == FileKind::Pdf {
            fits_the_press(&pictures, &source.contents.format)?;
        }
        let manuscript = manuscript(book, source.contents, (texts, pictures), self.clock.now());
        // The place belongs to the thread: it goes on when the caller has hung up.
        let write = move || {
            let _place = place;
            export::write(kind, &manuscript)
        };
        let file = match tokio::task::spawn_blocking(write).await {
            Ok(Ok(file)) => file,
            Ok(Err(error)) => return Err(Rejection::conflict(error.to_string())),
            Err(panicked) => {
                tracing::error!(%book, %panicked, "a book could not be put into a file");
                return Err(Rejection::conflict("the book cannot be put into a file"));
            }
        };
        let made = match kind {
            FileKind::Pdf => self.set_in_type(book, file).await?,
            _ => Made { file: file.into(), notes: Vec::new() },
        };
        self.exports.keep(&tag, &made);
        Ok(made.exported(title, tag))
    }

    /// Has the press make a PDF of what was written for it.
    async fn set_in_type(&self, book: &BookId, job: Vec<u8>) -> Result<Made, Rejection> {
        let _place = self.exports.presses.acquire().await.map_err(|_| unavailable())?;
        let pdf = self.press()?.set(job).await.map_err(|failed| {
            tracing::warn!(%book, %failed, "a book could not be set in type");
            Rejection::conflict(failed.to_string())
        })?;
        for warning in &pdf.warnings {
            tracing::info!(%book, warning, "a PDF is not as it should be");
        }
        Ok(Made { file: pdf.file, notes: pdf.warnings })
    }

    fn press(&self) -> Result<&dyn Sets, Rejection> {
        let press = self.press.as_deref().filter(|press| press.is_there());
        press.ok_or_else(|| Rejection::conflict(press::Failed::Missing.to_string()))
    }

    /// The pictures that the texts name. Together they are what a book may hold at most.
    async fn read_pictures(&self, book: &BookId, kind: FileKind, texts: &[ReadText]) -> Result<Pictures, Rejection> {
        let named = export::named(texts.iter().map(|text| &text.tree[..]));
        let mut pictures = Pictures::new();
        if named.is_empty() {
            return Ok(pictures);
        }
        let assets = self.assets_of(book).await?;
        for asset in named.iter().filter_map(|id| assets.get(id)) {
            let bytes = if kind.holds_pictures() { self.asset_bytes(book, asset).await? } else { Some(Bytes::new()) };
            // One that is damaged is what is to be seen on it.
            let Some(bytes) = bytes else { continue };
            let Asset { kind, width, height, .. } = *asset;
            pictures.insert(asset.id.clone(), Picture { kind, width, height, bytes });
        }
        Ok(pictures)
    }

    async fn read_texts(&self, book: &BookId, source: &Source) -> Result<Vec<ReadText>, Rejection> {
        let room = Semaphore::new(self.limits.export_bytes);
        let all = 0..source.contents.chapters.len();
        let texts: Vec<BoxFuture<'_, _>> =
            all.map(|index| self.read_for_export(book, source, index, &room).boxed()).collect();
        stream::iter(texts).buffered(READS_MAX).try_collect().await
    }

    async fn read_for_export(
        &self,
        book: &BookId,
        source: &Source,
        index: usize,
        room: &Semaphore,
    ) -> Result<ReadText, Rejection> {
        let chapter = &source.contents.chapters[index];
        let nothing = ReadText { tree: Vec::new(), position: None, at: Timestamp(0) };
        if chapter.kind == ChapterKind::Part {
            return Ok(nothing);
        }
        let Some(found) = self.find_text(book, source, index).await? else { return Ok(nothing) };
        let Found { document, bytes, position, at } = found;
        let too_large = || Rejection::TooLarge { limit: "export_bytes".into(), max: self.limits.export_bytes as u64 };
        let weight = u32::try_from(bytes).map_err(|_| too_large())?;
        // For the rest of this export.
        room.try_acquire_many(weight).map_err(|_| too_large())?.forget();
        let scribe = self.scribe.as_ref().ok_or_else(unavailable)?;
        let text = scribe.read(document).await.map_err(|failed| {
            let ChapterView { id, title, .. } = chapter;
            tracing::warn!(%book, chapter = %id, %failed, "a text cannot be read for a file");
            if failed.is_passing() {
                unavailable()
            } else {
                Rejection::conflict(format!("the text of “{title}” cannot be read"))
            }
        })?;
        Ok(ReadText { tree: text.tree, position, at })
    }
}

/// What the press could only fail at is not begun.
fn fits_the_press(pictures: &Pictures, format: &Format) -> Result<(), Rejection> {
    let (page_width, page_height) = format.trim.size_tenths_mm();
    let margins = 2 * format.margins.width_tenths_mm();
    let room = |side: u32| u64::from(side.saturating_sub(margins)) * PIXELS_PER_INCH / TENTHS_OF_MM_PER_INCH;
    let (wide, high) = (room(page_width), room(page_height));
    let bytes = pictures.values().map(|picture| {
        let (width, height) = (u64::from(picture.width), u64::from(picture.height));
        if width <= wide && height <= high {
            // Four samples to a pixel; those of a PNG that stays as it is may be of two bytes.
            return width * height * if picture.kind == PictureKind::Png { 8 } else { 4 };
        }
        // Within the room, with its own proportions; a side may be rounded up.
        let (width, height) = (wide.min(width * high / height + 1), high.min(height * wide / width + 1));
        width * height * 4
    });
    if bytes.sum::<u64>() > UNPACKED_BYTES_MAX {
        return Err(Rejection::conflict("the pictures of the book are too large to be set in type together"));
    }
    Ok(())
}

fn manuscript(
    book: &BookId,
    contents: Snapshot,
    (texts, pictures): (Vec<ReadText>, Pictures),
    now: Timestamp,
) -> Manuscript {
    // A log that became one state does not say when.
    let written = texts.iter().map(|text| text.at).max().unwrap_or_default();
    let modified = if written == Timestamp(0) { now } else { written };
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
        format: contents.format,
        rights: None,
        modified,
        sections: contents.chapters.into_iter().zip(texts).map(section).collect(),
        pictures,
    }
}

/// The same for every edition of a book.
fn identifier(book: &BookId) -> Uuid {
    let hash = Sha256::digest(format!("quire book {book}"));
    let bytes = hash[..16].try_into().expect("a hash has more bytes than that");
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(kind: PictureKind, (width, height): (u32, u32), count: u16) -> Pictures {
        let picture = |index: u16| Picture { kind, width, height, bytes: index.to_be_bytes().to_vec().into() };
        (0..count).map(picture).map(|picture| (picture.id(), picture)).collect()
    }

    #[test]
    fn what_the_press_could_not_hold_is_refused_before_it_is_begun() {
        use PictureKind::{Jpeg, Png};
        // An A5 page has room for 1,299 pixels by 2,031.
        for (kind, size, most) in [
            // Photographs of thirty million pixels print 1,299 by 651.
            (Jpeg, (8_192, 4_096), 317),
            (Png, (8_192, 4_096), 317),
            (Png, (1_299, 2_031), 50),
            (Jpeg, (1_299, 2_031), 101),
            // One that is a line.
            (Jpeg, (1, 60_000), 1_000),
        ] {
            let fits = |count| fits_the_press(&pictures(kind, size, count), &Format::default());
            assert_eq!(fits(most), Ok(()), "{kind:?} {size:?}");
            let over = matches!(fits(most + 1), Err(Rejection::Conflict { .. }));
            assert!(over || most == 1_000, "{kind:?} {size:?}");
        }
    }
}
