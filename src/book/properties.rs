//! What holds whatever people do, in any order: generated histories of several people in one book.

mod acts;
mod queue;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use quire_protocol::event::{self, By, Cause, Event};
use quire_protocol::library::{Grant, Permission};
use quire_protocol::{BookId, CommandId, Token};
use serde_json::json;

use super::given::*;
use super::{Act, Actor, Book, Committed, Fact, Outcome, Saved};
use acts::{Step, histories};

/// Plays a history; every event is followed by a check of the invariants (see `Scene`).
fn play(history: &[Step]) -> Scene {
    let mut scene = Scene::new();
    (scene.limits.chapters_per_book, scene.limits.threads_per_book) = (8, 6);
    (scene.limits.comments_per_thread, scene.limits.locks_per_session, scene.limits.waiting_per_chapter) = (4, 2, 3);
    (scene.limits.members_per_book, scene.timers.invitation_ms, scene.timers.trash_ms) = (7, 250, 300);
    scene.timers.ownership_offer_ms = 200;
    (scene.mails, scene.timers.invitation_mail_ms) = (true, 40);
    // Some of the people by a right of the library alone, whose log this is not.
    let [up, edit, publish] = [Permission::Upload, Permission::Edit, Permission::Publish];
    let allowed = [("ann", up), ("yan", edit), ("rae", edit), ("bob", publish), ("ann", publish)];
    scene.library_allows(&allowed.map(|(name, permission)| (name, Grant::all(permission))));
    let ann = tab("ann");
    scene.when(&ann, json!({"t": "book.shelve"})).done();
    scene.when(&ann, comment("t1", "k1", "a")).done();
    scene.when(&ann, invite("i1", "zoe@example.org", "editor")).done();
    for step in history {
        take(&mut scene, step);
    }
    scene
}

fn take(scene: &mut Scene, step: &Step) {
    scene.passes(step.pause_ms);
    let tab = step.who.tab();
    // The hub re-homes whoever comes back; who comes on an older connection than is known does not come back.
    let was_away = scene.away.remove(&tab.session);
    let is_back = scene.act(tab.actor(), &Act::Rehome, None).outcome().is_some();
    if was_away && !is_back {
        scene.goes_away(&tab);
    }
    let id = step.id.map(|id| CommandId::new(&format!("id-{id}")).expect("well formed"));
    let act = step.act_on(&scene.book);
    let cause = if matches!(act, Act::Hosted(_)) { Cause::Host } else { Cause::Disconnected };
    let actor = if step.by_hub { Actor::Hub(cause) } else { tab.actor() };
    drop(scene.act(actor, &act, id.as_ref().map(|id| (id, step.retry))));
    if step.goes_away {
        scene.goes_away(&tab);
    }
    let held: Vec<_> = scene.book.held().map(|held| held.chapter).collect();
    let idle = scene.book.waiting().find(|waits| !held.contains(&waits.chapter) && !scene.away.contains(waits.session));
    assert_eq!(idle, None, "a free chapter has no waiter that is here");
}

fn encoded(book: &Book) -> Vec<u8> {
    rmp_serde::to_vec_named(&book.save()).expect("a saved book is plain data")
}

fn decoded(bytes: &[u8]) -> Book {
    Book::restore(rmp_serde::from_slice::<Saved>(bytes).expect("what was encoded decodes"))
}

