//! The child's side: takes jobs from standard input one at a time and answers on standard output, until the hub closes
//! the pipe.

use std::io::{self, Read, Write};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

use super::{Done, Failed, Job, frame, work};

#[cfg(test)]
mod tests;

/// Stack of the thread that works, bytes. The library recurses with the depth of the values in an update.
const STACK_BYTES: usize = 64 << 20;

/// Where the last panic was. Not what it said: that may hold what somebody wrote.
static PANICKED_AT: Mutex<String> = Mutex::new(String::new());

/// What a child may use. The first message to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Address space, bytes.
    pub memory_bytes: u64,
    /// Processor time in its life, seconds.
    pub processor_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 1 << 30, processor_seconds: 60 }
    }
}

impl Limits {
    fn set(self) -> io::Result<()> {
        lower(Resource::As, self.memory_bytes)?;
        lower(Resource::Cpu, self.processor_seconds)?;
        // What a child had in memory is somebody's text, and nobody looks for it on a disk.
        lower(Resource::Core, 0)
    }
}

/// Limits a resource, for good; or less, if less is allowed already.
fn lower(resource: Resource, wanted: u64) -> io::Result<()> {
    let allowed = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let limit = Some(wanted.min(allowed));
    Ok(setrlimit(resource, Rlimit { current: limit, maximum: limit })?)
}

/// Runs a child in this process, which should do nothing else. Ends when the hub closes the pipe.
pub fn run() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let Some(limits) = frame::read::<Limits>(&mut input)? else { return Ok(()) };
    limits.set()?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        *PANICKED_AT.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }));
    serve(&mut input, &mut io::stdout().lock(), work::perform)
}

/// Answers jobs until there are no more.
fn serve(input: &mut impl Read, output: &mut impl Write, perform: fn(Job) -> Result<Done, Failed>) -> io::Result<()> {
    while let Some(job) = frame::read(input)? {
        let answer = aside(move || perform(job))?;
        let too_large = || frame::pack(&Err::<Done, Failed>(Failed::TooLarge)).expect("it is short");
        frame::write(output, &frame::pack(&answer).unwrap_or_else(too_large))?;
        if matches!(answer, Err(Failed::Panicked(_))) {
            // Whatever the library keeps between jobs may be half done.
            return Ok(());
        }
    }
    Ok(())
}

/// Does something on a thread of its own, whose stack is large.
fn aside(work: impl FnOnce() -> Result<Done, Failed> + Send + 'static) -> io::Result<Result<Done, Failed>> {
    let worker = thread::Builder::new().name("scribe".to_owned()).stack_size(STACK_BYTES).spawn(work)?;
    Ok(worker
        .join()
        .unwrap_or_else(|_| Err(Failed::Panicked(PANICKED_AT.lock().unwrap_or_else(PoisonError::into_inner).clone()))))
}
