//! Two hubs on real sockets that share a store, each with its way to it.

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire::auth::{Expected, Identity, Key, Secret, Verifier};
use quire::book::report::Period;
use quire::chapter::asset::Asset;
use quire::clock::Clock;
use quire::export::FileKind;
use quire::hub::audit::{Asked, Of, Told};
use quire::hub::edition::Edition;
use quire::hub::manuscript::Exported;
use quire::hub::report::Reported;
use quire::hub::survey::{Analysed, Surveyed};
use quire::hub::{Hub, Parts};
use quire::import::{ImportedBook, Tell};
use quire::server::{AssetFile, Backend, ConnectionPermit, HEADER_DEADLINE, SENDING_DEADLINE, Server, Service, Socket};
use quire::session::{self, Arrival};
use quire::store::memory::Memory;
use quire::telemetry::metric::Metrics;
use quire::yjs::Call;
use quire_loadtest::plan::Tokens;
use quire_protocol::{Action, AssetId, BookId, Limits, Rejection, Timers};
use tokio::task::JoinSet;

use super::crooked::{Crooked, Flaw, Sound};
use crate::harness::typist::InProcess;

/// What hubs and tabs share.
const SECRET: &str = "a secret that is long enough for HS256";

/// Hubs that run until this is dropped.
pub struct Hubs {
    pub ports: Vec<u16>,
    _running: JoinSet<()>,
}

impl Hubs {
    /// One hub for each flaw.
    pub async fn start(flaws: Vec<Arc<dyn Flaw>>) -> Self {
        Self::begin(flaws, None).await
    }

    /// Two hubs that make files of books, and what becomes of each.
    pub async fn with_files(spoil: Spoil) -> Self {
        Self::begin(vec![Arc::new(Sound), Arc::new(Sound)], Some(spoil)).await
    }

    async fn begin(flaws: Vec<Arc<dyn Flaw>>, spoil: Option<Spoil>) -> Self {
        let store = Arc::new(Memory::new(Clock::system()));
        let (mut ports, mut running) = (Vec::new(), JoinSet::new());
        for flaw in flaws {
            let server = server(Crooked::to(Arc::clone(&store), flaw), spoil).await;
            ports.push(server.address().unwrap().port());
            running.spawn(server.run(std::future::pending()));
        }
        Self { ports, _running: running }
    }
}

/// What tabs show.
pub fn tokens() -> Tokens {
    Tokens::Secret(SECRET.to_owned())
}

async fn server(store: Arc<Crooked>, spoil: Option<Spoil>) -> Server {
    let (clock, limits, timers) = (Clock::system(), Limits::default(), Timers::default());
    let key = Key::secret(&Secret::new(SECRET), Expected::default()).unwrap();
    let verifier = Arc::new(Verifier::new(vec![key], limits.name_chars));
    let hub = Hub::new(Parts {
        store: Arc::clone(&store) as _,
        shared: Some(store),
        clock: clock.clone(),
        limits: limits.clone(),
        timers: timers.clone(),
        verifier: Arc::clone(&verifier),
        scribe: spoil.map(|_| Arc::new(InProcess) as _),
        press: None,
        calls: None,
        library: None,
    });
    let service = Service {
        backend: Arc::new(Front(hub, spoil)),
        verifier,
        dev_keys: None,
        signin: None,
        host: None,
        kept_letters: None,
        origins: Vec::new(),
        metrics: Metrics::start(),
        clock,
        limits,
        timers,
        header_deadline: HEADER_DEADLINE,
        sending_deadline: SENDING_DEADLINE,
    };
    Server::bind("127.0.0.1:0".parse().unwrap(), service).await.unwrap()
}

/// What becomes of a file before it is sent.
pub type Spoil = fn(FileKind, Bytes) -> Bytes;

/// The sockets of a hub, and its files where there are any; tabs ask for nothing else.
struct Front(Arc<Hub>, Option<Spoil>);

impl Backend for Front {
    fn serve_socket(self: Arc<Self>, socket: Socket) -> BoxFuture<'static, ()> {
        let Socket { stream, read, encoding, bearer, mut permit } = socket;
        let arrival = Arrival { wire: Arc::new(stream), read, encoding, bearer };
        let on_join = || {
            permit.greeted();
            permit
        };
        session::serve(Arc::clone(&self.0), arrival, on_join).boxed()
    }

    fn serve_yjs(self: Arc<Self>, _: Call, _: ConnectionPermit) -> BoxFuture<'static, ()> {
        async {}.boxed()
    }

    fn export(
        &self,
        identity: Identity,
        book: BookId,
        edition: Edition,
        known: Option<String>,
    ) -> BoxFuture<'_, Result<Exported, Rejection>> {
        async move {
            let spoil = self.1.ok_or(Rejection::Forbidden)?;
            let exported = self.0.export(&identity, &book, edition, known.as_deref()).await?;
            Ok(Exported { file: exported.file.map(|file| spoil(edition.kind, file)), ..exported })
        }
        .boxed()
    }

    fn import(&self, _: Identity, _: ImportedBook, _: Tell) -> BoxFuture<'_, Result<BookId, Rejection>> {
        async { Err(Rejection::Forbidden) }.boxed()
    }

    fn may(&self, _: Identity, _: BookId, _: Action) -> BoxFuture<'_, Result<(), Rejection>> {
        async { Err(Rejection::Forbidden) }.boxed()
    }

    fn add_asset(&self, _: Identity, _: BookId, _: Vec<u8>) -> BoxFuture<'_, Result<Asset, Rejection>> {
        async { Err(Rejection::Forbidden) }.boxed()
    }

    fn asset(&self, _: Identity, _: BookId, _: AssetId) -> BoxFuture<'_, Result<AssetFile, Rejection>> {
        async { Err(Rejection::Forbidden) }.boxed()
    }

    fn audit(&self, _: Identity, _: Of, _: Asked) -> BoxFuture<'_, Result<Told, Rejection>> {
        async { Err(Rejection::Forbidden) }.boxed()
    }

    fn report(&self, _: Identity, _: BookId, _: Period) -> BoxFuture<'_, Result<Reported, Rejection>> {
        async { Err(Rejection::Forbidden) }.boxed()
    }

    fn survey(&self, _: Identity, _: Period) -> BoxFuture<'_, Result<Surveyed, Rejection>> {
        async { Err(Rejection::Forbidden) }.boxed()
    }

    fn analytics(&self, _: Identity, _: Period) -> BoxFuture<'_, Result<Analysed, Rejection>> {
        async { Err(Rejection::Forbidden) }.boxed()
    }

    fn ready(&self) -> BoxFuture<'_, bool> {
        self.0.is_ready().boxed()
    }

    fn drain(&self) -> BoxFuture<'_, ()> {
        self.0.drain().boxed()
    }
}
