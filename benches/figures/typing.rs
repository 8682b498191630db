//! Typing over TCP, on the embedded store: every keystroke is on the disk before it is answered and seen.

use std::sync::Arc;
use std::time::Duration;

use quire_protocol::codec::Blob;
use quire_protocol::command::{BookOpen, ChapterOpen, ChapterUpdate, LockAcquire};
use quire_protocol::frame::Answer;
use quire_protocol::{BookCommand, BookId, ChapterId, Command, Token, ViewCommand};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use yrs::{Doc, Text as _, TextRef, Transact as _, XmlElementPrelim, XmlFragment as _, XmlTextPrelim, XmlTextRef};

use crate::Figure;
use crate::people::{book, chapter, creation};
use crate::process::HubProcess;
use crate::tab::{Speaker, Tab};

/// Keystrokes that follow one another.
const KEYSTROKES: u32 = 2_000;
/// Who sees each of them.
const WATCHERS: u32 = 10;
/// Books of many holders, and holders in each.
const BOOKS: u32 = 4;
const HOLDERS: u32 = 50;
/// Who sees what one of many holders types.
const WATCHERS_OF_MANY: u32 = 5;
const PER_SECOND: u32 = 5;
const SECONDS: u32 = 10;
/// Characters of the chapter that is opened, each typed by itself, and how often it is opened.
const LONG: u32 = 20_000;
const OPENINGS: u32 = 100;
/// What has not come by then was lost.
const PATIENCE: Duration = Duration::from_mins(1);
/// Longer than presence is collected.
const SETTLES: Duration = Duration::from_secs(1);

pub(crate) async fn figures() -> Vec<Figure> {
    let mut figures = one_writer().await;
    figures.push(many_writers().await);
    figures.extend(a_long_chapter().await);
    figures
}

/// Somebody who holds a chapter, and what they type.
struct Holder {
    book: BookId,
    chapter: ChapterId,
    token: Token,
    doc: Doc,
    text: XmlTextRef,
    n: u64,
    /// The first update, which makes the paragraph.
    begun: Option<Vec<u8>>,
}

impl Holder {
    async fn of(tab: &mut Tab, book: BookId, chapter: ChapterId) -> Self {
        opens(tab, &book, &chapter).await;
        let acquire: BookCommand = LockAcquire { chapter: chapter.clone(), wait: false, note: None }.into();
        let Answer::Token { token } = tab.does(&book, Command::Book(acquire)).await else { panic!("it is free") };
        let doc = Doc::with_client_id(token.0);
        let fragment = doc.get_or_insert_xml_fragment("default");
        let mut change = doc.transact_mut();
        let paragraph = fragment.push_back(&mut change, XmlElementPrelim::empty("paragraph"));
        let text = paragraph.push_back(&mut change, XmlTextPrelim::new(""));
        let begun = Some(change.encode_update_v1());
        drop(change);
        Self { book, chapter, token, doc, text, n: 0, begun }
    }

    /// One character more.
    fn types(&mut self) -> Command {
        self.n += 1;
        let update = self.begun.take().unwrap_or_else(|| {
            let mut change = self.doc.transact_mut();
            let text: &TextRef = self.text.as_ref();
            text.push(&mut change, if self.n.is_multiple_of(6) { " " } else { "e" });
            change.encode_update_v1()
        });
        let (chapter, token, n) = (self.chapter.clone(), self.token, self.n);
        Command::Text(ChapterUpdate { chapter, token, n, client: None, update: Blob(update) }.into())
    }
}

async fn opens(tab: &mut Tab, book: &BookId, chapter: &ChapterId) {
    tab.does(book, Command::View(ViewCommand::BookOpen(BookOpen { after: None }))).await;
    tab.does(book, Command::Text(ChapterOpen { chapter: chapter.clone(), have: None, clocks: false }.into())).await;
}

async fn with_chapters(hub: &HubProcess, number: u32, chapters: u32) -> Tab {
    let mut tab = Tab::of(hub.address, number, "ann").await;
    for command in creation(chapters) {
        tab.does(&book(number), Command::Book(command)).await;
    }
    tab
}

async fn hears(heard: &Semaphore, count: u32) {
    let heard = timeout(PATIENCE, heard.acquire_many(count)).await;
    heard.expect("everybody sees everything").expect("nobody closes it").forget();
}

