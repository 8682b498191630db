//! Somebody who does not read is sent away, resumes, and misses nothing. Nobody else waits for them.

use quire_protocol::command::{After, CommentAdd};
use quire_protocol::{Limits, Role, Timers};

use crate::harness::facts::rehomed_to;
use crate::harness::wishes::*;
use crate::harness::{TabEnd, Town};

/// A remark of about ten kilobytes.
fn long_remark(index: u32) -> CommentAdd {
    let mut remark = remark(1, &format!("long-{index}"));
    remark.body = "whale ".repeat(1_600);
    remark
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_sent_to_resume_and_gets_everything() {
    let limits = Limits { outbox_bytes: 64 * 1024, command_burst: 1_000, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Editor)]).await;
    let opened = ben.sees().await;
    ben.does(acquire(2)).await.granted();
    let gone = ben.duplicates();
    for index in 0..40 {
        ann.does(long_remark(index)).await.accepted();
        // Cat hears each of them at once, whatever ben does.
        assert!(cat.has_heard().last() == Some(&"comment.added"));
    }
    // Ben looks up: what he reads has no gap (his tab checks that), and ends with the close.
    assert_eq!(ben.is_sent_away().await, TabEnd(Some(4008)));
    let read = ben.has_heard().len();
    assert!((1..41).contains(&read), "{read} of 41 events fitted");

    let mut ben = gone.comes_back(&town).await.unwrap();
    let events = ben.catches_up(After { epoch: opened.epoch, seq: opened.seq }).await.events.unwrap();
    let kinds: Vec<_> = events.iter().map(|frame| frame.event.kind()).collect();
    let missed = [vec!["lock.acquired"], vec!["comment.added"; 40], vec!["lock.rehomed"]].concat();
    assert_eq!(kinds, missed);
    cat.hears(rehomed_to(ben.session())).await;
    ann.does(remark(1, "after-all")).await.accepted();
    assert_eq!(ben.hears_all().await, ["comment.added"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_larger_than_the_outbox_reaches_whoever_asked() {
    let limits = Limits { outbox_bytes: 64 * 1024, command_burst: 1_000, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (mut ann, []) = town.team([]).await;
    let opened = ann.sees().await;
    for index in 0..30 {
        ann.does(long_remark(index)).await.accepted();
    }
    ann.rest().await;
    let caught_up = ann.catches_up(After { epoch: opened.epoch, seq: opened.seq }).await;
    assert_eq!(caught_up.events.unwrap().len(), 30, "300 KiB in one answer");
}
