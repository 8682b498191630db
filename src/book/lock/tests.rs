mod endings;

use quire_protocol::Token;
use serde_json::json;

use super::{FenceEffect, fence_changes};
use crate::book::Book;
use crate::book::given::*;

#[test]
fn a_free_chapter_is_granted_and_its_token_is_the_stamp_of_the_grant() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let token = scene.when(&bob, acquire("c1")).then([acquired("c1", &bob)]).token();
    assert_eq!(token, scene.book.last_stamp());
    assert_eq!(scene.token("c1"), token);
    assert_eq!(scene.holder("c1").as_deref(), Some("bob-1"));
}

#[test]
fn somebody_else_is_told_who_holds_it_since_when() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.when(&bob, acquire("c1")).done();
    let since = scene.now;
    scene.passes(5);
    let facts = |yours: bool| {
        let holder = json!({"user": "bob", "name": "bob", "initials": "B", "session": "bob-1"});
        json!({"code": "locked", "holder": holder, "since_at": since, "yours_elsewhere": yours})
    };
    scene.when(&tab("eve"), acquire("c1")).refused(facts(false));
    scene.when(&bob.second(), acquire("c1")).refused(facts(true));
}

#[test]
fn acquiring_what_one_holds_answers_the_same_token() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let token = scene.when(&bob, acquire("c1")).token();
    assert_eq!(scene.when(&bob, acquire("c1")).changes_nothing().token(), token);
    assert_eq!(scene.when(&bob, wait("c1")).changes_nothing().token(), token);
}

#[test]
fn a_part_and_a_chapter_that_is_not_there_cannot_be_held() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    scene.when(&ann, json!({"t": "chapter.add", "chapter": "p1", "title": "Part", "kind": "part"})).done();
    scene.when(&ann, remove("c3")).done();
    scene.when(&ann, acquire("p1")).refused(json!({"code": "invalid", "field": "chapter"}));
    scene.when(&ann, acquire("c3")).refused(json!({"code": "not_found", "what": "chapter"}));
    scene.when(&ann, acquire("c9")).refused(json!({"code": "not_found", "what": "chapter"}));
}

#[test]
fn those_who_wait_are_granted_in_the_order_in_which_they_asked() {
    let mut scene = Scene::new();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    let token = scene.when(&ann, acquire("c1")).token();
    scene.when(&bob, wait("c1")).says(json!({"position": 1})).done();
    scene.when(&eve, wait("c1")).says(json!({"position": 2})).done();
    scene.when(&eve, wait("c1")).changes_nothing().says(json!({"position": 2})).done();
    scene.when(&bob, acquire("c1")).refused(json!("locked"));

    scene.when(&ann, release("c1", token)).then([released("c1", &ann, "released"), acquired("c1", &bob)]).done();
    let token = scene.token("c1");
    scene.when(&bob, release("c1", token)).then([released("c1", &bob, "released"), acquired("c1", &eve)]).done();
    let token = scene.token("c1");
    scene.when(&eve, release("c1", token)).then([released("c1", &eve, "released")]).done();
    assert_eq!(scene.holder("c1"), None);
}

#[test]
fn a_note_to_the_holder_is_cleaned_and_measured() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), acquire("c1")).done();
    let ask = |note: String| json!({"t": "lock.acquire", "chapter": "c1", "wait": true, "note": note});
    let max = scene.limits.note_chars;
    scene.when(&tab("bob"), ask("é".repeat(max + 1))).refused(json!({"code": "too_large", "limit": "note_chars"}));
    let note = "é".repeat(max);
    scene.when(&tab("bob"), ask(format!("  {note} \n"))).then([json!({"t": "lock.queued", "note": note})]).done();
    scene.when(&tab("eve"), ask(" \u{202e} ".into())).then([json!({"t": "lock.queued", "note": null})]).done();
}

#[test]
fn waiters_that_are_away_are_skipped_and_keep_their_place() {
    let mut scene = Scene::new();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    let token = scene.when(&ann, acquire("c1")).token();
    scene.when(&bob, wait("c1")).done();
    scene.when(&eve, wait("c1")).done();
    scene.goes_away(&bob);
    scene.when(&ann, release("c1", token)).then([released("c1", &ann, "released"), acquired("c1", &eve)]).done();
    let bob = bob.resumed();
    scene.reopened(&bob).then([json!({"t": "lock.wait_rehomed", "session": "bob-1", "home": bob.home})]).done();
    let token = scene.token("c1");
    scene.when(&eve, release("c1", token)).then([released("c1", &eve, "released"), acquired("c1", &bob)]).done();
}

#[test]
fn a_waiter_that_comes_back_gets_the_chapter_that_became_free_meanwhile() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    let token = scene.when(&ann, acquire("c1")).token();
    scene.when(&bob, wait("c1")).done();
    scene.goes_away(&bob);
    scene.when(&ann, release("c1", token)).then([released("c1", &ann, "released")]).done();
    scene.reopened(&bob.resumed()).then([acquired("c1", &bob.resumed())]).done();
}

