//! Files that become books, and how far that is.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, header};
use quire_protocol::{BookId, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::task::AbortOnDropHandle;

use super::Shared;
use super::api::bearer;
use super::body::{FILE_DEADLINE, Limit, Received, read_body};
use super::extract::Query;
use super::refusal::Refused;
use crate::auth::{AuthError, Identity};
use crate::import::{self, FILE_BYTES_MAX, ImportError, ImportedBook, Progress, Stage, Tell, tell_nobody};

/// One JSON value in each line.
pub(super) const LINES: &str = "application/x-ndjson";

/// What became of a file.
#[derive(Serialize, JsonSchema)]
pub(super) struct Imported {
    /// The book.
    book: BookId,
    /// What of the file could not be kept, a sentence each.
    report: Vec<String>,
}

/// What a file is called: its end may tell what it is.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Named {
    /// What the file is called.
    #[serde(default)]
    name: Option<String>,
}

/// Creates a book from a file of any kind that is understood; its owner is the caller. Whoever takes lines is told how
/// far that is, and in the last one what came of it. When the caller hangs up, the work ends.
pub(super) async fn import(
    State(shared): State<Arc<Shared>>,
    Query(Named { name }): Query<Named>,
    request: Request,
) -> Result<Response, Refused> {
    let identity = bearer(&shared, request.headers())?.ok_or(AuthError::Missing)?;
    if shared.draining.is_cancelled() {
        return Err(Refused::busy("This hub is going away."));
    }
    let takes_lines = takes_lines(request.headers());
    let file = read_body(request, Limit::body(FILE_BYTES_MAX), FILE_DEADLINE, &shared.bodies).await?;
    let caller = Caller { identity, name };
    if !takes_lines {
        return Ok(Json(bring_in(&shared, caller, file, tell_nobody()).await?).into_response());
    }
    let (tell, told) = watch::channel(None);
    let tell: Tell = Arc::new(move |progress| {
        tell.send_replace(Some(progress));
    });
    // A task of its own: whoever reads slowly keeps nobody from importing. It ends with the answer.
    let work = tokio::spawn(async move { bring_in(&shared, caller, file, tell).await });
    let lines = Lines { told, work: Some(AbortOnDropHandle::new(work)) };
    let body = Body::from_stream(stream::unfold(lines, Lines::next));
    Ok(([(header::CONTENT_TYPE, LINES)], body).into_response())
}

fn takes_lines(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|value| value.split(',')).filter_map(|range| range.split(';').next());
    types.any(|media_type| media_type.trim().eq_ignore_ascii_case(LINES))
}

/// Who sends a file, and what it is called.
struct Caller {
    identity: Identity,
    name: Option<String>,
}

/// An import under way, told line by line: what was not read in time is left out.
struct Lines {
    told: watch::Receiver<Option<Progress>>,
    /// `None`: its end was told.
    work: Option<AbortOnDropHandle<Result<Imported, Refused>>>,
}

impl Lines {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let work = self.work.as_mut()?;
        if self.told.changed().await.is_ok() {
            let progress = *self.told.borrow_and_update();
            return Some((Ok(line(&progress)), self));
        }
        // Nobody tells any more: it is over.
        let ended = match work.await {
            Ok(Ok(imported)) => line(&imported),
            Ok(Err(refused)) => line(&refused.problem()),
            Err(_panicked) => line(&Refused::from(Rejection::invalid("", "the file cannot be read")).problem()),
        };
        self.work = None;
        Some((Ok(ended), self))
    }
}

fn line(value: &impl Serialize) -> Bytes {
    let mut line = serde_json::to_vec(value).expect("it is plain data");
    line.push(b'\n');
    line.into()
}

async fn bring_in(shared: &Shared, caller: Caller, file: Received, tell: Tell) -> Result<Imported, Refused> {
    let Caller { identity, name } = caller;
    tell(Progress { stage: Stage::Reading, done: 0, of: None });
    let (limits, told) = (shared.service.limits.clone(), Arc::clone(&tell));
    let read = move |file: &[u8]| import::read_within(file, name.as_deref(), &limits, &told);
    let (book, _place) = read_import(&shared.imports, file, read).await?;
    let report = book.report.iter().map(ToString::to_string).collect();
    let book = shared.service.backend.import(identity, book, tell).await?;
    Ok(Imported { book, report })
}

/// Reads a file when it is its turn. Its place among the imports is given back with the book.
///
/// The place and the file's weight belong to the thread that reads: it goes on when the caller has hung up.
async fn read_import(
    places: &Arc<Semaphore>,
    file: Received,
    read: impl FnOnce(&[u8]) -> Result<ImportedBook, ImportError> + Send + 'static,
) -> Result<(ImportedBook, OwnedSemaphorePermit), Refused> {
    let place = Arc::clone(places).acquire_owned().await.map_err(|_| Refused::busy("This hub is going away."))?;
    let reading = tokio::task::spawn_blocking(move || {
        let Received { bytes, weight: _weight } = file;
        (read(&bytes), place)
    });
    match reading.await {
        Ok((book, place)) => Ok((book.map_err(|error| Rejection::invalid("", error.to_string()))?, place)),
        Err(_panicked) => Err(Rejection::invalid("", "the file cannot be read").into()),
    }
}

#[cfg(test)]
mod tests;
