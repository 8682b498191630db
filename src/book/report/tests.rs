use proptest::prelude::*;
use quire_protocol::event;
use quire_protocol::view::VersionCause;
use serde_json::json;

use super::*;
use crate::book::given::*;
use crate::chapter::version::Kept;

/// A day of the scene's clock.
const TODAY: u64 = 20_454;
const NOON_MS: u64 = TODAY * DAY_MS + DAY_MS / 2;

/// Ann's book at noon.
fn noon() -> Scene {
    let mut scene = Scene::new();
    scene.now = Timestamp(NOON_MS);
    scene
}

fn period(first: u64, last: u64) -> Period {
    Period::new(first, last).unwrap()
}

fn reported(log: &[Committed], period: Period, now: Timestamp) -> Vec<Entry> {
    let mut report = Report::new(period);
    for committed in log {
        report.read(committed).unwrap();
    }
    report.end(now).unwrap()
}

fn counts(entries: &[Entry], day: u64, name: &str) -> Counts {
    let of = |entry: &&Entry| entry.day == day && entry.user == Some(user(name));
    entries.iter().find(of).map(|entry| entry.counts.clone()).unwrap_or_default()
}

fn kept(by: &str, cause: VersionCause, added: u32, removed: u32) -> VersionsChange {
    let by = Some(Person { user: user(by), name: by.into() });
    VersionsChange::Kept(Kept { rev: Seq(1), by, cause, label: None, restored: None, words: 9, added, removed })
}

#[test]
fn a_hold_over_midnight_counts_on_both_days_and_one_that_lasts_counts_until_now() {
    let mut scene = noon();
    let (bob, eve) = (tab("bob"), tab("eve"));
    scene.when(&bob, acquire("c1")).done();
    scene.passes(DAY_MS);
    let token = scene.token("c1");
    scene.when(&bob, release("c1", token)).done();
    scene.when(&eve, acquire("c2")).done();
    scene.passes(1_000);
    let entries = reported(&scene.log, period(TODAY, TODAY + 1), scene.now);
    let half = DAY_MS / 2;
    let (first, second) = (counts(&entries, TODAY, "bob"), counts(&entries, TODAY + 1, "bob"));
    assert_eq!((first.holds, first.held_ms, second.holds, second.held_ms), (1, half, 0, half));
    assert_eq!((first.releases, second.releases[place(ReleaseReason::Released)]), ([0; 12], 1));
    assert_eq!((first.tabs, second.tabs), (1, 1), "a tab of each day");
    let lasting = counts(&entries, TODAY + 1, "eve");
    assert_eq!((lasting.holds, lasting.held_ms, lasting.releases), (1, 1_000, [0; 12]));
    // Of what lies outside of the period, nothing is told.
    let before = reported(&scene.log, period(TODAY, TODAY), scene.now);
    assert_eq!(before.iter().map(|entry| entry.counts.held_ms).sum::<u64>(), half);
    assert_eq!(reported(&scene.log, period(TODAY + 2, TODAY + 9), scene.now), []);
}

#[test]
fn what_people_did_is_counted_for_each() {
    let mut scene = noon();
    let (ann, bob) = (tab("ann"), tab("bob"));
    scene.when(&bob, comment("t1", "k1", "a")).done();
    scene.when(&bob.second(), reply("t1", "k2", "b")).done();
    scene.when(&ann, reply("t1", "k3", "c")).done();
    scene.when(&ann, json!({"t": "thread.resolve", "thread": "t1"})).done();
    scene.when(&bob, add("c4")).done();
    scene.when(&ann, remove("c4")).done();
    scene.when(&bob, acquire("c1")).done();
    scene.when(&ann, json!({"t": "lock.force_release", "chapter": "c1", "reason": "So", "take": true})).done();
    let entries = reported(&scene.log, period(TODAY, TODAY), scene.now);
    let (told_ann, told_bob) = (counts(&entries, TODAY, "ann"), counts(&entries, TODAY, "bob"));
    assert_eq!((told_bob.tabs, told_bob.comments, told_bob.chapters_added, told_bob.holds), (2, 2, 1, 1));
    assert_eq!(told_bob.releases[place(ReleaseReason::Forced)], 1, "whose hold ended");
    let of_ann = (told_ann.tabs, told_ann.comments, told_ann.resolved, told_ann.chapters_removed, told_ann.holds);
    assert_eq!(of_ann, (1, 1, 1, 1, 1));
    assert_eq!(told_ann.releases, [0; 12]);
    assert_eq!(entries.iter().map(|entry| entry.name.as_deref()).collect::<Vec<_>>(), [Some("ann"), Some("bob")]);
}

