//! The press: a program that sets a book in type, started anew for each PDF.
//!
//! It is a crate of its own (`press/`), so that building and testing the hub takes nothing of a typesetter. What it is
//! given and what it may use is bounded here and there; whatever happens to it is a [`Failed`] here.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::time::timeout;

#[cfg(test)]
mod tests;

/// What the program is called.
pub const PROGRAM: &str = "quire-press";
/// Longest from a job to its PDF.
const DEADLINE: Duration = Duration::from_secs(45);
/// Address space of a press, bytes.
const MEMORY_BYTES: u64 = 2 << 30;
/// Processor time of a press, seconds: on every processor together.
const PROCESSOR_SECONDS: u64 = 90;
/// Largest PDF, bytes.
const PDF_BYTES_MAX: usize = 128 << 20;
/// Most that a press may say, bytes.
const SAID_BYTES_MAX: usize = 64 << 10;
/// Longest sentence of a press that people are told, in characters.
const SENTENCE_CHARS_MAX: usize = 300;

/// Whoever sets books: the press, or a test's stand-in without processes.
pub trait Sets: Send + Sync + 'static {
    /// There is a program to start.
    fn is_there(&self) -> bool;

    /// Makes a PDF from what [`crate::export::press`] wrote. Dropping the future ends the work.
    fn set(&self, job: Vec<u8>) -> BoxFuture<'_, Result<Pdf, Failed>>;
}

/// A book in type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdf {
    /// The file.
    pub file: Bytes,
    /// What is wrong with it all the same, a sentence each.
    pub warnings: Vec<String>,
}

/// How the press is started.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is.
    pub program: PathBuf,
    /// What it is told.
    pub arguments: Vec<OsString>,
    /// Longest from a job to its PDF.
    pub deadline: Duration,
    /// Largest PDF, bytes.
    pub pdf_bytes_max: usize,
}

impl Settings {
    /// The press at this path, with the fonts of a folder besides its own.
    pub fn new(program: impl Into<PathBuf>, fonts: Option<&Path>) -> Self {
        let memory = ["--memory-bytes".into(), MEMORY_BYTES.to_string().into()];
        let processor = ["--processor-seconds".into(), PROCESSOR_SECONDS.to_string().into()];
        let fonts = fonts.into_iter().flat_map(|folder| ["--fonts".into(), folder.as_os_str().to_owned()]);
        Self {
            program: program.into(),
            arguments: memory.into_iter().chain(processor).chain(fonts).collect(),
            deadline: DEADLINE,
            pdf_bytes_max: PDF_BYTES_MAX,
        }
    }
}

/// The program.
#[derive(Clone, Debug)]
pub struct Press(Settings);

impl Press {
    /// It is looked for when there is a book to set, so that it may come later than the hub.
    pub fn new(settings: Settings) -> Self {
        Self(settings)
    }

    async fn work(&self, job: &[u8]) -> Result<Pdf, Failed> {
        if !self.is_there() {
            return Err(Failed::Missing);
        }
        let mut child = self.start().map_err(|error| Failed::Unavailable(error.to_string()))?;
        let answer = timeout(self.0.deadline, self.converse(&mut child, job)).await.unwrap_or(Err(Failed::Overdue));
        if answer.is_err() {
            // Until it is gone it takes memory and time that the next one needs. It may have ended by itself.
            let _gone = child.kill().await;
        }
        answer
    }

    fn start(&self) -> io::Result<Child> {
        Command::new(&self.0.program)
            .args(&self.0.arguments)
            // Whoever takes over a press by its input finds no secrets there.
            .env_clear()
            // What a terminal tells the hub is not for its children.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }

    async fn converse(&self, child: &mut Child, job: &[u8]) -> Result<Pdf, Failed> {
        let mut input = child.stdin.take().expect("it is piped");
        let (output, errors) = (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
        let feed = async move {
            // A press that does not want all of it says why.
            let _fed = input.write_all(job).await;
            Ok(())
        };
        let read = (read(output, self.0.pdf_bytes_max), read(errors, SAID_BYTES_MAX));
        let ((), file, said) = tokio::try_join!(feed, read.0, read.1)?;
        let status = child.wait().await.map_err(|error| Failed::Died(error.to_string()))?;
        judge(status, file, &String::from_utf8_lossy(&said))
    }
}

impl Sets for Press {
    fn is_there(&self) -> bool {
        self.0.program.is_file()
    }

    fn set(&self, job: Vec<u8>) -> BoxFuture<'_, Result<Pdf, Failed>> {
        async move { self.work(&job).await }.boxed()
    }
}

/// All that comes, unless it is too much.
async fn read(from: impl AsyncRead + Unpin, most: usize) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    let read = from.take(most as u64 + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| Failed::Died(error.to_string()))?;
    if bytes.len() > most { Err(Failed::TooLarge) } else { Ok(bytes) }
}

fn judge(status: ExitStatus, file: Vec<u8>, said: &str) -> Result<Pdf, Failed> {
    let mut lines = said.lines().map(sentence).filter(|line| !line.is_empty());
    if status.success() {
        let warnings = lines.filter_map(|line| line.strip_prefix("warning: ").map(str::to_owned)).collect();
        let is_pdf = file.starts_with(b"%PDF-");
        return if is_pdf { Ok(Pdf { file: file.into(), warnings }) } else { Err(Failed::Garbled) };
    }
    match (status.code(), lines.next_back()) {
        (Some(_), Some(why)) => Err(Failed::Refused(why)),
        _ => Err(Failed::Died(status.to_string())),
    }
}

/// What somebody can be told of a line.
fn sentence(line: &str) -> String {
    line.trim().chars().filter(|char| !char.is_control()).take(SENTENCE_CHARS_MAX).collect()
}

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// There is no such program.
    Missing,
    /// It cannot be started; why.
    Unavailable(String),
    /// It refused the book; its sentence.
    Refused(String),
    /// It was killed, or ended without a word; how.
    Died(String),
    /// It took too long, and was killed.
    Overdue,
    /// It wrote more than any book has, and was killed.
    TooLarge,
    /// It wrote something else.
    Garbled,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(
                f,
                "this hub has no press, which makes PDFs; whoever runs it gets one with \
                 `cargo build --release -p {PROGRAM}` and puts it beside quire, or names it with --press"
            ),
            Self::Unavailable(why) => write!(f, "the press cannot be started: {why}"),
            Self::Refused(why) => f.write_str(why),
            Self::Died(how) => write!(f, "the press died over this book: {how}"),
            Self::Overdue => f.write_str("the press takes too long over this book"),
            Self::TooLarge => f.write_str("the PDF of this book is too large"),
            Self::Garbled => f.write_str("the press made something that is no PDF"),
        }
    }
}

impl std::error::Error for Failed {}
