//! The scribe: the only place that runs the CRDT library, in a child process of the hub.
//!
//! The library can be made to crash, to overflow its stack and to ask for any amount of memory by bytes that somebody
//! sent. So the hub never touches it: [`office::Scribe`] hands [`Job`]s to children of its own program over pipes
//! ([`frame`]), [`child`] is what runs there under limits, and [`work`] is what it does. Whatever happens to a child is
//! a [`Failed`] here.
//!
//! The guard has looked at every update before it was stored; a job does not rely on that.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

pub mod child;
pub mod frame;
pub mod office;
pub mod tree;
mod work;

pub use office::{Scribe, Settings};
use tree::{Measure, Node};
pub use work::perform;

/// A chapter's content as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// A full v1 state, compressed with gzip, if there is one.
    pub state: Option<Bytes>,
    /// The v1 updates after it, in the order of the log. Some may be in the state already.
    pub updates: Vec<Bytes>,
}

/// Whoever has jobs done: the scribe, or a test's stand-in without processes.
pub trait Works: Send + Sync + 'static {
    /// Has a job done. Dropping the future ends it.
    fn ask(&self, job: Job) -> BoxFuture<'_, Result<Done, Failed>>;

    /// One state of a document, and how long its text is.
    fn compact(&self, document: Document) -> BoxFuture<'_, Result<State, Failed>> {
        let asked = self.ask(Job::Compact(document));
        async move { if let Done::State(state) = asked.await? { Ok(state) } else { Err(Failed::Garbled) } }.boxed()
    }

    /// What a document says.
    fn read(&self, document: Document) -> BoxFuture<'_, Result<Text, Failed>> {
        let asked = self.ask(Job::Read(document));
        async move { if let Done::Text(text) = asked.await? { Ok(text) } else { Err(Failed::Garbled) } }.boxed()
    }

    /// What was written and what was taken away between two documents.
    fn compare(&self, old: Document, new: Document) -> BoxFuture<'_, Result<Changes, Failed>> {
        let asked = self.ask(Job::Compare { old, new });
        async move { if let Done::Changes(changes) = asked.await? { Ok(changes) } else { Err(Failed::Garbled) } }
            .boxed()
    }

    /// The update by `client` that brings a document back to what it said in `old_state`; nothing, if it says that.
    fn restore(
        &self,
        document: Document,
        old_state: Bytes,
        client: u64,
    ) -> BoxFuture<'_, Result<Option<Bytes>, Failed>> {
        let asked = self.ask(Job::Restore { document, old_state, client });
        async move { if let Done::Restore(update) = asked.await? { Ok(update) } else { Err(Failed::Garbled) } }.boxed()
    }

    /// What became of anchors, in their order.
    fn resolve(&self, document: Document, anchors: Vec<Anchor>) -> BoxFuture<'_, Result<Vec<Found>, Failed>> {
        let count = anchors.len();
        let asked = self.ask(Job::Resolve { document, anchors });
        async move {
            match asked.await? {
                Done::Anchors(found) if found.len() == count => Ok(found),
                _ => Err(Failed::Garbled),
            }
        }
        .boxed()
    }

    /// The first state of a document that says this, written by `client`.
    fn seed(&self, tree: Vec<Node>, client: u64) -> BoxFuture<'_, Result<Seeded, Failed>> {
        let asked = self.ask(Job::Seed { tree, client });
        async move { if let Done::Seeded(seeded) = asked.await? { Ok(seeded) } else { Err(Failed::Garbled) } }.boxed()
    }
}

/// What a child is asked to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Job {
    /// Make one state of a document.
    Compact(Document),
    /// Tell what a document says.
    Read(Document),
    /// Tell what differs between two documents.
    Compare {
        /// The earlier one.
        old: Document,
        /// The later one.
        new: Document,
    },
    /// Make the update that brings a document back to what it was.
    Restore {
        /// The document as it is.
        document: Document,
        /// A full v1 state of its past, compressed with gzip.
        old_state: Bytes,
        /// Who writes the update; below 2^53. Their clock goes on where it is in the document.
        client: u64,
    },
    /// Find where anchors are now.
    Resolve {
        /// The document as it is.
        document: Document,
        /// What to look for.
        anchors: Vec<Anchor>,
    },
    /// Make the first state of a document from a text.
    Seed {
        /// The blocks of the text.
        tree: Vec<Node>,
        /// Who writes it; below 2^53.
        client: u64,
    },
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Done {
    /// Of [`Job::Compact`].
    State(State),
    /// Of [`Job::Seed`].
    Seeded(Seeded),
    /// Of [`Job::Read`].
    Text(Text),
    /// Of [`Job::Compare`].
    Changes(Changes),
    /// Of [`Job::Restore`]: a v1 update, or nothing if the document says already what it said then.
    Restore(Option<Bytes>),
    /// Of [`Job::Resolve`], in the order of the anchors.
    Anchors(Vec<Found>),
}

