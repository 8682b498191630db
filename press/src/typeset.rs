//! From a job to a PDF.

use std::mem;

use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::fonts::Fonts;
use crate::glyphs;
use crate::job::Job;
use crate::pictures::{self, Room};
use crate::world::Desk;

/// A book that was set.
pub(crate) struct Set {
    pub(crate) pdf: Vec<u8>,
    /// What is wrong with it all the same.
    pub(crate) warnings: Vec<String>,
}

/// Sets a book. The same job and fonts make the same bytes.
pub(crate) fn pdf(mut job: Job, fonts: Fonts) -> Result<Set, String> {
    let (files, missing) = pictures::ready(mem::take(&mut job.files), Room::of(&job.book));
    job.files = files;
    let desk = Desk::new(job, &missing, fonts);
    let document: PagedDocument = typst::compile(&desk).output.map_err(|errors| sentence(&errors))?;
    let options = PdfOptions { creator: Smart::Custom(Some("quire".to_owned())), ..PdfOptions::default() };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| sentence(&errors))?;
    let unshown = missing.iter().map(|name| format!("the picture {name} cannot be decoded and is not shown"));
    let warnings = unshown.chain(glyphs::missing(&document)).collect();
    Ok(Set { pdf, warnings })
}

/// The first thing that went wrong.
fn sentence(errors: &[SourceDiagnostic]) -> String {
    let message = errors.first().map_or("for no reason that is known", |error| error.message.as_str());
    if message.contains("depth exceeded") {
        return "the book is nested too deeply".to_owned();
    }
    format!("the book cannot be set: {message}")
}
