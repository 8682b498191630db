//! What conductor and workers say to each other: one JSON object a line over pipes, or the same over channels.

use std::collections::BTreeMap;

use quire_protocol::command::After;
use quire_protocol::{BookId, ChapterId, Seq};
use serde::{Deserialize, Serialize};

use crate::measure::Measures;
use crate::observation::{Micros, Notebook};
use crate::plan::Plan;

/// What the conductor wants next. Each step is answered by [`Report::Reached`], all workers wait for each other.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Make the books and the people of this plan.
    Prepare {
        /// Boxed, as the other steps are small.
        plan: Box<Plan>,
        /// The number of this worker.
        worker: u32,
    },
    /// Open the tabs.
    Join,
    /// Work, from this time on.
    Load {
        /// When the first command is meant to be sent.
        start_at: Micros,
    },
    /// Wait until every tab has heard everything.
    Settle {
        /// The end of each book's log.
        ends: BTreeMap<BookId, After>,
        /// The last update of each text.
        texts: BTreeMap<BookId, BTreeMap<ChapterId, Seq>>,
    },
    /// Say goodbye, and hand in what was noted.
    Finish,
}

/// What a worker says. Written with its kind outside: serde reads no numbers from keys of a map that it had to buffer.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// The step is done; these problems were met.
    Reached {
        /// Sentences.
        problems: Vec<String>,
    },
    /// How it goes, twice a second.
    Progress(Progress),
    /// Everything that was noted.
    Finished {
        /// For the oracle.
        notebook: Box<Notebook>,
        /// For the report.
        measures: Box<Measures>,
    },
    /// It cannot go on.
    Failed {
        /// Why.
        problem: String,
    },
}

/// How it goes: counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Tabs that are connected now.
    pub(crate) connected: u32,
    /// Events that reached a tab.
    pub(crate) deliveries: u64,
    /// Commands that were sent.
    pub(crate) commands: u64,
    /// Replies that say no.
    pub(crate) refused: u64,
    /// Connections beyond the first of each tab.
    pub(crate) reconnects: u64,
    /// Violations so far.
    pub(crate) violations: u64,
    /// The delivery latency that half of all do not exceed, microseconds.
    pub(crate) delivery_p50_us: u64,
    /// As above, 99 of 100.
    pub(crate) delivery_p99_us: u64,
}
