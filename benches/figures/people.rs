//! Who the measured hubs trust, and what people say to them.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use quire::auth::{Expected, Key, Secret, Verifier};
use quire_protocol::command::ChapterKind;
use quire_protocol::command::{At, BookCreate, ChapterAdd, ChapterRename, MetadataPatch};
use quire_protocol::frame::Hello;
use quire_protocol::{BookCommand, BookId, ChapterId, ClientFrame, Encoding, UserId};

/// The shared secret of the tokens.
pub(crate) const SECRET: &str = "a secret that only these figures are measured with";
/// Chapters of a measured book.
pub(crate) const CHAPTERS: u32 = 61;
/// How frames are written: the encoding that clients get who do not choose.
pub(crate) const ENCODING: Encoding = Encoding::MessagePack;
/// The end of 2100, seconds since 1970: no token expires while it is measured.
const EXPIRY: u64 = 4_133_894_400;

/// Trusts [`token`]s.
pub(crate) fn verifier(name_chars: usize) -> Verifier {
    let key = Key::secret(&Secret::new(SECRET), Expected::default());
    Verifier::new(vec![key.unwrap_or_else(|error| panic!("{error}"))], name_chars)
}

/// Says who somebody is.
pub(crate) fn token(name: &str) -> String {
    let claims = serde_json::json!({
        "sub": name,
        "email": format!("{name}@example.com"),
        "email_verified": true,
        "name": name,
        "exp": EXPIRY,
    });
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).expect("a shared secret signs any plain data")
}

/// The first frame of somebody's tab.
pub(crate) fn hello(name: &str) -> Vec<u8> {
    ENCODING.encode(&ClientFrame::Hello(Hello { token: Some(token(name)), client: None, resume: None }))
}

/// Somebody by their name.
pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).expect("names of these figures are ids")
}

/// A book by its number.
pub(crate) fn book(number: u32) -> BookId {
    BookId::new(&format!("book-{number:04}")).expect("a number is an id")
}

/// A chapter by its number, from 0 to [`CHAPTERS`].
pub(crate) fn chapter(number: u32) -> ChapterId {
    ChapterId::new(&format!("chapter-{:02}", number % CHAPTERS)).expect("a number is an id")
}

/// What makes a book with `chapters` chapters.
pub(crate) fn creation(chapters: u32) -> Vec<BookCommand> {
    let create = BookCreate { title: "Moby-Dick; or, The Whale".into(), metadata: MetadataPatch::default() };
    let add = |number| {
        let (chapter, title) = (chapter(number), format!("Chapter {number}"));
        ChapterAdd { chapter, title, kind: ChapterKind::Chapter, at: At::Last, parent: None }.into()
    };
    std::iter::once(create.into()).chain((0..chapters).map(add)).collect()
}

/// An event's cause that needs no lock and leaves the book as large as it was; each number gives another title.
pub(crate) fn rename(number: u32) -> BookCommand {
    ChapterRename { chapter: chapter(0), title: format!("Loomings {number:06}") }.into()
}
