//! Storms: half of the tabs leave together and come back together, as new tabs, while the others work.

use std::time::Duration;

use quire_protocol::command::LockAcquire;

use crate::cast::{chapter, may_edit};
use crate::clock;
use crate::schedule::Schedule;
use crate::tab::Tab;

use super::{Stage, mixed};

pub(super) async fn lives(stage: Stage, tab: Tab) -> Tab {
    // Half of each book's tabs, so that every storm is seen by somebody.
    if tab.part().place.is_multiple_of(2) { mixed::lives(stage, tab).await } else { comes_and_goes(stage, tab).await }
}

async fn comes_and_goes(stage: Stage, mut tab: Tab) -> Tab {
    let plan = &stage.desk.plan;
    let (part, book) = (tab.part().clone(), plan.book(tab.part().book));
    let mut random = stage.random(&tab);
    let storms = Duration::from_secs_f64(f64::from(plan.tabs) / 2.0 / plan.rate.max(0.001));
    let mut schedule = Schedule::every(stage.start, storms.max(Duration::from_millis(100)));
    loop {
        let at = schedule.next();
        if at >= stage.end || tab.ended().is_some() {
            return tab;
        }
        clock::sleep_until(at).await;
        if random.percent(50) {
            tab.leaves().await;
        } else {
            // Nobody hears a goodbye: the hub keeps the session, and what it holds, for the grace.
            if may_edit(part.person) && random.percent(30) {
                let wanted = chapter(random.index(plan.chapters.max(1)));
                tab.does(&book, LockAcquire { chapter: wanted, wait: false, note: None }, at).await;
            }
            tab.vanishes().await;
        }
        tab = Tab::opens(&stage.desk, part.clone(), std::slice::from_ref(&book), Some(at));
        tab.until(Tab::is_ready).await;
    }
}
