//! Commands about the caller's own inbox. There is no way to name anybody else's.

use serde::{Deserialize, Serialize};

use crate::id::Seq;
use crate::inbox::TopicChoice;

#[cfg(feature = "typescript")]
use ts_rs::TS;

commands! {
    /// Answers the latest entries, and from now on tells this connection when something comes or is read.
    InboxOpen {
    }
    /// Lists older entries.
    InboxList {
        /// Only those with a lower number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Seq>,
        /// Rows wanted; the hub answers at most `limits.list_rows`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    }
    /// These entries are read. Idempotent; what is not there any more is no error.
    InboxRead {
        /// Everything up to this number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        up_to: Option<Seq>,
        /// Each of these.
        #[serde(default, deserialize_with = "crate::codec::list", skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<Seq>>"))]
        entries: Vec<Seq>,
    }
    /// By these channels the caller is told of these topics from now on; of others as before.
    InboxChoose {
        /// Each topic by itself; of two for one topic the later one counts.
        #[serde(deserialize_with = "crate::codec::list")]
        choices: Vec<TopicChoice>,
    }
    /// Ends what `inbox.open` began. Idempotent.
    InboxClose {
    }
}
