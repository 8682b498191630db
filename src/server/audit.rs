//! What happened to a book or to the library, line by line or as a table.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response, Result};
use futures::StreamExt as _;
use http::{HeaderMap, HeaderValue, header};
use quire_protocol::inbox::TopicSwitch;
use quire_protocol::library::Grant;
use quire_protocol::publishing::PublishState;
use quire_protocol::{Rejection, Seq, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::accept::Cut;
use super::api::bearer;
use super::asset::book_id;
use super::export::disposition;
use super::extract::{Path, Query};
use super::refusal::Refused;
use super::sending::{self, ListKind, bad, day, word};
use super::{Shared, csv};
use crate::audit::{Detail, Doer, Named, Row, Stage, Wanted};
use crate::auth::{AuthError, Identity};
use crate::book::report::DAY_MS;
use crate::export::date;
use crate::hub::audit::{Asked, Of, Told};

/// A column of a table: what it is called, and what it says of a row.
type Column = (&'static str, fn(&Row) -> String);

/// The columns of a book's table.
const OF_BOOK: [Column; 16] = [
    ("seq", |row| row.seq.to_string()),
    ("at", |row| date::utc_ms(row.at)),
    ("who", |row| id(doer(row))),
    ("who_name", |row| name(doer(row))),
    ("system", system),
    ("what", |row| row.what.to_owned()),
    ("chapter", |row| row.chapter.as_ref().map(|chapter| chapter.id.to_string()).unwrap_or_default()),
    ("chapter_title", |row| row.chapter.as_ref().and_then(|chapter| chapter.title.clone()).unwrap_or_default()),
    ("member", |row| id(row.member.as_ref())),
    ("member_name", |row| name(row.member.as_ref())),
    ("address", |row| row.address.clone().unwrap_or_default()),
    ("role_from", |row| role(row.role.and_then(|change| change.from))),
    ("role_to", |row| role(row.role.and_then(|change| change.to))),
    ("reason", |row| row.reason.as_ref().map(word).unwrap_or_default()),
    ("note", |row| row.note.clone().unwrap_or_default()),
    ("detail", |row| row.detail.as_ref().map(detail).unwrap_or_default()),
];

/// The columns of the library's.
const OF_LIBRARY: [Column; 15] = [
    OF_BOOK[0],
    OF_BOOK[1],
    OF_BOOK[2],
    OF_BOOK[3],
    OF_BOOK[4],
    OF_BOOK[5],
    ("address", OF_BOOK[10].1),
    ("user", OF_BOOK[8].1),
    ("user_name", OF_BOOK[9].1),
    ("book", |row| row.book.as_ref().map(|book| book.id.to_string()).unwrap_or_default()),
    ("book_title", |row| row.book.as_ref().and_then(|book| book.title.clone()).unwrap_or_default()),
    ("state_from", |row| row.state.and_then(|change| change.from).map(stage).unwrap_or_default()),
    ("state_to", |row| row.state.map(|change| stage(change.to)).unwrap_or_default()),
    OF_BOOK[14],
    OF_BOOK[15],
];

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
    /// With a greater number.
    after: Option<String>,
    /// With a smaller number.
    before: Option<String>,
    /// So many rows.
    limit: Option<String>,
    /// `oldest` or `newest` first.
    order: Option<String>,
    /// What this user did, or what was done to them.
    person: Option<String>,
    /// Of this kind or family.
    kind: Option<String>,
}

fn number(field: &str, text: Option<String>) -> Result<Option<u64>, Refused> {
    text.map(|text| text.parse().map_err(|_| bad(field, "is a whole number"))).transpose()
}

impl Questions {
    fn read(self, rows_max: usize) -> Result<(ListKind, Asked), Refused> {
        let kind = ListKind::read(self.format.as_deref())?;
        let newest_first = match self.order.as_deref() {
            None | Some("oldest") => false,
            Some("newest") => true,
            Some(_) => return Err(bad("order", "is oldest or newest")),
        };
        let limit = number("limit", self.limit)?.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
        // So many rows are in memory until the last of them is known.
        let limit = if newest_first { Some(limit.unwrap_or(rows_max).min(rows_max)) } else { limit };
        let person = self.person.map(|person| UserId::new(&person));
        let wanted = Wanted {
            from: day("from", self.from.as_deref())?.map(|day| Timestamp(day * DAY_MS)),
            until: day("to", self.to.as_deref())?.map(|day| Timestamp((day + 1) * DAY_MS)),
            after: number("after", self.after)?.map(Seq),
            before: number("before", self.before)?.map(Seq),
            person: person.transpose().map_err(|error| Rejection::invalid("person", error.to_string()))?,
            kind: self.kind,
        };
        Ok((kind, Asked { wanted, limit, newest_first }))
    }
}

/// The audit log of a book.
pub(super) async fn audit(
    State(shared): State<Arc<Shared>>,
    Path(book): Path<String>,
    Query(questions): Query<Questions>,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let identity = bearer(&shared, &headers)?.ok_or(AuthError::Missing)?;
    let book = book_id(&book)?;
    answer(shared, (cut, identity), (Of::Book(book), "audit log", &OF_BOOK), questions).await
}

/// What happened in a book, for everybody who may look into it.
pub(super) async fn feed(
    State(shared): State<Arc<Shared>>,
    Path(book): Path<String>,
    Query(questions): Query<Questions>,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let identity = bearer(&shared, &headers)?.ok_or(AuthError::Missing)?;
    let book = book_id(&book)?;
    answer(shared, (cut, identity), (Of::Feed(book), "activity", &OF_BOOK), questions).await
}

/// The audit log of the library.
pub(super) async fn library(
    State(shared): State<Arc<Shared>>,
    Query(questions): Query<Questions>,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let identity = bearer(&shared, &headers)?.ok_or(AuthError::Missing)?;
    answer(shared, (cut, identity), (Of::Library, "audit log", &OF_LIBRARY), questions).await
}

async fn answer(
    shared: Arc<Shared>,
    (cut, identity): (Cut, Identity),
    (of, named, columns): (Of, &str, &'static [Column]),
    questions: Questions,
) -> Result<Response, Refused> {
    let (kind, asked) = questions.read(shared.service.limits.list_rows)?;
    let Told { title, rows } = shared.service.backend.audit(identity, of, asked).await?;
    let (head, media_type, extension) = match kind {
        ListKind::Json => (String::new(), "application/x-ndjson", "ndjson"),
        ListKind::Csv => (csv::record(columns.iter().map(|(called, _)| called)), csv::MEDIA_TYPE, "csv"),
    };
    let write = move |row: &Row| match kind {
        ListKind::Json => line(row),
        ListKind::Csv => csv::record(columns.iter().map(|(_, says)| says(row))),
    };
    let described = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, disposition(&format!("{title} - {named}"), extension)),
    ];
    let pieces = rows.map(move |rows| Ok(rows?.iter().map(write).collect()));
    Ok((described, sending::body(shared, cut, head, pieces.boxed()).await?).into_response())
}

