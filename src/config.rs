//! Every setting: flags first, then `QUIRE_*` variables, then defaults. No other file reads the environment.
//!
//! Everything is parsed into raw text first and judged afterwards, so that all bad values are named together in one
//! message. No message contains the value of a secret.

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, FromArgMatches as _};
use quire_protocol::{Limits, Timers};

use crate::auth::{Expected, Key, Secret, ServiceKeys};
use crate::store::redis::RedisSettings;

mod args;
mod environment;
mod mail;
mod origin;
mod parse;
mod redis;

pub use mail::MailSettings;
pub use origin::Origin;
pub(crate) use origin::host_and_port;

use args::{Arguments, ServeArguments, TaskArguments};
use environment::Environment;

/// What the process shall do.
pub enum Task {
    /// Run the hub.
    Serve(Box<Settings>),
    /// Import a book into a data directory while no hub runs on it, or into a Redis.
    Import {
        /// The EPUB.
        file: PathBuf,
        /// The normal address of whoever may claim the book.
        owner: String,
        /// Where the store is.
        into: Place,
    },
    /// Import a book through a running hub.
    ImportRemote {
        /// The EPUB.
        file: PathBuf,
        /// The running hub, such as `http://127.0.0.1:7400`.
        url: String,
        /// Who owns the book.
        caller: Caller,
    },
    /// Write everything that a data directory holds to a file.
    Dump {
        /// Where the store is.
        data_dir: PathBuf,
        /// Where to; `None`: standard output.
        file: Option<PathBuf>,
    },
    /// Fill an empty data directory from a dump.
    Load {
        /// Where from.
        file: PathBuf,
        /// Where the store shall be.
        data_dir: PathBuf,
    },
    /// Be the scribe of a hub: the child process in which documents are merged.
    Scribe,
    /// Ask a running hub whether it is well.
    Probe {
        /// What to ask, such as `http://127.0.0.1:7400/readyz`.
        url: String,
    },
}

/// Where a store is.
pub enum Place {
    /// In this directory.
    Directory(PathBuf),
    /// In a Redis.
    Redis(Box<RedisSettings>),
}

/// As whom a book is imported through a running hub. It has no `Debug`, as it may be a token.
pub enum Caller {
    /// The bearer of this token.
    Token(String),
    /// The owner of this address; the hub vouches for it if it runs in development mode.
    Address(String),
}

/// How the hub runs.
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the store and the key of development mode are.
    pub data_dir: PathBuf,
    /// Where the store is instead, if replicas share it.
    pub redis: Option<RedisSettings>,
    /// Other origins whose pages may connect, besides the hub's own.
    pub origins: Vec<Origin>,
    /// Keys of token issuers.
    pub keys: Vec<Key>,
    /// Secrets of host applications; `None`: there are none.
    pub service_keys: Option<ServiceKeys>,
    /// Whether the hub itself vouches for addresses, on loopback only.
    pub development: bool,
    /// Through whom mail leaves; `None`: in development mode it is kept, otherwise there is none.
    pub mail: Option<MailSettings>,
    /// Where people reach the page, if that is said.
    pub public_url: Option<Origin>,
    /// The address of whoever owns the library once they come, if nobody does.
    pub library_owner: Option<String>,
    /// Webhooks may be on private networks, and be called without TLS.
    pub webhook_allow_private: bool,
    /// Where the program is that makes PDFs; `None`: beside this one, if it is there.
    pub press: Option<PathBuf>,
    /// A folder with more fonts for PDFs.
    pub press_fonts: Option<PathBuf>,
    /// What is logged: a filter such as `info` or `quire=debug`.
    pub log: String,
    /// How it is written.
    pub log_format: LogFormat,
    /// How much of everything.
    pub limits: Limits,
    /// How long everything takes.
    pub timers: Timers,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object in each line.
    Json,
    /// For people at a terminal.
    Text,
}

/// Why there is nothing to run.
pub enum Stop {
    /// The command line is not understood, or asked for help or the version: clap's answer.
    Usage(clap::Error),
    /// Settings are wrong.
    Problems(Problems),
}

/// Everything that is wrong with the settings.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl Problems {
    fn add(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    /// The value, or `None` and a problem with this setting.
    fn take<T>(&mut self, flag: &str, result: Result<T, impl fmt::Display>) -> Option<T> {
        result.map_err(|problem| self.add(format!("--{flag}: {problem}"))).ok()
    }

    fn or<T>(self, value: Option<T>) -> Result<T, Stop> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Stop::Problems(self)),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these settings are wrong:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for Problems {}

/// Reads the settings of this process.
pub fn from_process() -> Result<Task, Stop> {
    read(std::env::args_os(), std::env::vars_os())
}

