//! What host applications ask over HTTP: users and books, and who may do what. Each endpoint reads the question, has the hub
//! decide, and writes down the answer.

pub(super) mod books;
mod gate;
pub(super) mod users;

use std::sync::{Arc, Mutex};

use axum::Extension;
use axum::Json;
use axum::extract::{Request, State};
use quire_protocol::{Action, BookId, Rejection, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::extract::Query;
use super::json::read_json;
use super::refusal::Refused;
use crate::auth::ServiceKeys;
use crate::hub::{Hub, Question};
use crate::session::rate::Bucket;

pub(super) use gate::check;

/// Body of a request of a host application, bytes.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// Questions that are asked at once.
const QUESTIONS_MAX: usize = 100;

/// The hub as host applications reach it.
pub struct HostAccess {
    hub: Arc<Hub>,
    keys: ServiceKeys,
    /// For each key how often it may still be used.
    buckets: Vec<Mutex<Bucket>>,
}

impl HostAccess {
    /// Lets whoever has one of these keys do what they want, so often in a second.
    pub fn new(hub: Arc<Hub>, keys: ServiceKeys) -> Self {
        let per_second = hub.limits.host_requests_per_second;
        let buckets = (0..keys.count()).map(|_| Mutex::new(Bucket::new(per_second, per_second))).collect();
        Self { hub, keys, buckets }
    }
}

/// The hub, for somebody who has a service token: only [`check`] hands it out.
#[derive(Clone)]
pub(super) struct Host(Arc<Hub>);

/// What is answered in JSON.
type Answer<T> = Result<Json<T>, Refused>;

/// May this user do this in this book?
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Question")]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Who.
    user: UserId,
    /// What.
    action: Action,
    /// Where.
    book: BookId,
}

/// Several questions at once.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Questions {
    /// At most 100.
    questions: Vec<Asked>,
}

/// Whether somebody may do something.
#[derive(Serialize, JsonSchema)]
pub(super) struct Allowed {
    /// By their role in the book, or by what the library gave them.
    allowed: bool,
}

/// The answers, in the order of the questions.
#[derive(Serialize, JsonSchema)]
pub(super) struct Answers {
    /// A book that does not exist allows nothing.
    answers: Vec<Allowed>,
}

impl From<Asked> for Question {
    fn from(Asked { user, action, book }: Asked) -> Self {
        Self { user, action, book }
    }
}

/// Answers one question.
pub(super) async fn can(Extension(Host(hub)): Extension<Host>, Query(asked): Query<Asked>) -> Answer<Allowed> {
    let mut said = hub.host_can(&[asked.into()]).await;
    let allowed = said.pop().expect("each question is answered")?;
    Ok(Json(Allowed { allowed }))
}

/// Answers several questions.
pub(super) async fn can_each(
    State(shared): State<Arc<Shared>>,
    Extension(Host(hub)): Extension<Host>,
    request: Request,
) -> Answer<Answers> {
    let Questions { questions } = read_json(&shared, request, BODY_BYTES_MAX).await?;
    if questions.len() > QUESTIONS_MAX {
        return Err(Rejection::TooLarge { limit: "questions".into(), max: QUESTIONS_MAX as u64 }.into());
    }
    let questions: Vec<Question> = questions.into_iter().map(Question::from).collect();
    let said = hub.host_can(&questions).await.into_iter();
    let answers = said.map(|allowed| match allowed {
        Ok(allowed) => Ok(Allowed { allowed }),
        Err(Rejection::NotFound { .. }) => Ok(Allowed { allowed: false }),
        Err(rejection) => Err(Refused::from(rejection)),
    });
    Ok(Json(Answers { answers: answers.collect::<Result<_, _>>()? }))
}
