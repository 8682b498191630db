//! Books and their members, for host applications.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::{Extension, Json};
use http::StatusCode;
use quire_protocol::command::{ChapterKind, LibraryBooks, Metadata};
use quire_protocol::event::{Member, Person};
use quire_protocol::frame;
use quire_protocol::publishing::{ListedRevision, PublishState};
use quire_protocol::{BookId, ChapterId, Rejection, Role, UserId, What};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, BODY_BYTES_MAX, Host};
use crate::book::{Described, DescribedChapter, Hosted, Vouched};
use crate::hub::Hub;
use crate::server::Shared;
use crate::server::asset::book_id;
use crate::server::extract::{Path, Query};
use crate::server::json::read_json;
use crate::server::refusal::Refused;

/// Which books of the library are wanted. What is absent narrows nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Wanted {
    /// In a title.
    search: Option<String>,
    /// A category.
    category: Option<String>,
    /// How far they are on their way to their readers, or what was submitted of them is.
    state: Option<PublishState>,
    /// Rows of a page: at most, and if absent, `limits.list_rows`.
    limit: Option<u32>,
    /// What the page before named.
    cursor: Option<BookId>,
}

/// How a book is deleted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Deletion {
    /// For good: only of a book that is in the trash.
    forever: Option<bool>,
}

/// A page of the library's books, by title.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BooksPage")]
pub(in crate::server) struct Page {
    /// Those of this page.
    books: Vec<Row>,
    /// How many there are on all pages.
    total: u32,
    /// Where the next page begins; null: there is none.
    cursor: Option<BookId>,
}

/// A book of the library.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BookRow")]
struct Row {
    /// Which.
    id: BookId,
    /// Its title.
    title: String,
    /// Its categories.
    categories: Vec<String>,
    /// Who owns it; null while nobody does.
    owner: Option<Person>,
    /// How far it is on its way to its readers.
    state: PublishState,
    /// What was submitted; absent if nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<ListedRevision>,
}

/// A book to be made.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "BookPut")]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Put {
    /// Its title.
    title: String,
    /// Who owns it.
    owner: Owner,
    /// What else is said of it.
    #[serde(default)]
    metadata: Metadata,
}

/// Who shall own a book.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "BookOwner")]
#[serde(deny_unknown_fields)]
struct Owner {
    /// The `sub` of their tokens.
    user: UserId,
    /// Their name; absent: as the library knows them.
    #[serde(default)]
    name: Option<String>,
    /// Their address; absent: as the library knows them.
    #[serde(default)]
    email: Option<String>,
}

/// A book, without its texts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Book")]
pub(in crate::server) struct Told {
    /// Which.
    id: BookId,
    /// Its title.
    title: String,
    /// What else is said of it.
    metadata: Metadata,
    /// Who owns it; null while nobody does.
    owner: Option<Person>,
    /// Whether it is in the library.
    shelved: bool,
    /// Its chapters in reading order.
    chapters: Vec<Chapter>,
}

/// A chapter, without its text.
#[derive(Serialize, JsonSchema)]
struct Chapter {
    /// Which.
    id: ChapterId,
    /// Its title.
    title: String,
    /// What it is.
    kind: ChapterKind,
    /// The part it belongs to; null: none.
    parent: Option<ChapterId>,
}

/// Who belongs to a book.
#[derive(Serialize, JsonSchema)]
pub(in crate::server) struct Members {
    /// The owner, too.
    members: Vec<Member>,
}

/// What somebody shall be in a book.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "MemberPut")]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct PutMember {
    /// Any but `owner`.
    role: Role,
    /// Their name, for whoever is no member yet; absent: as the library knows them.
    #[serde(default)]
    name: Option<String>,
    /// Their address, likewise.
    #[serde(default)]
    email: Option<String>,
}

impl Told {
    fn new(id: BookId, described: Described) -> Self {
        let Described { title, metadata, shelved, chapters, members } = described;
        let owner = members.into_iter().find(|member| member.role == Role::Owner);
        let chapter = |DescribedChapter { id, title, kind, parent }| Chapter { id, title, kind, parent };
        Self {
            id,
            title,
            metadata,
            owner: owner.map(|Member { user, name, .. }| Person { user, name }),
            shelved,
            chapters: chapters.into_iter().map(chapter).collect(),
        }
    }
}

/// The library's books, page by page.
pub(in crate::server) async fn list(
    Extension(Host(hub)): Extension<Host>,
    Query(Wanted { search, category, state, limit, cursor }): Query<Wanted>,
) -> Answer<Page> {
    let query = LibraryBooks { search, category, state, limit, cursor };
    match hub.host_books(&query).await? {
        frame::Answer::LibraryBooks { shelf, total, cursor } => {
            let books = shelf.into_iter().map(|row| Row {
                id: row.id,
                title: row.title,
                categories: row.categories,
                owner: row.owner,
                state: row.state,
                revision: row.revision,
            });
            Ok(Json(Page { books: books.collect(), total, cursor }))
        }
        other => unreachable!("books are asked for: {other:?}"),
    }
}

