//! What a tab remembers: its session, which books it has open and where it is in them, and its own locks.

use std::collections::BTreeMap;

use quire_protocol::command::After;
use quire_protocol::view::Snapshot;
use quire_protocol::{BookId, ChapterId, Event, EventFrame, SessionId, Token};

/// What a tab remembers.
#[derive(Default)]
pub(super) struct Memory {
    /// The session and its last incarnation, once there is one.
    pub(super) session: Option<(SessionId, u32)>,
    books: BTreeMap<BookId, Shown>,
}

/// An open book.
#[derive(Default)]
struct Shown {
    /// The last event that was heard; none: it is being opened for the first time.
    position: Option<After>,
    /// Asked for on this connection, and answered.
    open: bool,
    mine: BTreeMap<ChapterId, Mine>,
}

/// What a chapter has to do with this tab.
enum Mine {
    Held {
        /// The first token of the hold, where that was heard: the client id of whoever writes.
        began: Option<Token>,
        token: Token,
        /// Who queued up since.
        waiting: Vec<SessionId>,
    },
    WaitedFor,
}

impl Memory {
    /// Wants this book open.
    pub(super) fn open(&mut self, book: &BookId) {
        self.books.entry(book.clone()).or_default();
    }

    /// Does not want this book any more.
    pub(super) fn close(&mut self, book: &BookId) {
        self.books.remove(book);
    }

    /// The books that it wants open and that are not, and where it is in each.
    pub(super) fn closed(&self) -> Vec<(BookId, Option<After>)> {
        let closed = self.books.iter().filter(|(_, shown)| !shown.open);
        closed.map(|(book, shown)| (book.clone(), shown.position)).collect()
    }

    /// Where it is in a book.
    pub(super) fn position(&self, book: &BookId) -> Option<After> {
        self.books.get(book)?.position
    }

    /// A book is open on this connection.
    pub(super) fn has_open(&self, book: &BookId) -> bool {
        self.books.get(book).is_some_and(|shown| shown.open)
    }

    /// Every wanted book is open on this connection.
    pub(super) fn is_open(&self) -> bool {
        self.books.values().all(|shown| shown.open)
    }

    pub(super) fn has_heard(&self, book: &BookId, up_to: After) -> bool {
        self.books.get(book).is_none_or(|shown| {
            let here = shown.position.filter(|here| here.epoch == up_to.epoch && here.seq >= up_to.seq);
            shown.open && here.is_some()
        })
    }

    /// The connection is gone: nothing is open, everything else is as it was.
    pub(super) fn disconnected(&mut self) {
        self.books.values_mut().for_each(|shown| shown.open = false);
    }

    /// Another session began: what the old one held is not this one's.
    pub(super) fn began(&mut self, session: SessionId, incarnation: u32, resumed: bool) {
        if !resumed {
            self.books.values_mut().for_each(|shown| shown.mine.clear());
        }
        self.session = Some((session, incarnation));
    }

    /// A book was opened here, and nothing that was known of it holds.
    pub(super) fn shows_snapshot(&mut self, book: &BookId, snapshot: &Snapshot) {
        let Some((session, _)) = &self.session else { return };
        let Some(shown) = self.books.get_mut(book) else { return };
        let before = std::mem::take(&mut shown.mine);
        for chapter in &snapshot.chapters {
            let Some(lock) = &chapter.lock else { continue };
            let waits = lock.waiting.iter().any(|waiter| waiter.session == *session);
            let beside = chapter.beside.iter().map(|other| (&other.holder.session, other.token));
            let mut holders = std::iter::once((&lock.holder.session, lock.token)).chain(beside);
            if let Some((_, token)) = holders.find(|(holder, _)| *holder == session) {
                let waiting = lock.waiting.iter().map(|waiter| waiter.session.clone()).collect();
                // A snapshot does not say under which token a hold began.
                let began = match before.get(&chapter.id) {
                    Some(Mine::Held { began, token: known, .. }) if *known == token => *began,
                    _ => None,
                };
                shown.mine.insert(chapter.id.clone(), Mine::Held { began, token, waiting });
            } else if waits {
                shown.mine.insert(chapter.id.clone(), Mine::WaitedFor);
            }
        }
    }

