//! The file under the database, watched: a failed sync must be noticed as such.
//!
//! After a failed fsync the kernel may have dropped the pages that it could not write and still show them to readers
//! of the file. Nothing read back in this process can be trusted then, so the store is over; the next process reads
//! what really is on the disk (R8).

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;

use redb::StorageBackend;
use redb::backends::FileBackend;
use tokio_util::sync::CancellationToken;

/// Opens the file of the database, making an empty one if there is none. Tests put faults in between.
pub(crate) type OpenDisk = Arc<dyn Fn(&Path) -> io::Result<Box<dyn StorageBackend>> + Send + Sync>;

/// The plain file.
pub(crate) fn plain_file() -> OpenDisk {
    Arc::new(|path| {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        Ok(Box::new(FileBackend::new(file).map_err(io::Error::other)?))
    })
}

/// Passes everything on and cancels `sync_failed` when a sync fails. It takes no locks: the store's own lock file
/// excludes other processes, also while the database is closed and opened again.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) disk: Box<dyn StorageBackend>,
    pub(super) sync_failed: CancellationToken,
}

impl StorageBackend for Watched {
    fn len(&self) -> io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.sync_data().inspect_err(|error| {
            tracing::error!(%error, "the disk did not take what was written: the store is over");
            self.sync_failed.cancel();
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.disk.close()
    }
}
