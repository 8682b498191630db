//! Chooses what to do, and does it.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use quire::backup::{self, Epochs};
use quire::config::{self, Stop, Task};
use quire::import::Tell;
use quire::{import, probe, scribe, serve};
use quire_protocol::Limits;

fn main() -> ExitCode {
    let task = match config::from_process() {
        Ok(task) => task,
        Err(Stop::Usage(answer)) => {
            // Nobody may be there to read it; the exit code says enough.
            drop(answer.print());
            return ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(2));
        }
        Err(Stop::Problems(problems)) => return say(io::stderr(), &format!("quire: {problems}"), ExitCode::from(2)),
    };
    match run(task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => say(io::stderr(), &format!("quire: {}", whole(error.as_ref())), ExitCode::FAILURE),
    }
}

fn run(task: Task) -> Result<(), Box<dyn Error>> {
    if matches!(task, Task::Scribe) {
        // One job at a time, within limits that threads of a runtime would count against.
        return Ok(scribe::child::run()?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match task {
        Task::Serve(settings) => runtime.block_on(serve::serve(*settings)),
        Task::Import { file, owner, into } => {
            let terminal = Terminal::here();
            let tell = terminal.tell();
            let book = import::read_within(&read(&file)?, file.to_str(), &Limits::default(), &tell)?;
            let report: Vec<String> = book.report.iter().map(ToString::to_string).collect();
            let id = runtime.block_on(serve::import(into, book, owner, tell))?;
            drop(terminal);
            brought(id.as_str(), &report)
        }
        Task::ImportRemote { file, url, caller } => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let (terminal, file) = (Terminal::here(), read(&file)?);
            let brought_in = import::import_remotely(&url, &caller, &name, &file, &terminal.tell());
            drop(terminal);
            let import::Brought { book, report } = brought_in?;
            brought(&book, &report)
        }
        Task::Dump { data_dir, file: Some(file) } => {
            let mut out = File::create_new(&file).map_err(|error| cannot("write", &file, &error))?;
            backup::dump_directory(&data_dir, &mut out)?;
            Ok(out.sync_all()?)
        }
        Task::Dump { data_dir, file: None } => Ok(backup::dump_directory(&data_dir, io::stdout().lock()).map(drop)?),
        Task::Load { file, data_dir } => {
            let input = File::open(&file).map_err(|error| cannot("read", &file, &error))?;
            Ok(backup::load(&data_dir, BufReader::new(input), Epochs::Renewed).map(drop)?)
        }
        Task::Scribe => unreachable!("it has no runtime"),
        Task::Probe { url } => Ok(probe::probe(&url)?),
    }
}

/// Where people see how far an import is, in a line that goes when it is over.
struct Terminal {
    is_there: bool,
}

impl Terminal {
    /// What stands behind the cursor goes.
    const CLEAR: &str = "\r\x1b[K";

    fn here() -> Self {
        Self { is_there: io::stderr().is_terminal() }
    }

    fn tell(&self) -> Tell {
        if !self.is_there {
            return import::tell_nobody();
        }
        // The line is a courtesy: an import does not fail for it.
        Arc::new(|progress| drop(write!(io::stderr(), "{}{progress}", Self::CLEAR)))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.is_there {
            drop(write!(io::stderr(), "{}", Self::CLEAR));
        }
    }
}

/// Tells which book it became, and beside that what was lost on the way.
fn brought(book: &str, report: &[String]) -> Result<(), Box<dyn Error>> {
    for loss in report {
        writeln!(io::stderr(), "quire: {loss}")?;
    }
    Ok(writeln!(io::stdout(), "{book}")?)
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| cannot("read", file, &error))
}

fn cannot(what: &str, file: &Path, error: &io::Error) -> String {
    format!("cannot {what} {}: {error}", file.display())
}

fn say(mut to: impl io::Write, text: &str, code: ExitCode) -> ExitCode {
    // Nobody may be there to read it; the exit code says enough.
    drop(writeln!(to, "{text}"));
    code
}

/// An error with what caused it.
fn whole(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error: &&dyn Error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
