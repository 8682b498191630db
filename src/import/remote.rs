//! An import through a running hub.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _};
use std::time::Duration;

use serde::Deserialize;

use super::{FILE_BYTES_MAX, Progress, Tell};
use crate::config::Caller;

/// Why the running hub did not import the file.
#[derive(Debug)]
pub enum RemoteError {
    /// The hub cannot be reached, or its answer not understood.
    Request(ureq::Error),
    /// The hub said no; its sentence.
    Refused(String),
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => write!(f, "the hub cannot be asked: {error}"),
            Self::Refused(message) => write!(f, "the hub refused: {message}"),
        }
    }
}

impl std::error::Error for RemoteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Request(error) => Some(error),
            Self::Refused(_) => None,
        }
    }
}

impl From<ureq::Error> for RemoteError {
    fn from(error: ureq::Error) -> Self {
        Self::Request(error)
    }
}

/// The hub must have read a file and answered within this time.
const DEADLINE: Duration = Duration::from_mins(5);
/// All that it says of it, bytes.
const ANSWER_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What the hub says of an import: how far it is, and at last what came of it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Progress(Progress),
    Answer(Answer),
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    book: Option<String>,
    #[serde(default)]
    report: Vec<String>,
    #[serde(default)]
    detail: String,
}

/// A book that a hub made of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Brought {
    /// Its id.
    pub book: String,
    /// What of the file could not be kept, a sentence each.
    pub report: Vec<String>,
}

/// Sends `file` to the hub at `url`; the end of `name` may tell what it is.
pub fn import_remotely(
    url: &str,
    caller: &Caller,
    name: &str,
    file: &[u8],
    tell: &Tell,
) -> Result<Brought, RemoteError> {
    if file.len() > FILE_BYTES_MAX {
        return Err(RemoteError::Refused(super::ImportError::TooLarge.to_string()));
    }
    let url = url.trim_end_matches('/');
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE)).build().into();
    let token = match caller {
        Caller::Token(token) => token.clone(),
        Caller::Address(email) => {
            let person = serde_json::json!({ "email": email });
            let answer: Answer = agent.post(format!("{url}/v1/dev/token")).send_json(person)?.body_mut().read_json()?;
            answer.token.ok_or(RemoteError::Refused(answer.detail))?
        }
    };
    let request = agent.post(format!("{url}/v1/books/import")).header("authorization", format!("Bearer {token}"));
    let request = request.header("accept", "application/x-ndjson").query("name", name);
    let answer = request.content_type("application/octet-stream").send(file)?.into_body().into_reader();
    for line in BufReader::new(answer.take(ANSWER_BYTES_MAX)).lines() {
        // A refusal before the work begins is a line as well.
        match serde_json::from_str(&line.map_err(ureq::Error::from)?).map_err(ureq::Error::from)? {
            Line::Progress(progress) => tell(progress),
            Line::Answer(Answer { book, report, detail, .. }) => {
                let book = book.ok_or(RemoteError::Refused(detail))?;
                return Ok(Brought { book, report });
            }
        }
    }
    Err(RemoteError::Refused("its answer ended early".to_owned()))
}
