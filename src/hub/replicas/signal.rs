//! What replicas say to each other. All of it may be lost, and nothing of it is the truth about a book: that is its log.

use bytes::Bytes;
use quire_protocol::codec::decode_record;
use quire_protocol::event::Claim;
use quire_protocol::inbox::InboxEntry;
use quire_protocol::view::{RosterEntry, RosterMove};
use quire_protocol::{BookId, ReplicaId, Seq, SessionId, UserId};
use serde::{Deserialize, Serialize};

/// A signal and its sender. Versions that do not know a kind ignore it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Who says it.
    pub from: ReplicaId,
    /// What.
    pub says: Says,
}

/// What a signal says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Says {
    /// Of a book: who came, moved and left on the sending replica.
    Presence {
        /// The last event that the sender knew.
        seq: Seq,
        /// The number of this signal.
        mark: Mark,
        /// What changed.
        changes: Changes,
    },
    /// Of a book: everybody on the sending replica.
    Whole {
        /// The last event that the sender knew.
        seq: Seq,
        /// The last signal that this holds.
        mark: Mark,
        /// All sessions.
        seated: Vec<Seated>,
    },
    /// Of a book: say who is on your replica. The sender has said everything up to `mark` itself.
    Ask {
        /// Whom; `None`: everybody.
        to: Option<ReplicaId>,
        /// The sender's own last signal.
        mark: Mark,
    },
    /// Of a book: the sender has applied everything up to this event, and cut what people hear by it (R7).
    Reached {
        /// The last event.
        seq: Seq,
    },
    /// To all: the sender's last presence signal of each book it has open, so that a lost one is noticed.
    Digest {
        /// Book by book.
        books: Vec<(BookId, Mark)>,
    },
    /// To all: the lists of these people changed.
    BooksChanged {
        /// As members.
        users: Vec<UserId>,
        /// As invited people, by normal address.
        emails: Vec<String>,
    },
    /// To all: the library's log goes on to this record.
    LibraryGrew {
        /// The last one.
        seq: Seq,
    },
    /// To all: everybody on the sending replica is judged by the library up to this record (R7).
    LibraryReached {
        /// The last one.
        seq: Seq,
    },
    /// To all: somebody was told something, or read it.
    Noticed {
        /// Who.
        user: UserId,
        /// What is new in their inbox; nothing: they read.
        entries: Vec<InboxEntry>,
        /// How many entries are unread.
        unread: u32,
    },
    /// To all: there is a book to claim.
    Imported {
        /// Which.
        book: BookId,
        /// By whom.
        claim: Claim,
    },
}

/// The number of a presence signal: of which life of the sending actor, and its place in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Random for each start of the actor.
    pub life: u64,
    /// From 1; 0: nothing was said yet.
    pub number: u64,
}

/// A session on the sending replica.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seated {
    /// As tabs see it.
    pub entry: RosterEntry,
    /// Which of its connections.
    pub incarnation: u32,
}

/// Presence that changed on the sending replica.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Who came, or came back.
    pub joined: Vec<Seated>,
    /// Changed fields.
    pub moved: Vec<RosterMove>,
    /// Which connections ended.
    pub left: Vec<(SessionId, u32)>,
}

impl Signal {
    /// As it travels.
    pub fn encode(&self) -> Bytes {
        rmp_serde::to_vec_named(self).expect("a signal is plain data").into()
    }

    /// What arrived; `None`: a kind of a newer version, or no signal at all.
    pub fn decode(words: &[u8]) -> Option<Self> {
        decode_record(words).map_err(|error| tracing::debug!(error, "a signal is not understood")).ok()
    }
}
