//! Commands about the history of a chapter's text, and of the whole book.

use crate::id::{ChapterId, Seq, Token};
use crate::tagged::tagged;

tagged! {
    /// Commands about versions: states of a chapter's text that are kept. A version is named by the position of the text.
    /// A point is a state of the whole book: the order of its chapters, and a version of each.
    VersionCommand {
        VersionsList = "versions.list",
        VersionRead = "version.read",
        VersionCompare = "version.compare",
        VersionSave = "version.save",
        VersionName = "version.name",
        VersionRestore = "version.restore",
        PointsList = "points.list",
        PointRead = "point.read",
    }
}

crate::tagged::records! {
    /// Lists the versions of a chapter, the newest first. Also of a removed chapter.
    VersionsList {
        /// Which chapter.
        chapter: ChapterId,
    }
    /// Answers the text of a version.
    VersionRead {
        /// Which chapter.
        chapter: ChapterId,
        /// Which version.
        rev: Seq,
    }
    /// Answers what was written and what was taken away between two versions.
    VersionCompare {
        /// Which chapter.
        chapter: ChapterId,
        /// The earlier version.
        from: Seq,
        /// The later version; absent or null: the text as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional = nullable))]
        to: Option<Seq>,
    }
    /// Keeps the text as it is under a name.
    VersionSave {
        /// Which chapter; absent or null: every chapter, and the book as a point of its history.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional = nullable))]
        chapter: Option<ChapterId>,
        /// The name.
        label: String,
    }
    /// Gives a version a name, or takes it away.
    VersionName {
        /// Which chapter.
        chapter: ChapterId,
        /// Which version.
        rev: Seq,
        /// The name; absent or null: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional = nullable))]
        label: Option<String>,
    }
    /// Brings the text back to what it said. Owner, holding the chapter.
    VersionRestore {
        /// Which chapter.
        chapter: ChapterId,
        /// The token under which it is held.
        token: Token,
        /// Which version.
        rev: Seq,
    }
    /// Lists the points of the book, the newest first.
    PointsList {
    }
    /// Answers the chapters of the book as they were at a point.
    PointRead {
        /// The point's number.
        point: Seq,
    }
}
