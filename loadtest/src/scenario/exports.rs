//! While people type, others have the book made into files; some go away before they have them.

use std::time::Duration;

use quire_protocol::{BookId, ChapterId, Seq};
use tokio::time::{Instant, sleep, timeout};

use crate::cast::{chapter, may_edit, title};
use crate::clock;
use crate::decoder::digest;
use crate::files::{Kind, chapters};
use crate::http::{self, Response};
use crate::observation::ViolationKind;
use crate::plan::{Plan, WRITERS};
use crate::random::Random;
use crate::tab::Tab;
use crate::typist::Page;

use super::{Stage, typing};

/// A hub that is not free for a file within this time never will be; making one takes moments.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);
/// Longest wait for the changes that a file has already.
const NEWS: Duration = Duration::from_secs(5);

pub(super) async fn lives(stage: Stage, tab: Tab) -> Tab {
    if !asks_for_files(&stage.desk.plan, &tab) {
        return typing::lives(stage, tab).await;
    }
    let (book, chapters) = (stage.desk.plan.book(tab.part().book), stage.desk.plan.chapters);
    let chapters: Vec<ChapterId> = (0..chapters).map(chapter).collect();
    for chapter in &chapters {
        tab.opens_text((&book, chapter)).await;
    }
    let random = stage.random(&tab);
    Reader { stage: &stage, tab: &tab, book, chapters, random, last: None }.reads().await;
    clock::sleep_until(stage.end).await;
    tab
}

/// One tab of each chapter, of somebody who may take the book away: one file is made for a person at a time.
fn asks_for_files(plan: &Plan, tab: &Tab) -> bool {
    plan.seat(tab.part().place).1 == WRITERS && may_edit(tab.part().person)
}

/// Somebody who wants the book as a file.
struct Reader<'a> {
    stage: &'a Stage,
    tab: &'a Tab,
    book: BookId,
    chapters: Vec<ChapterId>,
    random: Random,
    /// The last text, with its tag.
    last: Option<(String, Vec<u8>)>,
}

