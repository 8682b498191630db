use super::*;

#[test]
fn histograms_of_several_processes_merge_without_loss() {
    let (mut one, mut other, mut all) = (Measures::default(), Measures::default(), Measures::default());
    for us in 1..=10_000_u64 {
        if us.is_multiple_of(3) { &mut one } else { &mut other }.delivery.record_us(us * 37);
        all.delivery.record_us(us * 37);
    }
    let travelled: Measures = serde_json::from_slice(&serde_json::to_vec(&other).unwrap()).unwrap();
    one.merge(&travelled);
    assert_eq!(one.delivery.count(), 10_000);
    for quantile in [0.0, 0.5, 0.9, 0.99, 0.999, 1.0] {
        assert_eq!(one.delivery.at_us(quantile), all.delivery.at_us(quantile), "{quantile}");
    }
    let error = one.delivery.at_us(0.5).abs_diff(5_000 * 37);
    assert!(error <= 5_000 * 37 / 1_000, "three digits are kept");
}

#[test]
fn what_takes_longer_than_ten_minutes_counts_as_ten_minutes() {
    let mut latency = Latency::default();
    latency.record_us(599_000_000);
    latency.record_us(u64::MAX);
    latency.record_us(0);
    assert_eq!(latency.count(), 3);
    assert!(latency.max_us() >= 600_000_000 && latency.max_us() < 601_000_000);
}

#[test]
fn counts_and_series_add_up() {
    let (mut one, mut other) = (Measures::default(), Measures::default());
    one.delivered(Micros(SLOT_US - 1));
    other.delivered(Micros(0));
    other.delivered(Micros(SLOT_US));
    one.sent(Micros(SLOT_US));
    one.refused("locked");
    other.refused("locked");
    other.refused("unavailable");
    other.closed(None);
    other.closed(Some(4050));
    one.merge(&other);
    assert_eq!(one.deliveries, BTreeMap::from([(0, 2), (1, 1)]));
    assert_eq!((one.deliveries_total(), one.commands, one.refused_total()), (3, 1, 3));
    assert_eq!(one.closed, BTreeMap::from([(0, 1), (4050, 1)]));
}

#[test]
fn a_hub_costs_what_it_used_between_the_first_and_the_last_sample() {
    let sample = |at, resident_bytes, cpu_s| HubSample { at: Micros(at), resident_bytes, cpu_s };
    let samples = vec![sample(0, 10, 1.5), sample(1, 30, 2.0), sample(2, 20, 4.0)];
    let hub = HubMeasures { samples, ..HubMeasures::default() };
    assert!((hub.cpu_s() - 2.5).abs() < 1e-9);
    assert_eq!(hub.peak_bytes(), 30);
    let samples = vec![sample(0, 10, 1.5), sample(1, 30, 2.0), sample(2, 20, 0.5)];
    let restarted = HubMeasures { samples, ..HubMeasures::default() };
    assert!((restarted.cpu_s() - 1.0).abs() < 1e-9, "half a second before its end, half a second after");
    assert!(HubMeasures::default().cpu_s().abs() < 1e-9);
}
