//! Chooses what to do, and does it.

use std::error::Error;
use std::fs::File;
use std::io::{self, Write as _};
use std::process::ExitCode;

use quire::config::{self, Stop, Task};
use quire::{backup, import, remote, serve};

fn main() -> ExitCode {
    let task = match config::from_process() {
        Ok(task) => task,
        Err(Stop::Help(text)) => return say(io::stdout(), &text, ExitCode::SUCCESS),
        Err(Stop::Problems(problems)) => return say(io::stderr(), &problems.to_string(), ExitCode::from(2)),
    };
    match run(task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => say(io::stderr(), &format!("quire: {error}"), ExitCode::FAILURE),
    }
}

fn run(task: Task) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match task {
        Task::Serve(settings) => runtime.block_on(serve::serve(*settings)),
        Task::Import { file, owner, data_dir } => {
            let mut book = import::read_epub(&std::fs::read(file)?)?;
            book.claim = Some(quire_protocol::event::Claim::Address(owner));
            let id = runtime.block_on(serve::import(&data_dir, book))?;
            Ok(writeln!(io::stdout(), "{id}")?)
        }
        Task::ImportRemote { file, url, caller } => {
            let id = remote::import(&url, &file, caller)?;
            Ok(writeln!(io::stdout(), "{id}")?)
        }
        Task::Dump { data_dir, file: Some(file) } => {
            let mut out = File::create_new(file)?;
            runtime.block_on(backup::dump(&data_dir, &mut out))?;
            Ok(out.sync_all()?)
        }
        Task::Dump { data_dir, file: None } => Ok(runtime.block_on(backup::dump(&data_dir, &mut io::stdout()))?),
        Task::Load { file, data_dir } => Ok(backup::load(&data_dir, File::open(file)?)?),
    }
}

fn say(mut to: impl io::Write, text: &str, code: ExitCode) -> ExitCode {
    // Nobody may be there to read it; the exit code says enough.
    drop(writeln!(to, "{text}"));
    code
}
