//! Blocks from elements.

use quire_protocol::AssetId;

use super::element::{Child, Element};
use super::line::{Line, Marks};
use super::table;
use crate::export::markup::is_allowed;
use crate::export::picture;
use crate::scribe::tree::{Node, Run, Value};

/// Deepest element that is made: a list in a table needs five levels more, and a tree may have 64.
const DEPTH_MAX: usize = 58;
/// The largest number that an item of a list may begin with.
const START_MAX: f64 = 999_999.0;

/// The blocks of a text.
pub(super) fn blocks(root: &Element) -> Vec<Node> {
    let mut flow = Flow::at(0);
    flow.children(root, &Marks::default());
    flow.finish()
}

/// Blocks that follow each other, and the line that is not a block yet.
pub(super) struct Flow {
    blocks: Vec<Node>,
    line: Line,
    /// The level of the heading that the line is, if it is one.
    heading: Option<u32>,
    /// Elements around these blocks.
    depth: usize,
}

impl Flow {
    pub(super) fn at(depth: usize) -> Self {
        Self { blocks: Vec::new(), line: Line::default(), heading: None, depth }
    }

    pub(super) fn finish(mut self) -> Vec<Node> {
        self.end_block();
        self.blocks
    }

    pub(super) fn children(&mut self, element: &Element, marks: &Marks) {
        element.children.iter().for_each(|child| self.child(child, marks));
    }

    /// The depth of the tree of elements bounds the recursion.
    pub(super) fn child(&mut self, child: &Child, marks: &Marks) {
        let element = match child {
            Child::Text(text) => return self.line.text(text, marks),
            Child::Element(element) => element,
        };
        let has_room = self.depth < DEPTH_MAX;
        match element.name.as_str() {
            "br" => self.line.end_line(),
            "img" => match picture(element) {
                Some(picture) => self.block(picture),
                None => self.line.text(element.attribute("alt").unwrap_or_default(), marks),
            },
            // A rule in a text that comes from elsewhere means that a scene ends.
            "hr" => self.block(Node::element("sceneBreak", Vec::new())),
            "pre" => self.code(element),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(element, marks),
            "blockquote" if has_room => {
                let quoted = self.inside(1, element, marks);
                if !quoted.is_empty() {
                    self.block(Node::element("blockquote", quoted));
                }
            }
            "ul" | "menu" if has_room => self.list(element, marks, Node::element("bulletList", Vec::new())),
            "ol" if has_room => {
                let start = Value::Number(start(element));
                self.list(element, marks, Node::element("orderedList", Vec::new()).with("start", start));
            }
            "table" if has_room => {
                let (table, others) = table::table(element, marks, self.depth);
                self.end_block();
                self.blocks.extend(others);
                self.blocks.extend(table);
            }
            "dt" => self.boxed(element, &marks.bold()),
            name if is_box(name) => self.boxed(element, marks),
            _ => self.children(element, &marks.with(element)),
        }
    }

    /// Something that begins and ends a line and is nothing else.
    fn boxed(&mut self, element: &Element, marks: &Marks) {
        self.end_block();
        self.children(element, &marks.with(element));
        self.end_block();
    }

    fn heading(&mut self, element: &Element, marks: &Marks) {
        self.end_block();
        let level = element.name.strip_prefix('h').and_then(|level| level.parse().ok());
        let around = std::mem::replace(&mut self.heading, level);
        self.children(element, marks);
        self.end_block();
        self.heading = around;
    }

    fn code(&mut self, element: &Element) {
        let mut text = String::new();
        collect(element, &mut text);
        // A line feed directly behind the start is for those who look at the file.
        let text = text.strip_prefix('\n').unwrap_or(&text);
        if text.chars().all(char::is_whitespace) {
            return;
        }
        let code = Node::element("codeBlock", vec![Node::text(vec![Run::plain(text)])]);
        self.block(match language(element) {
            Some(language) => code.with("language", Value::String(language.to_owned())),
            None => code,
        });
    }

