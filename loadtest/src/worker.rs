//! One worker: plays its share of the tabs, step by step as the conductor says.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use quire_protocol::command::After;
use quire_protocol::{BookId, ChapterId, Seq};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::clock;
use crate::desk::Desk;
use crate::link::{Progress, Report, Step};
use crate::prepare;
use crate::scenario::{self, Stage};
use crate::tab::Tab;

const PROGRESS_EVERY: Duration = Duration::from_millis(500);
/// Longest wait for work to end after the load, and for tabs to join; each tab adds to the latter.
const PATIENCE: Duration = Duration::from_mins(2);
const PATIENCE_PER_TAB: Duration = Duration::from_millis(20);
/// Problems of a kind that are told.
const PROBLEMS_MAX: usize = 10;
/// The last update of each text.
type TextEnds = BTreeMap<BookId, BTreeMap<ChapterId, Seq>>;
/// Goodbyes that are said at the same time.
const GOODBYES_AT_ONCE: usize = 256;

/// Plays its share until the conductor says that it is over. Runs within a `LocalSet`.
pub(crate) async fn works(steps: mpsc::Receiver<Step>, reports: mpsc::Sender<Report>) {
    if let Err(problem) = obeys(steps, &reports).await {
        // A conductor that is gone needs no report.
        drop(reports.send(Report::Failed { problem }).await);
    }
}

async fn obeys(mut steps: mpsc::Receiver<Step>, reports: &mpsc::Sender<Report>) -> Result<(), String> {
    let Some(Step::Prepare { plan, worker }) = steps.recv().await else {
        return Err("the first step is to prepare".to_owned());
    };
    let desk = Rc::new(Desk::new(*plan, worker)?);
    let telling = tokio::task::spawn_local(tells(Rc::clone(&desk), reports.clone()));
    prepare::prepares(&desk).await?;
    let (mut tabs, mut problems) = (Vec::new(), Vec::new());
    loop {
        let reached = Report::Reached { problems: std::mem::take(&mut problems) };
        reports.send(reached).await.map_err(|error| error.to_string())?;
        match steps.recv().await {
            Some(Step::Join) => (tabs, problems) = joins(&desk).await,
            Some(Step::Load { start_at }) => (tabs, problems) = loads(&desk, tabs, start_at).await,
            Some(Step::Settle { ends, texts }) => problems = settles(&desk, &tabs, (&ends, &texts)).await,
            Some(Step::Finish) => break,
            Some(Step::Prepare { .. }) | None => return Err("the conductor has lost the thread".to_owned()),
        }
    }
    let goodbyes = stream::iter(&tabs).for_each_concurrent(GOODBYES_AT_ONCE, Tab::leaves);
    // What a hub does not answer to a goodbye changes nothing of what was seen.
    drop(timeout(PATIENCE, goodbyes).await);
    telling.abort();
    let (notebook, mut measures) = (Box::new(desk.notebook.take()), Box::new(desk.measures.take()));
    measures.received_bytes = desk.decoder.received_bytes();
    reports.send(Report::Finished { notebook, measures }).await.map_err(|error| error.to_string())
}

/// Tells how it goes.
async fn tells(desk: Rc<Desk>, reports: mpsc::Sender<Report>) {
    let mut ticks = tokio::time::interval(PROGRESS_EVERY);
    while !reports.is_closed() {
        ticks.tick().await;
        // Who has not read the last one gets the next one.
        drop(reports.try_send(Report::Progress(progress(&desk))));
    }
}

fn progress(desk: &Desk) -> Progress {
    let (notebook, measures) = (desk.notebook.borrow(), desk.measures.borrow());
    Progress {
        connected: desk.connected.get(),
        deliveries: measures.deliveries_total(),
        commands: measures.commands,
        refused: measures.refused_total(),
        reconnects: measures.reconnects,
        violations: notebook.violations().total(),
        delivery_p50_us: measures.delivery.at_us(0.5),
        delivery_p99_us: measures.delivery.at_us(0.99),
    }
}

/// Opens the tabs, a few at a time, and waits until each has its book open.
async fn joins(desk: &Rc<Desk>) -> (Vec<Tab>, Vec<String>) {
    let open = |part: crate::cast::Part| {
        let book = desk.plan.book(part.book);
        Tab::opens(desk, part, &[book], None)
    };
    let tabs: Vec<Tab> = desk.plan.parts(desk.worker).into_iter().map(open).collect();
    let all = async {
        for tab in &tabs {
            tab.until(Tab::is_ready).await;
        }
    };
    // Whoever is late is named below.
    let patience = PATIENCE + PATIENCE_PER_TAB * u32::try_from(tabs.len()).unwrap_or(u32::MAX);
    drop(timeout(patience, all).await);
    let late = tabs.iter().filter(|tab| !tab.is_ready()).map(|tab| match tab.ended() {
        Some(why) => format!("tab {} did not join: {why}", tab.id().0),
        None => format!("tab {} did not join in {} s", tab.id().0, patience.as_secs()),
    });
    let problems = late.take(PROBLEMS_MAX).collect();
    (tabs, problems)
}

async fn loads(desk: &Rc<Desk>, tabs: Vec<Tab>, start: crate::observation::Micros) -> (Vec<Tab>, Vec<String>) {
    let end = clock::after(start, desk.plan.load());
    let stage = Stage { desk: Rc::clone(desk), start, end };
    clock::sleep_until(start).await;
    let count = tabs.len();
    match timeout(desk.plan.load() + PATIENCE, scenario::load(&stage, tabs)).await {
        Ok(tabs) if tabs.len() == count => (tabs, Vec::new()),
        Ok(tabs) => {
            let problem = format!("the work of {} tabs broke off", count - tabs.len());
            (tabs, vec![problem])
        }
        Err(_) => (Vec::new(), vec![format!("work did not end {} s after the load", PATIENCE.as_secs())]),
    }
}

/// Waits until every tab has heard everything, then lets each tell what it believes.
async fn settles(desk: &Desk, tabs: &[Tab], (ends, texts): (&BTreeMap<BookId, After>, &TextEnds)) -> Vec<String> {
    let is_settled = |tab: &Tab| {
        let book = desk.plan.book(tab.part().book);
        let has_text = |(chapter, rev): (&ChapterId, &Seq)| tab.has_text_to((&book, chapter), *rev);
        tab.is_ready()
            && ends.get(&book).is_none_or(|end| tab.has_heard(&book, *end))
            && texts.get(&book).into_iter().flatten().all(has_text)
    };
    let all = async {
        for tab in tabs {
            tab.until(is_settled).await;
        }
    };
    // Whoever is late is named below.
    drop(timeout(Duration::from_millis(desk.plan.settle_ms), all).await);
    let behind = tabs.iter().filter(|tab| !is_settled(tab)).map(|tab| match tab.ended() {
        Some(why) => format!("tab {} is over: {why}", tab.id().0),
        None => format!("tab {} has not heard everything after {} ms", tab.id().0, desk.plan.settle_ms),
    });
    let problems = behind.take(PROBLEMS_MAX).collect();
    tabs.iter().for_each(Tab::confesses);
    problems
}
