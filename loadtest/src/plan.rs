//! What a run is to do: the same for every worker process.

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use crate::site::Tokens;

/// What the tabs do, and what happens to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// Tabs that say nothing.
    Idle,
    /// One publisher per book, many listeners: events one after the other, at a fixed rate, and several in flight.
    Fanout,
    /// Many books with mixed work: open, lock, comment, move about, release, close.
    Books,
    /// Many who want the same few chapters.
    Locks,
    /// Storms of tabs that connect, open a book and leave.
    Churn,
    /// Sockets that are cut again and again.
    Jitter,
    /// A replica is killed under its tabs, and others take them.
    Avalanche,
    /// Replicas are restarted one by one.
    Rolling,
    /// Published on one replica, delivered by another.
    Cross,
    /// Chapters with somebody who types and others who watch.
    Typing,
    /// The same, and others who have the books made into files.
    Exports,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 11] = [
        Self::Idle,
        Self::Fanout,
        Self::Books,
        Self::Locks,
        Self::Churn,
        Self::Jitter,
        Self::Avalanche,
        Self::Rolling,
        Self::Cross,
        Self::Typing,
        Self::Exports,
    ];

    /// Whether texts are written.
    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::Typing | Self::Exports)
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Fanout => "fanout",
            Self::Books => "books",
            Self::Locks => "locks",
            Self::Churn => "churn",
            Self::Jitter => "jitter",
            Self::Avalanche => "avalanche",
            Self::Rolling => "rolling",
            Self::Cross => "cross",
            Self::Typing => "typing",
            Self::Exports => "exports",
        }
    }
}

/// How `fanout` and `cross` publish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// The three others, one after the other, a third of the load each.
    #[default]
    All,
    /// Each event of a book waits until the last one was heard.
    Single,
    /// At a fixed rate, whatever the hub does.
    Rate,
    /// So many at any time, over all books.
    InFlight,
}

/// Tabs of each chapter that take turns to type, where texts are written. The others watch.
pub(crate) const WRITERS: u32 = 3;

/// What a run is to do.
#[derive(Clone, Serialize, Deserialize)]
pub struct Plan {
    /// What the tabs do.
    pub scenario: Scenario,
    /// Begins the names of this run's books and people, so that runs on the same hub do not meet: letters and digits.
    pub run: String,
    /// What chance follows from.
    pub seed: u64,
    /// The hubs, as `ws://host:port`. Tabs are spread over them, and go on to the next one if theirs is gone.
    pub urls: Vec<String>,
    /// How people prove who they are.
    pub tokens: Tokens,
    /// Worker processes that share the tabs.
    pub workers: u32,
    /// Tabs, all workers together.
    pub tabs: u32,
    /// Books that the tabs are spread over.
    pub books: u32,
    /// People of each book; they share its tabs.
    pub people: u32,
    /// Chapters of each book.
    pub chapters: u32,
    /// How long the load lasts, milliseconds.
    pub load_ms: u64,
    /// Actions per second, all tabs together; events, or updates of texts, of all books together.
    pub rate: f64,
    /// Commands in flight where several are, all books together.
    pub in_flight: u32,
    /// `fanout`, `cross`: how events are published.
    pub pace: Pace,
    /// `jitter`, and a third of the tabs where texts are written: a socket is cut this often, milliseconds.
    pub cut_every_ms: u64,
    /// And stays away for this long, milliseconds.
    pub cut_for_ms: u64,
    /// Connections that a worker opens at the same time.
    pub joins_at_once: u32,
    /// Longest wait for the tabs to have heard everything once the load is over, milliseconds.
    pub settle_ms: u64,
}

impl Plan {
    /// A plan of a size that suits a small machine.
    pub fn new(scenario: Scenario, urls: Vec<String>, tokens: Tokens) -> Self {
        let run = format!("{:x}", crate::clock::now().0 ^ (u64::from(std::process::id()) << 40));
        let plan = Self {
            scenario,
            run,
            seed: 1,
            urls,
            tokens,
            workers: 1,
            tabs: 100,
            books: 1,
            people: 10,
            chapters: 20,
            load_ms: 10_000,
            rate: 50.0,
            in_flight: 16,
            pace: Pace::All,
            cut_every_ms: 15_000,
            cut_for_ms: 2_000,
            joins_at_once: 32,
            settle_ms: 30_000,
        };
        match scenario {
            Scenario::Idle => Self { books: 10, people: 1, ..plan },
            Scenario::Fanout | Scenario::Cross => plan,
            Scenario::Books | Scenario::Jitter | Scenario::Avalanche | Scenario::Rolling => {
                Self { books: 10, people: 5, ..plan }
            }
            Scenario::Locks => Self { people: 20, chapters: 4, tabs: 40, ..plan },
            Scenario::Typing | Scenario::Exports => {
                Self { books: 2, people: 5, chapters: 4, tabs: 64, rate: 40.0, ..plan }
            }
            Scenario::Churn => Self { books: 10, people: 5, rate: 100.0, ..plan },
        }
    }

    /// How long the load lasts.
    pub(crate) fn load(&self) -> Duration {
        Duration::from_millis(self.load_ms)
    }
}