#[test]
fn words_are_counted_where_somebody_wrote_them() {
    let mut report = Report::new(period(TODAY, TODAY + 1));
    let at = Timestamp(NOON_MS);
    for (by, cause, added, removed) in [
        ("bob", VersionCause::Written, 100, 7),
        ("bob", VersionCause::Saved, 10, 0),
        ("ann", VersionCause::Replaced, 3, 1),
        ("ann", VersionCause::Restored, 5_000, 5_000),
        ("ann", VersionCause::Imported, 9_000, 0),
    ] {
        report.read_version(&kept(by, cause, added, removed), at).unwrap();
    }
    report.read_version(&kept("bob", VersionCause::Written, 1, 0), at.plus_ms(DAY_MS)).unwrap();
    report.read_version(&kept("bob", VersionCause::Written, 1, 0), at.plus_ms(2 * DAY_MS)).unwrap();
    report.read_version(&VersionsChange::Dropped { revs: vec![Seq(1)] }, at).unwrap();
    let entries = report.end(at).unwrap();
    let words = |day, name| {
        let told = counts(&entries, day, name);
        (told.versions, told.words_added, told.words_removed)
    };
    assert_eq!((words(TODAY, "bob"), words(TODAY, "ann")), ((2, 110, 7), (3, 3, 1)));
    assert_eq!((words(TODAY + 1, "bob"), entries.len()), ((1, 1, 0), 3));
}

#[test]
fn a_hold_whose_end_the_store_has_lost_ends_where_the_log_broke_off() {
    let mut scene = noon();
    scene.when(&tab("bob"), acquire("c1")).done();
    scene.passes(1_000);
    scene.when(&tab("ann"), add("c5")).done();
    let kept = scene.log.len();
    scene.passes(1_000);
    for id in ["c6", "c7"] {
        scene.when(&tab("ann"), add(id)).done();
    }
    scene.log.remove(kept);
    let entries = reported(&scene.log, period(TODAY, TODAY), scene.now.plus_ms(9_000));
    assert_eq!(counts(&entries, TODAY, "bob").held_ms, 1_000);
    assert_eq!(counts(&entries, TODAY, "ann").chapters_added, 2);
}

#[test]
fn a_period_has_an_end_and_a_limit() {
    assert_eq!(period(5, 5 + DAYS_MAX - 1).last(), 5 + DAYS_MAX - 1);
    let limit = Rejection::TooLarge { limit: "report_days".into(), max: 366 };
    assert_eq!(Period::new(5, 5 + DAYS_MAX), Err(limit));
    assert_eq!(Period::new(0, u64::MAX).unwrap_err().code(), "too_large");
    assert_eq!(Period::new(5, 4).unwrap_err().code(), "invalid");
}

#[test]
fn reasons_are_where_they_are_looked_for() {
    for (index, reason) in REASONS.into_iter().enumerate() {
        assert_eq!(place(reason), index);
    }
}

/// Something that may stand in a log, and how long after what came before.
#[derive(Clone, Debug)]
struct Step {
    kind: u8,
    who: u8,
    tab: u8,
    chapter: u8,
    reason: usize,
    pause_ms: u64,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..6_u8, 0..3_u8, 0..2_u8, 0..3_u8, 0..12_usize, 0..DAY_MS / 3)
        .prop_map(|(kind, who, tab, chapter, reason, pause_ms)| Step { kind, who, tab, chapter, reason, pause_ms });
    prop::collection::vec(step, 0..60)
}

