//! What kind of file it is: by its bytes where they tell, else by its name.

use super::archive::{Archive, ENTRY_BYTES_MAX};
use super::{ImportError, docx, encoding};

/// How an archive begins, also one without entries.
const ARCHIVE_STARTS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// Largest file that is one text, in bytes: as large as a text in an archive.
pub(super) const TEXT_FILE_BYTES_MAX: u64 = ENTRY_BYTES_MAX;
/// What a page begins with if it leaves out `<html>`.
const PAGE_STARTS: [&str; 14] = [
    "<head", "<body", "<title", "<meta", "<div", "<p>", "<p ", "<h1", "<h2", "<section", "<article", "<main",
    "<header", "<table",
];

/// A file whose kind is known.
pub(super) enum Found<'a> {
    Epub,
    /// Open, with the path of the main document.
    Docx(Archive<'a>, String),
    Markdown(String),
    Html(String),
    Plain(String),
}

pub(super) fn detect<'a>(file: &'a [u8], name: Option<&str>) -> Result<Found<'a>, ImportError> {
    if ARCHIVE_STARTS.iter().any(|start| file.starts_with(start)) {
        return archive(file);
    }
    let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_ascii_lowercase());
    let ending = ending.as_deref().unwrap_or_default();
    if matches!(ending, "epub" | "docx") {
        return Err(ImportError::Damaged);
    }
    if file.len() as u64 > TEXT_FILE_BYTES_MAX {
        return Err(ImportError::TooMuchInside("the text".to_owned()));
    }
    let is_text = matches!(ending, "md" | "markdown" | "txt" | "text" | "html" | "htm" | "xhtml");
    let text = encoding::text(file, is_text || is_page(&String::from_utf8_lossy(&file[..file.len().min(1024)])))?;
    if text.trim().is_empty() {
        return Err(if is_text { ImportError::Empty } else { ImportError::Unknown });
    }
    Ok(match ending {
        _ if is_page(&text) => Found::Html(text),
        "md" | "markdown" => Found::Markdown(text),
        "html" | "htm" | "xhtml" => Found::Html(text),
        "txt" | "text" => Found::Plain(text),
        _ if is_piece_of_page(&text) => Found::Html(text),
        _ => Found::Plain(text),
    })
}

fn archive(file: &[u8]) -> Result<Found<'_>, ImportError> {
    let mut archive = Archive::open(file).map_err(|error| match error {
        ImportError::NotAnArchive => ImportError::Damaged,
        error => error,
    })?;
    if archive.has("META-INF/container.xml") {
        return Ok(Found::Epub);
    }
    if archive.has("mimetype") && archive.text("mimetype")?.is_some_and(|kind| kind.trim() == "application/epub+zip") {
        return Ok(Found::Epub);
    }
    if archive.has("[Content_Types].xml")
        && let Some(path) = docx::main_path(&mut archive)?
    {
        return Ok(Found::Docx(archive, path));
    }
    Err(ImportError::Unknown)
}

/// Whether a text says that it is HTML.
fn is_page(text: &str) -> bool {
    let mut rest = text.trim_start();
    // What may stand before: a declaration of XML, comments.
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ => break,
        };
        let Some((_, after)) = rest.split_once(end) else { return false };
        rest = after.trim_start();
    }
    begins(rest, "<!doctype html") || begins(rest, "<html")
}

/// Whether a text is HTML though it does not say so: it begins with an element, and most lines have one.
fn is_piece_of_page(text: &str) -> bool {
    let text = text.trim_start();
    let blocks = text.matches("</").count();
    PAGE_STARTS.iter().any(|start| begins(text, start)) && blocks * 2 > text.trim_end().lines().count()
}

fn begins(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}
