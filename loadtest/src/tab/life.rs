//! The task of a tab: connects, resumes, obeys orders, and connects again.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use quire_protocol::command::{After, BookClose, BookOpen, CommandFrame};
use quire_protocol::frame::{Answer, Hello, Resume, Welcome};
use quire_protocol::{BookId, ChapterId, ClientFrame, Command, Rejection, ViewCommand};
use tokio::select;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::clock;
use crate::observation::{HangUp, Micros};
use crate::random::Random;
use crate::wire::{End, Socket};

use super::backoff::{Backoff, cap};
use super::texts::Write;
use super::{Job, ORDERS_MAX, Order, Shared};

/// A tab's task.
pub(super) struct Life {
    pub(super) shared: Rc<Shared>,
    inbox: mpsc::Receiver<Order>,
    /// What was sent and is not answered, by its `ref`.
    pub(super) pending: BTreeMap<u64, Pending>,
    /// What was sent on a connection that ended before the answer, in this order.
    unanswered: VecDeque<Box<Job>>,
    pub(super) reference: u64,
    /// Attempts to connect, so that the next one goes to the next hub.
    attempts: u32,
    backoff: Backoff,
    random: Random,
    grace: Duration,
    /// When the hub wants this tab to be gone.
    pub(super) drain_at: Option<Instant>,
    /// When to ask again for books that the hub was too busy to open.
    pub(super) reopen_at: Option<Instant>,
    /// Texts are to be opened.
    pub(super) texts_due: bool,
    /// When the connection that is being made was meant to be made.
    pub(super) intended_at: Micros,
    /// It joins for the first time, and when its turn comes.
    waits_for_turn: bool,
    /// The first join, until it is over.
    pub(super) is_first: bool,
}

/// What was sent and is not answered.
pub(super) enum Pending {
    Opens { book: BookId, after: Option<After>, intended_at: Micros },
    Closes(BookId),
    Works(Box<Job>),
    OpensText(BookId, ChapterId),
    Writes(Box<Write>),
    Asks(oneshot::Sender<Result<Answer, Rejection>>),
}

/// Why a connection is not used any more.
enum Leave {
    /// The tab is over.
    ForGood,
    /// It comes back after this time.
    For(Duration),
    /// It comes back with the usual delay.
    Lost,
}

impl Life {
    pub(super) fn new(shared: Rc<Shared>, inbox: mpsc::Receiver<Order>, intended_at: Option<Micros>) -> Self {
        let random = Random::new(shared.desk.plan.seed, u64::from(shared.part.number) << 8);
        Self {
            shared,
            inbox,
            pending: BTreeMap::new(),
            unanswered: VecDeque::new(),
            reference: 0,
            attempts: 0,
            backoff: Backoff::default(),
            random,
            grace: Duration::from_secs(10),
            drain_at: None,
            reopen_at: None,
            texts_due: false,
            intended_at: intended_at.unwrap_or_else(clock::now),
            waits_for_turn: intended_at.is_none(),
            is_first: true,
        }
    }

    /// Lives until it is told to leave, or is sent away for good.
    pub(super) async fn runs(mut self) {
        loop {
            let leave = match self.joins().await {
                Ok(socket) => self.serves(socket).await,
                Err(end) => self.judges(&end),
            };
            let delay = match leave {
                Leave::ForGood => break,
                Leave::For(delay) => delay,
                Leave::Lost => {
                    let cap = cap(self.shared.memory.borrow().holds_anything(), self.grace);
                    self.backoff.next(&mut self.random, cap)
                }
            };
            // Its own absence is no delay of the hub's.
            self.intended_at = clock::after(clock::now(), delay);
            if self.stays_away(delay).await {
                break;
            }
        }
        self.shared.ends("it left");
    }

