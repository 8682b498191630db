//! Writing a held chapter, and watching it.

use std::time::Duration;

use quire_protocol::codec::Blob;
use quire_protocol::command::{ChapterUpdate, Have, LockHandOver, LockRelease};
use quire_protocol::frame::OpenedText;
use quire_protocol::{Epoch, Limits, Rejection, Role, Seq, Timers, Token};

use crate::harness::typist::{Typist, reads};
use crate::harness::wishes::*;
use crate::harness::{LostAnswer, Person, Town, chapter, moby};

/// Holds a chapter with its text open, ready to type.
async fn takes_up(person: &mut Person, number: u32) -> (Typist, Token) {
    let token = person.does(acquire(number)).await.granted();
    let opened = person.reads_text(number).await;
    (Typist::begins(token, &opened), token)
}

fn update(token: Token, (n, update): (u64, Blob)) -> ChapterUpdate {
    ChapterUpdate { chapter: chapter(1), token, n, client: None, update }
}

#[tokio::test(start_paused = true)]
async fn what_the_holder_types_is_seen_by_everybody_in_the_chapter_and_by_nobody_else() {
    let town = Town::new();
    let people = [("ben", Role::Editor), ("cat", Role::Reader), ("dan", Role::Editor)];
    let (mut ann, [mut ben, mut cat, mut dan]) = town.team(people).await;
    let nothing = ben.reads_text(1).await;
    assert_eq!(nothing, OpenedText::default());
    cat.reads_text(1).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    assert_eq!(ann.types(&mut typist, (1, token), "Call me ").await, Seq(1));
    assert_eq!(ann.types(&mut typist, (1, token), "Ishmael.").await, Seq(2));
    for watcher in [&mut ben, &mut cat] {
        let (first, second) = (watcher.sees_text().await, watcher.sees_text().await);
        assert_eq!((first.rev, second.rev), (Seq(1), Seq(2)));
        assert_eq!((&first.by, first.chapter), (&ann.session(), chapter(1)));
        let updates = vec![first.update, second.update];
        assert_eq!(reads(&OpenedText { updates, ..OpenedText::default() }), "Call me Ishmael.");
    }
    assert_eq!(dan.hears_all().await, ["lock.acquired"]);
    // Whoever comes later reads the same.
    let opened = dan.reads_text(1).await;
    assert_eq!((reads(&opened).as_str(), opened.rev), ("Call me Ishmael.", Seq(2)));
    assert!(opened.epoch.is_some());
    // The holder knows what it wrote.
    assert_eq!(ann.hears_all().await, ["lock.acquired"]);
    ben.closes_text(1).await;
    ann.types(&mut typist, (1, token), " Some years ago").await;
    assert_eq!(cat.sees_text().await.rev, Seq(3));
    assert_eq!(ben.hears_all().await, ["lock.acquired"]);
}

#[tokio::test(start_paused = true)]
async fn an_update_that_comes_again_is_answered_again_and_a_gap_is_refused() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Viewer)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    ben.reads_text(1).await;
    let first = update(token, typist.types("one"));
    let second = update(token, typist.types(" two"));
    let third = update(token, typist.types(" three"));
    assert_eq!(ann.writes(first.clone()).await.revised(), Seq(1));
    assert_eq!(ann.writes(first.clone()).await.revised(), Seq(1));
    ann.writes(third.clone()).await.refused("conflict");
    assert_eq!(ann.writes(second.clone()).await.revised(), Seq(2));
    assert_eq!(ann.writes(third).await.revised(), Seq(3));
    assert_eq!(ann.writes(second.clone()).await.revised(), Seq(2));
    // Another text under a number that was used is not the same update.
    ann.writes(ChapterUpdate { n: 2, ..first.clone() }).await.refused("conflict");
    // Nor is one that was stored a new one under the next number.
    ann.writes(ChapterUpdate { n: 4, ..second }).await.refused("invalid");
    for rev in 1..=3 {
        assert_eq!(ben.sees_text().await.rev, Seq(rev));
    }
    assert_eq!(reads(&ben.reads_text(1).await), "one two three");
}

