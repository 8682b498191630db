//! One text document: XHTML to a few harmless HTML elements, and cut at the targets of the table of contents.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use quire_protocol::Limits;
use quire_protocol::text::clean_line;

use super::ImportError;
use super::archive::Archive;
use super::loss::Losses;
use super::package::cut;
use super::picture::{ASSET, Pictures, Place, is_taken};
use super::tree::{Element, Node};

/// Elements that stay.
pub(super) const KEPT: [&str; 31] = [
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "em",
    "strong",
    "ul",
    "ol",
    "li",
    "blockquote",
    "hr",
    "br",
    "code",
    "pre",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
    "caption",
    "a",
    "sub",
    "sup",
    "dl",
    "dt",
    "dd",
];
/// Those that only books from other files than EPUB keep.
const KEPT_BESIDES: [&str; 3] = ["u", "s", "span"];
/// The class of a `span` in small capitals: the only one there is.
const SMALL_CAPS: &str = "smallcaps";
/// Kept elements that stand in a line.
const INLINE: [&str; 7] = ["em", "strong", "br", "code", "a", "sub", "sup"];
/// Elements that are a paragraph if they hold only a line of text.
pub(super) const BOXES: [&str; 10] =
    ["div", "section", "article", "aside", "header", "footer", "main", "figure", "figcaption", "address"];
/// Elements that go with everything in them.
const DROPPED: [&str; 16] = [
    "script", "style", "head", "title", "svg", "math", "audio", "video", "iframe", "object", "embed", "template",
    "form", "select", "textarea", "noscript",
];
/// Targets in one document at which it is cut; with more it stays whole.
const CUTS_MAX: usize = 200;

/// A document: its body.
pub(super) struct Document(Element);

