//! A port on loopback, a scripted backend, and requests written byte by byte.
#![expect(clippy::unwrap_used, reason = "a test whose world cannot be set up fails")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{StreamExt as _, stream};
use quire::audit::{Detail, Doer, Named, RoleChange, Row, StageChange, Titled};
use quire::auth::{DevKeys, Identity, Verifier};
use quire::book::analytics::Analytics;
use quire::book::report::{Counts, Entry, Period};
use quire::chapter::asset::Asset;
use quire::clock::Clock;
use quire::config::Origin;
use quire::export::FileKind;
use quire::hub::audit::{Asked, Of, Told};
use quire::hub::edition::Edition;
use quire::hub::manuscript::Exported;
use quire::hub::report::Reported;
use quire::hub::survey::{Analysed, OfBook, Surveyed};
use quire::import::{ImportedBook, Progress, Stage, Tell};
use quire::library::Shelved;
use quire::picture::PictureKind;
use quire::server::{AssetFile, Backend, ConnectionPermit, HEADER_DEADLINE, SENDING_DEADLINE, Server, Service, Socket};
use quire::telemetry::metric::Metrics;
use quire::yjs::Call;
use quire_protocol::event::{Cause, ReleaseReason};
use quire_protocol::library::{BookScope, Grant, Permission};
use quire_protocol::publishing::PublishState;
use quire_protocol::rejection::What;
use quire_protocol::{Action, AssetId, BookId, ChapterId, Limits, Rejection, Role, Seq, Timers, Timestamp, UserId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What stands behind the port.
pub(super) struct Fake {
    pub(super) ready: AtomicBool,
    /// The drain ends when this is cancelled.
    pub(super) drained: CancellationToken,
    pub(super) draining: CancellationToken,
    pub(super) imported: Mutex<Vec<(Identity, ImportedBook)>>,
    /// So many imports may still end.
    pub(super) imports: Semaphore,
    /// An import or the endless picture is over, or nobody waits for it any more.
    pub(super) given_up: CancellationToken,
    /// Who called which chapter.
    pub(super) calls: Mutex<Vec<(String, BookId, ChapterId)>>,
    /// What was asked of audit logs.
    /// The right to look through the library ends before its last book.
    pub(super) surveys_end: AtomicBool,
    pub(super) asked: Mutex<Vec<Asked>>,
    sockets: mpsc::Sender<Socket>,
}

impl Backend for Fake {
    fn serve_socket(self: Arc<Self>, socket: Socket) -> BoxFuture<'static, ()> {
        Box::pin(async move { self.sockets.send(socket).await.expect("the test takes the socket") })
    }

    fn serve_yjs(self: Arc<Self>, call: Call, _: ConnectionPermit) -> BoxFuture<'static, ()> {
        let Call { identity, book, chapter, .. } = call;
        self.calls.lock().unwrap().push((identity.user.to_string(), book, chapter));
        Box::pin(async {})
    }

    fn export(
        &self,
        _: Identity,
        book: BookId,
        edition: Edition,
        known: Option<String>,
    ) -> BoxFuture<'_, Result<Exported, Rejection>> {
        Box::pin(async move {
            match book.as_str() {
                "b1" => {}
                "secret" => return Err(Rejection::Forbidden),
                "busy" => return Err(Rejection::Unavailable { retry_after_ms: 1_500 }),
                _ => return Err(Rejection::NotFound { what: What::Book }),
            }
            let Edition { kind, point } = edition;
            let said = point.map_or_else(|| kind.name().to_owned(), |point| format!("{} at {point}", kind.name()));
            let file = (known.as_deref() != Some("t1")).then(|| said.into());
            let notes = if kind == FileKind::Pdf { vec!["100 % of 漢 is\nnot shown".to_owned()] } else { Vec::new() };
            Ok(Exported { file, title: "Moby-Dick".into(), tag: "t1".into(), notes })
        })
    }

    fn import(&self, identity: Identity, book: ImportedBook, tell: Tell) -> BoxFuture<'_, Result<BookId, Rejection>> {
        let of = Some(book.chapters.len());
        self.imported.lock().unwrap().push((identity, book));
        Box::pin(async move {
            let _given_up = self.given_up.clone().drop_guard();
            tell(Progress { stage: Stage::Chapters, done: 0, of });
            self.imports.acquire().await.unwrap().forget();
            Ok(BookId::new("new").unwrap())
        })
    }

    fn may(&self, _: Identity, book: BookId, action: Action) -> BoxFuture<'_, Result<(), Rejection>> {
        Box::pin(async move {
            match book.as_str() {
                "b1" => Ok(()),
                "read" if action == Action::View => Ok(()),
                "read" => Err(Rejection::Forbidden),
                _ => Err(Rejection::NotFound { what: What::Book }),
            }
        })
    }

    fn add_asset(&self, _: Identity, _: BookId, bytes: Vec<u8>) -> BoxFuture<'_, Result<Asset, Rejection>> {
        Box::pin(async move { Ok(asset(bytes.len() as u64)) })
    }

    fn asset(&self, identity: Identity, book: BookId, id: AssetId) -> BoxFuture<'_, Result<AssetFile, Rejection>> {
        Box::pin(async move {
            self.may(identity, book, Action::View).await?;
            match id.as_str() {
                WHOLE => Ok((asset(11), stream::iter([Bytes::from("half "), Bytes::from("a loaf")]).boxed())),
                BROKEN => Ok((Asset { id, ..asset(11) }, stream::iter([Bytes::from("half ")]).boxed())),
                ENDLESS => {
                    let given_up = self.given_up.clone().drop_guard();
                    let piece = Bytes::from(vec![7; 256 * 1024]);
                    let pieces = stream::repeat(piece).map(move |piece| {
                        let _ = &given_up;
                        piece
                    });
                    Ok((Asset { id, ..asset(1 << 40) }, pieces.boxed()))
                }
                _ => Err(Rejection::NotFound { what: What::Asset }),
            }
        })
    }

    fn audit(&self, _: Identity, of: Of, asked: Asked) -> BoxFuture<'_, Result<Told, Rejection>> {
        self.asked.lock().unwrap().push(asked);
        Box::pin(async move {
            let book = match &of {
                Of::Book(book) | Of::Feed(book) => book.as_str(),
                Of::Library => "library",
            };
            let rows = match book {
                "library" => stream::iter([Ok(library_rows())]).boxed(),
                "b1" => stream::iter([Ok(audit_rows()), Ok(Vec::new())]).boxed(),
                "revoked" => {
                    let gone = async {
                        // What was written is on its way first.
                        tokio::task::yield_now().await;
                        Err(Rejection::NotFound { what: What::Book })
                    };
                    stream::iter([Ok(audit_rows())]).chain(stream::once(gone)).boxed()
                }
                "gone" => stream::iter([Err(Rejection::NotFound { what: What::Book })]).boxed(),
                "endless" => {
                    let given_up = self.given_up.clone().drop_guard();
                    let rows = move || {
                        let _ = &given_up;
                        Ok((0..1_000).flat_map(|_| audit_rows()).collect())
                    };
                    stream::repeat_with(rows).boxed()
                }
                "read" => return Err(Rejection::Forbidden),
                _ => return Err(Rejection::NotFound { what: What::Book }),
            };
            Ok(Told { title: "Moby-Dick".into(), rows })
        })
    }

    fn report(&self, _: Identity, book: BookId, period: Period) -> BoxFuture<'_, Result<Reported, Rejection>> {
        Box::pin(async move {
            match book.as_str() {
                "b1" => {}
                "read" => return Err(Rejection::Forbidden),
                _ => return Err(Rejection::NotFound { what: What::Book }),
            }
            let at = Timestamp(1_767_225_600_007);
            Ok(Reported { title: "Moby-Dick".into(), period, at, entries: report_entries(period.first()) })
        })
    }

    fn survey(&self, _: Identity, period: Period) -> BoxFuture<'_, Result<Surveyed, Rejection>> {
        let of_book = |id: &str, day| OfBook { book: shelved(id), entries: report_entries(day) };
        let day = period.first();
        let gone = self.surveys_end.load(Ordering::SeqCst).then_some(async {
            // What was written is on its way first.
            tokio::task::yield_now().await;
            Err(Rejection::Forbidden)
        });
        let books = [Ok(of_book("b1", day)), Ok(OfBook { entries: Vec::new(), ..of_book("b2", day) })];
        let books = stream::iter(books.into_iter().chain([Ok(of_book("b3", day))]))
            .chain(stream::iter(gone).then(|gone| gone))
            .boxed();
        Box::pin(async move { Ok(Surveyed { period, at: Timestamp(1_767_225_600_007), books }) })
    }

    fn analytics(&self, _: Identity, period: Period) -> BoxFuture<'_, Result<Analysed, Rejection>> {
        let mut analytics = Analytics::new(period);
        Box::pin(async move {
            analytics.add(&shelved("b1"), &report_entries(period.first()))?;
            Ok(Analysed { period, at: Timestamp(1_767_225_600_007), summary: analytics.end() })
        })
    }

    fn ready(&self) -> BoxFuture<'_, bool> {
        Box::pin(async { self.ready.load(Ordering::SeqCst) })
    }

    fn drain(&self) -> BoxFuture<'_, ()> {
        self.draining.cancel();
        Box::pin(self.drained.cancelled())
    }
}