/// A row in JSON.
#[derive(Serialize)]
struct Line<'a> {
    at: String,
    #[serde(flatten)]
    row: &'a Row,
}

fn line(row: &Row) -> String {
    let line = serde_json::to_string(&Line { at: date::utc_ms(row.at), row }).expect("a row is plain data");
    line + "\n"
}

fn doer(row: &Row) -> Option<&Named> {
    match &row.who {
        Some(Doer::Person(named)) => Some(named),
        Some(Doer::Hub { .. }) | None => None,
    }
}

fn system(row: &Row) -> String {
    match &row.who {
        Some(Doer::Hub { system }) => word(system),
        Some(Doer::Person(_)) | None => String::new(),
    }
}

fn id(named: Option<&Named>) -> String {
    named.map(|named| named.id.to_string()).unwrap_or_default()
}

fn name(named: Option<&Named>) -> String {
    named.and_then(|named| named.name.clone()).unwrap_or_default()
}

fn role(role: Option<quire_protocol::Role>) -> String {
    role.map(|role| role.as_str().to_owned()).unwrap_or_default()
}

fn stage(Stage { state, revision }: Stage) -> String {
    let revision = revision.map(|revision| format!(", {} again", word(&revision))).unwrap_or_default();
    // While nothing is out, the book is as far as what was submitted of it.
    if state == PublishState::Published { word(&state) + &revision } else { word(&state) }
}

/// Permissions with their bounds, as on the wire.
fn grants(grants: &[Grant]) -> String {
    serde_json::to_string(grants).expect("permissions are plain data")
}

fn switch(switch: &TopicSwitch) -> String {
    let by = |channel: &str, on: bool| format!("{channel} {}", if on { "on" } else { "off" });
    format!("{} {} {}", switch.topic.as_str(), by("inbox", switch.inbox), by("mail", switch.mail))
}

fn detail(detail: &Detail) -> String {
    match detail {
        Detail::Title(title) => title.clone(),
        Detail::Fields(fields) => fields.join(", "),
        Detail::Mode(mode) => word(mode),
        Detail::Split(split) => {
            let shares = split.shares.iter().map(|share| format!("{} {}", share.user, share.basis_points));
            let shares: Vec<String> = shares.collect();
            format!("{} from {}", shares.join(", "), date::utc_ms(split.effective_at))
        }
        Detail::Until(until) => until.map(date::utc_ms).unwrap_or_default(),
        Detail::Version(version) => format!("version {version}"),
        Detail::Point(point) => format!("point {point}"),
        Detail::Grants { given, taken } => format!("given {}; taken {}", grants(given), grants(taken)),
        Detail::Switches(switches) => switches.iter().map(switch).collect::<Vec<_>>().join(", "),
        Detail::Webhook { webhook, host, topics, on } => {
            let topics: Vec<_> = topics.iter().map(|topic| topic.as_str()).collect();
            format!("{webhook} {host} {}: {}", if *on { "on" } else { "off" }, topics.join(" "))
        }
        Detail::WebhookRemoved(webhook) => webhook.to_string(),
        Detail::Lost(count) => count.to_string(),
    }
}
