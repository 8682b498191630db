//! Mixed work on a book: rename, move, comment, lock, move about, close and open again.

use std::time::Duration;

use quire_protocol::command::{At, ChapterMove, ChapterRename, CommentAdd, CommentReply, ThreadResolve};
use quire_protocol::{BookId, CommentId, ThreadId};

use crate::cast::{chapter, may_comment, may_edit};
use crate::clock;
use crate::observation::Micros;
use crate::random::Random;
use crate::schedule::Schedule;
use crate::stamp;
use crate::tab::Tab;

use super::Stage;
use super::locking::{Habit, Manners, uses};

pub(super) async fn lives(stage: Stage, tab: Tab) -> Tab {
    let mut person = Person {
        book: stage.desk.plan.book(tab.part().book),
        chapters: stage.desk.plan.chapters.max(1),
        random: stage.random(&tab),
        threads: 0,
        comments: 0,
        tab,
    };
    let period = Duration::from_secs_f64(1.0 / stage.rate_of_one().max(0.001));
    let mut schedule = Schedule::every(clock::after(stage.start, person.random.up_to(period)), period);
    loop {
        let at = schedule.next();
        if at >= stage.end || person.tab.ended().is_some() {
            return person.tab;
        }
        clock::sleep_until(at).await;
        if clock::now() < stage.end {
            person.acts(at).await;
        }
    }
}

/// Somebody at work.
struct Person {
    tab: Tab,
    book: BookId,
    chapters: u32,
    random: Random,
    /// How many it made.
    threads: u32,
    comments: u32,
}

impl Person {
    async fn acts(&mut self, at: Micros) {
        let person = self.tab.part().person;
        match self.random.below(100) {
            0..30 if may_edit(person) => {
                let rename = ChapterRename { chapter: self.a_chapter(), title: stamp::write(at) };
                self.tab.does(&self.book, rename, at).await;
            }
            30..40 if may_edit(person) => {
                let (chapter, other) = (self.a_chapter(), self.a_chapter());
                let place = if other == chapter { At::First } else { At::After(other) };
                self.tab.does(&self.book, ChapterMove { chapter, at: place, parent: None }, at).await;
            }
            40..65 if may_edit(person) => {
                let habit = Habit {
                    waits: self.random.percent(30),
                    patience: Duration::from_secs(2),
                    holds: self.random.up_to(Duration::from_millis(800)),
                    manners: Manners::Releases,
                };
                // Its next turn does not come earlier for that: what it holds is worked on.
                let chapter = self.a_chapter();
                uses(&self.tab, &self.book, &chapter, &habit, at).await;
            }
            65..85 if may_comment(person) => self.comments(at).await,
            85..95 => {
                let chapter = self.a_chapter();
                self.tab.shows(&self.book, chapter, &stamp::write(at)).await;
            }
            95..100 => {
                self.tab.closes_book(&self.book).await;
                self.tab.opens_book(&self.book).await;
                self.tab.until(Tab::is_ready).await;
            }
            // What somebody has no right to is left out.
            _ => {}
        }
    }

    fn a_chapter(&mut self) -> quire_protocol::ChapterId {
        chapter(self.random.index(self.chapters))
    }

    /// Begins a thread, or answers in or settles its last one.
    async fn comments(&mut self, at: Micros) {
        let (kind, last) = (self.random.below(3), self.threads);
        self.comments += 1;
        let comment = CommentId::new(&self.id("comment", self.comments)).expect("words and numbers are an id");
        let thread = |number| ThreadId::new(&self.id("thread", number)).expect("words and numbers are an id");
        let (body, mentions) = (stamp::write(at), Vec::new());
        match kind {
            1 if last > 0 => {
                let reply = CommentReply { thread: thread(last), comment, body, mentions };
                self.tab.does(&self.book, reply, at).await;
            }
            2 if last > 0 && may_edit(self.tab.part().person) => {
                self.tab.does(&self.book, ThreadResolve { thread: thread(last) }, at).await;
            }
            _ => {
                let thread = thread(last + 1);
                let chapter = self.a_chapter();
                let add = CommentAdd { thread, comment, chapter, anchor: None, body, mentions };
                self.threads += 1;
                self.tab.does(&self.book, add, at).await;
            }
        }
    }

    /// Nobody else uses this id.
    fn id(&self, kind: &str, number: u32) -> String {
        format!("{kind}-{}-{number}", self.tab.id().0)
    }
}