/// A picture that is there, and one that cannot be read to its end.
pub(super) const WHOLE: &str = "0123456789abcdef0123456789abcdef";
pub(super) const BROKEN: &str = "fedcba9876543210fedcba9876543210";
/// One that goes on for ever.
pub(super) const ENDLESS: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

fn asset(bytes: u64) -> Asset {
    Asset { id: AssetId::new(WHOLE).unwrap(), kind: PictureKind::Png, bytes, width: 3, height: 2, by: None }
}

/// A change of a role by somebody with a hostile name, and a lock that the hub released.
fn audit_rows() -> Vec<Row> {
    let named = |id: &str, name: &str| Named { id: UserId::new(id).unwrap(), name: Some(name.to_owned()) };
    let nothing = Row {
        seq: Seq(7),
        at: Timestamp(1_767_225_600_007),
        who: Some(Doer::Person(named("u1", "=HYPERLINK(\"x\")"))),
        what: "member.role_changed",
        book: None,
        state: None,
        chapter: None,
        member: None,
        address: None,
        role: None,
        reason: None,
        note: None,
        detail: None,
    };
    let role = Some(RoleChange { from: Some(Role::Viewer), to: Some(Role::Editor) });
    let changed = Row { member: Some(named("u2", "Ben")), role, ..nothing.clone() };
    let released = Row {
        seq: Seq(9),
        who: Some(Doer::Hub { system: Cause::Idle }),
        what: "lock.released",
        chapter: Some(Titled { id: ChapterId::new("c1").unwrap(), title: Some("Loomings, or \"The\" start".into()) }),
        reason: Some(ReleaseReason::Idle),
        detail: Some(Detail::Fields(vec!["title", "isbn"])),
        ..nothing
    };
    vec![changed, released]
}

