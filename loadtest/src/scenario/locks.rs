//! Many who want the same few chapters.

use std::time::Duration;

use crate::cast::{chapter, may_edit};
use crate::clock;
use crate::schedule::Schedule;
use crate::tab::Tab;

use super::Stage;
use super::locking::{Habit, Manners, uses};

pub(super) async fn lives(stage: Stage, tab: Tab) -> Tab {
    if !may_edit(tab.part().person) {
        clock::sleep_until(stage.end).await;
        return tab;
    }
    let (plan, book, mut random) = (&stage.desk.plan, stage.desk.plan.book(tab.part().book), stage.random(&tab));
    let period = Duration::from_secs_f64(1.0 / stage.rate_of_one().max(0.001));
    let mut schedule = Schedule::every(clock::after(stage.start, random.up_to(period)), period);
    loop {
        let at = schedule.next();
        if at >= stage.end || tab.ended().is_some() {
            return tab;
        }
        clock::sleep_until(at).await;
        // Whoever waited for a lock asks for the next one now, and not as often as it missed its turn.
        let at = at.max(crate::observation::Micros(clock::now().0.saturating_sub(clock::micros(period))));
        let habit = Habit {
            waits: random.percent(70),
            patience: Duration::from_secs(2),
            holds: random.up_to(Duration::from_millis(50)),
            manners: match random.below(10) {
                0 | 1 => Manners::HandsOver,
                2 => Manners::Declines,
                _ => Manners::Releases,
            },
        };
        let wanted = chapter(random.index(plan.chapters.max(1)));
        if clock::now() < stage.end {
            uses(&tab, &book, &wanted, &habit, at).await;
        }
    }
}
