//! What the program does: one scenario, the quick mix, or a worker's share.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use crate::arguments::{Arguments, HubArguments, OutputArguments, SizeArguments, Task};
use crate::conductor::{self, Ground, Kind};
use crate::plan::{Plan, Scenario, Tokens};
use crate::probe::RedisProbe;
use crate::progress::{Display, say};
use crate::start::{Hubs, Wish};
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
            Task::Run { scenario, hubs, size, output } => run_one(scenario, &hubs, &size, &output).await,
            Task::Quick { .. } => Err("not yet".to_owned()),
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
async fn run_one(
    scenario: Scenario,
    hubs: &HubArguments,
    size: &SizeArguments,
    output: &OutputArguments,
) -> Result<bool, String> {
    let (mut ground, urls, tokens) = prepare(hubs).await?;
    let plan = size.change(Plan::new(scenario, urls, tokens));
    let mut display = if output.quiet { Display::silent(scenario.name()) } else { Display::new(scenario.name()) };
    let seen = conductor::plays(&plan, &mut ground, Kind::Processes, &mut display).await?;
    let m = &seen.measures;
    say(
        &mut io::stdout(),
        &format!(
            "{} deliveries {} p50 {} p99 {} max {}; replies {} p50 {} p99 {}; join p99 {}; cpu {:?}\nproblems {:?}\nrefused {:?} closed {:?}\n",
            scenario.name(),
            m.deliveries_total(),
            m.delivery.at_us(0.5),
            m.delivery.at_us(0.99),
            m.delivery.max_us(),
            m.reply.count(),
            m.reply.at_us(0.5),
            m.reply.at_us(0.99),
            m.join.at_us(0.99),
            seen.hubs.iter().map(|h| h.cpu_s()).collect::<Vec<_>>(),
            seen.problems,
            m.refused,
            m.closed
        ),
    );
    for n in &seen.notebooks {
        say(&mut io::stdout(), &format!("{:?} {:?}\n", n.tally(), n.violations()));
    }
    let t = crate::clock::now();
    let j = crate::oracle::judge(seen.notebooks, &seen.logs, crate::oracle::Expectations::default());
    say(&mut io::stdout(), &format!("{:#?} in {:?}\n", j, crate::clock::since(t)));
    Ok(seen.problems.is_empty())
}

async fn prepare(hubs: &HubArguments) -> Result<(Ground, Vec<String>, Tokens), String> {
    if hubs.start {
        let wish = Wish {
            binary: hubs.hub_binary.clone().map_or_else(beside_this_program, Ok)?,
            replicas: hubs.replicas,
            redis: hubs.redis,
            limits: hubs.limit.clone(),
            timers: hubs.timer.clone(),
        };
        let hubs = Hubs::start(&wish).await?;
        let redis = match &hubs.redis {
            Some(redis) => Some(RedisProbe::connect(&redis.url()).await?),
            None => None,
        };
        let (urls, tokens) = (hubs.urls(), hubs.tokens());
        return Ok((Ground { hubs: Some(hubs), pids: Vec::new(), redis }, urls, tokens));
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
