use super::*;

const START: Timestamp = Timestamp(1_000_000);

fn replica(name: &str) -> ReplicaId {
    ReplicaId::new(name).unwrap()
}

fn ann() -> UserId {
    UserId::new("ann").unwrap()
}

fn owed(due: Timestamp) -> MailingChange {
    MailingChange::Owed { user: ann(), due, by: replica("north") }
}

fn is_due(shelf: &Mailings, who: &str, now: Timestamp) -> bool {
    shelf.0[&ann()].is_due(Some(&replica(who)), now)
}

#[test]
fn one_replica_mails_at_its_time_and_another_only_long_after() {
    let (mut shelf, due) = (Mailings::default(), START.plus_ms(5_000));
    shelf.apply(owed(due), START);
    assert!(!is_due(&shelf, "north", START) && is_due(&shelf, "north", due) && !is_due(&shelf, "south", due));
    assert!(is_due(&shelf, "south", due.plus_ms(90_000)), "the other one is gone");
    shelf.apply(MailingChange::Tried { user: ann(), by: replica("south") }, due.plus_ms(90_000));
    assert!(!is_due(&shelf, "north", due.plus_ms(100_000)), "it is the other's now");
    shelf.apply(owed(START), START);
    assert!(is_due(&shelf, "south", due.plus_ms(92_000)), "what is new is due as well, after the pause");
    assert_eq!(Mailings::restore(&shelf.snapshot()), Ok(shelf));
}

#[test]
fn nobody_is_forgotten_before_what_was_announced_must_be_there() {
    let mut shelf = Mailings::default();
    shelf.apply(owed(START), START);
    let later = START.plus_ms(SETTLED_MS);
    let next = |due| Some(MailingChange::Next { user: ann(), due });
    assert_eq!(shelf.after(&ann(), None, START.plus_ms(1)), next(later));
    assert_eq!(shelf.after(&ann(), Some(START), later), next(START), "more is owed");
    shelf.apply(owed(START), START.plus_ms(10));
    assert_eq!(shelf.after(&ann(), None, later), next(later.plus_ms(10)));
    let over = shelf.after(&ann(), None, later.plus_ms(10)).unwrap();
    shelf.apply(over, later);
    assert_eq!((shelf.after(&ann(), None, later), shelf), (None, Mailings::default()));
}
