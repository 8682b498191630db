//! Whoever keeps missing the tail goes first for a moment (R10).

use quire::store::{Append, AppendError, LogId, Position};

use super::bench::{book, chapter};
use super::replicas::{Replicas, drafted};

on_shared_stores! {
    r10_whoever_missed_twice_goes_next,
    r10_a_turn_that_nobody_uses_ends,
    r10_a_turn_holds_up_no_other_log,
}

/// A replica that decided on an old tail, the given times in a row.
async fn misses(replicas: &Replicas, who: &str, log: &LogId, old: Position, misses: u32) {
    let late = Append { misses, ..drafted(who, log, Some(old), &["late"]) };
    let refused = replicas.append(late).await;
    assert!(matches!(refused, Err(AppendError::Conflict(_))), "{refused:?}");
}

async fn r10_whoever_missed_twice_goes_next(replicas: Replicas) {
    let log = book("b1");
    let old = replicas.write("north", &log, None, &["a"]).await;
    let tail = replicas.write("north", &log, Some(old), &["b"]).await;

    misses(&replicas, "south", &log, old, 0).await;
    let tail = replicas.write("north", &log, Some(tail), &["one miss holds up nobody"]).await;

    misses(&replicas, "south", &log, old, 1).await;
    replicas.prolong_turn(&log).await;
    let refused = replicas.append(drafted("north", &log, Some(tail), &["c"])).await;
    assert_eq!(refused, Err(AppendError::Busy));
    let tail = replicas.write("south", &log, Some(tail), &["d"]).await;
    replicas.write("north", &log, Some(tail), &["e"]).await;
}

async fn r10_a_turn_that_nobody_uses_ends(replicas: Replicas) {
    let log = book("b1");
    let old = replicas.write("north", &log, None, &["a"]).await;
    let tail = replicas.write("north", &log, Some(old), &["b"]).await;
    misses(&replicas, "south", &log, old, 1).await;

    let appended = replicas.until(async || match replicas.append(drafted("north", &log, Some(tail), &["c"])).await {
        Err(AppendError::Busy) => None,
        answer => Some(answer.expect("the append fits")),
    });
    assert_eq!(appended.await.position.seq, tail.seq.next());
}

async fn r10_a_turn_holds_up_no_other_log(replicas: Replicas) {
    let log = book("b1");
    let old = replicas.write("north", &log, None, &["a"]).await;
    replicas.write("north", &log, Some(old), &["b"]).await;
    misses(&replicas, "south", &log, old, 1).await;
    replicas.prolong_turn(&log).await;
    replicas.write("north", &chapter("b1", "c1"), None, &["text"]).await;
    replicas.write("north", &book("b2"), None, &["a"]).await;
}
