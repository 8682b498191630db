//! Each rule with an update that keeps it and one that breaks it.

use super::super::{CLOCK_MAX, Checked, ClientId, Fault, GuardLimits, Profile, Verdict};
use super::writer::{
    BOBS, DELETED, Id, LAST, MARK, NODE, TEXT, VALUES, after, attribute, before, between, child, deletes_only, element,
    mark, next_value, number, of_ann, one, root_child, text, text_value, update,
};
use super::{ANN, BOB, EVE, by_ann, check, known, passed, written};

fn with_limits(update: &[u8], limits: GuardLimits) -> Result<Verdict, Fault> {
    super::super::check(update, &known(), ANN, &Profile::prosemirror_xml(), &limits)
}

fn a_text(left: Id) -> Vec<u8> {
    after(left, TEXT, &text("x"))
}

#[test]
fn what_continues_the_known_passes_with_its_clocks() {
    assert_eq!(written(&of_ann(&[a_text(LAST)])), by_ann(10, 11));
    let structs = [
        root_child("default", NODE, &element("paragraph")),
        child((ANN, 10), NODE, &[6]),
        child((ANN, 11), MARK, &mark("bold", "{}")),
        after((ANN, 12), TEXT, &text("a🐳é")),
        between((ANN, 16), BOBS, MARK, &mark("bold", "null")),
        before(BOBS, DELETED, &number(300)),
        attribute((ANN, 10), "textAlign", VALUES, &one(&text_value("left"))),
        next_value((ANN, 318), VALUES, &one(&text_value("right"))),
    ];
    let update = update(ANN, 10, &structs, &[(BOB, &[(0, 2), (3, 1)]), (ANN, &[(9, 5)])]);
    let checked = passed(check(&update));
    assert_eq!((checked.written, checked.deleted), (by_ann(10, 320), 8));
}

#[test]
fn a_text_is_as_long_as_its_utf16_units() {
    for (said, units) in [("a", 1), ("é", 1), ("鯨", 1), ("🐳", 2), ("👩‍🚀", 5), ("e\u{301}", 2), ("\0", 1)]
    {
        assert_eq!(written(&of_ann(&[after(LAST, TEXT, &text(said))])), by_ann(10, 10 + units), "{said:?}");
    }
}

#[test]
fn an_update_has_a_size() {
    let update = of_ann(&[a_text(LAST)]);
    let limits = GuardLimits { update_bytes: update.len(), ..GuardLimits::default() };
    assert!(with_limits(&update, limits).is_ok());
    let limits = GuardLimits { update_bytes: update.len() - 1, ..limits };
    let max = limits.update_bytes;
    assert_eq!(with_limits(&update, limits), Err(Fault::TooLarge { what: "bytes of an update", max }));
}

#[test]
fn structs_and_delete_ranges_are_counted() {
    let limits = GuardLimits { structs: 2, delete_ranges: 3, ..GuardLimits::default() };
    let structs = |count| vec![a_text(LAST); count];
    assert!(with_limits(&of_ann(&structs(2)), limits).is_ok());
    assert_eq!(with_limits(&of_ann(&structs(3)), limits), Err(Fault::TooLarge { what: "structs", max: 2 }));

    let mut deletes = [(ANN, &[(0, 1), (2, 1)][..]), (BOB, &[(0, 1)][..])];
    assert!(with_limits(&deletes_only(&deletes), limits).is_ok());
    deletes[1].1 = &[(0, 1), (2, 1)];
    let fault = Fault::TooLarge { what: "delete ranges", max: 3 };
    assert_eq!(with_limits(&deletes_only(&deletes), limits), Err(fault));
}

#[test]
fn counts_that_are_only_claimed_cost_nothing() {
    let huge = number((1 << 53) - 1);
    let structs = [vec![1], huge.clone(), number(ANN.0), number(10)].concat();
    assert_eq!(check(&structs), Err(Fault::TooLarge { what: "structs", max: 65_536 }));
    let deletes = [vec![0, 1], number(ANN.0), huge.clone()].concat();
    assert_eq!(check(&deletes), Err(Fault::TooLarge { what: "delete ranges", max: 65_536 }));
    assert_eq!(check(&[vec![0], huge.clone()].concat()), Err(Fault::Malformed("ends early")));
    let list = [one(&[117]), huge.clone()].concat();
    let values = of_ann(&[attribute(LAST, "id", VALUES, &list)]);
    // The list takes the delete set for its first value.
    assert_eq!(check(&values), Err(Fault::Malformed("an unknown kind of value")));
    assert_eq!(check(&of_ann(&[after(LAST, TEXT, &huge)])), Err(Fault::Malformed("a string ends early")));
}

