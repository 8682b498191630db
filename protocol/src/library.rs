//! A library: fifteen permissions and what each of them reaches, its users, its books.

pub mod country;
mod view;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use view::{LibraryBookRow, LibraryView, Shared, SharedAs, UserDetails, UserPatch, UserRow, UserState};

/// Something that somebody may do in a library.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Bring own books into the library.
    Upload,
    /// See which books there are, and their details; not what they say.
    List,
    /// See what a book says, and take it away as a file. Implies `List`.
    Download,
    /// Change a book. Implies `List` and `Download`.
    Edit,
    /// Throw a book away. Implies `List`.
    Delete,
    /// Publish a book and take it back. Implies `List`.
    Publish,
    /// See who the library's users are.
    ListUsers,
    /// Add users.
    AddUsers,
    /// Change what is said about users.
    EditUsers,
    /// Delete users.
    DeleteUsers,
    /// The four above, of all users.
    ManageUsers,
    /// Be told of what happens in the library.
    Notifications,
    /// Everything.
    Settings,
    /// See the reports.
    Reports,
    /// See the analytics.
    Analytics,
}

/// What a permission is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Some of the library's books.
    Books,
    /// Some of its users.
    Users,
    /// The library as a whole.
    Library,
}

impl Permission {
    /// Every permission, in the order of the table.
    pub const ALL: [Self; 15] = [
        Self::Upload,
        Self::List,
        Self::Download,
        Self::Edit,
        Self::Delete,
        Self::Publish,
        Self::ListUsers,
        Self::AddUsers,
        Self::EditUsers,
        Self::DeleteUsers,
        Self::ManageUsers,
        Self::Notifications,
        Self::Settings,
        Self::Reports,
        Self::Analytics,
    ];

    /// What it is about, and so what may narrow it.
    pub const fn subject(self) -> Subject {
        match self {
            Self::List | Self::Download | Self::Edit | Self::Delete | Self::Publish => Subject::Books,
            Self::ListUsers | Self::AddUsers | Self::EditUsers | Self::DeleteUsers => Subject::Users,
            Self::Upload
            | Self::ManageUsers
            | Self::Notifications
            | Self::Settings
            | Self::Reports
            | Self::Analytics => Subject::Library,
        }
    }
}

/// Which books a permission reaches. Written as a map with one of four fields.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(type = "{ any: true } | { own: true } | { titles: Array<string> } | { categories: Array<string> }")
)]
#[serde(try_from = "WrittenScope", into = "WrittenScope")]
pub enum BookScope {
    /// Every book of the library.
    Any,
    /// Those with one of these titles, compared as addresses are [V-9]. None: no book.
    Titles(BTreeSet<String>),
    /// Those in one of these categories, compared likewise. None: no book.
    Categories(BTreeSet<String>),
    /// Those that the person who has the permission owns.
    Own,
}

/// [`BookScope`] as it is written: an enum of its own would refuse fields that it does not know.
#[derive(Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("minProperties" = 1, "maxProperties" = 1)))]
#[serde(default)]
struct WrittenScope {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    any: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    own: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    titles: Option<BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    categories: Option<BTreeSet<String>>,
}

impl From<BookScope> for WrittenScope {
    fn from(scope: BookScope) -> Self {
        match scope {
            BookScope::Any => Self { any: true, ..Self::default() },
            BookScope::Own => Self { own: true, ..Self::default() },
            BookScope::Titles(titles) => Self { titles: Some(titles), ..Self::default() },
            BookScope::Categories(categories) => Self { categories: Some(categories), ..Self::default() },
        }
    }
}

impl TryFrom<WrittenScope> for BookScope {
    type Error = &'static str;

    fn try_from(written: WrittenScope) -> Result<Self, Self::Error> {
        match written {
            WrittenScope { any: true, own: false, titles: None, categories: None } => Ok(Self::Any),
            WrittenScope { any: false, own: true, titles: None, categories: None } => Ok(Self::Own),
            WrittenScope { any: false, own: false, titles: Some(titles), categories: None } => Ok(Self::Titles(titles)),
            WrittenScope { any: false, own: false, titles: None, categories: Some(categories) } => {
                Ok(Self::Categories(categories))
            }
            _ => Err("one of any, own, titles and categories is needed"),
        }
    }
}

/// Which users a permission reaches: those who fit all that is said.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct UserFilter {
    /// Countries, two letters each (ISO 3166-1). Absent: any, or none told. Empty: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub countries: Option<BTreeSet<String>>,
    /// Roles in the library, as the host names them. Absent: any. Empty: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub roles: Option<BTreeSet<String>>,
}

/// A permission as it is given: what is shown, and changed.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Grant {
    /// Which.
    pub permission: Permission,
    /// The books that it reaches, where it is about books. Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub books: Option<BookScope>,
    /// The users that it reaches, where it is about users. Absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub users: Option<UserFilter>,
}

impl Grant {
    /// A permission without any bounds.
    pub const fn all(permission: Permission) -> Self {
        Self { permission, books: None, users: None }
    }
}
