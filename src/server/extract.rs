//! What requests say in their path and behind it. What cannot be read is refused as everything else is.

use axum::extract::{FromRequestParts, Path as AxumPath, Query as AxumQuery};
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::refusal::Refused;

/// The parts of the path that have a name.
pub(super) struct Path<T>(pub(super) T);

/// What stands behind the question mark.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let read = AxumPath::from_request_parts(parts, state).await;
        read.map(|AxumPath(path)| Self(path))
            .map_err(|_| Refused::invalid(StatusCode::BAD_REQUEST, "path", "is UTF-8, percent-encoded"))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let read = AxumQuery::from_request_parts(parts, state).await;
        read.map(|AxumQuery(query)| Self(query)).map_err(|error| {
            let text = error.body_text();
            let said = text.split_once(": ").map_or(text.as_str(), |(_, said)| said);
            // Before what is wrong with one field stands its name.
            let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let (field, reason) = said.split_once(": ").filter(|(name, _)| is_name(name)).unwrap_or(("query", said));
            Refused::invalid(StatusCode::BAD_REQUEST, field, reason)
        })
    }
}