/// Reads the settings from `arguments` (the first is the program's name) and `environment`.
pub fn read(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Task, Stop> {
    let command = environment::mention_variables(Arguments::command());
    let matches = command.try_get_matches_from(arguments).map_err(Stop::Usage)?;
    let mut arguments = Arguments::from_arg_matches(&matches).map_err(Stop::Usage)?;
    let mut problems = Problems::default();
    let environment = Environment::read(environment, &mut problems);
    match arguments.task.take() {
        None => {
            environment.fill(&mut arguments.serve);
            serve(&arguments.serve, problems)
        }
        Some(task) => subcommand(task, &environment, problems),
    }
}

fn serve(raw: &ServeArguments, mut problems: Problems) -> Result<Task, Stop> {
    let listen = problems.take("listen", parse::listen(raw.listen.as_deref().unwrap_or("127.0.0.1:7400")));
    let keys = keys(raw, &mut problems);
    let service = read_file(raw.service_token_file.as_ref(), "service-token-file", &mut problems);
    let service_keys = service.and_then(|file| problems.take("service-token-file", ServiceKeys::read(&file)));
    let (limits, timers) = (limits(raw, &mut problems), timers(raw, &mut problems));
    let redis = redis::read(&raw.redis, &mut problems);
    let origins = raw.allow_origin.iter();
    let origins = origins.filter_map(|text| problems.take("allow-origin", Origin::parse(text))).collect();
    let dev = yes_or_no("dev", raw.dev.as_deref(), &mut problems);
    let webhook_allow_private = yes_or_no("webhook-allow-private", raw.webhook_allow_private.as_deref(), &mut problems);
    let log_format = match raw.log_format.as_deref() {
        None | Some("json") => LogFormat::Json,
        Some("text") => LogFormat::Text,
        Some(_) => problems.take("log-format", Err("is json or text")).unwrap_or(LogFormat::Json),
    };
    let log = raw.log.clone().unwrap_or_else(|| "info".to_owned());
    problems.take("log", log.parse::<tracing_subscriber::filter::EnvFilter>());
    let can_sign_in = raw.has_key() || raw.mail.has_server();
    if let Some(listen) = listen.filter(|listen| !can_sign_in && !listen.ip().is_loopback()) {
        problems.add(format!(
            "no key to verify tokens with, and {listen} is not a loopback address: give --jwt-secret-file, \
             --jwt-secret, --jwt-public-key or --jwks, or --smtp-url to sign people in by mail"
        ));
    }
    let development = dev || !can_sign_in;
    let (mail, public_url) = mail::read(&raw.mail, development, &mut problems);
    let press = found(raw.press.as_ref(), ("press", "there is no such file"), Path::is_file, &mut problems);
    let no_address = "this is no address";
    let owner = raw
        .library_owner
        .as_deref()
        .map(|email| quire_protocol::text::normal_email(email).ok_or(no_address))
        .transpose();
    let library_owner = problems.take("library-owner", owner).flatten();
    let fonts = (raw.press_fonts.as_ref(), ("press-fonts", "there is no such directory"));
    let press_fonts = found(fonts.0, fonts.1, Path::is_dir, &mut problems);
    let settings = listen.map(|listen| Settings {
        listen,
        data_dir: parse::data_dir(raw.data_dir.as_deref()),
        redis,
        origins,
        development,
        keys,
        service_keys,
        mail,
        public_url,
        press,
        press_fonts,
        library_owner,
        webhook_allow_private,
        log,
        log_format,
        limits,
        timers,
    });
    problems.or(settings.map(|settings| Task::Serve(Box::new(settings))))
}

fn yes_or_no(name: &'static str, given: Option<&str>, problems: &mut Problems) -> bool {
    match given {
        None | Some("false" | "0" | "") => false,
        Some("true" | "1") => true,
        Some(_) => problems.take(name, Err("is true or false")).unwrap_or_default(),
    }
}

fn keys(raw: &ServeArguments, problems: &mut Problems) -> Vec<Key> {
    let non_empty = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let expected = Expected { issuer: non_empty(&raw.jwt_issuer), audience: non_empty(&raw.jwt_audience) };
    if expected != Expected::default() && !raw.has_key() {
        problems.add("--jwt-issuer and --jwt-audience belong to a key, and none is given");
    }
    let mut keys = Vec::new();
    if let Some(secret) = &raw.jwt_secret {
        keys.extend(problems.take("jwt-secret", Key::secret(&Secret::new(secret.as_bytes()), expected.clone())));
    }
    if let Some(bytes) = read_file(raw.jwt_secret_file.as_ref(), "jwt-secret-file", problems) {
        // Editors and `echo` end a file with a line feed that is no part of the secret.
        let secret = Secret::new(bytes.trim_ascii_end());
        keys.extend(problems.take("jwt-secret-file", Key::secret(&secret, expected.clone())));
    }
    if let Some(pem) = read_file(raw.jwt_public_key.as_ref(), "jwt-public-key", problems) {
        keys.extend(problems.take("jwt-public-key", Key::public_pem(&pem, expected.clone())));
    }
    if let Some(json) = read_file(raw.jwks.as_ref(), "jwks", problems) {
        keys.extend(problems.take("jwks", Key::key_set(&json, &expected)).unwrap_or_default());
    }
    keys
}

fn read_file(path: Option<&String>, flag: &str, problems: &mut Problems) -> Option<Vec<u8>> {
    let path = Path::new(path?);
    let read = std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()));
    problems.take(flag, read)
}

