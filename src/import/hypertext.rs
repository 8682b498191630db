//! HTML as people and their programs write it: forgiven where it can be, and bounded.
//!
//! [`builder`] knows which elements may stand in which, and [`scan`] what a tag is.

use super::ImportError;
use super::manuscript::{Manuscript, description, metadata_line, metadata_lines, title_line};
use super::picture::{Pictures, Place};

pub(super) mod builder;
mod scan;
#[cfg(test)]
mod tests;

use builder::Builder;

/// Reads a page, or a piece of one.
pub(super) fn read(text: &str, pictures: &mut Pictures<'_>) -> Result<Manuscript, ImportError> {
    let mut builder = Builder::default();
    scan(text, &mut builder)?;
    let mut built = builder.finish();
    pictures.settle(&mut built.nodes, &mut Place::Alone, &mut built.losses);
    let mut manuscript = Manuscript {
        title: title_line(&built.title),
        nodes: built.nodes,
        losses: built.losses,
        ..Manuscript::default()
    };
    let metadata = &mut manuscript.metadata;
    metadata.language = built.language.as_deref().and_then(metadata_line);
    let all = |names: &[&str]| {
        let named = built.meta.iter().filter(|(name, _)| names.contains(&name.as_str()));
        named.map(|(_, content)| content.as_str()).collect::<Vec<_>>()
    };
    metadata.authors = metadata_lines(all(&["author", "dc.creator", "dcterms.creator"]));
    metadata.keywords = metadata_lines(all(&["keywords"]).into_iter().flat_map(|words| words.split([',', ';'])));
    metadata.description = all(&["description", "dc.description"]).into_iter().find_map(description);
    Ok(manuscript)
}

/// Reads HTML into what is being built.
pub(super) fn scan(text: &str, builder: &mut Builder) -> Result<(), ImportError> {
    scan::scan(text, builder).map_err(|_| ImportError::Malformed("the page".to_owned()))
}