    /// A list. What stands in it beside its items is an item; another list belongs to the item before it.
    fn list(&mut self, element: &Element, marks: &Marks, list: Node) {
        let mut items: Vec<Vec<Node>> = Vec::new();
        for child in &element.children {
            let is_item = matches!(child, Child::Element(element) if element.name == "li");
            let is_list = matches!(child, Child::Element(element) if matches!(element.name.as_str(), "ul" | "ol"));
            let mut flow = Self::at(self.depth + 2);
            match child {
                Child::Element(item) if is_item => flow.children(item, &marks.with(item)),
                other => flow.child(other, marks),
            }
            let blocks = flow.finish();
            match items.last_mut() {
                Some(last) if is_list => last.extend(blocks),
                _ if is_item || !blocks.is_empty() => items.push(blocks),
                _ => {}
            }
        }
        let Node::Element { name, attributes, .. } = list else { return };
        let children: Vec<Node> = items.into_iter().map(item).collect();
        if !children.is_empty() {
            self.block(Node::Element { name, attributes, children });
        }
    }

    /// The blocks in an element, so many levels down.
    fn inside(&mut self, levels: usize, element: &Element, marks: &Marks) -> Vec<Node> {
        let mut flow = Self::at(self.depth + levels);
        flow.children(element, &marks.with(element));
        flow.finish()
    }

    fn block(&mut self, block: Node) {
        self.end_block();
        self.blocks.push(block);
    }

    fn end_block(&mut self) {
        if let Some(line) = self.line.take() {
            self.blocks.push(match self.heading {
                Some(level) => Node::element("heading", line).with("level", Value::Number(f64::from(level))),
                None => Node::element("paragraph", line),
            });
        }
    }
}

/// A picture of the book.
fn picture(element: &Element) -> Option<Node> {
    let id = element.attribute("data-asset").and_then(|id| AssetId::new(id).ok())?;
    let node = Node::element(picture::ELEMENT, Vec::new()).with(picture::ATTRIBUTE, Value::String(id.to_string()));
    let node = match element.attribute("alt") {
        Some(alt) if !alt.is_empty() => node.with("alt", Value::String(alt.to_owned())),
        _ => node,
    };
    let width = element.attribute("width").and_then(|width| width.strip_suffix('%')?.parse::<u32>().ok());
    Some(match width {
        Some(percent) if (1..=100).contains(&percent) => node.with("width", Value::Number(f64::from(percent))),
        _ => node,
    })
}

/// An item begins with a paragraph, even if that is empty.
fn item(mut blocks: Vec<Node>) -> Node {
    let begins = matches!(blocks.first(), Some(Node::Element { name, .. }) if name == "paragraph");
    if !begins {
        blocks.insert(0, Node::element("paragraph", Vec::new()));
    }
    Node::element("listItem", blocks)
}

/// Elements that stand on lines of their own. What has no room as what it is, is one of them, too.
fn is_box(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "aside"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "figure"
            | "figcaption"
            | "address"
            | "center"
            | "details"
            | "summary"
            | "fieldset"
            | "form"
            | "legend"
            | "hgroup"
            | "dl"
            | "dd"
            | "li"
            | "body"
            | "html"
            | "caption"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "td"
            | "th"
            | "blockquote"
            | "ul"
            | "ol"
            | "menu"
            | "table"
    )
}

/// The text of an element as it is written.
fn collect(element: &Element, text: &mut String) {
    for child in &element.children {
        match child {
            Child::Text(more) => text.extend(more.chars().filter(|char| is_allowed(*char))),
            Child::Element(element) => match element.name.as_str() {
                "br" => text.push('\n'),
                "img" => {
                    text.extend(element.attribute("alt").unwrap_or_default().chars().filter(|char| is_allowed(*char)));
                }
                _ => collect(element, text),
            },
        }
    }
}

/// The programming language, where a class of the element or of the code in it names it.
fn language(element: &Element) -> Option<&str> {
    let classes = [Some(element), element.elements().next()].into_iter().flatten();
    let mut names = classes.filter_map(|element| element.attribute("class")).flat_map(str::split_whitespace);
    names.find_map(|class| class.strip_prefix("language-")).filter(|language| !language.is_empty())
}

fn start(element: &Element) -> f64 {
    let number: Option<f64> =
        element.attribute("start").and_then(|start| start.trim().parse::<u32>().ok()).map(f64::from);
    number.map_or(1.0, |number| number.min(START_MAX))
}
