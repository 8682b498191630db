//! A read skips nothing in silence.

use quire::store::{Position, Read, Tag};
use quire_protocol::Seq;

use super::bench::{Bench, book, chapter, payloads};

on_every_store! {
    r13_reading_from_a_trimmed_position,
    r13_reading_from_the_tail,
    r13_a_kept_position_with_the_tag_of_another_history,
    r13_a_position_before_the_first_record,
    logs_with_similar_names_do_not_mix,
}

async fn r13_reading_from_a_trimmed_position(bench: Bench) {
    let log = book("b1");
    let long_ago = bench.write(&log, None, &["a"]).await;
    let tail = bench.grow(&log, Some(long_ago), 1_500).await;
    bench.compact(&log, tail, "state").await;
    let after = bench.write(&log, Some(tail), &["z"]).await;

    let read = bench.read(&log, Some(long_ago)).await;
    let Read::Snapshot { snapshot, records, tail: end } = &read else { panic!("{read:?}") };
    assert_eq!((snapshot, payloads(records), *end), (&Some((tail, "state".into())), vec!["z"], after));
}

async fn r13_reading_from_the_tail(bench: Bench) {
    let log = book("b1");
    let tail = bench.write(&log, None, &["a"]).await;
    assert_eq!(bench.read(&log, Some(tail)).await, Read::Records { records: vec![], tail });
}

async fn r13_a_kept_position_with_the_tag_of_another_history(bench: Bench) {
    let log = book("b1");
    let seen = bench.write(&log, None, &["a"]).await;
    let tail = bench.write(&log, Some(seen), &["b"]).await;
    bench.compact(&log, tail, "state").await;
    let read = bench.read(&log, Some(Position { tag: Tag(u64::MAX), ..seen })).await;
    assert_eq!(read, Read::Snapshot { snapshot: Some((tail, "state".into())), records: vec![], tail });
}

async fn r13_a_position_before_the_first_record(bench: Bench) {
    let log = book("b1");
    let tail = bench.write(&log, None, &["a"]).await;
    let read = bench.read(&log, Some(Position { seq: Seq(0), ..tail })).await;
    let Read::Snapshot { snapshot: None, records, .. } = &read else { panic!("{read:?}") };
    assert_eq!(payloads(records), ["a"]);
}

async fn logs_with_similar_names_do_not_mix(bench: Bench) {
    let names = [book("b"), book("b1"), book("b-1"), chapter("b", "1"), chapter("b", "c"), chapter("b1", "c")];
    for (log, payload) in names.iter().zip(["0", "1", "2", "3", "4", "5"]) {
        let tail = bench.write(log, None, &[payload]).await;
        bench.write(log, Some(tail), &[payload]).await;
    }
    for (log, payload) in names.iter().zip(["0", "1", "2", "3", "4", "5"]) {
        let Read::Snapshot { records, .. } = bench.read(log, None).await else { panic!("{log} has no start") };
        assert_eq!(payloads(&records), [payload, payload], "{log}");
        assert_eq!(payloads(&bench.archive(log, 1, 9).await), [payload, payload], "{log}");
    }
}
