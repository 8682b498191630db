//! A store that forgets everything at the end of the process: for tests and simulation.

mod shared;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use quire_protocol::event::Claim;
use quire_protocol::{BookId, Epoch, ReplicaId, Seq, Timestamp, Token, UserId};

use super::rules::{self, Head, Ledger, Verdict, Writing};
use super::shared::Wake;
use super::{
    Append, AppendError, Appended, Card, Compacted, LogId, MISSES_FOR_TURN, Position, Read, Record, Store, StoreError,
    TURN_MS,
};
use crate::clock::Clock;

/// A store in memory. Every call is answered at once.
#[derive(Debug)]
pub struct Memory {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    logs: HashMap<LogId, Log>,
    fences: HashMap<LogId, Token>,
    cards: BTreeMap<BookId, Card>,
    turns: HashMap<LogId, Turn>,
    replicas: shared::Replicas,
    /// Which server this is: another one after a failover.
    server: u64,
    random: u64,
}

/// Who may append next, and until when others wait (R10).
#[derive(Debug)]
struct Turn {
    replica: ReplicaId,
    until: Timestamp,
}

/// A log. Its archive is the front part of `records`, up to `head.trimmed`.
#[derive(Debug)]
struct Log {
    head: Head,
    records: Vec<Record>,
    snapshot: Option<Bytes>,
    /// Where it was put back after a loss, and when.
    restored: Option<(Position, Timestamp)>,
    /// The server that began its epoch: what was acknowledged by another one may be missing (R1).
    server: u64,
}

impl Memory {
    /// An empty store whose epochs are random.
    pub fn new(clock: Clock) -> Self {
        Self::seeded(clock, getrandom::u64().expect("the system has a source of randomness"))
    }

    /// An empty store whose epochs follow from the seed, so that a simulation can be replayed.
    pub fn seeded(clock: Clock, seed: u64) -> Self {
        let state = State {
            logs: HashMap::new(),
            fences: HashMap::new(),
            cards: BTreeMap::new(),
            turns: HashMap::new(),
            replicas: shared::Replicas::new(Epoch(seed)),
            server: 0,
            random: seed,
        };
        Self { clock, state: Mutex::new(state) }
    }

    /// Loses all it holds, as a server without persistence does when it starts again.
    pub fn lose_everything(&self) {
        let mut state = self.state();
        let mark = state.next_epoch();
        state.logs.clear();
        state.fences.clear();
        state.cards.clear();
        state.turns.clear();
        state.replicas.forget(mark);
    }

    /// Another server goes on, and it never had the last records of this log: `lost` of them, and what was appended
    /// together with them. The first append to each log meets a new epoch.
    pub fn fails_over(&self, log: &LogId, lost: usize) {
        let mut state = self.state();
        state.server += 1;
        let Some(stored) = state.logs.get_mut(log) else { return };
        // What a snapshot took the place of is safe.
        let safe = stored.head.snapshot.filter(|_| stored.head.trimmed > Seq(0));
        let is_safe = |record: &Record| safe.is_some_and(|position| record.seq <= position.seq);
        let mut cut = None;
        for count in 0.. {
            match stored.records.last() {
                Some(last) if !is_safe(last) && (count < lost || cut == Some(last.tag)) => {
                    cut = Some(last.tag);
                    stored.records.pop();
                }
                _ => break,
            }
        }
        let last = stored.records.last().map(|last| (last.seq, last.tag));
        let safe = safe.map(|position| (position.seq, position.tag));
        let Some((seq, tag)) = last.into_iter().chain(safe).max_by_key(|(seq, _)| *seq) else {
            state.logs.remove(log);
            return;
        };
        // Its stamp may stay: stamps only have to rise.
        stored.head.tail = Position { seq, tag, ..stored.head.tail };
        if stored.head.snapshot.is_some_and(|position| position.seq > stored.head.tail.seq) {
            (stored.head.snapshot, stored.snapshot) = (None, None);
        }
    }

    /// The state. A caller's panic (an append that is not well formed) happens before the lock is taken, and nothing
    /// is half-done under it, so a poisoned lock is as good as a sound one.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append_now(&self, append: Append) -> Result<Appended, AppendError> {
        rules::assert_well_formed(&append);
        let mut state = self.state();
        let (log, by, after, misses) = (append.log.clone(), append.by.clone(), append.after, append.misses);
        if state.is_turn_of_another(&log, &by, self.clock.now()) {
            return Err(AppendError::Busy);
        }
        // Drawn whether it is needed or not: the rules only read.
        let epoch = state.next_epoch();
        let server = state.server;
        if let Some(stored) = state.logs.get_mut(&log).filter(|stored| stored.server != server) {
            (stored.head.tail.epoch, stored.server) = (epoch, server);
            return Err(AppendError::EpochChanged);
        }
        match rules::judge_append(&*state, append, &self.clock, || epoch) {
            Ok(Verdict::Write(writing)) => {
                state.turns.remove(&log);
                let (tail, records) = (writing.head.tail, writing.records.clone());
                state.replicas.wake(&by, Wake { log: log.clone(), after, tail, records });
                Ok(state.write(log, writing))
            }
            Ok(Verdict::Answer(answer)) => {
                if matches!(answer, Err(AppendError::Conflict(_))) && misses + 1 >= MISSES_FOR_TURN {
                    state.turns.insert(log, Turn { replica: by, until: self.clock.now().plus_ms(TURN_MS) });
                }
                answer
            }
            Err(_) => Err(AppendError::Unavailable),
        }
    }

    fn compact_now(&self, log: &LogId, position: Position, snapshot: Bytes) -> Result<Compacted, StoreError> {
        let mut state = self.state();
        match rules::judge_compaction(&*state, log, position)? {
            Err(refused) => Ok(refused),
            Ok(head) => {
                let stored = state.logs.get_mut(log).expect("the rules found the log");
                (stored.head, stored.snapshot) = (head, Some(snapshot));
                Ok(Compacted::Done)
            }
        }
    }

    fn cards(&self, after: Option<&BookId>, limit: usize, filter: impl Fn(&Card) -> bool) -> Vec<Card> {
        let state = self.state();
        let rest = state.cards.values().filter(|card| after.is_none_or(|after| card.book > *after));
        rest.filter(|card| filter(card)).take(limit).cloned().collect()
    }
}

