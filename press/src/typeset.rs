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

/// Pictures that are not shown and are named.
const NAMED_MAX: usize = 12;

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
    let unshown = missing.iter().map(String::as_str).collect::<Vec<_>>();
    let warnings = glyphs::missing(&document).into_iter().chain(told_of(&unshown)).collect();
    Ok(Set { pdf, warnings })
}

/// A sentence for each of the first pictures that are not shown, and one for the rest: whoever reads them reads no list.
fn told_of(missing: &[&str]) -> Vec<String> {
    let (named, rest) = missing.split_at(missing.len().min(NAMED_MAX));
    let named = named.iter().map(|name| format!("the picture {name} cannot be decoded and is not shown"));
    let rest = (!rest.is_empty()).then(|| format!("{} more pictures cannot be decoded and are not shown", rest.len()));
    named.chain(rest).collect()
}

/// The first thing that went wrong.
fn sentence(errors: &[SourceDiagnostic]) -> String {
    let message = errors.first().map_or("for no reason that is known", |error| error.message.as_str());
    if message.contains("depth exceeded") {
        return "the book is nested too deeply".to_owned();
    }
    format!("the book cannot be set: {message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_pictures_that_are_not_shown_are_counted() {
        let names: Vec<String> = (0..NAMED_MAX + 3).map(|number| format!("p{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(told_of(&names[..2]).len(), 2);
        let told = told_of(&names);
        assert_eq!(told.len(), NAMED_MAX + 1);
        assert!(told[0].contains("p0 ") && told[NAMED_MAX].starts_with("3 more"), "{told:?}");
    }
}
