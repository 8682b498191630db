//! The history of a whole book: what it was at a point, whatever became of it since.

use quire::chapter::journal;
use quire::chapter::version::{Kept, VersionsChange};
use quire::export::FileKind;
use quire::hub::edition::Edition;
use quire::store::{Append, LogId, Tag};
use quire_protocol::command::{
    At, ChapterMove, MetadataPatch, MetadataSet, PointRead, PointsList, VersionName, VersionSave,
};
use quire_protocol::frame::Answer;
use quire_protocol::view::{PointRow, PointView, VersionCause};
use quire_protocol::{Limits, Rejection, ReplicaId, Role, Seq, Timers, Token, What};

use super::versions::told;
use crate::harness::wishes::*;
use crate::harness::{Person, Said, Town, chapter, moby};

impl Person {
    async fn keeps_the_book(&mut self, label: &str) -> Said {
        self.asks_history(VersionSave { chapter: None, label: label.into() }).await
    }

    pub(super) async fn lists_points(&mut self) -> Vec<PointRow> {
        match self.asks_history(PointsList {}).await.accepted() {
            Answer::Points { points } => points,
            other => panic!("no list: {other:?}"),
        }
    }

    async fn reads_point(&mut self, point: u64) -> PointView {
        match self.asks_history(PointRead { point: Seq(point) }).await.accepted() {
            Answer::Point(point) => *point,
            other => panic!("no point: {other:?}"),
        }
    }
}

fn at(point: u64, kind: FileKind) -> Edition {
    Edition { kind, point: Some(Seq(point)) }
}

/// Each chapter with its version and its words.
fn outline(point: &PointView) -> Vec<(&str, Option<u64>, u32)> {
    point.chapters.iter().map(|entry| (entry.title.as_str(), entry.rev.map(|rev| rev.0), entry.words)).collect()
}

