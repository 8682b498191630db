//! Books as files.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response, Result};
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use quire_protocol::{BookId, Rejection, Seq};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Shared;
use super::api::bearer;
use super::extract::{Path, Query};
use super::refusal::Refused;
use crate::auth::AuthError;
use crate::export::FileKind;
use crate::hub::edition::Edition;

/// Characters of a file's name.
const NAME_CHARS: usize = 80;
/// What of the book is not in the file as it should be, percent-encoded; a header for each note.
static NOTE: HeaderName = HeaderName::from_static("quire-note");
/// Notes that an answer carries: a head has room for some.
const NOTES_MAX: usize = 16;

/// Which state of a book is wanted.
#[derive(Deserialize, JsonSchema)]
pub(super) struct At {
    /// The number of a point of its history; absent: the book as it is.
    #[serde(default)]
    point: Option<String>,
}

/// A book as a file: `export/epub`, `export/pdf`, `export/docx`, `export/html`, `export/markdown`, `export/text`.
pub(super) async fn export(
    State(shared): State<Arc<Shared>>,
    Path((book, kind)): Path<(String, String)>,
    Query(At { point }): Query<At>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let unknown = || Refused::invalid(StatusCode::NOT_FOUND, "kind", "is epub, pdf, docx, html, markdown or text");
    let kind = FileKind::parse(&kind).ok_or_else(unknown)?;
    let no_number = || Refused::invalid(StatusCode::BAD_REQUEST, "point", "is the number of a point");
    let point = point.map(|point| point.parse().map(Seq).map_err(|_| no_number())).transpose()?;
    answer(&shared, &book, Edition { kind, point }, &headers).await
}

/// What is in the book, for those who may look at it and take nothing away.
pub(super) async fn preview(
    State(shared): State<Arc<Shared>>,
    Path(book): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    answer(&shared, &book, FileKind::Preview.into(), &headers).await
}

async fn answer(shared: &Shared, book: &str, edition: Edition, headers: &HeaderMap) -> Result<Response, Refused> {
    let identity = bearer(shared, headers)?.ok_or(AuthError::Missing)?;
    let book = BookId::new(book).map_err(|error| Rejection::invalid("book", error.to_string()))?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let known = known.map(|tag| tag.trim_matches('"').to_owned());
    let exported = shared.service.backend.export(identity, book, edition, known).await?;
    let tag = HeaderValue::from_str(&format!("\"{}\"", exported.tag)).expect("hexadecimal digits and quotes");
    // Kept by the browser, and asked for again each time: rights may end.
    let caching = [(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")), (header::ETAG, tag)];
    let kind = edition.kind;
    let Some(file) = exported.file else { return Ok((StatusCode::NOT_MODIFIED, caching).into_response()) };
    let media_type = [(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()))];
    let mut response = (caching, media_type, file).into_response();
    for note in exported.notes.iter().take(NOTES_MAX) {
        response.headers_mut().append(&NOTE, told(note));
    }
    if kind != FileKind::Preview {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition(&exported.title, kind.extension()));
    }
    Ok(response)
}

/// A sentence as headers can hold it. A comma would divide it, as headers of one name are often read together.
fn told(note: &str) -> HeaderValue {
    const CODED: &AsciiSet = &CONTROLS.add(b'%').add(b',');
    HeaderValue::from_str(&utf8_percent_encode(note, CODED).to_string()).expect("ASCII without controls")
}

/// A name for the file: for old readers in ASCII, for others as the book is called.
pub(super) fn disposition(title: &str, extension: &str) -> HeaderValue {
    let kept =
        |character: char| if character.is_alphanumeric() || " -_.,'".contains(character) { character } else { ' ' };
    let name: String = title.chars().map(kept).take(NAME_CHARS).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_matches(['.', ' ']);
    let name = if name.is_empty() { "book" } else { name };
    let plain: String = name.chars().map(|character| if character.is_ascii() { character } else { '_' }).collect();
    let full = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let value = format!("attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{full}.{extension}");
    HeaderValue::from_str(&value).expect("ASCII without controls")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_as_its_book_and_its_name_ends_nothing() {
        let told = |title: &str| disposition(title, "epub").to_str().unwrap().to_owned();
        assert_eq!(told("Moby-Dick"), "attachment; filename=\"Moby-Dick.epub\"; filename*=UTF-8''Moby%2DDick.epub");
        assert_eq!(
            told("Über \"alles\"\r\n; filename=x/../y"),
            "attachment; filename=\"_ber alles filename x .. y.epub\"; \
             filename*=UTF-8''%C3%9Cber%20alles%20filename%20x%20%2E%2E%20y.epub"
        );
        assert_eq!(told("…"), "attachment; filename=\"book.epub\"; filename*=UTF-8''book.epub");
    }
}
