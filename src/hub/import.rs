//! A whole book at once, from a file or the sample. Everything that may be refused is made first, then everything is
//! stored, and the book itself comes last: whoever stops on the way leaves nothing that anybody can see, and nothing in the
//! store unless the hub dies.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use quire_protocol::view::VersionCause;
use quire_protocol::{AssetId, BookId, ChapterId, Rejection, Seq};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::actor::{Ended, PATIENCE, surely};
use super::history::count;
use super::mail::{Mail, Wish};
use super::replicas::signal::Says;
use super::{Hub, ledger, random, replicas, unavailable};
use crate::book::{Import, Whose};
use crate::chapter::version::{Kept, KeptText, VersionsChange};
use crate::chapter::{Entry, Seeded, Text, journal};
use crate::export;
use crate::pack;
use crate::picture::Picture;
use crate::store::LogId;

/// Documents that are made at a time: as many as the scribe has children. Others' work comes in between.
const SEEDS_MAX: usize = 2;
/// Texts that are stored at a time: what is committed together costs little more than one.
const STORED_MAX: usize = 8;
/// What is imported may weigh this part of what an answer holds, so that there is room for what is written into it.
const ROOM_FOR_MORE: usize = 4;

/// A book to be created whole.
#[derive(Clone, Debug)]
pub struct NewBook {
    /// All of it but its text and its pictures.
    pub import: Import,
    /// Clean HTML, by chapter.
    pub texts: Vec<(ChapterId, String)>,
    /// Its pictures, each once; the text names them.
    pub pictures: Vec<(AssetId, Picture)>,
}

/// What is worked on, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Documents are made of texts, and stored.
    Chapters,
    /// Pictures are stored.
    Pictures,
}

/// Whoever wants to know how far it is: how many of how many are done.
pub type Tell<'a> = &'a (dyn Fn(Step, usize, usize) + Send + Sync);

/// The text of a chapter as the first record of its log.
struct Seed {
    chapter: ChapterId,
    entry: Entry,
    words: u32,
}

/// What was stored of a book that nobody can see yet. Dropped before there is a book, it is deleted again.
pub(super) struct Begun {
    hub: Arc<Hub>,
    logs: Mutex<Vec<LogId>>,
}

impl Begun {
    fn new(hub: &Arc<Hub>) -> Self {
        Self { hub: Arc::clone(hub), logs: Mutex::default() }
    }

    fn logs(&self) -> MutexGuard<'_, Vec<LogId>> {
        self.logs.lock().expect("nobody panics while holding the names")
    }

    /// This log is about to be written.
    pub(super) fn note(&self, log: &LogId) {
        self.logs().push(log.clone());
    }

    /// Nothing of it is deleted.
    fn keep(&self) -> Vec<LogId> {
        std::mem::take(&mut *self.logs())
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let (logs, store) = (self.keep(), Arc::clone(&self.hub.store));
        if logs.is_empty() {
            return;
        }
        self.hub.tasks.spawn(async move {
            for log in logs {
                if let Err(error) = store.forget(log.clone()).await {
                    tracing::warn!(%log, %error, "a book that did not come to be leaves this in the store");
                }
            }
        });
    }
}

impl Hub {
    /// Creates a whole book. Its pictures and its text are stored first: a book that can be seen always has them.
    pub async fn import(self: &Arc<Self>, book: &BookId, new: NewBook, tell: Tell<'_>) -> Result<(), Rejection> {
        let NewBook { import, texts, pictures } = new;
        let seeds = self.make_seeds(&import, texts, tell).await?;
        let begun = Begun::new(self);
        let store = |seed| self.store_seed(book, seed, &begun).boxed();
        let stored: Vec<BoxFuture<'_, _>> = seeds.into_iter().map(store).collect();
        stream::iter(stored).buffer_unordered(STORED_MAX).try_collect::<()>().await?;
        self.import_assets(book, pictures, (&begun, tell)).await?;
        // Who hangs up now is too late: what is stored becomes a book that is told of, or is deleted.
        let (hub, of) = (Arc::clone(self), book.clone());
        let created = self.tasks.spawn(async move { hub.create_stored(&of, import, begun).await });
        created.await.map_err(|_| unavailable())?
    }

    /// Makes a book of what is stored.
    async fn create_stored(self: &Arc<Self>, book: &BookId, import: Import, begun: Begun) -> Result<(), Rejection> {
        let whose = import.whose.clone();
        let (answer, done) = oneshot::channel();
        // It may be a book whatever is answered, unless a rule refuses it.
        let logs = begun.keep();
        self.deliver(book, Mail::Wish(Box::new(Wish::import(import, answer)))).await;
        let refused = done.await.map_err(|_| unavailable())?;
        refused.inspect_err(|rejection| {
            if !matches!(rejection, Rejection::Unavailable { .. } | Rejection::OutcomeUnknown) {
                begun.logs().extend(logs);
            }
        })?;
        if let Whose::Claim(claim) = whose {
            replicas::offer(self, book, &claim).await;
            if let Some(replicas) = &self.replicas {
                replicas.say_to_all(Says::Imported { book: book.clone(), claim });
            }
        }
        Ok(())
    }

