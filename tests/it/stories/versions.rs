//! The history of a chapter: every state that mattered can be looked at, compared, and brought back.

use std::io::Read as _;
use std::time::Duration;

use quire::audit::Detail;
use quire::hub::audit::Asked;
use quire::store::LogId;
use quire_protocol::codec::Blob;
use quire_protocol::command::{
    Mode, PointRead, PointsList, VersionCompare, VersionName, VersionRead, VersionRestore, VersionSave, VersionsList,
};
use quire_protocol::event::Event;
use quire_protocol::frame::{Answer, OpenedText};
use quire_protocol::inbox::Topic;
use quire_protocol::view::{Comparison, PieceChange, VersionCause, VersionRow};
use quire_protocol::{Command, Limits, Rejection, Role, Seq, Timers, Token, VersionCommand, What};

use crate::harness::person::inbox::noticed;
use crate::harness::typist::{Typist, reads};
use crate::harness::wishes::*;
use crate::harness::{Person, Said, Town, chapter, moby};

impl Person {
    pub(super) async fn asks_history(&mut self, command: impl Into<VersionCommand>) -> Said {
        self.asks(&moby(), Command::Version(command.into())).await
    }

    pub(super) async fn lists_versions(&mut self, number: u32) -> Vec<VersionRow> {
        match self.asks_history(VersionsList { chapter: chapter(number) }).await.accepted() {
            Answer::Versions { versions } => versions,
            other => panic!("no list: {other:?}"),
        }
    }

    pub(super) async fn reads_version(&mut self, number: u32, rev: Seq) -> String {
        match self.asks_history(VersionRead { chapter: chapter(number), rev }).await.accepted() {
            Answer::Version { state } => said_by(&state),
            other => panic!("no version: {other:?}"),
        }
    }

    pub(super) async fn compares(&mut self, from: Seq, to: Option<Seq>) -> Comparison {
        match self.asks_history(VersionCompare { chapter: chapter(1), from, to }).await.accepted() {
            Answer::Compared(comparison) => *comparison,
            other => panic!("no comparison: {other:?}"),
        }
    }

    /// Holds chapter 1, types these words one after another, and gives it back.
    pub(super) async fn writes_and_releases(&mut self, words: &[&str]) {
        let token = self.does(acquire(1)).await.granted();
        let mut typist = Typist::begins(token, &self.reads_text(1).await);
        for word in words {
            self.types(&mut typist, (1, token), word).await;
        }
        self.does(release(1, token)).await.accepted();
    }
}

/// What a compressed state says.
fn said_by(state: &Blob) -> String {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&state.0[..]).read_to_end(&mut bytes).unwrap();
    reads(&OpenedText { updates: vec![Blob(bytes)], ..OpenedText::default() })
}

/// The pieces of a comparison of one block: what went in brackets, what came in braces.
pub(super) fn told(comparison: &Comparison) -> String {
    let pieces = comparison.blocks.iter().flat_map(|block| &block.pieces);
    let told = pieces.map(|piece| match piece.change {
        PieceChange::Kept => piece.text.clone(),
        PieceChange::Deleted => format!("[{}]", piece.text),
        PieceChange::Inserted => format!("{{{}}}", piece.text),
    });
    told.collect()
}

fn summary(row: &VersionRow) -> (u64, &str, VersionCause, u32, u32) {
    let by = row.by.as_ref().map_or("", |by| by.user.as_str());
    (row.rev.0, by, row.cause, row.words, row.added)
}

