//! What a run is told as: `report.json` to compare and to keep, and `report.html` to look at.
//!
//! The page is one file that loads nothing. All text that comes from elsewhere is escaped.

mod compare;
mod html;
mod plot;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::measure::{HubMeasures, Latency, Measures, RedisSample};
use crate::oracle::Judgement;

pub use compare::compare;
pub use html::page;

/// Everything that is known of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Run {
    /// The scenario's name.
    pub scenario: String,
    /// When it began, for people: `2026-11-22 06:31 UTC`.
    pub began: String,
    /// What it was asked to do.
    pub parameters: BTreeMap<String, String>,
    /// Where it ran: processor, cores, kernel, commit.
    pub machine: BTreeMap<String, String>,
    /// Tabs at once.
    pub tabs: u64,
    /// How long the load lasted, seconds.
    pub load_s: f64,
    /// What the workers measured, merged.
    pub measures: Measures,
    /// What each hub used.
    pub hubs: Vec<HubMeasures>,
    /// What the store's server was asked, oldest first; empty without one.
    pub redis: Vec<RedisSample>,
    /// What the oracle says.
    pub judgement: Judgement,
}

/// A number with a name, to compare runs by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// Its unit; empty for counts.
    pub unit: String,
    /// How much.
    pub value: f64,
}

/// A run and what follows from it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// The figures, in the order in which they are told.
    pub figures: Vec<Figure>,
    /// What they were made of.
    pub run: Run,
}

/// The percentiles that are told, with their names.
pub const QUANTILES: [(&str, f64); 6] =
    [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999), ("max", 1.0)];

impl Report {
    /// Draws the figures out of a run.
    pub fn new(run: Run) -> Self {
        let mut figures = Vec::new();
        let mut add = |name: &str, unit: &str, value: f64| {
            figures.push(Figure { name: name.to_owned(), unit: unit.to_owned(), value });
        };
        let measures = &run.measures;
        let deliveries = real(measures.deliveries_total());
        add("violations", "", real(run.judgement.violations.total()));
        add("tabs", "", real(run.tabs));
        add("deliveries", "", deliveries);
        if run.load_s > 0.0 {
            add("deliveries per second", "1/s", deliveries / run.load_s);
            add("commands per second", "1/s", real(measures.commands) / run.load_s);
        }
        for (name, latency) in latencies(measures) {
            for (quantile, at) in QUANTILES.iter().filter(|_| latency.count() > 0) {
                add(&format!("{name} {quantile}"), "ms", real(latency.at_us(*at)) / 1000.0);
            }
        }
        if deliveries > 0.0 {
            for hub in &run.hubs {
                add(&format!("CPU per million deliveries, {}", hub.name), "s", hub.cpu_s() / deliveries * 1e6);
            }
            let cpu_s: f64 = run.hubs.iter().map(HubMeasures::cpu_s).sum();
            add("CPU per million deliveries, all hubs", "s", cpu_s / deliveries * 1e6);
        }
        for hub in run.hubs.iter().filter(|hub| hub.tabs > 0) {
            let bytes = hub.peak_bytes().saturating_sub(hub.idle_resident_bytes);
            add(&format!("resident per tab, {}", hub.name), "KiB", real(bytes) / 1024.0 / real(hub.tabs));
        }
        for hub in run.hubs.iter().filter(|hub| hub.join_cpu_s > 0.0) {
            add(&format!("joins per CPU second, {}", hub.name), "1/s", real(hub.tabs) / hub.join_cpu_s);
        }
        if let (Some(first), Some(last), true) = (run.redis.first(), run.redis.last(), measures.commands > 0) {
            let calls = last.calls.saturating_sub(first.calls);
            add("Redis calls per command", "", real(calls) / real(measures.commands));
        }
        add("reconnects", "", real(measures.reconnects));
        add("refused", "", real(measures.refused_total()));
        add("answers lost", "", real(measures.lost));
        Self { figures, run }
    }

    /// Nothing is wrong with the run.
    pub fn is_right(&self) -> bool {
        self.run.judgement.violations.is_empty()
    }
}

/// The latencies of a run with their names.
pub fn latencies(measures: &Measures) -> [(&'static str, &Latency); 6] {
    [
        ("delivery", &measures.delivery),
        ("reply", &measures.reply),
        ("ack", &measures.ack),
        ("file", &measures.file),
        ("join", &measures.join),
        ("replay", &measures.replay),
    ]
}

/// Writes `report.json` and `report.html` into a folder, which is made if it is not there.
pub fn write(folder: &Path, report: &Report) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("report.json"), serde_json::to_vec(report)?)?;
    std::fs::write(folder.join("report.html"), page(report))
}

/// Reads a `report.json`.
pub fn read(file: &Path) -> io::Result<Report> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts are below 2^53, and figures are rounded anyway")]
fn real(count: u64) -> f64 {
    count as f64
}
