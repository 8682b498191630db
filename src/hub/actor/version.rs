//! When versions are kept, who may ask for them, and how an old one is written back.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use quire_protocol::event::Person;
use quire_protocol::frame::Answer;
use quire_protocol::{Action, ChapterId, Rejection, Seq, SessionId, UserId, VersionCommand};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::turn::{Ended, PATIENCE, surely};
use super::{Actor, Lost};
use crate::book::{Act, Book};
use crate::chapter::{Entry, Restored};
use crate::hub::history::{History, Occasion};
use crate::hub::mail::{AnswerTo, Restoration, Wish};
use crate::hub::points::{Keeping, Points};
use crate::hub::seat::Seat;
use crate::hub::unavailable;

/// Writing in a chapter of which no version is kept yet.
pub(super) struct Written {
    /// Who wrote: in a live chapter several at once.
    sessions: BTreeSet<SessionId>,
    /// Who wrote last.
    by: Person,
    since: Instant,
}

/// What a command about versions is worked on with, beside the actor.
enum Task {
    Chapter(History, VersionCommand),
    List(Points),
    Read(Points, Seq),
    Keep(Points, Keeping),
}

impl Task {
    async fn done(self, seat: &Arc<Seat>) -> Result<Answer, Rejection> {
        match self {
            Self::Chapter(history, command) => {
                let answer = history.command(seat, &command).await?;
                // Whoever lost the right meanwhile hears nothing of it.
                history.still_may().await.map(|()| answer)
            }
            Self::List(points) => points.list(seat).await,
            Self::Read(points, number) => points.read(seat, number).await,
            Self::Keep(points, keeping) => points.keep(seat, keeping).await.map(|_| Answer::Done {}),
        }
    }
}

impl Actor {
    // === Commands ===

    /// Has a command about versions done beside the actor, if its sender may do that.
    pub(super) fn version(&self, seat: &Arc<Seat>, reference: u64, command: VersionCommand) {
        let taken = self.task(seat, command).and_then(|task| self.hub.place_beside().map(|place| (task, place)));
        let (task, place) = match taken {
            Ok(taken) => taken,
            Err(rejection) => return seat.reply(reference, None, Err(rejection), &self.hub.limits),
        };
        let (hub, seat) = (Arc::clone(&self.hub), Arc::clone(seat));
        self.hub.tasks.spawn(async move {
            seat.reply(reference, None, task.done(&seat).await, &hub.limits);
            drop(place);
        });
    }

    /// What a command asks for, if its sender may have that.
    fn task(&self, seat: &Seat, command: VersionCommand) -> Result<Task, Rejection> {
        let needed = match command {
            VersionCommand::VersionRestore(_) => Action::RestoreVersion,
            _ => Action::History,
        };
        self.check_right(&seat.user, needed)?;
        let asker = Some((seat.user.clone(), needed));
        let points = || self.points(needed);
        let chapter = match &command {
            VersionCommand::PointsList(_) => return Ok(Task::List(points())),
            VersionCommand::PointRead(command) => return Ok(Task::Read(points(), command.point)),
            VersionCommand::VersionsList(command) => &command.chapter,
            VersionCommand::VersionRead(command) => &command.chapter,
            VersionCommand::VersionCompare(command) => &command.chapter,
            VersionCommand::VersionName(command) => &command.chapter,
            VersionCommand::VersionSave(command) => {
                let Some(chapter) = &command.chapter else {
                    return Ok(Task::Keep(points(), self.keeping(command.label.clone(), asker.as_ref())?));
                };
                chapter
            }
            VersionCommand::VersionRestore(command) => {
                self.book.hold_of(&seat.user, &seat.session, &command.chapter, command.token)?;
                self.book.check_alone(&seat.user, &seat.session, &command.chapter)?;
                &command.chapter
            }
        };
        self.book.ever_had_text(chapter)?;
        Ok(Task::Chapter(self.history(chapter, asker)?, command))
    }

