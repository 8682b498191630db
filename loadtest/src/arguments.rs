//! The command line, as text and numbers.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::plan::{Pace, Plan, Scenario, WRITERS};

/// Simulates many tabs on quire, checks every answer, and measures.
#[derive(Parser)]
#[command(name = "quire-loadtest", version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Runs one scenario
    Run(Box<RunArguments>),
    /// Runs a small mix of all scenarios within a minute, on hubs that it starts
    Quick {
        /// The hub's program (default: quire beside this program; it is built if it is not there)
        #[arg(long, value_name = "PATH")]
        hub_binary: Option<PathBuf>,
        #[command(flatten)]
        output: OutputArguments,
    },
    /// Plays a share of the tabs; started by the conductor
    #[command(hide = true)]
    Worker,
}

#[derive(Args)]
pub(crate) struct RunArguments {
    /// What the tabs do
    pub(crate) scenario: Scenario,
    #[command(flatten)]
    pub(crate) hubs: HubArguments,
    #[command(flatten)]
    pub(crate) size: SizeArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

#[derive(Args)]
pub(crate) struct HubArguments {
    /// A running hub, such as <ws://127.0.0.1:7400>; repeatable
    #[arg(long, value_name = "URL", required_unless_present = "start", conflicts_with = "start")]
    pub(crate) url: Vec<String>,
    /// File with the shared secret of HS256 tokens that the hubs trust (default: their development mode)
    #[arg(long, value_name = "FILE", conflicts_with = "start")]
    pub(crate) jwt_secret_file: Option<PathBuf>,
    /// Process of a running hub, to measure what it uses; repeatable
    #[arg(long, value_name = "PID", conflicts_with = "start")]
    pub(crate) pid: Vec<u32>,
    /// Redis server of the running hubs, such as <redis://127.0.0.1:6379>, to count its calls
    #[arg(long, value_name = "URL", conflicts_with = "start")]
    pub(crate) redis_url: Option<String>,
    /// Start hubs, and end them afterwards
    #[arg(long)]
    pub(crate) start: bool,
    /// The hub's program (default: quire beside this program)
    #[arg(long, value_name = "PATH", conflicts_with = "url")]
    pub(crate) hub_binary: Option<PathBuf>,
    /// Hubs to start; more than one share a Redis server
    #[arg(long, value_name = "NUMBER", default_value_t = 1, conflicts_with = "url")]
    pub(crate) replicas: u32,
    /// Start a Redis server for the hubs
    #[arg(long, conflicts_with = "url")]
    pub(crate) redis: bool,
    /// A limit of the hubs that are started, such as `mailbox_commands=4096`; repeatable
    #[arg(long, value_name = "NAME=NUMBER", conflicts_with = "url")]
    pub(crate) limit: Vec<String>,
    /// A timer of the hubs that are started, such as `drain_ms=2s`; repeatable
    #[arg(long, value_name = "NAME=DURATION", conflicts_with = "url")]
    pub(crate) timer: Vec<String>,
}

/// What of a scenario's usual size is changed.
#[derive(Args, Default)]
pub(crate) struct SizeArguments {
    /// Tabs, all workers together
    #[arg(long, value_name = "NUMBER")]
    pub(crate) tabs: Option<u32>,
    /// Books that the tabs are spread over
    #[arg(long, value_name = "NUMBER")]
    pub(crate) books: Option<u32>,
    /// People of each book, who share its tabs (default: as many as hubs usually demand)
    #[arg(long, value_name = "NUMBER")]
    pub(crate) people: Option<u32>,
    /// Chapters of each book
    #[arg(long, value_name = "NUMBER")]
    pub(crate) chapters: Option<u32>,
    /// How long the load lasts, seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,
    /// Actions per second, all tabs together
    #[arg(long, value_name = "NUMBER")]
    pub(crate) rate: Option<f64>,
    /// typing, exports: tabs that watch a chapter, beside those that take turns to write it (sets --tabs)
    #[arg(long, value_name = "NUMBER", conflicts_with = "tabs")]
    pub(crate) watchers: Option<u32>,
    /// typing, exports: updates per second of each holder (sets --rate)
    #[arg(long, value_name = "NUMBER", conflicts_with = "rate")]
    pub(crate) per_holder: Option<f64>,
    /// Commands in flight where several are, all books together
    #[arg(long, value_name = "NUMBER")]
    pub(crate) in_flight: Option<u32>,
    /// fanout, cross: how events are published
    #[arg(long)]
    pub(crate) pace: Option<Pace>,
    /// Worker processes (default: one for each 5,000 tabs, at least two)
    #[arg(long, value_name = "NUMBER")]
    pub(crate) workers: Option<u32>,
    /// What chance follows from
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// jitter: how often a socket is cut, milliseconds
    #[arg(long, value_name = "MS")]
    pub(crate) cut_every_ms: Option<u64>,
    /// jitter: how long it stays away, milliseconds
    #[arg(long, value_name = "MS")]
    pub(crate) cut_for_ms: Option<u64>,
    /// Connections that a worker opens at the same time
    #[arg(long, value_name = "NUMBER")]
    pub(crate) joins_at_once: Option<u32>,
}

#[derive(Args)]
pub(crate) struct OutputArguments {
    /// Folder for the report, as JSON and as a page
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// The JSON report of an earlier run, to compare with
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,
    /// Says nothing while it runs
    #[arg(long)]
    pub(crate) quiet: bool,
}

impl SizeArguments {
    /// The plan with these changes.
    pub(crate) fn change(&self, plan: Plan) -> Plan {
        // Whoever judges a file has all its texts open.
        let chapters_max = if plan.scenario == Scenario::Exports { TEXTS_OF_ONE } else { u32::MAX };
        let chapters = self.chapters.unwrap_or(plan.chapters).clamp(1, chapters_max);
        let all_chapters = self.books.unwrap_or(plan.books).saturating_mul(chapters);
        let of_watchers = self.watchers.map(|watchers| all_chapters.saturating_mul(WRITERS.saturating_add(watchers)));
        let tabs = self.tabs.or(of_watchers).unwrap_or(plan.tabs).max(1);
        let books = self.books.unwrap_or(plan.books).clamp(1, tabs);
        let of_holders = self.per_holder.map(|rate| rate * f64::from(all_chapters));
        let people = self.people.unwrap_or_else(|| people(plan.people, tabs.div_ceil(books)));
        Plan {
            tabs,
            books,
            people: people.clamp(1, tabs.div_ceil(books)),
            chapters,
            load_ms: self.seconds.map_or(plan.load_ms, |seconds| seconds.saturating_mul(1_000)),
            rate: self.rate.or(of_holders).unwrap_or(plan.rate).clamp(0.001, 1e6),
            in_flight: self.in_flight.unwrap_or(plan.in_flight).max(1),
            pace: self.pace.unwrap_or(plan.pace),
            workers: self.workers.unwrap_or_else(|| tabs.div_ceil(TABS_PER_WORKER).max(2)).clamp(1, 64),
            seed: self.seed.unwrap_or(plan.seed),
            cut_every_ms: self.cut_every_ms.unwrap_or(plan.cut_every_ms).max(1),
            cut_for_ms: self.cut_for_ms.unwrap_or(plan.cut_for_ms),
            joins_at_once: self.joins_at_once.unwrap_or(plan.joins_at_once).max(1),
            ..plan
        }
    }
}

/// Texts that hubs usually let one session have open.
const TEXTS_OF_ONE: u32 = 32;
/// A process may have 20,000 files open, and one thread serves its tabs.
const TABS_PER_WORKER: u32 = 5_000;

/// People that share the tabs of a book: no fewer than usual, nobody with more tabs than hubs usually allow, and no more
/// than a book has members.
fn people(usual: u32, tabs_of_book: u32) -> u32 {
    const TABS_OF_ONE: u32 = 40;
    const MEMBERS_MAX: u32 = 400;
    tabs_of_book.div_ceil(TABS_OF_ONE).clamp(usual.min(MEMBERS_MAX), MEMBERS_MAX)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn run(arguments: &[&str]) -> Result<Plan, String> {
        let arguments = [&["quire-loadtest", "run"], arguments].concat();
        match Arguments::try_parse_from(arguments).map_err(|error| error.to_string())?.task {
            Task::Run(run) => {
                let urls = vec!["ws://127.0.0.1:1".to_owned()];
                Ok(run.size.change(Plan::new(run.scenario, urls, crate::plan::Tokens::Development)))
            }
            _ => Err("not a run".to_owned()),
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn hubs_are_started_or_given_but_not_both() {
        assert!(run(&["idle", "--start"]).is_ok());
        assert!(run(&["idle", "--url", "ws://127.0.0.1:1"]).is_ok());
        assert!(run(&["idle"]).is_err());
        assert!(run(&["idle", "--start", "--url", "ws://127.0.0.1:1"]).is_err());
        assert!(run(&["idle", "--url", "ws://127.0.0.1:1", "--replicas", "2"]).is_err());
        assert!(run(&["nothing", "--start"]).is_err());
    }

    #[test]
    fn typing_is_measured_by_holders_and_watchers() {
        let plan =
            run(&["typing", "--start", "--books", "4", "--chapters", "50", "--watchers", "5", "--per-holder", "5"]);
        let plan = plan.unwrap();
        assert_eq!((plan.tabs, plan.books, plan.chapters, plan.rate), (1_600, 4, 50, 1_000.0));
        assert!(run(&["typing", "--start", "--watchers", "5", "--tabs", "9"]).is_err());
        assert_eq!(run(&["exports", "--start", "--chapters", "50"]).unwrap().chapters, 32);
    }

    #[test]
    fn a_size_is_changed_within_what_is_possible() {
        let plan = run(&["fanout", "--start", "--tabs", "10000", "--seconds", "3"]).unwrap();
        assert_eq!((plan.tabs, plan.books, plan.people, plan.workers, plan.load_ms), (10_000, 1, 250, 2, 3_000));
        let plan = run(&["books", "--start", "--tabs", "5", "--books", "9", "--rate", "-1"]);
        assert!(plan.is_err(), "a negative number looks like a flag");
        let plan = run(&["books", "--start", "--tabs", "5", "--books", "9", "--rate", "0"]).unwrap();
        assert_eq!((plan.tabs, plan.books, plan.people), (5, 5, 1));
        assert!(plan.rate > 0.0);
    }
}
