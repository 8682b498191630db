//! One publisher per book and many listeners: each event waits until the last one was heard, or they come at a fixed
//! rate, or several are in flight at any time; usually all three, one after the other.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use quire_protocol::BookId;
use quire_protocol::command::ChapterRename;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::cast::chapter;
use crate::clock;
use crate::observation::Micros;
use crate::plan::Pace;
use crate::schedule::Schedule;
use crate::stamp;
use crate::tab::Tab;

use super::Stage;

/// Commands at a fixed rate that wait for their answers; beyond, a late hub delays the sending, and that is measured.
const OPEN_LOOP_MAX: usize = 256;

pub(super) async fn load(stage: &Stage, tabs: Vec<Tab>) -> Vec<Tab> {
    let publishers: Vec<Rc<Publisher>> = tabs
        .iter()
        .filter(|tab| tab.part().place == 0)
        .map(|tab| {
            let book = stage.desk.plan.book(tab.part().book);
            let listeners = tabs.iter().filter(|listener| listener.part().book == tab.part().book).cloned().collect();
            Rc::new(Publisher { tab: tab.clone(), book, listeners })
        })
        .collect();
    match stage.desk.plan.pace {
        Pace::All => {
            let third = stage.desk.plan.load() / 3;
            let (second, last) = (clock::after(stage.start, third), clock::after(stage.start, third * 2));
            single(&publishers, second).await;
            at_rate(stage, &publishers, second, last).await;
            in_flight(stage, publishers, stage.end).await;
        }
        Pace::Single => single(&publishers, stage.end).await,
        Pace::Rate => at_rate(stage, &publishers, stage.start, stage.end).await,
        Pace::InFlight => in_flight(stage, publishers, stage.end).await,
    }
    clock::sleep_until(stage.end).await;
    tabs
}

/// In every book each event waits until the last one was heard.
async fn single(publishers: &[Rc<Publisher>], until: Micros) {
    futures::future::join_all(publishers.iter().map(|publisher| publisher.one_after_the_other(until))).await;
}

async fn at_rate(stage: &Stage, publishers: &[Rc<Publisher>], start: Micros, end: Micros) {
    let rate = stage.desk.plan.rate / f64::from(stage.desk.plan.books.max(1));
    // The books of a worker do not all speak at the same time.
    let stagger =
        |index: usize| clock::after(start, Duration::from_secs_f64(1.0 / rate).mul_f64(share(index, publishers)));
    let all = publishers.iter().enumerate().map(|(index, one)| one.at_rate(stagger(index), end, rate));
    futures::future::join_all(all).await;
}

/// How far a publisher is into the row of all, 0 to 1.
fn share(index: usize, publishers: &[Rc<Publisher>]) -> f64 {
    let real = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    real(index) / real(publishers.len().max(1))
}

/// So many events at any time; each is the next book's.
async fn in_flight(stage: &Stage, publishers: Vec<Rc<Publisher>>, until: Micros) {
    let plan = &stage.desk.plan;
    let here = u32::try_from(publishers.len()).unwrap_or(u32::MAX);
    let loops = (plan.in_flight.max(1) * here).div_ceil(plan.books.max(1));
    let next = Rc::new(Cell::new(0));
    let publishers: Rc<[Rc<Publisher>]> = publishers.into();
    let mut publishing = JoinSet::new();
    for _ in 0..loops {
        let (publishers, next) = (Rc::clone(&publishers), Rc::clone(&next));
        publishing.spawn_local(async move {
            while clock::now() < until {
                let publisher = &publishers[next.replace(next.get() + 1) % publishers.len()];
                if publisher.tab.ended().is_some() {
                    return;
                }
                publisher.publishes_and_waits().await;
            }
        });
    }
    publishing.join_all().await;
}

/// Who publishes, and who listens to it in this process.
struct Publisher {
    tab: Tab,
    book: BookId,
    listeners: Vec<Tab>,
}

impl Publisher {
    /// A change that leaves the book as large as it was, and needs no lock.
    async fn publishes(&self, intended_at: Micros) {
        let rename = ChapterRename { chapter: chapter(0), title: stamp::write(intended_at) };
        self.tab.does(&self.book, rename, intended_at).await;
    }

    /// The next event is meant to be sent when the last one was heard by everybody in this process.
    async fn one_after_the_other(&self, until: Micros) {
        while clock::now() < until && self.tab.ended().is_none() {
            self.publishes_and_waits().await;
        }
    }

    async fn publishes_and_waits(&self) {
        self.publishes(clock::now()).await;
        let Some(position) = self.tab.position(&self.book) else { return };
        for listener in &self.listeners {
            listener.until(|tab| tab.has_heard(&self.book, position)).await;
        }
    }

    async fn at_rate(self: &Rc<Self>, start: Micros, end: Micros, rate: f64) {
        let in_flight = Arc::new(Semaphore::new(OPEN_LOOP_MAX));
        let mut sending = JoinSet::new();
        let mut schedule = Schedule::at_rate(start, rate);
        loop {
            let at = schedule.next();
            if at >= end {
                break;
            }
            clock::sleep_until(at).await;
            let Ok(permit) = Arc::clone(&in_flight).acquire_owned().await else { break };
            let publisher = Rc::clone(self);
            sending.spawn_local(async move {
                publisher.publishes(at).await;
                drop(permit);
            });
            while sending.try_join_next().is_some() {}
        }
        sending.join_all().await;
    }
}
