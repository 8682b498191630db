//! Who worked on a book: counted from its logs, also from what was compacted, and told to its owner alone.

use std::time::Duration;

use quire::book::report::{Counts, Entry, Period, REASONS};
use quire::hub::report::Reported;
use quire::store::{LogId, Read};
use quire_protocol::event::ReleaseReason;
use quire_protocol::{Limits, Rejection, Role, Timers, What};

use super::audit::identity;
use crate::harness::typist::Typist;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, moby, user};

/// 1 January 2026, on which every story begins.
const FIRST: u64 = 20_454;
const HOUR: Duration = Duration::from_hours(1);

impl Town {
    async fn reports(&self, name: &str, first: u64, last: u64) -> Result<Reported, Rejection> {
        self.hub.report(&identity(name), &moby(), Period::new(first, last).unwrap()).await
    }

    /// What somebody did on one day.
    async fn counts(&self, day: u64, name: &str) -> Counts {
        let entries = self.reports("ann", day, day).await.unwrap().entries;
        let of = |entry: Entry| (entry.user == Some(user(name))).then_some(entry.counts);
        entries.into_iter().find_map(of).unwrap_or_default()
    }
}

impl Person {
    async fn writes_down(&mut self, number: u32, words: &str) {
        let token = self.does(acquire(number)).await.granted();
        let mut typist = Typist::begins(token, &self.reads_text(number).await);
        self.types(&mut typist, (number, token), words).await;
        self.does(release(number, token)).await.accepted();
        self.closes_text(number).await;
    }
}

fn ended(counts: &Counts, reason: ReleaseReason) -> u64 {
    REASONS.into_iter().zip(counts.releases).find(|(known, _)| *known == reason).unwrap().1
}

/// Hours held, to the nearest.
fn hours(counts: &Counts) -> u64 {
    (counts.held_ms + 1_800_000) / 3_600_000
}

#[tokio::test(start_paused = true)]
async fn words_holds_and_comments_are_told_by_person_and_day() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.writes_down(1, "Call me Ishmael.").await;
    ann.writes_down(1, " Some years ago.").await;
    ben.does(remark(1, "t1")).await.accepted();
    ann.does(reply_to("t1", "k2")).await.accepted();
    // At eight in the evening, until three in the morning of the next day.
    town.passes_for(20 * HOUR, [&mut ann, &mut ben]).await;
    ben.does(acquire(2)).await.granted();
    town.passes_for(7 * HOUR, [&mut ann, &mut ben]).await;
    ann.does(force_release(2, "Sleep")).await.accepted();
    ann.does(acquire(3)).await.granted();
    town.passes_for(2 * HOUR, [&mut ann, &mut ben]).await;
    let (first, second) = (town.counts(FIRST, "ben").await, town.counts(FIRST + 1, "ben").await);
    assert_eq!((first.words_added, first.versions, first.comments, first.tabs), (3, 1, 1, 1));
    assert_eq!((hours(&first), first.holds, ended(&first, ReleaseReason::Released)), (4, 2, 1));
    assert_eq!((hours(&second), second.holds, ended(&second, ReleaseReason::Forced)), (3, 0, 1));
    let (first, second) = (town.counts(FIRST, "ann").await, town.counts(FIRST + 1, "ann").await);
    assert_eq!((first.words_added, first.comments, first.chapters_added), (3, 1, 3));
    assert_eq!((hours(&second), second.holds, second.releases), (2, 1, [0; 12]), "she holds it still");
    let both = town.reports("ann", FIRST, FIRST + 1).await.unwrap();
    assert_eq!(both.title, "Moby-Dick");
    let days: Vec<_> = both.entries.iter().map(|entry| (entry.day - FIRST, entry.name.as_deref().unwrap())).collect();
    assert_eq!(days, [(0, "Ann"), (0, "Ben"), (1, "Ann"), (1, "Ben")]);
}

#[tokio::test(start_paused = true)]
async fn nobody_but_the_owner_is_told() {
    let town = Town::new();
    let people = [("aut", Role::Author), ("edi", Role::Editor), ("vic", Role::Viewer), ("rae", Role::Reader)];
    let (mut ann, _people) = town.team(people).await;
    let no_such_book = Err(Rejection::NotFound { what: What::Book });
    for (name, expected) in [
        ("ann", Ok(())),
        ("aut", Err(Rejection::Forbidden)),
        ("edi", Err(Rejection::Forbidden)),
        ("vic", Err(Rejection::Forbidden)),
        ("rae", Err(Rejection::Forbidden)),
        ("eve", no_such_book.clone()),
    ] {
        assert_eq!(town.reports(name, FIRST, FIRST).await.map(|_| ()), expected, "{name}");
    }
    ann.does(remove_member("edi")).await.accepted();
    assert_eq!(town.reports("edi", FIRST, FIRST).await.map(|_| ()), no_such_book);
}

#[tokio::test(start_paused = true)]
async fn what_was_compacted_and_removed_counts_on_every_replica() {
    let limits = Limits { commands_per_second: 1_000_000, command_burst: 1_000_000, ..Limits::default() };
    let north = Town::shared_with(limits, Timers::default()).await;
    let (mut ann, [mut ben]) = north.team([("ben", Role::Editor)]).await;
    ben.writes_down(3, "Whales and more whales").await;
    ann.does(remove_chapter(3)).await.accepted();
    for time in 0..2_600 {
        ann.does(rename_chapter(1, &format!("Title {time}"))).await.accepted();
        ann.forgets_what_was_said();
        ben.forgets_what_was_said();
    }
    north.settles().await;
    let read = north.store.read(LogId::Book(moby()), None).await.unwrap();
    assert!(matches!(read, Read::Snapshot { snapshot: Some(_), .. }), "the log was compacted");
    let south = north.beside();
    for town in [&north, &south] {
        let counts = town.counts(FIRST, "ben").await;
        assert_eq!((counts.words_added, counts.holds, counts.tabs), (4, 1, 1));
        assert_eq!(town.counts(FIRST, "ann").await.chapters_removed, 1);
    }
    assert_eq!(north.reports("ann", FIRST + 1, FIRST + 9).await.unwrap().entries, []);
}

#[tokio::test(start_paused = true)]
async fn what_came_with_a_file_was_written_by_nobody() {
    let town = Town::new();
    let mut ann = town.imports(&["<p>Call me Ishmael.</p>", "<p>Some years ago</p>"]).await;
    ann.writes_down(1, " And more.").await;
    town.settles().await;
    let entries = town.reports("ann", FIRST, FIRST).await.unwrap().entries;
    let told = |name: Option<&str>| {
        let entry = entries.iter().find(|entry| entry.user == name.map(user)).unwrap();
        let Counts { chapters_added, versions, words_added, .. } = entry.counts;
        (chapters_added, versions, words_added)
    };
    assert_eq!((told(None), told(Some("ann"))), ((2, 2, 0), (0, 1, 2)));
}