impl State {
    /// The next number of `SplitMix64`.
    fn next_epoch(&mut self) -> Epoch {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Epoch(mixed ^ (mixed >> 31))
    }

    fn is_turn_of_another(&self, log: &LogId, by: &ReplicaId, now: Timestamp) -> bool {
        self.turns.get(log).is_some_and(|turn| turn.replica != *by && turn.until > now)
    }

    fn write(&mut self, log: LogId, writing: Writing) -> Appended {
        let Writing { head, records, fences, appended } = writing;
        for (fenced, token) in fences {
            match token {
                Some(token) => self.fences.insert(fenced, token),
                None => self.fences.remove(&fenced),
            };
        }
        let stored = self.logs.entry(log).or_insert_with(|| Log {
            head: head.clone(),
            records: vec![],
            snapshot: None,
            restored: None,
            server: self.server,
        });
        stored.head = head;
        stored.records.extend(records);
        appended
    }
}

impl Ledger for State {
    fn head(&self, log: &LogId) -> Result<Option<Head>, StoreError> {
        Ok(self.logs.get(log).map(|stored| stored.head.clone()))
    }

    fn records(&self, log: &LogId, from: Seq, limit: usize) -> Result<Vec<Record>, StoreError> {
        let Some(stored) = self.logs.get(log) else { return Ok(vec![]) };
        // After a restoration the first records may be gone.
        let first = stored.records.partition_point(|record| record.seq < from);
        Ok(stored.records[first..].iter().take(limit).cloned().collect())
    }

    fn snapshot(&self, log: &LogId) -> Result<Option<Bytes>, StoreError> {
        Ok(self.logs.get(log).and_then(|stored| stored.snapshot.clone()))
    }

    fn fence(&self, log: &LogId) -> Result<Option<Token>, StoreError> {
        Ok(self.fences.get(log).copied())
    }
}

impl Store for Memory {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        // Not before it is polled: a future that is dropped unpolled must have no effect, as with any other store.
        async move { self.append_now(append) }.boxed()
    }

    fn read(&self, log: LogId, after: Option<Position>) -> BoxFuture<'_, Result<Read, StoreError>> {
        async move { rules::read(&*self.state(), &log, after) }.boxed()
    }

    fn tail(&self, log: LogId) -> BoxFuture<'_, Result<Option<Position>, StoreError>> {
        async move { Ok(self.state().head(&log)?.map(|head| head.tail)) }.boxed()
    }

    fn compact(&self, log: LogId, position: Position, snapshot: Bytes) -> BoxFuture<'_, Result<Compacted, StoreError>> {
        async move { self.compact_now(&log, position, snapshot) }.boxed()
    }

    fn read_archive(
        &self,
        log: LogId,
        from: Seq,
        limit: usize,
        bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Record>, StoreError>> {
        async move {
            let mut records = self.state().records(&log, from, limit)?;
            let ends = records.iter().scan(0, |end: &mut usize, record| {
                *end += record.payload.len();
                Some(*end)
            });
            let fitting = ends.take_while(|end| *end <= bytes).count();
            records.truncate(fitting);
            Ok(records)
        }
        .boxed()
    }

    fn forget(&self, log: LogId) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            let mut state = self.state();
            state.logs.remove(&log);
            state.fences.remove(&log);
            Ok(())
        }
        .boxed()
    }

    fn put_card(&self, card: Card) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            let mut state = self.state();
            if state.cards.get(&card.book).is_none_or(|stored| card.seq >= stored.seq) {
                state.cards.insert(card.book.clone(), card);
            }
            Ok(())
        }
        .boxed()
    }

    fn cards_of(
        &self,
        user: UserId,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        let is_member = move |card: &Card| card.members.iter().any(|(member, _)| *member == user);
        ready(Ok(self.cards(after.as_ref(), limit, is_member))).boxed()
    }

    fn cards_inviting(
        &self,
        email: String,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        let is_invited = move |card: &Card| card.invitations.iter().any(|(address, _)| *address == email);
        ready(Ok(self.cards(after.as_ref(), limit, is_invited))).boxed()
    }

    fn cards_claimable(
        &self,
        email: Option<String>,
        after: Option<BookId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Card>, StoreError>> {
        let may_claim = move |card: &Card| match &card.claim {
            None => false,
            Some(Claim::Anyone) => true,
            Some(Claim::Address(address)) => email.as_ref() == Some(address),
        };
        ready(Ok(self.cards(after.as_ref(), limit, may_claim))).boxed()
    }
}
