//! An editor: a Yjs document as `TipTap` lays it out, the updates that typing makes, and what a text says.
//!
//! Stories, benches, the simulation and the load scenarios type with this one, so all of them write what an editor of
//! the profile would write.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::ops::Range;

use flate2::read::GzDecoder;
use quire_protocol::Token;
use quire_protocol::codec::Blob;
use quire_protocol::command::Relative;
use quire_protocol::frame::OpenedText;
use yrs::types::text::{Diff, YChange};
use yrs::updates::decoder::Decode as _;
use yrs::updates::encoder::Encode as _;
use yrs::{
    Any, Assoc, ClientID, Doc, IndexedSequence as _, OffsetKind, Options, Out, ReadTxn as _, Text as _, Transact as _,
};
use yrs::{TransactionMut, Update, Xml as _, XmlElementPrelim, XmlFragment as _, XmlFragmentRef, XmlOut};
use yrs::{XmlTextPrelim, XmlTextRef};

mod edit;

pub use edit::Chance;

/// The root of the profile's documents.
const ROOT: &str = "default";
/// The client of whoever only reads.
const READER: u64 = 1;
/// Longest state of a text when it is unpacked, bytes.
const STATE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// What an update says that changes nothing: no structs, no deletes.
const NOTHING: [u8; 2] = [0, 0];

/// The updates that make a text, in order, out of the answer to `chapter.open`: what was packed, then what came after.
pub fn updates_of(opened: &OpenedText) -> Result<Vec<Vec<u8>>, String> {
    let unpack = |state: &Blob| {
        let mut bytes = Vec::new();
        let read = GzDecoder::new(&state.0[..]).take(STATE_BYTES_MAX).read_to_end(&mut bytes);
        read.map(|_| bytes).map_err(|error| error.to_string())
    };
    let state = opened.state.as_ref().map(unpack).transpose()?;
    Ok(state.into_iter().chain(opened.updates.iter().map(|update| update.0.clone())).collect())
}

/// A text as somebody has it.
pub struct Page {
    doc: Doc,
    root: XmlFragmentRef,
}

impl Default for Page {
    fn default() -> Self {
        Self::of_client(READER)
    }
}

impl Page {
    fn of_client(client: u64) -> Self {
        let mut options = Options::with_client_id(ClientID::new(client));
        // As a browser counts.
        options.offset_kind = OffsetKind::Utf16;
        // Reading must not write: what the library takes for superfluous marks depends on how updates came.
        options.cleanup_formatting = false;
        let doc = Doc::with_options(options);
        let root = doc.get_or_insert_xml_fragment(ROOT);
        Self { doc, root }
    }

    /// The text of these updates, or why one cannot be read.
    pub fn of<'a>(updates: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, String> {
        let page = Self::default();
        updates.into_iter().try_for_each(|update| page.merges(update))?;
        Ok(page)
    }

    /// Takes in what somebody wrote. The same again changes nothing.
    pub fn merges(&self, update: &[u8]) -> Result<(), String> {
        let update = Update::decode_v1(update).map_err(|error| error.to_string())?;
        self.doc.transact_mut().apply_update(update).map_err(|error| error.to_string())
    }

    /// The state vector: each client with the number of its clock units.
    pub fn clocks(&self) -> BTreeMap<u64, u32> {
        self.doc.transact().state_vector().iter().map(|(client, units)| (client.get(), *units)).collect()
    }

    /// The whole text as one update.
    pub fn state(&self) -> Vec<u8> {
        self.doc.transact().encode_diff_v1(&yrs::StateVector::default())
    }

    /// The document with its elements, attributes and marks, as one string: equal for equal documents, in however many
    /// pieces they were written.
    pub fn renders(&self) -> String {
        let look = self.doc.transact();
        let mut rendered = String::new();
        for node in self.root.successors(&look) {
            match node {
                XmlOut::Element(element) => {
                    let attributes =
                        element.attributes(&look).map(|(name, value)| (name.to_owned(), format!("{value:?}")));
                    let attributes: BTreeMap<String, String> = attributes.collect();
                    write!(rendered, "<{} {attributes:?}>", element.tag()).expect("a string takes everything");
                }
                XmlOut::Text(text) => render_line(&mut rendered, text.diff(&look, YChange::identity)),
                XmlOut::Fragment(_) => rendered.push_str("<fragment>"),
            }
        }
        rendered
    }

    /// The words, one line for each block.
    pub fn reads(&self) -> String {
        let texts = self.texts();
        texts.iter().map(|text| self.words(text)).collect::<Vec<_>>().join("\n")
    }

    fn texts(&self) -> Vec<XmlTextRef> {
        let look = self.doc.transact();
        self.root.successors(&look).filter_map(XmlOut::into_xml_text).collect()
    }

    fn words(&self, text: &XmlTextRef) -> String {
        let pieces = text.diff(&self.doc.transact(), YChange::identity).into_iter();
        pieces
            .filter_map(|piece| if let Out::Any(Any::String(words)) = piece.insert { Some(words) } else { None })
            .fold(String::new(), |mut all, words| {
                all.push_str(&words);
                all
            })
    }
}

