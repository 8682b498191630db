//! HTML as a chapter's tree, laid out as the editor lays out its own: blocks hold what the editor allows in them,
//! and blanks are what a browser shows.
//!
//! The HTML was sanitised before; nothing here relies on it, as a tree has no room for anything that runs. Whatever the
//! HTML, a tree comes out of it, and all text that a browser would show is in it.

use crate::scribe::tree::{Node, normal};

mod build;
mod element;
mod line;
mod table;

/// Whether a tree of a text that was sanitised has room for all its elements, so that none becomes plain text.
pub fn has_room(html: &str) -> bool {
    // Text has no `<` of its own, and what ends begins with `</`.
    let elements = html.match_indices('<').filter(|(at, _)| !html[*at..].starts_with("</")).count();
    elements <= element::ELEMENTS_MAX
}

/// The tree of a text.
pub fn from_html(html: &str) -> Vec<Node> {
    normal(build::blocks(&element::parse(html)))
}
