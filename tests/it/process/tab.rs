//! Somebody with a tab, over a real socket.

use std::collections::{BTreeMap, VecDeque};

use futures::{FutureExt as _, SinkExt as _};
use quire_protocol::command::{
    After, BookCreate, BookOpen, BooksList, ChapterOpen, CommandFrame, InvitationAccept, MetadataPatch,
};
use quire_protocol::event::{Event, EventFrame};
use quire_protocol::frame::{Answer, Hello, Notice, Opened, OpenedText, Reply, Resume, Text, Welcome};
use quire_protocol::view::{BookRow, LockView, PresenceState};
use quire_protocol::{
    BookCommand, BookId, Command, CommandId, Encoding, HubCommand, Rejection, Role, Seq, ServerFrame, SessionId,
    TextCommand, ViewCommand,
};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::program::{Door, soon};
use crate::harness::wishes::{add_chapter, invite};
use crate::harness::{Said, TabEnd, chapter, message, moby, next_frame};

/// One tab of a person.
pub struct Tab {
    name: String,
    socket: WebSocketStream<TcpStream>,
    welcome: Box<Welcome>,
    heard: VecDeque<ServerFrame>,
    assembling: Vec<u8>,
    references: u64,
    /// The last event of each open book: events come without gaps.
    open: BTreeMap<BookId, Seq>,
}

/// What is needed to continue a session on another connection.
#[derive(Clone, Debug)]
pub struct Left {
    pub name: String,
    pub session: SessionId,
    incarnation: u32,
}

impl Left {
    fn hello(&self, hub: &Door) -> Hello {
        let resume = Resume { session: self.session.clone(), incarnation: self.incarnation + 1, idle_ms: 0 };
        Hello { token: Some(hub.token(&self.name)), client: None, resume: Some(resume) }
    }
}

/// Asks for a WebSocket; the status of a refusal.
pub async fn upgrade(
    hub: &Door,
    stream: TcpStream,
    origin: Option<&'static str>,
) -> Result<WebSocketStream<TcpStream>, u16> {
    match handshake(hub, stream, origin).await {
        Ok(socket) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("no handshake: {error}"),
    }
}

async fn handshake(
    hub: &Door,
    stream: TcpStream,
    origin: Option<&'static str>,
) -> Result<WebSocketStream<TcpStream>, Error> {
    let mut request = format!("ws://{}/v1/socket", hub.address()).into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", HeaderValue::from_static(Encoding::Json.subprotocol()));
    if let Some(origin) = origin {
        headers.insert("origin", HeaderValue::from_static(origin));
    }
    soon("the answer to the handshake", client_async(request, stream)).await.map(|(socket, _)| socket)
}

/// A new connection.
pub async fn connect(hub: &Door) -> TcpStream {
    TcpStream::connect(hub.address()).await.unwrap()
}

impl Tab {
    /// Opens a tab, says hello, and is welcomed.
    pub async fn arrives(hub: &Door, name: &str) -> Self {
        Self::with_token(hub, name, hub.token(name)).await.expect("welcomed")
    }

    /// Opens a tab with a token of its own.
    pub async fn with_token(hub: &Door, name: &str, token: String) -> Result<Self, TabEnd> {
        Self::over(hub, connect(hub).await, name, Hello { token: Some(token), client: None, resume: None }).await
    }

    /// Continues a session on a new connection.
    pub async fn resumes(hub: &Door, left: &Left) -> Self {
        let hello = left.hello(hub);
        let tab = Self::over(hub, connect(hub).await, &left.name, hello).await.expect("welcomed");
        assert!(tab.welcome.resumed);
        tab
    }

    /// Continues a session if the hub can be reached and lets it. Each try counts: the hub may have heard it.
    pub async fn tries_to_resume(hub: &Door, left: &mut Left) -> Option<Self> {
        let stream = TcpStream::connect(hub.address()).await.ok()?;
        let socket = handshake(hub, stream, None).await.ok()?;
        let hello = left.hello(hub);
        left.incarnation += 1;
        Self::greets(socket, &left.name, hello).await.ok()
    }

