//! Names of logs.

use std::fmt;

use quire_protocol::{AssetId, BookId, ChapterId, LibraryId, Seq, UserId, WebhookId};
use sha2::{Digest as _, Sha256};

/// The name of a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogId {
    /// `book/{id}`: everything about a book but its text.
    Book(BookId),
    /// `book/{id}/chapter/{id}`: the text of one chapter.
    Chapter(BookId, ChapterId),
    /// `book/{id}/chapter/{id}/versions`: which states of its text are kept.
    Versions(BookId, ChapterId),
    /// `book/{id}/chapter/{id}/version/{rev}`: one of them.
    Version(BookId, ChapterId, Seq),
    /// `book/{id}/drafts/{whose}`: what one person keeps for themselves.
    Drafts(BookId, Drawer),
    /// `book/{id}/assets`: which pictures it has.
    Assets(BookId),
    /// `book/{id}/asset/{id}`: the bytes of one of them.
    Asset(BookId, AssetId),
    /// `book/{id}/points`: the states of the whole book that are kept.
    Points(BookId),
    /// `book/{id}/told`: up to which event everybody was told what concerns them.
    Told(BookId),
    /// `installation`: what all hubs on this store have in common, such as the key they sign with.
    Installation,
    /// `signin/{shelf}`: the links that were mailed to sign in with, on one of sixteen shelves.
    SignIn(Shelf),
    /// `inbox/{whose}`: what one person was told.
    Inbox(Drawer),
    /// `telling/{shelf}`: books in which somebody may not have been told yet, on one of sixteen shelves.
    Telling(Shelf),
    /// `mailing/{shelf}`: people who may be owed letters with what they were told, on one of sixteen shelves.
    Mailing(Shelf),
    /// `letters`: invitations whose letters are owed, perhaps.
    Letters,
    /// `webhook/{id}`: what a webhook of the library is still to be told, and was told last.
    Webhook(WebhookId),
    /// `library/{id}`: who may do what in a library, and which books it has.
    Library(LibraryId),
}

/// What a log belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within<'a> {
    /// A book.
    Book(&'a BookId),
    /// A library.
    Library(&'a LibraryId),
    /// No one thing: all hubs on this store share it.
    Hub,
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Book(book) => write!(f, "book/{book}"),
            Self::Chapter(book, chapter) => write!(f, "book/{book}/chapter/{chapter}"),
            Self::Versions(book, chapter) => write!(f, "book/{book}/chapter/{chapter}/versions"),
            Self::Version(book, chapter, rev) => write!(f, "book/{book}/chapter/{chapter}/version/{rev}"),
            Self::Drafts(book, drawer) => write!(f, "book/{book}/drafts/{drawer}"),
            Self::Assets(book) => write!(f, "book/{book}/assets"),
            Self::Asset(book, asset) => write!(f, "book/{book}/asset/{asset}"),
            Self::Points(book) => write!(f, "book/{book}/points"),
            Self::Told(book) => write!(f, "book/{book}/told"),
            Self::Installation => f.write_str("installation"),
            Self::Inbox(drawer) => write!(f, "inbox/{drawer}"),
            Self::Telling(shelf) => write!(f, "telling/{shelf}"),
            Self::Mailing(shelf) => write!(f, "mailing/{shelf}"),
            Self::SignIn(shelf) => write!(f, "signin/{shelf}"),
            Self::Letters => f.write_str("letters"),
            Self::Webhook(webhook) => write!(f, "webhook/{webhook}"),
            Self::Library(library) => write!(f, "library/{library}"),
        }
    }
}

