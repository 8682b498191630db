//! Fan-out over TCP: what the hub's process spends for each event that reaches a tab, its log included.

use std::sync::Arc;
use std::time::Duration;

use quire_protocol::command::BookOpen;
use quire_protocol::{Command, ViewCommand};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::Figure;
use crate::people::{book, creation, rename};
use crate::process::HubProcess;
use crate::tab::{Speaker, Tab};

/// Longer than the presence tick of a full book.
const PRESENCE_SETTLES: Duration = Duration::from_secs(1);
/// Events of a measurement that comes one after the other.
const SINGLE_EVENTS: u32 = 500;
/// What has not come by then was lost.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a fixed rate is kept.
const SECONDS: u32 = 5;

pub(crate) async fn figures() -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut full = Audience::of(1, 1_000).await;
    figures.push(full.one_after_the_other().await);
    for rate in [100, 500, 2_000] {
        figures.push(full.at_rate(rate).await);
    }
    drop(full);
    let mut many = Audience::of(100, 10).await;
    for rate in [1_000, 10_000] {
        figures.push(many.at_rate(rate).await);
    }
    figures
}

/// Books, each with tabs that listen and one of them that also writes.
struct Audience {
    hub: HubProcess,
    writers: Vec<Speaker>,
    /// Tabs of one book that listen.
    tabs: u32,
    _listeners: JoinSet<()>,
    /// One permit for each event that reached a tab.
    heard: Arc<Semaphore>,
    /// Events so far, so that every title is new.
    events: u32,
}

impl Audience {
    async fn of(books: u32, tabs: u32) -> Self {
        let hub = HubProcess::start();
        let heard = Arc::new(Semaphore::new(0));
        let (mut writers, mut listeners) = (Vec::new(), JoinSet::new());
        for number in 0..books {
            let name = format!("owner-{number}");
            let mut writer = Tab::of(hub.address, number * (tabs + 1), &name).await;
            for command in creation(1) {
                writer.does(&book(number), Command::Book(command)).await;
            }
            writers.push(writer.speaks());
            for index in 1..=tabs {
                let mut tab = Tab::of(hub.address, number * (tabs + 1) + index, &name).await;
                let open = ViewCommand::BookOpen(BookOpen { after: None });
                tab.does(&book(number), Command::View(open)).await;
                listeners.spawn(tab.listens(Arc::clone(&heard)));
            }
        }
        tokio::time::sleep(PRESENCE_SETTLES).await;
        Self { hub, writers, tabs, _listeners: listeners, heard, events: 0 }
    }

    /// An event is sent when everybody has heard the one before.
    async fn one_after_the_other(&mut self) -> Figure {
        let (cpu, start) = (self.hub.cpu_seconds(), Instant::now());
        for _ in 0..SINGLE_EVENTS {
            self.events += 1;
            self.writers[0].says(&book(0), Command::Book(rename(self.events))).await;
            self.hears(self.tabs).await;
        }
        self.figure("one after the other", SINGLE_EVENTS, cpu, start)
    }

    /// So many events per second over all books, whether they were heard or not.
    async fn at_rate(&mut self, rate: u32) -> Figure {
        /// Commands are sent in steps of this length: a finer timer would cost the client too much.
        const STEP_MS: u32 = 10;
        let (steps, per_step) = (SECONDS * 1_000 / STEP_MS, rate * STEP_MS / 1_000);
        let (cpu, start) = (self.hub.cpu_seconds(), Instant::now());
        let mut ticks = interval(Duration::from_millis(STEP_MS.into()));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for _ in 0..steps {
            ticks.tick().await;
            for _ in 0..per_step {
                let number = self.events as usize % self.writers.len();
                self.events += 1;
                let (writer, book) = (&mut self.writers[number], book(u32::try_from(number).expect("few books")));
                writer.says(&book, Command::Book(rename(self.events))).await;
            }
        }
        let events = steps * per_step;
        self.hears(events * self.tabs).await;
        self.figure(&format!("{rate} events per second"), events, cpu, start)
    }

    async fn hears(&self, events: u32) {
        let heard = timeout(PATIENCE, self.heard.acquire_many(events)).await;
        heard.expect("everybody hears everything").expect("nobody closes it").forget();
    }

    fn figure(&self, how: &str, events: u32, cpu: f64, start: Instant) -> Figure {
        assert_eq!(self.heard.available_permits(), 0, "nobody hears an event twice");
        let (cpu, wall) = (self.hub.cpu_seconds() - cpu, start.elapsed().as_secs_f64());
        let deliveries = f64::from(events * self.tabs);
        let (books, tabs) = (self.writers.len(), self.tabs);
        Figure::new(
            format!("deliver over TCP, {books} x {tabs} tabs, {how}"),
            format!(
                "{:.2} CPU s per million deliveries ({:.0} deliveries per second)",
                cpu * 1e6 / deliveries,
                deliveries / wall
            ),
        )
    }
}
