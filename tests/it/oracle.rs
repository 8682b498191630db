//! Whether the load harness's oracle sees what is wrong: hubs in this process on real sockets, tabs that work on them,
//! and one promise at a time that is not kept. A judge that never complains is worth nothing.
//!
//! What is broken lies around the hub, in its way to the store and its line to the tabs; no program has a switch for it.

mod crooked;
mod flaws;
mod hubs;
mod unruly;

use std::sync::Arc;

use quire_loadtest::observation::ViolationKind::{
    self, Disagreement, Divergence, Duplicate, Gap, Missing, Reordered, StaleWrite, TokenFell, Twice, TwoHolders,
    WrongFile,
};
use quire_loadtest::oracle::{Checked, Judgement};
use quire_loadtest::plan::{Plan, Scenario};

use bytes::Bytes;
use quire::export::FileKind;
use quire_protocol::event::Event;

use crooked::{Flaw, Sound};
use flaws::{Absent, Behind, Fenceless, Forgetful, Hidden, Repetitive, Uncompared};
use hubs::{Hubs, Spoil, tokens};
use unruly::{Mischief, Unruly};

/// How long there is load, unless it takes more to see something.
const LOAD_MS: u64 = 2_000;

/// Many who want few chapters, comment and rename, on two hubs; connections are cut now and then.
async fn work(scenario: Scenario, ports: &[u16], load_ms: u64) -> Judgement {
    let urls = ports.iter().map(|port| format!("ws://127.0.0.1:{port}")).collect();
    let plan = Plan {
        tabs: 30,
        chapters: 4,
        books: 1,
        people: 10,
        workers: 3,
        load_ms,
        rate: if matches!(scenario, Scenario::Typing | Scenario::Exports) { 150.0 } else { 400.0 },
        cut_every_ms: 800,
        cut_for_ms: 50,
        settle_ms: 1_000,
        ..Plan::new(scenario, urls, tokens())
    };
    quire_loadtest::run_in_process(plan).await.unwrap().run.judgement
}

async fn judge(scenario: Scenario, flaws: [Arc<dyn Flaw>; 2]) -> Judgement {
    let hubs = Hubs::start(flaws.into()).await;
    work(scenario, &hubs.ports, LOAD_MS).await
}

/// The second hub has a flaw; these are complaints that there must be.
async fn sees(scenario: Scenario, flaw: impl Flaw, expected: &[ViolationKind]) {
    let judgement = judge(scenario, [Arc::new(Sound), Arc::new(flaw)]).await;
    complains(&judgement, expected);
}

fn complains(judgement: &Judgement, expected: &[ViolationKind]) {
    let counts = &judgement.violations.counts;
    for kind in expected {
        assert!(counts.contains_key(kind), "{kind:?} is not among {counts:?}");
    }
}

#[tokio::test]
async fn hubs_that_keep_their_promises_are_not_blamed() {
    for scenario in [Scenario::Jitter, Scenario::Locks] {
        let Judgement { violations, checked } = &judge(scenario, [Arc::new(Sound), Arc::new(Sound)]).await;
        assert!(violations.is_empty(), "{scenario:?}: {violations:#?}");
        let Checked { tally, accepted, ordered, grants, beliefs, views, replayed, .. } = checked;
        for (count, least) in [
            (&tally.deliveries, 100),
            (accepted, 10),
            (ordered, 10),
            (grants, 1),
            (beliefs, 1),
            (views, 10),
            (replayed, 1),
        ] {
            assert!(*count >= least, "{scenario:?}: {checked:?}");
        }
    }
}

#[tokio::test]
async fn hubs_that_keep_what_is_typed_are_not_blamed() {
    let Judgement { violations, checked } = &judge(Scenario::Typing, [Arc::new(Sound), Arc::new(Sound)]).await;
    assert!(violations.is_empty(), "{violations:#?}");
    let Checked { tally, texts, updates_stored, updates_stale, text_views, .. } = checked;
    for (count, least) in [
        (&tally.texts, 100),
        (&tally.texts_opened, 30),
        (texts, 4),
        (updates_stored, 50),
        (updates_stale, 1),
        (text_views, 30),
    ] {
        assert!(*count >= least, "{checked:?}");
    }
}

#[tokio::test]
async fn what_was_typed_acknowledged_and_is_not_there_is_seen() {
    sees(Scenario::Typing, Absent::default(), &[Missing]).await;
}