/// A book that came out, by a host application's wish, and somebody who lost something.
fn library_rows() -> Vec<Row> {
    let [changed, _] = <[Row; 2]>::try_from(audit_rows()).unwrap();
    let stage = |state| quire::audit::Stage { state, revision: None };
    let change = StageChange { from: Some(stage(PublishState::Approved)), to: stage(PublishState::Published) };
    let published = Row {
        who: Some(Doer::Hub { system: Cause::Host }),
        what: "book.state_changed",
        book: Some(Titled { id: BookId::new("b1").unwrap(), title: Some("Moby-Dick".into()) }),
        member: None,
        role: None,
        state: Some(change),
        note: Some("It is ready".into()),
        ..changed.clone()
    };
    let list = Grant { books: Some(BookScope::Own), ..Grant::all(Permission::List) };
    let detail = Detail::Grants { given: vec![list], taken: vec![Grant::all(Permission::Upload)] };
    let granted =
        Row { what: "user.granted", role: None, address: Some("ben@x".into()), detail: Some(detail), ..changed };
    vec![published, granted]
}

/// What somebody with a hostile name did on this day, and what nobody did.
fn report_entries(day: u64) -> Vec<Entry> {
    let mut releases = [0; 12];
    releases[3] = 2;
    let counts =
        Counts { tabs: 1, holds: 2, held_ms: 90_000, releases, comments: 4, words_added: 120, ..Counts::default() };
    let user = Some(UserId::new("u1").unwrap());
    let imported = Counts { chapters_added: 3, versions: 3, ..Counts::default() };
    vec![
        Entry { day, user: None, name: None, counts: imported },
        Entry { day, user, name: Some("@Ann".into()), counts },
    ]
}

