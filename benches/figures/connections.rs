//! What connections cost that say nothing: over TCP, from several addresses.

use futures::StreamExt as _;
use futures::stream;
use quire_protocol::command::BookOpen;
use quire_protocol::{Command, ViewCommand};
use tokio::time::Instant;

use crate::Figure;
use crate::people::{CHAPTERS, book, creation, hello};
use crate::process::HubProcess;
use crate::tab::Tab;

const CONNECTIONS: u32 = 2_000;
const BOOKS: u32 = 200;
const TABS_PER_BOOK: u32 = CONNECTIONS / BOOKS;
/// Handshakes that are under way at the same time.
const AT_ONCE: usize = 64;
/// What the hub needs once, such as its threads' memory, is no cost of a connection.
const WARM_UP: u32 = 100;

pub(crate) async fn figures() -> Vec<Figure> {
    let mut figures = idle().await;
    figures.push(with_a_book().await);
    figures
}

/// Each connection is somebody else's.
async fn idle() -> Vec<Figure> {
    let hub = HubProcess::start();
    let name = |number| format!("reader-{number}");
    drop(join(&hub, 0..WARM_UP, name).await);
    let (memory, cpu) = (hub.resident_kib(), hub.cpu_seconds());
    let hellos: Vec<(u32, Vec<u8>)> = (0..CONNECTIONS).map(|number| (number, hello(&name(number)))).collect();
    let start = Instant::now();
    let tabs: Vec<Tab> = stream::iter(hellos)
        .map(async |(number, hello)| Tab::joins(hub.address, number, &hello).await)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let (wall, cpu) = (start.elapsed().as_secs_f64(), hub.cpu_seconds() - cpu);
    let kib = f64::from(hub.resident_kib() - memory) / f64::from(CONNECTIONS);
    drop(tabs);
    vec![
        Figure::new("resident memory per idle connection, 2,000 people", format!("{kib:.1} KiB")),
        Figure::new(
            "join (TCP, upgrade, `hello`, `welcome`), 64 at a time",
            format!(
                "{:.0} CPU µs; {:.0} joins per CPU second, {:.0} per second with the client on the same machine",
                cpu * 1e6 / f64::from(CONNECTIONS),
                f64::from(CONNECTIONS) / cpu,
                f64::from(CONNECTIONS) / wall
            ),
        ),
    ]
}

/// Each connection has a book open, with nine others.
async fn with_a_book() -> Figure {
    let hub = HubProcess::start();
    let name = |number| format!("owner-{}", number / TABS_PER_BOOK);
    drop(join(&hub, 0..WARM_UP, name).await);
    let mut tabs = join(&hub, 0..CONNECTIONS, name).await;
    let books = tabs.chunks_mut(TABS_PER_BOOK as usize).zip(0..).map(async |(tabs, number)| {
        for command in creation(CHAPTERS) {
            tabs[0].does(&book(number), Command::Book(command)).await;
        }
    });
    stream::iter(books).buffer_unordered(AT_ONCE).collect::<()>().await;
    let memory = hub.resident_kib();
    let opened = tabs.chunks_mut(TABS_PER_BOOK as usize).zip(0..).map(async |(tabs, number)| {
        for tab in tabs {
            tab.does(&book(number), Command::View(ViewCommand::BookOpen(BookOpen { after: None }))).await;
        }
    });
    stream::iter(opened).buffer_unordered(AT_ONCE).collect::<()>().await;
    let kib = f64::from(hub.resident_kib().saturating_sub(memory)) / f64::from(CONNECTIONS);
    Figure::new("more for an open book, 200 books x 10 tabs, the book's actor included", format!("{kib:.1} KiB"))
}

async fn join(hub: &HubProcess, numbers: std::ops::Range<u32>, name: impl Fn(u32) -> String) -> Vec<Tab> {
    let joins = numbers.map(|number| {
        let name = name(number);
        async move { Tab::of(hub.address, number, &name).await }
    });
    // In order, as neighbours share a book.
    stream::iter(joins).buffered(AT_ONCE).collect().await
}