    /// Waits, and takes what can be done without a connection; true if the tab was closed meanwhile.
    async fn stays_away(&mut self, delay: Duration) -> bool {
        let back_at = Instant::now() + delay;
        loop {
            let has_room = self.unanswered.len() < ORDERS_MAX;
            select! {
                () = sleep_until(back_at) => return false,
                order = self.inbox.recv(), if has_room => match order {
                    None | Some(Order::Leaves | Order::Vanishes) => return true,
                    Some(Order::Works(job)) => self.unanswered.push_back(job),
                    Some(Order::Opens(book)) => self.shared.memory.borrow_mut().open(&book),
                    Some(Order::Closes(book)) => self.shared.closes(&book),
                    // Nobody hears it, and what is cut already cannot be cut. Texts are opened with their book; whoever waits
                    // for an answer learns at once that there is none.
                    Some(
                        Order::Says(_) | Order::IsCut(_) | Order::LooksAtTexts | Order::Writes(_) | Order::Asks(_),
                    ) => {}
                },
            }
        }
    }

    /// Connects, says hello or resumes, and opens its books again.
    async fn joins(&mut self) -> Result<Socket, End> {
        let desk = Rc::clone(&self.shared.desk);
        let permit = if self.waits_for_turn { desk.joining.acquire().await.ok() } else { None };
        if std::mem::take(&mut self.waits_for_turn) {
            self.intended_at = clock::now();
        }
        let hub = self.shared.part.hub.wrapping_add(self.attempts);
        self.attempts = self.attempts.wrapping_add(1);
        let resume = self.shared.memory.borrow().session.clone().map(|(session, incarnation)| Resume {
            session,
            incarnation: incarnation + 1,
            idle_ms: 0,
        });
        let token = desk.site.token(&self.shared.name()).await.map_err(End::Broken)?;
        let hello = Hello { token: Some(token), client: Some("quire-loadtest".to_owned()), resume };
        let (mut socket, welcome) = Socket::joins(desk.site.url(hub), desk.source(), hello).await?;
        self.is_welcomed(&welcome);
        self.opens(&mut socket).await?;
        // The grant of a retried command comes after the events that say what became of it.
        while let Some(job) = self.unanswered.pop_front() {
            self.sends(&mut socket, job).await?;
        }
        drop(permit);
        Ok(socket)
    }

    /// Asks for every book that is wanted and not open.
    async fn opens(&mut self, socket: &mut Socket) -> Result<(), End> {
        let wanted = self.shared.memory.borrow().closed();
        for (book, after) in wanted {
            self.opens_book(socket, book, after).await?;
        }
        Ok(())
    }

    async fn opens_book(&mut self, socket: &mut Socket, book: BookId, after: Option<After>) -> Result<(), End> {
        let open = ViewCommand::BookOpen(BookOpen { after });
        let pending = Pending::Opens { book: book.clone(), after, intended_at: clock::now() };
        self.sends_view(socket, &book, open, pending).await
    }

    fn is_welcomed(&mut self, welcome: &Welcome) {
        self.backoff.reset();
        // It stays with the hub that took it.
        self.attempts = self.attempts.wrapping_sub(1);
        self.grace = Duration::from_millis(welcome.timers.grace_ms);
        (self.drain_at, self.reopen_at) = (None, None);
        let lost = std::mem::take(&mut self.pending).into_values();
        self.unanswered.extend(lost.filter_map(|pending| match pending {
            Pending::Works(job) => Some(job),
            Pending::Opens { .. }
            | Pending::Closes(_)
            | Pending::OpensText(..)
            | Pending::Writes(_)
            | Pending::Asks(_) => None,
        }));
        self.shared.is_welcomed(welcome, self.intended_at, std::mem::take(&mut self.is_first));
    }

    async fn serves(&mut self, mut socket: Socket) -> Leave {
        let desk = Rc::clone(&self.shared.desk);
        let leave = loop {
            if self.texts_due
                && let Err(end) = self.opens_texts(&mut socket).await
            {
                return self.judges(&end);
            }
            let wake_at = self.drain_at.into_iter().chain(self.reopen_at).min();
            let done = select! {
                heard = socket.next(&desk.decoder) => match heard {
                    Ok(heard) => self.hears(heard),
                    Err(end) => Err(end),
                },
                order = self.inbox.recv() => match order {
                    None | Some(Order::Leaves) => {
                        self.hangs_up(None, HangUp::Ours);
                        socket.close().await;
                        return Leave::ForGood;
                    }
                    Some(Order::Vanishes) => break Leave::ForGood,
                    Some(Order::IsCut(delay)) => break Leave::For(delay),
                    Some(order) => self.obeys(&mut socket, order).await,
                },
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {
                    if self.drain_at == wake_at {
                        // The next hub is as good as this one, which is going away.
                        self.attempts = self.attempts.wrapping_add(1);
                        break Leave::For(Duration::ZERO);
                    }
                    (self.reopen_at, self.texts_due) = (None, true);
                    self.opens(&mut socket).await
                }
            };
            if let Err(end) = done {
                return self.judges(&end);
            }
        };
        self.hangs_up(None, HangUp::Theirs);
        leave
    }