#[test]
fn of_several_who_come_back_the_first_in_the_queue_gets_the_chapter() {
    let mut scene = Scene::new();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    let token = scene.when(&ann, acquire("c1")).token();
    scene.when(&bob, wait("c1")).done();
    scene.when(&eve, wait("c1")).done();
    scene.goes_away(&bob);
    scene.goes_away(&eve);
    scene.when(&ann, release("c1", token)).done();
    scene.away.clear();
    let moved = json!({"t": "lock.wait_rehomed", "session": "eve-1"});
    scene.reopened(&eve.resumed()).then([moved, acquired("c1", &bob)]).done();
}

#[test]
fn a_newcomer_may_take_a_free_chapter_whose_waiters_are_all_away() {
    let mut scene = Scene::new();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    let token = scene.when(&ann, acquire("c1")).token();
    scene.when(&bob, wait("c1")).done();
    scene.goes_away(&bob);
    scene.when(&ann, release("c1", token)).done();
    scene.when(&eve, acquire("c1")).then([acquired("c1", &eve)]).done();
    scene.when(&bob, wait("c1")).changes_nothing().says(json!({"position": 1})).done();
}

#[test]
fn only_the_holder_releases_and_only_under_the_current_token() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let token = scene.when(&bob, acquire("c1")).token();
    scene.when(&tab("eve"), release("c1", token)).refused(json!("not_holder"));
    scene.when(&bob.second(), release("c1", token)).refused(json!("not_holder"));
    scene.when(&bob, release("c2", token)).refused(json!("not_holder"));
    scene.when(&bob, release("c9", token)).refused(json!("not_found"));
    scene.reopened(&bob.resumed()).done();
    scene.when(&bob, release("c1", token)).refused(json!("stale_token"));
    let never_given = Token(scene.token("c1").0 + 1);
    scene.when(&bob, release("c1", never_given)).refused(json!("stale_token"));
    let token = scene.token("c1");
    scene.when(&bob.resumed(), release("c1", token)).then([released("c1", &bob, "released")]).done();
}

#[test]
fn a_lock_moves_to_the_same_persons_other_tab_ahead_of_the_queue() {
    let mut scene = Scene::new();
    let (bob, eve) = (tab("bob"), tab("eve"));
    let here = json!({"t": "lock.move_here", "chapter": "c1"});
    scene.when(&bob, here.clone()).refused(json!("not_holder"));
    let old = scene.when(&bob, acquire("c1")).token();
    scene.when(&eve, wait("c1")).done();
    scene.when(&eve, here.clone()).refused(json!("locked"));
    assert_eq!(scene.when(&bob, here.clone()).changes_nothing().token(), old);
    let moved = [released("c1", &bob, "moved"), acquired("c1", &bob.second())];
    assert!(scene.when(&bob.second(), here).then(moved).token() > old);
    scene.when(&bob, release("c1", old)).refused(json!("not_holder"));
}

#[test]
fn the_holder_hands_over_to_a_waiter_of_their_choice() {
    let mut scene = Scene::new();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    let token = scene.when(&ann, acquire("c1")).token();
    let hand = |to: &str| json!({"t": "lock.hand_over", "chapter": "c1", "token": token, "to": to});
    scene.when(&bob, wait("c1")).done();
    scene.when(&ann, hand("eve-1")).refused(json!({"code": "not_found", "what": "session"}));
    scene.when(&eve, wait("c1")).done();
    scene.when(&bob, hand("eve-1")).refused(json!("not_holder"));
    scene.goes_away(&eve);
    scene.when(&ann, hand("eve-1")).refused(json!("conflict"));
    scene.away.clear();
    scene.when(&ann, hand("eve-1")).then([released("c1", &ann, "handed_over"), acquired("c1", &eve)]).done();
    scene.when(&ann, hand("bob-1")).refused(json!("not_holder"));
    scene.when(&bob, wait("c1")).says(json!({"position": 1})).done();
}

#[test]
fn the_holder_declines_a_waiter() {
    let mut scene = Scene::new();
    let (ann, bob) = (tab("ann"), tab("bob"));
    let token = scene.when(&ann, acquire("c1")).token();
    let keep = json!({"t": "lock.keep", "chapter": "c1", "token": token, "to": "bob-1"});
    scene.when(&ann, keep.clone()).refused(json!({"code": "not_found", "what": "session"}));
    scene.when(&bob, wait("c1")).done();
    scene.when(&bob, keep.clone()).refused(json!("not_holder"));
    scene.when(&ann, keep).then([wait_ended("c1", &bob, "declined")]).done();
    scene.when(&ann, release("c1", token)).then([released("c1", &ann, "released")]).done();
}

#[test]
fn a_waiter_stops_waiting() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let cancel = json!({"t": "lock.cancel_wait", "chapter": "c1"});
    scene.when(&bob, cancel.clone()).changes_nothing().done();
    scene.when(&tab("ann"), acquire("c1")).done();
    scene.when(&bob, wait("c1")).done();
    scene.when(&bob.second(), cancel.clone()).changes_nothing().done();
    scene.when(&bob, cancel.clone()).then([wait_ended("c1", &bob, "cancelled")]).done();
    assert!(!scene.book.stake_of(&bob.session));
}

