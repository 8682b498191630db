//! One publisher per book and many listeners: first each event waits until the last one was heard, then they come at a
//! fixed rate, then several are in flight at any time.

use std::rc::Rc;
use std::sync::Arc;

use quire_protocol::BookId;
use quire_protocol::command::ChapterRename;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::cast::chapter;
use crate::clock;
use crate::observation::Micros;
use crate::schedule::Schedule;
use crate::stamp;
use crate::tab::Tab;

use super::Stage;

/// Commands at a fixed rate that wait for their answers; beyond, a late hub delays the sending, and that is measured.
const OPEN_LOOP_MAX: usize = 256;

pub(super) async fn load(stage: &Stage, tabs: Vec<Tab>) -> Vec<Tab> {
    let tabs: Rc<[Tab]> = tabs.into();
    let mut publishing = JoinSet::new();
    for publisher in tabs.iter().filter(|tab| tab.part().place == 0) {
        let book = stage.desk.plan.book(publisher.part().book);
        let listeners = tabs.iter().filter(|tab| tab.part().book == publisher.part().book).cloned().collect();
        let publisher = Rc::new(Publisher { tab: publisher.clone(), book, listeners });
        publishing.spawn_local(publishes(stage.clone(), publisher));
    }
    publishing.join_all().await;
    clock::sleep_until(stage.end).await;
    tabs.to_vec()
}

/// Who publishes, and who listens to it in this process.
struct Publisher {
    tab: Tab,
    book: BookId,
    listeners: Vec<Tab>,
}

async fn publishes(stage: Stage, publisher: Rc<Publisher>) {
    let third = stage.desk.plan.load() / 3;
    let (second, last) = (clock::after(stage.start, third), clock::after(stage.start, third * 2));
    publisher.one_after_the_other(second).await;
    publisher.at_rate(second, last, stage.desk.plan.rate).await;
    let loops = (0..stage.desk.plan.in_flight.max(1)).map(|_| publisher.one_after_the_other(stage.end));
    futures::future::join_all(loops).await;
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
            self.publishes(clock::now()).await;
            let Some(position) = self.tab.position(&self.book) else { continue };
            for listener in &self.listeners {
                listener.until(|tab| tab.has_heard(&self.book, position)).await;
            }
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