    /// Says this hello over this connection.
    pub async fn over(hub: &Door, stream: TcpStream, name: &str, hello: Hello) -> Result<Self, TabEnd> {
        Self::greets(upgrade(hub, stream, None).await.expect("a WebSocket"), name, hello).await
    }

    async fn greets(mut socket: WebSocketStream<TcpStream>, name: &str, hello: Hello) -> Result<Self, TabEnd> {
        // A hub that does not read has closed the connection, which is heard below.
        drop(socket.send(message(&hello, Encoding::Json)).await);
        let (mut parts, mut reason) = (Vec::new(), String::new());
        let first = next_frame(&mut socket, Encoding::Json, &mut parts, &mut reason);
        let welcome = match soon("welcome", first).await? {
            ServerFrame::Welcome(welcome) => welcome,
            other => panic!("welcome comes first: {other:?}"),
        };
        let (heard, assembling, open) = Default::default();
        Ok(Self { name: name.into(), socket, welcome, heard, assembling, references: 0, open })
    }

    /// ann owns Moby-Dick, it has three chapters, and the others are editors. Everybody has it open.
    pub async fn team<const N: usize>(hub: &Door, others: [&str; N]) -> (Self, [Self; N]) {
        let mut ann = Self::arrives(hub, "ann").await;
        ann.does(BookCreate { title: "Moby-Dick".into(), metadata: MetadataPatch::default() }).await.accepted();
        for number in 1..=3 {
            ann.does(add_chapter(number)).await.accepted();
        }
        ann.opens().await;
        let mut tabs = Vec::new();
        for name in others {
            let mut tab = Self::arrives(hub, name).await;
            let invitation = invite(name, Role::Editor);
            let accept = InvitationAccept { invitation: invitation.invitation.clone() };
            ann.does(invitation).await.accepted();
            tab.does(accept).await.accepted();
            tab.opens().await;
            tabs.push(tab);
        }
        (ann, tabs.try_into().ok().expect("one tab for each name"))
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who the hub says they are.
    pub fn user(&self) -> &quire_protocol::frame::UserView {
        &self.welcome.user
    }

    pub fn session(&self) -> SessionId {
        self.welcome.session.clone()
    }

    /// What is needed to come back.
    pub fn left(&self) -> Left {
        let Welcome { session, incarnation, .. } = &*self.welcome;
        Left { name: self.name.clone(), session: session.clone(), incarnation: *incarnation }
    }

    // === Saying ===

    /// Sends a command of Moby-Dick and waits for the answer.
    pub async fn does(&mut self, command: impl Into<BookCommand>) -> Said {
        self.asks(&moby(), Command::Book(command.into())).await
    }

    /// Sends a command of a book and waits for the answer.
    pub async fn asks(&mut self, book: &BookId, command: Command) -> Said {
        let reference = self.sends(Some(book.clone()), None, false, command).await;
        self.answer_to(reference).await.expect("an answer")
    }

    /// Sends a command of Moby-Dick under this id, and does not wait for the answer; its `ref`.
    pub async fn wishes(&mut self, id: &str, retry: bool, command: impl Into<BookCommand>) -> u64 {
        self.sends(Some(moby()), Some(CommandId::new(id).unwrap()), retry, Command::Book(command.into())).await
    }

    /// Sends a command about a text of Moby-Dick, and does not wait for the answer; its `ref`.
    pub async fn says_of_text(&mut self, command: impl Into<TextCommand>) -> u64 {
        self.sends(Some(moby()), None, false, Command::Text(command.into())).await
    }

    /// Waits until something of the library is otherwise.
    pub async fn notices_library(&mut self) {
        let changed =
            |frame: &ServerFrame| matches!(frame, ServerFrame::Notice(Notice::LibraryChanged { .. })).then_some(());
        self.waits_for("a change of the library", changed).await;
    }

    /// The text of a chapter.
    pub async fn reads_text(&mut self, number: u32) -> OpenedText {
        let reference = self.says_of_text(ChapterOpen { chapter: chapter(number), have: None, clocks: false }).await;
        match self.answer_to(reference).await.expect("an answer").accepted() {
            Answer::Text(opened) => *opened,
            other => panic!("no text: {other:?}"),
        }
    }

    /// Opens Moby-Dick.
    pub async fn opens(&mut self) -> Opened {
        self.opens_book(&moby(), None).await
    }

    /// Opens a book from a position.
    pub async fn opens_book(&mut self, book: &BookId, after: Option<After>) -> Opened {
        match self.asks(book, Command::View(ViewCommand::BookOpen(BookOpen { after }))).await.accepted() {
            Answer::Opened(opened) => *opened,
            other => panic!("not opened: {other:?}"),
        }
    }

    /// Everything that ever happened in Moby-Dick.
    pub async fn history(&mut self) -> Vec<EventFrame> {
        let epoch = self.opens().await.epoch;
        let opened = self.opens_book(&moby(), Some(After { epoch, seq: Seq(0) })).await;
        let events = opened.events.expect("all of the history");
        assert!(events.iter().map(|frame| frame.seq.0).eq(1..=opened.seq.0), "the history is contiguous");
        events
    }

    /// The lock of a chapter of Moby-Dick.
    pub async fn sees_lock(&mut self, number: u32) -> Option<LockView> {
        let snapshot = self.opens().await.snapshot.expect("no position was named");
        snapshot.chapters.into_iter().find(|found| found.id == chapter(number)).expect("the chapter is there").lock
    }

    /// All books that this person may see.
    pub async fn books(&mut self) -> Vec<BookRow> {
        let list = Command::Hub(HubCommand::BooksList(BooksList { limit: None, cursor: None, trashed: false }));
        let reference = self.sends(None, None, false, list).await;
        match self.answer_to(reference).await.expect("an answer").accepted() {
            Answer::Books { books, cursor: None } => books,
            other => panic!("not one page of books: {other:?}"),
        }
    }

    /// Sends a raw message; the hub may have hung up already.
    pub async fn sends_raw(&mut self, message: Message) {
        drop(self.socket.send(message).await);
    }

    /// Opens Moby-Dick, if the hub can now.
    pub async fn tries_to_open(&mut self) -> Result<Opened, Option<Rejection>> {
        let open = Command::View(ViewCommand::BookOpen(BookOpen { after: None }));
        let reference = self.sends(Some(moby()), None, false, open).await;
        match self.answer_to(reference).await.map_err(|_| None)?.result {
            Ok(Answer::Opened(opened)) => Ok(*opened),
            Ok(other) => panic!("not opened: {other:?}"),
            Err(rejection) => Err(Some(rejection)),
        }
    }

    async fn sends(&mut self, book: Option<BookId>, id: Option<CommandId>, retry: bool, command: Command) -> u64 {
        self.references += 1;
        let frame = CommandFrame { reference: self.references, id, retry, book, command };
        self.sends_raw(message(&frame, Encoding::Json)).await;
        self.references
    }

    // === Leaving ===

    /// Says goodbye with this code, and waits until the hub has heard it.
    pub async fn closes(mut self, code: u16) {
        self.sends_raw(Message::Close(Some(CloseFrame { code: code.into(), reason: "".into() }))).await;
        self.is_sent_away().await;
    }

    /// The bare connection, as it is.
    pub fn into_stream(self) -> TcpStream {
        self.socket.into_inner()
    }

    /// The hub ends the connection; says how.
    pub async fn is_sent_away(&mut self) -> TabEnd {
        loop {
            match soon("the end of the connection", self.listens()).await {
                Ok(frame) => self.heard.push_back(frame),
                Err(end) => return end,
            }
        }
    }

    // === Hearing ===

    /// Waits for the reply to a command; remembers what else is heard.
    pub async fn answer_to(&mut self, reference: u64) -> Result<Said, TabEnd> {
        loop {
            match soon("an answer", self.listens()).await? {
                ServerFrame::Reply(reply) => {
                    let Reply { reference: to, seq, ok, err } = *reply;
                    assert_eq!(to, reference, "replies come in the order of the commands");
                    return Ok(Said { seq, result: ok.ok_or_else(|| err.expect("ok or err").rejection) });
                }
                frame => self.heard.push_back(frame),
            }
        }
    }

    /// Waits for the next change of a text.
    pub async fn sees_text(&mut self) -> Text {
        self.waits_for("a text", |frame| match frame {
            ServerFrame::Text(text) => Some(text.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for an event that fits.
    pub async fn hears<T>(&mut self, fits: impl Fn(&Event) -> Option<T>) -> T {
        self.hears_frame(|frame| fits(&frame.event)).await
    }

    /// Waits for an event frame that fits.
    pub async fn hears_frame<T>(&mut self, fits: impl Fn(&EventFrame) -> Option<T>) -> T {
        self.waits_for("an event", |frame| match frame {
            ServerFrame::Event(event) => fits(event),
            _ => None,
        })
        .await
    }

    /// Waits until the roster shows this session as away.
    pub async fn notices_absence_of(&mut self, session: &SessionId) {
        self.waits_for("presence", |frame| shows_away(frame, session).then_some(())).await;
    }

    /// The roster shows this session as away already.
    pub fn has_noticed_absence_of(&mut self, session: &SessionId) -> bool {
        while let Some(Ok(frame)) = self.listens().now_or_never() {
            self.heard.push_back(frame);
        }
        self.heard.iter().any(|frame| shows_away(frame, session))
    }

    /// Waits for a frame that fits; the others stay.
    pub async fn waits_for<T>(&mut self, what: &str, fits: impl Fn(&ServerFrame) -> Option<T>) -> T {
        if let Some(found) = self.takes(&fits) {
            return found;
        }
        loop {
            let frame = soon(what, self.listens()).await.expect("the connection stays");
            self.heard.push_back(frame);
            if let Some(found) = self.takes(&fits) {
                return found;
            }
        }
    }

    fn takes<T>(&mut self, fits: impl Fn(&ServerFrame) -> Option<T>) -> Option<T> {
        let (index, found) = self.heard.iter().enumerate().find_map(|(index, frame)| Some((index, fits(frame)?)))?;
        self.heard.remove(index);
        Some(found)
    }

    /// The next frame; cancel-safe.
    async fn listens(&mut self) -> Result<ServerFrame, TabEnd> {
        let frame = next_frame(&mut self.socket, Encoding::Json, &mut self.assembling, &mut String::new()).await?;
        match &frame {
            // I2: events of a book are contiguous.
            ServerFrame::Event(event) => {
                let last = self.open.get_mut(&event.book).expect("events come of open books only");
                assert_eq!(event.seq, last.next(), "{} misses nothing", self.name);
                *last = event.seq;
            }
            ServerFrame::Reply(reply) => {
                if let Some(Answer::Opened(opened)) = &reply.ok {
                    let book = opened.snapshot.as_ref().map_or_else(moby, |snapshot| snapshot.id.clone());
                    self.open.insert(book, opened.seq);
                }
            }
            _ => {}
        }
        Ok(frame)
    }
}

/// Whoever joined in the same moment is shown as new, and as away at once.
fn shows_away(frame: &ServerFrame, session: &SessionId) -> bool {
    let ServerFrame::Presence(presence) = frame else { return false };
    let joined = presence.joined.iter().map(|entry| (&entry.session, Some(entry.state)));
    let moved = presence.moved.iter().map(|entry| (&entry.session, entry.state));
    joined.chain(moved).any(|(who, state)| who == session && state == Some(PresenceState::Away))
}