#[tokio::test(start_paused = true)]
async fn what_was_written_in_a_hold_is_a_version_when_it_ends() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.writes_and_releases(&["Call me ", "Ishmael."]).await;
    ben.writes_and_releases(&[" Some years ago"]).await;
    // A hold in which nothing is written leaves nothing behind.
    ben.writes_and_releases(&[]).await;
    town.settles().await;
    let rows = ben.lists_versions(1).await;
    let of_ben = ("ben", VersionCause::Written);
    assert_eq!(
        rows.iter().map(summary).collect::<Vec<_>>(),
        [(3, of_ben.0, of_ben.1, 6, 3), (2, "ann", VersionCause::Written, 3, 3)]
    );
    assert_eq!(ann.reads_version(1, Seq(2)).await, "Call me Ishmael.");
    assert_eq!(ann.reads_version(1, Seq(3)).await, "Call me Ishmael. Some years ago");
    assert_eq!(ann.lists_versions(2).await, []);
    let unknown = ann.asks_history(VersionRead { chapter: chapter(1), rev: Seq(1) }).await.refused("not_found");
    assert_eq!(unknown, Rejection::NotFound { what: What::Version });
}

#[tokio::test(start_paused = true)]
async fn a_version_that_goes_leaves_the_store() {
    let town = Town::with(Limits { versions_per_chapter: 2, ..Limits::default() }, Timers::default());
    let (mut ann, []) = town.team([]).await;
    for words in ["Call me ", "Ishmael.", " Some years ago"] {
        ann.writes_and_releases(&[words]).await;
        town.settles().await;
    }
    let revs: Vec<u64> = ann.lists_versions(1).await.iter().map(|row| row.rev.0).collect();
    assert_eq!(revs, [3, 2]);
    ann.asks_history(VersionRead { chapter: chapter(1), rev: Seq(1) }).await.refused("not_found");
    for (rev, is_there) in [(1, false), (2, true), (3, true)] {
        let log = LogId::Version(moby(), chapter(1), Seq(rev));
        assert_eq!(town.store.tail(log).await.unwrap().is_some(), is_there, "{rev}");
    }
    assert_eq!(ann.reads_version(1, Seq(2)).await, "Call me Ishmael.");
}

#[tokio::test(start_paused = true)]
async fn whoever_writes_for_long_leaves_a_version_every_ten_minutes_and_one_when_the_tab_is_gone() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ann.does(acquire(1)).await.granted();
    let mut typist = Typist::begins(token, &ann.reads_text(1).await);
    for minute in 0..25 {
        ann.types(&mut typist, (1, token), &format!("{minute} ")).await;
        town.passes_for(Duration::from_mins(1), [&mut ann, &mut ben]).await;
    }
    let revs = |rows: Vec<VersionRow>| rows.iter().map(|row| row.rev.0).collect::<Vec<_>>();
    assert_eq!(revs(ben.lists_versions(1).await), [21, 11]);
    ann.closes_tab().await;
    town.settles().await;
    assert_eq!(revs(ben.lists_versions(1).await), [25, 21, 11]);
}

#[tokio::test(start_paused = true)]
async fn versions_are_compared_with_each_other_and_with_the_text_as_it_is() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.writes_and_releases(&["Call me Ishmael."]).await;
    ann.writes_and_releases(&[" Some years ago"]).await;
    town.settles().await;
    let between = ann.compares(Seq(1), Some(Seq(2))).await;
    assert_eq!((told(&between).as_str(), between.added, between.removed), ("Call me Ishmael.{ Some years ago}", 3, 0));
    let back = ann.compares(Seq(2), Some(Seq(1))).await;
    assert_eq!((told(&back).as_str(), back.added, back.removed), ("Call me Ishmael.[ Some years ago]", 0, 3));
    let token = ann.does(acquire(1)).await.granted();
    let mut typist = Typist::begins(token, &ann.reads_text(1).await);
    ann.types(&mut typist, (1, token), ", never mind").await;
    let now = ann.compares(Seq(2), None).await;
    assert!(told(&now).contains("{ago, never mind}"), "{}", told(&now));
}