#[tokio::test]
async fn an_update_of_somebody_whose_time_is_over_is_seen() {
    // Each hub goes on with a holder of its own; the token of whoever was granted the chapter first is over.
    complains(&judge(Scenario::Typing, [Arc::new(Fenceless), Arc::new(Fenceless)]).await, &[StaleWrite]);
}

#[tokio::test]
async fn changes_of_a_text_that_are_lost_or_altered_are_seen() {
    for (mischief, expected) in [(Mischief::TextLost, Gap), (Mischief::TextAltered, Disagreement)] {
        let hubs = Hubs::start(vec![Arc::new(Sound), Arc::new(Sound)]).await;
        let line = Unruly::to(hubs.ports[1], mischief).await;
        complains(&work(Scenario::Typing, &[hubs.ports[0], line.port], LOAD_MS).await, &[expected]);
    }
}

/// The file of one kind, with this done to it.
async fn files(spoil: Spoil) -> Judgement {
    let hubs = Hubs::with_files(spoil).await;
    work(Scenario::Exports, &hubs.ports, LOAD_MS).await
}

#[tokio::test]
async fn files_that_are_as_they_must_be_are_not_blamed() {
    let Judgement { violations, checked } = &files(|_, file| file).await;
    assert!(violations.is_empty(), "{violations:#?}");
    assert!(checked.tally.files >= 5 && checked.updates_stored >= 20, "{checked:?}");
}

#[tokio::test]
async fn files_that_are_damaged_or_say_what_nobody_typed_are_seen() {
    let damaged = |kind, file: Bytes| {
        let middle = file.len() / 2;
        let other = [&file[..middle], &[!file[middle]], &file[middle + 1..]].concat();
        if kind == FileKind::Epub { other.into() } else { file }
    };
    complains(&files(damaged).await, &[WrongFile]);
    let shorter = |kind, file: Bytes| match kind {
        FileKind::Text => [&file[..file.len() - 3], b"\n"].concat().into(),
        _ => file,
    };
    complains(&files(shorter).await, &[WrongFile]);
}

#[tokio::test]
async fn a_tail_that_is_not_compared_is_seen() {
    sees(Scenario::Locks, Uncompared::default(), &[Disagreement, Missing]).await;
}

#[tokio::test]
async fn what_was_acknowledged_and_is_not_there_is_seen() {
    // Each loss sends its tabs away, and what they were told goes with them: it takes a while until somebody stays who was told.
    let flaws: [Arc<dyn Flaw>; 2] = [Arc::new(Sound), Arc::new(Forgetful::default())];
    let hubs = Hubs::start(flaws.into()).await;
    complains(&work(Scenario::Locks, &hubs.ports, 5 * LOAD_MS).await, &[Disagreement, Missing]);
}

#[tokio::test]
async fn an_append_that_was_repeated_as_a_new_one_is_seen() {
    sees(Scenario::Jitter, Repetitive::default(), &[Twice]).await;
}

#[tokio::test]
async fn stamps_that_do_not_rise_are_seen() {
    sees(Scenario::Locks, Behind, &[TokenFell]).await;
}

/// Who misses a thread must miss all that is said in it.
fn is_comment(event: &Event) -> bool {
    event.kind().starts_with("comment.") || event.kind().starts_with("thread.")
}

#[tokio::test]
async fn a_record_that_is_hidden_from_one_hub_is_seen() {
    sees(Scenario::Jitter, Hidden(is_comment), &[Disagreement, Divergence]).await;
}

#[tokio::test]
async fn locks_that_hubs_do_not_tell_each_other_are_seen() {
    let blind = || Arc::new(Hidden(|event| event.kind().starts_with("lock."))) as Arc<dyn Flaw>;
    complains(&judge(Scenario::Locks, [blind(), blind()]).await, &[TwoHolders]);
}

#[tokio::test]
async fn frames_that_are_lost_come_twice_or_change_places_are_seen() {
    for (mischief, expected) in [(Mischief::Lost, Gap), (Mischief::Twice, Duplicate), (Mischief::Late, Reordered)] {
        let hubs = Hubs::start(vec![Arc::new(Sound), Arc::new(Sound)]).await;
        let line = Unruly::to(hubs.ports[1], mischief).await;
        complains(&work(Scenario::Locks, &[hubs.ports[0], line.port], LOAD_MS).await, &[expected]);
    }
}
