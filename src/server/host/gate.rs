//! Who is a host application: whoever has one of the service tokens, and not too often.

use std::sync::{Arc, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use quire_protocol::Rejection;

use super::{Host, HostAccess};
use crate::server::Shared;
use crate::server::api::bearer_token;
use crate::server::refusal::Refused;

/// Lets a request through that has a service token. A user's token is none, whatever the user may do.
pub(in crate::server) async fn check(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let Some(access) = &shared.service.host else { return Refused::no_such_path().into_response() };
    match admit(access, request.headers()) {
        Ok(host) => {
            request.extensions_mut().insert(host);
            next.run(request).await
        }
        Err(refused) => refused.into_response(),
    }
}

fn admit(access: &HostAccess, headers: &HeaderMap) -> Result<Host, Refused> {
    let known = bearer_token(headers)?.and_then(|token| access.keys.find(token));
    let key = known.ok_or_else(|| Rejection::Unauthenticated { reason: "a service token is needed".into() })?;
    let mut bucket = access.buckets[key].lock().unwrap_or_else(PoisonError::into_inner);
    if !bucket.take() {
        return Err(Rejection::RateLimited { retry_after_ms: bucket.wait_ms() }.into());
    }
    Ok(Host(Arc::clone(&access.hub)))
}
