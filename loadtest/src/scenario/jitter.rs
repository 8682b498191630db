//! Mixed work over sockets that are cut again and again.

use std::time::Duration;

use crate::clock;
use crate::schedule::Schedule;
use crate::tab::Tab;

use super::{Stage, mixed};

pub(super) async fn lives(stage: Stage, tab: Tab) -> Tab {
    let (tab, ()) = tokio::join!(mixed::lives(stage.clone(), tab.clone()), is_cut(&stage, &tab));
    tab
}

/// The tab's socket is cut, again and again.
pub(super) async fn is_cut(stage: &Stage, tab: &Tab) {
    let (every, away) = (Duration::from_millis(stage.desk.plan.cut_every_ms), stage.desk.plan.cut_for_ms);
    // Another stream of chance than the work's; each tab is cut at a time of its own.
    let mut random = crate::random::Random::new(stage.desk.plan.seed, (u64::from(tab.id().0) << 8) + 2);
    let mut schedule = Schedule::every(clock::after(stage.start, random.up_to(every)), every);
    loop {
        let at = schedule.next();
        if at >= stage.end || tab.ended().is_some() {
            return;
        }
        clock::sleep_until(at).await;
        tab.is_cut(Duration::from_millis(away)).await;
    }
}
