//! All that the typesetter can see: a template, a book, and the files of the job. No disk, no network, no clock.

use std::collections::BTreeMap;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};

use crate::fonts::Fonts;
use crate::job::Job;

const TEMPLATE: &str = include_str!("template/book.typ");

/// A job as the typesetter sees it.
pub(crate) struct Desk {
    library: LazyHash<Library>,
    fonts: Fonts,
    template: Source,
    /// By their paths.
    files: BTreeMap<String, Bytes>,
}

impl Desk {
    /// `missing`: the names of pictures that cannot be shown.
    pub(crate) fn new(job: Job, missing: &[String], fonts: Fonts) -> Self {
        let path = VirtualPath::new("book.typ").expect("it is a path");
        let template = FileId::new(RootedPath::new(VirtualRoot::Project, path));
        let missing = serde_json::to_vec(missing).expect("names are strings");
        let pictures = job.files.into_iter().map(|(name, file)| (format!("files/{name}"), Bytes::new(file)));
        let texts = [("book.json".to_owned(), job.book), ("missing.json".to_owned(), missing.into())];
        let texts = texts.map(|(name, text)| (name, Bytes::new(text)));
        Self {
            library: LazyHash::new(Library::default()),
            fonts,
            template: Source::new(template, TEMPLATE.to_owned()),
            files: pictures.chain(texts).collect(),
        }
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.get();
        let file =
            if *path.root() == VirtualRoot::Project { self.files.get(path.vpath().get_without_slash()) } else { None };
        file.cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
