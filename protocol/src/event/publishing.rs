//! How a book comes to its readers.

use super::Person;
use crate::id::Seq;

crate::tagged::records! {
    /// The book was submitted to be published.
    PublishSubmitted {
        /// As it was at this point of its history.
        point: Seq,
        /// Who did it.
        person: Person,
        /// What they said to it.
        note: Option<String>,
    }
    /// What was submitted was taken back.
    PublishWithdrawn {
        /// Who did it.
        person: Person,
    }
    /// Something is to be changed of what was submitted.
    PublishChangesRequested {
        /// What that is.
        point: Seq,
        /// Who wants it.
        person: Person,
        /// What they want.
        note: String,
    }
    /// What was submitted may come out.
    PublishApproved {
        /// What that is.
        point: Seq,
        /// Who says so.
        person: Person,
        /// What they said to it.
        note: Option<String>,
    }
    /// The book is out.
    PublishPublished {
        /// As it was at this point of its history.
        point: Seq,
        /// Who did it.
        person: Person,
        /// What they said to it.
        note: Option<String>,
    }
    /// The book is out no more.
    PublishUnpublished {
        /// Who did it.
        person: Person,
        /// What they said to it.
        note: Option<String>,
    }
}
