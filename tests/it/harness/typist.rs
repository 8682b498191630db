//! An editor: a Yjs document as `TipTap` lays it out, and the updates that typing makes.

use std::io::Read as _;
use std::ops::Range;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire::press::{Pdf, Sets};
use quire::scribe::{Done, Failed, Job, Works, perform};
use quire_protocol::Token;
use quire_protocol::codec::Blob;
use quire_protocol::command::Relative;
use quire_protocol::frame::OpenedText;
use yrs::updates::decoder::Decode as _;
use yrs::updates::encoder::Encode as _;
use yrs::{Assoc, Doc, IndexedSequence as _, Text as _, Transact as _, TransactionMut, Update, Xml as _};
use yrs::{XmlElementPrelim, XmlFragment as _, XmlOut, XmlTextPrelim, XmlTextRef};

/// One hold's document: one paragraph is enough for most stories.
pub struct Typist {
    doc: Doc,
    /// Updates made so far.
    n: u64,
}

impl Typist {
    /// Begins with the text as it is. The client id of a hold is the token with which it began.
    pub fn begins(token: Token, opened: &OpenedText) -> Self {
        let typist = Self { doc: Doc::with_client_id(token.0), n: 0 };
        unpacked(opened).iter().for_each(|update| typist.merges(update));
        typist
    }

    /// Types at the end of the last paragraph; the number of the update and its bytes.
    pub fn types(&mut self, typed: &str) -> (u64, Blob) {
        let fragment = self.doc.get_or_insert_xml_fragment("default");
        let mut change = self.doc.transact_mut();
        let last = fragment.len(&change).checked_sub(1).and_then(|last| fragment.get(&change, last));
        let paragraph = match last {
            Some(XmlOut::Element(paragraph)) => paragraph,
            _ => fragment.push_back(&mut change, XmlElementPrelim::empty("paragraph")),
        };
        let text = match paragraph.get(&change, 0) {
            Some(XmlOut::Text(text)) => text,
            _ => paragraph.push_back(&mut change, XmlTextPrelim::new("")),
        };
        text.push(&mut change, typed);
        self.n += 1;
        (self.n, Blob(change.encode_update_v1()))
    }

    /// Puts a picture of the book behind the last paragraph.
    pub fn places_picture(&mut self, asset: &str, alt: &str) -> (u64, Blob) {
        let fragment = self.doc.get_or_insert_xml_fragment("default");
        let mut change = self.doc.transact_mut();
        let picture = fragment.push_back(&mut change, XmlElementPrelim::empty("image"));
        picture.insert_attribute(&mut change, "asset", asset);
        picture.insert_attribute(&mut change, "alt", alt);
        self.n += 1;
        (self.n, Blob(change.encode_update_v1()))
    }

    /// Inserts words into the first paragraph; the number of the update and its bytes.
    pub fn inserts(&mut self, at: u32, words: &str) -> (u64, Blob) {
        self.changes(|text, change| text.insert(change, at, words))
    }

    /// Deletes a stretch of the first paragraph.
    pub fn deletes(&mut self, stretch: Range<u32>) -> (u64, Blob) {
        self.changes(|text, change| text.remove_range(change, stretch.start, stretch.end - stretch.start))
    }

    fn changes(&mut self, change: impl FnOnce(&XmlTextRef, &mut TransactionMut<'_>)) -> (u64, Blob) {
        let text = self.first();
        let mut transaction = self.doc.transact_mut();
        change(&text, &mut transaction);
        self.n += 1;
        (self.n, Blob(transaction.encode_update_v1()))
    }

    /// A stretch of the first paragraph by what stands at its ends.
    pub fn marks(&self, lineage: Token, stretch: Range<u32>) -> Relative {
        let (text, look) = (self.first(), self.doc.transact());
        let position =
            |index, assoc| Blob(text.sticky_index(&look, index, assoc).expect("the stretch is there").encode_v1());
        let (start, end) = (position(stretch.start, Assoc::After), position(stretch.end, Assoc::Before));
        Relative { lineage, start, end }
    }

    /// The text of the first paragraph.
    fn first(&self) -> XmlTextRef {
        let fragment = self.doc.get_or_insert_xml_fragment("default");
        let look = self.doc.transact();
        let Some(XmlOut::Element(paragraph)) = fragment.get(&look, 0) else { panic!("no paragraph") };
        let Some(XmlOut::Text(text)) = paragraph.get(&look, 0) else { panic!("nothing written") };
        text
    }

    /// Takes in what somebody else wrote.
    pub fn merges(&self, update: &[u8]) {
        let update = Update::decode_v1(update).expect("the hub passes on what an editor wrote");
        self.doc.transact_mut().apply_update(update).expect("it fits");
    }
}

/// Everything that makes an opened text.
fn unpacked(opened: &OpenedText) -> Vec<Vec<u8>> {
    let state = opened.state.as_ref().map(|state| {
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(&state.0[..]).read_to_end(&mut bytes).expect("the hub packed it");
        bytes
    });
    state.into_iter().chain(opened.updates.iter().map(|update| update.0.clone())).collect()
}

/// What these updates say: the text of all paragraphs, one line each.
pub fn reads(opened: &OpenedText) -> String {
    let typist = Typist::begins(Token(1), opened);
    let fragment = typist.doc.get_or_insert_xml_fragment("default");
    let look = typist.doc.transact();
    let line = |index| match fragment.get(&look, index) {
        Some(XmlOut::Element(paragraph)) => match paragraph.get(&look, 0) {
            Some(XmlOut::Text(text)) => yrs::GetString::get_string(&text, &look),
            _ => String::new(),
        },
        other => panic!("no paragraph: {other:?}"),
    };
    (0..fragment.len(&look)).map(line).collect::<Vec<_>>().join("\n")
}

/// Does the work of the scribe and of the press without a process: the clock of a story stands still while a process
/// works. A PDF is what the press was given, so that a story can look into it.
pub struct InProcess;

impl Works for InProcess {
    fn ask(&self, job: Job) -> BoxFuture<'_, Result<Done, Failed>> {
        async move { perform(job) }.boxed()
    }
}

impl Sets for InProcess {
    fn is_there(&self) -> bool {
        true
    }

    fn set(&self, job: Vec<u8>) -> BoxFuture<'_, Result<Pdf, quire::press::Failed>> {
        let file = [b"%PDF-", &job[..]].concat().into();
        async move { Ok(Pdf { file, warnings: Vec::new() }) }.boxed()
    }
}
