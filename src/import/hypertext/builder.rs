//! A bounded tree of the elements that a text is made of. All others are looked through, or dropped with what is in
//! them.

use crate::import::document::{BOXES, KEPT, is_block, small_caps};
use crate::import::loss::{LossKind, Losses};
use crate::import::tree::{DEPTH_MAX, Element, NODES_MAX, Node, NotATree};

/// Elements that have no end.
const EMPTY: [&str; 3] = ["br", "hr", "img"];
/// Other names of elements that stay, or that [`crate::import::document`] knows how to write.
const ALIASES: [&str; 15] =
    ["i", "cite", "dfn", "var", "b", "tt", "kbd", "samp", "u", "ins", "s", "strike", "del", "center", "hgroup"];
/// Elements that go with everything in them; those of navigation repeat the headings.
const DROPPED: [&str; 19] = [
    "script", "style", "title", "svg", "math", "audio", "video", "iframe", "object", "template", "select", "textarea",
    "noscript", "noframes", "canvas", "datalist", "nav", "button", "applet",
];
/// Attributes that mean something to somebody.
const ATTRIBUTES: [&str; 14] = [
    "href", "src", "width", "colspan", "rowspan", "start", "alt", "class", "style", "name", "content", "lang",
    "xml:lang", "property",
];
/// What is around an element of the left that ends where one of its kind begins.
const SIBLINGS: [(&[&str], &[&str]); 5] = [
    (&["li"], &["ul", "ol"]),
    (&["dt", "dd"], &["dl"]),
    (&["td", "th"], &["tr", "table"]),
    (&["tr"], &["thead", "tbody", "tfoot", "table"]),
    (&["thead", "tbody", "tfoot"], &["table"]),
];

/// A tree in the making.
pub(in crate::import) struct Builder {
    /// The elements that have begun and not ended, outermost first; the first stands for the text and never ends.
    open: Vec<Element>,
    nodes: usize,
    /// The element whose content is dropped, and how many of its name have begun in it.
    dropped: Option<(String, usize)>,
    built: Built,
}

/// What was built.
#[derive(Default)]
pub(in crate::import) struct Built {
    pub(in crate::import) nodes: Vec<Node>,
    /// The page's title, as written.
    pub(in crate::import) title: String,
    pub(in crate::import) language: Option<String>,
    /// Names, in small letters, and contents of `meta`.
    pub(in crate::import) meta: Vec<(String, String)>,
    pub(in crate::import) losses: Losses,
}

impl Default for Builder {
    fn default() -> Self {
        Self { open: vec![Element::default()], nodes: 0, dropped: None, built: Built::default() }
    }
}

impl Builder {
    /// Whether an attribute of this name is of any use.
    pub(super) fn reads(name: &str) -> bool {
        ATTRIBUTES.iter().any(|known| name.eq_ignore_ascii_case(known))
    }

    /// Begins an element, which HTML names, in small letters.
    pub(in crate::import) fn start(&mut self, name: &str, attributes: Vec<(String, String)>) -> Result<(), NotATree> {
        if let Some((dropped, count)) = &mut self.dropped {
            *count += usize::from(dropped == name);
            return Ok(());
        }
        let of = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        match name {
            "html" | "body" => {
                let language = of("lang").or_else(|| of("xml:lang")).map(ToOwned::to_owned);
                self.built.language = self.built.language.take().or(language);
            }
            "meta" => {
                if let (Some(name), Some(content)) = (of("name").or_else(|| of("property")), of("content")) {
                    self.built.meta.push((name.to_ascii_lowercase(), content.to_owned()));
                }
            }
            "embed" => self.built.losses.add(LossKind::Objects, 1),
            "math" => self.built.losses.add(LossKind::Equations, 1),
            "audio" | "video" | "iframe" | "object" | "applet" | "canvas" => {
                self.built.losses.add(LossKind::Objects, 1);
            }
            "svg" => self.built.losses.add(LossKind::Images, 1),
            _ => {}
        }
        if DROPPED.contains(&name) {
            self.dropped = Some((name.to_owned(), 0));
            return Ok(());
        }
        let is_small_caps = name == "span" && says_small_caps(of("class"), of("style"));
        if is_small_caps {
            return self.push(small_caps(Vec::new()));
        }
        if name == "a" && of("href").is_some_and(has_other_scheme) {
            self.built.losses.add(LossKind::Links, 1);
        }
        let is_known =
            [&KEPT[..], &BOXES, &ALIASES, &EMPTY].iter().any(|names| names.contains(&name)) || name == "span";
        if !is_known {
            return Ok(());
        }
        let name = if matches!(name, "center" | "hgroup") { "div" } else { name };
        // How wide a picture is, is said by its style.
        let is_said = |kept: &str| !matches!(kept, "class" | "name") && (kept != "style" || name == "img");
        let kept = attributes.into_iter().filter(|(name, _)| is_said(name));
        self.push(kept.fold(Element::new(name, Vec::new()), |element, (name, value)| element.with(&name, value)))
    }

