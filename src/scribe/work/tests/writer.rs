//! Somebody who writes a chapter: what a browser would send, made with the library itself.

use bytes::Bytes;
use yrs::types::Attrs;
use yrs::updates::decoder::Decode as _;
use yrs::{Any, Assoc, ClientID, Doc, IndexedSequence as _, OffsetKind, Options, Out, ReadTxn as _, Text as _};
use yrs::{Transact as _, TransactionMut, Update, Xml as _, XmlElementPrelim, XmlElementRef, XmlFragment};
use yrs::{XmlFragmentRef, XmlOut, XmlTextPrelim, XmlTextRef};
use yrs::{types::text::YChange, updates::encoder::Encode as _};

/// Numbers that look like chance and are the same in every run.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((mixed >> 33) % u64::from(sides)).expect("below a u32")
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(u32::try_from(from.len()).expect("a short list")) as usize]
    }
}

/// An open editor.
pub(super) struct Writer {
    pub(super) doc: Doc,
    pub(super) root: XmlFragmentRef,
    /// What it sent, and what it was sent.
    pub(super) log: Vec<Bytes>,
}

impl Writer {
    /// Opens a document as `client`, which never wrote to it.
    pub(super) fn opens(log: &[Bytes], client: u64) -> Self {
        let mut options = Options::with_client_id(ClientID::new(client));
        options.offset_kind = OffsetKind::Utf16;
        let doc = Doc::with_options(options);
        let root = doc.get_or_insert_xml_fragment(super::super::ROOT);
        let mut writer = Self { doc, root, log: Vec::new() };
        for update in log {
            writer.hears(update);
        }
        writer
    }

    pub(super) fn hears(&mut self, update: &Bytes) {
        let decoded = Update::decode_v1(update).unwrap();
        self.doc.transact_mut().apply_update(decoded).unwrap();
        self.log.push(update.clone());
    }

