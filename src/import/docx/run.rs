//! What is in a line: runs with their marks, links, notes, pictures.

use super::body::{Body, alternative};
use super::{switch, value};
use crate::import::document::small_caps;
use crate::import::hypertext::builder::has_other_scheme;
use crate::import::loss::LossKind;
use crate::import::manuscript::note;
use crate::import::tree::{Element, Node};

/// How a run looks; `None` is not said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    bold: Option<bool>,
    italic: Option<bool>,
    underline: Option<bool>,
    strike: Option<bool>,
    small_caps: Option<bool>,
    /// `sup` and `sub`; `Some("")` is neither.
    raised: Option<&'static str>,
    hidden: Option<bool>,
}

impl Marks {
    /// Those that properties of a run name.
    pub(super) fn of(properties: &Element) -> Self {
        let raised = value(properties, "vertAlign").map(|align| match align {
            "superscript" => "sup",
            "subscript" => "sub",
            _ => "",
        });
        Self {
            bold: switch(properties, "b"),
            italic: switch(properties, "i"),
            underline: switch(properties, "u"),
            strike: switch(properties, "strike").or_else(|| switch(properties, "dstrike")),
            small_caps: switch(properties, "smallCaps"),
            raised,
            hidden: switch(properties, "vanish"),
        }
    }

    /// These, and where they say nothing the others.
    pub(super) fn or(self, others: Self) -> Self {
        Self {
            bold: self.bold.or(others.bold),
            italic: self.italic.or(others.italic),
            underline: self.underline.or(others.underline),
            strike: self.strike.or(others.strike),
            small_caps: self.small_caps.or(others.small_caps),
            raised: self.raised.or(others.raised),
            hidden: self.hidden.or(others.hidden),
        }
    }

    /// Nodes within the elements for these marks.
    fn around(self, nodes: Vec<Node>) -> Vec<Node> {
        let has_text = nodes.iter().any(|node| matches!(node, Node::Text(text) if !text.trim().is_empty()));
        if !has_text {
            return nodes;
        }
        let marks = [
            (self.small_caps, "span"),
            (self.raised.map(|raised| !raised.is_empty()), self.raised.unwrap_or_default()),
            (self.strike, "s"),
            (self.underline, "u"),
            (self.italic, "em"),
            (self.bold, "strong"),
        ];
        let on = marks.into_iter().filter(|(is_on, _)| *is_on == Some(true));
        on.fold(nodes, |nodes, (_, name)| {
            vec![Node::Element(if name == "span" { small_caps(nodes) } else { Element::new(name, nodes) })]
        })
    }
}

