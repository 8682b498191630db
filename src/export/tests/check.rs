//! Readers that are not ours.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::Event;

/// A run that must not go without the checker sets this.
const NEEDED: &str = "EPUBCHECK_NEEDED";
/// What the checker says in the end. As the Python package installs it, it says nothing but what it finds.
const VERDICT: &str = "No errors or warnings detected";

/// `EPUBCheck` finds neither an error nor a warning. Where it is not installed this says so and checks nothing.
pub(super) fn epubcheck(book: &[u8]) {
    let Some(mut checker) = checker() else {
        let is_needed = std::env::var_os(NEEDED).is_some_and(|value| value == "1");
        assert!(!is_needed, "{NEEDED} is 1, and no epubcheck is on the path");
        let mut stderr = std::io::stderr();
        std::io::Write::write_all(&mut stderr, b"NOT CHECKED: no epubcheck is on the path\n").unwrap();
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("book.epub");
    std::fs::write(&file, book).unwrap();
    let output = checker.arg(&file).output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let is_clean = output.status.success() && (said.contains(VERDICT) || said.trim().is_empty());
    assert!(is_clean, "epubcheck: {}", said.chars().take(8000).collect::<String>());
}

/// Debian installs an archive of Java, which some systems run as it is and others do not.
fn checker() -> Option<Command> {
    let path = std::env::var_os("PATH")?;
    let program = std::env::split_paths(&path).map(|folder| folder.join("epubcheck")).find(|path| path.is_file())?;
    let program = program.canonicalize().ok()?;
    if !is_java(&program) {
        return Some(Command::new(program));
    }
    let mut java = Command::new("java");
    java.arg("-jar").arg(program);
    Some(java)
}

fn is_java(program: &Path) -> bool {
    let mut magic = [0; 2];
    std::fs::File::open(program).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && magic == *b"PK"
}

/// The names and texts of the files in an archive.
pub(super) fn files(archive: &[u8]) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().to_string(), text)
        })
        .collect()
}

/// The text of one of them.
pub(super) fn file(archive: &[u8], name: &str) -> String {
    files(archive).into_iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}")).1
}

/// The text in XML, if it is well-formed: everything ends where it began, no reference but the five, no character that
/// must not be there.
pub(super) fn text_of_xml(xml: &str) -> String {
    let allowed =
        |char: char| matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(allowed), "a character that XML forbids");
    let mut reader = Reader::from_str(xml);
    let (mut text, mut depth) = (String::new(), 0_u32);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                start.attributes().for_each(|attribute| drop(attribute.unwrap()));
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Text(more) => text.push_str(&more),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().unwrap() {
                Some(char) => text.push(char),
                None => text.push_str(quick_xml::escape::resolve_predefined_entity(&reference).unwrap()),
            },
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "an element that does not end");
    text
}

/// What is left of a text when all blanks are gone: what may differ between two kinds of files.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}
