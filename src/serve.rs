//! Puts a hub together from settings and runs it on its port.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _};
use quire_protocol::event::Claim;
use quire_protocol::{Action, AssetId, BookId, Rejection};

use crate::auth::{DevKeys, Identity, Verifier};
use crate::backup::control::ControlServer;
use crate::book::Whose;
use crate::book::report::Period;
use crate::chapter::asset::Asset;
use crate::clock::Clock;
use crate::config::{MailSettings, Origin, Place, Settings};
use crate::hub::audit::{Asked, Of, Told};
use crate::hub::edition::Edition;
use crate::hub::import::{NewBook, Step};
use crate::hub::manuscript::Exported;
use crate::hub::report::Reported;
use crate::hub::survey::{Analysed, Surveyed};
use crate::hub::{Hub, Parts};
use crate::import::{ImportedBook, Progress, Stage, Tell, tell_nobody};
use crate::mail::{self, Kept, Post, Smtp};
use crate::press::{self, Press, Sets};
use crate::sample;
use crate::scribe::{self, Scribe, Works};
use crate::server::{
    self, AssetFile, Backend, ConnectionPermit, HEADER_DEADLINE, HostAccess, SENDING_DEADLINE, Server, Service, Socket,
};
use crate::session::{self, Arrival};
use crate::signin::SignIn;
use crate::store::embedded::Embedded;
use crate::store::redis::Redis;
use crate::store::shared::Shared;
use crate::store::{Store, StoreError};
use crate::telemetry::{self, metric::Metrics};
use crate::webhook::Http;
use crate::yjs::{self, Call};

/// Runs the hub until the process is asked to end, or the disk can no longer be trusted.
pub async fn serve(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    telemetry::start_logs(&settings.log, settings.log_format)?;
    let metrics = Metrics::start();
    let clock = Clock::system();
    let opened = open(&settings, &clock).await?;
    let dev_keys = settings.development.then(|| DevKeys::load_or_create(&settings.data_dir)).transpose()?;
    let mut keys = settings.keys;
    keys.extend(dev_keys.as_ref().map(DevKeys::key));
    let post = post(settings.mail.as_ref(), settings.public_url.as_ref(), settings.development, &clock)?;
    let verifier = Arc::new(Verifier::new(keys, settings.limits.name_chars));
    let hub = Hub::new(Parts {
        store: opened.store,
        shared: opened.shared,
        clock: clock.clone(),
        limits: settings.limits.clone(),
        timers: settings.timers.clone(),
        verifier: Arc::clone(&verifier),
        scribe: Some(scribe()),
        press: press(settings.press, settings.press_fonts.as_deref()),
        calls: Some(Arc::new(Http::new(settings.webhook_allow_private))),
        library: settings.library_owner.map(Claim::Address).or(settings.development.then_some(Claim::Anyone)),
    });
    if opened.fresh && settings.development {
        let sample = bring_in(&hub, sample::book(), Whose::Claim(Claim::Anyone), tell_nobody()).await;
        sample.map_err(|rejection| rejection.to_string())?;
    }
    let (kept_letters, post) = post.map(|post| (post.kept, post.way)).unzip();
    let signin = signin(&hub, post).await?;
    let service = Service {
        backend: Arc::new(Front(Arc::clone(&hub))),
        verifier,
        dev_keys,
        signin: signin.clone(),
        host: settings.service_keys.map(|keys| HostAccess::new(Arc::clone(&hub), keys)),
        kept_letters: kept_letters.flatten(),
        origins: settings.origins,
        metrics: metrics.clone(),
        clock,
        limits: settings.limits,
        timers: settings.timers,
        header_deadline: HEADER_DEADLINE,
        sending_deadline: SENDING_DEADLINE,
    };
    let bound = Server::bind(settings.listen, service).await;
    let server = bound.map_err(|error| format!("cannot listen on {}: {error}", settings.listen))?;
    let address = server.address()?;
    if let Some(signin) = &signin {
        signin.is_at(&settings.public_url.map_or_else(|| format!("http://{address}"), |url| url.to_string()));
    }
    let asked_to_end = server::asked_to_end()?;
    // Whoever started the process reads from this line where it listens (port 0 takes a free one).
    writeln!(io::stdout(), "listening on http://{address}")?;
    let webhooks = Arc::clone(&hub).call_webhooks();
    let side = tokio::spawn(async move {
        let control = async {
            if let Some(control) = opened.control {
                control.run().await;
            }
        };
        tokio::join!(control, metrics.upkeep(), letters(signin), webhooks);
    });
    let ended = tokio::select! {
        () = server.run(asked_to_end) => Ok(()),
        // Nothing more can be written: those who are here come back to another process.
        () = opened.fatal => Err("the disk failed while it was written; what was acknowledged is there".into()),
    };
    side.abort();
    ended
}

