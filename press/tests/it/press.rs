//! The program, and what others read in its PDFs.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value as Json;

/// A run that must not go without readers of PDFs sets this.
const NEEDED: &str = "PDFTOTEXT_NEEDED";

#[derive(Serialize)]
struct Job {
    book: Bytes,
    files: BTreeMap<String, Bytes>,
}

/// What came out.
pub(crate) struct Printed {
    pub(crate) pdf: Vec<u8>,
    /// The lines that it said.
    pub(crate) said: Vec<String>,
}

/// A job in `MessagePack`.
pub(crate) fn job(book: &Json, files: &[(&str, &[u8])]) -> Vec<u8> {
    let files = files.iter().map(|(name, file)| ((*name).to_owned(), Bytes::copy_from_slice(file))).collect();
    rmp_serde::to_vec_named(&Job { book: book.to_string().into(), files }).unwrap()
}

/// Runs the press to its end.
pub(crate) fn runs(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quire-press"));
    command.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // It may refuse before it has read everything.
    let feeding = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    output
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stderr).lines().map(ToOwned::to_owned).collect()
}

/// There is a PDF of this book.
#[track_caller]
pub(crate) fn prints(book: &Json) -> Printed {
    prints_with(&[], &job(book, &[]))
}

#[track_caller]
pub(crate) fn prints_with(arguments: &[&str], job: &[u8]) -> Printed {
    let output = runs(arguments, job);
    let said = lines(&output);
    assert!(output.status.success(), "{said:?}");
    assert!(said.iter().all(|line| line.starts_with("warning: ")), "{said:?}");
    assert!(output.stdout.starts_with(b"%PDF-") && output.stdout.trim_ascii_end().ends_with(b"%%EOF"));
    Printed { pdf: output.stdout, said }
}

/// There is none, and one sentence says why.
#[track_caller]
pub(crate) fn refuses(job: &[u8]) -> String {
    let output = runs(&[], job);
    let said = lines(&output);
    assert_eq!(output.status.code(), Some(1), "{said:?}");
    assert!(output.stdout.is_empty() && said.len() == 1, "{said:?}");
    said.into_iter().next().unwrap()
}

impl Printed {
    /// What a reader reads on each page; `None`, and a word about it, where there is no reader.
    pub(crate) fn pages(&self) -> Option<Vec<String>> {
        let text = self.read_by("pdftotext", &["-layout"], &["-"])?;
        let mut pages: Vec<String> = text.split('\u{c}').map(ToOwned::to_owned).collect();
        pages.pop();
        Some(pages)
    }

    /// Its fonts, a line each.
    pub(crate) fn fonts(&self) -> Option<Vec<String>> {
        let table = self.read_by("pdffonts", &[], &[])?;
        Some(table.lines().skip(2).map(ToOwned::to_owned).collect())
    }

    /// What it says about itself.
    pub(crate) fn about(&self) -> Option<String> {
        self.read_by("pdfinfo", &[], &[])
    }

    fn read_by(&self, reader: &str, before: &[&str], after: &[&str]) -> Option<String> {
        let Some(reader) = found(reader) else {
            let is_needed = std::env::var_os(NEEDED).is_some_and(|value| value == "1");
            assert!(!is_needed, "{NEEDED} is 1, and no {reader} is on the path");
            std::io::stderr().write_all(format!("NOT CHECKED: no {reader} is on the path\n").as_bytes()).unwrap();
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("book.pdf");
        std::fs::write(&file, &self.pdf).unwrap();
        let output = Command::new(reader).args(before).arg(&file).args(after).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(String::from_utf8(output.stdout).unwrap())
    }
}

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| Path::is_file(path))
}
