//! Where the Redis is, and who the hub is there.

use percent_encoding::percent_decode_str;

/// The port of a Redis.
const PORT: u16 = 6379;
/// The port of a sentinel.
const SENTINEL_PORT: u16 = 26379;
/// Longest prefix of keys, in characters.
const PREFIX_CHARS_MAX: usize = 32;

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
        Self::of(Place::One((host.to_owned(), port)))
    }

    /// The Redis at this place, without a password, with the default prefix.
    pub fn of(place: Place) -> Self {
        Self {
            place,
            database: 0,
            user: None,
            password: None,
            tls: false,
            ca: None,
            prefix: "quire".to_owned(),
            wait_replicas: 0,
        }
    }

    /// Parses one of
    ///
    /// ```text
    /// redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]
    /// redis-sentinel://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]…]/SERVICE[/DATABASE]
    /// redis-cluster://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]…]
    /// ```
    ///
    /// or the same with `rediss` for TLS. User, password and service are percent-encoded. No error repeats any of it,
    /// as a part that is misplaced may be the password.
    pub fn from_url(url: &str) -> Result<Self, &'static str> {
        const SCHEMES: &str = "begins with redis://, redis-sentinel:// or redis-cluster:// (rediss… for TLS)";
        let (scheme, rest) = url.split_once("://").ok_or(SCHEMES)?;
        let (tls, kind) = match scheme.strip_prefix("rediss") {
            Some(kind) => (true, kind),
            None => (false, scheme.strip_prefix("redis").ok_or(SCHEMES)?),
        };
        if rest.contains(['?', '#']) {
            return Err("has no ? or # part; in a user or a password they are written %3F and %23");
        }
        let (before, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (who, hosts) = before.rsplit_once('@').map_or((None, before), |(who, hosts)| (Some(who), hosts));
        let mut path = path.split('/').filter(|part| !part.is_empty());
        let hosts = |port| hosts.split(',').map(|host| parse_host(host, port)).collect::<Result<Vec<_>, _>>();
        let place = match kind {
            "" => match <[_; 1]>::try_from(hosts(PORT)?) {
                Ok([host]) => Place::One(host),
                Err(_) => return Err("names one host; several belong to redis-sentinel:// or redis-cluster://"),
            },
            "-sentinel" => {
                let service = path.next().ok_or("ends with the service's name: redis-sentinel://HOSTS/SERVICE")?;
                Place::Sentinels { sentinels: hosts(SENTINEL_PORT)?, service: decoded(service)? }
            }
            "-cluster" => Place::Cluster(hosts(PORT)?),
            _ => return Err(SCHEMES),
        };
        let database = path.next().map(str::parse).transpose();
        let database = database.ok().filter(|database| database.is_none_or(|number: u16| number < 1_000));
        let database = database.ok_or("names a database by its number")?.unwrap_or(0);
        if path.next().is_some() || (database != 0 && matches!(place, Place::Cluster(_))) {
            return Err("ends too late: nothing follows the database, and a cluster has only one");
        }
        let mut settings = Self { tls, database: i64::from(database), ..Self::of(place) };
        if let Some(who) = who {
            let (user, password) = who.split_once(':').map_or((who, None), |(user, password)| (user, Some(password)));
            settings.user = Some(decoded(user)?).filter(|user| !user.is_empty());
            settings.password = password.map(decoded).transpose()?.filter(|password| !password.is_empty());
        }
        Ok(settings)
    }

    /// What keys and channels can begin with.
    pub fn parse_prefix(text: &str) -> Result<String, &'static str> {
        let plain = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
        let good = (1..=PREFIX_CHARS_MAX).contains(&text.len()) && text.chars().all(plain);
        good.then(|| text.to_owned()).ok_or("is 1 to 32 letters, digits, _ or -")
    }
}

/// `HOST`, `HOST:PORT`, `[IPv6]` or `[IPv6]:PORT`.
fn parse_host(text: &str, port: u16) -> Result<(String, u16), &'static str> {
    const PROBLEM: &str = "names hosts such as db.example, db.example:6379 or [::1]:6379, with commas between";
    let (host, after) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or(PROBLEM)?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let known = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_' | ':');
    let port = match after.strip_prefix(':') {
        Some(number) => number.parse().ok().filter(|port| *port > 0).ok_or(PROBLEM)?,
        None if after.is_empty() => port,
        None => return Err(PROBLEM),
    };
    let good = !host.is_empty() && host.chars().all(known);
    good.then(|| (host.to_owned(), port)).ok_or(PROBLEM)
}

fn decoded(text: &str) -> Result<String, &'static str> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| "has parts that are not UTF-8")?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests;
