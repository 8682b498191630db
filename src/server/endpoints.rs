//! Everything that is answered below `/v1/`.

use http::Method;

use super::endpoint::{Caller, Endpoint};
use super::host::{self, books, users};
use super::{api, asset, audit, csv, export, import, openapi, report, signin, socket, survey};

const GET: Method = Method::GET;
const PUT: Method = Method::PUT;
const POST: Method = Method::POST;
const DELETE: Method = Method::DELETE;
const HTML: &str = "text/html; charset=utf-8";

/// All endpoints.
pub(super) fn all() -> Vec<Endpoint> {
    let mut all = Vec::from(connections());
    all.extend(sign_in());
    all.extend(files());
    all.extend(histories());
    all.extend(host_users());
    all.extend(host_books());
    all.extend(host_members());
    all
}

fn connections() -> [Endpoint; 3] {
    [
        Endpoint::new((GET, "/v1/socket"), socket::upgrade, ("connect", "The WebSocket of the protocol."))
            .by(Caller::User)
            .says_nothing(101),
        Endpoint::new(
            (GET, "/v1/yjs/{book}/{chapter}"),
            socket::visit,
            ("connectYjs", "A chapter for a provider of y-websocket."),
        )
        .by(Caller::User)
        .says_nothing(101),
        Endpoint::new((GET, "/v1/openapi.json"), openapi::get, ("describe", "This document."))
            .says_raw(200, "application/json"),
    ]
}

fn sign_in() -> [Endpoint; 4] {
    [
        Endpoint::new(
            (POST, "/v1/dev/token"),
            api::dev_token,
            ("vouch", "A token for an address, in development mode and for this machine only."),
        )
        .takes::<api::Person>()
        .says::<api::Token>(200),
        Endpoint::new((GET, "/v1/signin"), signin::ways, ("waysToSignIn", "How people can sign in here."))
            .says::<signin::Ways>(200),
        Endpoint::new((POST, "/v1/signin"), signin::ask, ("askForLink", "Mails a link to sign in with."))
            .takes::<signin::Asked>()
            .says::<signin::Accepted>(202),
        Endpoint::new(
            (POST, "/v1/signin/token"),
            signin::open,
            ("openLink", "Takes what a mailed link holds for a token."),
        )
        .takes::<signin::Opened>()
        .says::<api::Token>(200),
    ]
}

fn files() -> [Endpoint; 5] {
    [
        Endpoint::new(
            (POST, "/v1/books/import"),
            import::import,
            ("importBook", "Makes a book of a file; whoever sends it owns it."),
        )
        .by(Caller::User)
        .asks::<import::Named>()
        .takes_raw("application/octet-stream")
        .says::<import::Imported>(200)
        .says_raw(200, import::LINES),
        Endpoint::new(
            (GET, "/v1/books/{book}/export/{kind}"),
            export::export,
            ("exportBook", "A book as a file: epub, pdf, docx, html, markdown or text."),
        )
        .by(Caller::User)
        .asks::<export::At>()
        .says_raw(200, "*/*"),
        Endpoint::new(
            (GET, "/v1/books/{book}/preview"),
            export::preview,
            ("previewBook", "What is in a book, to be shown in another page."),
        )
        .by(Caller::User)
        .says_raw(200, HTML),
        Endpoint::new(
            (POST, "/v1/books/{book}/assets"),
            asset::add,
            ("addAsset", "Makes the picture in the body one of a book's."),
        )
        .by(Caller::User)
        .takes_raw("application/octet-stream")
        .says::<asset::Added>(200),
        Endpoint::new((GET, "/v1/books/{book}/assets/{asset}"), asset::get, ("getAsset", "A picture of a book."))
            .by(Caller::User)
            .says_raw(200, "image/*"),
    ]
}

