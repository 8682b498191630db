//! What tabs do under load, one file per kind of load.

mod churn;
mod exports;
mod fanout;
mod idle;
mod jitter;
mod locking;
mod locks;
mod mixed;
mod typing;

use std::rc::Rc;

use tokio::task::JoinSet;

use crate::desk::Desk;
use crate::observation::Micros;
use crate::plan::Scenario;
use crate::random::Random;
use crate::tab::Tab;

/// Where and when the load happens.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) desk: Rc<Desk>,
    /// When the first command is meant to be sent.
    pub(crate) start: Micros,
    /// No command is meant to be sent from here on.
    pub(crate) end: Micros,
}

impl Stage {
    /// What chance follows from for one tab.
    fn random(&self, tab: &Tab) -> Random {
        Random::new(self.desk.plan.seed, (u64::from(tab.id().0) << 8) + 1)
    }

    /// Actions per second of one tab.
    fn rate_of_one(&self) -> f64 {
        self.desk.plan.rate / f64::from(self.desk.plan.tabs.max(1))
    }
}

/// Plays the load; returns the tabs that are open at its end.
pub(crate) async fn load(stage: &Stage, tabs: Vec<Tab>) -> Vec<Tab> {
    match stage.desk.plan.scenario {
        Scenario::Idle => all(stage, tabs, idle::lives).await,
        Scenario::Fanout | Scenario::Cross => fanout::load(stage, tabs).await,
        // What happens to the hubs meanwhile is the conductor's part.
        Scenario::Books | Scenario::Avalanche | Scenario::Rolling => all(stage, tabs, mixed::lives).await,
        Scenario::Locks => all(stage, tabs, locks::lives).await,
        Scenario::Churn => all(stage, tabs, churn::lives).await,
        Scenario::Exports => all(stage, tabs, exports::lives).await,
        Scenario::Typing => all(stage, tabs, typing::lives).await,
        Scenario::Jitter => all(stage, tabs, jitter::lives).await,
    }
}

/// Every tab lives a life of its own.
async fn all<Life: Future<Output = Tab> + 'static>(
    stage: &Stage,
    tabs: Vec<Tab>,
    lives: impl Fn(Stage, Tab) -> Life,
) -> Vec<Tab> {
    let mut at_work = JoinSet::new();
    for tab in tabs {
        at_work.spawn_local(lives(stage.clone(), tab));
    }
    at_work.join_all().await
}
