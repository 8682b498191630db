//! Tables, with cells over several columns and rows.

use std::collections::HashMap;

use super::body::Body;
use super::value;
use crate::import::loss::LossKind;
use crate::import::tree::{Element, Node};

/// Columns that a cell may cover; a larger number is a mistake or a trick.
const COLUMNS_MAX: usize = 100;

struct Cell {
    columns: usize,
    rows: usize,
    nodes: Vec<Node>,
}

/// A table; `None` if it has no rows.
pub(super) fn read(body: &mut Body<'_>, table: &Element) -> Option<Element> {
    let mut elements = Vec::new();
    collect(table, "tr", &mut elements);
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    // Where the cell lies that goes on below itself, by column.
    let mut open: HashMap<usize, (usize, usize)> = HashMap::new();
    for element in elements {
        if element.child("trPr").is_some_and(|properties| properties.child("del").is_some()) {
            body.losses.add(LossKind::Deletions, 1);
            continue;
        }
        let mut row = Vec::new();
        let mut column = 0;
        let mut cells = Vec::new();
        collect(element, "tc", &mut cells);
        for cell in cells {
            let properties = cell.child("tcPr");
            let number = |name| properties.and_then(|properties| value(properties, name)?.parse::<usize>().ok());
            let columns = number("gridSpan").unwrap_or(1).clamp(1, COLUMNS_MAX);
            let merge = properties.and_then(|properties| properties.child("vMerge"));
            let goes_on = merge.is_some_and(|merge| merge.local_attribute("val") != Some("restart"));
            let nodes = body.blocks(cell);
            if let Some((above, index)) = open.get(&column).filter(|_| goes_on) {
                rows[*above][*index].rows += 1;
                rows[*above][*index].nodes.extend(nodes.into_iter().filter(has_text));
            } else {
                open.remove(&column);
                if merge.is_some() {
                    open.insert(column, (rows.len(), row.len()));
                }
                row.push(Cell { columns, rows: 1, nodes });
            }
            column += columns;
        }
        rows.push(row);
    }
    let rows: Vec<Node> = rows.into_iter().map(|row| Node::Element(written(row))).collect();
    (!rows.is_empty()).then(|| Element::new("table", vec![Node::Element(Element::new("tbody", rows))]))
}

fn has_text(node: &Node) -> bool {
    match node {
        Node::Element(element) => !element.text().is_empty(),
        Node::Text(text) => !text.trim().is_empty(),
    }
}

/// Children of a name, also in frames that only mark something.
fn collect<'a>(element: &'a Element, name: &str, found: &mut Vec<&'a Element>) {
    for child in element.elements() {
        if child.name == name {
            found.push(child);
        } else if matches!(child.name.as_str(), "sdt" | "sdtContent" | "customXml" | "ins") {
            collect(child, name, found);
        }
    }
}

fn written(row: Vec<Cell>) -> Element {
    let cells = row.into_iter().map(|cell| {
        let mut element = Element::new("td", cell.nodes);
        for (name, count) in [("colspan", cell.columns), ("rowspan", cell.rows)] {
            if count > 1 {
                element = element.with(name, count.to_string());
            }
        }
        Node::Element(element)
    });
    Element::new("tr", cells.collect())
}
