//! What an import could not keep.

use std::collections::BTreeMap;
use std::fmt;

/// Something that an import could not keep, counted. `Display` is a plain sentence without a full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What it is.
    pub what: LossKind,
    /// How often it was there; never 0.
    pub count: usize,
}

/// What an import could not keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LossKind {
    /// Pictures of kinds that are not taken, or damaged ones; their descriptions stay.
    Images,
    /// Pictures that are larger than a book takes; their descriptions stay.
    LargeImages,
    /// Pictures that are not in the file but somewhere on the web; their descriptions stay.
    RemoteImages,
    /// Pictures beyond what one book holds; their descriptions stay.
    SurplusImages,
    /// Comments in the margin.
    Comments,
    /// Deletions that nobody had accepted or refused yet.
    Deletions,
    /// Links to something else than pages and mail addresses; their text stays.
    Links,
    /// Charts, sounds, films, files in the file.
    Objects,
    /// Equations; their letters stay.
    Equations,
    /// Text in a frame; the text stays.
    TextBoxes,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, many) = match self.what {
            LossKind::Images => ("image was replaced by its description", "images were replaced by their descriptions"),
            LossKind::LargeImages => (
                "image is too large and was replaced by its description",
                "images are too large and were replaced by their descriptions",
            ),
            LossKind::RemoteImages => (
                "image is not in the file and was replaced by its description",
                "images are not in the file and were replaced by their descriptions",
            ),
            LossKind::SurplusImages => (
                "image is more than a book holds and was replaced by its description",
                "images are more than a book holds and were replaced by their descriptions",
            ),
            LossKind::Comments => ("comment was left out", "comments were left out"),
            LossKind::Deletions => ("tracked deletion was left out", "tracked deletions were left out"),
            LossKind::Links => ("link was replaced by its text", "links were replaced by their texts"),
            LossKind::Objects => ("embedded object was left out", "embedded objects were left out"),
            LossKind::Equations => ("equation was replaced by its letters", "equations were replaced by their letters"),
            LossKind::TextBoxes => ("text box became paragraphs", "text boxes became paragraphs"),
        };
        write!(f, "{} {}", self.count, if self.count == 1 { one } else { many })
    }
}

/// Losses while a file is read.
#[derive(Debug, Default)]
pub(super) struct Losses(BTreeMap<LossKind, usize>);

impl Losses {
    pub(super) fn add(&mut self, what: LossKind, count: usize) {
        if count > 0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    pub(super) fn report(&self) -> Vec<Loss> {
        self.0.iter().map(|(what, count)| Loss { what: *what, count: *count }).collect()
    }
}
