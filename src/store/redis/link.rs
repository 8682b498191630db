//! The line to Redis: calls with deadlines, signals, and the way back after a loss. It knows no log and no key.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ProtocolVersion, PushInfo, PushKind, Value};
use tokio::sync::mpsc;

use super::settings::{Place, RedisSettings};

/// Longest wait for an answer, confirmation by replicas included.
const PATIENCE: Duration = Duration::from_millis(450);

/// A script with its hash.
pub(super) struct Script {
    text: &'static str,
    hashed: OnceLock<redis::Script>,
}

impl Script {
    /// The script with this text.
    pub(super) const fn new(text: &'static str) -> Self {
        Self { text, hashed: OnceLock::new() }
    }

    fn hash(&self) -> &str {
        self.hashed.get_or_init(|| redis::Script::new(self.text)).get_hash()
    }
}

/// One run of a script. All keys share one hash tag.
pub(super) struct Call {
    /// What runs.
    pub(super) script: &'static Script,
    /// Its `KEYS`, at least one.
    pub(super) keys: Vec<String>,
    /// Its `ARGV`.
    pub(super) args: Vec<Bytes>,
}

impl Call {
    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len()).arg(&self.keys);
        for arg in &self.args {
            command.arg(&arg[..]);
        }
        command
    }
}

/// Why a call was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing was sent: nothing happened.
    Away,
    /// It may have happened, or happens later.
    Unknown,
    /// The server refused it (`READONLY`, `OOM`, `NOPERM`..): nothing happened.
    Refused(String),
}

/// What a subscription brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// Somebody published this; the own messages come too.
    Message {
        /// The channel's whole name.
        channel: String,
        /// What was published.
        words: Bytes,
    },
    /// Anything may have been missed; all subscriptions are in force again.
    Interrupted,
}

/// Why a hub does not start with these settings: waiting would not help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectError(String);

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this Redis cannot be used: {}", self.0)
    }
}

impl std::error::Error for ConnectError {}

/// A handle on the connections to Redis; clones share them.
#[derive(Clone)]
pub(super) struct Link {
    inner: Arc<Inner>,
}

struct Inner {
    connection: MultiplexedConnection,
    listener: Arc<RwLock<Option<mpsc::Sender<Raw>>>>,
    wanted: RwLock<HashSet<String>>,
}

impl Link {
    /// Connects.
    pub(super) async fn connect(settings: &RedisSettings) -> Result<Self, ConnectError> {
        let Place::One((host, port)) = &settings.place else {
            return Err(ConnectError("not one server".to_owned()));
        };
        let listener: Arc<RwLock<Option<mpsc::Sender<Raw>>>> = Arc::default();
        let info = redis::RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3).set_db(settings.database);
        let address = redis::ConnectionAddr::Tcp(host.clone(), *port);
        let failed = |error: redis::RedisError| ConnectError(error.to_string());
        let info = redis::IntoConnectionInfo::into_connection_info(address).map_err(failed)?.set_redis_settings(info);
        let heard = Arc::clone(&listener);
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_push_sender(move |push: PushInfo| {
            if let (Some(raw), Some(listener)) = (message(push), &*heard.read().unwrap_or_else(PoisonError::into_inner))
            {
                // A full queue drops signals: whoever misses one is late, never wrong.
                drop(listener.try_send(raw));
            }
            Ok::<(), redis::aio::SendError>(())
        });
        let client = Client::open(info).map_err(failed)?;
        let connection = client.get_multiplexed_async_connection_with_config(&config).await.map_err(failed)?;
        Ok(Self { inner: Arc::new(Inner { connection, listener, wanted: RwLock::default() }) })
    }

    /// Runs a script; with replicas to wait for, its effects and everything it read have reached them. Answers within
    /// [`PATIENCE`]; while the line is known to be down it fails at once.
    pub(super) async fn call(&self, call: Call) -> Result<Value, Trouble> {
        let asked = async {
            match self.ask(&call.command("EVALSHA", call.script.hash())).await {
                Err(Trouble::Refused(code)) if code == "NOSCRIPT" => {
                    self.ask(&call.command("EVAL", call.script.text)).await
                }
                answer => answer,
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Err(Trouble::Unknown))
    }

    async fn ask(&self, command: &Cmd) -> Result<Value, Trouble> {
        let mut connection = self.inner.connection.clone();
        let answer = connection.send_packed_command(command).await.and_then(Value::extract_error);
        answer.map_err(|error| match error.code() {
            Some(code) => Trouble::Refused(code.to_owned()),
            None => Trouble::Unknown,
        })
    }

    /// Runs many scripts in one go; their keys need not share a tag. Fails as a whole.
    pub(super) async fn call_many(&self, calls: Vec<Call>) -> Result<Vec<Value>, Trouble> {
        futures::future::try_join_all(calls.into_iter().map(|call| self.call(call))).await
    }

    /// Says something to whoever subscribed to the channel. Never waits; drops what it cannot send.
    pub(super) fn publish(&self, channel: &str, words: Bytes) {
        let mut command = redis::cmd(self.publish_command());
        command.arg(channel).arg(&words[..]);
        let link = self.clone();
        tokio::spawn(async move { link.ask(&command).await.ok() });
    }

    /// The command that publishes, for scripts: a cluster has sharded channels.
    pub(super) fn publish_command(&self) -> &'static str {
        "PUBLISH"
    }

    /// From now on messages come to this queue, for as long as this link lives; a full queue drops them.
    pub(super) fn listen(&self, queue: mpsc::Sender<Raw>) {
        *self.inner.listener.write().unwrap_or_else(PoisonError::into_inner) = Some(queue);
    }

    /// Subscribes, and waits for the server's confirmation. Stays in force over lost connections.
    pub(super) async fn subscribe(&self, channel: &str) -> Result<(), Trouble> {
        self.inner.wanted.write().unwrap_or_else(PoisonError::into_inner).insert(channel.to_owned());
        let mut command = redis::cmd("SUBSCRIBE");
        command.arg(channel);
        tokio::time::timeout(PATIENCE, self.ask(&command)).await.unwrap_or(Err(Trouble::Unknown)).map(drop)
    }

    /// Hears no more of the channel.
    pub(super) fn unsubscribe(&self, channel: &str) {
        self.inner.wanted.write().unwrap_or_else(PoisonError::into_inner).remove(channel);
        let mut command = redis::cmd("UNSUBSCRIBE");
        command.arg(channel);
        let link = self.clone();
        tokio::spawn(async move { link.ask(&command).await.ok() });
    }
}

fn message(push: PushInfo) -> Option<Raw> {
    if !matches!(push.kind, PushKind::Message | PushKind::SMessage) {
        return None;
    }
    match <[Value; 2]>::try_from(push.data).ok()? {
        [Value::BulkString(channel), Value::BulkString(words)] => {
            Some(Raw::Message { channel: String::from_utf8(channel).ok()?, words: words.into() })
        }
        _ => None,
    }
}