#[test]
fn only_the_leased_client_writes() {
    let foreign = update(BOB, 5, &[a_text(BOBS)], &[]);
    assert_eq!(check(&foreign), Err(Fault::NotYourClient { client: BOB }));
    let mut two = of_ann(&[a_text(LAST)]);
    two[0] = 2;
    assert_eq!(check(&two), Err(Fault::Forbidden("more than one client writes")));
    assert_eq!(check(&update(ANN, 10, &[], &[])), Err(Fault::Malformed("a client that writes no structs")));
}

#[test]
fn clocks_continue_exactly() {
    let from = |clock, count| check(&update(ANN, clock, &vec![a_text((ANN, 0)); count], &[]));
    assert_eq!(from(11, 1), Err(Fault::Gap { known: 10, from: 11 }));
    assert_eq!(from(9, 2), Err(Fault::Overlap { known: 10, from: 9, to: 11 }));
    assert!(matches!(from(9, 1), Ok(Verdict::Duplicate(Checked { written, .. })) if written == by_ann(9, 10)));
    assert!(matches!(from(0, 10), Ok(Verdict::Duplicate(_))));
    assert!(matches!(from(0, 11), Err(Fault::Overlap { .. })));
}

#[test]
fn a_duplicate_can_be_reduced_to_its_deletes() {
    let update = update(ANN, 9, &[a_text((ANN, 8))], &[(BOB, &[(1, 2)])]);
    let Ok(Verdict::Duplicate(checked)) = check(&update) else { panic!("all of it is known") };
    let deletes = checked.deletes_only(&update).expect("it deletes");
    assert_eq!(deletes, deletes_only(&[(BOB, &[(1, 2)])]));
    assert_eq!(passed(check(&deletes)).deleted, 2);

    let update = of_ann(&[a_text(LAST)]);
    assert_eq!(passed(check(&update)).deletes_only(&update), None);
}

#[test]
fn a_first_update_begins_at_zero() {
    let first = update(EVE, 0, &[root_child("default", NODE, &element("paragraph"))], &[]);
    let checked = passed(super::check_for(&first, &known(), EVE));
    let mut clocks = known();
    clocks.advance(&checked);
    assert_eq!(clocks.iter().collect::<Vec<_>>(), [(ANN, 10), (EVE, 1), (BOB, 5)]);
}

#[test]
#[should_panic(expected = "counted once")]
fn an_update_is_not_counted_twice() {
    let checked = passed(check(&of_ann(&[a_text(LAST)])));
    let mut clocks = known();
    clocks.advance(&checked);
    clocks.advance(&checked);
}

#[test]
fn neighbours_and_parents_are_known_or_earlier_in_the_update() {
    for (bad, what) in [
        (a_text((ANN, 10)), "a left neighbour"),
        (a_text((BOB, 5)), "a left neighbour"),
        (a_text((EVE, 0)), "a left neighbour"),
        (before((ANN, 10), TEXT, &text("x")), "a right neighbour"),
        (between(LAST, (BOB, 5), TEXT, &text("x")), "a right neighbour"),
        (child((EVE, 0), NODE, &[6]), "a parent"),
        (child((ANN, 10), NODE, &[6]), "a parent"),
        (attribute((BOB, 5), "id", VALUES, &one(&[126])), "a parent"),
    ] {
        assert_eq!(check(&of_ann(&[bad])), Err(Fault::Unknown(what)));
    }
    assert_eq!(check(&of_ann(&[a_text(LAST), a_text((ANN, 11))])), Err(Fault::Unknown("a left neighbour")));
    assert!(check(&of_ann(&[a_text(LAST), a_text((ANN, 10))])).is_ok());
}

#[test]
fn a_parent_in_the_same_update_is_a_node() {
    let in_text = [a_text(LAST), child((ANN, 10), NODE, &[6])];
    assert_eq!(check(&of_ann(&in_text)), Err(Fault::Malformed("a parent that is not a node")));
    let two = [after(LAST, NODE, &[6]), a_text(LAST), after(LAST, NODE, &element("image"))];
    for (parent, is_node) in [(10, true), (11, false), (12, true)] {
        let in_attribute = attribute((ANN, parent), "id", VALUES, &one(&[126]));
        assert_eq!(check(&of_ann(&[&two[..], &[in_attribute]].concat())).is_ok(), is_node);
    }
    // What was known before may be anything.
    assert!(check(&of_ann(&[child(LAST, NODE, &[6])])).is_ok());
}

