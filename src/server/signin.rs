//! Signing in by a mailed link, and the letters of development mode.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::response::{Html, IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::accept::Peer;
use super::api::{Token, is_this_machine};
use super::json::read_json;
use super::refusal::Refused;
use crate::mail::{KeptLetter, escaped};
use crate::signin::SignIn;

/// Body of a request about signing in, bytes.
const BODY_BYTES_MAX: usize = 4 * 1024;

/// How people can sign in here.
#[derive(Serialize, JsonSchema)]
pub(super) struct Ways {
    /// By a mailed link.
    mail: bool,
    /// By saying so.
    development: bool,
}

/// Who wants a link.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "LinkAsked")]
pub(super) struct Asked {
    /// Their address.
    email: String,
}

/// What a link holds.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "LinkOpened")]
pub(super) struct Opened {
    /// Its secret.
    token: String,
    /// Who they say they are.
    #[serde(default)]
    name: String,
}

/// Nothing more is said: whether there is such an address is nobody's business.
#[derive(Serialize, JsonSchema)]
pub(super) struct Accepted {}

/// Says how people can sign in.
pub(super) async fn ways(State(shared): State<Arc<Shared>>) -> Json<Ways> {
    let service = &shared.service;
    Json(Ways { mail: service.signin.is_some(), development: service.dev_keys.is_some() })
}

/// Mails a link.
pub(super) async fn ask(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
) -> Result<Response, Refused> {
    let signin = by_mail(&shared)?;
    let Asked { email } = read_json(&shared, request, BODY_BYTES_MAX).await?;
    signin.ask(&email, peer.ip()).await?;
    Ok((StatusCode::ACCEPTED, Json(Accepted {})).into_response())
}

/// Takes the secret of a link for a token.
pub(super) async fn open(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
) -> Result<Json<Token>, Refused> {
    let signin = by_mail(&shared)?;
    let Opened { token, name } = read_json(&shared, request, BODY_BYTES_MAX).await?;
    Ok(Json(Token { token: signin.open(token, &name, peer.ip()).await? }))
}

fn by_mail(shared: &Shared) -> Result<&Arc<SignIn>, Refused> {
    shared.service.signin.as_ref().ok_or_else(Refused::no_such_path)
}

#[derive(Serialize)]
struct Shown {
    at: u64,
    to: String,
    subject: String,
    text: String,
    html: String,
}

/// Shows the letters of development mode, to this machine only: as a page, or to programs as JSON.
pub(super) async fn letters(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let Some(kept) = &shared.service.kept_letters else {
        return Err(Refused::no_such_path());
    };
    is_this_machine(peer, &headers, "These letters are for this machine only.")?;
    let letters = kept.letters();
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/json")) {
        return Ok(Json(letters.into_iter().map(Shown::from).collect::<Vec<_>>()).into_response());
    }
    Ok(Html(page(&letters)).into_response())
}

impl From<KeptLetter> for Shown {
    fn from(KeptLetter { at, letter }: KeptLetter) -> Self {
        Self { at: at.0, to: letter.to, subject: letter.subject, text: letter.text, html: letter.html }
    }
}

fn page(letters: &[KeptLetter]) -> String {
    let mut page = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Letters - quire</title>\
         <link rel=\"icon\" href=\"data:,\"></head>\n<body><h1>Letters of this hub</h1>\n\
         <p>In development mode no mail leaves this machine. The newest letter is on top; they go with the process.</p>\n",
    );
    for KeptLetter { letter, .. } in letters {
        let (subject, to) = (escaped(&letter.subject), escaped(&letter.to));
        let text: Vec<String> = letter.text.lines().map(line).collect();
        writeln!(page, "<article><h2>{subject}</h2>\n<p>To {to}</p>\n<pre>{}</pre></article>", text.join("\n"))
            .expect("a string takes everything");
    }
    page + "</body></html>\n"
}

/// A line of a letter; one that is an address can be followed.
fn line(text: &str) -> String {
    let safe = escaped(text);
    let is_link = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme)) && !text.contains(' ');
    if is_link { format!("<a href=\"{safe}\">{safe}</a>") } else { safe }
}
