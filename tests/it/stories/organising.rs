//! Chapters, parts and metadata: the order that everybody sees.

use quire_protocol::command::{At, ChapterKind, ChapterMove, MetadataPatch, MetadataSet};
use quire_protocol::{Rejection, Role, Seq};

use crate::harness::wishes::*;
use crate::harness::{Person, Town, chapter};

async fn order(person: &mut Person) -> Vec<String> {
    let chapters = person.snapshot().await.chapters;
    chapters.iter().map(|chapter| chapter.id.to_string()).collect()
}

fn place(number: u32, at: At, parent: Option<u32>) -> ChapterMove {
    ChapterMove { chapter: chapter(number), at, parent: parent.map(chapter) }
}

#[tokio::test(start_paused = true)]
async fn chapters_are_added_moved_and_renamed_before_everybodys_eyes() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(add_named(4, ChapterKind::Front, "Etymology")).await.accepted();
    ben.does(place(4, At::First, None)).await.accepted();
    ann.does(place(1, At::After(chapter(2)), None)).await.accepted();
    ann.does(rename_chapter(1, "  The   Carpet-Bag ")).await.accepted();
    assert_eq!(order(&mut ann).await, ["c4", "c2", "c1", "c3"]);
    assert_eq!(ben.snapshot().await.chapters[2].title, "The Carpet-Bag");
    let heard = ["chapter.added", "chapter.moved", "chapter.moved", "chapter.renamed"];
    assert_eq!(ann.hears_all().await, heard);
    assert_eq!(ben.hears_all().await, heard);
}

#[tokio::test(start_paused = true)]
async fn parts_hold_chapters_one_level_deep() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.does(add_part(10)).await.accepted();
    ann.does(add_part(11)).await.accepted();
    ann.does(place(2, At::Last, Some(10))).await.accepted();
    ann.does(place(1, At::First, Some(10))).await.accepted();
    assert_eq!(order(&mut ann).await, ["c3", "c10", "c1", "c2", "c11"]);
    ann.does(place(11, At::Last, Some(10))).await.refused("invalid");
    ann.does(place(3, At::Last, Some(1))).await.refused("invalid");
    ann.does(place(3, At::After(chapter(1)), None)).await.refused("invalid");
    let refusal = ann.does(remove_chapter(10)).await.refused("conflict");
    let Rejection::Conflict { children, .. } = refusal else { unreachable!("the code says so") };
    assert_eq!(children, [chapter(1), chapter(2)]);
    ann.does(remove_chapter(11)).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn a_removed_chapter_returns_to_its_place_or_to_the_end() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.does(remove_chapter(2)).await.accepted();
    let snapshot = ann.snapshot().await;
    assert_eq!(snapshot.removed[0].id, chapter(2));
    assert_eq!(snapshot.removed[0].by.name, "Ann");
    ann.does(acquire(2)).await.refused("not_found");
    ann.does(restore_chapter(2)).await.accepted();
    assert_eq!(order(&mut ann).await, ["c1", "c2", "c3"]);
    ann.does(remove_chapter(2)).await.accepted();
    ann.does(remove_chapter(1)).await.accepted();
    ann.does(restore_chapter(2)).await.accepted();
    assert_eq!(order(&mut ann).await, ["c3", "c2"], "the chapter that it followed is gone");
}

#[tokio::test(start_paused = true)]
async fn a_held_chapter_is_moved_by_anybody_and_renamed_by_its_holder_alone() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(acquire(1)).await.granted();
    ann.does(rename_chapter(1, "Mine")).await.refused("locked");
    ann.does(place(1, At::Last, None)).await.accepted();
    ben.does(rename_chapter(1, "Loomings")).await.accepted();
    assert_eq!(ann.hears_all().await, ["lock.acquired", "chapter.moved", "chapter.renamed"]);
}

#[tokio::test(start_paused = true)]
async fn metadata_that_changed_meanwhile_are_not_overwritten_unseen() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let base = ann.snapshot().await.metadata_seq;
    let set = |subtitle: Option<&str>, base_seq: Option<Seq>| {
        let subtitle = Some(subtitle.map(str::to_owned));
        MetadataSet { title: None, metadata: MetadataPatch { subtitle, ..MetadataPatch::default() }, base_seq }
    };
    let seq = ben.does(set(Some("or, The Whale"), Some(base))).await.seq.unwrap();
    let refusal = ann.does(set(Some("A Romance"), Some(base))).await.refused("stale_base");
    assert_eq!(refusal, Rejection::StaleBase { current: seq });
    ann.does(set(Some("A Romance"), Some(seq))).await.accepted();
    assert_eq!(ann.snapshot().await.metadata.subtitle.as_deref(), Some("A Romance"));
    ann.does(set(None, None)).await.accepted();
    assert_eq!(ann.snapshot().await.metadata.subtitle, None, "null clears, and without a base the last writer wins");
    ben.does(set(None, None)).await.accepted();
    assert_eq!(ben.hears_all().await, ["metadata.changed"; 3], "what is so already is no change");
}

#[tokio::test(start_paused = true)]
async fn a_new_title_shows_in_everybodys_list() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let title = MetadataSet { title: Some("The Whale".into()), metadata: MetadataPatch::default(), base_seq: None };
    ann.does(title).await.accepted();
    assert_eq!(ben.hears_all().await, ["metadata.changed", "books_changed"]);
}