    /// Begins an element as it is; the caller knows its name.
    pub(in crate::import) fn push(&mut self, element: Element) -> Result<(), NotATree> {
        self.make_room(&element);
        self.count()?;
        if EMPTY.contains(&element.name.as_str()) {
            self.innermost().children.push(Node::Element(element));
        } else if self.open.len() >= DEPTH_MAX {
            return Err(NotATree);
        } else {
            self.open.push(element);
        }
        Ok(())
    }

    /// Adds an element that is complete.
    pub(in crate::import) fn add(&mut self, element: Element) -> Result<(), NotATree> {
        self.count()?;
        self.innermost().children.push(Node::Element(element));
        Ok(())
    }

    /// Ends the innermost element of this name, and all in it.
    pub(in crate::import) fn end(&mut self, name: &str) {
        if let Some((dropped, count)) = &mut self.dropped {
            if dropped == name && *count == 0 {
                self.dropped = None;
            } else {
                *count -= usize::from(dropped == name);
            }
            return;
        }
        let name = if matches!(name, "center" | "hgroup") { "div" } else { name };
        self.end_where(|element| element.name == name, &[]);
    }

    pub(in crate::import) fn text(&mut self, more: &str) -> Result<(), NotATree> {
        if let Some((dropped, _)) = &self.dropped {
            if dropped == "title" && self.built.title.is_empty() {
                more.clone_into(&mut self.built.title);
            }
            return Ok(());
        }
        if more.is_empty() {
            return Ok(());
        }
        if let Some(Node::Text(text)) = self.innermost().children.last_mut() {
            text.push_str(more);
            return Ok(());
        }
        self.count()?;
        self.innermost().children.push(Node::Text(more.to_owned()));
        Ok(())
    }

    /// Ends and takes the innermost element, if it has this name.
    pub(in crate::import) fn take(&mut self, name: &str) -> Option<Element> {
        let at = self.open.iter().rposition(|element| element.name == name).filter(|at| *at > 0)?;
        while self.open.len() > at + 1 {
            self.close();
        }
        self.open.pop()
    }

    pub(in crate::import) fn finish(mut self) -> Built {
        while self.open.len() > 1 {
            self.close();
        }
        self.built.nodes = self.open.pop().map(|root| root.children).unwrap_or_default();
        self.built
    }

    /// Ends what cannot hold a new element.
    fn make_room(&mut self, element: &Element) {
        let name = element.name.as_str();
        if is_block(element) {
            let is_line = |element: &Element| element.name == "p" || crate::import::split::level(element).is_some();
            self.end_where(is_line, &["blockquote", "li", "td", "th", "dd", "div", "section", "article", "pre"]);
        }
        if let Some((siblings, around)) = SIBLINGS.iter().find(|(siblings, _)| siblings.contains(&name)) {
            self.end_where(|element| siblings.contains(&element.name.as_str()), around);
        }
        if !is_block(element) && name != "span" && !EMPTY.contains(&name) {
            // Emphasis in the same emphasis is a tag that somebody forgot to end.
            let is_same = |element: &Element| element.name == name;
            if self.open.last().is_some_and(is_same) {
                self.close();
            }
        }
    }

    /// Ends the innermost element that `is` one, unless one of `around` comes first.
    fn end_where(&mut self, is: impl Fn(&Element) -> bool, around: &[&str]) {
        for at in (1..self.open.len()).rev() {
            if is(&self.open[at]) {
                while self.open.len() > at {
                    self.close();
                }
                return;
            }
            if around.contains(&self.open[at].name.as_str()) {
                return;
            }
        }
    }

    fn count(&mut self) -> Result<(), NotATree> {
        self.nodes += 1;
        if self.nodes > NODES_MAX { Err(NotATree) } else { Ok(()) }
    }

    fn innermost(&mut self) -> &mut Element {
        self.open.last_mut().expect("the text never ends")
    }

    fn close(&mut self) {
        let ended = self.open.pop().expect("only elements above the text are closed");
        self.innermost().children.push(Node::Element(ended));
    }
}

fn says_small_caps(class: Option<&str>, style: Option<&str>) -> bool {
    let squeezed = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let styled = style.is_some_and(|style| squeezed(style).contains("fontvariant:smallcaps"));
    styled || class.unwrap_or_default().split_whitespace().map(squeezed).any(|class| class == "smallcaps")
}

/// Whether a link leads to something else than a page, a mail address or a place in this file.
pub(in crate::import) fn has_other_scheme(href: &str) -> bool {
    let Some((scheme, _)) = href.trim().split_once(':') else { return false };
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme && !["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}
