//! The scribe with its real children.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use quire::scribe::child::Limits;
use quire::scribe::tree::{Node, Run};
use quire::scribe::{Anchor, Document, Failed, Found, Scribe, Seeded, Settings, Works as _};
use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything here takes. It passes only where the clock is paused.
const NEVER: Duration = Duration::from_hours(1);
const CLIENT: u64 = 7;

/// A scribe whose children leave their process ids in a file, one a line.
struct Watched {
    scribe: Scribe,
    pids: PathBuf,
}

impl Watched {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let pids = std::env::temp_dir().join(format!("scribe-pids-{}-{number}", std::process::id()));
        let script = r#"echo $$ >> "$0"; exec "$1" scribe"#;
        let arguments = ["-c", script, pids.to_str().unwrap(), env!("CARGO_BIN_EXE_quire")];
        let limits = Limits { processor_seconds: 2 * NEVER.as_secs(), ..Limits::default() };
        let mut settings =
            Settings { children_max: 1, deadline: NEVER, limits, ..Settings::new("/bin/sh", &arguments) };
        change(&mut settings);
        Self { scribe: Scribe::new(settings), pids }
    }

    /// The children so far; each has had a job.
    fn pids(&self) -> Vec<Pid> {
        let file = std::fs::read_to_string(&self.pids).unwrap_or_default();
        file.lines().map(|line| Pid::from_raw(line.parse().unwrap()).unwrap()).collect()
    }

    /// Sends a signal to the newest child.
    fn signal(&self, signal: Signal) {
        kill_process(*self.pids().last().unwrap(), signal).unwrap();
    }

    async fn works(&self) {
        let seeded = self.seed("Call me Ishmael.").await.unwrap();
        assert_eq!((seeded.measure.characters, seeded.measure.words), (16, 3));
    }

    async fn seed(&self, text: &str) -> Result<Seeded, Failed> {
        self.scribe.seed(vec![paragraph(text)], CLIENT).await
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.pids));
    }
}

fn paragraph(text: &str) -> Node {
    Node::element("paragraph", vec![Node::text(vec![Run::plain(text)])])
}

fn of(seeded: &Seeded) -> Document {
    Document { state: None, updates: vec![seeded.update.clone()] }
}

fn only(update: Vec<u8>) -> Document {
    Document { state: None, updates: vec![update.into()] }
}

/// An update of client 1 with one value in the list `default`: arrays within arrays.
fn deep(levels: usize) -> Document {
    // One client with one struct, from clock 0: a value without neighbours, in the root of this name.
    let mut update = vec![1, 1, 1, 0, 8, 1, 7];
    update.extend_from_slice(b"default");
    update.push(1);
    update.extend([117, 1].repeat(levels));
    // In the innermost one nothing; and nothing is deleted.
    update.extend([126, 0]);
    only(update)
}

#[tokio::test]
async fn every_job_is_done() {
    let watched = Watched::new(|_| {});
    let scribe = &watched.scribe;
    let first = watched.seed("Call me Ishmael.").await.unwrap();
    assert_eq!(scribe.read(of(&first)).await.unwrap().tree, [paragraph("Call me Ishmael.")]);
    let state = scribe.compact(of(&first)).await.unwrap();
    assert_eq!((state.measure, state.clocks), (first.measure, [(CLIENT, first.units)].into()));
    let packed = Document { state: Some(state.state.clone()), updates: vec![] };
    assert_eq!(scribe.read(packed).await.unwrap(), scribe.read(of(&first)).await.unwrap());
    let update = scribe.restore(of(&first), scribe.compact(Document::default()).await.unwrap().state, 8).await;
    let emptied = Document { state: None, updates: vec![first.update.clone(), update.unwrap().unwrap()] };
    assert_eq!(scribe.read(emptied.clone()).await.unwrap().tree, []);
    let back = scribe.restore(emptied, state.state, 8).await.unwrap().unwrap();
    assert!(back.len() < 64, "{} bytes", back.len());
    let anchor = |quote: &str| Anchor { relative: Some((Bytes::new(), Bytes::new())), quote: quote.to_owned() };
    let found = scribe.resolve(of(&first), vec![anchor("Ahab"), anchor("Ishmael")]).await.unwrap();
    assert_eq!(found, [Found::Nowhere, Found::Quote]);
    assert_eq!(watched.pids().len(), 1);
}

#[tokio::test]
async fn a_child_that_is_killed_at_work_costs_one_job() {
    let watched = Watched::new(|_| {});
    watched.works().await;
    // Stopped, it takes a job and cannot finish it.
    watched.signal(Signal::STOP);
    let (failed, ()) = tokio::join!(watched.seed("lost"), async { watched.signal(Signal::KILL) });
    assert_eq!(failed.unwrap_err(), Failed::Died("signal: 9 (SIGKILL)".to_owned()));
    watched.works().await;
    assert_eq!(watched.pids().len(), 2);
}

