use super::*;

const START: Timestamp = Timestamp(1_000_000);
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn replica(name: &str) -> ReplicaId {
    ReplicaId::new(name).unwrap()
}

fn said(id: &str) -> Said {
    Said { id: id.to_owned(), told: None, to: Vec::new() }
}

fn owed(id: &str, keep: usize) -> QueueChange {
    QueueChange::Owed { said: Box::new(said(id)), keep, by: replica("north") }
}

/// It is tried, and this is the answer; `None`: there is none.
fn answers(queue: &mut Queue, id: &str, status: Option<u16>, at: Timestamp) {
    queue.apply(QueueChange::Tried { id: id.to_owned(), by: replica("north") }, at);
    let ok = status.is_some_and(|status| (200..300).contains(&status));
    let attempt = Attempt { at, ms: 5, status, problem: (!ok).then(|| "no".to_owned()) };
    let ended = ok.then_some(DeliveryState::Delivered);
    queue.apply(QueueChange::Called { id: id.to_owned(), attempt, ended }, at);
}

fn due(queue: &Queue, at: Timestamp) -> Option<String> {
    queue.due(Some(&replica("north")), at, DAY_MS).map(|due| due.said.id)
}

fn states(queue: &Queue) -> Vec<(String, DeliveryState)> {
    let mut all: Vec<_> = queue.deliveries().into_iter().map(|row| (row.id, row.state)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn is_saved(queue: &Queue) -> bool {
    Queue::restore(&queue.snapshot()).as_ref() == Ok(queue)
}

#[test]
fn what_is_owed_is_told_in_order_and_remembered() {
    let mut queue = Queue::default();
    queue.apply(QueueChange::Keyed { secret: Secret::random() }, START);
    for id in ["a", "b"] {
        queue.apply(owed(id, 10), START);
    }
    assert_eq!(due(&queue, START).as_deref(), Some("a"));
    answers(&mut queue, "a", Some(200), START);
    assert_eq!((due(&queue, START).as_deref(), queue.waiting()), (Some("b"), 1));
    answers(&mut queue, "b", Some(204), START);
    assert_eq!((due(&queue, START), queue.waiting() == 0), (None, true));
    assert!(queue.knows("a") && queue.is_over("b") && !queue.waits("b") && !queue.knows("c"));
    assert_eq!(states(&queue), ["a", "b"].map(|id| (id.to_owned(), DeliveryState::Delivered)));
    assert!(is_saved(&queue));
}

#[test]
fn while_nothing_is_answered_nothing_else_is_tried() {
    for status in [None, Some(500), Some(503), Some(429), Some(408)] {
        let mut queue = Queue::default();
        queue.apply(owed("a", 10), START);
        queue.apply(owed("b", 10), START);
        answers(&mut queue, "a", status, START);
        assert_eq!(due(&queue, START.plus_ms(1_999)), None, "{status:?}");
        let again = START.plus_ms(2_000);
        assert_eq!(due(&queue, again).as_deref(), Some("a"));
        answers(&mut queue, "a", status, again);
        assert_eq!(due(&queue, again.plus_ms(7_999)), None, "four times as long");
        let again = again.plus_ms(8_000);
        answers(&mut queue, "a", Some(200), again);
        assert_eq!(due(&queue, again).as_deref(), Some("b"), "it is well");
        assert!(is_saved(&queue));
    }
}

#[test]
fn what_is_refused_by_itself_keeps_nothing_else_waiting() {
    for status in [302, 400, 401, 404, 410, 422] {
        let mut queue = Queue::default();
        queue.apply(owed("a", 10), START);
        queue.apply(owed("b", 10), START);
        answers(&mut queue, "a", Some(status), START);
        assert_eq!(due(&queue, START).as_deref(), Some("b"), "{status}");
        answers(&mut queue, "b", Some(200), START);
        assert_eq!((due(&queue, START), due(&queue, START.plus_ms(2_000)).as_deref()), (None, Some("a")));
    }
}

#[test]
fn it_is_given_up_after_its_time_also_while_all_is_quiet() {
    let mut queue = Queue::default();
    queue.apply(owed("a", 10), START);
    let mut at = START;
    let mut tries = 0;
    while let Some(due) = queue.due(None, at, DAY_MS) {
        if due.is_late {
            break;
        }
        answers(&mut queue, "a", None, at);
        tries += 1;
        at = (1..=24 * 60 * 60)
            .map(|step| at.plus_ms(step * 1_000))
            .find(|at| queue.due(None, *at, DAY_MS).is_some())
            .unwrap();
    }
    assert_eq!((tries, at), (30, START.plus_ms(DAY_MS)), "2 s, 8 s, 32 s, 2 min, 9 min, 34 min, then each hour");
    queue.apply(QueueChange::Ended { id: "a".to_owned(), state: DeliveryState::GivenUp }, at);
    assert_eq!(states(&queue), [("a".to_owned(), DeliveryState::GivenUp)]);
    assert_eq!(queue.deliveries()[0].attempts.len(), 12);
}

#[test]
fn of_too_much_the_oldest_is_dropped_and_the_newest_of_what_is_over_is_kept() {
    let mut queue = Queue::default();
    for number in 0..200 {
        queue.apply(owed(&format!("{number:03}"), 3), START);
    }
    assert_eq!(queue.waiting(), 3);
    assert_eq!(queue.deliveries().len(), 3 + OVER_MAX);
    assert_eq!(states(&queue)[0], ("147".to_owned(), DeliveryState::Dropped));
    assert_eq!(states(&queue)[50], ("197".to_owned(), DeliveryState::Waiting));
}

#[test]
fn another_replica_takes_over_once_nothing_was_heard_for_long() {
    let mut queue = Queue::default();
    queue.apply(owed("a", 10), START);
    queue.apply(QueueChange::Tried { id: "a".to_owned(), by: replica("north") }, START);
    let south = |at| queue.due(Some(&replica("south")), at, DAY_MS).is_some();
    assert!(!south(START.plus_ms(89_999)) && south(START.plus_ms(90_000)));
}

#[test]
fn what_is_over_is_told_once_more_and_what_was_removed_is_gone_with_its_secret() {
    let mut queue = Queue::default();
    queue.apply(QueueChange::Keyed { secret: Secret::random() }, START);
    queue.apply(owed("a", 10), START);
    queue.apply(QueueChange::Ended { id: "a".to_owned(), state: DeliveryState::GivenUp }, START);
    let later = START.plus_ms(2 * DAY_MS);
    queue.apply(QueueChange::Again { id: "a".to_owned(), by: replica("north") }, later);
    assert_eq!((due(&queue, later).as_deref(), queue.is_over("a")), (Some("a"), false));
    queue.apply(QueueChange::Again { id: "nothing".to_owned(), by: replica("north") }, later);
    assert_eq!(queue.waiting(), 1);
    queue.apply(QueueChange::Removed, later);
    assert_eq!(queue, Queue::default());
}
