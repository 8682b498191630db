//! One hub process, and its next lives on the same port.

use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Longest wait for a hub that starts, or that drains.
const PATIENCE: Duration = Duration::from_mins(1);

/// One hub. It ends when this is dropped.
pub(crate) struct Hub {
    binary: PathBuf,
    flags: Vec<String>,
    log: PathBuf,
    address: SocketAddr,
    child: Child,
    /// Processor time of its former lives, seconds.
    spent_before_s: f64,
}

impl Hub {
    pub(super) async fn start(binary: &Path, flags: Vec<String>, log: PathBuf) -> Result<Self, String> {
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let (child, address) = launch(binary, &flags, &log, any_port).await?;
        Ok(Self { binary: binary.to_owned(), flags, log, address, child, spent_before_s: 0.0 })
    }

    pub(super) fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Its process; none, if it does not run.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Processor time of all its lives so far, seconds.
    pub(crate) fn cpu_s(&self) -> f64 {
        self.spent_before_s + self.pid().and_then(crate::probe::cpu_s).unwrap_or(0.0)
    }

    /// `kill -9`.
    pub(crate) async fn dies(&mut self) -> Result<(), String> {
        self.spent_before_s = self.cpu_s();
        self.child.kill().await.map_err(|error| format!("the hub cannot be killed: {error}"))
    }

    /// SIGTERM; waits until it has sent everybody away and is gone.
    pub(crate) async fn drains(&mut self) -> Result<(), String> {
        let pid = self.pid().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        let pid = pid.ok_or("the hub is gone before it was asked to go")?;
        kill_process(pid, Signal::TERM).map_err(|error| format!("the hub cannot be asked to go: {error}"))?;
        let spent = self.cpu_s();
        let ended = timeout(PATIENCE, self.child.wait()).await;
        self.spent_before_s = spent;
        match ended {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("the hub did not drain well: {status}")),
            Ok(Err(error)) => Err(format!("the hub is lost: {error}")),
            Err(_) => Err(format!("the hub did not drain in {} s", PATIENCE.as_secs())),
        }
    }

    /// Starts it again on the same port.
    pub(crate) async fn rises(&mut self) -> Result<(), String> {
        (self.child, self.address) = launch(&self.binary, &self.flags, &self.log, self.address).await?;
        Ok(())
    }

    /// The last lines that it wrote.
    pub(crate) fn last_words(&self) -> String {
        last_words(&self.log)
    }
}

async fn launch(
    binary: &Path,
    flags: &[String],
    log: &Path,
    listen: SocketAddr,
) -> Result<(Child, SocketAddr), String> {
    let errors: File = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .map_err(|error| format!("{}: {error}", log.display()))?;
    let mut command = Command::new(binary);
    command.arg("--listen").arg(listen.to_string()).args(flags);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| format!("{} does not start: {error}", binary.display()))?;
    let mut stdout = BufReader::new(child.stdout.take().ok_or("the hub's output is not piped")?);
    let mut line = String::new();
    let read = timeout(PATIENCE, stdout.read_line(&mut line)).await;
    let address = line.trim().strip_prefix("listening on http://").and_then(|address| address.parse().ok());
    let Some(address) = address.filter(|_| matches!(read, Ok(Ok(_)))) else {
        return Err(format!("the hub does not say where it listens: {line}{}", last_words(log)));
    };
    // What it says later is read, so that it never waits for a full pipe.
    tokio::spawn(async move { tokio::io::copy(&mut stdout, &mut tokio::io::sink()).await });
    Ok((child, address))
}

fn last_words(log: &Path) -> String {
    const LINES: usize = 8;
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
