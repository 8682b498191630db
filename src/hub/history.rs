//! The history of one chapter, worked on by tasks of the hub beside the book's actor: reading a text, having it merged and
//! compared takes longer than a turn may. Versions are decided on what their own log says, so replicas need not agree.

use std::sync::Arc;

use bytes::Bytes;
use quire_protocol::codec::Blob;
use quire_protocol::event::Person;
use quire_protocol::frame::Answer;
use quire_protocol::view::{ComparedBlock, ComparedPiece, Comparison, PieceChange, VersionCause};
use quire_protocol::{Action, BookId, ChapterId, Rejection, Seq, Token, UserId, VersionCommand};
use tokio::sync::{Mutex, oneshot};

use super::compaction::keep_state;
use super::mail::{Mail, Restoration};
use super::seat::Seat;
use super::{Hub, ledger, random, unavailable};
use crate::chapter::version::{self, KeptText, VersionsChange, label};
use crate::chapter::{Versions, Whole, journal};
use crate::scribe::tree::Node;
use crate::scribe::{Change, Changes, Document, Failed, State, Works};
use crate::store::{LogId, Position};

/// Whoever goes on writing while a version is brought back is not raced for ever.
const ROUNDS_MAX: usize = 4;
/// What surrounds a piece of text in a frame.
const PIECE_BYTES: usize = 40;

/// A chapter, and what its history needs.
pub(crate) struct History {
    pub(crate) hub: Arc<Hub>,
    pub(crate) scribe: Arc<dyn Works>,
    pub(crate) book: BookId,
    pub(crate) chapter: ChapterId,
    /// One version of a book is made at a time, in the order in which they were due.
    pub(crate) turn: Arc<Mutex<()>>,
    /// Who asked for it, by which right; `None`: nobody, it is kept by itself.
    pub(crate) asker: Option<(UserId, Action)>,
}

/// Why a version is kept.
#[derive(Clone, Debug)]
pub(crate) struct Occasion {
    pub(crate) cause: VersionCause,
    pub(crate) by: Option<Person>,
    pub(crate) label: Option<String>,
    pub(crate) restored: Option<Seq>,
    /// A point of the book will name it.
    pub(crate) for_point: bool,
}

impl Occasion {
    /// Nobody asked for it.
    pub(crate) fn written(by: Option<Person>) -> Self {
        Self::because(VersionCause::Written, by)
    }

    fn because(cause: VersionCause, by: Option<Person>) -> Self {
        Self { cause, by, label: None, restored: None, for_point: false }
    }
}

/// A version that is kept.
pub(crate) struct Kept {
    pub(crate) rev: Seq,
    pub(crate) words: u32,
}

impl History {
    /// Does what a command says; its sender may do so.
    pub(crate) async fn command(&self, seat: &Arc<Seat>, command: &VersionCommand) -> Result<Answer, Rejection> {
        match command {
            VersionCommand::VersionsList(_) => Ok(self.versions().await?.list()),
            VersionCommand::VersionRead(command) => {
                let KeptText::State { gzip } = self.kept(command.rev).await?;
                self.fits(gzip.len())?;
                Ok(Answer::Version { state: Blob(gzip.to_vec()) })
            }
            VersionCommand::VersionCompare(command) => self.compare(command.from, command.to).await,
            VersionCommand::VersionSave(command) => {
                let name = label(&command.label, &self.hub.limits)?;
                match self.keep(None, &saved(seat, &name)).await? {
                    Some(_) => Ok(Answer::Done {}),
                    None => Err(Rejection::conflict("nobody has written in this chapter here")),
                }
            }
            VersionCommand::VersionName(command) => {
                let decide = |versions: &Versions| {
                    Ok(versions.name(command.rev, command.label.as_deref(), &self.hub.limits)?.into_iter().collect())
                };
                ledger::change(&self.hub, &self.versions_log(), decide).await.map(|_| Answer::Done {})
            }
            VersionCommand::VersionRestore(command) => {
                self.restore(seat, command.token, command.rev).await.map(|rev| Answer::Revised { rev })
            }
            VersionCommand::PointsList(_) | VersionCommand::PointRead(_) => unreachable!("they are about no chapter"),
        }
    }