#[tokio::test(start_paused = true)]
async fn a_version_is_kept_by_hand_under_a_name_of_a_chapter_or_of_the_whole_book() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Author)]).await;
    let save = |number: Option<u32>, label: &str| VersionSave { chapter: number.map(chapter), label: label.into() };
    ann.asks_history(save(Some(1), "Nothing")).await.refused("conflict");
    ann.writes_and_releases(&["Call me Ishmael."]).await;
    town.settles().await;
    ben.asks_history(save(Some(1), " First ")).await.accepted();
    ben.asks_history(save(Some(1), " ")).await.refused("invalid");
    let label = |row: &VersionRow| row.label.clone().unwrap_or_default();
    let rows = ann.lists_versions(1).await;
    assert_eq!((rows.len(), label(&rows[0]).as_str()), (1, "First"));
    let rename = |label: Option<&str>| VersionName { chapter: chapter(1), rev: Seq(1), label: label.map(Into::into) };
    ben.asks_history(rename(Some("Light"))).await.accepted();
    assert_eq!(label(&ann.lists_versions(1).await[0]), "Light");
    ben.asks_history(rename(None)).await.accepted();
    assert_eq!(ann.lists_versions(1).await[0].label, None);
    // While somebody writes, the text as it is.
    let token = ann.does(acquire(1)).await.granted();
    let mut typist = Typist::begins(token, &ann.reads_text(1).await);
    ann.types(&mut typist, (1, token), " Hm").await;
    ben.asks_history(save(None, "For the printer")).await.accepted();
    let rows = ann.lists_versions(1).await;
    assert_eq!(
        (rows[0].rev, label(&rows[0]).as_str(), rows[0].cause),
        (Seq(2), "For the printer", VersionCause::Saved)
    );
    assert_eq!(rows[0].by.as_ref().map(|by| by.user.as_str()), Some("ben"));
    assert_eq!(ann.lists_versions(2).await, []);
}

#[tokio::test(start_paused = true)]
async fn an_old_version_comes_back_as_a_new_one_for_everybody_and_the_holder_types_on() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Viewer)]).await;
    ann.writes_and_releases(&["Call me Ishmael."]).await;
    let token = ann.does(acquire(1)).await.granted();
    let mut typist = Typist::begins(token, &ann.reads_text(1).await);
    ann.types(&mut typist, (1, token), " Or Ahab.").await;
    ben.reads_text(1).await;
    // What the last hold left is kept beside the actor; nobody restores what is in no list yet.
    town.settles().await;
    let restore = VersionRestore { chapter: chapter(1), token, rev: Seq(1) };
    let Answer::Revised { rev } = ann.asks_history(restore.clone()).await.accepted() else { panic!("a revision") };
    assert_eq!(rev, Seq(3));
    for person in [&mut ann, &mut ben] {
        let frame = person.sees_text().await;
        assert_eq!(frame.rev, Seq(3));
        typist.merges(&frame.update.0);
    }
    assert_eq!(reads(&ben.reads_text(1).await), "Call me Ishmael.");
    // The holder goes on where it was: same token, next number.
    ann.types(&mut typist, (1, token), " Indeed.").await;
    assert_eq!(reads(&ben.reads_text(1).await), "Call me Ishmael. Indeed.");
    ann.does(release(1, token)).await.accepted();
    town.settles().await;
    let rows = ann.lists_versions(1).await;
    let told: Vec<_> = rows.iter().map(|row| (row.rev.0, row.cause, row.restored)).collect();
    assert_eq!(
        told,
        [
            (4, VersionCause::Written, None),
            (3, VersionCause::Restored, Some(Seq(1))),
            (2, VersionCause::Replaced, None),
            (1, VersionCause::Written, None),
        ]
    );
    assert_eq!(ann.reads_version(1, Seq(2)).await, "Call me Ishmael. Or Ahab.");
    // What is so already changes nothing.
    let token = ann.does(acquire(1)).await.granted();
    let again = VersionRestore { token, rev: Seq(4), ..restore };
    let Answer::Revised { rev } = ann.asks_history(again).await.accepted() else { panic!("a revision") };
    assert_eq!(rev, Seq(4));
}