/// A log of these steps, with who held what and how long, counted by another way than the report's.
fn log(steps: &[Step]) -> (Vec<Committed>, u64, u64) {
    let (mut log, mut at) = (Vec::new(), NOON_MS);
    let (mut held, mut held_ms, mut holds) = (BTreeMap::<(String, u8), u64>::new(), 0, 0);
    for step in steps {
        at += step.pause_ms;
        let name = ["ann", "bob", "eve"][usize::from(step.who)];
        let session = SessionId::new(&format!("{name}-{}", step.tab)).unwrap();
        let chapter = chapter(&format!("c{}", step.chapter));
        let key = (session.to_string(), step.chapter);
        let person = || Person { user: user(name), name: name.into() };
        let (thread, body) = (quire_protocol::ThreadId::new("t1").unwrap(), String::new());
        let event: Event = match step.kind {
            0 | 1 if !held.contains_key(&key) => {
                held.insert(key, at);
                holds += 1;
                let holder = event::Holder {
                    user: user(name),
                    name: name.into(),
                    initials: "X".into(),
                    session: session.clone(),
                };
                event::LockAcquired { chapter, holder, token: None, home: None }.into()
            }
            2 | 3 if held.contains_key(&key) => {
                held_ms += at - held.remove(&key).unwrap();
                let reason = REASONS[step.reason];
                event::LockReleased { chapter, session: session.clone(), reason, note: None, live: true }.into()
            }
            4 => event::ThreadResolved { thread, person: person() }.into(),
            _ => {
                let comment = quire_protocol::CommentId::new("k1").unwrap();
                event::CommentReplied { thread, comment, author: person(), body, mentions: Vec::new() }.into()
            }
        };
        let by = By::Person { user: user(name), session };
        let fact = crate::book::Fact { by, command: None, event };
        let (seq, stamp) = (Seq(log.len() as u64 + 1), quire_protocol::Token(at));
        log.push(Committed { seq, stamp, at: Timestamp(at), fact });
    }
    let lasting: u64 = held.values().map(|since| at - since).sum();
    (log, holds, held_ms + lasting)
}

proptest! {
    /// What is told of each person and day adds up to what is in the log.
    #[test]
    fn sums_are_those_of_the_book(steps in steps()) {
        let (log, holds, held_ms) = log(&steps);
        let now = log.last().map_or(Timestamp(NOON_MS), |last| last.at);
        let entries = reported(&log, period(TODAY, TODAY + 60), now);
        let sum = |of: fn(&Counts) -> u64| entries.iter().map(|entry| of(&entry.counts)).sum::<u64>();
        let events = |kind: &str| log.iter().filter(|committed| committed.fact.event.kind() == kind).count() as u64;
        prop_assert_eq!((sum(|counts| counts.holds), sum(|counts| counts.held_ms)), (holds, held_ms));
        prop_assert_eq!(sum(|counts| counts.releases.iter().sum()), events("lock.released"));
        prop_assert_eq!(sum(|counts| counts.comments), events("comment.replied"));
        prop_assert_eq!(sum(|counts| counts.resolved), events("thread.resolved"));
        // Nobody holds a chapter for longer than a day has in all tabs and chapters together.
        prop_assert!(entries.iter().all(|entry| entry.counts.held_ms <= 6 * DAY_MS && entry.counts.tabs <= 2));
    }

    /// Two periods that follow each other tell what the whole tells, wherever it is cut.
    #[test]
    fn a_period_that_is_cut_at_midnight_tells_the_same(steps in steps(), cut in 0..20_u64, length in 1..20_u64) {
        let (log, ..) = log(&steps);
        let now = Timestamp(NOON_MS + 21 * DAY_MS);
        let (first, middle, last) = (TODAY, TODAY + cut, TODAY + cut + length);
        let mut halves = reported(&log, period(first, middle), now);
        halves.extend(reported(&log, period(middle + 1, last), now));
        prop_assert_eq!(halves, reported(&log, period(first, last), now));
    }
}
