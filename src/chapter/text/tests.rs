use quire_protocol::Limits;

use super::*;

/// Types "H" into an empty document as client 7: a text in the root `default` would be of no use to an editor, so the
/// update holds a paragraph with a text in it.
fn typed(client: u8, clock: u8) -> Bytes {
    let paragraph = [0x07, 1, 7, b'd', b'e', b'f', b'a', b'u', b'l', b't', 3, 9];
    let name = b"paragraph";
    let mut update = vec![1, 1, client, clock];
    update.extend(paragraph);
    update.extend(name);
    update.push(0);
    update.into()
}

fn decide(text: &Text, began: u64, n: u64, update: &Bytes) -> Result<Accepted, Rejection> {
    let (user, session) = (UserId::new("ann").unwrap(), SessionId::new("ann-1").unwrap());
    let writer = Writer { user: &user, session: &session, began: Token(began), book_seq: Seq(3) };
    text.decide(&writer, n, update, &Limits::default())
}

/// Decides and takes in what is new, as the next record.
fn writes(text: &mut Text, began: u64, n: u64, update: &Bytes) -> Accepted {
    let accepted = decide(text, began, n, update).unwrap();
    if let Accepted::New(written) = &accepted {
        text.apply(text.rev().next(), &Entry::Written(written.clone()));
    }
    accepted
}

#[test]
fn an_update_is_new_once_and_then_a_repeat_of_its_record() {
    let mut text = Text::default();
    assert!(matches!(writes(&mut text, 7, 1, &typed(7, 0)), Accepted::New(written) if written.units == 1));
    assert_eq!(writes(&mut text, 7, 1, &typed(7, 0)), Accepted::Repeated(Seq(1)));
    assert!(matches!(decide(&text, 7, 1, &typed(7, 1)), Err(Rejection::Conflict { .. })));
}

#[test]
fn numbers_are_those_of_a_hold_and_have_no_gaps() {
    let mut text = Text::default();
    assert!(matches!(decide(&text, 7, 2, &typed(7, 0)), Err(Rejection::Conflict { .. })));
    assert!(matches!(decide(&text, 7, 0, &typed(7, 0)), Err(Rejection::Conflict { .. })));
    writes(&mut text, 7, 1, &typed(7, 0));
    writes(&mut text, 7, 2, &typed(7, 1));
    // The next hold begins with 1, and the last one's numbers are forgotten.
    writes(&mut text, 8, 1, &typed(8, 0));
    assert!(matches!(decide(&text, 8, 2, &typed(8, 2)), Err(Rejection::Invalid { .. })), "a clock was left out");
    assert!(matches!(decide(&text, 7, 1, &typed(7, 0)), Err(Rejection::Invalid { .. })), "it is written already");
}

#[test]
fn only_so_many_repeats_are_recognised() {
    let mut text = Text::default();
    for n in 1..=u8::try_from(MARKS_MAX / 2 - 1).unwrap() {
        writes(&mut text, 7, n.into(), &typed(7, n - 1));
    }
    assert_eq!(writes(&mut text, 7, 1, &typed(7, 0)), Accepted::Repeated(Seq(1)));
    let mut long = text.clone();
    for n in MARKS_MAX as u64 / 2..=MARKS_MAX as u64 + 1 {
        // Deletes the first unit again and again: nothing is written by that.
        writes(&mut long, 7, n, &vec![0, 1, 7, 1, 0, 1].into());
    }
    assert!(matches!(decide(&long, 7, 1, &typed(7, 0)), Err(Rejection::Conflict { .. })));
}

#[test]
fn an_import_is_a_record_and_no_document() {
    let mut text = Text::default();
    text.apply(Seq(1), &Entry::Imported { html: "<p>Loomings</p>".into() });
    assert_eq!(text.rev(), Seq(1));
    assert!(matches!(writes(&mut text, 7, 1, &typed(7, 0)), Accepted::New(_)));
    assert_eq!(text.rev(), Seq(2));
}

#[test]
fn a_document_is_known_by_who_wrote_first() {
    let mut text = Text::default();
    text.apply(Seq(1), &Entry::Imported { html: "<p>Loomings</p>".into() });
    assert_eq!(text.lineage(), None);
    writes(&mut text, 9, 1, &typed(9, 0));
    writes(&mut text, 8, 1, &typed(8, 0));
    assert_eq!(text.lineage(), Some(Token(9)));
    assert_eq!(Text::restore(text.save()), text);
    let before_it_was_kept = SavedText { lineage: None, ..text.save() };
    assert_eq!(Text::restore(before_it_was_kept).lineage(), Some(Token(8)));
}