/// The pieces of a text, those with the same marks as one.
fn render_line(rendered: &mut String, pieces: Vec<Diff<YChange>>) {
    rendered.push_str("<text>");
    let mut before = None;
    for piece in pieces {
        let marks = piece.attributes.iter().flat_map(|marks| marks.iter());
        let marks = marks.filter(|(_, value)| **value != Any::Null);
        let marks: BTreeMap<String, String> =
            marks.map(|(name, value)| (name.to_string(), format!("{value:?}"))).collect();
        if before.as_ref() != Some(&marks) {
            write!(rendered, "{marks:?}").expect("a string takes everything");
            before = Some(marks);
        }
        match &piece.insert {
            Out::Any(Any::String(words)) => rendered.push_str(words),
            other => write!(rendered, "<{other:?}>").expect("a string takes everything"),
        }
    }
}

/// What these updates say: the text of all paragraphs, one line each.
pub fn reads(opened: &OpenedText) -> String {
    let updates = updates_of(opened).expect("the hub packed it");
    Page::of(updates.iter().map(Vec::as_slice)).expect("the hub passes on what an editor wrote").reads()
}

/// A document of its own with these words, as a recovery draft is.
pub fn draft(words: &str) -> Blob {
    // A draft is written by the client 1 alone.
    let page = Page::of_client(1);
    let mut change = page.doc.transact_mut();
    let paragraph = page.root.push_back(&mut change, XmlElementPrelim::empty("paragraph"));
    paragraph.push_back(&mut change, XmlTextPrelim::new(words));
    Blob(change.encode_update_v1())
}

/// One hold's document: one paragraph is enough for most stories.
pub struct Typist {
    page: Page,
    client: u64,
    /// Updates made so far.
    n: u64,
}

impl Typist {
    /// Begins with the text as it is. The client id of a hold is the token with which it began.
    pub fn begins(began: Token, opened: &OpenedText) -> Self {
        let updates = updates_of(opened).expect("the hub packed it");
        Self::follows(began, updates.iter().map(Vec::as_slice))
    }

    /// Begins with a text that is made of these updates.
    pub fn follows<'a>(began: Token, updates: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let typist = Self { page: Page::of_client(began.0), client: began.0, n: 0 };
        updates.into_iter().for_each(|update| typist.merges(update));
        typist
    }

    /// The client id that it writes under.
    pub fn client(&self) -> Token {
        Token(self.client)
    }

    /// The text as it has it.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// Clock units that it wrote.
    pub fn units(&self) -> u32 {
        self.page.doc.transact().state_vector().get(&ClientID::new(self.client))
    }

    /// Types at the end of the last paragraph; the number of the update and its bytes.
    pub fn types(&mut self, typed: &str) -> (u64, Blob) {
        self.writes(|change, root| {
            let last = root.len(change).checked_sub(1).and_then(|last| root.get(change, last));
            let paragraph = match last {
                Some(XmlOut::Element(paragraph)) => paragraph,
                _ => root.push_back(change, XmlElementPrelim::empty("paragraph")),
            };
            let text = match paragraph.get(change, 0) {
                Some(XmlOut::Text(text)) => text,
                _ => paragraph.push_back(change, XmlTextPrelim::new("")),
            };
            text.push(change, typed);
        })
    }

    /// Takes the last character of the last paragraph back.
    pub fn takes_back(&mut self) -> (u64, Blob) {
        let text = self.page.texts().into_iter().next_back().expect("something was written");
        self.writes(|change, _| {
            let end = text.len(change);
            text.remove_range(change, end - 1, 1);
        })
    }

    /// Puts a picture of the book behind the last paragraph.
    pub fn places_picture(&mut self, asset: &str, alt: &str) -> (u64, Blob) {
        self.writes(|change, root| {
            let picture = root.push_back(change, XmlElementPrelim::empty("image"));
            picture.insert_attribute(change, "asset", asset);
            picture.insert_attribute(change, "alt", alt);
        })
    }

    /// Inserts words into the first paragraph; the number of the update and its bytes.
    pub fn inserts(&mut self, at: u32, words: &str) -> (u64, Blob) {
        let text = self.first();
        self.writes(|change, _| text.insert(change, at, words))
    }

    /// Deletes a stretch of the first paragraph.
    pub fn deletes(&mut self, stretch: Range<u32>) -> (u64, Blob) {
        let text = self.first();
        self.writes(|change, _| text.remove_range(change, stretch.start, stretch.end - stretch.start))
    }

    /// A stretch of the first paragraph by what stands at its ends.
    pub fn marks(&self, lineage: Token, stretch: Range<u32>) -> Relative {
        let (text, look) = (self.first(), self.page.doc.transact());
        let position =
            |index, assoc| Blob(text.sticky_index(&look, index, assoc).expect("the stretch is there").encode_v1());
        let (start, end) = (position(stretch.start, Assoc::After), position(stretch.end, Assoc::Before));
        Relative { lineage, start, end }
    }

    /// The text of the first paragraph.
    fn first(&self) -> XmlTextRef {
        self.page.texts().into_iter().next().expect("something was written")
    }

    /// Takes in what somebody else wrote.
    pub fn merges(&self, update: &[u8]) {
        self.page.merges(update).expect("the hub passes on what an editor wrote");
    }

    /// One change; the number of its update and its bytes.
    fn writes(&mut self, change: impl FnOnce(&mut TransactionMut<'_>, &XmlFragmentRef)) -> (u64, Blob) {
        let mut transaction = self.page.doc.transact_mut();
        change(&mut transaction, &self.page.root);
        self.n += 1;
        (self.n, Blob(transaction.encode_update_v1()))
    }
}

#[cfg(test)]
mod tests;