#[test]
fn the_owner_releases_somebody_elses_lock_with_a_reason() {
    let mut scene = Scene::new();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    let force =
        |take: bool, reason: &str| json!({"t": "lock.force_release", "chapter": "c1", "reason": reason, "take": take});
    scene.when(&ann, force(false, "")).refused(json!({"code": "invalid", "field": "reason"}));
    scene.when(&ann, force(false, "late")).changes_nothing().done();
    scene.when(&bob, acquire("c1")).done();
    scene.when(&eve, wait("c1")).done();
    scene.when(&bob, force(false, "mine")).refused(json!("forbidden"));
    let forced = json!({"t": "lock.released", "session": "bob-1", "reason": "forced", "note": "on holiday"});
    scene.when(&ann, force(false, "on holiday")).then([forced, acquired("c1", &eve)]).done();
}

#[test]
fn the_owner_takes_a_lock_ahead_of_the_queue() {
    let mut scene = Scene::new();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    let take = json!({"t": "lock.force_release", "chapter": "c1", "reason": "print today", "take": true});
    scene.when(&bob, acquire("c1")).done();
    scene.when(&eve, wait("c1")).done();
    scene.when(&ann, wait("c1")).done();
    let token = scene.when(&ann, take.clone()).then([released("c1", &bob, "forced"), acquired("c1", &ann)]).token();
    assert_eq!(scene.when(&ann, take.clone()).changes_nothing().token(), token);
    scene.when(&eve, wait("c1")).says(json!({"position": 1})).done();
    scene.when(&ann, release("c1", token)).then([released("c1", &ann, "released"), acquired("c1", &eve)]).done();

    let free = json!({"t": "lock.force_release", "chapter": "c2", "reason": "print today", "take": true});
    scene.when(&ann, free).then([acquired("c2", &ann)]).done();
}

#[test]
fn a_session_has_so_many_stakes_and_no_more() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    scene.limits.locks_per_session = 2;
    let full = json!({"code": "limit_reached", "limit": "locks_per_session", "max": 2, "used": 2});
    scene.when(&tab("ann"), acquire("c2")).done();
    scene.when(&bob, acquire("c1")).done();
    scene.when(&bob, wait("c2")).done();
    scene.when(&bob, acquire("c3")).refused(full.clone());
    scene.when(&tab("ann"), acquire("c3")).done();
    scene.when(&bob, wait("c3")).refused(full);
    scene.when(&bob, acquire("c1")).changes_nothing().done();
    scene.when(&bob.second(), wait("c3")).done();
}

#[test]
fn so_many_wait_for_one_chapter_and_no_more() {
    let mut scene = Scene::new();
    scene.limits.waiting_per_chapter = 1;
    scene.when(&tab("ann"), acquire("c1")).done();
    scene.when(&tab("bob"), wait("c1")).done();
    let full = json!({"code": "limit_reached", "limit": "waiting_per_chapter", "max": 1, "used": 1});
    scene.when(&tab("eve"), wait("c1")).refused(full);
    scene.when(&tab("bob"), wait("c1")).changes_nothing().done();
}

#[test]
fn the_hub_sees_who_holds_and_who_waits_and_where() {
    let mut scene = Scene::new();
    let (bob, eve) = (tab("bob"), tab("eve"));
    scene.when(&bob, acquire("c1")).done();
    scene.when(&eve, wait("c1")).done();
    let book: &Book = &scene.book;
    let held = book.held().next().unwrap();
    assert_eq!((held.user, held.session, held.home), (&bob.user, &bob.session, &bob.home));
    assert_eq!(held.active_at, scene.now);
    let waits = book.waiting().next().unwrap();
    assert_eq!((waits.chapter, waits.session, waits.home), (&chapter("c1"), &eve.session, &eve.home));
    assert!(book.stake_of(&bob.session) && book.stake_of(&eve.session) && !book.stake_of(&bob.second().session));
}

#[test]
fn of_each_chapter_the_last_change_is_its_fences() {
    let mut scene = Scene::new();
    let (ann, bob, eve) = (tab("ann"), tab("bob"), tab("eve"));
    scene.when(&bob, acquire("c1")).done();
    scene.when(&bob, acquire("c2")).done();
    scene.when(&eve, wait("c1")).done();
    let said = scene.when(&ann, json!({"t": "member.remove", "user": "bob"}));
    let fences = [(1, chapter("c1"), FenceEffect::Grant), (2, chapter("c2"), FenceEffect::End)];
    assert_eq!(fence_changes(said.events()), fences);
    let said = scene.reopened(&eve.resumed());
    assert_eq!(fence_changes(said.events()), [(0, chapter("c1"), FenceEffect::Grant)]);
    assert_eq!(fence_changes(&[]), []);
}
