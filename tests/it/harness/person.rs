//! Somebody with a tab: says things to the hub, and remembers what it hears.

mod hearing;
pub mod inbox;
mod library;
mod writing;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use quire::pipe::ClientEnd;
use quire_protocol::command::{After, BookClose, BookCreate, BookOpen, CommandFrame, MetadataPatch};
use quire_protocol::frame::{Answer, Hello, Opened, Resume, Welcome};
use quire_protocol::view::{LockView, Snapshot};
use quire_protocol::{
    BookCommand, BookId, ClientFrame, Command, CommandId, Encoding, HubCommand, Rejection, Seq, ServerFrame, SessionId,
    Token, ViewCommand,
};
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use super::town::Town;
use super::{chapter, moby};

/// One person's tab.
pub struct Person {
    name: String,
    tab: WebSocketStream<ClientEnd>,
    encoding: Encoding,
    welcome: Welcome,
    heard: VecDeque<ServerFrame>,
    assembling: Vec<u8>,
    references: u64,
    /// The last event of each open book: events come without gaps, and of open books only.
    open: BTreeMap<BookId, After>,
    ended: bool,
    /// What the hub said when it ended the connection.
    reason: String,
    /// Books whose opening was not answered with yes yet.
    opening: VecDeque<BookId>,
}

/// How the hub ended a connection: its close code, or nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TabEnd(pub Option<u16>);

/// The answer to a command.
#[derive(Debug)]
pub struct Said {
    pub seq: Option<Seq>,
    pub result: Result<Answer, Rejection>,
}

impl Said {
    /// It was a yes.
    #[track_caller]
    pub fn accepted(self) -> Answer {
        self.result.unwrap_or_else(|rejection| panic!("refused: {rejection:?}"))
    }

    /// It was a yes that granted a lock.
    #[track_caller]
    pub fn granted(self) -> Token {
        match self.accepted() {
            Answer::Token { token } => token,
            other => panic!("not granted: {other:?}"),
        }
    }

    /// It was a yes that put the caller into the queue.
    #[track_caller]
    pub fn queued(self) -> u32 {
        match self.accepted() {
            Answer::Position { position } => position,
            other => panic!("not queued: {other:?}"),
        }
    }

    /// It was a no with this code.
    #[track_caller]
    pub fn refused(self, code: &str) -> Rejection {
        match self.result {
            Err(rejection) if rejection.code() == code => rejection,
            other => panic!("not refused with {code}: {other:?}"),
        }
    }
}

impl Person {
    /// Opens a tab, says hello, and is welcomed.
    pub async fn arrives(town: &Town, name: &str, encoding: Encoding) -> Self {
        let hello = Hello { token: Some(town.token(name)), client: Some("stories/1".into()), resume: None };
        Self::says_hello(town, name, encoding, hello).await.expect("welcomed")
    }

    /// Opens a tab and says this hello.
    pub async fn says_hello(town: &Town, name: &str, encoding: Encoding, hello: Hello) -> Result<Self, TabEnd> {
        let mut tab = WebSocketStream::from_raw_socket(town.connects(encoding), Role::Client, None).await;
        tab.send(message(&hello, encoding)).await.expect("the hub reads");
        let welcome = match next_frame(&mut tab, encoding, &mut Vec::new(), &mut String::new()).await? {
            ServerFrame::Welcome(welcome) => *welcome,
            other => panic!("welcome comes first: {other:?}"),
        };
        Ok(Self {
            name: name.into(),
            tab,
            encoding,
            welcome,
            heard: VecDeque::new(),
            assembling: Vec::new(),
            references: 0,
            open: BTreeMap::new(),
            ended: false,
            reason: String::new(),
            opening: VecDeque::new(),
        })
    }

