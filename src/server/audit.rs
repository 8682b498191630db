//! What happened to a book, line by line or as a table.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response, Result};
use futures::StreamExt as _;
use http::{HeaderMap, HeaderValue, header};
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
use crate::auth::AuthError;
use crate::book::audit::{Detail, Doer, Named, Row, Wanted};
use crate::book::report::DAY_MS;
use crate::export::date;
use crate::hub::audit::{Asked, Told};

/// What the columns of the table are called.
const COLUMNS: [&str; 16] = [
    "seq",
    "at",
    "who",
    "who_name",
    "system",
    "what",
    "chapter",
    "chapter_title",
    "member",
    "member_name",
    "address",
    "role_from",
    "role_to",
    "reason",
    "note",
    "detail",
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
    let (kind, asked) = questions.read(shared.service.limits.list_rows)?;
    let Told { title, rows } = shared.service.backend.audit(identity, book, asked).await?;
    let (head, write, media_type, extension): (_, fn(&Row) -> String, _, _) = match kind {
        ListKind::Json => (String::new(), line, "application/x-ndjson", "ndjson"),
        ListKind::Csv => (csv::record(COLUMNS), table_row, csv::MEDIA_TYPE, "csv"),
    };
    let described = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, disposition(&format!("{title} - activity"), extension)),
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

fn table_row(row: &Row) -> String {
    let (who, system) = match &row.who {
        Some(Doer::Person(named)) => (Some(named), String::new()),
        Some(Doer::Hub { system }) => (None, word(system)),
        None => (None, String::new()),
    };
    let id = |named: Option<&Named>| named.map(|named| named.id.to_string()).unwrap_or_default();
    let name = |named: Option<&Named>| named.and_then(|named| named.name.clone()).unwrap_or_default();
    let (chapter, member) = (row.chapter.as_ref(), row.member.as_ref());
    let role = |role: Option<quire_protocol::Role>| role.map(|role| role.as_str().to_owned()).unwrap_or_default();
    csv::record([
        row.seq.to_string(),
        date::utc_ms(row.at),
        id(who),
        name(who),
        system,
        row.what.to_owned(),
        chapter.map(|chapter| chapter.id.to_string()).unwrap_or_default(),
        chapter.and_then(|chapter| chapter.title.clone()).unwrap_or_default(),
        id(member),
        name(member),
        row.address.clone().unwrap_or_default(),
        role(row.role.and_then(|change| change.from)),
        role(row.role.and_then(|change| change.to)),
        row.reason.as_ref().map(word).unwrap_or_default(),
        row.note.clone().unwrap_or_default(),
        row.detail.as_ref().map(detail).unwrap_or_default(),
    ])
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
        Detail::Point(point) => format!("point {point}"),
        Detail::Lost(count) => count.to_string(),
    }
}
