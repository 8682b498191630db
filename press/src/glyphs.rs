//! Characters that no font has: the typesetter prints an empty box for them and says nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use typst::layout::{Frame, FrameItem};
use typst::text::TextItem;
use typst_layout::PagedDocument;

/// Most characters that are named.
const NAMED_MAX: usize = 20;

/// A sentence that names them, if there are any.
pub(crate) fn missing(document: &PagedDocument) -> Option<String> {
    let mut missing = BTreeSet::new();
    for page in document.pages() {
        in_frame(&page.frame, &mut missing);
    }
    if missing.is_empty() {
        return None;
    }
    let mut sentence = "no font has these characters: ".to_owned();
    for (index, char) in missing.iter().take(NAMED_MAX).enumerate() {
        let before = if index == 0 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _infallible = write!(sentence, "{before}{char} (U+{:04X})", u32::from(*char));
    }
    if let Some(more) = missing.len().checked_sub(NAMED_MAX).filter(|more| *more > 0) {
        let _infallible = write!(sentence, ", and {more} more");
    }
    Some(sentence)
}

fn in_frame(frame: &Frame, missing: &mut BTreeSet<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => in_frame(&group.frame, missing),
            FrameItem::Text(text) => missing.extend(boxes(text)),
            FrameItem::Shape(..) | FrameItem::Image(..) | FrameItem::Link(..) | FrameItem::Tag(_) => {}
        }
    }
}

/// What is printed as a font's glyph 0, which stands for all that it lacks.
fn boxes(text: &TextItem) -> impl Iterator<Item = char> {
    let lacking = text.glyphs.iter().filter(|glyph| glyph.id == 0);
    let texts = lacking.filter_map(|glyph| text.text.get(usize::from(glyph.range.start)..usize::from(glyph.range.end)));
    texts.flat_map(str::chars).filter(|char| !is_unseen(*char))
}

/// Blanks, and what only says how others are to be shown.
fn is_unseen(char: char) -> bool {
    let is_format =
        matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    let is_variant = matches!(char, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}');
    char.is_whitespace() || char.is_control() || is_format || is_variant
}
