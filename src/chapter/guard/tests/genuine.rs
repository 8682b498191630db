//! What an editor does to a document, done with yrs, passes in order and with the right clocks.

use yrs::types::Attrs;
use yrs::undo::UndoManager;
use yrs::{
    Any, Doc, ReadTxn, StateVector, Text, Transact, TransactionMut, Xml, XmlElementPrelim, XmlElementRef, XmlFragment,
    XmlFragmentRef, XmlTextPrelim, XmlTextRef,
};

use super::super::{Checked, ClientId, Clocks, Fault, Written};
use super::writer::open;
use super::{check_for, passed};

const WRITER: ClientId = ClientId(2_024);

/// A document in y-prosemirror's layout, of which each change is judged.
struct Desk {
    doc: Doc,
    root: XmlFragmentRef,
    known: Clocks,
}

impl Desk {
    fn new() -> Self {
        let doc = open(WRITER);
        let root = doc.get_or_insert_xml_fragment("default");
        Self { doc, root, known: Clocks::default() }
    }

    /// Changes the document, and what the guard says of the update.
    fn change<T>(&mut self, change: impl FnOnce(&mut TransactionMut<'_>, &XmlFragmentRef) -> T) -> (T, Checked) {
        let mut transaction = self.doc.transact_mut();
        let made = change(&mut transaction, &self.root);
        transaction.commit();
        let update = transaction.encode_update_v1();
        drop(transaction);
        (made, self.judge(&update))
    }

    /// What the guard says of all that changed since `before`.
    fn judge_since(&mut self, before: &StateVector) -> Checked {
        let update = self.doc.transact().encode_diff_v1(before);
        self.judge(&update)
    }

    fn judge(&mut self, update: &[u8]) -> Checked {
        let checked = passed(check_for(update, &self.known, WRITER));
        self.known.advance(&checked);
        let units = self.doc.transact().state_vector().get(&yrs::ClientID::new(WRITER.0));
        assert_eq!(self.known.get(WRITER), units, "the clocks are the document's");
        checked
    }

    fn paragraph(&mut self, index: u32) -> (XmlElementRef, XmlTextRef) {
        let (made, checked) = self.change(|transaction, root| {
            let paragraph = root.insert(transaction, index, XmlElementPrelim::empty("paragraph"));
            let text = paragraph.push_back(transaction, XmlTextPrelim::new(""));
            (paragraph, text)
        });
        assert_eq!(units(&checked), 2);
        made
    }
}

fn units(checked: &Checked) -> u32 {
    checked.written.map_or(0, |Written { from, to, .. }| to - from)
}

fn marks(name: &str, value: Any) -> Attrs {
    Attrs::from([(name.into(), value)])
}

fn on() -> Any {
    Any::from_json("{}").expect("an object")
}

#[test]
fn typing_key_by_key() {
    let mut desk = Desk::new();
    let (_, text) = desk.paragraph(0);
    for (at, key) in "Call me Ishmael.".chars().enumerate() {
        let at = u32::try_from(at).expect("a short text");
        let ((), checked) = desk.change(|transaction, _| text.insert(transaction, at, &key.to_string()));
        assert_eq!(checked.written, Some(Written { client: WRITER, from: 2 + at, to: 3 + at }));
        assert_eq!(checked.deleted, 0);
    }
}

#[test]
fn emoji_count_twice() {
    let mut desk = Desk::new();
    let (_, text) = desk.paragraph(0);
    let ((), checked) = desk.change(|transaction, _| text.insert(transaction, 0, "a🐳鯨e\u{301}"));
    assert_eq!(units(&checked), 6);
    let ((), checked) = desk.change(|transaction, _| text.remove_range(transaction, 1, 2));
    assert_eq!((units(&checked), checked.deleted), (0, 2));
}

#[test]
fn deleting_only_writes_nothing() {
    let mut desk = Desk::new();
    let (_, text) = desk.paragraph(0);
    desk.change(|transaction, _| text.insert(transaction, 0, "abcdef"));
    let ((), checked) = desk.change(|transaction, _| {
        text.remove_range(transaction, 0, 1);
        text.remove_range(transaction, 2, 2);
    });
    assert_eq!((checked.written, checked.deleted), (None, 3));
}

#[test]
fn what_is_made_and_deleted_at_once_is_sent_as_deleted() {
    let mut desk = Desk::new();
    let (_, text) = desk.paragraph(0);
    let ((), checked) = desk.change(|transaction, _| {
        text.insert(transaction, 0, "abcdef");
        text.remove_range(transaction, 1, 4);
    });
    assert_eq!((units(&checked), checked.deleted), (6, 4));
}

#[test]
fn marks_and_links() {
    let mut desk = Desk::new();
    let (_, text) = desk.paragraph(0);
    desk.change(|transaction, _| text.insert(transaction, 0, "the white whale"));
    let ((), checked) = desk.change(|transaction, _| text.format(transaction, 4, 5, marks("bold", on())));
    assert_eq!(units(&checked), 2);
    let link = Any::from_json(r#"{"href":"https://example.org/?a=\"b\"","target":"_blank","class":null}"#);
    let link = link.expect("an object");
    let ((), checked) = desk.change(|transaction, _| text.format(transaction, 0, 9, marks("link", link)));
    assert_eq!(units(&checked), 2);
    let hashed = marks("smallCaps--AbC9+/8=", on());
    let ((), checked) = desk.change(|transaction, _| text.insert_with_attributes(transaction, 2, "xy", hashed));
    assert!(units(&checked) >= 4);
    let ((), checked) = desk.change(|transaction, _| text.format(transaction, 0, 15, marks("bold", Any::Null)));
    assert!(checked.deleted > 0);
}

#[test]
fn attributes_are_set_changed_and_removed() {
    let mut desk = Desk::new();
    let ((heading, _), _) = desk.change(|transaction, root| {
        let heading = root.insert(transaction, 0, XmlElementPrelim::empty("heading"));
        heading.insert_attribute(transaction, "level", 2);
        (heading.clone(), heading.push_back(transaction, XmlTextPrelim::new("Loomings")))
    });
    let (_, checked) = desk.change(|transaction, _| heading.insert_attribute(transaction, "level", 3));
    assert_eq!((units(&checked), checked.deleted), (1, 1));
    let widths = Any::from_json("[120,null,1.5]").expect("a list");
    desk.change(|transaction, _| heading.insert_attribute(transaction, "colwidth", widths));
    let ((), checked) = desk.change(|transaction, _| heading.remove_attribute(transaction, &"level"));
    assert_eq!((units(&checked), checked.deleted), (0, 1));
}

#[test]
fn a_paragraph_is_split_and_joined_again() {
    let mut desk = Desk::new();
    let (_, text) = desk.paragraph(0);
    desk.change(|transaction, _| text.insert(transaction, 0, "one two"));
    let ((), checked) = desk.change(|transaction, root| {
        text.remove_range(transaction, 3, 4);
        let second = root.insert(transaction, 1, XmlElementPrelim::empty("paragraph"));
        second.push_back(transaction, XmlTextPrelim::new("two"));
    });
    assert_eq!((units(&checked), checked.deleted), (5, 4));
    let ((), checked) = desk.change(|transaction, root| {
        root.remove_range(transaction, 1, 1);
        text.insert(transaction, 3, " two");
    });
    assert_eq!((units(&checked), checked.deleted), (4, 5));
}

#[test]
fn undo_and_redo() {
    let mut desk = Desk::new();
    let (_, text) = desk.paragraph(0);
    let mut history = UndoManager::<()>::new();
    history.expand_scope(&desk.doc, &desk.root);
    desk.change(|transaction, _| text.insert(transaction, 0, "kept"));
    history.reset();
    desk.change(|transaction, _| text.remove_range(transaction, 1, 2));
    let before = desk.doc.transact().state_vector();
    assert!(history.undo_blocking());
    let checked = desk.judge_since(&before);
    assert!(units(&checked) > 0, "what was deleted is written again");
    let before = desk.doc.transact().state_vector();
    assert!(history.redo_blocking());
    let checked = desk.judge_since(&before);
    assert_eq!(units(&checked), 0, "it is only deleted again");
}

#[test]
fn another_editors_layout_is_refused() {
    let doc = Doc::with_client_id(WRITER.0);
    let text = doc.get_or_insert_text("quill");
    let mut transaction = doc.transact_mut();
    text.insert(&mut transaction, 0, "hello");
    let update = transaction.encode_update_v1();
    let fault = Fault::Forbidden("the name of a root");
    assert_eq!(check_for(&update, &Clocks::default(), WRITER), Err(fault));
}