#[tokio::test(start_paused = true)]
async fn updates_that_are_sent_without_waiting_share_an_append_and_are_answered_in_order() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Viewer)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    ben.reads_text(1).await;
    let mut sent = Vec::new();
    for word in ["a", "b", "c", "d", "e"] {
        let reference = ann.next_reference();
        let command = quire_protocol::Command::Text(update(token, typist.types(word)).into());
        let (id, book) = (None, Some(moby()));
        ann.sends(&quire_protocol::command::CommandFrame { reference, id, retry: false, book, command }).await;
        sent.push(reference);
    }
    for (reference, rev) in sent.into_iter().zip(1..) {
        assert_eq!(ann.answer_to(reference).await.revised(), Seq(rev));
        assert_eq!(ben.sees_text().await.rev, Seq(rev));
    }
    assert_eq!(reads(&ben.reads_text(1).await), "abcde");
}

#[tokio::test(start_paused = true)]
async fn only_the_holder_writes_under_its_token_and_with_the_chapter_open() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Viewer)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    let typed = update(token, typist.types("mine"));
    ben.reads_text(1).await;
    ben.writes(typed.clone()).await.refused("not_holder");
    cat.reads_text(1).await;
    cat.writes(typed.clone()).await.refused("forbidden");
    let mut eve = town.arrives("eve").await;
    eve.writes(typed.clone()).await.refused("not_found");
    eve.opens_text(1).await.refused("not_found");
    ann.writes(ChapterUpdate { token: Token(token.0 - 1), ..typed.clone() }).await.refused("stale_token");
    ann.writes(ChapterUpdate { chapter: chapter(2), ..typed.clone() }).await.refused("not_holder");
    ann.writes(ChapterUpdate { chapter: chapter(9), ..typed.clone() }).await.refused("not_found");
    ann.closes_text(1).await;
    ann.writes(typed.clone()).await.refused("conflict");
    ann.reads_text(1).await;
    ann.writes(typed).await.revised();
    ann.does(release(1, token)).await.accepted();
    ann.writes(update(token, typist.types("late"))).await.refused("not_holder");
    assert_eq!(reads(&ben.reads_text(1).await), "mine");
}

#[tokio::test(start_paused = true)]
async fn what_no_editor_of_the_profile_writes_is_refused_and_harms_nobody() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    ben.reads_text(1).await;
    let good = typist.types("good");
    for bad in [vec![], vec![0, 0], vec![1], vec![255; 40], [good.1.0.clone(), vec![0]].concat()] {
        ann.writes(update(token, (1, Blob(bad)))).await.refused("invalid");
    }
    // Somebody else's client id.
    let mut stranger = Typist::begins(Token(77), &OpenedText::default());
    ann.writes(update(token, stranger.types("not me"))).await.refused("invalid");
    let max = Limits::default().update_bytes;
    match ann.writes(update(token, (1, Blob(vec![0; max + 1])))).await.refused("too_large") {
        Rejection::TooLarge { limit, max: told } => assert_eq!((limit.as_str(), told), ("update_bytes", max as u64)),
        other => panic!("{other:?}"),
    }
    ann.writes(update(token, good)).await.revised();
    assert_eq!(ben.sees_text().await.rev, Seq(1));
}

