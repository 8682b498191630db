//! Typing over TCP: every keystroke is stored before it is answered and seen.

use std::sync::Arc;
use std::time::Duration;

use quire_loadtest::typist::Typist;
use quire_protocol::codec::Blob;
use quire_protocol::command::{BookOpen, ChapterClose, ChapterOpen, ChapterUpdate, LockAcquire, LockRelease};
use quire_protocol::frame::Answer;
use quire_protocol::{BookCommand, BookId, ChapterId, Command, Token, ViewCommand};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::Figure;
use crate::people::{book, chapter, creation};
use crate::process::{HubProcess, RedisProcess};
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
/// Characters of the chapter that is opened, each typed by itself, keystrokes that took some back, and how often it is
/// opened.
const LONG: u32 = 100_000;
const CORRECTIONS: u32 = 6_500;
const OPENINGS: u32 = 100;
/// Updates that are on their way at the same time.
const WINDOW: usize = 250;
/// Chapters of each of the books that are open and that nobody writes, and characters in each.
const QUIET: u32 = 48;
const QUIET_CHARACTERS: u32 = 20_000;
/// Texts that one session has open.
const OPEN_EACH: u32 = 16;
/// What has not come by then was lost.
const PATIENCE: Duration = Duration::from_mins(1);
/// Longer than presence is collected.
const SETTLES: Duration = Duration::from_secs(1);

pub(crate) async fn figures() -> Vec<Figure> {
    let mut figures = vec![one_writer("embedded store", &HubProcess::start()).await];
    if let Some(redis) = RedisProcess::start() {
        figures.push(one_writer("Redis", &HubProcess::start_with(&redis)).await);
    }
    figures.push(many_writers().await);
    figures.push(a_long_chapter().await);
    figures.push(quiet_chapters().await);
    figures
}

/// Somebody who holds a chapter, and what they type.
struct Holder {
    book: BookId,
    chapter: ChapterId,
    token: Token,
    typist: Typist,
    /// The number of the last update.
    n: u64,
    dice: u64,
}

impl Holder {
    async fn of(tab: &mut Tab, book: BookId, chapter: ChapterId) -> Self {
        opens(tab, &book, &chapter).await;
        let acquire: BookCommand = LockAcquire { chapter: chapter.clone(), wait: false, note: None }.into();
        let Answer::Token { token } = tab.does(&book, Command::Book(acquire)).await else { panic!("it is free") };
        Self { book, chapter, token, typist: Typist::follows(token, []), n: 0, dice: 1 }
    }

    /// One character more.
    fn types(&mut self) -> Command {
        self.writes(1)
    }

    /// So many characters more, as one update.
    fn writes(&mut self, characters: u32) -> Command {
        let words: String = (0..characters).map(|_| self.next_character()).collect();
        self.changes(|typist| typist.types(&words))
    }

    /// Takes the last character back.
    fn corrects(&mut self) -> Command {
        self.changes(Typist::takes_back)
    }

    fn changes(&mut self, how: impl FnOnce(&mut Typist) -> (u64, Blob)) -> Command {
        let (n, update) = how(&mut self.typist);
        self.n = n;
        let (chapter, token) = (self.chapter.clone(), self.token);
        Command::Text(ChapterUpdate { chapter, token, n, client: None, update }.into())
    }

    /// Letters as if by chance, which pack worse than prose does.
    fn next_character(&mut self) -> char {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let roll = u32::try_from(self.dice >> 33).expect("31 bits") % 31;
        char::from_u32(u32::from('a') + roll).filter(char::is_ascii_lowercase).unwrap_or(' ')
    }

    fn releases(&self) -> Command {
        Command::Book(LockRelease { chapter: self.chapter.clone(), token: self.token, after_n: Some(self.n) }.into())
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

async fn one_writer(store: &str, hub: &HubProcess) -> Figure {
    let mut tab = with_chapters(hub, 0, 1).await;
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
    Figure::new(format!("a keystroke until it is answered and {WATCHERS} watchers have it, {store}"), figure)
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

async fn a_long_chapter() -> Figure {
    let hub = HubProcess::start();
    let mut tab = with_chapters(&hub, 0, 1).await;
    let mut holder = Holder::of(&mut tab, book(0), chapter(0)).await;
    let every = LONG / CORRECTIONS;
    let keystrokes = (0..LONG + 2 * CORRECTIONS).map(|key| match key % (every + 2) {
        0 if key > 0 => holder.corrects(),
        _ => holder.types(),
    });
    let keystrokes: Vec<Command> = keystrokes.collect();
    for some in keystrokes.chunks(WINDOW) {
        tab.does_all(&book(0), some.to_vec()).await;
    }
    tab.does(&book(0), holder.releases()).await;
    let mut reader = Tab::of(hub.address, 1, "ann").await;
    let open = Command::View(BookOpen { after: None }.into());
    reader.does(&book(0), open).await;
    // The end of the hold makes one state of it, some time later.
    let (mut bytes, mut before) = (0, usize::MAX);
    while bytes != before {
        tokio::time::sleep(SETTLES).await;
        before = bytes;
        bytes = reader.weighs(&book(0), opening(0)).await;
    }
    let cpu = hub.cpu_seconds();
    for _ in 0..OPENINGS {
        bytes = reader.weighs(&book(0), opening(0)).await;
    }
    let cpu = hub.cpu_seconds() - cpu;
    Figure::new(
        format!("open a chapter of {LONG} characters with {} keystrokes behind it", keystrokes.len()),
        format!(
            "{:.1} ms of hub CPU, {:.2} bytes on the wire for each character",
            cpu * 1e3 / f64::from(OPENINGS),
            f64::from(u32::try_from(bytes).expect("a text is small")) / f64::from(LONG)
        ),
    )
}

fn opening(number: u32) -> Command {
    Command::Text(ChapterOpen { chapter: chapter(number), have: None, clocks: false }.into())
}

/// What a chapter costs that is open, and that nobody writes.
async fn quiet_chapters() -> Figure {
    let hub = HubProcess::start();
    for of in 0..BOOKS {
        let mut tab = with_chapters(&hub, of, QUIET).await;
        for place in 0..QUIET {
            let mut holder = Holder::of(&mut tab, book(of), chapter(place)).await;
            let close = Command::Text(ChapterClose { chapter: chapter(place) }.into());
            for command in [holder.types(), holder.writes(QUIET_CHARACTERS), holder.releases(), close] {
                tab.does(&book(of), command).await;
            }
        }
    }
    // Beside the hub states are made of them: not what is measured.
    tokio::time::sleep(5 * SETTLES).await;
    let hub = hub.restarted();
    let mut readers = Vec::new();
    for of in 0..BOOKS {
        for from in (0..QUIET).step_by(OPEN_EACH as usize) {
            let mut reader = Tab::of(hub.address, of * QUIET + from, "ann").await;
            reader.does(&book(of), Command::View(BookOpen { after: None }.into())).await;
            readers.push((of, from, reader));
        }
    }
    tokio::time::sleep(SETTLES).await;
    let before = hub.resident_kib();
    for (of, from, reader) in &mut readers {
        for place in *from..*from + OPEN_EACH {
            reader.weighs(&book(*of), opening(place)).await;
        }
    }
    tokio::time::sleep(SETTLES).await;
    let each = f64::from(hub.resident_kib().saturating_sub(before)) / f64::from(BOOKS * QUIET);
    let what = format!("an open chapter of {QUIET_CHARACTERS} characters that nobody writes");
    Figure::new(what, format!("{each:.1} KiB resident"))
}
