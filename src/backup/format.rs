//! The lines of a backup, and the sum that says that none is missing.

use std::io::{self, BufRead, Read as _, Write};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use quire_protocol::{Epoch, Seq, Timestamp, Token};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::LoadError;
use crate::store::embedded::contents::Item;
use crate::store::rules::Head;
use crate::store::{Card, LogId, Position, Record, Tag};

const FORMAT: u32 = 1;
/// The longest line, in bytes: a snapshot of 190 MB. What is longer is no backup.
const LINE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// How many of what a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Logs of books and chapters.
    pub logs: u64,
    /// Their records, archived ones included.
    pub records: u64,
    /// Fences.
    pub fences: u64,
    /// Cards of the index.
    pub cards: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Backup {
        format: u32,
        made_at: Timestamp,
    },
    Log {
        name: String,
        epoch: Epoch,
        seq: Seq,
        tag: Hex,
        stamp: Token,
        trimmed: Seq,
        snapshot: Option<SnapshotPart>,
    },
    Record {
        log: String,
        seq: Seq,
        stamp: Token,
        at: Timestamp,
        tag: Hex,
        payload: Base64,
    },
    Fence {
        log: String,
        token: Token,
    },
    Card(Card),
    End {
        #[serde(flatten)]
        counts: Counts,
        sha256: String,
    },
    /// In the place of the rest: the hub could not go on.
    Failed {
        why: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct SnapshotPart {
    seq: Seq,
    tag: Hex,
    state: Base64,
}

/// A number that tools which know floating point alone would round.
#[derive(Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct Hex(u64);

impl From<Hex> for String {
    fn from(hex: Hex) -> Self {
        format!("{:016x}", hex.0)
    }
}

impl Clone for Hex {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl TryFrom<String> for Hex {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&text, 16).map(Self)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct Base64(Bytes);

impl From<Base64> for String {
    fn from(bytes: Base64) -> Self {
        BASE64_STANDARD.encode(bytes.0)
    }
}

impl TryFrom<String> for Base64 {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        BASE64_STANDARD.decode(text).map(|bytes| Self(bytes.into()))
    }
}

impl Counts {
    fn count(&mut self, item: &Item) {
        match item {
            Item::Log { .. } => self.logs += 1,
            Item::Record(_) => self.records += 1,
            Item::Fence { .. } => self.fences += 1,
            Item::Card(_) => self.cards += 1,
        }
    }
}

/// Writes a backup.
pub(super) struct LineWriter<W> {
    out: W,
    sum: Sha256,
    counts: Counts,
    /// The log that came last.
    log: String,
}

impl<W: Write> LineWriter<W> {
    pub(super) fn begin(out: W, made_at: Timestamp) -> io::Result<Self> {
        let mut writer = Self { out, sum: Sha256::new(), counts: Counts::default(), log: String::new() };
        writer.line(&Line::Backup { format: FORMAT, made_at })?;
        Ok(writer)
    }

    pub(super) fn item(&mut self, item: &Item) -> io::Result<()> {
        self.counts.count(item);
        if let Item::Log { log, .. } = item {
            self.log = log.to_string();
        }
        self.line(&line_of(item, &self.log))
    }

    pub(super) fn end(mut self) -> io::Result<Counts> {
        let sha256 = hex_of(self.sum.clone());
        self.line(&Line::End { counts: self.counts, sha256 })?;
        self.out.flush()?;
        Ok(self.counts)
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.sum.update(&bytes);
        self.out.write_all(&bytes)
    }
}

/// Says that a backup which was begun cannot be finished.
pub(super) fn write_failure(mut out: impl Write, why: String) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(&Line::Failed { why })?;
    bytes.push(b'\n');
    out.write_all(&bytes)?;
    out.flush()
}

fn line_of(item: &Item, log: &str) -> Line {
    match item {
        Item::Log { head, snapshot, .. } => {
            let part = |(position, state): (Position, &Bytes)| SnapshotPart {
                seq: position.seq,
                tag: Hex(position.tag.0),
                state: Base64(state.clone()),
            };
            Line::Log {
                name: log.to_owned(),
                epoch: head.tail.epoch,
                seq: head.tail.seq,
                tag: Hex(head.tail.tag.0),
                stamp: head.stamp,
                trimmed: head.trimmed,
                snapshot: head.snapshot.zip(snapshot.as_ref()).map(part),
            }
        }
        Item::Record(record) => Line::Record {
            log: log.to_owned(),
            seq: record.seq,
            stamp: record.stamp,
            at: record.at,
            tag: Hex(record.tag.0),
            payload: Base64(record.payload.clone()),
        },
        Item::Fence { log, token } => Line::Fence { log: log.to_string(), token: *token },
        Item::Card(card) => Line::Card(card.clone()),
    }
}

