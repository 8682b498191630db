//! Locks over TCP, on the embedded store: every grant is on the disk before it is told.

use std::time::Duration;

use futures::future::join_all;
use quire_protocol::command::{BookOpen, LockAcquire, LockRelease};
use quire_protocol::frame::Answer;
use quire_protocol::{BookCommand, Command, ViewCommand};
use tokio::time::Instant;

use crate::Figure;
use crate::people::{CHAPTERS, book, chapter, creation};
use crate::process::HubProcess;
use crate::tab::Tab;

const CLIENTS: u32 = 50;
/// Pairs of one client alone.
const PAIRS: u32 = 1_000;
/// Pairs of each of many clients.
const PAIRS_OF_MANY: u32 = 100;

pub(crate) async fn figures() -> Vec<Figure> {
    let hub = HubProcess::start();
    let mut tabs = Vec::new();
    for number in 0..CLIENTS {
        let mut tab = Tab::of(hub.address, number, "ann").await;
        if number == 0 {
            for command in creation(CHAPTERS) {
                tab.does(&book(0), Command::Book(command)).await;
            }
        }
        tab.does(&book(0), Command::View(ViewCommand::BookOpen(BookOpen { after: None }))).await;
        tabs.push(tab);
    }
    let mut round_trips = Vec::new();
    for _ in 0..PAIRS {
        round_trips.push(acquire_and_release(&mut tabs[0], 0).await);
    }
    round_trips.sort_unstable();
    let at = |share: usize| round_trips[round_trips.len() * share / 100].as_micros();
    let alone = format!("p50 {} µs, p99 {} µs", at(50), at(99));
    let start = Instant::now();
    join_all(tabs.iter_mut().zip(0..).map(async |(tab, number)| {
        for _ in 0..PAIRS_OF_MANY {
            acquire_and_release(tab, number).await;
        }
    }))
    .await;
    let rate = f64::from(2 * CLIENTS * PAIRS_OF_MANY) / start.elapsed().as_secs_f64();
    vec![
        Figure::new("`lock.acquire` and `lock.release`, one after the other, 50 tabs listen", alone),
        Figure::new("lock commands of 50 clients in one book", format!("{rate:.0} per second")),
    ]
}

async fn acquire_and_release(tab: &mut Tab, number: u32) -> Duration {
    let start = Instant::now();
    let acquire: BookCommand = LockAcquire { chapter: chapter(number), wait: false, note: None }.into();
    let Answer::Token { token } = tab.does(&book(0), Command::Book(acquire)).await else {
        panic!("nobody else wants this chapter");
    };
    let release: BookCommand = LockRelease { chapter: chapter(number), token, after_n: None }.into();
    tab.does(&book(0), Command::Book(release)).await;
    start.elapsed()
}