    async fn make_seeds(
        &self,
        import: &Import,
        texts: Vec<(ChapterId, String)>,
        tell: Tell<'_>,
    ) -> Result<Vec<Seed>, Rejection> {
        let (made, of) = (AtomicUsize::new(0), texts.len());
        tell(Step::Chapters, 0, of);
        let seed = |(chapter, html): (ChapterId, String)| {
            let title = import.chapters.iter().find(|known| known.id == chapter);
            let title = title.map(|known| known.title.clone()).unwrap_or_default();
            let made = &made;
            async move {
                let seed = self.make_seed(chapter, &title, html).await?;
                tell(Step::Chapters, made.fetch_add(1, Ordering::Relaxed) + 1, of);
                Ok(seed)
            }
            .boxed()
        };
        let seeds: Vec<BoxFuture<'_, Result<Option<Seed>, Rejection>>> = texts.into_iter().map(seed).collect();
        let seeds: Vec<Option<Seed>> = stream::iter(seeds).buffered(SEEDS_MAX).try_collect().await?;
        Ok(seeds.into_iter().flatten().collect())
    }

    /// The document that says what a text says; `None`: nothing.
    async fn make_seed(&self, chapter: ChapterId, title: &str, html: String) -> Result<Option<Seed>, Rejection> {
        let scribe = self.scribe.as_ref().ok_or_else(unavailable)?;
        let too_large = || Rejection::invalid("", format!("the text of “{title}” is too large for one chapter"));
        let read = move || export::has_room(&html).then(|| export::from_html(&html));
        let tree = tokio::task::spawn_blocking(read).await.map_err(|_| cannot_be_read(title))?;
        let tree = tree.ok_or_else(too_large)?;
        if tree.is_empty() {
            return Ok(None);
        }
        let text = Text::default();
        let client = text.own_client(random);
        let made = scribe.seed(tree, client).await.map_err(|failed| {
            tracing::warn!(title, %failed, "an imported text cannot be made a document");
            if failed.is_passing() { unavailable() } else { cannot_be_read(title) }
        })?;
        let max = self.limits.frame_bytes / ROOM_FOR_MORE;
        if made.update.len() > max {
            return Err(too_large());
        }
        let units = text.check_own(client, &made.update, max).map_err(|error| {
            tracing::error!(title, error, "what was made of an imported text cannot be stored");
            cannot_be_read(title)
        })?;
        let entry = Entry::Seeded(Seeded { client, units, update: made.update });
        Ok(Some(Seed { chapter, entry, words: count(made.measure.words) }))
    }

    /// Stores a text, and that it is the first version of itself.
    async fn store_seed(&self, book: &BookId, seed: Seed, begun: &Begun) -> Result<(), Rejection> {
        let Seed { chapter, entry, words } = seed;
        let rev = Seq(1);
        let update = entry.update().clone();
        let gzip = tokio::task::spawn_blocking(move || pack::packed(&update)).await.map_err(|_| unavailable())?;
        let cause = VersionCause::Imported;
        let kept = Kept { rev, by: None, cause, label: None, restored: None, words, added: words, removed: 0 };
        let version = LogId::Version(book.clone(), chapter.clone(), rev);
        let versions = LogId::Versions(book.clone(), chapter.clone());
        let first = [
            (LogId::Chapter(book.clone(), chapter), entry.encode()),
            (version, journal::encode(&KeptText::State { gzip })),
            (versions, journal::encode(&VersionsChange::Kept(kept))),
        ];
        for (log, payload) in first {
            begun.note(&log);
            self.store_first(log, payload).await?;
        }
        Ok(())
    }

    /// Stores the first record of a log that nobody knows yet.
    pub(super) async fn store_first(&self, log: LogId, payload: Bytes) -> Result<(), Rejection> {
        let append = ledger::append(self, &log, None, vec![payload]);
        match surely(self, append, Instant::now() + PATIENCE).await {
            Ended::Done(_) => Ok(()),
            Ended::Conflict(_) | Ended::EpochChanged | Ended::Fenced => Err(unavailable()),
            Ended::Refused(rejection) => Err(rejection),
        }
    }
}

fn cannot_be_read(title: &str) -> Rejection {
    Rejection::invalid("", format!("the text of “{title}” cannot be read"))
}