#[tokio::test(start_paused = true)]
async fn whoever_gets_the_chapter_next_goes_on_where_the_last_one_ended() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let (mut hers, token) = takes_up(&mut ann, 1).await;
    ben.does(queue_for(1)).await.queued();
    ann.types(&mut hers, (1, token), "She. ").await;
    // Sent without waiting: what was typed before the hand-over is stored before it.
    let reference = ann.next_reference();
    let command = quire_protocol::Command::Text(update(token, hers.types("She again. ")).into());
    let (id, book) = (None, Some(moby()));
    ann.sends(&quire_protocol::command::CommandFrame { reference, id, retry: false, book, command }).await;
    let handed = ann.wishes(&moby(), hand_over(1, token, ben.session())).await;
    ann.answer_to(reference).await.revised();
    ann.answer_to(handed).await.accepted();
    ann.writes(update(token, hers.types("too late"))).await.refused("not_holder");
    let opened = ben.reads_text(1).await;
    let token = ben.hears(crate::harness::facts::acquired_by(ben.session())).await;
    let mut his = Typist::begins(token, &opened);
    ben.types(&mut his, (1, token), "He.").await;
    assert_eq!(reads(&ann.reads_text(1).await), "She. She again. He.");
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_comes_back_sends_again_what_was_not_answered() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Viewer)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    ann.types(&mut typist, (1, token), "one").await;
    ben.reads_text(1).await;
    let second = typist.types(" two");
    let stored = ann.writes(update(token, second.clone())).await.revised();
    // That answer is taken for lost.
    let mut ann = ann.drops_connection().comes_back(&town).await.unwrap();
    ann.opens(&moby()).await.accepted();
    ann.reads_text(1).await;
    let anew = ann.sees_lock(1).await.unwrap().token;
    assert!(anew > token);
    ann.writes(update(token, second.clone())).await.refused("stale_token");
    assert_eq!(ann.writes(update(anew, second)).await.revised(), stored);
    // The hold goes on, and so do its client id and its numbers.
    ann.types(&mut typist, (1, anew), " three").await;
    assert_eq!(reads(&ben.reads_text(1).await), "one two three");
}

#[tokio::test(start_paused = true)]
async fn r8_an_update_whose_answer_was_lost_in_the_store_is_stored_once() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Viewer)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    ben.reads_text(1).await;
    town.line.loses_answers([LostAnswer::Applied]);
    assert_eq!(ann.types(&mut typist, (1, token), "once").await, Seq(1));
    assert_eq!(ben.sees_text().await.rev, Seq(1));
    assert_eq!(reads(&ben.reads_text(1).await), "once");
}

#[tokio::test(start_paused = true)]
async fn without_the_store_nothing_is_acknowledged_and_nothing_is_lost() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Viewer)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    ben.reads_text(1).await;
    let typed = update(token, typist.types("kept"));
    town.line.goes_away();
    ann.writes(typed.clone()).await.refused("unavailable");
    town.line.comes_back();
    town.passes(Duration::from_secs(1)).await;
    assert_eq!(ann.writes(typed).await.revised(), Seq(1));
    assert_eq!(ben.sees_text().await.rev, Seq(1));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_removed_hears_no_more_of_the_text() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Viewer)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    ben.reads_text(1).await;
    ann.types(&mut typist, (1, token), "heard").await;
    ben.sees_text().await;
    ann.does(remove_member("ben")).await.accepted();
    ann.types(&mut typist, (1, token), "secret").await;
    assert_eq!(ben.hears_all().await, ["lock.acquired", "book_closed", "books_changed"]);
}

#[tokio::test(start_paused = true)]
async fn a_tab_opens_so_many_texts_and_no_more() {
    let town = Town::with(Limits { texts_per_session: 2, ..Limits::default() }, Timers::default());
    let (mut ann, []) = town.team([]).await;
    ann.reads_text(1).await;
    ann.reads_text(2).await;
    ann.reads_text(2).await;
    match ann.opens_text(3).await.refused("limit_reached") {
        Rejection::LimitReached { limit, max: 2, used: 2 } => assert_eq!(limit, "texts_per_session"),
        other => panic!("{other:?}"),
    }
    ann.closes_text(1).await;
    ann.reads_text(3).await;
}

#[tokio::test(start_paused = true)]
async fn a_part_has_no_text_and_a_text_is_opened_in_an_open_book() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(add_part(7)).await.accepted();
    ann.opens_text(7).await.refused("invalid");
    ann.opens_text(8).await.refused("not_found");
    ben.closes(&moby()).await;
    ben.opens_text(1).await.refused("conflict");
}

