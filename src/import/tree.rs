//! A small bounded XML tree. Entities are those of HTML; a document type is skipped, so nothing is ever expanded.

use quick_xml::Reader;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Deepest nesting: walks over the tree are recursive.
pub(super) const DEPTH_MAX: usize = 100;
/// Elements of HTML that have no end (`meta` and `link` do in a package).
const EMPTY: [&str; 5] = ["br", "hr", "img", "input", "col"];
/// Elements of HTML that end where the next of their kind begins.
const SIBLINGS: [&str; 6] = ["p", "li", "dt", "dd", "tr", "td"];
/// Elements and texts of one document.
pub(super) const NODES_MAX: usize = 400_000;

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
    /// An element of this name without attributes.
    pub(super) fn new(name: &str, children: Vec<Node>) -> Self {
        Self { name: name.to_owned(), attributes: Vec::new(), children }
    }

    /// This element with one more attribute.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.attributes.push((name.to_owned(), value.into()));
        self
    }

    /// The same element with these in it.
    pub(super) fn around(&self, children: Vec<Node>) -> Self {
        Self { name: self.name.clone(), attributes: self.attributes.clone(), children }
    }

    /// Gives an attribute this value.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.attributes.push((name.to_owned(), value.to_owned()));
    }

    /// Takes an attribute away.
    pub(super) fn remove(&mut self, name: &str) {
        self.attributes.retain(|(known, _)| known != name);
    }

    /// An attribute by its name without a prefix: different writers choose different prefixes.
    pub(super) fn local_attribute(&self, name: &str) -> Option<&str> {
        let local = |known: &str| known.rsplit_once(':').map_or(known == name, |(_, local)| local == name);
        self.attributes.iter().find(|(known, _)| local(known)).map(|(_, value)| value.as_str())
    }

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
///
/// Forgives what old pages forget: an end tag that is missing or has no start, an element that has no end, a lone `&`.
pub(super) fn parse(text: &str) -> Result<Element, NotATree> {
    parse_up_to(text, NODES_MAX)
}

/// [`parse`] with its own limit: tags and texts, in number.
pub(super) fn parse_up_to(text: &str, nodes_max: usize) -> Result<Element, NotATree> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    (config.check_end_names, config.allow_unmatched_ends, config.allow_dangling_amp) = (false, true, true);
    let mut open = OpenElements(vec![Element::default()]);
    for _ in 0..nodes_max {
        match reader.read_event().map_err(|_| NotATree)? {
            Event::Start(start) => open.start(element(&start))?,
            Event::Empty(start) => open.innermost().children.push(Node::Element(element(&start))),
            Event::End(end) => open.end(&name(end.local_name().as_ref())),
            Event::Text(text) => open.text(&text.html_content()),
            Event::CData(data) => open.text(&data.html_content()),
            Event::GeneralRef(reference) => open.text(&resolve(&reference)),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof => return open.root(),
        }
    }
    Err(NotATree)
}

/// The elements that have begun and not ended, outermost first; the first stands for the document and never ends.
struct OpenElements(Vec<Element>);

impl OpenElements {
    fn innermost(&mut self) -> &mut Element {
        self.0.last_mut().expect("the document never ends")
    }

    fn start(&mut self, element: Element) -> Result<(), NotATree> {
        if EMPTY.contains(&element.name.as_str()) {
            self.innermost().children.push(Node::Element(element));
            return Ok(());
        }
        if SIBLINGS.contains(&element.name.as_str()) && self.innermost().name == element.name {
            self.close();
        }
        if self.0.len() > DEPTH_MAX {
            return Err(NotATree);
        }
        self.0.push(element);
        Ok(())
    }

    fn end(&mut self, name: &str) {
        if let Some(index) = self.0.iter().rposition(|element| element.name == name).filter(|index| *index > 0) {
            while self.0.len() > index {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        let ended = self.0.pop().expect("only elements above the document are closed");
        self.innermost().children.push(Node::Element(ended));
    }

    /// References split a text; it is put together again.
    fn text(&mut self, more: &str) {
        let children = &mut self.innermost().children;
        match children.last_mut() {
            Some(Node::Text(text)) => text.push_str(more),
            _ => children.push(Node::Text(more.to_owned())),
        }
    }

    fn root(mut self) -> Result<Element, NotATree> {
        while self.0.len() > 1 {
            self.close();
        }
        let nodes = self.0.pop().ok_or(NotATree)?.children.into_iter();
        let mut elements = nodes.filter_map(|node| match node {
            Node::Element(root) => Some(root),
            Node::Text(_) => None,
        });
        elements.next().ok_or(NotATree)
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
    Element { name: name(start.local_name().as_ref()), attributes: attributes.collect(), children: Vec::new() }
}

/// Old pages shout: `<BODY>`. Names of mixed case are XML's and stay.
fn name(name: &str) -> String {
    if name.bytes().any(|byte| byte.is_ascii_lowercase()) { name.to_owned() } else { name.to_ascii_lowercase() }
}
