//! One promise of the store each, not kept. A hub asserts that what it reads makes sense and goes down if it does not,
//! so each flaw shows its hub a world without contradictions: only who compares what people were told can find it.

use std::sync::Mutex;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire::book::Fact;
use quire::clock::Clock;
use quire::store::memory::Memory;
use quire::store::{Append, AppendError, Appended, LogId, Position, Record, Store as _, Tag};
use quire_protocol::codec::decode_record;
use quire_protocol::event::{ChapterRenamed, Event};
use quire_protocol::{ChapterId, Seq, Token};

use super::crooked::{Flaw, OwnLog};

fn fact(payload: &[u8]) -> Fact {
    decode_record(payload).unwrap()
}

fn payload(fact: &Fact) -> Bytes {
    rmp_serde::to_vec_named(fact).unwrap().into()
}

/// The facts of an append are all of such kinds.
fn is_only(append: &Append, kinds: &[&str]) -> bool {
    append.payloads.iter().all(|payload| kinds.contains(&fact(payload).event.kind()))
}

/// The answer of a store that wrote an append where the hub wanted it.
fn written(append: &Append, last_stamp: Token) -> Appended {
    let (clock, after) = (Clock::system(), append.after.expect("the book is there"));
    let seq = Seq(after.seq.0 + append.payloads.len() as u64);
    let first_stamp = Token((last_stamp.0.max(append.stamp_floor.0) + 1).max(clock.now_micros()));
    Appended { position: Position { epoch: after.epoch, seq, tag: append.tag }, first_stamp, at: clock.now() }
}

/// The tail is not compared: once another hub was faster, this one writes all the same, and reads what it wrote.
#[derive(Default)]
pub struct Uncompared(Mutex<Option<(LogId, OwnLog)>>);

impl Uncompared {
    /// Writes into the hub's own log, if it has one.
    fn write(&self, append: &Append) -> Option<Appended> {
        let mut own = self.0.lock().unwrap();
        let (_, OwnLog { records, tail }) = own.as_mut().filter(|(log, _)| *log == append.log)?;
        let appended = written(append, records.last().map_or(Token(0), |record| record.stamp));
        *tail = appended.position;
        let first_seq = appended.position.seq.0 + 1 - append.payloads.len() as u64;
        records.extend((0_u64..).zip(&append.payloads).map(|(index, payload)| Record {
            seq: Seq(first_seq + index),
            stamp: Token(appended.first_stamp.0 + index),
            at: appended.at,
            tag: append.tag,
            payload: payload.clone(),
        }));
        Some(appended)
    }
}

impl Flaw for Uncompared {
    fn append<'a>(&'a self, store: &'a Memory, append: Append) -> BoxFuture<'a, Result<Appended, AppendError>> {
        async move {
            if let Some(appended) = self.write(&append) {
                return Ok(appended);
            }
            let answer = store.append(append.clone()).await;
            let (Err(AppendError::Conflict(_)), Some(after)) = (&answer, append.after) else { return answer };
            let all = store.read_archive(append.log.clone(), Seq(1), usize::MAX, usize::MAX).await;
            let records = all.unwrap().into_iter().filter(|record| record.seq <= after.seq).collect();
            *self.0.lock().unwrap() = Some((append.log.clone(), OwnLog { records, tail: after }));
            Ok(self.write(&append).expect("the log is its own now"))
        }
        .boxed()
    }

    fn own_log(&self, log: &LogId) -> Option<OwnLog> {
        let own = self.0.lock().unwrap();
        own.as_ref().filter(|(own, _)| own == log).map(|(_, own)| own.clone())
    }

    /// Nothing tells the hub in time that it is behind.
    fn wakes(&self) -> bool {
        false
    }
}

/// Some appends are acknowledged and not written.
#[derive(Default)]
pub struct Forgetful(Mutex<u32>);

impl Flaw for Forgetful {
    fn append<'a>(&'a self, store: &'a Memory, append: Append) -> BoxFuture<'a, Result<Appended, AppendError>> {
        /// Each loss costs the hub's tabs their connections.
        const ONE_OF: u32 = 12;
        // Nobody who has a book open hears of other logs.
        if !matches!(append.log, LogId::Book(_) | LogId::Chapter(..)) {
            return store.append(append);
        }
        let mut count = self.0.lock().unwrap();
        *count += 1;
        if append.after.is_some() && count.is_multiple_of(ONE_OF) {
            let appended = written(&append, Token(0));
            return async move { Ok(appended) }.boxed();
        }
        store.append(append)
    }

