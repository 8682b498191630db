use quire_protocol::Token;

use super::*;
use crate::chapter::journal::replay;
use crate::store::Tag;

fn kept(rev: u64, label: Option<&str>) -> Kept {
    Kept {
        rev: Seq(rev),
        by: None,
        cause: VersionCause::Written,
        label: label.map(Into::into),
        restored: None,
        words: 10,
        added: 2,
        removed: 1,
    }
}

fn keep(versions: &mut Versions, kept: Kept, at: u64) -> Vec<VersionsChange> {
    let at = Timestamp(at);
    let limits = Limits { versions_per_chapter: 10_000, ..Limits::default() };
    let changes = versions.keep(kept, at, &limits, &Timers::default()).unwrap();
    for change in &changes {
        versions.apply(change.clone(), at);
    }
    changes
}

fn revs(versions: &Versions) -> Vec<u64> {
    let Answer::Versions { versions } = versions.list() else { panic!("a list") };
    versions.iter().map(|row| row.rev.0).collect()
}

#[test]
fn a_text_is_kept_once_and_may_be_named_later() {
    let mut versions = Versions::default();
    keep(&mut versions, kept(5, None), 1);
    assert_eq!(keep(&mut versions, kept(5, None), 2), []);
    assert_eq!(keep(&mut versions, kept(5, Some("First")), 3).len(), 1);
    let Answer::Versions { versions: rows } = versions.list() else { panic!("a list") };
    assert_eq!((rows[0].label.as_deref(), rows[0].kept_at, rows.len()), (Some("First"), Timestamp(1), 1));
    // A second name stands beside the first one, once.
    keep(&mut versions, kept(5, Some("Second")), 4);
    assert_eq!(keep(&mut versions, kept(5, Some("First")), 5), []);
    assert_eq!(versions.name(Seq(5), Some("First; Second"), &Limits::default()), Ok(None));
    let back = versions.name(Seq(5), Some("First"), &Limits::default()).unwrap().unwrap();
    versions.apply(back, Timestamp(6));
    assert_eq!(versions.name(Seq(5), Some(" First "), &Limits::default()), Ok(None));
    assert!(matches!(versions.name(Seq(5), None, &Limits::default()), Ok(Some(VersionsChange::Named { .. }))));
    assert!(matches!(versions.name(Seq(5), Some(" "), &Limits::default()), Err(Rejection::Invalid { .. })));
    let wordy = "x".repeat(301);
    assert!(matches!(versions.name(Seq(5), Some(&wordy), &Limits::default()), Err(Rejection::TooLarge { .. })));
    let unknown = versions.name(Seq(6), None, &Limits::default());
    assert_eq!(unknown, Err(Rejection::NotFound { what: What::Version }));
}

#[test]
fn the_version_before_a_position_is_the_newest_older_one() {
    let mut versions = Versions::default();
    for rev in [3, 7, 9] {
        keep(&mut versions, kept(rev, None), rev);
    }
    assert_eq!(versions.before(Seq(9)), Some(Seq(7)));
    assert_eq!(versions.before(Seq(3)), None);
    assert_eq!(revs(&versions), [9, 7, 3]);
}

#[test]
fn old_ones_thin_out_to_the_last_of_each_hour_and_then_of_each_day_but_for_named_ones() {
    let mut versions = Versions::default();
    let minute = 60_000;
    // Every 10 minutes for 10 days, and one with a name in each hour.
    for at in 0..10 * 24 * 6 {
        let label = (at % 6 == 0).then_some("Named");
        keep(&mut versions, kept(at + 1, label), at * 10 * minute);
    }
    let now = 10 * 24 * 6 * 10 * minute;
    keep(&mut versions, kept(99_999, None), now);
    let free = versions.by_rev.values().filter(|version| version.is_free());
    let ages: Vec<u64> = free.map(|version| (now - version.at.0) / HOUR_MS).collect();
    let of_last_day = ages.iter().filter(|hours| **hours < 24).count();
    let of_week = ages.iter().filter(|hours| (24..7 * 24).contains(*hours)).count();
    let older = ages.iter().filter(|hours| **hours >= 7 * 24).count();
    assert_eq!((of_last_day, of_week, older), (24 * 5 + 1, 6 * 24, 3));
    let named = versions.by_rev.values().filter(|version| version.kept.label.is_some()).count();
    assert_eq!(named, 240);
}

