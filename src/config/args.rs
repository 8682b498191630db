//! The command line, as text. Nothing is judged here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A real-time collaboration hub for books. Without a command it runs the hub.
#[derive(Parser)]
#[command(name = "quire", version, about, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) task: Option<TaskArguments>,
    #[command(flatten)]
    pub(super) serve: ServeArguments,
}

#[derive(Args)]
pub(super) struct ServeArguments {
    /// Address and port to listen on (default 127.0.0.1:7400)
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<String>,
    /// Directory of the store (default ./quire-data)
    #[arg(long, value_name = "DIR")]
    pub(super) data_dir: Option<String>,
    #[command(flatten)]
    pub(super) redis: RedisArguments,
    /// Release a lock after this time without activity (default 24h)
    #[arg(long, value_name = "DURATION")]
    pub(super) lock_idle: Option<String>,
    /// Keep the locks of a vanished tab for this long (default 10s; 0 frees them at once)
    #[arg(long, value_name = "DURATION")]
    pub(super) lock_grace: Option<String>,
    /// Shared secret of HS256 tokens, at least 32 bytes; better in a file
    #[arg(long, value_name = "SECRET", hide_env_values = true)]
    pub(super) jwt_secret: Option<String>,
    /// File with the shared secret of HS256 tokens
    #[arg(long, value_name = "FILE")]
    pub(super) jwt_secret_file: Option<String>,
    /// Public key in PEM form: RSA for RS256, Ed25519 for `EdDSA` tokens
    #[arg(long, value_name = "FILE")]
    pub(super) jwt_public_key: Option<String>,
    /// JSON web key set; its key ids are the ones that are accepted
    #[arg(long, value_name = "FILE")]
    pub(super) jwks: Option<String>,
    /// The issuer that tokens must name
    #[arg(long, value_name = "TEXT")]
    pub(super) jwt_issuer: Option<String>,
    /// The audience that tokens must name
    #[arg(long, value_name = "TEXT")]
    pub(super) jwt_audience: Option<String>,
    /// File with the secrets of host applications, one a line, at least 32 bytes each
    #[arg(long, value_name = "FILE")]
    pub(super) service_token_file: Option<String>,
    /// Another origin whose pages may connect, such as <https://books.example>; repeatable
    #[arg(long, value_name = "ORIGIN")]
    pub(super) allow_origin: Vec<String>,
    /// Hand out development tokens on loopback, beside a given key (the default when there is no key)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub(super) dev: Option<String>,
    /// Whoever proves this address first owns the library (default: in development mode whoever looks at it first)
    #[arg(long, value_name = "EMAIL")]
    pub(super) library_owner: Option<String>,
    /// Call webhooks on private networks, too, and without TLS
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub(super) webhook_allow_private: Option<String>,
    /// What is logged, such as info or quire=debug (default info)
    #[arg(long, value_name = "FILTER")]
    pub(super) log: Option<String>,
    /// How it is written: json or text (default json)
    #[arg(long, value_name = "FORMAT")]
    pub(super) log_format: Option<String>,
    #[command(flatten)]
    pub(super) mail: MailArguments,
    /// Program that makes PDFs (default: quire-press beside this program)
    #[arg(long, value_name = "FILE")]
    pub(super) press: Option<String>,
    /// Folder with more fonts for PDFs
    #[arg(long, value_name = "DIR")]
    pub(super) press_fonts: Option<String>,
    /// Changes a limit of the specification's table, such as `sessions_per_user=20`; repeatable
    #[arg(long, value_name = "NAME=NUMBER")]
    pub(super) limit: Vec<String>,
    /// Changes a timer of the specification's table, such as `ping_ms=15s`; repeatable
    #[arg(long, value_name = "NAME=DURATION")]
    pub(super) timer: Vec<String>,
}

impl ServeArguments {
    /// Whether a key is given, be it good or bad.
    pub(super) fn has_key(&self) -> bool {
        [&self.jwt_secret, &self.jwt_secret_file, &self.jwt_public_key, &self.jwks].iter().any(|key| key.is_some())
    }
}

