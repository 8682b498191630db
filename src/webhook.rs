//! Calls to webhooks: how they are signed, and the way out. It knows no book and no store.
//!
//! What is sent is what Standard Webhooks says: an id that is the same in every attempt, the time of the attempt, and an
//! HMAC-SHA256 of both and the body.

mod address;
mod http;
mod secret;

use futures::future::BoxFuture;

pub use http::Http;
pub use secret::Secret;

/// The way out. Object-safe, so that tests can stand in for it.
pub trait Calls: Send + Sync + 'static {
    /// Whether this address may be called, as far as it says so itself; an error says what is wrong with it, as "it …".
    fn check(&self, url: &str) -> Result<(), &'static str>;

    /// Calls an address once.
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Called>;
}

/// One attempt to tell a webhook something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Where to.
    pub url: String,
    /// The headers that Standard Webhooks wants.
    pub headers: [(&'static str, String); 3],
    /// JSON.
    pub body: String,
}

/// How that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The status of the answer; `None`: there was none.
    pub status: Option<u16>,
    /// What went wrong, in words; `None`: nothing.
    pub problem: Option<String>,
}

impl Call {
    /// A call at this time, in seconds, with this `id`.
    pub fn signed(url: &str, id: &str, seconds: u64, body: String, secret: &Secret) -> Self {
        let signature = secret.sign(id, seconds, &body);
        let headers = [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signature),
        ];
        Self { url: url.to_owned(), headers, body }
    }
}

impl Called {
    /// It was answered with this status.
    pub fn answered(status: u16) -> Self {
        let problem = match status {
            200..=299 => None,
            300..=399 => Some(format!("it answered with status {status}: redirections are not followed")),
            _ => Some(format!("it answered with status {status}")),
        };
        Self { status: Some(status), problem }
    }

    /// It was not answered.
    pub fn failed(problem: String) -> Self {
        Self { status: None, problem: Some(problem) }
    }
}

#[cfg(test)]
mod tests;
