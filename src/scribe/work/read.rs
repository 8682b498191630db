//! Reads a document's tree. Without recursion: documents may be nested as deeply as somebody likes.

use std::collections::{BTreeMap, HashMap};

use yrs::types::text::YChange;
use yrs::types::xml::XmlNodes;
use yrs::{Any, BranchID, Out, Text as _, Transaction, Xml as _, XmlElementRef, XmlFragment, XmlFragmentRef};
use yrs::{XmlOut, XmlTextRef};

use super::value;
use crate::scribe::tree::{DEPTH_MAX, Mark, Measure, Node, Run, Value};
use crate::scribe::{Failed, Text};

/// Most nodes and runs of a text together. A chapter of 100,000 characters has a thousand.
const PARTS_MAX: usize = 500_000;
/// Characters after the two dashes in the name of a mark that may lie over itself.
const SUFFIX_CHARS: usize = 8;

/// What a document says, and where.
pub(super) struct Reading {
    pub(super) text: Text,
    /// The way to each element and text, and to the root.
    pub(super) places: HashMap<BranchID, Vec<u32>>,
}

/// Reads the tree under `root`. Every child of an element becomes a node, even an empty text, so that ways in the tree
/// are ways in the document.
pub(super) fn read(transaction: &Transaction<'_>, root: &XmlFragmentRef) -> Result<Reading, Failed> {
    let mut walk = Walk {
        transaction,
        above: Vec::new(),
        level: Level::new(transaction, root),
        path: Vec::new(),
        places: HashMap::from([(XmlOut::Fragment(root.clone()).id(), Vec::new())]),
        measure: Measure::default(),
        parts: 0,
    };
    loop {
        if let Some(child) = walk.level.rest.next() {
            walk.enter(child)?;
        } else if !walk.leave()? {
            let text = Text { tree: walk.level.children, measure: walk.measure };
            return Ok(Reading { text, places: walk.places });
        }
    }
}

/// On the way through a document.
struct Walk<'a, 'doc> {
    transaction: &'a Transaction<'doc>,
    /// The elements around the one that is being read, each with its name and attributes; the outermost first.
    above: Vec<(Level<'a, 'doc>, String, BTreeMap<String, Value>)>,
    level: Level<'a, 'doc>,
    path: Vec<u32>,
    places: HashMap<BranchID, Vec<u32>>,
    measure: Measure,
    /// Nodes and runs so far.
    parts: usize,
}

impl Walk<'_, '_> {
    /// Reads a text, or goes into an element.
    fn enter(&mut self, child: XmlOut) -> Result<(), Failed> {
        if self.above.len() >= DEPTH_MAX {
            return Err(Failed::TooDeep);
        }
        self.path.push(u32::try_from(self.level.children.len()).map_err(|_| Failed::TooLarge)?);
        self.places.insert(child.id(), self.path.clone());
        self.parts += 1;
        match child {
            XmlOut::Element(element) => {
                let (name, attributes) = (name(&element)?, attributes(self.transaction, &element)?);
                let outer = std::mem::replace(&mut self.level, Level::new(self.transaction, &element));
                self.above.push((outer, name, attributes));
            }
            XmlOut::Text(text) => {
                let runs = runs(self.transaction, &text)?;
                self.measure += Measure::of(&runs);
                self.parts += runs.len();
                self.level.children.push(Node::Text { runs });
                self.path.pop();
            }
            XmlOut::Fragment(_) => return Err(Failed::Foreign("a fragment in a text".to_owned())),
        }
        if self.parts > PARTS_MAX { Err(Failed::TooLarge) } else { Ok(()) }
    }

    /// Goes back to the element around this one; whether there is one.
    fn leave(&mut self) -> Result<bool, Failed> {
        self.level.check()?;
        let Some((outer, name, attributes)) = self.above.pop() else { return Ok(false) };
        let Level { children, .. } = std::mem::replace(&mut self.level, outer);
        self.level.children.push(Node::Element { name, attributes, children });
        self.path.pop();
        Ok(true)
    }
}

/// An element whose children are being read.
struct Level<'a, 'doc> {
    rest: XmlNodes<'a, Transaction<'doc>>,
    children: Vec<Node>,
    /// How many children there are in the document.
    expected: u32,
}

impl<'a, 'doc> Level<'a, 'doc> {
    fn new(transaction: &'a Transaction<'doc>, element: &impl XmlFragment) -> Self {
        let expected = element.len(transaction);
        Self { rest: element.children(transaction), children: Vec::new(), expected }
    }

    /// The library stops at a child that it has no name for, as if it were the last.
    fn check(&self) -> Result<(), Failed> {
        if self.children.len() as u64 == u64::from(self.expected) {
            Ok(())
        } else {
            Err(Failed::Foreign("something that is neither element nor text".to_owned()))
        }
    }
}

fn name(element: &XmlElementRef) -> Result<String, Failed> {
    let name = element.try_tag().ok_or_else(|| Failed::Foreign("an element without a name".to_owned()))?;
    Ok(name.to_string())
}

fn attributes(transaction: &Transaction<'_>, element: &XmlElementRef) -> Result<BTreeMap<String, Value>, Failed> {
    let attributes = element.attributes(transaction).map(|(name, value)| match value {
        Out::Any(value) => Ok((name.to_owned(), value::read(&value)?)),
        _ => Err(Failed::Foreign("an attribute that is a document of its own".to_owned())),
    });
    attributes.collect()
}

fn runs(transaction: &Transaction<'_>, text: &XmlTextRef) -> Result<Vec<Run>, Failed> {
    let mut runs: Vec<Run> = Vec::new();
    for part in text.diff(transaction, YChange::identity) {
        let Out::Any(Any::String(text)) = part.insert else {
            return Err(Failed::Foreign("something in a line that is not text".to_owned()));
        };
        // In order of the whole names, so that two marks of the same name have an order.
        let attributes: BTreeMap<_, _> = part.attributes.into_iter().flat_map(|all| all.into_iter()).collect();
        let marks = attributes
            .iter()
            .map(|(key, value)| Ok(Mark { name: mark_name(key).to_owned(), value: value::read(value)? }))
            .collect::<Result<Vec<Mark>, Failed>>()?;
        match runs.last_mut() {
            // The library begins another one where somebody else writes on.
            Some(last) if last.marks == marks => last.text.push_str(&text),
            _ => runs.push(Run { text: text.to_string(), marks }),
        }
    }
    Ok(runs)
}

/// The name of a mark without what tells it from another one of the same name over the same text.
fn mark_name(key: &str) -> &str {
    let is_suffix = |suffix: &&str| {
        suffix.len() == SUFFIX_CHARS && suffix.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    };
    key.rsplit_once("--").filter(|(_, suffix)| is_suffix(suffix)).map_or(key, |(name, _)| name)
}
