//! The port: accepts connections, answers HTTP, hands sockets over, drains. It knows no rule of a book.
//!
//! The accept loop is our own, as the usual one leaves half a request open for ever. A connection that asks for a
//! WebSocket is checked here (version, origin, subprotocol, token) and then given to the [`Backend`] as a bare stream,
//! so that no HTTP state lives as long as a session.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use quire_protocol::{Action, AssetId, BookId, Encoding, Limits, Rejection, Timers};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::{DevKeys, Identity, Verifier};
use crate::book::report::Period;
use crate::chapter::asset::Asset;
use crate::clock::Clock;
use crate::config::Origin;
use crate::hub::audit::{Asked, Of, Told};
use crate::hub::edition::Edition;
use crate::hub::manuscript::Exported;
use crate::hub::report::Reported;
use crate::hub::survey::{Analysed, Surveyed};
use crate::import::{FILE_BYTES_MAX, ImportedBook, Tell};
use crate::mail::Kept;
use crate::signin::SignIn;
use crate::telemetry::metric::Metrics;
use crate::yjs::Call;

mod accept;
mod api;
mod asset;
mod audit;
mod body;
mod csv;
mod endpoint;
mod endpoints;
mod export;
mod extract;
mod host;
mod import;
mod json;
mod openapi;
mod origin;
mod page;
mod permit;
mod refusal;
mod reminder;
mod report;
mod routes;
mod sending;
mod signin;
mod socket;
mod survey;

pub use host::HostAccess;
pub use openapi::openapi;
pub use permit::ConnectionPermit;

/// A request's head must be there within this time.
pub const HEADER_DEADLINE: Duration = Duration::from_secs(5);
/// A small picture must have been taken within this time.
pub const SENDING_DEADLINE: Duration = Duration::from_secs(30);
/// Imports that are read at the same time.
const IMPORTS_MAX: usize = 4;
/// What all bodies that are being sent or wait to be read may weigh together, in KiB (I5).
const BODIES_KIB: usize = 4 * FILE_BYTES_MAX / 1024;
/// How much longer than its announced window a drain may take.
pub const DRAIN_SLACK: Duration = Duration::from_secs(10);
/// Answers that are under way when the drain is over get this long.
pub const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// What the port serves: the hub, or a stand-in in tests.
pub trait Backend: Send + Sync + 'static {
    /// Serves a WebSocket whose handshake is done, until it ends. `read` is what the client sent already.
    fn serve_socket(self: Arc<Self>, socket: Socket) -> BoxFuture<'static, ()>;

    /// Serves a connection of y-websocket until it ends.
    fn serve_yjs(self: Arc<Self>, call: Call, permit: ConnectionPermit) -> BoxFuture<'static, ()>;

    /// A book as a file. `known` is the tag of what the caller has. Dropping the future ends the work.
    fn export(
        &self,
        identity: Identity,
        book: BookId,
        edition: Edition,
        known: Option<String>,
    ) -> BoxFuture<'_, Result<Exported, Rejection>>;

    /// Creates a book that `identity` owns, and tells how far that is. Dropping the future ends the work: then there
    /// is no book, or all of it.
    fn import(&self, identity: Identity, book: ImportedBook, tell: Tell) -> BoxFuture<'_, Result<BookId, Rejection>>;

    /// Whether `identity` may do this in a book.
    fn may(&self, identity: Identity, book: BookId, action: Action) -> BoxFuture<'_, Result<(), Rejection>>;

    /// Makes a picture one of a book's.
    fn add_asset(&self, identity: Identity, book: BookId, bytes: Vec<u8>) -> BoxFuture<'_, Result<Asset, Rejection>>;

    /// A picture of a book: what is said about it, and its bytes as they are read.
    fn asset(&self, identity: Identity, book: BookId, asset: AssetId) -> BoxFuture<'_, Result<AssetFile, Rejection>>;

    /// What happened to a book or to the library, as it is read.
    fn audit(&self, identity: Identity, of: Of, asked: Asked) -> BoxFuture<'_, Result<Told, Rejection>>;

    /// Who worked on a book in a period.
    fn report(&self, identity: Identity, book: BookId, period: Period) -> BoxFuture<'_, Result<Reported, Rejection>>;

    /// Who worked on the library's books in a period, as it is counted.
    fn survey(&self, identity: Identity, period: Period) -> BoxFuture<'_, Result<Surveyed, Rejection>>;

    /// How much was done in the library's books in a period, without names.
    fn analytics(&self, identity: Identity, period: Period) -> BoxFuture<'_, Result<Analysed, Rejection>>;

    /// Whether the store answers.
    fn ready(&self) -> BoxFuture<'_, bool>;

    /// Sends all sessions away; ends when they are gone.
    fn drain(&self) -> BoxFuture<'_, ()>;
}

