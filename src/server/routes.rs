//! What is where on the port, and what every answer carries.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use http::header::{self, HeaderName};
use http::{HeaderValue, Method, StatusCode};

use super::endpoint::{Caller, Endpoint};
use super::origin::{Asking, asking};
use super::refusal::Refused;
use super::{Shared, endpoints, host, page, signin};
use crate::telemetry::metric::{self, RefusedConnection};

/// The store must answer a probe within this time.
const READY_DEADLINE: Duration = Duration::from_secs(1);
/// Browsers may remember what is allowed for this many seconds.
const PREFLIGHT_SECONDS: &str = "600";
/// Nothing from elsewhere, nothing inline; sockets go to the own host only (`'self'` covers them in newer browsers).
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self' ws: wss:; font-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
    form-action 'none'";

pub(super) fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/dev/mail", get(signin::letters))
        .route("/", get(page::index))
        .route("/signin", get(page::index))
        .route("/{*path}", get(page::file))
        .merge(v1(shared))
        .layer(middleware::from_fn(complete))
        .with_state(Arc::clone(shared))
}

/// What is below `/v1/`: every refusal there is a problem in JSON. Without a service token there is nothing for hosts.
fn v1(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let (for_hosts, others): (Vec<_>, Vec<_>) =
        endpoints::all().into_iter().partition(|endpoint| endpoint.about.caller == Caller::Host);
    let collect = |endpoints: Vec<Endpoint>| {
        endpoints.into_iter().fold(Router::new(), |router, endpoint| router.route(endpoint.path, endpoint.answers))
    };
    let mut v1 = collect(others);
    if shared.service.host.is_some() {
        let check = middleware::from_fn_with_state(Arc::clone(shared), host::check);
        v1 = v1.merge(collect(for_hosts).method_not_allowed_fallback(wrong_method).route_layer(check));
    }
    v1.method_not_allowed_fallback(wrong_method)
        .route("/v1/", any(nothing))
        .route("/v1/{*path}", any(nothing))
        .route_layer(middleware::from_fn_with_state(Arc::clone(shared), check_origin))
}

async fn nothing() -> Refused {
    Refused::no_such_path()
}

async fn wrong_method() -> Refused {
    Refused::invalid(StatusCode::METHOD_NOT_ALLOWED, "method", "is none that is answered here")
}

async fn ready(State(shared): State<Arc<Shared>>) -> (StatusCode, &'static str) {
    if shared.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match tokio::time::timeout(READY_DEADLINE, shared.service.backend.ready()).await {
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n"),
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, format)], shared.service.metrics.text()).into_response()
}

/// Another site's page gets nothing; a listed one gets what CORS needs.
async fn check_origin(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let origin = match asking(request.headers(), &shared.service.origins) {
        Asking::Foreign => {
            metric::connection_refused(RefusedConnection::Origin);
            return Refused::forbidden("Pages of this origin may not speak to this hub.").into_response();
        }
        Asking::NoPage => None,
        Asking::Own(origin) | Asking::Listed(origin) => Some(origin),
    };
    let preflight = request.method() == Method::OPTIONS && request.headers().contains_key(header::ORIGIN);
    let mut response = if preflight { allowed_requests() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

fn allowed_requests() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Adds what every answer carries, and counts it by route and status.
async fn complete(route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    const CARRIED: [(HeaderName, &str); 2] =
        [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "no-referrer")];
    let mut response = next.run(request).await;
    metric::request(route.as_ref().map_or("none", MatchedPath::as_str), response.status());
    for (name, value) in CARRIED {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    // What says otherwise (the page's files, pictures) knows better.
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
