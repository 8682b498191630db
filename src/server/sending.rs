//! Lists that are sent as they are made.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Result;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _};
use http::StatusCode;
use quire_protocol::Rejection;
use serde::Serialize;

use super::Shared;
use super::accept::Cut;
use super::refusal::Refused;
use super::reminder::Reminder;
use crate::export::date;

/// Pieces of a list. An error is the last thing that comes.
pub(super) type Pieces = BoxStream<'static, Result<String, Rejection>>;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListKind {
    /// JSON.
    Json,
    /// A table.
    Csv,
}

impl ListKind {
    /// What `format` in an address says.
    pub(super) fn read(format: Option<&str>) -> Result<Self, Refused> {
        match format {
            None | Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some(_) => Err(bad("format", "is json or csv")),
        }
    }
}

/// What is wrong with the question of this name.
pub(super) fn bad(field: &str, reason: &str) -> Refused {
    Refused::invalid(StatusCode::BAD_REQUEST, field, reason)
}

/// The day that a question names, counted from the first of January 1970.
pub(super) fn day(field: &str, text: Option<&str>) -> Result<Option<u64>, Refused> {
    text.map(|text| date::day_of(text).ok_or_else(|| bad(field, "is a day like 2026-01-31"))).transpose()
}

/// A value as it is named on the wire.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("a name is a word: {other:?}"),
    }
}

/// The body of an answer that begins with `head`. What is refused before there is a piece is refused with its status.
pub(super) async fn body(shared: Arc<Shared>, cut: Cut, head: String, mut pieces: Pieces) -> Result<Body, Refused> {
    let mut waiting = VecDeque::from([head]);
    waiting.extend(pieces.next().await.transpose()?);
    let sending = Sending { shared, cut, pieces, waiting, reminder: None };
    Ok(Body::from_stream(stream::unfold(sending, |mut sending| async move {
        let piece = sending.next().await?;
        Some((piece, sending))
    })))
}

/// A list that is being sent.
struct Sending {
    shared: Arc<Shared>,
    cut: Cut,
    pieces: Pieces,
    /// What was made and not taken yet.
    waiting: VecDeque<String>,
    /// Of the piece that is being taken.
    reminder: Option<Reminder>,
}

impl Sending {
    /// The next piece, once the last one was taken. What goes wrong now breaks the answer off: nobody takes a part of it for
    /// the whole.
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        self.reminder = None;
        let piece = match self.waiting.pop_front() {
            Some(piece) => Ok(piece),
            None => self.pieces.next().await?,
        };
        self.reminder = Some(Reminder::new(self.shared.service.sending_deadline, self.cut.clone()));
        Some(piece.map(Bytes::from).map_err(|rejection| io::Error::other(rejection.to_string())))
    }
}
