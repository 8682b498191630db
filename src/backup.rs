//! Backups: everything a store holds as lines of JSON, written while the hub goes on, and a store made from them.
//!
//! ```text
//! {"backup":{"format":1,"made_at":1767225600000}}
//! {"log":{"name":"book/b1","epoch":"00c0ffee00c0ffee","seq":2,"tag":"…","stamp":…,"trimmed":0,"snapshot":null}}
//! {"record":{"log":"book/b1","seq":1,"stamp":…,"at":…,"tag":"…","payload":"base64"}}
//! {"fence":{"log":"book/b1/chapter/c1","token":…}}
//! {"card":{"book":"b1","seq":2,"title":"Moby-Dick",…}}
//! {"end":{"logs":1,"records":2,"fences":1,"cards":1,"sha256":"of all lines before this one"}}
//! ```
//!
//! All of it is of one point in time. Without its end line, or with another sum, a backup is refused before a store
//! is made from it. [`control`] gives a backup of a hub that runs.

pub mod control;
mod format;

use std::fmt;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use quire_protocol::{Epoch, Seq, Token};

pub use self::format::Counts;
use self::format::{LineReader, LineWriter, Lines};
use crate::clock::Clock;
use crate::store::embedded::contents::{Empty, Filling, Item};
use crate::store::embedded::{Embedded, OpenError};
use crate::store::rules::Head;
use crate::store::{LogId, StoreError};

/// Why a backup could not be written.
#[derive(Debug)]
pub enum DumpError {
    /// The store could not be read.
    Store(StoreError),
    /// The backup could not be written, or the hub not be heard.
    Io(io::Error),
    /// The data directory cannot be opened.
    Open(OpenError),
    /// No hub runs on this data directory.
    NoHub(PathBuf),
    /// The hub stopped in the middle; the text says what it said last.
    Incomplete(String),
}

impl fmt::Display for DumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(_) => f.write_str("cannot read the store"),
            Self::Io(_) => f.write_str("cannot write the backup"),
            Self::Open(_) => f.write_str("cannot open the store"),
            Self::NoHub(directory) => write!(f, "no hub runs on the data directory {}", directory.display()),
            Self::Incomplete(why) => write!(f, "the backup is incomplete: {why}"),
        }
    }
}

impl std::error::Error for DumpError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Io(error) => Some(error),
            Self::Open(error) => Some(error),
            Self::NoHub(_) | Self::Incomplete(_) => None,
        }
    }
}

impl From<OpenError> for DumpError {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<StoreError> for DumpError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for DumpError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Why no store was made from a backup. The data directory is as it was.
#[derive(Debug)]
pub enum LoadError {
    /// There is a store in this data directory.
    NotEmpty(PathBuf),
    /// The data directory cannot be used.
    Open(OpenError),
    /// The new store could not be written.
    Store(StoreError),
    /// The backup could not be read.
    Io(io::Error),
    /// The backup is damaged or cut off.
    Malformed {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        found: String,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEmpty(directory) => {
                write!(f, "{} holds a store already: a backup is loaded into an empty directory", directory.display())
            }
            Self::Open(error) => error.fmt(f),
            Self::Store(_) => f.write_str("cannot write the store"),
            Self::Io(_) => f.write_str("cannot read the backup"),
            Self::Malformed { line, found } => write!(f, "the backup is damaged in line {line}: {found}"),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(error) => error.source(),
            Self::Store(error) => Some(error),
            Self::Io(error) => Some(error),
            Self::NotEmpty(_) | Self::Malformed { .. } => None,
        }
    }
}