    async fn obeys(&mut self, socket: &mut Socket, order: Order) -> Result<(), End> {
        match order {
            Order::Works(job) => self.sends(socket, job).await,
            Order::Says(frame) => socket.send(&frame).await,
            Order::LooksAtTexts => {
                self.texts_due = true;
                Ok(())
            }
            Order::Writes(write) => self.writes(socket, write).await,
            Order::Asks(ask) => self.asks(socket, *ask).await,
            Order::Opens(book) => {
                self.shared.memory.borrow_mut().open(&book);
                let after = self.shared.memory.borrow().position(&book);
                self.opens_book(socket, book, after).await
            }
            Order::Closes(book) => {
                self.shared.closes(&book);
                self.sends_view(socket, &book, ViewCommand::BookClose(BookClose {}), Pending::Closes(book.clone()))
                    .await
            }
            Order::IsCut(_) | Order::Vanishes | Order::Leaves => Ok(()),
        }
    }

    async fn sends_view(
        &mut self,
        socket: &mut Socket,
        book: &BookId,
        command: ViewCommand,
        pending: Pending,
    ) -> Result<(), End> {
        self.says(socket, book, Command::View(command), pending).await
    }

    /// Sends a command, for the first time or again.
    async fn sends(&mut self, socket: &mut Socket, mut job: Box<Job>) -> Result<(), End> {
        self.reference += 1;
        let frame = CommandFrame {
            reference: self.reference,
            id: Some(job.id.clone()),
            retry: job.sent_before,
            book: Some(job.book.clone()),
            command: Command::Book(job.command.clone()),
        };
        self.shared.sends(&job, &frame);
        job.sent_before = true;
        self.pending.insert(self.reference, Pending::Works(job));
        socket.send(&ClientFrame::Command(frame)).await
    }

    /// Asks again, a moment later, for what the hub was too busy to open.
    pub(super) fn reopens_in(&mut self, delay_ms: u64) {
        self.reopen_at = Some(Instant::now() + Duration::from_millis(delay_ms));
    }

    fn hangs_up(&mut self, code: Option<u16>, how: HangUp) {
        // Who waits for the answer to one of these hears at once that it will not come.
        let (lost, kept) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|(_, pending)| matches!(pending, Pending::Writes(_) | Pending::Asks(_)));
        self.pending = kept;
        for pending in (lost as BTreeMap<u64, Pending>).values() {
            if let Pending::Writes(write) = pending {
                self.shared.loses(write);
            }
        }
        let lost = self.pending.values().filter(|pending| matches!(pending, Pending::Works(_))).count() as u64;
        self.shared.desk.measures.borrow_mut().lost += lost;
        self.shared.hangs_up(code, how);
    }

    /// What the end of a connection means for the tab.
    fn judges(&mut self, end: &End) -> Leave {
        let code = match end {
            End::Closed { code, .. } => *code,
            End::Broken(_) | End::Nonsense(_) => None,
        };
        self.hangs_up(code, HangUp::Theirs);
        match (end, code) {
            // 4013 has told its delay before.
            (_, Some(4013)) => {
                self.attempts = self.attempts.wrapping_add(1);
                Leave::For(Duration::ZERO)
            }
            (End::Nonsense(_), _) | (_, Some(4000 | 4001 | 4003 | 4009)) => {
                self.shared.ends(&format!("sent away for good: {end:?}"));
                Leave::ForGood
            }
            (End::Closed { .. } | End::Broken(_), _) => {
                self.attempts = self.attempts.wrapping_add(1);
                Leave::Lost
            }
        }
    }
}
