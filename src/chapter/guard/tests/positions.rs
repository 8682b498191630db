//! Relative positions: what Yjs writes passes, and no other bytes do.

use proptest::prelude::*;
use yrs::updates::encoder::Encode as _;
use yrs::{
    Assoc, Doc, GetString as _, IndexedSequence as _, Text as _, Transact as _, XmlFragment as _, XmlTextPrelim,
};

use super::super::position::{POSITION_BYTES_MAX, check_position};
use super::super::{Fault, Profile};

fn check(bytes: &[u8]) -> Result<(), Fault> {
    check_position(bytes, &Profile::prosemirror_xml())
}

/// A root, a type and units of clients with small and large ids, on both sides.
fn genuine() -> Vec<Vec<u8>> {
    let mut all = vec![
        b"\x01\x07default\x00".to_vec(),
        b"\x01\x07default\x41".to_vec(),
        // The largest client and the largest clock.
        vec![0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0xff, 0x07, 0x41],
        vec![2, 7, 0, 0],
    ];
    let doc = Doc::with_client_id(1_763_800_000_000_042_u64);
    let root = doc.get_or_insert_xml_fragment("default");
    let mut transaction = doc.transact_mut();
    let text = root.insert(&mut transaction, 0, XmlTextPrelim::new(""));
    let empty = [Assoc::After, Assoc::Before].map(|assoc| text.sticky_index(&transaction, 0, assoc));
    text.insert(&mut transaction, 0, "Call me Ishmael.");
    let said = [(0, Assoc::After), (8, Assoc::After), (8, Assoc::Before), (16, Assoc::Before)];
    let said = said.map(|(index, assoc)| text.sticky_index(&transaction, index, assoc));
    let places = empty.into_iter().chain(said).flatten();
    all.extend(places.map(|place| place.encode_v1()));
    assert_eq!(text.get_string(&transaction), "Call me Ishmael.");
    assert!(all.len() >= 8, "{} positions", all.len());
    all
}

#[test]
fn what_yjs_writes_passes() {
    for bytes in genuine() {
        assert_eq!(check(&bytes), Ok(()), "{bytes:?}");
    }
}

#[test]
fn nothing_shorter_or_longer_passes() {
    for bytes in genuine() {
        for end in 0..bytes.len() {
            assert!(check(&bytes[..end]).is_err(), "{:?}", &bytes[..end]);
        }
        for more in 0..=u8::MAX {
            assert!(check(&[&bytes[..], &[more]].concat()).is_err(), "{bytes:?} and {more}");
        }
    }
}

#[test]
fn what_is_no_position_is_refused_with_its_reason() {
    let refused = [
        (&[3, 7, 0, 0][..], Fault::Malformed("a position beside nothing")),
        (&[0, 7, 0, 1], Fault::Malformed("a position on no side")),
        (&[0, 7, 0, 0x40], Fault::Malformed("a position on no side")),
        (&[0, 0x87, 0, 0, 0], Fault::Malformed("a number is longer than needed")),
        (&[0, 7, 0xff, 0xff, 0xff, 0xff, 0x0f, 0], Fault::Malformed("a clock beyond 31 bits")),
        (b"\x01\x05other\x00", Fault::Forbidden("the name of a root")),
        (b"\x01\x08default\x00", Fault::Forbidden("the name of a root")),
        (b"\x01\x7fdefault\x00", Fault::Malformed("a string ends early")),
    ];
    for (bytes, fault) in refused {
        assert_eq!(check(bytes), Err(fault), "{bytes:?}");
    }
    let long = Fault::TooLarge { what: "bytes of a position", max: POSITION_BYTES_MAX };
    assert_eq!(check(&[0; POSITION_BYTES_MAX + 1]), Err(long));
    assert_ne!(check(&[0; POSITION_BYTES_MAX]), Err(long));
}

proptest! {
    /// Any one byte changed: it is refused, or the position of something else; and never a panic.
    #[test]
    fn no_mutation_is_taken_for_more_than_a_position(index in 0_usize..16, byte: u8) {
        for mut bytes in genuine() {
            let Some(there) = bytes.get_mut(index) else { continue };
            *there = byte;
            if check(&bytes).is_ok() {
                prop_assert!(matches!(bytes[0], 0..=2));
                prop_assert!(matches!(bytes.last(), Some(0x00 | 0x41)));
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _judged = check(&bytes);
    }
}