#[tokio::test(start_paused = true)]
async fn who_brought_a_version_back_is_in_the_log_and_told_to_those_who_may_know() {
    let town = Town::new();
    let (mut ann, [mut eli, mut ben]) = town.team([("eli", Role::Editor), ("ben", Role::Viewer)]).await;
    eli.opens_inbox().await;
    ben.opens_inbox().await;
    ann.writes_and_releases(&["Call me Ishmael."]).await;
    let token = ann.does(acquire(1)).await.granted();
    let mut typist = Typist::begins(token, &ann.reads_text(1).await);
    ann.types(&mut typist, (1, token), " Or Ahab.").await;
    town.settles().await;
    for person in [&mut ann, &mut eli, &mut ben] {
        person.forgets_what_was_said();
    }
    let restore = VersionRestore { chapter: chapter(1), token, rev: Seq(1) };
    ann.asks_history(restore).await.accepted();
    let restored = |event: &Event| match event {
        Event::VersionRestored(event) => Some((event.version, event.rev, event.person.user.to_string())),
        _ => None,
    };
    assert_eq!(eli.hears(restored).await, (Seq(1), Seq(3), "ann".to_owned()));
    assert_eq!(eli.is_told(noticed).await.0.told.topic, Topic::VersionRestored);
    let withheld = |event: &Event| matches!(event, Event::Withheld(_)).then_some(());
    ben.hears(withheld).await;
    town.passes_for(Duration::from_secs(1), [&mut ann, &mut eli, &mut ben]).await;
    assert!(!ben.has_heard().contains(&"noticed"), "a viewer has no history");
    let rows = town.audits("ann", Asked::default()).await.unwrap();
    let row = rows.last().unwrap();
    assert_eq!((row.what, &row.detail), ("version.restored", &Some(Detail::Version(Seq(1)))));
    assert_eq!(row.chapter.as_ref().unwrap().title.as_deref(), Some("Chapter 1"));
}

#[tokio::test(start_paused = true)]
async fn nobody_writes_over_a_holder_by_restoring_and_whose_words_are_taken_over_are_kept_first() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.writes_and_releases(&["Call me Ishmael."]).await;
    town.settles().await;
    let bens = ben.does(acquire(1)).await.granted();
    let mut typist = Typist::begins(bens, &ben.reads_text(1).await);
    ben.types(&mut typist, (1, bens), " Or Queequeg.").await;
    let restore = |token| VersionRestore { chapter: chapter(1), token, rev: Seq(1) };
    ann.asks_history(restore(bens)).await.refused("not_holder");
    ben.asks_history(restore(bens)).await.refused("forbidden");
    let taken = ann.does(take_over(1, "An older version comes back")).await.granted();
    ann.asks_history(restore(Token(taken.0 + 1))).await.refused("stale_token");
    ann.asks_history(restore(taken)).await.accepted();
    assert_eq!(reads(&ben.reads_text(1).await), "Call me Ishmael.");
    town.settles().await;
    assert_eq!(ben.reads_version(1, Seq(2)).await, "Call me Ishmael. Or Queequeg.");
}