    /// Keeps the text as it is for a point of the book. `None`: nobody has written here yet.
    pub(crate) async fn save_for_point(&self, seat: &Seat, name: &str) -> Result<Option<Kept>, Rejection> {
        let kept = self.keep(None, &Occasion { for_point: true, ..saved(seat, name) }).await?;
        // A point says for good that a chapter had no text.
        if kept.is_some() || ledger::is_surely_absent(&self.hub) { Ok(kept) } else { Err(unavailable()) }
    }

    /// Where the text ends, and whether it says anything. `None`: nobody has written here yet.
    pub(crate) async fn glance(&self) -> Result<Option<(Seq, bool)>, Rejection> {
        let Some((whole, _)) = self.text(None).await? else { return Ok(None) };
        let rev = whole.rev();
        if self.versions().await?.words(rev).is_some_and(|words| words > 0) {
            return Ok(Some((rev, true)));
        }
        let text = self.works(self.scribe.read(document(&whole)).await)?;
        Ok(Some((rev, text.tree.iter().any(Node::says_something))))
    }

    /// Keeps the text as it was at this position, or as it is, and looks where the words of comments are in it. `None`:
    /// there is no document yet.
    pub(crate) async fn keep(&self, at: Option<Seq>, occasion: &Occasion) -> Result<Option<Kept>, Rejection> {
        // Read before it waits: later the log may have become one state that says more.
        let Some((whole, tail)) = self.text(at).await? else { return Ok(None) };
        let kept = self.keep_text(&whole, tail, occasion).await;
        self.look_for_anchors(&whole).await;
        kept.map(Some)
    }

    /// Keeps a text. Keeping what is kept does nothing, but for its name.
    async fn keep_text(&self, whole: &Whole, tail: Position, occasion: &Occasion) -> Result<Kept, Rejection> {
        let _turn = self.turn.lock().await;
        let versions = self.versions().await?;
        let rev = whole.rev();
        if let Some(words) = versions.words(rev) {
            let kept = self.keep_with(rev, occasion, words, &Changes::default()).await?;
            return self.stored(whole).await.map(|()| kept);
        }
        versions.has_room(
            &kept(rev, occasion, 0, &Changes::default()),
            self.hub.clock.now(),
            &self.hub.limits,
            &self.hub.timers,
        )?;
        let state = self.works(self.scribe.compact(document(whole)).await)?;
        self.shorten(whole, tail, &state).await;
        let before = match versions.before(rev) {
            Some(before) => Document { state: Some(self.state(before).await?), updates: Vec::new() },
            None => Document::default(),
        };
        let after = Document { state: Some(state.state.clone()), updates: Vec::new() };
        let changes = self.works(self.scribe.compare(before, after).await)?;
        self.still_may().await?;
        ledger::put(&self.hub, &self.version_log(rev), journal::encode(&KeptText::State { gzip: state.state })).await?;
        let kept = self.keep_with(rev, occasion, count(state.measure.words), &changes).await?;
        self.stored(whole).await.map(|()| kept)
    }

    /// Sees that the text of a version is there, after it was put into the list. Another replica that took it from the list
    /// just before may be deleting it: of the two that look last, one finds that ([`Self::forget`]).
    async fn stored(&self, whole: &Whole) -> Result<(), Rejection> {
        let log = self.version_log(whole.rev());
        if self.hub.store.tail(log.clone()).await.map_err(|_| unavailable())?.is_some() {
            return Ok(());
        }
        let state = self.works(self.scribe.compact(document(whole)).await)?;
        ledger::put(&self.hub, &log, journal::encode(&KeptText::State { gzip: state.state })).await
    }

    /// Deletes the text of a version that is not in the list any more. Should somebody have kept that version again
    /// meanwhile, its text is put back.
    async fn forget(&self, rev: Seq) {
        let log = self.version_log(rev);
        // What cannot be read, or is gone already, is left as it is.
        let Ok(Some(text)) = self.hub.version(&log).await else { return };
        if let Err(error) = self.hub.store.forget(log.clone()).await {
            tracing::warn!(%log, %error, "a version that thinned out stays in the store");
            return;
        }
        let back = match self.versions().await {
            Ok(versions) if !versions.has(rev) => Ok(()),
            // Whether it is in the list cannot be asked: it may stay.
            Ok(_) | Err(_) => ledger::put(&self.hub, &log, journal::encode(&text)).await,
        };
        if let Err(rejection) = back {
            tracing::error!(%log, %rejection, "a version that was kept again was not put back");
        }
    }

