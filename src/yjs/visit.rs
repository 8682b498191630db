//! One visit: what the provider says becomes commands of its session, and what the session hears becomes messages.

use std::ops::ControlFlow;
use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use quire_protocol::codec::Blob;
use quire_protocol::command::{BookOpen, ChapterOpen, ChapterUpdate, LockAcquire};
use quire_protocol::event::Event;
use quire_protocol::frame::{Answer, Hello, Notice, PresenceSet};
use quire_protocol::{
    BookId, ChapterId, Command, CommandFrame, Refusal, Rejection, ServerFrame, SessionId, Timers, Token,
};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::awareness::{self, Others};
use super::inner::{Heard, Inner};
use super::message::{self, Hand, Said};
use crate::pack;
use crate::session::LINGER;

/// Others are shown again this often: awareness forgets whom it has not heard of for 30 s, and a provider that hears
/// nothing for so long connects anew.
const SHOW_AGAIN: Duration = Duration::from_secs(15);
/// A provider that takes no bytes for so long is gone.
const SEND_DEADLINE: Duration = Duration::from_secs(30);

/// Why the visit is over, as the provider is told.
struct End {
    code: u16,
    reason: String,
}

impl End {
    /// The provider connects again, and goes on where it was.
    fn again(reason: &str) -> Self {
        Self { code: 1013, reason: reason.to_owned() }
    }

    fn refused(refusal: &Refusal) -> Self {
        Self { code: 1008, reason: refusal.message.clone() }
    }
}

type Flow<T = ()> = ControlFlow<End, T>;

pub(super) struct Visit {
    outer: WebSocketStream<TcpStream>,
    inner: Inner,
    book: BookId,
    chapter: ChapterId,
    /// The visit's own session.
    session: Option<SessionId>,
    reference: u64,
    /// Under which the chapter is held.
    token: Option<Token>,
    /// The client id under which the provider writes or shows itself.
    client: Option<u32>,
    /// What was written did not fit, so the provider was asked for all that is missing.
    asked_again: bool,
    /// Something was not taken: with the next thing that is, all that is missing is asked for.
    is_behind: bool,
    others: Others,
    heard: Instant,
    silence_max: Duration,
}

impl Visit {
    pub(super) fn new(
        outer: WebSocketStream<TcpStream>,
        inner: Inner,
        book: BookId,
        chapter: ChapterId,
        timers: &Timers,
    ) -> Self {
        Self {
            outer,
            inner,
            others: Others::new(chapter.clone()),
            book,
            chapter,
            session: None,
            reference: 0,
            token: None,
            client: None,
            asked_again: false,
            is_behind: false,
            heard: Instant::now(),
            silence_max: Duration::from_millis(timers.ping_ms.saturating_add(timers.pong_ms)).max(2 * SHOW_AGAIN),
        }
    }

    /// Serves the visit until it is over.
    pub(super) async fn run(mut self) {
        let end = match self.arrive().await {
            ControlFlow::Continue(()) => self.stay().await,
            ControlFlow::Break(end) => end,
        };
        let Self { outer, mut inner, .. } = self;
        tokio::join!(inner.leave(), part(outer, end));
    }

    async fn arrive(&mut self) -> Flow {
        let hello = Hello { token: None, client: Some("y-websocket".into()), resume: None };
        self.say(&hello).await?;
        self.does(Command::View(BookOpen { after: None }.into())).await?;
        let place = PresenceSet { book: self.book.clone(), chapter: Some(Some(self.chapter.clone())), cursor: None };
        self.say(&place).await?;
        self.tell_all().await?;
        // What the provider has and the hub has not is asked for, whether or not the provider asks first.
        self.tell().await
    }