    /// A book is open here on this connection.
    pub(super) fn opened(&mut self, book: &BookId, position: After) {
        if let Some(shown) = self.books.get_mut(book) {
            shown.open = true;
            shown.position = Some(position);
        }
    }

    /// An event was heard.
    pub(super) fn heard(&mut self, frame: &EventFrame) {
        let Some((session, _)) = &self.session else { return };
        let Some(shown) = self.books.get_mut(&frame.book) else { return };
        shown.position = Some(After { epoch: frame.epoch, seq: frame.seq });
        shown.heard(session, &frame.event);
    }

    /// A lock is gone, says a notice.
    pub(super) fn lost(&mut self, book: &BookId, chapter: &ChapterId) {
        if let Some(shown) = self.books.get_mut(book) {
            shown.mine.remove(chapter);
        }
    }

    /// It holds or waits for something.
    pub(super) fn holds_anything(&self) -> bool {
        self.books.values().any(|shown| !shown.mine.is_empty())
    }

    pub(super) fn token(&self, book: &BookId, chapter: &ChapterId) -> Option<Token> {
        match self.books.get(book)?.mine.get(chapter)? {
            Mine::Held { token, .. } => Some(*token),
            Mine::WaitedFor => None,
        }
    }

    /// The first token of the tab's hold, if it heard that, and the one under which it holds the chapter now.
    pub(super) fn hold(&self, book: &BookId, chapter: &ChapterId) -> Option<(Option<Token>, Token)> {
        match self.books.get(book)?.mine.get(chapter)? {
            Mine::Held { began, token, .. } => Some((*began, *token)),
            Mine::WaitedFor => None,
        }
    }

    pub(super) fn waiter(&self, book: &BookId, chapter: &ChapterId) -> Option<SessionId> {
        match self.books.get(book)?.mine.get(chapter)? {
            Mine::Held { waiting, .. } => waiting.first().cloned(),
            Mine::WaitedFor => None,
        }
    }

    pub(super) fn waits_for(&self, book: &BookId, chapter: &ChapterId) -> bool {
        let mine = self.books.get(book).and_then(|shown| shown.mine.get(chapter));
        matches!(mine, Some(Mine::WaitedFor))
    }
}

impl Shown {
    fn heard(&mut self, me: &SessionId, event: &Event) {
        match event {
            Event::LockAcquired(event) if event.holder.session == *me => {
                if let Some(token) = event.token {
                    self.mine
                        .insert(event.chapter.clone(), Mine::Held { began: Some(token), token, waiting: Vec::new() });
                }
            }
            Event::LockRehomed(event) if event.session == *me => {
                if let (Some(Mine::Held { token, .. }), Some(new)) = (self.mine.get_mut(&event.chapter), event.token) {
                    *token = new;
                }
            }
            Event::LockReleased(event) if event.session == *me => {
                self.mine.remove(&event.chapter);
            }
            Event::LockQueued(event) if event.session == *me => {
                self.mine.insert(event.chapter.clone(), Mine::WaitedFor);
            }
            Event::LockWaitEnded(event) if event.session == *me => {
                self.mine.remove(&event.chapter);
            }
            Event::LockQueued(event) => {
                if let Some(Mine::Held { waiting, .. }) = self.mine.get_mut(&event.chapter) {
                    waiting.push(event.session.clone());
                }
            }
            Event::LockWaitEnded(event) => {
                if let Some(Mine::Held { waiting, .. }) = self.mine.get_mut(&event.chapter) {
                    waiting.retain(|session| *session != event.session);
                }
            }
            _ => {}
        }
    }
}
