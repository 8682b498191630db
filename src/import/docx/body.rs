//! Blocks: paragraphs by their styles, lists, tables.

use super::lists::{self, Counters, Item, Numbering};
use super::run::Marks;
use super::styles::{self, Role, Styles};
use super::{Links, table, value};
use crate::import::loss::{LossKind, Losses};
use crate::import::plain::is_scene_break;
use crate::import::tree::{Element, Node};

/// What is known while blocks are read.
pub(super) struct Body<'a> {
    pub(super) styles: &'a Styles,
    numbering: &'a Numbering,
    /// Where links lead, and where pictures are.
    pub(super) links: &'a Links,
    pub(super) losses: &'a mut Losses,
    /// The first paragraph that is a title, and the first that is a subtitle.
    pub(super) title: Option<String>,
    pub(super) subtitle: Option<String>,
    counters: Counters,
    /// Blocks of text boxes, which come behind the paragraph that holds them.
    pub(super) boxed: Vec<Node>,
    /// The line of a paragraph whose end was deleted: it goes on in the next.
    carried: Vec<Node>,
}

/// Blocks so far, and the items of a list that has not ended.
#[derive(Default)]
struct Blocks {
    nodes: Vec<Node>,
    items: Vec<Item>,
}

impl<'a> Body<'a> {
    pub(super) fn new(styles: &'a Styles, numbering: &'a Numbering, links: &'a Links, losses: &'a mut Losses) -> Self {
        let (boxed, carried) = (Vec::new(), Vec::new());
        let counters = Counters::new();
        Self { styles, numbering, links, losses, title: None, subtitle: None, counters, boxed, carried }
    }

    /// The blocks in an element: the body, a cell, a note.
    pub(super) fn blocks(&mut self, element: &Element) -> Vec<Node> {
        let mut blocks = Blocks::default();
        self.add(element, &mut blocks);
        let carried = std::mem::take(&mut self.carried);
        if !carried.is_empty() {
            self.end_list(&mut blocks);
            blocks.nodes.push(Node::Element(Element::new("p", carried)));
        }
        self.end_list(&mut blocks);
        blocks.nodes
    }

    /// The depth of the tree bounds the recursion.
    fn add(&mut self, element: &Element, blocks: &mut Blocks) {
        for child in element.elements() {
            match child.name.as_str() {
                "p" => self.paragraph(child, blocks),
                "tbl" => {
                    self.end_list(blocks);
                    let table = table::read(self, child);
                    blocks.nodes.extend(table.map(Node::Element));
                }
                "sdt" if is_contents(child) => {}
                "sdt" | "sdtContent" | "ins" | "moveTo" | "customXml" | "smartTag" => self.add(child, blocks),
                "AlternateContent" => {
                    if let Some(choice) = alternative(child) {
                        self.add(choice, blocks);
                    }
                }
                "del" | "moveFrom" => self.losses.add(LossKind::Deletions, 1),
                "oMathPara" | "oMath" => {
                    let mut line = Vec::new();
                    self.line(child, Marks::default(), &mut line);
                    self.end_list(blocks);
                    blocks.nodes.push(Node::Element(Element::new("p", line)));
                }
                "altChunk" => self.losses.add(LossKind::Objects, 1),
                _ => {}
            }
        }
    }

    fn end_list(&mut self, blocks: &mut Blocks) {
        let items = std::mem::take(&mut blocks.items);
        blocks.nodes.extend(lists::nested(items, self.numbering, &mut self.counters));
    }

    fn paragraph(&mut self, element: &Element, blocks: &mut Blocks) {
        let none = Element::default();
        let properties = element.child("pPr").unwrap_or(&none);
        let style = value(properties, "pStyle").unwrap_or_default();
        let role = styles::outline(properties).filter(|role| *role != Role::Text);
        let role = role.unwrap_or_else(|| self.styles.role(style));
        if role == Role::Contents {
            return;
        }
        let mut line = std::mem::take(&mut self.carried);
        self.line(element, Marks::default(), &mut line);
        let boxed = std::mem::take(&mut self.boxed);
        let mark = properties.child("rPr");
        if mark.is_some_and(|mark| mark.child("del").is_some() || mark.child("moveFrom").is_some()) {
            self.carried = line;
        } else {
            self.finished(properties, role, line, blocks);
        }
        if !boxed.is_empty() {
            self.end_list(blocks);
            blocks.nodes.extend(boxed);
        }
    }

    /// Adds a paragraph whose line was read.
    fn finished(&mut self, properties: &Element, role: Role, line: Vec<Node>, blocks: &mut Blocks) {
        let style = value(properties, "pStyle").unwrap_or_default();
        let element = Element::new("p", line);
        let text = element.text();
        let has_line = !text.is_empty() || element.elements().next().is_some();
        let of_style = self.styles.list(style);
        let (own_list, own_level) = styles::list(properties);
        let list = own_list.as_deref().or(of_style.0).filter(|list| *list != "0");
        if let (Role::Text | Role::Quote, Some(list), true) = (role, list, has_line) {
            // Items of another list end the one before it; those of deeper levels are in it.
            let level = lists::level(own_level.or(of_style.1).unwrap_or_default());
            blocks.items.push(Item { list: list.to_owned(), level, nodes: element.children });
            return;
        }
        self.end_list(blocks);
        let line = element.children;
        match role {
            Role::Title if self.title.is_none() && !text.is_empty() => self.title = Some(text),
            Role::Title if has_line => blocks.nodes.push(heading(1, line)),
            Role::Subtitle if self.subtitle.is_none() && !text.is_empty() => self.subtitle = Some(text),
            Role::Heading(level) if has_line => blocks.nodes.push(heading(level, line)),
            Role::Quote => {
                let paragraph = Node::Element(Element::new("p", line));
                match blocks.nodes.last_mut() {
                    Some(Node::Element(quote)) if quote.name == "blockquote" => quote.children.push(paragraph),
                    _ => blocks.nodes.push(Node::Element(Element::new("blockquote", vec![paragraph]))),
                }
            }
            _ if is_scene_break(&text) => blocks.nodes.push(Node::Element(Element::new("hr", Vec::new()))),
            Role::Text | Role::Subtitle => blocks.nodes.push(Node::Element(Element::new("p", line))),
            Role::Title | Role::Heading(_) | Role::Contents => {}
        }
    }
}

fn heading(level: u8, line: Vec<Node>) -> Node {
    Node::Element(Element::new(&format!("h{level}"), line))
}

/// Whether a frame holds the table of contents.
fn is_contents(frame: &Element) -> bool {
    let gallery = frame.child("sdtPr").and_then(|properties| properties.find("docPartGallery"));
    gallery.and_then(|gallery| gallery.local_attribute("val")) == Some("Table of Contents")
}

/// The one of several ways to say the same that is read.
pub(super) fn alternative(element: &Element) -> Option<&Element> {
    element.child("Choice").or_else(|| element.child("Fallback"))
}
