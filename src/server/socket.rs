//! `GET /v1/socket`: the WebSocket handshake, by hand, so that the bare stream can be taken afterwards.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use quire_protocol::{BookId, ChapterId, Encoding};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::api::bearer;
use super::extract::Path;
use super::origin::single;
use super::permit::{ConnectionPermit, Place};
use super::refusal::Refused;
use super::{Shared, Socket};
use crate::auth::AuthError;
use crate::telemetry::metric::{self, RefusedConnection};
use crate::yjs::Call;

/// The only version of the WebSocket protocol (RFC 6455).
const VERSION: &str = "13";

/// What y-websocket speaks.
const YJS_SUBPROTOCOL: &str = "quire.yjs.v1";
/// Before a token that is offered as a subprotocol.
const TOKEN: &str = "token.";

/// `GET /v1/socket`: the hub's own protocol.
pub(super) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
    request: Request,
) -> Result<Response, Refused> {
    let (encoding, named) = encoding(request.headers())?;
    let bearer = bearer(&shared, request.headers()).inspect_err(refused_token)?;
    let backend = Arc::clone(&shared.service.backend);
    let serve = move |stream, read, permit| backend.serve_socket(Socket { stream, read, encoding, bearer, permit });
    switch(&shared, place, request, named.then(|| encoding.subprotocol()), serve)
}

/// `GET /v1/yjs/{book}/{chapter}`: the protocol of y-websocket, for one chapter. That provider can set no header, so the
/// token may be one of the subprotocols that it offers.
pub(super) async fn visit(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
    Path((book, chapter)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Refused> {
    let book = BookId::new(&book).map_err(|_| refuse("book", "is no id"))?;
    let chapter = ChapterId::new(&chapter).map_err(|_| refuse("chapter", "is no id"))?;
    let named = names(request.headers(), &header::SEC_WEBSOCKET_PROTOCOL).any(|name| name == YJS_SUBPROTOCOL);
    let offered = names(request.headers(), &header::SEC_WEBSOCKET_PROTOCOL).find_map(|name| name.strip_prefix(TOKEN));
    let now = shared.service.clock.now();
    let identity = match offered {
        Some(token) if named => shared.service.verifier.verify(token, now).map(Some),
        Some(_) => return Err(refuse("sec-websocket-protocol", "offers quire.yjs.v1 beside the token")),
        None => bearer(&shared, request.headers()),
    };
    let identity = identity.inspect_err(refused_token)?.ok_or(AuthError::Missing).inspect_err(refused_token)?;
    let backend = Arc::clone(&shared.service.backend);
    let serve = move |stream, read, permit| backend.serve_yjs(Call { stream, read, identity, book, chapter }, permit);
    switch(&shared, place, request, named.then_some(YJS_SUBPROTOCOL), serve)
}

fn refused_token(_: &AuthError) {
    metric::connection_refused(RefusedConnection::Token);
}

/// Answers a handshake, and gives the connection to `serve` once the answer is sent.
fn switch(
    shared: &Arc<Shared>,
    place: Place,
    mut request: Request,
    subprotocol: Option<&'static str>,
    serve: impl FnOnce(TcpStream, Bytes, ConnectionPermit) -> BoxFuture<'static, ()> + Send + 'static,
) -> Result<Response, Refused> {
    let accept = handshake(request.headers())?;
    let permit = admit(shared, place)?;
    let Some(upgraded) = request.extensions_mut().remove::<OnUpgrade>() else {
        return Err(refuse("", "this connection cannot become a WebSocket"));
    };
    shared.tasks.spawn(async move {
        let Ok(upgraded) = upgraded.await else { return };
        let parts = upgraded.downcast::<TokioIo<TcpStream>>();
        let parts = parts.unwrap_or_else(|_| unreachable!("the accept loop serves no other kind of stream"));
        serve(parts.io.into_inner(), parts.read_buf, permit).await;
    });
    Ok(switching(&accept, subprotocol))
}

fn admit(shared: &Shared, place: Place) -> Result<ConnectionPermit, Refused> {
    if shared.draining.is_cancelled() {
        metric::connection_refused(RefusedConnection::Draining);
        return Err(Refused::busy("This hub is going away."));
    }
    ConnectionPermit::take(place, &shared.pending).ok_or_else(|| {
        metric::connection_refused(RefusedConnection::Pending);
        Refused::busy("Too many connections have not said hello yet.")
    })
}

fn switching(accept: &str, subprotocol: Option<&'static str>) -> Response {
    let accept = HeaderValue::from_str(accept).expect("base64 is a header value");
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(name) = subprotocol {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(name));
    }
    response
}

fn refuse(field: &str, reason: &str) -> Refused {
    Refused::invalid(StatusCode::BAD_REQUEST, field, reason)
}

/// What proves that the handshake was understood.
fn handshake(headers: &HeaderMap) -> Result<String, Refused> {
    if !names(headers, &header::CONNECTION).any(|name| name.eq_ignore_ascii_case("upgrade"))
        || !names(headers, &header::UPGRADE).any(|name| name.eq_ignore_ascii_case("websocket"))
    {
        let refused = Refused::invalid(StatusCode::UPGRADE_REQUIRED, "upgrade", "is websocket");
        return Err(refused.with_header(header::UPGRADE, "websocket"));
    }
    if single(headers, &header::SEC_WEBSOCKET_VERSION) != Some(VERSION) {
        let refused = Refused::invalid(StatusCode::UPGRADE_REQUIRED, "sec-websocket-version", "is 13");
        return Err(refused.with_header(header::SEC_WEBSOCKET_VERSION, VERSION));
    }
    let key = single(headers, &header::SEC_WEBSOCKET_KEY)
        .filter(|key| STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16))
        .ok_or_else(|| refuse("sec-websocket-key", "is 16 bytes in base64"))?;
    Ok(derive_accept_key(key.as_bytes()))
}

/// How frames are written, and whether the client offered that, so that the answer names it.
fn encoding(headers: &HeaderMap) -> Result<(Encoding, bool), Refused> {
    if !headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
        return Ok((Encoding::MessagePack, false));
    }
    let known = |name: &str| Encoding::ALL.into_iter().find(|encoding| encoding.subprotocol() == name);
    let encoding = names(headers, &header::SEC_WEBSOCKET_PROTOCOL).find_map(known);
    encoding
        .map(|encoding| (encoding, true))
        .ok_or_else(|| refuse("sec-websocket-protocol", "offers no subprotocol of this hub"))
}

/// The comma-separated names in all values of a header, in order.
fn names<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}
