//! A disk with faults that a test switches on and off.

use std::fs::OpenOptions;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use redb::StorageBackend;
use redb::backends::FileBackend;

use crate::store::embedded::disk::OpenDisk;

/// What goes wrong.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) syncs: AtomicUsize,
    /// What the test had been promised so far; noted with each cut.
    pub(super) acknowledged: AtomicU64,
    sync_fails: AtomicBool,
    /// No room beyond what was written so far.
    full: AtomicBool,
    high_water: AtomicU64,
    writing: Mutex<Writing>,
    failed: AtomicBool,
    gate: Mutex<Gate>,
    moved: Condvar,
    journal: Mutex<Option<Journal>>,
}

#[derive(Debug, Default)]
enum Writing {
    #[default]
    Works,
    /// Fails after this many writes, until healed or once.
    FailsAfter { writes: usize, once: bool },
}

#[derive(Debug, Default)]
struct Gate {
    is_shut: bool,
    is_waiting: bool,
}

/// What a disk that lost its power would hold: what was synced, and any part of what was not.
#[derive(Debug, Default)]
struct Journal {
    synced: Vec<u8>,
    pending: Vec<Change>,
    cuts: Vec<Cut>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(u64, Vec<u8>),
    Length(u64),
}

/// The disk in the moment before a sync was done.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub(super) acknowledged: u64,
    synced: Vec<u8>,
    pending: Vec<Change>,
}

impl Cut {
    /// One of the images that the disk may hold: the seed chooses which writes arrived; one of them may be torn.
    pub(super) fn image(&self, seed: u64) -> Vec<u8> {
        let mut image = self.synced.clone();
        let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        for change in &self.pending {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            match (change, random >> 62) {
                (Change::Length(_), _) | (_, 0) => change.apply(&mut image),
                (Change::Write(offset, data), 1) => {
                    Change::Write(*offset, data[..data.len() / 2].to_vec()).apply(&mut image);
                }
                _ => {}
            }
        }
        image
    }
}

impl Change {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Self::Write(offset, data) => {
                let start = usize::try_from(*offset).unwrap();
                image[start..start + data.len()].copy_from_slice(data);
            }
            Self::Length(length) => image.resize(usize::try_from(*length).unwrap(), 0),
        }
    }
}

/// Syncs wait as long as this lives.
pub(super) struct Held<'a>(&'a Faults);

impl Held<'_> {
    pub(super) fn wait_for_a_sync(&self) {
        let gate = self.0.gate.lock().unwrap();
        drop(self.0.moved.wait_while(gate, |gate| !gate.is_waiting).unwrap());
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.gate.lock().unwrap().is_shut = false;
        self.0.moved.notify_all();
    }
}

impl Faults {
    pub(super) fn open_disk(self: &Arc<Self>) -> OpenDisk {
        let faults = Arc::clone(self);
        Arc::new(move |path| {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
            let file = FileBackend::new(file).map_err(io::Error::other)?;
            Ok(Box::new(FaultyDisk { file, faults: Arc::clone(&faults) }))
        })
    }

    pub(super) fn hold_syncs(&self) -> Held<'_> {
        *self.gate.lock().unwrap() = Gate { is_shut: true, is_waiting: false };
        Held(self)
    }

    pub(super) fn fill(&self) {
        self.full.store(true, Ordering::SeqCst);
    }

    pub(super) fn fail_syncs(&self) {
        self.sync_fails.store(true, Ordering::SeqCst);
    }

    pub(super) fn fail_after_writes(&self, writes: usize) {
        *self.writing.lock().unwrap() = Writing::FailsAfter { writes, once: false };
    }

    pub(super) fn fail_once_after_writes(&self, writes: usize) {
        *self.writing.lock().unwrap() = Writing::FailsAfter { writes, once: true };
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }

    pub(super) fn heal(&self) {
        self.full.store(false, Ordering::SeqCst);
        self.sync_fails.store(false, Ordering::SeqCst);
        *self.writing.lock().unwrap() = Writing::Works;
    }

    /// From now on notes the state of the disk before each sync.
    pub(super) fn record_cuts(&self) {
        *self.journal.lock().unwrap() = Some(Journal::default());
    }

    pub(super) fn cuts(&self) -> Vec<Cut> {
        self.journal.lock().unwrap().as_ref().unwrap().cuts.clone()
    }

    fn check_write(&self, end: u64) -> io::Result<()> {
        if self.full.load(Ordering::SeqCst) && end > self.high_water.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut writing = self.writing.lock().unwrap();
        match &mut *writing {
            Writing::Works => {}
            Writing::FailsAfter { writes: 0, once } => {
                if *once {
                    *writing = Writing::Works;
                }
                self.failed.store(true, Ordering::SeqCst);
                return Err(io::ErrorKind::StorageFull.into());
            }
            Writing::FailsAfter { writes, .. } => *writes -= 1,
        }
        self.high_water.fetch_max(end, Ordering::SeqCst);
        Ok(())
    }

    fn note(&self, file: &FileBackend, change: Change) {
        if let Some(journal) = &mut *self.journal.lock().unwrap() {
            if journal.synced.is_empty() {
                let length = usize::try_from(file.len().unwrap()).unwrap();
                journal.synced = vec![0; length];
                file.read(0, &mut journal.synced).unwrap();
            }
            journal.pending.push(change);
        }
    }
}

#[derive(Debug)]
struct FaultyDisk {
    file: FileBackend,
    faults: Arc<Faults>,
}

impl StorageBackend for FaultyDisk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.faults.note(&self.file, Change::Length(len));
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        let faults = &self.faults;
        faults.syncs.fetch_add(1, Ordering::SeqCst);
        let mut gate = faults.gate.lock().unwrap();
        gate.is_waiting = true;
        faults.moved.notify_all();
        drop(faults.moved.wait_while(gate, |gate| gate.is_shut).unwrap());
        if faults.sync_fails.load(Ordering::SeqCst) {
            return Err(io::Error::other("input/output error"));
        }
        if let Some(journal) = &mut *faults.journal.lock().unwrap() {
            let acknowledged = faults.acknowledged.load(Ordering::SeqCst);
            let pending = std::mem::take(&mut journal.pending);
            journal.cuts.push(Cut { acknowledged, synced: journal.synced.clone(), pending: pending.clone() });
            for change in &pending {
                change.apply(&mut journal.synced);
            }
        }
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.faults.check_write(offset + u64::try_from(data.len()).unwrap())?;
        self.faults.note(&self.file, Change::Write(offset, data.to_vec()));
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }
}
