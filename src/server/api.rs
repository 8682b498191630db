//! The HTTP endpoints beside the socket.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, Path, Request, State};
use axum::{Json, response};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use quire_protocol::{BookId, ChapterId, Rejection, Seq};
use serde::{Deserialize, Serialize};

use super::Shared;
use super::accept::Peer;
use super::origin::{Asking, asking, host, single};
use super::refusal::Refused;
use crate::auth::{AuthError, Identity};
use crate::config::host_and_port;
use crate::import::{EPUB_BYTES_MAX, read_epub};

/// Body of a request for a development token, bytes.
const DEV_TOKEN_BYTES_MAX: usize = 4 * 1024;
/// A small body must be there within this time.
const SMALL_BODY_DEADLINE: Duration = Duration::from_secs(5);
/// An EPUB must be there within this time.
const EPUB_DEADLINE: Duration = Duration::from_mins(2);

#[derive(Deserialize)]
pub(super) struct Person {
    email: String,
    #[serde(default)]
    name: String,
}

#[derive(Serialize)]
pub(super) struct DevToken {
    token: String,
}

#[derive(Serialize)]
pub(super) struct Text {
    seq: Seq,
    html: String,
}

#[derive(Serialize)]
pub(super) struct Imported {
    book: BookId,
}

/// The answer of an endpoint.
type Answer<T> = response::Result<Json<T>, Refused>;

/// Vouches for an address, in development mode.
///
/// Nobody but this machine may ask: the peer is on loopback, the `Host` says so too (a name that somebody rebound to
/// this machine does not), and no other origin's page is behind it.
pub(super) async fn dev_token(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
) -> Answer<DevToken> {
    let Some(keys) = &shared.service.dev_keys else {
        return Err(Refused::invalid(StatusCode::NOT_FOUND, "", "this hub is not in development mode"));
    };
    let headers = request.headers();
    let same_origin = matches!(asking(headers, &[]), Asking::NoPage | Asking::Own(_));
    if !peer.ip().to_canonical().is_loopback() || !host(headers).is_some_and(is_loopback_host) || !same_origin {
        return Err(Refused::forbidden("Development tokens are for this machine only."));
    }
    let media_type = single(headers, &header::CONTENT_TYPE).and_then(|value| value.split(';').next());
    if !media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json")) {
        return Err(Refused::invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", "is application/json"));
    }
    let body = read_body(request, DEV_TOKEN_BYTES_MAX, SMALL_BODY_DEADLINE).await?;
    let person: Person = serde_json::from_slice(&body)
        .map_err(|_| Refused::invalid(StatusCode::BAD_REQUEST, "", "the body is {\"email\", \"name\"}"))?;
    let minted = keys.mint(&person.email, &person.name, shared.service.clock.now());
    let token = minted.map_err(|error| Rejection::invalid("email", error.to_string()))?;
    Ok(Json(DevToken { token }))
}

fn is_loopback_host(host: &str) -> bool {
    let Some((host, _)) = host_and_port(host) else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The text of a chapter.
pub(super) async fn text(
    State(shared): State<Arc<Shared>>,
    Path((book, chapter)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<Text> {
    let identity = bearer(&shared, &headers)?.ok_or(AuthError::Missing)?;
    let id =
        |field: &'static str| move |error: quire_protocol::id::InvalidId| Rejection::invalid(field, error.to_string());
    let book = BookId::new(&book).map_err(id("book"))?;
    let chapter = ChapterId::new(&chapter).map_err(id("chapter"))?;
    let (seq, html) = shared.service.backend.read_text(identity, book, chapter).await?;
    Ok(Json(Text { seq, html }))
}

/// Creates a book from an EPUB; its owner is the caller.
pub(super) async fn import(State(shared): State<Arc<Shared>>, request: Request) -> Answer<Imported> {
    let identity = bearer(&shared, request.headers())?.ok_or(AuthError::Missing)?;
    if shared.draining.is_cancelled() {
        return Err(Refused::busy("This hub is going away."));
    }
    let _place = shared.imports.try_acquire().map_err(|_| Refused::busy("Other imports are being read."))?;
    let file = read_body(request, EPUB_BYTES_MAX, EPUB_DEADLINE).await?;
    let read = tokio::task::spawn_blocking(move || read_epub(&file)).await;
    let book = match read {
        Ok(read) => read.map_err(|error| Rejection::invalid("", error.to_string()))?,
        Err(_panicked) => return Err(Rejection::invalid("", "the file cannot be read").into()),
    };
    let book = shared.service.backend.import(identity, book).await?;
    Ok(Json(Imported { book }))
}

/// Who sends a request; `None` without a token.
pub(super) fn bearer(shared: &Shared, headers: &HeaderMap) -> Result<Option<Identity>, AuthError> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let value = single(headers, &header::AUTHORIZATION).ok_or(AuthError::Malformed)?;
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(AuthError::Malformed),
    };
    shared.service.verifier.verify(token, shared.service.clock.now()).map(Some)
}

/// The whole body, if it is small enough, plain, and there in time.
async fn read_body(request: Request, bytes_max: usize, deadline: Duration) -> Result<Vec<u8>, Refused> {
    let too_large =
        || Rejection::TooLarge { limit: "body".to_owned(), max: u64::try_from(bytes_max).unwrap_or(u64::MAX) };
    // An encoded body would grow after it was measured.
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Refused::invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-encoding", "is not accepted"));
    }
    let announced = single(request.headers(), &header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > bytes_max as u64) {
        return Err(too_large().into());
    }
    let read = read_frames(request.into_body(), bytes_max);
    match tokio::time::timeout(deadline, read).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(too_large().into()),
        Ok(Err(_)) => Err(Refused::invalid(StatusCode::BAD_REQUEST, "", "the body ended early")),
        Err(_) => Err(Refused::invalid(StatusCode::REQUEST_TIMEOUT, "", "the body came too slowly")),
    }
}

/// All of a body in one piece; `None` if it is longer than `bytes_max`.
async fn read_frames(mut body: Body, bytes_max: usize) -> Result<Option<Vec<u8>>, axum::Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Ok(None);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Some(bytes))
}
