use quire_protocol::{Seq, Token};

use super::*;
use crate::chapter::journal::replay;
use crate::store::{Record, Tag};

/// A document with a paragraph and nothing in it, written by this client.
fn document(client: u8) -> Vec<u8> {
    let mut update = vec![1, 1, client, 0, 0x07, 1, 7];
    update.extend(b"default");
    update.extend([3, 9]);
    update.extend(b"paragraph");
    update.push(0);
    update
}

fn command(id: &str, excerpt: &str, update: Vec<u8>) -> DraftSave {
    DraftSave {
        draft: DraftId::new(id).unwrap(),
        chapter: ChapterId::new("c1").unwrap(),
        excerpt: excerpt.into(),
        update: Blob(update),
    }
}

fn saves(drafts: &mut Drafts, id: &str, at: u64) {
    let change = drafts.save(&command(id, " Call  me\n", document(1)), &Limits::default()).unwrap().unwrap();
    drafts.apply(change, Timestamp(at));
}

fn ids(drafts: &Drafts) -> Vec<String> {
    let Answer::Drafts { drafts } = drafts.list() else { panic!("a list") };
    drafts.iter().map(|row| format!("{} {} {}", row.id, row.excerpt, row.saved_at.0)).collect()
}

#[test]
fn a_draft_is_listed_read_and_thrown_away() {
    let mut drafts = Drafts::default();
    saves(&mut drafts, "d1", 5);
    saves(&mut drafts, "d2", 6);
    assert_eq!(ids(&drafts), ["d1 Call me 5", "d2 Call me 6"]);
    assert_eq!(drafts.text(&DraftId::new("d1").unwrap()), Ok(Answer::Draft { update: Blob(document(1)) }));
    let change = drafts.discard(&DraftId::new("d1").unwrap()).unwrap();
    drafts.apply(change, Timestamp(7));
    assert_eq!(ids(&drafts), ["d2 Call me 6"]);
    assert_eq!(drafts.discard(&DraftId::new("d1").unwrap()), None);
    let gone = drafts.text(&DraftId::new("d1").unwrap());
    assert_eq!(gone, Err(Rejection::NotFound { what: What::Draft }));
}

#[test]
fn the_same_again_is_harmless_and_another_under_that_id_is_refused() {
    let mut drafts = Drafts::default();
    saves(&mut drafts, "d1", 5);
    assert_eq!(drafts.save(&command("d1", "", document(1)), &Limits::default()), Ok(None));
    let mut other = document(1);
    other.truncate(0);
    other.extend([0, 0]);
    assert_eq!(drafts.save(&command("d1", "", other), &Limits::default()), Err(Rejection::IdTaken));
}

#[test]
fn a_draft_is_a_document_of_the_client_1_within_its_limits() {
    let drafts = Drafts::default();
    let refused = |command: DraftSave| drafts.save(&command, &Limits::default()).unwrap_err();
    for update in [document(2), b"nonsense".to_vec(), Vec::new()] {
        assert!(matches!(refused(command("d1", "", update)), Rejection::Invalid { field, .. } if field == "update"));
    }
    let limits = Limits::default();
    let large = command("d1", "", vec![0; limits.update_bytes + 1]);
    assert!(matches!(refused(large), Rejection::TooLarge { limit, .. } if limit == "update_bytes"));
    let wordy = command("d1", &"x".repeat(limits.note_chars + 1), document(1));
    assert!(matches!(refused(wordy), Rejection::TooLarge { limit, .. } if limit == "note_chars"));
}

#[test]
fn one_person_keeps_so_many() {
    let mut drafts = Drafts::default();
    let limits = Limits { drafts_per_person: 2, ..Limits::default() };
    saves(&mut drafts, "d1", 1);
    saves(&mut drafts, "d2", 2);
    let refused = drafts.save(&command("d3", "", document(1)), &limits);
    assert_eq!(refused, Err(Rejection::LimitReached { limit: "drafts_per_person".into(), max: 2, used: 2 }));
}

#[test]
fn a_snapshot_and_the_records_after_it_say_what_all_records_said() {
    let mut drafts = Drafts::default();
    let mut records = Vec::new();
    for round in 0..Drafts::RECORDS_MAX as u64 {
        let id = DraftId::new(&format!("d{}", round / 2)).unwrap();
        let change = match drafts.discard(&id).filter(|_| round % 2 == 1 && round != 5) {
            Some(discarded) => discarded,
            None if drafts.find(&id).is_some() => continue,
            None => drafts.save(&command(id.as_str(), "x", document(1)), &Limits::default()).unwrap().unwrap(),
        };
        let seq = Seq(records.len() as u64 + 1);
        let payload = encode(&change);
        records.push(Record { seq, stamp: Token(round), at: Timestamp(round), tag: Tag(round), payload });
        drafts.apply(change, Timestamp(round));
    }
    saves(&mut drafts, "last", 99);
    let snapshot = drafts.snapshot();
    assert_eq!(ids(&drafts), ["d2 x 4", "last Call me 99"]);
    let read = replay::<Drafts>(Some(&snapshot), &[]).unwrap();
    assert_eq!(read.drafts, drafts.drafts);
    let begun = replay::<Drafts>(None, &records).unwrap();
    assert_eq!(ids(&begun), ["d2 x 4"]);
    assert!(replay::<Drafts>(Some(b"nonsense"), &[]).is_err());
}
