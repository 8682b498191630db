//! Bodies of requests: bounded, and weighed while they come.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use http::{StatusCode, header};
use http_body_util::BodyExt as _;
use quire_protocol::Rejection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::origin::single;
use super::refusal::Refused;

/// A file must be there within this time.
pub(super) const FILE_DEADLINE: Duration = Duration::from_mins(2);

/// A small body must be there within this time.
pub(super) const SMALL_BODY_DEADLINE: Duration = Duration::from_secs(5);

/// How large a body may be.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    /// What the limit is called in a refusal.
    pub(super) name: &'static str,
    pub(super) bytes_max: usize,
}

impl Limit {
    /// One that has no name of its own.
    pub(super) fn body(bytes_max: usize) -> Self {
        Self { name: "body", bytes_max }
    }

    fn passed(self) -> Refused {
        let max = u64::try_from(self.bytes_max).unwrap_or(u64::MAX);
        Rejection::TooLarge { limit: self.name.to_owned(), max }.into()
    }
}

/// A body in one piece.
pub(super) struct Received {
    pub(super) bytes: Vec<u8>,
    /// Its size in KiB, taken from the room for bodies.
    pub(super) weight: OwnedSemaphorePermit,
}

/// The whole body, if it is small enough, plain, and there in time.
pub(super) async fn read_body(
    request: Request,
    limit: Limit,
    deadline: Duration,
    room: &Arc<Semaphore>,
) -> Result<Received, Refused> {
    // An encoded body would grow after it was measured.
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Refused::invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-encoding", "is not accepted"));
    }
    let announced = single(request.headers(), &header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit.bytes_max as u64) {
        return Err(limit.passed());
    }
    let read = read_frames(request.into_body(), limit, room);
    tokio::time::timeout(deadline, read)
        .await
        .unwrap_or_else(|_| Err(Refused::invalid(StatusCode::REQUEST_TIMEOUT, "", "the body came too slowly")))
}

/// All of a body. Room is taken for what has come, so a body that comes slowly is in nobody's way.
async fn read_frames(mut body: Body, limit: Limit, room: &Arc<Semaphore>) -> Result<Received, Refused> {
    let take = |kib: usize| {
        let kib = u32::try_from(kib).unwrap_or(u32::MAX);
        Arc::clone(room).try_acquire_many_owned(kib).map_err(|_| Refused::busy("Other files are being sent."))
    };
    let (mut bytes, mut weight) = (Vec::new(), take(1)?);
    while let Some(frame) = body.frame().await {
        let ended = |_| Refused::invalid(StatusCode::BAD_REQUEST, "", "the body ended early");
        let Ok(data) = frame.map_err(ended)?.into_data() else { continue };
        let total = bytes.len() + data.len();
        if total > limit.bytes_max {
            return Err(limit.passed());
        }
        weight.merge(take(total / 1024 + 1 - weight.num_permits())?);
        bytes.extend_from_slice(&data);
    }
    Ok(Received { bytes, weight })
}
