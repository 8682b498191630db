//! The margin: threads and comments, as everybody with the book open hears of them.

use quire_protocol::command::{
    Anchor, ChapterRemove, CommentDelete, CommentEdit, ThreadReopen, ThreadResolve, ThreadsList,
};
use quire_protocol::frame::Answer;
use quire_protocol::view::Thread;
use quire_protocol::{Command, Role, Seq, ViewCommand};

use crate::harness::wishes::*;
use crate::harness::{Person, Town, chapter, comment, moby, thread, user};

async fn threads(person: &mut Person, limit: Option<u32>, cursor: Option<String>) -> (Vec<Thread>, Option<String>) {
    let list = ThreadsList { chapter: None, thread: None, limit, cursor };
    match person.asks(&moby(), Command::View(list.into())).await.accepted() {
        Answer::Threads { threads, cursor } => (threads, cursor),
        other => panic!("not a list of threads: {other:?}"),
    }
}

fn edit(name: &str, body: &str) -> CommentEdit {
    CommentEdit { thread: thread(name), comment: comment(name), body: body.into(), mentions: vec![] }
}

#[tokio::test(start_paused = true)]
async fn a_thread_grows_is_settled_and_opened_again_before_everybodys_eyes() {
    let town = Town::new();
    let (mut ann, [mut vic]) = town.team([("vic", Role::Viewer)]).await;
    let mut remark = remark(1, "whale");
    let quote = "Call me Ishmael.".to_owned();
    let anchor =
        Anchor { quote, prefix: String::new(), suffix: " Some".into(), offset: 0, base: Seq(0), relative: None };
    remark.anchor = Some(anchor.clone());
    remark.mentions = vec![user("vic")];
    ann.does(remark).await.accepted();
    vic.does(reply_to("whale", "spout")).await.accepted();
    vic.does(CommentEdit { comment: comment("spout"), ..edit("whale", "Better") }).await.accepted();
    ann.does(ThreadResolve { thread: thread("whale") }).await.accepted();
    ann.does(ThreadResolve { thread: thread("whale") }).await.accepted();
    vic.does(ThreadReopen { thread: thread("whale") }).await.refused("forbidden");
    ann.does(ThreadReopen { thread: thread("whale") }).await.accepted();
    let story = ["comment.added", "comment.replied", "comment.edited", "thread.resolved", "thread.reopened"];
    assert_eq!(ann.hears_all().await, story);
    assert_eq!(vic.hears_all().await, story);

    let (threads, cursor) = threads(&mut vic, None, None).await;
    assert_eq!((threads.len(), cursor), (1, None));
    assert_eq!((threads[0].anchor.as_ref(), threads[0].resolved.as_ref()), (Some(&anchor), None));
    let bodies: Vec<_> = threads[0].comments.iter().map(|comment| comment.body.as_str()).collect();
    assert_eq!(bodies, ["About whale", "Better"]);
    assert_eq!(threads[0].comments[0].mentions, [user("vic")]);
    assert!(threads[0].comments[1].edited_at.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_comment_leaves_an_empty_place() {
    let town = Town::new();
    let (mut ann, [mut vic]) = town.team([("vic", Role::Viewer)]).await;
    vic.does(remark(1, "whale")).await.accepted();
    let delete = CommentDelete { thread: thread("whale"), comment: comment("whale") };
    ann.does(delete.clone()).await.accepted();
    vic.does(delete).await.accepted();
    vic.does(edit("whale", "Again")).await.refused("not_found");
    let (threads, _) = threads(&mut ann, None, None).await;
    let tombstone = &threads[0].comments[0];
    assert_eq!((tombstone.deleted, tombstone.body.as_str()), (true, ""));
    assert_eq!(ann.hears_all().await, ["comment.added", "comment.deleted"]);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_mentioned_who_could_not_read_it() {
    let town = Town::new();
    let (mut ann, [_rex]) = town.team([("rex", Role::Reader)]).await;
    for name in ["rex", "stranger"] {
        let mut remark = remark(1, "whale");
        remark.mentions = vec![user(name)];
        ann.does(remark).await.refused("invalid");
    }
    ann.hears_nothing_more().await;
}

#[tokio::test(start_paused = true)]
async fn creating_the_same_again_is_harmless_and_anything_else_under_its_id_is_refused() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let first = ann.does(remark(1, "whale")).await;
    let again = ann.does(remark(1, "whale")).await;
    assert_eq!(first.seq, again.seq);
    again.accepted();
    ann.does(remark(2, "whale")).await.refused("id_taken");
    ben.does(remark(1, "whale")).await.refused("id_taken");
    ben.does(reply_to("whale", "whale")).await.refused("id_taken");
    assert_eq!(ben.hears_all().await, ["comment.added"]);
}

#[tokio::test(start_paused = true)]
async fn the_threads_of_a_removed_chapter_are_hidden_and_return_with_it() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.does(remark(1, "whale")).await.accepted();
    ann.does(ChapterRemove { chapter: chapter(1) }).await.accepted();
    assert_eq!(threads(&mut ann, None, None).await.0, []);
    ann.does(reply_to("whale", "spout")).await.refused("not_found");
    ann.does(restore_chapter(1)).await.accepted();
    ann.does(reply_to("whale", "spout")).await.accepted();
    assert_eq!(threads(&mut ann, None, None).await.0[0].comments.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn threads_are_listed_in_pages_by_chapter_and_one_by_one() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    for (number, name) in [(1, "a"), (2, "b"), (1, "c"), (2, "d"), (1, "e")] {
        ann.does(remark(number, name)).await.accepted();
    }
    let (first, cursor) = threads(&mut ann, Some(3), None).await;
    let (second, end) = threads(&mut ann, Some(3), cursor).await;
    let ids: Vec<_> = first.iter().chain(&second).map(|thread| thread.id.as_str()).collect();
    assert_eq!((ids, end), (vec!["a", "b", "c", "d", "e"], None));

    let list = |chapter, thread| ThreadsList { chapter, thread, limit: None, cursor: None };
    let of = async |person: &mut Person, list: ThreadsList| {
        person.asks(&moby(), Command::View(ViewCommand::from(list))).await
    };
    let Answer::Threads { threads, .. } = of(&mut ann, list(Some(chapter(2)), None)).await.accepted() else { panic!() };
    assert_eq!(threads.len(), 2);
    let Answer::Threads { threads, .. } = of(&mut ann, list(None, Some(thread("d")))).await.accepted() else {
        panic!()
    };
    assert_eq!(threads[0].id, thread("d"));
    of(&mut ann, list(Some(chapter(9)), None)).await.refused("not_found");
    of(&mut ann, list(None, Some(thread("z")))).await.refused("not_found");
}
