//! The archive: bounded reading by name, and paths inside it.

use std::collections::HashSet;
use std::io::{Cursor, Read as _};

use memchr::memmem;
use percent_encoding::percent_decode_str;
use zip::ZipArchive;

use super::ImportError;
use super::loss::LossKind;
use super::tree::{self, Element};

/// Entries of one archive.
pub(super) const ENTRIES_MAX: usize = 10_000;
/// One entry, unpacked, in bytes.
pub(super) const ENTRY_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// All entries that are read, unpacked, in bytes.
const INSIDE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// All pictures that are read, unpacked, in bytes.
const PICTURES_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Every entry of the archive's directory begins so.
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";

/// An open archive that knows how much more may be unpacked.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    bytes_left: u64,
    picture_bytes_left: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn open(file: &'a [u8]) -> Result<Self, ImportError> {
        // Counted before the directory is read: reading it takes far more memory than its entries.
        if memmem::find_iter(file, DIRECTORY_ENTRY).nth(ENTRIES_MAX).is_some() {
            return Err(ImportError::TooManyEntries(ENTRIES_MAX));
        }
        let zip = ZipArchive::new(Cursor::new(file)).map_err(|_| ImportError::NotAnArchive)?;
        Ok(Self { zip, bytes_left: INSIDE_BYTES_MAX, picture_bytes_left: PICTURES_BYTES_MAX })
    }

    /// Whether there is an entry of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// The text of an entry; `None` if there is none of this name.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, ImportError> {
        if self.zip.index_for_name(name).is_none() {
            return Ok(None);
        }
        let entry = self.zip.by_name(name).map_err(|_| ImportError::NotAnArchive)?;
        // The announced size may lie, so what comes out is counted.
        let max = ENTRY_BYTES_MAX.min(self.bytes_left);
        let mut bytes = Vec::new();
        entry.take(max + 1).read_to_end(&mut bytes).map_err(|_| ImportError::NotAnArchive)?;
        let length = bytes.len() as u64;
        if length > max {
            return Err(ImportError::TooMuchInside(name.to_owned()));
        }
        self.bytes_left -= length;
        Ok(Some(decode(&bytes)))
    }

    /// The bytes of a picture of at most this size, or why the book is to do without.
    pub(super) fn picture(&mut self, name: &str, bytes_max: usize) -> Result<Vec<u8>, LossKind> {
        let entry = self.zip.by_name(name).map_err(|_| LossKind::Images)?;
        let max = (bytes_max as u64).min(self.picture_bytes_left);
        if entry.size() > max {
            return Err(LossKind::LargeImages);
        }
        let mut bytes = Vec::new();
        let read = entry.take(max + 1).read_to_end(&mut bytes);
        // What came out counts, also where the rest is damaged.
        self.picture_bytes_left = self.picture_bytes_left.saturating_sub(bytes.len() as u64);
        read.map_err(|_| LossKind::Images)?;
        if bytes.len() as u64 > max { Err(LossKind::LargeImages) } else { Ok(bytes) }
    }

    /// An entry as XML.
    pub(super) fn xml(&mut self, name: &str) -> Result<Element, ImportError> {
        let text = self.text(name)?.ok_or_else(|| ImportError::Missing(name.to_owned()))?;
        tree::parse(&text).map_err(|_| ImportError::Malformed(name.to_owned()))
    }

    /// An entry as XML of at most so many tags and texts; `None` if there is none of this name.
    pub(super) fn xml_up_to(&mut self, name: &str, nodes_max: usize) -> Result<Option<Element>, ImportError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        tree::parse_up_to(&text, nodes_max).map(Some).map_err(|_| ImportError::Malformed(name.to_owned()))
    }

    /// The entries that are encrypted (fonts often are, text is in protected books).
    pub(super) fn encrypted_names(&mut self) -> HashSet<String> {
        let Ok(encryption) = self.xml("META-INF/encryption.xml") else { return HashSet::new() };
        let references = encryption.descendants().filter(|element| element.name == "CipherReference");
        references.filter_map(|reference| resolve("", reference.attribute("URI")?)).map(|(path, _)| path).collect()
    }
}

/// Bytes of a document to text: UTF-8, or UTF-16 with a byte order mark.
fn decode(bytes: &[u8]) -> String {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The path and fragment of a link in the file `from`; `None` if it leads out of the archive.
pub(super) fn resolve(from: &str, link: &str) -> Option<(String, Option<String>)> {
    let (path, fragment) = link.split_once('#').map_or((link, None), |(path, fragment)| (path, Some(fragment)));
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let fragment = fragment.filter(|fragment| !fragment.is_empty()).map(decoded);
    if path.is_empty() {
        return Some((from.to_owned(), fragment));
    }
    if path.contains("://") || path.starts_with("mailto:") {
        return None;
    }
    let path = decoded(path);
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty() && *part != ".");
    Some((parts.join("/"), fragment))
}
