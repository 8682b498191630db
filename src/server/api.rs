//! The HTTP endpoints beside the socket.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::{Json, response};
use http::{HeaderMap, StatusCode, header};
use quire_protocol::Rejection;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::accept::Peer;
use super::json::read_json;
use super::origin::{Asking, asking, host, single};
use super::refusal::Refused;
use crate::auth::{AuthError, Identity};
use crate::config::host_and_port;

/// Body of a request for a development token, bytes.
const DEV_TOKEN_BYTES_MAX: usize = 4 * 1024;

/// Who wants a token.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VouchedFor")]
pub(super) struct Person {
    /// Their address.
    email: String,
    /// Their name.
    #[serde(default)]
    name: String,
}

/// A token.
#[derive(Serialize, JsonSchema)]
pub(super) struct Token {
    /// A JWT.
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
        return Err(Refused::no_such_path());
    };
    is_this_machine(peer, request.headers(), "Development tokens are for this machine only.")?;
    let person: Person = read_json(&shared, request, DEV_TOKEN_BYTES_MAX).await?;
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
    let now = shared.service.clock.now();
    bearer_token(headers)?.map(|token| shared.service.verifier.verify(token, now)).transpose()
}

/// The token of a request; `None` without one.
pub(super) fn bearer_token(headers: &HeaderMap) -> Result<Option<&str>, AuthError> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let value = single(headers, &header::AUTHORIZATION).ok_or(AuthError::Malformed)?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(AuthError::Malformed),
    }
}
