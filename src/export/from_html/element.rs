//! A bounded tree of elements, built the forgiving way.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// Deepest nesting: walks over the tree are recursive. What is deeper belongs to what is not.
const DEPTH_MAX: usize = 120;
/// Most elements: a chapter of 100,000 characters has some thousands. What comes later is text without elements.
pub(super) const ELEMENTS_MAX: usize = 50_000;
/// Elements that have no end.
const EMPTY: [&str; 12] = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"];
/// Elements that end where the next of their kind begins.
const SIBLINGS: [&str; 9] = ["p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody"];
/// Elements whose content is no text of the page.
const DROPPED: [&str; 17] = [
    "script", "style", "head", "title", "svg", "math", "audio", "video", "iframe", "object", "template", "select",
    "textarea", "noscript", "noframes", "canvas", "datalist",
];

/// An element with everything in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Child>,
}

/// What is in an element.
#[derive(Debug)]
pub(super) enum Child {
    Element(Element),
    Text(String),
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) => None,
        })
    }
}

/// All of a text, in an element without a name.
pub(super) fn parse(html: &str) -> Element {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Builder::default(), TokenizerOpts::default());
    // No script is ever handed over, so all of the text is read at once.
    drop(tokenizer.feed(&queue));
    tokenizer.end();
    tokenizer.sink.0.into_inner().finish()
}

/// What the tokenizer writes into, which it does through a shared reference.
#[derive(Default)]
struct Builder(RefCell<OpenElements>);

impl TokenSink for Builder {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut open = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => return open.tag(&tag),
            Token::CharacterTokens(text) => open.text(&text),
            Token::DoctypeToken(_)
            | Token::CommentToken(_)
            | Token::NullCharacterToken
            | Token::EOFToken
            | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}

struct OpenElements {
    /// Those that have begun and not ended, outermost first; the first stands for the text and never ends.
    elements: Vec<Element>,
    count: usize,
    /// The element whose content is dropped, and how many of its name have begun in it.
    dropped: Option<(String, usize)>,
}

impl Default for OpenElements {
    fn default() -> Self {
        Self { elements: vec![Element::default()], count: 0, dropped: None }
    }
}

impl OpenElements {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        match (&mut self.dropped, tag.kind) {
            (Some((dropped, count)), kind) => {
                let is_same = dropped == name;
                match kind {
                    TagKind::StartTag if is_same && !tag.self_closing => *count += 1,
                    TagKind::EndTag if is_same && *count == 0 => self.dropped = None,
                    TagKind::EndTag if is_same => *count -= 1,
                    TagKind::StartTag | TagKind::EndTag => {}
                }
            }
            (None, TagKind::StartTag) if DROPPED.contains(&name) => {
                if !tag.self_closing {
                    self.dropped = Some((name.to_owned(), 0));
                }
                // What is in these is not made of elements, even where it looks so.
                match name {
                    "script" | "style" | "iframe" | "noframes" => return TokenSinkResult::RawData(RawKind::Rawtext),
                    "title" | "textarea" => return TokenSinkResult::RawData(RawKind::Rcdata),
                    _ => {}
                }
            }
            (None, TagKind::StartTag) => self.start(tag),
            (None, TagKind::EndTag) => self.end(name),
        }
        TokenSinkResult::Continue
    }

    fn start(&mut self, tag: &Tag) {
        let name = &*tag.name;
        if SIBLINGS.contains(&name) && self.innermost().name == name {
            self.close();
        }
        self.count += 1;
        if self.count > ELEMENTS_MAX {
            return;
        }
        let attributes =
            tag.attrs.iter().map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()));
        let element = Element { name: name.to_owned(), attributes: attributes.collect(), children: Vec::new() };
        if EMPTY.contains(&name) || (tag.self_closing && name.contains(':')) {
            self.innermost().children.push(Child::Element(element));
        } else if self.elements.len() <= DEPTH_MAX {
            self.elements.push(element);
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(index) = self.elements.iter().rposition(|element| element.name == name).filter(|index| *index > 0) {
            while self.elements.len() > index {
                self.close();
            }
        }
    }

    fn text(&mut self, more: &str) {
        if self.dropped.is_some() {
            return;
        }
        let children = &mut self.innermost().children;
        match children.last_mut() {
            Some(Child::Text(text)) => text.push_str(more),
            _ => children.push(Child::Text(more.to_owned())),
        }
    }

    fn innermost(&mut self) -> &mut Element {
        self.elements.last_mut().expect("the text never ends")
    }

    fn close(&mut self) {
        let ended = self.elements.pop().expect("only elements above the text are closed");
        self.innermost().children.push(Child::Element(ended));
    }

    fn finish(mut self) -> Element {
        while self.elements.len() > 1 {
            self.close();
        }
        self.elements.pop().expect("the text never ends")
    }
}
