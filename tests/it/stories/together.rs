//! Several people in one chapter at once.

use quire_protocol::codec::Blob;
use quire_protocol::command::{ChapterUpdate, Mode};
use quire_protocol::frame::{Notice, OpenedText, Text};
use quire_protocol::{Role, Seq, Token};

use crate::harness::typist::{Typist, reads};
use crate::harness::wishes::*;
use crate::harness::{Person, Town, chapter, moby};

/// Holds a live chapter with its text open, ready to type.
async fn joins_in(person: &mut Person) -> (Typist, Token) {
    let token = person.does(acquire(1)).await.granted();
    let opened = person.reads_text(1).await;
    (Typist::begins(token, &opened), token)
}

async fn goes_live(person: &mut Person) {
    person.does(set_mode(1, Mode::Live)).await.accepted();
}

fn update(token: Token, (n, update): (u64, Blob)) -> ChapterUpdate {
    ChapterUpdate { chapter: chapter(1), token, n, client: None, update }
}

/// Hears what another one wrote, and merges it.
async fn merges(person: &mut Person, typist: &Typist) -> Text {
    let text = person.sees_text().await;
    typist.merges(&text.update.0);
    text
}

#[tokio::test(start_paused = true)]
async fn two_people_write_in_one_chapter_and_read_the_same() {
    let town = Town::new();
    let people = [("ben", Role::Editor), ("cat", Role::Viewer)];
    let (mut ann, [mut ben, mut cat]) = town.team(people).await;
    cat.reads_text(1).await;
    goes_live(&mut ann).await;
    let (mut anns, anns_token) = joins_in(&mut ann).await;
    ann.types(&mut anns, (1, anns_token), "Call me ").await;
    let (mut bens, bens_token) = joins_in(&mut ben).await;
    assert_eq!(ben.types(&mut bens, (1, bens_token), "Ishmael. ").await, Seq(2));
    let heard = merges(&mut ann, &anns).await;
    assert_eq!((heard.rev, &heard.by), (Seq(2), &ben.session()));
    assert_eq!(ann.types(&mut anns, (1, anns_token), "Some years ago").await, Seq(3));
    assert_eq!(merges(&mut ben, &bens).await.rev, Seq(3));
    let whole = "Call me Ishmael. Some years ago";
    assert_eq!(reads(&cat.reads_text(1).await), whole);
    let mut seen = Vec::new();
    for rev in 1..=3 {
        let text = cat.sees_text().await;
        assert_eq!(text.rev, Seq(rev));
        seen.push(text.update);
    }
    assert_eq!(reads(&OpenedText { updates: seen, ..OpenedText::default() }), whole);
}

#[tokio::test(start_paused = true)]
async fn what_is_written_at_the_same_time_stays_and_everybody_hears_it_in_one_order() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    goes_live(&mut ann).await;
    let (mut anns, anns_token) = joins_in(&mut ann).await;
    ann.types(&mut anns, (1, anns_token), ".").await;
    let (mut bens, bens_token) = joins_in(&mut ben).await;
    // Nobody waits for anybody: what both sent before they heard of each other is stored as it came.
    for round in 1..=5 {
        let (one, other) = (anns.types("a"), bens.types("b"));
        let (one, other) = tokio::join!(ann.writes(update(anns_token, one)), ben.writes(update(bens_token, other)));
        let mut revs = [one.revised(), other.revised()];
        assert_eq!(merges(&mut ben, &bens).await.rev, revs[0]);
        assert_eq!(merges(&mut ann, &anns).await.rev, revs[1]);
        revs.sort();
        assert_eq!(revs, [Seq(round * 2), Seq(round * 2 + 1)]);
    }
    let (ann_reads, ben_reads) = (reads(&ann.reads_text(1).await), reads(&ben.reads_text(1).await));
    assert_eq!(ann_reads, ben_reads);
    assert_eq!((ann_reads.matches('a').count(), ann_reads.matches('b').count()), (5, 5));
}

