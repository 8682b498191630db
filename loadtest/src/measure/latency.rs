//! A histogram of latencies that merges without loss and travels as JSON.

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Ten minutes: what takes longer counts as that.
const MAX_US: u64 = 600_000_000;
/// Significant decimal digits.
const DIGITS: u8 = 3;

/// Latencies in microseconds, three significant digits, up to ten minutes.
///
/// Serialised as pairs of a value and how often it came. All histograms have the same buckets, so reading it back or
/// merging changes no percentile.
#[derive(Clone, Debug, PartialEq)]
pub struct Latency(Histogram<u64>);

impl Default for Latency {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, MAX_US, DIGITS).expect("the bounds are in order"))
    }
}

impl Latency {
    /// Notes one latency, microseconds.
    pub fn record_us(&mut self, us: u64) {
        self.0.saturating_record(us);
    }

    /// Takes in another histogram.
    pub fn merge(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all histograms have the same bounds");
    }

    /// How many were noted.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The latency that this share of all does not exceed, microseconds; 0 if there are none.
    ///
    /// `quantile` is 0 to 1.
    pub fn at_us(&self, quantile: f64) -> u64 {
        self.0.value_at_quantile(quantile)
    }

    /// The longest, microseconds; 0 if there are none.
    pub fn max_us(&self) -> u64 {
        self.0.max()
    }

    /// The mean, microseconds; 0 if there are none.
    pub fn mean_us(&self) -> f64 {
        self.0.mean()
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter_recorded().map(|value| (value.value_iterated_to(), value.count_at_value())))
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut latency = Self::default();
        for (value, count) in Vec::<(u64, u64)>::deserialize(deserializer)? {
            latency.0.saturating_record_n(value, count);
        }
        Ok(latency)
    }
}
