//! How a run goes, on standard error: one line that is written over, or a line now and then if nobody looks at it.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use crate::clock;
use crate::link::Progress;
use crate::observation::Micros;

/// How often a line is written where lines cannot be written over.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows how a run goes.
pub(crate) struct Display {
    scenario: &'static str,
    doing: String,
    workers: BTreeMap<usize, Progress>,
    is_quiet: bool,
    is_terminal: bool,
    start: Micros,
    written: Option<Micros>,
}

impl Display {
    pub(crate) fn new(scenario: &'static str) -> Self {
        let is_terminal = io::stderr().is_terminal();
        Self { is_quiet: false, is_terminal, ..Self::silent(scenario) }
    }

    /// For those who want the result alone.
    pub(crate) fn silent(scenario: &'static str) -> Self {
        Self {
            scenario,
            doing: String::new(),
            workers: BTreeMap::new(),
            is_quiet: true,
            is_terminal: false,
            start: clock::now(),
            written: None,
        }
    }

    /// What is done from now on.
    pub(crate) fn says(&mut self, doing: &str) {
        doing.clone_into(&mut self.doing);
        if self.is_terminal {
            self.write();
        }
    }

    /// How it goes in one worker.
    pub(crate) fn shows(&mut self, worker: usize, progress: Progress) {
        self.workers.insert(worker, progress);
        let is_due = self.written.is_none_or(|written| clock::since(written) >= LINE_EVERY);
        if self.is_terminal || is_due {
            self.write();
        }
    }

    /// The line is not written over any more.
    pub(crate) fn ends(&mut self) {
        if self.is_terminal && !self.is_quiet {
            say(&mut io::stderr(), "\n");
        }
    }

    fn write(&mut self) {
        if self.is_quiet {
            return;
        }
        self.written = Some(clock::now());
        let line = self.line();
        let text = if self.is_terminal { format!("\r\x1b[2K{line}") } else { format!("{line}\n") };
        say(&mut io::stderr(), &text);
    }

    fn line(&self) -> String {
        let sum = |count: fn(&Progress) -> u64| self.workers.values().map(count).sum::<u64>();
        let worst = |us: fn(&Progress) -> u64| self.workers.values().map(us).max().unwrap_or(0);
        format!(
            "{} {:>3} s, {}: {} tabs, {} commands ({} refused), {} deliveries, p50 {} ms, p99 {} ms, {} reconnects, \
             {} violations",
            self.scenario,
            clock::since(self.start).as_secs(),
            self.doing,
            sum(|progress| u64::from(progress.connected)),
            sum(|progress| progress.commands),
            sum(|progress| progress.refused),
            sum(|progress| progress.deliveries),
            ms(worst(|progress| progress.delivery_p50_us)),
            ms(worst(|progress| progress.delivery_p99_us)),
            sum(|progress| progress.reconnects),
            sum(|progress| progress.violations),
        )
    }
}

/// Microseconds as milliseconds with one digit after the point.
fn ms(us: u64) -> String {
    format!("{}.{}", us / 1_000, us % 1_000 / 100)
}

/// Writes to somebody who may not be there to read it.
pub(crate) fn say(to: &mut impl io::Write, text: &str) {
    drop(to.write_all(text.as_bytes()).and_then(|()| to.flush()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_sums_workers_and_shows_the_slowest() {
        let mut display = Display::silent("fanout");
        display.says("loading");
        display.shows(0, Progress { connected: 3, deliveries: 10, delivery_p99_us: 1_250, ..Progress::default() });
        display.shows(1, Progress { connected: 4, deliveries: 20, delivery_p99_us: 12_990, ..Progress::default() });
        let line = display.line();
        for part in ["fanout", "loading", "7 tabs", "30 deliveries", "p99 12.9 ms", "0 violations"] {
            assert!(line.contains(part), "{line}");
        }
    }
}
