//! Signals between replicas: late and lossy, but never to the wrong one.

use quire::store::Append;
use quire::store::shared::{Channel, Heard, WAKE_BYTES, Wake};
use quire_protocol::BookId;

use super::bench::{book, chapter, payloads};
use super::replicas::{Replicas, drafted, replica};

on_shared_stores! {
    words_for_all_replicas_reach_the_others,
    nobody_hears_himself,
    words_about_a_book_reach_those_who_subscribed,
    whoever_unsubscribed_hears_no_more,
    an_append_wakes_those_who_subscribed,
    a_wake_up_carries_what_was_appended,
    a_wake_up_does_not_carry_much,
    a_refused_append_wakes_nobody,
    a_subscription_to_one_book_brings_no_other,
}

fn about(id: &str) -> Channel {
    Channel::Book(BookId::new(id).unwrap())
}

fn said(channel: Channel, words: &'static str) -> Heard {
    Heard::Said { channel, words: words.into() }
}

async fn words_for_all_replicas_reach_the_others(replicas: Replicas) {
    let mut south = replicas.listen("south");
    replicas.say("north", Channel::Replicas, "with\na line and \0");
    assert_eq!(south.hears().await, said(Channel::Replicas, "with\na line and \0"));
}

async fn nobody_hears_himself(replicas: Replicas) {
    let (mut north, mut south) = (replicas.listen("north"), replicas.listen("south"));
    replicas.say("north", Channel::Replicas, "mine");
    assert_eq!(south.hears().await, said(Channel::Replicas, "mine"));
    replicas.say("south", Channel::Replicas, "yours");
    assert_eq!(north.hears().await, said(Channel::Replicas, "yours"));
}

async fn words_about_a_book_reach_those_who_subscribed(replicas: Replicas) {
    let mut south = replicas.listen("south");
    replicas.subscribe("south", "b1").await;
    replicas.say("north", about("b1"), "hello");
    assert_eq!(south.hears().await, said(about("b1"), "hello"));
}

async fn whoever_unsubscribed_hears_no_more(replicas: Replicas) {
    let mut south = replicas.listen("south");
    replicas.subscribe("south", "b1").await;
    replicas.subscribe("south", "b2").await;
    replicas.south.unsubscribe(&replica("south"), BookId::new("b1").unwrap());
    let tail = replicas.write("north", &book("b1"), None, &["a"]).await;
    replicas.write("north", &book("b1"), Some(tail), &["b"]).await;
    replicas.write("north", &book("b2"), None, &["c"]).await;
    assert_eq!(wake(south.hears().await).log, book("b2"));
}

async fn an_append_wakes_those_who_subscribed(replicas: Replicas) {
    let (mut north, mut south) = (replicas.listen("north"), replicas.listen("south"));
    replicas.subscribe("south", "b1").await;
    replicas.subscribe("north", "b1").await;
    let first = replicas.write("north", &book("b1"), None, &["a"]).await;
    let woken = wake(south.hears().await);
    assert_eq!((woken.log, woken.after, woken.tail), (book("b1"), None, first));

    let text = replicas.write("north", &chapter("b1", "c1"), None, &["text"]).await;
    let woken = wake(south.hears().await);
    assert_eq!((woken.log, woken.after, woken.tail), (chapter("b1", "c1"), None, text));

    // North heard none of its own.
    let second = replicas.write("south", &book("b1"), Some(first), &["b"]).await;
    let woken = wake(north.hears().await);
    assert_eq!((woken.log, woken.after, woken.tail), (book("b1"), Some(first), second));
}

async fn a_wake_up_carries_what_was_appended(replicas: Replicas) {
    let mut south = replicas.listen("south");
    replicas.subscribe("south", "b1").await;
    let log = book("b1");
    let first = replicas.write("north", &log, None, &["a", "", "c\r\n"]).await;
    let woken = wake(south.hears().await);
    assert_eq!(payloads(&woken.records), ["a", "", "c\r\n"]);
    assert_eq!(replicas.archive(&log).await, woken.records);

    replicas.write("north", &log, Some(first), &["d"]).await;
    let woken = wake(south.hears().await);
    assert_eq!(woken.records, replicas.archive(&log).await[3..]);
}

async fn a_wake_up_does_not_carry_much(replicas: Replicas) {
    let mut south = replicas.listen("south");
    replicas.subscribe("south", "b1").await;
    let log = book("b1");
    let (just, more) = ("x".repeat(WAKE_BYTES), "x".repeat(WAKE_BYTES + 1));
    let first = replicas.write("north", &log, None, &[&just]).await;
    assert_eq!(wake(south.hears().await).records.len(), 1);
    let second = replicas.write("north", &log, Some(first), &[&more]).await;
    let expected = Wake { log, after: Some(first), tail: second, records: vec![] };
    assert_eq!(wake(south.hears().await), expected);
}

async fn a_refused_append_wakes_nobody(replicas: Replicas) {
    let mut south = replicas.listen("south");
    replicas.subscribe("south", "b1").await;
    let log = book("b1");
    let first = replicas.write("north", &log, None, &["a"]).await;
    assert_eq!(wake(south.hears().await).tail, first);

    let again: Append = drafted("north", &log, Some(first), &["b"]);
    let second = replicas.append(again.clone()).await.unwrap().position;
    replicas.append(drafted("north", &log, Some(first), &["late"])).await.unwrap_err();
    replicas.append(again).await.unwrap();
    let third = replicas.write("north", &log, Some(second), &["c"]).await;
    assert_eq!(wake(south.hears().await).tail, second);
    assert_eq!(wake(south.hears().await).tail, third);
}

async fn a_subscription_to_one_book_brings_no_other(replicas: Replicas) {
    let mut south = replicas.listen("south");
    replicas.subscribe("south", "b1").await;
    replicas.write("north", &book("b2"), None, &["a"]).await;
    replicas.write("north", &book("b"), None, &["a"]).await;
    replicas.write("north", &book("b1"), None, &["b"]).await;
    assert_eq!(wake(south.hears().await).log, book("b1"));
}

fn wake(heard: Heard) -> Wake {
    let Heard::Appended(wake) = heard else { panic!("{heard:?}") };
    *wake
}