    /// Opens a tab, says these things instead of hello, and is sent away.
    pub async fn says_nonsense(town: &Town, encoding: Encoding, messages: Vec<Message>) -> TabEnd {
        let mut tab = WebSocketStream::from_raw_socket(town.connects(encoding), Role::Client, None).await;
        for message in messages {
            drop(tab.send(message).await);
        }
        let answer = next_frame(&mut tab, encoding, &mut Vec::new(), &mut String::new()).await;
        answer.expect_err("nobody is welcomed without hello")
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    pub fn session(&self) -> SessionId {
        self.welcome.session.clone()
    }

    // === Saying ===

    /// Sends a command of Moby-Dick and waits for the answer.
    pub async fn does(&mut self, command: impl Into<BookCommand>) -> Said {
        self.asks(&moby(), Command::Book(command.into())).await
    }

    /// Sends a command of Moby-Dick with a command id.
    pub async fn does_as(&mut self, id: &str, retry: bool, command: impl Into<BookCommand>) -> Said {
        let reference = self.next_reference();
        let id = Some(CommandId::new(id).unwrap());
        let command = Command::Book(command.into());
        self.sends(&CommandFrame { reference, id, retry, book: Some(moby()), command }).await;
        self.answer_to(reference).await
    }

    /// As [`Self::does_as`]; the connection may end instead.
    pub async fn tries_as(&mut self, id: &str, retry: bool, command: BookCommand) -> Result<Said, TabEnd> {
        let reference = self.next_reference();
        let (id, book) = (Some(CommandId::new(id).unwrap()), Some(moby()));
        self.sends(&CommandFrame { reference, id, retry, book, command: Command::Book(command) }).await;
        self.answer_or_end(reference).await
    }

    /// Asks something of Moby-Dick; the connection may end instead.
    pub async fn tries(&mut self, command: Command) -> Result<Said, TabEnd> {
        let reference = self.next_reference();
        self.sends(&CommandFrame { reference, id: None, retry: false, book: Some(moby()), command }).await;
        self.answer_or_end(reference).await
    }

    /// Opens Moby-Dick from a position; the connection may end instead.
    pub async fn tries_to_catch_up(&mut self, after: Option<After>) -> Result<Said, TabEnd> {
        self.opening.push_back(moby());
        let reference = self.next_reference();
        let command = Command::View(ViewCommand::BookOpen(BookOpen { after }));
        self.sends(&CommandFrame { reference, id: None, retry: false, book: Some(moby()), command }).await;
        let said = self.answer_or_end(reference).await;
        self.opening.clear();
        said
    }

    /// The hub ended the connection, as far as this tab has noticed.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The last event of Moby-Dick that this tab heard, if it has the book open.
    pub fn last_heard(&self) -> Option<Seq> {
        self.position().map(|position| position.seq)
    }

    /// The same, with the epoch of the book's history.
    pub fn position(&self) -> Option<After> {
        self.open.get(&moby()).copied()
    }

    /// Sends a command of a book and waits for the answer.
    pub async fn asks(&mut self, book: &BookId, command: Command) -> Said {
        let reference = self.next_reference();
        self.sends(&CommandFrame { reference, id: None, retry: false, book: Some(book.clone()), command }).await;
        self.answer_to(reference).await
    }

    /// Sends a command outside books and waits for the answer.
    pub async fn asks_hub(&mut self, command: impl Into<HubCommand>) -> Said {
        let reference = self.next_reference();
        let command = Command::Hub(command.into());
        self.sends(&CommandFrame { reference, id: None, retry: false, book: None, command }).await;
        self.answer_to(reference).await
    }

    pub async fn creates(&mut self, book: &BookId, title: &str) {
        let create = BookCreate { title: title.into(), metadata: MetadataPatch::default() };
        self.asks(book, Command::Book(create.into())).await.accepted();
    }

    /// Opens a book without having anything of it.
    pub async fn opens(&mut self, book: &BookId) -> Said {
        self.opens_after(book, None).await
    }

    /// Opens a book from a position.
    pub async fn opens_after(&mut self, book: &BookId, after: Option<After>) -> Said {
        self.opening.push_back(book.clone());
        let said = self.asks(book, Command::View(ViewCommand::BookOpen(BookOpen { after }))).await;
        self.opening.clear();
        said
    }

    /// Sends a command of a book and does not wait for the answer; its `ref`.
    pub async fn wishes(&mut self, book: &BookId, command: impl Into<BookCommand>) -> u64 {
        let reference = self.next_reference();
        let (book, command) = (Some(book.clone()), Command::Book(command.into()));
        self.sends(&CommandFrame { reference, id: None, retry: false, book, command }).await;
        reference
    }

    /// Asks for a book and does not wait for the answer.
    pub async fn tries_to_open(&mut self, book: &BookId) {
        let reference = self.next_reference();
        let command = Command::View(ViewCommand::BookOpen(BookOpen { after: None }));
        self.sends(&CommandFrame { reference, id: None, retry: false, book: Some(book.clone()), command }).await;
    }

    /// Opens and closes Moby-Dick, saying everything before an answer is read.
    pub async fn hastily(&mut self, commands: Vec<ViewCommand>) {
        let mut references = Vec::new();
        for command in commands {
            if matches!(command, ViewCommand::BookOpen(_)) {
                self.opening.push_back(moby());
            }
            let reference = self.next_reference();
            let command = Command::View(command);
            self.sends(&CommandFrame { reference, id: None, retry: false, book: Some(moby()), command }).await;
            references.push(reference);
        }
        for reference in references {
            self.answer_to(reference).await.accepted();
        }
    }

    /// Closes a book in this tab's view.
    pub async fn closes(&mut self, book: &BookId) {
        self.asks(book, Command::View(BookClose {}.into())).await.accepted();
        self.open.remove(book);
    }

    /// Opens Moby-Dick from a position and returns what the answer says.
    pub async fn catches_up(&mut self, after: After) -> Opened {
        match self.opens_after(&moby(), Some(after)).await.accepted() {
            Answer::Opened(opened) => *opened,
            other => panic!("not opened: {other:?}"),
        }
    }

    /// Moby-Dick as this person sees it.
    pub async fn snapshot(&mut self) -> Snapshot {
        self.sees().await.snapshot.expect("no position was named")
    }

    /// The lock of a chapter of Moby-Dick.
    pub async fn sees_lock(&mut self, number: u32) -> Option<LockView> {
        let chapters = self.snapshot().await.chapters;
        let found = chapters.into_iter().find(|found| found.id == chapter(number));
        found.expect("the chapter is there").lock
    }

    /// Opens Moby-Dick and returns what the answer says.
    pub async fn sees(&mut self) -> Opened {
        match self.opens(&moby()).await.accepted() {
            Answer::Opened(opened) => *opened,
            other => panic!("not opened: {other:?}"),
        }
    }

    /// The person does something in this tab.
    pub async fn is_active(&mut self) {
        self.sends(&ClientFrame::Activity).await;
    }

    /// Sends any frame.
    pub async fn sends(&mut self, frame: &impl Serialize) {
        let message = message(frame, self.encoding);
        self.sends_raw(message).await;
    }

    /// Sends a raw message; the hub may have hung up already.
    pub async fn sends_raw(&mut self, message: Message) {
        drop(self.tab.send(message).await);
    }

    pub fn next_reference(&mut self) -> u64 {
        self.references += 1;
        self.references
    }

    // === Leaving ===

    /// Closes the tab: the browser says 1000.
    pub async fn closes_tab(mut self) {
        let goodbye = CloseFrame { code: 1000.into(), reason: "".into() };
        self.tab.send(Message::Close(Some(goodbye))).await.expect("the hub reads");
        // The answer to the close shows that the hub has read it.
        while let Some(Ok(_)) = self.tab.next().await {}
    }

    /// The connection breaks without a word; returns what is needed to come back.
    pub fn drops_connection(self) -> Gone {
        Gone { name: self.name, encoding: self.encoding, welcome: self.welcome }
    }

    /// What is needed to continue this session on another connection, while this one is still there.
    pub fn duplicates(&self) -> Gone {
        Gone { name: self.name.clone(), encoding: self.encoding, welcome: self.welcome.clone() }
    }

    /// The hub ends the connection; says how.
    pub async fn is_sent_away(&mut self) -> TabEnd {
        loop {
            match self.listens().await {
                Ok(frame) => self.heard.push_back(frame),
                Err(end) => return end,
            }
        }
    }

    /// The hub ends the connection with this code, and its reason names this.
    pub async fn is_sent_away_over(&mut self, code: u16, what: &str) {
        assert_eq!(self.is_sent_away().await, TabEnd(Some(code)));
        assert!(self.reason.contains(what), "{:?} names {what}", self.reason);
    }
}

/// Somebody whose connection broke.
pub struct Gone {
    pub name: String,
    encoding: Encoding,
    welcome: Welcome,
}

impl Gone {
    pub fn session(&self) -> SessionId {
        self.welcome.session.clone()
    }

