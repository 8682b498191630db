//! Lists: what their numbers look like, and paragraphs to nested lists.

use std::collections::{BTreeMap, HashMap};

use super::value;
use crate::import::tree::{Element, Node};

/// Levels of a list.
const LEVELS: u8 = 9;

/// Which levels of which list have numbers, and which signs.
#[derive(Default)]
pub(super) struct Numbering {
    /// Whether a level has numbers, and the first one, by definition and level.
    levels: HashMap<(String, u8), (bool, u32)>,
    /// The definition of each list.
    definitions: HashMap<String, String>,
}

/// A paragraph of a list.
pub(super) struct Item {
    pub(super) list: String,
    /// 0 is the outermost.
    pub(super) level: u8,
    pub(super) nodes: Vec<Node>,
}

impl Numbering {
    pub(super) fn new(root: &Element) -> Self {
        let mut numbering = Self::default();
        for element in root.elements() {
            if element.name == "abstractNum"
                && let Some(id) = element.local_attribute("abstractNumId")
            {
                for level in element.elements().filter(|child| child.name == "lvl") {
                    let Some(number) = level.local_attribute("ilvl").and_then(|level| level.parse().ok()) else {
                        continue;
                    };
                    let has_numbers = !matches!(value(level, "numFmt"), None | Some("bullet" | "none"));
                    let first = value(level, "start").and_then(|first| first.parse().ok()).unwrap_or(1);
                    numbering.levels.insert((id.to_owned(), number), (has_numbers, first));
                }
            }
            if element.name == "num"
                && let (Some(id), Some(definition)) =
                    (element.local_attribute("numId"), value(element, "abstractNumId"))
            {
                numbering.definitions.insert(id.to_owned(), definition.to_owned());
            }
        }
        numbering
    }

    /// Whether a level of a list has numbers, and the first one.
    fn level(&self, list: &str, level: u8) -> (bool, u32) {
        let definition = self.definitions.get(list);
        definition.and_then(|id| self.levels.get(&(id.clone(), level)).copied()).unwrap_or((false, 1))
    }
}

/// The number that the next item of a list gets: lists go on behind what stands between their items.
pub(super) type Counters = HashMap<String, BTreeMap<u8, u32>>;

/// Paragraphs that follow each other as lists in each other.
pub(super) fn nested(items: Vec<Item>, numbering: &Numbering, counters: &mut Counters) -> Vec<Node> {
    let mut lists = Vec::new();
    let mut items = items.into_iter().peekable();
    while let Some(first) = items.next() {
        let (level, list) = (first.level, first.list.clone());
        let (has_numbers, start) = numbering.level(&list, level);
        let first_number = count(counters, &first, start);
        let mut children = vec![entry(first.nodes)];
        let mut deeper = Vec::new();
        while let Some(next) = items.next_if(|next| next.level > level || (next.level == level && next.list == list)) {
            if next.level > level {
                deeper.push(next);
                continue;
            }
            add_nested(&mut children, std::mem::take(&mut deeper), numbering, counters);
            count(counters, &next, start);
            children.push(entry(next.nodes));
        }
        add_nested(&mut children, deeper, numbering, counters);
        let children = children.into_iter().map(Node::Element).collect();
        let element = Element::new(if has_numbers { "ol" } else { "ul" }, children);
        let is_ordinary = !has_numbers || first_number == 1;
        lists.push(Node::Element(if is_ordinary { element } else { element.with("start", first_number.to_string()) }));
    }
    lists
}

fn entry(nodes: Vec<Node>) -> Element {
    Element::new("li", vec![Node::Element(Element::new("p", nodes))])
}

/// The levels bound the recursion.
fn add_nested(children: &mut [Element], deeper: Vec<Item>, numbering: &Numbering, counters: &mut Counters) {
    if let Some(last) = children.last_mut().filter(|_| !deeper.is_empty()) {
        last.children.extend(nested(deeper, numbering, counters));
    }
}

/// The number of an item; those of the levels below it begin anew.
fn count(counters: &mut Counters, item: &Item, start: u32) -> u32 {
    let list = counters.entry(item.list.clone()).or_default();
    list.retain(|level, _| *level <= item.level);
    let next = list.entry(item.level).or_insert(start);
    let number = *next;
    *next = next.saturating_add(1);
    number
}

/// A level within the limits.
pub(super) fn level(level: u8) -> u8 {
    level.min(LEVELS - 1)
}
