use quire_protocol::{SessionId, UserId};

use super::*;
use crate::chapter::Written;

const EPOCH: Epoch = Epoch(5);

/// The whole text of updates that are one byte each, as records 1, 2, 3…
fn whole(updates: &[u8]) -> Whole {
    let mut whole = Whole::default();
    for (rev, update) in (1..).map(Seq).zip(updates) {
        whole.apply(rev, &written(rev, *update));
    }
    whole
}

fn written(rev: Seq, update: u8) -> Entry {
    Entry::Written(Written {
        user: UserId::new("ann").unwrap(),
        session: SessionId::new("ann-1").unwrap(),
        client: 7,
        n: rev.0,
        units: u32::try_from(rev.0).unwrap(),
        book_seq: Seq(1),
        update: vec![update].into(),
    })
}

/// What is answered: after what, the state, the updates.
fn told(whole: &Whole, have: Option<u64>) -> (Option<u64>, Option<Vec<u8>>, Vec<u8>) {
    let opened = whole.opened(Some(EPOCH), have.map(Seq), false).expect("nothing was forgotten");
    assert_eq!((opened.epoch, opened.rev), (Some(EPOCH), whole.rev()));
    let updates = opened.updates.iter().flat_map(|update| update.0.clone()).collect();
    (opened.after.map(|seq| seq.0), opened.state.map(|state| state.0), updates)
}

#[test]
fn what_is_packed_takes_the_place_of_its_updates() {
    let mut whole = whole(&[1, 2, 3]);
    assert_eq!(told(&whole, None), (None, None, vec![1, 2, 3]));
    whole.pack(vec![9].into(), Seq(2));
    assert_eq!(told(&whole, None), (None, Some(vec![9]), vec![3]));
    assert_eq!(told(&whole, Some(2)), (Some(2), None, vec![3]));
    // What came before the state cannot be told by itself, nor what is not there yet.
    assert_eq!(told(&whole, Some(1)), told(&whole, None));
    assert_eq!(told(&whole, Some(4)), told(&whole, None));
    // An older state comes late; one of the future is of another text.
    whole.pack(vec![8].into(), Seq(1));
    whole.pack(vec![8].into(), Seq(4));
    assert_eq!(told(&whole, None), (None, Some(vec![9]), vec![3]));
}

#[test]
fn what_is_forgotten_is_known_again_once_it_is_one_state() {
    let mut whole = whole(&[1, 2]);
    whole.forget();
    assert_eq!((whole.opened(Some(EPOCH), None, false), whole.save_as_it_is(), whole.bytes()), (None, None, 0));
    whole.apply(Seq(3), &written(Seq(3), 3));
    // Who has all that was forgotten is told what came after it.
    assert_eq!(told(&whole, Some(2)), (Some(2), None, vec![3]));
    whole.pack(vec![8].into(), Seq(1));
    assert_eq!(whole.opened(Some(EPOCH), None, false), None);
    whole.pack(vec![9].into(), Seq(2));
    assert_eq!(told(&whole, None), (None, Some(vec![9]), vec![3]));
}

#[test]
fn a_text_is_saved_as_it_is_and_read_again() {
    let mut whole = whole(&[1, 2, 3]);
    for packed in [false, true] {
        if packed {
            whole.pack(vec![9].into(), Seq(2));
        }
        let saved = whole.save_as_it_is().unwrap();
        assert_eq!(Whole::read(Some(&saved), &[]).unwrap(), whole);
    }
    let state = Whole::read(Some(&whole.save(vec![9].into())), &[]).unwrap();
    assert_eq!(told(&state, None), (None, Some(vec![9]), vec![]));
    assert!(Whole::read(Some(b"nonsense"), &[]).is_err());
}
