//! Stamps only rise, whatever the clock does, and stay below what a browser can count to.

use quire::store::{Append, AppendError, Read};
use quire_protocol::id::INTEGER_MAX;
use quire_protocol::{Timestamp, Token};

use super::bench::{Bench, START_MICROS, book, draft};

const AN_HOUR_MICROS: u64 = 3_600_000_000;

on_every_store! {
    stamps_rise_within_an_append,
    stamps_rise_above_the_floor,
    stamps_rise_while_the_log_is_ahead_of_the_clock,
    stamps_stay_below_2_to_the_53rd,
}

on_stores_with_hands! {
    stamps_are_the_clock_in_microseconds,
    stamps_rise_when_the_clock_goes_back,
}

async fn stamp_of_next(bench: &Bench, floor: u64) -> u64 {
    let log = book("b1");
    let after = bench.tail(&log).await;
    let append = Append { stamp_floor: Token(floor), ..draft(&log, after, &["a"]) };
    bench.append(&append).await.unwrap().first_stamp.0
}

async fn stamps_are_the_clock_in_microseconds(bench: Bench) {
    assert_eq!(stamp_of_next(&bench, 0).await, START_MICROS);
    bench.hands.set_micros(START_MICROS + 1_234_567);
    assert_eq!(stamp_of_next(&bench, 0).await, START_MICROS + 1_234_567);
}

async fn stamps_rise_within_an_append(bench: Bench) {
    let log = book("b1");
    let appended = bench.append(&draft(&log, None, &["a", "b", "c"])).await.unwrap();
    assert_eq!(appended.at, Timestamp(appended.first_stamp.0 / 1000));
    let Read::Snapshot { records, .. } = bench.read(&log, None).await else { panic!("no start") };
    let stamps: Vec<u64> = records.iter().map(|record| record.stamp.0).collect();
    let first = appended.first_stamp.0;
    assert_eq!(stamps, [first, first + 1, first + 2]);
    assert!(records.iter().all(|record| record.at == appended.at && record.tag == appended.position.tag));
}

async fn stamps_rise_when_the_clock_goes_back(bench: Bench) {
    let log = book("b1");
    let before = bench.append(&draft(&log, None, &["a", "b"])).await.unwrap();
    bench.hands.set_micros(START_MICROS - 86_400_000_000);
    assert_eq!(stamp_of_next(&bench, 0).await, before.first_stamp.0 + 2);
}

async fn stamps_rise_above_the_floor(bench: Bench) {
    let floor = stamp_of_next(&bench, 0).await + AN_HOUR_MICROS;
    assert_eq!(stamp_of_next(&bench, floor).await, floor + 1);
    assert_eq!(stamp_of_next(&bench, 5).await, floor + 2);
}

async fn stamps_rise_while_the_log_is_ahead_of_the_clock(bench: Bench) {
    let log = book("b1");
    let floor = Token(stamp_of_next(&bench, 0).await + AN_HOUR_MICROS);
    let ahead = Append { stamp_floor: floor, ..draft(&log, bench.tail(&log).await, &["a", "b"]) };
    bench.append(&ahead).await.unwrap();
    let next = bench.append(&draft(&log, bench.tail(&log).await, &["c"])).await.unwrap();
    assert_eq!(next.first_stamp, Token(floor.0 + 3));
    assert!(next.at.0 < floor.0 / 1000, "the time of day is the clock's");
}

async fn stamps_stay_below_2_to_the_53rd(bench: Bench) {
    assert_eq!(stamp_of_next(&bench, INTEGER_MAX - 2).await, INTEGER_MAX - 1);
    let log = book("b1");
    let tail = bench.tail(&log).await;
    let refused = bench.append(&draft(&log, tail, &["last", "one too many"])).await;
    assert_eq!(refused, Err(AppendError::Unavailable));
    assert_eq!(bench.tail(&log).await, tail);
    assert_eq!(stamp_of_next(&bench, 0).await, INTEGER_MAX);
    let tail = bench.tail(&log).await;
    assert_eq!(bench.append(&draft(&log, tail, &["x"])).await, Err(AppendError::Unavailable));
}