/// Reads a document; `None` if it is not in the archive.
pub(super) fn read(archive: &mut Archive<'_>, path: &str) -> Result<Option<Document>, ImportError> {
    match archive.xml(path) {
        Ok(root) => Ok(take_body(root).map(Document)),
        Err(ImportError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The body of a page, or all of something that is none (a picture).
fn take_body(root: Element) -> Option<Element> {
    if root.name != "html" {
        return Some(root);
    }
    root.children.into_iter().find_map(|node| match node {
        Node::Element(element) if element.name == "body" => Some(element),
        _ => None,
    })
}

impl Document {
    /// The semantic types of its body, or of the only thing in it.
    pub(super) fn types(&self) -> Option<&str> {
        self.0.attribute("epub:type").or_else(|| container(&self.0).attribute("epub:type"))
    }

    /// Its first heading.
    pub(super) fn heading(&self) -> Option<String> {
        let heading = self.0.descendants().find(|element| matches!(element.name.as_str(), "h1" | "h2" | "h3"))?;
        let title = cut(&clean_line(&heading.text()), Limits::default().title_chars);
        (!title.is_empty()).then_some(title)
    }

    /// Takes over the pictures in it, which lie in the archive.
    pub(super) fn settle(&mut self, pictures: &mut Pictures<'_>, mut place: Place<'_, '_>, losses: &mut Losses) {
        // A file that is only a picture is an element like any other.
        let mut nodes = vec![Node::Element(std::mem::take(&mut self.0))];
        pictures.settle(&mut nodes, &mut place, losses);
        self.0 = match <[Node; 1]>::try_from(nodes) {
            Ok([Node::Element(body)]) if !is_taken(&body) => body,
            Ok(nodes) => Element::new("body", nodes.into()),
            Err(nodes) => Element::new("body", nodes),
        };
    }

    /// All of it as sanitised HTML.
    pub(super) fn html(&self) -> String {
        sanitise(&written(&self.0.children))
    }

    /// Cut at these targets (`None` is the beginning) as sanitised HTML, if they follow each other at one level.
    pub(super) fn cut_at(&self, targets: &[Option<&str>]) -> Option<Vec<String>> {
        if targets.len() > CUTS_MAX {
            return None;
        }
        let nodes = &container(&self.0).children;
        let mut starts: Vec<usize> = Vec::new();
        for target in targets {
            let start = match target {
                None => 0,
                Some(id) => nodes.iter().position(|node| holds(node, id)).or(starts.is_empty().then_some(0))?,
            };
            if starts.last().is_some_and(|last| start <= *last) {
                return None;
            }
            starts.push(start);
        }
        // What stands before the first target belongs to it.
        *starts.first_mut()? = 0;
        let ends = starts.iter().skip(1).copied().chain([nodes.len()]);
        Some(starts.iter().zip(ends).map(|(start, end)| sanitise(&written(&nodes[*start..end]))).collect())
    }
}

/// The element whose children are the text: the body, or the only box in it.
fn container(body: &Element) -> &Element {
    let mut inner = body;
    loop {
        let has_text = inner.children.iter().any(|node| matches!(node, Node::Text(text) if !text.trim().is_empty()));
        let mut elements = inner.elements();
        match (elements.next(), elements.next()) {
            (Some(only), None)
                if !has_text && BOXES.contains(&only.name.as_str()) && only.elements().next().is_some() =>
            {
                inner = only;
            }
            _ => return inner,
        }
    }
}

fn holds(node: &Node, id: &str) -> bool {
    let named = |element: &Element| element.attribute("id") == Some(id) || element.attribute("name") == Some(id);
    matches!(node, Node::Element(element) if element.descendants().any(named))
}

/// Nodes as HTML that was not sanitised yet.
pub(super) fn written(nodes: &[Node]) -> String {
    let mut html = String::new();
    for node in nodes {
        write_node(node, &mut html);
    }
    html
}

/// The depth of the tree bounds the recursion.
fn write_node(node: &Node, html: &mut String) {
    let element = match node {
        Node::Text(text) => return write_escaped(text, html),
        Node::Element(element) => element,
    };
    let name = match element.name.as_str() {
        "i" | "cite" | "dfn" | "var" => "em",
        "b" => "strong",
        "tt" | "kbd" | "samp" => "code",
        "ins" => "u",
        "strike" | "del" => "s",
        name => name,
    };
    if DROPPED.contains(&name) {
    } else if is_taken(element) {
        write_picture(element, html);
    } else if name == "img" {
        write_escaped(element.attribute("alt").unwrap_or_default(), html);
    } else if name == "u" || name == "s" || is_small_caps(element) {
        write_besides(name, element, html);
    } else if KEPT.contains(&name) {
        write_element(name, element, html);
    } else if BOXES.contains(&name) && !element.descendants().skip(1).any(is_block) {
        write_element("p", element, html);
    } else {
        element.children.iter().for_each(|node| write_node(node, html));
    }
}

/// A picture of the book. The attribute says which, and no file can say it.
fn write_picture(element: &Element, html: &mut String) {
    html.push_str("<img");
    let width = percent(element).map(|percent| format!("{percent}%"));
    let said =
        [("data-asset", element.attribute(ASSET)), ("alt", element.attribute("alt")), ("width", width.as_deref())];
    for (name, value) in said {
        let value = value.map(clean_line).filter(|value| !value.is_empty());
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _infallible = write!(html, " {name}=\"");
            write_escaped(&value, html);
            html.push('"');
        }
    }
    html.push('>');
}

/// How much of a line's width a picture takes, if it says so.
fn percent(element: &Element) -> Option<u32> {
    let styled = element.attribute("style").into_iter().flat_map(|style| style.split(';'));
    let styled = styled.filter_map(|rule| rule.split_once(':')).find(|(name, _)| name.trim() == "width");
    let width = styled.map(|(_, value)| value).or_else(|| element.attribute("width"))?;
    width.trim().strip_suffix('%')?.trim().parse().ok().filter(|percent| (1..=100).contains(percent))
}

/// A stretch of text in small capitals, as [`sanitise_besides`] lets it through.
pub(super) fn small_caps(children: Vec<Node>) -> Element {
    Element::new("span", children).with("class", SMALL_CAPS)
}

fn is_small_caps(element: &Element) -> bool {
    element.name == "span" && element.attribute("class") == Some(SMALL_CAPS)
}

/// An element that the sieve for EPUB takes away again.
fn write_besides(name: &str, element: &Element, html: &mut String) {
    let class = if name == "span" { format!(" class=\"{SMALL_CAPS}\"") } else { String::new() };
    let _infallible = write!(html, "<{name}{class}>");
    element.children.iter().for_each(|node| write_node(node, html));
    let _infallible = write!(html, "</{name}>");
}

/// Whether it is a block or holds blocks, by its name; a picture stands by itself.
pub(super) fn is_block(element: &Element) -> bool {
    let name = element.name.as_str();
    is_taken(element) || (KEPT.contains(&name) && !INLINE.contains(&name)) || BOXES.contains(&name)
}

fn write_element(name: &str, element: &Element, html: &mut String) {
    html.push('<');
    html.push_str(name);
    for kept in ["href", "colspan", "rowspan", "start"] {
        if let Some(value) = element.attribute(kept) {
            // Writing to a string cannot fail.
            let _infallible = write!(html, " {kept}=\"");
            write_escaped(value, html);
            html.push('"');
        }
    }
    html.push('>');
    if name == "hr" || name == "br" {
        return;
    }
    element.children.iter().for_each(|node| write_node(node, html));
    let _infallible = write!(html, "</{name}>");
}

fn write_escaped(text: &str, html: &mut String) {
    for char in text.chars() {
        match char {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            char => html.push(char),
        }
    }
}

/// The last word on what is in a text: whatever was written above, only these elements and links get through.
pub(super) fn sanitise(html: &str) -> String {
    static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(sanitiser);
    SANITISER.clean(html).to_string().trim().to_owned()
}

/// [`sanitise`] for books from other files than EPUB: underlined and struck text, small capitals and addresses of
/// mail get through, too.
pub(super) fn sanitise_besides(html: &str) -> String {
    static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
        let mut builder = sanitiser();
        builder
            .add_tags(KEPT_BESIDES)
            .allowed_classes(HashMap::from([("span", HashSet::from([SMALL_CAPS]))]))
            .add_url_schemes(["mailto"]);
        builder
    });
    SANITISER.clean(html).to_string().trim().to_owned()
}

fn sanitiser() -> ammonia::Builder<'static> {
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(KEPT.into_iter().chain(["img"]).collect())
        .clean_content_tags(DROPPED.into_iter().collect())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("td", HashSet::from(["colspan", "rowspan"])),
            ("th", HashSet::from(["colspan", "rowspan"])),
            ("ol", HashSet::from(["start"])),
            ("img", HashSet::from(["data-asset", "alt", "width"])),
        ]))
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"));
    builder
}

/// Whether there is a picture in HTML that was sanitised.
pub(super) fn has_picture(html: &str) -> bool {
    html.contains("<img ")
}

/// How many characters of text are in HTML, blanks not counted.
pub(super) fn text_chars(html: &str) -> usize {
    let mut in_tag = false;
    let is_text = |char: char| {
        match char {
            '<' => in_tag = true,
            '>' => in_tag = false,
            char => return !in_tag && !char.is_whitespace(),
        }
        false
    };
    html.chars().map(is_text).filter(|is_text| *is_text).count()
}
