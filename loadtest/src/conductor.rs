//! Leads a run: tells the workers what comes next, disturbs the hubs, and collects what was seen.

mod crew;
mod disturbance;
mod logs;
mod texts;

use std::collections::BTreeMap;
use std::time::Duration;

use quire_protocol::command::After;
use quire_protocol::{BookId, ChapterId, Seq};
use tokio::select;

use crate::clock;
use crate::link::Step;
use crate::measure::{HubMeasures, HubSample, Measures, RedisSample};
use crate::observation::{Micros, Notebook};
use crate::oracle::FinalLog;
use crate::plan::Plan;
use crate::probe::{self, RedisProbe};
use crate::progress::Display;
use crate::site::{Site, Tokens};
use crate::start::{Hubs, Wish};

pub(crate) use crew::{Crew, Kind};

const SAMPLE_EVERY: Duration = Duration::from_millis(500);

/// The hubs of a run, as far as the conductor can reach them.
#[derive(Default)]
pub(crate) struct Ground {
    /// Those that the harness started.
    pub(crate) hubs: Option<Hubs>,
    /// Processes of hubs that somebody else started.
    pub(crate) pids: Vec<u32>,
    /// What is asked how busy the store is.
    pub(crate) redis: Option<RedisProbe>,
}

/// Everything that was seen.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) notebooks: Vec<Notebook>,
    pub(crate) measures: Measures,
    pub(crate) logs: Vec<FinalLog>,
    pub(crate) hubs: Vec<HubMeasures>,
    pub(crate) redis: Vec<RedisSample>,
    /// Sentences about what went wrong.
    pub(crate) problems: Vec<String>,
    /// When the load began and ended.
    pub(crate) load: (Micros, Micros),
}

/// Plays the whole plan.
pub(crate) async fn plays(plan: &Plan, ground: &mut Ground, kind: Kind, display: &mut Display) -> Result<Seen, String> {
    let mut seen = Seen { hubs: ground.hub_measures(plan), ..Seen::default() };
    ground.notes_idle(&mut seen.hubs);
    let mut crew = Crew::start(plan, kind)?;
    display.says("preparing books");
    seen.problems.extend(crew.takes(|worker| prepare(plan, worker), display).await?);
    let site = Site::new(&plan.urls, plan.tokens.clone())?;
    let first_logs = logs::read(plan, &site, Vec::new()).await?;
    display.says("joining");
    let before = ground.processes();
    seen.problems.extend(crew.takes(|_| Step::Join, display).await?);
    for (hub, ((_, before), (_, after))) in seen.hubs.iter_mut().zip(before.into_iter().zip(ground.processes())) {
        hub.join_cpu_s = after - before;
    }
    display.says("loading");
    loads(plan, ground, &mut crew, &mut seen, display).await?;
    display.says("settling");
    seen.logs = logs::read(plan, &site, first_logs).await?;
    let ends = |log: &FinalLog| (log.book.clone(), After { epoch: log.epoch, seq: log.seq });
    let ends: BTreeMap<BookId, After> = seen.logs.iter().map(ends).collect();
    let texts = |log: &FinalLog| {
        // The first hub's: whether the others say the same is the oracle's question.
        let first = log.texts.iter().filter(|text| text.hub == 0);
        (log.book.clone(), first.map(|text| (text.chapter.clone(), text.view.rev)).collect())
    };
    let texts: BTreeMap<BookId, BTreeMap<ChapterId, Seq>> = seen.logs.iter().map(texts).collect();
    let settle = |_| Step::Settle { ends: ends.clone(), texts: texts.clone() };
    seen.problems.extend(crew.takes(settle, display).await?);
    for (notebook, measures) in crew.finishes(display).await? {
        seen.notebooks.push(notebook);
        seen.measures.merge(&measures);
    }
    Ok(seen)
}

fn prepare(plan: &Plan, worker: u32) -> Step {
    Step::Prepare { plan: Box::new(plan.clone()), worker }
}

/// The load, with what happens to the hubs, sampled all the while.
async fn loads(
    plan: &Plan,
    ground: &mut Ground,
    crew: &mut Crew,
    seen: &mut Seen,
    display: &mut Display,
) -> Result<(), String> {
    /// So that all workers begin together.
    const LEAD: Duration = Duration::from_millis(300);
    let start_at = clock::after(clock::now(), LEAD);
    let mut disturbance = disturbance::Disturbance::of(plan, start_at);
    ground.samples(seen).await?;
    let loading = crew.takes(|_| Step::Load { start_at }, display);
    tokio::pin!(loading);
    let mut ticks = tokio::time::interval(SAMPLE_EVERY);
    loop {
        select! {
            problems = &mut loading => {
                seen.problems.extend(problems?);
                break;
            }
            _ = ticks.tick() => {
                ground.samples(seen).await?;
                if let Some(hubs) = &mut ground.hubs {
                    disturbance.strikes(hubs).await?;
                }
            }
        }
    }
    if let Some(hubs) = &mut ground.hubs {
        disturbance.heals(hubs).await?;
    }
    ground.samples(seen).await?;
    seen.load = (start_at, clock::now());
    Ok(())
}

impl Ground {
    /// Starts what is wished.
    pub(crate) async fn start(wish: &Wish) -> Result<Self, String> {
        let hubs = Hubs::start(wish).await?;
        let redis = match &hubs.redis {
            Some(redis) => Some(RedisProbe::connect(&redis.url()).await?),
            None => None,
        };
        Ok(Self { hubs: Some(hubs), pids: Vec::new(), redis })
    }

    /// URLs and tokens of the hubs that were started.
    pub(crate) fn to_connect(&self) -> Result<(Vec<String>, Tokens), String> {
        let hubs = self.hubs.as_ref().ok_or("no hub was started")?;
        Ok((hubs.urls(), hubs.tokens()))
    }

    /// Every hub process, by its place.
    fn processes(&self) -> Vec<(Option<u32>, f64)> {
        let started = self.hubs.iter().flat_map(|hubs| &hubs.all).map(|hub| (hub.pid(), hub.cpu_s()));
        let given = self.pids.iter().map(|pid| (Some(*pid), probe::cpu_s(*pid).unwrap_or(0.0)));
        started.chain(given).collect()
    }

    fn hub_measures(&self, plan: &Plan) -> Vec<HubMeasures> {
        let parts: Vec<u32> = (0..plan.workers).flat_map(|worker| plan.parts(worker)).map(|part| part.hub).collect();
        let measures = |number: u32| {
            let tabs = parts.iter().filter(|hub| **hub == number).count() as u64;
            HubMeasures { name: format!("hub {}", number + 1), tabs, ..HubMeasures::default() }
        };
        (0..).take(self.processes().len()).map(measures).collect()
    }

    fn notes_idle(&self, hubs: &mut [HubMeasures]) {
        for (hub, (pid, _)) in hubs.iter_mut().zip(self.processes()) {
            hub.idle_resident_bytes = pid.and_then(probe::resident_bytes).unwrap_or(0);
        }
    }

    async fn samples(&mut self, seen: &mut Seen) -> Result<(), String> {
        let at = clock::now();
        for (hub, (pid, cpu_s)) in seen.hubs.iter_mut().zip(self.processes()) {
            let resident_bytes = pid.and_then(probe::resident_bytes).unwrap_or(0);
            hub.samples.push(HubSample { at, resident_bytes, cpu_s });
        }
        if let Some(redis) = &mut self.redis {
            seen.redis.push(redis.sample().await?);
        }
        Ok(())
    }
}
