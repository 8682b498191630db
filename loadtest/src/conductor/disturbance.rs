//! What happens to the hubs during the load: killed and started again, or restarted one by one.

use std::time::Duration;

use crate::clock;
use crate::observation::Micros;
use crate::plan::{Plan, Scenario};
use crate::start::Hubs;

/// What happens next to which hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    Kill(usize),
    Rise(usize),
    /// SIGTERM; once it is gone it is started again.
    Restart(usize),
}

/// What is still to come, the next one last.
pub(super) struct Disturbance {
    blows: Vec<(Micros, Blow)>,
}

impl Disturbance {
    /// What happens in this plan.
    pub(super) fn of(plan: &Plan, start: Micros) -> Self {
        let mut blows = blows(plan.scenario, plan.urls.len(), plan.load());
        blows.reverse();
        Self { blows: blows.into_iter().map(|(delay, blow)| (clock::after(start, delay), blow)).collect() }
    }

    /// Does what is due.
    pub(super) async fn strikes(&mut self, hubs: &mut Hubs) -> Result<(), String> {
        while let Some((_, blow)) = self.blows.pop_if(|(at, _)| *at <= clock::now()) {
            strike(hubs, blow).await?;
        }
        Ok(())
    }

    /// Does at once what else is to come, so that all hubs run again.
    pub(super) async fn heals(&mut self, hubs: &mut Hubs) -> Result<(), String> {
        while let Some((_, blow)) = self.blows.pop() {
            strike(hubs, blow).await?;
        }
        Ok(())
    }
}

async fn strike(hubs: &mut Hubs, blow: Blow) -> Result<(), String> {
    let (Blow::Kill(number) | Blow::Rise(number) | Blow::Restart(number)) = blow;
    let Some(hub) = hubs.all.get_mut(number) else { return Ok(()) };
    match blow {
        Blow::Kill(_) => hub.dies().await,
        Blow::Rise(_) => hub.rises().await,
        Blow::Restart(_) => {
            hub.drains().await?;
            hub.rises().await
        }
    }
    .map_err(|problem| format!("{problem}\n{}", hub.last_words()))
}

fn blows(scenario: Scenario, hubs: usize, load: Duration) -> Vec<(Duration, Blow)> {
    let parts = |count: usize| load / u32::try_from(count).unwrap_or(u32::MAX);
    match scenario {
        // A hub that is alone comes back at once: nobody else takes its tabs.
        Scenario::Avalanche if hubs == 1 => vec![(parts(3), Blow::Kill(0)), (parts(3), Blow::Rise(0))],
        Scenario::Avalanche => vec![(parts(3), Blow::Kill(0)), (parts(3) * 2, Blow::Rise(0))],
        Scenario::Rolling => {
            let part = parts(hubs + 1);
            (0_u32..).zip(0..hubs).map(|(turn, hub)| (part / 2 + part * turn, Blow::Restart(hub))).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_killed_rises_again() {
        for hubs in [1, 3] {
            let blows = blows(Scenario::Avalanche, hubs, Duration::from_secs(9));
            assert_eq!(blows.iter().map(|(_, blow)| *blow).collect::<Vec<_>>(), [Blow::Kill(0), Blow::Rise(0)]);
            assert!(blows.is_sorted_by_key(|(delay, _)| *delay));
        }
    }

    #[test]
    fn every_hub_has_its_turn_within_the_load() {
        let blows = blows(Scenario::Rolling, 3, Duration::from_secs(8));
        assert_eq!(blows.iter().map(|(delay, _)| delay.as_secs()).collect::<Vec<_>>(), [1, 3, 5]);
        assert!(super::blows(Scenario::Books, 3, Duration::from_secs(8)).is_empty());
    }
}
