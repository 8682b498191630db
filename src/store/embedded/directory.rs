//! The data directory: who may use it, and whether data was ever there (R6).
//!
//! | file | what |
//! |---|---|
//! | `quire.lock` | empty; the process that uses the directory holds a lock on it |
//! | `quire.redb` | the database; made under the name `quire.redb.new`, so that it is whole when it has its name |
//! | `quire.marker` | written once, when the database is there: the name of the store and its format |

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{Builder, Database, DatabaseError, StorageError};
use tokio_util::sync::CancellationToken;

use super::OpenError;
use super::disk::{OpenDisk, Watched};
use super::tables;

/// The database's file in the data directory.
pub(crate) const FILE: &str = "quire.redb";
/// What the database keeps in memory of the file, at most.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// First word of the marker.
const MARKER_FORMAT: &str = "quire-store-1";
/// The marker is one line; whatever is longer is not a marker.
const MARKER_BYTES_MAX: u64 = 256;

/// A data directory that this process alone uses until this is dropped.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    /// Held, never read: the lock goes with the file.
    _lock: File,
}

impl Directory {
    /// Makes the directory if need be, and takes it.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Io { file: path.to_owned(), source };
        fs::create_dir_all(path).map_err(failed)?;
        let lock_path = path.join("quire.lock");
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&lock_path);
        let lock = lock.map_err(|source| OpenError::Io { file: lock_path.clone(), source })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(OpenError::Io { file: lock_path, source }),
        }
    }

    pub(crate) fn database_path(&self) -> PathBuf {
        self.path.join(FILE)
    }

    fn marker_path(&self) -> PathBuf {
        self.path.join("quire.marker")
    }

    /// Whether a store was ever here.
    pub(crate) fn is_used(&self) -> Result<bool, OpenError> {
        Ok(exists(&self.marker_path())? || exists(&self.database_path())?)
    }

    /// Opens the database that is here, or a new one if there never was any.
    pub(super) fn open(&self, open_disk: &OpenDisk, sync_failed: &CancellationToken) -> Result<Database, OpenError> {
        let marked = self.read_marker()?;
        let path = self.database_path();
        if !exists(&path)? {
            if marked.is_some() {
                // R6: lost is not absent.
                return Err(damaged(&path, "no such file, though the store's marker says that one was made"));
            }
            self.create(open_disk, |_| Ok(()))?;
        }
        let database = open_database(&path, open_disk, sync_failed)?;
        let name = tables::store_name(&database).map_err(|found| damaged(&path, found))?;
        match marked {
            Some(marked) if marked != name => {
                Err(damaged(&path, format!("the store {name}, while the marker names {marked}")))
            }
            Some(_) => Ok(database),
            // The process ended between the making of the database and the writing of the marker.
            None => self.write_marker(&name).map(|()| database),
        }
    }

    /// Makes the database with what `fill` puts in. It gets its name only when all of that is durable; a failure
    /// leaves the directory without a store, as it was.
    pub(crate) fn create<E: From<OpenError>>(
        &self,
        open_disk: &OpenDisk,
        fill: impl FnOnce(&Database) -> Result<(), E>,
    ) -> Result<(), E> {
        let path = self.path.join("quire.redb.new");
        let io_failed = |source| OpenError::Io { file: path.clone(), source };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_failed(error).into()),
            _ => {}
        }
        let made = self.make(&path, open_disk, fill);
        if made.is_err()
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(%error, file = %path.display(), "an unfinished database stays behind");
        }
        let name = made?;
        fs::rename(&path, self.database_path()).and_then(|()| self.sync()).map_err(io_failed)?;
        Ok(self.write_marker(&name)?)
    }

    fn make<E: From<OpenError>>(
        &self,
        path: &Path,
        open_disk: &OpenDisk,
        fill: impl FnOnce(&Database) -> Result<(), E>,
    ) -> Result<String, E> {
        let name = format!("{:016x}", getrandom::u64().map_err(|error| self.failed(io::Error::other(error)))?);
        let database = open_database(path, open_disk, &CancellationToken::new())?;
        tables::create(&database, &name).map_err(|error| self.failed(io::Error::other(error)))?;
        fill(&database)?;
        database.close().map_err(|error| self.failed(io::Error::other(error)))?;
        Ok(name)
    }

    fn failed(&self, source: io::Error) -> OpenError {
        OpenError::Io { file: self.path.clone(), source }
    }

    /// The name of the store that was made here.
    fn read_marker(&self) -> Result<Option<String>, OpenError> {
        let path = self.marker_path();
        let failed = |source| OpenError::Io { file: path.clone(), source };
        if !exists(&path)? {
            return Ok(None);
        }
        if fs::metadata(&path).map_err(failed)?.len() > MARKER_BYTES_MAX {
            return Err(damaged(&path, "more than a marker holds"));
        }
        let bytes = fs::read(&path).map_err(failed)?;
        let text = String::from_utf8_lossy(&bytes);
        let name = text.strip_prefix(MARKER_FORMAT).and_then(|rest| rest.strip_prefix(' ')).map(str::trim_end);
        name.map(|name| Some(name.to_owned())).ok_or_else(|| damaged(&path, format!("{text:?}")))
    }

    fn write_marker(&self, name: &str) -> Result<(), OpenError> {
        let (path, new) = (self.marker_path(), self.path.join("quire.marker.new"));
        let written = (|| {
            let mut file = File::create(&new)?;
            writeln!(file, "{MARKER_FORMAT} {name}")?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            self.sync()
        })();
        written.map_err(|source| OpenError::Io { file: path, source })
    }

    /// Makes new names in the directory durable.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

/// Opens a database and checks every page of it. That reads the whole file, at about 0.4 s for a gigabyte; in return
/// damage is found here and not by whoever reads a book, and the file is not written before it was found sound.
pub(super) fn open_database(
    path: &Path,
    open_disk: &OpenDisk,
    sync_failed: &CancellationToken,
) -> Result<Database, OpenError> {
    let io_failed = |source| OpenError::Io { file: path.to_owned(), source };
    let is_new = path.extension().is_some_and(|extension| extension == "new");
    let disk = open_disk(path).map_err(io_failed)?;
    if !is_new && disk.len().map_err(io_failed)? == 0 {
        return Err(damaged(path, "an empty file"));
    }
    let disk = Watched { disk, sync_failed: sync_failed.clone() };
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true).set_repair_callback(|session| {
        // Only a second pass gets here: the last commit was torn by a crash, so nobody was told that it is durable.
        if session.progress() > 0.0 {
            tracing::info!(progress = session.progress(), "the store was not closed: checking it");
        }
    });
    // The library asserts its way through some kinds of damage.
    match catch_unwind(AssertUnwindSafe(|| builder.create_with_backend(disk))) {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(DatabaseError::Storage(StorageError::Io(source)))) if !is_bad_data(&source) => Err(io_failed(source)),
        Ok(Err(error)) => Err(damaged(path, error.to_string())),
        Err(panic) => Err(damaged(path, tables::panic_text(&*panic))),
    }
}

/// Whether an error says what the file contains rather than how the disk is.
fn is_bad_data(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

fn damaged(file: &Path, found: impl Into<String>) -> OpenError {
    OpenError::Damaged { file: file.to_owned(), found: found.into() }
}

fn exists(path: &Path) -> Result<bool, OpenError> {
    path.try_exists().map_err(|source| OpenError::Io { file: path.to_owned(), source })
}