#[test]
fn delete_ranges_are_known_ascend_and_come_once_per_client() {
    let deletes = |deletes: &[_]| check(&deletes_only(deletes)).map(|verdict| passed(Ok(verdict)).deleted);
    assert_eq!(deletes(&[(ANN, &[(0, 3), (3, 7)]), (BOB, &[(4, 1)])]), Ok(11));
    for unknown in [(ANN, &[(9, 2)][..]), (ANN, &[(10, 1)]), (BOB, &[(0, 6)]), (EVE, &[(0, 1)])] {
        assert_eq!(deletes(&[unknown]), Err(Fault::Unknown("a delete range")));
    }
    let twice = [(ANN, &[(0, 1)][..]), (ANN, &[(2, 1)][..])];
    assert_eq!(deletes(&twice), Err(Fault::Malformed("a client that deletes twice")));
    assert_eq!(deletes(&[(ANN, &[(0, 0)])]), Err(Fault::Malformed("a length of zero")));
    assert_eq!(deletes(&[(ANN, &[])]), Err(Fault::Malformed("a client of which nothing is deleted")));
    for ranges in [&[(4, 1), (2, 1)], &[(2, 2), (3, 1)]] {
        assert_eq!(deletes(&[(ANN, ranges)]), Err(Fault::Malformed("delete ranges that do not ascend")));
    }
    let end = [(ANN, &[(CLOCK_MAX, CLOCK_MAX)][..])];
    assert_eq!(deletes(&end), Err(Fault::Malformed("a delete range beyond 31 bits")));
}

#[test]
fn an_update_may_delete_what_it_writes_but_not_more() {
    let with = |range| check(&update(ANN, 10, &[a_text(LAST)], &[(ANN, &[range])]));
    assert!(with((10, 1)).is_ok());
    assert_eq!(with((10, 2)), Err(Fault::Unknown("a delete range")));
}

#[test]
fn an_update_does_something_and_nothing_follows_it() {
    assert_eq!(check(&[0, 0]), Err(Fault::Empty));
    assert_eq!(check(&[]), Err(Fault::Malformed("ends early")));
    let mut longer = of_ann(&[a_text(LAST)]);
    longer.push(0);
    assert_eq!(check(&longer), Err(Fault::Malformed("bytes after the end")));
}

#[test]
fn lengths_are_not_zero_and_stay_below_31_bits() {
    let deleted = |length: u64| after(LAST, DELETED, &number(length));
    assert_eq!(check(&of_ann(&[deleted(0)])), Err(Fault::Malformed("a length of zero")));
    assert_eq!(check(&of_ann(&[after(LAST, TEXT, &text(""))])), Err(Fault::Malformed("an empty text")));
    let no_values = attribute(LAST, "id", VALUES, &[0]);
    assert_eq!(check(&of_ann(&[no_values])), Err(Fault::Malformed("a length of zero")));
    assert_eq!(check(&of_ann(&[deleted(1 << 31)])), Err(Fault::Malformed("a clock beyond 31 bits")));
    assert_eq!(written(&of_ann(&[deleted(u64::from(CLOCK_MAX) - 10)])), by_ann(10, CLOCK_MAX));
    let beyond = Fault::Malformed("lengths that sum up beyond 31 bits");
    assert_eq!(check(&of_ann(&[deleted(u64::from(CLOCK_MAX) - 9)])), Err(beyond));
    assert_eq!(check(&of_ann(&[deleted(1 << 30), deleted(1 << 30)])), Err(beyond));
}

#[test]
fn numbers_have_their_shortest_form_within_53_bits() {
    let longer = Fault::Malformed("a number is longer than needed");
    assert_eq!(check(&[0x80, 0x00, 0]), Err(longer));
    assert_eq!(check(&[0x81, 0x80, 0x00, 0]), Err(longer));
    let beyond = Fault::Malformed("a number beyond 53 bits");
    for client in [&number(1 << 53)[..], &number(u64::MAX), &[0xff; 12]] {
        assert_eq!(check(&[&[1, 1], client, &[0]].concat()), Err(beyond));
    }
    let last = ClientId((1 << 53) - 1);
    assert_eq!(check(&update(last, 0, &[a_text(LAST)], &[])), Err(Fault::NotYourClient { client: last }));
}

#[test]
fn texts_are_utf8() {
    for bad in [&[2, 0xc3, 0x28][..], &[3, 0xed, 0xa0, 0x80], &[1, 0xff], &[2, 0xc0, 0x80]] {
        assert_eq!(check(&of_ann(&[after(LAST, TEXT, bad)])), Err(Fault::Malformed("a string that is not UTF-8")));
    }
}

#[test]
fn content_is_text_marks_nodes_and_values() {
    for (kind, what) in [
        (2, "JSON content"),
        (3, "binary content"),
        (5, "embedded content"),
        (9, "a sub-document"),
        (10, "a skip"),
        (11, "a move"),
        (12, "an unknown kind of content"),
        // One library looks at four bits of the kind only: to it this is text.
        (0x10 | TEXT, "an unknown kind of content"),
        (0x1f, "an unknown kind of content"),
    ] {
        assert_eq!(check(&of_ann(&[after(LAST, kind, &text("x"))])), Err(Fault::Forbidden(what)));
    }
    // A skip as it is written: without flags.
    assert_eq!(check(&of_ann(&[vec![10, 1]])), Err(Fault::Forbidden("a skip")));
    assert_eq!(check(&of_ann(&[after(LAST, 0, &[1])])), Err(Fault::Malformed("a collected struct with flags")));
}

