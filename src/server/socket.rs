//! `GET /v1/socket`: the WebSocket handshake, by hand, so that the bare stream can be taken afterwards.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use quire_protocol::Encoding;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::api::bearer;
use super::origin::single;
use super::permit::{ConnectionPermit, Place};
use super::refusal::Refused;
use super::{Shared, Socket};
use crate::auth::Identity;
use crate::telemetry::metric::{self, RefusedConnection};

/// The only version of the WebSocket protocol (RFC 6455).
const VERSION: &str = "13";

/// A good handshake.
struct Handshake {
    accept: String,
    encoding: Encoding,
    /// The client offered subprotocols, so the answer names the chosen one.
    name_encoding: bool,
}

/// Answers a handshake, and gives the connection to the backend once the answer is sent.
pub(super) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
    mut request: Request,
) -> Response {
    let handshake = match handshake(request.headers()) {
        Ok(handshake) => handshake,
        Err(refused) => return refused.into_response(),
    };
    let (bearer, permit) = match admit(&shared, request.headers(), place) {
        Ok(admitted) => admitted,
        Err(refused) => return refused.into_response(),
    };
    let Some(upgraded) = request.extensions_mut().remove::<OnUpgrade>() else {
        return refuse("", "this connection cannot become a WebSocket").into_response();
    };
    let backend = Arc::clone(&shared.service.backend);
    let encoding = handshake.encoding;
    shared.tasks.spawn(async move {
        let Ok(upgraded) = upgraded.await else { return };
        let parts = upgraded.downcast::<TokioIo<TcpStream>>();
        let parts = parts.unwrap_or_else(|_| unreachable!("the accept loop serves no other kind of stream"));
        let (stream, read) = (parts.io.into_inner(), parts.read_buf);
        backend.serve_socket(Socket { stream, read, encoding, bearer, permit }).await;
    });
    switching(&handshake)
}

fn admit(shared: &Shared, headers: &HeaderMap, place: Place) -> Result<(Option<Identity>, ConnectionPermit), Refused> {
    let bearer = bearer(shared, headers).inspect_err(|_| metric::connection_refused(RefusedConnection::Token))?;
    if shared.draining.is_cancelled() {
        metric::connection_refused(RefusedConnection::Draining);
        return Err(Refused::busy("This hub is going away."));
    }
    let permit = ConnectionPermit::take(place, &shared.pending).ok_or_else(|| {
        metric::connection_refused(RefusedConnection::Pending);
        Refused::busy("Too many connections have not said hello yet.")
    })?;
    Ok((bearer, permit))
}

fn switching(handshake: &Handshake) -> Response {
    let accept = HeaderValue::from_str(&handshake.accept).expect("base64 is a header value");
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if handshake.name_encoding {
        let name = HeaderValue::from_static(handshake.encoding.subprotocol());
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, name);
    }
    response
}

fn refuse(field: &str, reason: &str) -> Refused {
    Refused::invalid(StatusCode::BAD_REQUEST, field, reason)
}

fn handshake(headers: &HeaderMap) -> Result<Handshake, Refused> {
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
    let name_encoding = headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL);
    let encoding = if name_encoding {
        names(headers, &header::SEC_WEBSOCKET_PROTOCOL)
            .find_map(|name| Encoding::ALL.into_iter().find(|encoding| encoding.subprotocol() == name))
            .ok_or_else(|| refuse("sec-websocket-protocol", "offers no subprotocol of this hub"))?
    } else {
        Encoding::MessagePack
    };
    Ok(Handshake { accept: derive_accept_key(key.as_bytes()), encoding, name_encoding })
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
