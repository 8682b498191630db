//! Pictures of books.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response, Result};
use axum::{Extension, Json};
use futures::StreamExt as _;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use quire_protocol::{Action, AssetId, BookId, Rejection, What};
use schemars::JsonSchema;
use serde::Serialize;

use super::Shared;
use super::accept::Cut;
use super::api::bearer;
use super::body::{FILE_DEADLINE, Limit, read_body};
use super::extract::Path;
use super::refusal::Refused;
use super::reminder::Reminder;
use crate::auth::AuthError;

/// Whoever takes less than this in [`SENDING_DEADLINE`](super::SENDING_DEADLINE) is too slow for a large picture.
const BYTES_PER_TIME: u64 = 1024 * 1024;

/// What is said of a picture that is in a book now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Picture")]
pub(super) struct Added {
    /// Its id.
    asset: AssetId,
    /// Its media type.
    #[serde(rename = "type")]
    media_type: &'static str,
    /// Pixels, as it is shown.
    width: u32,
    /// Likewise.
    height: u32,
    /// How much of it is kept.
    bytes: u64,
}

/// Makes the picture in the body one of a book's.
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    Path(book): Path<String>,
    request: Request,
) -> Result<Json<Added>, Refused> {
    let identity = bearer(&shared, request.headers())?.ok_or(AuthError::Missing)?;
    let book = book_id(&book)?;
    if shared.draining.is_cancelled() {
        return Err(Refused::busy("This hub is going away."));
    }
    // Nobody sends a picture to where it must not go.
    shared.service.backend.may(identity.clone(), book.clone(), Action::EditText).await?;
    let limit = Limit { name: "asset_bytes", bytes_max: shared.service.limits.asset_bytes };
    let body = read_body(request, limit, FILE_DEADLINE, &shared.bodies).await?;
    let asset = shared.service.backend.add_asset(identity, book, body.bytes).await?;
    drop(body.weight);
    let (media_type, bytes) = (asset.kind.media_type(), asset.bytes);
    Ok(Json(Added { asset: asset.id, media_type, width: asset.width, height: asset.height, bytes }))
}

/// A picture of a book.
pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Path((book, asset)): Path<(String, String)>,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let identity = bearer(&shared, &headers)?.ok_or(AuthError::Missing)?;
    let book = book_id(&book)?;
    // What cannot be the name of one is the name of none; who may know that is asked all the same.
    let Ok(asset) = AssetId::new(&asset) else {
        shared.service.backend.may(identity, book, Action::View).await?;
        return Err(Rejection::NotFound { what: What::Asset }.into());
    };
    let (asset, bytes) = shared.service.backend.asset(identity, book, asset).await?;
    let tag = HeaderValue::from_str(&format!("\"{}\"", asset.id)).expect("hexadecimal digits and quotes");
    let is_known = headers.get(header::IF_NONE_MATCH) == Some(&tag);
    // What has this name never changes. It is kept by one browser, and for whoever asked for it there.
    let always = [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
        (header::VARY, HeaderValue::from_static("authorization")),
        (header::ETAG, tag),
        // Opened by itself, it is a picture and nothing that runs.
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
    ];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, always).into_response());
    }
    let described = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind.media_type())),
        (header::CONTENT_LENGTH, HeaderValue::from(asset.bytes)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
    ];
    // A body that ends before its length is a broken answer, which is what it is then.
    let within =
        shared.service.sending_deadline * (1 + u32::try_from(asset.bytes / BYTES_PER_TIME).unwrap_or(u32::MAX));
    let reminder = Reminder::new(within, cut);
    let bytes = bytes.map(move |piece| {
        // Lives as long as this stream does: until the last byte is taken, or nobody waits for more.
        let _ = &reminder;
        Ok::<_, Infallible>(piece)
    });
    let body = Body::from_stream(bytes);
    Ok((always, described, body).into_response())
}

/// The book that a path names.
pub(super) fn book_id(book: &str) -> Result<BookId, Rejection> {
    BookId::new(book).map_err(|error| Rejection::invalid("book", error.to_string()))
}