/// A document in one piece. It was read back and says the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// A full v1 state, compressed with gzip.
    pub state: Bytes,
    /// For each client that ever wrote, the clock of its next item.
    pub clocks: BTreeMap<u64, u32>,
    /// How long the text is.
    pub measure: Measure,
}

/// A new document. It was read back and says what it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seeded {
    /// All of it as one v1 update.
    pub update: Bytes,
    /// The clock of its client's next item.
    pub units: u32,
    /// How long the text is.
    pub measure: Measure,
}

/// What a document says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// Its blocks.
    pub tree: Vec<Node>,
    /// How long it is.
    pub measure: Measure,
}

/// What differs between two texts, as one text with what came and what went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The blocks of both in order.
    pub blocks: Vec<ChangedBlock>,
    /// Words that came.
    pub added: u64,
    /// Words that went.
    pub removed: u64,
}

/// A block of either text, or of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedBlock {
    /// What it is: `paragraph`, `heading` …
    pub name: String,
    /// Its text in pieces.
    pub pieces: Vec<Piece>,
}

/// Text of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Whether it is in both texts.
    pub change: Change,
    /// What it says.
    pub text: String,
}

/// Which of two texts says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Both.
    Kept,
    /// The later one.
    Inserted,
    /// The earlier one.
    Deleted,
}

/// What a comment is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Start and end, each an encoded relative position; `None`: not in this document.
    pub relative: Option<(Bytes, Bytes)>,
    /// The words.
    pub quote: String,
}

/// What became of an anchor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    /// Its text stands here.
    Place(Span),
    /// It has no place, but its words are in the text.
    Quote,
    /// Neither is there.
    Nowhere,
}

/// A stretch of a document. There is text in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Where it begins.
    pub start: Place,
    /// Where it ends.
    pub end: Place,
}

/// A position in a document's tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The way to a node: which block, which of its children, and so on, from 0.
    pub path: Vec<u32>,
    /// Where in the node: UTF-16 units of a text, children of an element.
    pub index: u32,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failed {
    /// The bytes are not a document; why.
    Unreadable(String),
    /// The document builds on something that is not there.
    Incomplete,
    /// The document holds what no text of ours holds; what.
    Foreign(String),
    /// The document is nested too deeply.
    TooDeep,
    /// The document, the job or its result is larger than any text.
    TooLarge,
    /// The old state is not this document's past.
    Unrelated,
    /// The job makes no sense; why.
    Senseless(String),
    /// The result was tried and does not say what it should.
    Unfaithful,
    /// The library panicked; where.
    Panicked(String),
    /// The child was killed, or ended by itself; how.
    Died(String),
    /// The child did not answer in time, and was killed.
    Overdue,
    /// The child answered something else.
    Garbled,
    /// There is no child, and none could be started; why.
    Unavailable(String),
    /// Too many jobs wait already.
    Busy,
}

impl Failed {
    /// Nothing was tried: the same job may succeed later. All else says something about the document, and would
    /// happen again.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable(_))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "the document cannot be read: {why}"),
            Self::Incomplete => f.write_str("the document builds on something that is not there"),
            Self::Foreign(what) => write!(f, "the document holds {what}"),
            Self::TooDeep => f.write_str("the document is nested too deeply"),
            Self::TooLarge => f.write_str("the document is too large"),
            Self::Unrelated => f.write_str("the old state is not this document's past"),
            Self::Senseless(why) => write!(f, "the job makes no sense: {why}"),
            Self::Unfaithful => f.write_str("the result does not say what it should"),
            Self::Panicked(place) => write!(f, "the scribe panicked at {place}"),
            Self::Died(how) => write!(f, "the scribe died: {how}"),
            Self::Overdue => f.write_str("the scribe did not answer in time"),
            Self::Garbled => f.write_str("the scribe answered something else"),
            Self::Unavailable(why) => write!(f, "no scribe can be started: {why}"),
            Self::Busy => f.write_str("the scribe has too much to do"),
        }
    }
}

impl std::error::Error for Failed {}
