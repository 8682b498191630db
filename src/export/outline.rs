//! A manuscript made ready: sections in reading order with their numbers, titles as they are shown, texts read.

use std::collections::BTreeMap;

use quire_protocol::command::ChapterKind;

use super::block::{Block, Body, Inline, text_of};
use super::picture::Pictures;
use super::read::{line_of, read};
use super::words::Language;
use super::{Manuscript, Section, numeral};

/// A manuscript whose every line can be printed.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) language: Language,
    /// Never empty.
    pub(super) title: String,
    pub(super) subtitle: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) publisher: Option<String>,
    pub(super) rights: Option<String>,
    /// A part directly before its chapters.
    pub(super) entries: Vec<Entry>,
}

/// A section.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its place in the book, from 1.
    pub(super) place: usize,
    pub(super) kind: ChapterKind,
    /// It belongs to the part before it.
    pub(super) is_inside: bool,
    /// The number of a chapter, if chapters are numbered.
    pub(super) number: Option<String>,
    /// May be empty.
    pub(super) title: String,
    pub(super) body: Body,
}

impl Outline {
    pub(super) fn new(manuscript: &Manuscript) -> Self {
        let metadata = &manuscript.metadata;
        let language = Language::new(metadata.language.as_deref());
        let said = |text: &Option<String>| text.as_deref().map(line_of).filter(|text| !text.is_empty());
        let title = Some(line_of(&manuscript.title)).filter(|title| !title.is_empty());
        let mut chapters = 0;
        let entries = ordered(&manuscript.sections).into_iter().zip(1..).map(|((section, is_inside), place)| {
            chapters += u32::from(section.kind == ChapterKind::Chapter);
            let number = (section.kind == ChapterKind::Chapter)
                .then(|| numeral::chapter(chapters, manuscript.format.numbering, language.is_english()))
                .flatten();
            Entry::new(section, &manuscript.pictures, (place, is_inside, number))
        });
        Self {
            title: title.unwrap_or_else(|| language.words().untitled.to_owned()),
            subtitle: said(&metadata.subtitle),
            authors: metadata.authors.iter().map(|author| line_of(author)).filter(|name| !name.is_empty()).collect(),
            publisher: said(&metadata.publisher),
            rights: said(&manuscript.rights),
            entries: entries.collect(),
            language,
        }
    }
}

impl Entry {
    fn new(section: &Section, pictures: &Pictures, (place, is_inside, number): (usize, bool, Option<String>)) -> Self {
        let title = line_of(&section.title);
        let mut body = read(&section.tree, pictures);
        // A text that was written elsewhere often begins with its own title, which is set above it already.
        if let Some(Block::Heading { line, .. }) = body.blocks.first()
            && !title.is_empty()
            && line_of(&text_of(line)).to_lowercase() == title.to_lowercase()
            && line.iter().all(|inline| !matches!(inline, Inline::Note(_)))
        {
            body.blocks.remove(0);
        }
        Self { place, kind: section.kind, is_inside, number, title, body }
    }

    /// What the section is called where it must be called something.
    pub(super) fn label(&self) -> String {
        match (&self.number, self.title.as_str()) {
            (Some(number), "") => number.clone(),
            (Some(number), title) => format!("{number}. {title}"),
            (None, "") => self.place.to_string(),
            (None, title) => title.to_owned(),
        }
    }
}

/// Sections in reading order, each with whether it belongs to the part before it: what has no part, and each part with
/// its own behind it.
fn ordered(sections: &[Section]) -> Vec<(&Section, bool)> {
    let indexed = sections.iter().enumerate().rev();
    let parts: BTreeMap<_, _> = indexed
        .filter(|(_, section)| section.kind == ChapterKind::Part)
        .map(|(index, part)| (&part.id, index))
        .collect();
    let part_of = |section: &Section| {
        let parent = section.parent.as_ref().filter(|_| section.kind != ChapterKind::Part)?;
        parts.get(parent).copied()
    };
    let mut keyed: Vec<_> = sections
        .iter()
        .enumerate()
        .map(|(index, section)| {
            let part = part_of(section);
            ((part.unwrap_or(index), part.is_some(), index), section)
        })
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|((_, is_inside, _), section)| (section, is_inside)).collect()
}
