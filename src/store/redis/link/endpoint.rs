//! How one server is reached: TCP or TLS, who the hub is there, and which failures waiting does not mend.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, IntoConnectionInfo as _, ProtocolVersion, PushInfo,
    RedisConnectionInfo, RedisError, TlsCertificates,
};
use tokio::net::TcpStream;

use super::ConnectError;
use crate::store::redis::settings::RedisSettings;

/// Longest time until a connection is made and greeted.
const CONNECT: Duration = Duration::from_millis(800);
/// Bytes that the other side does not acknowledge for this long end a connection.
const UNACKNOWLEDGED: Duration = Duration::from_secs(2);

/// How a certificate begins.
const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl From<&(String, u16)> for Address {
    fn from((host, port): &(String, u16)) -> Self {
        Self { host: host.clone(), port: *port }
    }
}

/// Why there is no connection. The texts name no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Another try may succeed.
    NotYet(String),
    /// Somebody has to change something first.
    Never(String),
}

impl Refusal {
    /// What a server or the way to it said when a connection was made.
    pub(super) fn of(address: &Address, error: &RedisError) -> Self {
        let says = |what: &str| format!("{address} {what}");
        match (error.kind(), error.code()) {
            (ErrorKind::RESP3NotSupported, _) => Self::Never(says("is not a Redis 7 or newer")),
            (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS" | "NOAUTH")) => {
                Self::Never(says("refuses the user or the password"))
            }
            (_, Some("NOPERM")) => Self::Never(says("refuses the user a command that the hub needs (see its ACL)")),
            (_, Some(code)) => Self::NotYet(says(&format!("answers {code}"))),
            (ErrorKind::InvalidClientConfig, _) => Self::Never(says("cannot be reached with these certificates")),
            _ if is_of_tls(error) => Self::Never(format!("the TLS connection to {address} failed: {error}")),
            _ => Self::NotYet(format!("{address} cannot be reached: {error}")),
        }
    }
}

/// Whether the other side is there, and not who it should be.
fn is_of_tls(error: &RedisError) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<Arc<dyn Error + Send + Sync>>());
    let io = source.and_then(|source| source.downcast_ref::<io::Error>());
    io.is_some_and(|io| io.kind() == io::ErrorKind::InvalidData)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotYet(why) | Self::Never(why) => f.write_str(why),
        }
    }
}

/// What is the same for every server of one store.
pub(super) struct Access {
    greeting: RedisConnectionInfo,
    tls: Option<TlsCertificates>,
}

impl Access {
    /// The access that the settings describe.
    pub(super) fn new(settings: &RedisSettings) -> Result<Self, ConnectError> {
        let unusable = |ca: &Vec<u8>| !ca.windows(PEM.len()).any(|window| window == PEM);
        if settings.ca.as_ref().is_some_and(unusable) {
            return Err(ConnectError("the file of authorities to trust holds no certificate in PEM form".to_owned()));
        }
        let mut greeting = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            .set_db(settings.database)
            // It would need one more permission, and be of use to nobody.
            .set_skip_set_lib_name();
        if let Some(user) = &settings.user {
            greeting = greeting.set_username(user);
        }
        if let Some(password) = &settings.password {
            greeting = greeting.set_password(password);
        }
        let tls = settings.tls.then(|| TlsCertificates { client_tls: None, root_cert: settings.ca.clone() });
        Ok(Self { greeting, tls })
    }

    /// The same servers for somebody without a name.
    pub(super) fn anonymous(&self) -> Self {
        let greeting = RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name();
        Self { greeting, tls: self.tls.clone() }
    }

    /// Makes a connection. Everything that the server says unasked goes to `heard`, which must not block.
    pub(super) async fn connect(
        &self,
        address: &Address,
        heard: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Result<MultiplexedConnection, Refusal> {
        let client = self.client(address).map_err(|error| Refusal::of(address, &error))?;
        // Deadlines are the callers', who also know what a missed one means.
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None);
        let config = config.set_push_sender(move |push| {
            heard(push);
            Ok::<(), redis::aio::SendError>(())
        });
        match tokio::time::timeout(CONNECT, client.get_multiplexed_async_connection_with_config(&config)).await {
            Ok(made) => made.map_err(|error| Refusal::of(address, &error)),
            Err(_) => Err(Refusal::NotYet(format!("{address} does not answer"))),
        }
    }

    /// Whether anybody is there at all. An encrypted attempt reads all of the system's authorities first, which is much
    /// to do again and again while nobody is.
    pub(super) async fn knock(&self, address: &Address) -> Result<(), Refusal> {
        if self.tls.is_none() {
            return Ok(());
        }
        let knocked = TcpStream::connect((address.host.as_str(), address.port));
        match tokio::time::timeout(CONNECT, knocked).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Refusal::NotYet(format!("{address} cannot be reached: {error}"))),
            Err(_) => Err(Refusal::NotYet(format!("{address} does not answer"))),
        }
    }

    fn client(&self, Address { host, port }: &Address) -> Result<Client, RedisError> {
        let address = match &self.tls {
            None => ConnectionAddr::Tcp(host.clone(), *port),
            Some(_) => ConnectionAddr::TcpTls { host: host.clone(), port: *port, insecure: false, tls_params: None },
        };
        let tcp = TcpSettings::default().set_nodelay(true).set_user_timeout(UNACKNOWLEDGED);
        let info = address.into_connection_info()?.set_tcp_settings(tcp).set_redis_settings(self.greeting.clone());
        match &self.tls {
            None => Client::open(info),
            Some(certificates) => Client::build_with_tls(info, certificates.clone()),
        }
    }
}
