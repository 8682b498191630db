//! Fan-out without sockets: a real hub, sessions on wires that take everything.

use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::join_all;
use quire::book::Act;
use quire::clock::Clock;
use quire::hub::mail::{AnswerTo, Mail, Wish};
use quire::hub::seat::Seat;
use quire::hub::{Hub, Parts};
use quire::outbox::Wire;
use quire::session::{self, Arrival};
use quire::store::memory::Memory;
use quire_protocol::{BookCommand, Limits, Timers};
use tokio::io::ReadBuf;
use tokio::sync::{Semaphore, oneshot};

use crate::Figure;
use crate::people::{CHAPTERS, ENCODING, book, creation, hello, rename, user, verifier};
use crate::process::thread_cpu_seconds;
use crate::tab::{BINARY, masked};

const SESSIONS: u32 = 1_000;
const EVENTS: u32 = 2_048;
const BATCH: u32 = 32;
/// Longer than the presence tick of a book with so many sessions.
const PRESENCE_SETTLES: Duration = Duration::from_secs(1);

pub(crate) async fn figures() -> Vec<Figure> {
    let room = Room::with(SESSIONS).await;
    let mut figures = Vec::new();
    for (how, batch) in [("one after the other", 1), ("in batches of 32", BATCH)] {
        let cost = room.measure(batch).await;
        let what = format!("deliver in memory, 1 book x 1,000 sessions, events {how}");
        figures.push(Figure::new(what, format!("{cost:.3} CPU µs per delivery")));
    }
    figures
}

/// A hub with one book that many sessions have open.
struct Room {
    hub: Arc<Hub>,
    seat: Arc<Seat>,
    /// Frames that sessions were sent.
    frames: Arc<AtomicU32>,
}

impl Room {
    async fn with(sessions: u32) -> Self {
        let limits = Limits { sessions_per_user: sessions as usize, ..Limits::default() };
        let clock = Clock::system();
        let hub = Hub::new(Parts {
            store: Arc::new(Memory::new(clock.clone())),
            shared: None,
            clock,
            verifier: Arc::new(verifier(limits.name_chars)),
            scribe: None,
            press: None,
            calls: None,
            library: None,
            limits,
            timers: Timers::default(),
        });
        let (frames, joined) = (Arc::new(AtomicU32::new(0)), Arc::new(Semaphore::new(0)));
        for _ in 0..sessions {
            let wire =
                Arc::new(Sink { unread: Mutex::new(masked(BINARY, &hello("ann"))), frames: Arc::clone(&frames) });
            let arrival = Arrival { wire, read: bytes::Bytes::new(), encoding: ENCODING, bearer: None };
            let joined = Arc::clone(&joined);
            hub.tasks.spawn(session::serve(Arc::clone(&hub), arrival, move || joined.add_permits(1)));
        }
        joined.acquire_many(sessions).await.expect("nobody closes it").forget();
        let seats = hub.directory.of_user(&user("ann"));
        let room = Self { hub, seat: Arc::clone(&seats[0]), frames };
        for command in creation(CHAPTERS) {
            room.does(vec![command]).await;
        }
        for seat in seats {
            seat.take_book(&book(0), 1).expect("it has no other book open");
            room.hub.deliver(&book(0), Mail::Open { seat, reference: 1, after: None }).await;
        }
        tokio::time::sleep(PRESENCE_SETTLES).await;
        room
    }

    /// Hands the commands over at once, and waits for all answers.
    async fn does(&self, commands: Vec<BookCommand>) {
        let answers = commands.into_iter().map(async |command| {
            let (answer, done) = oneshot::channel();
            let wish = Wish::on_behalf(Arc::clone(&self.seat), Act::Command(command), AnswerTo::Task(answer));
            self.hub.deliver(&book(0), Mail::Wish(Box::new(wish))).await;
            done.await.expect("every wish is answered").unwrap_or_else(|no| panic!("{no:?}"));
        });
        join_all(answers).await;
    }

    async fn measure(&self, batch: u32) -> f64 {
        let (frames, cpu) = (self.frames.load(Ordering::Relaxed), thread_cpu_seconds());
        for first in (0..EVENTS).step_by(batch as usize) {
            self.does((first..first + batch).map(|number| rename(batch * EVENTS + number)).collect()).await;
        }
        let spent = thread_cpu_seconds() - cpu;
        let delivered = self.frames.load(Ordering::Relaxed) - frames;
        assert_eq!(delivered, EVENTS * SESSIONS, "everybody hears everything");
        spent * 1e6 / f64::from(delivered)
    }
}

/// A wire that says hello and takes everything.
struct Sink {
    unread: Mutex<Vec<u8>>,
    frames: Arc<AtomicU32>,
}

impl Wire for Sink {
    fn poll_read(&self, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut unread = self.unread.lock().expect("no code panics while it holds what is unread");
        if unread.is_empty() {
            return Poll::Pending;
        }
        let count = unread.len().min(buf.remaining());
        buf.put_slice(&unread[..count]);
        unread.drain(..count);
        Poll::Ready(Ok(()))
    }

    /// A slice is a whole frame, as nothing is ever left over.
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.frames.fetch_add(u32::try_from(slices.len()).expect("a write has few slices"), Ordering::Relaxed);
        Ok(slices.iter().map(|slice| slice.len()).sum())
    }

    fn poll_writable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn finish(&self) {}
}