/// Sends letters for as long as the hub runs, if there is a post.
async fn letters(signin: Option<Arc<SignIn>>) {
    if let Some(signin) = signin {
        tokio::join!(signin.mail_invitations(), signin.mail_notices());
    }
}

/// The program as it is, also when its file was replaced meanwhile.
fn scribe() -> Arc<dyn Works> {
    Arc::new(Scribe::new(scribe::Settings::new("/proc/self/exe", &["scribe"])))
}

/// Signing in by mail, if there is a post.
async fn signin(hub: &Arc<Hub>, post: Option<Arc<dyn Post>>) -> Result<Option<Arc<SignIn>>, StoreError> {
    let Some(post) = post else { return Ok(None) };
    let signin = Arc::new(SignIn::new(Arc::clone(hub), post));
    match signin.learn_key().await {
        // A hub starts without its store, and learns the key once that is there.
        Ok(()) | Err(StoreError::Unavailable) => Ok(Some(signin)),
        Err(damaged) => Err(damaged),
    }
}

/// How letters leave.
struct Posted {
    way: Arc<dyn Post>,
    /// The same, if they stay here.
    kept: Option<Arc<Kept>>,
}

/// By the server that is named; in development mode without one they stay here.
fn post(
    mail: Option<&MailSettings>,
    public_url: Option<&Origin>,
    development: bool,
    clock: &Clock,
) -> Result<Option<Posted>, mail::Unusable> {
    if let Some(MailSettings { smtp, from }) = mail {
        let greeting = public_url.map_or("localhost", Origin::host);
        let way = Arc::new(Smtp::new(smtp, from.clone(), greeting)?);
        return Ok(Some(Posted { way, kept: None }));
    }
    let kept = development.then(|| Arc::new(Kept::new(clock.clone())));
    Ok(kept.map(|kept| Posted { way: Arc::clone(&kept) as Arc<dyn Post>, kept: Some(kept) }))
}

/// The press at this path, or else the one beside this program.
fn press(named: Option<PathBuf>, fonts: Option<&Path>) -> Option<Arc<dyn Sets>> {
    let beside = || Some(std::env::current_exe().ok()?.with_file_name(press::PROGRAM));
    let program = named.or_else(beside)?;
    Some(Arc::new(Press::new(press::Settings::new(program, fonts))))
}

/// A store, and what the process has to do with it.
struct Opened {
    store: Arc<dyn Store>,
    /// The same store, if other replicas may share it.
    shared: Option<Arc<dyn Shared>>,
    /// Whether nobody used it before, as far as that can be told.
    fresh: bool,
    /// Gives backups while the hub runs.
    control: Option<ControlServer>,
    /// Ends when the store cannot be trusted any more.
    fatal: BoxFuture<'static, ()>,
}

async fn open(settings: &Settings, clock: &Clock) -> Result<Opened, Box<dyn std::error::Error>> {
    let Some(redis) = &settings.redis else {
        let fresh = !Embedded::is_in(&settings.data_dir);
        let store = Arc::new(Embedded::open(&settings.data_dir, clock.clone())?);
        let control = Some(ControlServer::bind(&settings.data_dir, Arc::clone(&store), clock.clone())?);
        let fatal = store.fatal().boxed();
        return Ok(Opened { store, shared: None, fresh, control, fatal });
    };
    let store = Arc::new(Redis::connect(redis, clock.clone()).await?);
    let shared = Arc::clone(&store) as Arc<dyn Shared>;
    // A Redis says when it is in trouble; it never makes this process a liar.
    Ok(Opened { store, shared: Some(shared), fresh: false, control: None, fatal: std::future::pending().boxed() })
}