    pub(super) fn points(&self, right: Action) -> Points {
        Points { hub: Arc::clone(&self.hub), book: self.book.id().clone(), right }
    }

    /// The book as it is, to be kept under this name.
    pub(super) fn keeping(&self, label: String, asker: Option<&(UserId, Action)>) -> Result<Keeping, Rejection> {
        Ok(Keeping { label, outlined: self.book.outlined(), histories: self.histories(asker)? })
    }

    /// Of all chapters with text, in reading order.
    pub(super) fn histories(&self, asker: Option<&(UserId, Action)>) -> Result<Vec<History>, Rejection> {
        self.book.texts().map(|chapter| self.history(chapter, asker.cloned())).collect()
    }

    fn history(&self, chapter: &ChapterId, asker: Option<(UserId, Action)>) -> Result<History, Rejection> {
        let scribe = self.hub.scribe.clone().ok_or_else(unavailable)?;
        let (hub, book) = (Arc::clone(&self.hub), self.book.id().clone());
        let turn = Arc::clone(&self.history_turn);
        Ok(History { hub, scribe, book, chapter: chapter.clone(), turn, asker })
    }

    // === When versions are kept by themselves ===

    /// Somebody wrote. Before the first word of a hold, what was there is kept; then every so often what is.
    pub(super) fn note_writing(&mut self, chapter: &ChapterId, before: Seq, seat: &Seat) {
        let Some(open) = self.texts.get_mut(chapter) else { return };
        let interval = Duration::from_millis(self.hub.timers.version_ms);
        let by = Person { user: seat.user.clone(), name: seat.name.clone() };
        match &mut open.written {
            Some(written) if goes_on(&self.book, chapter, written, &seat.session) => {
                let holds = |session: &SessionId| {
                    self.book.held().any(|held| held.chapter == chapter && held.session == session)
                };
                written.sessions.retain(holds);
                written.sessions.insert(seat.session.clone());
                written.by = by;
                if written.since.elapsed() < interval {
                    return;
                }
                written.since = Instant::now();
                let (rev, by) = (open.whole.rev(), written.by.clone());
                self.keep_version(chapter, rev, Some(by));
            }
            earlier => {
                let new = Written { sessions: BTreeSet::from([seat.session.clone()]), by, since: Instant::now() };
                let by = earlier.replace(new).map(|written| written.by);
                if before > Seq(0) {
                    self.keep_version(chapter, before, by);
                }
            }
        }
    }

    /// What was written in holds that are over becomes a version.
    pub(super) fn keep_versions_of_ended_holds(&mut self) {
        let mut ended = Vec::new();
        for (chapter, open) in &mut self.texts {
            if let Some(written) = open.written.take_if(|written| !is_held(&self.book, chapter, written)) {
                ended.push((chapter.clone(), open.text().rev(), written.by));
            }
        }
        for (chapter, rev, by) in ended {
            self.keep_version(&chapter, rev, Some(by));
        }
    }

    /// What was written becomes a version before this replica forgets the text.
    pub(super) fn keep_version_of(&self, chapter: &ChapterId, rev: Seq, written: Option<&Written>) {
        if let Some(written) = written {
            self.keep_version(chapter, rev, Some(written.by.clone()));
        }
    }

    /// Nobody waits for it: a version that fails is missing in the history, and no text is.
    fn keep_version(&self, chapter: &ChapterId, rev: Seq, by: Option<Person>) {
        let Ok(history) = self.history(chapter, None) else { return };
        self.hub.tasks.spawn(async move {
            if let Err(rejection) = history.keep(Some(rev), &Occasion::written(by)).await {
                let (book, chapter) = (&history.book, &history.chapter);
                tracing::warn!(%book, %chapter, %rev, %rejection, "a version was not kept");
            }
        });
    }

    // === Writing back ===

