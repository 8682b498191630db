//! A backup of a hub that runs, over a socket in its data directory.
//!
//! Whoever may open `control.sock` may read everything, so it has the mode 0600 before it has its name. One backup is
//! written at a time; the next one waits for its turn.

use std::fs::{self, Permissions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixListener;

use super::format::{self, Counts, Lines, Raw};
use super::{DumpError, LoadError, dump};
use crate::clock::Clock;
use crate::store::embedded::Embedded;

/// A reader that takes nothing for this long is given up: its backup keeps old pages of the database alive.
const WRITE_TIMEOUT: Duration = Duration::from_mins(1);
/// Pause after an accept that failed, as when there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Answers connections to the control socket with a backup.
#[derive(Debug)]
pub struct ControlServer {
    listener: UnixListener,
    path: PathBuf,
    store: Arc<Embedded>,
    clock: Clock,
}

impl ControlServer {
    /// Listens in the data directory of this store. A socket that a dead hub left is replaced: who has the store open
    /// holds the directory's lock, so there is no other living one.
    pub fn bind(directory: &Path, store: Arc<Embedded>, clock: Clock) -> io::Result<Self> {
        let path = socket_path(directory);
        // Made where nobody else can look, so that it is never open to others, not even for a moment.
        let hidden = directory.join("control.new");
        match fs::remove_dir_all(&hidden) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::DirBuilder::new().mode(0o700).create(&hidden)?,
        }
        let listener = UnixListener::bind(hidden.join("s"))?;
        fs::set_permissions(hidden.join("s"), Permissions::from_mode(0o600))?;
        fs::rename(hidden.join("s"), &path)?;
        fs::remove_dir(&hidden)?;
        Ok(Self { listener, path, store, clock })
    }

    /// Serves until it is dropped. A backup that is being written then is finished.
    pub async fn run(self) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    if let Err(error) = self.serve(stream).await {
                        tracing::warn!(%error, "a backup was not finished");
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the control socket cannot accept");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn serve(&self, stream: tokio::net::UnixStream) -> io::Result<()> {
        let stream = stream.into_std()?;
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
        let (store, clock) = (Arc::clone(&self.store), self.clock.clone());
        let written = tokio::task::spawn_blocking(move || match dump(&store, &clock, BufWriter::new(&stream)) {
            Ok(counts) => {
                tracing::info!(?counts, "a backup was written");
                Ok(())
            }
            Err(DumpError::Io(error)) => Err(error),
            Err(error) => format::write_failure(&stream, error.to_string()),
        });
        written.await?
    }
}

impl Drop for ControlServer {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "the control socket stays behind");
        }
    }
}

/// Writes a backup of the hub that runs on this data directory. Blocks.
pub fn dump_running(directory: &Path, mut out: impl Write) -> Result<Counts, DumpError> {
    let stream = UnixStream::connect(socket_path(directory)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => DumpError::NoHub(directory.to_owned()),
        _ => DumpError::Io(error),
    })?;
    let mut lines = Lines::new(BufReader::new(stream));
    loop {
        match lines.next_line().map_err(incomplete)? {
            Raw::Line(bytes) => {
                if let Some(why) = lines.failure(&bytes) {
                    return Err(DumpError::Incomplete(why));
                }
                out.write_all(&bytes)?;
            }
            Raw::End(bytes, sum) => {
                let counts = lines.check_end(&bytes, &sum).map_err(incomplete)?;
                out.write_all(&bytes)?;
                out.flush()?;
                return Ok(counts);
            }
        }
    }
}

fn incomplete(error: LoadError) -> DumpError {
    match error {
        LoadError::Io(error) => DumpError::Io(error),
        error => DumpError::Incomplete(error.to_string()),
    }
}

fn socket_path(directory: &Path) -> PathBuf {
    directory.join("control.sock")
}
