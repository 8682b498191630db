use std::collections::BTreeSet;

use super::*;

#[test]
fn close_codes_have_names_and_numbers_of_their_own() {
    let names: BTreeSet<_> = CloseCode::ALL.iter().map(|code| code.name()).collect();
    let numbers: BTreeSet<_> = CloseCode::ALL.iter().map(|code| code.number()).collect();
    assert_eq!((names.len(), numbers.len()), (CloseCode::ALL.len(), CloseCode::ALL.len()));
}

#[test]
fn a_refusal_is_written_flat() {
    let refusal = Refusal::from(Rejection::invalid("title", "it is empty"));
    let text = r#"{"message":"The field title is not valid: it is empty.","code":"invalid","field":"title","reason":"it is empty"}"#;
    assert_eq!(serde_json::to_string(&refusal).unwrap(), text);
}

#[test]
fn a_conflict_names_children_only_if_there_are_any() {
    let refusal = serde_json::to_value(Refusal::from(Rejection::conflict("the owner cannot leave"))).unwrap();
    assert_eq!(refusal.get("children"), None);
}
