//! `quire import --url`: hands a book to a running hub.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::config::Caller;

/// Longest wait for the hub's answer; a large book takes some seconds.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Deserialize)]
struct Minted {
    token: String,
}

#[derive(Deserialize)]
struct Imported {
    book: String,
}

#[derive(Deserialize)]
struct Refused {
    message: String,
}

/// Imports `file` as `caller`; returns the new book's id.
pub fn import(url: &str, file: &Path, caller: Caller) -> Result<String, Box<dyn std::error::Error>> {
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let base = url.trim_end_matches('/');
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build().into();
    let token = match caller {
        Caller::Token(token) => token,
        Caller::Address(email) => {
            let person = serde_json::json!({ "email": email, "name": email });
            let response = agent.post(format!("{base}/v1/dev/token")).send_json(person)?;
            answer::<Minted>(response)
                .map_err(|error| format!("the hub gives no token for an address, use --token ({error})"))?
                .token
        }
    };
    let response = agent
        .post(format!("{base}/v1/books/import"))
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "application/epub+zip")
        .send(&bytes[..])?;
    Ok(answer::<Imported>(response)?.book)
}

fn answer<T: serde::de::DeserializeOwned>(
    mut response: ureq::http::Response<ureq::Body>,
) -> Result<T, Box<dyn std::error::Error>> {
    let status = response.status();
    if status.is_success() {
        return Ok(response.body_mut().read_json()?);
    }
    let refused: Option<Refused> = response.body_mut().read_json().ok();
    Err(refused.map_or_else(|| format!("the hub answered {status}"), |refused| refused.message).into())
}