/// A paragraph and its text that one transaction made and deleted, as Yjs writes it without an undo history.
const COLLECTED: &[u8] = b"\x01\x02\x07\x00\x01\x01\x07default\x01\x00\x05\x01\x07\x01\x00\x06";

#[test]
fn collected_structs_are_as_the_profile_says() {
    let limits = GuardLimits::default();
    let check = |update, collected| {
        let profile = Profile { collected, ..Profile::prosemirror_xml() };
        super::super::check(update, &[(BOB, 1)].into_iter().collect(), ANN, &profile, &limits)
    };
    assert_eq!(check(COLLECTED, false), Err(Fault::Forbidden("a collected struct")));
    assert_eq!(passed(check(COLLECTED, true)).written, by_ann(0, 6));
    let empty = update(ANN, 0, &[vec![0, 0]], &[]);
    assert_eq!(check(&empty, true), Err(Fault::Malformed("a length of zero")));
}

#[test]
fn nodes_are_elements_and_texts() {
    for (number, what) in [
        (0, "a shared array"),
        (1, "a shared map"),
        (2, "a shared text outside of XML"),
        (4, "a fragment within another"),
        (5, "an XML hook"),
        (7, "a weak link"),
        (9, "a sub-document"),
        (15, "an unknown shared type"),
        (0x83, "an unknown shared type"),
    ] {
        assert_eq!(check(&of_ann(&[after(LAST, NODE, &[number, 0])])), Err(Fault::Forbidden(what)));
    }
}

#[test]
fn names_are_those_of_the_profile() {
    let refused = |bad: Vec<u8>, what| assert_eq!(check(&of_ann(&[bad])), Err(Fault::Forbidden(what)));
    refused(root_child("prosemirror", NODE, &element("paragraph")), "the name of a root");
    refused(after(LAST, NODE, &element("script")), "the name of an element");
    refused(after(LAST, NODE, &element("Paragraph")), "the name of an element");
    refused(after(LAST, MARK, &mark("blink", "{}")), "the name of a mark");
    refused(attribute(LAST, "onclick", VALUES, &one(&[126])), "the name of an attribute");
    for name in Profile::prosemirror_xml().elements {
        assert!(check(&of_ann(&[after(LAST, NODE, &element(name))])).is_ok(), "{name}");
    }
    for name in Profile::prosemirror_xml().marks {
        assert!(check(&of_ann(&[after(LAST, MARK, &mark(name, "{}"))])).is_ok(), "{name}");
    }
    for name in Profile::prosemirror_xml().attributes {
        assert!(check(&of_ann(&[attribute(LAST, name, VALUES, &one(&[126]))])).is_ok(), "{name}");
    }
}

#[test]
fn a_mark_may_carry_the_hash_of_its_attributes() {
    let is_allowed = |name| check(&of_ann(&[after(LAST, MARK, &mark(name, "{}"))])).is_ok();
    assert!(is_allowed("smallCaps--Ab9+/8=="));
    for bad in [
        "smallCaps--Ab9+/8=",
        "smallCaps--Ab9+/8===",
        "smallCaps-Ab9+/8==",
        "smallCaps--Ab9+ 8==",
        "blink--Ab9+/8==",
        "--Ab9+/8==",
        "smallCaps--Ab9+/8==--Ab9+/8==",
        "smallCaps--äääAb",
    ] {
        assert!(!is_allowed(bad), "{bad}");
    }
}

#[test]
fn an_attribute_holds_values_of_an_element_and_values_stand_nowhere_else() {
    let refused = |bad: Vec<u8>, what| assert_eq!(check(&of_ann(&[bad])), Err(Fault::Forbidden(what)));
    refused(attribute(LAST, "id", TEXT, &text("x")), "an attribute that is not a value");
    refused(attribute(LAST, "id", NODE, &[6]), "an attribute that is not a value");
    refused(next_value(LAST, MARK, &mark("bold", "{}")), "an attribute that is not a value");
    refused(after(LAST, VALUES, &one(&[126])), "a value outside of an attribute");
    refused(child(LAST, VALUES, &one(&[126])), "a value outside of an attribute");
    let of_root = [&[0x20 | VALUES, 1], &text("default")[..], &text("id"), &one(&[126])].concat();
    refused(of_root, "an attribute of a root");
    let neither = [&[NODE, 2][..], &[6]].concat();
    assert_eq!(check(&of_ann(&[neither])), Err(Fault::Malformed("a parent that is neither a root nor an item")));
}
