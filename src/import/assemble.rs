//! Chapters from the reading order and the table of contents.
//!
//! The reading order decides what comes when, the table of contents what begins a chapter and what it is called. A
//! line of the table whose children lie in other files is a part; children in the same file are sections of a chapter.

use std::collections::HashMap;

use quire_protocol::ChapterId;
use quire_protocol::command::ChapterKind;

use super::archive::Archive;
use super::contents::{Contents, Entry};
use super::document::{self, Document, has_picture, text_chars};
use super::loss::Losses;
use super::package::Package;
use super::picture::{Pictures, Place};
use super::{CHAPTERS_MAX, ImportError, ImportedText, Progress, Stage, TEXT_BYTES_MAX, Tell, chapter_id, kind};

/// All text together, in bytes.
const TEXTS_BYTES_MAX: usize = 64 * 1024 * 1024;
/// A part's own page with at most this many characters besides its title is only a heading, and is left out.
const HEADING_CHARS: usize = 60;

/// Where a chapter or part begins.
struct Start<'a> {
    fragment: Option<&'a str>,
    title: &'a str,
    /// The part it belongs to, by number.
    part: Option<usize>,
    /// It is that part's own page.
    is_part: bool,
}

/// The table of contents by file.
#[derive(Default)]
struct Plan<'a> {
    parts: Vec<&'a str>,
    starts: HashMap<&'a str, Vec<Start<'a>>>,
}

/// What comes of reading besides chapters, and who is told how far it is.
pub(super) struct Besides<'a> {
    pub(super) pictures: Pictures<'a>,
    pub(super) losses: Losses,
    pub(super) tell: &'a Tell,
}

/// Reads all texts and makes chapters of them.
pub(super) fn chapters(
    archive: &mut Archive<'_>,
    package: &Package,
    contents: &Contents,
    besides: &mut Besides<'_>,
) -> Result<Vec<ImportedText>, ImportError> {
    let plan = Plan::new(&contents.entries);
    let mut assembly = Assembly { plan: &plan, part_ids: vec![None; plan.parts.len()], texts: Vec::new(), bytes: 0 };
    let mut begun = false;
    let of = Some(package.spine.len());
    for (done, path) in package.spine.iter().enumerate() {
        (besides.tell)(Progress { stage: Stage::Reading, done, of });
        let landmark = contents.landmarks.get(path).map(String::as_str);
        let Some(mut document) = document::read(archive, path)? else { continue };
        let is_contents = package.nav.as_ref() == Some(path) || landmark == Some("toc");
        if is_contents || document.types().is_some_and(|types| types.split_whitespace().any(|name| name == "toc")) {
            continue;
        }
        document.settle(&mut besides.pictures, Place::Beside(archive, path), &mut besides.losses);
        let told = document.types().and_then(kind::of_types).or_else(|| landmark.and_then(kind::of_types));
        match plan.starts.get(path.as_str()) {
            Some(starts) => {
                begun = true;
                assembly.add_started(&document, starts, told)?;
            }
            None => assembly.add_unlisted(&document, told, begun || plan.starts.is_empty())?,
        }
    }
    if assembly.texts.is_empty() { Err(ImportError::Empty) } else { Ok(assembly.texts) }
}

impl<'a> Plan<'a> {
    fn new(entries: &'a [Entry]) -> Self {
        let mut plan = Self::default();
        // A table whose only line is the book itself says nothing about parts.
        if let [book] = entries
            && is_part(book)
        {
            plan.start(book, None, false);
            book.children.iter().for_each(|entry| plan.chapter_or_part(entry));
        } else {
            for entry in entries {
                plan.chapter_or_part(entry);
            }
        }
        plan
    }

    fn chapter_or_part(&mut self, entry: &'a Entry) {
        if !is_part(entry) {
            return self.start(entry, None, false);
        }
        let part = self.parts.len();
        self.parts.push(&entry.title);
        let shares_page = entry.children.first().is_some_and(|first| first.target == entry.target);
        if !shares_page {
            self.start(entry, Some(part), true);
        }
        entry.children.iter().for_each(|child| self.start(child, Some(part), false));
    }

    fn start(&mut self, entry: &'a Entry, part: Option<usize>, is_part: bool) {
        let Some((path, fragment)) = &entry.target else { return };
        let starts = self.starts.entry(path).or_default();
        let fragment = fragment.as_deref();
        if starts.iter().all(|known| known.fragment != fragment) {
            starts.push(Start { fragment, title: &entry.title, part, is_part });
        }
    }
}