impl Reader<'_> {
    async fn reads(mut self) {
        while clock::now() < self.stage.end && self.tab.ended().is_none() {
            let kind = Kind::ALL[self.random.index(4) as usize];
            if self.random.percent(25) {
                self.goes_away(kind).await;
            }
            self.reads_file(kind).await;
            sleep(self.random.up_to(PAUSE * 4)).await;
        }
    }

    async fn head(&self, kind: Kind, known: Option<&str>) -> Result<String, String> {
        let part = self.tab.part();
        let token = self.stage.desk.site.token(&self.stage.desk.plan.name(part.book, part.person)).await?;
        let known = known.map(|tag| format!("\r\nIf-None-Match: \"{tag}\"")).unwrap_or_default();
        Ok(format!("GET /v1/books/{}/export/{}\r\nAuthorization: Bearer {token}{known}", self.book, kind.name()))
    }

    /// Asks for a file and is gone before it has it.
    async fn goes_away(&mut self, kind: Kind) {
        let (hub, bytes) = (self.tab.part().hub, self.random.index(2) as usize * 64);
        let url = self.stage.desk.site.url(hub).clone();
        if let Ok(head) = self.head(kind, None).await {
            // It may be away before the hub answers, or not.
            let leaves = http::asks_and_leaves(&url, &head, bytes);
            drop(timeout(self.random.up_to(PAUSE), leaves).await);
        }
    }

    /// Has a file made and judges it.
    async fn reads_file(&mut self, kind: Kind) {
        let known = self.last.as_ref().filter(|_| kind == Kind::Text && self.random.percent(40));
        let known = known.map(|(tag, _)| tag.clone());
        let (before, began) = (self.positions(), clock::now());
        let answer = match self.asks(kind, known.as_deref()).await {
            Ok(answer) => answer,
            Err(why) => return self.wrong(ViolationKind::Stuck, kind, &why),
        };
        self.stage.desk.measures.borrow_mut().file.record_us(clock::micros(clock::since(began)));
        self.stage.desk.notebook.borrow_mut().file_read();
        let file = match (answer.status, answer.tag) {
            (200, Some(tag)) => {
                if !self.stage.desk.is_same_file(&tag, digest(&answer.body)) {
                    self.wrong(ViolationKind::WrongFile, kind, &format!("the tag {tag} stands for two files"));
                }
                if kind == Kind::Text {
                    self.last = Some((tag, answer.body.clone()));
                }
                answer.body
            }
            // What the reader has is what the book says now.
            (304, _) if known.is_some() => self.last.clone().map(|(_, file)| file).unwrap_or_default(),
            (status, tag) => {
                let why = format!("answered {status} with the tag {tag:?}");
                return self.wrong(ViolationKind::WrongFile, kind, &why);
            }
        };
        let titles: Vec<String> = (0..self.stage.desk.plan.chapters).map(title).collect();
        if let Err(why) = kind.check(&file, &titles) {
            return self.wrong(ViolationKind::WrongFile, kind, &why);
        }
        if kind == Kind::Text
            && let Err(why) = self.compares(&file, &before).await
        {
            self.wrong(ViolationKind::WrongFile, kind, &why);
        }
    }

    /// Asks until the hub has time for it.
    async fn asks(&self, kind: Kind, known: Option<&str>) -> Result<Response, String> {
        let (url, head) = (self.stage.desk.site.url(self.tab.part().hub).clone(), self.head(kind, known).await?);
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = match timeout(PATIENCE, http::asks(&url, &head, "")).await {
                Ok(answer) => answer?,
                Err(_) => return Err(format!("no answer in {} s", PATIENCE.as_secs())),
            };
            if answer.status != 503 {
                return Ok(answer);
            }
            if Instant::now() >= until {
                return Err(format!("the hub has no time for it in {} s", PATIENCE.as_secs()));
            }
            sleep(PAUSE).await;
        }
    }

    /// Where the tab is in each text: what it was told is durable, and no file that is asked for now may lack it.
    fn positions(&self) -> Vec<Seq> {
        let rev = |chapter| self.tab.text_rev((&self.book, chapter)).unwrap_or_default();
        self.chapters.iter().map(rev).collect()
    }

    /// Whether each chapter in a text is as it was at some position between when it was asked for and now.
    async fn compares(&self, file: &[u8], before: &[Seq]) -> Result<(), String> {
        let bodies = chapters(file)?;
        if bodies.len() != self.chapters.len() {
            return Err(format!("it has {} chapters of {}", bodies.len(), self.chapters.len()));
        }
        for ((chapter, body), before) in self.chapters.iter().zip(&bodies).zip(before) {
            let compared = timeout(NEWS, self.compares_chapter(chapter, body, *before)).await;
            match compared {
                Ok(Ok(())) => {}
                Ok(Err(why)) => return Err(why),
                Err(_) => return Err(format!("{chapter} never was as it is there since {before}: {body:?}")),
            }
        }
        Ok(())
    }

    /// Waits until the text was like this.
    async fn compares_chapter(&self, chapter: &ChapterId, body: &str, before: Seq) -> Result<(), String> {
        let place = (&self.book, chapter);
        loop {
            let pieces = self.tab.text_pieces(place);
            // A tab that opened the text again meanwhile does not know what it was in between.
            if pieces.first().is_some_and(|(rev, _)| *rev > before.max(Seq(1))) {
                return Ok(());
            }
            let (known, page) = (self.tab.text_rev(place), Page::default());
            let (old, new): (Vec<_>, Vec<_>) = pieces.iter().partition(|(rev, _)| *rev <= before);
            old.iter().try_for_each(|(_, update)| page.merges(update))?;
            let mut was = plain(&page) == body;
            for (_, update) in new {
                page.merges(update)?;
                was |= plain(&page) == body;
            }
            if was || self.tab.ended().is_some() {
                return Ok(());
            }
            self.tab.until(|tab| tab.text_rev(place) != known).await;
        }
    }

    fn wrong(&self, kind: ViolationKind, file: Kind, why: &str) {
        self.stage.desk.notebook.borrow_mut().file_wrong(kind, self.tab.id(), &self.book, (file.name(), why));
    }
}

/// A text as plain text: paragraphs that say something, with blank lines between.
fn plain(page: &Page) -> String {
    let words = page.reads();
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n\n")
}