/// A picture of a book, and its bytes. They end early if they cannot be read.
pub type AssetFile = (Asset, BoxStream<'static, Bytes>);

/// A WebSocket after its handshake.
pub struct Socket {
    /// The connection.
    pub stream: TcpStream,
    /// What the client sent behind its handshake.
    pub read: Bytes,
    /// What the subprotocol says.
    pub encoding: Encoding,
    /// Who the client is, if its handshake had a token.
    pub bearer: Option<Identity>,
    /// Its place among the connections.
    pub permit: ConnectionPermit,
}

/// Everything the port needs.
pub struct Service {
    /// What is served.
    pub backend: Arc<dyn Backend>,
    /// Who may speak.
    pub verifier: Arc<Verifier>,
    /// The key of development mode; `None`: it is off.
    pub dev_keys: Option<DevKeys>,
    /// How people sign in by mail; `None`: they do not.
    pub signin: Option<Arc<SignIn>>,
    /// The letters of development mode; `None`: there is a post, or no mail.
    pub kept_letters: Option<Arc<Kept>>,
    /// What host applications reach; `None`: there are none.
    pub host: Option<HostAccess>,
    /// Other origins whose pages may connect.
    pub origins: Vec<Origin>,
    /// What `/metrics` shows.
    pub metrics: Metrics,
    /// The time of day, for tokens.
    pub clock: Clock,
    /// `connections` and `pending_connections` bound what is open.
    pub limits: Limits,
    /// `drain_ms`, `ping_ms` and `pong_ms` are used.
    pub timers: Timers,
    /// A request's head must be there within this time; [`HEADER_DEADLINE`] but for tests.
    pub header_deadline: Duration,
    /// A picture must be taken within this time, and as much again for each MiB of it; so must each piece of a list.
    /// [`SENDING_DEADLINE`] but for tests.
    pub sending_deadline: Duration,
}

/// The state of the port that requests share.
struct Shared {
    service: Service,
    /// Room for connections.
    connections: Arc<Semaphore>,
    /// Room for sockets that have not said hello.
    pending: Arc<Semaphore>,
    /// Room for imports that are read.
    imports: Arc<Semaphore>,
    /// Room for bodies, in KiB.
    bodies: Arc<Semaphore>,
    /// Set when the drain begins: not ready, no new sockets.
    draining: CancellationToken,
    /// Set when the drain is over: no new requests.
    closing: CancellationToken,
    /// Every connection and socket.
    tasks: TaskTracker,
}

/// A bound port.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

impl Server {
    /// Binds the port. Nothing is accepted before [`Server::run`].
    pub async fn bind(listen: SocketAddr, service: Service) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let shared = Shared {
            connections: Arc::new(Semaphore::new(service.limits.connections.min(Semaphore::MAX_PERMITS))),
            pending: Arc::new(Semaphore::new(service.limits.pending_connections.min(Semaphore::MAX_PERMITS))),
            imports: Arc::new(Semaphore::new(IMPORTS_MAX)),
            bodies: Arc::new(Semaphore::new(BODIES_KIB)),
            draining: CancellationToken::new(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
            service,
        };
        Ok(Self { listener, shared: Arc::new(shared) })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop`, then drains: probes still hear that the hub is not ready, new sockets are refused, the
    /// backend sends its sessions away.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, shared } = self;
        let mut accepting = Box::pin(accept::forever(listener, Arc::clone(&shared)));
        tokio::select! {
            never = &mut accepting => match never {},
            () = stop => {}
        }
        tracing::info!("draining");
        shared.draining.cancel();
        let drain_deadline = Duration::from_millis(shared.service.timers.drain_ms) + DRAIN_SLACK;
        tokio::select! {
            never = &mut accepting => match never {},
            drained = tokio::time::timeout(drain_deadline, shared.service.backend.drain()) => {
                if drained.is_err() {
                    tracing::warn!("sessions were left when the time to drain was over");
                }
            }
        }
        drop(accepting);
        shared.closing.cancel();
        shared.tasks.close();
        if tokio::time::timeout(LAST_ANSWERS, shared.tasks.wait()).await.is_err() {
            tracing::warn!(connections = shared.tasks.len(), "connections were cut");
        }
    }
}

/// Ends when the process is asked to end (SIGTERM or SIGINT). It is heard from the call on, not from the first poll.
pub fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