    /// A state that was made anyway takes the place of the updates that it is made of.
    async fn shorten(&self, whole: &Whole, tail: Position, state: &State) {
        if whole.rev() != tail.seq || whole.updates().len() == 0 {
            return;
        }
        let (book, chapter) = (&self.book, &self.chapter);
        if let Err(error) = keep_state(&self.hub, (book, chapter), whole, tail, state.clone()).await {
            tracing::warn!(%book, %chapter, error, "a text was not compacted; its log stays longer");
        }
    }

    async fn keep_with(&self, rev: Seq, why: &Occasion, words: u32, changes: &Changes) -> Result<Kept, Rejection> {
        self.still_may().await?;
        let (limits, timers, now) = (&self.hub.limits, &self.hub.timers, self.hub.clock.now());
        let decide = |versions: &Versions| {
            let kept = kept(rev, why, words, changes);
            if why.for_point {
                versions.keep_for_point(kept, now, limits, timers)
            } else {
                versions.keep(kept, now, limits, timers)
            }
        };
        let changes = ledger::change(&self.hub, &self.versions_log(), decide).await?;
        let dropped = changes.into_iter().filter_map(|change| match change {
            VersionsChange::Dropped { revs } => Some(revs),
            _ => None,
        });
        for rev in dropped.flatten() {
            self.forget(rev).await;
        }
        Ok(Kept { rev, words })
    }

    /// Whoever asked may have lost the right while this was worked on.
    pub(crate) async fn still_may(&self) -> Result<(), Rejection> {
        match &self.asker {
            Some((user, action)) => self.hub.may(&self.book, user, *action).await,
            None => Ok(()),
        }
    }

    /// What is to be answered is no larger than what a client takes.
    fn fits(&self, bytes: usize) -> Result<(), Rejection> {
        let max = self.hub.limits.frame_bytes / 2;
        if bytes <= max { Ok(()) } else { Err(Rejection::TooLarge { limit: "frame_bytes".into(), max: max as u64 }) }
    }

    async fn compare(&self, from: Seq, to: Option<Seq>) -> Result<Answer, Rejection> {
        let old = Document { state: Some(self.state(from).await?), updates: Vec::new() };
        let new = match to {
            Some(to) => Document { state: Some(self.state(to).await?), updates: Vec::new() },
            None => self.text(None).await?.map(|(whole, _)| document(&whole)).unwrap_or_default(),
        };
        let changes = self.works(self.scribe.compare(old, new).await)?;
        let pieces = changes.blocks.iter().flat_map(|block| &block.pieces);
        self.fits(pieces.map(|piece| piece.text.len() + PIECE_BYTES).sum())?;
        Ok(Answer::Compared(Box::new(comparison(changes))))
    }

    /// Brings a version back by an update that follows the text as it is. What is there is kept first.
    async fn restore(&self, seat: &Arc<Seat>, token: Token, version: Seq) -> Result<Seq, Rejection> {
        let old = self.state(version).await?;
        let by = || Some(Person { user: seat.user.clone(), name: seat.name.clone() });
        for _ in 0..ROUNDS_MAX {
            let Some((whole, after)) = self.text(None).await? else {
                return Err(Rejection::NotFound { what: quire_protocol::What::Version });
            };
            let replaced = Occasion::because(VersionCause::Replaced, None);
            self.keep_text(&whole, after, &replaced).await?;
            let client = whole.text.own_client(random);
            let update = self.works(self.scribe.restore(document(&whole), old.clone(), client).await)?;
            let Some(update) = update else { return Ok(whole.rev()) };
            let (answer, done) = oneshot::channel();
            let (seat, chapter) = (Arc::clone(seat), self.chapter.clone());
            let restoration = Restoration { seat, chapter, token, version, after, client, update, answer };
            self.hub.deliver(&self.book, Mail::Restored(Box::new(restoration))).await;
            if let Some(rev) = done.await.map_err(|_| unavailable())?? {
                let restored = Occasion { restored: Some(version), ..Occasion::because(VersionCause::Restored, by()) };
                // The text is back, whatever becomes of the version.
                if let Err(rejection) = self.keep(Some(rev), &restored).await {
                    let (book, chapter) = (&self.book, &self.chapter);
                    tracing::warn!(%book, %chapter, %rev, %rejection, "a version was not kept");
                }
                return Ok(rev);
            }
        }
        Err(Rejection::conflict("somebody goes on writing in this chapter"))
    }

