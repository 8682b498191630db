//! Comments are about words: they move with them, and everybody hears when the words are gone or back.

use quire_protocol::codec::Blob;
use quire_protocol::command::{
    Anchor, ChapterUpdate, CommentAdd, Relative, ThreadResolve, ThreadsList, VersionRestore,
};
use quire_protocol::event::{By, Cause};
use quire_protocol::frame::Answer;
use quire_protocol::{Command, Event, Role, Seq, ServerFrame, Token, VersionCommand};

use crate::harness::typist::{Typist, reads};
use crate::harness::wishes::*;
use crate::harness::{Person, Town, chapter, moby, thread};

impl Person {
    /// Which threads of the book are detached, as a new list tells it.
    pub(super) async fn lists_detached(&mut self) -> Vec<(String, bool)> {
        let list = ThreadsList { chapter: None, thread: None, limit: None, cursor: None };
        match self.asks(&moby(), Command::View(list.into())).await.accepted() {
            Answer::Threads { threads, .. } => {
                threads.into_iter().map(|thread| (thread.id.to_string(), thread.detached)).collect()
            }
            other => panic!("not a list of threads: {other:?}"),
        }
    }

    /// Writes an update into chapter 1.
    async fn edits(&mut self, token: Token, (n, update): (u64, Blob)) {
        self.writes(ChapterUpdate { chapter: chapter(1), token, n, client: None, update }).await.revised();
    }

    pub(super) async fn restores(&mut self, rev: Seq) {
        let token = self.does(acquire(1)).await.granted();
        let restore = VersionCommand::from(VersionRestore { chapter: chapter(1), token, rev });
        self.asks(&moby(), Command::Version(restore)).await.accepted();
        self.does(release(1, token)).await.accepted();
    }
}

pub(super) fn about(name: &str, quote: &str, relative: Option<Relative>) -> CommentAdd {
    let (prefix, suffix) = (String::new(), String::new());
    let relative = relative.map(Box::new);
    let anchor = Anchor { quote: quote.to_owned(), prefix, suffix, offset: 0, base: Seq(0), relative };
    CommentAdd { anchor: Some(anchor), ..remark(1, name) }
}

pub(super) fn detached(name: &str, detached: bool) -> (String, bool) {
    (name.to_owned(), detached)
}

/// What was told of the words of threads, in order.
async fn told(person: &mut Person) -> Vec<(String, bool)> {
    let mut told = Vec::new();
    for frame in person.rest().await {
        if let ServerFrame::Event(frame) = frame
            && let Event::ThreadAnchored(event) = &frame.event
        {
            assert_eq!(frame.by, By::System { system: Cause::Text });
            told.push((event.thread.to_string(), event.detached));
        }
    }
    told
}

#[tokio::test(start_paused = true)]
async fn words_that_a_writer_deletes_are_told_to_be_gone_when_the_hold_ends_and_a_restored_version_brings_them_back() {
    let town = Town::new();
    let (mut ann, [mut ben, mut vic, mut rae]) =
        town.team([("ben", Role::Editor), ("vic", Role::Viewer), ("rae", Role::Reader)]).await;
    let token = ann.does(acquire(1)).await.granted();
    let mut typist = Typist::begins(token, &ann.reads_text(1).await);
    ann.types(&mut typist, (1, token), "Call me Ishmael. Some years ago.").await;
    let opened = vic.reads_text(1).await;
    assert_eq!(opened.lineage, Some(token));
    let reader = Typist::begins(Token(1), &opened);
    let relative = |range| Some(reader.marks(token, range));
    vic.does(about("whale", "Ishmael", relative(8..15))).await.accepted();
    vic.does(about("sea", "years", relative(22..27))).await.accepted();
    vic.does(about("settled", "Ishmael", relative(8..15))).await.accepted();
    ann.does(ThreadResolve { thread: thread("settled") }).await.accepted();
    ann.does(release(1, token)).await.accepted();
    town.settles().await;
    assert_eq!(told(&mut vic).await, []);

    // Words that are only written around move along; those that are deleted are gone.
    let bens = ben.does(acquire(1)).await.granted();
    let mut typist = Typist::begins(bens, &ben.reads_text(1).await);
    ben.edits(bens, typist.deletes(8..15)).await;
    ben.edits(bens, typist.inserts(0, "Well. ")).await;
    town.settles().await;
    assert_eq!(told(&mut vic).await, [], "while somebody writes, pages look for themselves");
    ben.does(release(1, bens)).await.accepted();
    town.settles().await;
    let gone = [detached("whale", true)];
    for person in [&mut ann, &mut ben, &mut vic] {
        assert_eq!(told(person).await, gone);
    }
    assert_eq!(told(&mut rae).await, [], "whoever may not read comments hears nothing of them");
    let all = [detached("whale", true), detached("sea", false), detached("settled", false)];
    assert_eq!(vic.lists_detached().await, all);

    ann.restores(Seq(1)).await;
    assert_eq!(reads(&vic.reads_text(1).await), "Call me Ishmael. Some years ago.");
    town.settles().await;
    assert_eq!(told(&mut vic).await, [detached("whale", false)]);
    assert!(vic.lists_detached().await.iter().all(|(_, detached)| !detached));
}

#[tokio::test(start_paused = true)]
async fn positions_of_another_document_say_nothing_and_the_quote_decides() {
    let town = Town::new();
    let (mut ann, [mut vic]) = town.team([("vic", Role::Viewer)]).await;
    let token = ann.does(acquire(1)).await.granted();
    let mut typist = Typist::begins(token, &ann.reads_text(1).await);
    ann.types(&mut typist, (1, token), "Call me Ishmael.").await;
    let reader = Typist::begins(Token(1), &vic.reads_text(1).await);
    let here = |range: std::ops::Range<u32>, of: u64| Some(reader.marks(Token(of), range));
    // The positions are some of this document, but say that they are of another one.
    vic.does(about("elsewhere", "Ahab", here(8..15, 7))).await.accepted();
    vic.does(about("here", "Ahab", here(8..15, token.0))).await.accepted();
    vic.does(about("quoted", "Call\nme", None)).await.accepted();
    vic.does(about("nowhere", "Queequeg", None)).await.accepted();
    ann.does(release(1, token)).await.accepted();
    town.settles().await;
    assert_eq!(told(&mut vic).await, [detached("elsewhere", true), detached("nowhere", true)]);
}

#[tokio::test(start_paused = true)]
async fn garbage_is_no_position() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let good = || Blob(vec![0, 7, 3, 0]);
    for bad in [vec![], vec![9], vec![0, 7, 3], vec![0, 7, 3, 0, 0], vec![1, 1, b'x', 0], vec![0; 65]] {
        let relative = |start, end| Some(Relative { lineage: Token(7), start, end });
        ann.does(about("whale", "x", relative(Blob(bad.clone()), good()))).await.refused("invalid");
        ann.does(about("whale", "x", relative(good(), Blob(bad)))).await.refused("invalid");
    }
    ann.hears_nothing_more().await;
}
