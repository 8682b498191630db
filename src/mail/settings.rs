//! Which server takes mail, and in whose name it is sent.

use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;

/// The usual ports: of servers that take mail for others, of those that begin with TLS.
const PORTS: (u16, u16) = (587, 465);

/// How much of the line is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Nothing: for a server on the same machine or network.
    Plain,
    /// Everything after the greeting (STARTTLS); a server that cannot is refused.
    StartTls,
    /// Everything.
    Tls,
}

/// A server that takes mail. It has no `Debug`, as it may hold a password.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the line is encrypted.
    pub security: Security,
    /// As whom the hub signs in.
    pub user: Option<String>,
    /// With what.
    pub password: Option<String>,
    /// Authorities to trust, in PEM form; `None`: the system's.
    pub ca: Option<Vec<u8>>,
}

impl SmtpSettings {
    /// Reads `smtp://[USER:PASSWORD@]HOST[:PORT][?tls=required]` or `smtps://…`. Messages do not repeat it.
    pub fn from_url(url: &str) -> Result<Self, &'static str> {
        const SCHEMES: &str = "begins with smtp:// (?tls=required for STARTTLS) or smtps://";
        let (scheme, rest) = url.split_once("://").ok_or(SCHEMES)?;
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let security = match (scheme, query) {
            ("smtps", None) => Security::Tls,
            ("smtp", Some("tls=required")) => Security::StartTls,
            ("smtp", None) => Security::Plain,
            _ => return Err(SCHEMES),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (who, authority) = rest.rsplit_once('@').map_or((None, rest), |(who, host)| (Some(who), host));
        let (host, port) =
            crate::config::host_and_port(authority).ok_or("names a host such as mail.example or mail.example:587")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let usual = if security == Security::Tls { PORTS.1 } else { PORTS.0 };
        let (user, password) = match who.map(|who| who.split_once(':').unwrap_or((who, ""))) {
            Some((user, password)) => (decoded(user)?, decoded(password)?),
            None => (None, None),
        };
        Ok(Self { host, port: port.unwrap_or(usual), security, user, password, ca: None })
    }

    /// Whether what is said to the server never leaves this machine.
    pub fn is_here(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

fn decoded(text: &str) -> Result<Option<String>, &'static str> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| "holds what is not UTF-8")?;
    if text.chars().any(char::is_control) {
        return Err("holds control characters");
    }
    Ok((!text.is_empty()).then(|| text.into_owned()))
}

/// In whose name mail is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(pub(super) Mailbox);

impl Sender {
    /// Reads `ADDRESS` or `NAME <ADDRESS>`.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const PROBLEM: &str = "is an address such as books@example.org, or Books <books@example.org>";
        if text.chars().any(char::is_control) {
            return Err(PROBLEM);
        }
        let named = text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<'));
        let (name, address) = named.map_or((None, text), |(name, address)| (Some(name), address));
        let name = name.map(|name| name.trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty());
        let address = address.trim().parse().map_err(|_| PROBLEM)?;
        Ok(Self(Mailbox::new(name, address)))
    }
}