/// Imports a book into a data directory on which no hub runs, or into a Redis, be there hubs or not. Whoever comes with
/// the owner's address has it.
pub async fn import(
    into: Place,
    book: ImportedBook,
    owner: String,
    tell: Tell,
) -> Result<BookId, Box<dyn std::error::Error>> {
    let clock = Clock::system();
    let store: Arc<dyn Store> = match into {
        Place::Directory(data_dir) => Arc::new(Embedded::open(&data_dir, clock.clone())?),
        Place::Redis(redis) => Arc::new(Redis::connect(&redis, clock.clone()).await?),
    };
    let limits = quire_protocol::Limits::default();
    let verifier = Arc::new(Verifier::new(Vec::new(), limits.name_chars));
    let hub = Hub::new(Parts {
        store,
        shared: None,
        clock,
        limits,
        timers: quire_protocol::Timers::default(),
        verifier,
        scribe: Some(scribe()),
        press: None,
        calls: None,
        library: None,
    });
    let id = bring_in(&hub, book, Whose::Claim(Claim::Address(owner)), tell)
        .await
        .map_err(|rejection| rejection.to_string())?;
    hub.drain().await;
    Ok(id)
}

async fn bring_in(hub: &Arc<Hub>, book: ImportedBook, whose: Whose, tell: Tell) -> Result<BookId, Rejection> {
    let id = BookId::new(&uuid::Uuid::now_v7().to_string()).expect("a UUID is an id");
    let import = book.without_text(whose);
    let texts = book.chapters.into_iter().filter(|chapter| !chapter.html.is_empty());
    let texts = texts.map(|chapter| (chapter.id, chapter.html)).collect();
    let tell = |step, done, of| {
        let stage = match step {
            Step::Chapters => Stage::Chapters,
            Step::Pictures => Stage::Pictures,
        };
        tell(Progress { stage, done, of: Some(of) });
    };
    hub.import(&id, NewBook { import, texts, pictures: book.pictures }, &tell).await?;
    Ok(id)
}

/// The hub as the port sees it.
struct Front(Arc<Hub>);

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

    fn serve_yjs(self: Arc<Self>, call: Call, mut permit: ConnectionPermit) -> BoxFuture<'static, ()> {
        let on_join = || {
            permit.greeted();
            permit
        };
        yjs::serve(Arc::clone(&self.0), call, on_join).boxed()
    }

    fn export(
        &self,
        identity: Identity,
        book: BookId,
        edition: Edition,
        known: Option<String>,
    ) -> BoxFuture<'_, Result<Exported, Rejection>> {
        async move { self.0.export(&identity, &book, edition, known.as_deref()).await }.boxed()
    }

    fn import(&self, identity: Identity, book: ImportedBook, tell: Tell) -> BoxFuture<'_, Result<BookId, Rejection>> {
        async move {
            let Identity { user, name, email, .. } = identity;
            bring_in(&self.0, book, Whose::Owner { user, name, email }, tell).await
        }
        .boxed()
    }

    fn may(&self, identity: Identity, book: BookId, action: Action) -> BoxFuture<'_, Result<(), Rejection>> {
        async move { self.0.may(&book, &identity.user, action).await }.boxed()
    }

    fn add_asset(&self, identity: Identity, book: BookId, bytes: Vec<u8>) -> BoxFuture<'_, Result<Asset, Rejection>> {
        async move { self.0.add_asset(&identity, &book, bytes).await }.boxed()
    }

    fn asset(&self, identity: Identity, book: BookId, asset: AssetId) -> BoxFuture<'_, Result<AssetFile, Rejection>> {
        async move {
            let shown = self.0.asset(&identity, &book, &asset).await?;
            Ok((shown.asset.clone(), shown.bytes().boxed()))
        }
        .boxed()
    }

    fn audit(&self, identity: Identity, of: Of, asked: Asked) -> BoxFuture<'_, Result<Told, Rejection>> {
        async move { self.0.audit(&identity, of, asked).await }.boxed()
    }

    fn report(&self, identity: Identity, book: BookId, period: Period) -> BoxFuture<'_, Result<Reported, Rejection>> {
        async move { self.0.report(&identity, &book, period).await }.boxed()
    }

    fn survey(&self, identity: Identity, period: Period) -> BoxFuture<'_, Result<Surveyed, Rejection>> {
        async move { self.0.survey(&identity, period).await }.boxed()
    }

    fn analytics(&self, identity: Identity, period: Period) -> BoxFuture<'_, Result<Analysed, Rejection>> {
        async move { self.0.analytics(&identity, period).await }.boxed()
    }

    fn ready(&self) -> BoxFuture<'_, bool> {
        self.0.is_ready().boxed()
    }

    fn drain(&self) -> BoxFuture<'_, ()> {
        self.0.drain().boxed()
    }
}