fn histories() -> [Endpoint; 6] {
    [
        Endpoint::new(
            (GET, "/v1/books/{book}/audit"),
            audit::audit,
            ("auditBook", "What happened to a book, one row of JSON a line, or as a table."),
        )
        .by(Caller::User)
        .asks::<audit::Questions>()
        .says_raw(200, "application/x-ndjson")
        .says_raw(200, csv::MEDIA_TYPE),
        Endpoint::new(
            (GET, "/v1/books/{book}/activity"),
            audit::feed,
            ("readActivity", "What happened in a book, as far as the caller may know of it."),
        )
        .by(Caller::User)
        .asks::<audit::Questions>()
        .says_raw(200, "application/x-ndjson")
        .says_raw(200, csv::MEDIA_TYPE),
        Endpoint::new(
            (GET, "/v1/library/audit"),
            audit::library,
            ("auditLibrary", "What happened to the library, one row of JSON a line, or as a table."),
        )
        .by(Caller::User)
        .asks::<audit::Questions>()
        .says_raw(200, "application/x-ndjson")
        .says_raw(200, csv::MEDIA_TYPE),
        Endpoint::new(
            (GET, "/v1/books/{book}/report"),
            report::report,
            ("reportBook", "Who worked on a book, by person and day."),
        )
        .by(Caller::User)
        .asks::<report::Questions>()
        .says_raw(200, "application/json")
        .says_raw(200, csv::MEDIA_TYPE),
        Endpoint::new(
            (GET, "/v1/library/report"),
            survey::report,
            ("reportLibrary", "Who worked on the library's books, by book, person and day."),
        )
        .by(Caller::User)
        .asks::<report::Questions>()
        .says_raw(200, "application/json")
        .says_raw(200, csv::MEDIA_TYPE),
        Endpoint::new(
            (GET, "/v1/library/analytics"),
            survey::analytics,
            ("analyseLibrary", "How much was done in the library's books, and by how many; no names."),
        )
        .by(Caller::User)
        .asks::<report::Questions>()
        .says::<survey::Analytics>(200)
        .says_raw(200, csv::MEDIA_TYPE),
    ]
}

fn host_users() -> Vec<Endpoint> {
    let user = "/v1/users/{email}";
    let grants = "/v1/users/{email}/grants";
    let all = [
        Endpoint::new((GET, "/v1/users"), users::list, ("listUsers", "The library's users, page by page."))
            .asks::<users::Wanted>()
            .says::<users::Page>(200),
        Endpoint::new((GET, user), users::get, ("getUser", "A user of the library."))
            .says::<quire_protocol::library::UserRow>(200),
        Endpoint::new((PUT, user), users::put, ("putUser", "Makes a user of the library what they shall be."))
            .takes::<users::Put>()
            .says::<quire_protocol::library::UserRow>(200),
        Endpoint::new((DELETE, user), users::delete, ("removeUser", "Removes a user from the library.")),
        Endpoint::new((GET, grants), users::grants, ("getGrants", "What was given to a user."))
            .says::<users::Given>(200),
        Endpoint::new((PUT, grants), users::give, ("putGrants", "Gives a user this, in place of whatever it was."))
            .takes::<users::Given>()
            .says::<users::Given>(200),
        Endpoint::new((GET, "/v1/can"), host::can, ("can", "Whether a user may do something in a book."))
            .asks::<host::Asked>()
            .says::<host::Allowed>(200),
        Endpoint::new((POST, "/v1/can"), host::can_each, ("canEach", "The same, for several questions."))
            .takes::<host::Questions>()
            .says::<host::Answers>(200),
    ];
    all.into_iter().map(|endpoint| endpoint.by(Caller::Host)).collect()
}

fn host_books() -> Vec<Endpoint> {
    let book = "/v1/books/{book}";
    let shelved = "/v1/books/{book}/shelved";
    let trashed = "/v1/books/{book}/trashed";
    let all = [
        Endpoint::new((GET, "/v1/books"), books::list, ("listBooks", "The library's books, page by page."))
            .asks::<books::Wanted>()
            .says::<books::Page>(200),
        Endpoint::new((GET, book), books::get, ("getBook", "A book, without its texts.")).says::<books::Told>(200),
        Endpoint::new((PUT, book), books::put, ("putBook", "Makes a book; the same once more finds it there."))
            .takes::<books::Put>()
            .says::<books::Told>(200),
        Endpoint::new(
            (DELETE, book),
            books::delete,
            ("deleteBook", "Puts a book into the trash, or deletes it there."),
        )
        .asks::<books::Deletion>(),
        Endpoint::new((DELETE, trashed), books::restore, ("restoreBook", "Takes a book out of the trash.")),
        Endpoint::new((PUT, shelved), books::shelve, ("shelveBook", "Brings a book into the library.")),
        Endpoint::new((DELETE, shelved), books::unshelve, ("unshelveBook", "Takes a book out of the library.")),
    ];
    all.into_iter().map(|endpoint| endpoint.by(Caller::Host)).collect()
}

fn host_members() -> Vec<Endpoint> {
    let member = "/v1/books/{book}/members/{user}";
    let all = [
        Endpoint::new(
            (GET, "/v1/books/{book}/members"),
            books::members,
            ("listMembers", "Who belongs to a book, the owner too."),
        )
        .says::<books::Members>(200),
        Endpoint::new(
            (PUT, member),
            books::put_member,
            ("putMember", "Makes somebody a member of a book with this role, at once."),
        )
        .takes::<books::PutMember>()
        .says::<quire_protocol::event::Member>(200),
        Endpoint::new((DELETE, member), books::delete_member, ("removeMember", "Removes a member from a book.")),
    ];
    all.into_iter().map(|endpoint| endpoint.by(Caller::Host)).collect()
}
