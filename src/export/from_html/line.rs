//! A line in the making: blanks collapse, and marks lie where their elements were.

use std::collections::{BTreeMap, BTreeSet};

use super::element::Element;
use crate::export::address::Address;
use crate::export::markup::is_allowed;
use crate::scribe::tree::{Node, Run, Value};

/// The marks around a text. Those that say nothing more are names.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    names: BTreeSet<&'static str>,
    link: Option<String>,
}

impl Marks {
    /// These and that of an element, if it is one.
    pub(super) fn with(&self, element: &Element) -> Self {
        let mut marks = self.clone();
        let name = match element.name.as_str() {
            "strong" | "b" => Some("bold"),
            "em" | "i" | "cite" | "dfn" | "var" => Some("italic"),
            "u" | "ins" => Some("underline"),
            "s" | "strike" | "del" => Some("strike"),
            "code" | "tt" | "kbd" | "samp" => Some("code"),
            "sup" => Some("superscript"),
            "sub" => Some("subscript"),
            _ => None,
        };
        marks.names.extend(name);
        if is_small_caps(element) {
            marks.names.insert("smallCaps");
        }
        if element.name == "a"
            && let Some(address) = element.attribute("href").and_then(Address::new)
        {
            marks.link = Some(address.as_str().to_owned());
        }
        marks
    }

    pub(super) fn bold(&self) -> Self {
        let mut marks = self.clone();
        marks.names.insert("bold");
        marks
    }

    fn run(&self, text: &str) -> Run {
        // The editor takes no other mark beside code. A link says more than that something is code.
        let is_code = self.names.contains("code");
        let names = self.names.iter().filter(|name| match (is_code, &self.link) {
            (true, None) => **name == "code",
            (true, Some(_)) => **name != "code",
            (false, _) => true,
        });
        let run = names.fold(Run::plain(text), |run, name| run.with(name, Value::empty()));
        match &self.link {
            Some(href) => {
                run.with("link", Value::Map(BTreeMap::from([("href".to_owned(), Value::String(href.clone()))])))
            }
            None => run,
        }
    }
}

fn is_small_caps(element: &Element) -> bool {
    let squeezed = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let classes = element.attribute("class").unwrap_or_default().split_whitespace();
    let styled = element.attribute("style").is_some_and(|style| squeezed(style).contains("fontvariant:smallcaps"));
    styled || classes.map(squeezed).any(|class| class == "smallcaps")
}

/// What was written into a line so far.
#[derive(Debug, Default)]
pub(super) struct Line {
    nodes: Vec<Node>,
    /// A blank that counts only if something comes behind it, with the marks that it would have.
    blank: Option<Marks>,
    /// Breaks that count only if something comes behind them.
    breaks: usize,
}

impl Line {
    /// Writes a text whose blanks collapse.
    pub(super) fn text(&mut self, text: &str, marks: &Marks) {
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(is_blank).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            self.word(word, marks);
            rest = after.trim_start_matches(is_blank);
            if rest.len() < after.len() && self.blank.is_none() {
                self.blank = Some(marks.clone());
            }
        }
    }

    /// Ends the line without ending the block.
    pub(super) fn end_line(&mut self) {
        self.blank = None;
        self.breaks += 1;
    }

    /// What was written, if it is anything.
    pub(super) fn take(&mut self) -> Option<Vec<Node>> {
        let line = std::mem::take(self);
        (!line.nodes.is_empty()).then_some(line.nodes)
    }

    fn word(&mut self, word: &str, marks: &Marks) {
        let word: String = word.chars().filter(|char| is_allowed(*char)).collect();
        if word.is_empty() {
            return;
        }
        let (breaks, blank) = (std::mem::take(&mut self.breaks), self.blank.take());
        if breaks > 0 {
            self.nodes.extend((0..breaks).map(|_| Node::element("hardBreak", Vec::new())));
        } else if let Some(marks) = blank.filter(|_| !self.nodes.is_empty()) {
            self.push(marks.run(" "));
        }
        self.push(marks.run(&word));
    }

    fn push(&mut self, run: Run) {
        match self.nodes.last_mut() {
            Some(Node::Text { runs }) => match runs.last_mut() {
                Some(last) if last.marks == run.marks => last.text.push_str(&run.text),
                _ => runs.push(run),
            },
            _ => self.nodes.push(Node::text(vec![run])),
        }
    }
}

/// What collapses: a space that does not break stays.
pub(super) fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}