    fn restores(&self) -> bool {
        false
    }
}

/// Some of what is typed is acknowledged and not written.
#[derive(Default)]
pub struct Absent(Mutex<u32>);

impl Flaw for Absent {
    fn append<'a>(&'a self, store: &'a Memory, append: Append) -> BoxFuture<'a, Result<Appended, AppendError>> {
        /// Each loss costs the hub's tabs their connections.
        const ONE_OF: u32 = 8;
        if !matches!(append.log, LogId::Chapter(..)) || append.after.is_none() {
            return store.append(append);
        }
        let mut count = self.0.lock().unwrap();
        *count += 1;
        if count.is_multiple_of(ONE_OF) {
            let appended = written(&append, Token(0));
            return async move { Ok(appended) }.boxed();
        }
        store.append(append)
    }

    fn restores(&self) -> bool {
        false
    }
}

/// The hub does not hear who holds a chapter by the doing of others, and no fence keeps it from writing.
pub struct Fenceless;

impl Flaw for Fenceless {
    fn append<'a>(&'a self, store: &'a Memory, append: Append) -> BoxFuture<'a, Result<Appended, AppendError>> {
        store.append(Append { guard: None, ..append })
    }

    fn shows(&self, record: Record, is_own: bool) -> Record {
        match decode_record::<Fact>(&record.payload) {
            Ok(_) => Hidden(|event| event.kind().starts_with("lock.")).shows(record, is_own),
            // The record of a text.
            Err(_) => record,
        }
    }
}

/// Answers are lost, and an append that is repeated is not known again.
#[derive(Default)]
pub struct Repetitive(Mutex<Option<Appended>>);

impl Flaw for Repetitive {
    fn append<'a>(&'a self, store: &'a Memory, append: Append) -> BoxFuture<'a, Result<Appended, AppendError>> {
        async move {
            // What can happen twice without a contradiction.
            if !is_only(&append, &["chapter.renamed", "chapter.moved", "thread.resolved"]) {
                return store.append(append).await;
            }
            let before = self.0.lock().unwrap().take();
            let Some(done) = before.filter(|before| before.position.tag == append.tag) else {
                let appended = store.append(append).await?;
                *self.0.lock().unwrap() = Some(appended);
                return Err(AppendError::Unknown);
            };
            let after = store.tail(append.log.clone()).await.unwrap();
            let payloads = append.payloads.iter().map(|bytes| {
                // The book would know the command again.
                payload(&Fact { command: None, ..fact(bytes) })
            });
            let again = Append { tag: Tag(!append.tag.0), after, payloads: payloads.collect(), ..append.clone() };
            store.append(again).await?;
            Ok(done)
        }
        .boxed()
    }
}

/// The stamps that this hub is given are an hour behind those of the others.
pub struct Behind;

impl Behind {
    fn shift(Token(stamp): Token) -> Token {
        const HOUR_US: u64 = 3_600_000_000;
        Token(stamp - HOUR_US)
    }
}

impl Flaw for Behind {
    fn append<'a>(&'a self, store: &'a Memory, append: Append) -> BoxFuture<'a, Result<Appended, AppendError>> {
        async move {
            let appended = store.append(append).await?;
            Ok(Appended { first_stamp: Self::shift(appended.first_stamp), ..appended })
        }
        .boxed()
    }

    fn shows(&self, record: Record, _: bool) -> Record {
        Record { stamp: Self::shift(record.stamp), ..record }
    }
}

/// In the place of what others did the hub is told that a chapter was renamed.
pub struct Hidden(pub fn(&Event) -> bool);

impl Flaw for Hidden {
    fn shows(&self, record: Record, is_own: bool) -> Record {
        // A book has other logs, too.
        let Ok(fact) = decode_record::<Fact>(&record.payload) else { return record };
        if is_own || !(self.0)(&fact.event) {
            return record;
        }
        let chapter = ChapterId::new("chapter-0").unwrap();
        let event = Event::ChapterRenamed(ChapterRenamed { chapter, title: "Nothing happened".to_owned() });
        Record { payload: payload(&Fact { command: None, event, ..fact }), ..record }
    }
}
