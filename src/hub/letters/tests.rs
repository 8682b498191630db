use super::*;

const START: Timestamp = Timestamp(1_000_000);

fn replica(name: &str) -> ReplicaId {
    ReplicaId::new(name).unwrap()
}

fn owed(number: u64) -> LetterChange {
    let (book, invitation) = (BookId::new("b1").unwrap(), InvitationId::new("i1").unwrap());
    LetterChange::Owed { number, asks: Asks::Invited { book, invitation }, by: replica("north") }
}

#[test]
fn one_replica_tries_at_a_time_and_another_only_after_long() {
    let mut letters = Letters::default();
    letters.apply(owed(1), START);
    let begins = |letters: &Letters, who: &str, ms: u64| letters.is_due(1, Some(&replica(who)), START.plus_ms(ms));
    assert!(begins(&letters, "north", 0) && !begins(&letters, "south", 0));
    letters.apply(LetterChange::Tried { number: 1, by: replica("north") }, START);
    assert!(!begins(&letters, "north", PAUSE_MS.0 - 1) && begins(&letters, "north", PAUSE_MS.0));
    assert!(letters.is_due(1, None, START.plus_ms(PAUSE_MS.0)), "a hub that is alone has nobody to wait for");
    assert!(!begins(&letters, "south", TAKEOVER_MS - 1) && begins(&letters, "south", TAKEOVER_MS));
    let later = START.plus_ms(TAKEOVER_MS);
    letters.apply(LetterChange::Tried { number: 1, by: replica("south") }, later);
    assert!(!begins(&letters, "north", TAKEOVER_MS + 4 * PAUSE_MS.0), "it is the other's now");
    assert!(begins(&letters, "south", TAKEOVER_MS + 4 * PAUSE_MS.0), "each pause is four times as long");
    for _ in 0..40 {
        letters.apply(LetterChange::Tried { number: 1, by: replica("south") }, later);
    }
    assert!(begins(&letters, "south", TAKEOVER_MS + PAUSE_MS.1), "up to the longest");
}

#[test]
fn the_end_of_a_letter_is_not_that_of_the_next_one() {
    let mut letters = Letters::default();
    letters.apply(owed(1), START);
    letters.apply(owed(2), START);
    letters.apply(LetterChange::Over { number: 1 }, START);
    letters.apply(LetterChange::Tried { number: 1, by: replica("north") }, START);
    assert_eq!(letters.0.keys().copied().collect::<Vec<_>>(), [2]);
    assert_eq!(Letters::restore(&letters.snapshot()), Ok(letters));
}

#[test]
fn there_are_never_too_many() {
    let mut letters = Letters::default();
    for number in 0..OWED_MAX as u64 {
        assert!(letters.has_room(1).is_ok());
        letters.apply(owed(number), START);
    }
    assert!(matches!(letters.has_room(1), Err(Rejection::Unavailable { .. })));
}

/// A snapshot of that time.
#[derive(Serialize)]
struct Before {
    version: &'static str,
    owed: BTreeMap<u64, serde_json::Value>,
}

#[test]
fn what_was_written_before_the_library_mailed_anybody_is_read() {
    let old = serde_json::json!({"t": "owed", "number": 1, "book": "b1", "invitation": "i1", "by": "north"});
    assert_eq!(decode_record::<LetterChange>(&encode(&old)), Ok(owed(1)));
    let letter = serde_json::json!({
        "book": "b1", "invitation": "i1", "since": START, "by": "north", "tries": 2, "tried_at": START});
    let saved = Before { version: "1", owed: [(1, letter)].into() };
    let letters = Letters::restore(&encode(&saved)).unwrap();
    assert_eq!(letters.0[&1].tries(), 2);
    assert!(matches!(&letters.0[&1].asks, Asks::Invited { invitation, .. } if invitation.as_str() == "i1"));
}

#[test]
fn a_letter_to_a_user_is_kept_like_the_others() {
    let mut letters = Letters::default();
    let asks = Asks::User { email: "ben@example.org".to_owned() };
    let change = LetterChange::Owed { number: 3, asks: asks.clone(), by: replica("north") };
    assert_eq!(decode_record(&encode(&change)), Ok(change.clone()));
    letters.apply(change, START);
    assert_eq!(letters.0[&3].asks, asks);
    assert_eq!(Letters::restore(&letters.snapshot()), Ok(letters));
}