impl From<OpenError> for LoadError {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<StoreError> for LoadError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What becomes of the lives of the logs when they are loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epochs {
    /// They go on. Right only if nothing was written after the backup was made, as when a stopped hub moves.
    Kept,
    /// New ones begin. Clients may have seen events that the backup does not hold; the new epoch makes them start
    /// over instead of taking other events for the ones they saw (R1).
    Renewed,
}

/// Writes everything that the store holds at this moment. Blocks.
pub fn dump(store: &Embedded, clock: &Clock, out: impl Write) -> Result<Counts, DumpError> {
    let mut lines = LineWriter::begin(out, clock.now())?;
    store.visit(|item| lines.item(&item).map_err(DumpError::from))?;
    Ok(lines.end()?)
}

/// Writes everything that a data directory holds, whether or not a hub runs on it. Blocks.
pub fn dump_directory(directory: &Path, out: impl Write) -> Result<Counts, DumpError> {
    let clock = Clock::system();
    match Embedded::open(directory, clock.clone()) {
        Ok(store) => dump(&store, &clock, out),
        Err(OpenError::InUse(_)) => control::dump_running(directory, out),
        Err(error) => Err(error.into()),
    }
}

/// Makes a store in a data directory that has none. Blocks.
pub fn load(directory: &Path, input: impl BufRead, epochs: Epochs) -> Result<Counts, LoadError> {
    let Some(empty) = Empty::take(directory)? else { return Err(LoadError::NotEmpty(directory.to_owned())) };
    let mut counts = Counts::default();
    empty.fill(|filling| {
        let mut loading = Loading { filling, epochs, last: None, name: String::new() };
        let mut reader = LineReader::new(Lines::new(input));
        while let Some(item) = reader.item()? {
            loading.put(item).map_err(|refused| refused.in_line(reader.line()))?;
        }
        loading.finish_log().map_err(|refused| refused.in_line(reader.line()))?;
        counts = reader.counts();
        Ok::<(), LoadError>(())
    })?;
    Ok(counts)
}

/// Checks that the items make sense together while they are stored.
struct Loading<'a, 't> {
    filling: &'a mut Filling<'t>,
    epochs: Epochs,
    /// The log that came last, and the seq and stamp of its record that came last.
    last: Option<(LogId, Head, Seq, Token)>,
    /// Its name: names rise, so no log comes twice.
    name: String,
}

/// Why an item is not stored.
enum Refused {
    Store(StoreError),
    Senseless(String),
}

impl Refused {
    fn in_line(self, line: u64) -> LoadError {
        match self {
            Self::Store(error) => LoadError::Store(error),
            Self::Senseless(found) => LoadError::Malformed { line, found },
        }
    }
}

impl Loading<'_, '_> {
    fn put(&mut self, item: Item) -> Result<(), Refused> {
        let item = match item {
            Item::Log { log, head, snapshot } => self.begin_log(log, head, snapshot)?,
            Item::Record(record) => {
                let Some((log, head, seq, stamp)) = &mut self.last else {
                    return Err(Refused::Senseless("a record before any log".to_owned()));
                };
                let is_tail = record.seq == head.tail.seq;
                let fits = record.seq == seq.next() && record.stamp > *stamp && record.seq <= head.tail.seq;
                if !fits || (is_tail && (record.tag, record.stamp) != (head.tail.tag, head.stamp)) {
                    return Err(Refused::Senseless(format!("record {} of {log} does not fit", record.seq)));
                }
                (*seq, *stamp) = (record.seq, record.stamp);
                Item::Record(record)
            }
            item => item,
        };
        self.filling.put(&item).map_err(Refused::Store)
    }

    fn begin_log(&mut self, log: LogId, mut head: Head, snapshot: Option<Bytes>) -> Result<Item, Refused> {
        self.finish_log()?;
        let snapshot_at = head.snapshot.map_or(Seq(0), |position| position.seq);
        // In this order they rise: what is trimmed lies in the snapshot, which was taken of something in the log.
        let name = log.to_string();
        if name <= self.name || head.tail.seq == Seq(0) || head.trimmed > snapshot_at || snapshot_at > head.tail.seq {
            return Err(Refused::Senseless(format!("{log} cannot be like this")));
        }
        if self.epochs == Epochs::Renewed {
            let epoch = getrandom::u64().map_err(|_| Refused::Store(StoreError::Unavailable))?;
            head.tail.epoch = Epoch(epoch);
            head.snapshot.iter_mut().for_each(|position| position.epoch = Epoch(epoch));
        }
        self.name = name;
        self.last = Some((log.clone(), head.clone(), Seq(0), Token(0)));
        Ok(Item::Log { log, head, snapshot })
    }

    /// Checks that no record of the log that came last is missing.
    fn finish_log(&mut self) -> Result<(), Refused> {
        match self.last.take() {
            Some((log, head, seq, _)) if seq != head.tail.seq => {
                Err(Refused::Senseless(format!("{log} ends at record {seq}, not at {}", head.tail.seq)))
            }
            _ => Ok(()),
        }
    }
}
