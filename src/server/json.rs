//! Bodies in JSON: read whole, and refused by the field that does not fit.

use axum::extract::Request;
use http::StatusCode;
use serde::de::DeserializeOwned;

use super::Shared;
use super::api::is_json;
use super::body::{Limit, SMALL_BODY_DEADLINE, read_body};
use super::refusal::Refused;

/// The body of a request as what it should be.
pub(super) async fn read_json<T: DeserializeOwned>(
    shared: &Shared,
    request: Request,
    bytes_max: usize,
) -> Result<T, Refused> {
    is_json(request.headers())?;
    let body = read_body(request, Limit::body(bytes_max), SMALL_BODY_DEADLINE, &shared.bodies).await?;
    let mut deserializer = serde_json::Deserializer::from_slice(&body.bytes);
    let read: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        refused(if path == "." { "" } else { &path }, error.inner())
    })?;
    deserializer.end().map_err(|error| refused("", &error))?;
    Ok(read)
}

fn refused(field: &str, error: &serde_json::Error) -> Refused {
    if !error.is_data() {
        return Refused::invalid(StatusCode::BAD_REQUEST, "", "the body is not JSON");
    }
    let said = error.to_string();
    // Where it is in the text, the field says already.
    let reason = said.rsplit_once(" at line ").map_or(said.as_str(), |(reason, _)| reason);
    Refused::invalid(StatusCode::BAD_REQUEST, field, reason)
}
