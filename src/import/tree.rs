//! A small bounded XML tree. Entities are those of HTML; a document type is skipped, so nothing is ever expanded.

use quick_xml::Reader;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Deepest nesting: walks over the tree are recursive.
const DEPTH_MAX: usize = 100;
/// Elements and texts of one document.
const NODES_MAX: usize = 400_000;

/// An element with everything in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Its name without a prefix.
    pub(super) name: String,
    /// Its attributes, names as written.
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
}

/// What is in an element.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

/// Not well-formed XML, or over a limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotATree;

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.name == name)
    }

    /// This element and everything in it, in document order.
    pub(super) fn descendants(&self) -> impl Iterator<Item = &Element> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            let next = open.pop()?;
            let first_of_rest = open.len();
            open.extend(next.elements());
            open[first_of_rest..].reverse();
            Some(next)
        })
    }

    /// The first descendant of this name.
    pub(super) fn find(&self, name: &str) -> Option<&Element> {
        self.descendants().find(|element| element.name == name)
    }

    /// All text in it, blanks collapsed.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.collect_text(&mut text);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn collect_text(&self, text: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(more) => text.push_str(more),
                Node::Element(element) if element.name == "br" => text.push(' '),
                Node::Element(element) => element.collect_text(text),
            }
        }
    }
}

/// The root element of a document.
pub(super) fn parse(text: &str) -> Result<Element, NotATree> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    for _ in 0..NODES_MAX {
        let event = reader.read_event().map_err(|_| NotATree)?;
        let depth = open.len();
        let parent = open.last_mut().ok_or(NotATree)?;
        match event {
            Event::Start(_) if depth > DEPTH_MAX => return Err(NotATree),
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => parent.children.push(Node::Element(element(&start))),
            Event::End(_) => {
                let ended = open.pop().ok_or(NotATree)?;
                open.last_mut().ok_or(NotATree)?.children.push(Node::Element(ended));
            }
            Event::Text(text) => add_text(parent, &text.html_content()),
            Event::CData(data) => add_text(parent, &data.html_content()),
            Event::GeneralRef(reference) => add_text(parent, &resolve(&reference)),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof if depth == 1 => {
                let document = open.pop().ok_or(NotATree)?;
                let root = document.children.into_iter().find_map(|node| match node {
                    Node::Element(root) => Some(root),
                    Node::Text(_) => None,
                });
                return root.ok_or(NotATree);
            }
            Event::Eof => return Err(NotATree),
        }
    }
    Err(NotATree)
}

/// References split a text; it is put together again.
fn add_text(parent: &mut Element, more: &str) {
    match parent.children.last_mut() {
        Some(Node::Text(text)) => text.push_str(more),
        _ => parent.children.push(Node::Text(more.to_owned())),
    }
}

/// What a reference stands for; nothing, if it is not one of HTML's.
fn resolve(reference: &BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(char)) => char.to_string(),
        Ok(None) => resolve_html5_entity(reference).unwrap_or_default().to_owned(),
        Err(_) => String::new(),
    }
}

fn element(start: &BytesStart<'_>) -> Element {
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten().map(|attribute| {
        let name = attribute.key.as_ref().to_owned();
        let value = quick_xml::escape::unescape_with(&attribute.value, resolve_html5_entity);
        (name, value.map_or_else(|_| attribute.value.clone().into_owned(), std::borrow::Cow::into_owned))
    });
    Element { name: start.local_name().as_ref().to_owned(), attributes: attributes.collect(), children: Vec::new() }
}