#[tokio::test(start_paused = true)]
async fn who_lets_go_writes_no_more_and_the_others_go_on() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    goes_live(&mut ann).await;
    let (mut anns, anns_token) = joins_in(&mut ann).await;
    ann.types(&mut anns, (1, anns_token), "a").await;
    let (mut bens, bens_token) = joins_in(&mut ben).await;
    ben.types(&mut bens, (1, bens_token), "b").await;
    ben.does(release(1, bens_token)).await.accepted();
    ben.writes(update(bens_token, bens.types("late"))).await.refused("not_holder");
    merges(&mut ann, &anns).await;
    assert_eq!(ann.types(&mut anns, (1, anns_token), "c").await, Seq(3));
    assert_eq!(reads(&ben.reads_text(1).await), "abc");
}

#[tokio::test(start_paused = true)]
async fn switching_back_and_forth_loses_nothing() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Author)]).await;
    let (mut anns, anns_token) = joins_in(&mut ann).await;
    ann.types(&mut anns, (1, anns_token), "one ").await;
    ben.does(queue_for(1)).await.accepted();
    goes_live(&mut cat).await;
    // The holder goes on under the token it has, and who waited is in.
    assert_eq!(ann.types(&mut anns, (1, anns_token), "two ").await, Seq(2));
    let (mut bens, bens_token) = joins_in(&mut ben).await;
    ben.types(&mut bens, (1, bens_token), "three ").await;
    merges(&mut ann, &anns).await;
    cat.does(set_mode(1, Mode::Exclusive)).await.accepted();
    ben.writes(update(bens_token, bens.types("four"))).await.refused("not_holder");
    assert_eq!(ann.types(&mut anns, (1, anns_token), "five").await, Seq(4));
    assert_eq!(reads(&ben.reads_text(1).await), "one two three five");
    let lost = |notice: &Notice| matches!(notice, Notice::LockLost { .. }).then_some(());
    ben.is_told(lost).await;
}

#[tokio::test(start_paused = true)]
async fn an_update_of_one_of_several_that_comes_again_is_answered_again() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    goes_live(&mut ann).await;
    let (mut anns, anns_token) = joins_in(&mut ann).await;
    let first = update(anns_token, anns.types("a"));
    assert_eq!(ann.writes(first.clone()).await.revised(), Seq(1));
    let (mut bens, bens_token) = joins_in(&mut ben).await;
    ben.types(&mut bens, (1, bens_token), "b").await;
    assert_eq!(ann.writes(first).await.revised(), Seq(1));
    // Nobody writes with the hold of somebody else.
    let forged = ChapterUpdate { token: anns_token, ..update(bens_token, bens.types("c")) };
    ben.writes(forged).await.refused("stale_token");
}

#[tokio::test(start_paused = true)]
async fn two_people_begin_at_once_in_what_was_imported() {
    let town = Town::new();
    let mut ann = town.imports(&["<p>Call me Ishmael.</p>"]).await;
    let mut ben = town.arrives("ben").await;
    town.joins(&mut ann, &mut ben, Role::Editor).await;
    ben.opens(&moby()).await.accepted();
    goes_live(&mut ann).await;
    let (mut anns, anns_token) = joins_in(&mut ann).await;
    let (mut bens, bens_token) = joins_in(&mut ben).await;
    let (hers, his) = (update(anns_token, anns.types(" Ann.")), update(bens_token, bens.types(" Ben.")));
    let (one, other) = tokio::join!(ann.writes(hers), ben.writes(his));
    let mut revs = [one.revised(), other.revised()];
    revs.sort();
    assert_eq!(revs, [Seq(2), Seq(3)]);
    merges(&mut ann, &anns).await;
    merges(&mut ben, &bens).await;
    ben.types(&mut bens, (1, bens_token), " Some years ago").await;
    let (ann_reads, ben_reads) = (reads(&ann.reads_text(1).await), reads(&ben.reads_text(1).await));
    assert_eq!(ann_reads, ben_reads);
    for words in ["Call me Ishmael.", " Ann.", " Ben.", " Some years ago"] {
        assert_eq!(ann_reads.matches(words).count(), 1, "{words} in {ann_reads}");
    }
}