fn is_part(entry: &Entry) -> bool {
    let file = |entry: &Entry| entry.target.as_ref().map(|(path, _)| path.clone());
    let own = file(entry);
    entry.children.iter().filter_map(file).any(|child| Some(child) != own)
}

struct Assembly<'a> {
    plan: &'a Plan<'a>,
    part_ids: Vec<Option<ChapterId>>,
    texts: Vec<ImportedText>,
    bytes: usize,
}

impl Assembly<'_> {
    /// A document in which chapters begin.
    fn add_started(
        &mut self,
        document: &Document,
        starts: &[Start<'_>],
        told: Option<ChapterKind>,
    ) -> Result<(), ImportError> {
        let targets: Vec<_> = starts.iter().map(|start| start.fragment).collect();
        let (starts, pieces) = match document.cut_at(&targets) {
            Some(pieces) => (starts, pieces),
            None => (&starts[..1], vec![document.html()]),
        };
        for (start, html) in starts.iter().zip(pieces) {
            let only_heading = text_chars(&html) <= start.title.chars().count() + HEADING_CHARS;
            if start.is_part && only_heading && !has_picture(&html) {
                continue;
            }
            let heading = || document.heading().filter(|_| starts.len() == 1);
            let title = Some(start.title.to_owned()).filter(|title| !title.is_empty()).or_else(heading);
            let kind = told.unwrap_or_else(|| kind::of_title(title.as_deref().unwrap_or_default()));
            self.add(title, kind, start.part, html)?;
        }
        Ok(())
    }

    /// A document that the table of contents does not mention: front matter before the first chapter; later a chapter
    /// of its own if it has a heading, else more of the chapter before it.
    fn add_unlisted(&mut self, document: &Document, told: Option<ChapterKind>, begun: bool) -> Result<(), ImportError> {
        let (heading, html) = (document.heading(), document.html());
        if !begun {
            let title = heading.unwrap_or_else(|| "Front matter".to_owned());
            return self.add(Some(title), told.unwrap_or(ChapterKind::Front), None, html);
        }
        let listed = !self.plan.starts.is_empty();
        match self.texts.last_mut() {
            Some(last) if heading.is_none() && listed => {
                last.html.push_str(&html);
                self.bytes += html.len();
                check_size(&last.title, last.html.len(), self.bytes)
            }
            last => {
                let parent = last.and_then(|last| last.parent.clone());
                let part = self.part_ids.iter().position(|id| parent.is_some() && *id == parent);
                let kind = told.unwrap_or_else(|| kind::of_title(heading.as_deref().unwrap_or_default()));
                self.add(heading, kind, part, html)
            }
        }
    }

    fn add(
        &mut self,
        title: Option<String>,
        kind: ChapterKind,
        part: Option<usize>,
        html: String,
    ) -> Result<(), ImportError> {
        if text_chars(&html) == 0 && !has_picture(&html) {
            return Ok(());
        }
        let parent = part.map(|part| self.part(part)).transpose()?;
        let number = self.texts.iter().filter(|text| text.kind == ChapterKind::Chapter).count() + 1;
        let title = title.unwrap_or_else(|| format!("Chapter {number}"));
        self.bytes += html.len();
        check_size(&title, html.len(), self.bytes)?;
        self.push(title, kind, parent, html).map(|_| ())
    }

    /// The id of a part, which is made when its first chapter is.
    fn part(&mut self, part: usize) -> Result<ChapterId, ImportError> {
        if let Some(id) = &self.part_ids[part] {
            return Ok(id.clone());
        }
        let title = match self.plan.parts[part] {
            "" => format!("Part {}", part + 1),
            title => title.to_owned(),
        };
        let id = self.push(title, ChapterKind::Part, None, String::new())?;
        self.part_ids[part] = Some(id.clone());
        Ok(id)
    }

    fn push(
        &mut self,
        title: String,
        kind: ChapterKind,
        parent: Option<ChapterId>,
        html: String,
    ) -> Result<ChapterId, ImportError> {
        if self.texts.len() == CHAPTERS_MAX {
            return Err(ImportError::TooManyChapters);
        }
        let id = chapter_id(self.texts.len() + 1);
        self.texts.push(ImportedText { id: id.clone(), title, kind, parent, html });
        Ok(id)
    }
}

pub(super) fn check_size(title: &str, chapter_bytes: usize, all_bytes: usize) -> Result<(), ImportError> {
    if chapter_bytes > TEXT_BYTES_MAX {
        return Err(ImportError::ChapterTooLarge(title.to_owned()));
    }
    if all_bytes > TEXTS_BYTES_MAX {
        return Err(ImportError::TooMuchInside("the text".to_owned()));
    }
    Ok(())
}
