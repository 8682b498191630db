//! Asks a running hub whether it is well: the health check of a container that holds nothing but the program.

use std::fmt;
use std::time::Duration;

/// A hub that needs longer is not well.
const DEADLINE: Duration = Duration::from_secs(2);

/// Why the hub is not well.
#[derive(Debug)]
pub enum ProbeError {
    /// It cannot be asked, or did not answer in time.
    Request(ureq::Error),
    /// It answered with another status than 200.
    Status(u16),
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(_) => f.write_str("the hub cannot be asked"),
            Self::Status(status) => write!(f, "the hub answered with status {status}"),
        }
    }
}

impl std::error::Error for ProbeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Request(error) => Some(error),
            Self::Status(_) => None,
        }
    }
}

/// Asks `url` once.
pub fn probe(url: &str) -> Result<(), ProbeError> {
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE));
    // The hub is on the same machine: no proxy of the environment stands between.
    let agent: ureq::Agent = config.max_redirects(0).proxy(None).build().into();
    match agent.get(url).call().map_err(ProbeError::Request)?.status().as_u16() {
        200 => Ok(()),
        status => Err(ProbeError::Status(status)),
    }
}
