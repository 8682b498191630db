//! A run from its plan to its report.

use std::collections::BTreeMap;

use tokio::sync::oneshot;

use crate::clock;
use crate::conductor::{self, Ground, Kind, Seen};
use crate::machine;
use crate::measure::{HubSample, RedisSample, SLOT_US};
use crate::observation::{Micros, ViolationKind};
use crate::oracle::{Expectations, judge};
use crate::plan::{Plan, Scenario};
use crate::progress::Display;
use crate::report::{Report, Run};

/// Plays a plan against hubs that run, with its workers as threads of this process, and judges it.
///
/// The hubs must serve the plan's `urls` and trust its `tokens`; nothing is started, killed or measured of them, so
/// `avalanche` and `rolling` are mixed work during which the caller may do that. `report.is_right()` tells whether the
/// hubs kept their promises, `report.run.judgement` what they broke. An error says that the run could not be played to
/// its end at all. The future may be dropped: the threads end by themselves.
pub async fn run_in_process(plan: Plan) -> Result<Report, String> {
    let (done, report) = oneshot::channel();
    // What the conductor shares with itself does not leave its thread, and the caller's runtime may have many.
    let conducts = move || {
        let played = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let played = played.map_err(|error| error.to_string()).and_then(|runtime| {
            let mut display = Display::silent(plan.scenario.name());
            runtime.block_on(reports(&plan, &mut Ground::default(), Kind::Threads, &mut display))
        });
        // Whoever asked may have gone.
        drop(done.send(played));
    };
    let thread = std::thread::Builder::new().name("conductor".to_owned()).spawn(conducts);
    thread.map_err(|error| error.to_string())?;
    report.await.map_err(|_| "the conductor broke off".to_owned())?
}

/// Plays a plan, judges it, and puts together what there is to tell.
pub(crate) async fn reports(
    plan: &Plan,
    ground: &mut Ground,
    kind: Kind,
    display: &mut Display,
) -> Result<Report, String> {
    let (began, origin) = (clock::date(), clock::now());
    let Seen { notebooks, mut measures, logs, mut hubs, mut redis, problems, load } =
        conductor::plays(plan, ground, kind, display).await?;
    display.says("judging");
    let mut judgement = judge(notebooks, &logs, expectations(plan.scenario));
    for problem in problems {
        judgement.violations.add(ViolationKind::Stuck, || problem);
    }
    display.ends();
    // Times of a report count from the beginning of its run.
    for series in [&mut measures.deliveries, &mut measures.sent] {
        *series = std::mem::take(series)
            .into_iter()
            .map(|(slot, count)| (slot.saturating_sub(origin.0 / SLOT_US), count))
            .collect();
    }
    let from_origin = |at: Micros| Micros(at.0.saturating_sub(origin.0));
    for hub in &mut hubs {
        hub.samples = hub.samples.iter().map(|sample| HubSample { at: from_origin(sample.at), ..*sample }).collect();
    }
    redis = redis.iter().map(|sample| RedisSample { at: from_origin(sample.at), ..*sample }).collect();
    let load_us = u32::try_from(load.1.0.saturating_sub(load.0.0)).unwrap_or(u32::MAX);
    Ok(Report::new(Run {
        scenario: plan.scenario.name().to_owned(),
        began,
        parameters: parameters(plan),
        machine: machine::facts(),
        tabs: u64::from(plan.tabs),
        load_s: f64::from(load_us) / 1e6,
        measures,
        hubs,
        redis,
        judgement,
    }))
}

/// What a run of this scenario must have brought.
fn expectations(scenario: Scenario) -> Expectations {
    let locks = match scenario {
        Scenario::Idle | Scenario::Fanout | Scenario::Cross => false,
        Scenario::Books
        | Scenario::Locks
        | Scenario::Churn
        | Scenario::Jitter
        | Scenario::Avalanche
        | Scenario::Rolling
        | Scenario::Typing
        | Scenario::Exports => true,
    };
    Expectations { locks, texts: scenario.writes(), files: scenario == Scenario::Exports, ..Expectations::default() }
}

fn parameters(plan: &Plan) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = [
        ("seed", plan.seed),
        ("hubs", plan.urls.len() as u64),
        ("workers", u64::from(plan.workers)),
        ("tabs", u64::from(plan.tabs)),
        ("books", u64::from(plan.books)),
        ("people of a book", u64::from(plan.people)),
        ("chapters of a book", u64::from(plan.chapters)),
        ("load, ms", plan.load_ms),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_string()))
    .collect();
    let mut add = |name: &str, value: String| parameters.insert(name.to_owned(), value);
    match plan.scenario {
        Scenario::Idle => {}
        Scenario::Fanout | Scenario::Cross => {
            add("events per second", plan.rate.to_string());
            add("in flight", plan.in_flight.to_string());
            add("pace", format!("{:?}", plan.pace).to_lowercase());
        }
        _ => drop(add("actions per second", plan.rate.to_string())),
    }
    if plan.scenario.writes() {
        let chapters = f64::from(plan.books.max(1)) * f64::from(plan.chapters.max(1));
        let mut add = |name: &str, value: f64| parameters.insert(name.to_owned(), format!("{value:.1}"));
        add("updates per second of a holder", plan.rate / chapters);
        add("tabs that watch a chapter", f64::from(plan.tabs) / chapters - 1.0);
    }
    if plan.scenario == Scenario::Jitter || plan.scenario.writes() {
        parameters.insert("cut every, ms".to_owned(), plan.cut_every_ms.to_string());
        parameters.insert("cut for, ms".to_owned(), plan.cut_for_ms.to_string());
    }
    parameters
}