async fn one_writer() -> Vec<Figure> {
    let hub = HubProcess::start();
    let mut tab = with_chapters(&hub, 0, 1).await;
    let mut holder = Holder::of(&mut tab, book(0), chapter(0)).await;
    let (heard, mut listeners) = (Arc::new(Semaphore::new(0)), JoinSet::new());
    for number in 1..=WATCHERS {
        let mut watcher = Tab::of(hub.address, number, "ann").await;
        opens(&mut watcher, &book(0), &chapter(0)).await;
        listeners.spawn(watcher.listens(Arc::clone(&heard)));
    }
    tokio::time::sleep(SETTLES).await;
    let cpu = hub.cpu_seconds();
    let mut round_trips = Vec::new();
    for _ in 0..KEYSTROKES {
        let command = holder.types();
        let start = Instant::now();
        tab.does(&book(0), command).await;
        hears(&heard, WATCHERS).await;
        round_trips.push(start.elapsed());
    }
    let cpu = hub.cpu_seconds() - cpu;
    round_trips.sort_unstable();
    let at = |share: usize| round_trips[round_trips.len() * share / 100].as_micros();
    let figure = format!(
        "p50 {} µs, p99 {} µs; hub {:.0} µs of CPU for each",
        at(50),
        at(99),
        cpu * 1e6 / f64::from(KEYSTROKES)
    );
    vec![Figure::new(format!("a keystroke until it is answered and {WATCHERS} watchers have it"), figure)]
}

async fn many_writers() -> Figure {
    let hub = HubProcess::start();
    let (heard, mut listeners) = (Arc::new(Semaphore::new(0)), JoinSet::new());
    let mut writers: Vec<(Speaker, Holder)> = Vec::new();
    let mut number = BOOKS;
    for of in 0..BOOKS {
        let _owner = with_chapters(&hub, of, HOLDERS).await;
        for place in 0..HOLDERS {
            number += 1;
            let mut tab = Tab::of(hub.address, number, "ann").await;
            let holder = Holder::of(&mut tab, book(of), chapter(place)).await;
            writers.push((tab.speaks(), holder));
        }
    }
    for of in 0..BOOKS {
        for place in (0..HOLDERS).flat_map(|place| std::iter::repeat_n(place, WATCHERS_OF_MANY as usize)) {
            number += 1;
            let mut watcher = Tab::of(hub.address, number, "ann").await;
            opens(&mut watcher, &book(of), &chapter(place)).await;
            listeners.spawn(watcher.listens(Arc::clone(&heard)));
        }
    }
    tokio::time::sleep(SETTLES).await;
    let (cpu, start) = (hub.cpu_seconds(), Instant::now());
    let mut ticks = interval(Duration::from_millis(u64::from(1_000 / PER_SECOND)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..SECONDS * PER_SECOND {
        ticks.tick().await;
        for (speaker, holder) in &mut writers {
            let command = holder.types();
            let book = holder.book.clone();
            speaker.says(&book, command).await;
        }
    }
    hears(&heard, BOOKS * HOLDERS * WATCHERS_OF_MANY * SECONDS * PER_SECOND).await;
    let (cpu, wall) = (hub.cpu_seconds() - cpu, start.elapsed().as_secs_f64());
    let what = format!(
        "{} holders type {PER_SECOND} updates per second each, {WATCHERS_OF_MANY} watchers each",
        BOOKS * HOLDERS
    );
    Figure::new(what, format!("{:.0} % of a processor", cpu * 100.0 / wall))
}

async fn a_long_chapter() -> Vec<Figure> {
    let hub = HubProcess::start();
    let mut tab = with_chapters(&hub, 0, 1).await;
    let mut holder = Holder::of(&mut tab, book(0), chapter(0)).await;
    for _ in 0..LONG {
        let command = holder.types();
        tab.does(&book(0), command).await;
    }
    let mut reader = Tab::of(hub.address, 1, "ann").await;
    let open = Command::View(ViewCommand::BookOpen(BookOpen { after: None }));
    reader.does(&book(0), open).await;
    tokio::time::sleep(SETTLES).await;
    let (cpu, mut bytes) = (hub.cpu_seconds(), 0);
    for _ in 0..OPENINGS {
        let open = Command::Text(ChapterOpen { chapter: chapter(0), have: None, clocks: false }.into());
        bytes = reader.weighs(&book(0), open).await;
    }
    let cpu = hub.cpu_seconds() - cpu;
    vec![Figure::new(
        format!("open a chapter of {LONG} characters, each typed by itself"),
        format!(
            "{:.1} ms of hub CPU, {:.1} bytes on the wire for each character",
            cpu * 1e3 / f64::from(OPENINGS),
            f64::from(u32::try_from(bytes).expect("a text is small")) / f64::from(LONG)
        ),
    )]
}