    async fn stay(&mut self) -> End {
        let mut ticks = interval(SHOW_AGAIN);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let flow = tokio::select! {
                heard = self.inner.next() => self.hear(heard).await,
                said = self.outer.next() => match said {
                    Some(Ok(message)) => self.take(message).await,
                    Some(Err(_)) | None => ControlFlow::Break(End { code: 1000, reason: String::new() }),
                },
                _ = ticks.tick() => self.tick().await,
            };
            if let ControlFlow::Break(end) = flow {
                return end;
            }
        }
    }

    async fn tick(&mut self) -> Flow {
        if self.heard.elapsed() > self.silence_max {
            return ControlFlow::Break(End::again("nothing was heard"));
        }
        self.send(Message::Ping(Bytes::new())).await?;
        self.tell_all().await
    }

    // === What the provider says ===

    async fn take(&mut self, said: Message) -> Flow {
        self.heard = Instant::now();
        let bytes = match said {
            Message::Binary(bytes) => bytes,
            Message::Close(_) => return ControlFlow::Break(End { code: 1000, reason: String::new() }),
            _ => return ControlFlow::Continue(()),
        };
        match message::read(&bytes) {
            Some(Said::Asks) => self.tell().await,
            Some(Said::Writes { update, answers }) => self.write(update, answers).await,
            Some(Said::Shows(awareness)) => self.show(awareness).await,
            Some(Said::AsksWho) => self.tell_all().await,
            Some(Said::Other) => ControlFlow::Continue(()),
            None => ControlFlow::Break(End { code: 1007, reason: "that is no message of y-protocols".into() }),
        }
    }

    /// Sends all of the text, and asks for what the provider has beside it.
    async fn tell(&mut self) -> Flow {
        let open = ChapterOpen { chapter: self.chapter.clone(), have: None, clocks: true };
        let Answer::Text(opened) = self.does(Command::Text(open.into())).await? else {
            return ControlFlow::Break(End::again("the hub gave no text"));
        };
        let state = match opened.state.clone() {
            Some(state) => match tokio::task::spawn_blocking(move || pack::unpacked(&state.0)).await {
                Ok(Ok(state)) => Some(state),
                _ => return ControlFlow::Break(End::again("the hub gave no text")),
            },
            None => None,
        };
        for update in state.iter().map(|state| &state[..]).chain(opened.updates.iter().map(|update| &update.0[..])) {
            self.send(Message::Binary(message::update(update))).await?;
        }
        self.send(Message::Binary(message::synced())).await?;
        self.send(Message::Binary(message::asks(&opened.clocks.unwrap_or_default()))).await
    }

    /// Has an update stored, taking the chapter up first if nobody else has it.
    async fn write(&mut self, update: &[u8], answers: bool) -> Flow {
        match message::hand(update) {
            Some(Hand::Nobody) => return ControlFlow::Continue(()),
            // Every answer repeats all that was ever deleted: that is no reason to take a chapter up.
            Some(Hand::Anybody) if answers && self.token.is_none() => {
                self.is_behind = true;
                return ControlFlow::Continue(());
            }
            Some(Hand::Anybody) => {}
            Some(Hand::Client(client)) => match u32::try_from(client) {
                Ok(client) => self.client = Some(client),
                Err(_) => return self.deny("a client id is below 2^32").await,
            },
            Some(Hand::Several) => return self.deny("an update holds what one client wrote").await,
            None => return self.deny("that is no update").await,
        }
        for is_last in [false, true] {
            let Some(token) = self.hold().await? else { return ControlFlow::Continue(()) };
            let (chapter, client) = (self.chapter.clone(), Some(self.client.unwrap_or(0)));
            let write = ChapterUpdate { chapter, token, n: 0, client, update: Blob(update.to_vec()) };
            match self.ask(Command::Text(write.into())).await? {
                Ok(_) => {
                    self.asked_again = false;
                    return if std::mem::take(&mut self.is_behind) {
                        self.tell().await
                    } else {
                        ControlFlow::Continue(())
                    };
                }
                // The chapter was lost, and nobody has heard of it yet.
                Err(Refusal { rejection: Rejection::NotHolder | Rejection::StaleToken, .. }) if !is_last => {
                    self.token = None;
                }
                Err(refusal) => return self.not_stored(&refusal).await,
            }
        }
        ControlFlow::Continue(())
    }

    async fn not_stored(&mut self, refusal: &Refusal) -> Flow {
        match &refusal.rejection {
            // Something before it was denied: all that is missing comes at once.
            Rejection::Invalid { .. } if !self.asked_again => {
                self.asked_again = true;
                self.tell().await
            }
            Rejection::Unavailable { .. } | Rejection::RateLimited { .. } | Rejection::OutcomeUnknown => {
                ControlFlow::Break(End::again(&refusal.message))
            }
            _ => self.deny(&refusal.message).await,
        }
    }

    /// The token under which the chapter is held; `None`: it is not, and the provider was told.
    async fn hold(&mut self) -> Flow<Option<Token>> {
        if self.token.is_none() {
            let acquire = LockAcquire { chapter: self.chapter.clone(), wait: false, note: None };
            match self.ask(Command::Book(acquire.into())).await? {
                Ok(Answer::Token { token }) => {
                    self.token = Some(token);
                    self.asked_again = false;
                }
                Ok(_) => return ControlFlow::Break(End::again("the hub gave no token")),
                Err(refusal) => self.deny(&refusal.message).await?,
            }
        }
        ControlFlow::Continue(self.token)
    }

    /// Tells the provider that what it wrote was not taken. It keeps it, and sends it with what it writes next.
    async fn deny(&mut self, reason: &str) -> Flow {
        self.is_behind = true;
        self.send(Message::Binary(message::denied(reason))).await
    }

    async fn show(&mut self, awareness: &[u8]) -> Flow {
        let Some(shown) = awareness::read(awareness) else { return ControlFlow::Continue(()) };
        // A provider may repeat what it was told of others.
        let own = shown.iter().map(|shown| shown.client).find(|client| !self.others.are_shown_as(*client));
        let own = self.client.or_else(|| u32::try_from(own?).ok());
        self.client = own;
        let Some(shown) = shown.into_iter().find(|shown| own.map(u64::from) == Some(shown.client)) else {
            return ControlFlow::Continue(());
        };
        self.say(&PresenceSet { book: self.book.clone(), chapter: None, cursor: Some(shown.cursor) }).await
    }

    // === What the session hears ===

    async fn hear(&mut self, heard: Heard) -> Flow {
        let frame = match heard {
            Heard::Frame(frame) => frame,
            Heard::Closed(Some(frame)) => {
                return ControlFlow::Break(End { code: frame.code.into(), reason: frame.reason.to_string() });
            }
            Heard::Closed(None) => return ControlFlow::Break(End::again("the hub ended the session")),
        };
        match frame {
            ServerFrame::Welcome(welcome) => self.session = Some(welcome.session),
            ServerFrame::Text(text) if text.chapter == self.chapter => {
                self.send(Message::Binary(message::update(&text.update.0))).await?;
            }
            ServerFrame::Presence(presence) => {
                let others = presence.joined.into_iter().filter(|entry| Some(&entry.session) != self.session.as_ref());
                let mut changed: Vec<SessionId> = others.map(|entry| self.others.joined(entry)).collect();
                changed.extend(presence.moved.into_iter().filter_map(|moved| self.others.moved(moved)));
                let told = [self.others.left(&presence.left), self.others.tell(&changed)];
                for awareness in told.into_iter().flatten() {
                    self.send(Message::Binary(message::shows(&awareness))).await?;
                }
            }
            ServerFrame::Event(frame) => match &frame.event {
                Event::LockReleased(event) if event.chapter == self.chapter => {
                    self.token = self.token.filter(|_| Some(&event.session) != self.session.as_ref());
                }
                _ => {}
            },
            ServerFrame::Notice(Notice::BookClosed { .. }) => {
                return ControlFlow::Break(End { code: 1008, reason: "the book is closed for you".into() });
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    // === How both are spoken to ===

    /// Asks the hub something and hears what comes before the answer.
    async fn ask(&mut self, command: Command) -> Flow<Result<Answer, Refusal>> {
        self.reference += 1;
        let (reference, book) = (self.reference, Some(self.book.clone()));
        self.say(&CommandFrame { reference, id: None, retry: false, book, command }).await?;
        loop {
            match self.inner.next().await {
                Heard::Frame(ServerFrame::Reply(reply)) if reply.reference == reference => {
                    return ControlFlow::Continue(match (reply.ok, reply.err) {
                        (_, Some(refusal)) => Err(refusal),
                        (Some(answer), None) => Ok(answer),
                        (None, None) => Ok(Answer::Done {}),
                    });
                }
                heard => self.hear(heard).await?,
            }
        }
    }

    /// Asks for what the visit cannot do without.
    async fn does(&mut self, command: Command) -> Flow<Answer> {
        match self.ask(command).await? {
            Ok(answer) => {
                if let Answer::Opened(opened) = &answer {
                    for entry in opened.roster.iter().filter(|entry| Some(&entry.session) != self.session.as_ref()) {
                        self.others.joined(entry.clone());
                    }
                }
                ControlFlow::Continue(answer)
            }
            Err(refusal) => ControlFlow::Break(End::refused(&refusal)),
        }
    }

    async fn tell_all(&mut self) -> Flow {
        let awareness = self.others.tell_all();
        self.send(Message::Binary(message::shows(&awareness))).await
    }

    async fn say(&mut self, frame: &impl serde::Serialize) -> Flow {
        if self.inner.send(frame).await {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(End::again("the hub ended the session"))
        }
    }

    async fn send(&mut self, message: Message) -> Flow {
        match timeout(SEND_DEADLINE, self.outer.send(message)).await {
            Ok(Ok(())) => ControlFlow::Continue(()),
            _ => ControlFlow::Break(End::again("nothing can be sent")),
        }
    }
}

/// Tells the provider why the visit is over, and reads until it has gone: what it said meanwhile would reset the connection,
/// and the close frame be lost with it.
async fn part(mut outer: WebSocketStream<TcpStream>, end: End) {
    let goodbye = CloseFrame { code: end.code.into(), reason: end.reason.into() };
    let parting = async {
        if outer.close(Some(goodbye)).await.is_ok() {
            while let Some(Ok(_)) = outer.next().await {}
        }
    };
    // A provider that is gone, or takes nothing, needs no goodbye.
    drop(timeout(LINGER, parting).await);
}