impl LogId {
    /// What it belongs to. Logs of one book or library are kept at one place.
    pub fn within(&self) -> Within<'_> {
        match self {
            Self::Book(book)
            | Self::Chapter(book, _)
            | Self::Versions(book, _)
            | Self::Version(book, ..)
            | Self::Drafts(book, _)
            | Self::Assets(book)
            | Self::Asset(book, _)
            | Self::Points(book)
            | Self::Told(book) => Within::Book(book),
            Self::Library(library) => Within::Library(library),
            Self::Installation
            | Self::SignIn(_)
            | Self::Inbox(_)
            | Self::Telling(_)
            | Self::Mailing(_)
            | Self::Webhook(_)
            | Self::Letters => Within::Hub,
        }
    }

    /// The book it belongs to, if it does.
    pub fn book(&self) -> Option<&BookId> {
        match self.within() {
            Within::Book(book) => Some(book),
            Within::Library(_) | Within::Hub => None,
        }
    }

    /// Parses what `Display` writes.
    pub fn parse(name: &str) -> Option<Self> {
        let Some(rest) = name.strip_prefix("book/") else { return Self::parse_other(name) };
        let parts: Vec<&str> = rest.split('/').collect();
        let (book, rest) = parts.split_first()?;
        let book = BookId::new(book).ok()?;
        let chapter = |id: &str| ChapterId::new(id).ok();
        Some(match *rest {
            [] => Self::Book(book),
            ["chapter", id] => Self::Chapter(book, chapter(id)?),
            ["chapter", id, "versions"] => Self::Versions(book, chapter(id)?),
            ["chapter", id, "version", rev] => Self::Version(book, chapter(id)?, Seq(rev.parse().ok()?)),
            ["drafts", drawer] => Self::Drafts(book, Drawer::parse(drawer)?),
            ["assets"] => Self::Assets(book),
            ["asset", id] => Self::Asset(book, AssetId::new(id).ok()?),
            ["points"] => Self::Points(book),
            ["told"] => Self::Told(book),
            _ => return None,
        })
    }

    fn parse_other(name: &str) -> Option<Self> {
        match name.split_once('/') {
            None if name == "installation" => Some(Self::Installation),
            None => (name == "letters").then_some(Self::Letters),
            Some(("webhook", id)) => WebhookId::new(id).ok().map(Self::Webhook),
            Some(("library", id)) => LibraryId::new(id).ok().map(Self::Library),
            Some(("signin", shelf)) => Shelf::parse(shelf).map(Self::SignIn),
            Some(("inbox", whose)) => Drawer::parse(whose).map(Self::Inbox),
            Some(("telling", shelf)) => Shelf::parse(shelf).map(Self::Telling),
            Some(("mailing", shelf)) => Shelf::parse(shelf).map(Self::Mailing),
            Some(_) => None,
        }
    }
}

/// Whose drafts: the user's id comes from elsewhere and may hold anything, so its hash is the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Drawer(String);

impl Drawer {
    /// 128 bits of a hash, in hexadecimal digits.
    const DIGITS: usize = 32;

    /// The drawer of this user.
    pub fn of(user: &UserId) -> Self {
        let mut name = hex(user.as_str());
        name.truncate(Self::DIGITS);
        Self(name)
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        let is_name = name.len() == Self::DIGITS && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_name.then(|| Self(name.to_owned()))
    }
}

impl fmt::Display for Drawer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 of a text in hexadecimal digits: the name of what comes from elsewhere.
pub(crate) fn hex(text: &str) -> String {
    use fmt::Write as _;
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        write!(digits, "{byte:02x}").expect("a string takes everything");
    }
    digits
}

/// One of sixteen logs that share a work, named by a hexadecimal digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shelf(u8);

impl Shelf {
    /// The shelf for what has this hash: they fill evenly.
    pub fn of(hash: &[u8; 32]) -> Self {
        Self(hash[0] & 0xf)
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        match name.as_bytes() {
            [digit @ b'0'..=b'9'] => Some(Self(digit - b'0')),
            [digit @ b'a'..=b'f'] => Some(Self(digit - b'a' + 10)),
            _ => None,
        }
    }
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_log_says_which_log_it_is() {
        let (book, chapter) = (BookId::new("b1").unwrap(), ChapterId::new("versions").unwrap());
        let drawer = Drawer::of(&UserId::new("auth0|ann/../{}").unwrap());
        let logs = [
            LogId::Book(book.clone()),
            LogId::Chapter(book.clone(), chapter.clone()),
            LogId::Versions(book.clone(), chapter.clone()),
            LogId::Version(book.clone(), chapter, Seq(17)),
            LogId::Drafts(book.clone(), drawer.clone()),
            LogId::Inbox(drawer),
            LogId::Telling(Shelf::of(&[11; 32])),
            LogId::Mailing(Shelf::of(&[3; 32])),
            LogId::Webhook(WebhookId::new("w1").unwrap()),
            LogId::Told(book.clone()),
            LogId::Assets(book.clone()),
            LogId::Asset(book.clone(), AssetId::new("0123456789abcdef0123456789abcdef").unwrap()),
            LogId::Points(book),
            LogId::Library(LibraryId::new("main").unwrap()),
        ];
        for log in logs {
            assert_eq!(LogId::parse(&log.to_string()), Some(log));
        }
        for name in [
            "",
            "book/",
            "book/b1/",
            "book/b1/chapter",
            "book/b1/chapter/c1/version/x",
            "book/b1/drafts/ann",
            "book/b1/asset/x",
            "book/b1/points/1",
            "library/",
            "library/main/users",
            "mailing/10",
        ] {
            assert_eq!(LogId::parse(name), None, "{name}");
        }
    }
}
