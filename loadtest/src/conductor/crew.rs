//! The workers of a run: processes of this program, or a thread of this process.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use crate::link::{Report, Step};
use crate::measure::Measures;
use crate::observation::Notebook;
use crate::plan::Plan;
use crate::progress::Display;
use crate::worker;

/// Reports that wait for the conductor.
const REPORTS_MAX: usize = 64;

/// Where workers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As processes of this program.
    Processes,
    /// As threads of this process.
    Threads,
}

/// All workers.
pub(crate) struct Crew {
    steps: Vec<mpsc::Sender<Step>>,
    reports: mpsc::Receiver<(usize, Report)>,
    /// Ended when this is dropped.
    children: Vec<Child>,
}

impl Crew {
    pub(crate) fn start(plan: &Plan, kind: Kind) -> Result<Self, String> {
        let (report, reports) = mpsc::channel(REPORTS_MAX);
        let mut crew = Self { steps: Vec::new(), reports, children: Vec::new() };
        for number in 0..plan.workers.max(1) as usize {
            let (steps, inbox) = mpsc::channel(1);
            crew.steps.push(steps);
            match kind {
                Kind::Processes => crew.children.push(process(number, inbox, report.clone())?),
                Kind::Threads => thread(number, inbox, report.clone())?,
            }
        }
        Ok(crew)
    }

    /// Every worker takes this step; returns the problems when all have.
    pub(crate) async fn takes(
        &mut self,
        step: impl Fn(u32) -> Step,
        display: &mut Display,
    ) -> Result<Vec<String>, String> {
        self.tell(step).await?;
        let (mut left, mut all) = (self.steps.len(), Vec::new());
        while left > 0 {
            match self.hears(display).await? {
                Report::Reached { problems } => {
                    all.extend(problems);
                    left -= 1;
                }
                _ => return Err("a worker is out of step".to_owned()),
            }
        }
        Ok(all)
    }

    /// Every worker hands in what it noted.
    pub(crate) async fn finishes(mut self, display: &mut Display) -> Result<Vec<(Notebook, Measures)>, String> {
        self.tell(|_| Step::Finish).await?;
        let mut all = Vec::new();
        while all.len() < self.steps.len() {
            match self.hears(display).await? {
                Report::Finished { notebook, measures } => all.push((*notebook, *measures)),
                _ => return Err("a worker is out of step".to_owned()),
            }
        }
        Ok(all)
    }

    async fn tell(&self, step: impl Fn(u32) -> Step) -> Result<(), String> {
        for (number, steps) in (0..).zip(&self.steps) {
            steps.send(step(number)).await.map_err(|_| format!("worker {number} is gone"))?;
        }
        Ok(())
    }

    /// The next report that is not about progress.
    async fn hears(&mut self, display: &mut Display) -> Result<Report, String> {
        loop {
            match self.reports.recv().await {
                Some((worker, Report::Progress(progress))) => display.shows(worker, progress),
                Some((worker, Report::Failed { problem })) => return Err(format!("worker {worker}: {problem}")),
                Some((_, report)) => return Ok(report),
                None => return Err("the workers are gone".to_owned()),
            }
        }
    }
}

type Reports = mpsc::Sender<(usize, Report)>;

fn process(number: usize, steps: mpsc::Receiver<Step>, reports: Reports) -> Result<Child, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| format!("worker {number} does not start: {error}"))?;
    let stdin = child.stdin.take().ok_or("a worker's input is not piped")?;
    let stdout = child.stdout.take().ok_or("a worker's output is not piped")?;
    tokio::spawn(writes(stdin, steps));
    tokio::spawn(reads(number, stdout, reports));
    Ok(child)
}

async fn writes(mut stdin: ChildStdin, mut steps: mpsc::Receiver<Step>) {
    while let Some(step) = steps.recv().await {
        let mut line = serde_json::to_vec(&step).expect("steps are plain data");
        line.push(b'\n');
        if stdin.write_all(&line).await.is_err() || stdin.flush().await.is_err() {
            return;
        }
    }
}

async fn reads(number: usize, stdout: ChildStdout, reports: Reports) {
    let mut lines = BufReader::new(stdout).lines();
    loop {
        let report = match lines.next_line().await {
            Ok(Some(line)) => serde_json::from_str(&line).unwrap_or_else(|error| failed(&error.to_string())),
            Ok(None) => failed("it ended"),
            Err(error) => failed(&error.to_string()),
        };
        let is_last = matches!(report, Report::Failed { .. } | Report::Finished { .. });
        if reports.send((number, report)).await.is_err() || is_last {
            return;
        }
    }
}

fn failed(problem: &str) -> Report {
    Report::Failed { problem: problem.to_owned() }
}

fn thread(number: usize, steps: mpsc::Receiver<Step>, reports: Reports) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let (report, mut inbox) = mpsc::channel(REPORTS_MAX);
    tokio::spawn(async move {
        while let Some(report) = inbox.recv().await {
            if reports.send((number, report)).await.is_err() {
                return;
            }
        }
    });
    let work = move || LocalSet::new().block_on(&runtime, worker::works(steps, report));
    std::thread::Builder::new().name(format!("worker {number}")).spawn(work).map_err(|error| error.to_string())?;
    Ok(())
}
