//! A chapter's text as a tree of our own: what a document is read into, and what the first state is made from.
//!
//! Names of elements, attributes and marks are those of the editor ("paragraph", "level", "bold"); this file gives
//! none of them a meaning.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Deepest nesting of elements: a text in an item of a list in a quote is at depth 4.
pub const DEPTH_MAX: usize = 64;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Node {
    /// A block, or something in a line that is not text.
    Element {
        /// What it is: `paragraph`, `heading`, `bulletList`, `hardBreak` …
        name: String,
        /// What is said about it: the `level` of a heading …
        attributes: BTreeMap<String, Value>,
        /// What is in it.
        children: Vec<Node>,
    },
    /// Text within an element.
    Text {
        /// One after another.
        runs: Vec<Run>,
    },
}

/// Text that looks the same from its first to its last character.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// What is written.
    pub text: String,
    /// How, in the order of the names.
    pub marks: Vec<Mark>,
}

/// How a run looks or what it is: `bold`, `link` …
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// What it is.
    pub name: String,
    /// What is said about it: an empty map, or the `href` of a link …
    pub value: Value,
}

/// What is said about an element or a mark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number as browsers have them.
    Number(f64),
    /// A string.
    String(String),
    /// Several.
    List(Vec<Value>),
    /// Several with names.
    Map(BTreeMap<String, Value>),
}

/// How long a text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Characters, spaces too.
    pub characters: u64,
    /// What stands between spaces, ends of blocks and breaks of lines.
    pub words: u64,
}

impl Node {
    /// There is a letter in it, or something that is no text: a picture, a line.
    pub fn says_something(&self) -> bool {
        match self {
            Self::Text { runs } => runs.iter().any(|run| run.text.contains(|letter: char| !letter.is_whitespace())),
            Self::Element { name, children, .. } if children.is_empty() => {
                matches!(name.as_str(), "image" | "horizontalRule" | "sceneBreak")
            }
            Self::Element { children, .. } => children.iter().any(Self::says_something),
        }
    }

    /// An element without attributes.
    pub fn element(name: &str, children: Vec<Node>) -> Self {
        Self::Element { name: name.to_owned(), attributes: BTreeMap::new(), children }
    }

    /// The same element with one attribute more. A text has none and stays as it is.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        if let Self::Element { attributes, .. } = &mut self {
            attributes.insert(name.to_owned(), value);
        }
        self
    }

    /// A text of these runs.
    pub fn text(runs: Vec<Run>) -> Self {
        Self::Text { runs }
    }
}

impl Run {
    /// Text without marks.
    pub fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), marks: Vec::new() }
    }

    /// The same text with one mark more.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.marks.push(Mark { name: name.to_owned(), value });
        self
    }
}

impl Value {
    /// What is said about a mark that needs no more than its name.
    pub fn empty() -> Self {
        Self::Map(BTreeMap::new())
    }
}

impl Measure {
    /// The length of one text.
    pub fn of(runs: &[Run]) -> Self {
        let mut measure = Self::default();
        let mut in_word = false;
        for char in runs.iter().flat_map(|run| run.text.chars()) {
            measure.characters += 1;
            measure.words += u64::from(!in_word && !char.is_whitespace());
            in_word = !char.is_whitespace();
        }
        measure
    }
}

impl AddAssign for Measure {
    fn add_assign(&mut self, other: Self) {
        self.characters += other.characters;
        self.words += other.words;
    }
}

/// The same text as an editor would lay it out: neighbouring texts are one, and so are neighbouring runs that look the
/// same; what is empty and what says nothing is left out; marks are in order.
pub fn normal(nodes: Vec<Node>) -> Vec<Node> {
    let mut all: Vec<Node> = Vec::with_capacity(nodes.len());
    for node in nodes {
        match (node, all.last_mut()) {
            (Node::Text { runs }, Some(Node::Text { runs: before })) => join(before, runs),
            (Node::Text { runs }, _) => {
                let mut joined = Vec::with_capacity(runs.len());
                join(&mut joined, runs);
                if !joined.is_empty() {
                    all.push(Node::Text { runs: joined });
                }
            }
            (Node::Element { name, mut attributes, children }, _) => {
                attributes.retain(|_, value| *value != Value::Null);
                all.push(Node::Element { name, attributes, children: normal(children) });
            }
        }
    }
    all
}

fn join(before: &mut Vec<Run>, runs: Vec<Run>) {
    for mut run in runs.into_iter().filter(|run| !run.text.is_empty()) {
        run.marks.sort_by(|a, b| a.name.cmp(&b.name));
        match before.last_mut() {
            Some(last) if last.marks == run.marks => last.text.push_str(&run.text),
            _ => before.push(run),
        }
    }
}

/// No node is deeper than [`DEPTH_MAX`].
pub fn is_shallow(nodes: &[Node]) -> bool {
    let mut levels = vec![nodes.iter()];
    while let Some(level) = levels.last_mut() {
        match level.next() {
            Some(Node::Element { .. } | Node::Text { .. }) if levels.len() > DEPTH_MAX => return false,
            Some(Node::Element { children, .. }) => levels.push(children.iter()),
            Some(Node::Text { .. }) => {}
            None => drop(levels.pop()),
        }
    }
    true
}
