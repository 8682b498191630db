//! What differs between two texts: blocks are aligned first, then the words of those that changed.

use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices_deadline};

use crate::scribe::tree::{Node, Run};
use crate::scribe::{Change, ChangedBlock, Changes, Piece};

/// After this long, what is left is told in large pieces.
const PATIENCE: Duration = Duration::from_secs(2);
/// Two blocks that share less than this part of their words are two blocks, not one that changed.
const ALIKE: f32 = 0.4;

/// A block with text of its own, or one that stands for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Block {
    name: String,
    text: String,
}

/// What differs. How text looks is left out: only what it says counts.
#[expect(clippy::disallowed_methods, reason = "the work of a process that has no clock but the machine's")]
pub(super) fn between(old: &[Node], new: &[Node]) -> Changes {
    let deadline = Instant::now() + PATIENCE;
    let (old, new) = (blocks(old), blocks(new));
    let mut writer = Writer { changes: Changes::default(), deadline };
    for op in capture_diff_slices_deadline(Algorithm::Patience, &old, &new, Some(deadline)) {
        match op {
            DiffOp::Equal { old_index, len, .. } => writer.all(Change::Kept, &old[old_index..old_index + len]),
            DiffOp::Delete { old_index, old_len, .. } => {
                writer.all(Change::Deleted, &old[old_index..old_index + old_len]);
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                writer.all(Change::Inserted, &new[new_index..new_index + new_len]);
            }
            DiffOp::Replace { .. } => writer.replaced(&old[op.old_range()], &new[op.new_range()]),
        }
    }
    writer.changes
}

struct Writer {
    changes: Changes,
    deadline: Instant,
}

impl Writer {
    fn all(&mut self, change: Change, blocks: &[Block]) {
        for block in blocks {
            self.block(&block.name, vec![Piece { change, text: block.text.clone() }]);
        }
    }

    /// Blocks in the place of others: those that are alike are shown as one.
    fn replaced(&mut self, old: &[Block], new: &[Block]) {
        let mut shown = 0;
        for before in old {
            let rest = shown..new.len();
            let Some((at, pieces)) = self.find_alike(before, new, rest) else {
                self.all(Change::Deleted, std::slice::from_ref(before));
                continue;
            };
            self.all(Change::Inserted, &new[shown..at]);
            self.block(&new[at].name, pieces);
            shown = at + 1;
        }
        self.all(Change::Inserted, &new[shown..]);
    }

    /// The first of the next few blocks that is `before` with other words.
    fn find_alike(&self, before: &Block, new: &[Block], mut rest: Range<usize>) -> Option<(usize, Vec<Piece>)> {
        const LOOK_AHEAD: usize = 4;
        rest.end = rest.end.min(rest.start + LOOK_AHEAD);
        rest.filter(|at| new[*at].name == before.name).find_map(|at| {
            let diff = TextDiff::configure()
                .algorithm(Algorithm::Myers)
                .deadline(self.deadline)
                .diff_words(before.text.as_str(), new[at].text.as_str());
            (diff.ratio() >= ALIKE).then(|| (at, pieces(&diff)))
        })
    }

    fn block(&mut self, name: &str, pieces: Vec<Piece>) {
        for piece in &pieces {
            let words = piece.text.split_whitespace().count() as u64;
            match piece.change {
                Change::Kept => {}
                Change::Inserted => self.changes.added += words,
                Change::Deleted => self.changes.removed += words,
            }
        }
        self.changes.blocks.push(ChangedBlock { name: name.to_owned(), pieces });
    }
}

fn pieces(diff: &TextDiff<'_, '_, str>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for part in diff.iter_all_changes() {
        let change = match part.tag() {
            ChangeTag::Equal => Change::Kept,
            ChangeTag::Insert => Change::Inserted,
            ChangeTag::Delete => Change::Deleted,
        };
        match pieces.last_mut() {
            Some(last) if last.change == change => last.text.push_str(part.value()),
            _ => pieces.push(Piece { change, text: part.value().to_owned() }),
        }
    }
    pieces
}

/// The blocks of a text that hold text themselves, in order.
fn blocks(tree: &[Node]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Vec<&Node> = tree.iter().rev().collect();
    while let Some(node) = open.pop() {
        match node {
            Node::Text { runs } => blocks.push(Block { name: "paragraph".to_owned(), text: text_of(runs) }),
            Node::Element { name, children, .. } if children.is_empty() || holds_text(children) => {
                blocks.push(Block { name: name.clone(), text: children.iter().map(inline).collect() });
            }
            Node::Element { children, .. } => open.extend(children.iter().rev()),
        }
    }
    blocks
}

fn holds_text(children: &[Node]) -> bool {
    children.iter().any(|child| matches!(child, Node::Text { .. }))
}

/// What a line says: a break is a blank, a footnote stands in brackets.
fn inline(node: &Node) -> String {
    match node {
        Node::Text { runs } => text_of(runs),
        Node::Element { children, .. } if children.is_empty() => " ".to_owned(),
        // A footnote holds text and no more; whatever is deeper says nothing here.
        Node::Element { children, .. } => {
            let text = children
                .iter()
                .map(|child| if let Node::Text { runs } = child { text_of(runs) } else { String::new() });
            format!(" [{}]", text.collect::<String>())
        }
    }
}

fn text_of(runs: &[Run]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}

#[cfg(test)]
mod tests;
