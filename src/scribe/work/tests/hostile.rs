//! Documents that no guard would have let through.

use yrs::{Any, ArrayPrelim, MapPrelim, Text as _, Xml as _, XmlElementPrelim, XmlFragment as _, XmlTextPrelim};

use super::*;

#[test]
fn what_is_missing_is_noticed() {
    let mut ann = Writer::opens(&[], ANN);
    let said = ann.adds_paragraph("Call");
    ann.does(|transaction, _| said.insert(transaction, 4, " me"));
    let mut bob = Writer::opens(&ann.log, BOB);
    bob.does(|transaction, root| root.remove_range(transaction, 0, 1));
    bob.adds_paragraph("Ishmael");
    for missing in 0..bob.log.len() - 1 {
        let mut log = bob.log.clone();
        log.remove(missing);
        // Deleting writes nothing, so nothing shows that it is missing.
        let expected = if missing == 2 { Ok(()) } else { Err(Failed::Incomplete) };
        assert_eq!(perform(Job::Compact(document(&log))).map(drop), expected, "without {missing}");
    }
    let mut late = bob.log.clone();
    late.swap(0, 1);
    assert_eq!(perform(Job::Read(document(&late))).map(drop), Err(Failed::Incomplete));
}

#[test]
fn what_waits_and_comes_by_another_way_is_not_missing() {
    let mut ann = Writer::opens(&[], ANN);
    let said = ann.adds_paragraph("Call me");
    let mut bob = Writer::opens(&ann.log, BOB);
    bob.does(|transaction, root| root.remove_range(transaction, 0, 1));
    bob.adds_paragraph("Ishmael");
    ann.does(|transaction, _| said.insert(transaction, 7, "!"));
    let [first, deleted, theirs] = &bob.log[..] else { panic!("three updates") };
    let late = ann.log[1].clone();
    let whole = text(document(&[bob.log.clone(), vec![late.clone()]].concat()));
    assert_eq!(whole.tree, [paragraph("Ishmael")]);
    let both = unpacked(&state(document(&bob.log)).state).unwrap();
    let orders = [
        vec![theirs, theirs, deleted, first, &late, theirs],
        vec![deleted, theirs, deleted, &both, &late],
        vec![theirs, &both, deleted, first, &late],
    ];
    for order in orders {
        let log: Vec<Bytes> = order.into_iter().cloned().collect();
        assert_eq!(state(document(&log)).measure, whole.measure);
        assert_eq!(text(document(&log)), whole);
    }
}

#[test]
fn what_no_text_holds_is_refused() {
    let foreign = |change: &dyn Fn(&mut TransactionMut<'_>, &XmlFragmentRef)| {
        let mut ann = Writer::opens(&[], ANN);
        ann.adds_paragraph("fine");
        ann.does(|transaction, root| change(transaction, root));
        ann.adds_paragraph("fine too");
        let failed = perform(Job::Compact(document(&ann.log))).unwrap_err();
        assert!(matches!(failed, Failed::Foreign(_)), "{failed}");
    };
    let text = |transaction: &mut TransactionMut<'_>, root: &XmlFragmentRef| {
        root.push_back(transaction, XmlTextPrelim::new("a"))
    };
    foreign(&|transaction, root| {
        text(transaction, root).insert_embed(transaction, 1, MapPrelim::default());
    });
    foreign(&|transaction, root| {
        let values: &yrs::ArrayRef = root.as_ref();
        yrs::Array::push_back(values, transaction, Any::from(1));
    });
    foreign(&|transaction, root| {
        let element = root.push_back(transaction, XmlElementPrelim::empty("paragraph"));
        element.insert_attribute(transaction, "a", yrs::In::Array(ArrayPrelim::default()));
    });
    foreign(&|transaction, root| {
        let element = root.push_back(transaction, XmlElementPrelim::empty("paragraph"));
        element.insert_attribute(transaction, "a", Any::Buffer(vec![1].into()));
    });
    let not_a_number = |transaction: &mut TransactionMut<'_>, root: &XmlFragmentRef| {
        let element = root.push_back(transaction, XmlElementPrelim::empty("paragraph"));
        element.insert_attribute(transaction, "a", Any::from(f64::NAN));
    };
    let mut ann = Writer::opens(&[], ANN);
    ann.does(not_a_number);
    state(document(&ann.log));
}

/// A document of elements in each other.
fn nested(levels: usize) -> Document {
    let mut ann = Writer::opens(&[], ANN);
    ann.does(|transaction, root| {
        let mut inner = root.push_back(transaction, XmlElementPrelim::empty("blockquote"));
        for _ in 1..levels {
            inner = inner.push_back(transaction, XmlElementPrelim::empty("blockquote"));
        }
    });
    document(&ann.log)
}

#[test]
fn nesting_has_an_end() {
    assert_eq!(perform(Job::Compact(nested(DEPTH_MAX))).map(drop), Ok(()));
    for job in [Job::Compact(nested(DEPTH_MAX + 1)), Job::Read(nested(5_000))] {
        assert_eq!(perform(job), Err(Failed::TooDeep));
    }
}

#[test]
fn nonsense_is_unreadable() {
    for nonsense in [&b""[..], b"\x01", b"\xff\xff\xff\xff\x0f\x00", b"\x01\x01\x00\x00\x3f\x00"] {
        let failed = perform(Job::Read(document(&[Bytes::copy_from_slice(nonsense)]))).unwrap_err();
        assert!(matches!(failed, Failed::Unreadable(_)), "{nonsense:?}: {failed}");
    }
}
