//! What all tabs of one worker share: the plan, the notebook, the measures, and a few counts.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::Ipv4Addr;

use quire_protocol::{CommandId, Seq};
use tokio::sync::Semaphore;

use crate::decoder::Decoder;
use crate::measure::Measures;
use crate::observation::{Micros, Notebook, TextView};
use crate::plan::Plan;
use crate::site::Site;
use crate::typist::Page;
use crate::wire;

/// Updates whose delivery is timed.
const TYPED_MAX: usize = 8_192;

/// What all tabs of one worker share. Tabs of a worker run on one thread.
pub(crate) struct Desk {
    pub(crate) plan: Plan,
    pub(crate) site: Site,
    pub(crate) worker: u32,
    pub(crate) decoder: Decoder,
    pub(crate) notebook: RefCell<Notebook>,
    pub(crate) measures: RefCell<Measures>,
    /// First joins that are under way at the same time.
    pub(crate) joining: Semaphore,
    /// Tabs that are connected.
    pub(crate) connected: Cell<u32>,
    connections: Cell<u32>,
    commands: Cell<u64>,
    /// When the last updates were typed, by their digests.
    typed: RefCell<(HashMap<u64, Micros>, VecDeque<u64>)>,
    /// What texts look like, by the digest of all that they are made of.
    seen: RefCell<HashMap<u64, TextView>>,
    /// Digests of files, by their tags.
    files: RefCell<HashMap<String, u64>>,
}

impl Desk {
    pub(crate) fn new(plan: Plan, worker: u32) -> Result<Self, String> {
        let site = Site::new(&plan.urls, plan.tokens.clone())?;
        Ok(Self {
            site,
            worker,
            decoder: Decoder::default(),
            notebook: RefCell::new(Notebook::default()),
            measures: RefCell::new(Measures::default()),
            joining: Semaphore::new(plan.joins_at_once.max(1) as usize),
            connected: Cell::new(0),
            connections: Cell::new(0),
            commands: Cell::new(0),
            typed: RefCell::default(),
            seen: RefCell::default(),
            files: RefCell::default(),
            plan,
        })
    }

    /// The address that the next connection comes from.
    pub(crate) fn source(&self) -> Ipv4Addr {
        let number = self.connections.get();
        self.connections.set(number.wrapping_add(1));
        wire::source(self.worker, number)
    }

    /// An update was typed.
    pub(crate) fn typed(&self, digest: u64, at: Micros) {
        let (times, order) = &mut *self.typed.borrow_mut();
        times.insert(digest, at);
        order.push_back(digest);
        if order.len() > TYPED_MAX
            && let Some(oldest) = order.pop_front()
        {
            times.remove(&oldest);
        }
    }

    /// When an update was typed, if that was here and lately.
    pub(crate) fn typed_at(&self, digest: u64) -> Option<Micros> {
        self.typed.borrow().0.get(&digest).copied()
    }

    /// What the text of these updates looks like. Most tabs have the same ones.
    pub(crate) fn seen<'a>(
        &self,
        rev: Seq,
        updates: impl Iterator<Item = &'a [u8]> + Clone,
    ) -> Result<TextView, String> {
        let mut hasher = DefaultHasher::new();
        updates.clone().for_each(|update| update.hash(&mut hasher));
        let key = hasher.finish();
        if let Some(seen) = self.seen.borrow().get(&key) {
            return Ok(TextView { rev, ..*seen });
        }
        let seen = crate::tab::seen(rev, &Page::of(updates)?);
        self.seen.borrow_mut().insert(key, seen);
        Ok(seen)
    }

    /// Whether every file with this tag had this digest.
    pub(crate) fn is_same_file(&self, tag: &str, digest: u64) -> bool {
        *self.files.borrow_mut().entry(tag.to_owned()).or_insert(digest) == digest
    }

    /// An id that no other command of this run has. Ids rise with time (T-3 of the specification).
    pub(crate) fn command_id(&self) -> CommandId {
        let number = self.commands.get();
        self.commands.set(number + 1);
        let text = format!("{:016x}-{:x}-{number:x}", crate::clock::now().0, self.worker);
        CommandId::new(&text).expect("numbers and dashes are an id")
    }
}