#[test]
fn over_the_limit_the_oldest_without_a_name_goes_and_named_ones_are_never_cut() {
    let limits = Limits { versions_per_chapter: 3, ..Limits::default() };
    let mut versions = Versions::default();
    let add = |versions: &mut Versions, kept: Kept| -> Result<(), Rejection> {
        let changes = versions.keep(kept, Timestamp(1), &limits, &Timers::default())?;
        for change in changes {
            versions.apply(change, Timestamp(1));
        }
        Ok(())
    };
    add(&mut versions, kept(1, Some("a"))).unwrap();
    for rev in 2..=5 {
        add(&mut versions, kept(rev, None)).unwrap();
    }
    assert_eq!(revs(&versions), [5, 4, 1]);
    add(&mut versions, kept(6, Some("b"))).unwrap();
    add(&mut versions, kept(7, Some("c"))).unwrap();
    assert_eq!(revs(&versions), [7, 6, 1]);
    let refused = add(&mut versions, kept(8, Some("d")));
    assert_eq!(refused, Err(Rejection::LimitReached { limit: "versions_per_chapter".into(), max: 3, used: 3 }));
}

#[test]
fn a_snapshot_and_the_records_after_it_say_what_all_records_said() {
    let mut versions = Versions::default();
    let mut records: Vec<Record> = Vec::new();
    for rev in 1..=Versions::RECORDS_MAX as u64 {
        for change in keep(&mut versions, kept(rev, None), rev) {
            let seq = Seq(records.len() as u64 + 1);
            let (stamp, tag) = (Token(seq.0), Tag(seq.0));
            records.push(Record { seq, stamp, at: Timestamp(rev), tag, payload: encode(&change) });
        }
    }
    let snapshot = versions.snapshot();
    assert_eq!(revs(&replay::<Versions>(Some(&snapshot), &[]).unwrap()), revs(&versions));
    assert_eq!(replay::<Versions>(None, &records).unwrap(), versions);
    assert!(replay::<Versions>(Some(b"nonsense"), &[]).is_err());
}

fn keep_for_point(versions: &mut Versions, kept: Kept, limits: &Limits) -> Result<Vec<VersionsChange>, Rejection> {
    let changes = versions.keep_for_point(kept, Timestamp(1), limits, &Timers::default())?;
    for change in &changes {
        versions.apply(change.clone(), Timestamp(1));
    }
    Ok(changes)
}

#[test]
fn what_a_point_of_the_book_names_stays_when_it_has_no_name_any_more() {
    let limits = Limits { versions_per_chapter: 3, ..Limits::default() };
    let mut versions = Versions::default();
    assert_eq!(keep_for_point(&mut versions, kept(1, Some("Point")), &limits).unwrap().len(), 2);
    // One that was kept before is pinned, once.
    keep(&mut versions, kept(2, None), 1);
    assert_eq!(keep_for_point(&mut versions, kept(2, Some("Point")), &limits).unwrap().len(), 2);
    assert_eq!(keep_for_point(&mut versions, kept(2, Some("Point")), &limits), Ok(Vec::new()));
    for rev in [1, 2] {
        let unnamed = versions.name(Seq(rev), None, &limits).unwrap().unwrap();
        versions.apply(unnamed, Timestamp(2));
    }
    // Over the limit, and as old as can be.
    for rev in 3..=6 {
        let at = Timestamp(rev * 400 * DAY_MS);
        for change in versions.keep(kept(rev, None), at, &limits, &Timers::default()).unwrap() {
            versions.apply(change, at);
        }
    }
    assert_eq!(revs(&versions), [6, 2, 1]);
    let snapshot = versions.snapshot();
    assert_eq!(replay::<Versions>(Some(&snapshot), &[]).unwrap(), versions);
    keep_for_point(&mut versions, kept(7, Some("Next")), &limits).unwrap();
    let refused = keep_for_point(&mut versions, kept(8, Some("Last")), &limits);
    assert_eq!(refused, Err(Rejection::LimitReached { limit: "versions_per_chapter".into(), max: 3, used: 3 }));
}

#[test]
fn a_text_that_stays_the_same_can_be_part_of_any_number_of_points() {
    let limits = Limits { title_chars: 20, ..Limits::default() };
    let mut versions = Versions::default();
    for number in 10..40 {
        keep_for_point(&mut versions, kept(1, Some(&format!("Point {number}"))), &limits).unwrap();
    }
    let Answer::Versions { versions: rows } = versions.list() else { panic!("a list") };
    assert_eq!((rows[0].label.as_deref(), rows[0].pinned), (Some("Point 10; Point 11"), true));
    let long = keep_for_point(&mut versions, kept(2, Some(&"x".repeat(21))), &limits);
    assert_eq!(long.map(|changes| changes.len()), Ok(2), "whoever asks has looked at the name");
}
