//! One simulated tab: it joins, opens its books, works, loses its connection and comes back, as the specification says.
//!
//! The tab's task ([`life`]) owns the socket. A [`Tab`] is the handle by which a scenario plays it.

mod backoff;
mod hearing;
mod life;
mod memory;
mod models;
mod seen;
mod texts;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use quire_protocol::command::After;
use quire_protocol::frame::{Answer, PresenceSet};
use quire_protocol::{BookCommand, BookId, ChapterId, ClientFrame, CommandId, Rejection, SessionId, Token};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::cast::Part;
use crate::desk::Desk;
use crate::observation::{Micros, TabId};

use memory::Memory;
use models::Models;
use texts::{Ask, Texts, Write};

pub(crate) use seen::seen;
pub(crate) use texts::Typed;

/// Orders that wait for a tab that is away.
const ORDERS_MAX: usize = 64;
/// Tabs of a book that keep a model of it. The others only hear the same events.
const MODELS_PER_BOOK_MAX: u32 = 64;

/// What became of a command.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Done.
    Accepted(Answer),
    /// Refused for good.
    Refused(Rejection),
    /// The tab was closed before there was an answer.
    Ended,
}

/// A handle of a tab. Clones play the same tab.
#[derive(Clone)]
pub(crate) struct Tab {
    shared: Rc<Shared>,
    orders: mpsc::Sender<Order>,
}

/// What the task of a tab and its handles share.
struct Shared {
    part: Part,
    desk: Rc<Desk>,
    memory: RefCell<Memory>,
    models: RefCell<Models>,
    texts: RefCell<Texts>,
    /// Called whenever something in the memory changed.
    changed: Notify,
    /// Why the tab is over, if it is.
    ended: RefCell<Option<String>>,
    /// It was welcomed and its socket is whole.
    connected: Cell<bool>,
}

/// What a tab is told to do.
enum Order {
    Works(Box<Job>),
    Opens(BookId),
    Closes(BookId),
    Says(Box<ClientFrame>),
    /// Opens the texts that are wanted and not open.
    LooksAtTexts,
    Writes(Box<Write>),
    Asks(Box<Ask>),
    IsCut(Duration),
    Vanishes,
    Leaves,
}

/// A command that must be answered, over however many connections.
struct Job {
    book: BookId,
    command: BookCommand,
    id: CommandId,
    intended_at: Micros,
    sent_before: bool,
    answer: oneshot::Sender<Outcome>,
}

impl Tab {
    /// Opens a tab on these books: at once, which was meant to happen at `intended_at`, or when its turn among the joining
    /// tabs of this worker comes. It runs until it is told to leave, or is sent away for good.
    pub(crate) fn opens(desk: &Rc<Desk>, part: Part, books: &[BookId], intended_at: Option<Micros>) -> Self {
        let (orders, inbox) = mpsc::channel(ORDERS_MAX);
        let mut memory = Memory::default();
        for book in books {
            memory.open(book);
        }
        let models = part.place < MODELS_PER_BOOK_MAX;
        let shared = Rc::new(Shared {
            part,
            desk: Rc::clone(desk),
            memory: RefCell::new(memory),
            models: RefCell::new(Models::new(models)),
            texts: RefCell::default(),
            changed: Notify::new(),
            ended: RefCell::default(),
            connected: Cell::new(false),
        });
        tokio::task::spawn_local(life::Life::new(Rc::clone(&shared), inbox, intended_at).runs());
        Self { shared, orders }
    }

    pub(crate) fn part(&self) -> &Part {
        &self.shared.part
    }

    pub(crate) fn id(&self) -> TabId {
        TabId(self.shared.part.number)
    }

    /// Sends a command and waits for its answer, whatever happens to the connection meanwhile.
    pub(crate) async fn does(&self, book: &BookId, command: impl Into<BookCommand>, intended_at: Micros) -> Outcome {
        let (answer, answered) = oneshot::channel();
        let id = self.shared.desk.command_id();
        let command = command.into();
        let job = Job { book: book.clone(), command, id, intended_at, sent_before: false, answer };
        if self.orders.send(Order::Works(Box::new(job))).await.is_err() {
            return Outcome::Ended;
        }
        answered.await.unwrap_or(Outcome::Ended)
    }

    /// Shows a chapter and a cursor to the others.
    pub(crate) async fn shows(&self, book: &BookId, chapter: ChapterId, cursor: &str) {
        let frame =
            PresenceSet { book: book.clone(), chapter: Some(Some(chapter)), cursor: Some(Some(cursor.to_owned())) };
        self.orders_to(Order::Says(Box::new(ClientFrame::Presence(frame)))).await;
    }

    /// Opens a book.
    pub(crate) async fn opens_book(&self, book: &BookId) {
        self.orders_to(Order::Opens(book.clone())).await;
    }

    /// Closes a book, and gives up what the tab holds there.
    pub(crate) async fn closes_book(&self, book: &BookId) {
        self.orders_to(Order::Closes(book.clone())).await;
    }

    /// The socket is cut without a word, and stays so for a while.
    pub(crate) async fn is_cut(&self, away: Duration) {
        self.orders_to(Order::IsCut(away)).await;
    }

    /// Says goodbye, and waits until that is done.
    pub(crate) async fn leaves(&self) {
        self.orders_to(Order::Leaves).await;
        self.orders.closed().await;
    }

    /// Is gone without a word, and does not come back.
    pub(crate) async fn vanishes(&self) {
        self.orders_to(Order::Vanishes).await;
        self.orders.closed().await;
    }

    async fn orders_to(&self, order: Order) {
        // A tab that is over needs no orders.
        drop(self.orders.send(order).await);
    }

    /// The token under which the tab holds this chapter, as far as it has heard.
    pub(crate) fn token(&self, book: &BookId, chapter: &ChapterId) -> Option<Token> {
        self.shared.memory.borrow().token(book, chapter)
    }

    /// Some session that waits for a chapter that this tab holds.
    pub(crate) fn waiter(&self, book: &BookId, chapter: &ChapterId) -> Option<SessionId> {
        self.shared.memory.borrow().waiter(book, chapter)
    }

    /// Whether the tab waits for this chapter, as far as it has heard.
    pub(crate) fn waits_for(&self, book: &BookId, chapter: &ChapterId) -> bool {
        self.shared.memory.borrow().waits_for(book, chapter)
    }

    /// Waits until something the tab has heard makes this true, or the tab is over.
    pub(crate) async fn until(&self, mut is_true: impl FnMut(&Self) -> bool) {
        loop {
            let changed = self.shared.changed.notified();
            if is_true(self) || self.ended().is_some() {
                return;
            }
            changed.await;
        }
    }

    /// Every book that it wants open is open, on a connection that works.
    pub(crate) fn is_ready(&self) -> bool {
        self.shared.connected.get() && self.shared.memory.borrow().is_open()
    }

    /// It has heard everything up to here, in this epoch, or does not have the book open.
    pub(crate) fn has_heard(&self, book: &BookId, up_to: After) -> bool {
        self.shared.memory.borrow().has_heard(book, up_to)
    }

    /// Where it is in a book that it has open.
    pub(crate) fn position(&self, book: &BookId) -> Option<After> {
        self.shared.memory.borrow().position(book)
    }

    /// Why the tab is over, if it is.
    pub(crate) fn ended(&self) -> Option<String> {
        self.shared.ended.borrow().clone()
    }

    /// Tells the notebook what this tab shows at the end.
    pub(crate) fn confesses(&self) {
        self.shared.confesses();
        self.shared.confesses_texts();
    }
}
