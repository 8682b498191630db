//! Finds what anchors are about: where their ends stand now, or else their words. The page looks in the same order.

use std::collections::HashMap;
use std::ops::Range;

use crate::scribe::tree::Node;
use crate::scribe::{Anchor, Found, Place, Span};

/// Its text stands at the foot of the page.
const FOOTNOTE: &str = "footnote";

/// What the blocks of a text say, one after another, without footnotes.
pub(super) struct Said {
    /// By the way to each node, where its text begins and ends, UTF-16 units.
    stretches: HashMap<Vec<u32>, Range<u64>>,
    /// All of it without white space.
    words: String,
}

impl Said {
    /// Not nested more deeply than a text that was read.
    pub(super) fn of(tree: &[Node]) -> Self {
        let mut said = Self { stretches: HashMap::new(), words: String::new() };
        let end = said.take(tree, &mut Vec::new(), 0);
        said.stretches.insert(Vec::new(), 0..end);
        said
    }

    /// Takes these nodes in, whose text begins at `at`. Where it ends.
    fn take(&mut self, nodes: &[Node], path: &mut Vec<u32>, mut at: u64) -> u64 {
        for (index, node) in (0_u32..).zip(nodes) {
            path.push(index);
            let start = at;
            match node {
                Node::Text { runs } => {
                    for run in runs {
                        at += run.text.encode_utf16().count() as u64;
                        self.words.extend(run.text.chars().filter(|char| !is_space(*char)));
                    }
                }
                Node::Element { name, .. } if name == FOOTNOTE => {}
                Node::Element { children, .. } => at = self.take(children, path, at),
            }
            self.stretches.insert(path.clone(), start..at);
            path.pop();
        }
        at
    }

    /// What an anchor is about; `place` says where something stands, if it stands in a node of the tree.
    pub(super) fn find(&self, anchor: &Anchor, place: impl Fn(&[u8]) -> Option<Place>) -> Found {
        let ends = anchor.relative.as_ref().and_then(|(start, end)| Some((place(start)?, place(end)?)));
        if let Some((start, end)) = ends
            && let (Some(from), Some(to)) = (self.offset(&start), self.offset(&end))
            && from < to
        {
            return Found::Place(Span { start, end });
        }
        let quote: String = anchor.quote.chars().filter(|char| !is_space(*char)).collect();
        if !quote.is_empty() && self.words.contains(&quote) { Found::Quote } else { Found::Nowhere }
    }

    /// How much text goes before a place.
    fn offset(&self, place: &Place) -> Option<u64> {
        let stretch = self.stretches.get(&place.path)?;
        let child: Vec<u32> = place.path.iter().copied().chain([place.index]).collect();
        if let Some(child) = self.stretches.get(&child) {
            return Some(child.start);
        }
        let has_children = self.stretches.contains_key(&[&place.path[..], &[0]].concat());
        // Behind the last child, or within a text.
        Some(if has_children { stretch.end } else { (stretch.start + u64::from(place.index)).min(stretch.end) })
    }
}

/// What a browser takes for white space.
fn is_space(char: char) -> bool {
    char == '\u{feff}' || (char.is_whitespace() && char != '\u{85}')
}
