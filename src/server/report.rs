//! Who worked on a book, by person and day, as JSON or as a table.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response, Result};
use futures::stream::{self, BoxStream, StreamExt as _};
use http::{HeaderMap, HeaderValue, header};
use quire_protocol::{Rejection, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::accept::Cut;
use super::api::bearer;
use super::asset::book_id;
use super::export::disposition;
use super::extract::{Path, Query};
use super::refusal::Refused;
use super::sending::{self, ListKind, Pieces, day};
use super::{Shared, csv};
use crate::auth::AuthError;
use crate::book::report::{Counts, DAY_MS, Entry, Period, REASONS};
use crate::export::date;
use crate::hub::report::Reported;

/// Days of a report when nobody says which: this one, and those before it.
const USUAL_DAYS: u64 = 30;
/// Entries that are written at a time.
const ENTRIES_OF_PIECE: usize = 500;

/// What is asked, as it is written in the address.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Questions {
    /// `json` or `csv`.
    format: Option<String>,
    /// From this day of UTC on, like 2026-01-31.
    from: Option<String>,
    /// Up to this day and with it.
    to: Option<String>,
}

impl Questions {
    pub(super) fn read(&self, today: u64) -> Result<(ListKind, Period), Refused> {
        let kind = ListKind::read(self.format.as_deref())?;
        let last = day("to", self.to.as_deref())?.unwrap_or(today);
        let first = day("from", self.from.as_deref())?.unwrap_or(last.saturating_sub(USUAL_DAYS - 1));
        Ok((kind, Period::new(first, last)?))
    }
}

/// The report of a book.
pub(super) async fn report(
    State(shared): State<Arc<Shared>>,
    Path(book): Path<String>,
    Query(questions): Query<Questions>,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let identity = bearer(&shared, &headers)?.ok_or(AuthError::Missing)?;
    let book = book_id(&book)?;
    let today = shared.service.clock.now().0 / DAY_MS;
    let (kind, period) = questions.read(today)?;
    let reported = shared.service.backend.report(identity, book, period).await?;
    let name = format!("{} - report {} to {}", reported.title, date::day(period.first()), date::day(period.last()));
    let (media_type, extension) = match kind {
        ListKind::Json => ("application/json", "json"),
        ListKind::Csv => (csv::MEDIA_TYPE, "csv"),
    };
    let described = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, disposition(&name, extension)),
    ];
    let (head, pieces) = match kind {
        ListKind::Json => json(reported),
        ListKind::Csv => table(reported),
    };
    Ok((described, sending::body(shared, cut, head, pieces).await?).into_response())
}

/// A line of the report in JSON.
#[derive(Serialize)]
pub(super) struct Line {
    day: String,
    user: Option<Named>,
    tabs: u64,
    holds: u64,
    held_ms: u64,
    releases: Map<String, Value>,
    comments: u64,
    resolved: u64,
    chapters_added: u64,
    chapters_removed: u64,
    versions: u64,
    words_added: u64,
    words_removed: u64,
}

#[derive(Serialize)]
struct Named {
    id: String,
    name: Option<String>,
}

impl From<Entry> for Line {
    fn from(entry: Entry) -> Self {
        let Entry { day, user, name, counts } = entry;
        let ended = reasons().zip(counts.releases).filter(|(_, count)| *count > 0);
        Self {
            day: date::day(day),
            user: user.map(|id| Named { id: id.to_string(), name }),
            tabs: counts.tabs,
            holds: counts.holds,
            held_ms: counts.held_ms,
            releases: ended.map(|(reason, count)| (reason, count.into())).collect(),
            comments: counts.comments,
            resolved: counts.resolved,
            chapters_added: counts.chapters_added,
            chapters_removed: counts.chapters_removed,
            versions: counts.versions,
            words_added: counts.words_added,
            words_removed: counts.words_removed,
        }
    }
}

/// Why holds end, as it is named on the wire.
fn reasons() -> impl Iterator<Item = String> {
    REASONS.into_iter().map(|reason| sending::word(&reason))
}

/// `{"from","to","at","rows":[…]}`, a piece at a time.
fn json(reported: Reported) -> (String, Pieces) {
    let Reported { period, at, entries, .. } = reported;
    let (from, to) = (date::day(period.first()), date::day(period.last()));
    let lines = stream::iter(chunks(entries)).map(|entries| Ok(entries.into_iter().map(Line::from).collect()));
    list(&from, &to, at, lines.boxed())
}

/// `{"from","to","at","rows":[…]}`, with so many rows at a time as come.
pub(super) fn list<Row: Serialize + 'static>(
    from: &str,
    to: &str,
    at: Timestamp,
    rows: BoxStream<'static, Result<Vec<Row>, Rejection>>,
) -> (String, Pieces) {
    // Days and times hold nothing that JSON would escape.
    let head = format!("{{\"from\":\"{from}\",\"to\":\"{to}\",\"at\":\"{}\",\"rows\":[", date::utc_ms(at));
    let mut is_first = true;
    let piece = move |rows: Result<Vec<Row>, Rejection>| {
        let mut text = String::new();
        for row in rows? {
            text.push_str(if std::mem::take(&mut is_first) { "\n" } else { ",\n" });
            text.push_str(&serde_json::to_string(&row).expect("a row is plain data"));
        }
        Ok(text)
    };
    let end = stream::once(async { Ok("\n]}\n".to_owned()) });
    (head, rows.map(piece).chain(end).boxed())
}

fn table(reported: Reported) -> (String, Pieces) {
    let piece = |entries: Vec<Entry>| Ok(entries.into_iter().map(|entry| csv::record(cells(entry))).collect());
    (csv::record(columns()), stream::iter(chunks(reported.entries)).map(piece).boxed())
}

/// What the columns of the table are called.
pub(super) fn columns() -> impl Iterator<Item = String> {
    let named = ["day", "user", "name", "tabs", "holds", "held_ms"].map(str::to_owned);
    let ended = reasons().map(|reason| format!("released_{reason}"));
    let done =
        ["comments", "resolved", "chapters_added", "chapters_removed", "versions", "words_added", "words_removed"];
    named.into_iter().chain(ended).chain(done.map(str::to_owned))
}

/// What they say of an entry.
pub(super) fn cells(entry: Entry) -> impl Iterator<Item = String> {
    let Entry { day, user, name, counts } = entry;
    let who = [date::day(day), user.map(|id| id.to_string()).unwrap_or_default(), name.unwrap_or_default()];
    #[rustfmt::skip]
    let Counts {
        tabs, holds, held_ms, releases, comments, resolved, chapters_added, chapters_removed, versions, words_added,
        words_removed,
    } = counts;
    let held = [tabs, holds, held_ms];
    let done = [comments, resolved, chapters_added, chapters_removed, versions, words_added, words_removed];
    let numbers = held.into_iter().chain(releases).chain(done).map(|number| number.to_string());
    who.into_iter().chain(numbers)
}

/// Some entries at a time.
fn chunks(entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    let mut entries = entries.into_iter();
    std::iter::from_fn(|| Some(entries.by_ref().take(ENTRIES_OF_PIECE).collect::<Vec<_>>()))
        .take_while(|piece| !piece.is_empty())
        .collect()
}
