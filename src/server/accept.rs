//! The accept loop, and HTTP on one connection.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::CONNECTION;
use http::{HeaderValue, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::permit::Place;
use super::refusal::Refused;
use super::{Shared, routes};
use crate::telemetry::metric::{self, RefusedConnection};

/// Request line and headers together.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Headers of one request.
const HEADERS_MAX: usize = 64;
/// What the kernel may hold for a client that does not read; the rest is the outbox, which has a limit of its own.
const SEND_BUFFER_BYTES: usize = 128 * 1024;
/// Connections over the limit that are told so at the same time; more are cut.
const OVER_LIMIT_MAX: usize = 64;
/// Pause after an error of `accept` that is not the client's (no file descriptors, no memory): first and longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// The other end of a connection.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Ends the connection at once, whatever it still has to send.
#[derive(Clone, Default)]
pub(super) struct Cut(pub(super) CancellationToken);

/// What a connection is for.
#[derive(Clone)]
enum Purpose {
    /// To be served.
    Serve(Router, Place),
    /// To be told that there are too many.
    Refuse,
}

/// Accepts connections until it is dropped.
pub(super) async fn forever(listener: TcpListener, shared: Arc<Shared>) -> Infallible {
    let router = routes::router(&shared);
    let over_limit = Arc::new(Semaphore::new(OVER_LIMIT_MAX));
    let mut pause = BACK_OFF.0;
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_the_clients(&error) => continue,
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(BACK_OFF.1);
                continue;
            }
        };
        pause = BACK_OFF.0;
        if let Err(error) = set_options(&stream, &shared) {
            tracing::debug!(%error, "a connection was gone at once");
            continue;
        }
        if let Some(place) = Place::take(&shared.connections) {
            let purpose = Purpose::Serve(router.clone(), place);
            shared.tasks.spawn(serve(stream, Peer(peer), purpose, Arc::clone(&shared)));
        } else {
            metric::connection_refused(RefusedConnection::Full);
            if let Ok(permit) = Arc::clone(&over_limit).try_acquire_owned() {
                let answer = serve(stream, Peer(peer), Purpose::Refuse, Arc::clone(&shared));
                shared.tasks.spawn(async move {
                    answer.await;
                    drop(permit);
                });
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

fn set_options(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    // A peer whose link is down is noticed at the latest when a ping would have told.
    let timers = &shared.service.timers;
    socket.set_tcp_user_timeout(Some(Duration::from_millis(timers.ping_ms.saturating_add(timers.pong_ms))))
}

async fn serve(stream: TcpStream, peer: Peer, purpose: Purpose, shared: Arc<Shared>) {
    let cut = Cut::default();
    let of_requests = cut.clone();
    let service = service_fn(move |request| {
        let (purpose, cut) = (purpose.clone(), of_requests.clone());
        async move { Ok::<_, Infallible>(answer(request, peer, cut, purpose).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shared.service.header_deadline)
        .max_header_size(HEADER_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .max_buf_size(2 * HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = Box::pin(connection);
    let served = async {
        tokio::select! {
            result = &mut connection => result,
            () = shared.closing.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.as_mut().await
            }
        }
    };
    let result = tokio::select! {
        result = served => result,
        () = cut.0.cancelled() => return tracing::debug!("a connection took too long to take its answer"),
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended with an error");
    }
}

async fn answer(mut request: Request<Incoming>, peer: Peer, cut: Cut, purpose: Purpose) -> Response {
    match purpose {
        Purpose::Serve(router, place) => {
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(cut);
            request.extensions_mut().insert(place);
            router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {})
        }
        Purpose::Refuse => {
            let mut response = Refused::busy("The hub has as many connections as it can serve.").into_response();
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}