#[tokio::test(start_paused = true)]
async fn a_long_log_becomes_one_state_and_repeats_are_known_after_it() {
    let limits = Limits { commands_per_second: 10_000, command_burst: 10_000, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (mut ann, [mut ben]) = town.team([("ben", Role::Viewer)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    for _ in 0..599 {
        ann.types(&mut typist, (1, token), "x").await;
    }
    let last = update(token, typist.types("!"));
    assert_eq!(ann.writes(last.clone()).await.revised(), Seq(600));
    town.settles().await;
    let opened = ben.reads_text(1).await;
    assert!((2..=200).contains(&opened.updates.len()), "{} updates", opened.updates.len());
    assert_eq!((reads(&opened), opened.rev), ("x".repeat(599) + "!", Seq(600)));
    // A hub that has only the snapshot and what came after it goes on in the same way.
    let town = town.restarted();
    let mut ann = ann.drops_connection().comes_back(&town).await.unwrap();
    ann.opens(&moby()).await.accepted();
    ann.reads_text(1).await;
    let token = ann.sees_lock(1).await.unwrap().token;
    assert_eq!(ann.writes(ChapterUpdate { token, ..last }).await.revised(), Seq(600));
    assert_eq!(ann.types(&mut typist, (1, token), "?").await, Seq(601));
    assert_eq!(reads(&ann.reads_text(1).await), "x".repeat(599) + "!?");
}

#[tokio::test(start_paused = true)]
async fn who_says_what_it_has_gets_what_came_after_it() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Viewer)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    for word in ["Call ", "me ", "Ishmael."] {
        ann.types(&mut typist, (1, token), word).await;
    }
    let whole = ben.reads_text(1).await;
    assert_eq!((whole.after, whole.updates.len()), (None, 3));
    let epoch = whole.epoch.unwrap();
    let since = ben.reads_text_since(1, Have { epoch, rev: Seq(2) }).await;
    assert_eq!((since.after, since.rev, &since.updates), (Some(Seq(2)), Seq(3), &whole.updates[2..].to_vec()));
    let nothing = ben.reads_text_since(1, Have { epoch, rev: Seq(3) }).await;
    assert_eq!((nothing.after, nothing.updates.len()), (Some(Seq(3)), 0));
    // What cannot be told goes without saying: the future, and another life of the log.
    for have in [Have { epoch, rev: Seq(4) }, Have { epoch: Epoch(epoch.0 ^ 1), rev: Seq(2) }] {
        assert_eq!(ben.reads_text_since(1, have).await, whole);
    }
    // What became part of a state is told as that state.
    ann.does(release(1, token)).await.accepted();
    town.passes(Duration::from_secs(1)).await;
    let state = ben.reads_text_since(1, Have { epoch, rev: Seq(2) }).await;
    assert_eq!((state.after, state.updates.len(), reads(&state).as_str()), (None, 0, "Call me Ishmael."));
    let nothing = ben.reads_text_since(1, Have { epoch, rev: Seq(3) }).await;
    assert_eq!((nothing.after, nothing.state, nothing.updates.len()), (Some(Seq(3)), None, 0));
}

#[tokio::test(start_paused = true)]
async fn a_hold_does_not_end_before_what_was_written_is_stored() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let (mut typist, token) = takes_up(&mut ann, 1).await;
    ann.types(&mut typist, (1, token), "Call me ").await;
    let second = update(token, typist.types("Ishmael."));
    let after = |n| LockRelease { after_n: Some(n), ..release(1, token) };
    ann.does(after(2)).await.refused("conflict");
    ben.does(queue_for(1)).await.accepted();
    let hand = LockHandOver { after_n: Some(2), ..hand_over(1, token, ben.session()) };
    ann.does(hand.clone()).await.refused("conflict");
    assert_eq!(ann.reads_text(1).await.n, Some(1), "who comes back is told where the hold is");
    ann.writes(second).await.revised();
    // Nobody but the holder is told how far the hold is.
    ben.does(after(2)).await.refused("not_holder");
    ann.does(hand).await.accepted();
    let (mut his, token) = (Typist::begins(token, &ben.reads_text(1).await), ben.sees_lock(1).await.unwrap().token);
    assert_eq!(his.types(" Some").0, 1);
    ben.does(LockRelease { after_n: Some(1), ..release(1, token) }).await.refused("conflict");
    ben.does(LockRelease { after_n: Some(0), ..release(1, token) }).await.accepted();
}
