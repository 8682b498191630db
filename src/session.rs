//! One connection of one tab: turns frames into commands and hands them on. It knows no rules.
//!
//! The connection is handled by one task. It reads, drains what the outbox could not write at once, and watches the
//! clocks (ping, token expiry, parts). Commands exist only after the handshake. What the hub says to the tab never
//! passes through this task unless the socket is full.

mod ending;
mod handshake;
pub mod id;
mod parts;
pub(crate) mod rate;
mod reader;

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use quire_protocol::command::ChapterUpdate;
use quire_protocol::frame::{Answer, PresenceSet};
use quire_protocol::{
    BookId, ClientFrame, CloseCode, Command, CommandFrame, Encoding, FrameError, HubCommand, Rejection, TextCommand,
    Timestamp, ViewCommand,
};
use tokio::time::Instant;

use crate::auth::Identity;
use crate::hub::mail::{Mail, Query, Update, Wish};
use crate::hub::seat::Seat;
use crate::hub::{Hub, unavailable};
use crate::outbox::{End, Outbox, Wire};
use crate::telemetry::metric;
use ending::{Ending, ending, last_word};
use parts::Parts;
use rate::Bucket;
use reader::{Incoming, Reader};

/// Longest wait for books that a newcomer may claim, before the connection is served anyway.
const CLAIM_PATIENCE: Duration = Duration::from_secs(2);
/// How long a closed connection is read on, so that its close frame is not lost to a reset.
pub(crate) const LINGER: Duration = Duration::from_secs(2);

/// A connection between upgrade and hello.
pub struct Arrival {
    /// The socket.
    pub wire: Arc<dyn Wire>,
    /// Bytes that were read along with the upgrade request.
    pub read: Bytes,
    /// The negotiated subprotocol.
    pub encoding: Encoding,
    /// Who the `Authorization` header of the upgrade proved.
    pub bearer: Option<Identity>,
}

/// Serves one connection until it ends. `on_join` is called once hello was accepted; what it returns is kept until then.
pub fn serve<Kept: Send>(
    hub: Arc<Hub>,
    arrival: Arrival,
    on_join: impl FnOnce() -> Kept + Send,
) -> impl Future<Output = ()> + Send {
    // What is large and soon over is boxed, here and below: an idle connection does not keep the room for it.
    let arriving = Box::pin(arrive(hub, arrival, on_join));
    async move {
        let Some((mut session, mut reader, _kept)) = arriving.await else { return };
        let seen = session.run(&mut reader).await;
        Box::pin(session.end(seen, &mut reader)).await;
    }
}

async fn arrive<Kept>(
    hub: Arc<Hub>,
    arrival: Arrival,
    on_join: impl FnOnce() -> Kept,
) -> Option<(Session, Reader, Kept)> {
    let Arrival { wire, read, encoding, bearer } = arrival;
    let outbox = Arc::new(Outbox::new(Arc::clone(&wire), &hub.limits));
    let mut reader = Reader::new(wire, Arc::clone(&outbox), read, encoding, &hub.limits).await;
    match handshake::handshake(&hub, &mut reader, &outbox, encoding, bearer).await {
        Ok(joined) => {
            let kept = on_join();
            Some((Session::new(hub, joined.seat, joined.expires_at), reader, kept))
        }
        Err((code, reason)) => {
            outbox.close(code, &reason);
            linger(&outbox, &mut reader).await;
            None
        }
    }
}

/// Sends the rest and the close frame, and reads until the other side has gone.
async fn linger(outbox: &Outbox, reader: &mut Reader) {
    let goodbye = async {
        outbox.close(CloseCode::Normal, "");
        if poll_fn(|cx| outbox.poll_flush(cx)).await == End::Broken {
            return;
        }
        outbox.finish();
        while !matches!(reader.next().await, Incoming::Closed { .. } | Incoming::Broken) {}
    };
    // A peer that does not read its goodbye does not get to keep the connection.
    drop(tokio::time::timeout(LINGER, goodbye).await);
}

struct Session {
    hub: Arc<Hub>,
    seat: Arc<Seat>,
    expires_at: Timestamp,
    heard: Instant,
    pinged: Option<Instant>,
    commands: Bucket,
    refusals: Bucket,
    signals: Bucket,
    parts: Parts,
}

type Flow = ControlFlow<Ending>;

