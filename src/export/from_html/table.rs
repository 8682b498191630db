//! Tables.

use super::build::Flow;
use super::element::{Child, Element};
use super::line::Marks;
use crate::scribe::tree::{Node, Value};

/// Widest and highest cell, in columns and rows.
const SPAN_MAX: u32 = 60;

/// A table, if it has a cell, and what stood in it beside its cells: that comes before it, as browsers show it.
pub(super) fn table(element: &Element, marks: &Marks, depth: usize) -> (Option<Node>, Vec<Node>) {
    let mut table = Table { rows: Vec::new(), others: Flow::at(depth), depth };
    table.section(element, marks);
    let rows: Vec<Node> = table.rows.into_iter().map(|cells| Node::element("tableRow", cells)).collect();
    ((!rows.is_empty()).then(|| Node::element("table", rows)), table.others.finish())
}

struct Table {
    rows: Vec<Vec<Node>>,
    others: Flow,
    depth: usize,
}

impl Table {
    /// The table, its head, its body or its foot.
    fn section(&mut self, element: &Element, marks: &Marks) {
        for child in &element.children {
            match child {
                Child::Element(inner) => match inner.name.as_str() {
                    "thead" | "tbody" | "tfoot" => self.section(inner, marks),
                    "tr" => self.row(inner, marks),
                    // A cell without a row.
                    "td" | "th" => self.rows.push(vec![self.cell(inner, marks)]),
                    "col" | "colgroup" => {}
                    _ => self.others.child(child, marks),
                },
                Child::Text(_) => self.others.child(child, marks),
            }
        }
    }

    fn row(&mut self, element: &Element, marks: &Marks) {
        let mut cells = Vec::new();
        for child in &element.children {
            match child {
                Child::Element(inner) if matches!(inner.name.as_str(), "td" | "th") => {
                    cells.push(self.cell(inner, marks));
                }
                other => self.others.child(other, marks),
            }
        }
        if !cells.is_empty() {
            self.rows.push(cells);
        }
    }

    fn cell(&self, element: &Element, marks: &Marks) -> Node {
        let mut flow = Flow::at(self.depth + 3);
        flow.children(element, marks);
        let mut blocks = flow.finish();
        if blocks.is_empty() {
            blocks.push(Node::element("paragraph", Vec::new()));
        }
        let name = if element.name == "th" { "tableHeader" } else { "tableCell" };
        let node = Node::element(name, blocks);
        ["colspan", "rowspan"]
            .iter()
            .fold(node, |node, name| node.with(name, Value::Number(f64::from(span(element, name)))))
    }
}

fn span(element: &Element, name: &str) -> u32 {
    let written = element.attribute(name).and_then(|span| span.trim().parse().ok());
    written.map_or(1, |span: u32| span.clamp(1, SPAN_MAX))
}