    /// Makes one change.
    pub(super) fn does<T>(&mut self, change: impl FnOnce(&mut TransactionMut<'_>, &XmlFragmentRef) -> T) -> T {
        let mut transaction = self.doc.transact_mut();
        let answer = change(&mut transaction, &self.root);
        transaction.commit();
        let update = Bytes::from(transaction.encode_update_v1());
        drop(transaction);
        self.log.push(update);
        answer
    }

    pub(super) fn adds_paragraph(&mut self, text: &str) -> XmlTextRef {
        self.does(|transaction, root| {
            let paragraph = root.push_back(transaction, XmlElementPrelim::empty("paragraph"));
            paragraph.push_back(transaction, XmlTextPrelim::new(text))
        })
    }

    /// An encoded relative position.
    pub(super) fn marks(&self, text: &XmlTextRef, index: u32, assoc: Assoc) -> Bytes {
        text.sticky_index(&self.doc.transact(), index, assoc).unwrap().encode_v1().into()
    }

    /// Does something that somebody may do.
    pub(super) fn edits(&mut self, dice: &mut Dice) {
        let texts = texts(&self.doc, &self.root);
        match dice.roll(20) {
            0..=1 => self.adds_block(dice),
            2 => self.removes_block(dice),
            3 => self.nests(dice),
            4 => self.levels(dice),
            _ if texts.is_empty() => self.adds_block(dice),
            5..=6 => {
                let text = &texts[dice.roll(u32::try_from(texts.len()).unwrap()) as usize];
                let (from, count) = self.range_in(dice, text);
                let format = format(dice);
                self.does(|transaction, _| text.format(transaction, from, count, format));
            }
            7..=9 => {
                let text = &texts[dice.roll(u32::try_from(texts.len()).unwrap()) as usize];
                let (from, count) = self.range_in(dice, text);
                self.does(|transaction, _| text.remove_range(transaction, from, count));
            }
            kind => {
                let text = &texts[dice.roll(u32::try_from(texts.len()).unwrap()) as usize];
                let (index, _) = self.range_in(dice, text);
                let words = dice.pick(&["whale ", "sea", "é", "𝄞", " ", "Ahab said so. "]);
                let format = (kind == 10).then(|| format(dice));
                self.does(|transaction, _| match format {
                    Some(format) => text.insert_with_attributes(transaction, index, words, format),
                    None => text.insert(transaction, index, words),
                });
            }
        }
    }

    /// A range of a text that cuts no character in two.
    fn range_in(&self, dice: &mut Dice, text: &XmlTextRef) -> (u32, u32) {
        let text = text_of(&self.doc, text);
        let (from, count) = range(dice, u32::try_from(text.chars().count()).unwrap());
        let units = |count: u32| text.chars().take(count as usize).map(char::len_utf16).sum::<usize>();
        let (start, end) = (units(from), units(from + count));
        (u32::try_from(start).unwrap(), u32::try_from(end - start).unwrap())
    }

    fn adds_block(&mut self, dice: &mut Dice) {
        let index = dice.roll(self.root.len(&self.doc.transact()) + 1);
        let (name, words) = (dice.pick(&["paragraph", "heading"]), dice.pick(&["", "Call me Ishmael."]));
        self.does(|transaction, root| {
            let block = root.insert(transaction, index, XmlElementPrelim::empty(name));
            if name == "heading" {
                block.insert_attribute(transaction, "level", Any::from(1));
            }
            block.push_back(transaction, XmlTextPrelim::new(words));
        });
    }

    fn removes_block(&mut self, dice: &mut Dice) {
        let (from, count) = range(dice, self.root.len(&self.doc.transact()));
        self.does(|transaction, root| root.remove_range(transaction, from, count.min(2)));
    }

    /// A quote with a list in it.
    fn nests(&mut self, dice: &mut Dice) {
        let index = dice.roll(self.root.len(&self.doc.transact()) + 1);
        self.does(|transaction, root| {
            let quote = root.insert(transaction, index, XmlElementPrelim::empty("blockquote"));
            let list = quote.push_back(transaction, XmlElementPrelim::empty("bulletList"));
            for words in ["first", "second"] {
                let item = list.push_back(transaction, XmlElementPrelim::empty("listItem"));
                let paragraph = item.push_back(transaction, XmlElementPrelim::empty("paragraph"));
                paragraph.push_back(transaction, XmlTextPrelim::new(words));
                paragraph.push_back(transaction, XmlElementPrelim::empty("hardBreak"));
                paragraph.push_back(transaction, XmlTextPrelim::new("and more"));
            }
        });
    }

    fn levels(&mut self, dice: &mut Dice) {
        let headings: Vec<XmlElementRef> = self.root.children(&self.doc.transact()).filter_map(heading).collect();
        let level = dice.roll(6);
        if let Some(heading) = headings.first() {
            self.does(|transaction, _| {
                heading.insert_attribute(transaction, "level", Any::from(level));
            });
        }
    }
}

fn heading(node: XmlOut) -> Option<XmlElementRef> {
    node.into_xml_element().filter(|element| &**element.tag() == "heading")
}

/// Bold, or not; or a link.
fn format(dice: &mut Dice) -> Attrs {
    let empty = || Any::Map(std::collections::HashMap::new().into());
    let link = || Any::Map(std::collections::HashMap::from([("href".to_owned(), Any::from("https://a.b"))]).into());
    match dice.roll(5) {
        0 => Attrs::from([("bold".into(), empty())]),
        1 => Attrs::from([("bold".into(), Any::Null)]),
        2 => Attrs::from([("link".into(), link())]),
        3 => Attrs::from([("comment--abcdEF+/".into(), empty()), ("bold".into(), empty())]),
        _ => Attrs::from([("italic".into(), empty()), ("link".into(), Any::Null)]),
    }
}

fn range(dice: &mut Dice, length: u32) -> (u32, u32) {
    let from = dice.roll(length + 1);
    (from, dice.roll(length - from + 1))
}

fn text_of(doc: &Doc, text: &XmlTextRef) -> String {
    let parts = text.diff(&doc.transact(), YChange::identity).into_iter();
    parts.map(|part| if let Out::Any(Any::String(text)) = part.insert { text.to_string() } else { panic!() }).collect()
}

/// Every text of the document.
fn texts(doc: &Doc, root: &XmlFragmentRef) -> Vec<XmlTextRef> {
    let transaction = doc.transact();
    root.successors(&transaction).filter_map(XmlOut::into_xml_text).collect()
}

/// The document as one string, read by the library's own walker instead of ours.
pub(super) fn plain(doc: &Doc, root: &XmlFragmentRef) -> String {
    let transaction = doc.transact();
    let parts = root.successors(&transaction).map(|node| match node {
        XmlOut::Element(element) => format!("<{}>", element.tag()),
        XmlOut::Text(text) => text_of(doc, &text),
        XmlOut::Fragment(_) => panic!("a fragment"),
    });
    parts.collect()
}

/// For each client the clock of its next item.
pub(super) fn clocks(doc: &Doc) -> super::super::Clocks {
    super::super::clocks(&doc.transact().state_vector())
}