impl Body<'_> {
    /// Adds what is in a paragraph, or in something in it, to a line. The depth of the tree bounds the recursion.
    pub(super) fn line(&mut self, element: &Element, marks: Marks, line: &mut Vec<Node>) {
        for child in element.elements() {
            match child.name.as_str() {
                "r" => self.run(child, marks, line),
                "hyperlink" => self.link(child, marks, line),
                "ins" | "moveTo" | "smartTag" | "sdt" | "sdtContent" | "fldSimple" | "customXml" | "dir" | "bdo" => {
                    self.line(child, marks, line);
                }
                "del" | "moveFrom" => self.losses.add(LossKind::Deletions, 1),
                "oMath" | "oMathPara" => {
                    self.losses.add(LossKind::Equations, 1);
                    let letters = child.descendants().filter(|element| element.name == "t").map(Element::text);
                    push_all(line, vec![Node::Text(letters.collect())]);
                }
                "AlternateContent" => {
                    if let Some(choice) = alternative(child) {
                        self.line(choice, marks, line);
                    }
                }
                _ => {}
            }
        }
    }

    fn link(&mut self, element: &Element, marks: Marks, line: &mut Vec<Node>) {
        let id = element.attribute("r:id").or_else(|| element.local_attribute("id"));
        let address = id.and_then(|id| self.links.addresses.get(id)).cloned();
        let mut nodes = Vec::new();
        self.line(element, marks, &mut nodes);
        let nodes = without_underline(nodes);
        // A place on the page that the address leads to stands beside it.
        let place = element.local_attribute("anchor").filter(|_| address.as_ref().is_some_and(|at| !at.contains('#')));
        let address = address.map(|at| place.map_or(at.clone(), |place| format!("{at}#{place}")));
        match address {
            Some(address) if has_other_scheme(&address) || !address.contains(':') => {
                self.losses.add(LossKind::Links, 1);
                push_all(line, nodes);
            }
            Some(address) => line.push(Node::Element(Element::new("a", nodes).with("href", address))),
            // A place in this file.
            None => push_all(line, nodes),
        }
    }

    fn run(&mut self, element: &Element, outer: Marks, line: &mut Vec<Node>) {
        let properties = element.child("rPr");
        let own = properties.map(Marks::of).unwrap_or_default();
        let style = properties.and_then(|properties| value(properties, "rStyle"));
        let marks = own.or(style.map(|style| self.styles.marks(style)).unwrap_or_default()).or(outer);
        if marks.hidden == Some(true) {
            return;
        }
        let mut nodes = Vec::new();
        self.content(element, &mut nodes);
        // The number of a note is raised anyway.
        let is_note = nodes.iter().any(|node| matches!(node, Node::Element(element) if element.name.starts_with('#')));
        push_all(line, if is_note { nodes } else { marks.around(nodes) });
    }

    /// What is in a run.
    fn content(&mut self, element: &Element, nodes: &mut Vec<Node>) {
        for child in element.elements() {
            match child.name.as_str() {
                "t" => push_text(nodes, &exact_text(child)),
                "tab" | "ptab" => push_text(nodes, " "),
                "br" if matches!(child.local_attribute("type"), Some("page" | "column")) => {}
                "br" | "cr" => nodes.push(Node::Element(Element::new("br", Vec::new()))),
                "noBreakHyphen" => push_text(nodes, "\u{2011}"),
                "softHyphen" => push_text(nodes, "\u{ad}"),
                "sym" => push_text(nodes, &symbol(child).map(String::from).unwrap_or_default()),
                "footnoteReference" | "endnoteReference" => {
                    let sign = &child.name[..1];
                    let id = child.local_attribute("id");
                    nodes.extend(id.map(|id| Node::Element(note(&format!("{sign}{id}")))));
                }
                "commentReference" => self.losses.add(LossKind::Comments, 1),
                "drawing" | "pict" => self.picture(child, nodes),
                "object" => self.losses.add(LossKind::Objects, 1),
                "ruby" => {
                    if let Some(base) = child.child("rubyBase") {
                        self.line(base, Marks::default(), nodes);
                    }
                }
                "AlternateContent" => {
                    if let Some(choice) = alternative(child) {
                        self.content(choice, nodes);
                    }
                }
                _ => {}
            }
        }
    }

    /// A picture, a chart, or a box with text in it.
    fn picture(&mut self, element: &Element, nodes: &mut Vec<Node>) {
        if let Some(text) = element.find("txbxContent") {
            self.losses.add(LossKind::TextBoxes, 1);
            let carried = std::mem::take(&mut self.boxed);
            let blocks = self.blocks(text);
            let inner = std::mem::replace(&mut self.boxed, carried);
            self.boxed.extend(blocks.into_iter().chain(inner));
            return;
        }
        let has = |names: &[&str]| element.descendants().any(|element| names.contains(&element.name.as_str()));
        let said = |name: &str, attribute: &str| {
            let named = element.descendants().filter(|element| element.name == name);
            named.filter_map(|element| element.attribute(attribute)).find(|text| !text.trim().is_empty())
        };
        let text = said("docPr", "descr").or_else(|| said("docPr", "title")).or_else(|| said("shape", "alt"));
        let text = text.unwrap_or_default();
        if has(&["pic", "blip", "imagedata"]) {
            let src = element.descendants().find_map(|element| match element.name.as_str() {
                "blip" => element.local_attribute("embed").or_else(|| element.local_attribute("link")),
                "imagedata" => element.local_attribute("id"),
                _ => None,
            });
            let src = src.and_then(|id| self.links.pictures.get(id)).cloned().unwrap_or_default();
            nodes.push(Node::Element(Element::new("img", Vec::new()).with("src", src).with("alt", text)));
            return;
        }
        if has(&["chart", "relIds", "OLEObject"]) {
            self.losses.add(LossKind::Objects, 1);
        }
        push_text(nodes, text);
    }
}

/// The line under a link is how links look, and no emphasis.
fn without_underline(nodes: Vec<Node>) -> Vec<Node> {
    let mut plain = Vec::new();
    for node in nodes {
        match node {
            Node::Element(element) if element.name == "u" => push_all(&mut plain, element.children),
            Node::Element(mut element) => {
                element.children = without_underline(element.children);
                plain.push(Node::Element(element));
            }
            Node::Text(text) => push_text(&mut plain, &text),
        }
    }
    plain
}

/// A text with all its blanks.
fn exact_text(element: &Element) -> String {
    let texts = element.children.iter().filter_map(|node| match node {
        Node::Text(text) => Some(text.as_str()),
        Node::Element(_) => None,
    });
    texts.collect()
}

/// A sign by its number, unless it only means something in its own font.
fn symbol(element: &Element) -> Option<char> {
    let code = u32::from_str_radix(element.local_attribute("char")?, 16).ok()?;
    char::from_u32(code).filter(|char| !('\u{e000}'..='\u{f8ff}').contains(char) && !char.is_control())
}

fn push_text(nodes: &mut Vec<Node>, text: &str) {
    match nodes.last_mut() {
        Some(Node::Text(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => nodes.push(Node::Text(text.to_owned())),
    }
}

/// Adds nodes to a line; text that is split into runs, and runs that look the same, become one.
fn push_all(line: &mut Vec<Node>, nodes: Vec<Node>) {
    for node in nodes {
        match (line.last_mut(), node) {
            (_, Node::Text(text)) => push_text(line, &text),
            (Some(Node::Element(last)), Node::Element(element))
                if last.name == element.name && ["em", "strong", "u", "s", "span"].contains(&last.name.as_str()) =>
            {
                push_all(&mut last.children, element.children);
            }
            (_, node) => line.push(node),
        }
    }
}