fn labels(points: &[PointRow]) -> Vec<(u64, &str)> {
    points.iter().map(|row| (row.point.0, row.label.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn the_book_is_what_it_was_at_a_point_on_every_replica_whatever_became_of_it() {
    let north = Town::shared().await;
    let south = north.beside();
    let (mut ann, []) = north.team([]).await;
    let mut ben = south.arrives("ben").await;
    north.joins(&mut ann, &mut ben, Role::Editor).await;
    ben.opens(&moby()).await.accepted();
    assert_eq!(ben.lists_points().await, []);
    ann.writes_in(1, "Call me Ishmael.").await;
    ann.writes_in(2, "I stuffed a shirt or two.").await;
    ben.asks_history(VersionSave { chapter: Some(chapter(1)), label: "Only one".into() }).await.accepted();
    assert_eq!(ann.lists_points().await, [], "a chapter is not the book");
    ben.keeps_the_book(" First draft ").await.accepted();
    // Everything changes.
    ben.writes_in(1, " Some years ago.").await;
    ann.does(remove_chapter(2)).await.accepted();
    ann.does(ChapterMove { chapter: chapter(3), at: At::First, parent: None }).await.accepted();
    ann.does(rename_chapter(1, "Loomings")).await.accepted();
    let title = MetadataSet { title: Some("The Whale".into()), metadata: MetadataPatch::default(), base_seq: None };
    ann.does(title).await.accepted();
    ann.keeps_the_book("Second draft").await.accepted();
    for (person, town) in [(&mut ann, &north), (&mut ben, &south)] {
        let points = person.lists_points().await;
        assert_eq!(labels(&points), [(2, "Second draft"), (1, "First draft")]);
        let told: Vec<_> = points.iter().map(|row| (row.by.user.as_str(), row.title.as_str(), row.words)).collect();
        assert_eq!(told, [("ann", "The Whale", 6), ("ben", "Moby-Dick", 9)]);
        assert_eq!(points.iter().map(|row| row.chapter_count).collect::<Vec<_>>(), [2, 3]);
        assert!(points[0].kept_at >= points[1].kept_at);
        let first = person.reads_point(1).await;
        assert_eq!(outline(&first), [("Chapter 1", Some(1), 3), ("Chapter 2", Some(1), 6), ("Chapter 3", None, 0)]);
        assert_eq!((first.title.as_str(), first.words, first.kept_at), ("Moby-Dick", 9, points[1].kept_at));
        assert_eq!(outline(&person.reads_point(2).await), [("Chapter 3", None, 0), ("Loomings", Some(2), 6)]);
        // A chapter that is gone is there to read; one that goes on, to compare.
        assert_eq!(person.reads_version(2, Seq(1)).await, "I stuffed a shirt or two.");
        assert_eq!(told_since(person).await, "Call me Ishmael.{ Some years ago.}");
        let then = exported(town, at(1, FileKind::Text)).await;
        let places = ["Moby-Dick", "Chapter 1", "Call me Ishmael.", "Chapter 2", "a shirt", "Chapter 3"];
        let places: Vec<_> = places.iter().map(|words| then.find(words).unwrap_or_else(|| panic!("{then}"))).collect();
        assert!(places.is_sorted(), "{then}");
        assert!(!then.contains("years") && !then.contains("Loomings") && !then.contains("Whale"), "{then}");
        let now = exported(town, FileKind::Text).await;
        assert!(now.starts_with("The Whale") && now.contains("years") && !now.contains("shirt"), "{now}");
        assert_eq!(exported(town, at(2, FileKind::Text)).await, now);
    }
}

async fn told_since(person: &mut Person) -> String {
    told(&person.compares(Seq(1), None).await)
}

async fn exported(town: &Town, edition: impl Into<Edition>) -> String {
    town.exports_text(edition).await
}

#[tokio::test(start_paused = true)]
async fn no_version_that_a_point_names_is_dropped_by_time_or_limit_or_when_it_has_no_name_any_more() {
    let limits = Limits { versions_per_chapter: 3, ..Limits::default() };
    let timers = Timers { version_hourly_ms: 1, version_daily_ms: 1, ..Timers::default() };
    let town = Town::with(limits, timers);
    let (mut ann, []) = town.team([]).await;
    ann.writes_in(1, "One.").await;
    town.settles().await;
    ann.keeps_the_book("First draft").await.accepted();
    assert!(ann.lists_versions(1).await[0].pinned);
    ann.asks_history(VersionName { chapter: chapter(1), rev: Seq(1), label: None }).await.accepted();
    for _ in 0..6 {
        ann.writes_in(1, " More.").await;
        town.settles().await;
    }
    let versions = ann.lists_versions(1).await;
    let told: Vec<_> = versions.iter().map(|row| (row.rev.0, row.label.as_deref(), row.pinned)).collect();
    assert_eq!(told, [(7, None, false), (6, None, false), (1, None, true)], "all others went");
    assert_eq!(ann.reads_version(1, Seq(1)).await, "One.");
    let then = exported(&town, at(1, FileKind::Text)).await;
    assert!(then.contains("One.") && !then.contains("More"), "{then}");
}

#[tokio::test(start_paused = true)]
async fn what_fails_half_way_is_refused_and_asked_again_it_goes_on() {
    let town = Town::with(Limits { versions_per_chapter: 1, ..Limits::default() }, Timers::default());
    let (mut ann, []) = town.team([]).await;
    ann.writes_in(1, "One.").await;
    ann.writes_in(2, "Two.").await;
    ann.asks_history(VersionSave { chapter: Some(chapter(2)), label: "Mine".into() }).await.accepted();
    ann.writes_in(2, " And a half.").await;
    town.settles().await;
    let refused = ann.keeps_the_book("First draft").await.refused("limit_reached");
    assert_eq!(refused, Rejection::LimitReached { limit: "versions_per_chapter".into(), max: 1, used: 1 });
    assert_eq!(ann.lists_points().await, [], "not all of it is kept");
    assert_eq!(ann.lists_versions(1).await[0].label.as_deref(), Some("First draft"));
    ann.asks_history(VersionName { chapter: chapter(2), rev: Seq(1), label: None }).await.accepted();
    ann.keeps_the_book("First draft").await.accepted();
    assert_eq!(ann.lists_versions(1).await[0].label.as_deref(), Some("First draft"));
    let expected = [("Chapter 1", Some(1), 1), ("Chapter 2", Some(2), 4), ("Chapter 3", None, 0)];
    assert_eq!(outline(&ann.reads_point(1).await), expected);
}

#[tokio::test(start_paused = true)]
async fn the_same_point_is_kept_once_and_so_many_there_are_and_no_more() {
    let town = Town::with(Limits { points_per_book: 3, ..Limits::default() }, Timers::default());
    let (mut ann, [mut ben]) = town.team([("ben", Role::Author)]).await;
    ann.keeps_the_book(" ").await.refused("invalid");
    ann.keeps_the_book("Empty").await.accepted();
    ann.keeps_the_book("Empty").await.accepted();
    assert_eq!(labels(&ann.lists_points().await), [(1, "Empty")], "whoever got no answer asks again");
    ben.keeps_the_book("Empty").await.accepted();
    ann.writes_in(1, "One.").await;
    town.settles().await;
    ann.keeps_the_book("Full").await.accepted();
    ann.keeps_the_book("Full").await.accepted();
    assert_eq!(labels(&ann.lists_points().await), [(3, "Full"), (2, "Empty"), (1, "Empty")]);
    let refused = ben.keeps_the_book("More").await.refused("limit_reached");
    assert_eq!(refused, Rejection::LimitReached { limit: "points_per_book".into(), max: 3, used: 3 });
    assert_eq!(ann.lists_versions(1).await[0].label.as_deref(), Some("Full"), "nothing was kept for it");
}

#[tokio::test(start_paused = true)]
async fn two_who_keep_the_book_at_the_same_time_on_two_replicas_keep_two_points() {
    let north = Town::shared().await;
    let south = north.beside();
    let (mut ann, []) = north.team([]).await;
    let mut ben = south.arrives("ben").await;
    north.joins(&mut ann, &mut ben, Role::Author).await;
    ben.opens(&moby()).await.accepted();
    ann.writes_in(1, "One.").await;
    for round in 0..4 {
        let (hers, his) = (format!("Ann's {round}"), format!("Ben's {round}"));
        let (one, two) = tokio::join!(ann.keeps_the_book(&hers), ben.keeps_the_book(&his));
        one.accepted();
        two.accepted();
        let points = ann.lists_points().await;
        let mut newest: Vec<_> = points.iter().take(2).map(|row| row.label.clone()).collect();
        newest.sort();
        assert_eq!((newest, points.len()), (vec![hers, his], 2 * (round + 1)));
    }
    assert_eq!(ann.lists_points().await, ben.lists_points().await);
}

#[tokio::test(start_paused = true)]
async fn a_book_as_it_was_is_for_those_who_see_its_history_and_is_another_file_than_the_book() {
    let town = Town::new();
    let people = [("aut", Role::Author), ("edi", Role::Editor), ("vic", Role::Viewer), ("rae", Role::Reader)];
    let (mut ann, [mut aut, ..]) = town.team(people).await;
    ann.writes_in(1, "One.").await;
    ann.keeps_the_book("First draft").await.accepted();
    for kind in FileKind::ALL {
        let now = town.exports("ann", kind, None).await.unwrap();
        let then = town.exports("ann", at(1, kind), Some(&now.tag)).await.unwrap();
        assert!(then.tag != now.tag && then.file.is_some(), "{kind:?}");
        assert!(town.exports("ann", at(1, kind), Some(&then.tag)).await.unwrap().file.is_none());
        for name in ["aut", "edi"] {
            assert!(town.exports(name, at(1, kind), None).await.is_ok(), "{name}");
        }
        for name in ["vic", "rae"] {
            for point in [1, 2] {
                let taken = town.exports(name, at(point, kind), Some(&then.tag)).await.map(|_| ());
                assert_eq!(taken, Err(Rejection::Forbidden), "{name} {point}");
            }
        }
        let stranger = town.exports("eve", at(1, kind), Some(&then.tag)).await.map(|_| ());
        assert_eq!(stranger, Err(Rejection::NotFound { what: What::Book }));
    }
    // Whoever may look at the book as a page sees it as it is.
    assert_eq!(town.exports("rae", at(1, FileKind::Preview), None).await.map(|_| ()), Err(Rejection::Forbidden));
    for point in [0, 2, u64::MAX] {
        let unknown = town.exports("ann", at(point, FileKind::Text), None).await.map(|_| ());
        assert_eq!(unknown, Err(Rejection::NotFound { what: What::Point }), "{point}");
        // On the wire there are no larger numbers.
        let asked = aut.asks_history(PointRead { point: Seq(point.min((1 << 53) - 1)) }).await.refused("not_found");
        assert_eq!(asked, Rejection::NotFound { what: What::Point });
    }
}

#[tokio::test(start_paused = true)]
async fn a_chapter_that_was_imported_is_in_a_point_as_it_came() {
    let town = Town::new();
    let mut ann = town.imports(&["<p>The <em>Spouter</em>-Inn</p>", ""]).await;
    ann.keeps_the_book("As it came").await.accepted();
    ann.writes_in(1, " and more").await;
    let expected = [("Chapter 1", Some(1), 2), ("Chapter 2", None, 0)];
    assert_eq!(outline(&ann.reads_point(1).await), expected);
    let markdown = exported(&town, at(1, FileKind::Markdown)).await;
    assert!(markdown.contains("*Spouter*-Inn") && !markdown.contains("and more"), "{markdown}");
}

/// The text of the first version of chapter 1.
fn first_text() -> LogId {
    LogId::Version(moby(), chapter(1), Seq(1))
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_kept_again_while_another_replica_deletes_it_has_its_text() {
    let limits = Limits { versions_per_chapter: 2, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (mut ann, []) = town.team([]).await;
    for words in ["One.", " Two."] {
        ann.writes_in(1, words).await;
        town.settles().await;
    }
    let deletions = town.line.holds_back_deletions();
    ann.writes_in(1, " Three.").await;
    town.settles().await;
    // It is in the list no more, and in the store still. Another replica, which has read the text before, pins it.
    let revs: Vec<_> = ann.lists_versions(1).await.iter().map(|row| row.rev.0).collect();
    assert_eq!(revs, [3, 2]);
    let log = LogId::Versions(moby(), chapter(1));
    let (cause, rev) = (VersionCause::Saved, Seq(1));
    let kept = Kept { rev, by: None, cause, label: None, restored: None, words: 1, added: 1, removed: 0 };
    let payloads = [VersionsChange::Kept(kept), VersionsChange::Pinned { rev }].iter().map(journal::encode).collect();
    let append = Append {
        after: town.store.tail(log.clone()).await.unwrap(),
        log,
        tag: Tag(1),
        payloads,
        guard: None,
        fences: Vec::new(),
        stamp_floor: Token(0),
        by: ReplicaId::new("other").unwrap(),
        misses: 0,
    };
    town.store.append(append).await.unwrap();
    assert!(town.store.tail(first_text()).await.unwrap().is_some());
    deletions.add_permits(1);
    town.settles().await;
    assert_eq!(deletions.available_permits(), 0, "it was deleted");
    assert_eq!(ann.reads_version(1, Seq(1)).await, "One.");
}

#[tokio::test(start_paused = true)]
async fn whoever_keeps_a_version_that_was_deleted_under_their_hands_stores_it_again() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.writes_in(1, "One.").await;
    town.settles().await;
    town.store.forget(first_text()).await.unwrap();
    ann.keeps_the_book("First draft").await.accepted();
    assert_eq!(ann.reads_version(1, Seq(1)).await, "One.");
    assert!(exported(&town, at(1, FileKind::Text)).await.contains("One."));
}