fn hex_of(sum: Sha256) -> String {
    sum.finalize().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The lines of a backup as bytes, summed up while they pass.
pub(super) struct Lines<R> {
    input: R,
    sum: Sha256,
    number: u64,
}

/// A line as it was read, with its line break.
pub(super) enum Raw {
    /// Any line before the end.
    Line(Vec<u8>),
    /// The last line, and what the sum of all before it is.
    End(Vec<u8>, String),
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, sum: Sha256::new(), number: 0 }
    }

    /// The next line; an input that ends before the end line is cut off.
    pub(super) fn next_line(&mut self) -> Result<Raw, LoadError> {
        self.number += 1;
        let mut bytes = vec![];
        (&mut self.input).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes).map_err(LoadError::Io)?;
        if bytes.last() != Some(&b'\n') {
            return Err(self.malformed(if bytes.is_empty() { "it is cut off here" } else { "the line does not end" }));
        }
        if bytes.starts_with(b"{\"end\":") {
            return Ok(Raw::End(bytes, hex_of(self.sum.clone())));
        }
        self.sum.update(&bytes);
        Ok(Raw::Line(bytes))
    }

    fn malformed(&self, found: impl Into<String>) -> LoadError {
        LoadError::Malformed { line: self.number, found: found.into() }
    }

    fn parse(&self, bytes: &[u8]) -> Result<Line, LoadError> {
        serde_json::from_slice(bytes).map_err(|error| self.malformed(error.to_string()))
    }

    /// The counts in the end line, if its sum is the right one.
    pub(super) fn check_end(&self, bytes: &[u8], sum: &str) -> Result<Counts, LoadError> {
        match self.parse(bytes)? {
            Line::End { counts, sha256 } if sha256 == sum => Ok(counts),
            _ => Err(self.malformed("the sum of the lines is another")),
        }
    }

    /// What the hub said if this line is its last word.
    pub(super) fn failure(&self, bytes: &[u8]) -> Option<String> {
        if !bytes.starts_with(b"{\"failed\":") {
            return None;
        }
        match self.parse(bytes) {
            Ok(Line::Failed { why }) => Some(why),
            _ => None,
        }
    }
}

/// Reads a backup.
pub(super) struct LineReader<R> {
    lines: Lines<R>,
    counts: Counts,
    /// The log that came last.
    log: String,
}

impl<R: BufRead> LineReader<R> {
    pub(super) fn new(lines: Lines<R>) -> Self {
        Self { lines, counts: Counts::default(), log: String::new() }
    }

    /// The number of the line that was read last.
    pub(super) fn line(&self) -> u64 {
        self.lines.number
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// The next item; `None`: that was all, and it was whole.
    pub(super) fn item(&mut self) -> Result<Option<Item>, LoadError> {
        if self.lines.number == 0 {
            self.header()?;
        }
        let line = match self.lines.next_line()? {
            Raw::Line(bytes) => self.lines.parse(&bytes)?,
            Raw::End(bytes, sum) => {
                if self.lines.check_end(&bytes, &sum)? != self.counts {
                    return Err(self.lines.malformed("the counts are others"));
                }
                return Ok(None);
            }
        };
        let item = self.item_of(line).map_err(|found| self.lines.malformed(found))?;
        self.counts.count(&item);
        Ok(Some(item))
    }

    fn header(&mut self) -> Result<(), LoadError> {
        let Raw::Line(bytes) = self.lines.next_line()? else { return Err(self.lines.malformed("it has no beginning")) };
        match self.lines.parse(&bytes)? {
            Line::Backup { format: FORMAT, .. } => Ok(()),
            Line::Backup { format, .. } => {
                Err(self.lines.malformed(format!("it has format {format}; this program reads format {FORMAT}")))
            }
            _ => Err(self.lines.malformed("it has no beginning")),
        }
    }

    fn item_of(&mut self, line: Line) -> Result<Item, String> {
        match line {
            Line::Log { name, epoch, seq, tag, stamp, trimmed, snapshot } => {
                let tail = Position { epoch, seq, tag: Tag(tag.0) };
                let (at, state) = snapshot.map_or((None, None), |part| {
                    (Some(Position { epoch, seq: part.seq, tag: Tag(part.tag.0) }), Some(part.state.0))
                });
                let log = parse(&name)?;
                self.log = name;
                Ok(Item::Log { log, head: Head { tail, stamp, trimmed, snapshot: at }, snapshot: state })
            }
            Line::Record { log, .. } if log != self.log => {
                Err(format!("a record of {log} among those of {}", self.log))
            }
            Line::Record { seq, stamp, at, tag, payload, .. } => {
                Ok(Item::Record(Record { seq, stamp, at, tag: Tag(tag.0), payload: payload.0 }))
            }
            Line::Fence { log, token } => Ok(Item::Fence { log: parse(&log)?, token }),
            Line::Card(card) => Ok(Item::Card(card)),
            Line::Failed { why } => Err(format!("the hub stopped here: {why}")),
            Line::Backup { .. } | Line::End { .. } => Err("a line that belongs elsewhere".to_owned()),
        }
    }
}

fn parse(name: &str) -> Result<LogId, String> {
    LogId::parse(name).ok_or_else(|| format!("{name:?} names no log"))
}
