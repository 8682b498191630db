//! The press of a hub: a process that reads one book, writes its PDF and ends.
//!
//! `quire-press [--fonts FOLDER] [--memory-bytes N] [--processor-seconds N]`
//!
//! Standard input is a [`job::Job`], standard output is the PDF. What is to be said about it is a plain sentence on each
//! line of standard error; lines that begin with `warning: ` are about a PDF that was made all the same. It ends with 0
//! if there is a PDF.
//!
//! The book comes from people. It is data to a template that is part of this program ([`world`]), never markup; whatever
//! it holds, there is a PDF or a sentence that says why not. What goes wrong beyond that (memory, time) ends this
//! process and no other.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread;

mod arguments;
mod fonts;
mod glyphs;
mod job;
mod limits;
mod pictures;
mod typeset;
mod world;

use arguments::Arguments;
use fonts::Fonts;
use job::Job;

/// Stack of each thread that sets type, bytes: blocks in blocks are set by functions in functions.
const STACK_BYTES: usize = 64 << 20;
/// Most threads that set chapters side by side.
const THREADS_MAX: usize = 4;

fn main() -> ExitCode {
    let made = Arguments::read(std::env::args_os().skip(1)).and_then(run);
    match made.and_then(|pdf| write(&pdf).map_err(|error| format!("the PDF cannot be written: {error}"))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say(&problem);
            ExitCode::FAILURE
        }
    }
}

/// Makes the PDF of the book on standard input.
fn run(arguments: Arguments) -> Result<Vec<u8>, String> {
    limits::set(arguments.limits).map_err(|error| format!("the limits cannot be set: {error}"))?;
    std::panic::set_hook(Box::new(|panic| {
        // Not what it says: that may hold what somebody wrote.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        say(&format!("the typesetter failed at {place}"));
    }));
    let job = Job::read(&mut io::stdin().lock())?;
    aside(move || {
        let fonts = Fonts::load(arguments.fonts.as_deref())?;
        typeset::pdf(job, fonts)
    })
    .map(|set| {
        set.warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
        set.pdf
    })
}

/// Does something on threads whose stacks are large.
fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, String> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES);
    pool.build_global().map_err(|error| format!("no threads can be started: {error}"))?;
    let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn(work);
    let worker = worker.map_err(|error| format!("no thread can be started: {error}"))?;
    worker.join().unwrap_or_else(|_| Err("the book cannot be set".to_owned()))
}

fn write(pdf: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(pdf)?;
    output.flush()
}

/// A line on standard error. If nobody listens, there is nobody to tell.
fn say(line: &str) {
    let line = line.replace(['\n', '\r'], " ");
    let _heard = writeln!(io::stderr(), "{line}");
}