    /// Stores an update that brings a version back, if the text is where it was when the update was made.
    pub(super) async fn write_restored(&mut self, restoration: Restoration) -> Result<(), Lost> {
        let written = self.writes_restored(&restoration).await;
        let recorded = match &written {
            Ok(Some(rev)) => self.record_restored(&restoration, *rev).await,
            Ok(None) | Err(_) => Ok(()),
        };
        // Whoever waits for it may be gone.
        drop(restoration.answer.send(written));
        recorded
    }

    /// The book says who did it, once the text says it. A hub that dies between the two leaves it in the history of the
    /// chapter alone.
    async fn record_restored(&mut self, restoration: &Restoration, rev: Seq) -> Result<(), Lost> {
        let Restoration { seat, chapter, version, .. } = restoration;
        let act = Act::VersionRestored { chapter: chapter.clone(), version: *version, rev };
        let (answer, mut done) = oneshot::channel();
        let decided = self.decide(vec![Wish::on_behalf(Arc::clone(seat), act, AnswerTo::Task(answer))]).await;
        if !matches!(done.try_recv(), Ok(Ok(()))) {
            tracing::warn!(book = %self.book.id(), %chapter, %rev, "that a version came back is not in the book's log");
        }
        decided
    }

    async fn writes_restored(&mut self, restoration: &Restoration) -> Result<Option<Seq>, Rejection> {
        let Restoration { seat, chapter, token, version, after, client, update, .. } = restoration;
        if !self.book.may(&seat.user, Action::RestoreVersion) {
            return Err(Rejection::Forbidden);
        }
        self.book.hold_of(&seat.user, &seat.session, chapter, *token)?;
        self.book.check_alone(&seat.user, &seat.session, chapter)?;
        let Some(open) = self.texts.get(chapter) else { return Err(Rejection::conflict("open the chapter first")) };
        if open.position != Some(*after) {
            return Ok(None);
        }
        // A frame that is larger would close those who read in time.
        let max = self.hub.limits.outbox_bytes / 2;
        if update.len() > max {
            return Err(Rejection::TooLarge { limit: "outbox_bytes".into(), max: max as u64 });
        }
        let units = open.text().check_own(*client, update, max);
        let units = units.map_err(|error| {
            tracing::error!(book = %self.book.id(), %chapter, %version, error, "a version cannot be brought back");
            Rejection::conflict("that version cannot be brought back")
        })?;
        let entry = Entry::Restored(Restored {
            user: seat.user.clone(),
            session: seat.session.clone(),
            client: *client,
            units,
            book_seq: self.book.seq(),
            version: *version,
            update: update.clone(),
        });
        let rev = open.text().rev().next();
        let append = self.text_append(chapter, vec![entry.encode()]);
        match surely(&self.hub, append, Instant::now() + PATIENCE).await {
            Ended::Done(appended) => {
                self.pass_on(chapter, &[(rev, entry)], appended.position, &[]);
                Ok(Some(rev))
            }
            Ended::Conflict(read) => {
                self.take_in_text(chapter, *read).await;
                Ok(None)
            }
            Ended::Fenced => Err(Rejection::StaleToken),
            Ended::EpochChanged => {
                self.lose_text(chapter);
                Err(unavailable())
            }
            Ended::Refused(rejection) => {
                if rejection == Rejection::OutcomeUnknown {
                    self.lose_text(chapter);
                }
                Err(rejection)
            }
        }
    }
}

/// One of those who wrote holds the chapter still.
fn is_held(book: &Book, chapter: &ChapterId, written: &Written) -> bool {
    book.held().any(|held| held.chapter == chapter && written.sessions.contains(held.session))
}

/// What this session writes belongs to what is being written already.
fn goes_on(book: &Book, chapter: &ChapterId, written: &Written, session: &SessionId) -> bool {
    written.sessions.contains(session) || is_held(book, chapter, written)
}
