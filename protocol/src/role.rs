//! What a person may be in a book, and what that lets them do.

use serde::{Deserialize, Deserializer, Serialize};

/// A person's role in one book. The permission table in the hub says what each may do.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads, sees no comments. Ketty's "can view".
    Reader,
    /// Reads and comments.
    Viewer,
    /// Edits, organises, comments, resolves. Ketty's "can edit".
    Editor,
    /// As Editor; a separate name so that a later difference is a visible choice.
    Author,
    /// The one who created the book: everything, and alone decides who belongs to it.
    Owner,
}

impl Role {
    /// Every role, lowest first.
    pub const ALL: [Self; 5] = [Self::Reader, Self::Viewer, Self::Editor, Self::Author, Self::Owner];

    /// The role's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Author => "author",
            Self::Owner => "owner",
        }
    }

    /// Parses a role's name; `can_edit` and `can_view` are Ketty's names for Editor and Reader.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "can_edit" => Some(Self::Editor),
            "can_view" => Some(Self::Reader),
            _ => Self::ALL.into_iter().find(|role| role.as_str() == text),
        }
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a role"))
    }
}

/// One cell's row of the permission table: something that a right allows. Sent as `can` in `book.open`.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See content and metadata.
    View,
    /// See an export preview.
    Preview,
    /// See members, presence and locks.
    SeePeople,
    /// Download PDF, EPUB.
    Download,
    /// Edit a chapter's text (needs its lock).
    EditText,
    /// Edit metadata.
    EditMetadata,
    /// Add, rename, move, remove and restore chapters.
    Organise,
    /// Change formatting settings.
    Format,
    /// Read, add and answer comments; edit and delete own ones.
    Comment,
    /// Resolve threads, delete anybody's comment.
    Resolve,
    /// List, read and name versions.
    History,
    /// Restore a version.
    RestoreVersion,
    /// Invite, change and remove members.
    ManageMembers,
    /// Royalty splits.
    Royalties,
    /// Start publishing.
    Publish,
    /// Review what was submitted, publish the book and take it back.
    Moderate,
    /// Bring the book into the library, and take it out.
    Shelve,
    /// Delete the book.
    DeleteBook,
    /// Release somebody else's lock.
    ForceRelease,
    /// Read the audit log.
    Audit,
    /// Leave the book.
    Leave,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 21] = [
        Self::View,
        Self::Preview,
        Self::SeePeople,
        Self::Download,
        Self::EditText,
        Self::EditMetadata,
        Self::Organise,
        Self::Format,
        Self::Comment,
        Self::Resolve,
        Self::History,
        Self::RestoreVersion,
        Self::ManageMembers,
        Self::Royalties,
        Self::Publish,
        Self::Moderate,
        Self::Shelve,
        Self::DeleteBook,
        Self::ForceRelease,
        Self::Audit,
        Self::Leave,
    ];
}
