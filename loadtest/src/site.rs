//! Where the hubs are, and how people prove who they are.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};

use crate::http;

/// The end of 2100, seconds since 1970: no token expires while something is measured.
const EXPIRY: u64 = 4_133_894_400;

/// How people prove who they are.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tokens {
    /// The hubs know this shared secret of HS256 tokens.
    Secret(String),
    /// The hubs run in development mode and vouch for everybody.
    Development,
}

/// One hub: `ws://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    /// Host and port, as they go into the `Host` header.
    pub(crate) authority: String,
    /// The path of the socket.
    pub(crate) path: String,
}

impl Url {
    /// Reads `ws://host:port`, with or without a path. TLS is not spoken here.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let rest = ["ws://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let rest = rest.ok_or_else(|| format!("{text:?} does not begin with ws:// (TLS is the work of a proxy)"))?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.is_empty() || !authority.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!("{text:?} names no host"));
        }
        let authority = if authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
            authority.to_owned()
        } else {
            format!("{authority}:80")
        };
        let path = if path.is_empty() { "/v1/socket".to_owned() } else { format!("/{path}") };
        Ok(Self { authority, path })
    }

    /// Where to connect to.
    pub(crate) async fn address(&self) -> Result<SocketAddr, String> {
        if let Ok(address) = self.authority.parse() {
            return Ok(address);
        }
        let found = tokio::net::lookup_host(&self.authority).await;
        let mut found = found.map_err(|error| format!("{}: {error}", self.authority))?;
        found.next().ok_or_else(|| format!("{} has no address", self.authority))
    }
}

/// The hubs of a run.
pub(crate) struct Site {
    pub(crate) urls: Vec<Url>,
    tokens: Tokens,
    /// Tokens that development mode gave.
    given: RefCell<HashMap<String, String>>,
}

impl Site {
    pub(crate) fn new(urls: &[String], tokens: Tokens) -> Result<Self, String> {
        let urls = urls.iter().map(|text| Url::parse(text)).collect::<Result<Vec<_>, _>>()?;
        if urls.is_empty() {
            return Err("there is no hub to connect to".to_owned());
        }
        Ok(Self { urls, tokens, given: RefCell::default() })
    }

    /// The URL of the hub with this number; numbers go round.
    pub(crate) fn url(&self, number: u32) -> &Url {
        &self.urls[number as usize % self.urls.len()]
    }

    /// A token of this person, whose verified address is [`address_of`] the name.
    pub(crate) async fn token(&self, name: &str) -> Result<String, String> {
        let secret = match &self.tokens {
            Tokens::Secret(secret) => secret,
            Tokens::Development => return self.development_token(name).await,
        };
        let claims = serde_json::json!({
            "sub": name,
            "email": address_of(name),
            "email_verified": true,
            "name": name,
            "exp": EXPIRY,
        });
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(|error| error.to_string())
    }

    async fn development_token(&self, name: &str) -> Result<String, String> {
        if let Some(token) = self.given.borrow().get(name) {
            return Ok(token.clone());
        }
        let body = serde_json::json!({"email": address_of(name), "name": name}).to_string();
        let head = "POST /v1/dev/token\r\nContent-Type: application/json";
        let answer = http::asks(self.url(0), head, &body).await.map_err(|error| format!("no token: {error}"))?;
        let answer = String::from_utf8_lossy(&answer.body).into_owned();
        let token = serde_json::from_str::<serde_json::Value>(&answer)
            .ok()
            .and_then(|answer| Some(answer.get("token")?.as_str()?.to_owned()))
            .ok_or_else(|| format!("the hub gives no development token: {answer}"))?;
        self.given.borrow_mut().insert(name.to_owned(), token.clone());
        Ok(token)
    }
}

/// The verified address of a person.
pub(crate) fn address_of(name: &str) -> String {
    format!("{name}@example.com")
}

/// Whether connections to there may come from any address of 127.0.0.0/8.
pub(crate) fn is_loopback(address: SocketAddr) -> bool {
    matches!(address.ip(), IpAddr::V4(ip) if ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_host_port_and_path() {
        let url = |text| Url::parse(text).map(|url| (url.authority, url.path));
        assert_eq!(url("ws://127.0.0.1:7400").unwrap(), ("127.0.0.1:7400".into(), "/v1/socket".into()));
        assert_eq!(url("http://hub/").unwrap(), ("hub:80".into(), "/v1/socket".into()));
        assert_eq!(url("ws://hub:1/a/b").unwrap(), ("hub:1".into(), "/a/b".into()));
        assert!(url("wss://hub").unwrap_err().contains("TLS"));
        assert!(url("ws:///v1").is_err());
    }
}