fn blank(scene: &Scene) -> Book {
    Book::new(BookId::new(scene.book.id().as_str()).expect("an id"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// `play` decides, applies and checks the invariants after every event; no history ends in a panic.
    #[test]
    fn decide_never_panics_and_invariants_hold(history in histories(60)) {
        play(&history).book.check_invariants();
    }

    /// I1: the log alone makes the book, also when it is read back from what was stored of it.
    #[test]
    fn a_replay_equals_the_state(history in histories(40)) {
        let mut scene = play(&history);
        let mut replayed = blank(&scene);
        for committed in &scene.log {
            let stored = rmp_serde::to_vec_named(&committed.fact).expect("a fact is plain data");
            let fact: Fact = rmp_serde::from_slice(&stored).expect("what was encoded decodes");
            replayed.apply(&Committed { fact, ..committed.clone() });
        }
        scene.library_allows(&[]);
        prop_assert_eq!(replayed, scene.book);
    }

    #[test]
    fn a_snapshot_at_any_cut_and_the_rest_equal_the_whole(history in histories(40), cut in any::<prop::sample::Index>()) {
        let mut scene = play(&history);
        scene.library_allows(&[]);
        let (before, after) = scene.log.split_at(cut.index(scene.log.len() + 1));
        let mut book = blank(&scene);
        for committed in before {
            book.apply(committed);
        }
        let mut restored = decoded(&encoded(&book));
        prop_assert_eq!(&restored, &book);
        for committed in after {
            restored.apply(committed);
        }
        restored.check_invariants();
        prop_assert_eq!(restored, scene.book);
    }

    /// I4: whoever was granted a chapter later has the higher token.
    #[test]
    fn tokens_only_rise(history in histories(60)) {
        let mut scene = play(&[]);
        let mut highest = BTreeMap::new();
        for step in &history {
            take(&mut scene, step);
            for held in scene.book.held() {
                let who = (held.chapter.clone(), held.session.clone());
                let before = highest.insert(who, held.token).unwrap_or(Token(0));
                prop_assert!(before <= held.token);
            }
        }
    }

    /// I9, whatever happened in between: the second time nothing happens, and the reply is the first one or `no`.
    #[test]
    fn a_command_twice_equals_once(before in histories(30), step in acts::commands(), between in histories(10)) {
        let mut scene = play(&before);
        let (tab, id) = (step.who.tab(), CommandId::new("twice").expect("an id"));
        let first = scene.act(tab.actor(), &step.act, Some((&id, false)));
        let remembered = matches!(first.outcome(), Some((events, _)) if events > 0);
        let answer = first.outcome().map(|(_, answer)| answer);
        for step in &between {
            take(&mut scene, step);
        }
        let seq = scene.book.seq();
        let second = scene.act(tab.actor(), &step.act, Some((&id, true)));
        if remembered {
            // Forgotten, without rights now, or answered as before; executed in no case.
            prop_assert_eq!(scene.book.seq(), seq);
            prop_assert!(second.outcome().is_none_or(|(_, second)| Some(second) == answer));
        }
    }

    /// I8: whoever has no right to it causes no event, whatever they try.
    #[test]
    fn an_unauthorised_actor_never_yields_an_event(before in histories(40), step in acts::commands()) {
        let scene = play(&before);
        let Act::Command(command) = &step.act else { return Ok(()) };
        let tab = step.who.tab();
        let super::access::Gate::Right(action) = super::access::gate(command) else { return Ok(()) };
        if !scene.book.may(&tab.user, action) {
            prop_assert!(scene.decide(tab.actor(), &step.act, None).is_err());
        }
    }

    /// Nobody hears more than their rights allow, nor anything after they lost them.
    #[test]
    fn strangers_hear_nothing(history in histories(40)) {
        let scene = play(&history);
        let stranger = user("stranger");
        for committed in &scene.log {
            prop_assert_eq!(scene.book.hearing(&stranger, &committed.fact.event), super::Hearing::Nothing);
        }
        let snapshot = scene.book.snapshot(&stranger, scene.now, &|_| false);
        prop_assert!(snapshot.chapters.is_empty() && snapshot.members.is_empty() && snapshot.threads.is_none());
    }

    /// The command is written on the last event of its decision, by the person who sent it.
    #[test]
    fn every_remembered_command_is_its_senders(history in histories(40)) {
        for committed in &play(&history).log {
            if let Some((user, _, outcome)) = &committed.fact.command {
                let is_sender = matches!(&committed.fact.by, By::Person { user: sender, .. } if sender == user);
                let is_first = !matches!(outcome, Outcome::Repeated { .. });
                prop_assert!(is_sender && is_first);
            }
        }
    }
}

/// The histories are worth something only if everything happens in them.
#[test]
fn everything_happens_in_the_histories() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::from([Event::from(event::Withheld {}).kind()]);
    for _ in 0..640 {
        let history = histories(100).new_tree(&mut runner).expect("a history").current();
        seen.extend(play(&history).log.iter().map(|committed| committed.fact.event.kind()));
    }
    let missing: Vec<_> = Event::KINDS.iter().filter(|kind| !seen.contains(*kind)).collect();
    assert!(missing.is_empty(), "never happened: {missing:?}");
}