    // === What is stored ===

    fn versions_log(&self) -> LogId {
        LogId::Versions(self.book.clone(), self.chapter.clone())
    }

    fn version_log(&self, rev: Seq) -> LogId {
        LogId::Version(self.book.clone(), self.chapter.clone(), rev)
    }

    async fn versions(&self) -> Result<Versions, Rejection> {
        Ok(ledger::read(&self.hub, &self.versions_log()).await?.0)
    }

    /// The text of a version that is in the list.
    async fn kept(&self, rev: Seq) -> Result<KeptText, Rejection> {
        self.versions().await?.find(rev)?;
        if let Some(kept) = self.hub.version(&self.version_log(rev)).await? {
            return Ok(kept);
        }
        // It may have thinned out since.
        self.versions().await?.find(rev)?;
        tracing::error!(log = %self.version_log(rev), "a version is in the list and not in the store");
        Err(unavailable())
    }

    /// The state of a version that is in the list, packed.
    async fn state(&self, rev: Seq) -> Result<Bytes, Rejection> {
        self.kept(rev).await.map(|KeptText::State { gzip }| gzip)
    }

    /// The text at this position, or as it is; `None`: there is no document, or not as it was then.
    async fn text(&self, at: Option<Seq>) -> Result<Option<(Whole, Position)>, Rejection> {
        let log = LogId::Chapter(self.book.clone(), self.chapter.clone());
        let read = self.hub.store.read(log.clone(), None).await.map_err(|_| unavailable())?;
        let Some((snapshot, mut records, tail)) = read.whole() else { return Ok(None) };
        if let Some(at) = at {
            if snapshot.as_ref().is_some_and(|(position, _)| position.seq > at) {
                return Ok(None);
            }
            records.retain(|record| record.seq <= at);
        }
        let whole = Whole::read(snapshot.as_ref().map(|(_, bytes)| &bytes[..]), &records).map_err(|error| {
            tracing::error!(%log, error, "a text cannot be read");
            unavailable()
        })?;
        Ok((whole.rev() > Seq(0)).then_some((whole, tail)))
    }

    /// What the scribe answered; a failure is told to the operator, and only that it failed to the person.
    pub(super) fn works<T>(&self, result: Result<T, Failed>) -> Result<T, Rejection> {
        result.map_err(|failed| {
            tracing::warn!(book = %self.book, chapter = %self.chapter, %failed, "the scribe could not do its work");
            match failed {
                _ if failed.is_passing() => unavailable(),
                Failed::Unrelated => Rejection::conflict("that version belongs to another text"),
                _ => Rejection::conflict("the text cannot be worked on"),
            }
        })
    }
}

/// Somebody keeps a version by hand.
fn saved(seat: &Seat, name: &str) -> Occasion {
    let by = Person { user: seat.user.clone(), name: seat.name.clone() };
    Occasion { label: Some(name.to_owned()), ..Occasion::because(VersionCause::Saved, Some(by)) }
}

fn kept(rev: Seq, why: &Occasion, words: u32, changes: &Changes) -> version::Kept {
    let Occasion { cause, by, label, restored, for_point: _ } = why.clone();
    let (added, removed) = (count(changes.added), count(changes.removed));
    version::Kept { rev, by, cause, label, restored, words, added, removed }
}

pub(super) fn document(whole: &Whole) -> Document {
    Document { state: whole.state().cloned(), updates: whole.updates().cloned().collect() }
}

pub(super) fn count(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn comparison(changes: Changes) -> Comparison {
    let change = |change| match change {
        Change::Kept => PieceChange::Kept,
        Change::Inserted => PieceChange::Inserted,
        Change::Deleted => PieceChange::Deleted,
    };
    let block = |block: crate::scribe::ChangedBlock| ComparedBlock {
        name: block.name,
        pieces: block
            .pieces
            .into_iter()
            .map(|piece| ComparedPiece { change: change(piece.change), text: piece.text })
            .collect(),
    };
    let (added, removed) = (count(changes.added), count(changes.removed));
    Comparison { blocks: changes.blocks.into_iter().map(block).collect(), added, removed }
}