    pub fn incarnation(&self) -> u32 {
        self.welcome.incarnation
    }

    /// Resumes the session on a new connection.
    pub async fn comes_back(&self, town: &Town) -> Result<Person, TabEnd> {
        self.comes_back_after(town, Duration::ZERO, self.welcome.incarnation + 1).await
    }

    /// Resumes with this idle time and incarnation.
    pub async fn comes_back_after(&self, town: &Town, idle: Duration, incarnation: u32) -> Result<Person, TabEnd> {
        let idle_ms = u64::try_from(idle.as_millis()).unwrap();
        let resume = Some(Resume { session: self.welcome.session.clone(), incarnation, idle_ms });
        let hello = Hello { token: Some(town.token(&self.name)), client: None, resume };
        Person::says_hello(town, &self.name, self.encoding, hello).await
    }
}

/// One frame as a WebSocket message.
pub fn message(frame: &impl Serialize, encoding: Encoding) -> Message {
    let bytes = encoding.encode(frame);
    match encoding {
        Encoding::MessagePack => Message::Binary(bytes.into()),
        Encoding::Json => Message::Text(String::from_utf8(bytes).expect("JSON is text").into()),
    }
}

/// The next frame, put together if it came in parts; cancel-safe.
pub async fn next_frame<Io: AsyncRead + AsyncWrite + Unpin>(
    tab: &mut WebSocketStream<Io>,
    encoding: Encoding,
    assembling: &mut Vec<u8>,
    reason: &mut String,
) -> Result<ServerFrame, TabEnd> {
    loop {
        let bytes = match tab.next().await {
            Some(Ok(Message::Binary(bytes))) if encoding == Encoding::MessagePack => bytes.to_vec(),
            Some(Ok(Message::Text(text))) if encoding == Encoding::Json => text.as_bytes().to_vec(),
            Some(Ok(Message::Close(frame))) => {
                *reason = frame.as_ref().map(|frame| frame.reason.to_string()).unwrap_or_default();
                return Err(TabEnd(frame.map(|frame| frame.code.into())));
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Ok(other)) => panic!("unexpected message {other:?}"),
            Some(Err(_)) | None => return Err(TabEnd(None)),
        };
        match ServerFrame::decode(&bytes, encoding).expect("the hub sends frames") {
            ServerFrame::Part(part) => {
                assembling.extend_from_slice(&part.data.0);
                if part.last {
                    let whole = std::mem::take(assembling);
                    return Ok(ServerFrame::decode(&whole, encoding).expect("parts make a frame"));
                }
            }
            frame => return Ok(frame),
        }
    }
}
