//! The names of everything in Redis. All keys of one book share a hash tag, so that a script may touch them together.
//!
//! Ids cannot hold a brace or a colon, and what comes from elsewhere (user ids, addresses) is hashed, so that nothing
//! from outside builds the name of another key.

use quire_protocol::{BookId, ReplicaId};

use crate::store::shared::Channel;
use crate::store::{LogId, Within, hex};

/// Makes names that begin with one prefix.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    /// Names for the prefix, which holds no brace.
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    fn of_book(&self, book: &BookId) -> String {
        format!("{{{}:{book}}}", self.prefix)
    }

    /// What all keys of a log's book or library begin with. No book is named with a slash.
    fn home(&self, log: &LogId) -> String {
        match log.within() {
            Within::Book(book) => self.of_book(book),
            Within::Library(library) => format!("{{{}:library/{library}}}", self.prefix),
            // Nor with a second colon.
            Within::Hub => format!("{{{}:hub:{}}}", self.prefix, log.to_string().replace('/', ":")),
        }
    }

    fn of_replicas(&self, rest: &str) -> String {
        format!("{{{}:replicas}}:{rest}", self.prefix)
    }

    fn of_cards(&self, rest: &str) -> String {
        format!("{{{}:cards}}:{rest}", self.prefix)
    }

    /// What a hash says about a log.
    pub(super) fn head(&self, log: &LogId) -> String {
        let of_log = self.home(log);
        match log {
            LogId::Book(_)
            | LogId::Library(_)
            | LogId::Installation
            | LogId::SignIn(_)
            | LogId::Inbox(_)
            | LogId::Telling(_)
            | LogId::Mailing(_)
            | LogId::Webhook(_)
            | LogId::Letters => format!("{of_log}:log"),
            LogId::Told(_) => format!("{of_log}:told"),
            LogId::Chapter(_, chapter) => format!("{of_log}:chapter:{chapter}"),
            LogId::Versions(_, chapter) => format!("{of_log}:versions:{chapter}"),
            LogId::Version(_, chapter, rev) => format!("{of_log}:version:{rev}:{chapter}"),
            LogId::Drafts(_, drawer) => format!("{of_log}:drafts:{drawer}"),
            LogId::Assets(_) => format!("{of_log}:assets"),
            LogId::Asset(_, asset) => format!("{of_log}:asset:{asset}"),
            LogId::Points(_) => format!("{of_log}:points"),
        }
    }

    /// The three keys that every script about records begins with: head, records, archive.
    pub(super) fn log(&self, log: &LogId) -> Vec<String> {
        let head = self.head(log);
        vec![head.clone(), format!("{head}:records"), format!("{head}:archive")]
    }

    /// The log's newest snapshot.
    pub(super) fn snapshot(&self, log: &LogId) -> String {
        format!("{}:snapshot", self.head(log))
    }

    /// A hash of all fences of the log's book, by [`fence`].
    pub(super) fn fences(&self, log: &LogId) -> String {
        format!("{}:fences", self.home(log))
    }

    /// The channel on which an append to the log is told. Nobody listens to a library's.
    pub(super) fn wake(&self, log: &LogId) -> String {
        format!("{}:signals", self.home(log))
    }

    /// The leases of all replicas.
    pub(super) fn leases(&self) -> String {
        self.of_replicas("leases")
    }

    /// The mark that is made once.
    pub(super) fn mark(&self) -> String {
        self.of_replicas("mark")
    }

    /// The books that a replica serves.
    pub(super) fn books(&self, replica: &ReplicaId) -> String {
        self.of_replicas(&format!("books:{replica}"))
    }

    /// A book's card.
    pub(super) fn card(&self, book: &str) -> String {
        self.of_cards(&format!("book:{book}"))
    }

    /// The books of a member.
    pub(super) fn member(&self, user: &str) -> String {
        self.of_cards(&format!("member:{}", hex(user)))
    }

    /// The books that an address is invited to.
    pub(super) fn address(&self, email: &str) -> String {
        self.of_cards(&format!("address:{}", hex(email)))
    }

    /// The books that anyone may claim, or whoever proved the address.
    pub(super) fn claim(&self, email: Option<&str>) -> String {
        match email {
            None => self.of_cards("claim"),
            Some(email) => self.of_cards(&format!("claim:{}", hex(email))),
        }
    }

    /// The name of a channel.
    pub(super) fn channel(&self, channel: &Channel) -> String {
        match channel {
            // Not called as a book's: a book may be named `replicas`.
            Channel::Replicas => self.of_replicas("all"),
            Channel::Book(book) => format!("{}:signals", self.of_book(book)),
        }
    }

    /// Which channel has this name.
    pub(super) fn parse_channel(&self, name: &str) -> Option<Channel> {
        let rest = name.strip_prefix('{')?.strip_prefix(&self.prefix)?.strip_prefix(':')?;
        let Some(book) = rest.strip_suffix("}:signals") else {
            return (self.channel(&Channel::Replicas) == name).then_some(Channel::Replicas);
        };
        BookId::new(book).ok().map(Channel::Book)
    }
}

/// A log's field among the fences of its book.
pub(super) fn fence(log: &LogId) -> String {
    match log {
        LogId::Book(_) => "book".to_owned(),
        LogId::Installation
        | LogId::SignIn(_)
        | LogId::Inbox(_)
        | LogId::Telling(_)
        | LogId::Mailing(_)
        | LogId::Webhook(_)
        | LogId::Letters => "log".to_owned(),
        LogId::Told(_) => "told".to_owned(),
        LogId::Chapter(_, chapter) => format!("chapter:{chapter}"),
        LogId::Versions(_, chapter) => format!("versions:{chapter}"),
        LogId::Version(_, chapter, rev) => format!("version:{rev}:{chapter}"),
        LogId::Drafts(_, drawer) => format!("drafts:{drawer}"),
        LogId::Assets(_) => "assets".to_owned(),
        LogId::Asset(_, asset) => format!("asset:{asset}"),
        LogId::Points(_) => "points".to_owned(),
        LogId::Library(_) => "library".to_owned(),
    }
}
