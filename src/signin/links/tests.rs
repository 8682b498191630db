use super::*;

const START: Timestamp = Timestamp(1_000_000);
const LIFE_MS: u64 = 60_000;

fn made(number: usize, at: Timestamp) -> LinkChange {
    LinkChange::Made {
        link: format!("l{number}"),
        email: format!("p{number}@example.org"),
        until: at.plus_ms(LIFE_MS),
        invitation: None,
        library: false,
    }
}

fn after_all(links: &mut Links, changes: &[LinkChange], at: Timestamp) {
    for change in changes {
        links.apply(change.clone(), at);
    }
}

#[test]
fn a_link_opens_once_and_in_time() {
    let mut links = Links::default();
    let changes = links.add(&made(1, START), START).unwrap();
    after_all(&mut links, &changes, START);
    assert_eq!(links.open("l1", START).unwrap().email, "p1@example.org");
    assert_eq!(links.open("l1", START.plus_ms(LIFE_MS)), Err(Opening::Expired));
    assert_eq!(links.open("l2", START), Err(Opening::Unknown));
    links.apply(LinkChange::Used { link: "l1".into() }, START);
    links.apply(LinkChange::Used { link: "none".into() }, START);
    assert_eq!(links.open("l1", START), Err(Opening::Used));
    // The same hash is never another link.
    after_all(&mut links, &[made(1, START)], START);
    assert_eq!(links.open("l1", START), Err(Opening::Used));
}

#[test]
fn there_are_never_too_many_and_none_that_is_good_goes() {
    let mut links = Links::default();
    for number in 0..LINKS_MAX {
        let changes = links.add(&made(number, START), START).unwrap();
        after_all(&mut links, &changes, START);
    }
    assert!(matches!(links.add(&made(9_999, START), START), Err(Rejection::Unavailable { .. })));
    assert!((0..LINKS_MAX).all(|number| links.open(&format!("l{number}"), START).is_ok()));
    // Those that are over make room, and are remembered for a while.
    let later = START.plus_ms(LIFE_MS);
    for number in LINKS_MAX..2 * LINKS_MAX + 10 {
        after_all(&mut links, &[made(number, later)], later);
    }
    assert_eq!(links.0.len(), 2 * LINKS_MAX);
    let long_after = later.plus_ms(LIFE_MS + REMEMBERED_MS);
    after_all(&mut links, &[made(0, long_after)], long_after);
    assert_eq!(links.0.len(), 1);
}

#[test]
fn a_snapshot_says_all_of_it() {
    let mut links = Links::default();
    after_all(&mut links, &[made(1, START), made(2, START), LinkChange::Used { link: "l1".into() }], START);
    assert_eq!(Links::restore(&links.snapshot()), Ok(links));
    assert!(Links::restore(b"half").is_err());
}
