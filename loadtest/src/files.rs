//! Whether a file of a book is well-formed, and what it says.

use std::io::{Cursor, Read as _};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::{CompressionMethod, ZipArchive};

/// What files are made as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Epub,
    Markdown,
    Html,
    Text,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Epub, Self::Markdown, Self::Html, Self::Text];

    /// The last part of its address.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Epub => "epub",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Text => "text",
        }
    }

    /// Whether a file is one of this kind, with all these titles; or why not.
    pub(crate) fn check(self, file: &[u8], titles: &[String]) -> Result<(), String> {
        let text = match self {
            Self::Epub => epub(file)?,
            Self::Html => {
                let text = utf8(file)?;
                let rest = text.strip_prefix("<!DOCTYPE html>").ok_or("it has no DOCTYPE")?;
                xml(rest)?;
                text.to_owned()
            }
            Self::Markdown | Self::Text => utf8(file)?.to_owned(),
        };
        // The table of contents, if there is one, and the chapters are in the same order.
        let mut rest = &text[..];
        for title in titles {
            let at = rest.find(title.as_str()).ok_or_else(|| format!("{title:?} is not there, or not in its place"))?;
            rest = &rest[at + title.len()..];
        }
        Ok(())
    }
}

/// The chapters of a book in plain text: what stands below each title.
pub(crate) fn chapters(file: &[u8]) -> Result<Vec<String>, String> {
    let text = utf8(file)?;
    let text = text.strip_suffix('\n').ok_or("it does not end a line")?;
    // A title has a blank line more before it than a paragraph.
    let parts = text.split("\n\n\n").skip(1);
    Ok(parts.map(|part| part.split_once("\n\n").map_or("", |(_, body)| body).to_owned()).collect())
}

fn utf8(file: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(file).map_err(|error| error.to_string())
}

/// An archive whose sums are right, with its kind in front and sound pages. What its pages say.
fn epub(file: &[u8]) -> Result<String, String> {
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|error| error.to_string())?;
    let mut pages = String::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| error.to_string())?;
        let name = entry.name().map_err(|error| error.to_string())?.into_owned();
        let is_stored = entry.compression() == CompressionMethod::Stored;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| format!("{name}: {error}"))?;
        if index == 0 && !(name == "mimetype" && is_stored && bytes == b"application/epub+zip") {
            return Err("its kind does not stand in front".to_owned());
        }
        if [".xhtml", ".opf", ".xml", ".ncx"].iter().any(|end| name.ends_with(end)) {
            let text = utf8(&bytes)?;
            xml(text).map_err(|why| format!("{name}: {why}"))?;
            pages.push_str(text);
        }
    }
    Ok(pages)
}

/// Every element ends where it must, and there is one at least.
fn xml(text: &str) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut elements) = (0_u32, 0_u32);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(_) => (depth, elements) = (depth + 1, elements + 1),
            Event::End(_) => depth = depth.checked_sub(1).ok_or("an element ends that did not begin")?,
            Event::Eof if depth == 0 && elements > 0 => return Ok(()),
            Event::Eof => return Err(format!("{depth} elements do not end")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_seen() {
        let titles = ["One".to_owned(), "Two".to_owned()];
        assert_eq!(Kind::Html.check(b"<!DOCTYPE html><html><p>One</p><p>Two</p></html>", &titles), Ok(()));
        assert!(Kind::Html.check(b"<!DOCTYPE html><html><p>One</p><p>Two</html>", &titles).is_err());
        assert!(Kind::Html.check(b"<!DOCTYPE html><html><p>Two</p><p>One</p></html>", &titles).is_err());
        assert!(Kind::Epub.check(b"PK", &titles).is_err());
        assert!(Kind::Text.check(b"One \xff Two", &titles).is_err());
    }

    #[test]
    fn chapters_are_what_stands_below_their_titles() {
        let text = "Moby-Dick\n\n\nOne\n\nCall me\n\nIshmael.\n\n\nTwo\n\n\nThree\n\nThe end\n";
        assert_eq!(chapters(text.as_bytes()).unwrap(), ["Call me\n\nIshmael.", "", "The end"]);
    }
}
