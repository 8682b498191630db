//! The hub's side: a few children, started when there is work, each with one job at a time.
//!
//! A child that crashes, ends, answers nonsense or does not answer in time is killed, and costs its job and no other.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{AcquireError, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::child::Limits;
use super::{Done, Failed, Job, Works, frame};

#[cfg(test)]
mod tests;

/// How the hub keeps its children.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program that calls [`super::child::run`].
    pub program: PathBuf,
    /// What it is told so that it does.
    pub arguments: Vec<OsString>,
    /// Most children at a time. At least 1.
    pub children_max: usize,
    /// Most jobs that wait for a child.
    pub waiting_max: usize,
    /// Longest time from a job's start to its answer.
    pub deadline: Duration,
    /// Jobs after which a child is replaced, so that what the library does not free is freed.
    pub jobs_max: u32,
    /// What a child may use.
    pub limits: Limits,
}

impl Settings {
    /// Two children of this program.
    pub fn new(program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.iter().map(OsString::from).collect(),
            children_max: 2,
            waiting_max: 64,
            deadline: Duration::from_secs(10),
            jobs_max: 1_000,
            limits: Limits::default(),
        }
    }
}

/// A handle to the children. Clones share them; with the last one they end.
#[derive(Clone, Debug)]
pub struct Scribe {
    office: Arc<Office>,
}

#[derive(Debug)]
struct Office {
    settings: Settings,
    /// A permit for each job that runs or waits.
    admission: Semaphore,
    /// A permit for each job that runs, first come, first served.
    desks: Semaphore,
    idle: Mutex<Vec<Worker>>,
}

impl Scribe {
    /// Children are started when there is work.
    pub fn new(settings: Settings) -> Self {
        let admission = Semaphore::new(settings.children_max + settings.waiting_max);
        let desks = Semaphore::new(settings.children_max);
        Self { office: Arc::new(Office { settings, admission, desks, idle: Mutex::new(Vec::new()) }) }
    }

    /// Has a job done. Dropping the future kills the child that works on it.
    async fn have_done(&self, job: &Job) -> Result<Done, Failed> {
        let office = &*self.office;
        let job = frame::pack(job).ok_or(Failed::TooLarge)?;
        let _admitted = office.admission.try_acquire().map_err(|_| Failed::Busy)?;
        let _desk = office.desks.acquire().await.map_err(|AcquireError { .. }| Failed::Busy)?;
        let mut worker = office.worker()?;
        let answer = worker.work(&job, Instant::now() + office.settings.deadline).await;
        if answer.as_ref().map_or_else(is_told, |_| true) && worker.is_fresh(&office.settings) {
            office.idle().push(worker);
        }
        answer
    }
}

impl Works for Scribe {
    fn ask(&self, job: Job) -> BoxFuture<'_, Result<Done, Failed>> {
        async move { self.have_done(&job).await }.boxed()
    }
}

impl Office {
    /// A child that has nothing to do: one that is there, or a new one.
    fn worker(&self) -> Result<Worker, Failed> {
        let mut idle = self.idle();
        while let Some(mut worker) = idle.pop() {
            // It may have been killed while it had nothing to do, which is no job's fault.
            if worker.is_alive() {
                return Ok(worker);
            }
        }
        drop(idle);
        Worker::start(&self.settings).map_err(|error| Failed::Unavailable(error.to_string()))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A child. Killed when dropped.
#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    /// What to send before the first job.
    greeting: Option<Vec<u8>>,
    jobs: u32,
    /// How long it had something to do; it cannot have used more processor time.
    busy: Duration,
}

impl Worker {
    fn start(settings: &Settings) -> io::Result<Self> {
        let mut child = Command::new(&settings.program)
            .args(&settings.arguments)
            // Whoever takes over a child by its input finds no secrets there.
            .env_clear()
            // What a terminal tells the hub is not for its children.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().expect("it is piped");
        let output = child.stdout.take().expect("it is piped");
        let greeting = Some(frame::pack(&settings.limits).expect("it is short"));
        Ok(Self { child, input, output, greeting, jobs: 0, busy: Duration::ZERO })
    }

    fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// May be given another job: it has not had too many, and another one that takes its whole time would not find the
    /// child's processor time used up.
    fn is_fresh(&self, settings: &Settings) -> bool {
        let left = Duration::from_secs(settings.limits.processor_seconds).saturating_sub(self.busy);
        self.jobs < settings.jobs_max && settings.deadline < left
    }

    /// Has a packed job done, or kills the child.
    async fn work(&mut self, job: &[u8], deadline: Instant) -> Result<Done, Failed> {
        let started = Instant::now();
        let answer = timeout_at(deadline, self.converse(job)).await;
        self.jobs += 1;
        self.busy += started.elapsed();
        match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => Err(Failed::Garbled),
            Ok(Err(error)) => {
                Err(Failed::Died(self.end().await.map_or(error.to_string(), |status| status.to_string())))
            }
            Err(_) => {
                // Until it is gone it takes memory and time that the next one needs.
                let _status = self.end().await;
                Err(Failed::Overdue)
            }
        }
    }

    async fn converse(&mut self, job: &[u8]) -> io::Result<Result<Done, Failed>> {
        if let Some(greeting) = self.greeting.take() {
            self.input.write_all(&greeting).await?;
        }
        self.input.write_all(job).await?;
        frame::read_async(&mut self.output).await
    }

    /// Kills it, unless it has ended already; how it ended.
    async fn end(&mut self) -> io::Result<ExitStatus> {
        self.child.start_kill()?;
        self.child.wait().await
    }
}

/// The child lived to tell of the failure, and goes on.
fn is_told(failed: &Failed) -> bool {
    match failed {
        Failed::Unreadable(_)
        | Failed::Incomplete
        | Failed::Foreign(_)
        | Failed::TooDeep
        | Failed::TooLarge
        | Failed::Unrelated
        | Failed::Senseless(_)
        | Failed::Unfaithful => true,
        Failed::Panicked(_)
        | Failed::Died(_)
        | Failed::Overdue
        | Failed::Garbled
        | Failed::Unavailable(_)
        | Failed::Busy => false,
    }
}
