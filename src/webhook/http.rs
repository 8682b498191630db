//! Calls by HTTP. Each has a connection of its own, so that where it leads is looked up each time.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire_protocol::text::clean_line;
use ureq::Agent;
use ureq::http::Uri;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;

use super::address::{Guarded, PRIVATE, is_public};
use super::{Call, Called, Calls};

/// Whoever is called answers within this time.
const DEADLINE: Duration = Duration::from_secs(10);
/// Of what went wrong, so many characters are told.
const SAID_CHARS_MAX: usize = 200;

/// Calls by HTTP.
#[derive(Debug)]
pub struct Http {
    agent: Agent,
    private: bool,
}

impl Http {
    /// The way out. `private`: also to private networks, and without TLS.
    pub fn new(private: bool) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(DEADLINE))
            .https_only(!private)
            .max_redirects(0)
            // A proxy would look the address up for itself.
            .proxy(None)
            .max_idle_connections(0)
            .user_agent(concat!("quire/", env!("CARGO_PKG_VERSION")))
            .build();
        let agent = if private {
            Agent::with_parts(config, DefaultConnector::default(), DefaultResolver::default())
        } else {
            Agent::with_parts(config, DefaultConnector::default(), Guarded(DefaultResolver::default()))
        };
        Self { agent, private }
    }

    fn calls(agent: &Agent, call: &Call) -> Called {
        let mut request = agent.post(&call.url).content_type("application/json");
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        match request.send(&call.body) {
            Ok(answer) => Called::answered(answer.status().as_u16()),
            Err(error) => Called::failed(problem(&error)),
        }
    }
}

impl Calls for Http {
    fn check(&self, url: &str) -> Result<(), &'static str> {
        let uri: Uri = url.parse().map_err(|_| "it is no address")?;
        let host = uri.host().ok_or("it is no address")?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if self.private => {}
            _ => return Err("it begins with https://"),
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if !self.private && literal.is_ok_and(|address| !is_public(address)) {
            return Err(PRIVATE);
        }
        Ok(())
    }

    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Called> {
        let (agent, call) = (self.agent.clone(), call.clone());
        async move {
            let called = tokio::task::spawn_blocking(move || Self::calls(&agent, &call)).await;
            called.unwrap_or_else(|_| Called::failed("the hub could not call".to_owned()))
        }
        .boxed()
    }
}

/// What went wrong, as a line that a person reads.
fn problem(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => PRIVATE.to_owned(),
        error => clean_line(&error.to_string()).chars().take(SAID_CHARS_MAX).collect(),
    }
}
