use quire_protocol::{Limits, Timestamp};

use super::*;
use crate::chapter::{Seeded, Whole};
use crate::store::{Record, Tag};

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
    let writer = Writer { user: &user, session: &session, began: Token(began), chosen: None, book_seq: Seq(3) };
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
    // The next hold begins with 1; the last one's numbers are still its own.
    writes(&mut text, 8, 1, &typed(8, 0));
    assert!(matches!(decide(&text, 8, 2, &typed(8, 2)), Err(Rejection::Invalid { .. })), "a clock was left out");
    assert_eq!(decide(&text, 7, 1, &typed(7, 0)), Ok(Accepted::Repeated(Seq(1))));
}

#[test]
fn holds_that_write_in_turn_have_numbers_of_their_own() {
    let mut text = Text::default();
    for n in 1..=3_u8 {
        for client in [7, 8, 9_u8] {
            let accepted = writes(&mut text, client.into(), n.into(), &typed(client, n - 1));
            assert!(matches!(accepted, Accepted::New(written) if written.client == u64::from(client)));
        }
    }
    assert_eq!(decide(&text, 7, 2, &typed(7, 1)), Ok(Accepted::Repeated(Seq(4))));
    let restored = Text::restore(text.save());
    assert_eq!(restored, text);
}

#[test]
fn a_hold_whose_numbers_are_forgotten_goes_on_by_its_clock() {
    let mut text = Text::default();
    writes(&mut text, 1, 1, &typed(1, 0));
    for client in 2..=u8::try_from(HOLDS_MAX + 1).unwrap() {
        writes(&mut text, client.into(), 1, &typed(client, 0));
    }
    assert!(matches!(decide(&text, 1, 1, &typed(1, 0)), Err(Rejection::Invalid { .. })), "it is written already");
    assert!(matches!(decide(&text, 1, 2, &typed(1, 2)), Err(Rejection::Invalid { .. })), "a clock was left out");
    assert!(matches!(writes(&mut text, 1, 2, &typed(1, 1)), Accepted::New(_)));
}

#[test]
fn a_text_that_was_stored_when_one_hold_was_known_is_read() {
    let mut text = Text::default();
    writes(&mut text, 7, 1, &typed(7, 0));
    let mark = text.holds[0].marks[0];
    let old = serde_json::json!({"rev": 1, "clocks": {"7": 1}, "client": 7, "marks": [mark]});
    assert_eq!(Text::restore(serde_json::from_value(old).unwrap()), text);
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
fn what_was_imported_is_written_by_nobody_who_writes() {
    let mut text = Text::default();
    let client = text.own_client(|| u64::MAX);
    assert!(u64::from(u32::MAX) < client && client < OWN_CLIENTS.end, "{client} is no client that an editor chooses");
    seeds(&mut text, client);
    assert_eq!((text.rev(), text.clocks()), (Seq(1), BTreeMap::from([(client, 1)])));
    assert!(matches!(writes(&mut text, 7, 1, &typed(7, 0)), Accepted::New(_)));
    assert_eq!(text.rev(), Seq(2));
    let mut numbers = [u64::MAX, 4].into_iter();
    assert_eq!(text.own_client(|| numbers.next().unwrap()), OWN_CLIENTS.start + 4, "the first one wrote here");
}

#[test]
fn an_update_of_the_hubs_own_is_checked_as_others_are() {
    let text = Text::default();
    assert_eq!(text.check_own(7, &typed(7, 0), 100), Ok(1));
    for (client, update, bytes_max) in
        [(8, typed(7, 0), 100), (7, typed(7, 0), 3), (7, vec![0, 0].into(), 100), (7, typed(7, 1), 100)]
    {
        assert!(text.check_own(client, &update, bytes_max).is_err(), "{client} {update:?}");
    }
}

#[test]
fn a_text_that_was_stored_as_html_is_refused_by_name() {
    let old = serde_json::json!({"t": "imported", "html": "<p>Loomings</p>"});
    let payload = rmp_serde::to_vec_named(&old).unwrap().into();
    let record = Record { seq: Seq(1), stamp: Token(1), at: Timestamp(1), tag: Tag(1), payload };
    let error = Whole::read(None, &[record]).unwrap_err();
    assert!(error.contains("record 1") && error.contains("imported"), "{error}");
}

/// The hub writes the first unit.
fn seeds(text: &mut Text, client: u64) {
    let entry = Entry::Seeded(Seeded { client, units: 1, update: Bytes::from_static(b"not looked at") });
    text.apply(Seq(1), &entry);
}

fn chooses(text: &mut Text, user: &str, client: u32, update: &Bytes) -> Result<Accepted, Rejection> {
    let (user, session) = (UserId::new(user).unwrap(), SessionId::new("a-tab").unwrap());
    let writer =
        Writer { user: &user, session: &session, began: Token(1 << 50), chosen: Some(client), book_seq: Seq(3) };
    let accepted = text.decide(&writer, 0, update, &Limits::default())?;
    if let Accepted::New(written) = &accepted {
        text.apply(text.rev().next(), &Entry::Written(written.clone()));
    }
    Ok(accepted)
}

#[test]
fn a_client_id_that_an_editor_chose_belongs_to_the_user_who_wrote_under_it_first() {
    let mut text = Text::default();
    assert!(matches!(chooses(&mut text, "ann", 7, &typed(7, 0)), Ok(Accepted::New(written)) if written.n == 0));
    assert!(matches!(chooses(&mut text, "ben", 7, &typed(7, 1)), Err(Rejection::Conflict { .. })));
    // Also in a later hold, and after the text was stored.
    let mut text = Text::restore(text.save());
    assert!(matches!(chooses(&mut text, "ann", 7, &typed(7, 1)), Ok(Accepted::New(_))));
    assert_eq!(chooses(&mut text, "ann", 7, &typed(7, 0)), Ok(Accepted::Repeated(Seq(2))));
    assert!(
        matches!(chooses(&mut text, "ann", 7, &typed(7, 3)), Err(Rejection::Invalid { .. })),
        "a clock was left out"
    );
    // What a hold or the hub itself wrote is nobody's to choose.
    writes(&mut text, 9, 1, &typed(9, 0));
    assert!(matches!(chooses(&mut text, "ann", 9, &typed(9, 1)), Err(Rejection::Conflict { .. })));
    assert!(matches!(chooses(&mut text, "ann", 8, &typed(7, 2)), Err(Rejection::Invalid { .. })), "another's structs");
}

#[test]
fn a_document_is_known_by_who_wrote_first() {
    let mut text = Text::default();
    assert_eq!(text.lineage(), None);
    writes(&mut text, 9, 1, &typed(9, 0));
    writes(&mut text, 8, 1, &typed(8, 0));
    assert_eq!(text.lineage(), Some(Token(9)));
    assert_eq!(Text::restore(text.save()), text);
    let before_it_was_kept = SavedText { lineage: None, ..text.save() };
    assert_eq!(Text::restore(before_it_was_kept).lineage(), Some(Token(8)));
    let mut imported = Text::default();
    seeds(&mut imported, OWN_CLIENTS.start);
    writes(&mut imported, 9, 1, &typed(9, 0));
    assert_eq!(imported.lineage(), Some(Token(OWN_CLIENTS.start)));
    assert_eq!(Text::restore(imported.save()), imported);
}
