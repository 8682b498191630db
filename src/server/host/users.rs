//! Users of the library, for host applications.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::{Extension, Json};
use http::StatusCode;
use quire_protocol::UserId;
use quire_protocol::command::UsersList;
use quire_protocol::frame;
use quire_protocol::library::{Grant, UserDetails, UserRow, UserState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, BODY_BYTES_MAX, Host};
use crate::library::Hosted;
use crate::server::Shared;
use crate::server::extract::{Path, Query};
use crate::server::json::read_json;
use crate::server::refusal::Refused;

/// Which users are wanted. What is absent narrows nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Wanted {
    /// In an address, a name or an organisation.
    search: Option<String>,
    /// Countries (ISO 3166-1 alpha-2), separated by commas.
    countries: Option<String>,
    /// Roles in the library, separated by commas.
    roles: Option<String>,
    /// Where they stand.
    state: Option<UserState>,
    /// Rows of a page: at most, and if absent, `limits.list_rows`.
    limit: Option<u32>,
    /// What the page before named.
    cursor: Option<String>,
}

/// A page of users, by address.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UsersPage")]
pub(in crate::server) struct Page {
    /// Those of this page.
    users: Vec<UserRow>,
    /// How many there are on all pages.
    total: u32,
    /// Where the next page begins; null: there is none.
    cursor: Option<String>,
}

/// A user as they shall be: what is absent is emptied.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "UserPut")]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Put {
    /// Who they are: the `sub` of their tokens. With it they have joined; without it they join once they prove the address.
    #[serde(default)]
    user: Option<UserId>,
    /// Their name; needed with `user`.
    #[serde(default)]
    name: Option<String>,
    /// Where they work.
    #[serde(default)]
    organisation: Option<String>,
    /// In which part of it.
    #[serde(default)]
    department: Option<String>,
    /// Their country (ISO 3166-1 alpha-2).
    #[serde(default)]
    country: Option<String>,
    /// Their role in the library, in the library's own words.
    #[serde(default)]
    role: Option<String>,
    /// Whether they are let in; absent: yes.
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

/// What was given to a user.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Grants")]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Given {
    /// Each with its bounds.
    grants: Vec<Grant>,
}

fn words(list: Option<&str>) -> Vec<String> {
    let words = list.iter().flat_map(|list| list.split(',')).map(str::trim);
    words.filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
}

/// The users, page by page.
pub(in crate::server) async fn list(
    Extension(Host(hub)): Extension<Host>,
    Query(Wanted { search, countries, roles, state, limit, cursor }): Query<Wanted>,
) -> Answer<Page> {
    let (countries, roles) = (words(countries.as_deref()), words(roles.as_deref()));
    let query = UsersList { search, countries, roles, state, limit, cursor };
    match hub.host_users(&query).await? {
        frame::Answer::Users { users, total, cursor } => Ok(Json(Page { users, total, cursor })),
        other => unreachable!("users are asked for: {other:?}"),
    }
}

/// A user.
pub(in crate::server) async fn get(
    Extension(Host(hub)): Extension<Host>,
    Path(email): Path<String>,
) -> Answer<UserRow> {
    Ok(Json(hub.host_user(&email).await?))
}

/// Makes a user what they shall be.
pub(in crate::server) async fn put(
    State(shared): State<Arc<Shared>>,
    Extension(Host(hub)): Extension<Host>,
    Path(email): Path<String>,
    request: Request,
) -> Answer<UserRow> {
    let Put { user, name, organisation, department, country, role, active } =
        read_json(&shared, request, BODY_BYTES_MAX).await?;
    let details = UserDetails { name, organisation, department, country, role };
    hub.host_library(&Hosted::Put { email: email.clone(), details, active, user }).await?;
    Ok(Json(hub.host_user(&email).await?))
}

/// Removes a user.
pub(in crate::server) async fn delete(
    Extension(Host(hub)): Extension<Host>,
    Path(email): Path<String>,
) -> Result<StatusCode, Refused> {
    hub.host_library(&Hosted::Remove { email }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was given to a user.
pub(in crate::server) async fn grants(
    Extension(Host(hub)): Extension<Host>,
    Path(email): Path<String>,
) -> Answer<Given> {
    Ok(Json(Given { grants: hub.host_user(&email).await?.grants.unwrap_or_default() }))
}

/// Gives a user this, in place of whatever it was.
pub(in crate::server) async fn give(
    State(shared): State<Arc<Shared>>,
    Extension(Host(hub)): Extension<Host>,
    Path(email): Path<String>,
    request: Request,
) -> Answer<Given> {
    let Given { grants } = read_json(&shared, request, BODY_BYTES_MAX).await?;
    hub.host_library(&Hosted::Give { email: email.clone(), grants }).await?;
    Ok(Json(Given { grants: hub.host_user(&email).await?.grants.unwrap_or_default() }))
}