impl Session {
    fn new(hub: Arc<Hub>, seat: Arc<Seat>, expires_at: Timestamp) -> Self {
        let limits = &hub.limits;
        Self {
            seat,
            expires_at,
            heard: Instant::now(),
            pinged: None,
            commands: Bucket::new(limits.commands_per_second, limits.command_burst),
            refusals: Bucket::new(limits.rate_refusals_per_second, limits.rate_refusals_per_second),
            signals: Bucket::new(limits.signals_per_second, limits.signals_per_second),
            parts: Parts::default(),
            hub,
        }
    }

    /// Serves the connection until it ends.
    async fn run(&mut self, reader: &mut Reader) -> Ending {
        let _counted = metric::session();
        match Box::pin(tokio::time::timeout(CLAIM_PATIENCE, self.hub.claim(&self.seat))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "books that wait to be claimed could not be looked up"),
            Err(_) => tracing::warn!("books that wait to be claimed are slow to answer"),
        }
        loop {
            let flow = tokio::select! {
                end = poll_fn(|cx| self.seat.outbox.poll_drain(cx)) => {
                    ControlFlow::Break(Box::pin(last_word(end, reader)).await)
                }
                incoming = reader.next() => self.receive(incoming).await,
                () = tokio::time::sleep_until(self.wake_at()) => self.tick(),
            };
            if let ControlFlow::Break(ending) = flow {
                return ending;
            }
        }
    }

    /// Takes leave of the tab and of its books.
    async fn end(&self, seen: Ending, reader: &mut Reader) {
        let outbox = &self.seat.outbox;
        // Whatever the tab says after the hub ended its connection: a late goodbye frees nothing (R4).
        let ending = match outbox.end() {
            Some(end @ End::Closed(_)) => ending(end),
            Some(End::Broken) | None => seen,
        };
        // A book that is slow to hear of it does not keep the tab waiting for its goodbye.
        tokio::join!(self.leave(ending), linger(outbox, reader));
    }

    async fn leave(&self, ending: Ending) {
        let tell = async |book: BookId| {
            let (session, home) = (self.seat.session.clone(), self.seat.home.clone());
            let clean = ending == Ending::Clean;
            self.hub.deliver(&book, Mail::Left { session, home, clean }).await;
        };
        futures::future::join_all(self.seat.open_books().into_iter().map(tell)).await;
        self.hub.leave(&self.seat);
    }

    // === What comes in ===

    async fn receive(&mut self, incoming: Incoming) -> Flow {
        self.heard = Instant::now();
        self.pinged = None;
        match incoming {
            Incoming::Frame(bytes) => Box::pin(self.frame(&bytes)).await,
            Incoming::Signal => self.signal(),
            Incoming::Refused(code, reason) => self.close(code, &reason),
            Incoming::Closed { clean: true } => ControlFlow::Break(Ending::Clean),
            Incoming::Closed { clean: false } | Incoming::Broken => ControlFlow::Break(Ending::Vanished),
        }
    }

    async fn frame(&mut self, bytes: &[u8]) -> Flow {
        let frame = match ClientFrame::decode(bytes, self.seat.encoding) {
            Ok(frame) => frame,
            Err(FrameError::Malformed(error)) => return self.close(CloseCode::ProtocolError, &error.to_string()),
            Err(FrameError::Field { reference, error }) => {
                return self.refuse_counted(reference, Rejection::invalid(&error.field, error.reason));
            }
            Err(FrameError::Unknown { reference, kind }) => {
                return self.refuse_counted(reference, Rejection::Unsupported { kind });
            }
        };
        if self.parts.is_open() && !matches!(frame, ClientFrame::Part(_)) {
            return self.close(CloseCode::ProtocolError, "parts of a frame must follow each other");
        }
        match frame {
            ClientFrame::Hello(_) => self.close(CloseCode::ProtocolError, "hello comes first, and once"),
            ClientFrame::Command(command) => self.command(command).await,
            ClientFrame::Activity => {
                self.seat.is_active();
                for book in self.seat.open_books() {
                    self.tell(&book, Mail::Activity { session: self.seat.session.clone() });
                }
                self.signal()
            }
            ClientFrame::Presence(set) => self.presence(set),
            ClientFrame::Part(part) => match self.parts.add(&part, &self.hub.limits, &self.hub.timers) {
                Ok(None) => ControlFlow::Continue(()),
                Ok(Some(whole)) => Box::pin(self.whole(&whole)).await,
                Err((code, reason)) => self.close(code, reason),
            },
        }
    }

    /// A frame that came in parts.
    async fn whole(&mut self, bytes: &[u8]) -> Flow {
        match ClientFrame::decode(bytes, self.seat.encoding) {
            Ok(ClientFrame::Command(command)) => self.command(command).await,
            Ok(_) => self.close(CloseCode::ProtocolError, "only commands travel in parts"),
            Err(_) => self.frame(bytes).await,
        }
    }

    fn presence(&mut self, set: PresenceSet) -> Flow {
        let cursor = set.cursor.as_ref().and_then(Option::as_ref);
        if cursor.is_some_and(|cursor| cursor.len() > self.hub.limits.cursor_bytes) {
            return self.close(CloseCode::ProtocolError, "the cursor is longer than cursor_bytes");
        }
        let book = set.book.clone();
        self.tell(&book, Mail::Presence { session: self.seat.session.clone(), set });
        self.signal()
    }

    /// Signals are lossy: a full mailbox drops them. Only actors that this connection subscribed to hear them.
    fn tell(&self, book: &BookId, mail: Mail) {
        if self.seat.has_open(book) && self.hub.send(book, mail).is_err() {
            tracing::debug!(%book, "a signal was dropped: the mailbox is full");
        }
    }

    fn signal(&mut self) -> Flow {
        if self.signals.take() {
            ControlFlow::Continue(())
        } else {
            self.close(CloseCode::Limits, "more than signals_per_second")
        }
    }

    // === Commands ===

    async fn command(&mut self, frame: CommandFrame) -> Flow {
        let CommandFrame { reference, id, retry, book, command } = frame;
        if !self.commands.take() {
            return self.refuse_rate(reference);
        }
        match (command, book) {
            (Command::Hub(command), _) => self.hub_command(reference, command).await,
            (Command::Library(command), _) => {
                let result = Box::pin(self.hub.ask_library(&self.seat, &command)).await;
                self.reply(reference, result);
            }
            (Command::View(command), Some(book)) => self.view_command(reference, &book, command),
            (Command::Text(command), Some(book)) => self.text_command(reference, &book, command),
            (Command::Draft(command), Some(book)) => {
                let mail = Mail::Draft { seat: Arc::clone(&self.seat), reference, command: Box::new(command) };
                self.hand_on(&book, reference, mail);
            }
            (Command::Version(command), Some(book)) => {
                let mail = Mail::Version { seat: Arc::clone(&self.seat), reference, command: Box::new(command) };
                self.hand_on(&book, reference, mail);
            }
            (Command::Book(command), Some(book)) => {
                if let Err(rejection) = self.hub.check_manners(&self.seat.user, &command) {
                    self.reply(reference, Err(rejection));
                    return ControlFlow::Continue(());
                }
                let wish = Wish::command(Arc::clone(&self.seat), reference, id, retry, command);
                self.hand_on(&book, reference, Mail::Wish(Box::new(wish)));
            }
            (_, None) => self.reply(reference, Err(Rejection::invalid("book", "missing"))),
        }
        ControlFlow::Continue(())
    }

    async fn hub_command(&mut self, reference: u64, command: HubCommand) {
        let result = match command {
            HubCommand::BooksList(query) => self.hub.list_books(&self.seat.user, &query).await,
            HubCommand::InvitationsList(query) => self.hub.list_invitations(self.seat.email.as_deref(), &query).await,
            HubCommand::TokenRefresh(refresh) => self.refresh(&refresh.token),
            HubCommand::InboxOpen(_) => self.hub.open_inbox(&self.seat).await,
            HubCommand::InboxList(query) => self.hub.list_inbox(&self.seat, &query).await,
            HubCommand::InboxRead(read) => self.hub.read_inbox(&self.seat, &read).await,
            HubCommand::InboxChoose(choose) => self.hub.choose_inbox(&self.seat, &choose).await,
            HubCommand::InboxClose(_) => Ok(self.hub.close_inbox(&self.seat)),
        };
        self.reply(reference, result);
    }

    fn refresh(&mut self, token: &str) -> Result<Answer, Rejection> {
        let bad = |reason: String| Rejection::Unauthenticated { reason };
        let identity = self.hub.verifier.verify(token, self.hub.clock.now()).map_err(|error| bad(error.to_string()))?;
        if identity.user != self.seat.user {
            return Err(bad("the token is somebody else's".into()));
        }
        if identity.email != self.seat.email {
            return Err(bad("the token proves another address; connect anew".into()));
        }
        if identity.expires_at < self.expires_at {
            return Err(bad("the token expires before the one in use".into()));
        }
        self.expires_at = identity.expires_at;
        Ok(Answer::Refreshed { expires_at: identity.expires_at })
    }

    fn view_command(&mut self, reference: u64, book: &BookId, command: ViewCommand) {
        let seat = Arc::clone(&self.seat);
        let mail = match command {
            ViewCommand::BookOpen(open) => {
                let max = self.hub.limits.books_per_session;
                if let Err(used) = self.seat.take_book(book, max) {
                    let (limit, max, used) = ("books_per_session".into(), max as u64, used as u64);
                    return self.reply(reference, Err(Rejection::LimitReached { limit, max, used }));
                }
                Mail::Open { seat, reference, after: open.after }
            }
            ViewCommand::BookClose(_) => Mail::Close { seat, reference },
            ViewCommand::ThreadsList(query) => Mail::Query { seat, reference, query: Query::Threads(query) },
            ViewCommand::RoyaltiesGet(_) => Mail::Query { seat, reference, query: Query::Royalties },
            ViewCommand::MemberLookup(lookup) => Mail::Query { seat, reference, query: Query::Lookup(lookup) },
            ViewCommand::PublishChecklist(_) => Mail::Query { seat, reference, query: Query::Checklist },
        };
        self.hand_on(book, reference, mail);
    }

    fn text_command(&self, reference: u64, book: &BookId, command: TextCommand) {
        let seat = Arc::clone(&self.seat);
        let mail = match command {
            TextCommand::ChapterOpen(open) => Mail::OpenText { seat, reference, open },
            TextCommand::ChapterClose(close) => Mail::CloseText { seat, reference, chapter: close.chapter },
            TextCommand::ChapterUpdate(update) => {
                let ChapterUpdate { chapter, token, n, client, update } = update;
                let update = update.0.into();
                Mail::Update(Box::new(Update { seat, reference, chapter, token, n, client, update }))
            }
        };
        self.hand_on(book, reference, mail);
    }

    fn hand_on(&self, book: &BookId, reference: u64, mail: Mail) {
        if let Err(mail) = self.hub.send(book, mail) {
            if matches!(mail, Mail::Open { .. }) {
                self.seat.drop_book(book);
            }
            self.reply(reference, Err(unavailable()));
        }
    }

    /// Answers outside any book.
    fn reply(&self, reference: u64, result: Result<Answer, Rejection>) {
        self.seat.reply(reference, None, result, &self.hub.limits);
    }

    fn refuse_counted(&mut self, reference: u64, rejection: Rejection) -> Flow {
        if !self.commands.take() {
            return self.refuse_rate(reference);
        }
        self.reply(reference, Err(rejection));
        ControlFlow::Continue(())
    }

    fn refuse_rate(&mut self, reference: u64) -> Flow {
        if !self.refusals.take() {
            return self.close(CloseCode::Limits, "more than rate_refusals_per_second");
        }
        self.reply(reference, Err(Rejection::RateLimited { retry_after_ms: self.commands.wait_ms() }));
        ControlFlow::Continue(())
    }

    // === Clocks ===

    fn wake_at(&self) -> Instant {
        let timers = &self.hub.timers;
        let alive = match self.pinged {
            Some(pinged) => pinged + Duration::from_millis(timers.pong_ms),
            None => self.heard + Duration::from_millis(timers.ping_ms),
        };
        let expiry = Instant::now() + Duration::from_millis(self.expires_at.ms_since(self.hub.clock.now()));
        [Some(alive), Some(expiry), self.parts.deadline()].into_iter().flatten().min().unwrap_or(alive)
    }

    fn tick(&mut self) -> Flow {
        let now = Instant::now();
        let timers = &self.hub.timers;
        if self.hub.clock.now() >= self.expires_at {
            return self.close(CloseCode::Unauthenticated, "the token has expired");
        }
        if self.parts.deadline().is_some_and(|deadline| deadline <= now) {
            return self.close(CloseCode::ProtocolError, "the parts of a frame took longer than parts_ms");
        }
        match self.pinged {
            Some(pinged) if now >= pinged + Duration::from_millis(timers.pong_ms) => {
                ControlFlow::Break(Ending::Vanished)
            }
            None if now >= self.heard + Duration::from_millis(timers.ping_ms) => {
                self.pinged = Some(now);
                self.seat.outbox.ping();
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn close(&self, code: CloseCode, reason: &str) -> Flow {
        self.seat.close(code, reason);
        ControlFlow::Break(ending(End::Closed(code)))
    }
}
