//! Files in a ZIP archive whose bytes depend on nothing else.

use std::io::{Cursor, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use super::ExportError;

/// An archive in the making.
pub(super) struct Archive(ZipWriter<Cursor<Vec<u8>>>);

impl Archive {
    pub(super) fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    /// A file, as small as it gets.
    pub(super) fn add(&mut self, name: &str, content: &str) -> Result<(), ExportError> {
        self.write(name, content.as_bytes(), CompressionMethod::Deflated)
    }

    /// A file as it is, for those who look for it at its place in the archive.
    pub(super) fn add_stored(&mut self, name: &str, content: &str) -> Result<(), ExportError> {
        self.write(name, content.as_bytes(), CompressionMethod::Stored)
    }

    /// A file that does not get smaller.
    pub(super) fn add_bytes(&mut self, name: &str, content: &[u8]) -> Result<(), ExportError> {
        self.write(name, content, CompressionMethod::Stored)
    }

    pub(super) fn into_bytes(self) -> Result<Vec<u8>, ExportError> {
        self.0.finish().map(Cursor::into_inner).map_err(|error| ExportError(Some(error)))
    }

    fn write(&mut self, name: &str, content: &[u8], method: CompressionMethod) -> Result<(), ExportError> {
        // The earliest time there is: the default depends on what else is compiled in.
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        self.0.start_file(name, options).map_err(|error| ExportError(Some(error)))?;
        self.0.write_all(content).map_err(|error| ExportError(Some(error.into())))
    }
}
