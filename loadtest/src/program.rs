//! What the program does: one scenario, the quick mix, or a worker's share.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use crate::arguments::{Arguments, HubArguments, OutputArguments, RunArguments, Task};
use crate::conductor::{Ground, Kind};
use crate::judged;
use crate::plan::{Plan, Scenario, Tokens};
use crate::probe::RedisProbe;
use crate::progress::{Display, say};
use crate::quick;
use crate::report::{self, Report};
use crate::start::Wish;
use crate::worker;

/// Does what the command line says.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fails(&error.to_string()),
    };
    let done = LocalSet::new().block_on(&runtime, async {
        match arguments.task {
            Task::Run(arguments) => run_one(&arguments).await,
            Task::Quick { hub_binary, output } => quick::runs(hub_binary.as_ref(), &output).await,
            Task::Worker => work().await.map(|()| true),
        }
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => fails(&problem),
    }
}

fn fails(problem: &str) -> ExitCode {
    say(&mut io::stderr(), &format!("quire-loadtest: {problem}\n"));
    ExitCode::from(2)
}

/// True if nothing is wrong.
async fn run_one(RunArguments { scenario, hubs, size, output }: &RunArguments) -> Result<bool, String> {
    let scenario = *scenario;
    let needs_start = matches!(scenario, Scenario::Avalanche | Scenario::Rolling);
    if needs_start && !hubs.start {
        return Err(format!("{} kills and restarts hubs: give --start", scenario.name()));
    }
    // A report that cannot be compared is told of before an hour is spent on another one.
    let old = output.compare.as_deref().map(report::read).transpose().map_err(|error| format!("--compare: {error}"))?;
    let (mut ground, urls, tokens) = ground(hubs).await?;
    if scenario == Scenario::Cross && urls.len() < 2 {
        return Err("cross needs two hubs: give --replicas 2 --redis, or two --url".to_owned());
    }
    let plan = size.change(Plan::new(scenario, urls, tokens));
    let report = judged::reports(&plan, &mut ground, Kind::Processes, &mut display(scenario, output)).await?;
    say_report(&report, output.out.as_deref(), old.as_ref())?;
    Ok(report.is_right())
}

pub(crate) fn display(scenario: Scenario, output: &OutputArguments) -> Display {
    if output.quiet { Display::silent(scenario.name()) } else { Display::new(scenario.name()) }
}

/// Prints a report, writes it into a folder, and compares it with an older one.
pub(crate) fn say_report(report: &Report, folder: Option<&Path>, old: Option<&Report>) -> Result<(), String> {
    let mut lines = vec![report.run.scenario.clone()];
    let figures = &report.figures;
    lines.extend(figures.iter().map(|figure| format!("  {:<44} {:>14.3} {}", figure.name, figure.value, figure.unit)));
    let violations = &report.run.judgement.violations;
    lines.extend(violations.told.iter().map(|told| format!("  VIOLATION {:?}: {}", told.kind, told.sentence)));
    if let Some(folder) = folder {
        report::write(folder, report).map_err(|error| format!("{}: {error}", folder.display()))?;
        lines.push(format!("  written to {}", folder.display()));
    }
    if let Some(old) = old {
        lines.push(report::compare(old, report));
    }
    lines.push(String::new());
    say(&mut io::stdout(), &lines.join("\n"));
    Ok(())
}

async fn ground(hubs: &HubArguments) -> Result<(Ground, Vec<String>, Tokens), String> {
    if hubs.start {
        let wish = Wish {
            binary: hubs.hub_binary.clone().map_or_else(beside_this_program, Ok)?,
            replicas: hubs.replicas,
            redis: hubs.redis,
            limits: hubs.limit.clone(),
            timers: hubs.timer.clone(),
        };
        let ground = Ground::start(&wish).await?;
        let (urls, tokens) = ground.to_connect()?;
        return Ok((ground, urls, tokens));
    }
    let tokens = match &hubs.jwt_secret_file {
        Some(file) => Tokens::Secret(secret(file)?),
        None => Tokens::Development,
    };
    let redis = match &hubs.redis_url {
        Some(url) => Some(RedisProbe::connect(url).await?),
        None => None,
    };
    Ok((Ground { hubs: None, pids: hubs.pid.clone(), redis }, hubs.url.clone(), tokens))
}

fn secret(file: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(text.trim_end().to_owned())
}

fn beside_this_program() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(program.with_file_name("quire"))
}

/// Plays a share of the tabs, led over standard input and output.
async fn work() -> Result<(), String> {
    let (steps, inbox) = mpsc::channel(1);
    let (report, mut reports) = mpsc::channel(16);
    tokio::task::spawn_local(worker::works(inbox, report));
    tokio::task::spawn_local(async move {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let Ok(step) = serde_json::from_str(&line) else { return };
            if steps.send(step).await.is_err() {
                return;
            }
        }
    });
    let mut stdout = tokio::io::stdout();
    while let Some(report) = reports.recv().await {
        let mut line = serde_json::to_vec(&report).map_err(|error| error.to_string())?;
        line.push(b'\n');
        stdout.write_all(&line).await.map_err(|error| error.to_string())?;
        stdout.flush().await.map_err(|error| error.to_string())?;
    }
    Ok(())
}