fn shelved(id: &str) -> Shelved {
    let (book, title) = (BookId::new(id).unwrap(), format!("=Title of {id}"));
    let (categories, state) = (vec!["Sea".to_owned()], PublishState::Published);
    Shelved { book, seq: Seq(1), title, categories, state, revision: None, owner: None }
}

/// A running port.
pub(super) struct Port {
    pub(super) address: SocketAddr,
    pub(super) fake: Arc<Fake>,
    pub(super) sockets: mpsc::Receiver<Socket>,
    pub(super) stop: CancellationToken,
    pub(super) run: JoinHandle<()>,
    dev_keys: DevKeys,
    _data_dir: tempfile::TempDir,
}

/// A port in development mode that lists the origin `https://books.example`, after `change`.
pub(super) async fn port(change: impl FnOnce(&mut Service)) -> Port {
    let data_dir = tempfile::tempdir().unwrap();
    let keys = || DevKeys::load_or_create(data_dir.path()).unwrap();
    let (send, sockets) = mpsc::channel(8);
    let fake = Arc::new(Fake {
        ready: AtomicBool::new(true),
        drained: CancellationToken::new(),
        draining: CancellationToken::new(),
        surveys_end: AtomicBool::new(false),
        imported: Mutex::default(),
        imports: Semaphore::new(100),
        given_up: CancellationToken::new(),
        calls: Mutex::default(),
        asked: Mutex::default(),
        sockets: send,
    });
    let mut service = Service {
        backend: Arc::clone(&fake) as Arc<dyn Backend>,
        verifier: Arc::new(Verifier::new(vec![keys().key()], 100)),
        dev_keys: Some(keys()),
        signin: None,
        host: None,
        kept_letters: None,
        origins: vec![Origin::parse("https://books.example").unwrap()],
        metrics: Metrics::start(),
        clock: Clock::system(),
        limits: Limits::default(),
        timers: Timers::default(),
        header_deadline: HEADER_DEADLINE,
        sending_deadline: SENDING_DEADLINE,
    };
    change(&mut service);
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), service).await.unwrap();
    let (address, stop) = (server.address().unwrap(), CancellationToken::new());
    let run = tokio::spawn(server.run(stop.clone().cancelled_owned()));
    Port { address, fake, sockets, stop, run, dev_keys: keys(), _data_dir: data_dir }
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")))?;
        line.split_once(": ").map(|(_, value)| value)
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(super) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

impl Port {
    pub(super) fn token(&self) -> String {
        self.token_at(Clock::system().now())
    }

    /// A token that was made at this time.
    pub(super) fn token_at(&self, now: Timestamp) -> String {
        self.dev_keys.mint("ann@example.org", "Ann", now).unwrap()
    }

    pub(super) fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends these bytes and reads until the hub closes.
    pub(super) async fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.unwrap();
        Answer::parse(&read_to_end(&mut stream).await)
    }

    /// Sends one request, with `Host` unless `headers` have one.
    pub(super) async fn request(&self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            write!(head, "Host: {}\r\n", self.host()).unwrap();
        }
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "Transfer-Encoding") {
            write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        self.raw(&[head.as_bytes(), b"\r\n", body].concat()).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.request(&format!("GET {path}"), &[], b"").await
    }

    /// A good handshake, with these headers added; returns the answer's head and the open stream.
    pub(super) async fn handshake(&self, headers: &[(&str, &str)]) -> (Answer, TcpStream) {
        let mut stream = self.connect().await;
        let mut head = format!("GET /v1/socket HTTP/1.1\r\nHost: {}\r\n{UPGRADE}", self.host());
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
        (Answer::parse(&read_head(&mut stream).await), stream)
    }
}

/// An EPUB of one chapter.
pub(super) fn small_epub() -> Vec<u8> {
    const FILES: [(&str, &str); 3] = [
        ("META-INF/container.xml", r#"<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>"#),
        (
            "book.opf",
            r#"<package><metadata><title>A Small Book</title></metadata>
               <manifest><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>"#,
        ),
        ("a.xhtml", "<html><body><h1>One</h1><p>Text.</p></body></html>"),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in FILES {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The headers of a good handshake.
pub(super) const UPGRADE: &str = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Everything until the hub closes; a reset counts as a close.
pub(super) async fn read_to_end(stream: &mut TcpStream) -> String {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        bytes.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8(bytes).unwrap()
}

/// The head of an answer.
pub(super) async fn read_head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(bytes).unwrap()
}
