//! What the press is given: a book, and the files that are shown in it.

use std::collections::BTreeMap;
use std::io::Read;

use bytes::Bytes;
use serde::Deserialize;

/// Largest job, bytes.
const JOB_BYTES_MAX: u64 = 192 << 20;
/// Largest book, bytes of its JSON.
const BOOK_BYTES_MAX: usize = 64 << 20;
/// Deepest nesting of the JSON. Each quote or list around a block takes two levels of it or three.
const DEPTH_MAX: usize = 80;
/// Most files.
const FILES_MAX: usize = 10_000;
/// Longest name of a file.
const NAME_BYTES_MAX: usize = 100;

/// A job, in `MessagePack`.
#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    /// A JSON document; `README.md` says what is in it.
    pub(crate) book: Bytes,
    /// Pictures by their names.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, Bytes>,
}

impl Job {
    /// Reads a job, and refuses what is no job.
    pub(crate) fn read(input: &mut impl Read) -> Result<Self, String> {
        let mut bytes = Vec::new();
        let read = input.take(JOB_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.map_err(|error| format!("the job cannot be read: {error}"))?;
        if bytes.len() as u64 > JOB_BYTES_MAX {
            return Err("the job is too large".to_owned());
        }
        let job: Self = rmp_serde::from_slice(&bytes).map_err(|error| format!("this is no job: {error}"))?;
        job.check()?;
        Ok(job)
    }

    fn check(&self) -> Result<(), String> {
        if self.book.len() > BOOK_BYTES_MAX {
            return Err("the book is too large".to_owned());
        }
        if depth(&self.book) > DEPTH_MAX {
            return Err("the book is nested too deeply".to_owned());
        }
        if self.files.len() > FILES_MAX {
            return Err("the book has too many files".to_owned());
        }
        for (name, file) in &self.files {
            if !is_name(name) {
                return Err("a file has a name that files cannot have".to_owned());
            }
            if !is_picture(file) {
                return Err(format!("{name} is no PNG, JPEG, GIF or WebP"));
            }
        }
        Ok(())
    }
}

/// How deep a JSON text is nested; of anything else, something.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// One that means the same in every path.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_plain) && !name.starts_with('.')
}

/// Pixels: what is drawn by instructions could draw for ever.
fn is_picture(file: &[u8]) -> bool {
    let is_webp = file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP");
    is_webp || [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"GIF8"].iter().any(|magic| file.starts_with(magic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depth_of_json_does_not_count_what_is_in_strings() {
        assert_eq!(depth(br#"{"a": [1, {"b": "]]]}}}[[[[\"[["}], "c\\": []}"#), 3);
        assert_eq!(depth(&b"[".repeat(500_000)), 500_000);
        assert_eq!(depth(b"]]]]["), 1);
        assert_eq!(depth(b""), 0);
    }

    #[test]
    fn names_lead_nowhere_else() {
        for name in ["a.png", "0_9-Z.jpeg"] {
            assert!(is_name(name), "{name}");
        }
        let long = "a".repeat(NAME_BYTES_MAX + 1);
        for name in ["", "..", ".hidden", "a/b", "../x", "a\\b", "ä", "a b", "a\0", long.as_str()] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_job_that_is_none_is_refused_with_a_sentence() {
        let read = |bytes: &[u8]| Job::read(&mut &bytes[..]).map(|_| ()).unwrap_err();
        assert!(read(b"").starts_with("this is no job"));
        assert!(read(b"%PDF").starts_with("this is no job"));
        let job = |name: &str, file: &[u8]| {
            let files = BTreeMap::from([(name.to_owned(), Bytes::copy_from_slice(file))]);
            let map = BTreeMap::from([("files", files), ("book", BTreeMap::new())]);
            rmp_serde::to_vec(&map).unwrap()
        };
        assert!(read(&job("x", b"x")).starts_with("this is no job"), "the book is no map");
    }
}
