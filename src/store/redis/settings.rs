//! Where the Redis is, and who the hub is there.

/// What a hub needs to know of its Redis. It has no `Debug`, as it holds a password.
#[derive(Clone)]
pub struct RedisSettings {
    /// Where it is.
    pub place: Place,
    /// The number of the database; a cluster has only 0.
    pub database: i64,
    /// The user; `None`: the default user.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<String>,
    /// Whether connections are encrypted.
    pub tls: bool,
    /// Certificates to trust instead of the system's, in PEM form.
    pub ca: Option<Vec<u8>>,
    /// What every key and channel begins with.
    pub prefix: String,
    /// How many replicas of the Redis must have a write before it is acknowledged.
    pub wait_replicas: u32,
}

/// How the Redis is found. Hosts are names or addresses with a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// One server.
    One((String, u16)),
    /// Whatever these sentinels call the master of the service.
    Sentinels {
        /// At least one of the sentinels.
        sentinels: Vec<(String, u16)>,
        /// The service's name.
        service: String,
    },
    /// A cluster that at least one of these nodes belongs to.
    Cluster(Vec<(String, u16)>),
}

impl RedisSettings {
    /// One server without a password, with the default prefix.
    pub fn at(host: &str, port: u16) -> Self {
        Self {
            place: Place::One((host.to_owned(), port)),
            database: 0,
            user: None,
            password: None,
            tls: false,
            ca: None,
            prefix: "quire".to_owned(),
            wait_replicas: 0,
        }
    }
}
