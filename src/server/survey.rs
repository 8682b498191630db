//! Who worked on the library's books, and what that comes to without names.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response, Result};
use axum::{Extension, Json};
use futures::stream::StreamExt as _;
use http::{HeaderMap, HeaderValue, header};
use quire_protocol::publishing::PublishState;
use schemars::JsonSchema;
use serde::Serialize;

use super::accept::Cut;
use super::api::bearer;
use super::export::disposition;
use super::extract::Query;
use super::refusal::Refused;
use super::report::{Line, Questions, cells, columns, list};
use super::sending::{self, ListKind};
use super::{Shared, csv};
use crate::auth::AuthError;
use crate::book::analytics::{self, Summary};
use crate::book::report::{DAY_MS, Period};
use crate::export::date;
use crate::hub::survey::{Analysed, OfBook, Surveyed};

/// What the columns of the analytics are called.
const DAY_COLUMNS: [&str; 6] = ["day", "people", "tabs", "words_added", "words_removed", "comments"];

/// A line of the library's report in JSON.
#[derive(Serialize)]
struct BookLine {
    book: Titled,
    #[serde(flatten)]
    line: Line,
}

#[derive(Clone, Serialize)]
struct Titled {
    id: String,
    title: String,
}

/// The report of the library.
pub(super) async fn report(
    State(shared): State<Arc<Shared>>,
    Query(questions): Query<Questions>,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let identity = bearer(&shared, &headers)?.ok_or(AuthError::Missing)?;
    let (kind, period) = questions.read(shared.service.clock.now().0 / DAY_MS)?;
    let Surveyed { period, at, books } = shared.service.backend.survey(identity, period).await?;
    let (head, pieces) = match kind {
        ListKind::Json => {
            let rows = books.map(|counted| Ok(lines(counted?)));
            list(&date::day(period.first()), &date::day(period.last()), at, rows.boxed())
        }
        ListKind::Csv => {
            let head = ["book", "book_title"].map(str::to_owned).into_iter().chain(columns());
            (csv::record(head), books.map(|counted| Ok(table(counted?))).boxed())
        }
    };
    let described = described("report", kind, period);
    Ok((described, sending::body(shared, cut, head, pieces).await?).into_response())
}

fn lines(OfBook { book, entries }: OfBook) -> Vec<BookLine> {
    let book = Titled { id: book.book.to_string(), title: book.title };
    entries.into_iter().map(|entry| BookLine { book: book.clone(), line: entry.into() }).collect()
}

fn table(OfBook { book, entries }: OfBook) -> String {
    let row = |entry| csv::record([book.book.to_string(), book.title.clone()].into_iter().chain(cells(entry)));
    entries.into_iter().map(row).collect()
}

fn described(what: &str, kind: ListKind, period: Period) -> [(header::HeaderName, HeaderValue); 2] {
    let (media_type, extension) = match kind {
        ListKind::Json => ("application/json", "json"),
        ListKind::Csv => (csv::MEDIA_TYPE, "csv"),
    };
    let name = format!("Library - {what} {} to {}", date::day(period.first()), date::day(period.last()));
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, disposition(&name, extension)),
    ]
}

/// What is said of the work on the library's books, without names.
#[derive(Serialize, JsonSchema)]
pub(super) struct Analytics {
    /// The first day of UTC, like 2026-01-31.
    from: String,
    /// The last.
    to: String,
    /// When they were begun.
    at: String,
    /// How many books were counted.
    books: u64,
    /// How many people did something in them.
    people: u64,
    /// How many books are how far, in the order in which books pass through the states.
    states: Vec<InState>,
    /// By category, the most books first. A book may be in several.
    categories: Vec<Category>,
    /// Each day.
    days: Vec<DayLine>,
}

/// Books that are so far.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BooksInState")]
struct InState {
    /// How far.
    state: PublishState,
    /// How many.
    books: u64,
}

/// What was done in the books of a category.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CategoryAnalytics")]
struct Category {
    /// Its name; null: books in no category.
    name: Option<String>,
    /// How many books are in it.
    books: u64,
    /// Words that came with what was written.
    words_added: u64,
    /// Words that went with it.
    words_removed: u64,
}

/// What was done on a day.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DayAnalytics")]
struct DayLine {
    /// Which.
    day: String,
    /// People who did something that others could see.
    people: u64,
    /// Tabs in which they did.
    tabs: u64,
    /// Words that came with what was written.
    words_added: u64,
    /// Words that went with it.
    words_removed: u64,
    /// Comments and answers that were written.
    comments: u64,
}

impl From<Analysed> for Analytics {
    fn from(Analysed { period, at, summary }: Analysed) -> Self {
        let Summary { books, people, states, categories, days } = summary;
        let category = |analytics::Category { name, books, words_added, words_removed }| Category {
            name,
            books,
            words_added,
            words_removed,
        };
        let of_day = |analytics::Day { day, people, tabs, words_added, words_removed, comments }| {
            let day = date::day(day);
            DayLine { day, people, tabs, words_added, words_removed, comments }
        };
        Self {
            from: date::day(period.first()),
            to: date::day(period.last()),
            at: date::utc_ms(at),
            books,
            people,
            states: states.into_iter().map(|(state, books)| InState { state, books }).collect(),
            categories: categories.into_iter().map(category).collect(),
            days: days.into_iter().map(of_day).collect(),
        }
    }
}

/// The analytics of the library: all of them as JSON, or its days as a table.
pub(super) async fn analytics(
    State(shared): State<Arc<Shared>>,
    Query(questions): Query<Questions>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let identity = bearer(&shared, &headers)?.ok_or(AuthError::Missing)?;
    let (kind, period) = questions.read(shared.service.clock.now().0 / DAY_MS)?;
    let told = Analytics::from(shared.service.backend.analytics(identity, period).await?);
    let described = described("analytics", kind, period);
    Ok(match kind {
        ListKind::Json => (described, Json(told)).into_response(),
        ListKind::Csv => {
            let row = |day: &DayLine| {
                let numbers = [day.people, day.tabs, day.words_added, day.words_removed, day.comments];
                csv::record(std::iter::once(day.day.clone()).chain(numbers.map(|number| number.to_string())))
            };
            let table = csv::record(DAY_COLUMNS) + &told.days.iter().map(row).collect::<String>();
            (described, table).into_response()
        }
    })
}
