//! The HTTP endpoints beside the socket.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::{Json, response};
use http::{HeaderMap, StatusCode, header};
use quire_protocol::Rejection;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::accept::Peer;
use super::body::{Limit, SMALL_BODY_DEADLINE, read_body};
use super::origin::{Asking, asking, host, single};
use super::refusal::Refused;
use crate::auth::{AuthError, Identity};
use crate::config::host_and_port;

/// Body of a request for a development token, bytes.
const DEV_TOKEN_BYTES_MAX: usize = 4 * 1024;

#[derive(Deserialize)]
pub(super) struct Person {
    email: String,
    #[serde(default)]
    name: String,
}

#[derive(Serialize)]
pub(super) struct Token {
    pub(super) token: String,
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
) -> Answer<Token> {
    let Some(keys) = &shared.service.dev_keys else {
        return Err(Refused::invalid(StatusCode::NOT_FOUND, "", "this hub is not in development mode"));
    };
    is_this_machine(peer, request.headers(), "Development tokens are for this machine only.")?;
    is_json(request.headers())?;
    let body = read_body(request, Limit::body(DEV_TOKEN_BYTES_MAX), SMALL_BODY_DEADLINE, &shared.bodies).await?;
    let person: Person = serde_json::from_slice(&body.bytes)
        .map_err(|_| Refused::invalid(StatusCode::BAD_REQUEST, "", "the body is {\"email\", \"name\"}"))?;
    let minted = keys.mint(&person.email, &person.name, shared.service.clock.now());
    let token = minted.map_err(|error| Rejection::invalid("email", error.to_string()))?;
    Ok(Json(Token { token }))
}

/// What only this machine may ask is not asked by anybody else: the peer, the `Host` and the page behind it say so.
pub(super) fn is_this_machine(peer: SocketAddr, headers: &HeaderMap, refusal: &str) -> Result<(), Refused> {
    let same_origin = matches!(asking(headers, &[]), Asking::NoPage | Asking::Own(_));
    if !peer.ip().to_canonical().is_loopback() || !host(headers).is_some_and(is_loopback_host) || !same_origin {
        return Err(Refused::forbidden(refusal));
    }
    Ok(())
}

/// The body says that it is JSON, which no form of another site's page can.
pub(super) fn is_json(headers: &HeaderMap) -> Result<(), Refused> {
    let media_type = single(headers, &header::CONTENT_TYPE).and_then(|value| value.split(';').next());
    if !media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json")) {
        return Err(Refused::invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", "is application/json"));
    }
    Ok(())
}

fn is_loopback_host(host: &str) -> bool {
    let Some((host, _)) = host_and_port(host) else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
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
