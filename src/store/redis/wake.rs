//! What goes over a channel: a line of words, then bytes.
//!
//! `A BY LOG TAG COUNT AFTER_SEQ AFTER_TAG EPOCH STAMP AT MASTER`: an append, published by the script that did it, which
//! writes the last four words. Payloads follow, each with its length in four bytes in front, or none of them.
//! `S BY`: something that a replica says follows.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use quire_protocol::{Epoch, ReplicaId, Seq, Timestamp, Token};

use super::answer::hex;
use crate::store::shared::{WAKE_BYTES, Wake};
use crate::store::{Append, LogId, Position, Record, Tag};

/// Something that was heard.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// Somebody appended.
    Appended {
        /// Who.
        by: ReplicaId,
        /// The replication id of the server where it happened.
        master: String,
        /// What.
        wake: Wake,
    },
    /// Somebody said something.
    Said {
        /// Who.
        by: ReplicaId,
        /// What.
        words: Bytes,
    },
}

/// The words of a wake-up that are known before the append is done.
pub(super) fn head(append: &Append) -> Bytes {
    let Append { by, log, tag, payloads, after, .. } = append;
    let (seq, after_tag) = after.map_or((0, 0), |after| (after.seq.0, after.tag.0));
    format!("A {by} {log} {:016x} {} {seq} {after_tag:016x} ", tag.0, payloads.len()).into()
}

/// The payloads, if they are light enough.
pub(super) fn body(payloads: &[Bytes]) -> Bytes {
    let bytes: usize = payloads.iter().map(Bytes::len).sum();
    if bytes > WAKE_BYTES {
        return Bytes::new();
    }
    let mut body = BytesMut::with_capacity(bytes + 4 * payloads.len());
    for payload in payloads {
        body.put_u32(u32::try_from(payload.len()).expect("wake-ups are smaller than 4 GiB"));
        body.put_slice(payload);
    }
    body.freeze()
}

/// What a replica says, as it goes over the channel.
pub(super) fn said(by: &ReplicaId, words: &Bytes) -> Bytes {
    let mut message = BytesMut::with_capacity(words.len() + 80);
    message.put_slice(format!("S {by}\n").as_bytes());
    message.put_slice(words);
    message.freeze()
}

/// Parses a message; `None`: it is none of ours.
pub(super) fn parse(mut message: Bytes) -> Option<Words> {
    let end = message.iter().position(|byte| *byte == b'\n')?;
    let line = message.split_to(end);
    message.advance(1);
    let mut line = std::str::from_utf8(&line).ok()?.split(' ');
    let (kind, by) = (line.next()?, ReplicaId::new(line.next()?).ok()?);
    match kind {
        "A" => appended(by, line, message),
        "S" => Some(Words::Said { by, words: message }),
        _ => None,
    }
}

fn appended<'a>(by: ReplicaId, mut line: impl Iterator<Item = &'a str>, body: Bytes) -> Option<Words> {
    let (log, tag) = (LogId::parse(line.next()?)?, Tag(hex(line.next()?)?));
    let count: u64 = line.next()?.parse().ok()?;
    let (before, before_tag): (u64, Tag) = (line.next()?.parse().ok()?, Tag(hex(line.next()?)?));
    let (epoch, stamp): (Epoch, u64) = (Epoch(hex(line.next()?)?), line.next()?.parse().ok()?);
    let (at, master) = (Timestamp(line.next()?.parse().ok()?), line.next()?.to_owned());
    let position = |seq, tag| Position { epoch, seq: Seq(seq), tag };
    let after = (before > 0).then(|| position(before, before_tag));
    let tail = position(before.checked_add(count)?, tag);
    let payloads = if body.is_empty() { vec![] } else { payloads(body, count)? };
    let record =
        |(i, payload)| Some(Record { seq: Seq(before + i), stamp: Token(stamp.checked_add(i - 1)?), at, tag, payload });
    let records = (1..).zip(payloads).map(record).collect::<Option<_>>()?;
    Some(Words::Appended { by, master, wake: Wake { log, after, tail, records } })
}

fn payloads(mut body: Bytes, count: u64) -> Option<Vec<Bytes>> {
    let mut payloads = Vec::new();
    while !body.is_empty() {
        let length = usize::try_from(body.try_get_u32().ok()?).ok()?;
        if length > body.len() {
            return None;
        }
        payloads.push(body.split_to(length));
    }
    (u64::try_from(payloads.len()).ok()? == count).then_some(payloads)
}