#[derive(Args, Default)]
pub(super) struct MailArguments {
    /// Send mail through this server, so that people sign in by a mailed link: <smtp://USER:PASSWORD@HOST:PORT>,
    /// ?tls=required behind it for STARTTLS, or smtps:// for TLS
    #[arg(long = "smtp-url", id = "smtp-url", value_name = "URL", hide_env_values = true)]
    pub(super) smtp_url: Option<String>,
    /// File with the password for the mail server
    #[arg(long = "smtp-password-file", id = "smtp-password-file", value_name = "FILE")]
    pub(super) password_file: Option<String>,
    /// Authorities to trust for the mail server, in PEM form (default: the system's)
    #[arg(long = "smtp-ca", id = "smtp-ca", value_name = "FILE")]
    pub(super) ca: Option<String>,
    /// In whose name mail is sent: ADDRESS, or NAME <ADDRESS>
    #[arg(long = "mail-from", id = "mail-from", value_name = "ADDRESS")]
    pub(super) from: Option<String>,
    /// Where people reach the page, such as <https://books.example>: what links in mails begin with
    #[arg(long = "public-url", id = "public-url", value_name = "URL")]
    pub(super) public_url: Option<String>,
}

#[derive(Args, Default)]
pub(super) struct RedisArguments {
    /// Keep books in this Redis, shared with other replicas: <redis://HOST:PORT>, <redis-sentinel://HOSTS/SERVICE> or
    /// <redis-cluster://HOSTS>; rediss for TLS, USER:PASSWORD@ before the host
    #[arg(long = "redis-url", id = "redis-url", value_name = "URL", hide_env_values = true)]
    pub(super) url: Option<String>,
    /// File with the password for Redis
    #[arg(long = "redis-password-file", id = "redis-password-file", value_name = "FILE")]
    pub(super) password_file: Option<String>,
    /// Authorities to trust for Redis, in PEM form (default: the system's)
    #[arg(long = "redis-ca", id = "redis-ca", value_name = "FILE")]
    pub(super) ca: Option<String>,
    /// What every key and channel in Redis begins with (default quire)
    #[arg(long = "redis-prefix", id = "redis-prefix", value_name = "TEXT")]
    pub(super) prefix: Option<String>,
    /// Acknowledge a write only once this many replicas of the Redis have it (default 0)
    #[arg(long = "redis-wait-replicas", id = "redis-wait-replicas", value_name = "NUMBER")]
    pub(super) wait_replicas: Option<String>,
}

impl RedisArguments {
    /// Whether something is said about a Redis whose address is not.
    pub(super) fn is_pointless(&self) -> bool {
        let about = [&self.password_file, &self.ca, &self.prefix, &self.wait_replicas];
        self.url.is_none() && about.iter().any(|setting| setting.is_some())
    }
}

#[derive(Subcommand)]
pub(super) enum TaskArguments {
    /// Makes a book from an EPUB file
    Import {
        /// The EPUB
        #[arg(value_name = "FILE.epub")]
        file: PathBuf,
        /// Whoever proves this address first owns the book
        #[arg(long, value_name = "EMAIL")]
        owner: Option<String>,
        /// Directory of the store, while no hub runs on it (default ./quire-data)
        #[arg(long, value_name = "DIR", conflicts_with = "redis-url")]
        data_dir: Option<String>,
        #[command(flatten)]
        redis: RedisArguments,
        /// A running hub to import through
        #[arg(long, value_name = "URL", conflicts_with_all = ["data_dir", "redis-url"])]
        url: Option<String>,
        /// The owner's token for the running hub; without one, its development mode vouches for --owner
        #[arg(long, value_name = "TOKEN", requires = "url", hide_env_values = true)]
        token: Option<String>,
    },
    /// Writes a backup of everything
    Dump {
        /// Where to (default: standard output)
        file: Option<PathBuf>,
        /// Directory of the store (default ./quire-data)
        #[arg(long, value_name = "DIR")]
        data_dir: Option<String>,
    },
    /// Fills an empty data directory from a backup
    Load {
        /// The backup
        file: PathBuf,
        /// Directory of the store (default ./quire-data)
        #[arg(long, value_name = "DIR")]
        data_dir: Option<String>,
    },
    /// Works on texts for a hub, over pipes; started by the hub
    #[command(hide = true)]
    Scribe,
    /// Asks a running hub, and fails unless it answers 200; for health checks where there is no other client
    Probe {
        /// What to ask, such as <http://127.0.0.1:7400/readyz>
        #[arg(value_name = "URL")]
        url: String,
    },
}
