//! One connection as the rest of the hub sees it: who it is, and where to say something to it.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use quire_protocol::event::Home;
use quire_protocol::frame::{Answer, Notice, NoticeFrame, Reply};
use quire_protocol::{BookId, CloseCode, Encoding, Limits, Rejection, Seq, SessionId, UserId};
use tokio::time::Instant;

use crate::book::Actor;
use crate::outbox::{self, Outbox};

/// A joined connection. Shared by its session, the directory and the actors of the books it has open.
pub struct Seat {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their verified address in normal form.
    pub email: Option<String>,
    /// Which tab.
    pub session: SessionId,
    /// Which of the tab's connections, and the replica that serves it.
    pub home: Home,
    /// How frames are written for it.
    pub encoding: Encoding,
    /// Where frames go.
    pub outbox: Arc<Outbox>,
    /// When the person last did something in this tab.
    active_at: Mutex<Instant>,
    /// For each book how many opens are under way, and one more while the connection is subscribed: the book is in here
    /// as long as an actor may know of this connection (R5).
    books: Mutex<Vec<(BookId, usize)>>,
}

impl Seat {
    /// A seat without open books.
    pub fn new(person: Person, session: SessionId, home: Home, encoding: Encoding, outbox: Arc<Outbox>) -> Self {
        let Person { user, name, email, idle_ms } = person;
        let now = Instant::now();
        let active_at = Mutex::new(now.checked_sub(Duration::from_millis(idle_ms)).unwrap_or(now));
        Self { user, name, email, session, home, encoding, outbox, active_at, books: Mutex::default() }
    }

    /// When the person last did something, as far as this connection knows.
    pub fn active_at(&self) -> Instant {
        *self.active_at.lock().expect("no code panics while it holds a seat's activity")
    }

    /// The person did something.
    pub fn is_active(&self) {
        *self.active_at.lock().expect("no code panics while it holds a seat's activity") = Instant::now();
    }

    /// The seat's person as an actor on a book.
    pub fn actor(&self) -> Actor<'_> {
        Actor::Person {
            user: &self.user,
            name: &self.name,
            email: self.email.as_deref(),
            session: &self.session,
            home: &self.home,
        }
    }

    /// Answers a command with yes or no.
    pub fn reply(&self, reference: u64, seq: Option<Seq>, result: Result<Answer, Rejection>, limits: &Limits) {
        self.outbox.push_answer(&self.encode_reply(reference, seq, result, limits));
    }

    /// A reply as it goes on the wire.
    pub fn encode_reply(
        &self,
        reference: u64,
        seq: Option<Seq>,
        result: Result<Answer, Rejection>,
        limits: &Limits,
    ) -> Vec<Bytes> {
        let (ok, err) = match result {
            Ok(answer) => (Some(answer), None),
            Err(rejection) => (None, Some(rejection.into())),
        };
        outbox::encode(&Reply { reference, seq, ok, err }, self.encoding, limits)
    }

    /// Tells this connection alone.
    pub fn notify(&self, notice: Notice, limits: &Limits) {
        self.outbox.push(&outbox::encode(&NoticeFrame { notice }, self.encoding, limits));
    }

    /// Ends the connection.
    pub fn close(&self, code: CloseCode, reason: &str) {
        self.outbox.close(code, reason);
    }

    /// Notes that an open is under way, unless the connection has `max` other books open; says how many it has.
    pub fn take_book(&self, book: &BookId, max: usize) -> Result<(), usize> {
        let mut books = self.books();
        if let Some((_, count)) = books.iter_mut().find(|(open, _)| open == book) {
            *count += 1;
            return Ok(());
        }
        if books.len() >= max {
            return Err(books.len());
        }
        // Most tabs have one book open, and there are many tabs.
        books.reserve_exact(1);
        books.push((book.clone(), 1));
        Ok(())
    }

    /// Notes that one open was refused or found the connection subscribed already, or that the subscription ended.
    pub fn drop_book(&self, book: &BookId) {
        let mut books = self.books();
        if let Some(index) = books.iter().position(|(open, _)| open == book) {
            books[index].1 -= 1;
            if books[index].1 == 0 {
                books.remove(index);
            }
        }
    }

    /// This connection has the book open.
    pub fn has_open(&self, book: &BookId) -> bool {
        self.books().iter().any(|(open, _)| open == book)
    }

    /// The books this connection has open.
    pub fn open_books(&self) -> Vec<BookId> {
        self.books().iter().map(|(open, _)| open.clone()).collect()
    }

    fn books(&self) -> MutexGuard<'_, Vec<(BookId, usize)>> {
        self.books.lock().expect("no code panics while it holds a seat's books")
    }
}

/// Who sits down.
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their verified address in normal form.
    pub email: Option<String>,
    /// How long they have done nothing, milliseconds.
    pub idle_ms: u64,
}