#[tokio::test]
async fn a_child_that_is_killed_at_rest_costs_nothing() {
    let watched = Watched::new(|_| {});
    watched.works().await;
    watched.signal(Signal::KILL);
    while !is_gone(watched.pids()[0]) {
        tokio::task::yield_now().await;
    }
    watched.works().await;
    assert_eq!(watched.pids().len(), 2);
}

#[tokio::test]
async fn a_child_that_hangs_is_stopped_at_its_deadline() {
    let watched = Watched::new(|_| {});
    watched.works().await;
    watched.signal(Signal::STOP);
    // With nothing left to happen, the clock goes on to the deadline.
    tokio::time::pause();
    assert_eq!(watched.seed("lost").await, Err(Failed::Overdue));
    tokio::time::resume();
    assert!(is_gone(watched.pids()[0]));
    watched.works().await;
}

#[tokio::test]
async fn a_job_that_nobody_waits_for_ends_with_its_child() {
    let watched = Watched::new(|_| {});
    watched.works().await;
    watched.signal(Signal::STOP);
    let mut job = Box::pin(watched.seed("unwanted"));
    let is_done = tokio::select! { biased; _ = &mut job => true, () = std::future::ready(()) => false };
    assert!(!is_done);
    drop(job);
    while !is_gone(watched.pids()[0]) {
        tokio::task::yield_now().await;
    }
    watched.works().await;
}

#[tokio::test]
async fn children_end_with_the_last_handle() {
    let watched = Watched::new(|_| {});
    watched.works().await;
    let pid = watched.pids()[0];
    let Watched { scribe, .. } = &watched;
    let other = scribe.clone();
    drop(watched);
    assert!(!is_gone(pid));
    drop(other);
    while !is_gone(pid) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_child_is_replaced_after_its_jobs() {
    let watched = Watched::new(|settings| settings.jobs_max = 2);
    for _ in 0..5 {
        watched.works().await;
    }
    assert_eq!(watched.pids().len(), 3);
}

#[tokio::test]
async fn a_child_is_replaced_before_its_processor_time_is_used_up() {
    let watched = Watched::new(|settings| {
        settings.deadline = Duration::from_secs(20);
        settings.limits.processor_seconds = 20;
    });
    watched.works().await;
    watched.works().await;
    assert_eq!(watched.pids().len(), 2);
}

#[tokio::test]
async fn a_failure_that_is_told_leaves_the_child_at_work() {
    let watched = Watched::new(|_| {});
    // A count of clients in six bytes, for which the library reserves memory first; then values in each other.
    let many = only(vec![0xff, 0xff, 0xff, 0xff, 0x01, 0x00]);
    assert!(matches!(watched.scribe.compact(many).await, Err(Failed::Unreadable(_))));
    assert!(matches!(watched.scribe.read(deep(5_000)).await, Err(Failed::Foreign(_))));
    watched.works().await;
    assert_eq!(watched.pids().len(), 1);
}

#[tokio::test]
async fn an_overflown_stack_costs_one_job() {
    let watched = Watched::new(|_| {});
    let failed = watched.scribe.compact(deep(2_000_000)).await.unwrap_err();
    assert_eq!(failed, Failed::Died("signal: 6 (SIGABRT)".to_owned()));
    watched.works().await;
    assert_eq!(watched.pids().len(), 2);
}

#[tokio::test]
async fn memory_that_is_not_there_costs_one_job() {
    let watched = Watched::new(|settings| settings.limits.memory_bytes = 256 << 20);
    watched.works().await;
    let failed = watched.seed(&"whale ".repeat(5_000_000)).await.unwrap_err();
    assert_eq!(failed, Failed::Died("signal: 6 (SIGABRT)".to_owned()));
    watched.works().await;
}

#[tokio::test]
async fn jobs_are_done_side_by_side() {
    let watched = Watched::new(|settings| settings.children_max = 2);
    watched.works().await;
    // The first child is stopped with a job in its hands; the second one does all others.
    watched.signal(Signal::STOP);
    let (first, ()) = tokio::join!(watched.seed("slow"), async {
        watched.works().await;
        watched.works().await;
        kill_process(watched.pids()[0], Signal::CONT).unwrap();
    });
    first.unwrap();
    assert_eq!(watched.pids().len(), 2);
}

/// Dead, and its parent knows.
fn is_gone(pid: Pid) -> bool {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())) else { return true };
    status.rsplit_once(')').is_some_and(|(_, rest)| rest.starts_with(" Z"))
}
