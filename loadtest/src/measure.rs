//! What a run costs: how long things took, how many there were, what the hubs and the store used.
//!
//! Workers keep [`Measures`] and send them to the conductor, which merges them; that loses nothing, because
//! histograms are merged bucket by bucket. All latencies count from the time at which a thing was meant to be sent: a
//! tab that falls behind does not hide that it does.

mod latency;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::observation::Micros;

pub use latency::Latency;

/// Length of a slot of the time series, microseconds.
pub const SLOT_US: u64 = 500_000;

/// What one worker measured, or several together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Measures {
    /// From the intended sending of a command to each tab's hearing of its event.
    pub delivery: Latency,
    /// From the intended sending of a command to its reply.
    pub reply: Latency,
    /// From the typing of an update to its answer, resent or not.
    #[serde(default)]
    pub ack: Latency,
    /// From asking for a book as a file to having it, however often the hub has no time.
    #[serde(default)]
    pub file: Latency,
    /// From the intended connecting of a tab to its `welcome`.
    pub join: Latency,
    /// From the intended `book.open` of a tab that comes back to its answer.
    pub replay: Latency,
    /// Commands that were sent, retries not counted.
    pub commands: u64,
    /// Commands that were sent again.
    pub retries: u64,
    /// Replies that say yes.
    pub accepted: u64,
    /// Replies that say no, by code.
    pub refused: BTreeMap<String, u64>,
    /// Commands whose connection ended before the reply.
    pub lost: u64,
    /// Connections beyond the first of each tab.
    pub reconnects: u64,
    /// Closings by the hub, by code; 0: without a close frame.
    pub closed: BTreeMap<u16, u64>,
    /// Bytes of WebSocket payload that tabs received.
    pub received_bytes: u64,
    /// Events that reached a tab, by slot of [`SLOT_US`] since the run's origin.
    pub deliveries: BTreeMap<u64, u64>,
    /// Commands that were sent, by slot.
    pub sent: BTreeMap<u64, u64>,
}

impl Measures {
    /// An event reached a tab.
    pub fn delivered(&mut self, at: Micros) {
        *self.deliveries.entry(at.0 / SLOT_US).or_default() += 1;
    }

    /// A command was sent for the first time.
    pub fn sent(&mut self, at: Micros) {
        self.commands += 1;
        *self.sent.entry(at.0 / SLOT_US).or_default() += 1;
    }

    /// A command was refused.
    pub fn refused(&mut self, code: &str) {
        match self.refused.get_mut(code) {
            Some(count) => *count += 1,
            None => drop(self.refused.insert(code.to_owned(), 1)),
        }
    }

    /// The hub ended a connection; `None`: without a close frame.
    pub fn closed(&mut self, code: Option<u16>) {
        *self.closed.entry(code.unwrap_or(0)).or_default() += 1;
    }

    /// All events that reached a tab.
    pub fn deliveries_total(&self) -> u64 {
        self.deliveries.values().sum()
    }

    /// All replies that say no.
    pub fn refused_total(&self) -> u64 {
        self.refused.values().sum()
    }

    /// Takes in what another worker measured.
    pub fn merge(&mut self, other: &Self) {
        self.delivery.merge(&other.delivery);
        self.reply.merge(&other.reply);
        self.ack.merge(&other.ack);
        self.file.merge(&other.file);
        self.join.merge(&other.join);
        self.replay.merge(&other.replay);
        self.commands += other.commands;
        self.retries += other.retries;
        self.accepted += other.accepted;
        self.lost += other.lost;
        self.reconnects += other.reconnects;
        self.received_bytes += other.received_bytes;
        add(&mut self.refused, &other.refused);
        add(&mut self.closed, &other.closed);
        add(&mut self.deliveries, &other.deliveries);
        add(&mut self.sent, &other.sent);
    }
}

fn add<K: Ord + Clone>(to: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *to.entry(key.clone()).or_default() += count;
    }
}

/// What the conductor sees of one hub process at one time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HubSample {
    /// When.
    pub at: Micros,
    /// Resident memory, bytes.
    pub resident_bytes: u64,
    /// Processor time since it started, user and system, seconds.
    pub cpu_s: f64,
}

/// What one hub process used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HubMeasures {
    /// How the report calls it.
    pub name: String,
    /// Resident bytes before the first tab came.
    pub idle_resident_bytes: u64,
    /// The most tabs that it served at once.
    pub tabs: u64,
    /// Processor time while the tabs joined and opened their books, seconds.
    pub join_cpu_s: f64,
    /// Samples, oldest first. The first is that of the load's beginning, the last that of its end.
    pub samples: Vec<HubSample>,
}

impl HubMeasures {
    /// Processor time between the first and the last sample, seconds. A hub that began anew meanwhile counts from 0.
    pub fn cpu_s(&self) -> f64 {
        let steps = self.samples.windows(2).map(|pair| match pair[1].cpu_s - pair[0].cpu_s {
            step if step < 0.0 => pair[1].cpu_s,
            step => step,
        });
        steps.sum()
    }

    /// The most memory that was resident, bytes.
    pub fn peak_bytes(&self) -> u64 {
        self.samples.iter().map(|sample| sample.resident_bytes).max().unwrap_or(0)
    }
}

/// What the store's server was asked, by a counter that only rises.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RedisSample {
    /// When.
    pub at: Micros,
    /// Commands that it processed since it started, the sampling itself left out.
    pub calls: u64,
    /// Its memory, bytes.
    pub used_bytes: u64,
}
