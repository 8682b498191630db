//! Commands with which a book comes to its readers.

use serde::{Deserialize, Serialize};

use crate::id::Seq;

#[cfg(feature = "typescript")]
use ts_rs::TS;

commands! {
    /// Says what there is to be done before the book is submitted. Owner, and whoever may publish it.
    PublishChecklist {
    }
    /// Submits the book as it is: the hub keeps a point of its history, and that is what is reviewed. Owner; only of a book
    /// that is in the library.
    PublishStart {
        /// Something for whoever reviews it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    /// Takes back what was submitted. Owner.
    PublishWithdraw {
    }
    /// Asks for changes of what was submitted. Whoever may publish the book by the library's permission.
    PublishRequestChanges {
        /// What was submitted: refused if it is something else by now.
        point: Seq,
        /// What is to be changed.
        note: String,
    }
    /// Finds nothing against what was submitted. Whoever may publish the book by the library's permission.
    PublishApprove {
        /// What was submitted: refused if it is something else by now.
        point: Seq,
        /// Something for the owner.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    /// Publishes the book. Whoever may do so by the library's permission.
    PublishPublish {
        /// What was submitted; absent: the book as it is, of which the hub keeps a point.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        point: Option<Seq>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    /// Takes the book from its readers. Nothing of it is lost. Whoever may do so by the library's permission.
    PublishUnpublish {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
}