/// A path that leads to what it should.
fn found(
    path: Option<&String>,
    (flag, problem): (&str, &str),
    is_there: fn(&Path) -> bool,
    problems: &mut Problems,
) -> Option<PathBuf> {
    // An empty variable is one that a deployment leaves open.
    let path = path.map(PathBuf::from).filter(|path| !path.as_os_str().is_empty())?;
    if !is_there(&path) {
        problems.add(format!("--{flag}: {problem}: {}", path.display()));
    }
    Some(path)
}

fn limits(raw: &ServeArguments, problems: &mut Problems) -> Limits {
    let mut limits = Limits::default();
    for text in &raw.limit {
        let changed = parse::with_number(&limits, &limits.table(), text, parse::count);
        limits = problems.take("limit", changed).unwrap_or(limits);
    }
    if limits.depth > quire_protocol::codec::DEPTH_MAX {
        problems.add(format!("--limit: depth is at most {}", quire_protocol::codec::DEPTH_MAX));
    }
    if limits.hello_bytes > limits.message_bytes || limits.part_bytes >= limits.message_bytes {
        problems.add("--limit: hello_bytes and part_bytes must fit into message_bytes");
    }
    limits
}

fn timers(raw: &ServeArguments, problems: &mut Problems) -> Timers {
    let mut timers = Timers::default();
    let short_names = [("lock-idle", &raw.lock_idle, "lock_idle_ms"), ("lock-grace", &raw.lock_grace, "grace_ms")];
    let short = short_names.iter().filter_map(|(flag, text, name)| Some((*flag, format!("{name}={}", text.as_ref()?))));
    for (flag, text) in short.chain(raw.timer.iter().map(|text| ("timer", text.clone()))) {
        let changed = parse::with_number(&timers, &timers.table(), &text, parse::duration_ms);
        timers = problems.take(flag, changed).unwrap_or(timers);
    }
    // Whoever shortens the idle time need not know of the notice.
    timers.lock_idle_notice_ms = timers.lock_idle_notice_ms.min(timers.lock_idle_ms / 2);
    let may_be_zero = ["grace_ms", "lock_idle_notice_ms", "drain_ms", "ownership_offer_ms"];
    for (name, ms) in timers.table() {
        if ms == 0 && !may_be_zero.contains(&name) {
            problems.add(format!("--timer: {name} is more than 0"));
        }
    }
    timers
}

fn subcommand(task: TaskArguments, environment: &Environment, mut problems: Problems) -> Result<Task, Stop> {
    let data_dir = |given: Option<String>| parse::data_dir(given.or_else(|| environment.text("data-dir")).as_deref());
    let backup =
        matches!(task, TaskArguments::Dump { data_dir: None, .. } | TaskArguments::Load { data_dir: None, .. });
    if backup && environment.text("redis-url").is_some_and(|url| !url.is_empty()) {
        problems.add("QUIRE_REDIS_URL: backups are of data directories; give --data-dir, or back up the Redis itself");
    }
    let task = match task {
        TaskArguments::Import { file, owner, data_dir: given, redis: mut raw, url: None, token: _ } => {
            if given.is_none() {
                environment.fill_redis(&mut raw);
            }
            let redis = redis::read(&raw, &mut problems);
            let into = redis.map_or_else(|| Place::Directory(data_dir(given)), |redis| Place::Redis(Box::new(redis)));
            owner
                .ok_or("says whose book it is")
                .and_then(|owner| quire_protocol::text::normal_email(&owner).ok_or("is an e-mail address"))
                .map(|owner| Task::Import { file, owner, into })
        }
        TaskArguments::Import { file, owner, data_dir: _, redis: _, url: Some(url), token } => {
            match (token.or_else(|| environment.text("token")), owner) {
                (Some(_), Some(_)) => Err("is not given beside a token: the token's bearer owns the book"),
                (Some(token), None) => Ok(Caller::Token(token)),
                (None, Some(owner)) => Ok(Caller::Address(owner)),
                (None, None) => Err("or --token says whose book it is"),
            }
            .map(|caller| Task::ImportRemote { file, url, caller })
        }
        TaskArguments::Dump { file, data_dir: given } => Ok(Task::Dump { file, data_dir: data_dir(given) }),
        TaskArguments::Load { file, data_dir: given } => Ok(Task::Load { file, data_dir: data_dir(given) }),
        TaskArguments::Scribe => Ok(Task::Scribe),
        TaskArguments::Probe { url } => Ok(Task::Probe { url }),
    };
    let task = problems.take("owner", task);
    problems.or(task)
}

#[cfg(test)]
mod tests;
