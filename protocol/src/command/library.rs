//! Commands about the library: who belongs to it, who may do what there, and which books it has.
//!
//! They say what shall be, not what to change: sent once more, they find it so already. So they need no command id.

use serde::{Deserialize, Serialize};

use crate::id::{BookId, WebhookId};
use crate::inbox::{Topic, TopicSwitch};
use crate::library::{Grant, UserDetails, UserPatch, UserState};
use crate::publishing::PublishState;
use crate::tagged::tagged;

#[cfg(feature = "typescript")]
use ts_rs::TS;

tagged! {
    /// Commands about the library. They name no book.
    LibraryCommand {
        LibraryOpen = "library.open",
        LibraryClose = "library.close",
        LibraryBooks = "library.books",
        LibraryShare = "library.share",
        LibraryAllow = "library.allow",
        LibraryJoin = "library.join",
        LibraryDecline = "library.decline",
        LibraryLeave = "library.leave",
        UsersList = "users.list",
        UserAdd = "user.add",
        UserUpdate = "user.update",
        UserRemove = "user.remove",
        WebhooksList = "webhooks.list",
        WebhookSet = "webhook.set",
        WebhookRemove = "webhook.remove",
        WebhookSend = "webhook.send",
        WebhookDeliveries = "webhook.deliveries",
    }
}

commands! {
    /// Says what the caller may do in the library, and from now on tells this connection when that or what it may list
    /// changes.
    LibraryOpen {
    }
    /// Ends that. Idempotent.
    LibraryClose {
    }
    /// Lists books of the library that the caller may list, by title.
    LibraryBooks {
        /// Only those whose title holds this, however it is written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        search: Option<String>,
        /// Only those of this category.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<String>,
        /// Only those that are so far, or of which something that was submitted is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<PublishState>,
        /// Rows wanted; the hub answers at most `limits.list_rows`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
        /// The last book of the previous page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<BookId>,
    }
    /// Gives people these permissions in place of those that they have. Who is no user yet is asked to join. Whoever may
    /// manage settings.
    LibraryShare {
        /// Addresses, each one by itself.
        #[serde(deserialize_with = "crate::codec::list")]
        emails: Vec<String>,
        /// What they may do.
        #[serde(deserialize_with = "crate::codec::list")]
        grants: Vec<Grant>,
    }
    /// By these channels anybody may be told of these topics from now on; of others as before. Whoever may manage settings.
    LibraryAllow {
        /// Each topic by itself; of two for one topic the later one counts.
        #[serde(deserialize_with = "crate::codec::list")]
        switches: Vec<TopicSwitch>,
    }
    /// Joins the library that the caller's verified address was asked to.
    LibraryJoin {
    }
    /// Declines that.
    LibraryDecline {
    }
    /// Leaves the library. Anybody but its owner.
    LibraryLeave {
    }
    /// Lists users that the caller may list, by address.
    UsersList {
        /// Only those whose address, name or organisation holds this, however it is written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        search: Option<String>,
        /// Only those of these countries.
        #[serde(default, deserialize_with = "crate::codec::list", skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
        countries: Vec<String>,
        /// Only those with these roles.
        #[serde(default, deserialize_with = "crate::codec::list", skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
        roles: Vec<String>,
        /// Only those of whom this is so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<UserState>,
        /// Rows wanted; the hub answers at most `limits.list_rows`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
        /// The last address of the previous page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<String>,
    }
    /// Adds a user, who is asked to join.
    UserAdd {
        /// Their address; who proves it may join.
        email: String,
        /// What is said of them.
        #[serde(default, deserialize_with = "crate::codec::map")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<UserDetails>"))]
        details: UserDetails,
    }
    /// Changes what is said of a user.
    UserUpdate {
        /// Who.
        email: String,
        /// Changed fields.
        #[serde(default, deserialize_with = "crate::codec::map")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<UserPatch>"))]
        patch: UserPatch,
        /// False: what they may do rests, and they are signed out. Absent: keep.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        active: Option<bool>,
    }
    /// Removes a user with all that they may do.
    UserRemove {
        /// Who.
        email: String,
    }
    /// Lists the library's webhooks, by their ids. Whoever may manage settings, as for everything about webhooks.
    WebhooksList {
    }
    /// From now on this address is told of these topics, as far as the caller may know what happened. Under an id that there
    /// is already: in place of whatever it was.
    WebhookSet {
        /// Which.
        webhook: WebhookId,
        /// Where to: begins with https://, and leads to no private network.
        url: String,
        /// What of.
        #[serde(deserialize_with = "crate::codec::list")]
        topics: Vec<Topic>,
        /// False: nothing is sent, and what waits stays.
        on: bool,
        /// It gets a new secret. A new webhook does anyway; the answer tells it, and nothing ever does again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(as = "Option<bool>"))]
        renew: bool,
    }
    /// Removes a webhook, and what it was still to be told. Idempotent.
    WebhookRemove {
        /// Which.
        webhook: WebhookId,
    }
    /// Sends a test to a webhook, or something once more.
    WebhookSend {
        /// Which.
        webhook: WebhookId,
        /// What, by the id of its delivery. Absent: a test.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivery: Option<String>,
    }
    /// Lists what a webhook is still to be told, and what it was told last.
    WebhookDeliveries {
        /// Which.
        webhook: WebhookId,
    }
}
