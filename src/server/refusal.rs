//! Refusals over HTTP: problem details (RFC 9457) with the same code and facts as on the socket.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use quire_protocol::{Refusal, Rejection, What};
use schemars::JsonSchema;
use serde::Serialize;

/// What a refusal is written in.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";
/// What the type of a problem begins with; the code follows.
const TYPE: &str = "urn:quire:problem:";

/// When to try again what is refused for a shortage.
const RETRY_AFTER_MS: u64 = 2_000;

/// A refused request.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    refusal: Box<Refusal>,
    /// What the client should have said.
    header: Option<(HeaderName, &'static str)>,
}

/// A refused request as it is told. The facts of the refusal stand beside these fields, as the specification lists them.
#[derive(Serialize, JsonSchema)]
pub(super) struct Problem<'a> {
    /// `urn:quire:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The code in words.
    title: String,
    /// The status of the answer.
    status: u16,
    /// One plain sentence for a person.
    detail: &'a str,
    /// The stable code, with its facts.
    #[serde(flatten)]
    #[schemars(with = "Code")]
    rejection: &'a Rejection,
}

/// What of a refusal every problem has.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it describes what is written elsewhere")]
struct Code {
    /// The stable code.
    code: String,
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self::new(status(&rejection), rejection.into())
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::new(status(&refusal.rejection), refusal)
    }
}

impl From<crate::auth::AuthError> for Refused {
    fn from(error: crate::auth::AuthError) -> Self {
        Rejection::Unauthenticated { reason: error.to_string() }.into()
    }
}

impl Refused {
    fn new(status: StatusCode, refusal: Refusal) -> Self {
        Self { status, refusal: Box::new(refusal), header: None }
    }

    /// The same, with a header that says what would have been right.
    pub(super) fn with_header(self, name: HeaderName, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    /// What it says.
    pub(super) fn problem(&self) -> Problem<'_> {
        let Refusal { message, rejection } = &*self.refusal;
        let code = rejection.code();
        let mut title = code.replace('_', " ");
        title[..1].make_ascii_uppercase();
        Problem { kind: format!("{TYPE}{code}"), title, status: self.status.as_u16(), detail: message, rejection }
    }

    /// Nothing is there, or nothing for this hub as it is set up.
    pub(super) fn no_such_path() -> Self {
        Rejection::NotFound { what: What::Path }.into()
    }

    /// Not this page, or not this way.
    pub(super) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, Refusal { message: message.to_owned(), rejection: Rejection::Forbidden })
    }

    /// Try again in a moment.
    pub(super) fn busy(message: &str) -> Self {
        let rejection = Rejection::Unavailable { retry_after_ms: RETRY_AFTER_MS };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Refusal { message: message.to_owned(), rejection })
    }

    /// Not a request that can be answered, with the fitting status.
    pub(super) fn invalid(status: StatusCode, field: &str, reason: &str) -> Self {
        Self::new(status, Rejection::invalid(field, reason).into())
    }
}

fn status(rejection: &Rejection) -> StatusCode {
    match rejection {
        Rejection::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
        Rejection::NotFound { .. } => StatusCode::NOT_FOUND,
        Rejection::Forbidden => StatusCode::FORBIDDEN,
        Rejection::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Rejection::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Rejection::Unavailable { .. } | Rejection::OutcomeUnknown => StatusCode::SERVICE_UNAVAILABLE,
        Rejection::Invalid { .. } | Rejection::Unsupported { .. } => StatusCode::BAD_REQUEST,
        // Whatever else the rules say no to contradicts the state of the book.
        _ => StatusCode::CONFLICT,
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let retry_after_ms = match &self.refusal.rejection {
            Rejection::RateLimited { retry_after_ms } | Rejection::Unavailable { retry_after_ms } => {
                Some(*retry_after_ms)
            }
            _ => None,
        };
        let body = serde_json::to_vec(&self.problem()).expect("a refusal is plain data");
        let mut response = (self.status, [(CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        if let Some(ms) = retry_after_ms {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
