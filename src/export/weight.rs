//! How large a text may become in whichever file: a little text can make a large one.

use crate::scribe::tree::{Node, Value};

/// What surrounds an element or a run in the wordiest format.
const NODE_BYTES: u64 = 200;
/// A character that is written by its name: `&quot;`.
const CHAR_BYTES: u64 = 6;
/// What each line within a quote or a list is indented by, for each level.
const INDENT_BYTES: u64 = 4;
/// A cell of a table, also one that a row lacks.
const CELL_BYTES: u64 = 200;

/// Bytes that a text may take, by a bound that is never too small.
pub(super) fn of(tree: &[Node]) -> u64 {
    let mut weight = 0;
    let mut open: Vec<(&Node, u64)> = tree.iter().map(|node| (node, 1)).collect();
    while let Some((node, depth)) = open.pop() {
        weight += NODE_BYTES;
        match node {
            Node::Text { runs } => {
                for run in runs {
                    let lines = run.text.bytes().filter(|byte| *byte == b'\n').count() as u64 + 1;
                    weight += run.text.len() as u64 * CHAR_BYTES + lines * depth * INDENT_BYTES;
                    weight += NODE_BYTES * (1 + run.marks.len() as u64);
                }
            }
            Node::Element { name, children, .. } => {
                if name == "table" {
                    weight += children.len() as u64 * widest(children) * CELL_BYTES;
                }
                weight += depth * INDENT_BYTES;
                open.extend(children.iter().map(|child| (child, depth + 1)));
            }
        }
    }
    weight
}

/// Columns of the widest row, as far as any format goes.
fn widest(rows: &[Node]) -> u64 {
    const COLUMNS_MAX: u64 = 100;
    let spans = |cell: &Node| match cell {
        Node::Element { attributes, .. } => match attributes.get("colspan") {
            Some(Value::Number(span)) => {
                (1..=100_u32).take_while(|count| f64::from(*count) <= *span).count().max(1) as u64
            }
            _ => 1,
        },
        Node::Text { .. } => 1,
    };
    let width = |row: &Node| match row {
        Node::Element { children, .. } => children.iter().map(spans).sum(),
        Node::Text { .. } => 1,
    };
    rows.iter().map(width).max().unwrap_or(0).min(COLUMNS_MAX)
}
