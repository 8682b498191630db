//! Web origins: scheme, host and port, compared exactly.

use std::fmt;

use http::Uri;

/// Where a page comes from. Two are the same only if scheme, host and port all are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

/// Text that is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOrigin;

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not an origin: http or https, ://, a host, and a port if it is not the usual one")
    }
}

impl std::error::Error for InvalidOrigin {}

impl Origin {
    /// Reads an origin as browsers write it; `null`, paths, users and wildcards are none.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(InvalidOrigin),
        };
        let authority = uri.authority().ok_or(InvalidOrigin)?;
        let (host, port) = host_and_port(authority.as_str()).ok_or(InvalidOrigin)?;
        // An absent path is read as "/", so a path shows only by the length of the text.
        let scheme_chars = if https { "https://".len() } else { "http://".len() };
        if text.len() != scheme_chars + authority.as_str().len() {
            return Err(InvalidOrigin);
        }
        Ok(Self { https, host, port: port.unwrap_or(usual_port(https)) })
    }

    /// Its host, without the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether this is the origin of pages that were asked for with this `Host` header. A proxy in front may speak
    /// TLS, so both schemes are.
    pub fn is_own(&self, host_header: &str) -> bool {
        host_and_port(host_header)
            .is_some_and(|(host, port)| host == self.host && port.unwrap_or(usual_port(self.https)) == self.port)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == usual_port(self.https) { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

fn usual_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// Host (small letters) and port of `host`, `host:port` or `[v6]:port`.
pub(crate) fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.rfind(':') {
        Some(colon) if !authority[colon..].contains(']') => (&authority[..colon], Some(&authority[colon + 1..])),
        _ => (authority, None),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let well_formed = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        }
    };
    let port = match port {
        None => None,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
        Some(_) => return None,
    };
    well_formed.then(|| (host.to_ascii_lowercase(), port))
}