#[tokio::test(start_paused = true)]
async fn those_who_may_not_see_the_history_learn_nothing_of_it() {
    let town = Town::new();
    let people = [("ben", Role::Editor), ("vic", Role::Viewer), ("rae", Role::Reader)];
    let (mut ann, [mut ben, mut vic, mut rae]) = town.team(people).await;
    ann.writes_and_releases(&["Call me Ishmael."]).await;
    town.settles().await;
    let mut eve = town.arrives("eve").await;
    let (of, rev) = (|| chapter(1), Seq(1));
    let commands: [VersionCommand; 9] = [
        VersionsList { chapter: of() }.into(),
        VersionRead { chapter: of(), rev }.into(),
        VersionCompare { chapter: of(), from: rev, to: None }.into(),
        VersionSave { chapter: Some(of()), label: "x".into() }.into(),
        VersionName { chapter: of(), rev, label: None }.into(),
        VersionRestore { chapter: of(), token: Token(1), rev }.into(),
        VersionSave { chapter: None, label: "y".into() }.into(),
        PointsList {}.into(),
        PointRead { point: rev }.into(),
    ];
    for command in commands {
        for person in [&mut vic, &mut rae] {
            person.asks_history(command.clone()).await.refused("forbidden");
        }
        let stranger = eve.asks_history(command.clone()).await.refused("not_found");
        assert_eq!(stranger, Rejection::NotFound { what: What::Book });
        let is_restore = matches!(command, VersionCommand::VersionRestore(_));
        let said = ben.asks_history(command).await;
        if is_restore {
            said.refused("forbidden");
        } else {
            said.accepted();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_removed_chapter_keeps_its_history_and_comes_back_with_its_text() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.writes_and_releases(&["Call me Ishmael."]).await;
    ann.does(remove_chapter(1)).await.accepted();
    town.settles().await;
    assert_eq!(ann.reads_version(1, Seq(1)).await, "Call me Ishmael.");
    ann.does(restore_chapter(1)).await.accepted();
    assert_eq!(reads(&ann.reads_text(1).await), "Call me Ishmael.");
    let nowhere = ann.asks_history(VersionsList { chapter: chapter(99) }).await.refused("not_found");
    assert_eq!(nowhere, Rejection::NotFound { what: What::Chapter });
}

#[tokio::test(start_paused = true)]
async fn the_history_is_the_same_on_every_replica() {
    let north = Town::shared().await;
    let south = north.beside();
    let (mut ann, []) = north.team([]).await;
    let mut ben = south.arrives("ben").await;
    north.joins(&mut ann, &mut ben, Role::Author).await;
    ben.opens(&moby()).await.accepted();
    ann.writes_and_releases(&["Call me Ishmael."]).await;
    north.settles().await;
    ben.writes_and_releases(&[" Or Queequeg."]).await;
    south.settles().await;
    let revs: Vec<u64> = ann.lists_versions(1).await.iter().map(|row| row.rev.0).collect();
    assert_eq!(revs, [2, 1]);
    assert_eq!(ben.reads_version(1, Seq(1)).await, "Call me Ishmael.");
    // Brought back on one, seen on the other.
    let token = ann.does(acquire(1)).await.granted();
    let restore = VersionRestore { chapter: chapter(1), token, rev: Seq(1) };
    ann.asks_history(restore).await.accepted();
    assert_eq!(ben.sees_text().await.rev, Seq(3));
    assert_eq!(reads(&ben.reads_text(1).await), "Call me Ishmael.");
}

#[tokio::test(start_paused = true)]
async fn a_live_chapter_has_a_version_for_a_time_of_writing_and_not_for_every_word() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(set_mode(1, Mode::Live)).await.accepted();
    let hers = ann.does(acquire(1)).await.granted();
    let mut anns = Typist::begins(hers, &ann.reads_text(1).await);
    ann.types(&mut anns, (1, hers), ".").await;
    let his = ben.does(acquire(1)).await.granted();
    let mut bens = Typist::begins(his, &ben.reads_text(1).await);
    for _ in 0..4 {
        ann.types(&mut anns, (1, hers), "a ").await;
        bens.merges(&ben.sees_text().await.update.0);
        ben.types(&mut bens, (1, his), "b ").await;
        anns.merges(&ann.sees_text().await.update.0);
    }
    let refused = ann.asks_history(VersionRestore { chapter: chapter(1), token: hers, rev: Seq(1) }).await;
    refused.refused("locked");
    ben.does(release(1, his)).await.accepted();
    ann.does(release(1, hers)).await.accepted();
    town.settles().await;
    let versions = ann.lists_versions(1).await;
    assert_eq!(versions.iter().map(|version| version.rev).collect::<Vec<_>>(), [Seq(9)]);
}