/// A book.
pub(in crate::server) async fn get(Extension(Host(hub)): Extension<Host>, Path(book): Path<String>) -> Answer<Told> {
    let book = book_id(&book)?;
    let described = hub.host_described(&book).await?;
    Ok(Json(Told::new(book, described)))
}

/// Makes a book. The same once more finds it there.
pub(in crate::server) async fn put(
    State(shared): State<Arc<Shared>>,
    Extension(Host(hub)): Extension<Host>,
    Path(book): Path<String>,
    request: Request,
) -> Answer<Told> {
    let book = book_id(&book)?;
    let Put { title, owner: Owner { user, name, email }, metadata } =
        read_json(&shared, request, BODY_BYTES_MAX).await?;
    let owner = vouched(&hub, user, name, email, "owner.name").await?;
    hub.host_book(&book, Hosted::Create { title, metadata: Box::new(metadata), owner }).await?;
    let described = hub.host_described(&book).await?;
    Ok(Json(Told::new(book, described)))
}

/// Puts a book into the trash, or deletes one that is there.
pub(in crate::server) async fn delete(
    Extension(Host(hub)): Extension<Host>,
    Path(book): Path<String>,
    Query(Deletion { forever }): Query<Deletion>,
) -> Result<StatusCode, Refused> {
    does(&hub, &book, Hosted::Delete { forever: forever.unwrap_or_default() }).await
}

/// Takes a book out of the trash.
pub(in crate::server) async fn restore(
    Extension(Host(hub)): Extension<Host>,
    Path(book): Path<String>,
) -> Result<StatusCode, Refused> {
    does(&hub, &book, Hosted::Restore).await
}

/// Brings a book into the library.
pub(in crate::server) async fn shelve(
    Extension(Host(hub)): Extension<Host>,
    Path(book): Path<String>,
) -> Result<StatusCode, Refused> {
    does(&hub, &book, Hosted::Shelve).await
}

/// Takes a book out of the library.
pub(in crate::server) async fn unshelve(
    Extension(Host(hub)): Extension<Host>,
    Path(book): Path<String>,
) -> Result<StatusCode, Refused> {
    does(&hub, &book, Hosted::Unshelve).await
}

/// Who belongs to a book.
pub(in crate::server) async fn members(
    Extension(Host(hub)): Extension<Host>,
    Path(book): Path<String>,
) -> Answer<Members> {
    Ok(Json(Members { members: hub.host_described(&book_id(&book)?).await?.members }))
}

/// Makes somebody a member with this role, at once: the host vouches for them.
pub(in crate::server) async fn put_member(
    State(shared): State<Arc<Shared>>,
    Extension(Host(hub)): Extension<Host>,
    Path((book, user)): Path<(String, String)>,
    request: Request,
) -> Answer<Member> {
    let (book, user) = (book_id(&book)?, user_id(&user)?);
    let PutMember { role, name, email } = read_json(&shared, request, BODY_BYTES_MAX).await?;
    let known = member(&hub, &book, &user).await?;
    let person = match known {
        // They are known by what the book has of them.
        Some(Member { user, name, .. }) => Vouched { user, name, email: None },
        None => vouched(&hub, user.clone(), name, email, "name").await?,
    };
    hub.host_book(&book, Hosted::SetRole { person, role }).await?;
    let member = member(&hub, &book, &user).await?;
    Ok(Json(member.ok_or(Rejection::NotFound { what: What::Member })?))
}

/// Somebody is no member any more.
pub(in crate::server) async fn delete_member(
    Extension(Host(hub)): Extension<Host>,
    Path((book, user)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let user = user_id(&user)?;
    does(&hub, &book, Hosted::Remove { user }).await
}

async fn does(hub: &Arc<Hub>, book: &str, wish: Hosted) -> Result<StatusCode, Refused> {
    hub.host_book(&book_id(book)?, wish).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn member(hub: &Arc<Hub>, book: &BookId, user: &UserId) -> Result<Option<Member>, Refused> {
    let members = hub.host_described(book).await?.members;
    Ok(members.into_iter().find(|member| member.user == *user))
}

/// Whom the host names. What it leaves out, the library may know.
async fn vouched(
    hub: &Arc<Hub>,
    user: UserId,
    name: Option<String>,
    email: Option<String>,
    field: &str,
) -> Result<Vouched, Refused> {
    if let Some(name) = name {
        return Ok(Vouched { user, name, email });
    }
    let nobody = || Rejection::invalid(field, "whom the library does not know has to be named");
    let (name, known_email) = hub.host_known(&user).await?.ok_or_else(nobody)?;
    Ok(Vouched { user, name, email: email.or(known_email) })
}

fn user_id(user: &str) -> Result<UserId, Rejection> {
    UserId::new(user).map_err(|error| Rejection::invalid("user", error.to_string()))
}
